/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state_files.h - USMT's files for a step that captures or restores: its package, rules and Config.xml
 *
 * They lie in the package that the step names, or for MDT in the deployment share, DEPLOYROOT; both are folders of this
 * computer.  Without any the built-in rules take their place, unless the step names its own.
 */
#ifndef RECOVER_SEQUENCE_STATE_FILES_H
#define RECOVER_SEQUENCE_STATE_FILES_H

#include "recover/sequence/sequence_command_line.h"
#include "recover/sequence/sequence_step.h"
#include "recover/sequence/state_command.h"

struct state_files {
	struct sequence_step       *step;
	const struct sequence_item *item;
	bool                        restore, mdt;
	struct package_id           id;      /* of the package, "" none */
	const char                 *package; /* its folder; NULL: nobody has said where it is */
	char                       *program; /* "scanstate.exe", with its path if it is there */
	struct state_texts          named;   /* rule files, as the step names them */
	struct state_texts          rules;   /* paths of those that are taken; none: the built-in rules */
	char                       *config;  /* path of Config.xml; NULL: none */
};

/*
 * Find them.
 * @files  the first four are set, the rest is empty
 * @code   what the step fails with, and step->why says why; else it stays
 * Returns 0, or -1 without memory.  Release in any case.
 */
MUST_CHECK int state_files_find(struct state_files *files, uint32_t *code, struct error *err);
void           state_files_release(struct state_files *files);

#endif
