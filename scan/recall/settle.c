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
	uint64_t                 moment;    /* LSN of its older record; 0: it has none, or that is not known */
	bool                     directory; /* it has one name at a time */
	const struct extension  *extension; /* records of the file, .extension_count of them */
	size_t                   extension_count;
};

/* What the records of a file hold of names in one directory. */
struct held {
	size_t names;     /* long ones */
	bool   aliased;   /* one that has a DOS name beside it */
	bool   dos;
	bool   elsewhere; /* any, in another directory */
};

/* Names that lie together: of one file in one directory, or all that a directory had. */
struct span {
	size_t   from, to; /* of the sorted list */
	uint64_t until;    /* LSN at which the names of an older record were still so, by the record or the log */
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
	if (row->flags & ROW_EXTENSION && inventory_ref(inventory, (uint32_t)record) == ref)
		return false; /* that life was a part of a file */
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
	return fact->file && fact->parent && file_ref_record(fact->file) != file_ref_record(fact->parent) &&
	       is_reached(inventory, fact->file) && is_reached(inventory, fact->parent) &&
	       !is_file(inventory, fact->parent);
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
	if (group->row != NO_ROW)
		return group->inventory->rows[group->row].flags & ROW_DIRECTORY;
	for (size_t i = group->first; i < group->end; i++)
		if (fact_at(group, i)->flags & FACT_DIRECTORY)
			return true;
	return false;
}

/* The names of one record, but for those that it had no more. */
static void hold_names(const struct group *group, uint32_t number, file_ref parent, struct held *held)
{
	const struct mft_row *row = &group->inventory->rows[number];

	for (uint32_t i = 0; i < row->names; i++) {
		const struct name_row *name = &group->inventory->names.items[row->first_name + i];

		if (name->earlier)
			continue;
		if (name->parent != parent)
			held->elsewhere = true;
		else if (name->space == NAME_DOS)
			held->dos = true;
		else
			held->names++;
		if (name->parent == parent && name->space == NAME_WIN32)
			held->aliased = true;
	}
}

static bool is_older_row(const struct group *group, uint32_t number)
{
	return number >= group->inventory->mft.records;
}

/* What records of the file say of @parent; those of the table, or those beside it too. */
static struct held held_in(const struct group *group, file_ref parent, bool older)
{
	struct held held = { 0 };

	if (group->row != NO_ROW && (older || !is_older_row(group, group->row)))
		hold_names(group, group->row, parent, &held);
	for (size_t i = 0; i < group->extension_count; i++)
		if (older || !is_older_row(group, group->extension[i].record))
			hold_names(group, group->extension[i].record, parent, &held);
	return held;
}

/* Is the name at @index an entry in use of its directory? */
static bool is_entry(const struct group *group, size_t index)
{
	for (size_t i = index; i < group->end && same_name(group, index, i); i++)
		if (fact_at(group, i)->source == FACT_INDEX && !(fact_at(group, i)->flags & FACT_CARVED))
			return true;
	return false;
}

/* A link that was removed by itself: what is written down shows that the file had others, and got no name for it. */
static bool is_removed_link(const struct group *group, const struct fact *fact)
{
	return !group->directory && (fact->source == FACT_LOG || fact->source == FACT_JOURNAL) &&
	       (fact->flags & (FACT_UNLINKED | FACT_CARVED | FACT_TORN)) == FACT_UNLINKED;
}

/* What the log says, whole and in its own place, counts in the LSNs of records. */
static bool is_dated(const struct group *group, const struct fact *fact)
{
	return group->moment && fact->source == FACT_LOG && !(fact->flags & (FACT_CARVED | FACT_TORN));
}

/* Does it show the file under a name that it had when the older record's were over? */
static bool is_later(const struct group *group, const struct span *span, const struct fact *fact)
{
	return is_dated(group, fact) && !(fact->flags & (FACT_RENAMED | FACT_UNLINKED)) && fact->moment > span->until;
}

