/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format_check_gif.c - the chain of blocks, from the header to the trailer, and as many pixels as they promise
 *
 * The codes of an image are followed as far as their lengths; what they stand for does not matter.
 * Format: GIF89a specification, appendix F for the codes.
 */
#include "scan/kind/format_check.h"

#include "core/endian.h"

#define COLOR_TABLE_BYTES(packed) ((packed) & 0x80 ? 3ull << (((packed) & 7) + 1) : 0)

#define CODES         4096u
#define CODE_BITS_MAX 12u

enum gif_step { GIF_HEADER, GIF_COLORS, GIF_BLOCK, GIF_LABEL, GIF_IMAGE, GIF_IMAGE_COLORS, GIF_CODE_SIZE, GIF_PART, GIF_PART_BYTES, GIF_END, GIF_BROKEN };

/* The codes of one image. */
struct gif_codes {
	bool     open;           /* parts are of an image, and its end code has not come yet */
	unsigned first_bits;     /* of a code, after the table was cleared */
	unsigned bits, count;    /* of the next one; codes in the table */
	uint32_t window, filled; /* bits that wait, and how many */
	uint32_t before;         /* pixels of the code before; 0: none since the table was cleared */
	uint64_t pixels;         /* that are still to come */
	uint32_t lengths[CODES]; /* pixels that a code stands for */
};

struct gif {
	enum gif_step    step;
	struct gather    gather;
	uint64_t         left;
	struct gif_codes codes;
};

/* -------- codes -------- */

static void clear_codes(struct gif_codes *codes)
{
	codes->bits = codes->first_bits;
	codes->count = (1u << (codes->first_bits - 1)) + 2;
	codes->before = 0;
}

static void begin_codes(struct gif_codes *codes, uint8_t code_size)
{
	codes->first_bits = code_size + 1u;
	codes->window = codes->filled = 0;
	codes->open = true;
	for (size_t i = 0; i < 1u << code_size; i++)
		codes->lengths[i] = 1;
	clear_codes(codes);
}

/* One code; false when there is no such code, or it stands for more pixels than there are. */
static bool take_code(struct gif_codes *codes, uint32_t code)
{
	uint32_t clear = 1u << (codes->first_bits - 1), length;

	if (code == clear) {
		clear_codes(codes);
		return true;
	}
	if (code == clear + 1) {
		codes->open = false;
		return !codes->pixels;
	}
	if (code > codes->count || (code >= clear && !codes->before) || (code == codes->count && code == CODES))
		return false;
	length = code < codes->count ? codes->lengths[code] : codes->before + 1;
	if (length > codes->pixels)
		return false;
	codes->pixels -= length;
	if (codes->before && codes->count < CODES) {
		codes->lengths[codes->count++] = codes->before + 1;
		if (codes->count == 1u << codes->bits && codes->bits < CODE_BITS_MAX)
			codes->bits++;
	}
	codes->before = length;
	return true;
}

static bool take_codes(struct gif_codes *codes, struct bytes part)
{
	for (size_t i = 0; i < part.left && codes->open; i++) {
		codes->window |= (uint32_t)part.at[i] << codes->filled;
		codes->filled += 8;
		while (codes->filled >= codes->bits && codes->open) {
			uint32_t code = codes->window & ((1u << codes->bits) - 1);

			codes->window >>= codes->bits;
			codes->filled -= codes->bits;
			if (!take_code(codes, code))
				return false;
		}
	}
	return true;
}

/* -------- blocks -------- */

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
			struct bytes part = piece;
			bool         done = gather_skip(&piece, &me->left);

			part.left -= piece.left;
			if (me->step == GIF_PART_BYTES && !take_codes(&me->codes, part)) {
				me->step = GIF_BROKEN;
				return;
			}
			if (!done)
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
			me->codes.pixels = (uint64_t)le16_at(got + 4) * le16_at(got + 6);
			me->step = GIF_IMAGE_COLORS;
			break;
		case GIF_CODE_SIZE:
			me->step = got[0] >= 1 && got[0] < CODE_BITS_MAX ? GIF_PART : GIF_BROKEN;
			if (me->step == GIF_PART)
				begin_codes(&me->codes, got[0]);
			break;
		case GIF_LABEL:
			me->step = GIF_PART;
			break;
		default:
			me->left = got[0];
			me->step = got[0] ? GIF_PART_BYTES : GIF_BLOCK;
			if (!got[0] && me->codes.open && me->codes.pixels)
				me->step = GIF_BROKEN; /* some leave out the end code, but not pixels */
			if (!got[0])
				me->codes.open = false;
		}
	}
}

static enum content_finding gif_end(void *state)
{
	const struct gif *me = state;

	return me->step == GIF_END ? CONTENT_UNKNOWN : CONTENT_BROKEN;
}

const struct format_check format_check_gif = { sizeof(struct gif), gif_feed, gif_end, NULL };
