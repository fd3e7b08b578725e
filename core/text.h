/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - words for people
 *
 * Names from a disk are escaped before they reach a terminal; sizes, counts and
 * times are written as people read them.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Not a control (C0, C1), a line or bidi mark, or an unpaired surrogate. */
bool text_is_harmless(uint32_t point);

/*
 * Print @length bytes of WTF-8.  Controls (C0, C1), marks of lines and direction, what is invisible,
 * unpaired surrogates and bytes that are no UTF-8 come out as \xNN or \u{N}; a backslash stays as it is, for paths are full of them.
 */
void text_print(FILE *out, const char *text, size_t length);

/* A character that neither steers a terminal nor hides. */
bool text_is_harmless(uint32_t point);

/* The bytes of the first character of @length (1 or more) at @text, and the columns that text_print gives it. */
size_t text_next(const char *text, size_t length, unsigned *columns);

/* The columns of all of it: wide characters have two, combining ones none. */
unsigned text_columns(const char *text, size_t length);

/* The text that printf would print, to be freed; NULL without memory. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* A line made of such bytes and of our own words, printed likewise, and its end. */
void text_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Print lines of WTF-8 that are escaped already as one paragraph: @indent blanks, then words until @width
 * columns are full.  A word that is longer stands by itself.
 */
void text_paragraph(FILE *out, const char *text, unsigned indent, unsigned width);

/* The same behind a label: @indent columns of the first line are printed already. */
void text_hanging(FILE *out, const char *text, unsigned indent, unsigned width);

struct text_number { char text[32]; };

/* 1234567 as "1,234,567". */
struct text_number text_count(uint64_t count);

/* Bytes as "512 bytes", "1.5 KiB", "12.0 GiB". */
struct text_number text_size(uint64_t size_bytes);

/* 100 ns since 1601 as "2026-11-23 01:10:06 UTC"; "-" for 0 and what no calendar has. */
struct text_number text_time(uint64_t time_100ns);

#endif
