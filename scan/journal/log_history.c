/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_history.c - see log_history.h */
#include "scan/journal/log_history.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "scan/index_node.h"
#include "scan/mft_record.h"

#include <stdlib.h>

#define MFT_RECORD            0u
#define BITMAP_RECORD         6u
#define CLUSTER_BYTES_DEFAULT 4096u
#define CLUSTER_BYTES_MAX     (2u << 20)
#define RECORD_BYTES_DEFAULT  1024u
#define RECORD_BYTES_MAX      65536u
#define SECTOR_BYTES          512u
#define PLACES                65536u /* in the open attribute table: 16 bits */
#define TRANSACTIONS          65536u
#define FILE_RECORD_LEAST     0x30u
#define RECORD_LSN_AT         0x08u

/* -------- numbers in order -------- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* True if records are missing between @from and @to. */
static bool is_gap(const struct log_history *history, uint64_t from, uint64_t to)
{
	size_t low = 0, high = history->gaps.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (history->gaps.items[middle] <= from)
			low = middle + 1;
		else
			high = middle;
	}
	return low < history->gaps.count && history->gaps.items[low] <= to;
}

/* -------- what a change is about -------- */

static uint64_t target_bytes(const struct log_history *history, const struct log_change *change)
{
	return change->vcn * history->cluster_bytes + (uint64_t)change->block_offset * SECTOR_BYTES;
}

/* The FILE record that a change is about. */
static uint64_t target_record(const struct log_history *history, const struct log_change *change)
{
	uint32_t bytes = history->record_bytes;

	if (!bytes)
		bytes = change->block_sectors ? change->block_sectors * SECTOR_BYTES : RECORD_BYTES_DEFAULT;
	return target_bytes(history, change) / bytes;
}

static bool is_on_file_record(const struct log_change *change)
{
	return log_changes_file_record(change->redo) || log_changes_file_record(change->undo);
}

/* The open attribute that a change is about; NULL where the log does not say. */
static const struct log_open_span *target_span(const struct log_history *history, uint32_t place, uint64_t lsn)
{
	const struct log_open_span *spans = history->spans.items;
	size_t                      low = 0, high = history->spans.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spans[middle].place < place || (spans[middle].place == place && spans[middle].opened < lsn))
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || spans[low - 1].place != place ||
	    (spans[low - 1].seen < lsn && is_gap(history, spans[low - 1].seen, lsn)))
		return NULL;
	return &spans[low - 1];
}

static bool name_is(struct bytes name, const char *word)
{
	return attribute_is_named(&(struct attribute){ .name = name }, word);
}

/* -------- lives of FILE records -------- */

static int add_life(struct log_history *history, file_ref ref, uint64_t lsn, enum log_life_event event, struct error *err)
{
	struct log_life life = { file_ref_record(ref), lsn, file_ref_sequence(ref), event };

	return array_push(&history->lives, life) ? 0 : error_memory(err);
}

static int compare_lives(const void *one, const void *other)
{
	const struct log_life *a = one, *b = other;
	int                    order = compare_numbers(a->record, b->record);

	return order ? order : compare_numbers(a->lsn, b->lsn);
}

/* The sequence number that a record had at @lsn, 0 if it cannot be told. */
static uint16_t sequence_at(const struct log_history *history, uint64_t record, uint64_t lsn)
{
	const struct log_life *lives = history->lives.items;
	size_t                 low = 0, high = history->lives.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lives[middle].record < record || (lives[middle].record == record && lives[middle].lsn <= lsn))
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- > 0 && lives[i].record == record && !is_gap(history, lives[i].lsn, lsn);) {
		if (lives[i].sequence && (lives[i].lsn == lsn || lives[i].event != LOG_LIFE_ENDS))
			return lives[i].sequence;
		if (lives[i].event != LOG_LIFE_SEEN)
			break;
	}
	for (size_t i = low; i < history->lives.count && lives[i].record == record; i++) {
		if (is_gap(history, lsn, lives[i].lsn) || lives[i].event == LOG_LIFE_BEGINS)
			break;
		if (lives[i].sequence || lives[i].event == LOG_LIFE_ENDS)
			return lives[i].sequence;
	}
	return 0;
}

