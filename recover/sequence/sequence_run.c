/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_run.c - see sequence_run.h */
#include "recover/sequence/sequence_run.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/release.h"
#include "recover/sequence/sequence_log_files.h"
#include "recover/sequence/sequence_logger.h"
#include "recover/sequence/sequence_plan.h"
#include "recover/sequence/sequence_secret.h"
#include "recover/sequence/sequence_standing.h"
#include "recover/sequence/sequence_start.h"
#include "recover/sequence/sequence_state_file.h"
#include "recover/sequence/state_command.h"
#include "recover/sequence/variable_step.h"
#include "report/usmt_code.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define STEP "run"

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

static const char *get(const struct runner *run, const char *name)
{
	return sequence_variables_get(&run->variables, name);
}

static int set(struct runner *run, const char *name, const char *value, struct error *err)
{
	return sequence_variables_set(&run->variables, name, value, err);
}

/* -------- volumes -------- */

/* The first volume is C: unless it says otherwise; from here on it says so. */
static int take_operands(struct runner *run, struct error *err)
{
	run->operands = calloc(run->options->operand_count + 1, sizeof *run->operands);
	if (!run->operands)
		return error_memory(err);
	for (size_t i = 0; i < run->options->operand_count; i++) {
		const char *operand = run->options->operands[i];
		bool        said = i || (isalpha((unsigned char)operand[0]) && operand[1] == '=');

		if (asprintf(&run->operands[i], "%s%s", said ? "" : "C=", operand) < 0) {
			run->operands[i] = NULL;
			return error_memory(err);
		}
	}
	run->drive = (char)toupper((unsigned char)run->operands[0][0]);
	return 0;
}

/* What is read of them is of the past. */
static void forget(struct runner *run)
{
	windows_close(&run->windows);
	run->machine.windows = NULL;
	run->looked = false;
	for (size_t i = 0; i < run->volumes.count; i++)
		work_volume_forget(&run->volumes.items[i]);
}

/* What is not committed is forgotten. */
static int close_volumes(struct runner *run, struct error *err)
{
	bool open = run->open;

	forget(run);
	run->open = false;
	return open ? work_volumes_close(&run->volumes, err) : 0;
}

/* Where state and logs are kept. */
static struct work_volume *data_volume(struct runner *run)
{
	return work_volumes_find(&run->volumes, run->data);
}

static int open_volumes(struct runner *run, struct error *err)
{
	run->open = true;
	if (work_volumes_open(&run->volumes, run->operands, run->options->operand_count, WORK_CAPTURE, err) < 0)
		return -1;
	for (size_t i = 0; i < run->volumes.count; i++)
		run->volumes.items[i].mount.hold = run->options->atomic ? HOLD_ALL : HOLD_END;
	if (run->data && !data_volume(run))
		return error_set(err, ERROR_REFUSED, NULL, "%c:, which holds the state of the sequence, is no NTFS volume any more",
				 run->data);
	return 0;
}

/* Open the volumes in another order; what a run before had left on them is not forgotten (work_volume_goes_on). */
static int reopen_volumes(struct runner *run, struct error *err)
{
	struct replay_report replays['Z' - 'A' + 1] = { 0 };

	for (size_t i = 0; i < run->volumes.count; i++)
		replays[run->volumes.items[i].letter - 'A'] = run->volumes.items[i].mount.replay;
	if (close_volumes(run, err) < 0 || open_volumes(run, err) < 0)
		return -1;
	for (size_t i = 0; i < run->volumes.count; i++)
		run->volumes.items[i].mount.replay = replays[run->volumes.items[i].letter - 'A'];
	return 0;
}

/* Make the volume with that letter the first, if there is one: a store's volume has to be. */
static int put_first(struct runner *run, char letter, struct error *err)
{
	size_t number = 0;

	letter = (char)toupper((unsigned char)letter);
	if (run->volumes.items[0].letter == letter || !work_volumes_find(&run->volumes, letter))
		return 0;
	if (run->options->atomic)
		return error_set(err, ERROR_USAGE, NULL,
				 "the store lies on %c:, so with --atomic that volume has to be named first", letter);
	while (toupper((unsigned char)run->operands[number][0]) != letter)
		number++;
	for (char *operand = run->operands[number]; number; number--) {
		run->operands[number] = run->operands[number - 1];
		run->operands[number - 1] = operand;
	}
	return reopen_volumes(run, err);
}

