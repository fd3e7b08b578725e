/* SPDX-License-Identifier: GPL-3.0-or-later */
/* csv_cell.c - see csv_cell.h */
#include "report/format/csv_cell.h"

#include "core/utf16.h"
#include "report/format/name_escape.h"

#include <stdbool.h>
#include <string.h>

#define FULL_WIDTH 0xfee0u /* from an ASCII character to its full-width form */

static bool begins_formula(uint32_t point)
{
	if (point > FULL_WIDTH)
		point -= FULL_WIDTH;
	return point == '=' || point == '+' || point == '-' || point == '@';
}

static const char *quote(char c)
{
	return c == '"' ? "\"\"" : NULL;
}

void csv_cell(FILE *out, const char *text)
{
	static const struct name_style style = { .separator = '\\', .unsafe = "", .quote = quote };
	const char                    *rest = text ? text : "", *whole = rest;
	uint32_t                       point;

	fputc('"', out);
	if (utf8_next(&rest, rest + strlen(rest), &point) && begins_formula(point))
		name_escape_point(out, point);
	else
		rest = whole;
	name_escape(out, rest, &style);
	fputc('"', out);
}