static file_ref ref_at(const struct log_history *history, uint64_t record, uint64_t lsn)
{
	return file_ref_make(record, sequence_at(history, record, lsn));
}

/* -------- payloads -------- */

/* The header of a FILE record: whole, or as much of it as is logged when one is freed. */
static bool is_file_record(struct bytes data)
{
	return data.left >= 0x18 && mft_record_kind(data) == MFT_RECORD_FILE;
}

static uint16_t record_sequence(struct bytes record)
{
	return le16_at(record.at + 0x10);
}

/* A whole index entry of a directory at the start of @data. */
static bool decode_entry(struct bytes data, struct index_entry *entry, struct file_name *name)
{
	struct index_node node = { .entries = data };
	struct error      why;

	return index_node_next(&node, entry, &why) == 1 && !entry->last &&
	       file_name_decode(entry->key, name, &why) == 0 && entry->key.left == 0x42 + 2u * name->name_units &&
	       file_ref_sequence(entry->ref) && file_ref_sequence(name->parent);
}

static bool is_entry_operation(uint16_t operation)
{
	return operation == LOG_ADD_INDEX_ENTRY_ROOT || operation == LOG_ADD_INDEX_ENTRY_ALLOCATION;
}

/* -------- going through the log -------- */

static int read_change(struct log_history *history, size_t index, struct log_record *record, struct log_change *change,
		       struct error *err)
{
	struct error why;

	if (log_file_record(history->log, index, record, err) < 0)
		return -1;
	return record->place.type == LOG_RECORD_CHANGE && log_change_decode(record->data, change, &why) == 0;
}

/* -------- first pass: outcomes -------- */

/* The step of a rollback: what it takes back is the change before it, or what the step before left to be done. */
static void note_rollback(struct log_history *history, size_t index)
{
	const struct log_record_place *records = history->log->records.items, *undone;

	history->outcomes[index] = LOG_ROLLBACK;
	undone = log_file_find(history->log, records[index].previous);
	if (undone && history->outcomes[undone - records] == LOG_ROLLBACK)
		undone = log_file_find(history->log, undone->undo_next);
	if (undone && undone < &records[index] && undone->transaction == records[index].transaction)
		history->outcomes[undone - records] = LOG_ROLLED_BACK;
}

/* What lasts is followed by the end of its transaction, with nothing missing in between. */
static int note_endings(struct log_history *history, const uint8_t *ends, struct error *err)
{
	const struct log_record_place *records = history->log->records.items;
	CLEANUP(free_ptr) uint8_t     *ended = calloc(TRANSACTIONS, 1);

	if (!ended)
		return error_memory(err);
	for (size_t i = history->log->records.count; i-- > 0;) {
		uint32_t transaction = records[i].transaction;

		if (transaction < TRANSACTIONS && ends[i])
			ended[transaction] = 1;
		if (history->outcomes[i] == LOG_UNFINISHED && transaction < TRANSACTIONS && ended[transaction])
			history->outcomes[i] = LOG_LASTING;
		if (transaction < TRANSACTIONS && !records[i].previous && !ends[i])
			ended[transaction] = 0;
		if (records[i].flags & LOG_RECORD_GAP)
			memset(ended, 0, TRANSACTIONS);
	}
	return 0;
}

/* -------- first pass: open attributes -------- */

static int name_span(struct log_history *history, struct log_open_span *span, struct bytes name, struct error *err)
{
	const char *text = name.left ? arena_text(&history->names, (const char *)name.at, name.left) : NULL;

	if (name.left && !text)
		return error_memory(err);
	if (name.left)
		span->name = (struct bytes){ (const uint8_t *)text, name.left, 0 };
	return 0;
}

