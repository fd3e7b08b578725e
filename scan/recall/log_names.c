/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_names.c - see log_names.h */
#include "scan/recall/log_names.h"

#include "core/endian.h"

#define EXTEND_RECORD 11u

/* -------- what is known without the log -------- */

static bool name_is(const struct inventory *inventory, const struct name_row *name, const char *word)
{
	size_t units = strlen(word);

	if (name->units != units)
		return false;
	for (size_t i = 0; i < units; i++)
		if (le16_at(inventory_text(inventory, name) + 2 * i) != (uint8_t)word[i])
			return false;
	return true;
}

/* Where newer drivers put a file that is deleted while somebody has it open, under a name of their own. */
static uint64_t find_graveyard(const struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->names.count; i++)
		if (file_ref_record(inventory->names.items[i].parent) == EXTEND_RECORD &&
		    name_is(inventory, &inventory->names.items[i], "$Deleted"))
			return inventory->names.items[i].record;
	return 0;
}

/* Does a record of the file have the name? */
static bool table_has_name(const struct log_names *names, const struct log_name *name)
{
	struct bytes text = { (const uint8_t *)(names->text.items + name->text), 2u * name->units, 0 };

	return inventory_has_name(names->inventory, names->extensions, name->file, name->parent, text);
}

/* The base of an extension record. */
static file_ref base_of(const struct inventory *inventory, file_ref file)
{
	uint64_t record = file_ref_record(file);

	return record < inventory->count && inventory->rows[record].base &&
			       inventory_ref(inventory, (uint32_t)record) == file
		       ? inventory->rows[record].base
		       : file;
}

/* -------- taking -------- */

void log_names_init(struct log_names *names, const struct file_reader *reader, const struct log_history *history,
		    const struct log_source *source, struct log_trust *trust)
{
	*names = (struct log_names){ .inventory = reader->inventory, .extensions = reader->extensions,
				     .history = history, .source = source, .trust = trust,
				     .graveyard = find_graveyard(reader->inventory) };
}

void log_names_release(struct log_names *names)
{
	array_release(&names->list);
	array_release(&names->freed);
	array_release(&names->named);
	array_release(&names->text);
}

/* Nothing is missing behind it, and yet it has no end: it was cut off, and the driver takes it back. */
static bool is_cut_off(const struct log_names *names, const struct log_fact *fact)
{
	const struct log_file *log = names->history->log;

	return fact->outcome == LOG_UNFINISHED &&
	       !log_file_is_gap(log, fact->lsn, log->records.items[log->records.count - 1].lsn);
}

static int add_deed(struct log_deeds *deeds, file_ref file, uint64_t transaction, struct error *err)
{
	return array_push(deeds, (struct log_deed){ file_ref_record(file), transaction }) ? 0 : error_memory(err);
}

static int add_name(struct log_names *names, const struct log_fact *fact, enum log_fact_event event, struct error *err)
{
	const struct file_name *key = &fact->name;
	struct log_name         name = { .file = fact->file, .parent = key->parent, .transaction = fact->transaction,
					 .lsn = fact->lsn, .offset = log_source_place(names->source, fact->offset),
					 .time = row_time(key->times.changed), .text = (uint32_t)names->text.count,
					 .units = key->name_units, .space = key->space, .event = (uint8_t)event,
					 .entry = fact->kind == LOG_FACT_ENTRY };

	if (key->attributes & FILE_NAME_IS_DIRECTORY)
		name.flags |= FACT_DIRECTORY;
	if (fact->torn)
		name.flags |= FACT_TORN;
	if (names->text.count > UINT32_MAX - key->name_units)
		return error_memory(err);
	for (size_t i = 0; i < key->name_units; i++) {
		uint16_t unit;

		memcpy(&unit, key->name.at + 2 * i, 2);
		if (!array_push(&names->text, unit))
			return error_memory(err);
	}
	return array_push(&names->list, name) ? 0 : error_memory(err);
}

int log_names_take(void *to, const struct log_fact *fact, struct error *err)
{
	struct log_names   *names = to;
	enum log_fact_event event = fact->event;

	if (fact->outcome == LOG_ROLLED_BACK || fact->outcome == LOG_ROLLBACK)
		return 0;
	if (is_cut_off(names, fact)) {
		if (event != LOG_REMOVED)
			return 0;
		event = LOG_SEEN;
	}
	if (fact->kind == LOG_FACT_RECORD && event == LOG_REMOVED)
		return add_deed(&names->freed, fact->file, fact->transaction, err);
	if ((fact->kind != LOG_FACT_NAME && fact->kind != LOG_FACT_ENTRY) || !file_ref_sequence(fact->name.parent) ||
	    file_ref_record(fact->file) > UINT32_MAX)
		return 0;
	if (names->graveyard && file_ref_record(fact->name.parent) == names->graveyard)
		return event == LOG_CREATED ? add_deed(&names->freed, fact->file, fact->transaction, err) : 0;
	return add_name(names, fact, event, err);
}

/* -------- whose names -------- */

static int compare_texts(const struct log_names *names, const struct log_name *a, const struct log_name *b)
{
	int order = log_compare(a->parent, b->parent);

	if (!order)
		order = log_compare(a->units, b->units);
	return order ? order : memcmp(names->text.items + a->text, names->text.items + b->text, 2u * a->units);
}

/* What one transaction did to one name of a directory; what the index says comes first. */
static int compare_changes(const void *one, const void *other, void *of)
{
	const struct log_name *a = one, *b = other;
	int                    order = log_compare(a->transaction, b->transaction);

	if (!order)
		order = log_compare(a->event, b->event);
	if (!order)
		order = compare_texts(of, a, b);
	if (!order)
		order = b->entry - a->entry;
	return order ? order : log_compare(a->lsn, b->lsn);
}

