/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay.h - what a crash left in the log: judged, finished, or forgotten
 *
 * Judging only reads, so that a command which must not write can tell what a
 * replay would do; doing takes what was judged.
 */
#ifndef RECOVER_TRANSACTION_REPLAY_H
#define RECOVER_TRANSACTION_REPLAY_H

#include "core/array.h"
#include "recover/transaction/block_device.h"
#include "scan/redo_log.h"

struct transaction;

struct redo_entries ARRAY(struct redo_entry);

/* What there is to be done about a log. */
struct replay_plan {
	bool                found;   /* a run had been cut off; .header says which */
	struct redo_header  header;
	struct redo_entries entries; /* of its last transaction, if that holds (REDO_COMMITTED) */
	uint64_t            waiting; /* of them, blocks that are not in place yet */
};

/*
 * Judge the log whose header is at byte @log of the volume; nothing is found in a log that is not ours.
 * Returns 0, or -1: log damaged, of another version or volume, or somebody wrote to the volume since; what of
 * @plan is known is filled then, too.  replay_plan_release in any case.
 */
MUST_CHECK int replay_judge(const struct block_device *device, uint64_t log, struct replay_plan *plan,
			    struct error *err);
void           replay_plan_release(struct replay_plan *plan);

/*
 * Put what the log of an opened device commits in place, and take back the commit; without one, nothing.
 * Returns 0, or -1 when a read or a write fails.
 */
MUST_CHECK int replay_finish(struct transaction *transaction, const struct replay_plan *plan,
			     struct error *err);

/* Fill $LogFile with 0xff, its first sector last. */
MUST_CHECK int replay_erase_log(struct transaction *transaction, struct error *err);

#endif