/* Does a record say enough of the directory for the fact to be an earlier name? */
static bool is_replaced(const struct group *group, const struct span *span, const struct fact *fact)
{
	struct held held = held_in(group, fact->parent, !is_later(group, span, fact));

	if (group->directory && held.elsewhere)
		return true;
	if (is_removed_link(group, fact))
		return false;
	if (fact->space == NAME_DOS)
		return held.dos || (held.names && !held.aliased);
	return held.names;
}

/* The fact at @index, which no record says, is the strongest and latest that says its name: what does it come to? */
static enum fact_verdict judge_name(const struct group *group, const struct span *span, size_t index)
{
	const struct fact       *fact = fact_at(group, index);
	const struct inventory  *inventory = group->inventory;
	const struct mft_row    *row = group->row == NO_ROW ? NULL : &inventory->rows[group->row];

	if (fact->flags & FACT_RENAMED)
		return VERDICT_EARLIER;
	if (row && row->flags & ROW_IN_USE && is_live_directory(inventory, fact->parent))
		return row->flags & (ROW_TORN | ROW_DAMAGED) && is_entry(group, index) ? VERDICT_NAMED : VERDICT_EARLIER;
	return is_replaced(group, span, fact) ? VERDICT_EARLIER : VERDICT_NAMED;
}

static bool is_stronger(const struct fact *left, const struct fact *right)
{
	if (left->source != right->source)
		return left->source < right->source;
	return left->moment != right->moment ? left->moment > right->moment : left->time > right->time;
}

/* One block of the directory's index shows both in use at once: they are links. */
static bool is_together(const struct group *group, const struct fact *one, const struct fact *other)
{
	unsigned in_use = one->source == FACT_INDEX ? 0 : FACT_CARVED | FACT_IN_USE;

	return !group->directory && (one->source == FACT_INDEX || one->source == FACT_INDEX_SLACK) &&
	       one->source == other->source && one->moment && one->moment == other->moment &&
	       (one->flags & (FACT_CARVED | FACT_IN_USE | FACT_TORN)) == in_use &&
	       (other->flags & (FACT_CARVED | FACT_IN_USE | FACT_TORN)) == in_use;
}

/* A name of its directory, long or an alias, that others compete with. */
static bool is_rival(const struct group *group, const struct fact *fact, bool dos)
{
	return fact->verdict == VERDICT_NAMED && (fact->space == NAME_DOS) == dos && !is_removed_link(group, fact);
}

/*
 * Of the names in [from, to), long ones or aliases, the strongest stays, and what is a link beside it; links that were
 * removed by themselves aside.  Returns the strongest, or NULL.
 */
static const struct fact *keep_best(const struct group *group, size_t from, size_t to, bool dos)
{
	const struct fact *best = NULL;

	for (size_t i = from; i < to; i++)
		if (is_rival(group, fact_at(group, i), dos) && (!best || is_stronger(fact_at(group, i), best)))
			best = fact_at(group, i);
	for (size_t i = from; i < to; i++) {
		struct fact *fact = fact_at(group, i);

		if (fact != best && is_rival(group, fact, dos) && (dos || !is_together(group, best, fact)))
			fact->verdict = VERDICT_EARLIER;
	}
	return best;
}

/*
 * In one directory a file had one name, with one alias; a name that is its own DOS name, or of POSIX, has none.
 * Returns the name, or NULL.
 */
static const struct fact *choose_one(const struct group *group, const struct span *span)
{
	const struct fact *name = keep_best(group, span->from, span->to, false);

	for (size_t i = span->from; name && i < span->to; i++) {
		struct fact *fact = fact_at(group, i);

		if (fact->verdict == VERDICT_NAMED && fact->space == NAME_DOS &&
		    (name->space != NAME_WIN32 || fact->parent != name->parent))
			fact->verdict = VERDICT_EARLIER;
	}
	keep_best(group, span->from, span->to, true);
	return name;
}

