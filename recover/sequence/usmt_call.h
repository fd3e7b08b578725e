/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_call.h - ScanState, LoadState or UsmtUtils run for a step of a task sequence
 *
 * In this process, on the volumes of the step.  Files that the line names to be read are looked for in the step's
 * package, files to be written go into the folder for logs, wherever the line wants them.
 */
#ifndef RECOVER_SEQUENCE_USMT_CALL_H
#define RECOVER_SEQUENCE_USMT_CALL_H

#include "recover/sequence/sequence_command_line.h"
#include "recover/sequence/sequence_step.h"
#include "recover/usmt/usmt_run.h"

/* Take out options that stand there once more, and need no more than that.  Returns how many went. */
size_t usmt_call_drop_doubles(struct command_words *words);

/*
 * Run a tool.
 * @words    its arguments
 * @package  folder of the step's package; NULL: none
 * @code     USMT's; step->why says more about one that is neither 0 nor 3
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int usmt_call_run(struct sequence_step *step, const struct usmt_front *front,
			     const struct command_words *words, const char *package, int *code, struct error *err);

#endif
