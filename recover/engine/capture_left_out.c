/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_left_out.c - see capture_left_out.h */
#include "recover/engine/capture_left_out.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/file_content.h"

#include <string.h>

#define TEXT_BYTES_MAX (16u << 20) /* a longer list is none of ours */

/* -------- telling -------- */

/* Of whom, and of which Windows, not everything could be read. */
static int tell_people(const struct migration *migration, left_out_tell *tell, void *context, struct error *err)
{
	if (!migration->has_windows)
		return 0;
	if (migration->windows.trouble &&
	    tell(context, migration->windows.directory, migration->windows.trouble, 0, err) < 0)
		return -1;
	for (size_t i = 0; i < migration->accounts.count; i++) {
		const struct chosen_account *account = &migration->accounts.items[i];
		const struct user_profile   *profile = account->profile;

		if (account->chosen && profile->trouble &&
		    tell(context, *profile->path ? profile->path : profile->sid, profile->trouble, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int tell_troubles(const struct host_troubles *troubles, left_out_tell *tell, void *context, struct error *err)
{
	for (size_t i = 0; i < troubles->count; i++)
		if (tell(context, troubles->items[i].path, troubles->items[i].why, troubles->items[i].sys, err) < 0)
			return -1;
	return 0;
}

int capture_left_out_each(const struct capture_result *result, left_out_tell *tell, void *context, struct error *err)
{
	if (tell_people(&result->choice.migration, tell, context, err) < 0)
		return -1;
	for (size_t i = 0; i < result->count; i++)
		if (tell_troubles(&result->parts[i].troubles, tell, context, err) < 0)
			return -1;
	return 0;
}

/* -------- keeping -------- */

static int print_line(void *context, const char *path, const char *why, int sys, struct error *err)
{
	FILE *out = context;

	(void)err;
	text_print(out, path, strlen(path)); /* a line each, whatever a file is called */
	fprintf(out, " (%s%s%s)\r\n", why, sys ? ": " : "", sys ? strerror(sys) : "");
	return 0;
}

static int print_all(const struct capture_result *result, FILE *out, struct error *err)
{
	if (capture_left_out_each(result, print_line, out, err) < 0)
		return -1;
	for (size_t i = 0; i < result->count; i++)
		if (tell_troubles(&result->parts[i].encrypted, print_line, out, err) < 0)
			return -1;
	return 0;
}

int capture_left_out_keep(struct settings_files *files, const struct capture_result *result, struct error *err)
{
	char  *text = NULL;
	size_t size = 0;
	FILE  *out = open_memstream(&text, &size);
	int    status = out ? print_all(result, out, err) : error_memory(err);

	if (out && fclose(out) != 0 && status == 0)
		status = error_memory(err);
	if (status == 0 && size)
		return settings_files_add(files, SETTINGS_LEFT_OUT, text, size, err);
	free(text);
	return status;
}

int capture_left_out_read(struct work_volume *volume, uint32_t store_folder, char **text, struct error *err)
{
	uint32_t folder = state_store_child(volume, store_folder, STORE_SETTINGS);
	uint32_t record = state_store_child(volume, folder, SETTINGS_LEFT_OUT);
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size;

	*text = NULL;
	if (record == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, record))
		return 0;
	if (file_content_read(volume, record, SETTINGS_LEFT_OUT, TEXT_BYTES_MAX, &bytes, &size, err) < 0)
		return -1;
	*text = strndup((const char *)bytes, size);
	return *text ? 0 : error_memory(err);
}
