/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tally.h - workers side by side, and what they found
 */
#ifndef CRASH_TALLY_H
#define CRASH_TALLY_H

#include "tests/crash/judge.h"

struct tally {
	size_t states; /* met */
	size_t judged;
	size_t again;  /* of those, with the command run again */
	size_t nested; /* of those, in the middle of a recovery */
	size_t bad;    /* with any violation */
	size_t failed[VIOLATIONS];
	size_t lost_most; /* files lost in one state */
	bool   done;
};

/* Count a verdict; a bad one gets its line on standard output, if there were not many before. */
void tally_add(struct tally *tally, const struct verdict *verdict, const char *name);

/* What worker number @worker does; tallies are seen by all, and each writes its own. */
typedef void worker_run(void *context, size_t worker, struct tally *tallies);

/*
 * Run @jobs workers in processes of their own and print the sum of their tallies.  @same_states: each
 * has met all states, and judged its share.
 * Returns the exit status: 0, or 1 when something was bad.  Ends the program when a worker did not come
 * to its end.
 */
int workers_run(size_t jobs, worker_run *run, void *context, bool same_states);

#endif
