/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lives.c - disks with lives behind each other: which of them are found, and what is called sound of them */
#include "tests/unit/place.h"

#include "core/cleanup.h"

#define FOLDERS 6u
#define FILES 40u /* of each */
#define FILE_BYTES 12288u

static struct error err;

static struct filling filling(unsigned folders)
{
	return (struct filling){ folders, FILES, FILE_BYTES };
}

/* -------- formatted anew -------- */

struct format_case {
	char     older[24], newer[24];
	unsigned new_folders;
};

ParameterizedTestParameters(lives, a_format_leaves_the_life_before)
{
	static struct format_case cases[] = {
		{ "-c 4096", "-c 4096", 0 },
		{ "-c 4096", "-c 4096", 2 },
		{ "-c 4096", "-c 512", 0 },
		{ "-c 512", "-c 4096", 1 },
		{ "-c 2048", "-c 16384", 2 },
		{ "-c 16384", "-c 1024", 1 },
		{ "-c 65536", "-c 4096", 0 },
		{ "-c 4096", "-c 65536", 0 },
		{ "-c 4096 -s 4096", "-c 4096 -s 4096", 1 },
		{ "-c 4096", "-c 4096 -s 4096", 0 },
	};
	return CASES(struct format_case, cases);
}

ParameterizedTest(struct format_case *c, lives, a_format_leaves_the_life_before)
{
	struct place it;
	struct left  left;

	place_make(&it);
	place_add_life(&it, c->older, "old", filling(FOLDERS));
	place_add_life(&it, c->newer, "new", filling(c->new_folders));
	place_look(&it);
	cr_assert(eq(sz, it.present, 1));
	cr_assert(eq(sz, it.volumes.count, 2), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(that(volume_is_past(&it.volumes.items[1])));
	cr_expect(eq(u32, it.volumes.items[1].number, 2));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(that(!it.volumes.items[0].table));
	left = place_left(&it, 1, "old");
	cr_expect(eq(sz, left.wrong, 0), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(that(!left.disturbed));
	/* most of what is not overwritten is called sound: clusters are rounded outwards */
	cr_expect(ge(sz, left.sound, left.right * 3 / 4), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(ge(sz, left.files, (FOLDERS - c->new_folders - 1) * FILES / 2), "%s, %s", c->older,
		  c->newer);
	place_release(&it);
}

/* -------- several lives -------- */

struct lives_case {
	char     oldest[24], older[24], newer[24];
	unsigned folders, newest; /* of the life between, and of the last */
	size_t   oldest_files, older_files; /* at least */
};

ParameterizedTestParameters(lives, older_lives_are_kept_apart)
{
	static struct lives_case cases[] = {
		{ "-c 512", "-c 4096", "-c 16384", 3, 0, 9 * FILES, 3 * FILES },
		{ "-c 4096", "-c 2048", "-c 4096", 3, 0, 9 * FILES, 3 * FILES },
		{ "-c 4096", "-c 4096", "-c 8192", 3, 0, 9 * FILES, 3 * FILES },
		{ "-c 4096", "-c 4096", "-c 4096", 3, 0, 9 * FILES, 3 * FILES },
		{ "-c 4096", "-c 4096", "-c 4096", 2, 1, 9 * FILES, FILES - 2 },
		{ "-c 4096", "-c 2048", "-c 8192", 1, 0, 9 * FILES, FILES },
		{ "-c 512", "-c 512", "-c 512", 1, 0, 9 * FILES, FILES },
		{ "-c 65536", "-c 65536", "-c 65536", 1, 0, 3 * FILES, FILES },
		{ "-c 4096 -s 4096", "-c 4096 -s 4096", "-c 4096 -s 4096", 2, 1, 9 * FILES, FILES - 2 },
	};
	return CASES(struct lives_case, cases);
}

ParameterizedTest(struct lives_case *c, lives, older_lives_are_kept_apart)
{
	struct place it;
	struct left  older, oldest;

	place_make(&it);
	place_add_life(&it, c->oldest, "oldest", filling(c->oldest_files > 4 * FILES ? 12 : 6));
	place_add_life(&it, c->older, "older", filling(c->folders));
	place_add_life(&it, c->newer, "new", filling(c->newest));
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 3), "%s, %s, %s", c->oldest, c->older, c->newer);
	older = place_left(&it, 1, "older"); /* the younger stands first */
	oldest = place_left(&it, 2, "oldest");
	cr_expect(gt(u32, it.volumes.items[1].table->newest, it.volumes.items[2].table->newest));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(eq(u32, it.volumes.items[2].table->successor, 1));
	cr_expect(ge(sz, older.files, c->older_files), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(le(sz, older.files, c->folders * FILES), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(eq(sz, older.wrong, 0), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(ge(sz, older.sound, older.right * 9 / 10));
	cr_expect(that(!older.disturbed));
	cr_expect(ge(sz, oldest.files, c->oldest_files), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(eq(sz, oldest.wrong, 0), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(ge(sz, oldest.sound, oldest.right * 9 / 10));
	cr_expect(that(oldest.disturbed)); /* the first records of the life after it are lost */
	place_release(&it);
}

/* Both lives' first folder has the same number, and the older life's files that are left are all in it. */
Test(lives, a_folder_with_the_same_number_joins_no_lives)
{
	struct place it;
	struct left  older, oldest;

	place_make(&it);
	place_add_life(&it, "-c 4096", "oldest", (struct filling){ 1, 9 * FILES, FILE_BYTES });
	place_add_life(&it, "-c 4096", "older", filling(1));
	place_add_life(&it, "-c 4096", "new", filling(0));
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 3));
	older = place_left(&it, 1, "older");
	oldest = place_left(&it, 2, "oldest");
	cr_expect(eq(sz, older.files, FILES));
	cr_expect(eq(sz, older.wrong, 0));
	cr_expect(ge(sz, oldest.files, 8 * FILES - 4)); /* of each life a few records were never used */
	cr_expect(eq(sz, oldest.wrong, 0));
	place_release(&it);
}

/* A full disk's table lies in several places; all of them are of the life whose folders their files are in. */
Test(lives, what_a_full_disks_table_was_is_one_life)
{
	struct place it;
	struct left  older, oldest;

	place_make(&it);
	place_format(&it, "-c 4096");
	place_fill(&it, "filler", (struct filling){ 1, 25, 1u << 20 });
	place_fill(&it, "oldest", (struct filling){ 14, FILES, 3500 });
	place_add_life(&it, "-c 4096", "older", filling(4));
	place_add_life(&it, "-c 4096", "new", filling(0));
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 3));
	older = place_left(&it, 1, "older");
	oldest = place_left(&it, 2, "oldest");
	cr_expect(eq(sz, older.files, 4 * FILES));
	cr_expect(eq(sz, older.wrong, 0));
	cr_expect(ge(sz, oldest.files, 10 * FILES));
	cr_expect(eq(sz, oldest.wrong, 0));
	place_release(&it);
}

/* -------- few records that tell -------- */

struct again_case {
	char     older[24], newer[24];
	unsigned folders, files, bytes; /* of the older life */
	unsigned new_folders;           /* with FILES of FILE_BYTES */
	size_t   found;                 /* files, at least */
	bool     doubted;               /* nothing says for sure where the older life began */
};

/* Folders with one block of names, or none; records that lie where nobody's table began. */
ParameterizedTestParameters(lives, few_folders_are_enough)
{
	static struct again_case cases[] = {
		{ "-c 4096", "-c 4096", 1, 40, 12288, 0, 40, false },
		{ "-c 4096", "-c 4096", 30, 3, 12288, 1, 50, false },
		{ "-c 4096", "-c 4096", 1, 40, 550, 0, 40, false }, /* all in their records */
		{ "-c 512", "-c 512", 1, 40, 6000, 0, 40, false },
		{ "-c 512", "-c 512", 2, 40, 6000, 1, 40, true }, /* of what they had, too little is left */
		{ "-c 65536", "-c 65536", 1, 40, 12288, 0, 40, false },
		{ "-c 4096 -s 4096", "-c 4096 -s 4096", 1, 40, 12288, 0, 40, false },
		{ "-c 4096 -s 4096", "-c 4096 -s 4096", 20, 3, 12288, 1, 25, false },
		{ "-c 65536 -s 4096", "-c 65536 -s 4096", 1, 40, 12288, 0, 40, false },
		{ "-c 4096", "-c 512", 1, 40, 12288, 0, 40, false },
		{ "-c 512", "-c 4096", 1, 40, 12288, 0, 40, false },
		{ "-c 65536", "-c 4096", 1, 140, 12288, 1, 140, false },
		{ "-c 4096 -s 4096", "-c 4096", 1, 140, 12288, 1, 140, false },
	};
	return CASES(struct again_case, cases);
}

ParameterizedTest(struct again_case *c, lives, few_folders_are_enough)
{
	struct place it;
	struct left  left;

	place_make(&it);
	place_add_life(&it, c->older, "old", (struct filling){ c->folders, c->files, c->bytes });
	place_add_life(&it, c->newer, "new", filling(c->new_folders));
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 2), "%s, %s, %u of %u", c->older, c->newer, c->folders, c->files);
	cr_expect(that(volume_is_past(&it.volumes.items[1])));
	cr_expect(eq(u64, it.volumes.items[1].offset_bytes, 0));
	left = place_left(&it, 1, "old");
	cr_expect(eq(sz, left.wrong, 0), "%s, %s, %u of %u", c->older, c->newer, c->folders, c->files);
	cr_expect(ge(sz, left.files, c->found), "%s, %s, %u of %u", c->older, c->newer, c->folders, c->files);
	cr_expect(ge(sz, left.sound, left.right * 3 / 4), "%s, %s, %u of %u", c->older, c->newer, c->folders, c->files);
	cr_expect(eq(int, left.disturbed, c->doubted), "%s, %s, %u of %u", c->older, c->newer, c->folders, c->files);
	place_release(&it);
}

