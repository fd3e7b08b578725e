/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * condition.h - do the conditions of a rule hold on the Windows that lies there?
 *
 * What cannot be answered offline is unknown, and told; the caller decides for the data's sake. Without
 * a Windows no key and no value exists.
 */
#ifndef RECOVER_RULES_CONDITION_H
#define RECOVER_RULES_CONDITION_H

#include "recover/rules/rule_scope.h"

/*
 * @condition  NULL: it holds
 * @objects    of its leaves "ObjectSet"
 * Returns 0, or -1.
 */
MUST_CHECK int condition_evaluate(const struct rule_scope *scope, const struct rule_condition *condition,
				  const struct rule_object_set *objects, size_t object_count, enum answer *answer,
				  struct error *err);

/* Does a helper that is a condition, as a filter too, hold? */
MUST_CHECK int condition_call(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			      struct error *err);

/* "8.5.1302" against "8.*", '*' any run of characters, case aside. */
bool version_matches(const char *version, const char *pattern);

/* Compare "6.1.7601" with "6,1": by numbers, those left out are 0. */
int version_compare(const char *left, const char *right);

#endif
