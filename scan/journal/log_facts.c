/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_facts.c - see log_facts.h */
#include "scan/journal/log_facts.h"

#include "core/endian.h"
#include "scan/journal/log_payload.h"
#include "scan/mft_record.h"

#define MFT_RECORD        0u
#define BITMAP_RECORD     6u
#define FILE_RECORD_LEAST 0x30u

static bool name_is(struct bytes name, const char *word)
{
	return attribute_is_named(&(struct attribute){ .name = name }, word);
}

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

	if (!log_payload_entry(data, &entry, &fact.name) || (directory && file_ref_record(fact.name.parent) != *directory))
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
	if (log_payload_is_file_record(image))
		fact.file = log_payload_ref(image, file_ref_record(fact.file));
	return giver->take(giver->to, &fact, err);
}

/* A whole FILE record in the log. */
static int give_image(const struct giver *giver, struct bytes image, struct error *err)
{
	struct giver inner = *giver;

	if (image.left < FILE_RECORD_LEAST || !log_payload_is_file_record(image))
		return 0;
	inner.fact.file = log_payload_ref(image, file_ref_record(giver->fact.file));
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
	fact.first = (log_history_block(giver->history, change) + change->record_offset) * 8 + le32_at(data.at);
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
	fact.first = log_history_block(giver->history, change) + change->record_offset + change->attribute_offset;
	return giver->take(giver->to, &fact, err);
}

/* What one side of a change has: its data, and what it means that it came, or went. */
static int give_side(const struct giver *giver, const struct log_change *change, uint16_t operation, struct bytes data,
		     struct error *err)
{
	struct giver                seen = *giver;
	const struct log_open_span *span = log_opened_at(&giver->history->opened, change->target, giver->fact.lsn);
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
		return give_bits(giver, change, log_opened_at(&giver->history->opened, change->target, giver->fact.lsn), err);
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
	return (struct log_fact){ .outcome = history->outcomes.of[index],
				  .torn = record->place.flags & LOG_RECORD_TORN,
				  .lsn = record->place.lsn,
				  .offset = record->offset,
				  .transaction = history->outcomes.begins[index] };
}

int log_history_facts(struct log_history *history, log_fact_taker *take, void *to, struct error *err)
{
	struct log_record record;
	struct log_change change;

	for (size_t i = 0; i < history->log->records.count; i++) {
		struct giver giver = { history, take, to, { 0 } };
		int          got = log_history_read(history, i, &record, &change, err);

		if (got < 0)
			return -1;
		if (!got)
			continue;
		giver.fact = fact_of(history, i, &record);
		if (log_history_is_on_record(&change))
			giver.fact.file = log_lives_at(&history->lives, log_history_record(history, &change), record.place.lsn);
		if (give_change(&giver, &change, err) < 0)
			return -1;
	}
	return 0;
}

int log_history_changes(struct log_history *history, log_change_taker *take, void *to, struct error *err)
{
	const struct log_record_change *changes = history->changes.items;
	struct log_record               record;
	struct log_change               change;
	uint64_t                        before = 0;

	for (size_t i = 0; i < history->changes.count; i++) {
		struct log_fact fact;
		int             got = log_history_read(history, changes[i].index, &record, &change, err);
		bool            joined;

		if (got < 0)
			return -1;
		fact = fact_of(history, changes[i].index, &record);
		fact.file = file_ref_make(changes[i].record, 0);
		joined = i && changes[i].record == changes[i - 1].record &&
			 !log_file_is_gap(history->log, before, fact.lsn);
		if (take(to, &change, &fact, joined, err) < 0)
			return -1;
		before = fact.lsn;
	}
	return 0;
}

int log_fact_give_image(const struct log_fact *fact, struct bytes image, log_fact_taker *take, void *to, struct error *err)
{
	return give_image(&(struct giver){ NULL, take, to, *fact }, image, err);
}
