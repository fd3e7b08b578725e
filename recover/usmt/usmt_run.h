/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_run.h - one run of ScanState, LoadState or UsmtUtils, from its command line to its return code
 *
 * Reads the options, opens logs and volumes, has the work done, and says how it went: on the terminal,
 * in both logs, and by the code. What was left out makes the code 3 with /c, 61 without; where Config.xml rates an
 * error, that goes before: 3, or 72.
 */
#ifndef RECOVER_USMT_USMT_RUN_H
#define RECOVER_USMT_USMT_RUN_H

#include "recover/usmt/usmt_files.h"
#include "recover/usmt/usmt_skipped.h"
#include "recover/usmt/usmt_volumes.h"
#include "report/usmt_code.h"

struct usmt_lines ARRAY(char *);

struct usmt_run {
	struct usmt_options  options;
	struct usmt_volumes  volumes;
	struct usmt_files    files;
	struct usmt_log      log;
	struct usmt_progress progress;
	struct usmt_skipped  skipped;
	struct usmt_lines    told;    /* what usmt_tell was given */
	char                *command; /* the command line */
	enum usmt_code       code;    /* what a failure is called; USMT_SUCCESS: by the kind of the error */
	bool                 silent;  /* nobody is at a terminal: nothing is printed or asked */
};

/* One of the tools. */
struct usmt_front {
	enum usmt_tool tool;
	const char    *usage;
	const char    *program; /* in logs: "SCANSTATE.EXE" */
	/* Refuse what cannot be done; @mode is how the volumes are opened. Returns 0, or -1. */
	int (*check)(const struct usmt_options *options, enum work_mode *mode, struct error *err);
	/* @volumes  open; NULL: none are named, which usmt_run allows where there is no store either */
	int (*work)(struct usmt_run *run, struct work_volumes *volumes, struct error *err);
};

/* In cmd_scanstate.c, cmd_loadstate.c, cmd_usmtutils.c. */
extern const struct usmt_front usmt_scanstate, usmt_loadstate, usmt_usmtutils;

/* Run a command; argv[0] is its name.  Returns the return code. */
int usmt_run(const struct usmt_front *front, int argc, char **argv);

/*
 * The same on volumes that are open for writing already, for a step of a task sequence: nothing but the logs is
 * told, no volume is opened or closed.  The store's volume must be the first of them.
 * @places   where its files are on this computer
 * @failure  the sentence for a code that is neither 0 nor 3, to be freed; NULL if there is none
 */
int usmt_run_on(const struct usmt_front *front, int argc, char **argv, struct work_volumes *volumes,
		const struct usmt_places *places, char **failure);

/* Say a sentence: at the end on the terminal, at once in the log. */
void usmt_tell(struct usmt_run *run, enum usmt_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Say in the progress log which phase begins. */
void usmt_phase(struct usmt_run *run, const char *phase);

/* Name the failure, and pass its -1 on: `return usmt_fail(run, CODE, error_set(err, ...))`. */
int usmt_fail(struct usmt_run *run, enum usmt_code code, int status);

#endif
