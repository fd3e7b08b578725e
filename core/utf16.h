/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf16.h - NTFS names as text
 *
 * A name is an array of little-endian UTF-16 units in which anything may stand,
 * unpaired surrogates too.  Outside it is WTF-8: UTF-8 in which an unpaired
 * surrogate is the three bytes that its number gives; and a zero, a slash and a
 * backslash, which no name should have, are two bytes (c0 80, c0 af, c1 9c), so
 * that a path is a C string and its separators are the plain ones.  The way there
 * and back loses nothing.
 */
#ifndef CORE_UTF16_H
#define CORE_UTF16_H

#include "core/bytes.h"
#include "core/endian.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_UNITS_MAX 255u                     /* of one NTFS name */
#define NAME_UTF8_MAX (3u * NAME_UNITS_MAX + 1) /* bytes, end included */

/*
 * @units of UTF-16LE at @text as WTF-8 in @out, which has room for 3 * @units + 1 bytes.
 * Returns the bytes written, the terminating zero not counted.
 */
size_t utf16_to_utf8(const uint8_t *text, size_t units, char *out);

/*
 * The same for text that is no name: a slash and a backslash stay the plain ones, and only a zero is two
 * bytes.
 */
size_t utf16_to_text(const uint8_t *text, size_t units, char *out);

/*
 * The way back, of both: @length bytes of WTF-8 as UTF-16 units in host order.  @out has room for
 * @length units.  Returns the units written, or SIZE_MAX when the bytes are not WTF-8.
 */
size_t utf16_from_utf8(const char *text, size_t length, uint16_t *out);

/* The same as they lie on disk. */
size_t utf16_le_from_utf8(const char *text, size_t length, struct le16 *out);

/* Decode one code point of WTF-8 and move past it; false at bytes that are none (nothing moves). */
bool utf8_next(const char **at, const char *end, uint32_t *point);

/* Write @point as WTF-8 at @out (room for 4 bytes); returns the bytes written. */
size_t utf8_put(uint32_t point, char *out);

/* The name equals the ASCII @word, case aside. */
bool utf16_is_word(const uint8_t *text, size_t units, const char *word);

#endif
