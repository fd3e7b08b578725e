/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_log_space.c - blocks of the log are $LogFile's own, then free ones; never anybody's */
#include "tests/unit/unit.h"

#include "recover/transaction/log_space.h"

#include <errno.h>

#define BLOCK      4096u
#define LOG_BYTES  (64u << 10)
#define ROOM_BYTES (16u << 20)

struct geometry_case {
	uint32_t cluster_bytes;
	uint32_t log_lcn; /* where $LogFile begins; it has a second piece right at the volume's end */
};

static struct space_map map;
static struct log_space space;
static struct error     err;
static uint8_t         *bitmap; /* what the library sees: its own changes on top of what is committed */

static int read_bitmap(void *context, uint64_t offset, void *to, size_t length)
{
	uint64_t start = map.bitmap.items[0].lcn * map.geometry.cluster_bytes;

	(void)context;
	memcpy(to, bitmap + (offset - start), length);
	return 0;
}

static bool bit_of(const uint8_t *bits, uint64_t lcn)
{
	return bits[lcn / 8] >> lcn % 8 & 1;
}

/* Clusters at random: a third in use, some of the others taken by the library since. */
static void begin(const struct geometry_case *c)
{
	uint64_t clusters = ROOM_BYTES / c->cluster_bytes, seed = 5;

	map = (struct space_map){ .geometry = { .cluster_bytes = c->cluster_bytes, .clusters = clusters },
				  .bytes = (size_t)(clusters + 7) / 8 };
	map.committed = calloc(1, map.bytes);
	map.reserved = calloc(1, map.bytes);
	bitmap = calloc(1, map.bytes);
	for (uint64_t lcn = 0; lcn < clusters; lcn++) {
		if (dice(&seed) % 3 == 0)
			map.committed[lcn / 8] |= (uint8_t)(1u << lcn % 8);
		if (bit_of(map.committed, lcn) || dice(&seed) % 5 == 0)
			bitmap[lcn / 8] |= (uint8_t)(1u << lcn % 8);
	}
	cr_assert(that(array_push(&map.bitmap, (struct run){ 0, 1, (map.bytes + c->cluster_bytes - 1) / c->cluster_bytes })));
	cr_assert(that(array_push(&map.log, (struct run){ 0, c->log_lcn, LOG_BYTES / c->cluster_bytes })));
	cr_assert(that(array_push(&map.log, (struct run){ LOG_BYTES / c->cluster_bytes, clusters - LOG_BYTES / c->cluster_bytes,
						     LOG_BYTES / c->cluster_bytes })));
	for (size_t i = 0; i < map.log.count; i++)
		for (uint64_t lcn = map.log.items[i].lcn; lcn < map.log.items[i].lcn + map.log.items[i].length; lcn++) {
			map.committed[lcn / 8] |= (uint8_t)(1u << lcn % 8);
			bitmap[lcn / 8] |= (uint8_t)(1u << lcn % 8);
		}
	cr_assert(eq(int, log_space_init(&space, &map, &err), 0));
}

static void end(void)
{
	log_space_release(&space);
	space_map_release(&map);
	free(bitmap);
}

ParameterizedTestParameters(log_space, every_block_is_ours_once)
{
	static struct geometry_case cases[] = { { 512, 3 * 8 }, { 512, 3 * 8 + 5 }, { 4096, 30 }, { 16384, 7 }, { 65536, 9 } };

	return CASES(struct geometry_case, cases);
}

ParameterizedTest(struct geometry_case *c, log_space, every_block_is_ours_once)
{
	uint8_t *given = calloc(1, ROOM_BYTES / BLOCK), *reserved;
	uint64_t own = 0, foreign = 0, block, header;
	int      why;

	begin(c);
	header = (uint64_t)c->log_lcn * c->cluster_bytes;
	cr_expect(eq(u64, space.header, header));
	while (log_space_next(&space, &map, read_bitmap, NULL, &block) == 0) {
		bool is_log = true, is_free = true;

		cr_assert(lt(u64, block, ROOM_BYTES / BLOCK));
		cr_assert(eq(int, given[block], 0), "block %lu twice", (unsigned long)block);
		given[block] = 1;
		for (uint64_t at = block * BLOCK; at < (block + 1) * BLOCK; at += 512) {
			uint64_t lcn = at / c->cluster_bytes;

			is_log = is_log && space_map_is_log(&map, at, 512) && at != header;
			is_free = is_free && !bit_of(map.committed, lcn) && !bit_of(bitmap, lcn) &&
				  bit_of(map.reserved, lcn);
		}
		cr_assert(that(is_log || is_free), "block %lu is somebody's", (unsigned long)block);
		cr_assert(that(!is_log || !foreign), "$LogFile's own come first");
		own += is_log;
		foreign += is_free;
	}
	why = errno;
	cr_expect(eq(int, why, ENOSPC));
	cr_expect(eq(u64, own, space.blocks));
	cr_expect(ge(u64, own, 2 * LOG_BYTES / BLOCK - 2), "all but the header's block, and one cut by the clusters");
	/* at most a run too short for a block is left */
	for (uint64_t candidate = 0; candidate < ROOM_BYTES / BLOCK; candidate++) {
		bool free_now = true;

		for (uint64_t at = candidate * BLOCK; at < (candidate + 1) * BLOCK; at += 512)
			free_now = free_now && !bit_of(map.committed, at / c->cluster_bytes) &&
				   !bit_of(bitmap, at / c->cluster_bytes);
		cr_expect(that(!free_now || given[candidate]), "block %lu was not found", (unsigned long)candidate);
	}
	log_space_reset(&space, &map);
	reserved = calloc(1, map.bytes);
	cr_expect(eq(int, memcmp(map.reserved, reserved, map.bytes), 0), "all is given back");
	cr_assert(eq(int, log_space_next(&space, &map, read_bitmap, NULL, &block), 0));
	cr_expect(that(space_map_is_log(&map, block * BLOCK, BLOCK)), "and it begins again");
	free(reserved);
	free(given);
	end();
}
