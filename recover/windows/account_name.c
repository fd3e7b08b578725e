/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_name.c - see account_name.h */
#include "recover/windows/account_name.h"

#include "core/utf16.h"
#include "scan/upcase.h"

#include <string.h>
#include <strings.h>

struct account_name account_name_of(const char *text)
{
	const char *cut = strchr(text, '\\');

	if (!cut)
		return (struct account_name){ .domain = "", .local = true, .user = text };
	return (struct account_name){ .domain = text,
				      .domain_length = (size_t)(cut - text),
				      .local = cut - text == 1 && *text == '.',
				      .user = cut + 1 };
}

/* The next character without its case; one byte where there is no UTF-8. */
static uint32_t next_folded(const char **at, const char *end)
{
	uint32_t point;

	if (!utf8_next(at, end, &point))
		point = (uint8_t) * (*at)++;
	return point <= UINT16_MAX ? upcase_unit((uint16_t)point) : point;
}

bool account_pattern(const char *pattern, size_t pattern_length, const char *text, size_t length)
{
	const char *pattern_end = pattern + pattern_length, *end = text + length;
	const char *star = NULL, *again = NULL; /* behind the last '*', and where its run ends for now */

	while (text < end) {
		const char *next_pattern = pattern, *next_text = text;

		if (pattern < pattern_end && *pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (pattern < pattern_end &&
			   next_folded(&next_pattern, pattern_end) == next_folded(&next_text, end)) {
			pattern = next_pattern;
			text = next_text;
		} else if (star) {
			(void)next_folded(&again, end);
			pattern = star;
			text = again;
		} else {
			return false;
		}
	}
	while (pattern < pattern_end && *pattern == '*')
		pattern++;
	return pattern == pattern_end;
}

bool account_same(const char *a, const char *b)
{
	const char *a_end = a + strlen(a), *b_end = b + strlen(b);

	while (a < a_end && b < b_end)
		if (next_folded(&a, a_end) != next_folded(&b, b_end))
			return false;
	return a == a_end && b == b_end;
}

bool account_is_sid(const char *text)
{
	return strncasecmp(text, "S-1-", 4) == 0 ||
	       (strncmp(text, "*-", 2) == 0 && strspn(text, "*-0123456789") == strlen(text));
}
