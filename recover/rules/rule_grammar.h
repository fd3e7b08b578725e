/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_grammar.h - which elements and attributes the rule language has, and where
 *
 * What would be lost without harm is a remark; what could take or leave data is an error.
 * Format: spec USMT 3.1.
 */
#ifndef RECOVER_RULES_RULE_GRAMMAR_H
#define RECOVER_RULES_RULE_GRAMMAR_H

#include "recover/xml_document.h"

/*
 * Check the tree below <migration>.  Afterwards every element that counts stands where it may, has the attributes
 * it must have, and values of the language in them.
 * Returns 0 with @remarks (texts in @memory), or -1: the first error.
 */
MUST_CHECK int rule_grammar_check(const struct xml_document *document, struct xml_remarks *remarks,
				  struct arena *memory, struct error *err);

#endif
