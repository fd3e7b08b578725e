/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_query.h - a WMI query of a condition: would it return any row?
 *
 * SELECT ... FROM class [WHERE ...] with and, or, not, brackets, = != <> < <= > >=, LIKE, IS [NOT] NULL.  Of each
 * class there is one object.  Pure: the values of its properties are asked for.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_QUERY_H
#define RECOVER_SEQUENCE_SEQUENCE_QUERY_H

#include "core/error.h"
#include "recover/answer.h"

#include <stdbool.h>

#define SEQUENCE_QUERY_VALUE_SIZE 512

/*
 * The value of a property, "" for none; false: it is not known.  The property "" is that there is an
 * object of the class at all: any value but "none".
 */
typedef bool sequence_query_lookup(void *context, const char *class_name, const char *property,
				   char value[SEQUENCE_QUERY_VALUE_SIZE]);

/*
 * @why  when the answer is not known: the property that it hangs on, "Win32_ComputerSystem.Model"; "" if
 *       the query is not understood
 */
enum answer sequence_query_evaluate(const char *query, sequence_query_lookup *lookup, void *context, char *why,
				    size_t why_size);

/* Does a text match a pattern of LIKE, case aside: % any run, _ one character, [a-z] one of these? */
bool sequence_query_like(const char *text, const char *pattern);

/* The same with * for any run and ? for one character. */
bool sequence_query_wild(const char *text, const char *pattern);

#endif
