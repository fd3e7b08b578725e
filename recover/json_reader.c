/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_reader.c - see json_reader.h */
#include "recover/json_reader.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* -------- text that UTF-8 does not have -------- */

/*
 * jansson takes neither half a surrogate pair nor, as a rule, a zero.  While it has the text, these and
 * U+FDD0 itself, which is no character, are U+FDD0 and four hexadecimal digits: three bytes become
 * seven, at most.
 */
#define STAND_IN "\xef\xb7\x90"
#define STAND_IN_POINT 0xfdd0u
#define STAND_IN_BYTES 3u

static bool is_surrogate(unsigned unit)
{
	return unit >= 0xd800 && unit < 0xe000;
}

/* The unit that "\uXXXX" at @at stands for. */
static bool read_escape(const char *at, const char *end, unsigned *unit)
{
	char digits[5] = "";

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return false;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)at[2 + i]))
			return false;
		digits[i] = at[2 + i];
	}
	*unit = (unsigned)strtoul(digits, NULL, 16);
	return true;
}

/* Copy JSON with stand-ins where they are needed; the bytes written. */
static size_t put_stand_ins(const char *text, size_t length, char *out)
{
	const char *at = text, *end = text + length;
	size_t      used = 0;

	while (at < end) {
		unsigned unit = 0, low = 0;
		size_t   taken = 1;
		bool     stand_in = false;

		if (read_escape(at, end, &unit)) {
			bool pair = unit >= 0xd800 && unit < 0xdc00 && read_escape(at + 6, end, &low) &&
				    low >= 0xdc00 && low < 0xe000;

			taken = pair ? 12 : 6;
			stand_in = !pair && (is_surrogate(unit) || unit == 0 || unit == STAND_IN_POINT);
		} else if (*at == '\\' && end - at > 1) {
			taken = 2;
		} else if ((size_t)(end - at) >= STAND_IN_BYTES &&
			   memcmp(at, STAND_IN, STAND_IN_BYTES) == 0) {
			unit = STAND_IN_POINT;
			taken = STAND_IN_BYTES;
			stand_in = true;
		}
		if (stand_in) {
			used += (size_t)sprintf(out + used, STAND_IN "%04x", unit);
		} else {
			memcpy(out + used, at, taken);
			used += taken;
		}
		at += taken;
	}
	return used;
}

char *json_read_text(const json_t *json, enum json_text_form form, bool *memory)
{
	const char *at = json_string_value(json), *end = at ? at + json_string_length(json) : NULL;
	CLEANUP(free_ptr) char *out = at ? malloc(2 * (size_t)(end - at) + 1) : NULL;
	size_t                  used = 0;

	*memory = at && !out;
	if (!out)
		return NULL;
	while (at < end) {
		uint32_t point;
		unsigned unit;

		if (!utf8_next(&at, end, &point))
			return NULL;
		if (point == STAND_IN_POINT) {
			char digits[5] = "";

			if (end - at < 4)
				return NULL;
			memcpy(digits, at, 4);
			if (sscanf(digits, "%4x", &unit) != 1)
				return NULL;
			point = unit;
			at += 4;
		}
		if (form == JSON_HOST_PATH && (point == 0 || is_surrogate(point)))
			return NULL;
		if (form == JSON_PATH && point == '/')
			out[used++] = '\\';
		else if ((form == JSON_HOST_PATH || form == JSON_TEXT) && point && point < 0x80)
			out[used++] = (char)point;
		else
			used += utf8_put(point, out + used);
	}
	out[used] = 0;
	return TAKE(out);
}

/* -------- documents and values -------- */

int json_read(const char *text, size_t length, json_t **root, struct error *err)
{
	CLEANUP(free_ptr) char *plain = length < SIZE_MAX / 7 ? malloc(length / 3 * 7 + 16) : NULL;
	size_t                  plain_bytes;
	json_error_t            why;

	*root = NULL;
	if (!plain)
		return error_memory(err);
	plain_bytes = put_stand_ins(text, length, plain);
	*root = json_loadb(plain, plain_bytes, JSON_REJECT_DUPLICATES, &why);
	if (!*root && json_error_code(&why) == json_error_numeric_overflow) /* a time no calendar has */
		*root = json_loadb(plain, plain_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL,
				   &why);
	if (*root)
		return 0;
	if (json_error_code(&why) == json_error_out_of_memory)
		return error_memory(err);
	return error_set(err, ERROR_VALUE, NULL, "%s", why.text);
}

void json_release(json_t **root)
{
	json_decref(*root);
}

bool json_read_uint(const json_t *json, uint64_t max, uint64_t *value)
{
	if (json_is_integer(json) && json_integer_value(json) >= 0)
		*value = (uint64_t)json_integer_value(json);
	else if (json_is_real(json) && json_real_value(json) >= 0 && json_real_value(json) <= 0x1p64)
		*value = json_real_value(json) < 0x1p64 ? (uint64_t)json_real_value(json) : UINT64_MAX;
	else
		return false;
	return *value <= max;
}
