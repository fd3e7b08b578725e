/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_evaluation.c - see rule_evaluation.h */
#include "recover/rules/rule_evaluation.h"

#include "core/cleanup.h"
#include "recover/rules/condition.h"
#include "recover/rules/object_set.h"

#include <string.h>
#include <strings.h>

struct evaluating {
	const struct rule_evaluation *evaluation;
	const struct rule_visitor    *visitor;
	struct rule_scope            *scopes; /* the machine's, then each user's: variables before any component's */
	size_t                        groups;
};

/* -------- variables -------- */

static int add_values(struct rule_scope *scope, const char *name, const struct texts *values, struct error *err)
{
	for (size_t i = 0; i < values->count; i++)
		if (environment_add(&scope->environment, name, values->items[i], err) < 0)
			return -1;
	return 0;
}

static int add_objects(struct rule_scope *scope, const struct rule_variable *variable, struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };

	for (size_t i = 0; i < variable->object_count; i++)
		if (object_set_expand(scope, &variable->objects[i], true, &patterns, err) < 0)
			return -1;
	for (size_t i = 0; i < patterns.count; i++) {
		const struct object_pattern *pattern = &patterns.items[i];

		if (environment_add(&scope->environment, variable->name,
				    pattern->location ? pattern->location : pattern->text, err) < 0)
			return -1;
	}
	return 0;
}

static int add_variable(struct rule_scope *scope, const struct rule_variable *variable, struct error *err)
{
	CLEANUP(texts_release) struct texts values = { 0 };

	if (variable->text && rule_scope_expand_path(scope, variable->text, variable->line, &values, err) < 0)
		return -1;
	if (!variable->text && !variable->script)
		return add_objects(scope, variable, err);
	if (!variable->text && (variable->script->library || strcasecmp(variable->script->name, "GetStringContent") != 0))
		return rule_scope_tell(scope, variable->line, err, "the script %s cannot be run offline: %%%s%% has no value",
				       variable->script->name, variable->name);
	if (!variable->text && object_set_string_content(scope, variable->script, &values, err) < 0)
		return -1;
	return add_values(scope, variable->name, &values, err);
}

static bool is_in_context(const struct rule_scope *scope, enum rule_context context)
{
	return context & (scope->user ? CONTEXT_USER : CONTEXT_SYSTEM);
}

/* All variables are known from the start, whatever their conditions say. */
static int declare_variables(struct rule_scope *scope, const struct rule_environment *environments, size_t count,
			     struct error *err)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < environments[i].count; j++)
			if (environment_declare(&scope->environment, environments[i].variables[j].name, err) < 0)
				return -1;
	return 0;
}

static int add_variables(struct rule_scope *scope, const struct rule_environment *environments, size_t count,
			 struct error *err)
{
	if (declare_variables(scope, environments, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		enum answer answer;

		if (!is_in_context(scope, environments[i].context))
			continue;
		if (condition_evaluate(scope, environments[i].condition, NULL, 0, &answer, err) < 0)
			return -1;
		for (size_t j = 0; answer != ANSWER_NO && j < environments[i].count; j++)
			if (add_variable(scope, &environments[i].variables[j], err) < 0)
				return -1;
	}
	return 0;
}

/* A scope with the variables of @from and more. */
static int derive_scope(struct rule_scope *scope, const struct rule_scope *from,
			const struct rule_environment *environments, size_t count, struct error *err)
{
	*scope = *from;
	if (environment_copy(&scope->environment, &from->environment, err) < 0)
		return -1;
	return add_variables(scope, environments, count, err);
}

/* -------- rules -------- */

static int visit_groups(struct evaluating *at, const struct visited_role *role, const struct rule_group *groups,
			size_t count, bool certain, struct error *err);

static int visit_group(struct evaluating *at, const struct visited_role *role, const struct rule_group *group, bool certain,
		       struct error *err)
{
	enum answer answer;

