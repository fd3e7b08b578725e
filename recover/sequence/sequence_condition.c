/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_condition.c - see sequence_condition.h */
#include "recover/sequence/sequence_condition.h"

#include <string.h>
#include <strings.h>

struct reading {
	const struct xml_document *document;
	struct arena              *memory;
	struct xml_remarks        *remarks;
};

/* What an expression must have; a file, a folder and software have operators of their own, or none. */
static const struct kind_row {
	const char                  *type; /* behind "SMS_TaskSequence_" */
	enum sequence_condition_kind kind;
	const char                  *needed[2];
	const char                  *comparisons[2]; /* operands that are one, where they are there */
} kinds[] = {
	{ "VariableConditionExpression", CONDITION_VARIABLE, { "Variable", "Operator" }, { "Operator" } },
	{ "FileConditionExpression", CONDITION_FILE, { "Path" }, { "VersionOperator", "DateTimeOperator" } },
	{ "FolderConditionExpression", CONDITION_FOLDER, { "Path" }, { "DateTimeOperator" } },
	{ "RegistryConditionExpression", CONDITION_REGISTRY, { "KeyPath", "Operator" }, { "Operator" } },
	{ "WMIConditionExpression", CONDITION_WMI, { "Query" }, { NULL } },
	{ "SoftwareConditionExpression", CONDITION_SOFTWARE, { "ProductCode", "Operator" }, { NULL } },
};

bool sequence_comparison_find(const char *word, enum sequence_comparison *comparison)
{
	static const struct {
		const char              *word;
		enum sequence_comparison comparison;
	} words[] = {
		{ "exists", COMPARISON_EXISTS },          { "notExists", COMPARISON_NOT_EXISTS },
		{ "nonExists", COMPARISON_NOT_EXISTS },   { "equals", COMPARISON_EQUALS },
		{ "notEquals", COMPARISON_NOT_EQUALS },   { "less", COMPARISON_LESS },
		{ "lessEqual", COMPARISON_LESS_EQUAL },   { "greater", COMPARISON_GREATER },
		{ "greaterEqual", COMPARISON_GREATER_EQUAL }, { "like", COMPARISON_LIKE },
		{ "notLike", COMPARISON_NOT_LIKE },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(words[i].word, word) == 0) {
			*comparison = words[i].comparison;
			return true;
		}
	return false;
}

const char *sequence_condition_operand(const struct sequence_condition *condition, const char *name)
{
	for (size_t i = 0; i < condition->operand_count; i++)
		if (strcasecmp(condition->operands[i].name, name) == 0)
			return condition->operands[i].value;
	return "";
}

/* -------- expressions -------- */

static const struct kind_row *find_kind(const char *type)
{
	static const char prefix[] = "SMS_TaskSequence_";

	if (strncasecmp(type, prefix, sizeof prefix - 1) == 0)
		for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
			if (strcasecmp(kinds[i].type, type + sizeof prefix - 1) == 0)
				return &kinds[i];
	return NULL;
}

static int read_operands(const struct reading *reading, const struct xml_node *node,
			 struct sequence_condition *condition, struct error *err)
{
	condition->operands = arena_take(reading->memory, xml_count(node, "variable"), sizeof *condition->operands);
	if (!condition->operands)
		return error_memory(err);
	XML_EACH (variable, node, "variable") {
		const char *name = xml_attribute(variable, "name");

		if (!name)
			return xml_error(reading->document, variable->line, err,
					 "<variable> of a condition has no name");
		condition->operands[condition->operand_count++] = (struct sequence_operand){ name, variable->text };
	}
	return 0;
}

static int check_operands(const struct reading *reading, const struct sequence_condition *condition,
			  const struct kind_row *row, struct error *err)
{
	enum sequence_comparison comparison;

	for (size_t i = 0; i < sizeof row->needed / sizeof row->needed[0] && row->needed[i]; i++)
		if (!*sequence_condition_operand(condition, row->needed[i]))
			return xml_error(reading->document, condition->line, err,
					 "a condition of type %.60s has no <variable name=\"%s\">", condition->type,
					 row->needed[i]);
	for (size_t i = 0; i < sizeof row->comparisons / sizeof row->comparisons[0] && row->comparisons[i]; i++) {
		const char *word = sequence_condition_operand(condition, row->comparisons[i]);

		if (*word && !sequence_comparison_find(word, &comparison))
			return xml_error(reading->document, condition->line, err,
					 "a condition has the operator '%.40s'; it may be exists, notExists, equals, "
					 "notEquals, less, lessEqual, greater, greaterEqual, like or notLike", word);
	}
	return 0;
}

