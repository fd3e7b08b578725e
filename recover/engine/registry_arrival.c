/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_arrival.c - see registry_arrival.h */
#include "recover/engine/registry_arrival.h"

#include "core/cleanup.h"
#include "recover/engine/registry_cleaning.h"
#include "recover/registry/registry_file.h"

#include <string.h>
#include <strings.h>

static void arrival_release(struct registry_arrival *arrival)
{
	free(arrival->key);
	registry_place_release(&arrival->place);
	registry_value_release(&arrival->value);
}

void registry_arrivals_release(struct registry_arrivals *arrivals)
{
	for (size_t i = 0; i < arrivals->count; i++)
		arrival_release(&arrivals->items[i]);
	array_release(arrivals);
	array_release(&arrivals->changed);
}

/* -------- telling -------- */

static int tell(struct restore_notes *notes, const char *what, const char *why, struct error *err)
{
	return restore_note(notes, strdup(what), strdup(why), err);
}

/* "HKCU\Key [Name]"; NULL without memory.  To be freed. */
static char *value_location(const char *key, const char *name)
{
	char *location;

	return asprintf(&location, name ? "%s [%s]" : "%s", key, name) < 0 ? NULL : location;
}

/* -------- where each goes -------- */

static enum registry_rule rule_of(enum merge_rule merge)
{
	switch (merge) {
	case MERGE_DESTINATION:
		return REGISTRY_DESTINATION;
	case MERGE_HIGHER:
		return REGISTRY_HIGHER;
	case MERGE_LOWER:
		return REGISTRY_LOWER;
	default:
		return REGISTRY_SOURCE;
	}
}

/* Place it; it is told, and dropped, where no hive can take it. */
static int add_placed(struct registry_arrivals *arrivals, struct registry_arrival *arrival, struct error *err)
{
	int found =
		windows_registry_place(arrivals->windows, arrival->user, arrival->key, &arrival->place, err);

	if (found == 1 && arrival->place.hive->handle && arrival->place.hive != &arrivals->windows->sam) {
		arrival->order = arrivals->count;
		if (array_push(arrivals, *arrival)) {
			*arrival = (struct registry_arrival){ 0 };
			return 0;
		}
		return error_memory(err);
	}
	if (found < 0)
		return -1;
	for (size_t i = arrivals->report->left_out.count; i-- > 0;) /* once a key */
		if (strcmp(arrivals->report->left_out.items[i].path, arrival->key) == 0)
			return 0;
	return tell(&arrivals->report->left_out, arrival->key,
		    found ? "its hive on the target cannot be changed"
			  : "it has no place in the target's registry",
		    err);
}

/* What the rules say of it: 1, 0 if it stays in the store (told), -1. */
static int route(struct registry_arrivals *arrivals, struct registry_arrival *arrival, struct error *err)
{
	CLEANUP(placement_release) struct placement placement = { 0 };

	if (!arrivals->placements)
		return 1;
	if (placements_of_value(arrivals->placements, arrival->user, arrival->key, arrival->value.name,
				&placement, err) < 0)
		return -1;
	if (!placement.path)
		return restore_note(&arrivals->report->kept,
				    value_location(arrival->key, arrival->value.name), strdup(placement.why),
				    err);
	free(arrival->key);
	free(arrival->value.name);
	arrival->key = TAKE(placement.path);
	arrival->value.name = TAKE(placement.name);
	arrival->rule = rule_of(placement.merge);
	arrival->content = placement.content;
	return 1;
}

/* One value of a stored key, which is taken over; with NULL the key alone. */
static int add_value(struct registry_arrivals *arrivals, const struct user_profile *user, const char *key,
		     struct registry_value *value, struct error *err)
{
	CLEANUP(arrival_release) struct registry_arrival arrival = { .user = user, .key = strdup(key) };
	int                                              comes;

	if (value) {
		arrival.value = *value;
		*value = (struct registry_value){ 0 };
	}
	if (!arrival.key)
		return error_memory(err);
	comes = route(arrivals, &arrival, err);
	return comes == 1 ? add_placed(arrivals, &arrival, err) : comes;
}

