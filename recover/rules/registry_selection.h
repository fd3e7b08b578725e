/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_selection.h - which values of an offline registry the rules take
 */
#ifndef RECOVER_RULES_REGISTRY_SELECTION_H
#define RECOVER_RULES_REGISTRY_SELECTION_H

#include "recover/rules/weighed_rule.h"

/*
 * Append the values that @rules take to the selection's, and count them for its components.  A key of which no value is
 * taken, but which is itself, is a value without a name.
 * @rules  ranked; their roles are indices of .components
 * Returns 0, or -1.
 */
MUST_CHECK int registry_selection_make(struct rule_selection *selection, const struct weighed_rules *rules,
				       size_t group_count, const struct windows *windows, struct error *err);

/* Add a value that rules say is there, though it is not; taken over, also when it fails. */
MUST_CHECK int registry_selection_add(struct rule_selection *selection, const struct user_profile *user, char *key,
				      struct registry_value value, struct error *err);

/* Sort by user, key and name; of several values in one place the first one added stays. */
MUST_CHECK int registry_selection_settle(struct rule_selection *selection, struct error *err);

#endif
