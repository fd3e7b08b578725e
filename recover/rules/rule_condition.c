/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_condition.c - conditions, detects and the objects they speak of; see rule_builder.h */
#include "core/cleanup.h"
#include "recover/rules/rule_builder.h"

#include <string.h>
#include <strings.h>

/* -------- conditions -------- */

static int fill_condition(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_condition *condition);

static bool is_condition(const struct xml_node *node)
{
	return xml_is(node, "condition") || xml_is(node, "conditions");
}

static size_t count_conditions(const struct xml_node *node)
{
	return xml_count(node, "condition") + xml_count(node, "conditions");
}

/* Append the conditions that are children of @node; there is room. */
static int append_conditions(struct rule_builder *builder, const struct xml_node *node,
			     struct rule_condition *condition)
{
	for (const struct xml_node *child = node->child; child; child = child->next)
		if (is_condition(child) &&
		    fill_condition(builder, child, &condition->items[condition->count++]) < 0)
			return -1;
	return 0;
}

static int make_room(struct rule_builder *builder, const struct xml_node *node, size_t count,
		     struct rule_condition *condition)
{
	condition->line = node->line;
	condition->items = rule_take(builder, count, sizeof *condition->items);
	return condition->items ? 0 : -1;
}

static int fill_leaf(struct rule_builder *builder, const struct xml_node *node,
		     struct rule_condition *condition)
{
	condition->leaf = true;
	condition->line = node->line;
	condition->negated = rule_boolean(node, "negation", false);
	return rule_build_call(builder, node, node->text, CALL_CONDITION, &condition->call);
}

static int fill_list(struct rule_builder *builder, const struct xml_node *reference,
		     struct rule_condition *condition)
{
	struct rule_element element;
	const char         *operation;

	if (rule_resolve(builder, reference, &element) < 0 ||
	    make_room(builder, element.node, count_conditions(element.node), condition) < 0 ||
	    append_conditions(builder, element.node, condition) < 0)
		return -1;
	operation = xml_attribute(element.node, "operation");
	condition->any = condition->count && operation && strcasecmp(operation, "OR") == 0;
	return condition->count ? 0 : rule_remark(builder, reference, true, "is empty and says nothing");
}

static int fill_condition(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_condition *condition)
{
	int result;

	if (rule_enter(builder, node) < 0)
		return -1;
	result = xml_is(node, "condition") ? fill_leaf(builder, node, condition) :
					     fill_list(builder, node, condition);
	rule_leave(builder);
	return result;
}

int rule_build_conditions(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_condition **condition)
{
	size_t count = count_conditions(node);

	*condition = NULL;
	if (!count)
		return 0;
	*condition = rule_take(builder, 1, sizeof **condition);
	if (!*condition || make_room(builder, node, count, *condition) < 0 ||
	    append_conditions(builder, node, *condition) < 0)
		return -1;
	if (count == 1)
		*condition = (*condition)->items;
	return 0;
}

/* -------- detects -------- */

/* A leaf that holds if some object of the set exists. */
static int fill_object_leaf(struct rule_builder *builder, const struct xml_node *node,
			    struct rule_condition *leaf, struct rule_object_sets *objects,
			    const struct rule_object_set *set)
{
	struct rule_call *call = &leaf->call;

	leaf->leaf = true;
	leaf->line = call->line = node->line;
	call->count = 1;
	call->arguments = rule_take(builder, 1, sizeof *call->arguments);
	if (!call->arguments)
		return -1;
	call->name = arena_print(&builder->file->memory, "ObjectSet");
	call->arguments[0] = arena_print(&builder->file->memory, "%zu", objects->count);
	if (!call->name || !call->arguments[0] || !array_push(objects, *set))
		return error_memory(builder->err);
	return 0;
}

int rule_build_is_system(struct rule_builder *builder, const struct xml_node *node, bool negated,
			 struct rule_condition *leaf)
{
	leaf->leaf = true;
	leaf->negated = negated;
	leaf->line = node->line;
	return rule_build_call(builder, node, "MigXmlHelper.IsSystemContext()", CALL_CONDITION, &leaf->call);
}

/* One <detect>: any of what is in it, or the context is not its own. */
static int fill_detect(struct rule_builder *builder, const struct xml_node *reference,
		       struct rule_condition *condition, struct rule_object_sets *objects)
{
	struct rule_object_set *sets;
	struct rule_element     element;
	size_t                  count, at = 0;

