/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_plan.c - see capture_plan.h */
#include "recover/engine/capture_plan.h"

#include "core/cleanup.h"

#include <ctype.h>

/* A directory's place in the plan by its record; 0: not in it, else one more than its index. */
struct places {
	size_t *of_record;
};

static int add_folder(struct capture_plan *plan, struct places *places, struct planned_folder folder,
		      struct error *err)
{
	if (!array_push(plan, folder))
		return error_memory(err);
	places->of_record[folder.record] = plan->count;
	return 0;
}

/* The way from the root to @record, @record included: *@place is its index then. */
static int add_way(struct capture_plan *plan, const struct work_volume *volume, struct places *places,
		   uint32_t record, size_t *place, struct error *err)
{
	uint32_t way[PATH_DEPTH_MAX], names[PATH_DEPTH_MAX];
	size_t   depth = 0;

	for (; record != ROOT_RECORD; depth++) {
		size_t          count;
		const uint32_t *own = volume_tree_names(&volume->tree, record, &count);

		if (!count || depth == PATH_DEPTH_MAX)
			return error_set(err, ERROR_UNSUPPORTED, volume->source, "a tree lies too deep");
		way[depth] = record;
		names[depth] = own[0];
		for (size_t i = 0; i < count; i++)
			if (volume->tree.inventory.names.items[own[i]].space != NAME_DOS)
				names[depth] = own[i];
		record = volume_tree_parent(&volume->tree, own[0]);
	}
	*place = PLAN_ROOT;
	while (depth--) {
		struct planned_folder folder = { .record = way[depth], .parent = *place, .name = names[depth] };

		if (!places->of_record[way[depth]] && add_folder(plan, places, folder, err) < 0)
			return -1;
		*place = places->of_record[way[depth]] - 1;
	}
	return 0;
}

/* Everything below the directory at @top of the plan; the plan itself is the list of what is still to do. */
static int add_below(struct capture_plan *plan, const struct work_volume *volume, struct places *places,
		     size_t top, uint32_t except, struct error *err)
{
	plan->items[top].covered = true;
	for (size_t at = top; at < plan->count; at++) {
		const struct tree_child *children;
		size_t                   count;

		if (!plan->items[at].covered)
			continue;
		children = volume_tree_children(&volume->tree, plan->items[at].record, &count);
		for (size_t i = 0; i < count; i++) {
			uint32_t record = children[i].record;

			if (!volume_tree_is_directory(&volume->tree, record) || record == except ||
			    volume->tree.inventory.names.items[children[i].name].space == NAME_DOS)
				continue;
			if (places->of_record[record]) { /* on the way to another tree */
				plan->items[places->of_record[record] - 1].covered = true;
				continue;
			}
			if (add_folder(plan, places,
				       (struct planned_folder){ record, at, children[i].name, true }, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int add_tree(struct capture_plan *plan, const struct work_volume *volume, struct places *places,
		    const char *path, uint32_t except, struct error *err)
{
	uint32_t record = volume_tree_find(&volume->tree, path);
	size_t   place;

	if (record == NO_TREE_RECORD || record == except)
		return 0;
	if (record == ROOT_RECORD)
		return error_set(err, ERROR_USAGE, path,
				 "a whole volume cannot be a tree; name its folders one by one");
	if (!volume_tree_is_directory(&volume->tree, record))
		return error_set(err, ERROR_USAGE, path, "is a file; trees are folders");
	if (add_way(plan, volume, places, record, &place, err) < 0)
		return -1;
	return plan->items[place].covered ? 0 : add_below(plan, volume, places, place, except, err);
}

const char *capture_tree_on(const char *tree, char letter)
{
	if (!tree[0] || tree[1] != ':')
		return tree;
	return toupper((unsigned char)tree[0]) == letter ? tree + 2 : NULL;
}

int capture_plan_make(struct capture_plan *plan, const struct work_volume *volume, const char *const *trees,
		      size_t count, uint32_t except, struct error *err)
{
	struct places places = { calloc((size_t)volume->tree.inventory.count + 1, sizeof *places.of_record) };
	int           result = 0;

	*plan = (struct capture_plan){ 0 };
	if (!places.of_record)
		return error_memory(err);
	for (size_t i = 0; result == 0 && i < count; i++) {
		const char *path = capture_tree_on(trees[i], volume->letter);

		if (path)
			result = add_tree(plan, volume, &places, path, except, err);
	}
	free(places.of_record);
	return result;
}

/* A directory of which something was chosen. */
static int add_chosen(struct capture_plan *plan, const struct work_volume *volume, struct places *places,
		      uint32_t record, struct error *err)
{
	size_t place = places->of_record[record];

	if (place) {
		plan->items[place - 1].covered = true;
		return 0;
	}
	if (record == ROOT_RECORD)
		return add_folder(plan, places, (struct planned_folder){ record, PLAN_ROOT, NO_NAME, true }, err);
	if (add_way(plan, volume, places, record, &place, err) < 0)
		return -1;
	plan->items[place].covered = true;
	return 0;
}

/* What is chosen of the names in a directory. */
static int add_names(struct capture_plan *plan, const struct work_volume *volume, struct places *places,
		     uint32_t directory, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(&volume->tree, directory, &count);

	for (size_t i = 0; i < count; i++) {
		bool folder = volume_tree_is_directory(&volume->tree, children[i].record);

		if (plan->taken[children[i].name] &&
		    add_chosen(plan, volume, places, folder ? children[i].record : directory, err) < 0)
			return -1;
	}
	return 0;
}

int capture_plan_make_of_names(struct capture_plan *plan, const struct work_volume *volume, bool *taken,
			       struct error *err)
{
	struct places places = { calloc((size_t)volume->tree.inventory.count + 1, sizeof *places.of_record) };
	int           result = 0;

	*plan = (struct capture_plan){ .taken = taken };
	if (!places.of_record || !taken) {
		free(places.of_record);
		return error_memory(err);
	}
	for (uint32_t record = 0; result == 0 && record < volume->tree.inventory.count; record++)
		result = add_names(plan, volume, &places, record, err);
	free(places.of_record);
	return result;
}

void capture_plan_release(struct capture_plan *plan)
{
	free(TAKE(plan->taken));
	array_release(plan);
}

size_t capture_plan_root(const struct capture_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].record == ROOT_RECORD)
			return i;
	return PLAN_ROOT;
}

bool capture_plan_has(const struct work_volume *volume, const char *tree)
{
	const char *path = capture_tree_on(tree, volume->letter);

	return path && volume_tree_find(&volume->tree, path) != NO_TREE_RECORD;
}
