/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - what a program did to an image, in order: written by record.so, read by explore
 *
 * A file of events, each a struct trace_event in the host's byte order, a write's bytes behind it.
 * An event is appended by one system call after the call that it tells of has succeeded, so a
 * killed program leaves a whole trace of what it did.
 */
#ifndef CRASH_TRACE_H
#define CRASH_TRACE_H

#include <stddef.h>
#include <stdint.h>

enum trace_kind {
	TRACE_WRITE = 0x57524954,  /* bytes follow */
	TRACE_FLUSH = 0x464c5553,  /* all that was written before is durable */
	TRACE_UNSEEN = 0x4e534545, /* the image was changed in a way that cannot be recorded */
};

struct trace_event {
	uint32_t kind;
	uint32_t unused; /* 0 */
	uint64_t offset; /* bytes from the start of the image */
	uint64_t length; /* bytes; 0 but for writes */
};

/* -------- reading -------- */

struct step {
	enum trace_kind kind;
	uint64_t        offset;
	size_t          length;
	const uint8_t  *bytes;
};

struct trace {
	uint8_t     *file; /* mapped */
	size_t       file_size;
	struct step *steps;
	size_t       count;
};

/*
 * Read a trace that changes an image of @image_size bytes.  Ends the program when there is none,
 * when a write leaves the image, and when something in it could not be recorded.
 */
void trace_read(struct trace *trace, const char *path, size_t image_size);
void trace_release(struct trace *trace);

/* Make one step (from 0) an empty write, as if the program had forgotten it. */
void trace_leave_out(struct trace *trace, size_t step);

/* Writes in the trace. */
size_t trace_writes(const struct trace *trace);

#endif
