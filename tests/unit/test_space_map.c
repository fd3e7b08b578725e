/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_space_map.c - held against three plain arrays of booleans
 *
 * The library is played by code that does what libntfs-3g's allocator does: it reads bytes of
 * $Bitmap as it may see them, flips bits, and writes the bytes back.
 */
#include "tests/unit/unit.h"

#include "recover/transaction/space_map.h"

#define CLUSTER_BYTES 512u
#define CLUSTERS      40000u /* 5000 bytes of bitmap, which lie in two pieces */
#define FIRST_LCN     3000u
#define FIRST_LENGTH  4u
#define SECOND_LCN    1000u
#define SECOND_LENGTH 7u     /* a byte and more behind the last cluster's */
#define LOG_LCN       2000u
#define LOG_LENGTH    9u

struct model {
	struct space_map map;
	uint8_t         *volume; /* pending bytes of the whole volume */
	bool             committed[CLUSTERS], pending[CLUSTERS], reserved[CLUSTERS];
	uint64_t         seed;
};

static struct model *m;

static uint32_t below(uint32_t end)
{
	return dice(&m->seed) % end;
}

static void begin(void)
{
	m = calloc(1, sizeof *m);
	m->map = (struct space_map){ .geometry = { .cluster_bytes = CLUSTER_BYTES, .clusters = CLUSTERS },
				     .bytes = CLUSTERS / 8 };
	m->map.committed = calloc(1, m->map.bytes);
	m->map.reserved = calloc(1, m->map.bytes);
	m->volume = calloc(CLUSTERS, CLUSTER_BYTES);
	m->seed = 1;
	cr_assert(that(array_push(&m->map.bitmap, (struct run){ 0, FIRST_LCN, FIRST_LENGTH })));
	cr_assert(that(array_push(&m->map.bitmap, (struct run){ FIRST_LENGTH, SECOND_LCN, SECOND_LENGTH })));
	cr_assert(that(array_push(&m->map.log, (struct run){ 0, LOG_LCN, LOG_LENGTH })));
	for (uint32_t lcn = 0; lcn < CLUSTERS; lcn++) {
		m->pending[lcn] = m->committed[lcn] = below(2);
		if (m->committed[lcn]) {
			m->map.committed[lcn / 8] |= (uint8_t)(1u << lcn % 8);
			m->volume[space_map_place(&m->map, lcn / 8)] |= (uint8_t)(1u << lcn % 8);
		}
	}
}

static void end(void)
{
	space_map_release(&m->map);
	free(m->volume);
	free(m);
}

TestSuite(space_map, .init = begin, .fini = end);

static bool seen(uint32_t lcn)
{
	return m->committed[lcn] || m->pending[lcn] || m->reserved[lcn];
}

/* What a read of the volume gives to the library. */
static void read_shown(uint64_t offset, uint8_t *to, size_t length)
{
	memcpy(to, m->volume + offset, length);
	space_map_show(&m->map, offset, to, length);
}

static void expect_model(void)
{
	uint8_t *whole = malloc((size_t)CLUSTERS * CLUSTER_BYTES);

	read_shown(0, whole, (size_t)CLUSTERS * CLUSTER_BYTES);
	for (uint32_t lcn = 0; lcn < CLUSTERS; lcn++) {
		uint64_t at = space_map_place(&m->map, lcn / 8);

		cr_assert(that((whole[at] >> lcn % 8 & 1) == seen(lcn)), "shown: cluster %u", lcn);
		cr_assert(that((m->volume[at] >> lcn % 8 & 1) == m->pending[lcn]), "pending: cluster %u", lcn);
		cr_assert(that(space_map_is_free(&m->map, (uint64_t)lcn * CLUSTER_BYTES, 1) == !m->committed[lcn]),
			  "free: cluster %u", lcn);
	}
	free(whole);
}

/* One read, some flips, one write back, over any piece of the two places where $Bitmap lies and around them. */
static void change_some(void)
{
	uint64_t base = (below(2) ? FIRST_LCN : SECOND_LCN) * CLUSTER_BYTES - 64;
	uint64_t offset = base + below(SECOND_LENGTH * CLUSTER_BYTES + 64);
	size_t   length = 1 + below(600);
	uint8_t  bytes[600];

	read_shown(offset, bytes, length);
	for (uint32_t lcn = 0; lcn < CLUSTERS; lcn++) {
		uint64_t at = space_map_place(&m->map, lcn / 8);

		if (at < offset || at >= offset + length || below(8))
			continue;
		if (seen(lcn) && !m->pending[lcn])
			continue; /* not the library's: it would not free what it has not got */
		bytes[at - offset] ^= (uint8_t)(1u << lcn % 8);
		m->pending[lcn] = !seen(lcn);
	}
	space_map_merge(&m->map, offset, m->volume + offset, bytes, length);
	memcpy(m->volume + offset, bytes, length);
}

static void commit(void)
{
	space_map_commit(&m->map, 0, m->volume, (size_t)CLUSTERS * CLUSTER_BYTES);
	memcpy(m->committed, m->pending, sizeof m->committed);
}

