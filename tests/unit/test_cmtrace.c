/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_cmtrace.c - expected values: real logs, counted with grep and summed with a regular expression in
 * Python (which knows whole records alone); times by date -u; damage made by hand, and such as a real log has
 */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "scan/cmtrace.h"

#include <stdio.h>
#include <string.h>

/* -------- real logs -------- */

struct sums {
	size_t   count[3]; /* by damage */
	size_t   types[CMTRACE_TYPES + 1];
	uint64_t text, line, thread; /* of the whole ones */
	uint64_t first, last;        /* times */
	size_t   odd_times;
};

static struct sums sum_up(struct bytes log)
{
	struct sums           sums = { 0 };
	struct cmtrace_record record;

	while (cmtrace_next(&log, &record)) {
		sums.count[record.damage]++;
		sums.types[record.type]++;
		sums.odd_times += !record.time || !record.has_bias;
		sums.first = sums.first ? sums.first : record.time;
		sums.last = record.time;
		if (record.damage == CMTRACE_WHOLE) {
			sums.text += record.text.left;
			sums.line += record.line;
			sums.thread += record.thread;
		}
	}
	return sums;
}

struct real {
	char     path[64];
	size_t   whole, tails, types[4];
	uint64_t text, line, thread;
	uint64_t first, first_ms, last_seconds; /* since 1970 */
};

static struct real reals[] = {
	/* five records have lost their beginning to another thread's */
	{ "usmt/smsts-configmgr-fullos-2019.log",
	  5939,
	  5,
	  { 1542, 4349, 34, 19 },
	  787291,
	  10564866,
	  15500156,
	  1571408353,
	  567,
	  1571409049 },
	{ "usmt/smsts-mdt-winpe-2019.log",
	  881,
	  0,
	  { 579, 300, 1, 1 },
	  51713,
	  856066,
	  1699980,
	  1575701738,
	  363,
	  1575702192 },
	{ "usmt/mdt-BDD-2024.log", 1393, 0, { 0, 1393, 0, 0 }, 80695, 0, 0, 1707324733, 0, 0 },
};

ParameterizedTestParameters(cmtrace, real_logs)
{
	return CASES(struct real, reals);
}

ParameterizedTest(struct real *c, cmtrace, real_logs)
{
	struct blob sample = sample_load(c->path);
	struct sums sums = sum_up(blob_bytes(sample, 0));

	cr_expect(eq(sz, sums.count[CMTRACE_WHOLE], c->whole));
	cr_expect(eq(sz, sums.count[CMTRACE_NO_BEGINNING], c->tails));
	cr_expect(eq(sz, sums.count[CMTRACE_NO_END], 0));
	cr_expect(eq(sz, sums.types[CMTRACE_TYPES], 0));
	for (int i = 0; i < 4; i++)
		cr_expect(eq(sz, sums.types[i], c->types[i]), "type %d", i);
	cr_expect(eq(sz, sums.odd_times, 0));
	cr_expect(eq(u64, sums.text, c->text));
	cr_expect(eq(u64, sums.line, c->line));
	cr_expect(eq(u64, sums.thread, c->thread));
	cr_expect(eq(u64, sums.first,
		     NTFS_TIME_UNIX_EPOCH + c->first * NTFS_TIME_PER_SECOND + c->first_ms * 10000));
	if (c->last_seconds)
		cr_expect(
			eq(u64, (sums.last - NTFS_TIME_UNIX_EPOCH) / NTFS_TIME_PER_SECOND, c->last_seconds));
	free(sample.at);
}

/* What grep counts on this machine, in this file. */
static size_t grep(const char *pattern, const char *path)
{
	const char *samples = getenv("HOLDFAST_SAMPLES");
	char       *command;
	size_t      count = 0;
	FILE       *program;

	cr_assert(that(asprintf(&command, "grep -aoF '%s' '%s/%s' | wc -l", pattern,
				samples ? samples : "../shared/samples", path) > 0));
	program = popen(command, "r");
	cr_assert(eq(int, fscanf(program, "%zu", &count), 1));
	pclose(program);
	free(command);
	return count;
}

Test(cmtrace, counts_are_those_of_grep)
{
	for (size_t i = 0; i < COUNT(reals); i++) {
		struct blob sample = sample_load(reals[i].path);
		struct sums sums = sum_up(blob_bytes(sample, 0));

		cr_expect(eq(sz, sums.count[CMTRACE_WHOLE], grep(CMTRACE_BEGIN, reals[i].path)));
		cr_expect(eq(sz, sums.count[CMTRACE_WHOLE] + sums.count[CMTRACE_NO_BEGINNING],
			     grep(CMTRACE_END, reals[i].path)));
		free(sample.at);
	}
}