	if (rule_resolve(builder, reference, &element) < 0 ||
	    rule_build_object_sets(builder, element.node, &sets, &count) < 0 ||
	    make_room(builder, element.node, count_conditions(element.node) + count + 1, condition) < 0 ||
	    append_conditions(builder, element.node, condition) < 0)
		return -1;
	XML_EACH (child, element.node, "objectSet")
		if (fill_object_leaf(builder, child, &condition->items[condition->count++], objects,
				     &sets[at++]) < 0)
			return -1;
	condition->any = condition->count > 0;
	if (!condition->any)
		return rule_remark(builder, reference, true, "is empty and says nothing");
	if (element.context == CONTEXT_BOTH)
		return 0;
	return rule_build_is_system(builder, element.node, element.context == CONTEXT_SYSTEM,
				    &condition->items[condition->count++]);
}

int rule_build_detects(struct rule_builder *builder, const struct xml_node *node,
		       struct rule_condition **condition, struct rule_object_sets *objects)
{
	size_t count = xml_count(node, "detect");

	*condition = NULL;
	if (!count)
		return rule_remark(builder, node, true, "is empty and says nothing");
	*condition = rule_take(builder, 1, sizeof **condition);
	if (!*condition || make_room(builder, node, count, *condition) < 0)
		return -1;
	XML_EACH (child, node, "detect") {
		if (rule_enter(builder, child) < 0 ||
		    fill_detect(builder, child, &(*condition)->items[(*condition)->count++], objects) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}

/* -------- objects -------- */

enum object_type rule_object_type(const struct xml_node *node)
{
	const char *type = xml_attribute(node, "type");

	return strcasecmp(type, "File") == 0 ? OBJECT_FILE :
	       strcasecmp(type, "Ini") == 0  ? OBJECT_INI :
					       OBJECT_REGISTRY;
}

static int fill_pattern(struct rule_builder *builder, const struct xml_node *node,
			struct rule_pattern *pattern)
{
	*pattern = (struct rule_pattern){ rule_object_type(node), node->text, node->line };
	if (strchr(node->text, '['))
		return 0;
	return rule_remark(
		builder, node, true,
		"has no [leaf] and means no file or value, folders and keys alone: add [*] for all in them");
}

static int fill_source(struct rule_builder *builder, const struct xml_node *node, struct rule_source *source)
{
	if (xml_is(node, "pattern")) {
		source->kind = SOURCE_PATTERN;
		return fill_pattern(builder, node, &source->pattern);
	}
	if (xml_is(node, "script")) {
		source->kind = SOURCE_SCRIPT;
		return rule_build_call(builder, node, node->text, CALL_OBJECTS, &source->call);
	}
	source->kind = SOURCE_CONTENT;
	if (rule_build_call(builder, node, xml_attribute(node, "filter"), CALL_CONTENT, &source->call) < 0)
		return -1;
	return rule_build_object_sets(builder, node, &source->objects, &source->object_count);
}

static bool is_source(const struct xml_node *node)
{
	return xml_is(node, "pattern") || xml_is(node, "script") || xml_is(node, "content");
}

static int fill_object_set(struct rule_builder *builder, const struct xml_node *node,
			   struct rule_object_set *set)
{
	size_t count = xml_count(node, "pattern") + xml_count(node, "script") + xml_count(node, "content");

	set->line = node->line;
	set->sources = rule_take(builder, count, sizeof *set->sources);
	if (!set->sources || rule_build_conditions(builder, node, &set->condition) < 0)
		return -1;
	for (const struct xml_node *child = node->child; child; child = child->next) {
		if (!is_source(child))
			continue;
		if (rule_enter(builder, child) < 0 ||
		    fill_source(builder, child, &set->sources[set->count++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}

int rule_build_object_sets(struct rule_builder *builder, const struct xml_node *node,
			   struct rule_object_set **sets, size_t *count)
{
	*count = 0;
	*sets = rule_take(builder, xml_count(node, "objectSet"), sizeof **sets);
	if (!*sets)
		return -1;
	XML_EACH (child, node, "objectSet") {
		if (rule_enter(builder, child) < 0 ||
		    fill_object_set(builder, child, &(*sets)[(*count)++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}
