/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run_report.h - a run of a task sequence, told while it goes on and when it is over
 */
#ifndef RECOVER_SEQUENCE_RUN_REPORT_H
#define RECOVER_SEQUENCE_RUN_REPORT_H

#include "recover/sequence/sequence_run.h"

/* Who looks on while a sequence runs: context of run_report_watch. */
struct run_onlooker {
	const struct sequence_run_report *report;
	bool                              verbose; /* also the ends of groups */
	size_t                            notes_told;
};

/* A sentence of its own. */
void run_report_announce(void *context, const char *text);

/* A line on standard output for what an instruction came to. */
void run_report_watch(void *context, const struct sequence_event *event, const struct sequence_table *table);

/* Are there files that should have been restored, and were not? */
bool run_report_lacks(const struct sequence_run_report *report);

/* The end: what was done, left out and failed, where the store and the logs are, what to do next. */
void run_report_print(const struct sequence_run_options *options, const struct sequence_run_report *report);

/* The same as one JSON document. */
void run_report_print_json(const struct sequence_run_options *options, const struct sequence_run_report *report);

#endif
