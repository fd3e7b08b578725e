/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_cmtrace_writer.c - expected values: the form of the real logs as a regular expression, which grep
 * holds against them as well; our reader, whose own suite stands on real logs; and every state that a power
 * cut could leave
 */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "recover/sequence/cmtrace_writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char *folder, *path;

static void make_folder(void)
{
	folder = temp_folder();
	path = temp_path(folder, "smsts.log");
	setenv("LC_ALL", "C", 1);
}

static void remove_folder(void)
{
	free(path);
	temp_remove(folder);
}

TestSuite(cmtrace_writer, .init = make_folder, .fini = remove_folder);

static struct cmtrace_writer opened(uint64_t size_max)
{
	struct cmtrace_writer log;
	struct error          err = { 0 };

	cr_assert(eq(int, cmtrace_open(&log, path, size_max, &err), 0), "%s", err.text);
	return log;
}

static void closed(struct cmtrace_writer *log)
{
	struct error err = { 0 };

	cr_assert(eq(int, cmtrace_close(log, &err), 0), "%s", err.text);
	cmtrace_release(log);
}

#define say(log, ...) cmtrace_write(log, CMTRACE_INFO, "TSManager", "test.c", 7, __VA_ARGS__)

/* What a shell says. */
static size_t shell_count(const char *format, const char *file) __attribute__((format(printf, 1, 0)));

static size_t shell_count(const char *format, const char *file)
{
	char  *command;
	size_t count = 0;
	FILE  *program;

	cr_assert(that(asprintf(&command, format, file) > 0));
	program = popen(command, "r");
	cr_assert(eq(int, fscanf(program, "%zu", &count), 1), "%s", command);
	pclose(program);
	free(command);
	return count;
}

/* A line that is a record of one line, for grep -P; it counts all of an MDT winpe log and of ours. */
#define LINE                                                                                                                       \
	"grep -caP '^(\\xef\\xbb\\xbf)?<!\\[LOG\\[((?!\\]LOG\\]!>|<!\\[LOG\\[).)*\\]LOG\\]!><time=\"\\d\\d:\\d\\d:\\d\\d\\.\\d{3}" \
	"[+-]\\d+\" date=\"\\d\\d-\\d\\d-\\d{4}\" component=\"[^\"]+\" context=\"\" type=\"[0-3]\" thread=\"\\d+\" "               \
	"file=\"[^\":]+:\\d+\">\\r$' '%s'"

Test(cmtrace_writer, the_form_is_that_of_a_real_log)
{
	struct cmtrace_writer log = opened(0);
	struct blob           sample = sample_load("usmt/smsts-mdt-winpe-2019.log"), bytes;
	char                 *real = temp_path(folder, "real.log");

	temp_write(real, sample.at, sample.size);
	cr_assert(eq(sz, shell_count(LINE, real), 881));

	say(&log, "Start executing an instruction. Instruction name: %s. Instruction pointer: %d",
	    "W\xc3\xb6rter", 3);
	say(&log, "%s", "");
	say(&log, "100 %% of \"it\" <is> [escaped] & \\ kept");
	closed(&log);
	log = opened(0); /* goes on */
	say(&log, "again");
	closed(&log);
	cr_expect(eq(sz, shell_count(LINE, path), 4));
	cr_expect(eq(sz, shell_count("wc -l < '%s'", path), 4));
	cr_expect(eq(sz, shell_count("grep -oaP '\\xef\\xbb\\xbf' '%s' | wc -l", path), 1));
	bytes = temp_read(path);
	cr_expect(that(memcmp(bytes.at, "\xef\xbb\xbf<![LOG[Start", 13) == 0));
	free(bytes.at);
	free(sample.at);
	free(real);
}

struct hostile {
	char text[96], written[128];
};

