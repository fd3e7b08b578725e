/* SPDX-License-Identifier: GPL-3.0-or-later */
/* space_map.c - see space_map.h */
#include "recover/transaction/space_map.h"

#include "core/cleanup.h"
#include "scan/attribute.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"

#include <assert.h>
#include <string.h>

#define LOG_RECORD    2u
#define BITMAP_RECORD 6u

/* -------- finding the two files -------- */

/*
 * The record lies among the table's first, which are never in two pieces; it is not asked for in
 * $MFT's own record, since that may be half written when a log is replayed.
 */
static int read_record(const struct block_device *device, uint32_t number, uint8_t *bytes,
		       struct mft_record *record, struct error *err)
{
	const struct geometry *geometry = &device->geometry;
	uint64_t               offset = geometry->mft_lcn * geometry->cluster_bytes +
			  (uint64_t)number * geometry->record_bytes;
	fixup_torn torn;

	if (block_device_read(device, offset, bytes, geometry->record_bytes) < 0)
		return error_sys(err, device->path, "cannot read a record of the file system's own files");
	if (fixup_undo(bytes, geometry->record_bytes, offset, &torn, err) < 0 || torn ||
	    mft_record_decode((struct bytes){ bytes, geometry->record_bytes, offset }, record, err) < 0 ||
	    !(record->flags & MFT_RECORD_IN_USE))
		return error_set(err, ERROR_VALUE, device->path,
				 "the record of %s is damaged; run 'chkdsk /f' on the volume in Windows",
				 number == LOG_RECORD ? "$LogFile" : "$Bitmap");
	return 0;
}

/* The runs of a file's unnamed stream, all of them. */
static int find_runs(const struct block_device *device, uint32_t number, struct runs *runs, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = malloc(device->geometry.record_bytes);
	struct mft_record          record;
	struct attribute           attr;
	uint64_t                   clusters = 0;
	int                        got;

	if (!bytes)
		return error_memory(err);
	if (read_record(device, number, bytes, &record, err) < 0)
		return -1;
	while ((got = attribute_next(&record.attributes, &attr, err)) == 1) {
		if (attr.type != ATTRIBUTE_DATA || attr.resident || !attribute_is_named(&attr, ""))
			continue;
		if (runs_append(runs, attr.pairs, attr.lowest_vcn, &device->geometry, err) < 0)
			return -1;
		clusters = attr.highest_vcn + 1;
	}
	if (got < 0)
		return -1;
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].lcn == LCN_HOLE)
			clusters = 0;
		else
			clusters -= runs->items[i].length < clusters ? runs->items[i].length : clusters;
	}
	if (!runs->count || clusters)
		return error_set(err, ERROR_UNSUPPORTED, device->path,
				 "%s lies on the volume in a form that is not known here (too many pieces, or "
				 "holes); defragment the volume in Windows, then try again",
				 number == LOG_RECORD ? "$LogFile" : "$Bitmap");
	return 0;
}

int space_map_init(struct space_map *map, const struct block_device *device, struct error *err)
{
	*map = (struct space_map){ .geometry = device->geometry };
	return find_runs(device, LOG_RECORD, &map->log, err);
}

uint64_t space_map_log_start(const struct space_map *map)
{
	return map->log.items[0].lcn * map->geometry.cluster_bytes;
}

int space_map_load(struct space_map *map, const struct block_device *device, struct error *err)
{
	uint64_t index = 0;

	map->bytes = (size_t)((device->geometry.clusters + 7) / 8);
	map->committed = malloc(map->bytes);
	map->reserved = calloc(1, map->bytes);
	if (!map->committed || !map->reserved)
		return error_memory(err);
	if (find_runs(device, BITMAP_RECORD, &map->bitmap, err) < 0)
		return -1;
	for (size_t i = 0; i < map->bitmap.count && index < map->bytes; i++) {
		const struct run *run = &map->bitmap.items[i];
		uint64_t          length = run->length * map->geometry.cluster_bytes;

		if (length > map->bytes - index)
			length = map->bytes - index;
		if (block_device_read(device, run->lcn * map->geometry.cluster_bytes, map->committed + index,
				      (size_t)length) < 0)
			return error_sys(err, device->path, "cannot read $Bitmap");
		index += length;
	}
	if (index < map->bytes)
		return error_set(err, ERROR_VALUE, device->path,
				 "$Bitmap is too short for the volume; run 'chkdsk /f' on it in Windows");
	return 0;
}

void space_map_release(struct space_map *map)
{
	array_release(&map->bitmap);
	array_release(&map->log);
	free(TAKE(map->committed));
	free(TAKE(map->reserved));
}

/* -------- clusters -------- */

bool space_map_is_free(const struct space_map *map, uint64_t offset, size_t length)
{
	uint64_t cluster_bytes = map->geometry.cluster_bytes;
	uint64_t lcn = offset / cluster_bytes, end = (offset + length - 1) / cluster_bytes;

	assert(length);
	if (end >= map->geometry.clusters)
		return false;
	for (; lcn <= end; lcn++)
		if (map->committed[lcn / 8] >> (lcn % 8) & 1)
			return false;
	return true;
}

