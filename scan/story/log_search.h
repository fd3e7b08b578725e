/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_search.h - files of a volume that are logs of a deployment, by their names
 *
 * smsts*.log, scanstate*.log, loadstate*.log, usmtutils*.log, BDD.log, setupact.log, setuperr.log, in any
 * folder, live or deleted; not the progress that USMT writes beside them.  Whether they are what they are called, log_event.h sees.
 */
#ifndef SCAN_LOG_SEARCH_H
#define SCAN_LOG_SEARCH_H

#include "scan/content.h"

#define LOG_FILE_BYTES_MAX (32u << 20) /* of one file; what lies behind is not looked at */

struct found_log {
	uint32_t record; /* row of the base record */
	uint32_t name;   /* in inventory.names */
	bool     live;
};

struct found_logs ARRAY(struct found_log);

/* Find them, each file once.  Returns 0, or -1 without memory. */
MUST_CHECK int log_search(const struct inventory *inventory, struct found_logs *files, struct error *err);

struct log_text {
	struct bytes  text;   /* .offset is 0: places are those in the file; what could not be had is zeros */
	uint8_t      *memory; /* of it */
	enum grade    grade;  /* of the file's content */
	bool          cut;    /* the file is longer */
	struct ranges places; /* bytes of the volume that it takes, in the order of the file; none if resident */
};

/*
 * Read one.  A deleted file's clusters may be somebody else's by now: its grade says so, by @ownership.
 * Returns 0, also when nothing could be had, or -1 without memory.  log_text_release in any case.
 */
MUST_CHECK int log_text_read(struct log_text *text, struct file_reader *reader, const struct found_log *file,
			     const struct ownership *ownership, struct content_buffers *buffers, struct error *err);
void           log_text_release(struct log_text *text);

/* The name is that of such a log: UTF-16LE, case aside. */
bool log_is_named(const uint8_t *name, size_t units);

#endif
