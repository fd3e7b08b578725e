/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cleaning_rule.h - destinationCleanup: what is removed on the target before stored objects come
 *
 * A rule that could take a Windows apart is not honoured, and told: one whose pattern has wildcards right
 * below a drive, in the root of a hive, or in one of the keys that all of Windows hangs in; one whose
 * conditions or filter could not be answered.  What stored objects are, and what lies in a store, is never
 * removed (restore_cleanup.h).
 */
#ifndef RECOVER_RULES_CLEANING_RULE_H
#define RECOVER_RULES_CLEANING_RULE_H

#include "recover/rules/pattern.h"
#include "recover/rules/rule_filter.h"

struct cleaning_rule {
	struct pattern             pattern;
	struct rule_filter         filter;
	const struct user_profile *user; /* whose HKCU; NULL: the machine */
	const char                *file; /* borrowed from the rule file */
	int                        line;
};

struct cleaning_rules ARRAY(struct cleaning_rule);
void cleaning_rules_release(struct cleaning_rules *rules);

/* Append the patterns of a rule that applies.  @certain  so it does for sure */
MUST_CHECK int cleaning_rules_add(struct cleaning_rules *rules, const struct rule_scope *scope,
				  const struct rule *rule, bool certain, struct error *err);

/* Would a pattern take a Windows apart? */
bool cleaning_is_too_wide(const struct pattern *pattern);

#endif
