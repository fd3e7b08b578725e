/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content.c - see content.h */
#include "scan/content.h"

#include "core/endian.h"
#include "scan/content_wof.h"
#include "scan/lznt1.h"
#include "scan/old_table.h"

#include <string.h>

#define SECTOR_BYTES    512u
#define METADATA_BYTES  48u    /* that are looked at of a structure */
#define ZEROS_BYTES     512u   /* at the end of a file, fewer say nothing */
#define DISCARDED_BYTES 65536u /* of zeros, one after the other: no accident any more */

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
	content_check_release(&buffers->check);
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

/* -------- what clusters of a deleted file look like -------- */

/* A structure's update sequence: where it lies, and that it has a number for each sector. */
static bool has_fixup(const uint8_t *at, size_t header_bytes)
{
	unsigned offset = le16_at(at + 4), numbers = le16_at(at + 6);

	return offset >= header_bytes && offset <= 0x40 && offset % 2 == 0 && numbers >= 2 && numbers <= 129 &&
	       !((numbers - 1) & (numbers - 2));
}

/* The beginning of a record, an index block, or a page of the log, with a header that may be one. */
static bool is_metadata(const uint8_t *at)
{
	if (memcmp(at, "FILE", 4) == 0)
		return has_fixup(at, 0x2a) && le16_at(at + 0x14) >= 0x30 && le16_at(at + 0x14) % 8 == 0 &&
		       le32_at(at + 0x18) <= le32_at(at + 0x1c);
	if (memcmp(at, "INDX", 4) == 0)
		return has_fixup(at, 0x28) && le32_at(at + 0x1c) <= le32_at(at + 0x20);
	return (memcmp(at, "RCRD", 4) == 0 && has_fixup(at, 0x28)) ||
	       (memcmp(at, "RSTR", 4) == 0 && has_fixup(at, 0x1e));
}

static bool is_zero(const uint8_t *data, size_t length)
{
	return length && !data[0] && memcmp(data, data + 1, length - 1) == 0;
}

/*
 * Clusters of nothing but zeros may be what the disk made of them (TRIM): perhaps if there are few,
 * surely if there are many, or nothing else.
 */
static void note_zeros(struct content *content, uint64_t offset, size_t length)
{
	struct range *zeros = &content->zeros;

	if (zeros->start + zeros->length != offset)
		*zeros = (struct range){ offset, 0 };
	zeros->length += length;
	if (!zeros->start)
		content->zeros_first = zeros->length;
	if (length >= ZEROS_BYTES)
		content->reasons |= WHY_ZEROS;
	if (zeros->length >= DISCARDED_BYTES)
		content->reasons |= WHY_DISCARDED;
}

static bool is_ones(const uint8_t *data)
{
	return data[0] == 0xff && memcmp(data, data + 1, SECTOR_BYTES - 1) == 0;
}

/*
 * Formatting fills the log with ones.  Where a volume was formatted anew, and again, nothing else may be left
 * of that.
 */
static bool is_empty_log(const uint8_t *data, size_t length)
{
	return length >= SECTOR_BYTES && (is_ones(data) || is_ones(data + (length - SECTOR_BYTES)));
}

/* Clusters as they lie on the volume, from @offset of the stream on. */
static void look_at_clusters(struct content *content, const uint8_t *data, size_t length, uint64_t offset)
{
	size_t cluster_bytes = content->volume->geometry.cluster_bytes;

	for (size_t i = 0, part; i < length; i += part) {
		part = cluster_bytes - (size_t)((offset + i) % cluster_bytes);
		if (part > length - i)
			part = length - i;
		if ((part >= METADATA_BYTES && is_metadata(data + i)) ||
		    (volume_is_past(content->volume) && is_empty_log(data + i, part)))
			content->reasons |= WHY_METADATA;
		if (is_zero(data + i, part))
			note_zeros(content, offset + i, part);
		else
			content->written = true;
	}
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
	size_t                  written = (size_t)written_bytes(content, length);
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
	} else if (unit->hole && content->dead && filled < written) {
		*reason = WHY_UNDECODABLE; /* the data end too early: these are not the file's clusters any more */
	} else {
		if (!unit->hole && content->dead)
			look_at_clusters(content, buffers->piece, length, content->at);
		content->written = content->written || unit->hole;
		memset(buffers->piece + written, 0, length - written); /* whatever lies there */
	}
	return 0;
}

/* What is left of the stream, but at most the whole units in the next @bytes, and one at least. */
static uint64_t whole_units(const struct content *content, uint64_t bytes)
{
	uint64_t unit_bytes = (uint64_t)content->volume->geometry.cluster_bytes << content->stream->unit_shift;
	uint64_t left = content->stream->size_bytes - content->at;

	bytes = bytes < unit_bytes ? unit_bytes : bytes / unit_bytes * unit_bytes;
	return bytes < left ? bytes : left;
}

/* Bytes from the cluster @vcn on that lie in one hole, or that no run has: they may be very many. */
static uint64_t empty_bytes(const struct content *content, uint64_t vcn)
{
	const struct run *run = runs_find(&content->stream->runs, vcn);
	uint64_t          cluster_bytes = content->volume->geometry.cluster_bytes;

	if (!run)
		return UINT64_MAX;
	if (run->vcn > vcn)
		return (run->vcn - vcn) * cluster_bytes;
	return run->lcn == LCN_HOLE ? (run->vcn + run->length - vcn) * cluster_bytes : 0;
}

