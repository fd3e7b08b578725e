/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows_path.c - see windows_path.h */
#include "recover/windows/windows_path.h"

#include "core/cleanup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool has_letter(const char *text)
{
	return isalpha((unsigned char)text[0]) && text[1] == ':' &&
	       (text[2] == 0 || text[2] == '\\' || text[2] == '/');
}

static bool separates(char c)
{
	return c == '\\' || c == '/';
}

/* Backslashes, one where several separate names, but for two at the beginning, and none at the end. */
static void settle(char *path)
{
	char *to = path;

	for (const char *at = path; *at; at++)
		if (!separates(*at))
			*to++ = *at;
		else if (to < path + 2 || to[-1] != '\\')
			*to++ = '\\';
	while (to > path + 2 && to[-1] == '\\')
		to--;
	*to = 0;
}

int windows_path(const struct windows *windows, const struct environment *environment, const char *text,
		 char **path, struct error *err)
{
	CLEANUP(texts_release) struct texts expanded = { 0 };
	CLEANUP(free_ptr) char             *unknown = NULL;
	bool                                offline;

	*path = NULL;
	if (strncmp(text, "\\\\?\\", 4) == 0 && has_letter(text + 4))
		text += 4;
	offline = has_letter(text);
	if (environment_expand(environment, text, &expanded, &unknown, err) < 0)
		return -1;
	if (!expanded.count)
		return 0;
	settle(expanded.items[0]);
	if (has_letter(expanded.items[0])) {
		char *letter = &expanded.items[0][0];

		*letter = (char)toupper((unsigned char)*letter);
		if (offline)
			*letter = windows->letters[*letter - 'A'];
		if (*letter)
			*path = TAKE(expanded.items[0]);
	} else if (strncmp(expanded.items[0], "\\\\", 2) == 0) {
		*path = TAKE(expanded.items[0]);
	}
	return 0;
}

char *windows_path_offline(const struct windows *windows, const char *path)
{
	for (size_t i = 0; has_letter(path) && i < sizeof windows->letters; i++)
		if (windows->letters[i] && windows->letters[i] == toupper((unsigned char)path[0])) {
			char *offline = strdup(path);

			if (offline)
				offline[0] = (char)('A' + i);
			return offline;
		}
	return NULL;
}

void windows_path_find(const struct windows *windows, const char *path, struct work_volume **volume,
		       uint32_t *record)
{
	*volume = NULL;
	*record = NO_TREE_RECORD;
	if (!windows->volumes || !has_letter(path))
		return;
	*volume = work_volumes_find(windows->volumes, (char)toupper((unsigned char)path[0]));
	if (*volume)
		*record = volume_tree_find(&(*volume)->tree, path + 2);
	if (*record == NO_TREE_RECORD)
		*volume = NULL;
}

char *windows_path_join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s%s%s", folder, *name ? "\\" : "", name) < 0 ? NULL : path;
}

const char *windows_path_last(const char *path)
{
	const char *last = strrchr(path, '\\');

	return last ? last + 1 : path;
}

bool windows_path_is_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncasecmp(path, folder, length) == 0 && (path[length] == 0 || path[length] == '\\');
}
