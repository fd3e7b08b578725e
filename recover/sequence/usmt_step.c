/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_step.c - steps that are a command line of ScanState, LoadState or UsmtUtils; see sequence_step.h */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "recover/sequence/sequence_action.h"
#include "recover/sequence/state_step_log.h"
#include "recover/sequence/usmt_call.h"
#include "report/sequence_code.h"

#include <string.h>

static const struct usmt_front *front_of(const struct sequence_item *item)
{
	switch (sequence_action_of(item)->kind) {
	case ACTION_SCANSTATE:
		return &usmt_scanstate;
	case ACTION_LOADSTATE:
		return &usmt_loadstate;
	default:
		return &usmt_usmtutils;
	}
}

/* "ECHO Y | usmtutils.exe ..." */
static bool is_answered(const char *line, const char *program)
{
	const char *echo = command_line_find(line, "echo");

	if (!echo || echo > program)
		return false;
	echo += strlen("echo");
	echo += strspn(echo, " \t");
	return (*echo == 'y' || *echo == 'Y') && memchr(echo, '|', (size_t)(program - echo));
}

static int add_word(struct command_words *words, const char *word, struct error *err)
{
	char *copy = strdup(word);

	if (copy && array_push(words, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

/* The arguments of the tool in a line with its variables put in. */
static int take_arguments(const char *line, const struct usmt_front *front, struct command_words *words,
			  struct error *err)
{
	char        name[32];
	const char *program;

	snprintf(name, sizeof name, "%s.exe", usmt_tool_program(front->tool));
	program = command_line_find(line, name);
	if (!program)
		program = command_line_find(line, usmt_tool_program(front->tool));
	if (!program)
		return 0;
	if (command_line_arguments(line, program, words, err) < 0)
		return -1;
	return front->tool == USMT_USMTUTILS && is_answered(line, program) ? add_word(words, "/y", err) : 0;
}

/* Where rule files are: the package that the line is run in, else the folder that it starts in. */
static int find_package(struct sequence_step *step, const struct sequence_item *item, char **folder, struct error *err)
{
	struct package_id              id = command_line_package(item->action);
	const struct sequence_package *package = sequence_packages_find(step->packages, step->package_count, id.text);

	*folder = NULL;
	if (!package && *id.text)
		sequence_step_note(step, item, CMTRACE_WARNING,
				   "nobody says where the package %s is, so its files are looked for %s; say --package %s=FOLDER",
				   id.text, item->start_in && *item->start_in ? "where the step starts" : "in the current folder",
				   id.text);
	if (!package)
		return item->start_in && *item->start_in
			       ? sequence_variables_expand(step->variables, item->start_in, folder, NULL, err)
			       : 0;
	*folder = strdup(package->path);
	return *folder ? 0 : error_memory(err);
}

/* The store that the arguments name, "C:\StateStore", to be freed; NULL: none, none on a drive, or it is not made. */
static int find_store(const struct usmt_front *front, const struct command_words *words, char **store, struct error *err)
{
	struct usmt_options options;
	struct error        why;

	*store = NULL;
	if (usmt_options_parse(&options, front->tool, (int)words->count, words->items, 0, &why) == 0 && options.store &&
	    usmt_path_letter(options.store) && options.store[2] && !usmt_options_has(&options, USMT_GENCONFIG) &&
	    !usmt_options_has(&options, USMT_P))
		*store = strdup(options.store);
	else
		options.store = NULL;
	why.kind = options.store && !*store ? ERROR_MEMORY : ERROR_NONE;
	usmt_options_release(&options);
	return why.kind == ERROR_MEMORY ? error_memory(err) : 0;
}

static int find_arguments(const struct sequence_step *step, const struct sequence_item *item,
			  struct command_words *words, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;

	if (sequence_variables_expand(step->variables, item->action, &line, NULL, err) < 0)
		return -1;
	return take_arguments(line, front_of(item), words, err);
}

/* The store must outlive what wipes the volume, as one of ConfigMgr's own step does. */
static int protect(struct sequence_step *step, const struct command_words *words, struct error *err)
{
	CLEANUP(free_ptr) char *store = NULL;

	if (find_store(&usmt_scanstate, words, &store, err) < 0)
		return -1;
	if (!store)
		return 0;
	if (sequence_variables_set(step->variables, "_OSDProtectHardLinkStore", store + 3, err) < 0)
		return -1;
	return sequence_variables_set(step->variables, SEQUENCE_STORE, store, err);
}

int usmt_step_protect(struct sequence_step *step, const struct sequence_item *item, struct error *err)
{
	CLEANUP(command_words_release) struct command_words words = { 0 };

	return find_arguments(step, item, &words, err) < 0 ? -1 : protect(step, &words, err);
}

int usmt_step_drive(const struct sequence_step *step, const struct sequence_item *item, char *letter, struct error *err)
{
	CLEANUP(command_words_release) struct command_words words = { 0 };
	CLEANUP(free_ptr) char                             *store = NULL;

	*letter = 0;
	if (find_arguments(step, item, &words, err) < 0 || find_store(front_of(item), &words, &store, err) < 0)
		return -1;
	if (store)
		*letter = usmt_path_letter(store);
	return 0;
}

int usmt_step_run(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const struct usmt_front                            *front = front_of(item);
	CLEANUP(command_words_release) struct command_words words = { 0 };
	CLEANUP(free_ptr) char                             *package = NULL;
	int                                                 usmt_code;

	*code = 0;
	if (find_arguments(step, item, &words, err) < 0 || find_package(step, item, &package, err) < 0 ||
	    usmt_call_run(step, front, &words, package, &usmt_code, err) < 0)
		return -1;
	*code = (uint32_t)usmt_code;
	if (usmt_code == USMT_WOULD_HAVE_FAILED)
		error_set(&step->why, ERROR_REFUSED, NULL,
			  "files were left out, which /c allows, and 3 is no success code of the step; see %s.log",
			  usmt_tool_program(front->tool));
	if (front == &usmt_scanstate && (usmt_code == USMT_SUCCESS || usmt_code == USMT_WOULD_HAVE_FAILED))
		return protect(step, &words, err);
	return 0;
}
