/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_command.c - see state_command.h */
#include "recover/sequence/state_command.h"

#include "core/cleanup.h"
#include "recover/engine/state_store.h"
#include "recover/sequence/sequence_command_line.h"
#include "recover/usmt/usmt_volumes.h"

#include <string.h>
#include <strings.h>

/* -------- the store -------- */

bool state_step_is_mdt(const struct sequence_item *item)
{
	return command_line_find(item->action, "ZTIUserState.wsf") != NULL;
}

/* MDT: where the wizard, or the rules of the deployment share, want it; else its own place. */
static const char *store_of_mdt(const struct sequence_variables *variables)
{
	const char *path = sequence_variables_get(variables, "StatePath");
	const char *location = sequence_variables_get(variables, "UserDataLocation");

	if (*path)
		return path;
	return usmt_path_letter(location) ? location : "C:\\StateStore";
}

const char *state_step_store(const struct sequence_variables *variables, const struct sequence_item *item)
{
	const char *path = sequence_variables_get(variables, "OSDStateStorePath");

	return *path || !state_step_is_mdt(item) ? path : store_of_mdt(variables);
}

bool state_step_bypassed(const struct sequence_variables *variables, const struct sequence_item *item)
{
	return state_step_is_mdt(item) &&
	       strcasecmp(sequence_variables_get(variables, "UserDataLocation"), "NONE") == 0;
}

int state_step_choose_store(struct sequence_variables *variables, struct error *err)
{
	if (*sequence_variables_get(variables, "OSDStateStorePath"))
		return 0;
	return sequence_variables_set(variables, "OSDStateStorePath",
				      sequence_variables_get(variables, "_SMSTSUserStatePath"), err);
}

int state_step_check_store(const char *store, struct work_volumes *volumes, struct error *err)
{
	char letter = usmt_path_letter(store), *path;

	if (!*store)
		return error_set(err, ERROR_USAGE, NULL,
				 "OSDStateStorePath is not set: nobody says where the store is; set it before, as in "
				 "C:\\StateStore");
	if (!letter)
		return error_set(err, ERROR_USAGE, store,
				 "is no folder of a volume; a store is kept on the volume itself: set OSDStateStorePath, as in "
				 "C:\\StateStore");
	if (!work_volumes_find(volumes, letter))
		return error_set(err, ERROR_USAGE, store,
				 "is no folder of a volume that is named; name that of the store, as in %c=disk.img", letter);
	if (store_path_parse(store + 2, &path, err) < 0)
		return -1;
	free(path);
	return 0;
}

bool state_step_links(const struct sequence_variables *variables, const struct sequence_item *item)
{
	const struct sequence_variable *options = state_step_options(variables, state_step_is_mdt(item), false);

	if (options && strcasestr(options->value, "/hardlink"))
		return true;
	if (state_step_is_mdt(item))
		return strcasecmp(sequence_variables_get(variables, "DeploymentType"), "REPLACE") != 0;
	return sequence_variables_true(variables, "_OSDMigrateUseHardlinks");
}

const struct sequence_variable *state_step_options(const struct sequence_variables *variables, bool mdt, bool restore)
{
	const struct sequence_variable *own =
		mdt ? sequence_variables_find(variables, restore ? "LoadStateArgs" : "ScanStateArgs") : NULL;

	return own ? own
		   : sequence_variables_find(variables, restore ? "OSDMigrateAdditionalRestoreOptions"
								: "OSDMigrateAdditionalCaptureOptions");
}

int state_step_set_captured(struct sequence_variables *variables, const struct sequence_item *item, const char *store,
			    struct error *err)
{
	bool checked = sequence_variables_true(variables, "_OSDMigrateUseHardlinks");

	/* the check box is the step's own, and later steps ask for it */
	if ((checked && sequence_variables_set(variables, "_OSDMigrateUseHardlinks", "true", err) < 0) ||
	    (state_step_links(variables, item) &&
	     sequence_variables_set(variables, "_OSDProtectHardLinkStore", store + 3, err) < 0) ||
	    sequence_variables_set(variables, STATE_SOURCE_COMPUTER,
				   sequence_variables_get(variables, "_SMSTSMachineName"), err) < 0)
		return -1;
	return state_step_is_mdt(item) ? sequence_variables_set(variables, "OSDStateStorePath", store, err) : 0;
}

/* -------- writing -------- */

#define HIDDEN "***"

