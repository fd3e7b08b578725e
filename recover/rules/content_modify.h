/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_modify.h - contentModify: what a stored value of the registry becomes before it is set
 *
 *   ConvertToDWORD, ConvertToString, ConvertToBinary    another type, the same meaning
 *   OffsetValue(n)                                      a number, or a text that is one, and n more
 *   SetValueByTable(sources, destinations, default)     one list's value is the other's; else the default,
 * and without one the target's value stays what it is MergeMultiSzContent(Add|Remove, text, ...)          the
 * target's list, then what of the stored one is not in it MergeDelimitedContent(separators, Add|Remove, ...)
 * likewise of a text that is a list KeepExisting                                        of attributes, which
 * a value has none of
 *
 * Pure: what is made depends on the stored value and on the target's, and made again from the target's
 * value afterwards it is the same.
 */
#ifndef RECOVER_RULES_CONTENT_MODIFY_H
#define RECOVER_RULES_CONTENT_MODIFY_H

#include "recover/registry/registry_value.h"
#include "recover/rules/rule_file.h"

enum content_change {
	CONTENT_KEEP_EXISTING,
	CONTENT_TO_DWORD,
	CONTENT_TO_STRING,
	CONTENT_TO_BINARY,
	CONTENT_OFFSET,
	CONTENT_TABLE,
	CONTENT_MULTI,
	CONTENT_DELIMITED,
};

struct content_modify {
	enum content_change     change;
	const struct rule_call *call; /* borrowed: its arguments */
};

/* What a call does; false: nobody knows. */
bool content_modify_read(struct content_modify *modify, const struct rule_call *call);

enum content_made {
	CONTENT_AS_STORED = 0, /* its content is none that could be changed so */
	CONTENT_MADE = 1,
	CONTENT_STAYS = 2, /* the target's value, or that it has none, stays */
};

/*
 * Change a value.
 * @there  what the target has in its place, NULL: nothing
 * @made   filled for CONTENT_MADE; registry_value_release in any case
 * Returns enum content_made, or -1.
 */
MUST_CHECK int content_modify_apply(const struct content_modify *modify, const struct registry_value *value,
				    const struct registry_value *there, struct registry_value *made,
				    struct error *err);

#endif
