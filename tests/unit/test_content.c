/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_content.c - what reading a deleted file's clusters shows; expected values: the rules in content.h */
#include "scan/content.h"
#include "scan/old_table.h"

#include "tests/unit/unit.h"

#include <string.h>
#include <zlib.h>

#define CLUSTER  4096u
#define CLUSTERS 256u
#define LCN      16u
#define UNIT     (16 * CLUSTER)

struct reading {
	struct test_volume     test;
	struct run             runs[4];
	struct range           hole;
	struct case_stream     stream;
	struct content         content;
	struct content_buffers buffers;
	struct blob            got; /* what is handed out as a hole is 0xaa */
	struct error           err;
};

/* @data lies on a volume as the content of a file. */
static void reading_begin(struct reading *it, struct blob data)
{
	*it = (struct reading){ 0 };
	test_volume_open(&it->test, CLUSTER, CLUSTERS, 1024, LCN * CLUSTER, data.at, data.size);
	it->runs[0] = (struct run){ 0, LCN, (data.size + CLUSTER - 1) / CLUSTER };
	it->stream = (struct case_stream){ .type = ATTRIBUTE_DATA, .name = "", .size_bytes = data.size, .valid_bytes = data.size,
					   .runs = { it->runs, 1, 4 }, .grade = GRADE_INTACT };
}

static enum grade grade_as(struct reading *it, const char *extension, bool dead)
{
	struct content_piece piece;
	int                  got;

	content_close(&it->content);
	free(it->got.at);
	it->got = blob_zero((size_t)it->stream.size_bytes);
	content_open(&it->content, &it->test.volume, &it->stream, dead, &it->buffers);
	content_expect(&it->content, extension);
	while ((got = content_next(&it->content, &piece, &it->err)) == 1) {
		if (piece.data)
			memcpy(it->got.at + piece.offset, piece.data, (size_t)piece.length);
		else
			memset(it->got.at + piece.offset, 0xaa, (size_t)piece.length);
	}
	cr_assert(eq(int, got, 0), "%s", it->err.text);
	return content_grade(&it->content);
}

static void reading_end(struct reading *it)
{
	content_close(&it->content);
	content_buffers_release(&it->buffers);
	free(it->got.at);
	test_volume_close(&it->test);
}

static void expect_missing(const struct reading *it, uint64_t start, uint64_t length)
{
	cr_assert(eq(sz, it->content.missing.count, length != 0));
	if (length) {
		cr_expect(eq(u64, it->content.missing.items[0].start, start));
		cr_expect(eq(u64, it->content.missing.items[0].length, length));
	}
}

static struct blob noise(size_t size)
{
	struct blob blob = blob_zero(size);
	uint64_t    seed = 9;

	for (size_t i = 0; i < size; i++)
		blob.at[i] = (uint8_t)(dice(&seed) | 1);
	return blob;
}

/* -------- zeros -------- */

struct zeros_case {
	char       extension[8];
	size_t     size, start, length; /* of the file; of the zeros in it */
	bool       live;
	enum grade grade;
	unsigned   reasons;
	size_t     missing; /* from the first byte on */
};

static struct zeros_case zeros_cases[] = {
	{ ".dat", 20 * CLUSTER, 0, 0, false, GRADE_INTACT, 0, 0 },
	{ ".dat", 20 * CLUSTER, 5 * CLUSTER, CLUSTER, false, GRADE_SUSPECT, WHY_ZEROS, 0 },
	{ ".dat", 20 * CLUSTER, 5 * CLUSTER, CLUSTER, true, GRADE_INTACT, 0, 0 },
	{ ".dat", 20 * CLUSTER, 5 * CLUSTER + 1, CLUSTER, false, GRADE_INTACT, 0, 0 },
	{ ".dat", 40 * CLUSTER, 5 * CLUSTER, 15 * CLUSTER, false, GRADE_SUSPECT, WHY_ZEROS, 0 },
	{ ".dat", 40 * CLUSTER, 5 * CLUSTER, 16 * CLUSTER, false, GRADE_SUSPECT, WHY_ZEROS | WHY_DISCARDED, 0 },
	{ ".dat", 5000, 0, 5000, false, GRADE_SUSPECT, WHY_ZEROS | WHY_DISCARDED, 0 },
	{ ".dat", 800, 0, 800, false, GRADE_SUSPECT, WHY_ZEROS | WHY_DISCARDED, 0 },
	{ ".dat", CLUSTER + 13, CLUSTER, 13, false, GRADE_INTACT, 0, 0 },      /* many formats end so */
	{ ".dat", CLUSTER + 600, CLUSTER, 600, false, GRADE_SUSPECT, WHY_ZEROS, 0 },
	{ ".pst", 20 * CLUSTER, 0, 20 * CLUSTER, false, GRADE_LOST, WHY_ZEROS | WHY_DISCARDED, 20 * CLUSTER },
	{ ".pst", 20 * CLUSTER, 0, 3 * CLUSTER, false, GRADE_PARTIAL, WHY_ZEROS | WHY_DISCARDED, 3 * CLUSTER },
	{ ".pst", 20 * CLUSTER, 0, 3 * CLUSTER, true, GRADE_INTACT, 0, 0 },
};

