/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format.c - see format.h */
#include "report/format.h"

#include "report/format/formats.h"

#include <string.h>

const struct report_format report_formats[] = {
	{ "text", "for people: what is there, what can be had, what to do next", report_text },
	{ "json", "one JSON document; its keys are a promise", report_json },
	{ "html", "one page to look at, to search and to print", report_html },
	{ "csv", "a table for spreadsheets and databases: every name of every file", format_csv },
	{ "bodyfile", "a line a name for mactime (The Sleuth Kit 3)", format_bodyfile },
	{ "dfxml", "Digital Forensics XML: files, and where in the image they lie", format_dfxml },
	{ "case", "CASE/UCO as JSON-LD: what was found, by what, in which evidence", format_case },
	{ "timesketch", "JSON lines for Timesketch: times of files, and all that happened", format_timesketch },
	{ "hashdeep", "the SHA-256 that captures wrote down, for hashdeep -a", format_hashdeep },
	{ "nsrl", "the same as a hash set: SQL with the tables of the NSRL's RDSv3", format_nsrl },
	{ NULL, NULL, NULL },
};

const struct report_format *report_format_find(const char *name)
{
	const struct report_format *format = report_formats;

	while (format->name && strcmp(format->name, name) != 0)
		format++;
	return format->name ? format : NULL;
}

const char *report_format_separator(const struct report_format *format)
{
	if (!format[1].name)
		return "";
	return format[2].name ? ", " : " and ";
}

int report_format_write(const struct report_format *format, struct casebook *book,
			const struct report_options *options, FILE *out, struct error *err)
{
	if (format->write(book, options, out, err) < 0)
		return -1;
	if (fflush(out) != 0 || ferror(out))
		return error_sys(err, NULL, "cannot write the report");
	return 0;
}
