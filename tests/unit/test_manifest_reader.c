/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_manifest_reader.c - expected values: manifest.h, and json.h for what UTF-8 does not have */
#include "tests/unit/unit.h"

#include "recover/manifest_reader.h"
#include "scan/attribute.h"
#include "scan/standard_information.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY    "{\"volume\": 1, \"record\": 40, \"sequence\": 3, "
#define DIGEST "\"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\""
#define TAIL   "\"sha256\": " DIGEST ", \"missing\": [], \"streams\": [], \"why\": \"\"}\n"
#define LINE   KEY "\"grade\": \"intact\", \"size\": 11, \"names\": [\"C$/a\"], \"paths\": [\"USMT/a\"], " TAIL

static char                  *folder;
static struct manifest_reader reader;
static struct manifest_entry  entry;
static struct error           err;

static void put(const char *name, const char *text)
{
	char *path = temp_path(folder, name);

	temp_write(path, text, strlen(text));
	free(path);
}

static void begin(void)
{
	folder = temp_folder();
	reader = (struct manifest_reader){ .root = -1, .files.fd = -1, .sidecars.fd = -1, .securities.fd = -1 };
	entry = (struct manifest_entry){ 0 };
}

static void end(void)
{
	manifest_entry_release(&entry);
	manifest_reader_close(&reader);
	temp_remove(folder);
}

TestSuite(manifest_reader, .init = begin, .fini = end);

static void open_lists(const char *manifest, const char *sidecar, const char *security)
{
	put("manifest.jsonl", manifest);
	if (sidecar)
		put("sidecar.jsonl", sidecar);
	if (security)
		put("security.jsonl", security);
	cr_assert(eq(int, manifest_reader_open(&reader, folder, &err), 0), "%s", err.text);
}

/* -------- what is there -------- */

Test(manifest_reader, a_file_with_all_that_is_known_of_it)
{
	const struct case_record *record = &entry.record;

	open_lists(KEY "\"grade\": \"partial\", \"size\": 5000, \"names\": [\"C$/Users/a/x.txt\", \"C$/y\"], "
		       "\"proof\": [\"proven\", \"proven\"], \"outside\": [\"hardlink.main\"], "
		       "\"paths\": [\"USMT/File/C$/Users/a/x.txt.partial\", \"USMT/File/C$/y.partial\"], "
		       "\"sha256\": " DIGEST ", \"missing\": [[0, 512], [1024, 512]], "
		       "\"streams\": [{\"name\": \"zone\", \"type\": 128, \"size\": 7, \"grade\": \"intact\", "
		       "\"sha256\": null, \"at\": \"streams/1-40-3/80-zone\"}], \"why\": \"\"}\n",
		   KEY "\"kind\": \"file\", \"names\": [\"C$/Users/a/x.txt\"], \"proof\": [], \"attributes\": 2081, "
		       "\"created\": 1, \"written\": 2, \"changed\": 3, \"accessed\": 4, \"security_id\": 261, "
		       "\"dos_names\": [\"File/C$/Users/a/X~1.TXT\"], \"reparse_data\": \"AQIDBA==\", \"ea\": \"\"}\n",
		   NULL);
	cr_assert(eq(sz, reader.files.entries.count, 1));
	cr_assert(eq(int, manifest_reader_file(&reader, 0, &entry, &err), 0), "%s", err.text);
	cr_expect(eq(u64, record->file.record, 40));
	cr_expect(eq(int, record->file.sequence, 3));
	cr_expect(eq(int, record->file.grade, GRADE_PARTIAL));
	cr_expect(eq(u64, record->file.size_bytes, 5000));
	cr_expect(eq(u64, record->file.times.written, 2));
	cr_expect(eq(u32, record->file.security_id, 261));
	cr_expect(that(entry.sidecar && record->file.info_known));

	cr_assert(eq(sz, record->names.count, 4));
	cr_expect(eq(str, (char *)record->names.items[0].path, "\\Users\\a\\x.txt"));
	cr_expect(eq(str, (char *)record->names.items[0].inside, "File\\C$\\Users\\a\\x.txt"));
	cr_expect(eq(str, (char *)record->names.items[1].path, "\\y"));
	cr_expect(eq(str, (char *)record->names.items[2].inside, "hardlink.main"));
	cr_expect(that(record->names.items[2].path == NULL));
	cr_expect(eq(str, (char *)record->names.items[3].path, "\\Users\\a\\X~1.TXT"));
	cr_expect(that(record->names.items[3].dos && !record->names.items[0].dos));

	cr_assert(eq(sz, record->streams.count, 4));
	cr_assert(eq(sz, entry.contents.count, 4));
	cr_expect(eq(sz, record->streams.items[0].missing.count, 2));
	cr_expect(eq(u64, record->streams.items[0].missing.items[1].start, 1024));
	cr_expect(eq(int, record->streams.items[0].flags, ATTRIBUTE_COMPRESSED));
	cr_expect(eq(str, entry.contents.items[0].path, "USMT/File/C$/Users/a/x.txt.partial"));
	cr_expect(that(entry.contents.items[0].sha256_known));
	cr_expect(eq(int, entry.contents.items[0].sha256[1], 0x4d));
	cr_expect(eq(str, (char *)record->streams.items[1].name, "zone"));
	cr_expect(eq(str, entry.contents.items[1].path, "streams/1-40-3/80-zone"));
	cr_expect(that(!entry.contents.items[1].sha256_known));
	cr_expect(eq(u32, record->streams.items[2].type, ATTRIBUTE_REPARSE_POINT));
	cr_assert(eq(u64, record->streams.items[2].size_bytes, 4));
	cr_expect(eq(int, memcmp(record->streams.items[2].value, "\1\2\3\4", 4), 0));
	cr_expect(eq(u64, record->streams.items[3].size_bytes, 0));
	cr_expect(eq(sz, entry.paths.count, 2));
	cr_expect(eq(str, entry.paths.items[1], "USMT/File/C$/y.partial"));
}

