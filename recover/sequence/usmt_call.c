/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_call.c - see usmt_call.h */
#include "recover/sequence/usmt_call.h"

#include "core/cleanup.h"

#include <string.h>
#include <strings.h>

/* -------- doubles -------- */

static bool is_option(const char *word)
{
	return word[0] == '/' || word[0] == '-';
}

/* Is all of an option in this word?  Else its value may be the next. */
static bool stands_alone(const struct command_words *words, size_t number)
{
	const char *word = words->items[number], *colon = strchr(word, ':');

	return is_option(word) &&
	       ((colon && colon[1]) || number + 1 == words->count || is_option(words->items[number + 1]));
}

static bool is_double(const struct command_words *words, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (strcasecmp(words->items[i], words->items[number]) == 0 && stands_alone(words, i))
			return stands_alone(words, number);
	return false;
}

size_t usmt_call_drop_doubles(struct command_words *words)
{
	size_t dropped = 0;

	for (size_t i = 0; i < words->count;) {
		if (!is_double(words, i)) {
			i++;
			continue;
		}
		command_words_remove(words, i);
		dropped++;
	}
	return dropped;
}

/* -------- running -------- */

int usmt_call_run(struct sequence_step *step, const struct usmt_front *front, const struct command_words *words,
		  const char *package, int *code, struct error *err)
{
	struct usmt_places       places = { .package = package, .written = step->log_folder };
	CLEANUP(free_ptr) char **argv = calloc(words->count + 3, sizeof *argv);
	CLEANUP(free_ptr) char  *failure = NULL;
	char                     program[32], overwrite[] = "--overwrite-deleted";
	int                      argc = 0;

	if (!argv)
		return error_memory(err);
	snprintf(program, sizeof program, "%s", usmt_tool_program(front->tool));
	argv[argc++] = program;
	for (size_t i = 0; i < words->count; i++)
		argv[argc++] = words->items[i];
	if (step->overwrite_deleted)
		argv[argc++] = overwrite;
	*code = usmt_run_on(front, argc, argv, step->volumes, &places, &failure);
	step->why = (struct error){ 0 };
	if (failure)
		error_set(&step->why, ERROR_REFUSED, NULL, "%s", failure);
	return 0;
}
