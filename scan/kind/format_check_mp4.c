/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_check_mp4.c - the chain of top-level boxes, moov among them.  Format: ISO/IEC 14496-12, 4.2. */
#include "scan/kind/format_check.h"

#include <ctype.h>

enum mp4_step { MP4_HEADER, MP4_LARGE, MP4_BODY, MP4_REST, MP4_BROKEN };

struct mp4 {
	enum mp4_step step;
	struct gather gather;
	uint64_t      left;
	bool          moov;
};

static enum mp4_step begin_box(struct mp4 *me, const uint8_t *header)
{
	uint32_t size = be32_at(header);

	for (size_t i = 4; i < 8; i++)
		if (!isprint(header[i]) && header[i] != 0xa9)
			return MP4_BROKEN;
	me->moov = me->moov || memcmp(header + 4, "moov", 4) == 0;
	if (size == 0)
		return MP4_REST;
	if (size == 1)
		return MP4_LARGE;
	me->left = size - 8;
	return size < 8 ? MP4_BROKEN : MP4_BODY;
}

static void mp4_feed(void *state, struct bytes piece)
{
	struct mp4    *me = state;
	const uint8_t *got = me->gather.bytes;

	while (me->step != MP4_BROKEN && me->step != MP4_REST) {
		if (me->step == MP4_BODY) {
			if (!gather_skip(&piece, &me->left))
				return;
			me->step = MP4_HEADER;
		}
		if (!piece.left || !gather_take(&me->gather, &piece, 8))
			return;
		if (me->step == MP4_HEADER) {
			me->step = begin_box(me, got);
		} else {
			me->left = (uint64_t)be32_at(got) << 32 | be32_at(got + 4);
			me->step = me->left < 16 ? MP4_BROKEN : MP4_BODY;
			me->left -= 16;
		}
	}
}

static enum content_finding mp4_end(void *state)
{
	const struct mp4 *me = state;
	bool              ended = me->step == MP4_REST || (me->step == MP4_HEADER && !me->gather.have);

	return ended && me->moov ? CONTENT_UNKNOWN : CONTENT_BROKEN;
}

const struct format_check format_check_mp4 = { sizeof(struct mp4), mp4_feed, mp4_end, NULL };
