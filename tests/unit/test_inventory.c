/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inventory.c - whole Windows tables; expected values: dfir_ntfs's test_cases.py and its .fls lists */
#include "tests/unit/unit.h"

#include "core/utf16.h"
#include "scan/file.h"
#include "scan/namespace.h"
#include "tests/unit/log_maker.h"

struct table {
	struct test_volume test;
	struct inventory   inventory;
	struct extensions  extensions;
	struct file_reader reader;
	struct namespace   space;
	struct error       err;
};

static void begin(struct table *it, const char *path, uint32_t record_bytes)
{
	test_volume_of_mft(&it->test, path, record_bytes);
	cr_assert(eq(int, inventory_read(&it->inventory, &it->test.volume, 2, &it->test.findings, &it->err), 0), "%s",
		  it->err.text);
	it->extensions = (struct extensions){ 0 };
	cr_assert(eq(int, extensions_collect(&it->extensions, &it->inventory, &it->err), 0));
	cr_assert(eq(int, file_reader_init(&it->reader, &it->inventory, &it->extensions, &it->err), 0));
	cr_assert(eq(int, namespace_build(&it->space, &it->inventory, &it->err), 0));
}

static void end(struct table *it)
{
	namespace_release(&it->space);
	file_reader_release(&it->reader);
	array_release(&it->extensions);
	inventory_release(&it->inventory);
	test_volume_close(&it->test);
}

/* The path of a record's first name, to be freed; NULL if it has none. */
static char *path_of(struct table *it, uint32_t record)
{
	struct hard_links  links = { 0 };
	struct text_buffer path = { 0 };

	cr_assert(eq(int, namespace_links(&it->space, record, &links, &it->err), 0));
	if (links.count) {
		cr_assert(eq(int, namespace_path(&it->space, links.items[0].parent, &path, &it->err), 0));
		cr_assert(eq(int, namespace_path_add(&it->space, links.items[0].name, &path, &it->err), 0));
	}
	array_release(&links);
	return path.items;
}

Test(inventory, deleted_file_keeps_its_path)
{
	struct table it;
	char        *path;
	struct file  file;

	begin(&it, "ntfs/dfir_ntfs/deleted.mft", 1024);
	cr_expect(eq(u32, it.inventory.count, 256));
	path = path_of(&it, 47);
	cr_assert(path != NULL);
	cr_expect(eq(str, path, "\\1\\2\\3\\4\\file.txt"));
	free(path);
	cr_expect(that(!namespace_is_live(&it.space, 47)));
	cr_expect(eq(int, namespace_proof(&it.space, 46), PROOF_PROVEN));
	cr_assert(eq(int, file_load(&it.reader, 47, &file, &it.err), 0));
	cr_expect(that(!file.live && file.info_known));
	cr_expect(eq(u64, file.ref, file_ref_make(47, 1)));
	cr_assert(file_find_stream(&file, ATTRIBUTE_DATA, "") != NULL);
	cr_expect(eq(u64, file_find_stream(&file, ATTRIBUTE_DATA, "")->size_bytes, 3));
	file_release(&file);
	end(&it);
}

Test(inventory, orphans_are_exactly_four)
{
	struct table it;
	unsigned     orphans = 0;

	begin(&it, "ntfs/dfir_ntfs/orphan.mft", 1024);
	for (uint32_t i = 0; i < it.inventory.count; i++) {
		char  wanted[64];
		char *path = path_of(&it, i);

		if (path && strncmp(path, "\\$Orphans", 9) == 0) {
			snprintf(wanted, sizeof wanted, "\\$Orphans\\39-1\\%u.txt", 2 + orphans);
			cr_expect(eq(str, path, wanted));
			orphans++;
		}
		free(path);
	}
	cr_expect(eq(uint, orphans, 4));
	end(&it);
}

