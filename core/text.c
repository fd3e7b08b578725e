/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - see text.h */
#include "core/text.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/utf16.h"

#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

bool text_is_harmless(uint32_t point)
{
	static const struct { uint32_t first, last; } harmful[] = {
		{ 0x0, 0x1f },        { 0x7f, 0x9f },         /* C0, DEL, C1 */
		{ 0x61c, 0x61c },     { 0x200e, 0x200f },     /* marks of direction */
		{ 0x200b, 0x200b },   { 0x2060, 0x206f },     /* without width, isolates among them */
		{ 0x2028, 0x202e },   { 0xfeff, 0xfeff },     /* ends of lines, overrides of direction */
		{ 0xd800, 0xdfff },   { 0xfff9, 0xfffb },     /* surrogates, annotations */
		{ 0xfffe, 0xffff },   { 0xe0000, 0xe0fff },   /* no characters, tags */
	};

	for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++)
		if (point >= harmful[i].first && point <= harmful[i].last)
			return false;
	return true;
}

/* As many as a terminal gives it; a combining mark has none. */
static unsigned point_columns(uint32_t point)
{
	static _Atomic(locale_t) unicode; /* the program itself stays in the C locale */
	locale_t                 locale = atomic_load(&unicode), none = (locale_t)0, before;
	int                      columns;

	if (point < 0x80)
		return 1;
	if (locale == none) {
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", none);
		if (locale == none)
			return 1;
		if (!atomic_compare_exchange_strong(&unicode, &none, locale)) {
			freelocale(locale); /* another thread was quicker */
			locale = none;
		}
	}
	before = uselocale(locale);
	columns = wcwidth((wchar_t)point);
	uselocale(before);
	return columns < 0 ? 1 : (unsigned)columns;
}

/* How a character is written that does harm; returns its columns. */
static unsigned escape(uint32_t point, char out[16])
{
	return (unsigned)snprintf(out, 16, point < 0x100 ? "\\x%02" PRIx32 : "\\u{%" PRIx32 "}", point);
}

size_t text_next(const char *text, size_t length, unsigned *columns)
{
	const char *at = text;
	char        escaped[16];
	uint32_t    point;

	if (!utf8_next(&at, text + length, &point)) {
		*columns = 4; /* \xNN */
		return 1;
	}
	*columns = text_is_harmless(point) ? point_columns(point) : escape(point, escaped);
	return (size_t)(at - text);
}

unsigned text_columns(const char *text, size_t length)
{
	unsigned sum = 0, columns;

	for (size_t at = 0; at < length; sum += columns)
		at += text_next(text + at, length - at, &columns);
	return sum;
}

void text_print(FILE *out, const char *text, size_t length)
{
	const char *at = text, *end = text + length, *start = text;
	char        escaped[16];
	uint32_t    point;

	while (at < end) {
		bool decoded = utf8_next(&at, end, &point);

		if (decoded && point < 0x80 && text_is_harmless(point)) {
			fputc((int)point, out);
		} else if (decoded && text_is_harmless(point)) {
			fwrite(start, 1, (size_t)(at - start), out);
		} else if (decoded) {
			escape(point, escaped);
			fputs(escaped, out);
		} else {
			fprintf(out, "\\x%02x", (unsigned char)*at);
			at++;
		}
		start = at;
	}
}

char *text_format_list(const char *format, va_list arguments)
{
	char *text;

	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

char *text_format(const char *format, ...)
{
	va_list arguments;
	char   *text;

	va_start(arguments, format);
	text = text_format_list(format, arguments);
	va_end(arguments);
	return text;
}

void text_line(FILE *out, const char *format, ...)
{
	CLEANUP(free_ptr) char *line = NULL;
	va_list                 arguments;

	va_start(arguments, format);
	line = text_format_list(format, arguments);
	va_end(arguments);
	if (line)
		text_print(out, line, strlen(line));
	fputc('\n', out);
}

void text_hanging(FILE *out, const char *text, unsigned indent, unsigned width)
{
	unsigned column = indent;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t   length = strcspn(text, " \n");
		unsigned wide = text_columns(text, length);

		if (column > indent && column + 1 + wide > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		if (column > indent)
			fputc(' ', out);
		fwrite(text, 1, length, out);
		column += (column > indent) + wide;
		text += length;
	}
	fputc('\n', out);
}

void text_paragraph(FILE *out, const char *text, unsigned indent, unsigned width)
{
	if (!text[strspn(text, " \n")])
		return;
	fprintf(out, "%*s", (int)indent, "");
	text_hanging(out, text, indent, width);
}

struct text_number text_count(uint64_t count)
{
	struct text_number plain, grouped;
	size_t             length, to = 0;

	length = (size_t)snprintf(plain.text, sizeof plain.text, "%" PRIu64, count);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			grouped.text[to++] = ',';
		grouped.text[to++] = plain.text[i];
	}
	grouped.text[to] = 0;
	return grouped;
}

struct text_number text_size(uint64_t size_bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	struct text_number       result;
	double                   size = (double)size_bytes / 1024;
	size_t                   unit = 0;

	if (size_bytes < 1024) {
		snprintf(result.text, sizeof result.text, "%" PRIu64 " byte%s", size_bytes,
			 size_bytes == 1 ? "" : "s");
		return result;
	}
	while (size >= 1023.95 && unit + 1 < sizeof units / sizeof units[0]) {
		size /= 1024;
		unit++;
	}
	snprintf(result.text, sizeof result.text, "%.1f %s", size, units[unit]);
	return result;
}

struct text_number text_time(uint64_t time_100ns)
{
	struct text_number result = { "-" };
	struct timespec    time = ntfs_time_to_timespec(time_100ns);
	struct tm          parts;

	if (time_100ns && gmtime_r(&time.tv_sec, &parts))
		strftime(result.text, sizeof result.text, "%Y-%m-%d %H:%M:%S UTC", &parts);
	return result;
}
