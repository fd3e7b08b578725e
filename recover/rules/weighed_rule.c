/* SPDX-License-Identifier: GPL-3.0-or-later */
/* weighed_rule.c - see weighed_rule.h */
#include "recover/rules/weighed_rule.h"

#include "core/cleanup.h"

struct weight {
	uint32_t include, exclude; /* ranks, 0 none */
	size_t   role;             /* of the include */
};

void weighed_rules_release(struct weighed_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		pattern_release(&rules->items[i].pattern);
	array_release(rules);
}

static int compare_rule(const void *a, const void *b)
{
	return pattern_compare(&(*(struct weighed_rule *const *)a)->pattern, &(*(struct weighed_rule *const *)b)->pattern);
}

int weighed_rules_rank(struct weighed_rules *rules, struct error *err)
{
	CLEANUP(free_ptr) struct weighed_rule **order = malloc((rules->count + 1) * sizeof *order);
	uint32_t                                rank = 1;

	if (!order)
		return error_memory(err);
	for (size_t i = 0; i < rules->count; i++)
		order[i] = &rules->items[i];
	qsort(order, rules->count, sizeof *order, compare_rule);
	for (size_t i = 0; i < rules->count; i++) {
		if (i && compare_rule(&order[i - 1], &order[i]) != 0)
			rank++;
		order[i]->rank = rank;
	}
	return 0;
}

int weighing_begin(struct weighing *weighing, size_t group_count, struct error *err)
{
	*weighing = (struct weighing){ .group_count = group_count };
	weighing->groups = calloc(group_count + 1, sizeof *weighing->groups);
	weighing->touched = malloc((group_count + 1) * sizeof *weighing->touched);
	return weighing->groups && weighing->touched ? 0 : error_memory(err);
}

void weighing_release(struct weighing *weighing)
{
	free(weighing->groups);
	free(weighing->touched);
	*weighing = (struct weighing){ 0 };
}

void weighing_clear(struct weighing *weighing)
{
	while (weighing->count)
		weighing->groups[weighing->touched[--weighing->count]] = (struct weight){ 0 };
	weighing->excluded = false;
}

void weighing_add(struct weighing *weighing, const struct weighed_rule *rule)
{
	struct weight *weight = &weighing->groups[rule->group];

	if (rule->kind == RULE_UNCONDITIONAL_EXCLUDE) {
		weighing->excluded = true;
		return;
	}
	if (!weight->include && !weight->exclude)
		weighing->touched[weighing->count++] = rule->group;
	if (rule->kind == RULE_EXCLUDE) {
		if (rule->rank > weight->exclude)
			weight->exclude = rule->rank;
	} else if (rule->rank > weight->include) {
		weight->include = rule->rank;
		weight->role = rule->role;
	}
}

bool weighing_next(const struct weighing *weighing, size_t *at, size_t *role)
{
	while (!weighing->excluded && *at < weighing->count) {
		const struct weight *weight = &weighing->groups[weighing->touched[(*at)++]];

		*role = weight->role;
		if (weight->include > weight->exclude)
			return true;
	}
	return false;
}
