/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_log_reader.c - see usmt_log_reader.h */
#include "recover/usmt/usmt_log_reader.h"

#include "recover/usmt/usmt_progress.h"

#include <inttypes.h>
#include <string.h>

/* -------- text -------- */

/* A copy that is a C string: without byte order marks, lines end with a line feed, no zeros. */
static char *clean_copy(const char *bytes, size_t size)
{
	char  *copy = malloc(size + 1);
	size_t length = 0;

	for (size_t i = 0; copy && i < size; i++) {
		if (size - i >= 3 && memcmp(bytes + i, "\xef\xbb\xbf", 3) == 0)
			i += 2;
		else if (bytes[i] != '\r' || i + 1 == size || bytes[i + 1] != '\n')
			copy[length++] = (char)(bytes[i] ? bytes[i] : ' ');
	}
	if (copy)
		copy[length] = 0;
	return copy;
}

/* Cut the next line off; NULL at the end. */
static char *next_line(char **rest)
{
	char *line = *rest, *end = line + strcspn(line, "\n");

	if (!*line)
		return NULL;
	*rest = *end ? end + 1 : end;
	*end = 0;
	return line;
}

/* Read as many digits as there are to be read; false if there are less, or none at all. */
static bool take_number(const char **at, unsigned base, size_t digits, uint32_t *number)
{
	uint32_t value = 0;

	for (size_t i = 0; i < digits; i++) {
		char     c = (*at)[i];
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
							: base;

		if (digit >= base)
			return false;
		value = value * base + digit;
	}
	*at += digits;
	*number = value;
	return true;
}