Test(manifest_reader, folders_and_descriptors)
{
	uint8_t *descriptor;
	size_t   size;

	open_lists(LINE,
		   KEY "\"kind\": \"file\", \"dos_names\": []}\n"
		       "{\"volume\": 1, \"record\": 39, \"sequence\": 1, \"kind\": \"directory\", "
		       "\"names\": [\"orphans/b\", \"D$\"], \"paths\": [\"orphans/b\"], \"dos_names\": []}\n",
		   "{\"volume\": 1, \"record\": 300, \"sequence\": 0, \"descriptor\": \"AQI=\"}\n"
		   "{\"volume\": 1, \"record\": 256, \"sequence\": 0, \"descriptor\": \"AQIDBAUG\"}\n");
	cr_assert(eq(sz, reader.folders.entries.count, 1));
	cr_assert(eq(int, manifest_reader_folder(&reader, 0, &entry, &err), 0), "%s", err.text);
	cr_expect(that(entry.record.file.directory && !entry.record.file.info_known));
	cr_expect(eq(str, (char *)entry.record.names.items[0].inside, "orphans\\b"));
	cr_expect(that(entry.record.names.items[0].path == NULL));
	cr_assert(eq(sz, entry.paths.count, 1));
	cr_expect(eq(str, entry.paths.items[0], "orphans/b"));
	cr_expect(eq(str, (char *)entry.record.names.items[1].inside, "File\\D$"));
	cr_expect(eq(str, (char *)entry.record.names.items[1].path, "\\"));
	cr_expect(eq(u64, entry.record.file.record, 39));
	cr_assert(eq(int, manifest_reader_security(&reader, 1, 256, &descriptor, &size, &err), 0));
	cr_expect(eq(sz, size, 6));
	cr_expect(eq(int, memcmp(descriptor, "\1\2\3\4\5\6", 6), 0));
	free(descriptor);
	cr_assert(eq(int, manifest_reader_security(&reader, 1, 300, &descriptor, &size, &err), 0));
	cr_expect(eq(sz, size, 2));
	free(descriptor);
	cr_assert(eq(int, manifest_reader_security(&reader, 2, 256, &descriptor, &size, &err), 0));
	cr_expect(that(descriptor == NULL));
}

