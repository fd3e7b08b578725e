/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cleaning_rule.c - see cleaning_rule.h */
#include "recover/rules/cleaning_rule.h"

#include "core/cleanup.h"
#include "recover/rules/object_set.h"

#include <string.h>

void cleaning_rules_release(struct cleaning_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		pattern_release(&rules->items[i].pattern);
	array_release(rules);
}

/* Keys that all of Windows hangs in; what is below others is somebody's. */
static bool is_windows_key(const char *key, size_t length)
{
	static const char *const keys[] = {
		"SOFTWARE",
		"SOFTWARE\\CLASSES",
		"SOFTWARE\\CLASSES\\CLSID",
		"SOFTWARE\\MICROSOFT",
		"SOFTWARE\\MICROSOFT\\WINDOWS",
		"SOFTWARE\\MICROSOFT\\WINDOWS\\CURRENTVERSION",
		"SOFTWARE\\MICROSOFT\\WINDOWS NT",
		"SOFTWARE\\MICROSOFT\\WINDOWS NT\\CURRENTVERSION",
		"SOFTWARE\\WOW6432NODE",
		"SOFTWARE\\WOW6432NODE\\MICROSOFT",
		"SYSTEM",
		"SYSTEM\\CURRENTCONTROLSET",
		"SYSTEM\\CURRENTCONTROLSET\\CONTROL",
		"SYSTEM\\CURRENTCONTROLSET\\SERVICES",
	};
	const char *below = memchr(key, '\\', length);

	if (!below)
		return true; /* a root, or a piece of it */
	length -= (size_t)(below + 1 - key);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strlen(keys[i]) == length && strncmp(keys[i], below + 1, length) == 0)
			return true;
	return strncmp(key, "HKU\\", 4) == 0 && !memchr(below + 1, '\\', length);
}

bool cleaning_is_too_wide(const struct pattern *pattern)
{
	size_t length = strcspn(pattern->node, (char[]){ PATTERN_ANY, 0 });

	if (!pattern->below && !pattern->node[length])
		return false;
	if (pattern->node[length])
		while (length && pattern->node[length] != '\\')
			length--;
	return pattern->type == OBJECT_REGISTRY ? is_windows_key(pattern->node, length)
						: length <= strlen("C:");
}

/* Add one of its patterns, which is taken over. */
static int add_pattern(struct cleaning_rules *rules, const struct cleaning_rule *like,
		       struct object_pattern *object, const struct rule_scope *scope, struct error *err)
{
	struct cleaning_rule rule = *like;

	if (object->pattern.type == OBJECT_INI)
		return rule_scope_tell(scope, object->line, err,
				       "destinationCleanup removes no entries of ini files");
	if (cleaning_is_too_wide(&object->pattern))
		return rule_scope_tell(
			scope, object->line, err,
			"destinationCleanup of '%s' would take the target's Windows apart: nothing is removed",
			object->text);
	rule.pattern = object->pattern;
	rule.line = object->line;
	if (!array_push(rules, rule))
		return error_memory(err);
	object->pattern = (struct pattern){ 0 };
	return 0;
}

int cleaning_rules_add(struct cleaning_rules *rules, const struct rule_scope *scope, const struct rule *rule,
		       bool certain, struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };
	struct cleaning_rule cleaning = { .user = scope->user, .file = scope->file };

	if (!certain)
		return rule_scope_tell(
			scope, rule->line, err,
			"destinationCleanup depends on what could not be answered: nothing is removed");
	if (rule_filter_make(scope, rule->call, false, &cleaning.filter, err) < 0)
		return -1;
	if (cleaning.filter.kind == FILTER_STOPS)
		return 0;
	for (size_t i = 0; i < rule->object_count; i++)
		if (object_set_expand(scope, &rule->objects[i], false, &patterns, err) < 0)
			return -1;
	for (size_t i = 0; i < patterns.count; i++)
		if (add_pattern(rules, &cleaning, &patterns.items[i], scope, err) < 0)
			return -1;
	return 0;
}
