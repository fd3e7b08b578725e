/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_lives.c - see log_lives.h */
#include "scan/journal/log_lives.h"

#include "scan/journal/log_payload.h"

int log_lives_add(struct log_lives *lives, file_ref ref, uint64_t lsn, enum log_life_event event, struct error *err)
{
	struct log_life life = { file_ref_record(ref), lsn, file_ref_sequence(ref), event };

	return array_push(&lives->list, life) ? 0 : error_memory(err);
}

static int note_entry(struct log_lives *lives, struct bytes data, uint64_t lsn, struct error *err)
{
	struct index_entry entry;
	struct file_name   name;

	if (!log_payload_entry(data, &entry, &name))
		return 0;
	return log_lives_add(lives, entry.ref, lsn, LOG_LIFE_SEEN, err) < 0 ||
			       log_lives_add(lives, name.parent, lsn, LOG_LIFE_SEEN, err) < 0
		       ? -1
		       : 0;
}

static bool is_entry_operation(uint16_t operation)
{
	return operation == LOG_ADD_INDEX_ENTRY_ROOT || operation == LOG_ADD_INDEX_ENTRY_ALLOCATION;
}

int log_lives_note(struct log_lives *lives, const struct log_change *change, uint64_t record, uint64_t lsn,
		   struct error *err)
{
	file_ref before = log_payload_ref(change->undo_data, record);

	if (is_entry_operation(change->redo))
		return note_entry(lives, change->redo_data, lsn, err);
	if (is_entry_operation(change->undo))
		return note_entry(lives, change->undo_data, lsn, err);
	if (change->redo == LOG_DEALLOCATE_FILE_RECORD)
		return log_lives_add(lives, before, lsn, LOG_LIFE_ENDS, err);
	if (change->redo == LOG_INITIALIZE_FILE_RECORD)
		return log_lives_add(lives, log_payload_ref(change->redo_data, record), lsn, LOG_LIFE_BEGINS, err);
	if (change->undo == LOG_INITIALIZE_FILE_RECORD)
		return log_lives_add(lives, before, lsn, LOG_LIFE_SEEN, err);
	if (change->undo == LOG_DEALLOCATE_FILE_RECORD)
		return log_lives_add(lives, file_ref_make(record, 0), lsn, LOG_LIFE_BEGINS, err);
	return 0;
}

static int compare_lives(const void *one, const void *other)
{
	const struct log_life *a = one, *b = other;
	int                    order = log_compare(a->record, b->record);

	return order ? order : log_compare(a->lsn, b->lsn);
}

void log_lives_sort(struct log_lives *lives)
{
	if (lives->list.count)
		qsort(lives->list.items, lives->list.count, sizeof *lives->list.items, compare_lives);
}

void log_lives_release(struct log_lives *lives)
{
	array_release(&lives->list);
}

/* The sequence number that a record had at @lsn, 0 if it cannot be told. */
static uint16_t sequence_at(const struct log_lives *all, uint64_t record, uint64_t lsn)
{
	const struct log_life *lives = all->list.items;
	size_t                 first = partition_point(0, all->list.count, at,
						       lives[at].record < record ||
							       (lives[at].record == record && lives[at].lsn <= lsn));

	for (size_t i = first;
	     i-- > 0 && lives[i].record == record && !log_file_is_gap(all->log, lives[i].lsn, lsn);) {
		if (lives[i].sequence && (lives[i].lsn == lsn || lives[i].event != LOG_LIFE_ENDS))
			return lives[i].sequence;
		if (lives[i].event != LOG_LIFE_SEEN)
			break;
	}
	for (size_t i = first; i < all->list.count && lives[i].record == record; i++) {
		if (log_file_is_gap(all->log, lsn, lives[i].lsn) || lives[i].event == LOG_LIFE_BEGINS)
			break;
		if (lives[i].sequence || lives[i].event == LOG_LIFE_ENDS)
			return lives[i].sequence;
	}
	return 0;
}

file_ref log_lives_at(const struct log_lives *lives, uint64_t record, uint64_t lsn)
{
	return file_ref_make(record, sequence_at(lives, record, lsn));
}
