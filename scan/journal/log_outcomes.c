/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_outcomes.c - see log_outcomes.h */
#include "scan/journal/log_outcomes.h"

#include "core/cleanup.h"

#define TRANSACTIONS 65536u

int log_outcomes_init(struct log_outcomes *outcomes, const struct log_file *log, struct error *err)
{
	size_t count = log->records.count + 1;

	*outcomes = (struct log_outcomes){ .log = log,
					   .of = calloc(count, sizeof *outcomes->of),
					   .ends = calloc(count, sizeof *outcomes->ends),
					   .begins = calloc(count, sizeof *outcomes->begins) };
	return outcomes->of && outcomes->ends && outcomes->begins ? 0 : error_memory(err);
}

void log_outcomes_release(struct log_outcomes *outcomes)
{
	free(outcomes->of);
	free(outcomes->ends);
	free(outcomes->begins);
}

/* The step of a rollback: what it takes back is the change before it, or what the step before left to be done. */
static void note_rollback(struct log_outcomes *outcomes, size_t index)
{
	const struct log_record_place *records = outcomes->log->records.items, *undone;

	outcomes->of[index] = LOG_ROLLBACK;
	undone = log_file_find(outcomes->log, records[index].previous);
	if (undone && outcomes->of[undone - records] == LOG_ROLLBACK)
		undone = log_file_find(outcomes->log, undone->undo_next);
	if (undone && undone < &records[index] && undone->transaction == records[index].transaction)
		outcomes->of[undone - records] = LOG_ROLLED_BACK;
}

/* Records of one transaction are a chain. */
static void note_begin(struct log_outcomes *outcomes, size_t index)
{
	const struct log_record_place *records = outcomes->log->records.items, *before;
	uint64_t                       previous = records[index].previous;

	before = previous < records[index].lsn ? log_file_find(outcomes->log, previous) : NULL;
	outcomes->begins[index] = before ? outcomes->begins[before - records] : previous ? previous : records[index].lsn;
}

void log_outcomes_note(struct log_outcomes *outcomes, size_t index, const struct log_change *change)
{
	note_begin(outcomes, index);
	if (change->redo == LOG_FORGET_TRANSACTION || change->redo == LOG_COMMIT_TRANSACTION)
		outcomes->ends[index] = 1;
	else if (change->undo == LOG_COMPENSATION && change->redo != LOG_NOOP && change->redo != LOG_END_TOP_LEVEL_ACTION)
		note_rollback(outcomes, index); /* the two only say that a part of a transaction stays in any case */
}

/* What lasts is followed by the end of its transaction, with nothing missing in between. */
int log_outcomes_settle(struct log_outcomes *outcomes, struct error *err)
{
	const struct log_record_place *records = outcomes->log->records.items;
	CLEANUP(free_ptr) uint8_t     *ended = calloc(TRANSACTIONS, 1);

	if (!ended)
		return error_memory(err);
	for (size_t i = outcomes->log->records.count; i-- > 0;) {
		uint32_t transaction = records[i].transaction;

		if (transaction < TRANSACTIONS && outcomes->ends[i])
			ended[transaction] = 1;
		if (outcomes->of[i] == LOG_UNFINISHED && transaction < TRANSACTIONS && ended[transaction])
			outcomes->of[i] = LOG_LASTING;
		if (transaction < TRANSACTIONS && !records[i].previous && !outcomes->ends[i])
			ended[transaction] = 0;
		if (records[i].flags & LOG_RECORD_GAP)
			memset(ended, 0, TRANSACTIONS);
	}
	return 0;
}