static bool is_same_change(const struct log_names *names, const struct log_name *a, const struct log_name *b)
{
	return a->transaction == b->transaction && a->event == b->event && compare_texts(names, a, b) == 0;
}

/* The index says whose name it is where the record does not: it may be an extension, or of an unknown life. */
static void find_owners(struct log_names *names)
{
	const struct log_name *entry = NULL;

	for (size_t i = 0; i < names->list.count; i++) {
		struct log_name *name = &names->list.items[i];

		if (name->entry)
			entry = name;
		else if (name->event != LOG_SEEN && entry && is_same_change(names, entry, name))
			name->file = entry->file;
		else
			name->file = base_of(names->inventory, name->file);
		if (!file_ref_sequence(name->file))
			name->file = 0;
	}
}

/* -------- how names ended -------- */

static int compare_deeds(const void *one, const void *other)
{
	const struct log_deed *a = one, *b = other;
	int                    order = log_compare(a->transaction, b->transaction);

	return order ? order : log_compare(a->record, b->record);
}

/* Did the transaction that removed @name do one of @deeds to the file as well? */
static bool has_deed(const struct log_deeds *deeds, const struct log_name *name)
{
	struct log_deed wanted = { file_ref_record(name->file), name->transaction };

	return deeds->count && bsearch(&wanted, deeds->items, deeds->count, sizeof wanted, compare_deeds);
}

/* Which files got a name, when; then which of those that were removed ended while their file went on. */
static int find_ends(struct log_names *names, struct error *err)
{
	for (size_t i = 0; i < names->list.count; i++) {
		const struct log_name *name = &names->list.items[i];

		if (name->event == LOG_CREATED && name->file &&
		    add_deed(&names->named, name->file, name->transaction, err) < 0)
			return -1;
	}
	if (names->named.count)
		qsort(names->named.items, names->named.count, sizeof *names->named.items, compare_deeds);
	if (names->freed.count)
		qsort(names->freed.items, names->freed.count, sizeof *names->freed.items, compare_deeds);
	for (size_t i = 0; i < names->list.count; i++) {
		struct log_name *name = &names->list.items[i];

		if (name->event == LOG_REMOVED && name->file && !has_deed(&names->freed, name))
			name->flags |= has_deed(&names->named, name) ? FACT_RENAMED : FACT_UNLINKED;
	}
	return 0;
}

/* -------- telling -------- */

static int compare_names(const void *one, const void *other, void *of)
{
	const struct log_name *a = one, *b = other;
	int                    order = log_compare(a->file, b->file);

	if (!order)
		order = compare_texts(of, a, b);
	return order ? order : log_compare(a->lsn, b->lsn);
}

/* Which of two sayings about one name tells more?  @later comes later in the log. */
static bool is_better(const struct log_name *later, const struct log_name *earlier)
{
	if ((later->flags ^ earlier->flags) & FACT_TORN)
		return earlier->flags & FACT_TORN;
	return later->event != LOG_SEEN || earlier->event == LOG_SEEN;
}

/* Keep one saying about each name. */
static void keep_best(struct log_names *names)
{
	struct log_name *items = names->list.items;
	size_t           kept = 0;

	for (size_t i = 0; i < names->list.count; i++) {
		if (!kept || items[kept - 1].file != items[i].file || compare_texts(names, &items[kept - 1], &items[i]) != 0)
			items[kept++] = items[i];
		else if (is_better(&items[i], &items[kept - 1]))
			items[kept - 1] = items[i];
	}
	names->list.count = kept;
}

/*
 * A name that did not end is in the file's record, if the file is there and the log is of this volume.  The
 * file system's own files have the same names everywhere.
 */
static void vote(const struct log_names *names, const struct log_name *name)
{
	if (file_ref_record(name->file) >= FIRST_USER_RECORD && file_ref_record(name->parent) != EXTEND_RECORD &&
	    !(name->flags & (FACT_RENAMED | FACT_UNLINKED)) &&
	    inventory_row_of(names->inventory, name->file) != NO_ROW)
		log_trust_vote(names->trust, name->lsn, table_has_name(names, name));
}

static int tell_name(const struct log_names *names, const struct log_name *name, struct facts *facts, struct error *err)
{
	struct fact  fact = { .file = name->file, .parent = name->parent, .offset = name->offset, .moment = name->lsn,
			      .time = name->time, .space = name->space, .source = FACT_LOG, .flags = name->flags };
	struct bytes text = { (const uint8_t *)(names->text.items + name->text), 2u * name->units, 0 };

	if (names->source->pages)
		fact.flags |= FACT_CARVED;
	return facts_add(facts, fact, text, err);
}

static void sort(struct log_names *names, int compare(const void *, const void *, void *))
{
	if (names->list.count)
		qsort_r(names->list.items, names->list.count, sizeof *names->list.items, compare, names);
}

int log_names_tell(struct log_names *names, struct facts *facts, struct error *err)
{
	const struct log_name *items = names->list.items;

	sort(names, compare_changes);
	find_owners(names);
	if (find_ends(names, err) < 0)
		return -1;
	sort(names, compare_names);
	keep_best(names);
	for (size_t i = 0; i < names->list.count; i++)
		vote(names, &items[i]);
	for (size_t i = 0; i < names->list.count; i++)
		if (log_trust_has(names->trust, items[i].lsn) && !table_has_name(names, &items[i]) &&
		    tell_name(names, &items[i], facts, err) < 0)
			return -1;
	return 0;
}

bool log_names_knows(const struct log_names *names, file_ref file)
{
	size_t first = partition_point(0, names->list.count, at, names->list.items[at].file < file);

	return first < names->list.count && names->list.items[first].file == file;
}
