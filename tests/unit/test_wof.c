/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_wof.c - expected values: the format's sources in wof.h; libwim's compressors, with a table laid by
 * hand; for the sample its own PE header, and 7-Zip's LZX decoder, which reads the same chunks out of a WIM.
 */
#include "scan/wof.h"

#include "core/digest.h"
#include "scan/case_record.h"
#include "scan/content.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <wimlib.h>

#define CLUSTER  4096u
#define CLUSTERS 2048u
#define LCN      16u

/* -------- the reparse point -------- */

static uint8_t wof_point[24] = { 0x17, 0, 0, 0x80, 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };

Test(wof, reparse_point)
{
	struct bytes point = { wof_point, sizeof wof_point, 0 }, half = { wof_point, 20, 0 };

	cr_expect(eq(int, wof_format_of(point), WOF_XPRESS4K));
	wof_point[20] = 1;
	cr_expect(eq(int, wof_format_of(point), WOF_LZX));
	wof_point[20] = 2;
	cr_expect(eq(int, wof_format_of(point), WOF_XPRESS8K));
	wof_point[20] = 3;
	cr_expect(eq(int, wof_format_of(point), WOF_XPRESS16K));
	cr_expect(eq(int, wof_format_of(half), WOF_ELSEWHERE));
	wof_point[20] = 4;
	cr_expect(eq(int, wof_format_of(point), WOF_ELSEWHERE));
	wof_point[20] = 0;
	wof_point[12] = 1; /* a WIM has it */
	cr_expect(eq(int, wof_format_of(point), WOF_ELSEWHERE));
	wof_point[0] = 0x13; /* deduplicated */
	cr_expect(eq(int, wof_format_of(point), WOF_NONE));
	cr_expect(eq(int, wof_format_of((struct bytes){ wof_point, 3, 0 }), WOF_NONE));
}

/* -------- packing -------- */

/* Plain bytes that pack, with a stretch that doesn't. */
static struct blob plain_bytes(size_t size)
{
	static const char *const words[] = { "state ", "store ", "user ", "volume ", "link\n" };
	struct blob              blob = blob_zero(size);
	uint64_t                 seed = 7;

	for (size_t at = 0; at < size;) {
		const char *word = words[dice(&seed) % COUNT(words)];

		for (; *word && at < size; word++)
			blob.at[at++] = (uint8_t)*word;
	}
	for (size_t at = 40000; at < 80000 && at < size; at++)
		blob.at[at] = (uint8_t)dice(&seed);
	return blob;
}

/* Table and chunks; *@begins (to be freed) gets where each chunk begins, and the end. */
static struct blob pack(enum wof_format format, struct blob plain, uint32_t **begins)
{
	static const size_t       chunk_bytes[] = { 0, 4096, 8192, 16384, 32768 };
	size_t                    each = chunk_bytes[format], chunks = (plain.size + each - 1) / each;
	struct blob               packed = blob_zero(4 * (chunks - 1) + plain.size);
	size_t                    end = 4 * (chunks - 1);
	struct wimlib_compressor *compressor;

	*begins = calloc(chunks + 1, sizeof **begins);
	cr_assert(eq(int, wimlib_create_compressor(format == WOF_LZX ? WIMLIB_COMPRESSION_TYPE_LZX : WIMLIB_COMPRESSION_TYPE_XPRESS, each, 0, &compressor), 0));
	for (size_t i = 0; i < chunks; i++) {
		size_t size = plain.size - i * each < each ? plain.size - i * each : each;
		size_t used = wimlib_compress(plain.at + i * each, size, packed.at + end, size - 1, compressor);

		(*begins)[i] = (uint32_t)end;
		if (i)
			put_le32(packed.at + 4 * (i - 1), (uint32_t)(end - 4 * (chunks - 1)));
		if (!used) {
			memcpy(packed.at + end, plain.at + i * each, size);
			used = size;
		}
		end += used;
	}
	(*begins)[chunks] = (uint32_t)end;
	wimlib_free_compressor(compressor);
	packed.size = end;
	return packed;
}

/* -------- reading -------- */