static int add_span(struct log_history *history, uint32_t *newest, uint32_t place, struct bytes entry, struct bytes name,
		    uint64_t lsn, struct error *err)
{
	struct log_open_attribute open;
	struct log_open_span      span, *known;
	struct error              why;

	if (place >= PLACES || log_open_attribute_decode(entry, &open, &why) < 0)
		return 0;
	known = newest[place] ? &history->spans.items[newest[place] - 1] : NULL;
	if (known && known->opened == open.opened_lsn && known->file == open.file && known->type == open.type) {
		known->seen = lsn;
		return 0;
	}
	span = (struct log_open_span){ .place = place, .file = open.file, .type = open.type, .seen = lsn,
				       .opened = open.opened_lsn < lsn ? open.opened_lsn : lsn - 1 };
	if (name_span(history, &span, name, err) < 0)
		return -1;
	if (!array_push(&history->spans, span))
		return error_memory(err);
	newest[place] = (uint32_t)history->spans.count;
	return add_life(history, open.file, lsn, LOG_LIFE_SEEN, err);
}

static int add_table(struct log_history *history, uint32_t *newest, struct bytes dump, uint64_t lsn, struct error *err)
{
	struct log_table       table;
	struct log_table_entry entry;
	struct error           why;

	if (log_table_open(dump, &table, &why) < 0)
		return 0;
	while (log_table_next(&table, &entry))
		if (add_span(history, newest, entry.place, entry.whole, (struct bytes){ 0 }, lsn, err) < 0)
			return -1;
	return 0;
}

