/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_step.c - the steps that capture and restore the users' state, and say where it is kept; see sequence_step.h */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/release.h"
#include "recover/sequence/sequence_error.h"
#include "recover/sequence/state_files.h"
#include "recover/sequence/state_step_log.h"
#include "recover/sequence/usmt_call.h"
#include "report/sequence_code.h"

#include <string.h>
#include <strings.h>

/* One capture or restore. */
struct state_work {
	struct sequence_step       *step;
	const struct sequence_item *item;
	struct state_command        command;
	struct state_files          files;  /* back the command, as do the next */
	char                       *store, *line, *shown;
	bool                        there; /* a store is at the path already */
};

static void state_work_release(struct state_work *work)
{
	state_files_release(&work->files);
	free(work->store);
	free(work->line);
	free(work->shown);
}

static const char *get(const struct state_work *work, const char *name)
{
	return sequence_variables_get(work->step->variables, name);
}

/* -------- the store -------- */

static int settle_store(struct state_work *work, uint32_t *code, struct error *err)
{
	const char *path = state_step_store(work->step->variables, work->item);
	size_t      length = strlen(path);

	if (state_step_check_store(path, work->step->volumes, &work->step->why) < 0) {
		*code = sequence_code_of_error(&work->step->why);
		return work->step->why.kind == ERROR_MEMORY ? error_memory(err) : 0;
	}
	while (strchr("\\/", path[length - 1]))
		length--;
	work->store = strndup(path, length);
	work->command.store = work->store;
	return work->store ? 0 : error_memory(err);
}

/* What lies at the path by now, on the store's own volume: .there, and whether it is of hard links. */
static int look_at_store(struct state_work *work, bool *links, uint32_t *code, struct error *err)
{
	struct work_volume     *volume = work_volumes_find(work->step->volumes, usmt_path_letter(work->store));
	CLEANUP(free_ptr) char *path = NULL;
	struct state_store      store = { 0 };

	if (work_volume_read(volume, err) < 0)
		return -1;
	if (store_path_parse(work->store + 2, &path, &work->step->why) < 0 ||
	    state_store_find(&store, volume, path, &work->step->why) < 0)
		*code = sequence_code_of_error(&work->step->why);
	work->there = !*code && store.current != NO_TREE_RECORD;
	*links = work->there && state_store_child(volume, store.current, STORE_MARKER) != NO_TREE_RECORD;
	state_store_release(&store);
	return 0;
}

/* -------- what is said before -------- */

static int log_named(struct state_work *work, struct error *err)
{
	char  *list = NULL;
	size_t size;
	FILE  *out = open_memstream(&list, &size);

	if (!out)
		return error_memory(err);
	for (size_t i = 0; i < work->files.named.count; i++)
		fprintf(out, "%s%s", i ? "," : "", work->files.named.items[i]);
	fclose(out);
	state_step_log_config_files(work->step->log, list);
	free(list);
	return 0;
}

static int log_rules(struct state_work *work, struct error *err)
{
	if (work->files.named.count)
		return log_named(work, err);
	if (!work->files.rules.count && !work->command.restore)
		sequence_step_note(work->step, work->item, CMTRACE_INFO,
				   "no package of USMT is at hand with rule files, so the built-in rules are used");
	return 0;
}

static const char *source_computer(const struct state_work *work)
{
	return get(work, work->command.restore ? STATE_SOURCE_COMPUTER : "_SMSTSMachineName");
}

static void log_links(const struct state_work *work)
{
	const char *before = get(work, "_OSDProtectHardLinkStore");

	if (work->command.links && !work->command.restore)
		state_step_log_protected(work->step->log, before, work->store + 3);
}

static int log_settled(struct state_work *work, struct error *err)
{
	struct cmtrace_writer          *log = work->step->log;
	const struct sequence_variable *options =
		state_step_options(work->step->variables, false, work->command.restore);

	if (*work->files.id.text)
		state_step_log_package(log, work->files.id.text, work->files.package ? work->files.package : "");
	state_step_log_binary(log, work->command.program);
	log_links(work);
	state_step_log_defaults(log);
	if (*source_computer(work))
		state_step_log_source_computer(log, source_computer(work));
	if (work->command.links)
		state_step_log_hard_links(log);
	if (log_rules(work, err) < 0)
		return -1;
	if (options)
		state_step_log_options(log, options->hidden ? "********" : options->value);
	state_step_log_command_built(log);
	if (!work->command.restore)
		state_step_log_store_made(log, work->store);
	return 0;
}

/* -------- running -------- */

static int settle(struct state_work *work, uint32_t *code, struct error *err)
{
	struct state_command *command = &work->command;
	bool                  links = false;

	if (settle_store(work, code, err) < 0 || (!*code && look_at_store(work, &links, code, err) < 0) ||
	    (!*code && state_files_find(&work->files, code, err) < 0))
		return -1;
	if (*code)
		return 0;
	command->links = command->restore ? links : state_step_links(work->step->variables, work->item);
	command->program = work->files.program;
	command->rules = work->files.rules;
	command->config = work->files.config;
	return state_command_build(command, work->step->variables, &work->line, &work->shown, err);
}

static int run_usmt(struct state_work *work, int *code, struct error *err)
{
	CLEANUP(command_words_release) struct command_words words = { 0 };
	const char                                         *tool = work->command.restore ? "loadstate.log" : "scanstate.log";
	size_t                                              dropped;

	if (command_line_split(work->line, &words, err) < 0)
		return -1;
	command_words_remove(&words, 0); /* the program */
	dropped = usmt_call_drop_doubles(&words);
	if (dropped)
		sequence_step_note(work->step, work->item, CMTRACE_INFO,
				   "%zu options are there twice, the same both times; they count once", dropped);
	if (usmt_call_run(work->step, work->command.restore ? &usmt_loadstate : &usmt_scanstate, &words, work->files.package,
			  code, err) < 0)
		return -1;
	if (work->command.mdt)
		state_step_log_mdt_completed(work->step->log, *code, work->command.restore);
	else
		state_step_log_usmt_completed(work->step->log, *code, tool);
	return 0;
}

