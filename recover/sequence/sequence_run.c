/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_run.c - see sequence_run.h */
#include "recover/sequence/sequence_run.h"

#include "core/cleanup.h"
#include "recover/sequence/runner.h"

#include <string.h>

/* Nothing restarts here, so the engine simply goes on where it stands; a log has the end of one and the begin of another. */
static int restart(struct runner *run, struct error *err)
{
	sequence_logger_end(&run->logger, SEQUENCE_REBOOT, 0);
	sequence_logger_begin(&run->logger, run->options->command);
	return sequence_engine_resume(&run->engine, err);
}

static int run_all(struct runner *run, struct error *err)
{
	enum sequence_progress progress = SEQUENCE_GOES_ON;

	while (progress == SEQUENCE_GOES_ON || progress == SEQUENCE_WANTS_REBOOT) {
		if (progress == SEQUENCE_WANTS_REBOOT && restart(run, err) < 0)
			return -1;
		if (sequence_engine_step(&run->engine, &progress, err) < 0)
			return -1;
		if (run->spoiler) /* whatever the sequence allows: its changes cannot be told from those before */
			return runner_fail(run, err);
	}
	return progress == SEQUENCE_HAS_ENDED ? runner_complete(run, err) : runner_fail(run, err);
}

static int take_store(struct runner *run, struct error *err)
{
	const char *store = runner_get(run, SEQUENCE_STORE);

	if (!*store || run->report->untouched)
		return 0;
	run->report->store = strdup(store);
	return run->report->store ? 0 : error_memory(err);
}

static void release(struct runner *run)
{
	for (size_t i = 0; run->operands && i < run->options->operand_count; i++)
		free(run->operands[i]);
	free(run->operands);
	sequence_variables_release(&run->variables);
	cmtrace_release(&run->log);
	free(run->why);
}

int sequence_run(const struct sequence_run_options *options, struct sequence_run_report *report, struct error *err)
{
	CLEANUP(release) struct runner run = { .options = options, .report = report, .log = CMTRACE_WRITER_NONE };
	struct error                late;
	int                         result;

	*report = (struct sequence_run_report){ 0 };
	if (sequence_table_make(&report->table, options->file, err) < 0 || runner_take_operands(&run, err) < 0)
		return -1;
	result = runner_open_volumes(&run, err);
	if (result == 0)
		result = runner_begin(&run, err);
	if (result == 0)
		result = run_all(&run, err);
	if (result == 0)
		result = take_store(&run, err);
	if (runner_close_volumes(&run, &late) < 0 && result == 0) {
		*err = late;
		result = -1;
	}
	if (run.log.fd >= 0 && cmtrace_close(&run.log, &late) < 0 && result == 0) {
		*err = late;
		result = -1;
	}
	return result;
}

void sequence_run_report_release(struct sequence_run_report *report)
{
	sequence_table_release(&report->table);
	sequence_notes_release(&report->notes);
	array_release(&report->unfinished);
	free(TAKE(report->why));
	free(TAKE(report->log_folder));
	free(TAKE(report->store));
	free(TAKE(report->logs));
}
