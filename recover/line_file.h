/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line_file.h - a file of JSON lines that a cut-off run can go on with
 *
 * Each line speaks of one file of the evidence and begins with the key below.
 * Lines gather in NAME.part, which grows by whole, flushed batches; when all is
 * done they are put in order and appear as NAME.  A run that finds a NAME.part
 * knows from it what has been done.
 */
#ifndef RECOVER_LINE_FILE_H
#define RECOVER_LINE_FILE_H

#include "core/array.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* How every line begins; the rest is the caller's. */
#define LINE_KEY_FORMAT "{\"volume\": %" PRIu32 ", \"record\": %" PRIu64 ", \"sequence\": %" PRIu32 ", "

struct line_key {
	uint32_t volume;
	uint64_t record;
	uint32_t sequence;
};

struct line_entry {
	struct line_key key;
	uint64_t        offset; /* in NAME.part, bytes */
	uint64_t        length; /* with the newline */
};

/* By volume, record, sequence: below, at or above 0. */
int line_key_compare(const struct line_key *left, const struct line_key *right);

struct line_entries ARRAY(struct line_entry);
struct line_keys    ARRAY(struct line_key);

struct line_file {
	const char         *name;      /* borrowed */
	int                 folder;    /* borrowed */
	int                 fd;        /* of NAME.part; -1 none */
	uint64_t            size_bytes;
	struct line_entries entries;
	struct line_keys    resumed;   /* of the lines that an earlier run left, sorted; never changes */
	char               *pending;   /* lines that are not in the file yet */
	size_t              pending_bytes, pending_room;
	pthread_mutex_t     lock;
};

/*
 * Open or resume NAME.part in @folder.  A last line that was cut off is dropped.
 * Returns 0, or -1.  line_file_close in any case.
 */
MUST_CHECK int line_file_open(struct line_file *file, int folder, const char *name, struct error *err);

/*
 * Make a NAME that a run published before it was cut off its NAME.part again, so that line_file_open goes
 * on with it; one that still has its NAME.part is as it should be.  Returns 0, or -1.
 */
MUST_CHECK int line_file_take_back(int folder, const char *name, struct error *err);

/* True if an earlier run has written this file's line. */
bool line_file_has(const struct line_file *file, struct line_key key);

/* Append one line (without newline), which begins with the key.  Any thread. */
MUST_CHECK int line_file_add(struct line_file *file, struct line_key key, const char *line, size_t length,
			     struct error *err);

/* Bytes of lines that are pending now. */
size_t line_file_pending(struct line_file *file);

/* Write the first @bytes of what is pending (whole lines, from line_file_pending) and make them durable. */
MUST_CHECK int line_file_flush(struct line_file *file, size_t bytes, struct error *err);

/* Put all lines in order, make them durable as NAME, and drop NAME.part. */
MUST_CHECK int line_file_publish(struct line_file *file, struct error *err);

/* Call @each with every line of NAME.part (without newline), in no order. */
MUST_CHECK int line_file_each(struct line_file *file,
			      int (*each)(void *context, const char *line, struct error *err), void *context,
			      struct error *err);

void line_file_close(struct line_file *file);

#endif
