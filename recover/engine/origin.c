/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - see origin.h */
#include "recover/engine/origin.h"

#include "core/cleanup.h"

#include <string.h>

#define SPARSE_BYTES 65536u /* as much as NTFS makes a hole of */

/* -------- a volume -------- */

static int load_from_volume(void *context, uint32_t item, struct case_record *to, struct error *err)
{
	struct volume_origin *from = context;

	return work_volume_load(from->volume, item, to, err);
}

struct origin origin_of_volume(struct volume_origin *from, struct work_volume *volume)
{
	*from = (struct volume_origin){
		.volume = volume, .live = { .volume = &volume->volume, .securities = &volume->securities }
	};
	return (struct origin){ .context = from, .source = file_source_of_volume(&from->live), .load = load_from_volume };
}

void volume_origin_release(struct volume_origin *from)
{
	content_buffers_release(&from->live.buffers);
}

/* -------- a folder -------- */

static void forget_contents(struct folder_origin *from)
{
	for (size_t i = 0; i < from->contents.count; i++)
		free(from->contents.items[i].path);
	array_release(&from->contents);
}

static int load_from_folder(void *context, uint32_t item, struct case_record *to, struct error *err)
{
	struct folder_origin *from = context;
	size_t                files = from->reader.files.entries.count;
	struct manifest_entry entry = { 0 };
	int                   status;

	*to = (struct case_record){ 0 };
	forget_contents(from);
	if (item == NOTHING_KNOWN) {
		to->file.directory = true;
		return 0;
	}
	status = item < files ? manifest_reader_file(&from->reader, item, &entry, err)
			      : manifest_reader_folder(&from->reader, item - files, &entry, err);
	if (status == 0) {
		*to = entry.record;
		from->contents = entry.contents;
		entry.record = (struct case_record){ 0 };
		entry.contents = (struct manifest_contents){ 0 };
	}
	manifest_entry_release(&entry);
	return status;
}

/* Which of the record's streams it is, or a copy of. */
static size_t stream_number(const struct case_record *record, const struct case_stream *stream)
{
	size_t number = 0;

	while (number < record->streams.count &&
	       (record->streams.items[number].type != stream->type ||
		strcmp(record->streams.items[number].name, stream->name) != 0))
		number++;
	return number;
}

static bool is_zeros(const uint8_t *bytes, size_t count)
{
	return !bytes[0] && memcmp(bytes, bytes + 1, count - 1) == 0;
}

/*
 * Hand out the bytes of an open file; what the stream has more is zeros.  False in *@same if the file is not
 * as the manifest says.
 */
static int read_pieces(struct folder_origin *from, int fd, const struct manifest_content *content,
		       const struct case_stream *own, const struct case_stream *stream, content_each *each,
		       void *to, bool *same, struct error *err)
{
	bool     sparse = stream->flags & ATTRIBUTE_SPARSE;
	uint64_t at = 0;
	uint8_t  sum[DIGEST_BYTES];
	ssize_t  got;

	if (digest_start(&from->digest, err) < 0)
		return -1;
	while ((got = read(fd, from->buffer, sparse ? SPARSE_BYTES : CONTENT_PIECE_BYTES)) > 0) {
		struct content_piece piece = { at, (uint64_t)got, from->buffer };

		if ((uint64_t)got > own->size_bytes - at)
			break; /* it has grown */
		if (sparse && is_zeros(from->buffer, (size_t)got))
			piece.data = NULL;
		at += (uint64_t)got;
		if (digest_update(&from->digest, from->buffer, (size_t)got, err) < 0 ||
		    each(to, &piece, err) < 0)
			return -1;
	}
	if (got < 0)
		return error_sys(err, content->path, "cannot read a file that is to be restored");
	if (digest_end(&from->digest, sum, err) < 0)
		return -1;
	*same = got == 0 && at == own->size_bytes &&
		(!content->sha256_known || memcmp(sum, content->sha256, sizeof sum) == 0);
	if (at < stream->size_bytes)
		return each(to, &(struct content_piece){ at, stream->size_bytes - at, NULL }, err);
	return 0;
}

static int note_missing(struct verdict *verdict, const struct case_stream *stream, struct error *err)
{
	for (size_t i = 0; i < stream->missing.count; i++)
		if (!ranges_add(&verdict->missing, stream->missing.items[i].start,
				stream->missing.items[i].length))
			return error_memory(err);
	return 0;
}

static int read_from_folder(void *context, const struct case_record *record, const struct case_stream *stream,
			    content_each *each, void *to, struct verdict *verdict, struct error *err)
{
	struct folder_origin          *from = context;
	size_t                         number = stream_number(record, stream);
	const struct manifest_content *content =
		number < from->contents.count ? &from->contents.items[number] : NULL;
	CLEANUP(close_fd) int fd = -1;
	bool                  same = false;
	int                   found;

	*verdict = (struct verdict){ .grade = stream->grade, .reasons = stream->reasons };
	if (note_missing(verdict, stream, err) < 0)
		return -1;
	if (stream->resident && stream->size_bytes)
		return each(to, &(struct content_piece){ 0, stream->size_bytes, stream->value }, err);
	if (stream->resident)
		return 0;
	if (content && content->path) {
		found = manifest_reader_content(&from->reader, content->path, &fd, err);
		if (found < 0 || (found == 1 && read_pieces(from, fd, content, &record->streams.items[number],
							    stream, each, to, &same, err) < 0))
			return -1;
	}
	if (!same)
		verdict->grade = GRADE_LOST;
	return 0;
}

static int find_in_folder(void *context, int64_t volume, uint32_t id, uint8_t **descriptor,
			  size_t *size_bytes, struct error *err)
{
	struct folder_origin *from = context;

	return manifest_reader_security(&from->reader, volume, id, descriptor, size_bytes, err);
}

int origin_of_folder(struct folder_origin *from, const char *path, struct origin *origin, struct error *err)
{
	*from = (struct folder_origin){ .buffer = malloc(CONTENT_PIECE_BYTES) };
	*origin = (struct origin){ .context = from,
				   .source = { from, path, read_from_folder, find_in_folder },
				   .load = load_from_folder };
	if (manifest_reader_open(&from->reader, path, err) < 0)
		return -1;
	return from->buffer ? 0 : error_memory(err);
}

void folder_origin_release(struct folder_origin *from)
{
	forget_contents(from);
	manifest_reader_close(&from->reader);
	digest_release(&from->digest);
	free(TAKE(from->buffer));
}