ParameterizedTestParameters(cmtrace_writer, no_text_ends_its_record)
{
	static struct hostile cases[] = {
		{ "a]LOG]!><time=\"\">b", "a]LOG]! ><time=\"\">b" },
		{ "<![LOG[forged", "<![LOG [forged" },
		{ "]LOG]!>]LOG]!><![LOG[", "]LOG]! >]LOG]! ><![LOG [" },
		{ "]LOG]!", "]LOG]!" },
		{ "]LOG]!]LOG", "]LOG]!]LOG" },
		{ "two\nlines", "two\r\nlines" },
		{ "a\n<![LOG[b]LOG]!>\n", "a\r\n<![LOG [b]LOG]! >\r\n" },
		{ "a\rb\tc\x1b[0m\x7f", "a\\x0db\\x09c\\x1b[0m\\x7f" },
		{ "\xff\xc3", "\\xff\\xc3" },
		{ "\xe2\x80\xae right to left", "\\u{202e} right to left" },
		{ "]LO\x01G]!>", "]LO\\x01G]!>" },
	};

	return CASES(struct hostile, cases);
}

ParameterizedTest(struct hostile *c, cmtrace_writer, no_text_ends_its_record)
{
	struct cmtrace_writer log = opened(0);
	struct cmtrace_record record;
	struct blob           bytes;
	struct bytes          rest;

	say(&log, "%s", c->text);
	closed(&log);
	bytes = temp_read(path);
	rest = blob_bytes(bytes, 0);
	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(eq(int, record.damage, CMTRACE_WHOLE));
	cr_expect(that(record.text.left == strlen(c->written) &&
		       memcmp(record.text.at, c->written, record.text.left) == 0),
		  "%s: %.*s", c->text, (int)record.text.left, (const char *)record.text.at);
	cr_expect(that(!cmtrace_next(&rest, &record)));
	free(bytes.at);
}

Test(cmtrace_writer, a_long_text_is_cut)
{
	struct cmtrace_writer log = opened(0);
	struct blob           text = blob_zero(300001), bytes;
	struct bytes          rest;
	struct cmtrace_record record;

	for (size_t i = 0; i + 2 < text.size; i += 2)
		memcpy(text.at + i, "\xc3\xa4", 2);
	say(&log, "x%s", (char *)text.at);
	for (size_t i = 0; i + 7 < text.size; i += 7)
		memcpy(text.at + i, "]LOG]!>", 8);
	say(&log, "%s", (char *)text.at);
	closed(&log);
	bytes = temp_read(path);
	rest = blob_bytes(bytes, 0);
	for (int i = 0; i < 2; i++) {
		cr_assert(that(cmtrace_next(&rest, &record)));
		cr_expect(eq(int, record.damage, CMTRACE_WHOLE));
		cr_expect(that(record.text.left > 30000 && record.text.left < CMTRACE_TEXT_MAX));
		cr_expect(that(memcmp(record.text.at + record.text.left - 4, " ...", 4) == 0));
	}
	cr_expect(eq(sz, shell_count("iconv -f UTF-8 -t UTF-16 '%s' | wc -l", path) > 0, 1),
		  "letters are whole");
	cr_expect(that(!cmtrace_next(&rest, &record)));
	free(bytes.at);
	free(text.at);
}

struct zone {
	char tz[16], written[8];
	int  minutes;
};

ParameterizedTestParameters(cmtrace_writer, times)
{
	static struct zone cases[] = {
		/* POSIX zones: the number is what gives UTC, as the bias is */
		{ "EDT4", "+240", 240 },      { "PST8", "+480", 480 }, { "CET-1", "-60", -60 },
		{ "IST-5:30", "-330", -330 }, { "UTC0", "+000", 0 },
	};

	return CASES(struct zone, cases);
}

ParameterizedTest(struct zone *c, cmtrace_writer, times)
{
	struct cmtrace_writer log;
	struct cmtrace_record record;
	struct blob           bytes;
	struct bytes          rest;
	struct timespec       before, after;
	char                  expected[16];

	setenv("TZ", c->tz, 1);
	log = opened(0);
	clock_gettime(CLOCK_REALTIME, &before);
	say(&log, "now");
	clock_gettime(CLOCK_REALTIME, &after);
	closed(&log);
	before.tv_nsec -= before.tv_nsec % 1000000;
	bytes = temp_read(path);
	rest = blob_bytes(bytes, 0);
	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(that(record.time >= ntfs_time_from_timespec(before) &&
		       record.time <= ntfs_time_from_timespec(after)));
	cr_expect(eq(int, record.bias_minutes, c->minutes));
	snprintf(expected, sizeof expected, "%s\" date", c->written);
	cr_expect(that(memmem(bytes.at, bytes.size, expected, strlen(expected)) != NULL), "%s", expected);
	free(bytes.at);
}