int registry_arrivals_add(struct registry_arrivals *arrivals, const struct user_profile *user,
			  const char *name, struct bytes file, struct error *err)
{
	CLEANUP(registry_file_release) struct registry_file registry = { 0 };

	if (registry_file_parse(&registry, name, file, err) < 0)
		return -1;
	for (size_t i = 0; i < registry.count; i++) {
		struct registry_file_key *key = &registry.items[i];

		if (!key->values.count && add_value(arrivals, user, key->path, NULL, err) < 0)
			return -1;
		for (size_t j = 0; j < key->values.count; j++)
			if (add_value(arrivals, user, key->path, &key->values.items[j], err) < 0)
				return -1;
	}
	return 0;
}

/* -------- in the order of places -------- */

static int compare_hive(const struct registry_place *left, const struct registry_place *right)
{
	if (left->hive != right->hive)
		return left->hive < right->hive ? -1 : 1;
	return strcasecmp(left->path, right->path);
}

/* The key first, then its values by name. */
static int compare_name(const char *left, const char *right)
{
	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcasecmp(left, right);
}

static int compare_arrival(const void *a, const void *b)
{
	const struct registry_arrival *left = a, *right = b;
	int                            order = compare_hive(&left->place, &right->place);

	if (order == 0)
		order = compare_name(left->value.name, right->value.name);
	return order ? order : (left->order > right->order) - (left->order < right->order);
}

/* Of two that are moved to one place the first stays. */
static void settle(struct registry_arrivals *arrivals)
{
	size_t kept = 0;

	if (arrivals->count)
		qsort(arrivals->items, arrivals->count, sizeof *arrivals->items, compare_arrival);
	for (size_t i = 0; i < arrivals->count; i++) {
		struct registry_arrival *item = &arrivals->items[i],
					*last = kept ? &arrivals->items[kept - 1] : NULL;

		if (last && compare_hive(&last->place, &item->place) == 0 &&
		    compare_name(last->value.name, item->value.name) == 0)
			arrival_release(item);
		else
			arrivals->items[kept++] = *item;
	}
	arrivals->count = kept;
}

static bool is_at_or_below(const struct registry_place *place, const struct registry_place *above)
{
	size_t length = strlen(above->path);

	return place->hive == above->hive && strncasecmp(place->path, above->path, length) == 0 &&
	       (!length || !place->path[length] || place->path[length] == '\\');
}

static bool is_before(const struct registry_arrival *item, const struct registry_place *place,
		      const char *name)
{
	int order = compare_hive(&item->place, place);

	return order < 0 || (order == 0 && name && compare_name(item->value.name, name) < 0);
}

struct registry_arrival *registry_arrivals_find(const struct registry_arrivals *arrivals,
						const struct registry_place *place, const char *name)
{
	size_t first = partition_point(0, arrivals->count, at, is_before(&arrivals->items[at], place, name));

	for (size_t i = first; i < arrivals->count; i++) {
		struct registry_arrival *item = &arrivals->items[i];

		if (name && compare_hive(&item->place, place) == 0 &&
		    compare_name(item->value.name, name) == 0)
			return item;
		if (!name && is_at_or_below(&item->place, place))
			return item;
		/* others may stand between a key and what is below it: "A B" sorts before "A\B" */
		if (name || item->place.hive != place->hive ||
		    strncasecmp(item->place.path, place->path, strlen(place->path)) != 0)
			return NULL;
	}
	return NULL;
}

/* -------- merging -------- */

int registry_arrivals_touch(struct registry_arrivals *arrivals, const struct hive *hive, struct error *err)
{
	if (registry_arrivals_changed(arrivals, hive))
		return 0;
	return array_push(&arrivals->changed, hive) ? 0 : error_memory(err);
}

bool registry_arrivals_changed(const struct registry_arrivals *arrivals, const struct hive *hive)
{
	for (size_t i = 0; i < arrivals->changed.count; i++)
		if (arrivals->changed.items[i] == hive)
			return true;
	return false;
}

static int tell_unchanged(struct registry_arrivals *arrivals, const struct registry_arrival *arrival,
			  struct error *err)
{
	char *why;

	if (asprintf(&why, "%s (line %d) can make nothing of its content: it comes back as it is stored",
		     arrival->content.call->name, arrival->content.call->line) < 0)
		why = NULL;
	return restore_note(&arrivals->report->unhonoured, value_location(arrival->key, arrival->value.name),
			    why, err);
}

