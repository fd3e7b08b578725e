/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line_file.c - see line_file.h */
#include "recover/line_file.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

static int part_name(const char *name, char **part, struct error *err)
{
	return asprintf(part, "%s.part", name) < 0 ? error_memory(err) : 0;
}

int line_key_compare(const struct line_key *left, const struct line_key *right)
{
	if (left->volume != right->volume)
		return left->volume < right->volume ? -1 : 1;
	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

static int compare_entry(const void *a, const void *b)
{
	const struct line_entry *left = a, *right = b;
	int                      order = line_key_compare(&left->key, &right->key);

	return order ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

static void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

/* Learn what an earlier run has done; cut off a line without its end. */
static int resume(struct line_file *file, struct error *err)
{
	CLEANUP(close_stream) FILE *in = NULL;
	CLEANUP(free_ptr) char     *line = NULL;
	size_t                      room = 0;
	ssize_t                     length;
	int                         fd = dup(file->fd);

	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return error_sys(err, file->name, "cannot read what an earlier run left");
	while ((length = getline(&line, &room, in)) > 0) {
		struct line_entry entry = { .offset = file->size_bytes, .length = (uint64_t)length };

		if (line[length - 1] != '\n' ||
		    sscanf(line, "{\"volume\": %" SCNu32 ", \"record\": %" SCNu64 ", \"sequence\": %" SCNu32 ", ",
			   &entry.key.volume, &entry.key.record, &entry.key.sequence) != 3)
			break;
		if (!array_push(&file->entries, entry))
			return error_memory(err);
		file->size_bytes += (uint64_t)length;
	}
	if (ftruncate(file->fd, (off_t)file->size_bytes) < 0)
		return error_sys(err, file->name, "cannot go on with what an earlier run left");
	if (file->entries.count)
		qsort(file->entries.items, file->entries.count, sizeof *file->entries.items, compare_entry);
	for (size_t i = 0; i < file->entries.count; i++)
		if (!array_push(&file->resumed, file->entries.items[i].key))
			return error_memory(err);
	return 0;
}

int line_file_open(struct line_file *file, int folder, const char *name, struct error *err)
{
	CLEANUP(free_ptr) char *part = NULL;

	*file = (struct line_file){ .name = name, .folder = folder, .fd = -1 };
	pthread_mutex_init(&file->lock, NULL);
	if (part_name(name, &part, err) < 0)
		return -1;
	file->fd = openat(folder, part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file->fd < 0)
		return error_sys(err, part, "cannot write there");
	return resume(file, err);
}

int line_file_take_back(int folder, const char *name, struct error *err)
{
	CLEANUP(free_ptr) char *part = NULL;

	if (part_name(name, &part, err) < 0)
		return -1;
	if (renameat2(folder, name, folder, part, RENAME_NOREPLACE) < 0 && errno != ENOENT && errno != EEXIST)
		return error_sys(err, name, "cannot go on with what an earlier run left");
	return 0;
}

bool line_file_has(const struct line_file *file, struct line_key key)
{
	size_t first = partition_point(0, file->resumed.count, at,
				       line_key_compare(&file->resumed.items[at], &key) < 0);

	return first < file->resumed.count && line_key_compare(&file->resumed.items[first], &key) == 0;
}

static bool pend(struct line_file *file, const char *line, size_t length)
{
	while (file->pending_room - file->pending_bytes < length + 1)
		if (!array_grow((void **)&file->pending, file->pending_room, &file->pending_room, 1))
			return false;
	memcpy(file->pending + file->pending_bytes, line, length);
	file->pending[file->pending_bytes + length] = '\n';
	file->pending_bytes += length + 1;
	return true;
}

int line_file_add(struct line_file *file, struct line_key key, const char *line, size_t length,
		  struct error *err)
{
	struct line_entry entry = { .key = key, .length = length + 1 };
	bool              room;

	pthread_mutex_lock(&file->lock);
	entry.offset = file->size_bytes + file->pending_bytes;
	room = pend(file, line, length) && array_push(&file->entries, entry);
	pthread_mutex_unlock(&file->lock);
	return room ? 0 : error_memory(err);
}

static int write_all(int fd, const char *name, const char *data, size_t length, struct error *err)
{
	while (length) {
		ssize_t done = write(fd, data, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return error_sys(err, name, "cannot write");
		data += done;
		length -= (size_t)done;
	}
	return 0;
}

size_t line_file_pending(struct line_file *file)
{
	size_t bytes;

	pthread_mutex_lock(&file->lock);
	bytes = file->pending_bytes;
	pthread_mutex_unlock(&file->lock);
	return bytes;
}

int line_file_flush(struct line_file *file, size_t bytes, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&file->lock);
	if (bytes) {
		if (lseek(file->fd, (off_t)file->size_bytes, SEEK_SET) < 0)
			result = error_sys(err, file->name, "cannot write");
		if (result == 0)
			result = write_all(file->fd, file->name, file->pending, bytes, err);
		if (result == 0 && fdatasync(file->fd) < 0)
			result = error_sys(err, file->name, "cannot make what was written durable");
		if (result == 0) {
			file->size_bytes += bytes;
			file->pending_bytes -= bytes;
			memmove(file->pending, file->pending + bytes, file->pending_bytes);
		}
	}
	pthread_mutex_unlock(&file->lock);
	return result;
}

/* The line of one entry into *@line, which grows. */
static int read_line(const struct line_file *file, const struct line_entry *entry, char **line, size_t *room,
		     struct error *err)
{
	size_t done = 0;

	while (*room < entry->length + 1)
		if (!array_grow((void **)line, *room, room, 1))
			return error_memory(err);
	while (done < entry->length) {
		ssize_t got = pread(file->fd, *line + done, (size_t)entry->length - done,
				    (off_t)(entry->offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_sys(err, file->name, "cannot read back what was written");
		done += (size_t)got;
	}
	(*line)[entry->length] = 0;
	return 0;
}

int line_file_each(struct line_file *file, int (*each)(void *context, const char *line, struct error *err),
		   void *context, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t                  room = 0;

	if (line_file_flush(file, line_file_pending(file), err) < 0)
		return -1;
	for (size_t i = 0; i < file->entries.count; i++) {
		if (read_line(file, &file->entries.items[i], &line, &room, err) < 0)
			return -1;
		line[file->entries.items[i].length - 1] = 0;
		if (each(context, line, err) < 0)
			return -1;
	}
	return 0;
}

static int write_sorted(struct line_file *file, FILE *out, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t                  room = 0;

	for (size_t i = 0; i < file->entries.count; i++) {
		const struct line_entry *entry = &file->entries.items[i];

		if (i && line_key_compare(&entry->key, &file->entries.items[i - 1].key) == 0)
			continue; /* done again after a cut */
		if (read_line(file, entry, &line, &room, err) < 0)
			return -1;
		if (fwrite(line, 1, (size_t)entry->length, out) != entry->length)
			return error_sys(err, file->name, "cannot write");
	}
	if (fflush(out) != 0 || fsync(fileno(out)) < 0)
		return error_sys(err, file->name, "cannot make it durable");
	return 0;
}

int line_file_publish(struct line_file *file, struct error *err)
{
	CLEANUP(free_ptr) char *part = NULL, *fresh = NULL;
	CLEANUP(close_stream) FILE *out = NULL;
	int                         fd;

	if (line_file_flush(file, line_file_pending(file), err) < 0 || part_name(file->name, &part, err) < 0)
		return -1;
	fresh = text_format("%s.new", file->name);
	if (!fresh)
		return error_memory(err);
	if (file->entries.count)
		qsort(file->entries.items, file->entries.count, sizeof *file->entries.items, compare_entry);
	fd = openat(file->folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		error_sys(err, fresh, "cannot write there");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (write_sorted(file, out, err) < 0)
		return -1;
	if (renameat(file->folder, fresh, file->folder, file->name) < 0 ||
	    unlinkat(file->folder, part, 0) < 0 || fsync(file->folder) < 0)
		return error_sys(err, file->name, "cannot put it in its place");
	return 0;
}

void line_file_close(struct line_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	array_release(&file->entries);
	array_release(&file->resumed);
	free(TAKE(file->pending));
	pthread_mutex_destroy(&file->lock);
}