static void reserve_some(bool reserved)
{
	uint32_t lcn = below(CLUSTERS - 50), count = 1 + below(50);

	space_map_reserve(&m->map, lcn, count, reserved);
	for (uint32_t i = lcn; i < lcn + count; i++)
		m->reserved[i] = reserved;
}

Test(space_map, three_states_against_a_plain_model)
{
	expect_model();
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 20; i++)
			change_some();
		reserve_some(below(3));
		if (!below(4))
			commit();
		expect_model();
	}
}

Test(space_map, what_was_freed_is_taken_until_the_commit)
{
	uint64_t at = space_map_place(&m->map, 0);
	uint8_t  byte;

	m->map.committed[0] = m->volume[at] = 0x0f;
	read_shown(at, &byte, 1);
	byte &= 0xf7; /* frees cluster 3 */
	space_map_merge(&m->map, at, m->volume + at, &byte, 1);
	m->volume[at] = byte;
	cr_expect(eq(int, byte, 0x07), "pending: free");
	read_shown(at, &byte, 1);
	cr_expect(eq(int, byte, 0x0f), "shown: taken");
	cr_expect(that(!(space_map_is_free(&m->map, 3 * CLUSTER_BYTES, CLUSTER_BYTES))));
	space_map_commit(&m->map, at, m->volume + at, 1);
	read_shown(at, &byte, 1);
	cr_expect(eq(int, byte, 0x07));
	cr_expect(that(space_map_is_free(&m->map, 3 * CLUSTER_BYTES, CLUSTER_BYTES)));
}

/* The library takes a cluster in a byte of which others are pending or reserved: only its own bit changes. */
Test(space_map, only_flipped_bits_are_the_librarys)
{
	uint64_t at = space_map_place(&m->map, 0);
	uint8_t  byte;

	m->map.committed[0] = 0x80;
	m->volume[at] = 0x41; /* 0 and 6 taken since, 7 freed */
	m->map.reserved[0] = 0x08;
	read_shown(at, &byte, 1);
	cr_assert(eq(int, byte, 0xc9));
	byte |= 0x02;
	space_map_merge(&m->map, at, m->volume + at, &byte, 1);
	cr_expect(eq(int, byte, 0x43));
}

Test(space_map, the_log_is_seen_as_empty)
{
	uint64_t start = LOG_LCN * CLUSTER_BYTES, length = LOG_LENGTH * CLUSTER_BYTES;
	uint8_t  bytes[LOG_LENGTH * CLUSTER_BYTES + 2];

	memset(m->volume + start - 1, 'x', (size_t)length + 2);
	read_shown(start - 1, bytes, sizeof bytes);
	cr_expect(eq(int, bytes[0], 'x'));
	for (size_t i = 1; i <= length; i++)
		cr_assert(eq(int, bytes[i], 0xff), "byte %zu", i);
	cr_expect(eq(int, bytes[length + 1], 'x'));
	cr_expect(that(space_map_is_log(&m->map, start, 1)));
	cr_expect(that(space_map_is_log(&m->map, start + length - 1, 1)));
	cr_expect(that(!space_map_is_log(&m->map, start - 1, 1)));
	cr_expect(that(!space_map_is_log(&m->map, start + length, 1)));
	cr_expect(that(space_map_is_log(&m->map, start - 10, 11)));
	cr_expect(eq(u64, space_map_log_start(&m->map), start));
}

Test(space_map, what_is_no_cluster_is_never_free)
{
	memset(m->map.committed, 0, m->map.bytes);
	cr_expect(that(space_map_is_free(&m->map, (uint64_t)(CLUSTERS - 1) * CLUSTER_BYTES, CLUSTER_BYTES)));
	cr_expect(that(!space_map_is_free(&m->map, (uint64_t)(CLUSTERS - 1) * CLUSTER_BYTES, CLUSTER_BYTES + 1)));
	cr_expect(that(!space_map_is_free(&m->map, (uint64_t)CLUSTERS * CLUSTER_BYTES, 1)));
	m->map.committed[1] = 1;
	cr_expect(that(space_map_is_free(&m->map, 0, 8 * CLUSTER_BYTES)));
	cr_expect(that(!space_map_is_free(&m->map, 0, 8 * CLUSTER_BYTES + 1)));
}

/* Bits behind the last cluster, and bytes around $Bitmap, are the library's own. */
Test(space_map, bytes_that_speak_of_no_cluster_stay_as_written)
{
	uint64_t at = SECOND_LCN * CLUSTER_BYTES + (CLUSTERS / 8 - FIRST_LENGTH * CLUSTER_BYTES);
	uint8_t  bytes[2] = { 0xff, 0xff };

	space_map_merge(&m->map, at, m->volume + at, bytes, 2);
	cr_expect(eq(int, bytes[0], 0xff));
	cr_expect(eq(int, bytes[1], 0xff));
	m->volume[at] = 0x12;
	read_shown(at, bytes, 1);
	cr_expect(eq(int, bytes[0], 0x12));
}
