/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_log.h - the main log of a run, in the format that USMT's own have
 *
 *   YYYY-MM-DD HH:MM:SS, Level                 [0xMODULE] text[gle=0xNNNNNNNN]
 *
 * UTF-8 with a byte order mark, lines end with CR LF, the module stands at byte 43, and gle (a Win32 error)
 * only where there is one.  Times are the host's local ones.  A log that is there already goes on.  Names are
 * escaped: a record is as many lines as were written, whatever a file is called.  Write errors are
 * kept until usmt_log_close, which tells.
 */
#ifndef RECOVER_USMT_USMT_LOG_H
#define RECOVER_USMT_USMT_LOG_H

#include "core/array.h"
#include "scan/story/usmt_line.h"

#include <stdint.h>
#include <time.h>

/* A line of the error summary: every error of one number. */
struct usmt_log_error {
	uint32_t code; /* Win32 */
	bool     aborted;
	uint64_t recurrence;
	char    *first; /* "Read error 395 for C:\Users\..." */
};

struct usmt_log_errors ARRAY(struct usmt_log_error);

struct usmt_log {
	FILE                  *file; /* NULL: none; all is written to nowhere */
	char                  *path;
	struct usmt_log_errors errors; /* in the order of their first occurrence */
	bool                   failed; /* something could not be kept */
};

/*
 * Begin a log with the version, the time and the command line.
 * @program  "SCANSTATE.EXE"
 * Returns 0, or -1: it cannot be written.  usmt_log_release in any case.
 */
MUST_CHECK int usmt_log_open(struct usmt_log *log, const char *path, const char *program, const char *command_line,
			     struct error *err);
void           usmt_log_release(struct usmt_log *log);

/* Write a record of one line. */
void usmt_log_write(struct usmt_log *log, enum usmt_level level, uint32_t module, uint32_t gle, const char *format,
		    ...) __attribute__((format(printf, 5, 6)));

/* Plain information, which most is. */
#define usmt_log_info(log, ...) usmt_log_write(log, USMT_INFO, 0, 0, __VA_ARGS__)

/* Write a record of several lines, "System information:" and what belongs to it. */
void usmt_log_block(struct usmt_log *log, enum usmt_level level, const char *title, const char *const *lines,
		    size_t count);

/* Write an error of an object, and count it for the summary.  @what  "Read error 5 for C:\x" */
void usmt_log_error(struct usmt_log *log, uint32_t code, bool aborted, const char *what);

/*
 * End the log: how it went, when, and the summary of errors.
 * @failure  what to say below "Failed."; NULL: the run went well
 * Returns 0, or -1 when something could not be written.
 */
MUST_CHECK int usmt_log_close(struct usmt_log *log, const char *failure, struct error *err);

/* The Win32 error that stands for an errno; 0 is what cannot be done at all. */
uint32_t usmt_win32_of(int sys);

#endif