/* -------- a log that is there -------- */

/* How many whole records there are, and nothing else; their last text is @last. */
static size_t whole_records(const char *last)
{
	struct blob           bytes = temp_read(path);
	struct bytes          rest = blob_bytes(bytes, 0);
	struct cmtrace_record record;
	size_t                count = 0;

	while (cmtrace_next(&rest, &record)) {
		cr_expect(eq(int, record.damage, CMTRACE_WHOLE));
		count++;
		if (!rest.left || rest.left == 2)
			cr_expect(that(record.text.left == strlen(last) &&
				       memcmp(record.text.at, last, record.text.left) == 0));
	}
	cr_expect(that(memchr(bytes.at, 0, bytes.size) == NULL));
	cr_expect(that(bytes.at[bytes.size - 1] == '\n'));
	free(bytes.at);
	return count;
}

/* What a power cut leaves of a log, with @zeros for what was not written. */
static void check_cut(struct blob whole, size_t size, size_t zeros, size_t records)
{
	struct blob           cut = blob_zero(size + zeros);
	struct cmtrace_writer log;
	size_t                marks;

	memcpy(cut.at, whole.at, size);
	temp_write(path, cut.at, cut.size);
	log = opened(0);
	say(&log, "next");
	closed(&log);
	cr_expect(eq(sz, whole_records("next"), records + 1), "cut at %zu, %zu zeros", size, zeros);
	marks = shell_count("grep -oaF '<![LOG[' '%s' | wc -l", path);
	cr_expect(eq(sz, marks, records + 1), "cut at %zu", size);
	cr_expect(eq(sz, shell_count("grep -oaF ']LOG]!>' '%s' | wc -l", path), marks), "cut at %zu", size);
	cr_expect(eq(sz, shell_count("grep -caP '^(\\xef\\xbb\\xbf)?<!\\[LOG\\[' '%s'", path), marks),
		  "cut at %zu", size);
	free(cut.at);
}

Test(cmtrace_writer, goes_on_behind_any_cut)
{
	struct cmtrace_writer log = opened(0);
	struct blob           whole;
	size_t                first, begin = strlen("<![LOG[");

	say(&log, "first");
	first = log.size;
	say(&log, "a text");
	closed(&log);
	whole = temp_read(path);
	cr_assert(eq(sz, whole_records("a text"), 2));
	for (size_t size = first; size <= whole.size; size++) {
		size_t records =
			size >= first + begin ? 2 : 1; /* from there on it is known that there is one */

		check_cut(whole, size, 0, records);
		if (size > first)
			check_cut(whole, size, 513, records);
	}
	for (size_t size = 0; size <= first; size++)
		if (size == 0 || size >= 3)
			check_cut(whole, size, 0, size >= 3 + begin);
	free(whole.at);
}

Test(cmtrace_writer, the_torn_text_stays)
{
	struct cmtrace_writer log = opened(0);
	struct blob           whole;

	say(&log, "the last words before the cut");
	closed(&log);
	whole = temp_read(path);
	temp_write(path, whole.at, 3 + 7 + strlen("the last words"));
	log = opened(0);
	closed(&log);
	cr_expect(eq(sz, whole_records("the last words"), 1));
	cr_expect(eq(sz, shell_count(LINE, path), 1));
	free(whole.at);
}

