/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_progress.c - see usmt_progress.h */
#include "recover/usmt/usmt_progress.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <stdarg.h>
#include <string.h>

static const char *const keys[] = {
	"program", "productVersion", "computerName", "commandLine", "PHASE", "detectedUser", "includedInMigration",
	"forUser", "detectedComponent", "totalSizeInMBToTransfer", "totalPercentageCompleted",
	"estimatePercentageCompleted", "processingUser", "collectingUser", "totalMinutesRemaining", "error",
	"objectName", "action", "errorCode", "numberOfIgnoredErrors", "message",
};

bool usmt_progress_is_key(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strlen(keys[i]) == length && memcmp(keys[i], text, length) == 0)
			return true;
	return false;
}

int usmt_progress_open(struct usmt_progress *progress, const char *path, struct error *err)
{
	*progress = (struct usmt_progress){ .path = strdup(path), .start = time(NULL) };
	if (!progress->path)
		return error_memory(err);
	progress->file = fopen(path, "ae");
	if (!progress->file)
		return error_sys(err, path, "cannot be written as progress log; name another file with /progress");
	return 0;
}

void usmt_progress_release(struct usmt_progress *progress)
{
	if (progress->file)
		fclose(TAKE(progress->file));
	free(TAKE(progress->path));
}

/* English, whatever the locale says. */
static void write_stamp(struct usmt_progress *progress)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t            now = time(NULL), elapsed = now > progress->start ? now - progress->start : 0;
	struct tm         parts;
	long              zone;

	localtime_r(&now, &parts);
	zone = labs(parts.tm_gmtoff) / 60;
	fprintf(progress->file, "%02d %s %d, %02d:%02d:%02d %c%02ld:%02ld, elapsed %02ld:%02ld:%02ld", parts.tm_mday,
		months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec,
		parts.tm_gmtoff < 0 ? '-' : '+', zone / 60, zone % 60, (long)elapsed / 3600, (long)elapsed / 60 % 60,
		(long)elapsed % 60);
}

void usmt_progress_write(struct usmt_progress *progress, const char *key, ...)
{
	va_list arguments;

	if (!progress->file)
		return;
	write_stamp(progress);
	va_start(arguments, key);
	for (const char *text = key; text; text = va_arg(arguments, const char *)) {
		fputs(", ", progress->file);
		text_print(progress->file, text, strlen(text));
	}
	va_end(arguments);
	fputs("\r\n", progress->file);
	fflush(progress->file); /* it is read while we work */
}

int usmt_progress_close(struct usmt_progress *progress, struct error *err)
{
	bool failed;

	if (!progress->file)
		return 0;
	failed = ferror(progress->file);
	failed = fclose(TAKE(progress->file)) != 0 || failed;
	return failed ? error_set(err, ERROR_IO, progress->path, "the progress log could not be written in full") : 0;
}
