/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_files.c - see usmt_files.h */
#include "recover/usmt/usmt_files.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/file_content.h"
#include "recover/usmt/usmt_volumes.h"
#include "recover/xml_document.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

/* -------- paths of this computer -------- */

static char *with_slashes(const char *path)
{
	char *host = strdup(path);

	for (char *at = host; at && *at; at++)
		*at = *at == '\\' ? '/' : *at;
	return host;
}

static bool is_network_path(const char *path)
{
	return path[0] == '\\' && path[1] == '\\';
}

static int refuse_network_path(const char *path, struct error *err)
{
	return error_set(err, ERROR_USAGE, path,
			 "is a path of the network; mount the share, and name the file where it is then, as in "
			 "/mnt/share/file.xml");
}

/* The last name of a path; "output" if it has none. */
static const char *leaf_of(const char *path)
{
	const char *leaf = path;

	for (const char *at = path; *at; at++)
		if (strchr("\\/:", *at))
			leaf = at + 1;
	return *leaf && strcmp(leaf, ".") != 0 && strcmp(leaf, "..") != 0 ? leaf : "output";
}

/* The folder has the sequence's own log as well, which is nobody else's. */
static int write_into(const char *folder, const char *leaf, char **host, struct error *err)
{
	bool taken = strncasecmp(leaf, "smsts", strlen("smsts")) == 0;

	*host = text_format("%s/%s%s", folder, taken ? "usmt-" : "", leaf);
	return *host ? 0 : error_memory(err);
}

int usmt_files_to_write(const struct usmt_files *files, const char *path, char **host, struct error *err)
{
	*host = NULL;
	if (files->places.written)
		return write_into(files->places.written, leaf_of(path), host, err);
	if (is_network_path(path))
		return refuse_network_path(path, err);
	if (usmt_path_letter(path))
		return error_set(err, ERROR_USAGE, path,
				 "is a file of Windows, whose volumes hold nothing but what is migrated; name a file of this "
				 "computer, as in /tmp/%.40s",
				 strrchr(path, '\\') ? strrchr(path, '\\') + 1 : "file");
	*host = with_slashes(path);
	return *host ? 0 : error_memory(err);
}

/* Give the component at @name, which ends at @end, the case that it has in its folder; false if it is not there. */
static bool settle_component(char *path, char *name, char *end)
{
	char           kept = *name, rest = *end;
	struct dirent *entry;
	DIR           *folder;
	bool           found = false;

	*end = 0;
	if (access(path, F_OK) == 0) {
		*end = rest;
		return true;
	}
	*name = 0;
	folder = opendir(*path ? path : ".");
	*name = kept;
	while (folder && !found && (entry = readdir(folder)))
		if (strcasecmp(entry->d_name, name) == 0) { /* of the same length, so it fits */
			memcpy(name, entry->d_name, strlen(name));
			found = true;
		}
	if (folder)
		closedir(folder);
	*end = rest;
	return found;
}

/* Give every name in a path of this computer the case that it really has, where there is one such. */
static void settle_case(char *path)
{
	for (char *name = path, *end; *name; name = end) {
		name += strspn(name, "/");
		end = name + strcspn(name, "/");
		if (end > name && !settle_component(path, name, end))
			return;
	}
}

/* -------- files of the volumes -------- */

static int write_whole(const char *path, const void *bytes, size_t size, struct error *err)
{
	FILE *file = fopen(path, "wxe");

	if (!file)
		return error_sys(err, path, "cannot be made");
	if (fwrite(bytes, 1, size, file) == size)
		return fclose(file) == 0 ? 0 : error_sys(err, path, "cannot be written");
	(void)error_sys(err, path, "cannot be written");
	fclose(file);
	return -1;
}

/* Put a copy into a folder of its own. */
static int copy_out(struct usmt_file *file, const char *name, const void *bytes, size_t size, struct error *err)
{
	const char *top = getenv("TMPDIR");

	file->folder = text_format("%s/holdfast-XXXXXX", top && *top ? top : "/tmp");
	if (!file->folder)
		return error_memory(err);
	if (!mkdtemp(file->folder)) {
		(void)error_sys(err, file->folder, "cannot be made; TMPDIR may name another folder");
		free(TAKE(file->folder));
		return -1;
	}
	file->path = text_format("%s/%s", file->folder, name);
	if (!file->path)
		return error_memory(err);
	return write_whole(file->path, bytes, size, err);
}