ParameterizedTestParameters(content, zeros)
{
	return CASES(struct zeros_case, zeros_cases);
}

ParameterizedTest(struct zeros_case *c, content, zeros)
{
	struct blob    data = noise(c->size);
	struct reading it;

	memset(data.at + c->start, 0, c->length);
	reading_begin(&it, data);
	cr_expect(eq(int, grade_as(&it, c->extension, !c->live), c->grade), "%s %zu %zu", c->extension, c->start, c->length);
	cr_expect(eq(u32, it.content.reasons, c->reasons), "%s %zu %zu", c->extension, c->start, c->length);
	expect_missing(&it, 0, c->missing);
	reading_end(&it);
	free(data.at);
}

static void put_be32(uint8_t *at, size_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A picture with one chunk that says nothing, of @size zeros. */
static struct blob png_of_zeros(size_t size)
{
	static const uint8_t head[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0 };
	struct blob          blob = blob_zero(33 + 12 + size + 12);

	memcpy(blob.at, head, sizeof head);
	put_be32(blob.at + 29, crc32(0, blob.at + 12, 17));
	put_be32(blob.at + 33, size);
	memcpy(blob.at + 37, "zeRo", 4);
	put_be32(blob.at + 41 + size, crc32(0, blob.at + 37, (uInt)size + 4));
	memcpy(blob.at + 45 + size, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
	return blob;
}

/* Zeros that the content's own checksums vouch for are its own; and nothing is raised by it. */
Test(content, checksums_outweigh_zeros)
{
	struct blob    data = png_of_zeros(100000);
	struct reading it;

	reading_begin(&it, data);
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_SUSPECT));
	cr_expect(eq(int, grade_as(&it, ".png", true), GRADE_INTACT));
	cr_expect(eq(u32, it.content.reasons, 0));
	it.stream.grade = GRADE_SUSPECT;
	cr_expect(eq(int, grade_as(&it, ".png", true), GRADE_SUSPECT));
	it.stream.grade = GRADE_INTACT;
	it.runs[0].lcn++; /* the first cluster is gone */
	cr_expect(eq(int, grade_as(&it, ".png", true), GRADE_PARTIAL));
	reading_end(&it);
	free(data.at);
}

/* -------- kind -------- */

Test(content, what_is_not_of_its_kind_is_suspect)
{
	struct blob    data = png_of_zeros(30);
	struct reading it;

	reading_begin(&it, data);
	cr_expect(eq(int, grade_as(&it, ".jpg", true), GRADE_SUSPECT));
	cr_expect(eq(u32, it.content.reasons, WHY_CONTENT));
	cr_expect(eq(int, grade_as(&it, ".jpg", false), GRADE_INTACT));
	it.stream.flags = ATTRIBUTE_ENCRYPTED; /* nobody can read it */
	cr_expect(eq(int, grade_as(&it, ".jpg", true), GRADE_INTACT));
	it.stream.flags = 0;
	it.stream.name = "Zone.Identifier"; /* not the content */
	cr_expect(eq(int, grade_as(&it, ".jpg", true), GRADE_INTACT));
	it.stream.name = "";
	it.stream.size_bytes -= 4; /* cut */
	cr_expect(eq(int, grade_as(&it, ".png", true), GRADE_SUSPECT));
	cr_expect(eq(u32, it.content.reasons, WHY_CONTENT));
	reading_end(&it);
	free(data.at);
}

/* -------- structures -------- */

