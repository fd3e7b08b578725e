/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_usmt_log_reader.c - expected values: counted in the samples with grep, date -u, and the error table of a log
 * that its owner has published (spec USMT 1.6)
 */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_log_reader.h"

#include <string.h>

static void read_text(struct usmt_log_file *log, const char *text)
{
	struct error err;
	struct blob  exact = blob_copy(text, strlen(text));

	cr_assert(eq(int, usmt_log_read(log, exact.at, exact.size, &err), 0));
	free(exact.at);
}

Test(usmt_log_reader, scanstate_of_a_real_machine)
{
	struct blob          sample = sample_load("usmt/scanstate-genconfig.log");
	struct usmt_log_file log;
	struct error         err;
	size_t               levels[USMT_LEVELS + 1] = { 0 };
	const struct usmt_log_run *run;

	cr_assert(eq(int, usmt_log_read(&log, sample.at, sample.size, &err), 0));
	cr_assert(eq(sz, log.records.count, 69), "marks in the middle and lines of records are no records");
	cr_expect(eq(u64, log.strays, 0));
	for (size_t i = 0; i < log.records.count; i++)
		levels[log.records.items[i].level]++;
	cr_expect(eq(sz, levels[USMT_INFO], 20));
	cr_expect(eq(sz, levels[USMT_WARNING], 43));
	cr_expect(eq(sz, levels[USMT_ERROR], 6));

	cr_expect(eq(i64, log.records.items[0].time, 1524216377));
	cr_expect(eq(u32, log.records.items[0].gle, 0xb7));
	cr_expect(eq(str, (char *)log.records.items[0].text, "SCANSTATE.EXE Version 10.0.10586.0"));
	cr_expect(eq(u32, log.records.items[1].gle, 0));
	cr_expect(that(strncmp(log.records.items[4].text, "Host system information:\n    ", 29) == 0));
	cr_expect(that(strstr(log.records.items[5].text, "DefaultAccount, administrator: No, interactive: No, logged on: "
							 "No, has profile: No") != NULL));

	cr_assert(eq(sz, log.runs.count, 1));
	run = &log.runs.items[0];
	cr_expect(eq(sz, run->count, 69));
	cr_expect(that(strncmp(run->command_line, "C:\\backup\\scanstate.exe /genconfig:Config.XML ", 46) == 0));
	cr_expect(that(run->completed && run->succeeded));
	cr_expect(eq(u64, run->ignored, 0));
	cr_expect(eq(int, run->code, USMT_NO_CODE));
	cr_expect(eq(sz, run->errors.count, 0));
	usmt_log_file_release(&log);
	free(sample.at);
}

Test(usmt_log_reader, usmtutils_of_a_real_machine)
{
	struct blob          sample = sample_load("usmt/usmtutils-extract.log");
	struct usmt_log_file log;
	struct error         err;

	cr_assert(eq(int, usmt_log_read(&log, sample.at, sample.size, &err), 0));
	cr_assert(eq(sz, log.records.count, 5));
	cr_assert(eq(sz, log.runs.count, 1), "here the start stands before the version");
	cr_expect(eq(int, log.runs.items[0].code, 0));
	cr_expect(that(log.runs.items[0].completed && log.runs.items[0].succeeded));
	cr_expect(eq(i64, log.records.items[3].time - log.records.items[0].time, 57));
	usmt_log_file_release(&log);
	free(sample.at);
}

#define INFO "2024-01-24 21:44:51, Info                  [0x000000] "

Test(usmt_log_reader, skipped_files)
{
	struct usmt_log_file       log;
	const struct usmt_log_run *run;

	read_text(&log, INFO "Success, 37 errors ignored. See the log for more information.[gle=0x00000091]\r\n"
			INFO "USMT Completed at 2024/01/24:21:44:51.690[gle=0x00000091]\r\n"
			INFO "* One or more errors were encountered in migration (ordered by first occurence)\r\n"
			INFO "|    Error Code | Caused Abort | Recurrence | First Occurence      \r\n"
			INFO "|           395 |           No |         37 | Read error 395 for C:\\Users\\l | x\\a.txt\r\n"
			INFO "|    4294967296 |           No |          1 | no number of Windows\r\n"
			INFO "|             5 |          Yes |          1 | Write error 5\r\n");
	cr_assert(eq(sz, log.runs.count, 1));
	run = &log.runs.items[0];
	cr_expect(eq(u64, run->ignored, 37));
	cr_expect(that(run->succeeded));
	cr_assert(eq(sz, run->errors.count, 2));
	cr_expect(eq(u32, run->errors.items[0].code, 395));
	cr_expect(eq(u64, run->errors.items[0].recurrence, 37));
	cr_expect(that(!run->errors.items[0].aborted));
	cr_expect(eq(str, run->errors.items[0].first, "Read error 395 for C:\\Users\\l | x\\a.txt"));
	cr_expect(that(run->errors.items[1].aborted));
	usmt_log_file_release(&log);
}

Test(usmt_log_reader, one_log_of_several_runs)
{
	struct usmt_log_file log;

	read_text(&log, INFO "SCANSTATE.EXE Version 1\r\n" INFO "USMT Started at x\r\n" INFO "Command line: a\r\n"
			INFO "Failed.[gle=0x00000002]\r\n" INFO "USMT Completed at x\r\n"
			INFO "SCANSTATE.EXE Version 1\r\n" INFO "USMT Started at x\r\n" INFO "Command line: b\r\n"
			INFO "Success.\r\n"
			INFO "SCANSTATE.EXE Version 1\r\n" INFO "USMT Started at x\r\n");
	cr_assert(eq(sz, log.runs.count, 3));
	cr_expect(eq(str, (char *)log.runs.items[0].command_line, "a"));
	cr_expect(that(log.runs.items[0].completed && !log.runs.items[0].succeeded));
	cr_expect(eq(str, (char *)log.runs.items[1].command_line, "b"));
	cr_expect(that(!log.runs.items[1].completed && log.runs.items[1].succeeded));
	cr_expect(that(log.runs.items[2].command_line == NULL));
	usmt_log_file_release(&log);
}

