/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content.c - see content.h */
#include "scan/content.h"

#include "scan/content_wof.h"
#include "scan/lznt1.h"

#include <string.h>

void content_open(struct content *content, const struct volume *volume, const struct case_stream *stream,
		  bool dead, struct content_buffers *buffers)
{
	*content = (struct content){ .volume = volume, .stream = stream, .dead = dead, .buffers = buffers };
}

void content_close(struct content *content)
{
	content_wof_close(content);
	array_release(&content->missing);
}

void content_buffers_release(struct content_buffers *buffers)
{
	free(buffers->window);
	free(buffers->piece);
	free(buffers->packed);
	array_release(&buffers->window_holes);
	*buffers = (struct content_buffers){ 0 };
}

static int need_buffers(struct content_buffers *buffers, struct error *err)
{
	if (!buffers->window)
		buffers->window = malloc(CONTENT_PIECE_BYTES);
	if (!buffers->piece)
		buffers->piece = malloc(2 * CONTENT_PIECE_BYTES); /* holds the largest compression unit, too */
	return buffers->window && buffers->piece ? 0 : error_memory(err);
}

/* -------- from the volume -------- */

/*
 * Read into the window around @place, unless it is there.  It begins at a multiple of its half: files lie
 * one before the other as often as one behind the other.
 */
static int fill_window(struct content *content, uint64_t place, size_t length, struct error *err)
{
	struct content_buffers *buffers = content->buffers;
	const uint64_t          half = CONTENT_PIECE_BYTES / 2, start = place / half * half;
	uint64_t                end = content->volume->size_bytes;

	if (buffers->window_bytes && buffers->window_volume == content->volume->number &&
	    place >= buffers->window_start &&
	    place - buffers->window_start + length <= buffers->window_bytes)
		return 0;
	buffers->window_holes.count = 0;
	buffers->window_bytes = 0;
	if (volume_read(content->volume, start, buffers->window,
			end - start < CONTENT_PIECE_BYTES ? (size_t)(end - start) : CONTENT_PIECE_BYTES,
			&buffers->window_holes, err) < 0)
		return -1;
	ranges_sort(&buffers->window_holes);
	buffers->window_start = start;
	buffers->window_bytes = end - start < CONTENT_PIECE_BYTES ? (size_t)(end - start) : CONTENT_PIECE_BYTES;
	buffers->window_volume = content->volume->number;
	return 0;
}

/* Mark the unreadable parts of [@place, +@length) as missing from @offset of the stream on. */
static int note_holes(struct content *content, const struct ranges *holes, uint64_t place, uint64_t length,
		      uint64_t offset, struct error *err)
{
	struct range hole;
	uint64_t     done = 0;

	while (done < length && ranges_overlap(holes, place + done, length - done, &hole)) {
		content->reasons |= WHY_UNREADABLE;
		if (!ranges_add(&content->missing, offset + (hole.start - place), hole.length))
			return error_memory(err);
		done = hole.start - place + hole.length;
	}
	return 0;
}

/* @length bytes at @place of the volume; small ones through the window. */
static int read_place(struct content *content, uint64_t place, uint8_t *to, size_t length, uint64_t offset,
		      struct error *err)
{
	struct content_buffers *buffers = content->buffers;
	struct ranges           holes = { 0 };
	int                     result;

	if (length <= CONTENT_PIECE_BYTES / 4) {
		if (fill_window(content, place, length, err) < 0)
			return -1;
		if (place - buffers->window_start + length <= buffers->window_bytes) {
			memcpy(to, buffers->window + (place - buffers->window_start), length);
			return note_holes(content, &buffers->window_holes, place, length, offset, err);
		}
	}
	result = volume_read(content->volume, place, to, length, &holes, err);
	ranges_sort(&holes);
	if (result == 0)
		result = note_holes(content, &holes, place, length, offset, err);
	array_release(&holes);
	return result;
}

/* A cluster of a dead file that starts like a file system structure was written to by the file system. */
static void look_for_metadata(struct content *content, const uint8_t *data, size_t length)
{
	uint32_t cluster_bytes = content->volume->geometry.cluster_bytes;

	for (size_t i = 0; i + 48 <= length; i += cluster_bytes)
		if (memcmp(data + i, "INDX(\0\x09\0", 8) == 0 || memcmp(data + i, "FILE0\0\x03\0", 8) == 0)
			content->reasons |= WHY_METADATA;
}

static bool is_zero(const uint8_t *data, size_t length)
{
	return length && !data[0] && memcmp(data, data + 1, length - 1) == 0;
}

/* A cluster of nothing but zeros, in a deleted file, may be what the disk made of it (TRIM). */
static void look_for_zeros(struct content *content, const uint8_t *data, size_t length)
{
	size_t cluster_bytes = content->volume->geometry.cluster_bytes;

	for (size_t i = 0; i < length && !(content->reasons & WHY_ZEROS); i += cluster_bytes)
		if (is_zero(data + i, length - i < cluster_bytes ? length - i : cluster_bytes))
			content->reasons |= WHY_ZEROS;
}

/* -------- plain streams -------- */

