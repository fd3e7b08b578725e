/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_merge.c - see registry_merge.h */
#include "recover/registry/registry_merge.h"

#include "core/cleanup.h"

/* Values that come, borrowed. */
struct coming ARRAY(struct registry_value);

static void coming_release(struct coming *coming)
{
	array_release(coming);
}

static bool same_value(const struct registry_value *a, const struct registry_value *b)
{
	return a->type == b->type && a->size == b->size &&
	       (!a->size || memcmp(a->data, b->data, a->size) == 0);
}

/* True if what is there stays. */
static bool stays(enum registry_rule rule, const struct registry_value *here,
		  const struct registry_value *there)
{
	uint64_t mine, theirs;

	if (rule == REGISTRY_DESTINATION)
		return true;
	if (rule == REGISTRY_SOURCE || !registry_value_number(here, &mine) ||
	    !registry_value_number(there, &theirs))
		return false;
	return rule == REGISTRY_HIGHER ? mine >= theirs : mine <= theirs;
}

/* Whether one value comes: it is added to @coming, and counted. */
static int weigh(const struct hive *hive, hive_key key, const struct registry_value *value,
		 enum registry_rule rule, struct coming *coming, struct registry_merged *merged,
		 struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value here = { 0 };
	int                                                   found = 0;

	if (rule == REGISTRY_NEITHER) {
		merged->left_out++;
		return 0;
	}
	if (key != NO_HIVE_KEY)
		found = hive_value(hive, key, value->name, &here, err);
	if (found < 0)
		return -1;
	if (found && same_value(&here, value)) {
		merged->same++;
		return 0;
	}
	if (found && stays(rule, &here, value)) {
		merged->kept++;
		return 0;
	}
	if (!array_push(coming, *value))
		return error_memory(err);
	if (found)
		merged->replaced++;
	else
		merged->added++;
	return 0;
}

int registry_merge(struct hive *hive, hive_key root, const char *path, const struct registry_values *values,
		   registry_rule_of *rule_of, void *context, struct registry_merged *merged,
		   struct error *err)
{
	CLEANUP(coming_release) struct coming coming = { 0 };
	struct registry_merged                sum = *merged;
	hive_key                              key = NO_HIVE_KEY;
	int                                   found = hive_find(hive, root, path, &key, err);

	if (found < 0)
		return -1;
	if (!found)
		key = NO_HIVE_KEY;
	for (size_t i = 0; i < values->count; i++)
		if (weigh(hive, key, &values->items[i], rule_of(context, path, &values->items[i]), &coming,
			  &sum, err) < 0)
			return -1;
	if (!found && (coming.count || !values->count)) {
		if (hive_make_key(hive, root, path, &key, err) < 0)
			return -1;
		sum.keys_made++;
	}
	if (coming.count && hive_set_values(hive, key, coming.items, coming.count, err) < 0)
		return -1;
	*merged = sum;
	return 0;
}
