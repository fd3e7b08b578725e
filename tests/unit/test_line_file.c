/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_line_file.c - expected values: line_file.h */
#include "tests/unit/unit.h"

#include "recover/line_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#define LINE(record, rest) "{\"volume\": 1, \"record\": " #record ", \"sequence\": 1, " rest "}\n"

struct place {
	char *folder;
	int   fd;
};

static struct place begin(void)
{
	struct place it = { .folder = temp_folder() };

	it.fd = open(it.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(ge(int, it.fd, 0));
	return it;
}

static void end(struct place *it)
{
	close(it->fd);
	temp_remove(it->folder);
}

static void write_file(struct place *it, const char *name, const char *text)
{
	char *path = temp_path(it->folder, name);

	temp_write(path, text, strlen(text));
	free(path);
}

static void expect_file(struct place *it, const char *name, const char *wanted)
{
	char       *path = temp_path(it->folder, name);
	struct blob text;

	if (!wanted) {
		cr_expect(that(access(path, F_OK) < 0), "there is a %s", name);
	} else {
		text = temp_read(path);
		cr_expect(that(text.size == strlen(wanted) && memcmp(text.at, wanted, text.size) == 0),
			  "%s is:\n%.*s", name, (int)text.size, (char *)text.at);
		free(text.at);
	}
	free(path);
}

static void add(struct line_file *file, uint32_t volume, uint64_t record, uint32_t sequence, const char *rest)
{
	char         line[512];
	int          length = snprintf(line, sizeof line, LINE_KEY_FORMAT "%s}", volume, record, sequence, rest);
	struct error err;

	cr_assert(eq(int, line_file_add(file, (struct line_key){ volume, record, sequence }, line, (size_t)length, &err),
		     0));
}

Test(line_file, lines_appear_sorted)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 2, 1, 1, "\"x\": 5");
	add(&file, 1, 10, 1, "\"x\": 4");
	add(&file, 1, 9, 2, "\"x\": 3");
	cr_assert(eq(int, line_file_flush(&file, line_file_pending(&file), &err), 0));
	add(&file, 1, 9, 1, "\"x\": 2");
	add(&file, 1, 2, 1, "\"x\": 1");
	cr_assert(eq(int, line_file_publish(&file, &err), 0));
	line_file_close(&file);
	expect_file(&it, "m.jsonl",
		    "{\"volume\": 1, \"record\": 2, \"sequence\": 1, \"x\": 1}\n"
		    "{\"volume\": 1, \"record\": 9, \"sequence\": 1, \"x\": 2}\n"
		    "{\"volume\": 1, \"record\": 9, \"sequence\": 2, \"x\": 3}\n"
		    "{\"volume\": 1, \"record\": 10, \"sequence\": 1, \"x\": 4}\n"
		    "{\"volume\": 2, \"record\": 1, \"sequence\": 1, \"x\": 5}\n");
	expect_file(&it, "m.jsonl.part", NULL);
	expect_file(&it, "m.jsonl.new", NULL);
	end(&it);
}

Test(line_file, nothing_appears_before_it_is_published)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 1, 1, 1, "\"x\": 1");
	cr_assert(eq(int, line_file_flush(&file, line_file_pending(&file), &err), 0));
	expect_file(&it, "m.jsonl", NULL);
	expect_file(&it, "m.jsonl.part", LINE(1, "\"x\": 1"));
	line_file_close(&file);
	expect_file(&it, "m.jsonl", NULL);
	end(&it);
}

struct cut {
	const char *name, *part;
	uint64_t    kept; /* lines, with the records 1, 2, ... */
};

Test(line_file, cut_off_run_goes_on)
{
	static const struct cut cases[] = {
		{ "whole lines", LINE(1, "") LINE(2, ""), 2 },
		{ "nothing", "", 0 },
		{ "last line without its end", LINE(1, "") "{\"volume\": 1, \"record\": 2, \"sequence\": 1, }", 1 },
		{ "last line cut in its key", LINE(1, "") LINE(2, "") "{\"volume\": 1, \"rec", 2 },
		{ "cut behind the first byte", LINE(1, "") "{", 1 },
		{ "zeros that a crash left", LINE(1, "") "\x01\x01\x01\n", 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct place     it = begin();
		struct line_file file;
		struct error     err;
		char             wanted[512] = "";

		write_file(&it, "m.jsonl.part", cases[i].part);
		cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0), "%s", cases[i].name);
		for (uint64_t record = 0; record < 4; record++)
			cr_expect(eq(int, line_file_has(&file, (struct line_key){ 1, record, 1 }),
				     record >= 1 && record <= cases[i].kept),
				  "%s, record %u", cases[i].name, (unsigned)record);
		cr_expect(that(!line_file_has(&file, (struct line_key){ 1, 1, 2 })), "%s", cases[i].name);
		cr_expect(that(!line_file_has(&file, (struct line_key){ 2, 1, 1 })), "%s", cases[i].name);
		for (uint64_t record = cases[i].kept + 1; record <= 3; record++)
			add(&file, 1, record, 1, "");
		cr_assert(eq(int, line_file_publish(&file, &err), 0), "%s", cases[i].name);
		line_file_close(&file);
		snprintf(wanted, sizeof wanted, "%s", LINE(1, "") LINE(2, "") LINE(3, ""));
		expect_file(&it, "m.jsonl", wanted);
		end(&it);
	}
}

