/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content.h - a stream's bytes, as a user would read them
 *
 * Goes through a stream once, from its first byte to its last, in large pieces:
 * joins runs, undoes LZNT1 and WOF, gives holes and the space behind the valid data as
 * holes, and lists what could not be had.  Encrypted streams come as they lie on
 * disk.  Small streams that lie side by side are read together.
 */
#ifndef SCAN_CONTENT_H
#define SCAN_CONTENT_H

#include "scan/casebook.h"
#include "scan/kind/content_check.h"

#define CONTENT_PIECE_BYTES (1u << 20)

/* Buffers that outlive one stream; one a thread.  Zeroes: none yet. */
struct content_buffers {
	uint8_t      *window;        /* CONTENT_PIECE_BYTES of the volume */
	uint64_t      window_start;  /* byte of the volume */
	size_t        window_bytes;  /* 0: empty */
	uint32_t      window_volume; /* its number */
	struct ranges window_holes;  /* bytes of the volume that could not be read */
	uint8_t      *piece;         /* what is handed out */
	uint8_t      *packed;        /* one compression unit as stored */
	size_t        packed_bytes;
	struct content_check check;
};

struct wof_reading;

struct content {
	const struct volume      *volume;
	const struct case_stream *stream;
	bool                      dead;       /* the file is deleted: its clusters may have been written to since */
	struct content_buffers   *buffers;
	uint64_t                  at;         /* next byte of the stream */
	struct ranges             missing;    /* bytes of the stream, sorted once the end is reached */
	unsigned                  reasons;    /* enum grade_reason: what reading has shown */
	struct wof_reading       *wof;        /* of a WOF-compressed file (content_wof.h) */
	bool                      checked;    /* .buffers->check goes along */
	struct range              zeros;      /* of a deleted file: the last clusters that hold nothing else */
	uint64_t                  zeros_first; /* bytes from the first on that do */
	bool                      written;    /* some cluster holds something else */
};

struct content_piece {
	uint64_t       offset;  /* in the stream, bytes */
	uint64_t       length;  /* 1 or more */
	const uint8_t *data;    /* NULL: a hole, all zeros */
};

/*
 * Begin at the first byte.  What the casebook lists as missing is not read: it comes as zeros.
 * All arguments are borrowed until content_close.
 */
void content_open(struct content *content, const struct volume *volume, const struct case_stream *stream,
		  bool dead, struct content_buffers *buffers);

/*
 * To be called before the first content_next: the file's name ends in @extension (".jpg", "" if unknown), and what is read is held against
 * it, if the stream is a deleted file's content.  The buffers are this content's alone until its end.
 */
void content_expect(struct content *content, const char *extension);

/* The next piece: 1, 0 behind the last byte, -1 without memory. */
MUST_CHECK int content_next(struct content *content, struct content_piece *piece, struct error *err);

/*
 * Go on at @offset, or before it where what lies there can't be had by itself.  Not for a stream with .wof.
 */
void content_seek(struct content *content, uint64_t offset);

/*
 * The grade when all has been read: the casebook's, lowered by what reading has shown.  Of a deleted file
 *  - a compressed unit or chunk that does not decode is missing;
 *  - a cluster that begins like a file system structure, or holds nothing but zeros, makes it suspect, on a
 *    volume that was formatted anew also one that begins or ends like an empty log, and so
 *    does content that is not what its name promises (content_check.h);
 *  - zeros in its first clusters, where such a file never has any, are missing;
 *  - checksums over all of the content, if they are right, outweigh what its clusters look like.
 */
enum grade content_grade(const struct content *content);

void content_close(struct content *content);
void content_buffers_release(struct content_buffers *buffers);

#endif