static int find_on_volume(struct usmt_file *file, struct work_volumes *volumes, const char *path, struct error *err)
{
	struct work_volume        *volume = volumes ? work_volumes_find(volumes, usmt_path_letter(path)) : NULL;
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size, name = strlen(path);
	uint32_t                   record;

	if (!volume)
		return error_set(err, ERROR_USAGE, path, "is on %c:, and no volume is named so; name it with --on %c=SOURCE, "
							 "or name a file of this computer",
				 usmt_path_letter(path), usmt_path_letter(path));
	if (work_volume_read_once(volume, err) < 0)
		return -1;
	record = volume_tree_find(&volume->tree, path + 2);
	if (record == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, record))
		return error_set(err, ERROR_VALUE, path, "is not on %.100s; check the name", volume->source);
	if (file_content_read(volume, record, path, XML_BYTES_MAX, &bytes, &size, err) < 0)
		return -1;
	while (name && path[name - 1] != '\\' && path[name - 1] != '/' && path[name - 1] != ':')
		name--;
	return copy_out(file, path + name, bytes, size, err);
}

static int find_on_host(struct usmt_file *file, const char *path, struct error *err)
{
	if (is_network_path(path))
		return refuse_network_path(path, err);
	file->path = with_slashes(path);
	if (!file->path)
		return error_memory(err);
	settle_case(file->path);
	return access(file->path, R_OK) == 0 ? 0 : error_sys(err, file->path, "cannot be read");
}

/* -------- files of a package -------- */

/* Does a path leave the folder that it begins in? */
static bool leaves(const char *name)
{
	for (size_t length; *name; name += length + strspn(name + length, "\\/")) {
		length = strcspn(name, "\\/");
		if (length == 2 && name[0] == '.' && name[1] == '.')
			return true;
	}
	return false;
}

/* 1 with the path in @file if it is there, 0 if not, -1. */
static int find_below(struct usmt_file *file, const char *package, const char *folder, const char *name,
		      struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	path = text_format("%s/%s/%s", package, folder, name);
	if (!path)
		return error_memory(err);
	if (find_on_host(file, path, err) == 0)
		return 1;
	free(TAKE(file->path));
	return err->kind == ERROR_MEMORY ? -1 : 0;
}

static int find_in_package(struct usmt_file *file, const char *package, const char *name, struct error *err)
{
	static const char *const folders[] = { "", "amd64", "x64", "x86", "Tools/x64/USMT5", "Tools/x86/USMT5",
					       "Tools/x64", "Tools/x86", "Scripts" };
	int                      found = 0;

	for (size_t i = 0; found == 0 && *name && !leaves(name) && i < sizeof folders / sizeof folders[0]; i++)
		found = find_below(file, package, folders[i], name, err);
	return found;
}

int usmt_package_find(const char *package, const char *name, char **found, struct error *err)
{
	struct usmt_file file = { 0 };
	int              status = find_in_package(&file, package, name, err);

	*found = file.path;
	return status;
}

/* -------- files to read -------- */

static bool is_relative(const char *path)
{
	return !usmt_path_letter(path) && !strchr("\\/", *path);
}

static int find_file(struct usmt_file *file, const struct usmt_places *places, struct work_volumes *volumes,
		     const char *path, struct error *err)
{
	int found = places->package && is_relative(path) ? find_in_package(file, places->package, path, err) : 0;

	if (found)
		return found < 0 ? -1 : 0;
	return usmt_path_letter(path) ? find_on_volume(file, volumes, path, err) : find_on_host(file, path, err);
}

int usmt_files_find(struct usmt_files *files, struct work_volumes *volumes, const char *path, const char **found,
		    struct error *err)
{
	struct usmt_file *file;

	*found = NULL;
	if (!array_push(files, (struct usmt_file){ 0 }))
		return error_memory(err);
	file = &files->items[files->count - 1];
	if (find_file(file, &files->places, volumes, path, err) < 0)
		return -1;
	*found = file->path;
	return 0;
}

void usmt_files_release(struct usmt_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		struct usmt_file *file = &files->items[i];

		if (file->folder && file->path)
			unlink(file->path);
		if (file->folder)
			rmdir(file->folder);
		free(file->path);
		free(file->folder);
	}
	array_release(files);
}
