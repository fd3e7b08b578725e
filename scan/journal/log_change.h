/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_change.h - what a log record of NTFS says: an operation, and the one that takes it back
 *
 * Pure.  Format: libntfs-3g logfile.h, LOG_RECORD; the numbers of the operations are those of Windows.
 */
#ifndef SCAN_LOG_CHANGE_H
#define SCAN_LOG_CHANGE_H

#include "core/bytes.h"
#include "core/error.h"

enum log_operation {
	LOG_NOOP                            = 0x00,
	LOG_COMPENSATION                    = 0x01, /* as undo: this record is itself a step of a rollback */
	LOG_INITIALIZE_FILE_RECORD          = 0x02, /* a whole FILE record, up to its end of use */
	LOG_DEALLOCATE_FILE_RECORD          = 0x03,
	LOG_WRITE_END_OF_FILE_RECORD        = 0x04,
	LOG_CREATE_ATTRIBUTE                = 0x05, /* a whole attribute */
	LOG_DELETE_ATTRIBUTE                = 0x06,
	LOG_UPDATE_RESIDENT_VALUE           = 0x07,
	LOG_UPDATE_NONRESIDENT_VALUE        = 0x08,
	LOG_UPDATE_MAPPING_PAIRS            = 0x09,
	LOG_DELETE_DIRTY_CLUSTERS           = 0x0a,
	LOG_SET_NEW_ATTRIBUTE_SIZES         = 0x0b, /* allocated, valid, size, compressed size */
	LOG_ADD_INDEX_ENTRY_ROOT            = 0x0c, /* a whole index entry */
	LOG_DELETE_INDEX_ENTRY_ROOT         = 0x0d,
	LOG_ADD_INDEX_ENTRY_ALLOCATION      = 0x0e,
	LOG_DELETE_INDEX_ENTRY_ALLOCATION   = 0x0f,
	LOG_WRITE_END_OF_INDEX_BUFFER       = 0x10, /* entries up to the last one */
	LOG_SET_INDEX_ENTRY_VCN_ROOT        = 0x11,
	LOG_SET_INDEX_ENTRY_VCN_ALLOCATION  = 0x12,
	LOG_UPDATE_FILE_NAME_ROOT           = 0x13, /* times, sizes and attributes in an index entry */
	LOG_UPDATE_FILE_NAME_ALLOCATION     = 0x14,
	LOG_SET_BITS                        = 0x15, /* the first bit and how many, of a bitmap */
	LOG_CLEAR_BITS                      = 0x16,
	LOG_HOT_FIX                         = 0x17,
	LOG_END_TOP_LEVEL_ACTION            = 0x18,
	LOG_PREPARE_TRANSACTION             = 0x19,
	LOG_COMMIT_TRANSACTION              = 0x1a,
	LOG_FORGET_TRANSACTION              = 0x1b, /* a transaction is over, and what it did stays */
	LOG_OPEN_NONRESIDENT_ATTRIBUTE      = 0x1c, /* an entry of the open attribute table; undo: its name */
	LOG_OPEN_ATTRIBUTE_TABLE_DUMP       = 0x1d, /* tables, see log_table.h */
	LOG_ATTRIBUTE_NAMES_DUMP            = 0x1e,
	LOG_DIRTY_PAGE_TABLE_DUMP           = 0x1f,
	LOG_TRANSACTION_TABLE_DUMP          = 0x20,
	LOG_UPDATE_RECORD_DATA_ROOT         = 0x21,
	LOG_UPDATE_RECORD_DATA_ALLOCATION   = 0x22,
	LOG_UPDATE_RELATIVE_DATA_ROOT       = 0x23,
	LOG_UPDATE_RELATIVE_DATA_ALLOCATION = 0x24,
	LOG_ZERO_END_OF_FILE_RECORD         = 0x25,
};

struct log_change {
	uint16_t     redo, undo;       /* enum log_operation, or what is not known here */
	struct bytes redo_data;        /* what lies there after the change; empty where the operation needs none */
	struct bytes undo_data;        /* what lay there before it */
	bool         redo_cut, undo_cut; /* the data ended first */
	uint16_t     target;           /* place in the open attribute table, bytes */
	uint16_t     record_offset;    /* bytes: of the attribute in its FILE record; else of the change */
	uint16_t     attribute_offset; /* bytes from there */
	uint16_t     block_offset;     /* of the FILE record or index buffer in its cluster, 512 bytes each */
	uint16_t     block_sectors;    /* its size, 512 bytes each; 0 in older versions */
	uint64_t     vcn;              /* of the target */
	struct bytes lcns;             /* le64 each: where that VCN and the next ones lie */
};

/*
 * Decode a record's data.  Where the data is cut, so are .redo_data and .undo_data.
 * Returns 0, or -1 with ERROR_BOUNDS (header cut short, data that begins inside it).
 */
MUST_CHECK int log_change_decode(struct bytes data, struct log_change *change, struct error *err);

/* True if the operation changes a FILE record in $MFT; the change's VCN is one of $MFT then. */
bool log_changes_file_record(uint16_t operation);

/* The operation's name as Microsoft has it, or NULL. */
const char *log_operation_name(uint16_t operation);

#endif
