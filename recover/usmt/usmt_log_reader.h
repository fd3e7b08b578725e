/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_log_reader.h - what a log of ScanState, LoadState or UsmtUtils says, USMT's or ours
 *
 * Logs are evidence of what a capture left out.  They are read as they are found: a byte order mark anywhere,
 * both kinds of line ends, records of many lines, lines that are none.  Times are those of the
 * machine's clock and zone, as seconds since 1970 as if it were UTC.
 */
#ifndef RECOVER_USMT_USMT_LOG_READER_H
#define RECOVER_USMT_USMT_LOG_READER_H

#include "recover/usmt/usmt_log.h"

#define USMT_NO_CODE (-1)

struct usmt_record {
	int64_t         time;
	enum usmt_level level; /* USMT_LEVELS: a word that we do not know */
	uint32_t        module;
	uint32_t        gle; /* 0: none */
	uint64_t        line; /* of the file, from 1 */
	char           *text; /* further lines behind a line feed each; without the gle */
};

struct usmt_records ARRAY(struct usmt_record);

/* One run of a tool: from its first record to that of the next. */
struct usmt_log_run {
	size_t      first, count; /* in .records */
	const char *command_line; /* NULL: not in the log */
	bool        completed;    /* its end is in the log */
	bool        succeeded;    /* it said "Success" */
	uint64_t    ignored;      /* errors that /c passed over */
	int         code;         /* UsmtUtils tells it; USMT_NO_CODE */
	struct usmt_log_errors errors; /* its summary */
};

struct usmt_log_runs ARRAY(struct usmt_log_run);

struct usmt_log_file {
	struct usmt_records  records;
	struct usmt_log_runs runs;
	uint64_t             strays; /* lines before the first record */
	char                *memory; /* of the texts */
};

/* Read a log.  Returns 0, or -1 without memory; what is no log has no records.  Release in any case. */
MUST_CHECK int usmt_log_read(struct usmt_log_file *log, const void *bytes, size_t size, struct error *err);
void           usmt_log_file_release(struct usmt_log_file *log);

/* -------- progress logs -------- */

struct usmt_pair {
	const char *key, *value;
};

struct usmt_pairs ARRAY(struct usmt_pair);

struct usmt_step {
	int64_t  time;            /* as above */
	int      zone_minutes;    /* east of UTC */
	uint32_t elapsed_seconds;
	size_t   first, count;    /* in .pairs */
};

struct usmt_steps ARRAY(struct usmt_step);

struct usmt_progress_file {
	struct usmt_steps steps;
	struct usmt_pairs pairs;
	uint64_t          strays; /* lines that are none */
	char             *memory;
};

/* Read a progress log, likewise.  A value that holds a comma ends before the next key that the tools know. */
MUST_CHECK int usmt_progress_read(struct usmt_progress_file *log, const void *bytes, size_t size, struct error *err);
void           usmt_progress_file_release(struct usmt_progress_file *log);

#endif
