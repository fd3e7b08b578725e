/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_table.h - the tables that a checkpoint puts into $LogFile
 *
 * Pure.  A checkpoint dumps which attributes are open (log records name their
 * target by its place in that table), their names, which pages are dirty, and which
 * transactions are under way; then its own record says where the dumps are.
 * Entries have two forms, told apart by their size: those of version 0 (up to
 * Windows 8.1) have room for the pointers of a 32-bit system.
 * Format: libntfs-3g logfile.h, RESTART_TABLE, and what is in samples/ntfs.
 */
#ifndef SCAN_LOG_TABLE_H
#define SCAN_LOG_TABLE_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file_ref.h"

#define LOG_TABLE_FIRST 0x18u /* place of the first entry: the table's header is before it */

struct log_table {
	uint32_t     entry_bytes;
	uint32_t     place;   /* of the next entry, bytes from the table's start */
	struct bytes entries; /* the rest of them */
};

struct log_table_entry {
	uint32_t     place; /* by which others refer to it */
	struct bytes whole;
};

/* Look at a dumped table.  Returns 0, or -1 with ERROR_BOUNDS. */
MUST_CHECK int log_table_open(struct bytes dump, struct log_table *table, struct error *err);

/* The next entry that is in use; false when there are no more, or the dump ends inside the next one. */
bool log_table_next(struct log_table *table, struct log_table_entry *entry);

struct log_open_attribute {
	file_ref file;
	uint32_t type;        /* enum attribute_type */
	uint32_t index_bytes; /* of an index buffer, 0 for what is no index */
	uint64_t opened_lsn;  /* of the record that opened it */
};

/* Decode an entry of the open attribute table, of either form.  -1 with ERROR_BOUNDS. */
MUST_CHECK int log_open_attribute_decode(struct bytes entry, struct log_open_attribute *attribute, struct error *err);

struct log_attribute_name {
	uint32_t     place; /* of its entry in the open attribute table */
	struct bytes name;  /* UTF-16LE */
};

/*
 * The next of the dumped attribute names; @dump moves past it.
 * Returns 1, 0 at the end, -1 with ERROR_BOUNDS when a name leaves the dump.
 */
MUST_CHECK int log_attribute_name_next(struct bytes *dump, struct log_attribute_name *name, struct error *err);

struct log_dirty_page {
	uint32_t     target; /* place in the open attribute table */
	uint32_t     length; /* bytes */
	uint64_t     vcn;
	uint64_t     oldest_lsn; /* that made it dirty */
	struct bytes lcns;       /* le64 each */
};

/* Decode an entry of the dirty page table, of either form.  -1 with ERROR_BOUNDS. */
MUST_CHECK int log_dirty_page_decode(struct bytes entry, struct log_dirty_page *page, struct error *err);

enum log_transaction_state {
	LOG_TRANSACTION_ACTIVE    = 1,
	LOG_TRANSACTION_PREPARED  = 2,
	LOG_TRANSACTION_COMMITTED = 3,
};

struct log_transaction {
	uint8_t  state; /* enum log_transaction_state */
	uint64_t first_lsn, previous_lsn, undo_next_lsn;
};

/* Decode an entry of the transaction table.  -1 with ERROR_BOUNDS. */
MUST_CHECK int log_transaction_decode(struct bytes entry, struct log_transaction *transaction, struct error *err);

struct log_checkpoint {
	uint32_t major, minor;
	uint64_t start_lsn; /* where a recovery would begin to look */
	uint64_t open_attributes_lsn, names_lsn, dirty_pages_lsn, transactions_lsn; /* of the dumps; 0: none */
	uint32_t cluster_bytes; /* 0 where it does not say so */
};

/* Decode the data of a record of type LOG_RECORD_CHECKPOINT.  -1 with ERROR_BOUNDS. */
MUST_CHECK int log_checkpoint_decode(struct bytes data, struct log_checkpoint *checkpoint, struct error *err);

#endif