struct structure_case {
	uint8_t  bytes[40];
	uint8_t  records; /* .bytes 0x14 to 0x20 are these, at 0x14 and 0x18 */
	uint32_t used, room;
	bool     found;
};

#define FILE_AT  0x30
static struct structure_case structure_cases[] = {
	{ "FILE\x30\0\3\0", 0x38, 0x1a8, 0x400, true },
	{ "FILE\x2a\0\3\0", 0x30, 0x1a8, 0x400, true },  /* before XP */
	{ "FILE\x30\0\x09\0", 0x48, 0x1a8, 0x1000, true }, /* 4 KiB */
	{ "FILE\x30\0\3\0", 0x38, 0x500, 0x400, false },
	{ "FILE\x30\0\4\0", 0x38, 0x1a8, 0x400, false },
	{ "FILENAMES follow here", 0x38, 0x1a8, 0x400, false },
	{ "INDX\x28\0\x09\0", 0, 0, 0, true },
	{ "INDX pages", 0, 0, 0, false },
	{ "RCRD\x28\0\x09\0", 0, 0, 0, true },
	{ "RSTR\x1e\0\x09\0", 0, 0, 0, true },
	{ "RSTR\x1f\0\x09\0", 0, 0, 0, false },
};

ParameterizedTestParameters(content, structures)
{
	return CASES(struct structure_case, structure_cases);
}

ParameterizedTest(struct structure_case *c, content, structures)
{
	struct blob    data = noise(20 * CLUSTER);
	struct reading it;

	memcpy(data.at + 7 * CLUSTER, c->bytes, sizeof c->bytes);
	if (c->room) {
		put_le16(data.at + 7 * CLUSTER + 0x14, c->records);
		put_le32(data.at + 7 * CLUSTER + 0x18, c->used);
		put_le32(data.at + 7 * CLUSTER + 0x1c, c->room);
	}
	reading_begin(&it, data);
	cr_expect(eq(int, grade_as(&it, ".dat", true), c->found ? GRADE_SUSPECT : GRADE_INTACT), "%.8s", c->bytes);
	cr_expect(eq(u32, it.content.reasons, c->found ? WHY_METADATA : 0), "%.8s", c->bytes);
	cr_expect(eq(int, grade_as(&it, ".dat", false), GRADE_INTACT));
	reading_end(&it);
	free(data.at);
}

/* What formatting leaves of its log may begin or end within a cluster; of a volume that lives it is none. */
Test(content, an_empty_log_in_a_past_life)
{
	static const size_t places[] = { 7 * CLUSTER, 8 * CLUSTER - 512 };
	struct old_table    table = { .past = true };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct blob    data = noise(20 * CLUSTER);
		struct reading it;

		memset(data.at + places[i], 0xff, 512);
		reading_begin(&it, data);
		cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_INTACT));
		it.test.volume.table = &table;
		cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_SUSPECT));
		cr_expect(eq(u32, it.content.reasons, WHY_METADATA));
		it.test.volume.table = NULL;
		reading_end(&it);
		free(data.at);
	}
}

/* -------- compressed units -------- */

/* Three units: "aaa..." in one cluster, raw, "aaa..." again; by hand, [MS-XCA] 2.5. */
static struct blob packed_units(void)
{
	static const uint8_t chunk[] = { 0x03, 0xb0, 0x02, 'a', 0xfc, 0x0f };
	struct blob          raw = noise(18 * CLUSTER);

	memset(raw.at, 0, CLUSTER);
	memset(raw.at + 17 * CLUSTER, 0, CLUSTER);
	for (size_t i = 0; i < 16; i++) {
		memcpy(raw.at + i * sizeof chunk, chunk, sizeof chunk);
		memcpy(raw.at + 17 * CLUSTER + i * sizeof chunk, chunk, sizeof chunk);
	}
	return raw;
}

static void units_begin(struct reading *it, struct blob raw)
{
	reading_begin(it, raw);
	it->runs[0] = (struct run){ 0, LCN, 1 };
	it->runs[1] = (struct run){ 1, LCN_HOLE, 15 };
	it->runs[2] = (struct run){ 16, LCN + 1, 17 };
	it->runs[3] = (struct run){ 33, LCN_HOLE, 15 };
	it->stream.runs.count = 4;
	it->stream.size_bytes = it->stream.valid_bytes = 3 * UNIT;
	it->stream.flags = ATTRIBUTE_COMPRESSED;
	it->stream.unit_shift = 4;
}