/* A folder and its files, all in their records: eight that follow behind a table are the rest of one, seven are not. */
Test(lives, few_records_behind_a_table_are_no_life)
{
	for (unsigned records = 7; records <= 8; records++) {
		struct place it;

		place_make(&it);
		place_add_life(&it, "-c 4096", "old", (struct filling){ 1, records - 1, 300 });
		place_add_life(&it, "-c 4096", "new", filling(0));
		place_look(&it);
		cr_expect(eq(sz, it.volumes.count, records < 8 ? 1 : 2), "%u", records);
		if (it.volumes.count == 2)
			cr_expect(eq(sz, place_left(&it, 1, "old").files, records - 1));
		place_release(&it);
	}
}

/* Two tables began at one byte, their volumes did not: what lies where files should end tells. */
Test(lives, a_table_at_the_same_byte_is_not_the_same_start)
{
	struct place it, newer;
	struct blob  old;
	struct left  left;

	place_make(&it);
	cr_assert(that(truncate(it.path, 24 << 20) == 0));
	place_add_life(&it, "-c 4096", "old", (struct filling){ 2, 40, FILE_BYTES });
	place_make(&newer);
	place_age(&it); /* $MFT at 16 KiB of the one, at 128 KiB of the other */
	old = temp_read(it.path);
	place_put(&newer, 112 << 10, old.at, old.size);
	place_format(&newer, "-c 65536");
	place_look(&newer);
	cr_assert(eq(sz, newer.volumes.count, 2));
	cr_expect(eq(u64, newer.volumes.items[1].offset_bytes, 112 << 10));
	left = place_left(&newer, 1, "old");
	cr_expect(ge(sz, left.files, FILES));
	cr_expect(eq(sz, left.wrong, 0));
	cr_expect(ge(sz, left.sound, FILES));
	free(old.at);
	place_release(&newer);
	free(it.path);
	temp_remove(it.folder);
}

