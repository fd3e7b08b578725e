/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_event.c - see log_event.h */
#include "scan/story/log_event.h"

#include "scan/cmtrace.h"
#include "scan/story/log_reading.h"
#include "scan/story/usmt_line.h"

const char *log_event_kind_name(enum log_event_kind kind)
{
	static const char *const names[LOG_EVENT_KINDS] = {
		[LOG_SEQUENCE_BEGAN] = "sequence_began",
		[LOG_SEQUENCE_ENDED] = "sequence_ended",
		[LOG_STEP_BEGAN] = "step_began",
		[LOG_STEP_ENDED] = "step_ended",
		[LOG_FAILURE_IGNORED] = "failure_ignored",
		[LOG_STORE_PATH] = "store_path",
		[LOG_CAPTURE_BEGAN] = "capture_began",
		[LOG_CAPTURE_ENDED] = "capture_ended",
		[LOG_LEFT_OUT] = "left_out",
		[LOG_LEFT_OUT_SUM] = "left_out_in_all",
		[LOG_PROFILE_LEFT_OUT] = "profile_left_out",
		[LOG_WIPE_BEGAN] = "wipe_began",
		[LOG_WIPE_SKIPPED] = "wipe_passed_over",
		[LOG_WIPE_ENDED] = "wipe_ended",
		[LOG_PARTITION_BEGAN] = "partitioning_began",
		[LOG_PARTITION_ENDED] = "partitioning_ended",
		[LOG_APPLY_BEGAN] = "applying_began",
		[LOG_APPLY_ENDED] = "applying_ended",
		[LOG_RESTORE_BEGAN] = "restore_began",
		[LOG_RESTORE_ENDED] = "restore_ended",
		[LOG_DELETE_BEGAN] = "deletion_began",
		[LOG_DELETE_ENDED] = "deletion_ended",
		[LOG_RESTART] = "restart",
		[LOG_SETUP_BEGAN] = "setup_began",
		[LOG_SETUP_ERROR] = "setup_error",
		[LOG_SETUP_ENDED] = "setup_last_word",
		[SHOWN_FORMAT] = "volume_formatted",
		[SHOWN_STORE] = "store_made",
		[SHOWN_STORE_LAST] = "store_last_sign",
		[SHOWN_LAST_CHANGE] = "last_change",
		[SHOWN_DELETE_BEGAN] = "store_deletion_began",
		[SHOWN_DELETE_ENDED] = "store_deletion_ended",
		[SHOWN_BURST_BEGAN] = "deletions_began",
		[SHOWN_BURST_ENDED] = "deletions_ended",
	};

	return names[kind];
}

/* -------- what both readers use -------- */

void log_reading_take(struct log_reading *reading, struct bytes text)
{
	size_t length = text.left < LOG_TEXT_MAX ? text.left : LOG_TEXT_MAX;

	for (size_t i = 0; i < length; i++)
		reading->text[i] = (char)(text.at[i] ? text.at[i] : ' ');
	reading->text[length] = 0;
}

const char *log_keep(struct log_reading *reading, const char *text, size_t length)
{
	const char *kept = length ? arena_text(&reading->events->texts, text, length) : "";

	if (!kept)
		reading->failed = true;
	return kept ? kept : "";
}

void log_say(struct log_reading *reading, struct log_event event)
{
	const struct log_event *now = &reading->now;
	size_t                  said = strcspn(reading->text, "\r\n");

	event.clock = now->clock;
	event.form = now->form;
	event.time = now->time;
	event.bias_minutes = now->bias_minutes;
	event.torn = now->torn;
	event.artefact = now->artefact;
	event.offset = now->offset;
	event.order = reading->events->list.count;
	event.told = 1;
	event.step = event.step ? event.step : "";
	event.path = event.path ? event.path : "";
	event.said = log_keep(reading, reading->text, said < LOG_SAID_MAX ? said : LOG_SAID_MAX);
	if (!array_push(&reading->events->list, event))
		reading->failed = true;
}

enum log_event_kind log_work_began(enum log_work work)
{
	static const enum log_event_kind kinds[] = {
		[LOG_WORK_CAPTURE] = LOG_CAPTURE_BEGAN,     [LOG_WORK_RESTORE] = LOG_RESTORE_BEGAN,
		[LOG_WORK_DELETE] = LOG_DELETE_BEGAN,       [LOG_WORK_APPLY] = LOG_APPLY_BEGAN,
		[LOG_WORK_PARTITION] = LOG_PARTITION_BEGAN, [LOG_WORK_NONE] = LOG_EVENT_KINDS,
	};

	return kinds[work];
}

/* USMT's 3 is well to those who call it, and the code is kept. */
void log_say_ended(struct log_reading *reading, enum log_work work, uint32_t code, const char *path)
{
	bool usmt = work == LOG_WORK_CAPTURE || work == LOG_WORK_RESTORE;

	log_say(reading, (struct log_event){ .kind = log_work_began(work) + 1,
					     .outcome = code == 0 || (usmt && code == 3) ? LOG_WELL : LOG_FAILED,
					     .has_code = true,
					     .code = code,
					     .path = path });
}

const char *log_after(const char *text, const char *beginning)
{
	size_t length = strlen(beginning);

	return strncmp(text, beginning, length) == 0 ? text + length : NULL;
}

bool log_code(const char *text, int base, uint32_t *code)
{
	const char *hex = log_after(text, "0x");
	char       *end;
	long long   value = strtoll(hex ? hex : text, &end, hex ? 16 : base);

	if (end == (hex ? hex : text) || value < INT32_MIN || value > UINT32_MAX)
		return false;
	*code = (uint32_t)value;
	return true;
}

/* -------- logs -------- */

enum log_form log_form_of(struct bytes text)
{
	struct bytes          rest = text, line;
	struct cmtrace_record record;
	struct usmt_line      read;

	if (cmtrace_next(&rest, &record))
		return LOG_FORM_CMTRACE;
	while (usmt_line_next(&text, &line))
		if (usmt_line_read(line, &read))
			return LOG_FORM_USMT;
	return LOG_FORM_NONE;
}

int log_events_read(struct log_events *events, struct bytes text, uint32_t artefact, struct error *err)
{
	struct log_reading reading = { .events = events, .text = malloc(LOG_TEXT_MAX + 1) };

	if (!reading.text)
		return error_memory(err);
	reading.now.artefact = artefact;
	reading.now.form = log_form_of(text);
	if (reading.now.form == LOG_FORM_CMTRACE)
		log_read_cmtrace(&reading, text);
	else if (reading.now.form == LOG_FORM_USMT)
		log_read_usmt(&reading, text);
	free(reading.text);
	return reading.failed ? error_memory(err) : 0;
}

void log_events_release(struct log_events *events)
{
	array_release(&events->list);
	arena_release(&events->texts);
}
