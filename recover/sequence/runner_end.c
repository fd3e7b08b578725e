/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner_end.c - part of sequence_run.c: what a run leaves on its volumes, after each step and at its end */
#include "recover/sequence/runner.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/release.h"
#include "recover/sequence/sequence_log_files.h"
#include "recover/sequence/sequence_standing.h"
#include "recover/sequence/sequence_state_file.h"
#include "recover/sequence/state_command.h"

#include <string.h>

/* -------- in between -------- */

/* The logs up to here, onto the volume. */
static int put_logs(struct runner *run, struct work_volume *volume, const char *path, struct error *err)
{
	cmtrace_flush(&run->log);
	return sequence_log_files_put(volume, path, run->report->log_folder, err);
}

int runner_save(void *context, struct error *err)
{
	struct runner        *run = context;
	struct work_volume   *data = runner_data_volume(run);
	struct sequence_state state = { .variables = run->variables };

	if (run->options->atomic)
		return 0;
	memcpy(state.digest, run->options->file->digest, sizeof state.digest);
	if (ntfs3g_begin(&data->mount, RUNNER_STEP, err) < 0 || sequence_state_put(&data->mount, &state, err) < 0 ||
	    put_logs(run, data, SEQUENCE_LOGS_RUNNING, err) < 0)
		return -1;
	return runner_end_held(run, err);
}

/* -------- the end -------- */

static int tell_place(struct runner *run, const struct work_volume *volume, const char *path, struct error *err)
{
	if (asprintf(&run->report->logs, "%c:%s", volume->letter, path) >= 0)
		return 0;
	run->report->logs = NULL;
	return error_memory(err);
}

/* The logs of a sequence that has ended well lie in the new Windows, if there is one. */
static int put_logs_finally(struct runner *run, struct error *err)
{
	struct work_volume     *volume = runner_data_volume(run);
	CLEANUP(free_ptr) char *path = NULL;

	if (runner_look(run, err) < 0)
		return -1;
	if (run->machine.windows)
		volume = run->machine.windows->volume;
	if (asprintf(&path, "%s%s", run->machine.windows ? run->machine.windows->directory + strlen("C:") : "",
		     run->machine.windows ? SEQUENCE_LOGS_FINISHED : SEQUENCE_LOGS_RUNNING) < 0) {
		path = NULL;
		return error_memory(err);
	}
	if (ntfs3g_begin(&volume->mount, RUNNER_STEP, err) < 0 || put_logs(run, volume, path, err) < 0)
		return -1;
	return tell_place(run, volume, path, err);
}

static bool restores(const struct sequence_table *table)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct sequence_item *item = table->items[i].item;
		enum sequence_action_kind   kind = item->group ? ACTION_OTHER : sequence_action_of(item)->kind;

		if (kind == ACTION_RESTORE || kind == ACTION_LOADSTATE)
			return true;
	}
	return false;
}

/* Whatever its steps have told: how many files are in the store, and nowhere else? */
static int look_at_store(struct runner *run, struct error *err)
{
	CLEANUP(release_plan_release) struct release_plan plan = { 0 };
	CLEANUP(free_ptr) char                           *path = NULL;
	const char                                       *store = runner_get(run, SEQUENCE_STORE);

	if (!*store)
		return 0;
	if (runner_put_first(run, *store, err) < 0)
		return -1;
	runner_forget(run);
	if (store_path_parse(store + 2, &path, err) < 0 ||
	    release_plan_make(&plan, &run->volumes, path, true, err) < 0)
		return -1;
	run->report->only_in_store = plan.lost_files;
	run->report->restores = restores(&run->report->table);
	if (plan.lost_files)
		cmtrace_say(&run->log, CMTRACE_WARNING, "Holdfast", "Holdfast: %s files are in the state store %s alone",
			    text_count(plan.lost_files).text, store);
	return 0;
}

int runner_complete(struct runner *run, struct error *err)
{
	struct work_volume *data;

	run->report->completed = true;
	if (look_at_store(run, err) < 0)
		return -1;
	data = runner_data_volume(run);
	sequence_logger_end(&run->logger, SEQUENCE_SUCCESS, 0);
	if (put_logs_finally(run, err) < 0)
		return -1;
	if (ntfs3g_begin(&data->mount, RUNNER_STEP, err) < 0 || sequence_state_remove(&data->mount, err) < 0)
		return -1;
	runner_forget(run);
	return runner_end_held(run, err);
}

int runner_fail(struct runner *run, struct error *err)
{
	struct sequence_run_report *report = run->report;

	report->failed = run->spoiler ? run->spoiler : run->engine.failed;
	if (!run->spoiler)
		report->pointer = run->engine.pointer;
	report->of_usmt = run->logger.of_usmt;
	report->why = TAKE(run->why);
	sequence_logger_end(&run->logger, SEQUENCE_FAILURE, SEQUENCE_CODE_FAILED);
	report->untouched = run->options->atomic && !report->resumed;
	if (run->options->atomic)
		return 0;
	if (runner_set(run, SEQUENCE_FAILED, "true", err) < 0 ||
	    runner_set(run, SEQUENCE_FAILED_OF_USMT, report->of_usmt ? "true" : "", err) < 0 ||
	    runner_set(run, SEQUENCE_FAILED_WHY, report->why ? report->why : "", err) < 0 || runner_save(run, err) < 0)
		return -1;
	return tell_place(run, runner_data_volume(run), SEQUENCE_LOGS_RUNNING, err);
}