struct reading {
	struct test_volume     test;
	struct run             run;
	struct case_stream     stream;
	struct content         content;
	struct content_buffers buffers;
	struct blob            got; /* what is missing is 0xaa */
	struct error           err;
};

/* @packed lies on a volume as the content of @size bytes. */
static void reading_begin(struct reading *it, enum wof_format format, struct blob packed, uint64_t size)
{
	*it = (struct reading){ 0 };
	test_volume_open(&it->test, CLUSTER, CLUSTERS, 1024, LCN * CLUSTER, packed.at, packed.size);
	it->run = (struct run){ 0, LCN, (packed.size + CLUSTER - 1) / CLUSTER };
	it->stream = (struct case_stream){ .type = ATTRIBUTE_DATA, .name = "", .size_bytes = size, .valid_bytes = packed.size,
					   .allocated_bytes = it->run.length * CLUSTER, .runs = { &it->run, 1, 1 },
					   .grade = GRADE_INTACT, .wof = format, .packed_bytes = packed.size };
}

static void read_all(struct reading *it)
{
	struct content_piece piece;
	uint64_t             end = 0;
	int                  got;

	it->got = blob_zero((size_t)it->stream.size_bytes);
	content_open(&it->content, &it->test.volume, &it->stream, true, &it->buffers);
	while ((got = content_next(&it->content, &piece, &it->err)) == 1) {
		cr_assert(eq(u64, piece.offset, end));
		if (piece.data)
			memcpy(it->got.at + end, piece.data, (size_t)piece.length);
		else
			memset(it->got.at + end, 0xaa, (size_t)piece.length);
		end += piece.length;
	}
	cr_assert(eq(int, got, 0), "%s", it->err.text);
	cr_assert(eq(u64, end, it->stream.size_bytes));
}

static void reading_end(struct reading *it)
{
	content_close(&it->content);
	content_buffers_release(&it->buffers);
	free(it->got.at);
	test_volume_close(&it->test);
}

Test(wof, a_real_file)
{
	struct blob    packed = sample_load("ntfs/dfir-orc/vcpkg.exe.WofCompressedData");
	struct reading it;
	struct digest  digest = { 0 };
	uint8_t        sum[DIGEST_BYTES];
	char           hex[DIGEST_HEX_SIZE];

	reading_begin(&it, WOF_LZX, packed, 921600); /* where the last section of its PE header ends */
	read_all(&it);
	cr_expect(eq(int, content_grade(&it.content), GRADE_INTACT));
	cr_assert(eq(int, digest_start(&digest, &it.err), 0));
	cr_assert(eq(int, digest_update(&digest, it.got.at, it.got.size, &it.err), 0));
	cr_assert(eq(int, digest_end(&digest, sum, &it.err), 0));
	digest_hex(sum, hex);
	cr_expect(eq(str, hex, "4f19efe116c10dac9ef64cf2648b0a489e74e6fffc8f8aaa244777a62496e864"));
	digest_release(&digest);
	reading_end(&it);
	free(packed.at);
}

struct packed_case {
	enum wof_format format;
	size_t          size;
};

static struct packed_case packed_cases[] = {
	{ WOF_XPRESS4K, 1 }, { WOF_XPRESS4K, 4096 }, { WOF_XPRESS4K, 4097 }, { WOF_XPRESS4K, 500000 },
	{ WOF_XPRESS4K, 4096 * 4096 + 5 }, /* a table that is not read at once */
	{ WOF_XPRESS8K, 8191 }, { WOF_XPRESS8K, 500000 }, { WOF_XPRESS16K, 16384 * 9 }, { WOF_XPRESS16K, 500000 },
	{ WOF_LZX, 32768 }, { WOF_LZX, 32769 }, { WOF_LZX, 3000000 },
};

ParameterizedTestParameters(wof, what_was_packed_comes_back)
{
	return CASES(struct packed_case, packed_cases);
}

ParameterizedTest(struct packed_case *c, wof, what_was_packed_comes_back)
{
	uint32_t      *begins;
	struct blob    plain = plain_bytes(c->size), packed = pack(c->format, plain, &begins);
	struct reading it;

	reading_begin(&it, c->format, packed, plain.size);
	read_all(&it);
	cr_expect(eq(int, content_grade(&it.content), GRADE_INTACT));
	cr_expect(eq(sz, it.content.missing.count, 0));
	cr_expect(eq(int, memcmp(it.got.at, plain.at, plain.size), 0), "%s %zu", wof_name(c->format), c->size);
	reading_end(&it);
	free(begins);
	free(plain.at);
	free(packed.at);
}

