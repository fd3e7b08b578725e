/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_object.c - see rule_object.h */
#include "recover/rules/rule_object.h"

#include "core/cleanup.h"
#include "recover/rules/matcher.h"
#include "recover/rules/registry_walk.h"

#include <ctype.h>
#include <string.h>

/* A path with each separator once, as variables put together have several; NULL without memory. */
static char *settled_path(const char *path)
{
	char *settled = malloc(strlen(path) + 1), *to = settled;

	for (; settled && *path; path++) {
		char c = *path == '/' ? '\\' : *path;

		if (c != '\\' || to == settled || to[-1] != '\\')
			*to++ = c;
	}
	while (settled && to > settled && to[-1] == '\\')
		to--;
	if (settled)
		*to = 0;
	return settled;
}

bool rule_object_file(const struct rule_scope *scope, const char *path, struct work_volume **volume,
		      uint32_t *record)
{
	CLEANUP(free_ptr) char *settled = settled_path(path);

	*volume = NULL;
	*record = NO_TREE_RECORD;
	if (!settled || !settled[0] || settled[1] != ':' || (settled[2] && settled[2] != '\\'))
		return false;
	*volume = work_volumes_find(scope->volumes, (char)toupper((unsigned char)settled[0]));
	if (*volume)
		*record = volume_tree_find(&(*volume)->tree, settled + 2);
	return *record != NO_TREE_RECORD;
}

/* -------- is there any? -------- */

static int see_file(void *context, const struct match *match, struct error *err)
{
	(void)context;
	(void)match;
	(void)err;
	return 1;
}

static int find_file(const struct rule_scope *scope, const struct pattern *pattern, struct error *err)
{
	int found = 0;

	for (size_t i = 0; found == 0 && i < scope->volumes->count; i++) {
		const struct work_volume *volume = &scope->volumes->items[i];

		found = matcher_walk(&volume->tree, volume->letter, &pattern, 1, NO_TREE_RECORD, see_file, NULL, err);
	}
	return found;
}

struct finding_values {
	const struct pattern   *pattern;
	struct registry_values *values; /* NULL: the first will do */
};

static void drop_value(struct registry_value *value)
{
	registry_value_release(value);
	*value = (struct registry_value){ 0 };
}

/* The values of a key that the pattern means are handed on. */
static int see_key(void *context, const struct hive *hive, hive_key key, const char *path, struct error *err)
{
	const struct finding_values *finding = context;
	struct registry_values       values = { 0 };
	int                          result;

	if (!finding->pattern->leaf)
		return 1;
	result = hive_values(hive, key, &values, err);
	for (size_t i = 0; result == 0 && i < values.count; i++) {
		struct registry_value *value = &values.items[i];

		if (!pattern_matches(finding->pattern, path, value->name))
			continue;
		if (!finding->values)
			result = 1;
		else if (array_push(finding->values, *value))
			*value = (struct registry_value){ 0 };
		else
			result = error_memory(err);
	}
	for (size_t i = 0; i < values.count; i++)
		drop_value(&values.items[i]);
	array_release(&values);
	return result;
}

/* Is it in a hive of the user's that could not be opened?  1, 0, -1. */
static int is_closed(const struct rule_scope *scope, const char *location, struct error *err)
{
	CLEANUP(registry_place_release) struct registry_place place = { 0 };
	int                                                   found = 0;

	if (scope->user && scope->user->trouble)
		found = windows_registry_place(scope->windows, scope->user, location, &place, err);
	return found == 1 ? !place.hive->handle : found;
}

/*
 * 1 if there is a value, @values NULL; 0.  A hive that is damaged there has nothing to say: told, *@damaged, and
 * gone on.
 */
static int find_values(const struct rule_scope *scope, const struct pattern *pattern, struct registry_values *values,
		       bool *damaged, struct error *err)
{
	struct finding_values finding = { pattern, values };
	int                   found;

	*damaged = false;
	if (!scope->windows)
		return 0;
	found = is_closed(scope, pattern->node, err);
	*damaged = found == 1;
	if (found)
		return found < 0 ? -1 : 0;
	found = registry_walk(scope->windows, scope->user, pattern, see_key, &finding, err);
	if (found >= 0 || err->kind == ERROR_MEMORY)
		return found;
	*damaged = true;
	return rule_scope_tell(scope, 0, err, "part of the registry cannot be read: %s", err->text);
}

int rule_object_exists(const struct rule_scope *scope, enum object_type type, const char *location,
		       enum answer *answer, struct error *err)
{
	CLEANUP(pattern_release) struct pattern pattern = { 0 };
	struct work_volume                     *volume;
	uint32_t                                record;
	bool                                    damaged = false;
	int                                     found = 0;

	*answer = ANSWER_UNKNOWN;
	if (type == OBJECT_INI)
		return 0;
	*answer = ANSWER_NO;
	if (type == OBJECT_FILE && rule_object_file(scope, location, &volume, &record)) {
		*answer = ANSWER_YES;
		return 0;
	}
	if (pattern_parse(&pattern, type, location, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	found = type == OBJECT_FILE ? find_file(scope, &pattern, err) :
				      find_values(scope, &pattern, NULL, &damaged, err);
	if (found == 1 || damaged)
		*answer = damaged ? ANSWER_UNKNOWN : ANSWER_YES;
	return found < 0 ? -1 : 0;
}

/* -------- what is in it -------- */

int rule_object_values(const struct rule_scope *scope, const char *location, struct registry_values *values,
		       struct error *err)
{
	CLEANUP(pattern_release) struct pattern pattern = { 0 };
	bool                                    damaged;

	*values = (struct registry_values){ 0 };
	if (pattern_parse(&pattern, OBJECT_REGISTRY, location, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 1;
	if (!pattern.leaf)
		return 1;
	return find_values(scope, &pattern, values, &damaged, err) < 0 ? -1 : !damaged;
}

int rule_object_texts(const struct rule_scope *scope, const char *location, struct texts *texts, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };
	int                                                     known;

	*texts = (struct texts){ 0 };
	known = rule_object_values(scope, location, &values, err);
	if (known < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++) {
		CLEANUP(free_ptr) char *text = NULL;

		if (registry_value_read_text(&values.items[i], &text, err) < 0 ||
		    (text && texts_add(texts, text, strlen(text), err) < 0))
			return -1;
	}
	return known;
}
