/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalogue.c - see catalogue.h */
#include "scan/catalogue.h"

#include "core/checksum.h"
#include "core/utf16.h"

#include <stddef.h>

uint64_t catalogue_checksum(const uint8_t block[CATALOGUE_BLOCK_BYTES])
{
	uint8_t copy[CATALOGUE_BLOCK_BYTES];

	memcpy(copy, block, sizeof copy);
	memset(copy + offsetof(struct catalogue_header_disk, checksum), 0, sizeof(struct le64));
	return checksum(copy, sizeof copy);
}

static bool header_makes_sense(const struct catalogue_header_disk *disk)
{
	uint32_t cluster_bytes = le32_get(disk->cluster_bytes);

	return le16_get(disk->header_bytes) == sizeof *disk && le16_get(disk->used_bytes) >= sizeof *disk &&
	       le16_get(disk->used_bytes) <= CATALOGUE_BLOCK_BYTES &&
	       le64_get(disk->number) < le64_get(disk->blocks) && cluster_bytes >= 256 &&
	       cluster_bytes <= 1u << 21 && (cluster_bytes & (cluster_bytes - 1)) == 0 &&
	       le64_get(disk->clusters) <= INT64_MAX / cluster_bytes && disk->letter >= 'A' &&
	       disk->letter <= 'Z';
}