/* -------- damage -------- */

enum damage {
	CHUNK_GARBAGE,  /* chunk 3 */
	CHUNK_MISSING,  /* chunk 3, by the casebook's word */
	CHUNK_BEHIND,   /* the last: the stream ends before it does */
	ENTRY_BACK,     /* the end of chunk 3 is before its start */
	ENTRY_FAR,      /* the end of chunk 3 is behind the stream */
	ENTRY_MISSING,  /* the end of chunk 3 */
	TABLE_HOLE,
	TABLE_TOO_LONG,
};

struct damage_case {
	enum damage     damage;
	size_t          first, count; /* chunks that are missing then */
	enum grade      grade;
	enum wof_format format;
};

#define EACH 8192u
#define WHOLE 61u /* chunks */

static struct damage_case damage_cases[] = {
	{ CHUNK_GARBAGE, 3, 1, GRADE_PARTIAL, WOF_XPRESS8K },
	{ CHUNK_MISSING, 3, 1, GRADE_PARTIAL, WOF_XPRESS8K },
	{ CHUNK_BEHIND, WHOLE, 1, GRADE_PARTIAL, WOF_XPRESS8K },
	{ ENTRY_BACK, 3, 2, GRADE_PARTIAL, WOF_XPRESS8K },
	{ ENTRY_FAR, 3, 2, GRADE_PARTIAL, WOF_XPRESS8K },
	{ ENTRY_MISSING, 3, 2, GRADE_PARTIAL, WOF_XPRESS8K },
	{ TABLE_HOLE, 0, WHOLE + 1, GRADE_LOST, WOF_XPRESS8K },
	{ TABLE_TOO_LONG, 0, WHOLE + 1, GRADE_LOST, WOF_XPRESS8K },
};

ParameterizedTestParameters(wof, what_cannot_be_had_is_missing)
{
	return CASES(struct damage_case, damage_cases);
}

ParameterizedTest(struct damage_case *c, wof, what_cannot_be_had_is_missing)
{
	uint32_t      *begins;
	struct blob    plain = plain_bytes(WHOLE * EACH + 100), packed = pack(c->format, plain, &begins);
	struct reading it;
	struct range   hole = { 0 };
	struct run     runs[2];
	size_t         start = c->first * EACH, length = c->count * EACH;

	if (c->damage == CHUNK_GARBAGE)
		memset(packed.at + begins[3], 0xff, begins[4] - begins[3]);
	if (c->damage == ENTRY_BACK)
		put_le32(packed.at + 4 * 3, begins[3] - begins[0] - 1);
	if (c->damage == ENTRY_FAR)
		put_le32(packed.at + 4 * 3, 0xffffff00);
	reading_begin(&it, c->format, packed, plain.size);
	if (c->damage == CHUNK_MISSING)
		hole = (struct range){ begins[3] + 1, 2 };
	if (c->damage == ENTRY_MISSING)
		hole = (struct range){ 4 * 3, 4 };
	if (hole.length) {
		it.stream.missing = (struct ranges){ &hole, 1, 1 };
		it.stream.grade = GRADE_PARTIAL;
	}
	if (c->damage == CHUNK_BEHIND)
		it.stream.packed_bytes = begins[WHOLE] + 1;
	if (c->damage == TABLE_HOLE) {
		runs[0] = (struct run){ 0, LCN_HOLE, 1 };
		runs[1] = (struct run){ 1, LCN + 1, it.run.length - 1 };
		it.stream.runs = (struct runs){ runs, 2, 2 };
	}
	if (c->damage == TABLE_TOO_LONG)
		it.stream.packed_bytes = 4 * WHOLE;
	read_all(&it);
	if (length > plain.size - start)
		length = plain.size - start;
	cr_expect(eq(int, content_grade(&it.content), c->grade));
	cr_assert(eq(sz, it.content.missing.count, 1));
	cr_expect(eq(u64, it.content.missing.items[0].start, start));
	cr_expect(eq(u64, it.content.missing.items[0].length, length));
	memset(plain.at + start, 0xaa, length);
	cr_expect(eq(int, memcmp(it.got.at, plain.at, plain.size), 0));
	reading_end(&it);
	free(begins);
	free(plain.at);
	free(packed.at);
}

