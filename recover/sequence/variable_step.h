/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * variable_step.h - the steps that change nothing but variables: the same in a plan and in a run
 */
#ifndef RECOVER_SEQUENCE_VARIABLE_STEP_H
#define RECOVER_SEQUENCE_VARIABLE_STEP_H

#include "recover/sequence/sequence_action.h"

/* Is it such a step? */
bool variable_step_is(enum sequence_action_kind kind);

/*
 * Do it: set a variable; ask for a restart; MDT's gathering and its next phase.
 * @winpe  Windows PE would be running
 * @note   what it did, or why it fails; to be freed, NULL without one
 * @code   0, or what it fails with
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int variable_step_run(const struct sequence_item *item, struct sequence_variables *variables, bool winpe,
				 char **note, uint32_t *code, struct error *err);

#endif
