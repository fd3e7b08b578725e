/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error.c - see error.h */
#include "core/error.h"

#include "core/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static void error_fill(struct error *err, enum error_kind kind, int sys, const char *path,
		       uint64_t offset)
{
	err->kind = kind;
	err->sys = sys;
	err->offset = offset;
	snprintf(err->path, sizeof err->path, "%s", path ? path : "");
}

int error_at(struct error *err, enum error_kind kind, uint64_t offset, const char *format, ...)
{
	va_list arguments;

	error_fill(err, kind, 0, NULL, offset);
	va_start(arguments, format);
	vsnprintf(err->text, sizeof err->text, format, arguments);
	va_end(arguments);
	return -1;
}

int error_sys(struct error *err, const char *path, const char *text)
{
	error_fill(err, ERROR_IO, errno, path, NO_OFFSET);
	snprintf(err->text, sizeof err->text, "%s", text);
	return -1;
}

int error_set(struct error *err, enum error_kind kind, const char *path, const char *format, ...)
{
	va_list arguments;

	error_fill(err, kind, 0, path, NO_OFFSET);
	va_start(arguments, format);
	vsnprintf(err->text, sizeof err->text, format, arguments);
	va_end(arguments);
	return -1;
}

int error_memory(struct error *err)
{
	error_fill(err, ERROR_MEMORY, 0, NULL, NO_OFFSET);
	strcpy(err->text, "out of memory");
	return -1;
}

void error_print(const struct error *err, FILE *out)
{
	if (err->path[0]) {
		text_print(out, err->path, strlen(err->path));
		fputs(": ", out);
	}
	text_print(out, err->text, strlen(err->text));
	if (err->sys)
		fprintf(out, ": %s", strerror(err->sys));
	if (err->offset != NO_OFFSET)
		fprintf(out, " (at byte %" PRIu64 ")", err->offset);
}

char *error_text(const struct error *err)
{
	char  *text = NULL;
	size_t length;
	FILE  *out = *err->text ? open_memstream(&text, &length) : NULL;

	if (!out)
		return NULL;
	error_print(err, out);
	fclose(out);
	return text;
}