static int look(struct runner *run, struct error *err)
{
	int found;

	if (run->looked)
		return 0;
	for (size_t i = 0; i < run->volumes.count; i++)
		if (work_volume_read(&run->volumes.items[i], err) < 0)
			return -1;
	found = windows_open(&run->windows, &run->volumes, &run->options->windows, err);
	if (found < 0)
		return -1;
	run->machine.windows = found == 1 ? &run->windows : NULL;
	run->looked = true;
	return 0;
}

/* -------- saving -------- */

/* Make hold what the steps have left to hold: the data volume, which says that it is done, last. */
static int end_all(struct runner *run, struct error *err)
{
	struct work_volume *last = data_volume(run);

	for (size_t i = 0; i < run->volumes.count; i++)
		if (&run->volumes.items[i] != last && ntfs3g_end_held(&run->volumes.items[i].mount, err) < 0)
			return -1;
	return ntfs3g_end_held(&last->mount, err);
}

/* The logs up to here, onto the volume. */
static int put_logs(struct runner *run, struct work_volume *volume, const char *path, struct error *err)
{
	cmtrace_flush(&run->log);
	return sequence_log_files_put(volume, path, run->report->log_folder, err);
}

static int save(void *context, struct error *err)
{
	struct runner        *run = context;
	struct work_volume   *data = data_volume(run);
	struct sequence_state state = { .variables = run->variables };

	if (run->options->atomic)
		return 0;
	memcpy(state.digest, run->options->file->digest, sizeof state.digest);
	if (ntfs3g_begin(&data->mount, STEP, err) < 0 || sequence_state_put(&data->mount, &state, err) < 0 ||
	    put_logs(run, data, SEQUENCE_LOGS_RUNNING, err) < 0)
		return -1;
	return end_all(run, err);
}

/* -------- steps -------- */

static sequence_step_work *work_of(enum sequence_action_kind kind)
{
	switch (kind) {
	case ACTION_REQUEST_STORE:
		return state_step_request;
	case ACTION_CAPTURE:
		return state_step_capture;
	case ACTION_RESTORE:
		return state_step_restore;
	case ACTION_RELEASE_STORE:
		return state_step_release;
	case ACTION_SCANSTATE:
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return usmt_step_run;
	case ACTION_APPLY_SYSTEM:
		return apply_step_system;
	case ACTION_APPLY_DATA:
		return apply_step_data;
	case ACTION_PARTITION:
		return partition_step_run;
	default:
		return NULL;
	}
}

static bool is_of_usmt(enum sequence_action_kind kind)
{
	return kind == ACTION_CAPTURE || kind == ACTION_RESTORE || kind == ACTION_SCANSTATE || kind == ACTION_LOADSTATE ||
	       kind == ACTION_USMTUTILS;
}

/* All writes so far, to tell whether there are more. */
static uint64_t count_writes(const struct runner *run)
{
	uint64_t count = 0;

	for (size_t i = 0; i < run->volumes.count; i++)
		count += run->volumes.items[i].mount.transaction.writes;
	return count;
}

/* Has anything been written since there were @before writes, or is a volume not to be had any more? */
static bool has_written(const struct runner *run, uint64_t before)
{
	for (size_t i = 0; i < run->volumes.count; i++)
		if (run->volumes.items[i].mount.doubtful)
			return true;
	return count_writes(run) != before;
}

/* A step failed: what it has not committed is forgotten, or, where nothing is committed before the end, all. */
static int forget_writes(struct runner *run, const struct sequence_item *item, uint32_t code, struct error *err)
{
	if (!run->options->atomic)
		return close_volumes(run, err) < 0 ? -1 : open_volumes(run, err);
	run->engine.spoiled = true;
	run->spoiler = item;
	run->report->code = code;
	run->report->pointer = run->engine.pointer;
	return 0;
}

/* USMT's tools say 3 when they have done their work but for what had to be left out: that holds. */
static bool has_failed(enum sequence_action_kind kind, uint32_t code)
{
	return code && !(is_of_usmt(kind) && code == USMT_WOULD_HAVE_FAILED);
}

/* The drive of the store that a step works with, 0: of none. */
static int find_store_drive(struct runner *run, const struct sequence_item *item, char *letter, struct error *err)
{
	switch (sequence_action_of(item)->kind) {
	case ACTION_SCANSTATE:
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return usmt_step_drive(&run->step, item, letter, err);
	default:
		*letter = *state_step_store(&run->variables, item);
		return 0;
	}
}

static int do_work(struct runner *run, sequence_step_work *work, const struct sequence_item *item, uint32_t *code,
		   struct error *err)
{
	uint64_t before;
	char     letter;

