/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_selection.c - see registry_selection.h */
#include "recover/rules/registry_selection.h"

#include "core/cleanup.h"
#include "recover/rules/registry_walk.h"

#include <string.h>
#include <strings.h>

/* A key that some rule includes something of. */
struct candidate {
	const struct user_profile *user;
	size_t                     group;
	char                      *path;
};

struct candidates ARRAY(struct candidate);

static void candidates_release(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++)
		free(candidates->items[i].path);
	array_release(candidates);
}

struct rule_list ARRAY(const struct weighed_rule *);

static void rule_list_release(struct rule_list *list)
{
	array_release(list);
}

struct selecting {
	struct rule_selection *selection;
	const struct windows  *windows;
	struct rule_list       by_group; /* the unconditional first, then sorted by group */
	size_t                 unconditional;
	struct rule_list       near; /* that mean the key at hand */
	struct weighing        weighing;
};

/* A hive that is damaged in one place: told, and gone on. */
static int pass_over(struct rule_selection *selection, const struct windows *windows, int result, struct error *err)
{
	struct unhonoured told = { .file = windows->directory };

	if (result >= 0 || err->kind == ERROR_MEMORY)
		return result;
	if (asprintf(&told.what, "%s: %s: settings there are not taken", err->path, err->text) < 0)
		told.what = NULL;
	if (told.what && array_push(&selection->unhonoured, told))
		return 0;
	free(told.what);
	return error_memory(err);
}

/* -------- keys -------- */

struct gathering {
	struct candidates         *candidates;
	const struct weighed_rule *rule;
};

static int gather_key(void *context, const struct hive *hive, hive_key key, const char *path, struct error *err)
{
	const struct gathering *gathering = context;
	struct candidate        candidate = { gathering->rule->user, gathering->rule->group, strdup(path) };

	(void)hive;
	(void)key;
	if (candidate.path && array_push(gathering->candidates, candidate))
		return 0;
	free(candidate.path);
	return error_memory(err);
}

static int compare_candidate(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->user != right->user)
		return left->user < right->user ? -1 : 1;
	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return strcasecmp(left->path, right->path);
}

/* Every key that an include means, once a group. */
static int gather_keys(struct selecting *selecting, struct candidates *candidates, const struct weighed_rules *rules,
		       struct error *err)
{
	const struct windows *windows = selecting->windows;
	size_t                kept = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct weighed_rule *rule = &rules->items[i];
		struct gathering           gathering = { candidates, rule };

		if (rule->kind == RULE_INCLUDE && rule->filter.kind != FILTER_STOPS &&
		    pass_over(selecting->selection, windows,
			      registry_walk(windows, rule->user, &rule->pattern, gather_key, &gathering, err), err) < 0)
			return -1;
	}
	if (candidates->count)
		qsort(candidates->items, candidates->count, sizeof *candidates->items, compare_candidate);
	for (size_t i = 0; i < candidates->count; i++)
		if (kept && compare_candidate(&candidates->items[kept - 1], &candidates->items[i]) == 0)
			free(candidates->items[i].path);
		else
			candidates->items[kept++] = candidates->items[i];
	candidates->count = kept;
	return 0;
}

/* -------- values -------- */

static bool is_of_user(const char *key)
{
	return strncasecmp(key, "HKCU", 4) == 0 && (!key[4] || key[4] == '\\');
}

int registry_selection_add(struct rule_selection *selection, const struct user_profile *user, char *key,
			   struct registry_value value, struct error *err)
{
	struct selected_value selected = { key && is_of_user(key) ? user : NULL, key, value };

	if (key && array_push(&selection->values, selected))
		return 0;
	free(key);
	registry_value_release(&value);
	return error_memory(err);
}

static bool means(const struct weighed_rule *rule, const struct registry_value *value)
{
	return pattern_means_leaf(&rule->pattern, value ? value->name : NULL) &&
	       (!value || rule_filter_passes_value(&rule->filter, value));
}

/* Does some role take the object, of whose key .near are the rules?  @value  NULL: the key itself */
static bool takes(struct selecting *selecting, const struct registry_value *value)
{
	size_t at = 0, role;
	bool   taken = false;

	weighing_clear(&selecting->weighing);
	for (size_t i = 0; i < selecting->near.count; i++)
		if (means(selecting->near.items[i], value))
			weighing_add(&selecting->weighing, selecting->near.items[i]);
	while (weighing_next(&selecting->weighing, &at, &role)) {
		taken = true;
		if (value)
			selecting->selection->components.items[role].values++;
	}
	return taken;
}

static int compare_group(const void *a, const void *b)
{
	const struct weighed_rule *left = *(const struct weighed_rule *const *)a;
	const struct weighed_rule *right = *(const struct weighed_rule *const *)b;
	bool                       left_first = left->kind == RULE_UNCONDITIONAL_EXCLUDE;
	bool                       right_first = right->kind == RULE_UNCONDITIONAL_EXCLUDE;

	if (left_first != right_first)
		return left_first ? -1 : 1;
	return (left->group > right->group) - (left->group < right->group);
}

static int sort_rules(struct selecting *selecting, const struct weighed_rules *rules, struct error *err)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->items[i].filter.kind == FILTER_STOPS)
			continue;
		if (!array_push(&selecting->by_group, &rules->items[i]))
			return error_memory(err);
		selecting->unconditional += rules->items[i].kind == RULE_UNCONDITIONAL_EXCLUDE;
	}
	if (selecting->by_group.count)
		qsort(selecting->by_group.items, selecting->by_group.count, sizeof *selecting->by_group.items,
		      compare_group);
	return 0;
}

