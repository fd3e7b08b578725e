/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_command.h - the command lines of ScanState and LoadState that the steps for the users' state stand for
 *
 * Those that ConfigMgr's step generates, and those of MDT's ZTIUserState.wsf, from the variables.  Nothing is opened.
 * Spec USMT 5.2, 5.5.
 */
#ifndef RECOVER_SEQUENCE_STATE_COMMAND_H
#define RECOVER_SEQUENCE_STATE_COMMAND_H

#include "recover/engine/work_volume.h"
#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_variable.h"

#define STATE_SOURCE_COMPUTER "_OSDMigrateComputerName" /* whose state was captured */

/* Is it a step of MDT's? */
bool state_step_is_mdt(const struct sequence_item *item);

/* Where the step keeps its store, "C:\StateStore"; "" if nobody says. */
const char *state_step_store(const struct sequence_variables *variables, const struct sequence_item *item);

/* MDT: has somebody said that no user state is to be kept? */
bool state_step_bypassed(const struct sequence_variables *variables, const struct sequence_item *item);

/* A step that asks for a store: where nobody has said it, OSDStateStorePath is the folder of the sequence. */
MUST_CHECK int state_step_choose_store(struct sequence_variables *variables, struct error *err);

/* Refuse a path that is no folder of one of the volumes.  Returns 0, or -1 with ERROR_USAGE. */
MUST_CHECK int state_step_check_store(const char *store, struct work_volumes *volumes, struct error *err);

/* Does a capture make hard links?  Else it makes copies. */
bool state_step_links(const struct sequence_variables *variables, const struct sequence_item *item);

/* What a capture into @store leaves in the variables: what protects it, how it was made, whose it is. */
MUST_CHECK int state_step_set_captured(struct sequence_variables *variables, const struct sequence_item *item,
				       const char *store, struct error *err);

/* The options that the user adds, as the variable has them. */
const struct sequence_variable *state_step_options(const struct sequence_variables *variables, bool mdt, bool restore);

struct state_texts ARRAY(char *);

struct state_command {
	bool               restore, mdt;
	const char        *program;    /* "scanstate.exe", with its path if it is known */
	const char        *store;
	bool               links;
	const char        *log_folder; /* of the host */
	struct state_texts rules;      /* paths of rule files */
	const char        *config;     /* of Config.xml; NULL: none */
};

/*
 * Write the line as a program of Windows would be given it.
 * @shown  the same for a log: secrets are hidden
 * Returns 0, or -1; both to be freed.
 */
MUST_CHECK int state_command_build(const struct state_command *command, const struct sequence_variables *variables,
				   char **line, char **shown, struct error *err);

#endif