struct line_writer {
	const struct state_command      *command;
	const struct sequence_variables *variables;
	FILE                            *line, *shown;
	bool                             failed; /* no memory */
};

/* An option, and a path between quotes. */
static void put(struct line_writer *writer, const char *option, const char *path)
{
	FILE *outs[] = { writer->line, writer->shown };

	for (size_t i = 0; i < 2; i++) {
		fprintf(outs[i], " %s", option);
		if (path)
			command_line_quote(outs[i], path);
	}
}

/* An option with a value that has quotes only if it needs them. */
static void put_value(struct line_writer *writer, const char *option, const char *value)
{
	CLEANUP(free_ptr) char *whole = NULL;

	if (strpbrk(value, " \t\"")) {
		put(writer, option, value);
	} else if (asprintf(&whole, "%s%s", option, value) >= 0) {
		put(writer, whole, NULL);
	} else {
		whole = NULL;
		writer->failed = true;
	}
}

static void put_password(struct line_writer *writer, const char *password)
{
	fputs(" /lac", writer->line);
	fputs(" /lac", writer->shown);
	if (!*password)
		return;
	fputc(':', writer->line);
	command_line_quote(writer->line, password);
	fputs(":" HIDDEN, writer->shown);
}

/* What the user adds, with variables put in. */
static int put_options(struct line_writer *writer, const struct sequence_variable *options, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	bool                    secret = options->hidden;

	if (sequence_variables_expand(writer->variables, options->value, &text, &secret, err) < 0)
		return -1;
	fprintf(writer->line, " %s", text);
	fprintf(writer->shown, " %s", options->hidden ? HIDDEN : secret ? options->value : text);
	return 0;
}

/* "/l:" and "/progress:" with files in the folder for logs. */
static int put_logs(struct line_writer *writer, const char *log, const char *progress, struct error *err)
{
	CLEANUP(free_ptr) char *first = NULL, *second = NULL;

	if (asprintf(&first, "%s/%s", writer->command->log_folder, log) < 0) {
		first = NULL;
		return error_memory(err);
	}
	if (asprintf(&second, "%s/%s", writer->command->log_folder, progress) < 0) {
		second = NULL;
		return error_memory(err);
	}
	put(writer, "/l:", first);
	put(writer, "/progress:", second);
	return 0;
}

static void put_rules(struct line_writer *writer)
{
	for (size_t i = 0; i < writer->command->rules.count; i++)
		put(writer, "/i:", writer->command->rules.items[i]);
	if (writer->command->config)
		put(writer, "/config:", writer->command->config);
}

/* Which Windows is captured, where that is not plain: it is not the one that would be looked for. */
static void put_windows(struct line_writer *writer)
{
	const char *directory = sequence_variables_get(writer->variables, "_OSDDetectedWinDir");
	bool        offline = sequence_variables_true(writer->variables, "_SMSTSInWinPE");

	if (*directory && (offline || strcasecmp(directory, "C:\\Windows") != 0))
		put_value(writer, "/offlinewindir:", directory);
}

/*
 * Of what kind the store is, where the user's options have not said it.  Without links it is one of copies here:
 * ScanState's own, which are compressed, nobody else can make.
 */
static void put_kind(struct line_writer *writer, const struct sequence_variable *options, bool efs)
{
	const char *said = options ? options->value : "";

	if (writer->command->links && !strcasestr(said, "/hardlink")) {
		put(writer, "/hardlink", NULL);
		if (efs)
			put(writer, "/efs:hardlink", NULL);
	}
	if (!strcasestr(said, "/nocompress"))
		put(writer, "/nocompress", NULL);
}

/* -------- ConfigMgr -------- */

static bool is_false(const struct sequence_variables *variables, const char *name)
{
	return strcasecmp(sequence_variables_get(variables, name), "false") == 0;
}

/* Links by the check box are links of encrypted files as well; those by an option come without that. */
static const char *efs_of(const struct line_writer *writer)
{
	if (sequence_variables_true(writer->variables, "OSDMigrateSkipEncryptedFiles"))
		return "/efs:skip";
	return sequence_variables_true(writer->variables, "_OSDMigrateUseHardlinks") ? "/efs:hardlink" : "/efs:copyraw";
}

static void put_capture(struct line_writer *writer)
{
	put(writer, "/o", NULL);
	put(writer, "/localonly", NULL);
	put(writer, efs_of(writer), NULL);
	if (!is_false(writer->variables, "OSDMigrateContinueOnLockedFiles"))
		put(writer, "/c", NULL);
}

