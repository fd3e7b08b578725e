/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fact_set.c - see fact_set.h */
#include "scan/recall/fact_set.h"

#include "core/checksum.h"

#define SLOTS_MIN 1024u

void fact_set_init(struct fact_set *set, struct facts *facts)
{
	*set = (struct fact_set){ .facts = facts, .first = facts->list.count };
}

static uint64_t hash_of(const struct fact *fact, const uint8_t *text, size_t size)
{
	uint64_t key[3] = { fact->file, fact->parent, checksum(text, size) };

	return checksum(key, sizeof key);
}

/* Where the fact is, or the empty slot where it would be. */
static uint32_t *find_slot(const struct fact_set *set, const struct fact *fact, const uint8_t *text,
			   size_t size)
{
	for (size_t at = (size_t)hash_of(fact, text, size);; at++) {
		uint32_t          *slot = &set->slots[at & (set->size - 1)];
		const struct fact *other;

		if (!*slot)
			return slot;
		other = &set->facts->list.items[set->first + *slot - 1];
		if (other->file == fact->file && other->parent == fact->parent && 2u * other->units == size &&
		    memcmp(facts_text(set->facts, other), text, size) == 0)
			return slot;
	}
}

/* Twice the slots; half of them at least are empty. */
static bool grow(struct fact_set *set)
{
	struct fact_set larger = *set;

	larger.size = set->size ? 2 * set->size : SLOTS_MIN;
	larger.slots = calloc(larger.size, sizeof *larger.slots);
	if (!larger.slots)
		return false;
	for (size_t i = set->first; i < set->facts->list.count; i++) {
		const struct fact *fact = &set->facts->list.items[i];

		*find_slot(&larger, fact, facts_text(set->facts, fact), 2u * fact->units) =
			(uint32_t)(i - set->first + 1);
	}
	free(set->slots);
	*set = larger;
	return true;
}

/* What is whole, in its place and in use, there or where it was; then what is younger.  The place settles the rest. */
static bool is_better(const struct fact *fact, const struct fact *other)
{
	unsigned flaws = fact->flags & (FACT_TORN | FACT_CARVED);
	unsigned other_flaws = other->flags & (FACT_TORN | FACT_CARVED);

	if (flaws != other_flaws)
		return flaws < other_flaws;
	if (fact->source != other->source)
		return fact->source < other->source;
	if ((fact->flags ^ other->flags) & FACT_IN_USE)
		return fact->flags & FACT_IN_USE;
	if (fact->moment != other->moment)
		return fact->moment > other->moment;
	if (fact->time != other->time)
		return fact->time > other->time;
	return fact->offset < other->offset;
}

int fact_set_add(struct fact_set *set, struct fact fact, struct bytes name, struct error *err)
{
	size_t       count = set->facts->list.count - set->first;
	struct fact *other;
	uint32_t    *slot;

	if (count >= UINT32_MAX || (2 * (count + 1) > set->size && !grow(set)))
		return error_memory(err);
	slot = find_slot(set, &fact, name.at, name.left);
	if (!*slot) {
		*slot = (uint32_t)count + 1;
		return facts_add(set->facts, fact, name, err);
	}
	other = &set->facts->list.items[set->first + *slot - 1];
	if (is_better(&fact, other)) {
		fact.text = other->text;
		fact.units = other->units;
		*other = fact;
	}
	return 0;
}

void fact_set_remove_unowned(struct fact_set *set, file_ref parent, struct bytes name)
{
	struct fact wanted = { .parent = parent };
	uint32_t   *slot = set->size ? find_slot(set, &wanted, name.at, name.left) : NULL;

	if (slot && *slot)
		set->facts->list.items[set->first + *slot - 1].units = 0;
}

static int compare_place(const void *a, const void *b)
{
	const struct fact *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

void fact_set_finish(struct fact_set *set)
{
	struct fact_list *list = &set->facts->list;
	size_t            kept = set->first;

	for (size_t i = set->first; i < list->count; i++)
		if (list->items[i].units)
			list->items[kept++] = list->items[i];
	list->count = kept;
	if (kept > set->first)
		qsort(list->items + set->first, kept - set->first, sizeof *list->items, compare_place);
	free(set->slots);
	*set = (struct fact_set){ 0 };
}