/* The record that a line of fls names, its path in our form, and the size of its content. */
static bool fls_line(char *line, uint32_t *record, bool *directory, char **path, uint64_t *size)
{
	char *name = strchr(line, '\t'), *at;

	if (!name || sscanf(line + 4, "%u-", record) != 1 || line[0] == 'V')
		return false;
	*directory = line[0] == 'd';
	*path = ++name;
	at = strchr(name, '\t');
	*at++ = 0;
	for (unsigned i = 0; i < 4; i++)
		at = strchr(at, '\t') + 1;
	*size = strtoull(at, NULL, 10);
	for (; *name; name++)
		if (*name == '/')
			*name = '\\';
	return true;
}

struct list {
	char     mft[40], fls[40];
	uint32_t record_bytes;
	unsigned lines;
};

ParameterizedTestParameters(inventory, live_files_are_those_that_sleuthkit_lists)
{
	static struct list cases[] = {
		{ "ntfs/dfir_ntfs/unicode.mft", "ntfs/dfir_ntfs/unicode.fls", 1024, 30 },
		{ "ntfs/dfir_ntfs/orphan.mft", "ntfs/dfir_ntfs/orphan.fls", 1024, 30 },
		{ "ntfs/dfir_ntfs/4k-large.mft", "ntfs/dfir_ntfs/4k-large.fls", 4096, 30 },
	};
	return CASES(struct list, cases);
}

ParameterizedTest(struct list *c, inventory, live_files_are_those_that_sleuthkit_lists)
{
	struct blob  text = sample_load(c->fls), lines = blob_zero(text.size + 1);
	struct table it;
	bool        *listed;
	unsigned     seen = 0;
	char        *rest = (char *)lines.at, *line;

	memcpy(lines.at, text.at, text.size);
	begin(&it, c->mft, c->record_bytes);
	listed = calloc(it.inventory.count, sizeof *listed);
	while ((line = strsep(&rest, "\n"))) {
		uint32_t                  record;
		bool                      directory;
		char                     *path, *stream_name;
		uint64_t                  size;
		struct file               file;
		const struct file_stream *stream;
		char                     *ours;

		if (!fls_line(line, &record, &directory, &path, &size))
			continue;
		seen++;
		listed[record] = true;
		stream_name = strchr(path, ':');
		if (stream_name)
			*stream_name++ = 0;
		ours = path_of(&it, record);
		cr_assert(ours != NULL, "%s", path);
		cr_expect(eq(str, ours + 1, path));
		cr_expect(that(namespace_is_live(&it.space, record)), "%s", path);
		cr_assert(eq(int, file_load(&it.reader, record, &file, &it.err), 0));
		cr_expect(eq(int, file.directory, directory || (file.directory && stream_name)), "%s", path);
		stream = file_find_stream(&file, ATTRIBUTE_DATA, stream_name ? stream_name : "");
		if (stream && !directory)
			cr_expect(eq(u64, stream->size_bytes, size), "%s:%s", path, stream_name ? stream_name : "");
		file_release(&file);
		free(ours);
	}
	cr_expect(gt(uint, seen, c->lines));
	for (uint32_t i = 0; i < it.inventory.count; i++) /* nothing live that is not listed */
		cr_expect(that(listed[i] || i == ROOT_RECORD || !(it.inventory.rows[i].flags & ROW_IN_USE) ||
			       !it.inventory.rows[i].names),
			  "record %u", i);
	free(listed);
	free(text.at);
	free(lines.at);
	end(&it);
}