Test(cmtrace, other_logs_have_no_records)
{
	struct blob sample = sample_load("usmt/scanstate-genconfig.log");
	struct sums sums = sum_up(blob_bytes(sample, 0));

	cr_expect(eq(sz, sums.count[0] + sums.count[1] + sums.count[2], 0));
	free(sample.at);
}

Test(cmtrace, all_that_a_record_says)
{
	struct blob           sample = sample_load("usmt/smsts-mdt-winpe-2019.log");
	struct bytes          rest = blob_bytes(sample, 0x1000);
	struct cmtrace_record record;

	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(that(record.text.left == 39 &&
		       memcmp(record.text.at, "Used smsts.ini to set logging settings.", 39) == 0));
	cr_expect(eq(u64, record.whole.offset, 0x1003), "behind the byte order mark");
	cr_expect(eq(u64, record.text.offset, 0x1003 + 7));
	cr_expect(that(record.component.left == 12 && memcmp(record.component.at, "TSMBootstrap", 12) == 0));
	cr_expect(eq(sz, record.context.left, 0));
	cr_expect(eq(int, record.bias_minutes, 480));
	cr_expect(eq(int, record.type, CMTRACE_INFO));
	cr_expect(eq(u32, record.thread, 1876));
	cr_expect(that(record.file.left == 13 && memcmp(record.file.at, "tslogging.cpp", 13) == 0));
	cr_expect(eq(u32, record.line, 1457));
	free(sample.at);
}

/* -------- attributes -------- */

static struct cmtrace_record only_record(const char *text, struct blob *exact)
{
	struct cmtrace_record record, second;
	struct bytes          rest;

	*exact = blob_copy(text, strlen(text));
	rest = blob_bytes(*exact, 0);
	cr_assert(that(cmtrace_next(&rest, &record)), "%s", text);
	cr_expect(that(!cmtrace_next(&rest, &second)), "%s", text);
	return record;
}

struct stamp {
	char     time[32], date[16];
	int64_t  seconds; /* since 1970; -1: none */
	uint32_t rest_100ns;
	bool     has_bias;
	int      bias;
};

ParameterizedTestParameters(cmtrace, times)
{
	static struct stamp cases[] = {
		{ "10:19:13.567+240", "10-18-2019", 1571408353, 5670000, true, 240 },
		{ "16:19:13.567-120", "10-18-2019", 1571408353, 5670000, true, -120 },
		{ "15:19:13.567-60", "10-18-2019", 1571408353, 5670000, true, -60 },
		{ "19:49:13.567-330", "10-18-2019", 1571408353, 5670000, true, -330 },
		{ "14:19:13.567+000", "10-18-2019", 1571408353, 5670000, true, 0 },
		{ "14:19:13.567", "10-18-2019", 1571408353, 5670000, false, 0 },
		{ "14:19:13", "10-18-2019", 1571408353, 0, false, 0 },
		{ "14:19:13.1234567+0", "10-18-2019", 1571408353, 1234567, true, 0 },
		{ "14:19:13.12345678+0", "10-18-2019", 1571408353, 1234567, true, 0 },
		{ "0:0:0.0+0", "2-29-2020", 1582934400, 0, true, 0 },
		{ "23:59:59.999+60", "12-31-2023", 1704070799, 9990000, true,
		  60 }, /* the year after, in UTC */
		{ "00:00:00.000+000", "02-29-2019", -1, 0, true, 0 },
		{ "00:00:00.000+000", "02-30-2020", -1, 0, true, 0 },
		{ "00:00:00.000+000", "13-01-2020", -1, 0, true, 0 },
		{ "00:00:00.000+000", "00-01-2020", -1, 0, true, 0 },
		{ "00:00:00.000+000", "01-00-2020", -1, 0, true, 0 },
		{ "00:00:00.000+000", "01-01-1601", -1, 0, true, 0 },
		{ "00:00:00.000+000", "2020-01-01", -1, 0, true, 0 },
		{ "00:00:00.000+000", "", -1, 0, true, 0 },
		{ "24:00:00.000+000", "01-01-2020", -1, 0, true, 0 },
		{ "00:60:00.000+000", "01-01-2020", -1, 0, true, 0 },
		{ "00:00:60.000+000", "01-01-2020", -1, 0, true, 0 },
		{ "00:00:00.+000", "01-01-2020", -1, 0, false, 0 },
		{ "00:00:00.000 000", "01-01-2020", -1, 0, false, 0 },
		{ "00:00:00.000+", "01-01-2020", -1, 0, false, 0 },
		{ "00:00:00.000+00000", "01-01-2020", -1, 0, false, 0 },
		{ "", "01-01-2020", -1, 0, false, 0 },
	};

	return CASES(struct stamp, cases);
}