static int add_near(struct selecting *selecting, const struct weighed_rule *rule, const struct candidate *candidate,
		    struct error *err)
{
	bool same = rule->user == candidate->user || !is_of_user(candidate->path) ||
		    (rule->kind == RULE_UNCONDITIONAL_EXCLUDE && !rule->user);

	if (!same || !pattern_means_node(&rule->pattern, candidate->path) || array_push(&selecting->near, rule))
		return 0;
	return error_memory(err);
}

/* The rules of the group, and those of all, that mean a key. */
static int find_near(struct selecting *selecting, const struct candidate *candidate, struct error *err)
{
	const struct weighed_rule *const *items = selecting->by_group.items;
	size_t                            count = selecting->by_group.count;
	size_t                            first =
		partition_point(selecting->unconditional, count, at, items[at]->group < candidate->group);

	selecting->near.count = 0;
	for (size_t i = 0; i < selecting->unconditional; i++)
		if (add_near(selecting, items[i], candidate, err) < 0)
			return -1;
	for (size_t i = first; i < count && items[i]->group == candidate->group; i++)
		if (add_near(selecting, items[i], candidate, err) < 0)
			return -1;
	return 0;
}

/* Hand a value over to the selection. */
static int take_value(struct selecting *selecting, const struct candidate *candidate, struct registry_value *value,
		      struct error *err)
{
	struct registry_value taken = *value;

	*value = (struct registry_value){ 0 };
	return registry_selection_add(selecting->selection, candidate->user, strdup(candidate->path), taken, err);
}

static int select_values(struct selecting *selecting, const struct candidate *candidate,
			 struct registry_values *values, struct error *err)
{
	struct registry_value none = { 0 };
	bool                  any = false;

	for (size_t i = 0; i < values->count; i++) {
		if (values->items[i].type == REGISTRY_LINK || !takes(selecting, &values->items[i]))
			continue;
		any = true;
		if (take_value(selecting, candidate, &values->items[i], err) < 0)
			return -1;
	}
	return any || !takes(selecting, NULL) ? 0 : take_value(selecting, candidate, &none, err);
}

static int select_key(struct selecting *selecting, const struct candidate *candidate, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };
	struct hive                                            *hive;
	hive_key                                                key;
	int found = windows_registry_find(selecting->windows, candidate->user, candidate->path, &hive, &key, err);

	if (found != 1)
		return found;
	if (hive_values(hive, key, &values, err) < 0 || find_near(selecting, candidate, err) < 0)
		return -1;
	return select_values(selecting, candidate, &values, err);
}

static void selecting_release(struct selecting *selecting)
{
	rule_list_release(&selecting->by_group);
	rule_list_release(&selecting->near);
	weighing_release(&selecting->weighing);
}

int registry_selection_make(struct rule_selection *selection, const struct weighed_rules *rules, size_t group_count,
			    const struct windows *windows, struct error *err)
{
	CLEANUP(candidates_release) struct candidates candidates = { 0 };
	CLEANUP(selecting_release) struct selecting   selecting = { .selection = selection, .windows = windows };

	if (!windows)
		return 0;
	if (weighing_begin(&selecting.weighing, group_count, err) < 0 || sort_rules(&selecting, rules, err) < 0 ||
	    gather_keys(&selecting, &candidates, rules, err) < 0)
		return -1;
	for (size_t i = 0; i < candidates.count; i++)
		if (pass_over(selection, windows, select_key(&selecting, &candidates.items[i], err), err) < 0)
			return -1;
	return 0;
}

/* -------- each place once -------- */

static int compare_place(const struct selected_value *left, const struct selected_value *right)
{
	int order;

	if (left->user != right->user)
		return left->user < right->user ? -1 : 1;
	order = strcasecmp(left->key, right->key);
	if (order)
		return order;
	if (!left->value.name || !right->value.name)
		return (left->value.name != NULL) - (right->value.name != NULL);
	return strcasecmp(left->value.name, right->value.name);
}

static int compare_value(const void *a, const void *b)
{
	const struct selected_value *left = *(struct selected_value *const *)a, *right = *(struct selected_value *const *)b;
	int                          order = compare_place(left, right);

	return order ? order : (left > right) - (left < right);
}

static void selected_value_release(struct selected_value *value)
{
	free(value->key);
	registry_value_release(&value->value);
}

int registry_selection_settle(struct rule_selection *selection, struct error *err)
{
	struct selected_values         *values = &selection->values;
	CLEANUP(free_ptr) struct selected_value **order = malloc((values->count + 1) * sizeof *order);
	struct selected_values          settled = { 0 };

	if (!order)
		return error_memory(err);
	for (size_t i = 0; i < values->count; i++)
		order[i] = &values->items[i];
	qsort(order, values->count, sizeof *order, compare_value);
	settled.items = malloc((values->count + 1) * sizeof *settled.items);
	if (!settled.items)
		return error_memory(err);
	settled.capacity = values->count + 1;
	for (size_t i = 0; i < values->count; i++)
		if (settled.count && compare_place(&settled.items[settled.count - 1], order[i]) == 0)
			selected_value_release(order[i]);
		else
			settled.items[settled.count++] = *order[i];
	free(values->items);
	*values = settled;
	return 0;
}