Test(inventory, compressed_and_sparse_streams)
{
	struct table              it;
	struct file               file;
	const struct file_stream *stream;

	begin(&it, "ntfs/dfir_ntfs/compressed_sparse.mft", 1024);
	cr_assert(eq(int, file_load(&it.reader, 39, &file, &it.err), 0));
	stream = file_find_stream(&file, ATTRIBUTE_DATA, "");
	cr_assert(stream != NULL);
	cr_expect(that(stream->flags & ATTRIBUTE_COMPRESSED));
	cr_expect(eq(u8, stream->unit_shift, 4));
	cr_expect(eq(u64, stream->size_bytes, 22308));
	cr_assert(eq(sz, stream->runs.count, 2)); /* 21 01 c9 07, 01 0f */
	cr_expect(that(stream->runs.items[0].lcn == 0x7c9 && stream->runs.items[0].length == 1));
	cr_expect(that(stream->runs.items[1].lcn == LCN_HOLE && stream->runs.items[1].length == 15));
	file_release(&file);
	cr_assert(eq(int, file_load(&it.reader, 43, &file, &it.err), 0));
	stream = file_find_stream(&file, ATTRIBUTE_DATA, "");
	cr_assert(stream != NULL);
	cr_expect(that(stream->flags & ATTRIBUTE_SPARSE));
	cr_expect(eq(u64, stream->size_bytes, 1048582));
	cr_assert(eq(sz, stream->runs.count, 2)); /* 02 00 01, 21 10 ca 07 */
	cr_expect(that(stream->runs.items[0].lcn == LCN_HOLE && stream->runs.items[0].length == 256));
	cr_expect(that(stream->runs.items[1].lcn == 0x7ca && stream->runs.items[1].vcn == 256));
	file_release(&file);
	end(&it);
}

Test(inventory, resident_content_in_records_of_4_kib)
{
	struct table              it;
	struct file               file;
	const struct file_stream *stream;

	begin(&it, "ntfs/dfir_ntfs/4k-large.mft", 4096);
	cr_assert(eq(int, file_load(&it.reader, 39, &file, &it.err), 0)); /* 1.txt: ABC over and over */
	stream = file_find_stream(&file, ATTRIBUTE_DATA, "");
	cr_assert(that(stream && stream->resident && stream->size_bytes == 3216));
	for (size_t i = 0; i < 3216; i++)
		cr_assert(eq(u8, stream->value[i], "ABC"[i % 3]));
	file_release(&file);
	end(&it);
}

Test(inventory, windows_tables_give_no_findings)
{
	static const char *const paths[] = { "ntfs/dfir_ntfs/deleted.mft", "ntfs/dfir_ntfs/mapping_pairs_1.mft",
					     "ntfs/dfir_ntfs/slack.mft" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		struct table it;

		begin(&it, paths[i], 1024);
		cr_expect(eq(u64, it.test.findings.counts[FINDING_RECORD_TORN], 0), "%s", paths[i]);
		cr_expect(eq(u64, it.test.findings.counts[FINDING_RECORD_DAMAGED], 0), "%s", paths[i]);
		cr_expect(eq(u64, it.test.findings.counts[FINDING_RECORD_ALIEN], 0), "%s", paths[i]);
		cr_expect(eq(u64, it.test.findings.counts[FINDING_RECORD_MISPLACED], 0), "%s", paths[i]);
		end(&it);
	}
}

Test(inventory, one_thread_and_several_find_the_same)
{
	struct table     it;
	struct inventory other;

	begin(&it, "ntfs/dfir_ntfs/mapping_pairs_1.mft", 1024);
	cr_assert(eq(int, inventory_read(&other, &it.test.volume, 1, &it.test.findings, &it.err), 0));
	cr_assert(eq(u32, other.count, it.inventory.count));
	cr_expect(eq(sz, other.names.count, it.inventory.names.count));
	cr_expect(eq(sz, other.claims.count, it.inventory.claims.count));
	cr_expect(that(memcmp(other.rows, it.inventory.rows, other.count * sizeof *other.rows) == 0));
	inventory_release(&other);
	end(&it);
}

/* -------- what else remembers: a table of 60 rows of nothing -------- */

#define ROWS    60u
#define FOLDER  file_ref_make(ROOT_RECORD, ROOT_RECORD)

static void small_begin(struct table *it)
{
	*it = (struct table){ .test.volume = { .number = 1, .geometry.clusters = 1000 } };
	inventory_make(&it->inventory, &it->test.volume, ROWS);
}

static void small_end(struct table *it)
{
	array_release(&it->extensions);
	inventory_release(&it->inventory);
}

static struct bytes wide(const char *ascii, uint8_t text[64])
{
	memset(text, 0, 64);
	for (size_t i = 0; ascii[i]; i++)
		text[2 * i] = (uint8_t)ascii[i];
	return (struct bytes){ text, 2 * strlen(ascii), 0 };
}

