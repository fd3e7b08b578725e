/* SPDX-License-Identifier: GPL-3.0-or-later */
/* name_escape.c - see name_escape.h */
#include "report/format/name_escape.h"

#include "core/text.h"
#include "core/utf16.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_UNKNOWN 0xfffdu /* for what no scan has written */

static bool reads_as_escape(const char *at, const char *end)
{
	return end - at >= 4 && isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1]) &&
	       isxdigit((unsigned char)at[2]) && isxdigit((unsigned char)at[3]);
}

/* XML has no such characters, and other formats no use for them. */
static bool is_no_character(uint32_t point)
{
	return (point & 0xfffe) == 0xfffe;
}

static void put_unit(FILE *out, uint32_t unit)
{
	fprintf(out, "%%%04" PRIX32, unit);
}

void name_escape_point(FILE *out, uint32_t point)
{
	if (point >= 0x10000) {
		put_unit(out, 0xd800 + ((point - 0x10000) >> 10));
		put_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
	} else {
		put_unit(out, point);
	}
}

static void put_ascii(FILE *out, char c, const struct name_style *style)
{
	const char *quoted = style->quote ? style->quote(c) : NULL;

	if (quoted)
		fputs(quoted, out);
	else
		fputc(c, out);
}

/* A character that stands for itself in a name, or must be escaped? */
static bool is_plain(uint32_t point, const char *rest, const char *end, const struct name_style *style)
{
	if (!text_is_harmless(point) || is_no_character(point) || point == BYTE_UNKNOWN)
		return false;
	if (point == '%' && reads_as_escape(rest, end))
		return false;
	return point >= 0x80 || !strchr(style->unsafe, (int)point);
}

void name_escape(FILE *out, const char *text, const struct name_style *style)
{
	const char *at = text ? text : "", *end = at + strlen(at);

	while (at < end) {
		const char *start = at;
		uint32_t    point = BYTE_UNKNOWN;
		bool        within; /* a name: of two bytes, and none that separates (utf16.h) */

		if (!utf8_next(&at, end, &point))
			at++;
		within = point < 0x80 && at - start > 1;
		if (within || !is_plain(point, at, end, style))
			name_escape_point(out, point);
		else if (point < 0x80)
			put_ascii(out, point == '\\' ? style->separator : (char)point, style);
		else
			fwrite(start, 1, (size_t)(at - start), out);
	}
}

char *name_escaped(const char *text, char separator)
{
	const struct name_style style = { .separator = separator, .unsafe = "" };
	char                   *escaped = NULL;
	size_t                  length;
	FILE                   *out = open_memstream(&escaped, &length);

	if (!out)
		return NULL;
	name_escape(out, text, &style);
	if (fclose(out) == 0)
		return escaped;
	free(escaped);
	return NULL;
}
