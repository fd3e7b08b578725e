/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_folder.c - see settings_folder.h */
#include "recover/engine/settings_folder.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/file_content.h"
#include "recover/windows/people_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct settings_name settings_registry_name(const char *sid)
{
	struct settings_name name;

	snprintf(name.text, sizeof name.text, "%s.reg", sid ? sid : "machine");
	return name;
}

void settings_files_release(struct settings_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].name);
		free(files->items[i].bytes);
	}
	array_release(files);
}

int settings_files_add(struct settings_files *files, const char *name, void *bytes, size_t size, struct error *err)
{
	struct settings_file file = { strdup(name), bytes, size };

	if (file.name && array_push(files, file))
		return 0;
	free(file.name);
	free(bytes);
	return error_memory(err);
}

const struct settings_file *settings_files_find(const struct settings_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcasecmp(files->items[i].name, name) == 0)
			return &files->items[i];
	return NULL;
}

/* One of those that a capture makes; what else may lie there is left alone. */
static bool is_ours(const char *name)
{
	size_t length = strlen(name);

	return strcasecmp(name, PEOPLE_FILE_NAME) == 0 || strcasecmp(name, SETTINGS_RULES) == 0 ||
	       (length > 4 && strcasecmp(name + length - 4, ".reg") == 0);
}

/* One file of the folder. */
static int read_child(struct settings_files *files, struct work_volume *volume, const struct tree_child *child,
		      struct error *err)
{
	const struct name_row *row = &volume->tree.inventory.names.items[child->name];
	char                   name[NAME_UTF8_MAX];
	uint8_t               *bytes;
	size_t                 size;

	if (row->space == NAME_DOS || volume_tree_is_directory(&volume->tree, child->record))
		return 0;
	utf16_to_utf8(inventory_text(&volume->tree.inventory, row), row->units, name);
	if (!is_ours(name))
		return 0;
	if (file_content_read(volume, child->record, name, SETTINGS_FILE_MAX, &bytes, &size, err) < 0)
		return -1;
	return settings_files_add(files, name, bytes, size, err);
}

int settings_folder_read(struct settings_files *files, struct work_volume *volume, uint32_t store_folder,
			 struct error *err)
{
	uint32_t                 folder = state_store_child(volume, store_folder, STORE_SETTINGS);
	size_t                   count = 0;
	const struct tree_child *children = NULL;

	*files = (struct settings_files){ 0 };
	if (folder != NO_TREE_RECORD)
		children = volume_tree_children(&volume->tree, folder, &count);
	for (size_t i = 0; i < count; i++)
		if (read_child(files, volume, &children[i], err) < 0)
			return -1;
	return 0;
}

/* One file of a folder of the host. */
static int read_host_file(struct settings_files *files, int folder, const char *name, struct error *err)
{
	CLEANUP(close_fd) int      fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	struct stat                facts;
	size_t                     done = 0;

	if (fd < 0 || fstat(fd, &facts) < 0)
		return error_sys(err, name, "cannot read a file of the settings");
	if (!S_ISREG(facts.st_mode))
		return 0;
	if (facts.st_size > SETTINGS_FILE_MAX)
		return error_set(err, ERROR_UNSUPPORTED, name, "is too large for a file of settings");
	bytes = calloc(1, (size_t)facts.st_size + 1);
	if (!bytes)
		return error_memory(err);
	while (done < (size_t)facts.st_size) {
		ssize_t got = read(fd, bytes + done, (size_t)facts.st_size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_sys(err, name, "cannot read a file of the settings");
		done += (size_t)got;
	}
	return settings_files_add(files, name, TAKE(bytes), done, err);
}

int settings_folder_read_host(struct settings_files *files, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *folder = NULL;
	struct dirent          *entry;
	DIR                    *directory;
	int                     status = 0;

	*files = (struct settings_files){ 0 };
	folder = text_format("%s/" STORE_FOLDER "/" STORE_SETTINGS, path);
	if (!folder)
		return error_memory(err);
	directory = opendir(folder);
	if (!directory)
		return errno == ENOENT ? 0 : error_sys(err, folder, "cannot read the settings");
	while (status == 0 && (entry = readdir(directory)))
		if (is_ours(entry->d_name))
			status = read_host_file(files, dirfd(directory), entry->d_name, err);
	closedir(directory);
	return status;
}

int settings_folder_make(const struct settings_files *files, struct ntfs3g *mount, file_ref store_folder,
			 struct error *err)
{
	struct ntfs3g_name name;
	file_ref           folder;

	if (!files->count)
		return 0;
	if (ntfs3g_name(STORE_SETTINGS, strlen(STORE_SETTINGS), "", &name) < 0 ||
	    ntfs3g_make_folder(mount, store_folder, &name, &folder, err) < 0)
		return -1;
	for (size_t i = 0; i < files->count; i++)
		if (file_content_make(mount, folder, files->items[i].name, files->items[i].bytes, files->items[i].size,
				      err) < 0)
			return -1;
	return 0;
}

static bool is_in(const struct settings_file *file, const struct settings_files *files)
{
	const struct settings_file *other = settings_files_find(files, file->name);

	return strcasecmp(file->name, SETTINGS_LEFT_OUT) == 0 ||
	       (other && other->size == file->size && memcmp(other->bytes, file->bytes, file->size) == 0);
}

bool settings_files_equal(const struct settings_files *left, const struct settings_files *right)
{
	for (size_t i = 0; i < left->count; i++)
		if (!is_in(&left->items[i], right))
			return false;
	for (size_t i = 0; i < right->count; i++)
		if (!is_in(&right->items[i], left))
			return false;
	return true;
}
