/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_builder.c - see rule_builder.h */
#include "recover/rules/rule_builder.h"

#include <string.h>
#include <strings.h>

/* -------- named elements -------- */

static const char *name_of(const struct xml_node *node)
{
	const char *name = xml_attribute(node, "name");

	return name ? name : "";
}

static int compare_named(const void *a, const void *b)
{
	const struct xml_node *left = *(const struct xml_node *const *)a,
			      *right = *(const struct xml_node *const *)b;
	int order = strcasecmp(left->name, right->name);

	return order ? order : strcasecmp(name_of(left), name_of(right));
}

/* The same, and of the same name the first in the file first. */
static int compare_named_lines(const void *a, const void *b)
{
	const struct xml_node *left = *(const struct xml_node *const *)a,
			      *right = *(const struct xml_node *const *)b;
	int order = compare_named(a, b);

	return order ? order : (left->line > right->line) - (left->line < right->line);
}

int rule_builder_init(struct rule_builder *builder, struct rule_file *file, struct error *err)
{
	const struct xml_node *section, *node, *root = file->document.root;
	size_t                 count = 0;

	*builder = (struct rule_builder){ .file = file, .err = err };
	for (section = root->child; section; section = section->next)
		for (node = xml_is(section, "namedElements") ? section->child : NULL; node; node = node->next)
			count += *name_of(node) != 0;
	builder->named = rule_take(builder, count, sizeof *builder->named);
	if (!builder->named)
		return -1;
	for (section = root->child; section; section = section->next)
		for (node = xml_is(section, "namedElements") ? section->child : NULL; node; node = node->next)
			if (*name_of(node))
				builder->named[builder->named_count++] = node;
	if (count)
		qsort(builder->named, count, sizeof *builder->named, compare_named_lines);
	for (size_t i = 1; i < count; i++)
		if (compare_named(&builder->named[i - 1], &builder->named[i]) == 0 &&
		    rule_remark(builder, builder->named[i], true,
				"has the name of an earlier one in namedElements, which counts") < 0)
			return -1;
	return 0;
}

static const struct xml_node *find_named(const struct rule_builder *builder, const struct xml_node *node)
{
	size_t first =
		partition_point(0, builder->named_count, at, compare_named(&builder->named[at], &node) < 0);

	return first < builder->named_count && compare_named(&builder->named[first], &node) == 0
		       ? builder->named[first]
		       : NULL;
}

int rule_resolve(struct rule_builder *builder, const struct xml_node *node, struct rule_element *element)
{
	const struct xml_node *named = *name_of(node) ? find_named(builder, node) : NULL;

	*element = (struct rule_element){ node, rule_context_of(node) };
	if (!*name_of(node) || (!named && node->child))
		return 0; /* a name may be there for its reader alone */
	if (!named)
		return xml_error(&builder->file->document, node->line, builder->err,
				 "namedElements has no <%.40s> with the name \"%.60s\"", node->name,
				 name_of(node));
	if (node->child &&
	    rule_remark(builder, node, true,
			"has the name of one in namedElements, which counts instead of what is in it") < 0)
		return -1;
	element->node = named;
	element->context &= rule_context_of(named);
	return 0;
}

/* -------- what all need -------- */

void *rule_take(struct rule_builder *builder, size_t count, size_t size)
{
	void *room = arena_take(&builder->file->memory, count, size);

	if (!room)
		(void)error_memory(builder->err);
	return room;
}

int rule_enter(struct rule_builder *builder, const struct xml_node *node)
{
	if (builder->depth == RULE_DEPTH_MAX)
		return xml_error(&builder->file->document, node->line, builder->err,
				 "<%.40s> lies %u deep, or namedElements go round in a circle", node->name,
				 RULE_DEPTH_MAX);
	if (builder->visits == RULE_VISITS_MAX)
		return xml_error(&builder->file->document, node->line, builder->err,
				 "namedElements that use one another come to more than %u elements",
				 RULE_VISITS_MAX);
	builder->visits++;
	builder->depth++;
	return 0;
}

void rule_leave(struct rule_builder *builder)
{
	builder->depth--;
}

enum rule_context rule_context_of(const struct xml_node *node)
{
	const char *context = xml_attribute(node, "context");

	if (!context || strcasecmp(context, "UserAndSystem") == 0)
		return CONTEXT_BOTH;
	return strcasecmp(context, "User") == 0 ? CONTEXT_USER : CONTEXT_SYSTEM;
}

bool rule_boolean(const struct xml_node *node, const char *attribute, bool otherwise)
{
	const char *value = xml_attribute(node, attribute);

	if (!value)
		return otherwise;
	return strcmp(value, "1") == 0 || strcasecmp(value, "TRUE") == 0 || strcasecmp(value, "Yes") == 0;
}

int rule_remark(struct rule_builder *builder, const struct xml_node *node, bool lost, const char *text)
{
	return xml_remark(&builder->file->remarks, &builder->file->memory, node->line, lost, builder->err,
			  "<%.40s> %s", node->name, text);
}

int rule_build_call(struct rule_builder *builder, const struct xml_node *node, const char *text,
		    enum call_place place, struct rule_call *call)
{
	struct error why;
	int          known = rule_call_parse(call, &builder->file->memory, text, &why);

	call->line = node->line;
	if (known == 0)
		known = rule_call_check(call, place, &why);
	if (known < 0 && why.kind == ERROR_MEMORY)
		return error_memory(builder->err);
	if (known < 0)
		return xml_error(&builder->file->document, node->line, builder->err, "<%.40s>: %s",
				 node->name, why.text);
	return known ? 0 : rule_remark(builder, node, true, why.text);
}