static void put_restore(struct line_writer *writer)
{
	const char             *source = sequence_variables_get(writer->variables, STATE_SOURCE_COMPUTER);
	CLEANUP(free_ptr) char *everybody = NULL;

	if (sequence_variables_true(writer->variables, "OSDMigrateLocalAccounts")) {
		put_password(writer, sequence_variables_get(writer->variables, "OSDMigrateLocalAccountPassword"));
		put(writer, "/lae", NULL);
	} else if (*source && asprintf(&everybody, "%s\\*", source) >= 0) {
		put_value(writer, "/ue:", everybody);
	} else if (*source) {
		everybody = NULL;
		writer->failed = true;
	}
	if (!is_false(writer->variables, "OSDMigrateContinueOnRestore"))
		put(writer, "/c", NULL);
}

static int put_configmgr(struct line_writer *writer, struct error *err)
{
	const struct state_command     *command = writer->command;
	const struct sequence_variable *options = state_step_options(writer->variables, false, command->restore);

	if (command->restore)
		put_restore(writer);
	else
		put_capture(writer);
	put_kind(writer, options, false);
	if (sequence_variables_true(writer->variables, "OSDMigrateEnableVerboseLogging"))
		put(writer, "/v:5", NULL);
	if (!command->restore)
		put_windows(writer);
	if (put_logs(writer, command->restore ? "loadstate.log" : "scanstate.log",
		     command->restore ? "loadstateprogress.log" : "scanstateprogress.log", err) < 0)
		return -1;
	put_rules(writer);
	return options ? put_options(writer, options, err) : 0;
}

/* -------- MDT -------- */

/* Users that the wizard chose: "CORP\anna,CORP\bert" */
static void put_profiles(struct line_writer *writer)
{
	CLEANUP(free_ptr) char *users = strdup(sequence_variables_get(writer->variables, "UDProfiles"));
	char                   *rest = users;

	writer->failed = writer->failed || !users;
	for (char *user; (user = strsep(&rest, ",")) != NULL;) {
		user += strspn(user, " ");
		if (*user)
			put_value(writer, "/ui:", user);
	}
}

static int put_mdt(struct line_writer *writer, struct error *err)
{
	const struct state_command     *command = writer->command;
	const struct sequence_variable *options = state_step_options(writer->variables, true, command->restore);

	if (options && put_options(writer, options, err) < 0)
		return -1;
	if (!options) {
		put(writer, "/v:5", NULL);
		put(writer, "/c", NULL);
		put(writer, command->restore ? "/lac" : "/o", NULL);
	}
	put_profiles(writer);
	put_rules(writer);
	put_kind(writer, options, !command->restore);
	if (put_logs(writer, command->restore ? "USMTrestore.log" : "USMTcapture.log",
		     command->restore ? "USMTrestore.prg" : "USMTcapture.prg", err) < 0)
		return -1;
	if (!command->restore)
		put_windows(writer);
	return 0;
}

/* -------- the line -------- */

static void put_program(struct line_writer *writer)
{
	const char *program = writer->command->program;
	FILE       *outs[] = { writer->line, writer->shown };

	for (size_t i = 0; i < 2; i++)
		if (strpbrk(program, "\\/"))
			command_line_quote(outs[i], program);
		else
			fputs(program, outs[i]);
	put(writer, "", writer->command->store);
}

static int put_all(struct line_writer *writer, struct error *err)
{
	put_program(writer);
	if ((writer->command->mdt ? put_mdt(writer, err) : put_configmgr(writer, err)) < 0)
		return -1;
	return writer->failed ? error_memory(err) : 0;
}

static int close_memory(FILE *out, int status, struct error *err)
{
	bool failed = !out || ferror(out);

	if (out && fclose(out) != 0)
		failed = true;
	return status == 0 && failed ? error_memory(err) : status;
}

int state_command_build(const struct state_command *command, const struct sequence_variables *variables, char **line,
			char **shown, struct error *err)
{
	size_t             line_size, shown_size;
	struct line_writer writer = { .command = command, .variables = variables };
	int                status = 0;

	*line = *shown = NULL;
	writer.line = open_memstream(line, &line_size);
	writer.shown = open_memstream(shown, &shown_size);
	if (writer.line && writer.shown)
		status = put_all(&writer, err);
	status = close_memory(writer.line, status, err);
	return close_memory(writer.shown, status, err);
}
