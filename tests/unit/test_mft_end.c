/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mft_end.c - tables by mkntfs and libntfs-3g whose first record is of a moment when they were shorter */
#include "tests/unit/place.h"

#include "scan/extension.h"
#include "scan/file.h"
#include "scan/grade.h"

#define FILES 40u

static const struct filling some = { 4, FILES, 5000 }, many = { 12, FILES, 3000 };

struct end_case {
	char     options[24];
	bool     older;   /* there was a life before */
	uint32_t records; /* that the first record tells of */
};

ParameterizedTestParameters(mft_end, forgotten_records_are_read)
{
	static struct end_case cases[] = {
		{ "-c 4096", false, 64 },  { "-c 4096", true, 64 },   { "-c 4096", true, 150 },
		{ "-c 512", true, 100 },   { "-c 65536", false, 64 }, { "-c 4096 -s 4096", true, 100 },
		{ "-c 512", false, 227 },  { "-c 4096", true, 227 },
	};
	return CASES(struct end_case, cases);
}

/* 64 records, and four folders with their files: to 228 at least.  Those of the life before are none of this one. */
ParameterizedTest(struct end_case *c, mft_end, forgotten_records_are_read)
{
	struct place it;
	struct left  left;
	bool         wanted;

	place_make(&it);
	place_add_life(&it, c->options, "older", c->older ? many : (struct filling){ 0 });
	place_add_life(&it, c->options, "new", (struct filling){ 0 });
	place_age(&it);
	place_fill(&it, "new", some);
	place_forget_records(&it, c->records);
	place_look(&it);
	left = place_left(&it, 0, "new");
	cr_expect(eq(sz, left.files, some.folders * FILES), "%s, %u", c->options, c->records);
	cr_expect(eq(sz, left.wrong, 0), "%s, %u", c->options, c->records);
	cr_assert(eq(u64, it.findings.counts[FINDING_MFT_END_FORGOTTEN], 1), "%s, %u", c->options, c->records);
	for (size_t i = 0; i < it.findings.count; i++)
		if (it.findings.items[i].kind == FINDING_MFT_END_FORGOTTEN) {
			cr_expect(ge(u64, it.findings.items[i].seen, 228), "%s, %u", c->options, c->records);
			cr_expect(eq(u64, it.findings.items[i].wanted, c->records), "%s, %u", c->options, c->records);
		}
	findings_release(&it.findings);
	findings_init(&it.findings);
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &it.err), 0));
	cr_expect(eq(u64, it.findings.counts[FINDING_OLDER_LIFE], c->older), "%s, %u", c->options, c->records);
	place_release(&it);
}

/* What is behind a young table is another life's, also where folders of both have one number. */
Test(mft_end, another_life_is_not_read)
{
	static const struct filling filling = { 4, FILES, 5000 };
	struct place                it;
	struct left                 left;

	place_make(&it);
	place_add_life(&it, "-c 4096", "older", many);
	place_add_life(&it, "-c 4096", "new", filling);
	place_look(&it);
	left = place_left(&it, 0, "new");
	cr_expect(eq(sz, left.files, 4 * FILES));
	cr_expect(eq(u64, it.findings.counts[FINDING_MFT_END_FORGOTTEN], 0));
	place_release(&it);
}

/* A clock that was wrong when the volume was formatted: the life before seems younger, but no folder names it. */
Test(mft_end, times_alone_prove_nothing)
{
	struct place it;
	struct left  left;

	place_make(&it);
	place_add_life(&it, "-c 4096", "older", many);
	place_format(&it, "-c 4096 -T");
	place_look(&it);
	left = place_left(&it, 0, "new");
	cr_expect(eq(sz, left.files, 0));
	cr_expect(eq(u64, it.findings.counts[FINDING_MFT_END_FORGOTTEN], 0));
	cr_expect(eq(sz, it.volumes.count, 2));
	place_release(&it);
}

/*
 * Folders that say that they are large are read for so long, and no longer: 8 MiB of each, 256 MiB of all.  The files that
 * are left to be found are named in a block, not in the root.
 */
Test(mft_end, folders_without_end_are_not_read)
{
	static const struct filling two = { 2, FILES, 5000 };
	const uint32_t              folder = 64, forgotten = folder + 2 * (1 + FILES) - (FILES - 1);

	for (uint32_t in_vain = 31; in_vain <= 32; in_vain++) {
		struct place it;
		struct mft   mft;

		place_make(&it);
		place_add_life(&it, "-c 4096", "new", two);
		place_forget_records(&it, forgotten);
		for (unsigned at = ATTRIBUTE_ALLOCATED_AT; at <= ATTRIBUTE_VALID_AT; at += 8)
			place_change_record(&it, folder, ATTRIBUTE_INDEX_ALLOCATION, at, 1u << 30);
		for (uint32_t i = 0; i < in_vain; i++)
			place_change_record(&it, forgotten + i, ATTRIBUTE_FILE_NAME, ATTRIBUTE_PARENT_AT,
					    file_ref_make(folder, 1));
		place_look(&it);
		cr_assert(eq(int, mft_open(&mft, &it.volumes.items[0], &it.findings, &it.err), 0));
		cr_expect(eq(u64, mft.records > forgotten, in_vain < 32), "%u", in_vain);
		mft_release(&mft);
		place_release(&it);
	}
}

/* Contents of files whose records are forgotten may be trusted as little. */
Test(mft_end, forgotten_files_are_suspect)
{
	struct place       it;
	struct inventory   inventory;
	struct extensions  extensions = { 0 };
	struct ownership   ownership;
	struct file_reader reader = { 0 };
	struct runs        none = { 0 };
	unsigned           grades[GRADES] = { 0 };

	place_make(&it);
	place_add_life(&it, "-c 4096", "new", some);
	place_forget_records(&it, 187);
	place_look(&it);
	cr_assert(eq(int, inventory_read(&inventory, &it.volumes.items[0], 2, &it.findings, &it.err), 0));
	cr_assert(eq(int, ownership_judge(&ownership, &inventory, &none, &it.findings, &it.err), 0));
	cr_assert(eq(int, extensions_collect(&extensions, &inventory, &it.err), 0));
	cr_assert(eq(int, file_reader_init(&reader, &inventory, &extensions, &it.err), 0));
	for (uint32_t i = 64; i < inventory.count; i++) {
		const struct file_stream *data;
		struct file               file = { 0 };
		struct verdict            verdict;

		cr_assert(eq(int, file_load(&reader, i, &file, &it.err), 0));
		data = file_find_stream(&file, ATTRIBUTE_DATA, "");
		if (data) {
			cr_assert(eq(int,
				     grade_stream(&ownership, &it.volumes.items[0], &file, data, &verdict, &it.err), 0));
			cr_expect(eq(int, verdict.grade, i < 187 ? GRADE_INTACT : GRADE_SUSPECT), "%u", i);
			cr_expect(eq(u32, verdict.reasons, i < 187 ? 0 : WHY_FORGOTTEN), "%u", i);
			grades[verdict.grade]++;
			verdict_release(&verdict);
		}
		file_release(&file);
	}
	cr_expect(eq(u32, grades[GRADE_SUSPECT], FILES)); /* record 187 is the last folder's */
	file_reader_release(&reader);
	array_release(&extensions);
	ownership_release(&ownership);
	inventory_release(&inventory);
	place_release(&it);
}
