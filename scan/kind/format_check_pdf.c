/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_check_pdf.c - its last line is near its end.  Format: ISO 32000-1, 7.5.5, and what readers accept. */
#include "scan/kind/format_check.h"

#define TAIL_BYTES 1024u

struct pdf {
	uint8_t tail[TAIL_BYTES];
	size_t  have;
};

static void pdf_feed(void *state, struct bytes piece)
{
	struct pdf *me = state;
	size_t      keep;

	if (piece.left >= TAIL_BYTES) {
		memcpy(me->tail, piece.at + piece.left - TAIL_BYTES, TAIL_BYTES);
		me->have = TAIL_BYTES;
		return;
	}
	keep = TAIL_BYTES - piece.left < me->have ? TAIL_BYTES - piece.left : me->have;
	memmove(me->tail, me->tail + me->have - keep, keep);
	memcpy(me->tail + keep, piece.at, piece.left);
	me->have = keep + piece.left;
}

static enum content_finding pdf_end(void *state)
{
	const struct pdf *me = state;

	return memmem(me->tail, me->have, "%%EOF", 5) ? CONTENT_UNKNOWN : CONTENT_BROKEN;
}

const struct format_check format_check_pdf = { sizeof(struct pdf), pdf_feed, pdf_end, NULL };
