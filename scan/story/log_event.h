/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_event.h - what the logs of a deployment say happened: captured, wiped, applied, restored, deleted
 *
 * Reads smsts.log and BDD.log (CMTrace records, also torn ones), scanstate.log, loadstate.log, usmtutils.log
 * (USMT's or ours), setupact.log and setuperr.log.  The text says which of them it is, so that pieces found
 * without a name are read as well.  An event says what its record says, and nothing that follows from
 * others, but for three things: what a program's exit code belongs to is its command line, before it in the
 * same component; a wipe has begun with the first word about it; and what a step was at when it ended, has
 * ended with it.
 */
#ifndef SCAN_LOG_EVENT_H
#define SCAN_LOG_EVENT_H

#include "core/arena.h"
#include "core/array.h"
#include "core/bytes.h"

#define LOG_SAID_MAX 400u /* bytes of a record's text that an event keeps */

enum log_event_kind {
	LOG_SEQUENCE_BEGAN,   /* .number: the instruction that it goes on with */
	LOG_SEQUENCE_ENDED,   /* .step: the one that ended it, if it failed */
	LOG_STEP_BEGAN,       /* .step, .number */
	LOG_STEP_ENDED,
	LOG_FAILURE_IGNORED,  /* .step failed, and the sequence went on */
	LOG_STORE_PATH,       /* where the store is to be: .path */
	LOG_CAPTURE_BEGAN,    /* ScanState: .path is the store */
	LOG_CAPTURE_ENDED,    /* .count errors were passed over, if it says so */
	LOG_LEFT_OUT,         /* .path could not be captured or restored, .code says why */
	LOG_LEFT_OUT_SUM,     /* .count of them had the error .code */
	LOG_PROFILE_LEFT_OUT, /* .path: the SID of a user whom ScanState passed over */
	LOG_WIPE_BEGAN,       /* .path: "C:\", "" if it is not said */
	LOG_WIPE_SKIPPED,     /* .path stays */
	LOG_WIPE_ENDED,
	LOG_PARTITION_BEGAN,  /* a disk is parted or formatted */
	LOG_PARTITION_ENDED,
	LOG_APPLY_BEGAN,      /* .path: the volume, or the image */
	LOG_APPLY_ENDED,
	LOG_RESTORE_BEGAN,    /* LoadState: .path is the store */
	LOG_RESTORE_ENDED,
	LOG_DELETE_BEGAN,     /* usmtutils /rd, rd /s, the sequence's own clean-up: .path is a folder */
	LOG_DELETE_ENDED,
	LOG_RESTART,
	LOG_SETUP_BEGAN,      /* Windows Setup's first word */
	LOG_SETUP_ERROR,
	LOG_SETUP_ENDED,      /* its last */

	/* no log says these: a file system shows them (volume_story.h); .form is LOG_FORM_NONE, .number the volume */
	SHOWN_FORMAT,         /* a volume was formatted */
	SHOWN_STORE,          /* .path: the folder of a store was made */
	SHOWN_STORE_LAST,     /* .path: a folder of a store that is deleted last showed a sign of life */
	SHOWN_LAST_CHANGE,    /* of any file of a volume */
	SHOWN_DELETE_BEGAN,   /* .path: of .count files and folders of a store, by the change journal */
	SHOWN_DELETE_ENDED,
	SHOWN_BURST_BEGAN,    /* .count files and folders were deleted, each soon after the other; likewise */
	SHOWN_BURST_ENDED,
	LOG_EVENT_KINDS
};

enum log_outcome { LOG_UNTOLD, LOG_WELL, LOG_FAILED };

/* How well .time is known. */
enum log_clock {
	LOG_CLOCK_NONE,    /* no time */
	LOG_CLOCK_LOCAL,   /* the machine's clock, and not how far it was from UTC */
	LOG_CLOCK_ASSUMED, /* UTC, if the clock stood as another log of the same hours says (story.h) */
	LOG_CLOCK_UTC,
};

enum log_form { LOG_FORM_NONE, LOG_FORM_CMTRACE, LOG_FORM_USMT };

struct log_event {
	enum log_event_kind kind;
	enum log_outcome    outcome;
	enum log_clock      clock;
	enum log_form       form;
	uint64_t            time;         /* 100 ns since 1601 */
	int                 bias_minutes; /* with LOG_CLOCK_UTC: from the machine's clock to UTC */
	bool                has_code;
	uint32_t            code;
	bool                has_number;
	uint32_t            number;       /* of the instruction */
	uint64_t            count;        /* of what was left out */
	const char         *step;         /* "" if it is not said, as the next */
	const char         *path;
	const char         *said;         /* the first line of the record's text */
	bool                torn;         /* the record is not whole */
	uint32_t            artefact;     /* the caller's number of the log */
	uint64_t            offset;       /* of the record in it, bytes */
	size_t              order;        /* in which they were read, of all events */
	uint32_t            told;         /* by how many records; story.h counts them */
};

struct log_events {
	struct ARRAY(struct log_event) list; /* as they were read */
	struct arena                   texts;
};

/* "capture_began", "step_ended", ...: as in the casebook and in JSON. */
const char *log_event_kind_name(enum log_event_kind kind);

/* Which kind of log it is; LOG_FORM_NONE if none that we know. */
enum log_form log_form_of(struct bytes text);

/*
 * Append what a log, or a piece of one, says.  @text.offset is where it begins in the artefact.
 * Returns 0, also when it is no log, or -1 without memory.
 */
MUST_CHECK int log_events_read(struct log_events *events, struct bytes text, uint32_t artefact,
			       struct error *err);
void           log_events_release(struct log_events *events);

#endif
