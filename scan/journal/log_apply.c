/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_apply.c - see log_apply.h */
#include "scan/journal/log_apply.h"

#include "core/endian.h"
#include "scan/attribute.h"
#include "scan/mft_record.h"
#include "scan/run_list.h"

/* Places in a FILE record, an attribute and an index (mft_record.c, attribute.c, index_node.c). */
#define SEQUENCE_AT       0x10u /* le16 */
#define LINKS_AT          0x12u /* le16 */
#define FLAGS_AT          0x16u /* le16 */
#define IN_USE_AT         0x18u /* le32 */
#define NEXT_INSTANCE_AT  0x28u /* le16 */
#define HEADER_BYTES      0x30u
#define LENGTH_AT         0x04u /* le32 */
#define NON_RESIDENT_AT   0x08u
#define INSTANCE_AT       0x0eu /* le16 */
#define VALUE_LENGTH_AT   0x10u /* le32 */
#define VALUE_OFFSET_AT   0x14u /* le16 */
#define INDEXED_AT        0x16u
#define LOWEST_VCN_AT     0x10u /* le64 */
#define HIGHEST_VCN_AT    0x18u /* le64 */
#define PAIRS_OFFSET_AT   0x20u /* le16 */
#define ALLOCATED_AT      0x28u /* le64 */
#define SIZE_AT           0x30u /* le64 */
#define VALID_AT          0x38u /* le64 */
#define COMPRESSED_AT     0x40u /* le64, only where it is logged */
#define RESIDENT_BYTES    0x18u
#define NON_RESIDENT_BYTES 0x40u
#define INDEX_HEADER_AT   0x10u /* in the value of an $INDEX_ROOT */
#define INDEX_IN_USE_AT   0x04u /* le32, in that header */
#define INDEX_ALLOCATED_AT 0x08u /* le32 */
#define ENTRY_LENGTH_AT   0x08u /* le16 */
#define ENTRY_BYTES       0x10u
#define ENTRY_TIMES_AT    0x18u /* in an entry: in its $FILE_NAME, behind the parent */

/* The record that is worked on. */
struct work {
	uint8_t *at;
	size_t   size;
	size_t   in_use;
};

