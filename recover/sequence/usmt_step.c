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
static int find_package(const struct sequence_step *step, const struct sequence_item *item, char **folder,
			struct error *err)
{
	struct package_id              id = command_line_package(item->action);
	const struct sequence_package *package = sequence_packages_find(step->packages, step->package_count, id.text);

	*folder = NULL;
	if (!package)
		return item->start_in && *item->start_in
			       ? sequence_variables_expand(step->variables, item->start_in, folder, NULL, err)
			       : 0;
	*folder = strdup(package->path);
	return *folder ? 0 : error_memory(err);
}

/* The store must outlive what wipes the volume, as one of ConfigMgr's own step does. */
static int protect(struct sequence_step *step, const struct command_words *words, struct error *err)
{
	struct usmt_options options;
	struct error        why;
	int                 status = 0;

	if (usmt_options_parse(&options, USMT_SCANSTATE, (int)words->count, words->items, 0, &why) == 0 && options.store &&
	    usmt_path_letter(options.store) && options.store[2])
		status = sequence_variables_set(step->variables, "_OSDProtectHardLinkStore", options.store + 3, err);
	usmt_options_release(&options);
	return status;
}

int usmt_step_run(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const struct usmt_front                            *front = front_of(item);
	CLEANUP(command_words_release) struct command_words words = { 0 };
	CLEANUP(free_ptr) char                             *line = NULL, *package = NULL;
	int                                                 usmt_code;

	*code = 0;
	if (sequence_variables_expand(step->variables, item->action, &line, NULL, err) < 0 ||
	    take_arguments(line, front, &words, err) < 0 || find_package(step, item, &package, err) < 0 ||
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