/* -------- what is said and done behind -------- */

static int finish_capture(struct state_work *work, struct error *err)
{
	if (work->there)
		sequence_step_note(work->step, work->item, CMTRACE_INFO,
				   "a store was at %s already; what it held is kept, as a generation of its own if it is another",
				   work->store);
	if (sequence_variables_set(work->step->variables, SEQUENCE_STORE, work->store, err) < 0)
		return -1;
	return state_step_set_captured(work->step->variables, work->item, work->store, err);
}

static void tell_kept(struct state_work *work, uint64_t only_here)
{
	if (only_here)
		sequence_step_note(work->step, work->item, CMTRACE_WARNING,
				   "the state store %s is kept: %s %s nowhere else; restore again, or copy them out of it; "
				   "'holdfast release' tells which, and drops the store when there are none",
				   work->store, text_count(only_here).text, only_here == 1 ? "file is" : "files are");
	else
		sequence_step_note(work->step, work->item, CMTRACE_INFO,
				   "the state store %s is kept, though all its files are elsewhere as well; 'holdfast release' "
				   "drops it when you are sure",
				   work->store);
}

/* ConfigMgr deletes the store now; here it stays, and what is in it alone is counted. */
static int finish_restore(struct state_work *work, struct error *err)
{
	CLEANUP(release_plan_release) struct release_plan plan = { 0 };
	CLEANUP(free_ptr) char                           *path = NULL;

	if (store_path_parse(work->store + 2, &path, err) < 0 ||
	    release_plan_make(&plan, work->step->volumes, path, true, err) < 0) {
		if (err->kind == ERROR_MEMORY)
			return -1;
		sequence_step_note(work->step, work->item, CMTRACE_WARNING,
				   "the state store %s is kept; what is in it alone could not be counted: %s", work->store,
				   err->text);
		return 0;
	}
	tell_kept(work, plan.lost_files);
	return 0;
}

static int finish(struct state_work *work, int usmt_code, uint32_t *code, struct error *err)
{
	if (usmt_code == USMT_SUCCESS || usmt_code == USMT_WOULD_HAVE_FAILED)
		return work->command.restore ? finish_restore(work, err) : finish_capture(work, err);
	*code = sequence_code_of_usmt(usmt_code);
	return 0;
}

static int log_begin(struct state_work *work, struct error *err)
{
	CLEANUP(free_ptr) char *action = NULL;
	bool                    secret = false;

	if (work->command.mdt) {
		state_step_log_mdt_begin(work->step->log, work->command.restore);
		return 0;
	}
	if (sequence_variables_expand(work->step->variables, work->item->action, &action, &secret, err) < 0)
		return -1;
	state_step_log_begin(work->step->log, secret ? work->item->action : action);
	return 0;
}

static int log_command(struct state_work *work, struct error *err)
{
	if (work->command.mdt) {
		if (log_rules(work, err) < 0)
			return -1;
		state_step_log_mdt_command(work->step->log, work->shown);
		return 0;
	}
	if (log_settled(work, err) < 0)
		return -1;
	state_step_log_usmt_started(work->step->log, work->shown);
	return 0;
}

static int work_through(struct state_work *work, uint32_t *code, struct error *err)
{
	int usmt_code;

	if (log_begin(work, err) < 0 || settle(work, code, err) < 0)
		return -1;
	if (*code)
		return 0;
	if (work->command.mdt && work->command.restore && !work->there) {
		state_step_log_mdt_nothing(work->step->log);
		return 0;
	}
	if (log_command(work, err) < 0 || run_usmt(work, &usmt_code, err) < 0)
		return -1;
	return finish(work, usmt_code, code, err);
}

static int migrate(struct sequence_step *step, const struct sequence_item *item, bool restore, uint32_t *code,
		   struct error *err)
{
	bool                                        mdt = state_step_is_mdt(item);
	CLEANUP(state_work_release) struct state_work work = {
		.step = step,
		.item = item,
		.command = { .restore = restore, .mdt = mdt, .log_folder = step->log_folder },
		.files = { .step = step, .item = item, .restore = restore, .mdt = mdt },
	};

	*code = 0;
	step->why = (struct error){ 0 };
	if (state_step_bypassed(step->variables, item)) {
		state_step_log_mdt_bypassed(step->log, restore);
		return 0;
	}
	if (work_through(&work, code, err) < 0)
		return -1;
	if (!work.command.mdt)
		state_step_log_finished(step->log, *code);
	return 0;
}

int state_step_capture(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	return migrate(step, item, false, code, err);
}

int state_step_restore(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	return migrate(step, item, true, code, err);
}

/* -------- where the store is -------- */

int state_step_request(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	*code = 0;
	if (state_step_choose_store(step->variables, err) < 0)
		return -1;
	sequence_step_note(step, item, CMTRACE_INFO,
			   "there is no state migration point here; the store is local, OSDStateStorePath=%s",
			   sequence_variables_get(step->variables, "OSDStateStorePath"));
	return 0;
}

int state_step_release(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	(void)err;
	*code = 0;
	sequence_step_note(step, item, CMTRACE_INFO,
			   "the store is local, and nothing is given back; it stays until 'holdfast release' drops it");
	return 0;
}
