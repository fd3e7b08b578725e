/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_source.c - see host_source.h */
#include "recover/engine/host_source.h"

#include "core/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int host_source_init(struct host_source *source, struct host_listing *listing, struct error *err)
{
	*source = (struct host_source){ .listing = listing, .fd = -1, .piece = malloc(CONTENT_PIECE_BYTES) };
	return source->piece ? 0 : error_memory(err);
}

static void close_file(struct host_source *source)
{
	close_fd(&source->fd);
	source->fd = -1;
}

void host_source_release(struct host_source *source)
{
	close_file(source);
	free(TAKE(source->piece));
}

/* Tell why a file is left out. */
static int leave_out(struct host_source *source, size_t entry, const char *why, int sys, struct error *err)
{
	source->listing->entries.items[entry].left_out = true;
	return host_listing_tell(source->listing, entry, &(struct host_trouble){ .why = why, .sys = sys }, err);
}

/* -------- what it is -------- */

static int describe(const struct host_entry *entry, size_t number, struct case_record *record, struct error *err)
{
	uint16_t sparse = entry->disk_bytes < entry->size_bytes ? ATTRIBUTE_SPARSE : 0;

	record->file = (struct case_file){ .record = number,
					   .live = true,
					   .directory = entry->directory,
					   .info_known = true,
					   .size_bytes = entry->size_bytes,
					   .times = entry->times,
					   .attributes = entry->attributes,
					   .grade = GRADE_INTACT };
	if (!entry->directory &&
	    case_record_add_stream(record,
				   (struct case_stream){ .type = ATTRIBUTE_DATA,
							 .name = "",
							 .flags = sparse,
							 .size_bytes = entry->size_bytes,
							 .valid_bytes = entry->size_bytes,
							 .grade = GRADE_INTACT },
				   err) < 0)
		return -1;
	case_record_settle(record);
	return 0;
}

int host_source_load(struct host_source *source, size_t entry, struct case_record *record, struct error *err)
{
	struct host_entry *found = &source->listing->entries.items[entry];

	close_file(source);
	if (!found->directory) {
		source->fd = host_listing_open(source->listing, entry);
		if (source->fd < 0 || host_entry_refresh(found, source->fd) < 0)
			return leave_out(source, entry, "cannot be opened", errno, err);
	}
	return describe(found, entry, record, err) < 0 ? -1 : 1;
}

/* -------- its content -------- */

/* The data or the hole that begins at @at; *@end is where it ends.  True for a hole. */
static bool find_extent(int fd, uint64_t at, uint64_t size_bytes, uint64_t *end)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;
	bool  is_hole = (data < 0 && errno == ENXIO) || data > (off_t)at;

	if (is_hole) {
		*end = data < 0 || (uint64_t)data > size_bytes ? size_bytes : (uint64_t)data;
		return true;
	}
	hole = lseek(fd, (off_t)at, SEEK_HOLE);
	*end = hole <= (off_t)at || (uint64_t)hole > size_bytes ? size_bytes : (uint64_t)hole;
	return false;
}

static ssize_t read_some(int fd, uint8_t *to, size_t length, uint64_t at)
{
	ssize_t got;

	do
		got = pread(fd, to, length, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got;
}

/* A stretch of data: 1, 0 when it cannot be had (errno; 0: the file ends before), -1. */
static int read_data(struct host_source *source, uint64_t at, uint64_t end, content_each *each, void *to,
		     struct error *err)
{
	while (at < end) {
		size_t  part = end - at < CONTENT_PIECE_BYTES ? (size_t)(end - at) : CONTENT_PIECE_BYTES;
		ssize_t got = read_some(source->fd, source->piece, part, at);

		if (got <= 0) {
			errno = got ? errno : 0;
			return 0;
		}
		if (each(to, &(struct content_piece){ at, (uint64_t)got, source->piece }, err) < 0)
			return -1;
		at += (uint64_t)got;
	}
	return 1;
}

/* All of it: 1, 0 as read_data, -1. */
static int read_all(struct host_source *source, const struct case_stream *stream, content_each *each, void *to,
		    struct error *err)
{
	bool     sparse = stream->flags & ATTRIBUTE_SPARSE;
	uint64_t end;
	int      result = 1;

	for (uint64_t at = 0; result == 1 && at < stream->size_bytes; at = end) {
		end = stream->size_bytes;
		if (!sparse || !find_extent(source->fd, at, stream->size_bytes, &end))
			result = read_data(source, at, end, each, to, err);
		else if (each(to, &(struct content_piece){ .offset = at, .length = end - at }, err) < 0)
			result = -1;
	}
	return result;
}

/* Is the file still what it was when it was loaded?  1, 0 when it is left out for that, -1. */
static int look_again(struct host_source *source, size_t entry, struct error *err)
{
	const struct host_entry  *loaded = &source->listing->entries.items[entry];
	struct host_entry         now = *loaded;
	const struct host_trouble changed = { .why = "changed while it was read", .kept = true };

	if (host_entry_refresh(&now, source->fd) < 0)
		return leave_out(source, entry, "cannot be looked at", errno, err);
	if (now.size_bytes < loaded->size_bytes) /* what was read of a hole may not have been one */
		return leave_out(source, entry, "became shorter while it was read", 0, err);
	if (now.size_bytes == loaded->size_bytes && now.times.written == loaded->times.written)
		return 1;
	return host_listing_tell(source->listing, entry, &changed, err) < 0 ? -1 : 1;
}

static int read_host(void *context, const struct case_record *record, const struct case_stream *stream,
		     content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	struct host_source *source = context;
	size_t              entry = (size_t)record->file.record;
	int                 result = read_all(source, stream, each, to, err);

	if (result == 0)
		result = leave_out(source, entry, errno ? "cannot be read" : "is shorter than it says", errno, err);
	else if (result == 1)
		result = look_again(source, entry, err);
	*verdict = (struct verdict){ .grade = source->listing->entries.items[entry].left_out ? GRADE_LOST
											     : GRADE_INTACT };
	return result < 0 ? -1 : 0;
}

static int find_none(void *context, int64_t volume, uint32_t id, uint8_t **descriptor, size_t *size_bytes,
		     struct error *err)
{
	(void)context, (void)volume, (void)id, (void)err;
	*descriptor = NULL;
	*size_bytes = 0;
	return 0;
}

struct file_source file_source_of_host(struct host_source *from)
{
	return (struct file_source){ from, NULL, read_host, find_none };
}
