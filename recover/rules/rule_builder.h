/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_builder.h - from the elements of a rule file to what they say: what its parts share
 *
 * The tree has passed rule_grammar_check.  An element with a name="" of one in namedElements is that one.
 */
#ifndef RECOVER_RULES_RULE_BUILDER_H
#define RECOVER_RULES_RULE_BUILDER_H

#include "recover/rules/rule_call.h"

#define RULE_DEPTH_MAX  512u       /* of conditions and rules in one another */
#define RULE_VISITS_MAX 1000000u   /* elements, each as often as namedElements are used */

struct rule_builder {
	struct rule_file       *file;
	const struct xml_node **named; /* sorted by element and name */
	size_t                  named_count;
	size_t                  visits;
	unsigned                depth;
	struct error           *err;
};

/* An element that stands for another: @node with @context, of both. */
struct rule_element {
	const struct xml_node *node;
	enum rule_context      context;
};

/* Gather what is in namedElements. */
MUST_CHECK int rule_builder_init(struct rule_builder *builder, struct rule_file *file, struct error *err);

/* Room for @count items of @size, NULL with the error. */
void *rule_take(struct rule_builder *builder, size_t count, size_t size);

/* Go into @node: counts what has been seen and how deep it is.  rule_leave in the end if it returned 0. */
MUST_CHECK int rule_enter(struct rule_builder *builder, const struct xml_node *node);
void           rule_leave(struct rule_builder *builder);

/* What @node stands for: itself, or what namedElements has under its name. */
MUST_CHECK int rule_resolve(struct rule_builder *builder, const struct xml_node *node, struct rule_element *element);

enum rule_context rule_context_of(const struct xml_node *node);
enum object_type  rule_object_type(const struct xml_node *node);
bool              rule_boolean(const struct xml_node *node, const char *attribute, bool otherwise);

MUST_CHECK int rule_remark(struct rule_builder *builder, const struct xml_node *node, bool lost, const char *text);

/* Parse and check the call that @text of @node is. */
MUST_CHECK int rule_build_call(struct rule_builder *builder, const struct xml_node *node, const char *text,
			       enum call_place place, struct rule_call *call);

/* -------- conditions and objects (rule_condition.c) -------- */

struct rule_object_sets ARRAY(struct rule_object_set);

/* All conditions that are children of @node, together; NULL if there are none. */
MUST_CHECK int rule_build_conditions(struct rule_builder *builder, const struct xml_node *node,
				     struct rule_condition **condition);

/*
 * What a <detects> says, its detect elements together; NULL if it is empty.
 * @objects  gets its object sets; a leaf "ObjectSet" names one by its index there
 */
MUST_CHECK int rule_build_detects(struct rule_builder *builder, const struct xml_node *node,
				  struct rule_condition **condition, struct rule_object_sets *objects);

/* A leaf that says whether the context is the machine's, or with @negated a user's. */
MUST_CHECK int rule_build_is_system(struct rule_builder *builder, const struct xml_node *node, bool negated,
				    struct rule_condition *leaf);

/* The object sets of @node. */
MUST_CHECK int rule_build_object_sets(struct rule_builder *builder, const struct xml_node *node,
				      struct rule_object_set **sets, size_t *count);

#endif
