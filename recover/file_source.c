/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_source.c - see file_source.h */
#include "recover/file_source.h"

#include <string.h>

static int read_content(const struct volume *volume, struct content_buffers *buffers,
			const struct case_record *record, const struct case_stream *stream,
			content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	struct content       content;
	struct content_piece piece;
	int                  got;

	content_open(&content, volume, stream, !record->file.live, buffers);
	content_expect(&content, case_record_extension(record));
	while ((got = content_next(&content, &piece, err)) == 1)
		if (each(to, &piece, err) < 0) {
			got = -1;
			break;
		}
	*verdict = (struct verdict){ .grade = content_grade(&content),
				     .reasons = stream->reasons | content.reasons,
				     .missing = content.missing };
	content.missing = (struct ranges){ 0 };
	content_close(&content);
	return got;
}

/* -------- a casebook -------- */

static int read_evidence(void *context, const struct case_record *record, const struct case_stream *stream,
			 content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	struct casebook_source *from = context;

	return read_content(&from->volumes[record->file.volume - 1], &from->buffers, record, stream, each, to,
			    verdict, err);
}

static int find_in_casebook(void *context, int64_t volume, uint32_t id, uint8_t **descriptor,
			    size_t *size_bytes, struct error *err)
{
	struct casebook_source *from = context;

	return casebook_security(from->book, volume, id, descriptor, size_bytes, err);
}

struct file_source file_source_of_casebook(struct casebook_source *from)
{
	return (struct file_source){ from, from->book->path, read_evidence, find_in_casebook };
}

/* -------- a live volume -------- */

static int read_volume(void *context, const struct case_record *record, const struct case_stream *stream,
		       content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	struct live_source *from = context;

	return read_content(from->volume, &from->buffers, record, stream, each, to, verdict, err);
}

static int find_in_table(void *context, int64_t volume, uint32_t id, uint8_t **descriptor, size_t *size_bytes,
			 struct error *err)
{
	struct live_source *from = context;
	struct bytes        found;

	(void)volume; /* there is but one */
	*descriptor = NULL;
	if (!security_table_find(from->securities, id, &found))
		return 0;
	*descriptor = malloc(found.left + 1);
	if (!*descriptor)
		return error_memory(err);
	memcpy(*descriptor, found.at, found.left);
	*size_bytes = found.left;
	return 0;
}

struct file_source file_source_of_volume(struct live_source *from)
{
	return (struct file_source){ from, from->volume->evidence->path, read_volume, find_in_table };
}