	if (find_store_drive(run, item, &letter, err) < 0 || put_first(run, letter, err) < 0)
		return -1;
	forget(run);
	before = count_writes(run);
	if (work(&run->step, item, code, err) < 0)
		return -1;
	forget(run);
	if (has_failed(sequence_action_of(item)->kind, *code) && has_written(run, before))
		return forget_writes(run, item, *code, err);
	return 0;
}

/* The program may work on the volumes, so they are let go of meanwhile; what was to hold does. */
static int run_hook(struct runner *run, const struct sequence_hook *hook, const struct sequence_item *item, uint32_t *code,
		    struct error *err)
{
	const struct sequence_run_options *options = run->options;

	if (!options->atomic && close_volumes(run, err) < 0)
		return -1;
	if (sequence_hook_run(hook, item, &run->variables, run->operands, options->operand_count, code, err) < 0)
		return -1;
	return options->atomic ? 0 : open_volumes(run, err);
}

static int leave_out(struct runner *run, const struct sequence_item *item, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;

	if (sequence_secret_command(&run->variables, item, &line, err) < 0)
		return -1;
	sequence_step_note(&run->step, item, CMTRACE_WARNING, "not done here: %s", line);
	return array_push(&run->report->unfinished, (struct unfinished_step){ item, 0 }) ? 0 : error_memory(err);
}

static int change_variables(struct runner *run, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	CLEANUP(free_ptr) char *note = NULL;

	if (variable_step_run(item, &run->variables, run->machine.winpe, &note, code, err) < 0)
		return -1;
	if (*code)
		(void)error_set(&run->step.why, ERROR_VALUE, NULL, "%s", note);
	else if (sequence_action_of(item)->kind == ACTION_SETUP_WINDOWS)
		sequence_step_note(&run->step, item, CMTRACE_INFO, "%s", note);
	return 0;
}

static int run_action(struct runner *run, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const struct sequence_run_options *options = run->options;
	const struct sequence_hook        *hook = sequence_hooks_find(options->hooks, options->hook_count, item);
	enum sequence_action_kind          kind = sequence_action_of(item)->kind;

	if (hook)
		return run_hook(run, hook, item, code, err);
	if (variable_step_is(kind))
		return change_variables(run, item, code, err);
	if (!work_of(kind))
		return leave_out(run, item, err);
	return do_work(run, work_of(kind), item, code, err);
}

/* -------- the engine's host -------- */

static int run_step(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct runner *run = context;

	*code = 0;
	run->step.why = (struct error){ 0 };
	run->logger.of_usmt = is_of_usmt(sequence_action_of(item)->kind);
	sequence_logger_step(&run->logger, item);
	if (run_action(run, item, code, err) < 0)
		return -1;
	free(run->why);
	run->logger.why = run->why = error_text(&run->step.why);
	sequence_logger_step_completed(&run->logger, *code);
	return 0;
}

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct runner          *run = context;
	CLEANUP(free_ptr) char *why = NULL;

	if (look(run, err) < 0)
		return -1;
	return sequence_condition_evaluate(&run->machine, item->condition, answer, &why, err);
}

/* A restart: from here on the other system would be running. */
static int change_system(struct runner *run, const char *into, struct error *err)
{
	run->machine.winpe = strcmp(into, "WinPE") == 0;
	return set(run, "_SMSTSInWinPE", run->machine.winpe ? "true" : "false", err);
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	struct runner *run = context;

	sequence_logger_tell(&run->logger, event);
	if (run->options->watch)
		run->options->watch(run->options->watch_context, event, &run->report->table);
	if (event->kind == EVENT_REBOOT)
		return change_system(run, event->value, err);
	if (event->kind == EVENT_CONDITION_UNKNOWN && !event->item->group)
		return array_push(&run->report->unfinished, (struct unfinished_step){ event->item, 0 }) ? 0 : error_memory(err);
	if (event->kind == EVENT_ACTION_FAILED)
		return array_push(&run->report->unfinished, (struct unfinished_step){ event->item, event->code })
			       ? 0
			       : error_memory(err);
	if (event->kind == EVENT_FAILED)
		run->report->code = event->code;
	return 0;
}

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

	if (look(run, err) < 0 ||
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
	forget(run);
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

	if (work_volume_read(volume, err) < 0)
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

		if (ntfs3g_begin(mount, STEP, err) < 0 || sequence_state_remove(mount, err) < 0 ||
		    (!run->options->atomic && ntfs3g_end_held(mount, err) < 0))
			return -1;
	}
	return 0;
}

