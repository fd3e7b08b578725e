/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_scope.c - see rule_scope.h */
#include "recover/rules/rule_scope.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/windows/shell_folder.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* A user's variables are known to the machine as well, but stand for nothing. */
static int declare_variables_of_users(struct rule_scope *scope, struct error *err)
{
	static const char *const others[] = { "APPDATA", "HOMEPATH", "TEMP", "TMP", "USERPROFILE", "USERSID", "USERNAME" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (environment_declare(&scope->environment, others[i], err) < 0)
			return -1;
	for (size_t i = 0; i < shell_folder_user_count; i++)
		if (environment_declare(&scope->environment, shell_folders_of_user[i].variable, err) < 0)
			return -1;
	for (size_t i = 0; i < shell_folder_virtual_count; i++)
		if (environment_declare(&scope->environment, shell_folders_virtual[i], err) < 0)
			return -1;
	return 0;
}

int rule_scope_begin(struct rule_scope *scope, struct error *err)
{
	if (environment_make(&scope->environment, scope->windows, scope->user, err) < 0)
		return -1;
	return scope->user ? 0 : declare_variables_of_users(scope, err);
}

void rule_scope_release(struct rule_scope *scope)
{
	environment_release(&scope->environment);
}

/* -------- what is told -------- */

int rule_scope_tell(const struct rule_scope *scope, int line, struct error *err, const char *format, ...)
{
	struct unhonoured told = { .file = scope->file, .line = line };
	va_list           list;

	va_start(list, format);
	told.what = text_format_list(format, list);
	va_end(list);
	if (told.what && array_push(scope->unhonoured, told))
		return 0;
	free(told.what);
	return error_memory(err);
}

static int compare_told(const void *a, const void *b)
{
	const struct unhonoured *left = a, *right = b;
	int                      order = strcmp(left->file, right->file);

	if (order == 0)
		order = (left->line > right->line) - (left->line < right->line);
	return order ? order : strcmp(left->what, right->what);
}

void unhonoureds_settle(struct unhonoureds *unhonoured)
{
	size_t kept = 0;

	if (unhonoured->count)
		qsort(unhonoured->items, unhonoured->count, sizeof *unhonoured->items, compare_told);
	for (size_t i = 0; i < unhonoured->count; i++)
		if (kept && compare_told(&unhonoured->items[kept - 1], &unhonoured->items[i]) == 0)
			free(unhonoured->items[i].what);
		else
			unhonoured->items[kept++] = unhonoured->items[i];
	unhonoured->count = kept;
}

void unhonoureds_release(struct unhonoureds *unhonoured)
{
	for (size_t i = 0; i < unhonoured->count; i++)
		free(unhonoured->items[i].what);
	array_release(unhonoured);
}

/* -------- texts -------- */

int texts_add(struct texts *texts, const char *text, size_t length, struct error *err)
{
	char *copy = strndup(text, length);

	if (copy && array_push(texts, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

int rule_scope_expand(const struct rule_scope *scope, const char *text, int line, struct texts *expanded,
		      struct error *err)
{
	CLEANUP(free_ptr) char *unknown = NULL;

	if (environment_expand(&scope->environment, text, expanded, &unknown, err) < 0)
		return -1;
	if (!unknown)
		return 0;
	return rule_scope_tell(scope, line, err, "the variable %%%s%% is not known: what needs it takes nothing", unknown);
}

void rule_scope_map_letter(const struct rule_scope *scope, char *path)
{
	int letter = toupper((unsigned char)*path);

	if (scope->windows && letter >= 'A' && letter <= 'Z' && path[1] == ':' && scope->windows->letters[letter - 'A'])
		*path = scope->windows->letters[letter - 'A'];
}

int rule_scope_expand_path(const struct rule_scope *scope, const char *text, int line, struct texts *expanded,
			   struct error *err)
{
	CLEANUP(free_ptr) char *own = NULL;

	while (isspace((unsigned char)*text))
		text++;
	own = strdup(text);
	if (!own)
		return error_memory(err);
	rule_scope_map_letter(scope, own);
	return rule_scope_expand(scope, own, line, expanded, err);
}

const char *rule_argument(const struct rule_call *call, size_t index)
{
	const char *argument = index < call->count ? call->arguments[index] : NULL;

	return argument && strcasecmp(argument, "NULL") != 0 ? argument : NULL; /* people quote it, too */
}

bool object_type_find(const char *text, enum object_type *type)
{
	static const struct {
		const char      *name;
		enum object_type type;
	} types[] = { { "File", OBJECT_FILE }, { "Registry", OBJECT_REGISTRY }, { "Ini", OBJECT_INI } };

	for (size_t i = 0; text && i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(types[i].name, text) == 0) {
			*type = types[i].type;
			return true;
		}
	return false;
}
