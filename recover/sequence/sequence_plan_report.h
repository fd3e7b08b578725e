/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_plan_report.h - a plan of a task sequence, told to people and to programs
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_PLAN_REPORT_H
#define RECOVER_SEQUENCE_SEQUENCE_PLAN_REPORT_H

#include "recover/sequence/sequence_plan.h"

/* How much of the file was not understood, so that something of it is lost. */
size_t sequence_file_lost(const struct sequence_file *file);

/* A line a step, on standard output.  @verbose  also the ends of groups, and the variables in the end */
void sequence_plan_print(const struct sequence_file *file, const struct sequence_plan *plan, bool verbose);

/* One JSON document. */
void sequence_plan_print_json(const struct sequence_file *file, const struct sequence_plan *plan);

#endif
