/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_review.c - see rule_review.h */
#include "recover/rules/rule_review.h"

#include "recover/rules/rule_call.h"

#include <string.h>
#include <strings.h>

static bool has_type(const struct rule *rule, enum object_type type)
{
	for (size_t i = 0; i < rule->object_count; i++)
		for (size_t j = 0; j < rule->objects[i].count; j++)
			if (rule->objects[i].sources[j].kind == SOURCE_PATTERN &&
			    rule->objects[i].sources[j].pattern.type == type)
				return true;
	return false;
}

static bool adds_files(const struct rule *rule)
{
	for (size_t i = 0; i < rule->added_count; i++)
		if (rule->added[i].type != OBJECT_REGISTRY)
			return true;
	return rule->script_count > 0;
}

static bool is_call(const struct rule *rule, const char *name)
{
	return rule->call && strcasecmp(rule->call->name, name) == 0;
}

/* What of a rule is not carried out on a Windows that does not run; NULL: all of it is. */
static const char *not_done(const struct rule *rule)
{
	switch (rule->kind) {
	case RULE_EXCLUDE_ATTRIBUTES:
		return "files that get a further name share security and times with the store, and keep them";
	case RULE_CONTENT_MODIFY:
		return has_type(rule, OBJECT_FILE) || has_type(rule, OBJECT_INI) ? "what is in files is not changed" : NULL;
	case RULE_MERGE:
		return is_call(rule, "NewestVersion") ? "versions are not compared, both files stay" :
		       is_call(rule, "LeafPattern")   ? "what it does is not known, both objects stay" :
							NULL;
	case RULE_DESTINATION_CLEANUP:
		return has_type(rule, OBJECT_INI) ? "entries of ini files are not removed" : NULL;
	case RULE_ADD_OBJECTS:
		return adds_files(rule) ? "only values of the registry are added" : NULL;
	case RULE_EXTERNAL_PROCESS:
		return "programs are not run offline";
	case RULE_PROCESSING:
		return "scripts are not run offline";
	default:
		return is_call(rule, "SameRegContent") ? "the filter is not known, everything passes it" : NULL;
	}
}

/* -------- walking -------- */

static int each_in_group(const struct rule_group *group, struct rule_place scope, rule_each *each,
			 void *context)
{
	int result = 0;

	scope.context &= group->context;
	scope.conditional = scope.conditional || group->condition;
	for (size_t i = 0; result == 0 && i < group->count; i++)
		result = each(context, &scope, &group->rules[i]);
	for (size_t i = 0; result == 0 && i < group->group_count; i++)
		result = each_in_group(&group->groups[i], scope, each, context);
	return result;
}

int rule_role_each(const struct rule_component *component, const struct rule_role *role, rule_each *each,
		   void *context)
{
	const struct rule_place scope = { .context = component->context };
	int                     result = 0;

	for (size_t i = 0; result == 0 && i < role->group_count; i++)
		result = each_in_group(&role->groups[i], scope, each, context);
	return result;
}

/* -------- components -------- */

struct walk {
	struct rule_review     *review;
	struct component_review now;
	struct error           *err;
};

static int add_not_done(struct walk *walk, const struct rule *rule, const char *what, const char *why)
{
	return xml_remark(&walk->review->not_done, &walk->review->memory, rule->line, true, walk->err,
			  "<%s>%s%.80s: %s", rule_kind_name(rule->kind), what ? " " : "", what ? what : "",
			  why);
}

/* What the rule does, for those that are not carried out. */
static const char *deed(const struct rule *rule)
{
	if (rule->command_line_count)
		return rule->command_lines[0];
	if (rule->script_count)
		return rule->scripts[0].name;
	return rule->call ? rule->call->name : NULL;
}

/* Offline there are the volumes at hand, and these count as fixed drives. */
static int look_at_source(struct walk *walk, const struct rule *rule, const struct rule_source *source)
{
	const struct rule_call *call = &source->call;

	walk->now.patterns++;
	if (source->kind != SOURCE_SCRIPT || call->count < 2 ||
	    strcasecmp(call->name, "GenerateDrivePatterns") != 0)
		return 0;
	if (!call->arguments[1] || strcasecmp(call->arguments[1], "Fixed") == 0)
		return 0;
	return add_not_done(walk, rule, call->arguments[1], "all volumes at hand are fixed drives");
}

/* A helper that the file's remarks speak of already. */
static bool is_unknown(const struct rule_call *call)
{
	const struct rule_helper *helper = call ? rule_helper_find(call->name) : NULL;

	return call && (call->library || !helper || helper->internal);
}

static int look_at_rule(void *context, const struct rule_place *scope, const struct rule *rule)
{
	struct walk *walk = context;

	(void)scope;
	walk->now.counts[rule->kind]++;
	for (size_t i = 0; i < rule->object_count; i++)
		for (size_t j = 0; j < rule->objects[i].count; j++)
			if (look_at_source(walk, rule, &rule->objects[i].sources[j]) < 0)
				return -1;
	if (!not_done(rule) || is_unknown(rule->call))
		return 0;
	return add_not_done(walk, rule, deed(rule), not_done(rule));
}

static int look_at_component(struct rule_review *review, const struct rule_component *component,
			     unsigned depth, struct error *err)
{
	struct walk walk = { review, { .component = component, .depth = depth }, err };

	for (size_t i = 0; i < component->role_count; i++)
		if (rule_role_each(component, &component->roles[i], look_at_rule, &walk) < 0)
			return -1;
	walk.now.pointless = walk.now.counts[RULE_EXCLUDE] && !walk.now.counts[RULE_INCLUDE];
	if (!array_push(&review->components, walk.now))
		return error_memory(err);
	for (size_t i = 0; i < component->role_count; i++)
		for (size_t j = 0; j < component->roles[i].component_count; j++)
			if (look_at_component(review, &component->roles[i].components[j], depth + 1, err) < 0)
				return -1;
	return 0;
}

/* -------- elements -------- */

static int compare_counts(const void *a, const void *b)
{
	const struct element_count *left = a, *right = b;

	return strcasecmp(left->name, right->name);
}

static bool gather_names(struct element_counts *elements, const struct xml_node *node)
{
	if (!array_push(elements, (struct element_count){ node->name, 1 }))
		return false;
	for (const struct xml_node *child = node->child; child; child = child->next)
		if (!gather_names(elements, child))
			return false;
	return true;
}

static int count_elements(struct element_counts *elements, const struct xml_node *root, struct error *err)
{
	size_t kept = 0;

	if (!gather_names(elements, root))
		return error_memory(err);
	qsort(elements->items, elements->count, sizeof *elements->items, compare_counts);
	for (size_t i = 1; i < elements->count; i++) {
		if (compare_counts(&elements->items[kept], &elements->items[i]) == 0)
			elements->items[kept].count++;
		else
			elements->items[++kept] = elements->items[i];
	}
	elements->count = kept + 1;
	return 0;
}

int rule_review_make(struct rule_review *review, const struct rule_file *file, struct error *err)
{
	*review = (struct rule_review){ 0 };
	for (size_t i = 0; i < file->count; i++)
		if (look_at_component(review, &file->components[i], 0, err) < 0)
			return -1;
	xml_remarks_sort(&review->not_done);
	return count_elements(&review->elements, file->document.root, err);
}

void rule_review_release(struct rule_review *review)
{
	array_release(&review->components);
	array_release(&review->elements);
	array_release(&review->not_done);
	arena_release(&review->memory);
}
