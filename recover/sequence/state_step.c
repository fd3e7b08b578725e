/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_step.c - the steps that capture and restore the users' state, and say where it is kept; see sequence_step.h */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "recover/engine/release.h"
#include "recover/sequence/sequence_code.h"
#include "recover/sequence/state_command.h"
#include "recover/sequence/state_step_log.h"
#include "recover/sequence/usmt_call.h"

#include <string.h>
#include <strings.h>

#define CODE_INVALID_PARAMETER (SEQUENCE_CODE_OF_WIN32 | 87)
#define CODE_NOT_FOUND         (SEQUENCE_CODE_OF_WIN32 | 2)

/* One capture or restore. */
struct state_work {
	struct sequence_step       *step;
	const struct sequence_item *item;
	struct state_command        command;
	const char                 *package; /* folder of USMT's files on this computer; NULL: nobody has said */
	struct package_id           package_id;
	struct state_texts          named; /* rule files, as the step names them */
	char                       *store, *program, *config; /* back the command */
	char                       *line, *shown;
	bool                        there; /* a store is at the path already */
};

static void texts_free(struct state_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	array_release(texts);
}

static void state_work_release(struct state_work *work)
{
	texts_free(&work->command.rules);
	texts_free(&work->named);
	free(work->store);
	free(work->program);
	free(work->config);
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

	if (state_step_check_store(path, &work->step->why) < 0) {
		*code = CODE_INVALID_PARAMETER;
		return work->step->why.kind == ERROR_MEMORY ? error_memory(err) : 0;
	}
	while (strchr("\\/", path[length - 1]))
		length--;
	work->store = strndup(path, length);
	work->command.store = work->store;
	return work->store ? 0 : error_memory(err);
}

/* What lies at the path by now, on the store's own volume. */
static int look_at_store(struct state_work *work, bool *marked, struct error *err)
{
	struct work_volume *volume = &work->step->volumes->items[0];
	struct state_store  store = { 0 };
	CLEANUP(free_ptr) char *path = NULL;
	int                 status = store_path_parse(work->store + 2, &path, err);

	if (status == 0)
		status = work_volume_read(volume, err);
	if (status == 0)
		status = state_store_find(&store, volume, path, err);
	work->there = status == 0 && store.current != NO_TREE_RECORD;
	*marked = work->there && state_store_child(volume, store.current, STORE_MARKER) != NO_TREE_RECORD;
	state_store_release(&store);
	return status;
}

/* -------- USMT's files -------- */

static void settle_package_id(struct state_work *work)
{
	const char *restore = get(work, "_OSDMigrateUsmtRestorePackageID");
	bool        own = work->command.restore && *restore;

	if (work->command.mdt)
		work->package_id = command_line_package(work->item->action);
	else
		snprintf(work->package_id.text, sizeof work->package_id.text, "%s",
			 own ? restore : get(work, "_OSDMigrateUsmtPackageID"));
}

/* The package with its ScanState or LoadState; what MDT has in place of one is its deployment share. */
static int settle_package(struct state_work *work, struct error *err)
{
	const char                    *program = work->command.restore ? "loadstate.exe" : "scanstate.exe";
	const char                    *share = get(work, "DEPLOYROOT");
	const struct sequence_package *package;

	settle_package_id(work);
	package = sequence_packages_find(work->step->packages, work->step->package_count, work->package_id.text);
	work->package = package ? package->path : work->command.mdt && *share ? share : NULL;
	if (work->package && usmt_package_find(work->package, program, &work->program, err) < 0)
		return -1;
	work->command.program = work->program ? work->program : program;
	return 0;
}

/* -------- rules -------- */

