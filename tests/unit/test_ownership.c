/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ownership.c - expected values: the rules in ownership.h, one by one, and all of them cluster by cluster */
#include "tests/unit/unit.h"

#include "scan/old_table.h"
#include "scan/ownership.h"

#define CLUSTERS 4096u
#define RECORDS  200u
#define DAY      ROW_TIME_DAY
#define BITMAP   10u         /* its first cluster */

struct judged {
	struct test_volume test;
	struct inventory   inventory;
	struct runs        bitmap;
	struct ownership   ownership;
};

static void begin(struct judged *it)
{
	*it = (struct judged){ 0 };
	test_volume_open(&it->test, 512, CLUSTERS, 1024, 0, "", 0);
	inventory_make(&it->inventory, &it->test.volume, RECORDS);
}

/* Put a bitmap on the volume with the clusters [@start, @end) in use. */
static void bitmap(struct judged *it, uint32_t start, uint32_t end)
{
	uint8_t bits[CLUSTERS / 8] = { 0 };
	char   *path = temp_path(it->test.folder, "volume.img");
	FILE   *file = fopen(path, "r+be");

	for (uint32_t i = start; i < end; i++)
		bits[i / 8] |= (uint8_t)(1u << i % 8);
	cr_assert(that(file && fseeko(file, BITMAP * 512, SEEK_SET) == 0 &&
		       fwrite(bits, 1, sizeof bits, file) == sizeof bits && fclose(file) == 0));
	free(path);
	cr_assert(that(array_push(&it->bitmap, (struct run){ 0, BITMAP, 1 })));
}

static void judge(struct judged *it)
{
	struct error err;

	cr_assert(eq(int, ownership_judge(&it->ownership, &it->inventory, &it->bitmap, &it->test.findings, &err), 0));
}

static void end(struct judged *it)
{
	ownership_release(&it->ownership);
	array_release(&it->bitmap);
	inventory_release(&it->inventory);
	test_volume_close(&it->test);
}

/* "SSDDO": sound, doubtful or overwritten, cluster by cluster, by one question each. */
static const char *states(struct judged *it, uint32_t owner, bool live, uint64_t lcn, size_t count)
{
	static char text[128];

	for (size_t i = 0; i < count; i++) {
		uint64_t length = 1;

		text[i] = "SDO"[ownership_of(&it->ownership, owner, live, lcn + i, &length)];
		cr_assert(eq(u64, length, 1));
	}
	text[count] = 0;
	return text;
}

static void expect_states(struct judged *it, uint32_t owner, bool live, uint64_t lcn, const char *wanted)
{
	cr_expect(eq(str, (char *)states(it, owner, live, lcn, strlen(wanted)), (char *)wanted), "record %u", owner);
}

Test(ownership, live_owner_beats_every_dead_one)
{
	struct judged it;

	begin(&it);
	inventory_row(&it.inventory, 30, 1, ROW_IN_USE);
	inventory_row(&it.inventory, 31, 2, 0);
	inventory_row(&it.inventory, 32, 2, 0)->written = 100 * DAY; /* however young */
	inventory_claim(&it.inventory, 31, 105, 10);
	inventory_claim(&it.inventory, 32, 108, 2);
	inventory_claim(&it.inventory, 30, 100, 10);
	judge(&it);
	expect_states(&it, 30, true, 100, "SSSSSSSSSS");
	expect_states(&it, 31, false, 105, "OOOOOSSSSS");
	expect_states(&it, 32, false, 108, "OO");
	cr_expect(eq(sz, it.test.findings.count, 0));
	end(&it);
}

Test(ownership, two_live_owners_are_both_in_doubt)
{
	struct judged it;

	begin(&it);
	for (uint32_t i = 30; i < 32; i++)
		inventory_row(&it.inventory, i, 1, ROW_IN_USE);
	inventory_row(&it.inventory, 32, 2, 0);
	inventory_claim(&it.inventory, 30, 200, 10);
	inventory_claim(&it.inventory, 31, 205, 10);
	inventory_claim(&it.inventory, 32, 204, 3);
	judge(&it);
	expect_states(&it, 30, true, 200, "SSSSSDDDDD");
	expect_states(&it, 31, true, 205, "DDDDDSSSSS");
	expect_states(&it, 32, false, 204, "OOO");
	cr_expect(gt(u64, it.test.findings.counts[FINDING_CLUSTER_CROSS_LINKED], 0));
	cr_assert(gt(sz, it.test.findings.count, 0));
	cr_expect(eq(u64, it.test.findings.items[0].offset, 205 * 512));
	end(&it);
}

