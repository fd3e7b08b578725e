/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner.h - what the parts of a run share
 *
 * For sequence_run.c and runner_*.c alone.
 */
#ifndef RECOVER_SEQUENCE_RUNNER_H
#define RECOVER_SEQUENCE_RUNNER_H

#include "recover/sequence/sequence_logger.h"
#include "recover/sequence/sequence_run.h"

#define RUNNER_STEP "run" /* what a transaction of the run is called */

struct runner {
	const struct sequence_run_options *options;
	struct sequence_run_report        *report;
	char                             **operands; /* each with its letter, or as given */
	struct work_volumes                volumes;
	char                               drive;  /* of the first operand, which need not stay the first volume */
	bool                               open;   /* they are */
	bool                               looked; /* their trees are read, and a Windows has been looked for */
	struct windows                     windows;
	struct sequence_variables          variables;
	struct sequence_machine            machine;
	struct sequence_watch              watch;
	struct sequence_engine             engine;
	struct sequence_host               host;
	struct cmtrace_writer              log;
	struct sequence_logger             logger;
	struct sequence_step               step;
	char                              *why;     /* the last step failed */
	const struct sequence_item        *spoiler; /* .atomic, and this step failed that had written: nothing can go on */
	char                               data;    /* letter of the volume with state and logs; 0: not known yet */
};

static inline const char *runner_get(const struct runner *run, const char *name)
{
	return sequence_variables_get(&run->variables, name);
}

static inline int runner_set(struct runner *run, const char *name, const char *value, struct error *err)
{
	return sequence_variables_set(&run->variables, name, value, err);
}

/* -------- runner_volumes.c -------- */

/* The first operand is volume C: unless it says otherwise; from here on it says so. */
MUST_CHECK int runner_take_operands(struct runner *run, struct error *err);

/* Open them.  What is not committed when they are closed is forgotten; -1 when something failed that was not told before. */
MUST_CHECK int runner_open_volumes(struct runner *run, struct error *err);
MUST_CHECK int runner_close_volumes(struct runner *run, struct error *err);

/* Read their trees, and look for a Windows, unless that is done: until all that was read is forgotten. */
MUST_CHECK int runner_look(struct runner *run, struct error *err);
void           runner_forget(struct runner *run);

/* Make the volume with that letter the first, if there is one: a store's volume has to be. */
MUST_CHECK int runner_put_first(struct runner *run, char letter, struct error *err);

/* Where state and logs are kept. */
struct work_volume *runner_data_volume(struct runner *run);

/* Make hold what the steps have left to hold: the data volume, which says that it is done, last. */
MUST_CHECK int runner_end_held(struct runner *run, struct error *err);

/* -------- runner_begin.c -------- */

/* Begin, or go on with what a run before has left: up to the first step. */
MUST_CHECK int runner_begin(struct runner *run, struct error *err);

/* -------- runner_host.c -------- */

struct sequence_host runner_host(struct runner *run);

/* -------- runner_end.c -------- */

/* Save the state, with the logs up to here, and make all hold that is done; not with .atomic.  @context  the run */
MUST_CHECK int runner_save(void *context, struct error *err);

/* The sequence has ended: well, or not. */
MUST_CHECK int runner_complete(struct runner *run, struct error *err);
MUST_CHECK int runner_fail(struct runner *run, struct error *err);

#endif