static int add_text(struct state_texts *texts, const char *text, struct error *err)
{
	char *copy = strdup(text);

	if (copy && array_push(texts, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

/* "a.xml, b.xml" */
static int add_list(struct state_texts *texts, const char *list, struct error *err)
{
	CLEANUP(free_ptr) char *copy = strdup(list);
	char                   *rest = copy;
	int                     status = copy ? 0 : error_memory(err);

	for (char *name; status == 0 && (name = strsep(&rest, ",")) != NULL;) {
		size_t length;

		name += strspn(name, " \t\r\n");
		for (length = strlen(name); length && strchr(" \t\r\n", name[length - 1]); length--)
			name[length - 1] = 0;
		if (*name)
			status = add_text(texts, name, err);
	}
	return status;
}

/* USMTMigFiles001, 002, ... */
static int add_numbered(struct state_texts *texts, const struct state_work *work, struct error *err)
{
	char        variable[32];
	const char *name;

	for (unsigned i = 1; i < 1000; i++) {
		snprintf(variable, sizeof variable, "USMTMigFiles%03u", i);
		name = get(work, variable);
		if (!*name)
			return 0;
		if (add_text(texts, name, err) < 0)
			return -1;
	}
	return 0;
}

/* The rule files that the step names; none: it is content with the usual ones. */
static int add_named(struct state_texts *texts, const struct state_work *work, struct error *err)
{
	if (work->command.mdt)
		return add_numbered(texts, work, err);
	if (strcasecmp(get(work, "OSDMigrateMode"), "Simple") == 0)
		return 0;
	return add_list(texts, get(work, "OSDMigrateConfigFiles"), err);
}

/* 1 if the package has them all, 0 with the first that it has not, or -1. */
static int find_rules(struct state_work *work, char *const *names, size_t count, const char **missing, struct error *err)
{
	int found = 1;

	for (size_t i = 0; found > 0 && i < count; i++) {
		char *path = NULL;

		*missing = names[i];
		found = work->package ? usmt_package_find(work->package, names[i], &path, err) : 0;
		if (found > 0 && !array_push(&work->command.rules, path)) {
			free(path);
			return error_memory(err);
		}
	}
	return found;
}

static void refuse_missing(struct state_work *work, const char *missing, uint32_t *code)
{
	*code = sequence_code_of_usmt(USMT_UNABLE_GET_SCRIPTFILES);
	if (work->package)
		error_set(&work->step->why, ERROR_REFUSED, work->package, "has no %.80s, which the step names", missing);
	else if (*work->package_id.text)
		error_set(&work->step->why, ERROR_REFUSED, NULL,
			  "nobody says where the package %s is, in which %.80s should be; say --package %s=FOLDER",
			  work->package_id.text, missing, work->package_id.text);
	else
		error_set(&work->step->why, ERROR_REFUSED, NULL,
			  "nobody says where %.80s is; say --set DEPLOYROOT=FOLDER, the deployment share", missing);
}

/* The usual rules are taken as a whole or not at all: one file without the others would leave much behind. */
static int settle_usual_rules(struct state_work *work, struct error *err)
{
	static char *const configmgr[] = { "MigUser.xml", "MigApp.xml" }, *const mdt[] = { "MigApp.xml", "MigDocs.xml" };
	const char        *missing;
	int                found = find_rules(work, work->command.mdt ? mdt : configmgr, 2, &missing, err);

	if (found == 0)
		texts_free(&work->command.rules);
	return found < 0 ? -1 : 0;
}

static int settle_rules(struct state_work *work, uint32_t *code, struct error *err)
{
	const char *missing;
	int         found;

	if (add_named(&work->named, work, err) < 0)
		return -1;
	if (!work->named.count)
		return settle_usual_rules(work, err);
	found = find_rules(work, work->named.items, work->named.count, &missing, err);
	if (found == 0)
		refuse_missing(work, missing, code);
	return found < 0 ? -1 : 0;
}

/* Config.xml, which MDT alone has. */
static int settle_config(struct state_work *work, struct error *err)
{
	const char *named = get(work, "USMTConfigFile");
	const char *name = *named ? named : "ZTIUserState_Config.xml";

	if (!work->command.mdt || !work->package)
		return 0;
	if (usmt_package_find(work->package, name, &work->config, err) < 0)
		return -1;
	work->command.config = work->config;
	if (!work->config && *named)
		state_step_log_note(work->step->log, CMTRACE_WARNING, "there is no %s in %s, so it is not used", named,
				    work->package);
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
	for (size_t i = 0; i < work->named.count; i++)
		fprintf(out, "%s%s", i ? "," : "", work->named.items[i]);
	fclose(out);
	state_step_log_config_files(work->step->log, list);
	free(list);
	return 0;
}

static int log_rules(struct state_work *work, struct error *err)
{
	if (work->named.count)
		return log_named(work, err);
	if (!work->command.rules.count && !work->command.restore)
		state_step_log_note(work->step->log, CMTRACE_INFO,
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

	if (*work->package_id.text)
		state_step_log_package(log, work->package_id.text, work->package ? work->package : "");
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
	bool marked = false;

	if (settle_store(work, code, err) < 0 || *code)
		return *code ? 0 : -1;
	if (look_at_store(work, &marked, err) < 0 || settle_package(work, err) < 0 || settle_rules(work, code, err) < 0)
		return -1;
	if (*code)
		return 0;
	work->command.links = work->command.restore ? marked : state_step_links(work->step->variables, work->item);
	if (settle_config(work, err) < 0)
		return -1;
	return state_command_build(&work->command, work->step->variables, &work->line, &work->shown, err);
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
		state_step_log_note(work->step->log, CMTRACE_INFO,
				    "%zu options are there twice, the same both times; they count once", dropped);
	if (usmt_call_run(work->step, work->command.restore ? &usmt_loadstate : &usmt_scanstate, &words, work->package,
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
	struct sequence_step *step = work->step;

	if (work->there)
		state_step_log_note(step->log, CMTRACE_INFO,
				    "a store was at %s already; what it held is kept, as a generation of its own if it is another",
				    work->store);
	return state_step_captured(step->variables, work->item, work->store, err);
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
		state_step_log_note(work->step->log, CMTRACE_WARNING,
				    "the state store %s is kept; what is in it alone could not be counted: %s", work->store,
				    err->text);
		return 0;
	}
	state_step_log_store_held(work->step->log, work->store, plan.lost_files);
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
	CLEANUP(state_work_release) struct state_work work = {
		.step = step,
		.item = item,
		.command = { .restore = restore, .mdt = state_step_is_mdt(item), .log_folder = step->log_folder }
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
	(void)item;
	*code = 0;
	if (state_step_local(step->variables, err) < 0)
		return -1;
	state_step_log_note(step->log, CMTRACE_INFO,
			    "there is no state migration point here; the store is local, OSDStateStorePath=%s",
			    sequence_variables_get(step->variables, "OSDStateStorePath"));
	return 0;
}

int state_step_release(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	(void)item;
	(void)err;
	*code = 0;
	state_step_log_note(step->log, CMTRACE_INFO,
			    "the store is local, and nothing is given back; it stays until 'holdfast release' drops it");
	return 0;
}
