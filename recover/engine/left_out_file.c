/* SPDX-License-Identifier: GPL-3.0-or-later */
/* left_out_file.c - see left_out_file.h */
#include "recover/engine/left_out_file.h"

#include <string.h>

/* One line; what would break it is a blank. */
static void put_line(FILE *out, const char *path, const char *why, const char *more)
{
	char *line = NULL;

	if (asprintf(&line, "%s\t%s%s%s", path, why, *more ? ": " : "", more) < 0)
		return; /* the stream has no memory either, which its end tells */
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < 0x20 && !(*at == '\t' && at == line + strlen(path)))
			*at = ' ';
	fprintf(out, "%s\n", line);
	free(line);
}

static void put_people(FILE *out, const struct migration *migration)
{
	if (!migration->has_windows)
		return;
	if (migration->windows.trouble)
		put_line(out, migration->windows.directory, migration->windows.trouble, "");
	for (size_t i = 0; i < migration->accounts.count; i++) {
		const struct chosen_account *account = &migration->accounts.items[i];

		if (account->chosen && account->profile->trouble)
			put_line(out, *account->profile->path ? account->profile->path : account->profile->sid,
				 account->profile->trouble, "");
	}
}

int left_out_file_add(struct settings_files *files, const struct capture_result *result, struct error *err)
{
	char  *text = NULL;
	size_t size = 0;
	FILE  *out = open_memstream(&text, &size);
	bool   failed;

	if (!out)
		return error_memory(err);
	put_people(out, &result->choice.migration);
	for (size_t i = 0; i < result->count; i++)
		for (size_t j = 0; j < result->parts[i].troubles.count; j++) {
			const struct host_trouble *trouble = &result->parts[i].troubles.items[j];

			put_line(out, trouble->path, trouble->why, trouble->sys ? strerror(trouble->sys) : "");
		}
	failed = ferror(out);
	failed = fclose(out) != 0 || failed;
	if (!failed && size)
		return settings_files_add(files, LEFT_OUT_FILE_NAME, text, size, err);
	free(text);
	return failed ? error_memory(err) : 0;
}
