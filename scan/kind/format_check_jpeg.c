/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format_check_jpeg.c - segments and scans, from SOI to EOI.  Format: ITU T.81, annex B
 *
 * In a scan 0xff is always followed by what may follow it there; bytes of something else
 * seldom keep to that for a cluster.
 */
#include "scan/kind/format_check.h"

enum jpeg_step { JPEG_BEGIN, JPEG_MARK, JPEG_CODE, JPEG_LENGTH, JPEG_SEGMENT, JPEG_SCAN, JPEG_SCAN_CODE, JPEG_END, JPEG_BROKEN };

struct jpeg {
	enum jpeg_step step;
	struct gather  gather;
	uint8_t        code;
	uint64_t       left;
};

enum jpeg_code {
	CODE_RST0 = 0xd0,
	CODE_RST7 = 0xd7,
	CODE_SOI = 0xd8,
	CODE_EOI = 0xd9,
	CODE_SOS = 0xda,
};

/* What follows 0xff where a segment begins. */
static enum jpeg_step after_mark(struct jpeg *me, uint8_t code)
{
	if (code == 0xff) /* fill */
		return JPEG_CODE;
	if (code == CODE_EOI)
		return JPEG_END;
	if (code < 0xc0 || code == CODE_SOI)
		return JPEG_BROKEN;
	if (code >= CODE_RST0 && code <= CODE_RST7)
		return JPEG_MARK;
	me->code = code;
	return JPEG_LENGTH;
}

/* What follows 0xff in a scan. */
static enum jpeg_step in_scan(struct jpeg *me, uint8_t code)
{
	if (!code || (code >= CODE_RST0 && code <= CODE_RST7))
		return JPEG_SCAN;
	if (code == 0xff)
		return JPEG_SCAN_CODE;
	/* tables, the next scan, the number of lines, application data, comments */
	if (code == CODE_EOI || code == 0xc4 || (code >= CODE_SOS && code <= 0xdd) || (code >= 0xe0 && code <= 0xef) || code == 0xfe)
		return after_mark(me, code);
	return JPEG_BROKEN;
}

static void scan_on(struct jpeg *me, struct bytes *piece)
{
	const uint8_t *mark = memchr(piece->at, 0xff, piece->left);
	struct bytes   past;

	(void)!bytes_take(piece, mark ? (size_t)(mark - piece->at) + 1 : piece->left, &past);
	if (mark)
		me->step = JPEG_SCAN_CODE;
}

static void jpeg_feed(void *state, struct bytes piece)
{
	struct jpeg   *me = state;
	const uint8_t *got = me->gather.bytes;

	while (piece.left && me->step != JPEG_BROKEN && me->step != JPEG_END) {
		switch (me->step) {
		case JPEG_BEGIN:
			if (gather_take(&me->gather, &piece, 2))
				me->step = JPEG_MARK;
			break;
		case JPEG_MARK:
			if (gather_take(&me->gather, &piece, 1))
				me->step = got[0] == 0xff ? JPEG_CODE : JPEG_BROKEN;
			break;
		case JPEG_CODE:
			if (gather_take(&me->gather, &piece, 1))
				me->step = after_mark(me, got[0]);
			break;
		case JPEG_LENGTH:
			if (!gather_take(&me->gather, &piece, 2))
				break;
			me->left = (uint64_t)got[0] << 8 | got[1];
			me->step = me->left < 2 ? JPEG_BROKEN : JPEG_SEGMENT;
			me->left -= 2;
			break;
		case JPEG_SEGMENT:
			if (gather_skip(&piece, &me->left))
				me->step = me->code == CODE_SOS ? JPEG_SCAN : JPEG_MARK;
			break;
		case JPEG_SCAN:
			scan_on(me, &piece);
			break;
		default:
			if (gather_take(&me->gather, &piece, 1))
				me->step = in_scan(me, got[0]);
		}
	}
}

static enum content_finding jpeg_end(void *state)
{
	const struct jpeg *me = state;

	return me->step == JPEG_END ? CONTENT_UNKNOWN : CONTENT_BROKEN;
}

const struct format_check format_check_jpeg = { sizeof(struct jpeg), jpeg_feed, jpeg_end, NULL };
