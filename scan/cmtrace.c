/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmtrace.c - see cmtrace.h */
#include "scan/cmtrace.h"

#include "core/ntfs_time.h"

#define MARK_SIZE 7u

_Static_assert(sizeof CMTRACE_BEGIN - 1 == MARK_SIZE && sizeof CMTRACE_END - 1 == MARK_SIZE, "marks");

/* -------- numbers -------- */

/* Cut off the next byte if it is @c. */
static bool take_byte(struct bytes *from, char c)
{
	struct bytes part;

	return from->left && *from->at == (uint8_t)c && bytes_take(from, 1, &part);
}

/* A decimal number of 1 to @digits (at most 9). */
static bool take_number(struct bytes *from, unsigned digits, uint32_t *number)
{
	uint32_t     value = 0;
	unsigned     count = 0;
	struct bytes part;

	while (count < digits && count < from->left && from->at[count] >= '0' && from->at[count] <= '9')
		value = value * 10 + from->at[count++] - '0';
	*number = value;
	return count && bytes_take(from, count, &part);
}

/* The whole of a value as a number. */
static bool is_number(struct bytes value, uint32_t *number)
{
	uint32_t read;

	if (!take_number(&value, 9, &read) || value.left)
		return false;
	*number = read;
	return true;
}

/* -------- time -------- */

struct moment {
	uint32_t year, month, day;
	uint32_t hour, minute, second, fraction; /* of a second, in 100 ns */
	bool     has_date, has_clock, has_bias;
	int      bias_minutes;
};

/* What follows the point, one digit or more. */
static bool take_fraction(struct bytes *from, uint32_t *fraction)
{
	uint32_t     value = 0, unit = NTFS_TIME_PER_SECOND / 10;
	size_t       count = 0;
	struct bytes part;

	for (; count < from->left && from->at[count] >= '0' && from->at[count] <= '9'; count++, unit /= 10)
		value += (uint32_t)(from->at[count] - '0') * unit;
	*fraction = value;
	return count && bytes_take(from, count, &part);
}

/* "+240", "-60" */
static bool take_bias(struct bytes *from, int *minutes)
{
	bool     west = take_byte(from, '+');
	uint32_t number;

	if ((!west && !take_byte(from, '-')) || !take_number(from, 4, &number))
		return false;
	*minutes = west ? (int)number : -(int)number;
	return true;
}

/* "10:19:13.567+240" */
static void read_clock(struct bytes value, struct moment *moment)
{
	struct moment read = *moment;

	if (!take_number(&value, 2, &read.hour) || !take_byte(&value, ':') ||
	    !take_number(&value, 2, &read.minute) || !take_byte(&value, ':') ||
	    !take_number(&value, 2, &read.second))
		return;
	if (take_byte(&value, '.') && !take_fraction(&value, &read.fraction))
		return;
	read.has_bias = value.left != 0;
	if ((read.has_bias && !take_bias(&value, &read.bias_minutes)) || value.left)
		return;
	read.has_clock = true;
	*moment = read;
}

/* "10-18-2019": month, day, year */
static void read_date(struct bytes value, struct moment *moment)
{
	struct moment read = *moment;

	read.has_date = take_number(&value, 2, &read.month) && take_byte(&value, '-') &&
			take_number(&value, 2, &read.day) && take_byte(&value, '-') &&
			take_number(&value, 4, &read.year) && !value.left;
	if (read.has_date)
		*moment = read;
}

/* 0 if no calendar and no clock of our time has it. */
static uint64_t time_of(const struct moment *moment)
{
	struct tm       parts = { .tm_year = (int)moment->year - 1900,
				  .tm_mon = (int)moment->month - 1,
				  .tm_mday = (int)moment->day,
				  .tm_hour = (int)moment->hour,
				  .tm_min = (int)moment->minute,
				  .tm_sec = (int)moment->second };
	struct timespec time = { .tv_nsec = (long)moment->fraction * 100 };

	if (!moment->has_date || !moment->has_clock || moment->year < 1970 || moment->year > 9999 ||
	    moment->month < 1 || moment->month > 12 || moment->day < 1 || moment->hour > 23 ||
	    moment->minute > 59 || moment->second > 59)
		return 0;
	time.tv_sec = timegm(&parts) + moment->bias_minutes * 60;
	return parts.tm_mday == (int)moment->day ? ntfs_time_from_timespec(time) : 0;
}

/* -------- attributes -------- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct bytes *from)
{
	struct bytes part;

	while (from->left && is_blank(*from->at))
		(void)bytes_take(from, 1, &part);
}

/* Cut off what stands before @end, and that.  False, and nothing moves, when it is not there in time. */
static bool take_until(struct bytes *from, char end, struct bytes *part)
{
	size_t       length = 0;
	struct bytes mark;

	while (length < from->left && from->at[length] != (uint8_t)end) {
		if (from->at[length] < ' ' || from->at[length] == '<' || from->at[length] == '>')
			return false;
		length++;
	}
	return length < from->left && bytes_take(from, length, part) && bytes_take(from, 1, &mark);
}

/* name="value" */
static bool take_attribute(struct bytes *from, struct bytes *name, struct bytes *value)
{
	struct bytes at = *from;

	skip_blanks(&at);
	if (!take_until(&at, '=', name) || !take_byte(&at, '"') || !take_until(&at, '"', value))
		return false;
	*from = at;
	return true;
}

static bool is_word(struct bytes value, const char *word)
{
	return value.left == strlen(word) && memcmp(value.at, word, value.left) == 0;
}