Test(ownership, one_live_owner_that_names_a_cluster_twice_is_no_cross_link)
{
	struct judged it;

	begin(&it);
	inventory_row(&it.inventory, 30, 1, ROW_IN_USE);
	inventory_claim(&it.inventory, 30, 200, 10);
	inventory_claim(&it.inventory, 30, 205, 10);
	judge(&it);
	expect_states(&it, 30, true, 200, "SSSSSSSSSSSSSSS");
	cr_expect(eq(sz, it.test.findings.count, 0));
	end(&it);
}

Test(ownership, two_dead_owners_without_times_are_both_in_doubt)
{
	struct judged it;

	begin(&it);
	inventory_row(&it.inventory, 30, 2, 0);
	inventory_row(&it.inventory, 31, 2, 0);
	inventory_claim(&it.inventory, 30, 300, 4);
	inventory_claim(&it.inventory, 31, 302, 4);
	judge(&it);
	expect_states(&it, 30, false, 300, "SSDD");
	expect_states(&it, 31, false, 302, "DDSS");
	end(&it);
}

struct dispute {
	const char *name;
	uint32_t    written, others_life; /* row_time */
	bool        wins;
};

Test(ownership, the_last_owner_is_told_only_with_a_days_distance)
{
	static const struct dispute cases[] = {
		{ "two days later", 100 * DAY, 98 * DAY, true },
		{ "a day and a second later", 100 * DAY, 99 * DAY - 1, true },
		{ "a day later", 100 * DAY, 99 * DAY, false },
		{ "at the same time", 100 * DAY, 100 * DAY, false },
		{ "earlier", 100 * DAY, 200 * DAY, false },
		{ "the other's life is not known", 100 * DAY, 0, false },
		{ "its own time is not known", 0, 98 * DAY, false },
		{ "the other lived to the end of time", 100 * DAY, UINT32_MAX, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judged   it;
		struct mft_row *row;

		begin(&it);
		row = inventory_row(&it.inventory, 30, 2, 0);
		row->written = cases[i].written;
		row->alive_until = 300 * DAY;
		row = inventory_row(&it.inventory, 31, 2, 0);
		row->written = 1;
		row->alive_until = cases[i].others_life;
		inventory_claim(&it.inventory, 30, 300, 2);
		inventory_claim(&it.inventory, 31, 300, 2);
		judge(&it);
		cr_expect(eq(str, (char *)states(&it, 30, false, 300, 2), cases[i].wins ? "SS" : "DD"), "%s",
			  cases[i].name);
		cr_expect(eq(str, (char *)states(&it, 31, false, 300, 2), "DD"), "%s", cases[i].name);
		end(&it);
	}
}

Test(ownership, one_dead_owner_doubts_what_the_bitmap_gives_away)
{
	struct judged it;
	uint64_t      length = 20;

	begin(&it);
	inventory_row(&it.inventory, 30, 2, 0);
	inventory_row(&it.inventory, 31, 1, ROW_IN_USE);
	inventory_claim(&it.inventory, 30, 300, 8);
	inventory_claim(&it.inventory, 31, 400, 3);
	bitmap(&it, 303, 306);
	judge(&it);
	cr_expect(that(it.ownership.bitmap_read));
	expect_states(&it, 30, false, 300, "SSSDDDSS");
	expect_states(&it, 31, true, 400, "SSS"); /* free by the bitmap, but its file is live */
	cr_expect(eq(int, ownership_of(&it.ownership, 30, false, 300, &length), CLUSTERS_SOUND));
	cr_expect(eq(u64, length, 3));
	length = 20;
	cr_expect(eq(int, ownership_of(&it.ownership, 30, false, 304, &length), CLUSTERS_DOUBTFUL));
	cr_expect(eq(u64, length, 2));
	end(&it);
}

Test(ownership, bitmap_is_read_across_its_windows)
{
	struct judged it;

	begin(&it);
	inventory_row(&it.inventory, 30, 2, 0);
	inventory_claim(&it.inventory, 30, 4090, 6);
	bitmap(&it, 4094, 4096);
	it.bitmap.items[0].length = 1; /* 512 bytes of it: all of the volume's */
	judge(&it);
	expect_states(&it, 30, false, 4090, "SSSSDD");
	end(&it);
}

Test(ownership, discarded_extension_of_a_live_file_is_the_files_own)
{
	struct judged it;
	bool          live;

	begin(&it);
	inventory_row(&it.inventory, 40, 2, ROW_IN_USE);
	inventory_row(&it.inventory, 41, 3, ROW_EXTENSION)->base = file_ref_make(40, 2);
	inventory_row(&it.inventory, 42, 3, ROW_EXTENSION)->base = file_ref_make(40, 1); /* of an earlier life */
	inventory_claim(&it.inventory, 40, 500, 4);
	inventory_claim(&it.inventory, 41, 500, 4);
	inventory_claim(&it.inventory, 40, 510, 4);
	inventory_claim(&it.inventory, 42, 510, 4);
	judge(&it);
	expect_states(&it, 40, true, 500, "SSSS");
	expect_states(&it, 40, true, 510, "SSSS");
	expect_states(&it, 42, false, 510, "OOOO");
	cr_expect(eq(sz, it.ownership.stretches.count, 1), "of the first four nothing is to be said");
	cr_expect(eq(u32, ownership_owner(&it.inventory, 41, &live), 40));
	cr_expect(that(!live));
	cr_expect(eq(u32, ownership_owner(&it.inventory, 42, &live), 42));
	cr_expect(eq(u32, ownership_owner(&it.inventory, 40, &live), 40));
	cr_expect(that(live));
	end(&it);
}

Test(ownership, base_and_extension_of_a_dead_file_are_one_owner)
{
	struct judged it;

	begin(&it);
	inventory_row(&it.inventory, 40, 3, 0); /* freed: its life was 2 */
	inventory_row(&it.inventory, 41, 3, ROW_EXTENSION)->base = file_ref_make(40, 2);
	inventory_claim(&it.inventory, 40, 500, 4);
	inventory_claim(&it.inventory, 41, 502, 4);
	judge(&it);
	expect_states(&it, 40, false, 500, "SSSSSS");
	end(&it);
}

Test(ownership, base_outside_the_table_is_not_looked_up)
{
	struct judged it;
	bool          live;

	begin(&it);
	inventory_row(&it.inventory, 41, 3, ROW_EXTENSION)->base = file_ref_make(0xffffffffffff, 2);
	cr_expect(eq(u32, ownership_owner(&it.inventory, 41, &live), 41));
	end(&it);
}

Test(ownership, in_a_crowd_nobody_is_told_apart)
{
	for (uint32_t count = 63; count <= 66; count++) {
		struct judged it;

		begin(&it);
		for (uint32_t i = 0; i < count; i++) {
			struct mft_row *row = inventory_row(&it.inventory, 100 + i, 2, 0);

			row->alive_until = 10 * DAY;
			row->written = 9 * DAY;
			inventory_claim(&it.inventory, 100 + i, 600, 1);
		}
		it.inventory.rows[100].written = it.inventory.rows[100].alive_until = 50 * DAY;
		judge(&it);
		cr_expect(eq(str, (char *)states(&it, 100, false, 600, 1), count > 64 ? "D" : "S"), "%u owners", count);
		cr_expect(eq(str, (char *)states(&it, 101, false, 600, 1), "D"), "%u owners", count);
		end(&it);
	}
}

Test(ownership, in_a_crowd_a_live_owner_still_beats_the_dead)
{
	struct judged it;

	begin(&it);
	for (uint32_t i = 100; i < 180; i++) {
		inventory_row(&it.inventory, i, 2, 0);
		inventory_claim(&it.inventory, i, 600, 2);
	}
	inventory_row(&it.inventory, 30, 1, ROW_IN_USE);
	inventory_claim(&it.inventory, 30, 601, 1);
	judge(&it);
	expect_states(&it, 30, true, 601, "S");
	expect_states(&it, 130, false, 600, "DO");
	end(&it);
}

struct shadow {
	const char *name;
	uint16_t    flags;       /* of the compressed file */
	uint32_t    owner;       /* of the shadow: 30 is the dead file itself */
	uint32_t    alive_until; /* of the compressed file; the dead one's data are of day 100 */
	char        state;
};

Test(ownership, shadow_of_a_compressed_file_doubts_and_owns_nothing)
{
	static const struct shadow cases[] = {
		{ "live file's, younger", ROW_IN_USE, 31, 200 * DAY, 'D' },
		{ "dead file's, younger", 0, 31, 200 * DAY, 'D' },
		{ "dead file's, of unknown time", 0, 31, 0, 'D' },
		{ "dead file's, gone long before", 0, 31, 98 * DAY, 'S' },
		{ "its own", 0, 30, 200 * DAY, 'S' },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judged it;
		char          wanted[] = "SS??SS";

		begin(&it);
		inventory_row(&it.inventory, 30, 2, 0)->alive_until = 100 * DAY;
		it.inventory.rows[30].written = 100 * DAY;
		inventory_row(&it.inventory, 31, 1, cases[i].flags)->alive_until = cases[i].alive_until;
		inventory_row(&it.inventory, 32, 1, ROW_IN_USE);
		inventory_claim(&it.inventory, 30, 700, 6);
		inventory_claim(&it.inventory, cases[i].owner, 702, 2 | CLAIM_SHADOW);
		inventory_claim(&it.inventory, 32, 720, 2); /* a live owner does not mind */
		inventory_claim(&it.inventory, cases[i].owner, 720, 2 | CLAIM_SHADOW);
		inventory_claim(&it.inventory, cases[i].owner, 730, 2 | CLAIM_SHADOW);
		judge(&it);
		wanted[2] = wanted[3] = cases[i].state;
		cr_expect(eq(str, (char *)states(&it, 30, false, 700, 6), wanted), "%s", cases[i].name);
		expect_states(&it, 32, true, 720, "SS");
		cr_expect(eq(sz, it.test.findings.count, 0), "%s", cases[i].name);
		end(&it);
	}
}

struct hidden {
	const char *name;
	uint16_t    dead_sequence; /* as the freed record has it: one above its last life */
	uint16_t    new_sequence;
	uint32_t    new_written;
	bool        hidden;
};

Test(ownership, lives_that_nobody_shows_are_told_by_sequence_numbers)
{
	static const struct hidden cases[] = {
		{ "record taken once", 2, 2, 200 * DAY, false },
		{ "record taken twice", 2, 3, 200 * DAY, true },
		{ "older record, as often used", 2, 3, 50 * DAY, false },
		{ "all records had several lives", 7, 7, 200 * DAY, false },
		{ "and one more of them unseen", 7, 8, 200 * DAY, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judged it;

		begin(&it);
		for (uint32_t n = 50; n < 60; n++) {
			struct mft_row *row = inventory_row(&it.inventory, n, cases[i].dead_sequence, 0);

			row->written = row->alive_until = 100 * DAY;
		}
		inventory_row(&it.inventory, 60, cases[i].new_sequence, ROW_IN_USE);
		it.inventory.rows[60].written = it.inventory.rows[60].alive_until = cases[i].new_written;
		judge(&it);
		cr_expect(eq(int, it.ownership.hidden, cases[i].hidden), "%s", cases[i].name);
		end(&it);
	}
}

Test(ownership, nothing_claimed_nothing_said)
{
	struct judged it;
	uint64_t      length = 1000;

	begin(&it);
	judge(&it);
	cr_expect(that(!it.ownership.bitmap_read));
	cr_expect(eq(int, ownership_of(&it.ownership, 30, false, 0, &length), CLUSTERS_SOUND));
	cr_expect(eq(u64, length, 1000));
	end(&it);
}

/* -------- the rules again, for one cluster, without a sweep -------- */

static char oracle(const struct judged *it, uint32_t owner, uint64_t lcn, uint32_t used_from, uint32_t used_to)
{
	const struct mft_row *rows = it->inventory.rows;
	bool                  claims[RECORDS] = { 0 };
	unsigned              live = 0, dead = 0;

	for (size_t i = 0; i < it->inventory.claims.count; i++) {
		const struct claim *claim = &it->inventory.claims.items[i];

		if (lcn >= claim->lcn && lcn - claim->lcn < claim->length)
			claims[claim->record] = true;
	}
	for (uint32_t i = 0; i < RECORDS; i++)
		if (claims[i])
			*(rows[i].flags & ROW_IN_USE ? &live : &dead) += 1;
	if (rows[owner].flags & ROW_IN_USE)
		return live > 1 ? 'D' : 'S';
	if (live)
		return 'O';
	if (dead == 1)
		return lcn >= used_from && lcn < used_to ? 'D' : 'S';
	for (uint32_t i = 0; i < RECORDS; i++)
		if (claims[i] && i != owner &&
		    !(rows[i].alive_until && rows[i].alive_until + (uint64_t)DAY < rows[owner].written))
			return 'D';
	return 'S';
}

TheoryDataPoints(ownership, sweep_says_what_the_rules_say) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
	DataPoints(uint32_t, 3, 12, 40), /* claims */
};

Theory((uint64_t seed, uint32_t claims), ownership, sweep_says_what_the_rules_say)
{
	struct judged it;
	uint32_t      used_from = 60 + dice(&seed) % 40;
	uint32_t      used_to = used_from + dice(&seed) % 40;

	begin(&it);
	for (uint32_t i = 30; i < 50; i++) {
		struct mft_row *row = inventory_row(&it.inventory, i, 2, dice(&seed) % 5 ? 0 : ROW_IN_USE);

		row->written = dice(&seed) % 6 * DAY;
		row->alive_until = row->written + dice(&seed) % 3 * DAY; /* what was written was a sign of life */
		row->written -= row->written ? dice(&seed) % 2 : 0;
	}
	for (uint32_t i = 0; i < claims; i++) {
		uint32_t record = 30 + dice(&seed) % 20;
		uint64_t lcn = 50 + dice(&seed) % 60;

		inventory_claim(&it.inventory, record, lcn, 1 + dice(&seed) % 20);
	}
	bitmap(&it, used_from, used_to);
	judge(&it);
	for (size_t i = 0; i < it.inventory.claims.count; i++) {
		struct claim claim = it.inventory.claims.items[i];
		bool         live = it.inventory.rows[claim.record].flags & ROW_IN_USE;

		for (uint64_t lcn = claim.lcn; lcn < claim.lcn + claim.length; lcn++) {
			uint64_t length = 1;
			char     got = "SDO"[ownership_of(&it.ownership, claim.record, live, lcn, &length)];

			cr_assert(eq(chr, got, oracle(&it, claim.record, lcn, used_from, used_to)),
				  "record %u, cluster %u", claim.record, (unsigned)lcn);
		}
	}
	end(&it);
}

/* -------- past lives -------- */

/* Bytes [7 * 512 + 1, 9 * 512): clusters 7 and 8, though only a part of 7. */
Test(ownership, whoever_came_after_a_past_life_beats_all)
{
	struct judged    it;
	struct range     foreign = { 7 * 512 + 1, 2 * 512 - 1 };
	struct old_table table = { .past = true };

	begin(&it);
	cr_assert(that(array_push(&table.foreign, foreign)));
	it.test.volume.table = &table;
	inventory_row(&it.inventory, 30, 1, ROW_IN_USE);
	inventory_row(&it.inventory, 31, 2, 0);
	inventory_claim(&it.inventory, 30, 5, 5);
	inventory_claim(&it.inventory, 31, 8, 4);
	judge(&it);
	expect_states(&it, 30, true, 5, "SSOOS");
	expect_states(&it, 31, false, 8, "OOSS");
	cr_expect(that(!it.ownership.disturbed));
	end(&it);
	array_release(&table.foreign);
}

/* The same of a volume that is no past life counts for nothing. */
Test(ownership, only_a_past_life_can_be_disturbed)
{
	struct judged    it;
	struct old_table table = { .disturbed = true };

	begin(&it);
	it.test.volume.table = &table;
	judge(&it);
	cr_expect(that(!it.ownership.disturbed));
	end(&it);
	table.past = true;
	begin(&it);
	it.test.volume.table = &table;
	judge(&it);
	cr_expect(that(it.ownership.disturbed));
	end(&it);
}
