/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_filter.h - filter="...": which of the objects that a rule's patterns mean it speaks of
 *
 * FileProperties asks each file for its size ("5GB", "1KB-1MB") or a day in UTC ("2023/05/15", or two with '-'
 * between them), CompareStringContent each value of the registry for its text ("Equal", case aside; else whether it
 * is another).  What is decided when files are restored (IgnoreIrrelevantLinks, NeverRestore) lets
 * all of them pass.  A filter that is not known is told: all is taken, nothing is left out.
 */
#ifndef RECOVER_RULES_RULE_FILTER_H
#define RECOVER_RULES_RULE_FILTER_H

#include "recover/rules/rule_scope.h"

enum filter_kind {
	FILTER_PASSES, /* everything */
	FILTER_STOPS,  /* everything */
	FILTER_SIZE,
	FILTER_CREATED,
	FILTER_WRITTEN,
	FILTER_ACCESSED,
	FILTER_TEXT,   /* of values; files pass what is taken, and nothing else */
};

struct rule_filter {
	enum filter_kind kind;
	uint64_t         first, last; /* bytes, or 100 ns since 1601 */
	const char      *text;        /* of FILTER_TEXT; borrowed from the rule */
	bool             outside;     /* passes what is not between the two, or another text */
	bool             generous;    /* of what is taken */
};

/*
 * Prepare a filter.
 * @call      NULL: none
 * @generous  of what is taken
 * Returns 0, or -1.
 */
MUST_CHECK int rule_filter_make(const struct rule_scope *scope, const struct rule_call *call, bool generous,
				struct rule_filter *filter, struct error *err);

/* Does a file of the tree pass?  A directory passes all that ask for properties of files. */
MUST_CHECK int rule_filter_passes(const struct rule_filter *filter, struct work_volume *volume, uint32_t record,
				  bool *passes, struct error *err);

/* Does a value pass?  What asks for properties of files lets it pass.  False without memory, too. */
bool rule_filter_passes_value(const struct rule_filter *filter, const struct registry_value *value);

/*
 * The numbers that FileProperties asks for.  False if they cannot be understood.
 * @property, @operator, @value  as written, NULL where left out
 */
MUST_CHECK bool rule_filter_parse(struct rule_filter *filter, const char *property, const char *operator,
				  const char *value);

#endif
