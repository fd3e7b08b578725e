/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_line.c - see usmt_line.h */
#include "scan/story/usmt_line.h"

#include <time.h>

const char *usmt_level_name(enum usmt_level level)
{
	static const char *const names[] = { "Info", "Warning", "Error", "Status" };

	return level < USMT_LEVELS ? names[level] : "";
}

static bool take_word(struct bytes *from, const char *word)
{
	size_t       length = strlen(word);
	struct bytes part;

	return from->left >= length && memcmp(from->at, word, length) == 0 && bytes_take(from, length, &part);
}

static int digit_of(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* As many digits as there are to be. */
static bool take_number(struct bytes *from, int base, size_t digits, uint32_t *number)
{
	uint32_t     value = 0;
	struct bytes part;

	if (!bytes_take(from, digits, &part))
		return false;
	for (size_t i = 0; i < digits; i++) {
		int digit = digit_of(part.at[i]);

		if (digit >= base)
			return false;
		value = value * (uint32_t)base + (uint32_t)digit;
	}
	*number = value;
	return true;
}

/* "2018-04-20 09:26:17, " */
static bool take_time(struct bytes *from, int64_t *time)
{
	uint32_t  year, month, day, hour, minute, second;
	struct tm parts;

	if (!take_number(from, 10, 4, &year) || !take_word(from, "-") || !take_number(from, 10, 2, &month) ||
	    !take_word(from, "-") || !take_number(from, 10, 2, &day) || !take_word(from, " ") ||
	    !take_number(from, 10, 2, &hour) || !take_word(from, ":") || !take_number(from, 10, 2, &minute) ||
	    !take_word(from, ":") || !take_number(from, 10, 2, &second) || !take_word(from, ", ") || month < 1 ||
	    month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	parts = (struct tm){ .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day,
			     .tm_hour = (int)hour, .tm_min = (int)minute, .tm_sec = (int)second };
	*time = timegm(&parts);
	return true;
}

static enum usmt_level level_of(struct bytes word)
{
	enum usmt_level level = USMT_INFO;

	while (level < USMT_LEVELS && (strlen(usmt_level_name(level)) != word.left ||
				       memcmp(usmt_level_name(level), word.at, word.left) != 0))
		level++;
	return level;
}

bool usmt_line_next(struct bytes *rest, struct bytes *line)
{
	size_t       length = 0;
	struct bytes end;

	while (length < rest->left && rest->at[length] != '\n')
		length++;
	if (!rest->left || !bytes_take(rest, length, line))
		return false;
	(void)bytes_take(rest, 1, &end);
	if (line->left && line->at[line->left - 1] == '\r' && end.at)
		line->left--;
	return true;
}

bool usmt_line_read(struct bytes line, struct usmt_line *read)
{
	struct usmt_line found = { 0 };
	struct bytes     word = { 0 }, module;
	size_t           length = 0;

	while (take_word(&line, "\xef\xbb\xbf"))
		;
	if (!take_time(&line, &found.time))
		return false;
	while (length < line.left && line.at[length] != ' ' && line.at[length] != '[')
		length++;
	(void)bytes_take(&line, length, &word);
	found.level = level_of(word);
	while (take_word(&line, " "))
		;
	module = line;
	if (take_word(&module, "[0x") && take_number(&module, 16, 6, &found.module) && take_word(&module, "]")) {
		found.has_module = true;
		line = module;
		(void)take_word(&line, " ");
	}
	found.text = line;
	*read = found;
	return true;
}
