/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_evaluation.h - which rules of which components apply, to the machine and to each user
 *
 * Goes through every role of every component, once in each context that it has: Config.xml, variables,
 * detection, the conditions of its rules.  A second file of the same urlid is passed over.
 */
#ifndef RECOVER_RULES_RULE_EVALUATION_H
#define RECOVER_RULES_RULE_EVALUATION_H

#include "recover/rules/rule_scope.h"

/* A role of a component in one context. */
struct visited_role {
	const struct rule_component *component;
	const struct rule_role      *role;
	struct rule_scope           *scope;
	size_t                       group; /* number of the component in this context: its rules are weighed together */
	bool                         detected, migrated;
};

struct rule_visitor {
	void *context;
	/* Each role, also one that is not there; or NULL. */
	int (*role)(void *context, const struct visited_role *role, struct error *err);
	/* Each rule that applies.  @certain  false: some condition of it, or its detection, could not be answered */
	int (*rule)(void *context, const struct visited_role *role, const struct rule *rule, bool certain,
		    struct error *err);
};

struct rule_evaluation {
	const struct rule_set            *rules;
	struct work_volumes              *volumes;
	const struct windows             *windows; /* NULL: none */
	const struct user_profile *const *users;
	size_t                            user_count;
	bool                              detect; /* what is not detected does not apply: not when files come back */
	struct unhonoureds               *unhonoured;
};

/* Returns 0, or -1. */
MUST_CHECK int rule_evaluation_run(const struct rule_evaluation *evaluation, const struct rule_visitor *visitor,
				   struct error *err);

#endif
