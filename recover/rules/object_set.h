/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * object_set.h - the patterns that an object set of the rules stands for
 *
 * Its own, with their variables; those that a helper makes (drives, users, documents); and files whose
 * names stand in values of the registry.
 */
#ifndef RECOVER_RULES_OBJECT_SET_H
#define RECOVER_RULES_OBJECT_SET_H

#include "recover/rules/pattern.h"
#include "recover/rules/rule_scope.h"

struct object_pattern {
	struct pattern pattern;
	char          *text;     /* as a rule would have it, variables expanded */
	char          *location; /* of a file found in a value: its path; else NULL */
	int            line;
};

struct object_patterns ARRAY(struct object_pattern);
void object_patterns_release(struct object_patterns *patterns);

/* Append what @text says, variables expanded; a pattern that is none is told and left out. */
MUST_CHECK int object_patterns_add(struct object_patterns *patterns, const struct rule_scope *scope,
				   enum object_type type, const char *text, int line, struct error *err);

/*
 * Append the patterns of an object set.
 * @generous  a condition that is not known holds: of what is taken, not of what is left out
 * Returns 0, or -1.
 */
MUST_CHECK int object_set_expand(const struct rule_scope *scope, const struct rule_object_set *set, bool generous,
				 struct object_patterns *patterns, struct error *err);

/* Is there any object of the set? */
MUST_CHECK int object_set_exists(const struct rule_scope *scope, const struct rule_object_set *set,
				 enum answer *answer, struct error *err);

/* GetStringContent(type, location, expand, before, after): texts of values.  texts_release in any case. */
MUST_CHECK int object_set_string_content(const struct rule_scope *scope, const struct rule_call *call,
					 struct texts *texts, struct error *err);

#endif
