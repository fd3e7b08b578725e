/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_cleaning.c - see registry_cleaning.h */
#include "recover/engine/registry_cleaning.h"

#include "core/cleanup.h"
#include "recover/rules/registry_walk.h"

#include <string.h>

/* A key that the pattern means. */
struct meant_key {
	char *path; /* "HKCU\Software\X" */
};

struct meant_keys ARRAY(struct meant_key);

static void meant_keys_release(struct meant_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		free(keys->items[i].path);
	array_release(keys);
}

static int add_key(void *context, const struct hive *hive, hive_key key, const char *path, struct error *err)
{
	struct meant_key meant = { strdup(path) };

	(void)hive;
	(void)key;
	if (meant.path && array_push((struct meant_keys *)context, meant))
		return 0;
	free(meant.path);
	return error_memory(err);
}

/* -------- telling -------- */

static int tell(struct registry_arrivals *arrivals, const struct cleaning_rule *rule, const char *path,
		const char *name, struct error *err)
{
	char *what = NULL, *why = NULL;

	if (asprintf(&what, name ? "%s [%s]" : "%s", path, name) < 0)
		what = NULL;
	if (asprintf(&why, "destinationCleanup, %s line %d%s%s", rule->file, rule->line,
		     rule->user ? ", of " : "", rule->user ? rule->user->name : "") < 0)
		why = NULL;
	return restore_note(&arrivals->report->cleaned, what, why, err);
}

/* -------- one key -------- */

/* A key of the target that is looked at. */
struct looked {
	struct registry_arrivals   *arrivals;
	const struct cleaning_rule *rule;
	const char                 *path;
	struct registry_place       place;
	hive_key                    key;
};

/* Take a value away, unless it comes: then it comes as if there had been none. */
static int clean_value(const struct looked *at, const struct registry_value *value, bool *left,
		       struct error *err)
{
	const char              *name = value->name;
	struct registry_arrival *coming = registry_arrivals_find(at->arrivals, &at->place, name);
	bool                     meant = pattern_means_leaf(&at->rule->pattern, name) &&
		     rule_filter_passes_value(&at->rule->filter, value);

	*left = *left || coming || !meant;
	if (coming)
		coming->anew = coming->anew || meant;
	if (coming || !meant)
		return 0;
	if (hive_delete_value(at->place.hive, at->key, name, err) < 0 ||
	    tell(at->arrivals, at->rule, at->path, name, err) < 0)
		return -1;
	return registry_arrivals_touch(at->arrivals, at->place.hive, err);
}

static int clean_values(const struct looked *at, bool *left, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };

	if (hive_values(at->place.hive, at->key, &values, err) < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++)
		if (clean_value(at, &values.items[i], left, err) < 0)
			return -1;
	return 0;
}

/* Take the key away if it is meant, empty, and nothing comes to it or below it. */
static int clean_key_itself(const struct looked *at, struct error *err)
{
	struct hive_keys children = { 0 };
	size_t           count;
	int              result = hive_children(at->place.hive, at->key, &children, err);

	count = children.count;
	array_release(&children);
	if (result < 0 || count || !*at->place.path || at->rule->filter.kind != FILTER_PASSES ||
	    !pattern_means_leaf(&at->rule->pattern, NULL) ||
	    registry_arrivals_find(at->arrivals, &at->place, NULL))
		return result;
	if (hive_delete_key(at->place.hive, at->key, err) < 0 ||
	    tell(at->arrivals, at->rule, at->path, NULL, err) < 0)
		return -1;
	return registry_arrivals_touch(at->arrivals, at->place.hive, err);
}

static int clean_key(struct registry_arrivals *arrivals, const struct cleaning_rule *rule, const char *path,
		     struct error *err)
{
	struct looked at = { .arrivals = arrivals, .rule = rule, .path = path };
	bool          left = false;
	int           found = windows_registry_place(arrivals->windows, rule->user, path, &at.place, err);

	if (found == 1 && (!at.place.hive->handle || at.place.hive == &arrivals->windows->sam))
		found = 0;
	if (found == 1)
		found = hive_find(at.place.hive, hive_root(at.place.hive), at.place.path, &at.key, err);
	if (found == 1)
		found = clean_values(&at, &left, err) < 0 ? -1 : 1;
	if (found == 1 && !left)
		found = clean_key_itself(&at, err);
	registry_place_release(&at.place);
	return found < 0 ? -1 : 0;
}

/* -------- all of them -------- */

static int compare_depth(const void *a, const void *b)
{
	const struct meant_key *left = a, *right = b;
	size_t                  one = strlen(left->path), other = strlen(right->path);

	if (one != other)
		return one > other ? -1 : 1; /* what is below is longer */
	return strcmp(left->path, right->path);
}

/* A part of the registry that cannot be read is left alone. */
static int pass_over(struct registry_arrivals *arrivals, int result, struct error *err)
{
	if (result >= 0 || err->kind == ERROR_MEMORY)
		return result;
	return restore_note(&arrivals->report->unhonoured, strdup(*err->path ? err->path : "registry"),
			    strdup(err->text), err);
}

static int clean(struct registry_arrivals *arrivals, const struct cleaning_rule *rule, struct error *err)
{
	CLEANUP(meant_keys_release) struct meant_keys keys = { 0 };

	if (pass_over(arrivals,
		      registry_walk(arrivals->windows, rule->user, &rule->pattern, add_key, &keys, err),
		      err) < 0)
		return -1;
	if (keys.count)
		qsort(keys.items, keys.count, sizeof *keys.items, compare_depth);
	for (size_t i = 0; i < keys.count; i++)
		if (clean_key(arrivals, rule, keys.items[i].path, err) < 0)
			return -1;
	return 0;
}

int registry_cleaning_run(struct registry_arrivals *arrivals, const struct cleaning_rules *rules,
			  struct error *err)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct cleaning_rule *rule = &rules->items[i];
		bool speaks = rule->filter.kind == FILTER_PASSES || rule->filter.kind == FILTER_TEXT;

		if (rule->pattern.type == OBJECT_REGISTRY && speaks && clean(arrivals, rule, err) < 0)
			return -1;
	}
	return 0;
}
