/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_log.c - see usmt_log.h */
#include "recover/usmt/usmt_log.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define LEVEL_WIDTH     22 /* so that the module is at byte 43 */
#define BLOCK_INDENT    35 /* of the further lines of a record */

/* Numbers of winerror.h. */
uint32_t usmt_win32_of(int sys)
{
	static const struct {
		int      sys;
		uint32_t code;
	} known[] = {
		{ 0, 50 /* NOT_SUPPORTED */ },     { ENOENT, 2 /* FILE_NOT_FOUND */ },
		{ EACCES, 5 /* ACCESS_DENIED */ }, { EPERM, 5 /* ACCESS_DENIED */ },
		{ ENOMEM, 8 /* NOT_ENOUGH_MEMORY */ }, { ENOSPC, 112 /* DISK_FULL */ },
		{ ENAMETOOLONG, 206 /* FILENAME_EXCED_RANGE */ }, { ESTALE, 1006 /* FILE_INVALID */ },
		{ EIO, 1117 /* IO_DEVICE */ },     { ELOOP, 1921 /* CANT_RESOLVE_FILENAME */ },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].sys == sys)
			return known[i].code;
	return 31; /* GEN_FAILURE */
}

/* What begins each record. */
static void begin(struct usmt_log *log, enum usmt_level level, uint32_t module)
{
	char      stamp[32];
	time_t    now = time(NULL);
	struct tm parts;

	strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &parts));
	fprintf(log->file, "%s, %-*s[0x%06" PRIx32 "] ", stamp, LEVEL_WIDTH, usmt_level_name(level), module);
}

void usmt_log_write(struct usmt_log *log, enum usmt_level level, uint32_t module, uint32_t gle, const char *format,
		    ...)
{
	CLEANUP(free_ptr) char *text = NULL;
	va_list                 arguments;

	if (!log->file)
		return;
	va_start(arguments, format);
	text = text_format_list(format, arguments);
	va_end(arguments);
	if (!text) {
		log->failed = true;
		return;
	}
	begin(log, level, module);
	text_print(log->file, text, strlen(text));
	if (gle)
		fprintf(log->file, "[gle=0x%08" PRIx32 "]", gle);
	fputs("\r\n", log->file);
	fflush(log->file); /* what was said must be there after a crash */
}

void usmt_log_block(struct usmt_log *log, enum usmt_level level, const char *title, const char *const *lines,
		    size_t count)
{
	if (!log->file)
		return;
	begin(log, level, 0);
	text_print(log->file, title, strlen(title));
	for (size_t i = 0; i < count; i++) {
		fprintf(log->file, i ? "\r\n%*s" : "\n%*s", BLOCK_INDENT, "");
		text_print(log->file, lines[i], strlen(lines[i]));
	}
	fputs("\r\n", log->file);
	fflush(log->file);
}

/* "2018/04/20:09:26:17.306" */
static void write_moment(struct usmt_log *log, const char *what)
{
	char            stamp[32];
	struct timespec now;
	struct tm       parts;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(stamp, sizeof stamp, "%Y/%m/%d:%H:%M:%S", localtime_r(&now.tv_sec, &parts));
	usmt_log_info(log, "%s %s.%03ld", what, stamp, now.tv_nsec / 1000000);
}

int usmt_log_open(struct usmt_log *log, const char *path, const char *program, const char *command_line,
		  struct error *err)
{
	*log = (struct usmt_log){ .path = strdup(path) };
	if (!log->path)
		return error_memory(err);
	log->file = fopen(path, "ae");
	if (!log->file || fseek(log->file, 0, SEEK_END) < 0)
		return error_sys(err, path, "cannot be written as log; name another file with /l");
	if (ftell(log->file) == 0)
		fputs(BYTE_ORDER_MARK, log->file);
	usmt_log_info(log, "%s Version %s (holdfast)", program, HOLDFAST_VERSION);
	write_moment(log, "USMT Started at");
	usmt_log_info(log, "Command line: %s", command_line);
	return 0;
}

void usmt_log_error(struct usmt_log *log, uint32_t code, bool aborted, const char *what)
{
	char *first;

	usmt_log_write(log, USMT_ERROR, 0, code, "%s", what);
	for (size_t i = 0; i < log->errors.count; i++) {
		struct usmt_log_error *error = &log->errors.items[i];

		if (error->code == code && error->aborted == aborted) {
			error->recurrence++;
			return;
		}
	}
	first = strdup(what);
	if (!first || !array_push(&log->errors, (struct usmt_log_error){ code, aborted, 1, first })) {
		free(first);
		log->failed = true;
	}
}

static void write_summary(struct usmt_log *log)
{
	usmt_log_info(log, "----------------------------------- USMT ERROR SUMMARY -----------------------------------");
	if (!log->errors.count) {
		usmt_log_info(log, "No error in migration process is recorded.");
		return;
	}
	usmt_log_info(log, "* One or more errors were encountered in migration (ordered by first occurence)");
	usmt_log_info(log,
		      "+-----------------------------------------------------------------------------------------");
	usmt_log_info(log, "|    Error Code | Caused Abort | Recurrence | First Occurence");
	for (size_t i = 0; i < log->errors.count; i++) {
		const struct usmt_log_error *error = &log->errors.items[i];

		usmt_log_info(log, "| %13" PRIu32 " | %12s | %10" PRIu64 " | %s", error->code,
			      error->aborted ? "Yes" : "No", error->recurrence, error->first);
	}
	usmt_log_info(log,
		      "+-----------------------------------------------------------------------------------------");
}

static uint64_t ignored_errors(const struct usmt_log *log)
{
	uint64_t ignored = 0;

	for (size_t i = 0; i < log->errors.count; i++)
		ignored += log->errors.items[i].aborted ? 0 : log->errors.items[i].recurrence;
	return ignored;
}

int usmt_log_close(struct usmt_log *log, const char *failure, struct error *err)
{
	uint64_t ignored = ignored_errors(log);
	int      status;

	if (!log->file)
		return 0;
	if (failure) {
		usmt_log_info(log, "Failed.");
		usmt_log_info(log, "  %s", failure);
	} else if (ignored) {
		usmt_log_info(log, "Success, %" PRIu64 " errors ignored. See the log for more information.", ignored);
	} else {
		usmt_log_info(log, "Success.");
	}
	write_moment(log, "USMT Completed at");
	write_summary(log);
	log->failed = log->failed || ferror(log->file);
	status = fclose(TAKE(log->file));
	if (status == 0 && log->failed)
		return error_set(err, ERROR_IO, log->path, "the log could not be written in full");
	return status == 0 ? 0 : error_sys(err, log->path, "the log could not be written in full");
}

void usmt_log_release(struct usmt_log *log)
{
	if (log->file)
		fclose(TAKE(log->file));
	for (size_t i = 0; i < log->errors.count; i++)
		free(log->errors.items[i].first);
	array_release(&log->errors);
	free(TAKE(log->path));
}
