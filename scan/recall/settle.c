/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settle.c - see settle.h */
#include "scan/recall/settle.h"

#include "scan/extension.h"

#include <string.h>

/* All facts about one file: [first, end) of the sorted list. */
struct group {
	struct facts            *facts;
	struct inventory        *inventory;
	const struct extensions *extensions;
	size_t                   first, end;
	uint32_t                 row;       /* of the file's life, or NO_ROW */
	bool                     directory; /* it has one name at a time */
};

/* -------- order -------- */

static int compare_text(const struct facts *facts, const struct fact *left, const struct fact *right)
{
	if (left->units != right->units)
		return left->units < right->units ? -1 : 1;
	return memcmp(facts_text(facts, left), facts_text(facts, right), 2u * left->units);
}

/* What has no place first; then by file, parent, text; then the strongest source first, and of one source the latest. */
static int compare_fact(const void *a, const void *b, void *of)
{
	const struct fact *left = a, *right = b;
	int                text;

	if ((left->verdict == VERDICT_UNATTACHED) != (right->verdict == VERDICT_UNATTACHED))
		return left->verdict == VERDICT_UNATTACHED ? -1 : 1;
	if (left->file != right->file)
		return left->file < right->file ? -1 : 1;
	if (left->parent != right->parent)
		return left->parent < right->parent ? -1 : 1;
	text = compare_text(of, left, right);
	if (text)
		return text;
	if (left->source != right->source)
		return left->source < right->source ? -1 : 1;
	if (left->moment != right->moment)
		return left->moment > right->moment ? -1 : 1;
	if (left->time != right->time)
		return left->time > right->time ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* -------- places -------- */

/* Could the table have had this life: is it there, or over? */
static bool is_reached(const struct inventory *inventory, file_ref ref)
{
	uint64_t              record = file_ref_record(ref);
	const struct mft_row *row;

	if (record >= inventory->mft.records || !file_ref_sequence(ref))
		return false;
	row = &inventory->rows[record];
	if (!(row->flags & ROW_DECODED) || row->flags & ROW_MISPLACED)
		return true; /* nothing speaks against it */
	if (!(row->flags & ROW_IN_USE) && row->sequence == 1)
		return file_ref_sequence(ref) != 1; /* the numbers went round: the life at 1 would be the next */
	return file_ref_sequence(ref) <= file_ref_sequence(inventory_ref(inventory, (uint32_t)record));
}

static bool is_file(const struct inventory *inventory, file_ref ref)
{
	uint32_t row = inventory_row_of(inventory, ref);

	return row != NO_ROW && !(inventory->rows[row].flags & ROW_DIRECTORY) && file_ref_record(ref) != ROOT_RECORD;
}

/* The directory goes on, as far as its record says. */
static bool is_live_directory(const struct inventory *inventory, file_ref ref)
{
	uint32_t row = inventory_row_of(inventory, ref);

	return file_ref_record(ref) == ROOT_RECORD || (row != NO_ROW && inventory->rows[row].flags & ROW_IN_USE);
}

static bool has_place(const struct inventory *inventory, const struct fact *fact)
{
	return fact->file && fact->parent && fact->file != fact->parent && is_reached(inventory, fact->file) &&
	       is_reached(inventory, fact->parent) && !is_file(inventory, fact->parent);
}

/* -------- one file -------- */

static struct fact *fact_at(const struct group *group, size_t index)
{
	return &group->facts->list.items[index];
}

static struct bytes text_of(const struct group *group, const struct fact *fact)
{
	return (struct bytes){ facts_text(group->facts, fact), 2u * fact->units, 0 };
}

static bool same_name(const struct group *group, size_t a, size_t b)
{
	return fact_at(group, a)->parent == fact_at(group, b)->parent &&
	       compare_text(group->facts, fact_at(group, a), fact_at(group, b)) == 0;
}

static bool is_directory(const struct group *group)
{
	for (size_t i = group->first; i < group->end; i++)
		if (fact_at(group, i)->flags & FACT_DIRECTORY)
			return true;
	return group->row != NO_ROW && group->inventory->rows[group->row].flags & ROW_DIRECTORY;
}

/* Does a record of the file hold a long name in @parent; of a directory, in any? */
static bool record_names_in(const struct group *group, file_ref parent)
{
	const struct inventory *inventory = group->inventory;
	size_t                  count = 0;
	const struct extension *extension = extensions_of(group->extensions, fact_at(group, group->first)->file, &count);

	if (count > EXTENSIONS_ASKED)
		count = EXTENSIONS_ASKED;
	for (size_t i = 0; i <= count; i++) {
		uint32_t              number = i < count ? extension[i].record : group->row;
		const struct mft_row *row = number == NO_ROW ? NULL : &inventory->rows[number];

		for (uint32_t j = 0; row && j < row->names; j++) {
			const struct name_row *name = &inventory->names.items[row->first_name + j];

			if ((name->parent == parent || group->directory) && name->space != NAME_DOS)
				return true;
		}
	}
	return false;
}

/* The fact at @index is the strongest and latest that says its name: what does it come to? */
static enum fact_verdict judge_name(const struct group *group, size_t index)
{
	const struct fact       *fact = fact_at(group, index);
	const struct inventory  *inventory = group->inventory;
	const struct mft_row    *row = group->row == NO_ROW ? NULL : &inventory->rows[group->row];

	if (inventory_has_name(inventory, group->extensions, fact->file, fact->parent, text_of(group, fact)))
		return VERDICT_KNOWN;
	if (fact->flags & FACT_RENAMED)
		return VERDICT_EARLIER;
	if (row && row->flags & ROW_IN_USE && is_live_directory(inventory, fact->parent))
		return row->flags & (ROW_TORN | ROW_DAMAGED) && fact->source == FACT_INDEX ? VERDICT_NAMED
											      : VERDICT_EARLIER;
	if (fact->space != NAME_DOS && record_names_in(group, fact->parent))
		return VERDICT_EARLIER;
	return VERDICT_NAMED;
}

static bool is_stronger(const struct fact *left, const struct fact *right)
{
	if (left->source != right->source)
		return left->source < right->source;
	return left->moment != right->moment ? left->moment > right->moment : left->time > right->time;
}

/* Of several long names, [from, to), one stays. */
static void choose_one(const struct group *group, size_t from, size_t to)
{
	struct fact *best = NULL;

	for (size_t i = from; i < to; i++) {
		struct fact *fact = fact_at(group, i);

		if (fact->verdict != VERDICT_NAMED || fact->space == NAME_DOS)
			continue;
		if (!best || is_stronger(fact, best)) {
			if (best)
				best->verdict = VERDICT_EARLIER;
			best = fact;
		} else {
			fact->verdict = VERDICT_EARLIER;
		}
	}
}

/* What others say of a name follows what its strongest fact came to. */
static void spread_verdicts(const struct group *group)
{
	for (size_t i = group->first + 1; i < group->end; i++)
		if (same_name(group, i - 1, i)) {
			enum fact_verdict verdict = fact_at(group, i - 1)->verdict;

			fact_at(group, i)->verdict = verdict == VERDICT_NAMED ? VERDICT_AGREES : (uint8_t)verdict;
		}
}

static int add_names(const struct group *group, struct error *err)
{
	for (size_t i = group->first; i < group->end; i++) {
		const struct fact *fact = fact_at(group, i);
		struct name_row    name = { .parent = fact->parent,
					    .space = fact->space,
					    .source = fact->source,
					    .directory = (fact->flags & FACT_DIRECTORY) != 0 };

		if (fact->verdict == VERDICT_NAMED &&
		    inventory_add_name(group->inventory, name, text_of(group, fact),
				       (struct remembered){ fact->file, fact->offset, fact->moment }, err) < 0)
			return -1;
	}
	return 0;
}

static int settle_file(struct group *group, struct error *err)
{
	size_t from = group->first;

	group->row = inventory_row_of(group->inventory, fact_at(group, from)->file);
	group->directory = is_directory(group);
	for (size_t i = group->first; i < group->end; i++)
		if (i == group->first || !same_name(group, i - 1, i))
			fact_at(group, i)->verdict = (uint8_t)judge_name(group, i);
	for (size_t i = from; i <= group->end; i++)
		if (i == group->end ||
		    (!group->directory && fact_at(group, i)->parent != fact_at(group, from)->parent)) {
			choose_one(group, from, i);
			from = i;
		}
	spread_verdicts(group);
	return add_names(group, err);
}

/* -------- all of them -------- */

int facts_settle(struct facts *facts, struct inventory *inventory, const struct extensions *extensions,
		 struct error *err)
{
	struct fact_list *list = &facts->list;
	struct group      group = { .facts = facts, .inventory = inventory, .extensions = extensions };

	for (size_t i = 0; i < list->count; i++)
		list->items[i].verdict = has_place(inventory, &list->items[i]) ? VERDICT_AGREES : VERDICT_UNATTACHED;
	if (list->count)
		qsort_r(list->items, list->count, sizeof *list->items, compare_fact, facts);
	while (group.end < list->count && list->items[group.end].verdict == VERDICT_UNATTACHED)
		group.end++;
	while (group.end < list->count) {
		group.first = group.end;
		while (group.end < list->count && list->items[group.end].file == list->items[group.first].file)
			group.end++;
		if (settle_file(&group, err) < 0)
			return -1;
	}
	return 0;
}

const char *fact_verdict_name(enum fact_verdict verdict)
{
	static const char *const names[VERDICTS] = { "unattached", "known", "named", "agrees", "earlier" };

	return names[verdict];
}
