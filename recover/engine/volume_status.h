/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_status.h - what is on a volume, what was under way, what may be done next
 *
 * Reads only, and has no way to write: the log is judged (transaction/replay.h), not
 * replayed.  Stores are those that a scan finds, with what their catalogues add.
 */
#ifndef RECOVER_ENGINE_VOLUME_STATUS_H
#define RECOVER_ENGINE_VOLUME_STATUS_H

#include "recover/engine/work_volume.h"
#include "recover/transaction/replay.h"
#include "scan/volume_state.h"

struct status_lines ARRAY(char *);

struct status_store {
	char    *path;       /* "\StateStore\USMT" */
	char    *kind;       /* usmt, holdfast, plain */
	char    *state;      /* live, partial, deleted, remnant */
	bool     unfinished; /* a capture that was cut off */
	uint64_t files, bytes;
	uint64_t only_here, only_here_bytes; /* files with no name outside */
	uint64_t endangered; /* files that are deleted, can still be had, and have no other name */

	/* of a live store of ours */
	uint32_t generation; /* 0: unknown */
	char    *captured;   /* when, as its catalogue has it; NULL: unknown */
	struct status_lines left_out; /* what could not be had then (capture_left_out.h) */
};

struct status_stores ARRAY(struct status_store);

struct volume_status {
	struct volume_state  state;
	struct replay_plan   plan;    /* where .state says that a run was cut off */
	bool                 refused; /* a replay would be, .why says it */
	struct error         why;
	struct status_stores stores;
	struct status_lines  next;    /* what may be done, one sentence each */
};

/* Look at a volume opened for reading, all but .next.  Returns 0, or -1.  volume_status_release in any case. */
MUST_CHECK int volume_status_read(struct volume_status *status, struct work_volume *volume, struct error *err);

/*
 * Fill .next, in the order in which it is to be done.
 * @source     what names the volume on the command line
 * @under_way  what is to be done about something else that is under way on it, a sentence; NULL: nothing is
 */
MUST_CHECK int volume_status_advise(struct volume_status *status, const char *source, const char *under_way,
				    struct error *err);
void           volume_status_release(struct volume_status *status);

/* True if something is unfinished, damaged, or waits to be rescued. */
bool volume_status_needs_care(const struct volume_status *status);

/* Judge the log of the volume alone, as replay_judge does. */
MUST_CHECK int volume_status_judge(const struct work_volume *volume, struct replay_plan *plan,
				   struct error *err);

#endif
