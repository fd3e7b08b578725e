/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_run_list.c - expected values: "Data Runs" of the Linux-NTFS documentation; Windows
 * records of dfir_ntfs
 */
#include "tests/unit/unit.h"

#include "scan/attribute.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"
#include "scan/run_list.h"

#define RUNS_MAX 64u

struct good_runs {
	char       name[40];
	uint8_t    raw[24];
	uint8_t    size, count;
	struct run runs[4];
};

static struct good_runs documented[] = {
	{ "normal, unfragmented", { 0x21, 0x18, 0x34, 0x56, 0 }, 5, 1, { { 0, 0x5634, 0x18 } } },
	{ "normal, fragmented",
	  { 0x31, 0x38, 0x73, 0x25, 0x34, 0x32, 0x14, 0x01, 0xe5, 0x11, 0x02, 0x31, 0x42, 0xaa, 0x00, 0x03,
	    0x00 },
	  17, 3,
	  { { 0, 0x342573, 0x38 }, { 0x38, 0x363758, 0x114 }, { 0x14c, 0x393802, 0x42 } } },
	{ "normal, scrambled",
	  { 0x11, 0x30, 0x60, 0x21, 0x10, 0x00, 0x01, 0x11, 0x20, 0xe0, 0x00 }, 11, 3,
	  { { 0, 0x60, 0x30 }, { 0x30, 0x160, 0x10 }, { 0x40, 0x140, 0x20 } } },
	{ "sparse, unfragmented", { 0x11, 0x30, 0x20, 0x01, 0x60, 0x11, 0x10, 0x30, 0x00 }, 9, 3,
	  { { 0, 0x20, 0x30 }, { 0x30, LCN_HOLE, 0x60 }, { 0x90, 0x50, 0x10 } } },
	{ "fragmented.txt of mapping_pairs_1.mft",
	  { 0x21, 0x04, 0xc6, 0x04, 0x11, 0x09, 0x05, 0x22, 0x96, 0x00, 0x9e, 0x02, 0x21, 0x29, 0x6c, 0xfd, 0 },
	  17, 4,
	  { { 0, 0x4c6, 4 }, { 4, 0x4cb, 9 }, { 13, 0x769, 150 }, { 163, 0x4d5, 41 } } },
	{ "nothing", { 0 }, 1, 0, { { 0 } } },
	{ "cluster 0", { 0x11, 0x01, 0x00, 0 }, 4, 1, { { 0, 0, 1 } } },
	{ "garbage behind the end", { 0x11, 1, 5, 0, 0xff, 0xff }, 6, 1, { { 0, 5, 1 } } },
};

ParameterizedTestParameters(run_list, documented_examples)
{
	return CASES(struct good_runs, documented);
}

ParameterizedTest(struct good_runs *c, run_list, documented_examples)
{
	struct blob     raw = blob_copy(c->raw, c->size);
	struct run_list list = { .pairs = blob_bytes(raw, 0) };
	struct run      run;
	struct error    err;

	for (size_t i = 0; i < c->count; i++) {
		cr_assert(eq(int, run_list_next(&list, &run, &err), 1), "%s", c->name);
		cr_expect(eq(u64, run.vcn, c->runs[i].vcn), "%s, run %zu", c->name, i);
		cr_expect(eq(u64, run.lcn, c->runs[i].lcn), "%s, run %zu", c->name, i);
		cr_expect(eq(u64, run.length, c->runs[i].length), "%s, run %zu", c->name, i);
	}
	run = (struct run){ 1, 2, 3 };
	cr_expect(eq(int, run_list_next(&list, &run, &err), 0), "%s", c->name);
	cr_expect(run.vcn == 1 && run.lcn == 2 && run.length == 3, "%s", c->name);
	free(raw.at);
}

/* With its zero byte; @out has room for RUN_ENCODED_MAX bytes a run and one more. */
static size_t our_encoding(const struct run *runs, size_t count, uint8_t *out)
{
	uint64_t last_lcn = 0;
	size_t   used = 0;

	for (size_t i = 0; i < count; i++)
		used += run_encode(&runs[i], &last_lcn, out + used);
	out[used++] = 0;
	return used;
}

/* They are as short as they can be. */
ParameterizedTestParameters(run_list, documented_examples_are_what_runs_are_encoded_to)
{
	return CASES(struct good_runs, documented);
}

ParameterizedTest(struct good_runs *c, run_list, documented_examples_are_what_runs_are_encoded_to)
{
	uint8_t out[4 * RUN_ENCODED_MAX + 1];
	size_t  used = our_encoding(c->runs, c->count, out);

	cr_assert(le(sz, used, c->size), "%s", c->name);
	cr_expect(that(memcmp(out, c->raw, used) == 0), "%s", c->name);
}

struct bad_runs {
	char            name[40];
	uint8_t         raw[20];
	uint8_t         size;
	enum error_kind kind;
};

