/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_trial.h - what rule files would take of volumes, and what user data they would leave: nothing is written
 */
#ifndef RECOVER_RULES_RULE_TRIAL_H
#define RECOVER_RULES_RULE_TRIAL_H

#include "recover/engine/coverage.h"
#include "recover/engine/migration.h"

struct rule_trial {
	struct migration           migration;
	struct rule_selection      selection;
	struct coverage           *left; /* by volume: user data that is not taken */
	const struct work_volumes *volumes;
};

/* Returns 0, or -1.  rule_trial_release in any case, before the volumes are closed. */
MUST_CHECK int rule_trial_make(struct rule_trial *trial, const struct migration_options *options,
			       struct work_volumes *volumes, struct error *err);
void           rule_trial_release(struct rule_trial *trial);

/*
 * As text, or as members of the JSON object that is open.
 * @all   every component and every line of what is not done
 * @list  every path and value that is taken
 * Return 0, or -1 without memory.
 */
MUST_CHECK int rule_trial_print(const struct rule_trial *trial, bool all, bool list, struct error *err);
MUST_CHECK int rule_trial_json(const struct rule_trial *trial, bool list, struct json *json, struct error *err);

#endif