/* Names that are not Unicode, and what stands in for them, come back unit by unit. */
Test(manifest_reader, names_that_utf8_does_not_have)
{
	open_lists(KEY "\"grade\": \"intact\", \"size\": 11, \"names\": [\"C$/lone\\ud83d.dat\", "
		       "\"C$/\\ude00\\ud83d\\ude00\", \"C$/zero\\u0000\", \"C$/back\\\\slash\", "
		       "\"C$/\\uFDD0\xef\xb7\x90" "d800\", \"C$/\\\\ud800\"], \"paths\": [\"USMT/\xef\xb7\x90\"], " TAIL,
		   NULL, NULL);
	cr_assert(eq(int, manifest_reader_file(&reader, 0, &entry, &err), 0), "%s", err.text);
	cr_assert(eq(sz, entry.record.names.count, 6));
	cr_expect(eq(str, (char *)entry.record.names.items[0].path, "\\lone\xed\xa0\xbd.dat"));
	cr_expect(eq(str, (char *)entry.record.names.items[1].path, "\\\xed\xb8\x80\xf0\x9f\x98\x80"));
	cr_expect(eq(str, (char *)entry.record.names.items[2].path, "\\zero\xc0\x80"));
	cr_expect(eq(str, (char *)entry.record.names.items[3].path, "\\back\xc1\x9cslash"));
	cr_expect(eq(str, (char *)entry.record.names.items[4].path, "\\\xef\xb7\x90\xef\xb7\x90" "d800"));
	cr_expect(eq(str, (char *)entry.record.names.items[5].path, "\\\xc1\x9cud800"));
	cr_expect(eq(str, entry.paths.items[0], "USMT/\xef\xb7\x90"));
}

/* Lists that went through another program: other blanks, another order, an empty line, no last newline. */
Test(manifest_reader, lists_in_another_form)
{
	open_lists("{\"volume\":1,\"record\":50,\"sequence\":1,\"grade\":\"lost\",\"size\":3,\"names\":[\"C$/b\"],"
		   "\"paths\":[],\"sha256\":null,\"missing\":[],\"streams\":[]}\n\n" LINE,
		   "{\"volume\":1,\"record\":50,\"sequence\":1,\"kind\":\"file\",\"attributes\":32,\"created\":0,"
		   "\"written\":18446744073709551615,\"changed\":7,\"accessed\":0,\"security_id\":0}\n"
		   "{\"volume\":1,\"record\":40,\"sequence\":3,\"kind\":\"file\"}",
		   NULL);
	cr_assert(eq(sz, reader.files.entries.count, 2));
	cr_assert(eq(int, manifest_reader_file(&reader, 0, &entry, &err), 0), "%s", err.text);
	cr_expect(eq(u64, entry.record.file.record, 50));
	cr_expect(eq(int, entry.record.file.grade, GRADE_LOST));
	cr_expect(that(entry.contents.items[0].path == NULL));
	cr_expect(eq(u64, entry.record.file.times.changed, 7));
	manifest_entry_release(&entry);
	cr_assert(eq(int, manifest_reader_file(&reader, 1, &entry, &err), 0), "%s", err.text);
	cr_expect(that(entry.sidecar));
}

Test(manifest_reader, no_manifest_no_directory)
{
	cr_expect(eq(int, manifest_reader_open(&reader, folder, &err), -1));
	cr_expect(that(strstr(err.text, "holds no manifest.jsonl") != NULL), "%s", err.text);
	manifest_reader_close(&reader);
	put("manifest.jsonl.part", LINE);
	cr_expect(eq(int, manifest_reader_open(&reader, folder, &err), -1));
	cr_expect(that(strstr(err.text, "was cut off") != NULL), "%s", err.text);
	manifest_reader_close(&reader);
	cr_expect(eq(int, manifest_reader_open(&reader, "/does/not/exist", &err), -1));
	cr_expect(eq(int, err.sys, ENOENT));
}

/* -------- damage -------- */