/* What the target has in the value's place: 1, 0, -1. */
static int find_there(const struct registry_arrival *arrival, struct registry_value *there, struct error *err)
{
	const struct hive *hive = arrival->place.hive;
	hive_key           key;
	int                found = hive_find(hive, hive_root(hive), arrival->place.path, &key, err);

	return found == 1 ? hive_value(hive, key, arrival->value.name, there, err) : found;
}

/* What contentModify makes of it. */
static int modify(struct registry_arrivals *arrivals, struct registry_arrival *arrival, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value there = { 0 }, made = { 0 };
	int                                                   found, result;

	if (!arrival->content.call || !arrival->value.name)
		return 0;
	found = arrival->anew ? 0 : find_there(arrival, &there, err);
	if (found < 0)
		return -1;
	result = content_modify_apply(&arrival->content, &arrival->value, found ? &there : NULL, &made, err);
	if (result == CONTENT_AS_STORED)
		return tell_unchanged(arrivals, arrival, err);
	if (result == CONTENT_STAYS)
		arrival->rule = REGISTRY_NEITHER;
	if (result == CONTENT_MADE) {
		struct registry_value stored = arrival->value;

		arrival->value = made;
		made = stored;
	}
	return result < 0 ? -1 : 0;
}

/* The values of one key as registry_merge wants them. */
struct group {
	struct registry_values   values; /* borrowed from .first on */
	struct registry_arrival *first;
};

static enum registry_rule group_rule(void *context, const char *path, const struct registry_value *value)
{
	const struct group            *group = context;
	const struct registry_arrival *arrival = &group->first[value - group->values.items];
	struct error                   ignored;

	(void)path;
	if (hive_check_value(arrival->place.hive, value, &ignored) < 0)
		return REGISTRY_NEITHER; /* told (tell_unfit) */
	return arrival->anew && arrival->rule != REGISTRY_NEITHER ? REGISTRY_SOURCE : arrival->rule;
}

/* A value that the hive cannot hold stays in the store; all others come. */
static int tell_unfit(struct registry_arrivals *arrivals, const struct registry_arrival *arrival, struct error *err)
{
	if (hive_check_value(arrival->place.hive, &arrival->value, err) == 0)
		return 0;
	return err->kind == ERROR_MEMORY ? -1
					 : restore_note(&arrivals->report->left_out, strdup(arrival->place.hive->name),
							strdup(err->text), err);
}

static int merge_group(struct registry_arrivals *arrivals, struct registry_arrival *first, size_t count,
		       struct error *err)
{
	struct group           group = { .first = first };
	struct registry_merged merged = { 0 };
	int                    result = 0;

	if (!first->value.name) { /* the key itself, which values bring along */
		group.first++;
		count--;
	}
	group.values.items = malloc((count + 1) * sizeof *group.values.items);
	if (!group.values.items)
		return error_memory(err);
	for (size_t i = 0; result == 0 && i < count; i++) {
		result = modify(arrivals, &group.first[i], err);
		if (result == 0)
			result = tell_unfit(arrivals, &group.first[i], err);
		group.values.items[group.values.count++] = group.first[i].value;
	}
	if (result == 0)
		result = registry_merge(first->place.hive, hive_root(first->place.hive), first->place.path,
					&group.values, group_rule, &group, &merged, err);
	if (result < 0 && err->kind != ERROR_MEMORY) /* one key costs no more than itself */
		result = restore_note(&arrivals->report->left_out, strdup(first->place.hive->name), strdup(err->text), err);
	free(group.values.items);
	arrivals->report->values += merged.added + merged.replaced + merged.same + merged.kept;
	arrivals->report->values_set += merged.added + merged.replaced;
	arrivals->report->values_kept += merged.kept + merged.left_out;
	if (result < 0 || (!merged.keys_made && !merged.added && !merged.replaced))
		return result;
	return registry_arrivals_touch(arrivals, first->place.hive, err);
}

int registry_arrivals_merge(struct registry_arrivals *arrivals, struct error *err)
{
	size_t count;

	settle(arrivals);
	if (arrivals->placements &&
	    registry_cleaning_run(arrivals, placements_cleaning(arrivals->placements), err) < 0)
		return -1;
	for (size_t at = 0; at < arrivals->count; at += count) {
		for (count = 1; at + count < arrivals->count; count++)
			if (compare_hive(&arrivals->items[at].place, &arrivals->items[at + count].place) != 0)
				break;
		if (merge_group(arrivals, &arrivals->items[at], count, err) < 0)
			return -1;
	}
	return 0;
}
