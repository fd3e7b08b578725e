/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_choice.h - what a capture takes by migration rules: names on each volume, and settings
 */
#ifndef RECOVER_ENGINE_CAPTURE_CHOICE_H
#define RECOVER_ENGINE_CAPTURE_CHOICE_H

#include "recover/engine/chosen_names.h"
#include "recover/engine/migration.h"
#include "recover/engine/settings_folder.h"

struct capture_choice {
	bool                  by_rules; /* else all of the trees, and the rest is empty */
	struct migration      migration;
	struct rule_selection selection;
	struct chosen_names  *names; /* by volume */
	size_t                volume_count;
	struct settings_files settings;
};

/*
 * Choose by the rules of @options on volumes whose trees are read.  Where no rules were named and no
 * Windows is found, .by_rules is false.
 * @except  by volume: directory that is never taken with all below it, or NO_TREE_RECORD
 * Returns 0, or -1.  Release in any case.
 */
MUST_CHECK int capture_choice_make(struct capture_choice *choice, const struct migration_options *options,
				   struct work_volumes *volumes, const uint32_t *except, struct error *err);
void           capture_choice_release(struct capture_choice *choice);

#endif
