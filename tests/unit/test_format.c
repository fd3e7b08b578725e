/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_format.c - the table of formats: format.h */
#include "tests/unit/unit.h"

#include "report/format.h"

#include <errno.h>
#include <string.h>

Test(format, the_table_is_one_that_people_can_use)
{
	size_t count = 0;

	for (const struct report_format *format = report_formats; format->name; format++, count++) {
		cr_expect(that(report_format_find(format->name) == format), "%s", format->name);
		cr_expect(that(format->write && *format->name && *format->summary), "%s", format->name);
		cr_expect(that(strspn(format->name, "abcdefghijklmnopqrstuvwxyz") == strlen(format->name)), "%s", format->name);
		cr_expect(that(strlen(format->name) <= 11 && strlen(format->summary) <= 84), "%s", format->name);
	}
	cr_expect(ge(sz, count, 2));
	cr_expect(eq(str, (char *)report_formats[0].name, "text"));
	cr_expect(that(!report_format_find("")));
	cr_expect(that(!report_format_find("Text")));
	cr_expect(eq(str, (char *)report_format_separator(&report_formats[count - 1]), ""));
	cr_expect(eq(str, (char *)report_format_separator(&report_formats[count - 2]), " and "));
	if (count > 2)
		cr_expect(eq(str, (char *)report_format_separator(&report_formats[0]), ", "));
}

static int write_one(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	(void)book;
	(void)options;
	(void)err;
	fputc('x', out);
	return 0;
}

/* A disk that is full once. */
static ssize_t refuse_first(void *context, const char *bytes, size_t size)
{
	bool *refused = context;

	(void)bytes;
	if (*refused)
		return (ssize_t)size;
	*refused = true;
	errno = ENOSPC;
	return 0;
}

static int write_much(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	for (unsigned i = 0; i < 1u << 20; i++)
		(void)write_one(book, options, out, err);
	return 0;
}

Test(format, what_failed_once_is_an_error_though_the_end_got_there)
{
	static const struct report_format format = { "much", "much", write_much };
	bool                              refused = false;
	FILE                             *out = fopencookie(&refused, "w", (cookie_io_functions_t){ .write = refuse_first });
	struct error                      err;

	cr_assert(that(out != NULL));
	cr_expect(eq(int, report_format_write(&format, NULL, NULL, out, &err), -1));
	cr_expect(that(refused));
	fclose(out);
}

Test(format, what_does_not_get_there_is_an_error)
{
	static const struct report_format format = { "one", "one", write_one };
	FILE                             *full = fopen("/dev/full", "we");
	struct error                      err;

	cr_assert(that(full != NULL));
	cr_expect(eq(int, report_format_write(&format, NULL, NULL, full, &err), -1));
	cr_expect(that(err.sys == ENOSPC));
	fclose(full);
}