static int choose_data_volume(struct runner *run, struct error *err)
{
	char letter = (char)toupper((unsigned char)*get(run, "_SMSTSMDataPath"));

	if (!work_volumes_find(&run->volumes, letter))
		return error_set(err, ERROR_USAGE, NULL,
				 "the sequence keeps its state in '%.60s', and no volume that is named has that letter; name it, or "
				 "say --set SMSTSLocalDataDrive=%c:", get(run, "_SMSTSMDataPath"), run->volumes.items[0].letter);
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

	if (refuse_deleted_stores(run, err) < 0 || look(run, err) < 0 ||
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
	if (set(run, SEQUENCE_FAILED, "", err) < 0 || set(run, SEQUENCE_FAILED_OF_USMT, "", err) < 0)
		return -1;
	return set(run, SEQUENCE_FAILED_WHY, "", err);
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
	uint32_t    serial = (uint32_t)data_volume(run)->volume.geometry.serial;

	run->report->log_folder = said ? strdup(said) : text_format("smstslog-%08" PRIX32, serial);
	return run->report->log_folder ? 0 : error_memory(err);
}

static int open_log(struct runner *run, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	if (name_log_folder(run, err) < 0 || make_folder(run->report->log_folder, err) < 0)
		return -1;
	/* those of another sequence as well, perhaps ConfigMgr's own: they are gone on with, not replaced */
	if (work_volume_read(data_volume(run), err) < 0 ||
	    sequence_log_files_fetch(data_volume(run), SEQUENCE_LOGS_RUNNING, run->report->log_folder, err) < 0)
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
	run->host = (struct sequence_host){ run, evaluate, run_step, save, tell };
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

static int begin(struct runner *run, struct error *err)
{
	int found = find_state(run, err);

	if (found < 0 || (found ? go_on(run, err) : begin_anew(run, err)) < 0 || open_log(run, err) < 0)
		return -1;
	join(run);
	if (run->options->atomic && check_room(run, err) < 0)
		return -1;
	sequence_logger_begin(&run->logger, run->options->command);
	if ((found ? sequence_engine_resume(&run->engine, err) : sequence_engine_begin(&run->engine, err)) < 0)
		return -1;
	run->report->resumed_at = run->engine.pointer;
	return 0;
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
	struct work_volume     *volume = data_volume(run);
	CLEANUP(free_ptr) char *path = NULL;

	if (look(run, err) < 0)
		return -1;
	if (run->machine.windows)
		volume = run->machine.windows->volume;
	if (asprintf(&path, "%s%s", run->machine.windows ? run->machine.windows->directory + strlen("C:") : "",
		     run->machine.windows ? SEQUENCE_LOGS_FINISHED : SEQUENCE_LOGS_RUNNING) < 0) {
		path = NULL;
		return error_memory(err);
	}
	if (ntfs3g_begin(&volume->mount, STEP, err) < 0 || put_logs(run, volume, path, err) < 0)
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
	const char                                       *store = get(run, SEQUENCE_STORE);

	if (!*store)
		return 0;
	if (put_first(run, *store, err) < 0)
		return -1;
	forget(run);
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

static int complete(struct runner *run, struct error *err)
{
	struct work_volume *data;

	run->report->completed = true;
	if (look_at_store(run, err) < 0)
		return -1;
	data = data_volume(run);
	sequence_logger_end(&run->logger, SEQUENCE_SUCCESS, 0);
	if (put_logs_finally(run, err) < 0)
		return -1;
	if (ntfs3g_begin(&data->mount, STEP, err) < 0 || sequence_state_remove(&data->mount, err) < 0)
		return -1;
	forget(run);
	return end_all(run, err);
}

static int fail(struct runner *run, struct error *err)
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
	if (set(run, SEQUENCE_FAILED, "true", err) < 0 ||
	    set(run, SEQUENCE_FAILED_OF_USMT, report->of_usmt ? "true" : "", err) < 0 ||
	    set(run, SEQUENCE_FAILED_WHY, report->why ? report->why : "", err) < 0 || save(run, err) < 0)
		return -1;
	return tell_place(run, data_volume(run), SEQUENCE_LOGS_RUNNING, err);
}

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
			return fail(run, err);
	}
	return progress == SEQUENCE_HAS_ENDED ? complete(run, err) : fail(run, err);
}

static int take_store(struct runner *run, struct error *err)
{
	const char *store = get(run, SEQUENCE_STORE);

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
	if (sequence_table_make(&report->table, options->file, err) < 0 || take_operands(&run, err) < 0)
		return -1;
	result = open_volumes(&run, err);
	if (result == 0)
		result = begin(&run, err);
	if (result == 0)
		result = run_all(&run, err);
	if (result == 0)
		result = take_store(&run, err);
	if (close_volumes(&run, &late) < 0 && result == 0) {
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
