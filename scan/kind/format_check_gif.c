/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_check_gif.c - the chain of blocks, from the header to the trailer.  Format: GIF89a specification. */
#include "scan/kind/format_check.h"

#define COLOR_TABLE_BYTES(packed) ((packed) & 0x80 ? 3ull << (((packed) & 7) + 1) : 0)

enum gif_step { GIF_HEADER, GIF_COLORS, GIF_BLOCK, GIF_LABEL, GIF_IMAGE, GIF_IMAGE_COLORS, GIF_CODE_SIZE, GIF_PART, GIF_PART_BYTES, GIF_END, GIF_BROKEN };

struct gif {
	enum gif_step step;
	struct gather gather;
	uint64_t      left;
};

static enum gif_step begin_block(uint8_t introducer)
{
	switch (introducer) {
	case 0x21:
		return GIF_LABEL;
	case 0x2c:
		return GIF_IMAGE;
	case 0x3b:
		return GIF_END;
	default:
		return GIF_BROKEN;
	}
}

static void gif_feed(void *state, struct bytes piece)
{
	static const size_t wanted[] = { [GIF_HEADER] = 13, [GIF_BLOCK] = 1,     [GIF_LABEL] = 1,
					 [GIF_IMAGE] = 9,   [GIF_CODE_SIZE] = 1, [GIF_PART] = 1 };
	struct gif         *me = state;
	const uint8_t      *got = me->gather.bytes;

	while (me->step != GIF_BROKEN && me->step != GIF_END) {
		if (me->step == GIF_COLORS || me->step == GIF_IMAGE_COLORS || me->step == GIF_PART_BYTES) {
			if (!gather_skip(&piece, &me->left))
				return;
			me->step = me->step == GIF_COLORS       ? GIF_BLOCK
				   : me->step == GIF_PART_BYTES ? GIF_PART
								: GIF_CODE_SIZE;
			continue;
		}
		if (!piece.left || !gather_take(&me->gather, &piece, wanted[me->step]))
			return;
		switch (me->step) {
		case GIF_HEADER:
			me->left = COLOR_TABLE_BYTES(got[10]);
			me->step = GIF_COLORS;
			break;
		case GIF_BLOCK:
			me->step = begin_block(got[0]);
			break;
		case GIF_IMAGE:
			me->left = COLOR_TABLE_BYTES(got[8]);
			me->step = GIF_IMAGE_COLORS;
			break;
		case GIF_CODE_SIZE:
			me->step = got[0] >= 1 && got[0] <= 11 ? GIF_PART : GIF_BROKEN;
			break;
		case GIF_LABEL:
			me->step = GIF_PART;
			break;
		default:
			me->left = got[0];
			me->step = got[0] ? GIF_PART_BYTES : GIF_BLOCK;
		}
	}
}

static enum content_finding gif_end(void *state)
{
	const struct gif *me = state;

	return me->step == GIF_END ? CONTENT_UNKNOWN : CONTENT_BROKEN;
}

const struct format_check format_check_gif = { sizeof(struct gif), gif_feed, gif_end, NULL };
