/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_states.c - see log_states.h */
#include "scan/journal/log_states.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "scan/journal/log_apply.h"
#include "scan/journal/log_payload.h"

#define RECORD_BYTES_MAX  65536u
#define FILE_RECORD_LEAST 0x30u
#define RECORD_LSN_AT     0x08u
#define IN_USE_AT         0x18u

/* A FILE record while its changes are done to it. */
struct state {
	uint8_t        *image;
	bool            valid;
	struct log_fact last; /* its last change */
	log_fact_taker *take;
	void           *to;
};

static int give_state(struct state *state, enum log_fact_event event, struct error *err)
{
	uint32_t in_use;

	if (!state->valid)
		return 0;
	in_use = le32_at(state->image + IN_USE_AT);
	if (in_use < FILE_RECORD_LEAST || in_use > RECORD_BYTES_MAX)
		return 0;
	state->last.event = event;
	return log_fact_give_image(&state->last, (struct bytes){ state->image, in_use, 0 }, state->take, state->to, err);
}

static void begin_state(struct state *state, struct bytes image)
{
	state->valid = image.left >= FILE_RECORD_LEAST && image.left <= RECORD_BYTES_MAX && log_payload_is_file_record(image);
	if (!state->valid)
		return;
	memset(state->image, 0, RECORD_BYTES_MAX);
	memcpy(state->image, image.at, image.left);
}

/* Do one change to the record.  Where it is freed or made anew, or changes are missing, it is given as it was before. */
static int step_state(void *to, const struct log_change *change, const struct log_fact *fact, bool joined,
		      struct error *err)
{
	struct state *state = to;
	struct bytes  before = change->undo == LOG_INITIALIZE_FILE_RECORD ? change->undo_data : (struct bytes){ 0 };
	bool          torn = state->last.torn;

	if (!joined) {
		if (give_state(state, LOG_SEEN, err) < 0)
			return -1;
		state->valid = false;
	}
	if (change->redo == LOG_DEALLOCATE_FILE_RECORD || change->redo == LOG_INITIALIZE_FILE_RECORD ||
	    change->undo == LOG_DEALLOCATE_FILE_RECORD)
		if (give_state(state, LOG_REMOVED, err) < 0)
			return -1;
	state->last = *fact;
	if (change->redo == LOG_INITIALIZE_FILE_RECORD) {
		begin_state(state, change->redo_cut ? (struct bytes){ 0 } : change->redo_data);
	} else if (change->redo == LOG_DEALLOCATE_FILE_RECORD || change->undo == LOG_DEALLOCATE_FILE_RECORD) {
		state->valid = false;
	} else if (change->redo == LOG_NOOP && before.left && !change->undo_cut) {
		begin_state(state, before);
	} else {
		state->valid = state->valid && log_apply(change, LOG_FORWARD, state->image, RECORD_BYTES_MAX);
		state->last.torn |= torn;
	}
	return 0;
}

int log_history_states(struct log_history *history, log_fact_taker *take, void *to, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *image = malloc(RECORD_BYTES_MAX);
	struct state               state = { .image = image, .take = take, .to = to };

	if (!image)
		return error_memory(err);
	if (log_history_changes(history, step_state, &state, err) < 0)
		return -1;
	return give_state(&state, LOG_SEEN, err);
}

/* -------- back from a record as it is -------- */

/* The change to @record with this LSN in its header, as an index of .changes; SIZE_MAX if there is none. */
static size_t find_change(const struct log_history *history, uint64_t record, uint64_t lsn)
{
	const struct log_record_change *changes = history->changes.items;
	const struct log_record_place  *records = history->log->records.items;
	size_t                          first = partition_point(0, history->changes.count, at,
								changes[at].record < record || (changes[at].record == record &&
                                                                       records[changes[at].index].lsn < lsn));

	return first < history->changes.count && changes[first].record == record &&
			       records[changes[first].index].lsn == lsn
		       ? first
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
	got = log_history_read(history, changes[at - 1].index, &record, &before, err);
	return got > 0 ? before.undo == LOG_INITIALIZE_FILE_RECORD && !before.undo_cut : got;
}

/* Take back the change at @at.  1, 0 when it cannot be, -1 when the log cannot be read. */
static int take_back(struct log_history *history, size_t at, uint8_t *image, size_t size_bytes, struct error *err)
{
	struct log_record record;
	struct log_change change;
	int               got = log_history_read(history, history->changes.items[at].index, &record, &change, err);

	if (got == 1)
		got = is_reversible(history, at, &change, err);
	if (got == 1) /* looking at the change before has moved the windows */
		got = log_history_read(history, history->changes.items[at].index, &record, &change, err);
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
		    log_file_is_gap(history->log, records[changes[at - 1].index].lsn, *state)) {
			*state = 0;
			break;
		}
		at--;
	}
	return steps;
}
