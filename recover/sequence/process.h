/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process.h - a program of the user's: started without a shell, waited for, ended when its time is over
 *
 * It reads nothing, what it prints goes to standard error, and it has no other descriptor of ours.  It leads a process
 * group, so that what it has started in turn is ended with it: when its time is over, and when this program is told
 * to end (SIGINT, SIGTERM, SIGHUP), which then happens.
 */
#ifndef RECOVER_SEQUENCE_PROCESS_H
#define RECOVER_SEQUENCE_PROCESS_H

#include "core/error.h"

#define PROCESS_GRACE_MS 5000u /* between SIGTERM and SIGKILL */

struct process_end {
	enum { PROCESS_EXITED, PROCESS_SIGNALLED, PROCESS_TIMED_OUT } how;
	int number; /* exit status, or the signal that ended it */
};

/*
 * Run a program and wait for it.
 * @arguments    the first is its path; NULL behind the last, here and in @environment
 * @limit_ms     0: none
 * @grace_ms     what it has between being told to end and being ended
 * Returns 0, or -1: it cannot be started.  Nothing of the arguments is in the error but the path.
 */
MUST_CHECK int process_run(char *const *arguments, char *const *environment, uint64_t limit_ms, unsigned grace_ms,
			   struct process_end *end, struct error *err);

#endif
