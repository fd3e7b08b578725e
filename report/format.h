/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format.h - the formats in which holdfast report tells a casebook
 *
 * The table is the one place that knows them all: the command's help, its errors and its completion are made
 * from it.  A new one is a row here and a writer, below report/format/ when it is for another program.
 */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "report/report.h"

struct report_format {
	const char *name;    /* as --format has it: lower case, no blank */
	const char *summary; /* one line */
	int (*write)(struct casebook *book, const struct report_options *options, FILE *out, struct error *err);
};

/* In the order in which they are listed; ends with a row without a name.  The first is the default. */
extern const struct report_format report_formats[];

/* The format called @name, or NULL. */
const struct report_format *report_format_find(const char *name);

/* What separates @format from the last of the table, as in "text, json and csv"; "" behind the last. */
const char *report_format_separator(const struct report_format *format);

/* Write @book to @out, and be sure that all of it got there. */
MUST_CHECK int report_format_write(const struct report_format *format, struct casebook *book,
				   const struct report_options *options, FILE *out, struct error *err);

#endif
