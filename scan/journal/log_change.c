/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_change.c - see log_change.h */
#include "scan/journal/log_change.h"

#include "core/endian.h"

#include <assert.h>

struct change_disk {
	struct le16 redo;             /* 0x00 */
	struct le16 undo;             /* 0x02 */
	struct le16 redo_offset;      /* 0x04  bytes from this structure's start */
	struct le16 redo_length;      /* 0x06  bytes */
	struct le16 undo_offset;      /* 0x08 */
	struct le16 undo_length;      /* 0x0a */
	struct le16 target;           /* 0x0c */
	struct le16 lcn_count;        /* 0x0e */
	struct le16 record_offset;    /* 0x10 */
	struct le16 attribute_offset; /* 0x12 */
	struct le16 block_offset;     /* 0x14 */
	struct le16 block_sectors;    /* 0x16 */
	struct le64 vcn;              /* 0x18 */
};
static_assert(sizeof(struct change_disk) == 0x20, "NTFS log record");

static const char *const names[] = {
	[LOG_NOOP] = "Noop",
	[LOG_COMPENSATION] = "CompensationLogRecord",
	[LOG_INITIALIZE_FILE_RECORD] = "InitializeFileRecordSegment",
	[LOG_DEALLOCATE_FILE_RECORD] = "DeallocateFileRecordSegment",
	[LOG_WRITE_END_OF_FILE_RECORD] = "WriteEndOfFileRecordSegment",
	[LOG_CREATE_ATTRIBUTE] = "CreateAttribute",
	[LOG_DELETE_ATTRIBUTE] = "DeleteAttribute",
	[LOG_UPDATE_RESIDENT_VALUE] = "UpdateResidentValue",
	[LOG_UPDATE_NONRESIDENT_VALUE] = "UpdateNonresidentValue",
	[LOG_UPDATE_MAPPING_PAIRS] = "UpdateMappingPairs",
	[LOG_DELETE_DIRTY_CLUSTERS] = "DeleteDirtyClusters",
	[LOG_SET_NEW_ATTRIBUTE_SIZES] = "SetNewAttributeSizes",
	[LOG_ADD_INDEX_ENTRY_ROOT] = "AddIndexEntryRoot",
	[LOG_DELETE_INDEX_ENTRY_ROOT] = "DeleteIndexEntryRoot",
	[LOG_ADD_INDEX_ENTRY_ALLOCATION] = "AddIndexEntryAllocation",
	[LOG_DELETE_INDEX_ENTRY_ALLOCATION] = "DeleteIndexEntryAllocation",
	[LOG_WRITE_END_OF_INDEX_BUFFER] = "WriteEndOfIndexBuffer",
	[LOG_SET_INDEX_ENTRY_VCN_ROOT] = "SetIndexEntryVcnRoot",
	[LOG_SET_INDEX_ENTRY_VCN_ALLOCATION] = "SetIndexEntryVcnAllocation",
	[LOG_UPDATE_FILE_NAME_ROOT] = "UpdateFileNameRoot",
	[LOG_UPDATE_FILE_NAME_ALLOCATION] = "UpdateFileNameAllocation",
	[LOG_SET_BITS] = "SetBitsInNonresidentBitMap",
	[LOG_CLEAR_BITS] = "ClearBitsInNonresidentBitMap",
	[LOG_HOT_FIX] = "HotFix",
	[LOG_END_TOP_LEVEL_ACTION] = "EndTopLevelAction",
	[LOG_PREPARE_TRANSACTION] = "PrepareTransaction",
	[LOG_COMMIT_TRANSACTION] = "CommitTransaction",
	[LOG_FORGET_TRANSACTION] = "ForgetTransaction",
	[LOG_OPEN_NONRESIDENT_ATTRIBUTE] = "OpenNonresidentAttribute",
	[LOG_OPEN_ATTRIBUTE_TABLE_DUMP] = "OpenAttributeTableDump",
	[LOG_ATTRIBUTE_NAMES_DUMP] = "AttributeNamesDump",
	[LOG_DIRTY_PAGE_TABLE_DUMP] = "DirtyPageTableDump",
	[LOG_TRANSACTION_TABLE_DUMP] = "TransactionTableDump",
	[LOG_UPDATE_RECORD_DATA_ROOT] = "UpdateRecordDataRoot",
	[LOG_UPDATE_RECORD_DATA_ALLOCATION] = "UpdateRecordDataAllocation",
	[LOG_UPDATE_RELATIVE_DATA_ROOT] = "UpdateRelativeDataIndex",
	[LOG_UPDATE_RELATIVE_DATA_ALLOCATION] = "UpdateRelativeDataAllocation",
	[LOG_ZERO_END_OF_FILE_RECORD] = "ZeroEndOfFileRecord",
};

