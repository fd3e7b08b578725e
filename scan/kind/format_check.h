/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format_check.h - is all of a file there, by what its own format says? (of content_check.c alone)
 *
 * Fed with the file from its first byte to its last, in pieces of any length; bounded
 * in memory, and in time by a few times what reading takes.
 */
#ifndef SCAN_FORMAT_CHECK_H
#define SCAN_FORMAT_CHECK_H

#include "scan/kind/content_check.h"

struct format_check {
	size_t state_bytes; /* zeroes at the beginning */
	void (*feed)(void *state, struct bytes piece);
	enum content_finding (*end)(void *state); /* once, behind the last piece */
	void (*release)(void *state);             /* may be NULL */
};

extern const struct format_check format_check_png;
extern const struct format_check format_check_jpeg;
extern const struct format_check format_check_gif;
extern const struct format_check format_check_pdf;
extern const struct format_check format_check_zip;
extern const struct format_check format_check_mp4;

/* -------- what they share -------- */

/* Bytes that are needed together, and may come in several pieces. */
struct gather {
	uint8_t bytes[64];
	size_t  have;
};

/* Take from @piece until @wanted are together: true, and they are in .bytes, to be used at once. */
static inline bool gather_take(struct gather *gather, struct bytes *piece, size_t wanted)
{
	struct bytes part;
	size_t       need = wanted - gather->have;

	(void)!bytes_take(piece, need < piece->left ? need : piece->left, &part);
	if (part.left)
		memcpy(gather->bytes + gather->have, part.at, part.left);
	gather->have += part.left;
	if (gather->have < wanted)
		return false;
	gather->have = 0;
	return true;
}

/* Move past bytes of @piece, and take them off @left: true when none is left. */
static inline bool gather_skip(struct bytes *piece, uint64_t *left)
{
	struct bytes part;

	(void)!bytes_take(piece, *left < piece->left ? (size_t)*left : piece->left, &part);
	*left -= part.left;
	return !*left;
}

static inline uint32_t be32_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

#endif