/* What is lost of the table in one reading of it does not count for the next. */
Test(wof, a_long_table_is_lost_in_part)
{
	uint32_t      *begins;
	struct blob    plain = plain_bytes(4120 * 4096), packed = pack(WOF_XPRESS4K, plain, &begins);
	struct reading it;
	struct range   hole = { 4 * 10, 4 };

	reading_begin(&it, WOF_XPRESS4K, packed, plain.size);
	it.stream.missing = (struct ranges){ &hole, 1, 1 };
	read_all(&it);
	cr_assert(eq(sz, it.content.missing.count, 1));
	cr_expect(eq(u64, it.content.missing.items[0].start, 10 * 4096));
	cr_expect(eq(u64, it.content.missing.items[0].length, 2 * 4096));
	memset(plain.at + 10 * 4096, 0xaa, 2 * 4096);
	cr_expect(eq(int, memcmp(it.got.at, plain.at, plain.size), 0));
	reading_end(&it);
	free(begins);
	free(plain.at);
	free(packed.at);
}

/* 4 GiB and more: entries of eight bytes.  Four of its chunks are there. */
Test(wof, large_files_have_large_entries)
{
	uint64_t             size = (4ull << 30) + 1, chunks = (4ull << 30) / 32768 + 1;
	struct blob          packed = blob_zero((size_t)(8 * (chunks - 1)) + 4 * 32768);
	struct reading       it;
	struct content_piece piece;

	for (size_t i = 0; i < 4; i++) {
		put_le64(packed.at + 8 * i, (i + 1) * 32768);
		memset(packed.at + 8 * (chunks - 1) + i * 32768, (int)('a' + i), 32768);
	}
	reading_begin(&it, WOF_LZX, packed, size);
	content_open(&it.content, &it.test.volume, &it.stream, false, &it.buffers);
	cr_assert(eq(int, content_next(&it.content, &piece, &it.err), 1));
	cr_assert(eq(u64, piece.length, 4 * 32768));
	cr_expect(eq(int, piece.data[0], 'a'));
	cr_expect(eq(int, piece.data[4 * 32768 - 1], 'd'));
	cr_assert(eq(int, content_next(&it.content, &piece, &it.err), 1));
	cr_expect(that(!piece.data));
	reading_end(&it);
	free(packed.at);
}

/* A table of which nothing is there, of as many chunks as an exabyte has. */
Test(wof, an_exabyte_comes_to_its_end)
{
	struct blob          packed = blob_zero(CLUSTER);
	struct content_piece piece;
	struct reading       it;
	uint64_t             end = 0;
	unsigned             pieces = 0;

	reading_begin(&it, WOF_XPRESS4K, packed, 1ull << 60);
	it.test.volume.size_bytes = 1ull << 60;
	it.run = (struct run){ 0, LCN_HOLE, (1ull << 59) / CLUSTER };
	it.stream.packed_bytes = it.stream.valid_bytes = 1ull << 59;
	content_open(&it.content, &it.test.volume, &it.stream, true, &it.buffers);
	while (pieces < 100 && content_next(&it.content, &piece, &it.err) == 1) {
		cr_expect(that(!piece.data));
		end += piece.length;
		pieces++;
	}
	cr_expect(eq(u64, end, 1ull << 60));
	cr_expect(lt(u32, pieces, 5));
	reading_end(&it);
	free(packed.at);
}

/* -------- what a reader of the file sees -------- */

static struct case_stream *add(struct case_record *record, uint32_t type, const char *name, struct case_stream stream)
{
	struct error err;

	stream.type = type;
	stream.name = name;
	cr_assert(eq(int, case_record_add_stream(record, stream, &err), 0));
	return &record->streams.items[record->streams.count - 1];
}

static uint8_t *point_of(uint8_t provider)
{
	uint8_t *value = malloc(sizeof wof_point);

	memcpy(value, wof_point, sizeof wof_point);
	value[12] = provider;
	return value;
}

