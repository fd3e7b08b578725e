/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress.h - a bar with rate and time left, on a terminal and nowhere else
 *
 * One bar at a time, on stderr, drawn without escape sequences.  progress_add may be called from any thread.
 */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum progress_unit { PROGRESS_BYTES, PROGRESS_ITEMS };

struct progress {
	const char        *what;       /* "reading the MFT" */
	uint64_t           total;      /* 0 if unknown */
	enum progress_unit unit;
	bool               shown;
	uint64_t           start_ns, step_ns;
	uint64_t           before;     /* of .done: not of this run */
	_Atomic uint64_t   done;
	_Atomic uint64_t   next_ns;    /* when to draw again */
};

/* Bars are shown when stderr is a terminal, unless @quiet.  Call once, before threads. */
void progress_setup(bool quiet);

/* Wipe what is drawn of a bar, for something is about to be printed; the bar comes back when it moves on. */
void progress_wipe(void);

void progress_start(struct progress *progress, const char *what, uint64_t total, enum progress_unit unit);
/* The same for work of which an earlier run has done @before. */
void progress_start_at(struct progress *progress, const char *what, uint64_t before, uint64_t total,
		       enum progress_unit unit);
void progress_add(struct progress *progress, uint64_t done);
void progress_end(struct progress *progress); /* wipes the bar */

#endif
