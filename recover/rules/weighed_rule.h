/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * weighed_rule.h - patterns that include and exclude, with how much each counts
 *
 * Within one group the most specific pattern that means an object decides; equally specific, excluding does.  An
 * unconditional exclude decides over all groups.
 */
#ifndef RECOVER_RULES_WEIGHED_RULE_H
#define RECOVER_RULES_WEIGHED_RULE_H

#include "recover/rules/pattern.h"
#include "recover/rules/rule_filter.h"

struct weighed_rule {
	struct pattern             pattern;
	struct rule_filter         filter;
	enum rule_kind             kind; /* RULE_INCLUDE, _EXCLUDE, _UNCONDITIONAL_EXCLUDE */
	const struct user_profile *user; /* whose HKCU; NULL: the machine */
	size_t                     group;
	size_t                     role; /* that counts what it takes */
	uint32_t                   rank; /* 1 or more; higher is more specific, equal as much so */
};

struct weighed_rules ARRAY(struct weighed_rule);
void weighed_rules_release(struct weighed_rules *rules);

/* Give each its rank.  Returns 0, or -1 without memory. */
MUST_CHECK int weighed_rules_rank(struct weighed_rules *rules, struct error *err);

/* What the rules that mean one object come to, group by group. */
struct weighing {
	struct weight *groups;
	size_t         group_count;
	size_t        *touched; /* groups that this object is about */
	size_t         count;
	bool           excluded; /* by an unconditional exclude */
};

/* For groups below @group_count.  weighing_release in any case. */
MUST_CHECK int weighing_begin(struct weighing *weighing, size_t group_count, struct error *err);
void           weighing_release(struct weighing *weighing);

/* Forget the last object. */
void weighing_clear(struct weighing *weighing);

/* A rule means the object. */
void weighing_add(struct weighing *weighing, const struct weighed_rule *rule);

/*
 * The next role that takes the object: true with *@role.  Each group has one at most; *@at is 0 at first.
 */
bool weighing_next(const struct weighing *weighing, size_t *at, size_t *role);

#endif