static int next_unit(struct content *content, struct content_piece *piece, struct error *err)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  cluster_bytes = content->volume->geometry.cluster_bytes;
	uint64_t                  vcn = content->at / cluster_bytes, length = whole_units(content, 0);
	struct unit               unit = look_at_unit(content, vcn);
	unsigned                  reason;
	struct range              hole;

	if (unit.lost) /* all of it goes */
		return lose_unit(content, whole_units(content, unit.hole || unit.stored ? 0 : empty_bytes(content, vcn)),
				 WHY_RUNS_LOST, piece, err);
	if (ranges_overlap(&stream->missing, content->at, length, &hole)) {
		(void)ranges_overlap(&stream->missing, hole.start, stream->size_bytes - hole.start, &hole);
		return lose_unit(content, whole_units(content, hole.start + hole.length - content->at), 0, piece, err);
	}
	piece->length = length;
	if (!unit.stored) { /* a hole */
		piece->length = whole_units(content, empty_bytes(content, vcn));
		if (ranges_overlap(&stream->missing, content->at, piece->length, &hole))
			piece->length = whole_units(content, hole.start - content->at);
		return 1;
	}
	if (need_packed(content->buffers, (size_t)(cluster_bytes << stream->unit_shift), err) < 0 ||
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
	return content->stream->unit_shift > 16 || /* a catalogue may say so */
	       ((uint64_t)content->volume->geometry.cluster_bytes << content->stream->unit_shift) >
		       2 * CONTENT_PIECE_BYTES;
}

static int next_piece(struct content *content, struct content_piece *piece, struct error *err)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  valid = stream->valid_bytes;
	int                       result;

	*piece = (struct content_piece){ .offset = content->at };
	if (content->at >= stream->size_bytes)
		return 0;
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
		if (result == 1 && piece->data && content->dead)
			look_at_clusters(content, piece->data, (size_t)piece->length, piece->offset);
	} else { /* never written */
		piece->length = stream->size_bytes - content->at;
		result = 1;
	}
	if (result == 1)
		content->at += piece->length;
	return result;
}

/* -------- what the content says of itself -------- */

void content_expect(struct content *content, const char *extension)
{
	const struct case_stream *stream = content->stream;

	content->checked = content->dead && stream->type == ATTRIBUTE_DATA && !*stream->name && !stream->resident &&
			   !(stream->flags & ATTRIBUTE_ENCRYPTED);
	if (content->checked)
		content_check_begin(&content->buffers->check, extension);
}

/* Bytes that are there go into the check; with others it ends. */
static int check_piece(struct content *content, const struct content_piece *piece, struct error *err)
{
	const struct ranges *missing = &content->missing;
	const struct range  *last = missing->count ? &missing->items[missing->count - 1] : NULL;

	if (piece->data && !(last && last->start + last->length > piece->offset))
		return content_check_feed(&content->buffers->check,
					  (struct bytes){ piece->data, (size_t)piece->length, 0 }, err);
	content_check_give_up(&content->buffers->check);
	return 0;
}

/* All has been read. */
static int conclude(struct content *content, struct error *err)
{
	enum content_finding found = CONTENT_UNKNOWN;

	if (content->zeros.length && !content->written)
		content->reasons |= WHY_ZEROS | WHY_DISCARDED;
	if (content->checked)
		found = content_check_end(&content->buffers->check);
	content->checked = false;
	if (found == CONTENT_SOUND)
		content->reasons &= ~(unsigned)(WHY_ZEROS | WHY_DISCARDED | WHY_METADATA);
	if (found == CONTENT_FOREIGN && content->zeros_first) {
		content->reasons |= WHY_DISCARDED;
		if (!ranges_add(&content->missing, 0, content->zeros_first))
			return error_memory(err);
	} else if (found == CONTENT_FOREIGN || found == CONTENT_BROKEN) {
		content->reasons |= WHY_CONTENT;
	}
	ranges_sort(&content->missing);
	return 0;
}

int content_next(struct content *content, struct content_piece *piece, struct error *err)
{
	int got = next_piece(content, piece, err);

	if (got == 0)
		return conclude(content, err);
	if (got == 1 && content->checked && check_piece(content, piece, err) < 0)
		return -1;
	return got;
}

void content_seek(struct content *content, uint64_t offset)
{
	uint64_t unit_bytes = 1;

	if (is_compressed(content) && !is_unit_too_large(content))
		unit_bytes = (uint64_t)content->volume->geometry.cluster_bytes << content->stream->unit_shift;
	content->at = content->stream->resident ? 0 : offset / unit_bytes * unit_bytes;
}

enum grade content_grade(const struct content *content)
{
	const struct case_stream *stream = content->stream;
	uint64_t                  missing = ranges_bytes(&content->missing);
	enum grade                grade = stream->grade;

	if (missing > (stream->wof ? 0 : ranges_bytes(&stream->missing)))
		grade = grade < GRADE_PARTIAL ? GRADE_PARTIAL : grade;
	else if (content->reasons & (WHY_METADATA | WHY_ZEROS | WHY_CONTENT) && grade < GRADE_SUSPECT)
		grade = GRADE_SUSPECT;
	if (missing && missing >= stream->size_bytes)
		grade = GRADE_LOST;
	return grade;
}