static bool take_word(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Seconds since 1970; false if there is no such moment. */
static bool seconds_of(uint32_t year, uint32_t month, uint32_t day, uint32_t hour, uint32_t minute, uint32_t second,
		       int64_t *seconds)
{
	struct tm parts = { .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day,
			    .tm_hour = (int)hour, .tm_min = (int)minute, .tm_sec = (int)second };

	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = timegm(&parts);
	return true;
}

static bool take_clock(const char **at, uint32_t *hour, uint32_t *minute, uint32_t *second)
{
	return take_number(at, 10, 2, hour) && take_word(at, ":") && take_number(at, 10, 2, minute) &&
	       take_word(at, ":") && take_number(at, 10, 2, second);
}

/* -------- records -------- */

/* "2018-04-20 09:26:17, Info                  [0x000000] text" */
static bool parse_record(char *start, struct usmt_record *record)
{
	struct usmt_line line;

	if (!usmt_line_read((struct bytes){ (const uint8_t *)start, strlen(start), 0 }, &line) || !line.has_module)
		return false;
	record->time = line.time;
	record->level = line.level;
	record->module = line.module;
	record->text = start + line.text.offset;
	return true;
}

/* A record is complete: its gle and the blank lines behind it are no text. */
static void finish_record(struct usmt_record *record)
{
	static const char mark[] = "[gle=0x";
	char             *text = record->text;
	size_t            length = strlen(text), tail = sizeof mark - 1 + 9;
	const char       *at;

	while (length && strchr(" \n", text[length - 1]))
		text[--length] = 0;
	if (length < tail)
		return;
	at = text + length - tail;
	if (take_word(&at, mark) && take_number(&at, 16, 8, &record->gle) && strcmp(at, "]") == 0)
		text[length - tail] = 0;
}

/* Take a line; one that begins no record belongs to the last. */
static int take_line(struct usmt_log_file *log, char *line, uint64_t number, char **end, struct error *err)
{
	struct usmt_record record = { .line = number };
	size_t             length = strlen(line);

	if (parse_record(line, &record)) {
		if (log->records.count)
			finish_record(&log->records.items[log->records.count - 1]);
		if (!array_push(&log->records, record))
			return error_memory(err);
	} else if (!log->records.count) {
		log->strays += length != 0;
		return 0;
	} else {
		**end = '\n'; /* the zero that parted it from the line before */
	}
	*end = line + length;
	return 0;
}

static int read_records(struct usmt_log_file *log, struct error *err)
{
	char    *rest = log->memory, *line, *end = NULL;
	uint64_t number = 0;

	while ((line = next_line(&rest)))
		if (take_line(log, line, ++number, &end, err) < 0)
			return -1;
	if (log->records.count)
		finish_record(&log->records.items[log->records.count - 1]);
	return 0;
}

/* -------- runs -------- */

/* A row of the summary, "|           395 |           No |         37 | Read error 395 for C:\..." */
static int read_error(struct usmt_log_run *run, const char *text, struct error *err)
{
	struct usmt_log_error error = { 0 };
	uint64_t              code;
	char                  aborted[8];
	int                   length = 0;

	if (sscanf(text, "|%10" SCNu64 " |%7s |%19" SCNu64 " | %n", &code, aborted, &error.recurrence, &length) != 3 ||
	    !length || code > UINT32_MAX)
		return 0; /* its heading */
	error.code = (uint32_t)code;
	error.aborted = strcmp(aborted, "Yes") == 0;
	error.first = strdup(text + length);
	if (error.first && array_push(&run->errors, error))
		return 0;
	free(error.first);
	return error_memory(err);
}

static bool begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static int read_milestone(struct usmt_log_run *run, const char *text, struct error *err)
{
	unsigned code;

	if (begins_with(text, "Command line: "))
		run->command_line = text + strlen("Command line: ");
	else if (begins_with(text, "Success"))
		run->succeeded = true;
	else if (begins_with(text, "Failed"))
		run->succeeded = false;
	else if (begins_with(text, "USMT Completed at "))
		run->completed = true;
	else if (begins_with(text, "|"))
		return read_error(run, text, err);
	if (sscanf(text, "UsmtUtils return code: %9u", &code) == 1) {
		run->code = (int)code;
		run->succeeded = code == 0;
	}
	(void)sscanf(text, "Success, %19" SCNu64 " errors ignored", &run->ignored);
	return 0;
}

/* A run begins with its version or with its start, whichever comes first. */
static bool begins_run(const struct usmt_log_file *log, size_t record)
{
	const char                *text = log->records.items[record].text;
	const struct usmt_log_run *last = log->runs.count ? &log->runs.items[log->runs.count - 1] : NULL;
	bool                       starts = begins_with(text, "USMT Started at "), versions = strstr(text, ".EXE Version ");

	if (!last || (versions && last->completed))
		return true;
	if (!starts && !versions)
		return false;
	for (size_t i = last->first; i < record; i++) {
		const char *other = log->records.items[i].text;

		if (starts ? begins_with(other, "USMT Started at ") : strstr(other, ".EXE Version ") != NULL)
			return true;
	}
	return false;
}

static int read_runs(struct usmt_log_file *log, struct error *err)
{
	for (size_t i = 0; i < log->records.count; i++) {
		struct usmt_log_run *run;

		if (begins_run(log, i) &&
		    !array_push(&log->runs, (struct usmt_log_run){ .first = i, .code = USMT_NO_CODE }))
			return error_memory(err);
		run = &log->runs.items[log->runs.count - 1];
		run->count++;
		if (read_milestone(run, log->records.items[i].text, err) < 0)
			return -1;
	}
	return 0;
}

int usmt_log_read(struct usmt_log_file *log, const void *bytes, size_t size, struct error *err)
{
	*log = (struct usmt_log_file){ .memory = clean_copy(bytes, size) };
	if (!log->memory)
		return error_memory(err);
	return read_records(log, err) < 0 ? -1 : read_runs(log, err);
}

void usmt_log_file_release(struct usmt_log_file *log)
{
	for (size_t i = 0; i < log->runs.count; i++) {
		for (size_t j = 0; j < log->runs.items[i].errors.count; j++)
			free(log->runs.items[i].errors.items[j].first);
		array_release(&log->runs.items[i].errors);
	}
	array_release(&log->runs);
	array_release(&log->records);
	free(log->memory);
	log->memory = NULL;
}

/* -------- progress logs -------- */

static bool take_month(const char **at, uint32_t *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (*month = 1; *month <= 12; ++*month)
		if (strncmp(*at, names + 3 * (*month - 1), 3) == 0) {
			*at += 3;
			return true;
		}
	return false;
}

/* "27 Jan 2010, 10:21:10 -08:00, elapsed 00:00:01, " */
static bool take_stamp(const char **at, struct usmt_step *step)
{
	uint32_t day, month, year, hour, minute, second, zone_hour, zone_minute;
	bool     west;

	if (!take_number(at, 10, 2, &day) || !take_word(at, " ") || !take_month(at, &month) || !take_word(at, " ") ||
	    !take_number(at, 10, 4, &year) || !take_word(at, ", ") || !take_clock(at, &hour, &minute, &second) ||
	    !take_word(at, " ") || !seconds_of(year, month, day, hour, minute, second, &step->time))
		return false;
	west = take_word(at, "-");
	if ((!west && !take_word(at, "+")) || !take_number(at, 10, 2, &zone_hour) || !take_word(at, ":") ||
	    !take_number(at, 10, 2, &zone_minute) || !take_word(at, ", elapsed ") ||
	    !take_clock(at, &hour, &minute, &second) || !take_word(at, ", "))
		return false;
	step->zone_minutes = (int)(60 * zone_hour + zone_minute) * (west ? -1 : 1);
	step->elapsed_seconds = 3600 * hour + 60 * minute + second;
	return true;
}

/* Where a value ends: before the next key, for it may hold commas itself. */
static char *end_of_value(char *value)
{
	char *at = value;

	while ((at = strstr(at, ", "))) {
		size_t length = strcspn(at + 2, ",");

		if (at[2 + length] && usmt_progress_is_key(at + 2, length))
			return at;
		at += 2;
	}
	return value + strlen(value);
}

static int read_pairs(struct usmt_progress_file *log, struct usmt_step *step, char *at, struct error *err)
{
	step->first = log->pairs.count;
	while (*at) {
		char *value = strstr(at, ", "), *end;
		bool  more;

		if (!value) { /* a key alone */
			value = end = at + strlen(at);
			more = false;
		} else {
			*value = 0;
			value += 2;
			end = end_of_value(value);
			more = *end;
			*end = 0;
		}
		if (!array_push(&log->pairs, (struct usmt_pair){ at, value }))
			return error_memory(err);
		at = more ? end + 2 : end;
	}
	step->count = log->pairs.count - step->first;
	return array_push(&log->steps, *step) ? 0 : error_memory(err);
}

int usmt_progress_read(struct usmt_progress_file *log, const void *bytes, size_t size, struct error *err)
{
	char *rest, *line;

	*log = (struct usmt_progress_file){ .memory = clean_copy(bytes, size) };
	if (!log->memory)
		return error_memory(err);
	rest = log->memory;
	while ((line = next_line(&rest))) {
		struct usmt_step step = { 0 };
		const char      *at = line;

		if (!take_stamp(&at, &step))
			log->strays += *line != 0;
		else if (read_pairs(log, &step, line + (at - line), err) < 0)
			return -1;
	}
	return 0;
}

void usmt_progress_file_release(struct usmt_progress_file *log)
{
	array_release(&log->steps);
	array_release(&log->pairs);
	free(log->memory);
	log->memory = NULL;
}
