/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_action.h - what a step does: told by its type, or by the program that it runs
 *
 * A step of which nobody knows what it does is "other".  Spec USMT 5.1.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_ACTION_H
#define RECOVER_SEQUENCE_SEQUENCE_ACTION_H

#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_variable.h"

enum sequence_action_kind {
	ACTION_OTHER,
	ACTION_SET_VARIABLE,
	ACTION_SET_DYNAMIC_VARIABLES,
	ACTION_REQUEST_STORE,
	ACTION_CAPTURE,
	ACTION_RESTORE,
	ACTION_RELEASE_STORE,
	ACTION_PARTITION,
	ACTION_DISK_TOOL,   /* a program that may erase a disk, by its command line */
	ACTION_APPLY_SYSTEM,
	ACTION_APPLY_DATA,
	ACTION_RESTART,
	ACTION_SETUP_WINDOWS,
	ACTION_GATHER,      /* MDT: finds out what kind of deployment it is */
	ACTION_NEXT_PHASE,  /* MDT: PHASE becomes the next one */
	ACTION_SCANSTATE,   /* USMT's own programs, by a command line */
	ACTION_LOADSTATE,
	ACTION_USMTUTILS,
};

struct sequence_action {
	enum sequence_action_kind kind;
	const char               *name;  /* one word, as in JSON: "capture" */
	const char               *words; /* "captures the users' state" */
};

const struct sequence_action *sequence_action_of(const struct sequence_item *item);

/*
 * What a Set Variable step sets, expanded: both to be freed.
 * @secret  its value is
 * Returns 0, or -1: ERROR_VALUE when it does not say.
 */
MUST_CHECK int sequence_action_assignment(const struct sequence_item *item, const struct sequence_variables *variables,
					  char **name, char **value, bool *secret, struct error *err);

/* Where a restart goes: "WinPE" or "HD". */
const char *sequence_action_target(const struct sequence_item *item, const struct sequence_variables *variables);

/* MDT: the phase behind @phase, or NULL. */
const char *sequence_action_next_phase(const char *phase);

#endif
