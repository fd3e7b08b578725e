/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf16.c - see utf16.h */
#include "core/utf16.h"

#include <ctype.h>

static bool is_high(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

size_t utf8_put(uint32_t point, char *out)
{
	if (point == 0 || point == '/' || point == '\\') { /* in two bytes: see the header */
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3f));
		out[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3f));
	out[2] = (char)(0x80 | (point >> 6 & 0x3f));
	out[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

bool utf8_next(const char **at, const char *end, uint32_t *point)
{
	const uint8_t *bytes = (const uint8_t *)*at;
	size_t         left = (size_t)(end - *at), length;
	uint32_t       value;

	if (left == 0)
		return false;
	if (bytes[0] < 0x80) {
		*point = bytes[0];
		*at += 1;
		return true;
	}
	if (bytes[0] >= 0xc0 && bytes[0] < 0xe0)
		length = 2, value = bytes[0] & 0x1f;
	else if (bytes[0] >= 0xe0 && bytes[0] < 0xf0)
		length = 3, value = bytes[0] & 0x0f;
	else if (bytes[0] >= 0xf0 && bytes[0] < 0xf5)
		length = 4, value = bytes[0] & 0x07;
	else
		return false;
	if (length > left)
		return false;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if ((length == 2 && value < 0x80 && value != 0 && value != '/' && value != '\\') ||
	    (length == 3 && value < 0x800) || (length == 4 && (value < 0x10000 || value > 0x10ffff)))
		return false;
	*point = value;
	*at += length;
	return true;
}

/* The code point at unit @at, and past it. */
static uint32_t utf16_next(const uint8_t *text, size_t units, size_t *at)
{
	uint32_t unit = le16_at(text + 2 * *at), low;

	*at += 1;
	if (!is_high(unit) || *at == units || !is_low(low = le16_at(text + 2 * *at)))
		return unit;
	*at += 1;
	return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

size_t utf16_to_utf8(const uint8_t *text, size_t units, char *out)
{
	size_t length = 0;

	for (size_t i = 0; i < units;) {
		uint32_t unit = le16_at(text + 2 * i);

		if (unit < 0x80 && unit && unit != '/' && unit != '\\') { /* as most are */
			out[length++] = (char)unit;
			i++;
		} else {
			length += utf8_put(utf16_next(text, units, &i), out + length);
		}
	}
	out[length] = 0;
	return length;
}

size_t utf16_to_text(const uint8_t *text, size_t units, char *out)
{
	size_t length = 0;

	for (size_t i = 0; i < units;) {
		uint32_t point = utf16_next(text, units, &i);

		if (point == '/' || point == '\\')
			out[length++] = (char)point;
		else
			length += utf8_put(point, out + length);
	}
	out[length] = 0;
	return length;
}

/* The units of the next code point, and past it; 0 at bytes that are none. */
static size_t next_units(const char **at, const char *end, uint16_t units[2])
{
	uint32_t point;

	if (!utf8_next(at, end, &point))
		return 0;
	if (point < 0x10000) {
		units[0] = (uint16_t)point;
		return 1;
	}
	units[0] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10));
	units[1] = (uint16_t)(0xdc00 + ((point - 0x10000) & 0x3ff));
	return 2;
}

size_t utf16_from_utf8(const char *text, size_t length, uint16_t *out)
{
	const char *at = text, *end = text + length;
	size_t      units = 0;

	while (at < end) {
		uint16_t next[2];
		size_t   count = next_units(&at, end, next);

		if (!count)
			return SIZE_MAX;
		for (size_t i = 0; i < count; i++)
			out[units++] = next[i];
	}
	return units;
}

size_t utf16_le_from_utf8(const char *text, size_t length, struct le16 *out)
{
	const char *at = text, *end = text + length;
	size_t      units = 0;

	while (at < end) {
		uint16_t next[2];
		size_t   count = next_units(&at, end, next);

		if (!count)
			return SIZE_MAX;
		for (size_t i = 0; i < count; i++)
			out[units++] = le16_make(next[i]);
	}
	return units;
}

bool utf16_is_word(const uint8_t *text, size_t units, const char *word)
{
	for (size_t i = 0; i < units; i++) {
		uint16_t unit = le16_at(text + 2 * i);

		if (!word[i] || unit > 0x7f || tolower(unit) != tolower((unsigned char)word[i]))
			return false;
	}
	return !word[units];
}
