/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - see text.h */
#include "core/text.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/utf16.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

bool text_is_harmless(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	if (point == 0x61c || point == 0x200e || point == 0x200f || point == 0xfeff)
		return false;
	if ((point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069))
		return false;
	return !(point >= 0xd800 && point < 0xe000);
}

void text_print(FILE *out, const char *text, size_t length)
{
	const char *at = text, *end = text + length, *start = text;
	uint32_t    point;

	while (at < end) {
		bool decoded = utf8_next(&at, end, &point);

		if (decoded && point < 0x80 && text_is_harmless(point)) {
			fputc((int)point, out);
		} else if (decoded && text_is_harmless(point)) {
			fwrite(start, 1, (size_t)(at - start), out);
		} else if (decoded) {
			fprintf(out, point < 0x100 ? "\\x%02" PRIx32 : "\\u{%" PRIx32 "}", point);
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

/* Characters of UTF-8: the bytes that do not go on with one. */
static unsigned characters(const char *text, size_t length)
{
	unsigned count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

void text_hanging(FILE *out, const char *label, const char *text, unsigned indent, unsigned width)
{
	unsigned column = 0;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t   length = strcspn(text, " \n");
		unsigned wide = characters(text, length);

		if (column && column + 1 + wide > width) {
			fputc('\n', out);
			column = 0;
		}
		if (column)
			fputc(' ', out);
		else
			fprintf(out, "%-*s", (int)indent, label);
		label = "";
		fwrite(text, 1, length, out);
		column += column ? 1 + wide : indent + wide;
		text += length;
	}
	if (column)
		fputc('\n', out);
}

void text_paragraph(FILE *out, const char *text, unsigned indent, unsigned width)
{
	text_hanging(out, "", text, indent, width);
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
