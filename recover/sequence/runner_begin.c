/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner_begin.c - part of sequence_run.c: a sequence begins, or is gone on with; and does it fit? */
#include "recover/sequence/runner.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/sequence/sequence_log_files.h"
#include "recover/sequence/sequence_plan.h"
#include "recover/sequence/sequence_standing.h"
#include "recover/sequence/sequence_start.h"
#include "recover/sequence/sequence_state_file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* -------- does it fit? -------- */

static int announce(struct runner *run, const struct apply_step_room *room, struct error *err)
{
	char text[200];

	if (room->bytes_needed > room->bytes_free)
		return error_set(err, ERROR_REFUSED, NULL,
				 "the new system needs %s beside the old one, and %s are free on %c:; leave --atomic out, so that "
				 "each step holds by itself, or make room",
				 text_size(room->bytes_needed).text, text_size(room->bytes_free).text, room->letter);
	snprintf(text, sizeof text, "All or nothing: the new system needs %s on %c: beside the old one, and %s are free",
		 text_size(room->bytes_needed).text, room->letter, text_size(room->bytes_free).text);
	cmtrace_say(&run->log, CMTRACE_INFO, "Holdfast", "Holdfast: %s", text);
	if (run->options->announce)
		run->options->announce(run->options->watch_context, text);
	return 0;
}