struct bad_line {
	char name[48];
	char line[600];
};

#define WITH(facts, rest) KEY facts ", " rest "\"missing\": [], \"streams\": []}"
#define GOOD_FACTS "\"grade\": \"intact\", \"size\": 11, \"names\": []"
#define PATHS(path) WITH(GOOD_FACTS, "\"paths\": [" path "], \"sha256\": null, ")
#define STREAM(text)                                                                               \
	KEY GOOD_FACTS ", \"paths\": [], \"sha256\": null, \"missing\": [], \"streams\": [" text "]}"
#define MISSING(text)                                                                              \
	KEY GOOD_FACTS ", \"paths\": [], \"sha256\": null, \"missing\": " text ", \"streams\": []}"

ParameterizedTestParameters(manifest_reader, damage_is_named_and_located)
{
	static struct bad_line cases[] = {
		{ "cut off", KEY "\"grade\": \"int" },
		{ "two values", LINE "x" },
		{ "key twice", WITH(GOOD_FACTS ", \"size\": 12", "\"paths\": [], \"sha256\": null, ") },
		{ "no grade", WITH("\"size\": 11, \"names\": []", "\"paths\": [], \"sha256\": null, ") },
		{ "grade of another world", WITH("\"grade\": \"fine\", \"size\": 11", "\"paths\": [], \"sha256\": null, ") },
		{ "negative size", WITH("\"grade\": \"intact\", \"size\": -1", "\"paths\": [], \"sha256\": null, ") },
		{ "size beyond a host's files",
		  WITH("\"grade\": \"intact\", \"size\": 9223372036854775808", "\"paths\": [], \"sha256\": null, ") },
		{ "short digest", WITH(GOOD_FACTS, "\"paths\": [], \"sha256\": \"abcd\", ") },
		{ "no digits",
		  WITH(GOOD_FACTS, "\"paths\": [], \"sha256\": "
				   "\"zzzzzzzz934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\", ") },
		{ "no paths", WITH(GOOD_FACTS, "\"sha256\": null, ") },
		{ "absolute path", PATHS("\"/etc/passwd\"") },
		{ "path up", PATHS("\"USMT/../../x\"") },
		{ "path up at the end", PATHS("\"USMT/..\"") },
		{ "path up by an escape", PATHS("\"\\u002e\\u002e/x\"") },
		{ "here", PATHS("\"./x\"") },
		{ "empty part", PATHS("\"USMT//x\"") },
		{ "folder", PATHS("\"USMT/\"") },
		{ "empty path", PATHS("\"\"") },
		{ "zero in a path", PATHS("\"USMT/x\\u0000y\"") },
		{ "half a pair in a path", PATHS("\"USMT/\\ud800\"") },
		{ "path that is a number", PATHS("7") },
		{ "name that is a list", KEY "\"grade\": \"intact\", \"size\": 1, \"names\": [[]], \"paths\": []}" },
		{ "empty name", KEY "\"grade\": \"intact\", \"size\": 1, \"names\": [\"\"], \"paths\": []}" },
		{ "missing behind the end", MISSING("[[5, 7]]") },
		{ "missing in the wrong order", MISSING("[[5, 1], [0, 1]]") },
		{ "missing without length", MISSING("[[5]]") },
		{ "stream without type", STREAM("{\"name\": \"a\", \"size\": 1, \"grade\": \"intact\", \"sha256\": null}") },
		{ "stream outside",
		  STREAM("{\"name\": \"a\", \"type\": 128, \"size\": 1, \"grade\": \"intact\", \"sha256\": null, \"at\": "
			 "\"../a\"}") },
		{ "stream that is a number", STREAM("7") },
	};
	return CASES(struct bad_line, cases);
}