/* Bytes from .at on that are equally there or missing by the casebook's word. */
static uint64_t cut_at_missing(const struct content *content, uint64_t length, bool *missing)
{
	struct range hole;

	*missing = false;
	if (!ranges_overlap(&content->stream->missing, content->at, length, &hole))
		return length;
	if (hole.start > content->at)
		return hole.start - content->at;
	*missing = true;
	return hole.length;
}

static int next_plain(struct content *content, uint64_t end, struct content_piece *piece, struct error *err)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  cluster_bytes = content->volume->geometry.cluster_bytes;
	const struct run         *run = runs_find(&stream->runs, content->at / cluster_bytes);
	uint64_t                  start = run ? run->vcn * cluster_bytes : UINT64_MAX, length;
	bool                      missing;

	length = end - content->at;
	if (content->at < start) { /* nobody knows where this lies */
		if (start - content->at < length)
			length = start - content->at;
		piece->length = length;
		if (!ranges_add(&content->missing, content->at, length))
			return error_memory(err);
		content->reasons |= WHY_RUNS_LOST;
		return 1;
	}
	if (start + run->length * cluster_bytes - content->at < length)
		length = start + run->length * cluster_bytes - content->at;
	if (run->lcn == LCN_HOLE) {
		piece->length = length;
		return 1;
	}
	length = cut_at_missing(content, length, &missing);
	if (missing) {
		piece->length = length;
		return ranges_add(&content->missing, content->at, length) ? 1 : error_memory(err);
	}
	if (length > CONTENT_PIECE_BYTES)
		length = CONTENT_PIECE_BYTES;
	if (read_place(content, volume_byte_of(content->volume, run->lcn) + (content->at - start),
		       content->buffers->piece, (size_t)length, content->at, err) < 0)
		return -1;
	piece->length = length;
	piece->data = content->buffers->piece;
	return 1;
}

/* -------- compressed streams -------- */

struct unit {
	uint64_t stored; /* clusters */
	bool     hole;   /* some are not: it is compressed, or empty */
	bool     lost;   /* nobody knows where some lie */
};

/* Look at the runs of the unit at @vcn, up to the end of the stream. */
static struct unit look_at_unit(const struct content *content, uint64_t vcn)
{
	uint64_t    cluster_bytes = content->volume->geometry.cluster_bytes;
	uint64_t    end = vcn + (1ull << content->stream->unit_shift), at = vcn;
	uint64_t    last = (content->stream->size_bytes + cluster_bytes - 1) / cluster_bytes;
	struct unit unit = { 0 };

	while (at < end) {
		const struct run *run = runs_find(&content->stream->runs, at);
		uint64_t          start = run && run->vcn < end ? run->vcn : end, part;

		if (start > at) {
			unit.lost = unit.lost || at < last;
			at = start;
			continue;
		}
		part = run->vcn + run->length < end ? run->vcn + run->length - at : end - at;
		if (run->lcn == LCN_HOLE)
			unit.hole = true;
		else
			unit.stored += part;
		at += part;
	}
	return unit;
}

/* Read the first @clusters clusters of the stream from @vcn on, as stored. */
static int read_stored(struct content *content, uint64_t vcn, uint64_t clusters, uint8_t *to,
		       struct error *err)
{
	uint64_t cluster_bytes = content->volume->geometry.cluster_bytes, done = 0;

	while (done < clusters) {
		const struct run *run = runs_find(&content->stream->runs, vcn + done);
		uint64_t          part = run->vcn + run->length - (vcn + done);

		if (part > clusters - done)
			part = clusters - done;
		if (run->lcn == LCN_HOLE)
			memset(to + done * cluster_bytes, 0, (size_t)(part * cluster_bytes));
		else if (read_place(content,
				    volume_byte_of(content->volume, run->lcn + (vcn + done - run->vcn)),
				    to + done * cluster_bytes, (size_t)(part * cluster_bytes),
				    (vcn + done) * cluster_bytes, err) < 0)
			return -1;
		done += part;
	}
	return 0;
}

/* The whole unit is lost; @reason says why. */
static int lose_unit(struct content *content, uint64_t length, unsigned reason, struct content_piece *piece,
		     struct error *err)
{
	content->reasons |= reason;
	piece->length = length;
	return ranges_add(&content->missing, content->at, length) ? 1 : error_memory(err);
}

static int need_packed(struct content_buffers *buffers, size_t unit_bytes, struct error *err)
{
	if (buffers->packed_bytes >= unit_bytes)
		return 0;
	free(buffers->packed);
	buffers->packed = malloc(unit_bytes);
	buffers->packed_bytes = buffers->packed ? unit_bytes : 0;
	return buffers->packed ? 0 : error_memory(err);
}

/* Bytes of the next @length of the stream that were ever written. */
static uint64_t written_bytes(const struct content *content, size_t length)
{
	uint64_t valid = content->stream->valid_bytes;

	if (valid <= content->at)
		return 0;
	return valid - content->at < length ? valid - content->at : length;
}