static size_t aligned(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static void le64_put(uint8_t *at, uint64_t x)
{
	struct le64 disk = le64_make(x);

	memcpy(at, &disk, sizeof disk);
}

static void set_in_use(struct work *work, size_t in_use)
{
	work->in_use = in_use;
	le32_put(work->at + IN_USE_AT, (uint32_t)in_use);
}

static void count_link(struct work *work, int step)
{
	le16_put(work->at + LINKS_AT, (uint16_t)(le16_at(work->at + LINKS_AT) + step));
}

/* Make the @old bytes at @at @n bytes; what is new are zeroes. */
static bool resize(struct work *work, size_t at, size_t old, size_t n)
{
	if (at > work->in_use || old > work->in_use - at || n > work->size - (work->in_use - old))
		return false;
	memmove(work->at + at + n, work->at + at + old, work->in_use - at - old);
	if (n > old)
		memset(work->at + at + old, 0, n - old);
	set_in_use(work, work->in_use - old + n);
	return true;
}

/* The attribute at @at: its length, or 0 when there is none. */
static size_t attribute_length(const struct work *work, size_t at)
{
	size_t length;

	if (at < HEADER_BYTES - 8 || at % 8 || at > work->in_use || work->in_use - at < RESIDENT_BYTES ||
	    le32_at(work->at + at) == ATTRIBUTE_END)
		return 0;
	length = le32_at(work->at + at + LENGTH_AT);
	return length >= RESIDENT_BYTES && length % 8 == 0 && length <= work->in_use - at ? length : 0;
}

/* The same for a resident or a non-resident one. */
static size_t length_of(const struct work *work, size_t at, bool resident)
{
	size_t length = attribute_length(work, at);

	if (!length || (work->at[at + NON_RESIDENT_AT] == 0) != resident || (!resident && length < NON_RESIDENT_BYTES))
		return 0;
	return length;
}

static bool resize_attribute(struct work *work, size_t at, size_t length, size_t n)
{
	if (!resize(work, at + (n < length ? n : length), n < length ? length - n : 0, n < length ? 0 : n - length))
		return false;
	le32_put(work->at + at + LENGTH_AT, (uint32_t)n);
	return true;
}

static bool initialize(struct work *work, size_t at, struct bytes data)
{
	if (at > work->size || data.left > work->size - at)
		return false;
	memcpy(work->at + at, data.at, data.left);
	return true;
}

static bool deallocate(struct work *work)
{
	uint16_t sequence = (uint16_t)(le16_at(work->at + SEQUENCE_AT) + 1);

	le16_put(work->at + SEQUENCE_AT, sequence ? sequence : 1);
	le16_put(work->at + FLAGS_AT, (uint16_t)(le16_at(work->at + FLAGS_AT) & ~MFT_RECORD_IN_USE));
	return true;
}

static bool write_end(struct work *work, size_t at, struct bytes data)
{
	if (at < HEADER_BYTES - 8 || at > work->in_use || aligned(at + data.left) > work->size)
		return false;
	memcpy(work->at + at, data.at, data.left);
	set_in_use(work, aligned(at + data.left));
	return true;
}

static bool create_attribute(struct work *work, size_t at, struct bytes data)
{
	size_t   length;
	uint16_t instance;

	if (at < HEADER_BYTES - 8 || at % 8 || data.left < RESIDENT_BYTES)
		return false;
	length = le32_at(data.at + LENGTH_AT);
	if (length < RESIDENT_BYTES || length % 8 || length > data.left || !resize(work, at, 0, length))
		return false;
	memcpy(work->at + at, data.at, length);
	instance = le16_at(data.at + INSTANCE_AT);
	if (le16_at(work->at + NEXT_INSTANCE_AT) <= instance)
		le16_put(work->at + NEXT_INSTANCE_AT, (uint16_t)(instance + 1));
	if (!data.at[NON_RESIDENT_AT] && data.at[INDEXED_AT])
		count_link(work, 1);
	return true;
}

static bool delete_attribute(struct work *work, size_t at)
{
	size_t length = attribute_length(work, at);

	if (!length)
		return false;
	if (!work->at[at + NON_RESIDENT_AT] && work->at[at + INDEXED_AT])
		count_link(work, -1);
	return resize(work, at, length, 0);
}

/* @resizes: the value ends behind the data, whatever its length was. */
static bool update_value(struct work *work, size_t at, size_t offset, struct bytes data, bool resizes)
{
	size_t length = length_of(work, at, true), end = offset + data.left, value;

	if (!length || offset < RESIDENT_BYTES)
		return false;
	value = le16_at(work->at + at + VALUE_OFFSET_AT);
	if (resizes) {
		if (value > offset || offset > length || !resize_attribute(work, at, length, aligned(end)))
			return false;
		le32_put(work->at + at + VALUE_LENGTH_AT, (uint32_t)(end - value));
		memset(work->at + at + end, 0, aligned(end) - end);
	} else if (offset > length || data.left > length - offset) {
		return false;
	}
	memcpy(work->at + at + offset, data.at, data.left);
	return true;
}

/* The VCN behind the last run of an attribute. */
static uint64_t end_of_runs(const uint8_t *attribute, size_t length)
{
	size_t          pairs = le16_at(attribute + PAIRS_OFFSET_AT);
	struct run_list list = { .next_vcn = le64_at(attribute + LOWEST_VCN_AT) };
	struct run      run;
	struct error    err;

	if (pairs < length)
		list.pairs = (struct bytes){ attribute + pairs, length - pairs, 0 };
	while (run_list_next(&list, &run, &err) == 1)
		;
	return list.next_vcn;
}

static bool update_pairs(struct work *work, size_t at, size_t offset, struct bytes data)
{
	size_t length = length_of(work, at, false), n = aligned(offset + data.left);

	if (!length || offset < NON_RESIDENT_BYTES || offset > length || !resize_attribute(work, at, length, n))
		return false;
	memcpy(work->at + at + offset, data.at, data.left);
	le64_put(work->at + at + HIGHEST_VCN_AT, end_of_runs(work->at + at, n) - 1);
	return true;
}

static bool set_sizes(struct work *work, size_t at, struct bytes data)
{
	size_t length = length_of(work, at, false);

	if (!length || data.left < 24)
		return false;
	memcpy(work->at + at + ALLOCATED_AT, data.at, 8);
	memcpy(work->at + at + VALID_AT, data.at + 8, 8);
	memcpy(work->at + at + SIZE_AT, data.at + 16, 8);
	if (data.left >= 32 && length >= COMPRESSED_AT + 8)
		memcpy(work->at + at + COMPRESSED_AT, data.at + 24, 8);
	return true;
}

/* The length of the entry at @offset of the index root at @at, 0 if there is none. */
static size_t entry_length(const struct work *work, size_t at, size_t offset)
{
	size_t length = length_of(work, at, true), entry;

	if (!length || offset > length || length - offset < ENTRY_BYTES)
		return 0;
	entry = le16_at(work->at + at + offset + ENTRY_LENGTH_AT);
	return entry >= ENTRY_BYTES && entry % 8 == 0 && entry <= length - offset ? entry : 0;
}

/* Make room for an entry of @grown bytes, or take away one of @shrunk; all that counts bytes follows. */
static bool resize_root(struct work *work, size_t at, size_t offset, size_t shrunk, size_t grown)
{
	size_t   length = length_of(work, at, true), value, header;
	uint32_t change = (uint32_t)(grown - shrunk);

	if (!length || offset > length)
		return false;
	value = le16_at(work->at + at + VALUE_OFFSET_AT);
	header = value + INDEX_HEADER_AT;
	if (header + 16 > offset || !resize(work, at + offset, shrunk, grown))
		return false;
	le32_put(work->at + at + LENGTH_AT, (uint32_t)length + change);
	le32_put(work->at + at + VALUE_LENGTH_AT, le32_at(work->at + at + VALUE_LENGTH_AT) + change);
	header += at;
	le32_put(work->at + header + INDEX_IN_USE_AT, le32_at(work->at + header + INDEX_IN_USE_AT) + change);
	le32_put(work->at + header + INDEX_ALLOCATED_AT, le32_at(work->at + header + INDEX_ALLOCATED_AT) + change);
	return true;
}

static bool add_entry(struct work *work, size_t at, size_t offset, struct bytes data)
{
	size_t length = data.left < ENTRY_BYTES ? 0 : le16_at(data.at + ENTRY_LENGTH_AT);

	if (length < ENTRY_BYTES || length % 8 || length > data.left || !resize_root(work, at, offset, 0, length))
		return false;
	memcpy(work->at + at + offset, data.at, length);
	return true;
}

static bool delete_entry(struct work *work, size_t at, size_t offset)
{
	size_t length = entry_length(work, at, offset);

	return length && resize_root(work, at, offset, length, 0);
}

/* Write @data into the entry, from @from bytes behind its start. */
static bool update_entry(struct work *work, size_t at, size_t offset, size_t from, struct bytes data)
{
	size_t length = entry_length(work, at, offset);

	if (from > length || data.left > length - from)
		return false;
	memcpy(work->at + at + offset + from, data.at, data.left);
	return true;
}

static bool apply(struct work *work, uint16_t operation, const struct log_change *change, struct bytes data)
{
	size_t at = change->record_offset, offset = change->attribute_offset;
	bool   resizes = change->redo_data.left != change->undo_data.left;

	switch (operation) {
	case LOG_INITIALIZE_FILE_RECORD:
		return initialize(work, at, data);
	case LOG_DEALLOCATE_FILE_RECORD:
		return deallocate(work);
	case LOG_WRITE_END_OF_FILE_RECORD:
		return write_end(work, at, data);
	case LOG_CREATE_ATTRIBUTE:
		return create_attribute(work, at, data);
	case LOG_DELETE_ATTRIBUTE:
		return delete_attribute(work, at);
	case LOG_UPDATE_RESIDENT_VALUE:
		return update_value(work, at, offset, data, resizes);
	case LOG_UPDATE_MAPPING_PAIRS:
		return update_pairs(work, at, offset, data);
	case LOG_SET_NEW_ATTRIBUTE_SIZES:
		return set_sizes(work, at, data);
	case LOG_ADD_INDEX_ENTRY_ROOT:
		return add_entry(work, at, offset, data);
	case LOG_DELETE_INDEX_ENTRY_ROOT:
		return delete_entry(work, at, offset);
	case LOG_SET_INDEX_ENTRY_VCN_ROOT:
		return data.left == 8 && entry_length(work, at, offset) &&
		       update_entry(work, at, offset, entry_length(work, at, offset) - 8, data);
	case LOG_UPDATE_FILE_NAME_ROOT:
		return update_entry(work, at, offset, ENTRY_TIMES_AT, data);
	case LOG_UPDATE_RECORD_DATA_ROOT: /* a view index has the place of the data where a directory has the file */
		return entry_length(work, at, offset) &&
		       update_entry(work, at, offset, le16_at(work->at + at + offset), data);
	default: /* the bytes behind the end of use, and what is not known */
		return true;
	}
}

bool log_apply(const struct log_change *change, enum log_direction direction, uint8_t *record, size_t size_bytes)
{
	uint16_t     operation = direction == LOG_FORWARD ? change->redo : change->undo;
	struct bytes data = direction == LOG_FORWARD ? change->redo_data : change->undo_data;
	struct work  work = { record, size_bytes, 0 };

	if (!log_changes_file_record(operation))
		return true;
	if (size_bytes < HEADER_BYTES || (direction == LOG_FORWARD ? change->redo_cut : change->undo_cut))
		return false;
	work.in_use = le32_at(record + IN_USE_AT);
	if (operation != LOG_INITIALIZE_FILE_RECORD && (work.in_use < HEADER_BYTES || work.in_use > size_bytes))
		return false;
	return apply(&work, operation, change, data);
}