/* -------- what is there -------- */

Test(lives, a_volume_that_lives_is_no_past_life)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	place_add_life(&it, "-c 4096", "new", filling(FOLDERS));
	place_look(&it);
	cr_expect(eq(sz, it.present, 1));
	cr_expect(eq(sz, it.volumes.count, 1));
	cr_expect(that(!it.volumes.items[0].table));
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(eq(u64, it.findings.counts[FINDING_OLDER_LIFE], 0));
	place_release(&it);
}

Test(lives, records_behind_the_table_are_a_sign)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	place_add_life(&it, "-c 4096", "old", filling(FOLDERS));
	place_add_life(&it, "-c 512", "new", filling(1));
	place_look(&it);
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(that(wanted));
	cr_assert(eq(u64, it.findings.counts[FINDING_OLDER_LIFE], 1));
	for (size_t i = 0; i < it.findings.count; i++)
		if (it.findings.items[i].kind == FINDING_OLDER_LIFE)
			cr_expect(eq(u64, it.findings.items[i].seen, 64)); /* 64 KiB of them */
	place_release(&it);
}

/* A small partition with nothing much on it is no reason to read the whole disk. */
Test(lives, a_small_volume_beside_others_is_not_fresh)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	place_add_life(&it, "-c 4096", "new", filling(1));
	place_look(&it);
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(that(wanted));
	it.volumes.items[0].evidence->size_bytes *= 9;
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(not(wanted));
	it.volumes.items[0].evidence->size_bytes /= 9;
	place_release(&it);
}

/* What was in use when a life ended is in use no more, and what a younger one has is not read as its own. */
Test(lives, others_bytes_are_not_read)
{
	struct place        it;
	struct volume      *old;
	struct ranges       holes = { 0 };
	const struct range *foreign;
	uint8_t             bytes[512], zeros[512] = { 0 };

	place_make(&it);
	place_add_life(&it, "-c 4096", "old", filling(FOLDERS));
	place_add_life(&it, "-c 4096", "new", filling(1));
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	old = &it.volumes.items[1];
	foreign = &old->table->foreign.items[0]; /* boot sector, $MFT and what lies beside it */
	cr_expect(eq(u64, foreign->start, 0));
	cr_assert(eq(int, volume_read(old, 0, bytes, sizeof bytes, &holes, &err), 0));
	cr_expect(that(memcmp(bytes, zeros, sizeof bytes) == 0));
	cr_assert(eq(sz, holes.count, 1));
	cr_expect(eq(u64, holes.items[0].length, 512));
	holes.count = 0;
	cr_assert(eq(int, volume_read(&it.volumes.items[0], 0, bytes, sizeof bytes, &holes, &err), 0));
	cr_expect(that(memcmp(bytes + 3, "NTFS", 4) == 0));
	cr_expect(eq(sz, holes.count, 0));
	array_release(&holes);
	place_release(&it);
}