static int read_expression(const struct reading *reading, const struct xml_node *node,
			   struct sequence_condition *condition, struct error *err)
{
	const struct kind_row *row;

	condition->type = xml_attribute(node, "type");
	if (!condition->type)
		return xml_error(reading->document, node->line, err, "<expression> has no type");
	if (read_operands(reading, node, condition, err) < 0)
		return -1;
	row = find_kind(condition->type);
	if (row) {
		condition->kind = row->kind;
		return check_operands(reading, condition, row, err);
	}
	condition->kind = CONDITION_UNKNOWN;
	return xml_remark(reading->remarks, reading->memory, node->line, true, err,
			  "a condition of type %.80s is not known: what depends on it is not run", condition->type);
}

/* -------- trees -------- */

static int read_node(const struct reading *reading, const struct xml_node *node,
		     struct sequence_condition **condition, struct error *err);

static int read_children(const struct reading *reading, const struct xml_node *node,
			 struct sequence_condition *condition, struct error *err)
{
	struct sequence_condition **link = &condition->child;

	for (const struct xml_node *child = node->child; child; child = child->next) {
		if (read_node(reading, child, link, err) < 0)
			return -1;
		if (*link)
			link = &(*link)->next;
	}
	if (condition->kind == CONDITION_ALL || condition->child)
		return 0;
	return xml_remark(reading->remarks, reading->memory, node->line, true, err,
			  "<%.40s> holds no condition: what depends on it is not run", node->name);
}

/* The elements that join others, and what they are if their type does not say it. */
static bool find_joint(const struct xml_node *node, enum sequence_condition_kind *kind)
{
	*kind = xml_is(node, "osConditionGroup") ? CONDITION_ANY : CONDITION_ALL;
	return xml_is(node, "condition") || xml_is(node, "operator") || xml_is(node, "osConditionGroup") ||
	       xml_is(node, "osExpressionGroup");
}

static int read_joint(const struct reading *reading, const struct xml_node *node,
		      struct sequence_condition *condition, struct error *err)
{
	const char *type = xml_attribute(node, "type");

	if (!type && xml_is(node, "operator"))
		return xml_error(reading->document, node->line, err, "<operator> has no type: and, or, not");
	if (!type)
		type = "";
	condition->type = xml_attribute(node, "name") ? xml_attribute(node, "name") : type;
	if (strcasecmp(type, "and") == 0)
		condition->kind = CONDITION_ALL;
	else if (strcasecmp(type, "or") == 0)
		condition->kind = CONDITION_ANY;
	else if (strcasecmp(type, "not") == 0)
		condition->kind = CONDITION_NONE;
	else if (*type)
		return xml_error(reading->document, node->line, err, "<%.40s> has the type '%.40s'; it may be and, or, not",
				 node->name, type);
	return read_children(reading, node, condition, err);
}

static int read_node(const struct reading *reading, const struct xml_node *node,
		     struct sequence_condition **condition, struct error *err)
{
	enum sequence_condition_kind kind;
	bool                         joint = find_joint(node, &kind);

	*condition = NULL;
	if (!joint && !xml_is(node, "expression"))
		return xml_remark(reading->remarks, reading->memory, node->line, true, err,
				  "<%.40s> means nothing in a condition and is passed over", node->name);
	*condition = arena_take(reading->memory, 1, sizeof **condition);
	if (!*condition)
		return error_memory(err);
	(*condition)->kind = kind;
	(*condition)->line = node->line;
	return joint ? read_joint(reading, node, *condition, err) : read_expression(reading, node, *condition, err);
}

int sequence_condition_read(const struct xml_document *document, const struct xml_node *node, struct arena *memory,
			    struct xml_remarks *remarks, struct sequence_condition **condition, struct error *err)
{
	struct reading reading = { document, memory, remarks };

	return read_node(&reading, node, condition, err);
}
