/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalogue_record.c - see catalogue_record.h */
#include "scan/catalogue_record.h"

#include "core/endian.h"
#include "core/utf16.h"
#include "scan/mft_record.h"

#include <string.h>

#define FIXUPS_OFFSET 0x30u
#define STRIDE_BYTES  512u
#define INFO_BYTES    0x48u /* $STANDARD_INFORMATION, 3.0 */
#define HEAD_BYTES    0x18u /* of a resident attribute */
#define LONG_HEAD     0x40u /* of a non-resident one */
#define LONGER_HEAD   0x48u /* with the size on disk */

static void put16(uint8_t *at, uint64_t value)
{
	for (size_t i = 0; i < 2; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void put32(uint8_t *at, uint64_t value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

static void put64(uint8_t *at, uint64_t value)
{
	put32(at, value);
	put32(at + 4, value >> 32);
}

/* What is left of the record while it is filled. */
struct room {
	uint8_t *at;
	size_t   left;     /* without the end mark */
	uint16_t instance; /* of the next attribute */
};

/* @bytes of zeros for the next attribute, rounded up; NULL when they do not fit. */
static uint8_t *take_room(struct room *room, size_t bytes)
{
	size_t   length = (bytes + 7) / 8 * 8;
	uint8_t *at = room->at;

	if (length > room->left)
		return NULL;
	room->at += length;
	room->left -= length;
	put32(at + 4, length);
	put16(at + 0x0e, room->instance++);
	return at;
}

static bool put_info(struct room *room, const struct case_file *file)
{
	uint8_t *at = take_room(room, HEAD_BYTES + INFO_BYTES), *value;

	if (!at)
		return false;
	value = at + HEAD_BYTES;
	put32(at, ATTRIBUTE_STANDARD_INFORMATION);
	put32(at + 0x10, INFO_BYTES);
	put16(at + 0x14, HEAD_BYTES);
	put64(value + 0x00, file->times.created);
	put64(value + 0x08, file->times.written);
	put64(value + 0x10, file->times.changed);
	put64(value + 0x18, file->times.accessed);
	put32(value + 0x20, file->attributes);
	put32(value + 0x34, file->security_id);
	return true;
}

static bool put_resident(struct room *room, const struct case_stream *stream, const struct le16 *name, size_t units)
{
	size_t   value_offset = (HEAD_BYTES + 2 * units + 7) / 8 * 8;
	uint8_t *at = stream->size_bytes > room->left ? NULL : take_room(room, value_offset + stream->size_bytes);

	if (!at)
		return false;
	put32(at + 0x10, stream->size_bytes);
	put16(at + 0x14, value_offset);
	put32(at, stream->type);
	at[0x09] = (uint8_t)units;
	put16(at + 0x0a, HEAD_BYTES);
	put16(at + 0x0c, stream->flags);
	memcpy(at + HEAD_BYTES, name, 2 * units);
	if (stream->size_bytes)
		memcpy(at + value_offset, stream->value, stream->size_bytes);
	return true;
}

/* The mapping pairs of @runs; 0 when they have a gap or do not fit. */
static size_t encode_runs(const struct runs *runs, uint8_t *to, size_t room, uint64_t *clusters)
{
	uint64_t last_lcn = 0;
	size_t   length = 0;

	*clusters = 0;
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].vcn != *clusters || room - length <= RUN_ENCODED_MAX)
			return 0;
		length += run_encode(&runs->items[i], &last_lcn, to + length);
		*clusters += runs->items[i].length;
	}
	to[length] = 0;
	return length + 1;
}

static bool put_mapped(struct room *room, const struct case_stream *stream, const struct le16 *name, size_t units)
{
	size_t   head = stream->flags & (ATTRIBUTE_COMPRESSED | ATTRIBUTE_SPARSE) ? LONGER_HEAD : LONG_HEAD;
	size_t   pairs_offset = (head + 2 * units + 7) / 8 * 8, length;
	uint64_t clusters;
	uint8_t *at = room->at;

	if (pairs_offset + RUN_ENCODED_MAX + 1 > room->left)
		return false;
	length = encode_runs(&stream->runs, at + pairs_offset, room->left - pairs_offset, &clusters);
	if (!length)
		return false;
	(void)take_room(room, pairs_offset + length); /* pairs never go beyond what is left */
	put32(at, stream->type);
	at[0x08] = 1;
	at[0x09] = (uint8_t)units;
	put16(at + 0x0a, head);
	put16(at + 0x0c, stream->flags);
	put64(at + 0x18, clusters - 1);
	put16(at + 0x20, pairs_offset);
	at[0x22] = stream->unit_shift;
	put64(at + 0x28, stream->allocated_bytes);
	put64(at + 0x30, stream->size_bytes);
	put64(at + 0x38, stream->valid_bytes);
	memcpy(at + head, name, 2 * units);
	return true;
}

static bool put_stream(struct room *room, const struct case_stream *stream)
{
	struct le16 name[NAME_UTF8_MAX];
	size_t      length = strlen(stream->name), units;

	if (length >= NAME_UTF8_MAX)
		return false;
	units = utf16_le_from_utf8(stream->name, length, name);
	if (units > NAME_UNITS_MAX)
		return false;
	return stream->resident ? put_resident(room, stream, name, units) : put_mapped(room, stream, name, units);
}

bool catalogue_record_make(const struct catalogue_entry *entry, uint8_t *image, uint32_t record_bytes)
{
	const struct case_record *record = &entry->record;
	size_t                    strides = record_bytes / STRIDE_BYTES;
	size_t                    first = (FIXUPS_OFFSET + 2 * (strides + 1) + 7) / 8 * 8;
	struct room               room;

	if (!entry->whole || record_bytes < first + 8 || record->file.record > UINT32_MAX)
		return false;
	memset(image, 0, record_bytes);
	room = (struct room){ .at = image + first, .left = record_bytes - first - 8 };
	if (record->file.info_known && !put_info(&room, &record->file))
		return false;
	for (size_t i = 0; i < record->streams.count; i++)
		if (!put_stream(&room, &record->streams.items[i]))
			return false;
	put32(room.at, ATTRIBUTE_END);
	memcpy(image, "FILE", 4);
	put16(image + 0x04, FIXUPS_OFFSET);
	put16(image + 0x06, strides + 1);
	put16(image + 0x10, record->file.sequence);
	put16(image + 0x12, record->file.link_count);
	put16(image + 0x14, first);
	put16(image + 0x16, MFT_RECORD_IN_USE | (record->file.directory ? MFT_RECORD_DIRECTORY : 0));
	put32(image + 0x18, (uint64_t)(room.at - image) + 8);
	put32(image + 0x1c, record_bytes);
	put16(image + 0x28, room.instance);
	put32(image + 0x2c, record->file.record);
	return true;
}
