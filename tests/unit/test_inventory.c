/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_inventory.c - whole Windows tables; expected values: dfir_ntfs's test_cases.py and its .fls lists */
#include "tests/unit/unit.h"

#include "core/utf16.h"
#include "scan/file.h"
#include "scan/namespace.h"

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
