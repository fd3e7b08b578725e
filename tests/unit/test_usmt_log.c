/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_usmt_log.c - expected values: the format of the real logs (spec USMT 1.6), looked at as bytes and with regular
 * expressions that hold for the samples as well; and our reader, whose own suite stands on the samples
 */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_log_reader.h"
#include "recover/usmt/usmt_progress.h"
#include "report/usmt_code.h"

#include <regex.h>
#include <string.h>

/* How many lines (parted by @end) match; all must be counted by one expression or the other. */
static size_t count_matches(struct blob log, const char *expression)
{
	regex_t regex;
	char   *text = strndup((char *)log.at, log.size), *rest;
	size_t  count = 0;

	cr_assert(eq(int, regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0));
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		count += regexec(&regex, line, 0, NULL, 0) == 0;
	regfree(&regex);
	free(text);
	return count;
}

#define RECORD "^(\xef\xbb\xbf)?[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}, (Info   |Warning|Error  |Status ) {15}\\[0x[0-9a-f]{6}\\] "

struct logged {
	char        *folder, *path;
	struct blob  bytes;
};

/* A log with a bit of everything. */
static struct logged write_log(bool errors, const char *failure)
{
	static const char *const lines[] = { "Drives:", "  C: Type: Fixed", "" };
	struct logged            logged = { .folder = temp_folder() };
	struct usmt_log          log;
	struct error             err;

	logged.path = temp_path(logged.folder, "scanstate.log");
	cr_assert(eq(int, usmt_log_open(&log, logged.path, "SCANSTATE.EXE", "scanstate C:\\s /c", &err), 0));
	usmt_log_info(&log, "Starting the migration process");
	usmt_log_block(&log, USMT_INFO, "System information:", lines, COUNT(lines));
	usmt_log_write(&log, USMT_WARNING, 0x0803ba, 0xcb, "a name%s", "\r\n2024-01-24 21:44:51, Info [0x000000] forged");
	usmt_log_write(&log, USMT_STATUS, 0, 0, "Activity");
	for (int i = 0; errors && i < 3; i++) {
		usmt_log_error(&log, 395, false, i ? "Read error 395 for C:\\b" : "Read error 395 for C:\\a");
		if (i == 1)
			usmt_log_error(&log, 5, false, "Read error 5 for C:\\c");
	}
	cr_assert(eq(int, usmt_log_close(&log, failure, &err), 0));
	usmt_log_release(&log);
	logged.bytes = temp_read(logged.path);
	return logged;
}

static void logged_release(struct logged *logged)
{
	free(logged->bytes.at);
	free(logged->path);
	temp_remove(logged->folder);
}

Test(usmt_log, format_of_the_real_one)
{
	struct logged log = write_log(true, NULL);
	struct blob   real = sample_load("usmt/scanstate-genconfig.log");
	size_t        records, lines = 0;

	cr_expect(that(memcmp(log.bytes.at, "\xef\xbb\xbf", 3) == 0));
	cr_expect(eq(chr, (char)log.bytes.at[3 + 43], '['));
	cr_expect(eq(sz, count_matches(real, RECORD), 69), "the expression holds for a real log");
	records = count_matches(log.bytes, RECORD);
	for (size_t i = 0; i < log.bytes.size; i++)
		lines += log.bytes.at[i] == '\n';
	cr_expect(eq(sz, lines, records + 3), "nothing but the lines of the block are no records");
	cr_expect(eq(sz, count_matches(log.bytes, "\r$"), lines - 1), "its first line alone ends without CR");
	cr_expect(eq(sz, count_matches(log.bytes, "^ {35}Drives:"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\[gle=0x000000cb\\]\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "gle=0x00000000"), 0));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] SCANSTATE\\.EXE Version [^ ]"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] USMT (Started|Completed) at [0-9]{4}/[0-9]{2}/[0-9]{2}:[0-9]{2}:"
						  "[0-9]{2}:[0-9]{2}\\.[0-9]{3}\r$"), 2));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] Success, 4 errors ignored\\. See the log for more information\\.\r$"),
		  1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] \\|           395 \\|           No \\|          3 \\| Read error 395 for "
						  "C:\\\\a\r$"), 1));
	cr_expect(eq(sz, count_matches(real, "\\] -{35} USMT ERROR SUMMARY -{35}\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] -{35} USMT ERROR SUMMARY -{35}\r$"), 1));
	free(real.at);
	logged_release(&log);
}

Test(usmt_log, is_read_back)
{
	struct logged        log = write_log(true, NULL);
	struct usmt_log_file file;
	struct error         err;
	const struct usmt_log_run *run;

	cr_assert(eq(int, usmt_log_read(&file, log.bytes.at, log.bytes.size, &err), 0));
	cr_assert(eq(sz, file.runs.count, 1));
	run = &file.runs.items[0];
	cr_expect(eq(str, (char *)run->command_line, "scanstate C:\\s /c"));
	cr_expect(that(run->completed && run->succeeded));
	cr_expect(eq(u64, run->ignored, 4));
	cr_assert(eq(sz, run->errors.count, 2), "ordered by first occurrence, one line a number");
	cr_expect(eq(u32, run->errors.items[0].code, 395));
	cr_expect(eq(u64, run->errors.items[0].recurrence, 3));
	cr_expect(eq(str, run->errors.items[0].first, "Read error 395 for C:\\a"));
	cr_expect(eq(u32, run->errors.items[1].code, 5));
	cr_expect(that(strstr(file.records.items[5].text, "\\x0d\\x0a2024") != NULL), "a name cannot forge a record");
	cr_expect(eq(u32, file.records.items[5].module, 0x0803ba));
	cr_expect(eq(u32, file.records.items[5].gle, 0xcb));
	usmt_log_file_release(&file);
	logged_release(&log);
}

