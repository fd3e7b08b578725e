/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * name_escape.h - names from a disk in the files of other programs
 *
 * What could do harm there, or cannot be said in UTF-8, is written as %XXXX, four hexadecimal digits of the
 * UTF-16 unit, as rebuilds write such names (recover/host_name.h): controls, line and bidi marks, unpaired
 * surrogates, and a zero, a slash or a backslash within a name.  A percent sign is escaped only where it would read as
 * such an escape, so the way back is never in doubt.
 */
#ifndef REPORT_NAME_ESCAPE_H
#define REPORT_NAME_ESCAPE_H

#include <stdint.h>
#include <stdio.h>

struct name_style {
	char        separator;        /* between names, in place of the backslash */
	const char *unsafe;           /* ASCII that this format cannot hold: escaped as well */
	const char *(*quote)(char c); /* how it says an ASCII character that it can; NULL for one as it is, or for all */
};

/* Print @text, WTF-8 with backslashes between names, as UTF-8 without controls; nothing for NULL. */
void name_escape(FILE *out, const char *text, const struct name_style *style);

/* Print the escape of one character. */
void name_escape_point(FILE *out, uint32_t point);

/* Escaped and no more, as a string to be freed; NULL without memory. */
char *name_escaped(const char *text, char separator);

#endif
