/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_selection.h - what the rules take of the volumes and of the registry
 *
 * Every component is evaluated once for the machine and once for each chosen user (its context, Config.xml,
 * detection, conditions, environment); its patterns are compiled together and the volumes' trees are walked once.
 * A name is taken when some component includes it by a pattern more specific than any of the same
 * component that excludes it (equal: exclude wins), and no unconditionalExclude means it.  A component never takes
 * from what another includes; the one row of the documentation that says so is not followed.
 *
 * What cannot be answered offline is decided for the data's sake: a condition that is not known holds for what is
 * included, and does not for what is excluded; an entry of an ini file is taken with the whole file.
 */
#ifndef RECOVER_RULES_RULE_SELECTION_H
#define RECOVER_RULES_RULE_SELECTION_H

#include "recover/rules/config_file.h"
#include "recover/windows/environment.h"

struct rule_set {
	struct rule_file        *files; /* borrowed */
	size_t                   count;
	const struct config_file *config; /* NULL: none */
};

/* What one role of a component took, in one context. */
struct selected_component {
	const struct rule_component *component;
	const struct rule_role      *role;
	const struct user_profile   *user;     /* NULL: the machine */
	bool                         detected; /* false: its detection said no, nothing of it applies */
	bool                         migrated; /* false: Config.xml says no */
	uint64_t                     files, bytes; /* that it includes; a file may count for several components */
	uint64_t                     values;       /* of the registry */
};

struct selected_components ARRAY(struct selected_component);

/* A value of the registry that is taken, or with .value.name NULL a key. */
struct selected_value {
	const struct user_profile *user; /* whose HKCU; NULL: the machine */
	char                      *key;  /* "HKLM\Software\X", "HKCU\..." */
	struct registry_value      value;
};

struct selected_values ARRAY(struct selected_value);

/* Something in the rules that cannot be done offline, or that was answered by assumption. */
struct unhonoured {
	const char *file; /* borrowed from the rule file */
	int         line;
	char       *what; /* "externalProcess when=\"post-apply\": runs a program; not run offline" */
};

struct unhonoureds ARRAY(struct unhonoured);

struct selected_volume {
	bool    *names; /* by the inventory's names: it is taken; directories as well */
	size_t   count;
	uint64_t files, bytes; /* each record once */
};

struct rule_selection {
	struct selected_volume    *volumes; /* as the windows' volumes */
	size_t                     volume_count;
	struct selected_components components;
	struct selected_values     values;
	struct unhonoureds         unhonoured;
};

/*
 * Evaluate.
 * @windows  NULL: no Windows was found; components of the machine's context are evaluated with default paths,
 *           conditions that need a hive are not met
 * @users    profiles that were chosen; others are nobody's
 * @except   by volume: directory that is never taken with all below it (the store's path), or NO_TREE_RECORD
 * Returns 0, or -1.  rule_selection_release in any case.
 */
MUST_CHECK int rule_selection_make(struct rule_selection *selection, const struct rule_set *rules,
			      struct work_volumes *volumes, const struct windows *windows,
			      const struct user_profile *const *users, size_t user_count,
			      const uint32_t *except, struct error *err);
void           rule_selection_release(struct rule_selection *selection);

#endif
