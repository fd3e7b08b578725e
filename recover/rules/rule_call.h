/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_call.h - "MigXmlHelper.Name('a', NULL)": calls of the helpers that the rule language has
 *
 * Format and helpers: spec USMT 3.2, 3.5 to 3.7.
 */
#ifndef RECOVER_RULES_RULE_CALL_H
#define RECOVER_RULES_RULE_CALL_H

#include "recover/rules/rule_file.h"

/* Where a call stands. */
enum call_place {
	CALL_CONDITION   = 1 << 0,
	CALL_OBJECTS     = 1 << 1, /* script of an object set */
	CALL_FILTER      = 1 << 2, /* of include, exclude, destinationCleanup, ... */
	CALL_CONTENT     = 1 << 3, /* filter of content */
	CALL_MERGE       = 1 << 4,
	CALL_LOCATION    = 1 << 5, /* script of locationModify */
	CALL_MODIFY      = 1 << 6, /* script of contentModify */
	CALL_PROCESSING  = 1 << 7,
	CALL_VARIABLE    = 1 << 8, /* script of a variable */
};

struct rule_helper {
	const char *name;
	unsigned    places;    /* enum call_place */
	size_t      arguments; /* that it must have */
	bool        internal;  /* undocumented: what it does is not known */
};

/* The helper of that name, case aside, or NULL. */
const struct rule_helper *rule_helper_find(const char *name);

/*
 * Parse a call; all of it is kept in @memory.
 * Returns 0, or -1 with ERROR_VALUE: no call, a string without its end, arguments missing.
 */
MUST_CHECK int rule_call_parse(struct rule_call *call, struct arena *memory, const char *text, struct error *err);

/*
 * Is it known, in that place, and has it what it needs?
 * Returns 1; 0 with what is odd in @err if it can be passed over with a word; -1 if data could be lost by that.
 */
MUST_CHECK int rule_call_check(const struct rule_call *call, enum call_place place, struct error *err);

#endif
