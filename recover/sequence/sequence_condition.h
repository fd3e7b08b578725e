/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_condition.h - what a task sequence asks before it runs a group or a step
 *
 * A tree as the file has it, nothing evaluated.  Format: spec USMT 5.3.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_CONDITION_H
#define RECOVER_SEQUENCE_SEQUENCE_CONDITION_H

#include "recover/xml_document.h"

enum sequence_condition_kind {
	CONDITION_ALL,  /* of its children, and yes if it has none */
	CONDITION_ANY,
	CONDITION_NONE,
	CONDITION_VARIABLE,
	CONDITION_FILE,
	CONDITION_FOLDER,
	CONDITION_REGISTRY,
	CONDITION_WMI,
	CONDITION_SOFTWARE,
	CONDITION_UNKNOWN, /* of a kind that is not known here */
};

enum sequence_comparison {
	COMPARISON_EXISTS,
	COMPARISON_NOT_EXISTS,
	COMPARISON_EQUALS,
	COMPARISON_NOT_EQUALS,
	COMPARISON_LESS,
	COMPARISON_LESS_EQUAL,
	COMPARISON_GREATER,
	COMPARISON_GREATER_EQUAL,
	COMPARISON_LIKE, /* with '*' and '?' */
	COMPARISON_NOT_LIKE,
};

struct sequence_operand {
	const char *name, *value; /* "Path", "%OSDisk%\Windows" */
};

struct sequence_condition {
	enum sequence_condition_kind kind;
	int                          line;
	const char                  *type; /* as the file has it */
	struct sequence_operand     *operands;
	size_t                       operand_count;
	struct sequence_condition   *child, *next; /* child: the first of ALL, ANY, NONE */
};

/*
 * Read a <condition>, or an element of one.
 * @memory, @remarks  where it goes, and what is said of it
 * Returns 0, or -1: what is broken, with its line.
 */
MUST_CHECK int sequence_condition_read(const struct xml_document *document, const struct xml_node *node,
				       struct arena *memory, struct xml_remarks *remarks,
				       struct sequence_condition **condition, struct error *err);

/* An operand's value; "" if it is left out. */
const char *sequence_condition_operand(const struct sequence_condition *condition, const char *name);

/* "equals", "nonExists", ...: case aside. */
bool sequence_comparison_find(const char *word, enum sequence_comparison *comparison);

#endif
