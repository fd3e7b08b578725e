/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_review.h - what a rule file comes to: counts, and what of it will not happen
 */
#ifndef RECOVER_RULES_RULE_REVIEW_H
#define RECOVER_RULES_RULE_REVIEW_H

#include "recover/rules/rule_file.h"

struct component_review {
	const struct rule_component *component;
	unsigned                     depth; /* components around it */
	size_t                       counts[RULE_KINDS];
	size_t                       patterns;  /* sources of objects in these rules */
	bool                         pointless; /* it excludes and includes nothing: no effect */
};

struct component_reviews ARRAY(struct component_review);

struct element_count {
	const char *name; /* as first written, borrowed */
	size_t      count;
};

struct element_counts ARRAY(struct element_count);

struct rule_review {
	struct component_reviews components; /* in the order of the file, those in others behind these */
	struct element_counts    elements;   /* of the file as it was written, by name */
	struct xml_remarks       not_done;   /* rules that are not carried out offline */
	struct arena             memory;
};

/* Returns 0, or -1 without memory.  rule_review_release in any case. */
MUST_CHECK int rule_review_make(struct rule_review *review, const struct rule_file *file, struct error *err);
void           rule_review_release(struct rule_review *review);

/* Where a rule stands: of the component and of all rules elements around it. */
struct rule_place {
	enum rule_context context;
	bool              conditional;
};

/* Call @each with every rule of a role, nested ones too, until it returns other than 0. */
typedef int rule_each(void *context, const struct rule_place *scope, const struct rule *rule);

int rule_role_each(const struct rule_component *component, const struct rule_role *role, rule_each *each,
		   void *context);

#endif