ParameterizedTest(struct stamp *c, cmtrace, times)
{
	struct cmtrace_record record;
	struct blob           exact;
	char                  text[256];

	snprintf(text, sizeof text, "<![LOG[x]LOG]!><time=\"%s\" date=\"%s\" component=\"c\">", c->time,
		 c->date);
	record = only_record(text, &exact);
	cr_expect(eq(int, record.damage, CMTRACE_WHOLE));
	cr_expect(eq(u64, record.time,
		     c->seconds < 0 ? 0
				    : NTFS_TIME_UNIX_EPOCH + (uint64_t)c->seconds * NTFS_TIME_PER_SECOND +
					      c->rest_100ns),
		  "%s %s", c->time, c->date);
	cr_expect(eq(int, record.has_bias, c->has_bias), "%s", c->time);
	cr_expect(eq(int, record.bias_minutes, c->bias), "%s", c->time);
	free(exact.at);
}

struct source {
	char     value[32], name[32];
	uint32_t line;
};

ParameterizedTestParameters(cmtrace, source_files)
{
	static struct source cases[] = {
		{ "engine.cxx:144", "engine.cxx", 144 },
		{ "engine.cxx,144", "engine.cxx", 144 },
		{ "LiteTouch", "LiteTouch", 0 },
		{ "", "", 0 },
		{ "a:b.cpp:1", "a:b.cpp", 1 },
		{ "name2", "name2", 0 },
		{ ":", ":", 0 },
		{ "x:", "x:", 0 },
		{ "x:1234567890", "x:1234567890", 0 },
		{ "7", "7", 0 },
	};

	return CASES(struct source, cases);
}

ParameterizedTest(struct source *c, cmtrace, source_files)
{
	struct cmtrace_record record;
	struct blob           exact;
	char                  text[256];

	snprintf(text, sizeof text, "<![LOG[x]LOG]!><component=\"c\" file=\"%s\">", c->value);
	record = only_record(text, &exact);
	cr_expect(that(record.file.left == strlen(c->name) &&
		       memcmp(record.file.at, c->name, record.file.left) == 0),
		  "%s", c->value);
	cr_expect(eq(u32, record.line, c->line), "%s", c->value);
	free(exact.at);
}

/* -------- damage -------- */

#define ATTRIBUTES \
	"<time=\"10:19:13.567+240\" date=\"10-18-2019\" component=\"a\" context=\"\" type=\"2\" thread=\"1\" file=\"m:3\">"
#define RECORD(text) CMTRACE_BEGIN text CMTRACE_END ATTRIBUTES

struct damaged {
	char what[64], log[1024];
	char found[64]; /* the damage and the text of each record, a bar between */
};

/* What cmtrace_next gives, in that form. */
static void describe(struct bytes log, char *found, size_t size)
{
	static const char     signs[] = "=<>"; /* whole, no beginning, no end */
	struct cmtrace_record record;
	size_t                length = 0;

	*found = 0;
	while (cmtrace_next(&log, &record) && length < size)
		length += (size_t)snprintf(found + length, size - length, "%s%c%.*s", length ? "|" : "",
					   signs[record.damage], (int)record.text.left,
					   (const char *)record.text.at);
}