/* -------- nothing tells -------- */

/* 32 MiB in sectors of 512 bytes: the backup is the last. */
static void lose_boot_sectors(struct place *it)
{
	place_wipe(it, 0, 512);
	place_wipe(it, ((uint64_t)PLACE_MIB << 20) - 512, 512);
}

Test(lives, without_boot_sectors_the_volume_is_there)
{
	struct place it;
	struct left  left;

	place_make(&it);
	place_add_life(&it, "-c 2048", "old", filling(FOLDERS));
	lose_boot_sectors(&it);
	place_look(&it);
	cr_expect(eq(sz, it.present, 0));
	cr_assert(eq(sz, it.volumes.count, 1));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(eq(u32, it.volumes.items[0].geometry.cluster_bytes, 2048));
	cr_expect(eq(u64, it.findings.counts[FINDING_VOLUME_INFERRED], 1));
	cr_expect(eq(u64, it.findings.counts[FINDING_PAST_LIFE], 0));
	left = place_left(&it, 0, "old");
	cr_expect(eq(sz, left.files, FOLDERS * FILES));
	cr_expect(eq(sz, left.wrong, 0));
	cr_expect(eq(sz, left.sound, left.right));
	place_release(&it);
}

/* The younger of two lives without boot sectors has the place; the older is past. */
Test(lives, without_boot_sectors_the_younger_is_there)
{
	struct place it;

	place_make(&it);
	place_add_life(&it, "-c 4096", "old", filling(FOLDERS));
	place_add_life(&it, "-c 1024", "new", filling(3));
	lose_boot_sectors(&it);
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	cr_expect(eq(u32, it.volumes.items[0].geometry.cluster_bytes, 1024));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(that(volume_is_past(&it.volumes.items[1])));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(eq(sz, place_left(&it, 0, "new").files, 3 * FILES));
	cr_expect(eq(sz, place_left(&it, 1, "old").wrong, 0));
	place_release(&it);
}

/* The boot sector is there, what it points to is not, nor is the mirror: the volume gets its table. */
Test(lives, a_volume_without_its_first_records_is_given_its_table)
{
	struct place  it;
	struct volume volume;

	place_make(&it);
	place_add_life(&it, "-c 4096", "old", filling(FOLDERS));
	place_look(&it);
	cr_assert(eq(sz, it.present, 1));
	volume = it.volumes.items[0];
	place_wipe(&it, volume.geometry.mft_lcn * 4096, 16 * 1024);
	place_wipe(&it, volume.geometry.mirror_lcn * 4096, 4 * 1024);
	place_look_for_lives(&it);
	cr_assert(eq(sz, it.volumes.count, 1));
	cr_assert(that(it.volumes.items[0].table != NULL));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(eq(sz, place_left(&it, 0, "old").files, FOLDERS * FILES));
	place_release(&it);
}

/* Two volumes, none with a boot sector: where the first ends is seen by where the second begins. */
Test(lives, neighbours_are_both_there)
{
	struct place it, other;
	struct blob  left, right, both = blob_zero(2ull * PLACE_MIB << 20);

	place_make(&it);
	place_add_life(&it, "-c 4096", "left", filling(FOLDERS));
	lose_boot_sectors(&it);
	place_make(&other);
	place_add_life(&other, "-c 2048", "right", filling(FOLDERS));
	lose_boot_sectors(&other);
	left = temp_read(it.path);
	right = temp_read(other.path);
	memcpy(both.at, left.at, left.size);
	memcpy(both.at + left.size, right.at, right.size);
	temp_write(it.path, both.at, both.size);
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	cr_expect(eq(u64, it.volumes.items[0].offset_bytes, 0));
	cr_expect(le(u64, it.volumes.items[0].size_bytes, left.size));
	cr_expect(eq(u64, it.volumes.items[1].offset_bytes, left.size));
	for (size_t i = 0; i < 2; i++) {
		cr_expect(that(!volume_is_past(&it.volumes.items[i])));
		cr_expect(eq(sz, place_left(&it, i, i ? "right" : "left").files, FOLDERS * FILES));
		cr_expect(eq(sz, place_left(&it, i, i ? "right" : "left").wrong, 0));
	}
	free(left.at);
	free(right.at);
	free(both.at);
	place_release(&it);
	free(other.path);
	temp_remove(other.folder);
}
