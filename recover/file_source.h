/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_source.h - where the bytes of a file come from that is written elsewhere
 *
 * A case_record says what a file is; its source has the content of its streams,
 * and the security descriptors.  The writer knows nothing else of it.
 */
#ifndef RECOVER_FILE_SOURCE_H
#define RECOVER_FILE_SOURCE_H

#include "scan/casebook.h"
#include "scan/content.h"
#include "scan/security_table.h"

/* Takes one piece of a stream; -1 ends the reading. */
typedef int content_each(void *to, const struct content_piece *piece, struct error *err);

struct file_source {
	void       *context;
	const char *path; /* what is read, for messages */

	/*
	 * Hand the stream's pieces to @each, from the first byte to the last, none behind .size_bytes.
	 * @stream   one of @record's, or a copy with other sizes
	 * @verdict  what can be said of the content now that it has been read; to be released in any case
	 * Returns 0, or -1.
	 */
	int (*read)(void *context, const struct case_record *record, const struct case_stream *stream,
		    content_each *each, void *to, struct verdict *verdict, struct error *err);

	/* The descriptor of an id: @descriptor to be freed, NULL if it is not known.  Returns 0, or -1. */
	int (*descriptor)(void *context, int64_t volume, uint32_t id, uint8_t **descriptor,
			  size_t *size_bytes, struct error *err);
};

/* Files of the evidence that a casebook speaks of. */
struct casebook_source {
	struct casebook       *book;    /* borrowed */
	const struct volume   *volumes; /* borrowed; by casebook volume id - 1 */
	struct content_buffers buffers; /* zeroes: none yet; to be released */
};

/* @from is borrowed. */
struct file_source file_source_of_casebook(struct casebook_source *from);

/* Files of one live volume, as volume_tree_load gives them. */
struct live_source {
	const struct volume         *volume;     /* borrowed */
	const struct security_table *securities; /* borrowed */
	struct content_buffers       buffers;    /* zeroes: none yet; to be released */
};

/* @from is borrowed. */
struct file_source file_source_of_volume(struct live_source *from);

#endif
