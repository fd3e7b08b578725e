/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_history.c - see log_history.h */
#include "scan/journal/log_history.h"

#include "scan/journal/log_table.h"

#define CLUSTER_BYTES_DEFAULT 4096u
#define CLUSTER_BYTES_MAX     (2u << 20)
#define RECORD_BYTES_DEFAULT  1024u
#define SECTOR_BYTES          512u

uint64_t log_history_block(const struct log_history *history, const struct log_change *change)
{
	return change->vcn * history->cluster_bytes + (uint64_t)change->block_offset * SECTOR_BYTES;
}

uint64_t log_history_record(const struct log_history *history, const struct log_change *change)
{
	uint32_t bytes = history->record_bytes;

	if (!bytes)
		bytes = change->block_sectors ? change->block_sectors * SECTOR_BYTES : RECORD_BYTES_DEFAULT;
	return log_history_block(history, change) / bytes;
}

bool log_history_is_on_record(const struct log_change *change)
{
	return log_changes_file_record(change->redo) || log_changes_file_record(change->undo);
}

int log_history_read(struct log_history *history, size_t index, struct log_record *record, struct log_change *change,
		     struct error *err)
{
	struct error why;

	if (log_file_record(history->log, index, record, err) < 0)
		return -1;
	return record->place.type == LOG_RECORD_CHANGE && log_change_decode(record->data, change, &why) == 0;
}

/* -------- the pass -------- */

static int compare_changes(const void *one, const void *other)
{
	const struct log_record_change *a = one, *b = other;
	int                             order = log_compare(a->record, b->record);

	return order ? order : log_compare(a->index, b->index);
}

static int note_change(struct log_history *history, size_t index, const struct log_change *change, struct error *err)
{
	uint64_t lsn = history->log->records.items[index].lsn, record = log_history_record(history, change);

	log_outcomes_note(&history->outcomes, index, change);
	if (log_history_is_on_record(change) &&
	    !array_push(&history->changes, (struct log_record_change){ record, index }))
		return error_memory(err);
	return log_opened_is(change) ? log_opened_note(&history->opened, change, lsn, err)
				     : log_lives_note(&history->lives, change, record, lsn, err);
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

static int go_through(struct log_history *history, struct error *err)
{
	struct log_record record;
	struct log_change change;

	for (size_t i = 0; i < history->log->records.count; i++) {
		int got = log_history_read(history, i, &record, &change, err);

		if (got < 0 || (got && note_change(history, i, &change, err) < 0))
			return -1;
	}
	return 0;
}

int log_history_open(struct log_history *history, struct log_file *log, uint32_t cluster_bytes, uint32_t record_bytes,
		     struct error *err)
{
	*history = (struct log_history){ .log = log, .cluster_bytes = cluster_bytes, .record_bytes = record_bytes,
					 .lives.log = log };
	if (log_outcomes_init(&history->outcomes, log, err) < 0 ||
	    log_opened_init(&history->opened, log, &history->lives, err) < 0 ||
	    find_cluster_bytes(history, err) < 0 || go_through(history, err) < 0)
		return -1;
	log_opened_sort(&history->opened);
	log_lives_sort(&history->lives);
	if (history->changes.count)
		qsort(history->changes.items, history->changes.count, sizeof *history->changes.items, compare_changes);
	return log_outcomes_settle(&history->outcomes, err);
}

void log_history_release(struct log_history *history)
{
	log_outcomes_release(&history->outcomes);
	log_opened_release(&history->opened);
	log_lives_release(&history->lives);
	array_release(&history->changes);
	*history = (struct log_history){ 0 };
}
