/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_space.c - see log_space.h */
#include "recover/transaction/log_space.h"

#include "scan/redo_log.h"

#include <errno.h>
#include <string.h>

#define EXTENT_BLOCKS 1024u /* reserved at a time, where so many lie side by side */

int log_space_init(struct log_space *space, const struct space_map *map, struct error *err)
{
	*space = (struct log_space){ .header = space_map_log_start(map) };
	for (size_t i = 0; i < map->log.count; i++) {
		const struct run *run = &map->log.items[i];
		uint64_t          start = run->lcn * map->geometry.cluster_bytes;
		uint64_t          end = start + run->length * map->geometry.cluster_bytes;
		uint64_t          from = i ? start : start + REDO_SECTOR_BYTES;
		uint64_t          first = (from + REDO_BLOCK_BYTES - 1) / REDO_BLOCK_BYTES;
		uint64_t          count = end / REDO_BLOCK_BYTES > first ? end / REDO_BLOCK_BYTES - first : 0;

		if (count && !array_push(&space->extents, (struct log_extent){ first, count }))
			return error_memory(err);
		space->blocks += count;
	}
	space->own = space->extents.count;
	space->search = map->geometry.clusters * map->geometry.cluster_bytes / REDO_BLOCK_BYTES;
	return 0;
}

void log_space_release(struct log_space *space)
{
	array_release(&space->extents);
}

static uint64_t clusters_end(const struct space_map *map, uint64_t block)
{
	return ((block + 1) * REDO_BLOCK_BYTES + map->geometry.cluster_bytes - 1) / map->geometry.cluster_bytes;
}

/* The clusters that @count blocks from @first touch, all of them reserved or given back. */
static void reserve(struct space_map *map, uint64_t first, uint64_t count, bool reserved)
{
	uint64_t lcn = first * REDO_BLOCK_BYTES / map->geometry.cluster_bytes;

	space_map_reserve(map, lcn, clusters_end(map, first + count - 1) - lcn, reserved);
}

/* 1 if all clusters that @block touches are free for the library as well, 0, or -1 with errno. */
static int is_free(struct space_map *map, log_space_read *read, void *context, uint64_t block)
{
	uint64_t lcn = block * REDO_BLOCK_BYTES / map->geometry.cluster_bytes;
	uint64_t end = clusters_end(map, block);

	if (!space_map_is_free(map, block * REDO_BLOCK_BYTES, REDO_BLOCK_BYTES))
		return 0;
	for (; lcn < end; lcn++) {
		uint8_t bits;

		if (read(context, space_map_place(map, lcn / 8), &bits, 1) < 0)
			return -1;
		if (bits >> (lcn % 8) & 1)
			return 0;
	}
	return 1;
}

/* Find free blocks side by side, from the volume's end downwards, and reserve them. */
static int add_extent(struct log_space *space, struct space_map *map, log_space_read *read, void *context)
{
	uint64_t per_cluster = map->geometry.cluster_bytes > REDO_BLOCK_BYTES
				       ? map->geometry.cluster_bytes / REDO_BLOCK_BYTES
				       : 1;
	uint64_t first, count = 0;

	space->search -= space->search % per_cluster;
	for (first = space->search; first >= per_cluster && count < EXTENT_BLOCKS; first -= per_cluster) {
		int found = is_free(map, read, context, first - per_cluster);

		if (found < 0)
			return -1;
		if (!found && count)
			break;
		if (found)
			count += per_cluster;
	}
	space->search = first;
	if (!count) {
		errno = ENOSPC;
		return -1;
	}
	if (!array_push(&space->extents, (struct log_extent){ first, count })) {
		errno = ENOMEM;
		return -1;
	}
	reserve(map, first, count, true);
	return 0;
}

int log_space_next(struct log_space *space, struct space_map *map, log_space_read *read, void *context,
		   uint64_t *block)
{
	while (space->extent < space->extents.count &&
	       space->used == space->extents.items[space->extent].count) {
		space->extent++;
		space->used = 0;
	}
	if (space->extent == space->extents.count && add_extent(space, map, read, context) < 0)
		return -1;
	*block = space->extents.items[space->extent].first + space->used++;
	return 0;
}

void log_space_reset(struct log_space *space, struct space_map *map)
{
	for (size_t i = space->own; i < space->extents.count; i++)
		reserve(map, space->extents.items[i].first, space->extents.items[i].count, false);
	space->extents.count = space->own;
	space->extent = 0;
	space->used = 0;
	space->search = map->geometry.clusters * map->geometry.cluster_bytes / REDO_BLOCK_BYTES;
}
