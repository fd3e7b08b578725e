/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_scope.h - where a rule is evaluated: for the machine or for one user, with which variables
 *
 * What cannot be answered or done offline is told here: what the rule says is neither done nor lost in silence.
 */
#ifndef RECOVER_RULES_RULE_SCOPE_H
#define RECOVER_RULES_RULE_SCOPE_H

#include "recover/answer.h"
#include "recover/rules/rule_selection.h"

struct rule_scope {
	const char                       *file; /* that the rule is in, for what is told */
	struct work_volumes              *volumes;
	const struct windows             *windows; /* NULL: none was found */
	const struct user_profile        *user;    /* NULL: the machine */
	const struct user_profile *const *users;   /* that take part */
	size_t                            user_count;
	struct environment                environment;
	struct unhonoureds               *unhonoured;
};

/* Begin the machine's or a user's scope with its variables.  rule_scope_release in any case. */
MUST_CHECK int rule_scope_begin(struct rule_scope *scope, struct error *err);
void           rule_scope_release(struct rule_scope *scope);

/* Tell what is not done, or assumed. */
MUST_CHECK int rule_scope_tell(const struct rule_scope *scope, int line, struct error *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Sort what was told, and leave out what was told twice. */
void unhonoureds_settle(struct unhonoureds *unhonoured);
void unhonoureds_release(struct unhonoureds *unhonoured);

/*
 * Expand the variables of a text.  Of one that nobody knows it is told, and the text stands for nothing; a user's in the
 * machine's scope stands for nothing without a word.
 * Returns 0, or -1.  texts_release in any case.
 */
MUST_CHECK int rule_scope_expand(const struct rule_scope *scope, const char *text, int line, struct texts *expanded,
				 struct error *err);

/* The same for a path or pattern of a file whose text begins with a drive of the offline system. */
MUST_CHECK int rule_scope_expand_path(const struct rule_scope *scope, const char *text, int line,
				      struct texts *expanded, struct error *err);

/* Give a path that begins with a drive of the offline system the letter that it has under work. */
void rule_scope_map_letter(const struct rule_scope *scope, char *path);

/* An argument of a call; NULL if it was left out. */
const char *rule_argument(const struct rule_call *call, size_t index);

/* "File", "Registry", "Ini": false for another. */
MUST_CHECK bool object_type_find(const char *text, enum object_type *type);

/* Append a copy of @length bytes; returns 0, or -1 without memory. */
MUST_CHECK int texts_add(struct texts *texts, const char *text, size_t length, struct error *err);

#endif
