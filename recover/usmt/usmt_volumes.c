/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_volumes.c - see usmt_volumes.h */
#include "recover/usmt/usmt_volumes.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/state_store.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

char usmt_path_letter(const char *path)
{
	bool drive = isalpha((unsigned char)path[0]) && path[1] == ':';

	return drive ? (char)toupper((unsigned char)path[0]) : 0;
}

/* -------- the volumes -------- */

static int add_operand(struct usmt_volumes *volumes, const char *text, size_t length, struct error *err)
{
	char *copy = strndup(text, length);

	if (copy && array_push(volumes, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

static int add_of_variable(struct usmt_volumes *volumes, const char *text, struct error *err)
{
	for (size_t length; text += strspn(text, " \t\n"), length = strcspn(text, " \t\n"); text += length)
		if (add_operand(volumes, text, length, err) < 0)
			return -1;
	return 0;
}

static int add_of_options(struct usmt_volumes *volumes, const struct usmt_options *options, struct error *err)
{
	for (size_t i = 0; i < options->volumes.count; i++)
		if (add_operand(volumes, options->volumes.items[i], strlen(options->volumes.items[i]), err) < 0)
			return -1;
	return 0;
}

static bool has_letter(const char *operand)
{
	return isalpha((unsigned char)operand[0]) && operand[1] == '=';
}

/* The letter of an operand; the first is C if it says nothing. */
static char letter_of(const struct usmt_volumes *volumes, size_t number)
{
	const char *operand = volumes->items[number];

	return has_letter(operand) ? (char)toupper((unsigned char)operand[0]) : number == 0 ? 'C' : 0;
}

/* Drives that are mounted as folders are for captures alone, and with /localonly not even for them. */
static bool takes_folders(const struct usmt_options *options)
{
	return options->tool == USMT_SCANSTATE && !usmt_options_has(options, USMT_LOCALONLY) &&
	       !usmt_options_has(options, USMT_GENCONFIG) && !usmt_options_has(options, USMT_P);
}

static void pass_over_folders(struct usmt_volumes *volumes)
{
	size_t kept = 0;

	for (size_t i = 0; i < volumes->count; i++) {
		char       *operand = volumes->items[i];
		const char *source = operand + (has_letter(operand) ? 2 : 0);
		size_t      passed = strlen(volumes->passed_over);
		struct stat status;

		if (i == 0 || passed == sizeof volumes->passed_over - 1 || stat(source, &status) < 0 ||
		    !S_ISDIR(status.st_mode)) {
			volumes->items[kept++] = operand;
			continue;
		}
		volumes->passed_over[passed] = letter_of(volumes, i) ? letter_of(volumes, i) : '?';
		free(operand);
	}
	volumes->count = kept;
}

static int add_volumes(struct usmt_volumes *volumes, const struct usmt_options *options, struct error *err)
{
	const char *variable = getenv(USMT_VOLUMES_VARIABLE);
	bool        said = options->volumes.count != 0;

	if ((said ? add_of_options(volumes, options, err) : variable ? add_of_variable(volumes, variable, err) : 0) < 0)
		return -1;
	if (!takes_folders(options) && (!said || options->tool == USMT_SCANSTATE))
		pass_over_folders(volumes);
	return 0;
}

/* -------- the store -------- */

/* "C:\StateStore" or "\StateStore" */
static int parse_store(struct usmt_volumes *volumes, const char *text, struct error *err)
{
	volumes->store_letter = usmt_path_letter(text);
	if (volumes->store_letter)
		text += 2;
	if ((text[0] != '\\' && text[0] != '/') || text[1] == '\\' || text[1] == '/')
		return error_set(err, ERROR_USAGE, text,
				 "is no folder of a volume; a hard-link store is made on the volume itself, as in "
				 "C:\\StateStore");
	return store_path_parse(text, &volumes->store, err);
}

/* Make an operand the first; the one that was it must say its letter from now on. */
static int move_to_front(struct usmt_volumes *volumes, size_t number, struct error *err)
{
	char *operand = volumes->items[number], *first = NULL;

	if (number == 0)
		return 0;
	first = text_format("%c=%s", letter_of(volumes, 0), volumes->items[0] + (has_letter(volumes->items[0]) ? 2 : 0));
	if (!first)
		return error_memory(err);
	free(volumes->items[0]);
	volumes->items[0] = first;
	memmove(volumes->items + 1, volumes->items, number * sizeof *volumes->items);
	volumes->items[0] = operand;
	return 0;
}

int usmt_volumes_find(struct usmt_volumes *volumes, const struct usmt_options *options, struct error *err)
{
	*volumes = (struct usmt_volumes){ 0 };
	if (add_volumes(volumes, options, err) < 0)
		return -1;
	if (!options->store || usmt_options_has(options, USMT_EXTRACT))
		return 0;
	if (parse_store(volumes, options->store, err) < 0)
		return -1;
	if (!volumes->count)
		return 0;
	if (!volumes->store_letter)
		volumes->store_letter = letter_of(volumes, 0);
	for (size_t i = 0; i < volumes->count; i++)
		if (letter_of(volumes, i) == volumes->store_letter)
			return move_to_front(volumes, i, err);
	return error_set(err, ERROR_USAGE, options->store,
			 "is on %c:, and no volume is named so; name it, as in --on %c=disk.img@2", volumes->store_letter,
			 volumes->store_letter);
}

static void pass_over_open(struct usmt_volumes *volumes, const struct work_volumes *open)
{
	for (size_t i = 0; i < open->folder_count && i < sizeof volumes->passed_over - 1; i++)
		volumes->passed_over[i] = open->folders[i].letter;
}

int usmt_volumes_take(struct usmt_volumes *volumes, const struct usmt_options *options,
		      const struct work_volumes *open, struct error *err)
{
	char first = open->items[0].letter;

	*volumes = (struct usmt_volumes){ 0 };
	if (options->volumes.count)
		return error_set(err, ERROR_USAGE, options->volumes.items[0],
				 "is named with --on, and the volumes are those that are worked on; leave it out");
	if (!takes_folders(options))
		pass_over_open(volumes, open);
	if (!options->store || usmt_options_has(options, USMT_EXTRACT))
		return 0;
	if (parse_store(volumes, options->store, err) < 0)
		return -1;
	if (!volumes->store_letter)
		volumes->store_letter = first;
	if (volumes->store_letter == first)
		return 0;
	return error_set(err, ERROR_USAGE, options->store,
			 "is not on %c:, the first of the volumes; name that of the store first", first);
}

void usmt_volumes_release(struct usmt_volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		free(volumes->items[i]);
	array_release(volumes);
	free(TAKE(volumes->store));
}
