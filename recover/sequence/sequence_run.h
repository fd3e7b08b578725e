/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_run.h - a task sequence, run on volumes
 *
 * What a step writes last and the sequence's own state hold together: a run that is cut off anywhere is gone on with
 * by the same command, and each step is done once.  Or, with .atomic, all of the sequence holds together: the volumes
 * are what they were until its last write, and stay so if a step fails.  Of several volumes each holds as a whole, one
 * after the other, that with the state last: a cut in between leaves the others as they are in the end.
 *
 * The state lies on the volume of _SMSTSMDataPath (sequence_state.h), the logs in a folder of the host, with copies on
 * that volume (sequence_log_files.h).  A restart is a point at which the state is saved, and the sequence goes on.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_RUN_H
#define RECOVER_SEQUENCE_SEQUENCE_RUN_H

#include "recover/sequence/sequence_action.h"
#include "recover/sequence/sequence_engine.h"
#include "recover/sequence/sequence_hook.h"
#include "recover/sequence/sequence_step.h"
#include "recover/windows/windows.h"

struct sequence_run_options {
	const struct sequence_file    *file;
	const char *const             *settings; /* --set */
	size_t                         setting_count;
	char *const                   *operands; /* [LETTER=]SOURCE */
	size_t                         operand_count;
	struct windows_options         windows;
	const struct sequence_package *packages;
	size_t                         package_count;
	const char                    *image;
	const struct sequence_hook    *hooks;
	size_t                         hook_count;
	const struct disk_target      *disks;
	size_t                         disk_count;
	const char                    *log_folder; /* of the host; made if it is not there */
	const char                    *command;    /* the command line, for the log */
	bool                           atomic;
	bool                           restart;    /* begin anew, whatever was saved */
	bool                           yes, overwrite_deleted;
	/* Tell what is under way, as it begins and ends; NULL: nobody asks. */
	void (*watch)(void *context, const struct sequence_event *event, const struct sequence_table *table);
	/* Say a sentence before anything begins; NULL likewise. */
	void (*announce)(void *context, const char *text);
	void  *watch_context; /* of both */
};

/* A step that was not done as the sequence wants it. */
struct unfinished_step {
	const struct sequence_item *item;
	uint32_t                    code; /* 0: it was left out */
};

struct unfinished_steps ARRAY(struct unfinished_step);

struct sequence_run_report {
	struct sequence_table       table;
	bool                        resumed;    /* at .resumed_at: a run before was cut off, or failed */
	uint32_t                    resumed_at;
	bool                        completed;
	struct unfinished_steps     unfinished; /* of this run; those that failed were allowed to */
	struct sequence_notes       notes;      /* of its steps */
	const struct sequence_item *failed;     /* what ended it; NULL: nothing */
	uint32_t                    pointer, code; /* of that */
	bool                        of_usmt;    /* the code stands for one of USMT's */
	bool                        untouched;  /* nothing of it holds: the volumes are what they were */
	char                       *why;        /* of the code; NULL: it says all there is */
	char                       *store;      /* "C:\StateStore", where one was captured; NULL */
	uint64_t                    only_in_store; /* files that are there and nowhere else, when it is over */
	bool                        restores;      /* it has steps that bring them back */
	char                       *logs;       /* where on the volumes the logs are, "C:\Windows\CCM\Logs\SMSTSLog" */
};

/*
 * Run it, or go on with it.
 * Returns 0, also when the sequence fails: .completed; or -1: it cannot be begun, or the device failed.  Release in
 * any case, before the file.
 */
MUST_CHECK int sequence_run(const struct sequence_run_options *options, struct sequence_run_report *report,
			    struct error *err);
void           sequence_run_report_release(struct sequence_run_report *report);

#endif
