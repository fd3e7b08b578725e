/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_plan.h - what would happen if a task sequence ran: step by step, what is skipped and why
 *
 * The engine runs over the sequence, and nothing is written.  Steps that set variables do so; all others are taken
 * to succeed, but for those that are known not to.  What is lacking to run them, as an image, is told in their notes.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_PLAN_H
#define RECOVER_SEQUENCE_SEQUENCE_PLAN_H

#include "recover/sequence/sequence_run.h"

enum sequence_verdict {
	VERDICT_STARTS, /* a group */
	VERDICT_ENDS,
	VERDICT_ABORTS,   /* a group: a step of it fails */
	VERDICT_RUNS,
	VERDICT_LEFT_OUT, /* would be run, and is not done here; taken to succeed */
	VERDICT_FAILS,
	VERDICT_DISABLED,
	VERDICT_CONDITION, /* is false */
	VERDICT_UNKNOWN,   /* its condition is: it is skipped */
	VERDICT_RESTART,   /* not an instruction: what the one before asked for */
};

struct planned_step {
	uint32_t              pointer;
	enum sequence_verdict verdict;
	bool                  winpe; /* Windows PE would be running; of a restart, behind it */
	char                 *note;  /* why, with what, into what; NULL */
};

struct planned_steps ARRAY(struct planned_step);

struct sequence_plan {
	struct sequence_table     table;
	struct sequence_variables variables; /* as they would be in the end */
	struct planned_steps      steps;
	bool                      completed;
	size_t                    left_out, failing, unknown;
};

/*
 * Plan a run.
 * @volumes  with their trees
 * @windows  NULL: none was found
 * Returns 0, or -1.  Release in any case, before the file.
 */
MUST_CHECK int sequence_plan_make(struct sequence_plan *plan, const struct sequence_run_options *options,
				  struct work_volumes *volumes, const struct windows *windows, struct error *err);
void           sequence_plan_release(struct sequence_plan *plan);

/* "runs", "left-out", ... */
const char *sequence_verdict_word(enum sequence_verdict verdict);

#endif