static void make_record(struct case_record *record, uint8_t provider, enum grade grade)
{
	struct case_stream plain = { .grade = GRADE_INTACT, .size_bytes = 100000, .valid_bytes = 100000, .flags = ATTRIBUTE_SPARSE };
	struct case_stream packed = { .size_bytes = 30000, .valid_bytes = 30000, .grade = grade, .reasons = WHY_CONTESTED };

	*record = (struct case_record){ .file.attributes = 0x620 };
	cr_assert(that(array_push(&plain.runs, (struct run){ 0, LCN_HOLE, 25 })));
	cr_assert(that(array_push(&packed.runs, (struct run){ 0, 500, 8 })));
	add(record, ATTRIBUTE_REPARSE_POINT, "", (struct case_stream){ .resident = true, .size_bytes = 24, .value = point_of(provider), .grade = GRADE_INTACT });
	add(record, ATTRIBUTE_DATA, "", plain);
	add(record, ATTRIBUTE_DATA, "WofCompressedData", packed);
	add(record, ATTRIBUTE_DATA, "other", (struct case_stream){ .resident = true, .grade = GRADE_INTACT });
	case_record_settle(record);
	case_record_judge(record);
}

Test(wof, a_packed_file_is_as_good_as_what_is_packed)
{
	struct case_record        record;
	const struct case_stream *content;

	make_record(&record, 2, GRADE_SUSPECT);
	cr_expect(eq(u64, record.file.size_bytes, 100000));
	cr_expect(eq(int, record.file.grade, GRADE_SUSPECT));
	cr_expect(eq(u64, record.file.first_lcn, 500));
	case_record_unpack(&record);
	cr_assert(eq(sz, record.streams.count, 2));
	content = case_record_content(&record);
	cr_assert(content != NULL);
	cr_expect(eq(int, content->wof, WOF_XPRESS4K));
	cr_expect(eq(u64, content->size_bytes, 100000));
	cr_expect(eq(u64, content->packed_bytes, 30000));
	cr_expect(eq(int, content->grade, GRADE_SUSPECT));
	cr_expect(eq(u64, content->runs.items[0].lcn, 500));
	cr_expect(eq(str, (char *)record.streams.items[1].name, "other"));
	cr_expect(eq(u32, record.file.attributes, 0x20));
	case_record_release(&record);
}

/* Its size is a guess, say: then so is the end of what is packed. */
Test(wof, a_packed_file_is_no_better_than_its_hole)
{
	struct case_record record;

	make_record(&record, 2, GRADE_INTACT);
	record.streams.items[1].grade = GRADE_SUSPECT;
	record.streams.items[1].reasons = WHY_TORN;
	case_record_judge(&record);
	cr_expect(eq(int, record.file.grade, GRADE_SUSPECT));
	case_record_unpack(&record);
	cr_expect(eq(int, case_record_content(&record)->grade, GRADE_SUSPECT));
	cr_expect(eq(u32, case_record_content(&record)->reasons, WHY_TORN | WHY_CONTESTED));
	case_record_release(&record);
}

Test(wof, content_that_is_elsewhere_is_lost)
{
	struct case_record record;

	make_record(&record, 1, GRADE_INTACT);
	cr_expect(eq(int, record.file.grade, GRADE_LOST));
	cr_expect(eq(u32, record.file.reasons & WHY_ELSEWHERE, WHY_ELSEWHERE));
	case_record_unpack(&record);
	cr_expect(eq(int, case_record_content(&record)->grade, GRADE_LOST));
	cr_expect(eq(sz, record.streams.count, 4)); /* nothing is taken away */
	case_record_release(&record);
}

/* A file that only happens to have such a stream is left alone. */
Test(wof, content_of_its_own_stays)
{
	struct case_record record;

	make_record(&record, 2, GRADE_INTACT);
	record.streams.items[1].runs.items[0].lcn = 900;
	case_record_unpack(&record);
	cr_expect(eq(sz, record.streams.count, 4));
	cr_expect(eq(int, case_record_content(&record)->wof, WOF_NONE));
	case_record_release(&record);
}