ParameterizedTestParameters(run_list, damage_is_named_and_located)
{
	static struct bad_runs cases[] = {
		{ "nothing at all", { 0 }, 0, ERROR_BOUNDS },
		{ "nine-byte length", { 0x09 }, 1, ERROR_VALUE },
		{ "nine-byte step", { 0x91, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 11, ERROR_VALUE },
		{ "no length", { 0x10, 5 }, 2, ERROR_VALUE },
		{ "length of zero", { 0x11, 0x00, 0x10, 0 }, 4, ERROR_VALUE },
		{ "negative length", { 0x11, 0x80, 0x10, 0 }, 4, ERROR_VALUE },
		{ "most negative length", { 0x18, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x10, 0 }, 11, ERROR_VALUE },
		{ "before the volume", { 0x11, 0x01, 0xff, 0 }, 4, ERROR_VALUE },
		{ "far before the volume", { 0x81, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x80, 0 }, 11, ERROR_VALUE },
		{ "end behind all numbers",
		  { 0x88, 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }, 17, ERROR_VALUE },
		{ "cut behind the header", { 0x21 }, 1, ERROR_BOUNDS },
		{ "cut inside the length", { 0x22, 0x04 }, 2, ERROR_BOUNDS },
		{ "cut inside the step", { 0x21, 0x04, 0x10 }, 3, ERROR_BOUNDS },
	};
	return CASES(struct bad_runs, cases);
}

ParameterizedTest(struct bad_runs *c, run_list, damage_is_named_and_located)
{
	struct blob     raw = blob_copy(c->raw, c->size);
	struct run_list list = { .pairs = blob_bytes(raw, 0x4200) };
	struct run      run = { 1, 2, 3 };
	struct error    err;

	cr_assert(eq(int, run_list_next(&list, &run, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(eq(u64, err.offset, 0x4200), "%s", c->name);
	cr_expect(run.vcn == 1 && run.lcn == 2 && run.length == 3, "%s wrote its result", c->name);
	free(raw.at);
}

Test(run_list, step_before_the_volume_counts_from_the_last_run)
{
	const uint8_t   raw[] = { 0x11, 0x01, 0x05, 0x01, 0x07, 0x11, 0x01, 0xfa }; /* 5, hole, 5 - 6 */
	struct run_list list = { .pairs = { raw, sizeof raw, 100 } };
	struct run      run;
	struct error    err;

	cr_assert(eq(int, run_list_next(&list, &run, &err), 1));
	cr_assert(eq(int, run_list_next(&list, &run, &err), 1));
	cr_assert(eq(int, run_list_next(&list, &run, &err), -1));
	cr_expect(eq(u64, err.offset, 105));
}

/* -------- laws -------- */

/* The fewest bytes that hold @value as a signed number. */
static size_t signed_bytes(int64_t value)
{
	size_t n = 1;

	while (n < 8 && (value < -(INT64_C(1) << (8 * n - 1)) || value >= INT64_C(1) << (8 * n - 1)))
		n++;
	return n;
}

/* Encode as ATTR_RECORD's comment in layout.h says: a second opinion, made for this test. */
static size_t encode_runs(const struct run *runs, size_t count, uint8_t *out)
{
	size_t  used = 0;
	int64_t last = 0;

	for (size_t i = 0; i < count; i++) {
		size_t  length_bytes = signed_bytes((int64_t)runs[i].length), step_bytes = 0;
		int64_t step = 0;

		if (runs[i].lcn != LCN_HOLE) {
			step = (int64_t)runs[i].lcn - last;
			step_bytes = signed_bytes(step);
			last = (int64_t)runs[i].lcn;
		}
		out[used++] = (uint8_t)(step_bytes << 4 | length_bytes);
		for (size_t j = 0; j < length_bytes; j++)
			out[used++] = (uint8_t)(runs[i].length >> 8 * j);
		for (size_t j = 0; j < step_bytes; j++)
			out[used++] = (uint8_t)((uint64_t)step >> 8 * j);
	}
	out[used++] = 0;
	return used;
}

static uint64_t dice_64(uint64_t *seed)
{
	uint64_t high = dice(seed);

	return high << 32 | dice(seed);
}

static size_t random_runs(uint64_t *seed, struct run *runs)
{
	size_t   count = dice(seed) % RUNS_MAX;
	uint64_t vcn = dice(seed) % 1000;

	for (size_t i = 0; i < count; i++) {
		uint64_t lcn = dice_64(seed) >> (2 + dice(seed) % 60);
		uint64_t length = 1 + (dice_64(seed) >> (12 + dice(seed) % 52));

		runs[i] = (struct run){ vcn, dice(seed) % 4 ? lcn : LCN_HOLE, length };
		vcn += length;
	}
	return count;
}

TheoryDataPoints(run_list, decode_after_encode_gives_the_list_back) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5),
};

Theory((uint64_t seed), run_list, decode_after_encode_gives_the_list_back)
{
	for (unsigned round = 0; round < 500; round++) {
		struct run      runs[RUNS_MAX + 1], run;
		uint8_t         out[RUNS_MAX * 17 + 1];
		size_t          count = random_runs(&seed, runs);
		size_t          size = encode_runs(runs, count, out);
		struct blob     raw = blob_copy(out, size);
		struct run_list list = { .pairs = blob_bytes(raw, 0), .next_vcn = count ? runs[0].vcn : 0 };
		struct error    err;

		cr_assert(eq(sz, our_encoding(runs, count, out), size));
		cr_assert(that(memcmp(out, raw.at, size) == 0));
		for (size_t i = 0; i < count; i++) {
			cr_assert(eq(int, run_list_next(&list, &run, &err), 1));
			cr_assert(eq(u64, run.vcn, runs[i].vcn));
			cr_assert(eq(u64, run.lcn, runs[i].lcn));
			cr_assert(eq(u64, run.length, runs[i].length));
		}
		cr_assert(eq(int, run_list_next(&list, &run, &err), 0));
		free(raw.at);
	}
}

TheoryDataPoints(run_list, no_prefix_of_a_list_is_read_past_or_gives_another_run) = {
	DataPoints(uint64_t, 11, 12, 13),
};

Theory((uint64_t seed), run_list, no_prefix_of_a_list_is_read_past_or_gives_another_run)
{
	struct run runs[RUNS_MAX + 1], run;
	uint8_t    out[RUNS_MAX * 17 + 1];
	size_t     count = random_runs(&seed, runs), size = encode_runs(runs, count, out);

	for (size_t cut = 0; cut < size; cut++) {
		struct blob     raw = blob_copy(out, cut);
		struct run_list list = { .pairs = blob_bytes(raw, 0), .next_vcn = count ? runs[0].vcn : 0 };
		struct error    err;
		size_t          given = 0;
		int             result;

		while ((result = run_list_next(&list, &run, &err)) == 1) {
			cr_assert(lt(sz, given, count));
			cr_assert(eq(u64, run.lcn, runs[given].lcn));
			given++;
		}
		cr_assert(eq(int, result, -1), "cut at %zu", cut);
		cr_assert(eq(int, err.kind, ERROR_BOUNDS), "cut at %zu", cut);
		free(raw.at);
	}
}

Test(run_list, random_bytes_end)
{
	uint64_t seed = 5;

	for (unsigned round = 0; round < 20000; round++) {
		struct blob     raw = blob_zero(dice(&seed) % 40);
		struct run_list list;
		struct run      run;
		struct error    err;
		uint64_t        vcn = 0;
		int             result;

		for (size_t i = 0; i < raw.size; i++)
			raw.at[i] = (uint8_t)(dice(&seed) % (dice(&seed) % 2 ? 0x40 : 0x100));
		list = (struct run_list){ .pairs = blob_bytes(raw, 0) };
		while ((result = run_list_next(&list, &run, &err)) == 1) {
			cr_assert(run.length > 0 && run.vcn == vcn);
			vcn = run.vcn + run.length;
		}
		cr_assert(le(int, result, 0));
		free(raw.at);
	}
}

/* -------- Windows -------- */

struct mft_file {
	char     path[48];
	uint32_t record_bytes;
};

ParameterizedTestParameters(run_list, windows_runs_cover_their_vcns)
{
	static struct mft_file cases[] = {
		{ "ntfs/dfir_ntfs/mapping_pairs_1.mft", 1024 }, { "ntfs/dfir_ntfs/mapping_pairs_2.mft", 1024 },
		{ "ntfs/dfir_ntfs/compressed_sparse.mft", 1024 }, { "ntfs/dfir_ntfs/4k-large.mft", 4096 },
	};
	return CASES(struct mft_file, cases);
}

ParameterizedTest(struct mft_file *c, run_list, windows_runs_cover_their_vcns)
{
	struct blob mft = sample_load(c->path);
	unsigned    lists = 0;

	for (size_t at = 0; at + c->record_bytes <= mft.size; at += c->record_bytes) {
		struct bytes      slot = { mft.at + at, c->record_bytes, at }, rest;
		struct mft_record record;
		struct attribute  attr;
		struct error      err;
		fixup_torn        torn;
		int               result;

		if (mft_record_kind(slot) != MFT_RECORD_FILE)
			continue;
		cr_assert(eq(int, fixup_undo(mft.at + at, c->record_bytes, at, &torn, &err), 0));
		cr_assert(eq(int, mft_record_decode(slot, &record, &err), 0));
		rest = record.attributes;
		while ((result = attribute_next(&rest, &attr, &err)) == 1) {
			struct run_list list = { .pairs = attr.pairs, .next_vcn = attr.lowest_vcn };
			struct run      run;

			if (attr.resident)
				continue;
			while ((result = run_list_next(&list, &run, &err)) == 1)
				;
			cr_expect(eq(int, result, 0));
			cr_expect(eq(u64, list.next_vcn, attr.highest_vcn + 1), "record %zu", at / c->record_bytes);
			lists++;
		}
		cr_expect(eq(int, result, 0));
	}
	cr_expect(gt(uint, lists, 10));
	free(mft.at);
}
