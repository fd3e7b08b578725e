/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cmtrace_writer.h - a log in CMTrace form: smsts.log, as ConfigMgr's engine writes it
 *
 * UTF-8 with a byte order mark, a record a line, lines end with CR LF; the form is that of scan/cmtrace.h,
 * and times are the host's local ones.  A text cannot end its record, nor begin another: names are escaped as
 * on a terminal, and a mark gets a blank into it.  A line feed in a text is kept: there are texts of several
 * lines.
 *
 * A record is one write at the end of the file.  A log that is there already goes on, and a last record that
 * a power cut tore is ended first, so that every reader finds the next one.  A log that would grow too
 * large is set aside, smsts.log as smsts-YYYYMMDD-HHMMSS.log; none is deleted, for logs are evidence.
 */
#ifndef RECOVER_SEQUENCE_CMTRACE_WRITER_H
#define RECOVER_SEQUENCE_CMTRACE_WRITER_H

#include "core/error.h"
#include "scan/cmtrace.h"

#define CMTRACE_LOG_SIZE 250000u /* bytes; where ConfigMgr sets a log aside unless told otherwise */

struct cmtrace_writer {
	char    *path;
	int      fd;       /* -1: none, all is written to nowhere; so with CMTRACE_WRITER_NONE */
	uint64_t size;     /* bytes in the file */
	uint64_t size_max; /* 0: never set aside */
	int      sys;      /* errno of the first write that failed; told by cmtrace_close */
};

#define CMTRACE_WRITER_NONE ((struct cmtrace_writer){ .fd = -1 })

/*
 * Open a log, or begin one.  Refuses a file that is there and is no log in this form.
 * @size_max  bytes from which on it is set aside; 0: never
 * Returns 0 or -1; cmtrace_release in any case.
 */
MUST_CHECK int cmtrace_open(struct cmtrace_writer *log, const char *path, uint64_t size_max,
			    struct error *err);
void           cmtrace_release(struct cmtrace_writer *log);

/*
 * Write a record.
 * @component  "TSManager"; with @file and @line, who speaks: they are our own words, without quotes
 */
void cmtrace_write(struct cmtrace_writer *log, enum cmtrace_type type, const char *component,
		   const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The same, said by the line of the source that says it. */
#define cmtrace_say(log, type, component, ...) \
	cmtrace_write(log, type, component, __FILE_NAME__, __LINE__, __VA_ARGS__)

/* Make durable what was written. */
void cmtrace_flush(struct cmtrace_writer *log);

/* Flush and close.  Returns 0, or -1 when anything at all could not be written. */
MUST_CHECK int cmtrace_close(struct cmtrace_writer *log, struct error *err);

#endif
