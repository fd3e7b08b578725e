/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_file.c - see hive_file.h */
#include "recover/windows/hive_file.h"

#include "core/cleanup.h"
#include "recover/file_source.h"

#include <string.h>

struct file_bytes {
	uint8_t *at;
	size_t   size;
};

static void file_bytes_release(struct file_bytes *bytes)
{
	free(bytes->at);
}

static int keep(void *to, const struct content_piece *piece, struct error *err)
{
	struct file_bytes *bytes = to;

	(void)err;
	if (piece->data) /* a hole is zeros already */
		memcpy(bytes->at + piece->offset, piece->data, piece->length);
	return 0;
}

static const struct case_stream *content_of(const struct case_record *record)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == ATTRIBUTE_DATA && !*record->streams.items[i].name)
			return &record->streams.items[i];
	return NULL;
}

/* All of a file: 1, 0 if it is no file or empty, -1. */
static int read_whole(struct work_volume *volume, uint32_t file, const char *name, struct file_bytes *bytes,
		      uint64_t *written, struct error *err)
{
	CLEANUP(case_record_release) struct case_record record = { 0 };
	struct live_source        live = { .volume = &volume->volume, .securities = &volume->securities };
	struct file_source        source = file_source_of_volume(&live);
	struct verdict            verdict = { 0 };
	const struct case_stream *content;
	int                       result;

	if (volume_tree_is_directory(&volume->tree, file))
		return 0;
	if (work_volume_load(volume, file, &record, err) < 0)
		return -1;
	content = content_of(&record);
	if (!content || !content->size_bytes)
		return 0;
	if (content->size_bytes > HIVE_BYTES_MAX)
		return error_set(err, ERROR_VALUE, name, "is too large for a hive");
	bytes->at = calloc(1, (size_t)content->size_bytes);
	if (!bytes->at)
		return error_memory(err);
	bytes->size = (size_t)content->size_bytes;
	result = source.read(source.context, &record, content, keep, bytes, &verdict, err);
	if (result == 0 && verdict.grade > GRADE_INTACT)
		result = error_set(err, ERROR_IO, name, "cannot be read in full");
	verdict_release(&verdict);
	content_buffers_release(&live.buffers);
	if (written)
		*written = record.file.info_known ? record.file.times.written : 0;
	return result < 0 ? -1 : 1;
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
	if (file != NO_TREE_RECORD && read_whole(volume, file, name, log, NULL, &ignored) != 1) {
		free(log->at);
		*log = (struct file_bytes){ 0 };
	}
}

int hive_file_open(struct hive *hive, struct work_volume *volume, const char *path, const char *name, uint64_t *written,
		   struct error *err)
{
	CLEANUP(file_bytes_release) struct file_bytes primary = { 0 }, first = { 0 }, second = { 0 };
	uint32_t     file = volume_tree_find(&volume->tree, path);
	struct bytes logs[HIVE_LOGS];

	*hive = (struct hive){ 0 };
	if (written)
		*written = 0;
	if (file == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, file))
		return 0;
	switch (read_whole(volume, file, name, &primary, written, err)) {
	case -1:
		return -1;
	case 0:
		return error_set(err, ERROR_VALUE, name, "is empty");
	default:
		break;
	}
	read_log(volume, path, ".LOG1", &first);
	read_log(volume, path, ".LOG2", &second);
	if (!first.at && !second.at)
		read_log(volume, path, ".LOG", &first); /* before Windows Vista */
	logs[0] = (struct bytes){ first.at, first.size, 0 };
	logs[1] = (struct bytes){ second.at, second.size, 0 };
	return hive_open(hive, name, (struct bytes){ primary.at, primary.size, 0 }, logs, false, err) < 0 ? -1 : 1;
}
