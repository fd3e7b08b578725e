/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content_wof.c - see content_wof.h */
#include "scan/content_wof.h"

#include "core/endian.h"

#include <stddef.h>
#include <string.h>

#define ENTRIES_MAX 4096u         /* of the table, in memory at a time */
#define LARGE_FILE  (4ull << 30)  /* has table entries of 64 bits */

struct wof_reading {
	struct case_stream   packed;       /* what is packed, as a stream of its own */
	struct content       content;      /* of that */
	struct content_piece piece;        /* of that: the last one; .length is 0 if none */
	struct wof_decoder   decoder;
	size_t               chunk_bytes;
	uint64_t             chunks, table_bytes;
	unsigned             entry_bytes;
	uint64_t             first;        /* entry of the table that .entries begins with */
	size_t               entry_count;  /* in memory; 0: none yet */
	bool                 entries_lost; /* all of them */
	struct ranges        lost;         /* of the table, bytes in .entries */
	uint64_t             end;          /* of the last chunk that was read, from the table's end */
	uint8_t              entries[ENTRIES_MAX * 8];
	uint8_t              chunk[WOF_CHUNK_MAX];
	uint8_t              plain[CONTENT_PIECE_BYTES];
};

/* -------- bytes of the packed stream -------- */

/* Have the piece that @offset lies in.  1, 0 behind the end, -1. */
static int find_piece(struct wof_reading *me, uint64_t offset, struct error *err)
{
	int got = 1;

	if (offset >= me->packed.size_bytes)
		return 0;
	if (!me->piece.length || offset < me->piece.offset ||
	    offset - me->piece.offset >= me->piece.length + CONTENT_PIECE_BYTES) {
		content_seek(&me->content, offset);
		me->piece.length = 0;
	}
	while (got == 1 && (!me->piece.length || offset - me->piece.offset >= me->piece.length)) {
		me->content.missing.count = 0; /* only those of the piece count */
		got = content_next(&me->content, &me->piece, err);
	}
	return got;
}

/* Copy out @length bytes, and add what of them is not there to @lost, from @to's first byte on. */
static int read_packed(struct wof_reading *me, uint64_t offset, uint8_t *to, size_t length, struct ranges *lost,
		       struct error *err)
{
	for (size_t done = 0, part; done < length; done += part) {
		struct range hole;
		int          got = find_piece(me, offset + done, err);

		if (got < 0)
			return -1;
		part = length - done;
		if (got && me->piece.length - (offset + done - me->piece.offset) < part)
			part = (size_t)(me->piece.length - (offset + done - me->piece.offset));
		if (!got || !me->piece.data) { /* behind the end, missing, or a hole where there should be none */
			if (!ranges_add(lost, done, part))
				return error_memory(err);
			continue;
		}
		memcpy(to + done, me->piece.data + (offset + done - me->piece.offset), part);
		for (uint64_t at = offset + done; ranges_overlap(&me->content.missing, at, offset + done + part - at, &hole);
		     at = hole.start + hole.length)
			if (!ranges_add(lost, hole.start - offset, hole.length))
				return error_memory(err);
	}
	return 0;
}

/* -------- the table -------- */

/* Entry @index, the end of chunk @index: 1, 0 if it is lost, -1. */
static int find_entry(struct wof_reading *me, uint64_t index, uint64_t *end, struct error *err)
{
	size_t       at;
	struct range hole;

	if (index + 1 == me->chunks) {
		*end = me->packed.size_bytes - me->table_bytes;
		return 1;
	}
	if (!me->entry_count || index < me->first || index - me->first >= me->entry_count) {
		uint64_t left = me->chunks - 1 - index;
		size_t   count = left < ENTRIES_MAX ? (size_t)left : ENTRIES_MAX;

		me->lost.count = 0;
		me->entry_count = 0;
		if (read_packed(me, index * me->entry_bytes, me->entries, count * me->entry_bytes, &me->lost, err) < 0)
			return -1;
		ranges_sort(&me->lost);
		me->first = index;
		me->entry_count = count;
		me->entries_lost = ranges_bytes(&me->lost) == count * me->entry_bytes;
	}
	at = (size_t)(index - me->first) * me->entry_bytes;
	if (ranges_overlap(&me->lost, at, me->entry_bytes, &hole))
		return 0;
	*end = me->entry_bytes == 8 ? le64_at(me->entries + at) : le32_at(me->entries + at);
	return 1;
}