/* A run is cut off between publishing one list and the next: what was published is not begun anew. */
Test(line_file, published_list_is_gone_on_with)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	write_file(&it, "m.jsonl", LINE(1, "") LINE(3, ""));
	cr_assert(eq(int, line_file_take_back(it.fd, "m.jsonl", &err), 0));
	expect_file(&it, "m.jsonl", NULL);
	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 1, 2, 1, "");
	cr_assert(eq(int, line_file_publish(&file, &err), 0));
	line_file_close(&file);
	expect_file(&it, "m.jsonl", LINE(1, "") LINE(2, "") LINE(3, ""));
	end(&it);
}

/* Cut off before NAME.part was dropped, or before anything was published: NAME.part is what counts. */
Test(line_file, list_with_its_part_is_not_taken_back)
{
	struct place it = begin();
	struct error err;

	cr_expect(eq(int, line_file_take_back(it.fd, "m.jsonl", &err), 0));
	write_file(&it, "m.jsonl", LINE(1, ""));
	write_file(&it, "m.jsonl.part", LINE(1, "") LINE(2, ""));
	cr_expect(eq(int, line_file_take_back(it.fd, "m.jsonl", &err), 0));
	expect_file(&it, "m.jsonl.part", LINE(1, "") LINE(2, ""));
	end(&it);
}

Test(line_file, line_added_now_does_not_count_as_resumed)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	write_file(&it, "m.jsonl.part", LINE(1, ""));
	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 1, 0, 1, "");
	cr_expect(that(line_file_has(&file, (struct line_key){ 1, 1, 1 })));
	cr_expect(that(!line_file_has(&file, (struct line_key){ 1, 0, 1 })));
	line_file_close(&file);
	end(&it);
}

Test(line_file, doubles_are_dropped_and_the_first_is_kept)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	write_file(&it, "m.jsonl.part", LINE(1, "\"old\": 1") LINE(2, "\"old\": 2") LINE(1, "\"again\": 1"));
	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 1, 2, 1, "\"new\": 2");
	cr_assert(eq(int, line_file_publish(&file, &err), 0));
	line_file_close(&file);
	expect_file(&it, "m.jsonl", LINE(1, "\"old\": 1") LINE(2, "\"old\": 2"));
	end(&it);
}

static int collect(void *context, const char *line, struct error *err)
{
	(void)err;
	strcat(context, line);
	strcat(context, ";");
	return 0;
}

static int refuse(void *context, const char *line, struct error *err)
{
	(void)context, (void)line;
	return error_set(err, ERROR_REFUSED, NULL, "no");
}

Test(line_file, each_sees_resumed_and_pending_lines)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;
	char             seen[1000] = "";

	write_file(&it, "m.jsonl.part", LINE(7, "\"a\": 1"));
	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	add(&file, 1, 3, 1, "\"b\": 2");
	cr_assert(eq(int, line_file_each(&file, collect, seen, &err), 0));
	cr_expect(eq(str, seen, "{\"volume\": 1, \"record\": 7, \"sequence\": 1, \"a\": 1};"
				"{\"volume\": 1, \"record\": 3, \"sequence\": 1, \"b\": 2};"));
	cr_expect(eq(int, line_file_each(&file, refuse, NULL, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	line_file_close(&file);
	end(&it);
}

Test(line_file, link_in_its_place_is_not_followed)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;

	write_file(&it, "victim", "keep me\n");
	cr_assert(eq(int, symlinkat("victim", it.fd, "m.jsonl.part"), 0));
	cr_expect(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), -1));
	line_file_close(&file);
	expect_file(&it, "victim", "keep me\n");
	end(&it);
}

Test(line_file, long_lines)
{
	struct place     it = begin();
	struct line_file file;
	struct error     err;
	char            *line = malloc(300000), *path = temp_path(it.folder, "m.jsonl");
	struct blob      text;
	int              length;

	cr_assert(eq(int, line_file_open(&file, it.fd, "m.jsonl", &err), 0));
	for (uint32_t i = 9; i >= 5; i--) {
		length = snprintf(line, 300000, LINE_KEY_FORMAT "\"%*s\"}", 1u, (uint64_t)i, 1u, 200000 + (int)i, "");
		cr_assert(eq(int, line_file_add(&file, (struct line_key){ 1, i, 1 }, line, (size_t)length, &err), 0));
	}
	cr_assert(eq(int, line_file_publish(&file, &err), 0));
	line_file_close(&file);
	text = temp_read(path);
	for (uint32_t i = 5; i <= 9; i++) {
		static size_t at;

		length = snprintf(line, 300000, LINE_KEY_FORMAT "\"%*s\"}\n", 1u, (uint64_t)i, 1u, 200000 + (int)i, "");
		cr_assert(le(sz, at + (size_t)length, text.size));
		cr_expect(that(memcmp(text.at + at, line, (size_t)length) == 0));
		at += (size_t)length;
	}
	free(text.at);
	free(path);
	free(line);
	end(&it);
}
