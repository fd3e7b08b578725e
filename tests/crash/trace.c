/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace.c - see trace.h */
#include "tests/crash/trace.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void map(struct trace *trace, const char *path)
{
	int         fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		err(3, "%s", path);
	trace->file_size = (size_t)status.st_size;
	if (trace->file_size) {
		trace->file = mmap(NULL, trace->file_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (trace->file == MAP_FAILED)
			err(3, "%s", path);
	}
	close(fd);
}

void trace_read(struct trace *trace, const char *path, size_t image_size)
{
	size_t room = 0;

	*trace = (struct trace){ 0 };
	map(trace, path);
	for (size_t at = 0; at < trace->file_size;) {
		struct trace_event event;

		if (trace->file_size - at < sizeof event)
			errx(3, "%s: ends within an event", path);
		memcpy(&event, trace->file + at, sizeof event);
		at += sizeof event;
		if (event.kind == TRACE_UNSEEN)
			errx(3, "%s: the image was changed in a way that cannot be recorded", path);
		if (event.kind != TRACE_WRITE && event.kind != TRACE_FLUSH)
			errx(3, "%s: no trace, or a damaged one", path);
		if (event.length > trace->file_size - at)
			errx(3, "%s: ends within a write", path);
		if (event.offset > image_size || event.length > image_size - event.offset)
			errx(3, "%s: a write leaves the image", path);
		if (trace->count == room) {
			room = room ? 2 * room : 1024;
			trace->steps = reallocarray(trace->steps, room, sizeof *trace->steps);
			if (!trace->steps)
				err(3, "%s", path);
		}
		trace->steps[trace->count++] =
			(struct step){ event.kind, event.offset, event.length, trace->file + at };
		at += event.length;
	}
}

void trace_release(struct trace *trace)
{
	if (trace->file)
		munmap(trace->file, trace->file_size);
	free(trace->steps);
	*trace = (struct trace){ 0 };
}

void trace_leave_out(struct trace *trace, size_t step)
{
	if (step >= trace->count)
		errx(2, "the trace has only %zu steps", trace->count);
	trace->steps[step] = (struct step){ .kind = TRACE_WRITE, .bytes = trace->file };
}

size_t trace_writes(const struct trace *trace)
{
	size_t writes = 0;

	for (size_t i = 0; i < trace->count; i++)
		writes += trace->steps[i].kind == TRACE_WRITE;
	return writes;
}