/* Where chunk @index lies, from the table's end; as find_entry.  Entries that cannot be are lost. */
static int find_chunk(struct wof_reading *me, uint64_t index, uint64_t *start, uint64_t *end, struct error *err)
{
	int got = 1;

	*start = 0;
	if (index)
		got = find_entry(me, index - 1, start, err);
	if (got == 1)
		got = find_entry(me, index, end, err);
	if (got == 1 && (*start < me->end || *end <= *start || *end - *start > me->chunk_bytes ||
			 *end > me->packed.size_bytes - me->table_bytes))
		return 0;
	return got;
}

/* -------- chunks -------- */

/* One chunk into @plain: 1, 0 if it cannot be had, and @reason says why, -1. */
static int read_chunk(struct wof_reading *me, uint64_t index, uint8_t *plain, size_t length, unsigned *reason,
		      struct error *err)
{
	struct ranges lost = { 0 };
	uint64_t      start, end;
	int           got = find_chunk(me, index, &start, &end, err);

	*reason = WHY_UNDECODABLE;
	if (got != 1)
		return got;
	got = read_packed(me, me->table_bytes + start, me->chunk, (size_t)(end - start), &lost, err);
	if (got == 0 && lost.count)
		*reason = me->packed.reasons | me->content.reasons ? 0 : WHY_UNDECODABLE; /* or it was said why */
	else if (got == 0)
		got = wof_decode(&me->decoder, (struct bytes){ me->chunk, (size_t)(end - start), 0 }, plain, length, err);
	if (got == 1)
		me->end = end;
	array_release(&lost);
	return got;
}

static struct wof_reading *reading_begin(struct content *content)
{
	const struct case_stream *stream = content->stream;
	struct wof_reading       *me = malloc(sizeof *me);

	if (!me)
		return NULL;
	memset(me, 0, offsetof(struct wof_reading, entries));
	me->packed = *stream;
	me->packed.wof = WOF_NONE;
	me->packed.size_bytes = stream->packed_bytes;
	me->decoder.format = stream->wof;
	me->chunk_bytes = wof_chunk_bytes(stream->wof);
	me->chunks = stream->size_bytes / me->chunk_bytes + (stream->size_bytes % me->chunk_bytes != 0);
	me->entry_bytes = stream->size_bytes >= LARGE_FILE ? 8 : 4;
	me->table_bytes = (me->chunks - 1) * me->entry_bytes;
	content_open(&me->content, content->volume, &me->packed, content->dead, content->buffers);
	return me;
}

/* The next @length bytes are lost. */
static int lose(struct content *content, uint64_t length, struct content_piece *piece, struct error *err)
{
	piece->length = length;
	return ranges_add(&content->missing, content->at, length) ? 1 : error_memory(err);
}

/* All that the part of the table that is in memory speaks of, and what is lost behind it: that may be very much. */
static uint64_t chunks_of_entries(const struct wof_reading *me, uint64_t index)
{
	uint64_t next = me->first + me->entry_count, behind;

	if (!me->entries_lost || index < me->first || index >= next)
		return 1;
	behind = me->piece.data ? 0 : (me->piece.offset + me->piece.length) / me->entry_bytes;
	behind = behind < me->chunks - 1 ? behind : me->chunks - 1;
	return (behind > next ? behind : next) - index;
}

int content_wof_next(struct content *content, struct content_piece *piece, struct error *err)
{
	uint64_t            left = content->stream->size_bytes - content->at, index;
	struct wof_reading *me = content->wof;
	unsigned            reason = 0;
	size_t              filled = 0;
	int                 got = 1;

	if (!me && !(me = content->wof = reading_begin(content)))
		return error_memory(err);
	if (me->packed.size_bytes > content->volume->size_bytes || me->table_bytes >= me->packed.size_bytes) {
		content->reasons |= WHY_UNDECODABLE;
		return lose(content, left, piece, err);
	}
	index = content->at / me->chunk_bytes;
	while (got == 1 && filled < sizeof me->plain && filled < left) {
		size_t length = left - filled < me->chunk_bytes ? (size_t)(left - filled) : me->chunk_bytes;

		got = read_chunk(me, index, me->plain + filled, length, &reason, err);
		if (got == 1) {
			filled += length;
			index++;
		}
	}
	content->reasons |= me->content.reasons;
	if (got < 0)
		return -1;
	if (filled) {
		piece->length = filled;
		piece->data = me->plain;
		return 1;
	}
	content->reasons |= reason;
	index = chunks_of_entries(me, index) * me->chunk_bytes;
	return lose(content, left < index ? left : index, piece, err);
}

void content_wof_close(struct content *content)
{
	struct wof_reading *me = content->wof;

	if (!me)
		return;
	content_close(&me->content);
	wof_decoder_release(&me->decoder);
	array_release(&me->lost);
	free(me);
	content->wof = NULL;
}
