/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_opened.c - see log_opened.h */
#include "scan/journal/log_opened.h"

#include "core/cleanup.h"
#include "scan/journal/log_table.h"

#define PLACES 65536u /* in the open attribute table: 16 bits */

int log_opened_init(struct log_opened *opened, const struct log_file *log, struct log_lives *lives, struct error *err)
{
	*opened = (struct log_opened){ .log = log, .lives = lives, .newest = calloc(PLACES, sizeof *opened->newest) };
	return opened->newest ? 0 : error_memory(err);
}

void log_opened_release(struct log_opened *opened)
{
	free(opened->newest);
	arena_release(&opened->names);
	array_release(&opened->spans);
}

static int name_span(struct log_opened *opened, struct log_open_span *span, struct bytes name, struct error *err)
{
	const char *text = name.left ? arena_text(&opened->names, (const char *)name.at, name.left) : NULL;

	if (name.left && !text)
		return error_memory(err);
	if (name.left)
		span->name = (struct bytes){ (const uint8_t *)text, name.left, 0 };
	return 0;
}

static int add_span(struct log_opened *opened, uint32_t place, struct bytes entry, struct bytes name,
		    uint64_t lsn, struct error *err)
{
	struct log_open_attribute open;
	struct log_open_span      span, *known;
	struct error              why;

	if (place >= PLACES || log_open_attribute_decode(entry, &open, &why) < 0)
		return 0;
	known = opened->newest[place] ? &opened->spans.items[opened->newest[place] - 1] : NULL;
	if (known && known->opened == open.opened_lsn && known->file == open.file && known->type == open.type) {
		known->seen = lsn;
		return 0;
	}
	span = (struct log_open_span){ .place = place, .file = open.file, .type = open.type, .seen = lsn,
				       .opened = open.opened_lsn < lsn ? open.opened_lsn : lsn - 1 };
	if (name_span(opened, &span, name, err) < 0)
		return -1;
	if (!array_push(&opened->spans, span))
		return error_memory(err);
	opened->newest[place] = (uint32_t)opened->spans.count;
	return log_lives_add(opened->lives, open.file, lsn, LOG_LIFE_SEEN, err);
}

static int add_table(struct log_opened *opened, struct bytes dump, uint64_t lsn, struct error *err)
{
	struct log_table       table;
	struct log_table_entry entry;
	struct error           why;

	if (log_table_open(dump, &table, &why) < 0)
		return 0;
	while (log_table_next(&table, &entry))
		if (add_span(opened, entry.place, entry.whole, (struct bytes){ 0 }, lsn, err) < 0)
			return -1;
	return 0;
}

/* The names of what the last dump of the table had. */
static int add_names(struct log_opened *opened, struct bytes dump, struct error *err)
{
	struct log_attribute_name name;
	struct error              why;

	while (log_attribute_name_next(&dump, &name, &why) == 1) {
		struct log_open_span *span = opened->newest[name.place] ? &opened->spans.items[opened->newest[name.place] - 1] : NULL;

		if (span && !span->name.left && name_span(opened, span, name.name, err) < 0)
			return -1;
	}
	return 0;
}

bool log_opened_is(const struct log_change *change)
{
	return change->redo == LOG_OPEN_NONRESIDENT_ATTRIBUTE || change->redo == LOG_OPEN_ATTRIBUTE_TABLE_DUMP ||
	       change->redo == LOG_ATTRIBUTE_NAMES_DUMP;
}

int log_opened_note(struct log_opened *opened, const struct log_change *change, uint64_t lsn, struct error *err)
{
	if (change->redo == LOG_OPEN_NONRESIDENT_ATTRIBUTE)
		return add_span(opened, change->target, change->redo_data, change->undo_data, lsn, err);
	if (change->redo == LOG_OPEN_ATTRIBUTE_TABLE_DUMP)
		return add_table(opened, change->redo_data, lsn, err);
	return change->redo == LOG_ATTRIBUTE_NAMES_DUMP ? add_names(opened, change->redo_data, err) : 0;
}

static int compare_spans(const void *one, const void *other)
{
	const struct log_open_span *a = one, *b = other;
	int                         order = log_compare(a->place, b->place);

	return order ? order : log_compare(a->opened, b->opened);
}

void log_opened_sort(struct log_opened *opened)
{
	if (opened->spans.count)
		qsort(opened->spans.items, opened->spans.count, sizeof *opened->spans.items, compare_spans);
	free(TAKE(opened->newest));
}

const struct log_open_span *log_opened_at(const struct log_opened *opened, uint32_t place, uint64_t lsn)
{
	const struct log_open_span *spans = opened->spans.items;
	size_t                      first = partition_point(0, opened->spans.count, at,
							    spans[at].place < place ||
								    (spans[at].place == place && spans[at].opened < lsn));

	if (!first || spans[first - 1].place != place ||
	    (spans[first - 1].seen < lsn && log_file_is_gap(opened->log, spans[first - 1].seen, lsn)))
		return NULL;
	return &spans[first - 1];
}