Test(usmt_log_reader, what_is_no_log)
{
	static const char *const texts[] = {
		"", "\n", "\r\n\r\n", "hello", "\xef\xbb\xbf", "\xef\xbb",
		"2024-01-24 21:44:51, Info", "2024-01-24 21:44:51, Info [0x00000", "2024-13-24 21:44:51, Info [0x000000] x",
		"2024-01-24 25:44:51, Info [0x000000] x", "2024-01-24T21:44:51, Info [0x000000] x",
		"2024-01-24 21:44:51, Info [0xgggggg] x",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct usmt_log_file log;

		read_text(&log, texts[i]);
		cr_expect(eq(sz, log.records.count, 0), "%s", texts[i]);
		cr_expect(eq(sz, log.runs.count, 0), "%s", texts[i]);
		usmt_log_file_release(&log);
	}
}

Test(usmt_log_reader, odd_records)
{
	struct usmt_log_file log;

	read_text(&log, "stray\n2024-01-24 21:44:51, Odd[0x0803ba]\n\n  more\r\n" INFO "[gle=0x00000005]\n"
			INFO "half[gle=0x0000005]\n" INFO);
	cr_expect(eq(u64, log.strays, 1));
	cr_assert(eq(sz, log.records.count, 4));
	cr_expect(eq(int, log.records.items[0].level, USMT_LEVELS));
	cr_expect(eq(u32, log.records.items[0].module, 0x0803ba));
	cr_expect(eq(str, (char *)log.records.items[0].text, "\n\n  more"));
	cr_expect(eq(u64, log.records.items[0].line, 2));
	cr_expect(eq(str, (char *)log.records.items[1].text, ""));
	cr_expect(eq(u32, log.records.items[1].gle, 5));
	cr_expect(eq(str, (char *)log.records.items[2].text, "half[gle=0x0000005]"));
	cr_expect(eq(str, (char *)log.records.items[3].text, ""));
	usmt_log_file_release(&log);
}

Test(usmt_log_reader, zeros_do_not_end_it)
{
	static const char    text[] = INFO "a\0b\n" INFO "c";
	struct usmt_log_file log;
	struct error         err;
	struct blob          exact = blob_copy(text, sizeof text - 1);

	cr_assert(eq(int, usmt_log_read(&log, exact.at, exact.size, &err), 0));
	cr_assert(eq(sz, log.records.count, 2));
	cr_expect(eq(str, (char *)log.records.items[0].text, "a b"));
	usmt_log_file_release(&log);
	free(exact.at);
}

/* -------- progress -------- */

Test(usmt_log_reader, progress)
{
	static const char text[] =
		"\xef\xbb\xbf" "08 Jun 2006, 13:49:13 -08:00, elapsed 00:00:10, PHASE, Scanning\r\n"
		"08 Jun 2006, 13:49:14 +05:30, elapsed 101:00:11, detectedUser, DOM\\a, includedInMigration, Yes\r\n"
		"08 Jun 2006, 13:49:14 +05:30, elapsed 01:00:11, detectedUser, DOM\\a, includedInMigration, Yes\r\n"
		"garbage\r\n"
		"31 Dec 2026, 23:59:59 +00:00, elapsed 00:00:00, error, UnableToOpen, objectName, C:\\a, b, c.txt, action, "
		"Ignore, errorCode, 5\n"
		"31 Dec 2026, 23:59:59 +00:00, elapsed 00:00:00, message";
	struct usmt_progress_file log;
	struct error              err;
	struct blob               exact = blob_copy(text, sizeof text - 1);
	const struct usmt_pair   *pair;

	cr_assert(eq(int, usmt_progress_read(&log, exact.at, exact.size, &err), 0));
	cr_assert(eq(sz, log.steps.count, 4));
	cr_expect(eq(u64, log.strays, 2));
	cr_expect(eq(i64, log.steps.items[0].time, 1149774553)); /* date -u -d '2006-06-08 13:49:13' +%s */
	cr_expect(eq(int, log.steps.items[0].zone_minutes, -480));
	cr_expect(eq(u32, log.steps.items[0].elapsed_seconds, 10));
	cr_expect(eq(int, log.steps.items[1].zone_minutes, 330));
	cr_expect(eq(u32, log.steps.items[1].elapsed_seconds, 3611));
	cr_assert(eq(sz, log.steps.items[1].count, 2));
	pair = &log.pairs.items[log.steps.items[1].first];
	cr_expect(eq(str, (char *)pair[0].key, "detectedUser"));
	cr_expect(eq(str, (char *)pair[0].value, "DOM\\a"));
	cr_expect(eq(str, (char *)pair[1].key, "includedInMigration"));
	cr_expect(eq(str, (char *)pair[1].value, "Yes"));
	cr_assert(eq(sz, log.steps.items[2].count, 4));
	pair = &log.pairs.items[log.steps.items[2].first];
	cr_expect(eq(str, (char *)pair[1].value, "C:\\a, b, c.txt"));
	cr_expect(eq(str, (char *)pair[3].value, "5"));
	cr_assert(eq(sz, log.steps.items[3].count, 1));
	cr_expect(eq(str, (char *)log.pairs.items[log.steps.items[3].first].value, ""));
	usmt_progress_file_release(&log);
	free(exact.at);
}
