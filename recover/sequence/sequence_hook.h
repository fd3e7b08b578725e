/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_hook.h - steps that are handed to programs of the user's: --hook TYPE=PROGRAM
 *
 * TYPE is the type of a step, whole or without "SMS_TaskSequence_" and "Action", case aside; a step of that type is
 * then the program's, also one that would be done here.  The program is started without a shell (process.h), with three
 * arguments: type, name and command line of the step, variables put in, also secret ones.  It finds in HOLDFAST_VOLUMES
 * which volumes there are, as USMT's command lines do.  What it prints goes to standard error.  Its exit status is the
 * step's; a signal that ended it, or the step's time being over, is a failure.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_HOOK_H
#define RECOVER_SEQUENCE_SEQUENCE_HOOK_H

#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_variable.h"

#define SEQUENCE_CODE_TIMEOUT 0x800705b4u /* the time that the step may take is over */

struct sequence_hook {
	const char *type, *program;
};

/*
 * Read "TYPE=PROGRAM"; @text is cut in two, and borrowed.
 * Returns 0, or -1 with ERROR_USAGE, also when PROGRAM is no path of a program that can be run.
 */
MUST_CHECK int sequence_hook_parse(struct sequence_hook *hook, char *text, struct error *err);

/* The hook for a step, the last of those that were said for its type, or NULL. */
const struct sequence_hook *sequence_hooks_find(const struct sequence_hook *hooks, size_t count,
						const struct sequence_item *item);

/*
 * Run it for a step, and wait for it.
 * @volumes  operands, for HOLDFAST_VOLUMES
 * @code     its exit status; SEQUENCE_CODE_TIMEOUT, SEQUENCE_CODE_FAILED after a signal
 * Returns 0, or -1: it cannot be started, a volume's name has a blank in it, no memory.
 */
MUST_CHECK int sequence_hook_run(const struct sequence_hook *hook, const struct sequence_item *item,
				 const struct sequence_variables *variables, char *const *volumes, size_t volume_count,
				 uint32_t *code, struct error *err);

#endif