Test(cmtrace_writer, writes_to_no_other_file)
{
	static const char *const others[] = { "text", "\xef\xbb\xbf<?xml", "<![LOG", "MZ", "" };
	struct cmtrace_writer    log;
	struct error             err;

	for (size_t i = 0; *others[i]; i++) {
		struct blob after;

		temp_write(path, others[i], strlen(others[i]));
		cr_expect(eq(int, cmtrace_open(&log, path, 0, &err), -1), "%s", others[i]);
		cr_expect(eq(int, err.kind, ERROR_REFUSED));
		cmtrace_release(&log);
		after = temp_read(path);
		cr_expect(that(after.size == strlen(others[i]) &&
			       memcmp(after.at, others[i], after.size) == 0));
		free(after.at);
	}
	temp_write(path, "\0\0\0\0\0\0\0\0\0\0\0\0", 12); /* an image */
	cr_expect(eq(int, cmtrace_open(&log, path, 0, &err), -1));
	cmtrace_release(&log);
	cr_expect(eq(int, cmtrace_open(&log, "/nowhere/smsts.log", 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_IO));
	cmtrace_release(&log);
}

/* -------- rolling over -------- */

/* How many files in the folder match. */
static size_t count_files(const char *pattern)
{
	char   command[512];
	size_t count;

	snprintf(command, sizeof command, "ls '%%s' | grep -cE '%s'", pattern);
	count = shell_count(command, folder);
	return count;
}

Test(cmtrace_writer, set_aside_when_full)
{
	struct cmtrace_writer log = opened(2000);
	char                 *command;

	for (int i = 0; i < 100; i++)
		say(&log, "record %d of a log that is full after some", i);
	cr_expect(that(log.size <= 2000));
	closed(&log);
	cr_expect(that(count_files("^smsts-[0-9]{8}-[0-9]{6}(-[0-9]+)?\\.log$") >= 9));
	cr_expect(eq(sz, count_files("^smsts\\.log$"), 1));
	cr_expect(eq(sz, count_files("^smsts-[0-9]{8}-[0-9]{6}(-[0-9]+)?\\.log$") + 1, count_files(".")));
	/* every record is in one of them, each begins with a mark, and none is too long */
	cr_assert(that(asprintf(&command, "cat '%%s'/*.log | grep -oE 'record [0-9]+ of' | sort -u | wc -l") >
		       0));
	cr_expect(eq(sz, shell_count(command, folder), 100));
	free(command);
	cr_expect(eq(sz, shell_count("cat '%s'/*.log | grep -oaP '\\xef\\xbb\\xbf' | wc -l", folder),
		     count_files(".")));
	cr_expect(eq(sz, shell_count("find '%s' -name '*.log' -size +2000c | wc -l", folder), 0));
}

Test(cmtrace_writer, one_record_too_long_for_a_log)
{
	struct cmtrace_writer log = opened(100);

	say(&log, "a");
	say(&log, "b");
	closed(&log);
	cr_expect(eq(sz, count_files("."), 2), "a log has one record at least");
}

Test(cmtrace_writer, a_log_that_cannot_be_set_aside_grows)
{
	struct cmtrace_writer log = opened(300);

	cr_assert(eq(int, unlink(path), 0));
	for (int i = 0; i < 9; i++)
		say(&log, "a");
	closed(&log);
	cr_expect(that(log.size > 600));
}

/* -------- trouble -------- */

Test(cmtrace_writer, errors_are_told_in_the_end)
{
	struct cmtrace_writer log;
	struct error          err = { 0 };

	cr_assert(eq(int, cmtrace_open(&log, "/dev/full", 100, &err), 0));
	say(&log, "a");
	say(&log, "b");
	cr_expect(eq(int, cmtrace_close(&log, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_IO));
	cr_expect(eq(int, err.sys, ENOSPC));
	cmtrace_release(&log);
}

Test(cmtrace_writer, no_log_at_all)
{
	struct cmtrace_writer log = CMTRACE_WRITER_NONE;

	say(&log, "to nowhere");
	cmtrace_flush(&log);
	closed(&log);
}

Test(cmtrace_writer, a_device_is_a_log)
{
	struct cmtrace_writer log;
	struct error          err = { 0 };

	cr_assert(eq(int, cmtrace_open(&log, "/dev/null", 10, &err), 0));
	say(&log, "to nowhere");
	closed(&log);
}