Test(usmt_log, without_errors)
{
	struct logged log = write_log(false, NULL);

	cr_expect(eq(sz, count_matches(log.bytes, "\\] Success\\.\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] No error in migration process is recorded\\.\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] \\|"), 0));
	logged_release(&log);
}

Test(usmt_log, failed)
{
	struct logged log = write_log(false, "the store is not there");

	cr_expect(eq(sz, count_matches(log.bytes, "\\] Failed\\.\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\]   the store is not there\r$"), 1));
	cr_expect(eq(sz, count_matches(log.bytes, "\\] Success"), 0));
	logged_release(&log);
}

Test(usmt_log, a_second_run_is_added)
{
	struct logged        log = write_log(false, NULL);
	struct usmt_log      second;
	struct usmt_log_file file;
	struct error         err;

	cr_assert(eq(int, usmt_log_open(&second, log.path, "LOADSTATE.EXE", "loadstate", &err), 0));
	cr_assert(eq(int, usmt_log_close(&second, NULL, &err), 0));
	usmt_log_release(&second);
	free(log.bytes.at);
	log.bytes = temp_read(log.path);
	cr_assert(eq(int, usmt_log_read(&file, log.bytes.at, log.bytes.size, &err), 0));
	cr_assert(eq(sz, file.runs.count, 2));
	cr_expect(eq(str, (char *)file.runs.items[1].command_line, "loadstate"));
	usmt_log_file_release(&file);
	logged_release(&log);
}

Test(usmt_log, cannot_be_written)
{
	char           *folder = temp_folder(), *path = temp_path(folder, "missing/scanstate.log");
	struct usmt_log log;
	struct error    err;

	cr_expect(eq(int, usmt_log_open(&log, path, "SCANSTATE.EXE", "", &err), -1));
	cr_expect(that(strstr(err.text, "/l") != NULL));
	usmt_log_info(&log, "goes nowhere");
	usmt_log_release(&log);
	cr_assert(eq(int, usmt_log_open(&log, "/dev/full", "SCANSTATE.EXE", "", &err), 0));
	cr_expect(eq(int, usmt_log_close(&log, NULL, &err), -1), "a log that is not whole is told");
	usmt_log_release(&log);
	free(path);
	temp_remove(folder);
}

Test(usmt_code, numbers_and_names)
{
	static const struct {
		int         code;
		const char *symbol;
	} documented[] = {
		{ 0, "USMT_SUCCESS" }, { 1, "USMT_DISPLAY_HELP" }, { 2, "USMT_STATUS_CANCELED" },
		{ 3, "USMT_WOULD_HAVE_FAILED" }, { 11, "USMT_INVALID_PARAMETERS" },
		{ 12, "USMT_ERROR_OPTION_PARAM_TOO_LARGE" }, { 13, "USMT_INIT_LOGFILE_FAILED" }, { 14, "USMT_ERROR_USE_LAC" },
		{ 26, "USMT_INIT_ERROR" }, { 27, "USMT_INVALID_STORE_LOCATION" }, { 28, "USMT_UNABLE_GET_SCRIPTFILES" },
		{ 29, "USMT_FAILED_MIGSTARTUP" }, { 31, "USMT_UNABLE_FINDMIGUNITS" }, { 32, "USMT_FAILED_SETMIGRATIONTYPE" },
		{ 33, "USMT_UNABLE_READKEY" }, { 34, "USMT_ERROR_INSUFFICIENT_RIGHTS" }, { 35, "USMT_UNABLE_DELETE_STORE" },
		{ 36, "USMT_ERROR_UNSUPPORTED_PLATFORM" }, { 37, "USMT_ERROR_NO_INVALID_KEY" },
		{ 38, "USMT_ERROR_CORRUPTED_NOTENCRYPTED_STORE" }, { 39, "USMT_UNABLE_TO_READ_CONFIG_FILE" },
		{ 40, "USMT_ERROR_UNABLE_CREATE_PROGRESS_LOG" }, { 41, "USMT_PREFLIGHT_FILE_CREATION_FAILED" },
		{ 42, "USMT_ERROR_CORRUPTED_STORE" }, { 61, "USMT_MIGRATION_STOPPED_NONFATAL" },
		{ 71, "USMT_INIT_OPERATING_ENVIRONMENT_FAILED" }, { 72, "USMT_UNABLE_DOMIGRATION" },
	};
	size_t known = 0;

	for (size_t i = 0; i < COUNT(documented); i++) {
		cr_expect(eq(str, (char *)usmt_code_symbol(documented[i].code), (char *)documented[i].symbol));
		cr_expect(that(usmt_code_meaning(documented[i].code) != NULL));
	}
	for (int code = -1; code < 256; code++)
		known += usmt_code_symbol(code) != NULL;
	cr_expect(eq(sz, known, COUNT(documented)));
}
