/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * placing_rule.h - what single rules say of objects that come back, one by one, with their patterns
 *
 * Read of the rule files on the target Windows, without detection; which of them decides is placement.h's.
 * What nobody can do is told.
 */
#ifndef RECOVER_RULES_PLACING_RULE_H
#define RECOVER_RULES_PLACING_RULE_H

#include "recover/rules/content_modify.h"
#include "recover/rules/pattern.h"
#include "recover/rules/placement.h"
#include "recover/rules/rule_evaluation.h"

/* What a rule decides; each is decided by itself. */
enum decision {
	DECIDES_PLACE,    /* locationModify */
	DECIDES_MERGE,    /* merge */
	DECIDES_CONTENT,  /* contentModify */
	DECIDES_SECURITY, /* includeAttributes, excludeAttributes */
	DECIDES_TIMES,    /* likewise */
	DECIDES_RETURN,   /* include, with what its filter says of objects that come back */
};
#define DECISIONS (DECIDES_RETURN + 1)

enum move { MOVE_EXACT, MOVE_RELATIVE, MOVE_BELOW };

struct placing_rule {
	enum decision              decides;
	struct pattern             pattern;
	char                      *beginning; /* of .pattern.node: the folders before its first wildcard */
	const struct user_profile *user;      /* whose HKCU; NULL: the machine */
	size_t                     order;     /* among all */
	enum move                  move;
	char                      *from, *to; /* RelativeMove has both */
	enum merge_rule            merge;
	char                      *name; /* of MERGE_PATTERN */
	struct content_modify      content;
	bool                       drops;   /* excludeAttributes */
	bool                       stays;   /* NeverRestore */
	bool                       screens; /* IgnoreIrrelevantLinks */
};

struct placing_rules ARRAY(struct placing_rule);
void placing_rules_release(struct placing_rules *rules);

/*
 * Append all that applies, and what the destinationCleanups mean.
 * Returns 0, or -1.
 */
MUST_CHECK int placing_rules_read(struct placing_rules *rules, struct cleaning_rules *cleaning,
				  const struct rule_evaluation *evaluation, struct error *err);
void           placing_rule_release(struct placing_rule *rule);

#endif