/* Operations on FILE records, as bits. */
static const uint64_t on_file_records =
	1ull << LOG_INITIALIZE_FILE_RECORD | 1ull << LOG_DEALLOCATE_FILE_RECORD | 1ull << LOG_WRITE_END_OF_FILE_RECORD |
	1ull << LOG_CREATE_ATTRIBUTE | 1ull << LOG_DELETE_ATTRIBUTE | 1ull << LOG_UPDATE_RESIDENT_VALUE |
	1ull << LOG_UPDATE_MAPPING_PAIRS | 1ull << LOG_SET_NEW_ATTRIBUTE_SIZES | 1ull << LOG_ADD_INDEX_ENTRY_ROOT |
	1ull << LOG_DELETE_INDEX_ENTRY_ROOT | 1ull << LOG_SET_INDEX_ENTRY_VCN_ROOT | 1ull << LOG_UPDATE_FILE_NAME_ROOT |
	1ull << LOG_UPDATE_RECORD_DATA_ROOT | 1ull << LOG_UPDATE_RELATIVE_DATA_ROOT | 1ull << LOG_ZERO_END_OF_FILE_RECORD;

/* A window of the data, or what is left of it. */
static bool take_window(struct bytes data, uint16_t offset, uint16_t length, struct bytes *window, bool *cut)
{
	*cut = false;
	*window = (struct bytes){ data.at + data.left, 0, data.offset + data.left };
	if (!length)
		return true;
	if (offset < sizeof(struct change_disk))
		return false;
	*cut = !bytes_sub(data, offset, length, window);
	if (*cut && offset < data.left)
		bytes_sub(data, offset, data.left - offset, window);
	return true;
}

int log_change_decode(struct bytes data, struct log_change *change, struct error *err)
{
	struct bytes       at = data;
	struct change_disk disk;
	struct log_change  found = { 0 };

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, data.offset, "log record is cut short");
	if (!take_window(data, le16_get(disk.redo_offset), le16_get(disk.redo_length), &found.redo_data,
			 &found.redo_cut) ||
	    !take_window(data, le16_get(disk.undo_offset), le16_get(disk.undo_length), &found.undo_data,
			 &found.undo_cut))
		return error_at(err, ERROR_BOUNDS, data.offset + 4, "data of a log record begins inside its header");
	if (!bytes_take(&at, 8u * le16_get(disk.lcn_count), &found.lcns))
		found.lcns = (struct bytes){ at.at, at.left - at.left % 8, at.offset };
	found.redo = le16_get(disk.redo);
	found.undo = le16_get(disk.undo);
	found.target = le16_get(disk.target);
	found.record_offset = le16_get(disk.record_offset);
	found.attribute_offset = le16_get(disk.attribute_offset);
	found.block_offset = le16_get(disk.block_offset);
	found.block_sectors = le16_get(disk.block_sectors);
	found.vcn = le64_get(disk.vcn);
	*change = found;
	return 0;
}

bool log_changes_file_record(uint16_t operation)
{
	return operation < 64 && on_file_records >> operation & 1;
}

const char *log_operation_name(uint16_t operation)
{
	return operation < sizeof names / sizeof names[0] ? names[operation] : NULL;
}
