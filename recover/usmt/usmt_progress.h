/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_progress.h - the progress log of a run, as monitoring tools read USMT's
 *
 *   DD Mon YYYY, hh:mm:ss +zz:zz, elapsed hh:mm:ss, key, value[, key, value...]
 */
#ifndef RECOVER_USMT_USMT_PROGRESS_H
#define RECOVER_USMT_USMT_PROGRESS_H

#include "core/error.h"

#include <stdbool.h>
#include <time.h>

struct usmt_progress {
	FILE  *file; /* NULL: none; all is written to nowhere */
	char  *path;
	time_t start;
};

/* Begin one.  Returns 0, or -1: it cannot be written.  usmt_progress_release in any case. */
MUST_CHECK int usmt_progress_open(struct usmt_progress *progress, const char *path, struct error *err);
void           usmt_progress_release(struct usmt_progress *progress);

/* Write a line: keys and values in turn, NULL behind the last. */
void usmt_progress_write(struct usmt_progress *progress, const char *key, ...) __attribute__((sentinel));

/* End it.  Returns 0, or -1 when something could not be written. */
MUST_CHECK int usmt_progress_close(struct usmt_progress *progress, struct error *err);

/* True if the tools know such a key: a value that holds a comma ends before the next one. */
bool usmt_progress_is_key(const char *text, size_t length);

#endif