/* The image of a record as references to record 50 would have it; freed if not @in_use. */
static void add_older(struct older_records *older, uint16_t life, uint16_t sequence, bool in_use, uint32_t number)
{
	struct older_record record = { .ref = file_ref_make(50, life), .offset = 0x10000u * life,
				       .image = malloc(1024) };

	cr_assert(record.image != NULL);
	make_record(record.image, sequence, FOLDER, life == 3 ? "three" : "other");
	record.image[0x16] = in_use;
	memcpy(record.image + 0x2c, &number, 4);
	cr_assert(that(array_push(older, record)));
}

Test(inventory, older_lives_get_rows)
{
	struct table         it;
	struct older_records older = { 0 };
	const struct mft_row *row;
	uint32_t             three;
	uint8_t              text[64];

	small_begin(&it);
	inventory_row(&it.inventory, 50, 7, ROW_IN_USE);
	add_older(&older, 3, 3, true, 50);
	add_older(&older, 2, 3, false, 0);    /* freed; without its number */
	add_older(&older, 5, 4, true, 50);    /* not the life that it is said to be */
	add_older(&older, 4, 4, true, 51);    /* not the record */
	add_older(&older, 3, 3, true, 50);    /* once more */
	add_older(&older, 7, 7, true, 50);    /* the table shows it */
	cr_assert(eq(int, inventory_add_older(&it.inventory, &older, &it.err), 0));
	cr_expect(eq(sz, older.count, 0)); /* taken over */
	cr_expect(eq(u32, it.inventory.count, ROWS + 6));
	three = inventory_row_of(&it.inventory, file_ref_make(50, 3));
	cr_assert(eq(u32, three, ROWS));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(50, 2)), ROWS + 1));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(50, 5)), NO_ROW));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(50, 4)), NO_ROW));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(50, 7)), 50));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(ROWS, 1)), NO_ROW)); /* no record of the table */
	cr_expect(eq(int, it.inventory.rows[ROWS + 4].flags, 0)); /* no file is told twice */
	cr_expect(eq(int, it.inventory.rows[ROWS + 5].flags, 0));
	row = &it.inventory.rows[three];
	cr_expect(that(!(row->flags & ROW_IN_USE))); /* that life is over */
	cr_assert(eq(int, row->names, 1));
	cr_expect(eq(int, it.inventory.names.items[row->first_name].source, FACT_OLDER_RECORD));
	cr_expect(eq(u64, inventory_owner(&it.inventory, &it.inventory.names.items[row->first_name]), file_ref_make(50, 3)));
	cr_expect(that(!inventory_name_in_use(&it.inventory, &it.inventory.names.items[row->first_name])));
	cr_expect(eq(u64, mft_offset_of(&it.inventory.mft, three), 0x30000));
	cr_expect(that(inventory_has_name(&it.inventory, &it.extensions, file_ref_make(50, 3), FOLDER, wide("three", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file_ref_make(50, 2), FOLDER, wide("three", text))));
	small_end(&it);
}

struct asked {
	char     what[40];
	uint16_t sequence, flags; /* of record 50 */
	uint16_t life;            /* asked for */
	bool     found;
};

ParameterizedTestParameters(inventory, row_answers_for_one_life)
{
	static struct asked cases[] = {
		{ "in use", 4, ROW_IN_USE, 4, true },
		{ "in use, the life before", 4, ROW_IN_USE, 3, false },
		{ "freed", 4, 0, 3, true },
		{ "freed, its number", 4, 0, 4, false },
		{ "freed at 0xffff to 0", 0, 0, 0xffff, true },
		{ "freed at 0xffff to 1", 1, 0, 0xffff, true },
		{ "free at 1", 1, 0, 1, true },
		{ "in use at 1, asked for 0xffff", 1, ROW_IN_USE, 0xffff, false },
		{ "an extension record", 4, ROW_IN_USE | ROW_EXTENSION, 4, false },
		{ "a misplaced one", 4, ROW_IN_USE | ROW_MISPLACED, 4, false },
	};
	return CASES(struct asked, cases);
}