ParameterizedTest(struct bad_line *c, manifest_reader, damage_is_named_and_located)
{
	char *text;

	cr_assert(ge(int, asprintf(&text, LINE "%s", c->line), 0));
	if (strcmp(c->name, "two values") == 0)
		*strstr(text + strlen(LINE), "}\nx") = ' '; /* no line end there */
	open_lists(text, NULL, NULL);
	cr_assert(eq(sz, reader.files.entries.count, 2), "%s", c->name);
	cr_expect(eq(int, manifest_reader_file(&reader, 1, &entry, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, ERROR_VALUE), "%s", c->name);
	cr_expect(eq(u64, err.offset, strlen(LINE)), "%s", c->name);
	manifest_entry_release(&entry);
	/* the line before is none the worse */
	cr_expect(eq(int, manifest_reader_file(&reader, 0, &entry, &err), 0), "%s", c->name);
	free(text);
}

Test(manifest_reader, damaged_sidecars_and_descriptors)
{
	uint8_t *descriptor;
	size_t   size;

	open_lists(LINE, KEY "\"kind\": \"file\", \"attributes\": 32}\n",
		   "{\"volume\": 1, \"record\": 256, \"sequence\": 0, \"descriptor\": \"A?ID\"}\n"
		   "{\"volume\": 1, \"record\": 257, \"sequence\": 0, \"descriptor\": \"A===\"}\n"
		   "{\"volume\": 1, \"record\": 258, \"sequence\": 0, \"descriptor\": \"AQIDB\"}\n");
	cr_expect(eq(int, manifest_reader_file(&reader, 0, &entry, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	for (uint32_t id = 256; id < 259; id++) {
		cr_expect(eq(int, manifest_reader_security(&reader, 1, id, &descriptor, &size, &err), -1));
		cr_expect(eq(int, err.kind, ERROR_VALUE));
		cr_expect(that(descriptor == NULL));
	}
}

/* Lines without a key, and endless nesting, are no reason to stop. */
Test(manifest_reader, lines_that_are_none)
{
	char deep[20000];

	memset(deep, '[', sizeof deep);
	memcpy(deep, KEY "\"names\": ", strlen(KEY "\"names\": "));
	deep[sizeof deep - 1] = 0;
	put("manifest.jsonl", deep);
	cr_assert(eq(int, manifest_reader_open(&reader, folder, &err), 0));
	cr_assert(eq(sz, reader.files.entries.count, 1));
	cr_expect(eq(int, manifest_reader_file(&reader, 0, &entry, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	manifest_reader_close(&reader);
	open_lists("rubbish\n{\"record\": 1}\n" LINE, NULL, NULL);
	cr_expect(eq(sz, reader.files.entries.count, 1));
	cr_expect(eq(u64, reader.files.damaged, 2));
}

/* -------- content -------- */

Test(manifest_reader, content_is_opened_below_the_folder_only)
{
	char *below = temp_path(folder, "USMT"), *link_path = temp_path(folder, "USMT/link"),
	     *folder_link = temp_path(folder, "out");
	char  text[4] = "";
	int   fd;

	cr_assert(eq(int, mkdir(below, 0700), 0));
	put("USMT/a", "abc");
	cr_assert(eq(int, symlink("a", link_path), 0));
	cr_assert(eq(int, symlink("/", folder_link), 0));
	open_lists(LINE, NULL, NULL);
	cr_assert(eq(int, manifest_reader_content(&reader, "USMT/a", &fd, &err), 1));
	cr_expect(eq(int, (int)read(fd, text, 3), 3));
	cr_expect(eq(str, text, "abc"));
	close(fd);
	cr_assert(eq(int, manifest_reader_content(&reader, "manifest.jsonl", &fd, &err), 1));
	close(fd);
	cr_expect(eq(int, manifest_reader_content(&reader, "USMT/b", &fd, &err), 0));
	cr_expect(eq(int, manifest_reader_content(&reader, "USMT/a/b", &fd, &err), 0));
	cr_expect(eq(int, manifest_reader_content(&reader, "USMT", &fd, &err), 0), "a folder is no content");
	cr_expect(eq(int, manifest_reader_content(&reader, "USMT/link", &fd, &err), 0), "a link is no content");
	cr_expect(eq(int, manifest_reader_content(&reader, "out/etc/passwd", &fd, &err), 0), "a link leads out");
	free(below);
	free(link_path);
	free(folder_link);
}