	if (!is_in_context(role->scope, group->context))
		return 0;
	if (condition_evaluate(role->scope, group->condition, group->objects, group->object_count, &answer, err) < 0)
		return -1;
	if (answer == ANSWER_NO)
		return 0;
	certain = certain && answer == ANSWER_YES;
	for (size_t i = 0; i < group->count; i++)
		if (at->visitor->rule(at->visitor->context, role, &group->rules[i], certain, err) < 0)
			return -1;
	return visit_groups(at, role, group->groups, group->group_count, certain, err);
}

static int visit_groups(struct evaluating *at, const struct visited_role *role, const struct rule_group *groups,
			size_t count, bool certain, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (visit_group(at, role, &groups[i], certain, err) < 0)
			return -1;
	return 0;
}

/* -------- roles and components -------- */

/* Sections are alternatives; those of another context do not count, and with none of this one it applies. */
static int detect(const struct rule_scope *scope, const struct rule_role *role, enum answer *detected, struct error *err)
{
	bool asked = false;

	*detected = ANSWER_NO;
	for (size_t i = 0; *detected != ANSWER_YES && i < role->detection_count; i++) {
		const struct rule_detection *detection = &role->detections[i];
		enum answer                  answer;

		if (!is_in_context(scope, detection->context))
			continue;
		asked = true;
		if (condition_evaluate(scope, detection->condition, detection->objects, detection->object_count, &answer,
				       err) < 0)
			return -1;
		if (answer > *detected)
			*detected = answer;
	}
	if (!asked)
		*detected = ANSWER_YES;
	return 0;
}

static int visit_components(struct evaluating *at, const struct rule_component *components, size_t count,
			    const struct rule_scope *scope, bool certain, struct error *err);

static int visit_role(struct evaluating *at, const struct rule_component *component, const struct rule_role *role,
		      const struct rule_scope *scope, size_t group, bool certain, struct error *err)
{
	const struct config_file                     *config = at->evaluation->rules->config;
	CLEANUP(rule_scope_release) struct rule_scope own = { 0 };
	enum answer                                   detected = ANSWER_YES;
	struct visited_role visited = { component, role, &own, group, true, !config || config_file_migrates(config, role->id) };

	if (derive_scope(&own, scope, role->environments, role->environment_count, err) < 0)
		return -1;
	if (at->evaluation->detect && detect(&own, role, &detected, err) < 0)
		return -1;
	visited.detected = detected != ANSWER_NO && component->supported;
	certain = certain && detected == ANSWER_YES;
	if (at->visitor->role && at->visitor->role(at->visitor->context, &visited, err) < 0)
		return -1;
	if (!visited.detected || !visited.migrated)
		return 0;
	if (visit_groups(at, &visited, role->groups, role->group_count, certain, err) < 0)
		return -1;
	return visit_components(at, role->components, role->component_count, &own, certain, err);
}

static int visit_component(struct evaluating *at, const struct rule_component *component, const struct rule_scope *scope,
			   bool certain, struct error *err)
{
	CLEANUP(rule_scope_release) struct rule_scope own = { 0 };
	size_t                                        group;

	if (!is_in_context(scope, component->context))
		return 0;
	if (derive_scope(&own, scope, component->environments, component->environment_count, err) < 0)
		return -1;
	group = at->groups++;
	for (size_t i = 0; i < component->role_count; i++)
		if (visit_role(at, component, &component->roles[i], &own, group, certain, err) < 0)
			return -1;
	return 0;
}

static int visit_components(struct evaluating *at, const struct rule_component *components, size_t count,
			    const struct rule_scope *scope, bool certain, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (visit_component(at, &components[i], scope, certain, err) < 0)
			return -1;
	return 0;
}

/* -------- files -------- */

static bool is_repeated(const struct rule_set *rules, size_t index)
{
	const char *urlid = rules->files[index].urlid;

	for (size_t i = 0; urlid && i < index; i++)
		if (rules->files[i].urlid && strcasecmp(rules->files[i].urlid, urlid) == 0)
			return true;
	return false;
}

static int visit_file(struct evaluating *at, size_t index, struct error *err)
{
	const struct rule_file *file = &at->evaluation->rules->files[index];

	for (size_t i = 0; i <= at->evaluation->user_count; i++)
		at->scopes[i].file = file->document.name;
	if (is_repeated(at->evaluation->rules, index))
		return rule_scope_tell(&at->scopes[0], 1, err,
				       "another file has the urlid \"%s\" already: this one is passed over", file->urlid);
	for (size_t i = 0; i <= at->evaluation->user_count; i++)
		if (visit_components(at, file->components, file->count, &at->scopes[i], true, err) < 0)
			return -1;
	return 0;
}

static int begin_scopes(struct evaluating *at, struct error *err)
{
	const struct rule_evaluation *evaluation = at->evaluation;

	at->scopes = calloc(evaluation->user_count + 1, sizeof *at->scopes);
	if (!at->scopes)
		return error_memory(err);
	for (size_t i = 0; i <= evaluation->user_count; i++) {
		at->scopes[i] = (struct rule_scope){
			.volumes = evaluation->volumes,
			.windows = evaluation->windows,
			.user = i ? evaluation->users[i - 1] : NULL,
			.users = evaluation->users,
			.user_count = evaluation->user_count,
			.unhonoured = evaluation->unhonoured,
		};
		if (rule_scope_begin(&at->scopes[i], err) < 0)
			return -1;
	}
	return 0;
}

int rule_evaluation_run(const struct rule_evaluation *evaluation, const struct rule_visitor *visitor,
			struct error *err)
{
	struct evaluating at = { .evaluation = evaluation, .visitor = visitor };
	int        result = begin_scopes(&at, err);

	for (size_t i = 0; result == 0 && i < evaluation->rules->count; i++)
		result = visit_file(&at, i, err);
	for (size_t i = 0; at.scopes && i <= evaluation->user_count; i++)
		rule_scope_release(&at.scopes[i]);
	free(at.scopes);
	return result;
}