/* Links in use of a file that goes on: its names are as many as there are. */
static bool has_links(const struct group *group, file_ref parent)
{
	return !group->directory && group->row != NO_ROW && group->inventory->rows[group->row].flags & ROW_IN_USE &&
	       is_live_directory(group->inventory, parent);
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

/* -------- names of an older record that were over -------- */

/* Which names of an older record are over. */
struct ended {
	file_ref     parent;  /* 0: wherever */
	struct bytes text;    /* .left 0: whichever */
	bool         aliases; /* DOS names too */
};

static bool has_ended(const struct inventory *inventory, const struct ended *ended, const struct name_row *name)
{
	if (name->earlier || (ended->parent && name->parent != ended->parent))
		return false;
	if (!ended->text.left)
		return ended->aliases || name->space != NAME_DOS;
	return 2u * name->units == ended->text.left &&
	       memcmp(inventory_text(inventory, name), ended->text.at, ended->text.left) == 0;
}

static void give_up_in(const struct group *group, uint32_t number, const struct ended *ended)
{
	const struct mft_row *row = &group->inventory->rows[number];

	for (uint32_t i = row->first_name; is_older_row(group, number) && i < row->first_name + row->names; i++) {
		struct name_row *name = &group->inventory->names.items[i];

		name->earlier = name->earlier || has_ended(group->inventory, ended, name);
	}
}

/* In all records of the file that lie beside the table. */
static void give_up(const struct group *group, const struct ended *ended)
{
	give_up_in(group, group->row, ended);
	for (size_t i = 0; i < group->extension_count; i++)
		give_up_in(group, group->extension[i].record, ended);
}

/* Does the log say that the name of an older record ended after it, while the file went on? */
static bool ended_later(const struct group *group, const struct fact *fact)
{
	return is_dated(group, fact) && fact->flags & FACT_RENAMED && fact->moment > group->moment;
}

/* The log shows the alias of the older record's name again, after it, and none other is known. */
static bool keeps_alias(const struct group *group, const struct span *span)
{
	bool shown = false;

	for (size_t i = span->from; i < span->to; i++) {
		const struct fact *fact = fact_at(group, i);

		if (fact->space != NAME_DOS || fact->source != FACT_LOG)
			continue;
		if (fact->verdict == VERDICT_NAMED)
			return false;
		shown = shown || (fact->verdict == VERDICT_KNOWN && is_dated(group, fact) &&
				  fact->moment > group->moment);
	}
	return shown;
}

/* The name that was chosen is later than those of an older record: they are over, if it is known which of them. */
static void replace_older(const struct group *group, const struct span *span, const struct fact *name)
{
	struct ended ended = { .parent = group->directory ? 0 : name->parent };

	if (!is_later(group, span, name) || (!group->directory && held_in(group, name->parent, true).names > 1))
		return;
	ended.aliases = name->space != NAME_WIN32 || !keeps_alias(group, span);
	give_up(group, &ended);
	for (size_t i = span->from; i < span->to; i++) {
		struct fact *fact = fact_at(group, i);

		if (fact->verdict == VERDICT_KNOWN && (ended.aliases || fact->space != NAME_DOS))
			fact->verdict = VERDICT_EARLIER;
	}
}

/* What an older record says of names that were over is a fact too, behind all others. */
static int tell_earlier(const struct group *group, uint32_t number, struct error *err)
{
	const struct inventory *inventory = group->inventory;
	const struct mft_row   *row = &inventory->rows[number];

	for (uint32_t i = row->first_name; is_older_row(group, number) && i < row->first_name + row->names; i++) {
		const struct name_row *name = &inventory->names.items[i];
		struct fact            fact = { .file = fact_at(group, group->first)->file,
						.parent = name->parent,
						.offset = mft_offset_of(&inventory->mft, number),
						.moment = group->moment,
						.space = name->space,
						.source = FACT_OLDER_RECORD,
						.flags = group->directory ? FACT_DIRECTORY : 0,
						.verdict = VERDICT_EARLIER };

		if (name->earlier && facts_add(group->facts, fact,
					       (struct bytes){ inventory_text(inventory, name), 2u * name->units, 0 },
					       err) < 0)
			return -1;
	}
	return 0;
}

static int tell_all_earlier(const struct group *group, struct error *err)
{
	if (!group->moment)
		return 0;
	if (tell_earlier(group, group->row, err) < 0)
		return -1;
	for (size_t i = 0; i < group->extension_count; i++)
		if (tell_earlier(group, group->extension[i].record, err) < 0)
			return -1;
	return 0;
}

/* -------- settling one file -------- */

/* What a record says is known, unless it is an older one and the name ended after it; all else is left open. */
static void settle_known(const struct group *group)
{
	for (size_t i = group->first; i < group->end; i++) {
		struct fact *fact = fact_at(group, i);
		struct ended ended = { .parent = fact->parent, .text = text_of(group, fact) };

		if ((i > group->first && same_name(group, i - 1, i)) ||
		    !inventory_has_name(group->inventory, group->extensions, fact->file, fact->parent, ended.text))
			continue;
		fact->verdict = ended_later(group, fact) ? VERDICT_EARLIER : VERDICT_KNOWN;
		if (fact->verdict == VERDICT_EARLIER)
			give_up(group, &ended);
	}
}

/* Settle the names of one directory; of a directory all of them. */
static void settle_span(const struct group *group, struct span *span)
{
	const struct fact *name;

	span->until = group->moment;
	for (size_t i = span->from; group->moment && i < span->to; i++) {
		const struct fact *fact = fact_at(group, i);

		if (fact->verdict == VERDICT_KNOWN && fact->space != NAME_DOS && is_dated(group, fact) &&
		    fact->moment > span->until)
			span->until = fact->moment;
	}
	for (size_t i = span->from; i < span->to; i++)
		if ((i == group->first || !same_name(group, i - 1, i)) && fact_at(group, i)->verdict == VERDICT_AGREES)
			fact_at(group, i)->verdict = (uint8_t)judge_name(group, span, i);
	if (has_links(group, fact_at(group, span->from)->parent))
		return;
	name = choose_one(group, span);
	if (name)
		replace_older(group, span, name);
}

static void look_at(struct group *group)
{
	const struct inventory *inventory = group->inventory;
	file_ref                file = fact_at(group, group->first)->file;

	group->row = inventory_row_of(inventory, file);
	group->moment = group->row != NO_ROW && is_older_row(group, group->row)
				? inventory->mft.older.items[group->row - inventory->mft.records].moment
				: 0;
	group->extension = extensions_of(group->extensions, file, &group->extension_count);
	if (group->extension_count > EXTENSIONS_ASKED)
		group->extension_count = EXTENSIONS_ASKED;
	group->directory = is_directory(group);
}

static int settle_file(struct group *group, struct error *err)
{
	struct span span = { .from = group->first };

	look_at(group);
	settle_known(group);
	for (span.to = span.from; span.to <= group->end; span.to++)
		if (span.to == group->end ||
		    (!group->directory && fact_at(group, span.to)->parent != fact_at(group, span.from)->parent)) {
			settle_span(group, &span);
			span.from = span.to;
		}
	spread_verdicts(group);
	return add_names(group, err) < 0 ? -1 : tell_all_earlier(group, err);
}

/* -------- all of them -------- */

int facts_settle(struct facts *facts, struct inventory *inventory, const struct extensions *extensions,
		 struct error *err)
{
	struct fact_list *list = &facts->list;
	struct group      group = { .facts = facts, .inventory = inventory, .extensions = extensions };
	size_t            count = list->count; /* those of older records come behind */

	for (size_t i = 0; i < count; i++)
		list->items[i].verdict = has_place(inventory, &list->items[i]) ? VERDICT_AGREES : VERDICT_UNATTACHED;
	if (count)
		qsort_r(list->items, count, sizeof *list->items, compare_fact, facts);
	while (group.end < count && list->items[group.end].verdict == VERDICT_UNATTACHED)
		group.end++;
	while (group.end < count) {
		group.first = group.end;
		while (group.end < count && list->items[group.end].file == list->items[group.first].file)
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