ParameterizedTestParameters(cmtrace, damage)
{
	static struct damaged cases[] = {
		{ "nothing", "", "" },
		{ "no log", "2018-04-20 09:26:17, Info [0x000000] text ]LOG]!> [LOG[", "" },
		{ "no line ends", RECORD("a") RECORD("b"), "=a|=b" },
		{ "line ends of all kinds",
		  RECORD("a") "\n" RECORD("b") "\r" RECORD("c") "\r\n\r\n" RECORD("d"), "=a|=b|=c|=d" },
		{ "byte order marks", "\xef\xbb\xbf" RECORD("a") "\r\n\xef\xbb\xbf" RECORD("b"), "=a|=b" },
		{ "lines in a text", RECORD("a\r\nb\nc"), "=a\r\nb\nc" },
		{ "empty text", RECORD(""), "=" },
		{ "brackets in a text", RECORD("[a] ]LOG] <![LOG ]!>"), "=[a] ]LOG] <![LOG ]!>" },
		{ "attributes on the next line", CMTRACE_BEGIN "a" CMTRACE_END "\r\n" ATTRIBUTES RECORD("b"),
		  "=a|=b" },
		{ "noise between", RECORD("a") "5:33.198-60\" date=\"09-07-2022\">\r\n" RECORD("b"),
		  "=a|=b" },
		{ "written over its beginning",
		  RECORD("a") "\r\nding file x" CMTRACE_END ATTRIBUTES "\r\n" RECORD("b"),
		  "=a|<ding file x|=b" },
		{ "starts in the middle", "tail" CMTRACE_END ATTRIBUTES RECORD("b"), "<tail|=b" },
		{ "two ends", RECORD("a") CMTRACE_END CMTRACE_END RECORD("b"), "=a|=b" },
		{ "end of a text alone", "x" CMTRACE_END "\r\n" RECORD("b"), "=b" },
		{ "torn in the text", RECORD("a") "\r\n" CMTRACE_BEGIN "half a te", "=a|>half a te" },
		{ "torn in the end mark", CMTRACE_BEGIN "b]LOG]!", ">b]LOG]!" },
		{ "torn behind the end mark", CMTRACE_BEGIN "b]LOG]!>", ">b" },
		{ "torn in an attribute", CMTRACE_BEGIN "b]LOG]!><time=\"10:19:13.567+240\" date=\"10-",
		  ">b" },
		{ "torn before the bracket",
		  CMTRACE_BEGIN "b]LOG]!><time=\"10:19:13.567+240\" component=\"a\"", ">b" },
		{ "torn, then one more", CMTRACE_BEGIN "half \r\n" RECORD("b"), ">half|=b" },
		{ "torn twice", CMTRACE_BEGIN CMTRACE_BEGIN RECORD("b"), ">|>|=b" },
		{ "torn attributes, then one more", CMTRACE_BEGIN "a]LOG]!><time=\"10:1\r\n" RECORD("b"),
		  ">a|=b" },
		{ "no component", CMTRACE_BEGIN "a]LOG]!><time=\"10:19:13.567+240\">" RECORD("b"), ">a|=b" },
	};

	return CASES(struct damaged, cases);
}

ParameterizedTest(struct damaged *c, cmtrace, damage)
{
	struct blob exact = blob_copy(c->log, strlen(c->log));
	char        found[128];

	describe(blob_bytes(exact, 0), found, sizeof found);
	cr_expect(eq(str, found, c->found), "%s", c->what);
	free(exact.at);
}

Test(cmtrace, zeros_end_a_text)
{
	static const char                                               log[] =
		RECORD("a") CMTRACE_BEGIN "cut\0\0\0\0tail" CMTRACE_END ATTRIBUTES "\0" RECORD("b");
	struct blob exact = blob_copy(log, sizeof log - 1);
	char        found[128];

	describe(blob_bytes(exact, 0), found, sizeof found);
	cr_expect(eq(str, found, "=a|>cut|<tail|=b"));
	free(exact.at);
}

Test(cmtrace, a_text_has_a_longest_length)
{
	struct blob           log = blob_zero(2 * CMTRACE_TEXT_MAX);
	struct bytes          rest = blob_bytes(log, 0);
	struct cmtrace_record record;

	memset(log.at, 'x', log.size);
	memcpy(log.at, CMTRACE_BEGIN, 7);
	memcpy(log.at + 7 + CMTRACE_TEXT_MAX, CMTRACE_END ATTRIBUTES, sizeof CMTRACE_END ATTRIBUTES - 1);
	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(eq(int, record.damage, CMTRACE_WHOLE));
	cr_expect(eq(sz, record.text.left, CMTRACE_TEXT_MAX));

	rest = blob_bytes(log, 0);
	memmove(log.at + 8, log.at + 7, log.size - 8); /* one more */
	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(eq(int, record.damage, CMTRACE_NO_END));
	cr_expect(eq(sz, record.text.left, CMTRACE_TEXT_MAX));
	cr_assert(that(cmtrace_next(&rest, &record)));
	cr_expect(eq(int, record.damage, CMTRACE_NO_BEGINNING));
	free(log.at);
}

Test(cmtrace, marks_alone_are_quick, .timeout = 10)
{
	struct blob           log = blob_zero(7 << 20);
	struct bytes          rest = blob_bytes(log, 0);
	struct cmtrace_record record;
	size_t                count = 0;

	for (size_t i = 0; i < log.size; i += 7)
		memcpy(log.at + i, CMTRACE_BEGIN, 7);
	while (cmtrace_next(&rest, &record))
		count++;
	cr_expect(eq(sz, count, 1 << 20));
	free(log.at);
}