/* Until all of it holds, the old system keeps its clusters: do the images that would be applied fit beside it? */
static int check_room(struct runner *run, struct error *err)
{
	CLEANUP(sequence_plan_release) struct sequence_plan plan = { 0 };
	struct sequence_step                                step = run->step;

	if (runner_look(run, err) < 0 ||
	    sequence_plan_make(&plan, run->options, &run->volumes, run->machine.windows, err) < 0)
		return -1;
	step.variables = &plan.variables;
	for (size_t i = 0; i < plan.steps.count; i++) {
		const struct sequence_item *item = plan.table.items[plan.steps.items[i].pointer].item;
		struct apply_step_room      room = { 0 };

		if (plan.steps.items[i].verdict != VERDICT_RUNS || item->group ||
		    sequence_action_of(item)->kind != ACTION_APPLY_SYSTEM)
			continue;
		if (apply_step_room(&step, item, &room, err) < 0 || announce(run, &room, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- beginning, and going on -------- */

static int refuse_standing(const struct sequence_standing *standing, const struct work_volume *volume, struct error *err)
{
	if (standing->broken)
		return error_set(err, ERROR_REFUSED, volume->source,
				 "holds the state of a task sequence that cannot be read (%.80s); --restart begins anew, and a store "
				 "that is there stays as a generation",
				 standing->why.text);
	return error_set(err, ERROR_REFUSED, volume->source,
			 "stands in the middle of another task sequence ('%.60s'); finish that one, or say --restart to begin "
			 "this one",
			 sequence_variables_get(&standing->state.variables, "_SMSTSPackageName"));
}

/* Take the variables out of what a run before has left on the volume: 1, 0 if there is nothing, or -1. */
static int take_state(struct runner *run, struct work_volume *volume, struct error *err)
{
	struct sequence_standing standing = { 0 };
	int                      result;

	if (work_volume_read_once(volume, err) < 0)
		return -1;
	result = sequence_standing_read(&standing, volume, err);
	if (result == 0 && standing.begun) {
		if (standing.broken || memcmp(standing.state.digest, run->options->file->digest, DIGEST_BYTES) != 0) {
			result = refuse_standing(&standing, volume, err);
		} else if (run->data) {
			result = error_set(err, ERROR_REFUSED, volume->source,
					   "holds the state of the sequence, and so does %c:; name the volumes of one computer, or "
					   "say --restart to begin anew", run->data);
		} else {
			run->variables = standing.state.variables;
			standing.state.variables = (struct sequence_variables){ 0 };
			run->data = volume->letter;
			result = 1;
		}
	}
	sequence_standing_release(&standing);
	return result;
}

/* What a run before has left, on whatever volume: 1, 0 if there is nothing, or -1. */
static int find_state(struct runner *run, struct error *err)
{
	for (size_t i = 0; !run->options->restart && i < run->volumes.count; i++)
		if (take_state(run, &run->volumes.items[i], err) < 0)
			return -1;
	return run->data != 0;
}

/* Of what was saved nothing is gone on with, on no volume. */
static int drop_states(struct runner *run, struct error *err)
{
	for (size_t i = 0; i < run->volumes.count; i++) {
		struct ntfs3g *mount = &run->volumes.items[i].mount;

		if (ntfs3g_begin(mount, RUNNER_STEP, err) < 0 || sequence_state_remove(mount, err) < 0 ||
		    (!run->options->atomic && ntfs3g_end_held(mount, err) < 0))
			return -1;
	}
	runner_forget(run);
	return 0;
}

static int choose_data_volume(struct runner *run, struct error *err)
{
	char letter = (char)toupper((unsigned char)*runner_get(run, "_SMSTSMDataPath"));

	if (!work_volumes_find(&run->volumes, letter))
		return error_set(err, ERROR_USAGE, NULL,
				 "the sequence keeps its state in '%.60s', and no volume that is named has that letter; name it, or "
				 "say --set SMSTSLocalDataDrive=%c:", runner_get(run, "_SMSTSMDataPath"), run->volumes.items[0].letter);
	run->data = letter;
	return 0;
}

/* Not even the state of the sequence is written over what can still be had. */
static int refuse_deleted_stores(const struct runner *run, struct error *err)
{
	for (size_t i = 0; i < run->volumes.count; i++)
		if (work_volume_refuse_deleted_store(run->volumes.items[i].source, run->options->overwrite_deleted, err) < 0)
			return -1;
	return 0;
}

static int begin_anew(struct runner *run, struct error *err)
{
	const struct sequence_run_options *options = run->options;

	if (refuse_deleted_stores(run, err) < 0 || runner_look(run, err) < 0 ||
	    sequence_start(&run->variables, options->file, options->settings, options->setting_count,
			   run->volumes.items[0].letter, run->machine.windows, err) < 0 ||
	    choose_data_volume(run, err) < 0)
		return -1;
	return options->restart ? drop_states(run, err) : 0;
}

static int go_on(struct runner *run, struct error *err)
{
	const struct sequence_run_options *options = run->options;

	run->report->resumed = true;
	if (sequence_start_settings(&run->variables, options->settings, options->setting_count, err) < 0)
		return -1;
	if (runner_set(run, SEQUENCE_FAILED, "", err) < 0 || runner_set(run, SEQUENCE_FAILED_OF_USMT, "", err) < 0)
		return -1;
	return runner_set(run, SEQUENCE_FAILED_WHY, "", err);
}

static int make_folder(const char *path, struct error *err)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return error_sys(err, path, "cannot be made, and the logs are to go there");
	return 0;
}

/* Logs of two computers must not get mixed: unless somebody says where, the volume's serial number says. */
static int name_log_folder(struct runner *run, struct error *err)
{
	const char *said = run->options->log_folder;
	uint32_t    serial = (uint32_t)runner_data_volume(run)->volume.geometry.serial;

	run->report->log_folder = said ? strdup(said) : text_format("smstslog-%08" PRIX32, serial);
	return run->report->log_folder ? 0 : error_memory(err);
}

static int open_log(struct runner *run, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	if (name_log_folder(run, err) < 0 || make_folder(run->report->log_folder, err) < 0)
		return -1;
	/* those of another sequence as well, perhaps ConfigMgr's own: they are gone on with, not replaced */
	if (work_volume_read_once(runner_data_volume(run), err) < 0 ||
	    sequence_log_files_fetch(runner_data_volume(run), SEQUENCE_LOGS_RUNNING, run->report->log_folder, err) < 0)
		return -1;
	if (asprintf(&path, "%s/smsts.log", run->report->log_folder) < 0) {
		path = NULL;
		return error_memory(err);
	}
	return cmtrace_open(&run->log, path, CMTRACE_LOG_SIZE, err);
}

/* All that works together knows of each other. */
static void join(struct runner *run)
{
	const struct sequence_run_options *options = run->options;

	run->machine.variables = &run->variables;
	run->machine.volumes = &run->volumes;
	run->machine.winpe = sequence_variables_true(&run->variables, "_SMSTSInWinPE");
	run->logger = (struct sequence_logger){ .log = &run->log, .file = options->file, .table = &run->report->table,
						.variables = &run->variables };
	run->watch = sequence_logger_watch(&run->logger);
	run->machine.watch = &run->watch;
	run->host = runner_host(run);
	run->engine = (struct sequence_engine){ .table = &run->report->table, .variables = &run->variables,
						.host = &run->host };
	run->step = (struct sequence_step){ .variables = &run->variables, .volumes = &run->volumes,
					    .drive = run->drive,
					    .packages = options->packages, .package_count = options->package_count,
					    .image = options->image, .log = &run->log, .log_folder = run->report->log_folder,
					    .disks = options->disks, .disk_count = options->disk_count,
					    .notes = &run->report->notes,
					    .overwrite_deleted = options->overwrite_deleted, .yes = options->yes,
					    .atomic = options->atomic };
}

int runner_begin(struct runner *run, struct error *err)
{
	int found = find_state(run, err);

	if (found < 0 || (found ? go_on(run, err) : begin_anew(run, err)) < 0 || open_log(run, err) < 0)
		return -1;
	join(run);
	if (run->options->atomic && check_room(run, err) < 0)
		return -1;
	runner_forget(run); /* what is saved and done from here on is not in what was read */
	sequence_logger_begin(&run->logger, run->options->command);
	if ((found ? sequence_engine_resume(&run->engine, err) : sequence_engine_begin(&run->engine, err)) < 0)
		return -1;
	run->report->resumed_at = run->engine.pointer;
	return 0;
}
