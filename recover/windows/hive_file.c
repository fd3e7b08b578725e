/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_file.c - see hive_file.h */
#include "recover/windows/hive_file.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"

struct file_bytes {
	uint8_t *at;
	size_t   size;
};

static void file_bytes_release(struct file_bytes *bytes)
{
	free(bytes->at);
}

static int read_whole(struct work_volume *volume, uint32_t file, const char *name, struct file_bytes *bytes,
		      struct error *err)
{
	return file_content_read(volume, file, name, HIVE_BYTES_MAX, &bytes->at, &bytes->size, err);
}

/* When a file was last written, 0 unknown. */
static int read_written(struct work_volume *volume, uint32_t file, uint64_t *written, struct error *err)
{
	CLEANUP(case_record_release) struct case_record record = { 0 };

	if (work_volume_load(volume, file, &record, err) < 0)
		return -1;
	*written = record.file.info_known ? record.file.times.written : 0;
	return 0;
}

/* A log that is not there, or cannot be read, is none: the hive then says that it is behind. */
static void read_log(struct work_volume *volume, const char *path, const char *end, struct file_bytes *log)
{
	CLEANUP(free_ptr) char *name = NULL;
	struct error            ignored;
	uint32_t                file;

	if (asprintf(&name, "%s%s", path, end) < 0) {
		name = NULL;
		return;
	}
	file = volume_tree_find(&volume->tree, name);
	if (file == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, file) ||
	    read_whole(volume, file, name, log, &ignored) < 0)
		return;
	if (!log->size)
		free(TAKE(log->at));
}

int hive_file_open(struct hive *hive, struct work_volume *volume, const char *path, const char *name, bool writable,
		   uint64_t *written, struct error *err)
{
	CLEANUP(file_bytes_release) struct file_bytes primary = { 0 }, first = { 0 }, second = { 0 };
	uint32_t     file = volume_tree_find(&volume->tree, path);
	struct bytes logs[HIVE_LOGS];

	*hive = (struct hive){ 0 };
	if (written)
		*written = 0;
	if (file == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, file))
		return 0;
	if (read_whole(volume, file, name, &primary, err) < 0 ||
	    (written && read_written(volume, file, written, err) < 0))
		return -1;
	if (!primary.size)
		return error_set(err, ERROR_VALUE, name, "is empty");
	read_log(volume, path, ".LOG1", &first);
	read_log(volume, path, ".LOG2", &second);
	if (!first.at && !second.at)
		read_log(volume, path, ".LOG", &first); /* before Windows Vista */
	logs[0] = (struct bytes){ first.at, first.size, 0 };
	logs[1] = (struct bytes){ second.at, second.size, 0 };
	return hive_open(hive, name, (struct bytes){ primary.at, primary.size, 0 }, logs, writable, err) < 0 ? -1 : 1;
}
