/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_logger.h - what the engine does, told in smsts.log
 *
 * Turns the engine's events, and what is asked for a condition, into the sentences of sequence_log.h.  Secrets
 * are not shown: values of hidden variables, what such a variable is compared with, and what sequence_secret.h
 * hides in command lines.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_LOGGER_H
#define RECOVER_SEQUENCE_SEQUENCE_LOGGER_H

#include "recover/sequence/sequence_engine.h"
#include "recover/sequence/sequence_evaluation.h"
#include "recover/sequence/sequence_log.h"

struct sequence_logger {
	struct cmtrace_writer           *log;
	const struct sequence_file      *file;
	const struct sequence_table     *table;
	const struct sequence_variables *variables; /* hidden values are not shown */
	bool                             of_usmt;   /* set by who runs a step: its code stands for one of USMT's */
	const char                      *why;       /* likewise: what is wrong, in our words; NULL: nothing, or not known */
	const struct sequence_condition *asked;     /* the logger's own: what is being evaluated */
};

/*
 * Begin and end of a run of the engine: the lines around all others.
 * @code  of a failure: SEQUENCE_CODE_FAILED if a step ended it
 */
void sequence_logger_begin(const struct sequence_logger *logger, const char *command_line);
void sequence_logger_end(const struct sequence_logger *logger, enum sequence_result result, uint32_t code);

/* One event, in the order in which the engine tells it. */
void sequence_logger_tell(const struct sequence_logger *logger, const struct sequence_event *event);

/* For sequence_machine: tells what is evaluated and expanded. */
struct sequence_watch sequence_logger_watch(struct sequence_logger *logger);

/* A step's command line, before it is run and when it has been: "Start executing ...", "Process completed ...". */
void sequence_logger_step(const struct sequence_logger *logger, const struct sequence_item *item);
void sequence_logger_step_completed(const struct sequence_logger *logger, uint32_t code);

#endif