void space_map_reserve(struct space_map *map, uint64_t lcn, uint64_t count, bool reserved)
{
	for (; count; lcn++, count--) {
		uint8_t bit = (uint8_t)(1u << (lcn % 8));

		if (reserved)
			map->reserved[lcn / 8] |= bit;
		else
			map->reserved[lcn / 8] &= (uint8_t)~bit;
	}
}

uint64_t space_map_place(const struct space_map *map, uint64_t index)
{
	for (size_t i = 0;; i++) {
		const struct run *run = &map->bitmap.items[i];
		uint64_t          length = run->length * map->geometry.cluster_bytes;

		assert(i < map->bitmap.count);
		if (index < length)
			return run->lcn * map->geometry.cluster_bytes + index;
		index -= length;
	}
}

/* -------- what the library sees, and what it writes -------- */

/* A part of a piece of the volume that belongs to one of the two files. */
struct overlap {
	size_t   start;  /* in the piece */
	size_t   length; /* 0: none */
	uint64_t index;  /* of its first byte in the file */
};

/* Where @run, whose first byte is byte @index of its file, meets @length bytes from @offset. */
static struct overlap overlap_of(const struct space_map *map, const struct run *run, uint64_t index,
				 uint64_t offset, size_t length)
{
	uint64_t start = run->lcn * map->geometry.cluster_bytes;
	uint64_t end = start + run->length * map->geometry.cluster_bytes;
	uint64_t from = start > offset ? start : offset;
	uint64_t to = end < offset + length ? end : offset + length;

	if (from >= to)
		return (struct overlap){ 0 };
	return (struct overlap){ (size_t)(from - offset), (size_t)(to - from), index + (from - start) };
}

/* Call @each for every part of the piece that is $Bitmap's and speaks of clusters. */
static void each_bitmap_part(const struct space_map *map, uint64_t offset, size_t length,
			     void (*each)(const struct space_map *map, struct overlap part, void *context),
			     void *context)
{
	uint64_t index = 0;

	for (size_t i = 0; i < map->bitmap.count && index < map->bytes; i++) {
		const struct run *run = &map->bitmap.items[i];
		struct overlap    part = overlap_of(map, run, index, offset, length);

		if (part.length && part.index < map->bytes) {
			if (part.length > map->bytes - part.index)
				part.length = (size_t)(map->bytes - part.index);
			each(map, part, context);
		}
		index += run->length * map->geometry.cluster_bytes;
	}
}

static bool is_any_of(const struct space_map *map, const struct runs *runs, uint64_t offset, size_t length)
{
	for (size_t i = 0; i < runs->count; i++)
		if (overlap_of(map, &runs->items[i], 0, offset, length).length)
			return true;
	return false;
}

bool space_map_is_log(const struct space_map *map, uint64_t offset, size_t length)
{
	return is_any_of(map, &map->log, offset, length);
}

bool space_map_is_bitmap(const struct space_map *map, uint64_t offset, size_t length)
{
	return is_any_of(map, &map->bitmap, offset, length);
}

static uint8_t seen(const struct space_map *map, uint8_t pending, uint64_t index)
{
	return (uint8_t)(pending | map->committed[index] | map->reserved[index]);
}

static void show_part(const struct space_map *map, struct overlap part, void *context)
{
	uint8_t *bytes = (uint8_t *)context + part.start;

	for (size_t i = 0; i < part.length; i++)
		bytes[i] = seen(map, bytes[i], part.index + i);
}

void space_map_show(const struct space_map *map, uint64_t offset, uint8_t *bytes, size_t length)
{
	each_bitmap_part(map, offset, length, show_part, bytes);
	for (size_t i = 0; i < map->log.count; i++) {
		struct overlap part = overlap_of(map, &map->log.items[i], 0, offset, length);

		if (part.length)
			memset(bytes + part.start, 0xff, part.length);
	}
}

struct merge {
	const uint8_t *pending;
	uint8_t       *bytes;
};

static void merge_part(const struct space_map *map, struct overlap part, void *context)
{
	const struct merge *merge = context;

	for (size_t i = part.start; i < part.start + part.length; i++) {
		uint8_t pending = merge->pending[i], written = merge->bytes[i];
		uint8_t changed = written ^ seen(map, pending, part.index + (i - part.start));

		merge->bytes[i] = (uint8_t)((pending & ~changed) | (written & changed));
	}
}

void space_map_merge(const struct space_map *map, uint64_t offset, const uint8_t *pending, uint8_t *bytes,
		     size_t length)
{
	each_bitmap_part(map, offset, length, merge_part, &(struct merge){ pending, bytes });
}

static void commit_part(const struct space_map *map, struct overlap part, void *context)
{
	memcpy(map->committed + part.index, (const uint8_t *)context + part.start, part.length);
}

void space_map_commit(struct space_map *map, uint64_t offset, const uint8_t *bytes, size_t length)
{
	each_bitmap_part(map, offset, length, commit_part, (void *)bytes);
}
