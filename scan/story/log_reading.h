/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_reading.h - what the readers of both forms of logs share (log_event.h); for them alone */
#ifndef SCAN_LOG_READING_H
#define SCAN_LOG_READING_H

#include "scan/story/log_command.h"
#include "scan/story/log_event.h"

#define LOG_TEXT_MAX 65536u /* bytes of a record that are looked at */

struct log_reading {
	struct log_events *events;
	struct log_event   now;    /* place and time of the record at hand */
	char              *text;   /* its text, LOG_TEXT_MAX and a zero; none within */
	bool               failed; /* without memory */
};

/* Take the text of the next record. */
void log_reading_take(struct log_reading *reading, struct bytes text);

/* Append an event; it comes with the place and time of the record at hand, and "" for NULL. */
void log_say(struct log_reading *reading, struct log_event event);

/* A copy that stays; "" for no bytes. */
const char *log_keep(struct log_reading *reading, const char *text, size_t length);

/* What began with a command, and how it ended. */
enum log_event_kind log_work_began(enum log_work work);
void                log_say_ended(struct log_reading *reading, enum log_work work, uint32_t code, const char *path);

/* What follows @beginning in @text; NULL if it does not begin so. */
const char *log_after(const char *text, const char *beginning);

/* A number of a code, in @base or with 0x before it: negative ones as the code that they stand for. */
bool log_code(const char *text, int base, uint32_t *code);

void log_read_cmtrace(struct log_reading *reading, struct bytes text);
void log_read_usmt(struct log_reading *reading, struct bytes text);

#endif