/* "engine.cxx:144", "engine.cxx,144", "LiteTouch" */
static void read_file(struct bytes value, struct cmtrace_record *record)
{
	size_t       length = value.left;
	struct bytes digits;

	while (length && value.at[length - 1] >= '0' && value.at[length - 1] <= '9')
		length--;
	if (length && (value.at[length - 1] == ':' || value.at[length - 1] == ',') &&
	    bytes_sub(value, length, value.left - length, &digits) && is_number(digits, &record->line))
		value.left = length - 1;
	record->file = value;
}

static void read_attribute(struct bytes name, struct bytes value, struct cmtrace_record *record,
			   struct moment *moment)
{
	uint32_t number;

	if (is_word(name, "time"))
		read_clock(value, moment);
	else if (is_word(name, "date"))
		read_date(value, moment);
	else if (is_word(name, "component"))
		record->component = value;
	else if (is_word(name, "context"))
		record->context = value;
	else if (is_word(name, "type"))
		record->type = is_number(value, &number) && number < CMTRACE_TYPES ? (enum cmtrace_type)number
										   : CMTRACE_TYPES;
	else if (is_word(name, "thread"))
		(void)is_number(value, &record->thread);
	else if (is_word(name, "file"))
		read_file(value, record);
}

/* What follows the mark at the end of the text; true if it is whole.  Moves past what could be read. */
static bool read_attributes(struct bytes *rest, struct cmtrace_record *record)
{
	struct bytes  at = *rest, name, value;
	struct moment moment = { 0 };
	bool          whole;

	skip_blanks(&at);
	if (!take_byte(&at, '<'))
		return false;
	while (take_attribute(&at, &name, &value)) {
		read_attribute(name, value, record, &moment);
		*rest = at;
	}
	record->time = time_of(&moment);
	record->has_bias = moment.has_bias;
	record->bias_minutes = moment.bias_minutes;
	skip_blanks(&at);
	whole = record->component.at && take_byte(&at, '>');
	if (whole)
		*rest = at;
	return whole;
}

/* -------- records -------- */

enum sight { SIGHT_NOTHING, SIGHT_ZERO, SIGHT_BEGIN, SIGHT_END };

/* What of note comes next in @window from byte @from on; @at is where it begins, or the end. */
static enum sight look(struct bytes window, size_t from, size_t *at)
{
	for (size_t i = from; i < window.left; i++) {
		const uint8_t *c = window.at + i;
		bool           room = window.left - i >= MARK_SIZE;

		*at = i;
		if (*c == 0)
			return SIGHT_ZERO;
		if (*c == '<' && room && memcmp(c, CMTRACE_BEGIN, MARK_SIZE) == 0)
			return SIGHT_BEGIN;
		if (*c == ']' && room && memcmp(c, CMTRACE_END, MARK_SIZE) == 0)
			return SIGHT_END;
	}
	*at = window.left;
	return SIGHT_NOTHING;
}

/* The bytes of @window from @start to @end. */
static struct bytes part_of(struct bytes window, size_t start, size_t end)
{
	return (struct bytes){ window.at + start, end - start, window.offset + start };
}

/* The record that begins at byte @begin of @rest. */
static void take_record(struct bytes *rest, size_t begin, struct cmtrace_record *record)
{
	size_t       start = begin + MARK_SIZE, end;
	struct bytes window = *rest, limited = *rest;

	if (limited.left - start > CMTRACE_TEXT_MAX + MARK_SIZE)
		limited.left = start + CMTRACE_TEXT_MAX + MARK_SIZE;
	if (look(limited, start, &end) == SIGHT_END) {
		*rest = part_of(window, end + MARK_SIZE, window.left);
		record->damage = read_attributes(rest, record) ? CMTRACE_WHOLE : CMTRACE_NO_END;
	} else {
		if (end - start > CMTRACE_TEXT_MAX)
			end = start + CMTRACE_TEXT_MAX;
		*rest = part_of(window, end, window.left);
		record->damage = CMTRACE_NO_END;
		while (end > start && is_blank(window.at[end - 1]))
			end--;
	}
	record->text = part_of(window, start, end);
	record->whole = part_of(window, begin, (size_t)(rest->at - window.at));
}

/* The record whose beginning is lost: its text ended at byte @end of @rest, and may begin at @start. */
static bool take_tail(struct bytes *rest, size_t start, size_t end, struct cmtrace_record *record)
{
	struct bytes window = *rest, text;

	if (end - start > CMTRACE_TEXT_MAX)
		start = end - CMTRACE_TEXT_MAX;
	text = part_of(window, start, end);
	skip_blanks(&text);
	*rest = part_of(window, end + MARK_SIZE, window.left);
	record->damage = CMTRACE_NO_BEGINNING;
	if (!read_attributes(rest, record))
		return false;
	record->text = text;
	record->whole = part_of(window, (size_t)(text.at - window.at), (size_t)(rest->at - window.at));
	return true;
}

bool cmtrace_next(struct bytes *rest, struct cmtrace_record *record)
{
	size_t start = 0, at;

	for (;;) {
		*record = (struct cmtrace_record){ .type = CMTRACE_TYPES };
		switch (look(*rest, start, &at)) {
		case SIGHT_NOTHING:
			*rest = part_of(*rest, rest->left, rest->left);
			return false;
		case SIGHT_ZERO:
			start = at + 1;
			break;
		case SIGHT_BEGIN:
			take_record(rest, at, record);
			return true;
		case SIGHT_END:
			if (take_tail(rest, start, at, record))
				return true;
			start = 0;
			break;
		}
	}
}
