/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_check_png.c - chunks with their CRC-32, from IHDR to IEND.  Format: PNG (W3C), 5. */
#include "scan/kind/format_check.h"

#include <ctype.h>
#include <zlib.h>

enum png_step { PNG_SIGNATURE, PNG_HEADER, PNG_BODY, PNG_CRC, PNG_END, PNG_BROKEN };

struct png {
	enum png_step step;
	struct gather gather;
	uint64_t      left;    /* of the chunk's body */
	uLong         crc;
	bool          begun;   /* IHDR was seen */
	bool          last;    /* this is IEND */
	bool          trailed; /* something follows it */
};

static enum png_step begin_chunk(struct png *me, const uint8_t *header)
{
	me->left = be32_at(header);
	for (size_t i = 4; i < 8; i++)
		if (!isalpha(header[i]))
			return PNG_BROKEN;
	if (me->left > INT32_MAX || (!me->begun && memcmp(header + 4, "IHDR", 4) != 0))
		return PNG_BROKEN;
	me->begun = true;
	me->last = memcmp(header + 4, "IEND", 4) == 0;
	me->crc = crc32(0, header + 4, 4);
	return me->left ? PNG_BODY : PNG_CRC;
}

static void png_feed(void *state, struct bytes piece)
{
	struct png  *me = state;
	struct bytes body;

	while (piece.left && me->step != PNG_BROKEN && me->step != PNG_END) {
		switch (me->step) {
		case PNG_SIGNATURE: /* has been seen */
			if (gather_take(&me->gather, &piece, 8))
				me->step = PNG_HEADER;
			break;
		case PNG_HEADER:
			if (gather_take(&me->gather, &piece, 8))
				me->step = begin_chunk(me, me->gather.bytes);
			break;
		case PNG_BODY:
			body = piece;
			if (gather_skip(&piece, &me->left))
				me->step = PNG_CRC;
			me->crc = crc32_z(me->crc, body.at, body.left - piece.left);
			break;
		default:
			if (!gather_take(&me->gather, &piece, 4))
				break;
			if (be32_at(me->gather.bytes) != me->crc)
				me->step = PNG_BROKEN;
			else
				me->step = me->last ? PNG_END : PNG_HEADER;
		}
	}
	me->trailed = me->trailed || piece.left;
}

static enum content_finding png_end(void *state)
{
	const struct png *me = state;

	if (me->step != PNG_END)
		return CONTENT_BROKEN;
	return me->trailed ? CONTENT_UNKNOWN : CONTENT_SOUND;
}

const struct format_check format_check_png = { sizeof(struct png), png_feed, png_end, NULL };