/* The names of what the last dump of the table had. */
static int add_names(struct log_history *history, const uint32_t *newest, struct bytes dump, struct error *err)
{
	struct log_attribute_name name;
	struct error              why;

	while (log_attribute_name_next(&dump, &name, &why) == 1) {
		struct log_open_span *span = newest[name.place] ? &history->spans.items[newest[name.place] - 1] : NULL;

		if (span && !span->name.left && name_span(history, span, name.name, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_spans(const void *one, const void *other)
{
	const struct log_open_span *a = one, *b = other;
	int                         order = compare_numbers(a->place, b->place);

	return order ? order : compare_numbers(a->opened, b->opened);
}

/* -------- first pass: lives -------- */

static int note_entry(struct log_history *history, struct bytes data, uint64_t lsn, struct error *err)
{
	struct index_entry entry;
	struct file_name   name;

	if (!decode_entry(data, &entry, &name))
		return 0;
	return add_life(history, entry.ref, lsn, LOG_LIFE_SEEN, err) < 0 ||
			       add_life(history, name.parent, lsn, LOG_LIFE_SEEN, err) < 0
		       ? -1
		       : 0;
}

static int note_record(struct log_history *history, uint64_t record, struct bytes data, uint64_t lsn,
		       enum log_life_event event, struct error *err)
{
	return add_life(history, file_ref_make(record, is_file_record(data) ? record_sequence(data) : 0), lsn, event, err);
}

static int note_lives(struct log_history *history, const struct log_change *change, uint64_t lsn, struct error *err)
{
	uint64_t record = target_record(history, change);

	if (is_entry_operation(change->redo))
		return note_entry(history, change->redo_data, lsn, err);
	if (is_entry_operation(change->undo))
		return note_entry(history, change->undo_data, lsn, err);
	if (change->redo == LOG_DEALLOCATE_FILE_RECORD)
		return note_record(history, record, change->undo_data, lsn, LOG_LIFE_ENDS, err);
	if (change->redo == LOG_INITIALIZE_FILE_RECORD)
		return note_record(history, record, change->redo_data, lsn, LOG_LIFE_BEGINS, err);
	if (change->undo == LOG_INITIALIZE_FILE_RECORD)
		return note_record(history, record, change->undo_data, lsn, LOG_LIFE_SEEN, err);
	if (change->undo == LOG_DEALLOCATE_FILE_RECORD)
		return note_record(history, record, (struct bytes){ 0 }, lsn, LOG_LIFE_BEGINS, err);
	return 0;
}

/* -------- first pass -------- */

static int compare_changes(const void *one, const void *other)
{
	const struct log_record_change *a = one, *b = other;
	int                             order = compare_numbers(a->record, b->record);

	return order ? order : compare_numbers(a->index, b->index);
}

static int note_change(struct log_history *history, size_t index, const struct log_change *change, uint32_t *newest,
		       uint8_t *ends, struct error *err)
{
	uint64_t lsn = history->log->records.items[index].lsn;

	if (change->redo == LOG_FORGET_TRANSACTION || change->redo == LOG_COMMIT_TRANSACTION)
		ends[index] = 1;
	else if (change->undo == LOG_COMPENSATION && change->redo != LOG_NOOP && change->redo != LOG_END_TOP_LEVEL_ACTION)
		note_rollback(history, index); /* the two only say that a part of a transaction stays in any case */
	if (is_on_file_record(change) &&
	    !array_push(&history->changes, (struct log_record_change){ target_record(history, change), index }))
		return error_memory(err);
	switch (change->redo) {
	case LOG_OPEN_NONRESIDENT_ATTRIBUTE:
		return add_span(history, newest, change->target, change->redo_data, change->undo_data, lsn, err);
	case LOG_OPEN_ATTRIBUTE_TABLE_DUMP:
		return add_table(history, newest, change->redo_data, lsn, err);
	case LOG_ATTRIBUTE_NAMES_DUMP:
		return add_names(history, newest, change->redo_data, err);
	default:
		return note_lives(history, change, lsn, err);
	}
}

/* How large a cluster is, as the checkpoints say. */
static int find_cluster_bytes(struct log_history *history, struct error *err)
{
	struct log_record     record;
	struct log_checkpoint checkpoint;
	struct error          why;

	for (size_t i = history->log->records.count; i-- > 0 && !history->cluster_bytes;) {
		if (history->log->records.items[i].type != LOG_RECORD_CHECKPOINT)
			continue;
		if (log_file_record(history->log, i, &record, err) < 0)
			return -1;
		if (log_checkpoint_decode(record.data, &checkpoint, &why) == 0 &&
		    checkpoint.cluster_bytes % SECTOR_BYTES == 0 && checkpoint.cluster_bytes <= CLUSTER_BYTES_MAX)
			history->cluster_bytes = checkpoint.cluster_bytes;
	}
	if (!history->cluster_bytes)
		history->cluster_bytes = CLUSTER_BYTES_DEFAULT;
	return 0;
}

static void sort(void *items, size_t count, size_t size, int compare(const void *, const void *))
{
	if (count)
		qsort(items, count, size, compare);
}

int log_history_open(struct log_history *history, struct log_file *log, uint32_t cluster_bytes, uint32_t record_bytes,
		     struct error *err)
{
	CLEANUP(free_ptr) uint32_t *newest = calloc(PLACES, sizeof *newest); /* in .spans, from 1 */
	CLEANUP(free_ptr) uint8_t  *ends = calloc(log->records.count + 1, 1);
	struct log_record           record;
	struct log_change           change;
	int                         got;

	*history = (struct log_history){ .log = log, .cluster_bytes = cluster_bytes, .record_bytes = record_bytes,
					 .outcomes = calloc(log->records.count + 1, 1) };
	if (!newest || !ends || !history->outcomes)
		return error_memory(err);
	if (find_cluster_bytes(history, err) < 0)
		return -1;
	for (size_t i = 0; i < log->records.count; i++) {
		if ((log->records.items[i].flags & LOG_RECORD_GAP) &&
		    !array_push(&history->gaps, log->records.items[i].lsn))
			return error_memory(err);
		got = read_change(history, i, &record, &change, err);
		if (got < 0 || (got && note_change(history, i, &change, newest, ends, err) < 0))
			return -1;
	}
	sort(history->spans.items, history->spans.count, sizeof *history->spans.items, compare_spans);
	sort(history->lives.items, history->lives.count, sizeof *history->lives.items, compare_lives);
	sort(history->changes.items, history->changes.count, sizeof *history->changes.items, compare_changes);
	return note_endings(history, ends, err);
}

void log_history_release(struct log_history *history)
{
	free(history->outcomes);
	arena_release(&history->names);
	array_release(&history->spans);
	array_release(&history->lives);
	array_release(&history->changes);
	array_release(&history->gaps);
	*history = (struct log_history){ 0 };
}

/* -------- facts -------- */

/* Who takes the facts of one record of the log; all of them have what .fact has. */
struct giver {
	const struct log_history *history;
	log_fact_taker           *take;
	void                     *to;
	struct log_fact           fact;
};

static int give_attribute(const struct giver *giver, const struct attribute *attribute, struct error *err)
{
	struct log_fact fact = giver->fact;
	struct error    why;

	fact.kind = LOG_FACT_ATTRIBUTE;
	fact.attribute = *attribute;
	if (attribute->type == ATTRIBUTE_FILE_NAME) {
		if (!attribute->resident || file_name_decode(attribute->value, &fact.name, &why) < 0)
			return 0;
		fact.kind = LOG_FACT_NAME;
	}
	return giver->take(giver->to, &fact, err);
}

/*
 * One entry of a directory.
 * @directory  the record that the entry was in, where the log says it: then it is the entry's parent,
 *             or this is no directory's entry
 */
static int give_entry(const struct giver *giver, struct bytes data, const uint64_t *directory, struct error *err)
{
	struct log_fact    fact = giver->fact;
	struct index_entry entry;

	if (!decode_entry(data, &entry, &fact.name) || (directory && file_ref_record(fact.name.parent) != *directory))
		return 0;
	fact.kind = LOG_FACT_ENTRY;
	fact.file = entry.ref;
	return giver->take(giver->to, &fact, err);
}

/* All entries of an index node. */
static int give_entries(const struct giver *giver, struct index_node node, const uint64_t *directory, struct error *err)
{
	struct index_entry entry;
	struct error       why;

	while (index_node_next(&node, &entry, &why) == 1)
		if (!entry.last && give_entry(giver, entry.whole, directory, err) < 0)
			return -1;
	return 0;
}

/* The attributes of a FILE record, and the entries of its index root. */
static int give_contents(const struct giver *giver, struct bytes image, struct error *err)
{
	uint64_t          number = file_ref_record(giver->fact.file);
	struct mft_record record;
	struct attribute  attribute;
	struct index_root root;
	struct error      why;

	if (mft_record_decode(image, &record, &why) < 0)
		return 0;
	while (attribute_next(&record.attributes, &attribute, &why) == 1) {
		if (give_attribute(giver, &attribute, err) < 0)
			return -1;
		if (attribute.type == ATTRIBUTE_INDEX_ROOT && attribute.resident &&
		    attribute_is_named(&attribute, "$I30") && index_root_decode(attribute.value, &root, &why) == 0 &&
		    give_entries(giver, root.node, &number, err) < 0)
			return -1;
	}
	return 0;
}

static int give_record(const struct giver *giver, struct bytes image, struct error *err)
{
	struct log_fact fact = giver->fact;

	fact.kind = LOG_FACT_RECORD;
	fact.bytes = image;
	if (is_file_record(image))
		fact.file = file_ref_make(file_ref_record(fact.file), record_sequence(image));
	return giver->take(giver->to, &fact, err);
}

/* A whole FILE record in the log. */
static int give_image(const struct giver *giver, struct bytes image, struct error *err)
{
	struct giver inner = *giver;

	if (image.left < FILE_RECORD_LEAST || !is_file_record(image))
		return 0;
	inner.fact.file = file_ref_make(file_ref_record(giver->fact.file), record_sequence(image));
	return give_record(&inner, image, err) < 0 || give_contents(&inner, image, err) < 0 ? -1 : 0;
}

static int give_bits(const struct giver *giver, const struct log_change *change, const struct log_open_span *span,
		     struct error *err)
{
	struct log_fact fact = giver->fact;
	struct bytes    data = change->redo_data;

	if (!span || data.left < 8)
		return 0;
	if (file_ref_record(span->file) == BITMAP_RECORD && span->type == ATTRIBUTE_DATA && !span->name.left)
		fact.kind = LOG_FACT_CLUSTERS;
	else if (file_ref_record(span->file) == MFT_RECORD && span->type == ATTRIBUTE_BITMAP)
		fact.kind = LOG_FACT_RECORDS;
	else
		return 0;
	fact.event = change->redo == LOG_SET_BITS ? LOG_CREATED : LOG_REMOVED;
	fact.file = 0;
	fact.first = (target_bytes(giver->history, change) + change->record_offset) * 8 + le32_at(data.at);
	fact.count = le32_at(data.at + 4);
	return giver->take(giver->to, &fact, err);
}

/* What was written into a stream: index nodes, and the change journal. */
static int give_written(const struct giver *giver, const struct log_change *change, const struct log_open_span *span,
			struct bytes data, struct error *err)
{
	struct log_fact    fact = giver->fact;
	struct index_block block;
	struct error       why;
	uint64_t           directory = span ? file_ref_record(span->file) : 0;

	if (index_block_decode(data, &block, &why) == 0)
		return give_entries(giver, block.node, span ? &directory : NULL, err);
	if (!span || span->type != ATTRIBUTE_DATA || !name_is(span->name, "$J"))
		return 0;
	fact.kind = LOG_FACT_JOURNAL;
	fact.file = span->file;
	fact.bytes = data;
	fact.first = target_bytes(giver->history, change) + change->record_offset + change->attribute_offset;
	return giver->take(giver->to, &fact, err);
}

/* What one side of a change has: its data, and what it means that it came, or went. */
static int give_side(const struct giver *giver, const struct log_change *change, uint16_t operation, struct bytes data,
		     struct error *err)
{
	struct giver                seen = *giver;
	const struct log_open_span *span = target_span(giver->history, change->target, giver->fact.lsn);
	uint64_t                    directory = span ? file_ref_record(span->file) : 0;
	uint64_t                    record = file_ref_record(giver->fact.file);
	struct attribute            attribute;
	struct error                why;

	seen.fact.event = LOG_SEEN;
	switch (operation) {
	case LOG_INITIALIZE_FILE_RECORD:
		return give_image(change->redo == operation ? giver : &seen, data, err);
	case LOG_CREATE_ATTRIBUTE:
		return attribute_next(&data, &attribute, &why) == 1 ? give_attribute(giver, &attribute, err) : 0;
	case LOG_ADD_INDEX_ENTRY_ROOT:
		return give_entry(giver, data, &record, err);
	case LOG_ADD_INDEX_ENTRY_ALLOCATION:
		return give_entry(giver, data, span ? &directory : NULL, err);
	case LOG_WRITE_END_OF_INDEX_BUFFER:
		return give_entries(&seen, (struct index_node){ .entries = data }, span ? &directory : NULL, err);
	case LOG_UPDATE_NONRESIDENT_VALUE:
		return give_written(&seen, change, span, data, err);
	default:
		return 0;
	}
}

/* The data of an image that is logged as undo is the state before; so is the header of a record that is freed. */
static int give_change(struct giver *giver, const struct log_change *change, struct error *err)
{
	if (change->redo == LOG_SET_BITS || change->redo == LOG_CLEAR_BITS)
		return give_bits(giver, change, target_span(giver->history, change->target, giver->fact.lsn), err);
	giver->fact.event = LOG_REMOVED;
	if (change->redo == LOG_DEALLOCATE_FILE_RECORD)
		return give_record(giver, change->undo_data, err);
	if (give_side(giver, change, change->undo, change->undo_data, err) < 0)
		return -1;
	giver->fact.event = LOG_CREATED;
	return give_side(giver, change, change->redo, change->redo_data, err);
}

static struct log_fact fact_of(const struct log_history *history, size_t index, const struct log_record *record)
{
	return (struct log_fact){ .outcome = history->outcomes[index],
				  .torn = record->place.flags & LOG_RECORD_TORN,
				  .lsn = record->place.lsn,
				  .offset = record->offset,
				  .transaction = record->place.transaction };
}

int log_history_facts(struct log_history *history, log_fact_taker *take, void *to, struct error *err)
{
	struct log_record record;
	struct log_change change;

	for (size_t i = 0; i < history->log->records.count; i++) {
		struct giver giver = { history, take, to, { 0 } };
		int          got = read_change(history, i, &record, &change, err);

		if (got < 0)
			return -1;
		if (!got)
			continue;
		giver.fact = fact_of(history, i, &record);
		if (is_on_file_record(&change))
			giver.fact.file = ref_at(history, target_record(history, &change), record.place.lsn);
		if (give_change(&giver, &change, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- states of FILE records -------- */

/* A FILE record while its changes are done to it. */
struct state {
	uint8_t  *image;
	bool      valid;
	struct giver giver; /* of its last change */
};

static int give_state(struct state *state, enum log_fact_event event, struct error *err)
{
	uint32_t in_use;

	if (!state->valid)
		return 0;
	in_use = le32_at(state->image + 0x18);
	if (in_use < FILE_RECORD_LEAST || in_use > RECORD_BYTES_MAX)
		return 0;
	state->giver.fact.event = event;
	return give_image(&state->giver, (struct bytes){ state->image, in_use, 0 }, err);
}

static void begin_state(struct state *state, struct bytes image)
{
	state->valid = image.left >= FILE_RECORD_LEAST && image.left <= RECORD_BYTES_MAX && is_file_record(image);
	if (!state->valid)
		return;
	memset(state->image, 0, RECORD_BYTES_MAX);
	memcpy(state->image, image.at, image.left);
}

/* Do one change to the record; where it is freed or made anew, it is given as it was before. */
static int step_state(struct state *state, const struct log_change *change, struct log_fact fact, struct error *err)
{
	struct bytes before = change->undo == LOG_INITIALIZE_FILE_RECORD ? change->undo_data : (struct bytes){ 0 };

	if (change->redo == LOG_DEALLOCATE_FILE_RECORD || change->redo == LOG_INITIALIZE_FILE_RECORD ||
	    change->undo == LOG_DEALLOCATE_FILE_RECORD)
		if (give_state(state, LOG_REMOVED, err) < 0)
			return -1;
	state->giver.fact = fact;
	if (change->redo == LOG_INITIALIZE_FILE_RECORD)
		begin_state(state, change->redo_cut ? (struct bytes){ 0 } : change->redo_data);
	else if (change->redo == LOG_DEALLOCATE_FILE_RECORD || change->undo == LOG_DEALLOCATE_FILE_RECORD)
		state->valid = false;
	else if (change->redo == LOG_NOOP && before.left && !change->undo_cut)
		begin_state(state, before);
	else
		state->valid = state->valid && log_apply(change, LOG_FORWARD, state->image, RECORD_BYTES_MAX);
	return 0;
}

int log_history_states(struct log_history *history, log_fact_taker *take, void *to, struct error *err)
{
	CLEANUP(free_ptr) uint8_t      *image = malloc(RECORD_BYTES_MAX);
	const struct log_record_change *changes = history->changes.items;
	struct state                    state = { .image = image, .giver = { history, take, to, { 0 } } };
	struct log_record               record;
	struct log_change               change;

	if (!image)
		return error_memory(err);
	for (size_t i = 0; i < history->changes.count; i++) {
		struct log_fact fact;
		int             got = read_change(history, changes[i].index, &record, &change, err);

		if (got < 0)
			return -1;
		fact = fact_of(history, changes[i].index, &record);
		fact.file = file_ref_make(changes[i].record, 0);
		if (i && changes[i].record != changes[i - 1].record) {
			if (give_state(&state, LOG_SEEN, err) < 0)
				return -1;
			state.valid = false;
		}
		if (state.valid && is_gap(history, state.giver.fact.lsn, fact.lsn)) {
			if (give_state(&state, LOG_SEEN, err) < 0)
				return -1;
			state.valid = false;
		}
		if (step_state(&state, &change, fact, err) < 0)
			return -1;
	}
	return give_state(&state, LOG_SEEN, err);
}

/* -------- back from a record as it is -------- */

/* The change to @record with this LSN in its header, as an index of .changes; SIZE_MAX if there is none. */
static size_t find_change(const struct log_history *history, uint64_t record, uint64_t lsn)
{
	const struct log_record_change *changes = history->changes.items;
	const struct log_record_place  *records = history->log->records.items;
	size_t                          low = 0, high = history->changes.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (changes[middle].record < record ||
		    (changes[middle].record == record && records[changes[middle].index].lsn < lsn))
			low = middle + 1;
		else
			high = middle;
	}
	return low < history->changes.count && changes[low].record == record && records[changes[low].index].lsn == lsn
		       ? low
		       : SIZE_MAX;
}

/* Can the change at @at be taken back?  What was before a record was made anew is in the change before. */
static int is_reversible(struct log_history *history, size_t at, const struct log_change *change, struct error *err)
{
	const struct log_record_change *changes = history->changes.items;
	struct log_record               record;
	struct log_change               before;
	int                             got;

	if (change->undo == LOG_DEALLOCATE_FILE_RECORD || change->undo == LOG_COMPENSATION)
		return 0;
	if (change->redo != LOG_INITIALIZE_FILE_RECORD || change->undo != LOG_NOOP)
		return 1;
	if (!at || changes[at - 1].record != changes[at].record)
		return 0;
	got = read_change(history, changes[at - 1].index, &record, &before, err);
	return got > 0 ? before.undo == LOG_INITIALIZE_FILE_RECORD && !before.undo_cut : got;
}

/* Take back the change at @at.  1, 0 when it cannot be, -1 when the log cannot be read. */
static int take_back(struct log_history *history, size_t at, uint8_t *image, size_t size_bytes, struct error *err)
{
	struct log_record record;
	struct log_change change;
	int               got = read_change(history, history->changes.items[at].index, &record, &change, err);

	if (got == 1)
		got = is_reversible(history, at, &change, err);
	if (got == 1) /* looking at the change before has moved the windows */
		got = read_change(history, history->changes.items[at].index, &record, &change, err);
	return got == 1 ? log_apply(&change, LOG_BACK, image, size_bytes) : got;
}

int log_history_rewind(struct log_history *history, uint64_t record, uint8_t *image, size_t size_bytes, uint64_t lsn,
		       uint64_t *state, struct error *err)
{
	const struct log_record_change *changes = history->changes.items;
	const struct log_record_place  *records = history->log->records.items;
	size_t                          at;
	int                             steps = 0;

	*state = 0;
	if (size_bytes < FILE_RECORD_LEAST)
		return 0;
	at = find_change(history, record, le64_at(image + RECORD_LSN_AT));
	while (at != SIZE_MAX) {
		int got;

		*state = records[changes[at].index].lsn;
		if (*state <= lsn)
			break;
		got = take_back(history, at, image, size_bytes, err);
		if (got < 0)
			return -1;
		if (!got)
			break;
		steps++;
		if (!at || changes[at - 1].record != record ||
		    is_gap(history, records[changes[at - 1].index].lsn, *state)) {
			*state = 0;
			break;
		}
		at--;
	}
	return steps;
}
