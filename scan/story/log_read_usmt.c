/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_read_usmt.c - logs of ScanState, LoadState, UsmtUtils and Windows Setup as events (log_event.h)
 */
#include "core/ntfs_time.h"
#include "scan/story/log_reading.h"
#include "scan/story/usmt_line.h"

#include <inttypes.h>
#include <stdio.h>

#define MODULE_PROFILE_LEFT_OUT 0x0803bau

struct usmt_text {
	struct log_reading *reading;
	struct usmt_line    line;
	enum log_work       work; /* of the run; LOG_WORK_NONE: none that matters, or not known */
	const char         *path;
	bool                in_setup;
	struct log_event    setup_last; /* Setup's last record so far: its place and time */
};

#define SAY(log, ...) log_say((log)->reading, (struct log_event){ __VA_ARGS__ })

static void command_begins(struct usmt_text *log, const char *line)
{
	struct log_command command = log_command_read(line);

	log->work = command.work;
	if (command.work == LOG_WORK_NONE)
		return;
	log->path = log_keep(log->reading, command.path, command.path_length);
	SAY(log, .kind = log_work_began(command.work), .path = log->path);
}

/* It went well or not; the number that the program returned is not in its log, but for UsmtUtils'. */
static void run_ends(struct usmt_text *log, enum log_outcome outcome, uint64_t ignored)
{
	if (log->work == LOG_WORK_NONE)
		return;
	SAY(log, .kind = log_work_began(log->work) + 1, .outcome = outcome, .path = log->path, .count = ignored);
	log->work = LOG_WORK_NONE;
}

/* "|           395 |           No |         37 | Read error 395 for C:\Users\..." */
static bool read_sum(struct usmt_text *log, const char *text)
{
	uint64_t    code, count;
	int         length = 0;
	const char *path;

	if (sscanf(text, "|%10" SCNu64 " |%*7s |%19" SCNu64 " | %n", &code, &count, &length) != 2 || !length ||
	    code > UINT32_MAX)
		return false;
	path = strstr(text + length, " for ");
	path = path ? path + strlen(" for ") : text + length;
	SAY(log, .kind = LOG_LEFT_OUT_SUM, .has_code = true, .code = (uint32_t)code, .count = count,
	    .path = log_keep(log->reading, path, strcspn(path, "\r\n")));
	return true;
}

/* "Read error 395 for C:\Users\..." */
static bool read_left_out(struct usmt_text *log, const char *text)
{
	uint64_t    code;
	int         length = 0;
	const char *path;
	size_t      end;

	if (sscanf(text, "%*15[A-Za-z] error %10" SCNu64 " for %n", &code, &length) != 1 || !length ||
	    code > UINT32_MAX)
		return false;
	path = text + length;
	end = strcspn(path, "\r\n");
	for (const char *gle = path; (gle = strstr(gle, "[gle=0x")) && gle < path + end; gle++)
		end = (size_t)(gle - path);
	SAY(log, .kind = LOG_LEFT_OUT, .has_code = true, .code = (uint32_t)code, .path = log_keep(log->reading, path, end));
	return true;
}

static bool read_profile_left_out(struct usmt_text *log, const char *text)
{
	const char *sid = strstr(text, "User SID: ");
	size_t      length;

	if (!log->line.has_module || log->line.module != MODULE_PROFILE_LEFT_OUT || !sid)
		return false;
	sid += strlen("User SID: ");
	length = strspn(sid, "S-0123456789");
	SAY(log, .kind = LOG_PROFILE_LEFT_OUT, .path = log_keep(log->reading, sid, length));
	return true;
}

static bool read_usmt(struct usmt_text *log, const char *text)
{
	const char *rest;
	uint64_t    ignored = 0;
	uint32_t    code;

	if ((rest = log_after(text, "Command line: "))) {
		command_begins(log, rest);
	} else if (log_after(text, "Success")) {
		(void)sscanf(text, "Success, %19" SCNu64 " errors ignored", &ignored);
		run_ends(log, LOG_WELL, ignored);
	} else if (log_after(text, "Failed.")) {
		run_ends(log, LOG_FAILED, 0);
	} else if ((rest = log_after(text, "UsmtUtils return code: ")) && log_code(rest, 10, &code)) {
		if (log->work != LOG_WORK_NONE)
			log_say_ended(log->reading, log->work, code, log->path);
		log->work = LOG_WORK_NONE;
	} else {
		return read_sum(log, text) || read_profile_left_out(log, text) || read_left_out(log, text);
	}
	return true;
}

/* Whether a record is Windows Setup's, by the part of it that speaks first. */
static bool is_of_setup(const char *text)
{
	static const char *const parts[] = { "IBS ",  "SYSPRP ",         "SP ",           "MOUPG ",       "OOBE ", "CBS ",
					     "PANTHR ", "[windeploy.exe] ", "[oobeldr.exe] ", "[msoobe.exe] ",
					     "[setup.exe] ", "[audit.exe] " };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (log_after(text, parts[i]))
			return true;
	return false;
}

static void read_setup(struct usmt_text *log, const char *text)
{
	if (!is_of_setup(text))
		return;
	if (!log->in_setup)
		SAY(log, .kind = LOG_SETUP_BEGAN);
	log->in_setup = true;
	log->setup_last = log->reading->now;
	if (log->line.level == USMT_ERROR)
		SAY(log, .kind = LOG_SETUP_ERROR, .outcome = LOG_FAILED);
}

/* A time that a calendar of ours has, or none. */
static void take_time(struct log_event *now, int64_t seconds)
{
	bool possible = seconds >= 0 && seconds < INT64_C(253402300800); /* the year 10000 */

	now->clock = possible ? LOG_CLOCK_LOCAL : LOG_CLOCK_NONE;
	now->time = possible ? ntfs_time_from_timespec((struct timespec){ .tv_sec = seconds }) : 0;
}

void log_read_usmt(struct log_reading *reading, struct bytes text)
{
	struct usmt_text log = { .reading = reading, .work = LOG_WORK_NONE };
	struct bytes     line;

	while (!reading->failed && usmt_line_next(&text, &line)) {
		if (!usmt_line_read(line, &log.line))
			continue;
		take_time(&reading->now, log.line.time);
		reading->now.offset = line.offset;
		log_reading_take(reading, log.line.text);
		if (!read_usmt(&log, reading->text))
			read_setup(&log, reading->text);
	}
	if (log.in_setup) {
		reading->now = log.setup_last;
		reading->text[0] = 0;
		SAY(&log, .kind = LOG_SETUP_ENDED);
	}
}
