/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numbered_name.c - see numbered_name.h */
#include "recover/engine/numbered_name.h"

#include "core/utf16.h"

#include <assert.h>
#include <string.h>

static uint16_t unit_of(const struct ntfs3g_name *name, size_t at)
{
	return le16_to_cpu(name->units[at]);
}

/* Units before the extension and its dot. */
static size_t stem_units(const struct ntfs3g_name *name, bool directory)
{
	if (!directory)
		for (size_t dot = name->count; dot-- > 1;)
			if (unit_of(name, dot) == '.')
				return dot;
	return name->count;
}

/* "(12)"; returns its length. */
static size_t print_number(unsigned number, ntfschar out[16])
{
	char   text[16];
	size_t count = (size_t)snprintf(text, sizeof text, "(%u)", number);

	for (size_t i = 0; i < count; i++)
		out[i] = cpu_to_le16((uint16_t)text[i]);
	return count;
}

void numbered_name(const struct ntfs3g_name *name, bool directory, unsigned number, struct ntfs3g_name *out)
{
	size_t   stem = stem_units(name, directory), ending, count;
	ntfschar digits[16];

	assert(number <= NUMBERED_NAME_MAX);
	if (!number) {
		*out = *name;
		return;
	}
	count = print_number(number, digits);
	ending = name->count - stem;
	if (ending + count >= NAME_UNITS_MAX) { /* all extension: nothing is left to cut before it */
		stem = name->count;
		ending = 0;
	}
	if (stem > NAME_UNITS_MAX - count - ending) {
		stem = NAME_UNITS_MAX - count - ending;
		if (unit_of(name, stem - 1) >= 0xd800 && unit_of(name, stem - 1) < 0xdc00 && stem > 1)
			stem--; /* half of a pair */
	}
	memcpy(out->units, name->units, stem * sizeof(ntfschar));
	memcpy(out->units + stem, digits, count * sizeof(ntfschar));
	memcpy(out->units + stem + count, name->units + name->count - ending, ending * sizeof(ntfschar));
	out->count = (uint8_t)(stem + count + ending);
}

/* The units of @name from @from up to @to as WTF-8 at the end of @text. */
static void add_units(char *text, const struct ntfs3g_name *name, size_t from, size_t to)
{
	utf16_to_utf8((const uint8_t *)(name->units + from), to - from, text + strlen(text));
}

void numbered_name_of_pattern(const struct ntfs3g_name *name, const char *pattern, unsigned number,
			      struct ntfs3g_name *out)
{
	size_t stem = stem_units(name, false), extension = stem < name->count ? stem + 1 : stem, length;
	char   text[4 * NAME_UTF8_MAX] = "";

	for (; *pattern && strlen(text) < sizeof text - NAME_UTF8_MAX; pattern++) {
		if (strncasecmp(pattern, "<F>", 3) == 0)
			add_units(text, name, 0, stem);
		else if (strncasecmp(pattern, "<E>", 3) == 0)
			add_units(text, name, extension, name->count);
		else if (strncasecmp(pattern, "<N>", 3) == 0)
			sprintf(text + strlen(text), "%u", number);
		else {
			strncat(text, pattern, 1);
			continue;
		}
		pattern += 2;
	}
	length = strlen(text);
	while (length && (text[length - 1] == '.' || text[length - 1] == ' '))
		length--; /* an extension that is not there leaves a dot, which no name ends in */
	if (ntfs3g_name(text, length, "", out) < 0)
		numbered_name(name, false, number, out);
}

bool numbered_name_equal(const struct ntfs3g_name *a, const struct ntfs3g_name *b,
			 const struct upcase *upcase)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (upcase->table[unit_of(a, i)] != upcase->table[unit_of(b, i)])
			return false;
	return true;
}

/* The number in the last "(N)" before the extension; 0 if there is none. */
static unsigned number_in(const struct ntfs3g_name *name, bool directory)
{
	size_t   at = stem_units(name, directory);
	unsigned number = 0, unit = 1;

	if (at < 3 || unit_of(name, --at) != ')')
		return 0;
	while (at-- > 0 && unit_of(name, at) >= '0' && unit_of(name, at) <= '9' &&
	       unit <= NUMBERED_NAME_MAX) {
		number += unit * (unit_of(name, at) - '0');
		unit *= 10;
	}
	return number <= NUMBERED_NAME_MAX ? number : 0;
}

bool numbered_name_is_of(const struct ntfs3g_name *other, const struct ntfs3g_name *name, bool directory,
			 const struct upcase *upcase)
{
	struct ntfs3g_name made;
	/* cut before its number, a name without extension may look as if it had one, and the other way */
	unsigned numbers[] = { 0, number_in(other, directory), number_in(other, true) };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		numbered_name(name, directory, numbers[i], &made);
		if (numbered_name_equal(&made, other, upcase))
			return true;
	}
	return false;
}
