/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_name.c - see host_name.h */
#include "recover/host_name.h"

#include "core/utf16.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MARK_BYTES 10u /* "%~" and eight digits */

static bool reads_as_escape(const char *at, const char *end)
{
	return end - at >= 4 && isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1]) &&
	       isxdigit((unsigned char)at[2]) && isxdigit((unsigned char)at[3]);
}

static bool is_dots(const char *name, size_t length)
{
	return (length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.');
}

/* One code point in its host form; the bytes written. */
static size_t host_point(uint32_t point, bool escape, char *out)
{
	if (escape || point == 0 || point == '/' || (point >= 0xd800 && point < 0xe000))
		return (size_t)sprintf(out, "%%%04" PRIX32, point);
	if (point == '\\') {
		*out = '\\';
		return 1;
	}
	return utf8_put(point, out);
}

/* FNV-1a: names cut at the same place differ by it. */
static uint32_t name_digest(const char *name, size_t length)
{
	uint32_t digest = 2166136261u;

	for (size_t i = 0; i < length; i++)
		digest = (digest ^ (uint8_t)name[i]) * 16777619u;
	return digest;
}

void host_name(const char *name, size_t length, const char *ending, char out[HOST_NAME_BYTES])
{
	const char *at = name, *end = name + length;
	size_t      room = HOST_NAME_BYTES - 1 - strlen(ending), used = 0, safe = 0;
	bool        dots = is_dots(name, length);

	while (at < end) {
		char     piece[8];
		size_t   piece_bytes;
		uint32_t point = (uint8_t)*at;

		if (!utf8_next(&at, end, &point))
			at++; /* never from our own decoder */
		piece_bytes = host_point(point, dots || (point == '%' && (reads_as_escape(at, end) ||
									  (at < end && *at == '~'))),
					 piece);
		if (used + piece_bytes > room) { /* too long: cut where the mark still fits */
			snprintf(out + safe, HOST_NAME_BYTES - safe, "%%~%08" PRIx32 "%s",
				 name_digest(name, length), ending);
			return;
		}
		memcpy(out + used, piece, piece_bytes);
		used += piece_bytes;
		if (used + MARK_BYTES <= room)
			safe = used;
	}
	strcpy(out + used, ending);
}