/* Read and decompress one unit into the piece buffer; *@reason is set if it is lost. */
static int read_unit(struct content *content, uint64_t vcn, const struct unit *unit, size_t length,
		     unsigned *reason, struct error *err)
{
	struct content_buffers *buffers = content->buffers;
	size_t                  holes = content->missing.count, filled;
	size_t                  stored_bytes = (size_t)(unit->stored * content->volume->geometry.cluster_bytes);
	struct error            why;

	*reason = 0;
	if (read_stored(content, vcn, unit->stored, unit->hole ? buffers->packed : buffers->piece, err) < 0)
		return -1;
	if (content->missing.count != holes) { /* part of it could not be read: all of it is lost */
		content->missing.count = holes;
		*reason = WHY_UNREADABLE;
	} else if (content->dead && is_zero(unit->hole ? buffers->packed : buffers->piece, stored_bytes)) {
		*reason = WHY_ZEROS; /* not even a chunk header */
	} else if (unit->hole &&
		   lznt1_decompress((struct bytes){ buffers->packed, stored_bytes, content->at },
				    buffers->piece, length, &filled, &why) < 0) {
		*reason = WHY_UNDECODABLE;
	} else if (unit->hole && content->dead && filled < written_bytes(content, length)) {
		*reason = WHY_UNDECODABLE; /* the data end too early: these are not the file's clusters any more */
	}
	return 0;
}

static int next_unit(struct content *content, struct content_piece *piece, struct error *err)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  cluster_bytes = content->volume->geometry.cluster_bytes;
	uint64_t                  unit_bytes = cluster_bytes << stream->unit_shift;
	uint64_t                  vcn = content->at / cluster_bytes, length = stream->size_bytes - content->at;
	struct unit               unit = look_at_unit(content, vcn);
	unsigned                  reason;
	struct range              hole;

	if (length > unit_bytes)
		length = unit_bytes;
	if (unit.lost || ranges_overlap(&stream->missing, content->at, length, &hole)) /* all of it goes */
		return lose_unit(content, length, unit.lost ? WHY_RUNS_LOST : 0, piece, err);
	piece->length = length;
	if (!unit.stored) /* a hole */
		return 1;
	if (need_packed(content->buffers, (size_t)unit_bytes, err) < 0 ||
	    read_unit(content, vcn, &unit, (size_t)length, &reason, err) < 0)
		return -1;
	if (reason)
		return lose_unit(content, length, reason, piece, err);
	piece->data = content->buffers->piece;
	return 1;
}

/* -------- both -------- */

static bool is_compressed(const struct content *content)
{
	const struct case_stream *stream = content->stream;

	return stream->flags & ATTRIBUTE_COMPRESSED && stream->unit_shift;
}

/* Units larger than the piece buffer are not written by any driver. */
static bool is_unit_too_large(const struct content *content)
{
	return ((uint64_t)content->volume->geometry.cluster_bytes << content->stream->unit_shift) >
	       2 * CONTENT_PIECE_BYTES;
}

int content_next(struct content *content, struct content_piece *piece, struct error *err)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  valid = stream->valid_bytes;
	int                       result;

	*piece = (struct content_piece){ .offset = content->at };
	if (content->at >= stream->size_bytes) {
		ranges_sort(&content->missing);
		return 0;
	}
	if (stream->resident && !stream->wof) {
		piece->length = stream->size_bytes;
		piece->data = stream->value;
		content->at = stream->size_bytes;
		return 1;
	}
	if (need_buffers(content->buffers, err) < 0)
		return -1;
	if (stream->wof) {
		result = content_wof_next(content, piece, err);
	} else if (is_compressed(content) && is_unit_too_large(content)) {
		result = lose_unit(content, stream->size_bytes - content->at, WHY_UNDECODABLE, piece, err);
	} else if (is_compressed(content)) {
		result = next_unit(content, piece, err);
	} else if (valid > stream->size_bytes || content->at < valid) {
		result = next_plain(content, valid < stream->size_bytes ? valid : stream->size_bytes, piece, err);
		if (result == 1 && piece->data && content->dead) {
			look_for_metadata(content, piece->data, (size_t)piece->length);
			look_for_zeros(content, piece->data, (size_t)piece->length);
		}
	} else { /* never written */
		piece->length = stream->size_bytes - content->at;
		result = 1;
	}
	if (result == 1)
		content->at += piece->length;
	return result;
}

void content_seek(struct content *content, uint64_t offset)
{
	uint64_t unit_bytes = (uint64_t)content->volume->geometry.cluster_bytes << content->stream->unit_shift;

	if (content->stream->resident)
		content->at = 0;
	else
		content->at = is_compressed(content) ? offset / unit_bytes * unit_bytes : offset;
}

enum grade content_grade(const struct content *content)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  missing = ranges_bytes(&content->missing);
	enum grade                grade = stream->grade;

	if (missing > (stream->wof ? 0 : ranges_bytes(&stream->missing)))
		grade = grade < GRADE_PARTIAL ? GRADE_PARTIAL : grade;
	else if (content->reasons & (WHY_METADATA | WHY_ZEROS) && grade < GRADE_SUSPECT)
		grade = GRADE_SUSPECT;
	if (missing && missing >= stream->size_bytes)
		grade = GRADE_LOST;
	return grade;
}