ParameterizedTest(struct asked *c, inventory, row_answers_for_one_life)
{
	struct table it;

	small_begin(&it);
	inventory_row(&it.inventory, 50, c->sequence, c->flags);
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(50, c->life)), c->found ? 50 : NO_ROW), "%s", c->what);
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(ROWS, c->life)), NO_ROW));
	cr_expect(eq(u32, inventory_row_of(&it.inventory, file_ref_make(51, 0)), NO_ROW)); /* never decoded */
	small_end(&it);
}

Test(inventory, has_name_looks_for_all_of_it)
{
	struct table it;
	uint8_t      text[64];
	file_ref     file = file_ref_make(50, 4);

	small_begin(&it);
	inventory_row(&it.inventory, 50, 4, ROW_IN_USE);
	inventory_name(&it.inventory, 50, FOLDER, "name", NAME_WIN32);
	inventory_row(&it.inventory, 51, 2, ROW_IN_USE | ROW_EXTENSION)->base = file;
	inventory_name(&it.inventory, 51, FOLDER, "link", NAME_POSIX);
	inventory_row(&it.inventory, 52, 2, ROW_IN_USE | ROW_EXTENSION)->base = file + 1; /* the next record's */
	inventory_name(&it.inventory, 52, FOLDER, "next", NAME_POSIX);
	cr_assert(eq(int, extensions_collect(&it.extensions, &it.inventory, &it.err), 0));
	cr_assert(eq(int, inventory_add_name(&it.inventory, (struct name_row){ .parent = FOLDER, .source = FACT_LOG },
					     wide("said", text), (struct remembered){ file, 1, 2 }, &it.err), 0));
	cr_expect(that(inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("name", text))));
	cr_expect(that(inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("link", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("next", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("nam", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("Name", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file, file_ref_make(5, 4), wide("name", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file_ref_make(50, 3), FOLDER, wide("name", text))));
	cr_expect(that(!inventory_has_name(&it.inventory, &it.extensions, file, FOLDER, wide("said", text)))); /* no record does */
	small_end(&it);
}

Test(inventory, remembered_names_keep_their_place)
{
	struct table           it;
	const struct name_row *name;
	uint8_t                text[64], long_text[512] = { 0 };

	small_begin(&it);
	inventory_row(&it.inventory, 50, 4, ROW_IN_USE);
	inventory_name(&it.inventory, 50, FOLDER, "name", NAME_WIN32);
	for (uint64_t i = 0; i < 2; i++)
		cr_assert(eq(int, inventory_add_name(&it.inventory,
						     (struct name_row){ .parent = FOLDER, .source = FACT_JOURNAL, .space = NAME_WIN32 },
						     wide(i ? "second" : "1st", text), (struct remembered){ 90 + i, 10 + i, 20 + i },
						     &it.err), 0));
	name = &it.inventory.names.items[2];
	cr_expect(eq(u64, inventory_owner(&it.inventory, name), 91));
	cr_expect(eq(u8, name->units, 6));
	cr_expect(that(memcmp(inventory_text(&it.inventory, name), wide("second", text).at, 12) == 0));
	cr_expect(eq(u64, it.inventory.remembered.items[name->record].offset, 11));
	cr_expect(that(!inventory_name_in_use(&it.inventory, name)));
	cr_expect(lt(int, inventory_add_name(&it.inventory, (struct name_row){ 0 }, (struct bytes){ long_text, 512, 0 },
					     (struct remembered){ 0 }, &it.err), 0)); /* 256 units are no name */
	small_end(&it);
}

Test(inventory, sources_have_their_names_both_ways)
{
	for (enum fact_source source = 0; source < FACT_SOURCES; source++)
		cr_expect(eq(int, fact_source_of(fact_source_name(source)), source));
	cr_expect(eq(str, (char *)fact_source_name(FACT_INDEX_SLACK), "index-slack"));
	cr_expect(eq(int, fact_source_of("no source"), FACT_TWIN));
	cr_expect(eq(int, fact_source_of(NULL), FACT_TWIN));
}