int catalogue_block_decode(struct bytes raw, struct catalogue_block *block, struct error *err)
{
	struct catalogue_header_disk disk;
	struct bytes                 items = raw;

	if (raw.left != CATALOGUE_BLOCK_BYTES || !bytes_read(&items, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, raw.offset, "not a whole block");
	if (memcmp(disk.magic, CATALOGUE_MAGIC, sizeof disk.magic) != 0)
		return error_at(err, ERROR_VALUE, raw.offset, "no block of a catalogue");
	if (le16_get(disk.version) != CATALOGUE_VERSION)
		return error_at(err, ERROR_UNSUPPORTED, raw.offset,
				"catalogue of format version %u, %u is known", le16_get(disk.version),
				CATALOGUE_VERSION);
	if (le64_get(disk.checksum) != catalogue_checksum(raw.at))
		return error_at(err, ERROR_VALUE, raw.offset, "block of a catalogue with a wrong checksum");
	if (!header_makes_sense(&disk))
		return error_at(err, ERROR_VALUE, raw.offset, "block of a catalogue with a senseless header");

	items.left = le16_get(disk.used_bytes) - sizeof disk;
	block->header = (struct catalogue_header){ .generation = le32_get(disk.generation),
						   .number = le64_get(disk.number),
						   .blocks = le64_get(disk.blocks),
						   .place_bytes = le64_get(disk.place),
						   .serial = le64_get(disk.serial),
						   .clusters = le64_get(disk.clusters),
						   .cluster_bytes = le32_get(disk.cluster_bytes),
						   .letter = (char)disk.letter };
	memcpy(block->header.uuid, disk.uuid, sizeof disk.uuid);
	block->items = items;
	block->name_bytes = 0;
	return 0;
}

/* -------- payloads; each is false when the bytes do not hold what they should -------- */

static bool take_piece(struct bytes payload, const struct catalogue_piece_disk *disk,
		       struct catalogue_item *item)
{
	item->total = le32_get(disk->total);
	item->offset = le32_get(disk->offset);
	item->bytes = payload;
	return item->offset <= item->total && payload.left <= item->total - item->offset;
}

static bool decode_piece(struct bytes payload, struct catalogue_item *item)
{
	struct catalogue_piece_disk disk;

	return bytes_read(&payload, &disk, sizeof disk) && take_piece(payload, &disk, item);
}

static bool decode_file(struct bytes payload, struct catalogue_item *item)
{
	struct catalogue_file_disk disk;

	if (!bytes_read(&payload, &disk, sizeof disk))
		return false;
	item->file.times = (struct file_times){ .created = le64_get(disk.created),
						.written = le64_get(disk.written),
						.changed = le64_get(disk.changed),
						.accessed = le64_get(disk.accessed) };
	item->file.attributes = le32_get(disk.attributes);
	item->file.security_id = le32_get(disk.security_id);
	item->file.names = le32_get(disk.names);
	item->file.streams = le32_get(disk.streams);
	item->file.link_count = le16_get(disk.link_count);
	return true;
}

static bool decode_name(struct catalogue_block *block, struct bytes payload, struct catalogue_item *item)
{
	struct catalogue_name_disk disk;
	size_t                     shared;

	if (!bytes_read(&payload, &disk, sizeof disk))
		return false;
	shared = le16_get(disk.shared);
	if (shared > block->name_bytes || payload.left > sizeof block->name - shared)
		return false;
	memcpy(block->name + shared, payload.at, payload.left);
	block->name_bytes = shared + payload.left;
	item->parent = le64_get(disk.parent);
	return take_piece((struct bytes){ block->name, block->name_bytes, payload.offset }, &disk.piece,
			  item);
}

static bool decode_stream(struct bytes payload, struct catalogue_item *item)
{
	struct catalogue_stream_disk disk;

	if (!bytes_read(&payload, &disk, sizeof disk))
		return false;
	item->stream.type = le32_get(disk.type);
	item->stream.flags = le16_get(disk.flags);
	item->stream.unit_shift = disk.unit_shift;
	item->stream.size_bytes = le64_get(disk.size_bytes);
	item->stream.valid_bytes = le64_get(disk.valid_bytes);
	item->stream.allocated_bytes = le64_get(disk.allocated_bytes);
	item->stream.runs = le64_get(disk.runs);
	item->bytes = payload;
	return true;
}

static bool decode_runs(struct bytes payload, struct catalogue_item *item)
{
	struct le64 first_vcn;

	if (!bytes_read(&payload, &first_vcn, sizeof first_vcn))
		return false;
	item->first_vcn = le64_get(first_vcn);
	item->bytes = payload;
	return true;
}

static bool decode_digest(struct bytes payload, struct catalogue_item *item)
{
	return bytes_take(&payload, DIGEST_BYTES, &item->bytes);
}

static bool decode_end(struct bytes payload, struct catalogue_item *item)
{
	struct catalogue_end_disk disk;

	if (!bytes_read(&payload, &disk, sizeof disk))
		return false;
	item->totals = (struct catalogue_totals){ .files = le64_get(disk.files),
						  .directories = le64_get(disk.directories),
						  .names = le64_get(disk.names),
						  .bytes = le64_get(disk.bytes) };
	return true;
}

static bool is_known(uint8_t type)
{
	return type >= CATALOGUE_TEXT && type <= CATALOGUE_END;
}

static bool decode_payload(struct catalogue_block *block, struct bytes payload, struct catalogue_item *item)
{
	switch ((enum catalogue_item_type)item->type) {
	case CATALOGUE_TEXT:
	case CATALOGUE_VALUE:
	case CATALOGUE_SECURITY:
		return decode_piece(payload, item);
	case CATALOGUE_FILE:
		return decode_file(payload, item);
	case CATALOGUE_NAME:
		return decode_name(block, payload, item);
	case CATALOGUE_STREAM:
		return decode_stream(payload, item);
	case CATALOGUE_RUNS:
		return decode_runs(payload, item);
	case CATALOGUE_DIGEST:
		return decode_digest(payload, item);
	case CATALOGUE_END:
		return decode_end(payload, item);
	}
	return false;
}

int catalogue_item_next(struct catalogue_block *block, struct catalogue_item *item, struct error *err)
{
	struct catalogue_item_disk disk;
	struct bytes               payload;
	uint64_t                   start;

	do {
		start = block->items.offset;
		payload = block->items;
		if (!payload.left)
			return 0;
		if (!bytes_read(&payload, &disk, sizeof disk) || le16_get(disk.length) < sizeof disk ||
		    !bytes_take(&block->items, le16_get(disk.length), &payload))
			return error_at(err, ERROR_BOUNDS, start, "item leaves its block");
	} while (!is_known(disk.type));

	bytes_read(&payload, &disk, sizeof disk); /* past the header */
	*item = (struct catalogue_item){ .type = disk.type,
					 .flags = disk.flags,
					 .number = le32_get(disk.number),
					 .ref = le64_get(disk.ref) };
	if (!decode_payload(block, payload, item))
		return error_at(err, ERROR_VALUE, start, "item of type %u does not hold what it should",
				disk.type);
	return 1;
}

/* -------- names -------- */

bool catalogue_is_name(const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	size_t      units = 0;
	uint32_t    point;

	while (at < end) {
		if (*at == 0 || *at == '/' || *at == '\\' || !utf8_next(&at, end, &point))
			return false;
		units += point < 0x10000 ? 1 : 2;
	}
	return units <= NAME_UNITS_MAX;
}

bool catalogue_is_path(const char *text, size_t length)
{
	const char *at = text, *end = text + length;

	if (!length || *at != '\\')
		return false;
	while (length > 1 && at < end) {
		const char *name = at + 1, *next = memchr(name, '\\', (size_t)(end - name));

		at = next ? next : end;
		if (name == at || !catalogue_is_name(name, (size_t)(at - name)))
			return false;
	}
	return true;
}