static bool is_all(const uint8_t *at, size_t length, uint8_t byte)
{
	return at[0] == byte && memcmp(at, at + 1, length - 1) == 0;
}

Test(content, units_are_lost_as_a_whole)
{
	struct blob    raw = packed_units();
	struct reading it;

	units_begin(&it, raw);
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_INTACT));
	cr_expect(that(is_all(it.got.at, UNIT, 'a') && is_all(it.got.at + 2 * UNIT, UNIT, 'a')));
	cr_expect(eq(int, memcmp(it.got.at + UNIT, raw.at + CLUSTER, UNIT), 0));
	it.hole = (struct range){ UNIT + 9 * CLUSTER, CLUSTER };
	it.stream.missing = (struct ranges){ &it.hole, 1, 1 };
	it.stream.grade = GRADE_PARTIAL;
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_PARTIAL));
	expect_missing(&it, UNIT, UNIT);
	reading_end(&it);

	raw.at[20] = 0x40; /* no chunk header */
	for (size_t i = 20; i < 100; i++)
		raw.at[i] = (uint8_t)(0x41 + i % 7);
	units_begin(&it, raw);
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_PARTIAL));
	cr_expect(eq(u32, it.content.reasons, WHY_UNDECODABLE));
	expect_missing(&it, 0, UNIT);
	reading_end(&it);

	memset(raw.at, 0, CLUSTER); /* discarded */
	units_begin(&it, raw);
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_PARTIAL));
	cr_expect(eq(u32, it.content.reasons, WHY_ZEROS));
	expect_missing(&it, 0, UNIT);
	reading_end(&it);
	free(raw.at);
}

Test(content, nothing_lies_behind_the_valid_data)
{
	struct blob    raw = packed_units();
	struct reading it;

	units_begin(&it, raw);
	it.stream.valid_bytes = UNIT + 100;
	cr_expect(eq(int, grade_as(&it, ".dat", true), GRADE_INTACT));
	cr_expect(eq(int, memcmp(it.got.at + UNIT, raw.at + CLUSTER, 100), 0));
	cr_expect(that(is_all(it.got.at + UNIT + 100, UNIT - 100, 0)));
	cr_expect(that(is_all(it.got.at + 2 * UNIT, UNIT, 0)));
	reading_end(&it);
	free(raw.at);
}

/* -------- sizes that nobody can go through -------- */

#define EXABYTE (1ull << 60)

static unsigned pieces_to_end(struct reading *it)
{
	struct content_piece piece;
	uint64_t             end = 0;
	unsigned             pieces = 0;

	content_open(&it->content, &it->test.volume, &it->stream, true, &it->buffers);
	while (pieces < 100 && content_next(&it->content, &piece, &it->err) == 1) {
		cr_assert(eq(u64, piece.offset, end));
		end += piece.length;
		pieces++;
	}
	cr_expect(eq(u64, end, it->stream.size_bytes));
	return pieces;
}

/* Two units with bytes in them, and then nothing for an exabyte: a hole, no runs, or what is missing. */
Test(content, an_exabyte_of_units_comes_to_its_end)
{
	struct blob    raw = packed_units();
	struct reading it;

	units_begin(&it, raw);
	it.runs[2].length = 16;
	it.runs[3] = (struct run){ 32, LCN_HOLE, EXABYTE / CLUSTER - 32 };
	it.stream.size_bytes = it.stream.valid_bytes = EXABYTE;
	cr_expect(eq(u32, pieces_to_end(&it), 3));
	expect_missing(&it, 0, 0);

	it.hole = (struct range){ 4 * UNIT + 1, EXABYTE / 2 };
	it.stream.missing = (struct ranges){ &it.hole, 1, 1 };
	cr_expect(eq(u32, pieces_to_end(&it), 6), "the unit in which it ends goes, too");
	expect_missing(&it, 4 * UNIT, EXABYTE / 2 + UNIT);
	content_close(&it.content);

	it.stream.missing.count = 0;
	it.stream.runs.count = 3;
	cr_expect(eq(u32, pieces_to_end(&it), 3));
	expect_missing(&it, 2 * UNIT, EXABYTE - 2 * UNIT);
	reading_end(&it);
	free(raw.at);
}
