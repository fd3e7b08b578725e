/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format_check_zip.c - members with their CRC-32, then the central directory that lists them
 *
 * Members are unpacked as they pass, and nothing of them is kept but a sum, which the
 * directory has to come to as well.  Format: APPNOTE.TXT 6.3.9, PKWARE.
 */
#include "scan/kind/format_check.h"

#include "core/endian.h"

#include <zlib.h>

#define PLAIN_FREE  (256ull << 20) /* that a zip may unpack to in any case */
#define PLAIN_TIMES 100u           /* and how many times its own length beyond that */
#define PACKED_MAX  (1u << 30)     /* handed to zlib at once */
#define TAIL_BYTES  22u

enum zip_step {
	ZIP_SIGNATURE,
	ZIP_LOCAL,
	ZIP_CENTRAL,
	ZIP_NAME,
	ZIP_EXTRA,
	ZIP_EXTRA_SIZES,
	ZIP_EXTRA_SKIP,
	ZIP_DATA,
	ZIP_DESCRIPTOR,
	ZIP_DESCRIPTOR_REST,
	ZIP_COMMENT,
	ZIP_END64,
	ZIP_LOCATOR,
	ZIP_END,
	ZIP_END_COMMENT,
	ZIP_DONE,
	ZIP_LOST_WAY, /* nobody says where the next member begins */
	ZIP_BROKEN,
};

enum {
	FLAG_ENCRYPTED = 0x1,
	FLAG_DESCRIPTOR = 0x8,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
};

/* What the headers say of a member, and what it is. */
struct zip_member {
	uint64_t at; /* of its local header */
	uint64_t packed, plain;
	uint32_t crc;
};

struct zip {
	enum zip_step     step;
	struct gather     gather;
	uint64_t          at;         /* bytes consumed */
	uint64_t          left;       /* to skip in this step */
	uint64_t          extra_left; /* of the extra fields */
	size_t            part;       /* bytes of this one */
	uint64_t          comment;
	bool              central;    /* we are in the directory */
	bool              large;      /* the member has a field for large sizes */
	uint16_t          flags, method;
	struct zip_member told, met;
	z_stream          stream;
	bool              inflating;  /* .stream is to be released */
	bool              unseen;     /* some member could not be looked into */
	uint64_t          plain;      /* bytes unpacked so far */
	uint64_t          members, listed, members_sum, listed_sum;
	uint8_t           tail[TAIL_BYTES];
	size_t            tail_bytes;
	uint8_t           out[32768];
};

/* Two lists of members are the same if these sums are, in whatever order. */
static uint64_t member_sum(const struct zip_member *member)
{
	const uint64_t facts[] = { member->at, member->packed, member->plain, member->crc };
	uint64_t       sum = 0;

	for (size_t i = 0; i < 4; i++) {
		sum = (sum ^ facts[i]) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 29;
	}
	return sum;
}

/* -------- headers -------- */

static enum zip_step after_signature(struct zip *me, uint32_t signature)
{
	switch (signature) {
	case 0x04034b50:
		me->met = (struct zip_member){ .at = me->at - 4 };
		me->large = false;
		return me->central ? ZIP_BROKEN : ZIP_LOCAL;
	case 0x02014b50:
		me->central = true;
		return ZIP_CENTRAL;
	case 0x06064b50:
		return ZIP_END64;
	case 0x07064b50:
		return ZIP_LOCATOR;
	case 0x06054b50:
		return ZIP_END;
	default:
		return ZIP_BROKEN;
	}
}

static enum zip_step begin_local(struct zip *me, const uint8_t *header)
{
	me->flags = le16_at(header + 2);
	me->method = le16_at(header + 4);
	me->told = (struct zip_member){ me->met.at, le32_at(header + 14), le32_at(header + 18), le32_at(header + 10) };
	me->left = le16_at(header + 22);
	me->extra_left = le16_at(header + 24);
	return ZIP_NAME;
}

static enum zip_step begin_central(struct zip *me, const uint8_t *header)
{
	me->told = (struct zip_member){ le32_at(header + 38), le32_at(header + 16), le32_at(header + 20), le32_at(header + 12) };
	me->left = le16_at(header + 24);
	me->extra_left = le16_at(header + 26);
	me->comment = le16_at(header + 28);
	return ZIP_NAME;
}

/* The sizes and the place that 32 bits have no room for, each only if it is missing. */
static void take_large(struct zip *me, const uint8_t *field)
{
	uint64_t *const wanted[] = { &me->told.plain, &me->told.packed, &me->told.at };
	size_t          at = 0;

	me->large = true;
	for (size_t i = 0; i < (me->central ? 3 : 2); i++)
		if (*wanted[i] == UINT32_MAX && at + 8 <= me->part) {
			*wanted[i] = le64_at(field + at);
			at += 8;
		}
}

/* -------- members -------- */

static bool is_readable(const struct zip *me)
{
	return !(me->flags & FLAG_ENCRYPTED) && (me->method == METHOD_STORED || me->method == METHOD_DEFLATED);
}

static bool is_deflated(const struct zip *me)
{
	return is_readable(me) && me->method == METHOD_DEFLATED;
}

static enum zip_step begin_data(struct zip *me)
{
	if (!is_deflated(me)) {
		me->unseen = me->unseen || !is_readable(me);
		me->left = me->told.packed;
		return me->flags & FLAG_DESCRIPTOR && !me->told.packed ? ZIP_LOST_WAY : ZIP_DATA;
	}
	if (me->inflating ? inflateReset(&me->stream) != Z_OK : inflateInit2(&me->stream, -MAX_WBITS) != Z_OK)
		return ZIP_LOST_WAY;
	me->inflating = true;
	return ZIP_DATA;
}

static enum zip_step after_extra(struct zip *me)
{
	if (!me->central)
		return begin_data(me);
	me->listed++;
	me->listed_sum += member_sum(&me->told);
	me->left = me->comment;
	return ZIP_COMMENT;
}

static enum zip_step end_member(struct zip *me, const struct zip_member *told)
{
	if (is_readable(me) &&
	    (told->crc != me->met.crc || told->packed != me->met.packed || told->plain != me->met.plain))
		return ZIP_BROKEN;
	me->members++;
	me->members_sum += member_sum(told);
	return ZIP_SIGNATURE;
}

static enum zip_step after_data(struct zip *me)
{
	return me->flags & FLAG_DESCRIPTOR ? ZIP_DESCRIPTOR : end_member(me, &me->told);
}

/* The CRC, then both sizes, of 8 bytes each where the member is that large. */
static enum zip_step after_descriptor(struct zip *me, const uint8_t *sizes)
{
	struct zip_member told = me->told;

	told.packed = me->large ? le64_at(sizes) : le32_at(sizes);
	told.plain = me->large ? le64_at(sizes + 8) : le32_at(sizes + 4);
	return end_member(me, &told);
}

/* Stored, or not to be looked into. */
static enum zip_step pass_data(struct zip *me, struct bytes *piece)
{
	struct bytes body = *piece;
	bool         done = gather_skip(piece, &me->left);
	size_t       length = body.left - piece->left;

	if (is_readable(me))
		me->met.crc = (uint32_t)crc32_z(me->met.crc, body.at, length);
	me->met.packed += length;
	me->met.plain += length;
	return done ? after_data(me) : ZIP_DATA;
}

static enum zip_step inflate_data(struct zip *me, struct bytes *piece)
{
	struct bytes packed;
	int          status;

	me->stream.next_in = (Bytef *)piece->at;
	me->stream.avail_in = piece->left < PACKED_MAX ? (uInt)piece->left : PACKED_MAX;
	packed = (struct bytes){ piece->at, me->stream.avail_in, 0 };
	do {
		size_t made;

		me->stream.next_out = me->out;
		me->stream.avail_out = sizeof me->out;
		status = inflate(&me->stream, Z_NO_FLUSH);
		made = sizeof me->out - me->stream.avail_out;
		me->met.crc = (uint32_t)crc32_z(me->met.crc, me->out, made);
		me->met.plain += made;
		me->plain += made;
	} while (status == Z_OK && (me->stream.avail_in || !me->stream.avail_out) &&
		 me->plain < PLAIN_FREE + PLAIN_TIMES * me->at);
	if (status == Z_OK && me->stream.avail_in)
		return ZIP_LOST_WAY; /* it unpacks to far too much */
	(void)!bytes_take(piece, packed.left - me->stream.avail_in, &packed);
	me->met.packed += packed.left;
	if (status == Z_STREAM_END)
		return after_data(me);
	return status == Z_OK || status == Z_BUF_ERROR ? ZIP_DATA : ZIP_BROKEN;
}

/* -------- the walk -------- */

static enum zip_step next_extra(struct zip *me, struct bytes *piece)
{
	if (me->extra_left < 4) {
		me->left = me->extra_left;
		me->extra_left = 0;
		return ZIP_EXTRA_SKIP;
	}
	if (!gather_take(&me->gather, piece, 4))
		return ZIP_EXTRA;
	me->extra_left -= 4;
	me->part = le16_at(me->gather.bytes + 2);
	if (me->part > me->extra_left)
		me->part = (size_t)me->extra_left;
	me->extra_left -= me->part;
	me->left = me->part;
	return le16_at(me->gather.bytes) == 1 && me->part && me->part <= sizeof me->gather.bytes ? ZIP_EXTRA_SIZES
												 : ZIP_EXTRA_SKIP;
}

/* Steps that end when so many bytes are together; 0 for the others. */
static size_t wanted_bytes(const struct zip *me)
{
	switch (me->step) {
	case ZIP_SIGNATURE:
	case ZIP_DESCRIPTOR:
		return 4;
	case ZIP_LOCAL:
		return 26;
	case ZIP_CENTRAL:
		return 42;
	case ZIP_EXTRA_SIZES:
		return me->part;
	case ZIP_DESCRIPTOR_REST:
		return me->large ? 16 : 8;
	case ZIP_END64:
		return 8;
	case ZIP_LOCATOR:
		return 16;
	case ZIP_END:
		return 18;
	default:
		return 0;
	}
}

static enum zip_step after_bytes(struct zip *me, const uint8_t *got)
{
	switch (me->step) {
	case ZIP_SIGNATURE:
		return after_signature(me, le32_at(got));
	case ZIP_LOCAL:
		return begin_local(me, got);
	case ZIP_CENTRAL:
		return begin_central(me, got);
	case ZIP_EXTRA_SIZES:
		take_large(me, got);
		return ZIP_EXTRA;
	case ZIP_DESCRIPTOR:
		if (le32_at(got) == 0x08074b50)
			return ZIP_DESCRIPTOR; /* its signature, which may be left out */
		me->told.crc = le32_at(got);
		return ZIP_DESCRIPTOR_REST;
	case ZIP_DESCRIPTOR_REST:
		return after_descriptor(me, got);
	case ZIP_END64:
		me->left = le64_at(got);
		return ZIP_COMMENT;
	case ZIP_LOCATOR:
		return ZIP_SIGNATURE;
	default:
		me->left = le16_at(got + 16);
		return le16_at(got + 6) == (me->listed & 0xffff) || le16_at(got + 6) == 0xffff ? ZIP_END_COMMENT
											       : ZIP_BROKEN;
	}
}

/* Steps that pass over .left bytes. */
static enum zip_step after_skip(struct zip *me)
{
	switch (me->step) {
	case ZIP_NAME:
		return ZIP_EXTRA;
	case ZIP_EXTRA_SKIP:
		return me->extra_left ? ZIP_EXTRA : after_extra(me);
	case ZIP_COMMENT:
		return ZIP_SIGNATURE;
	default:
		return ZIP_DONE;
	}
}

/* One step on; false when it needs more bytes. */
static bool step_on(struct zip *me, struct bytes *piece)
{
	enum zip_step before = me->step;
	size_t        left = piece->left, wanted = wanted_bytes(me);

	if (wanted) {
		if (gather_take(&me->gather, piece, wanted)) {
			me->at += left - piece->left;
			me->step = after_bytes(me, me->gather.bytes);
			return true;
		}
	} else if (me->step == ZIP_DATA) {
		me->step = is_deflated(me) ? inflate_data(me, piece) : pass_data(me, piece);
	} else if (me->step == ZIP_EXTRA) {
		me->step = next_extra(me, piece);
	} else if (gather_skip(piece, &me->left)) {
		me->step = after_skip(me);
	}
	me->at += left - piece->left;
	return me->step != before || piece->left;
}

/* The last bytes, for a zip that ends without a comment. */
static void keep_tail(struct zip *me, struct bytes piece)
{
	size_t fresh = piece.left < TAIL_BYTES ? piece.left : TAIL_BYTES;
	size_t keep = TAIL_BYTES - fresh < me->tail_bytes ? TAIL_BYTES - fresh : me->tail_bytes;

	memmove(me->tail, me->tail + me->tail_bytes - keep, keep);
	memcpy(me->tail + keep, piece.at + piece.left - fresh, fresh);
	me->tail_bytes = keep + fresh;
}

static void zip_feed(void *state, struct bytes piece)
{
	struct zip *me = state;

	keep_tail(me, piece);
	while (me->step < ZIP_DONE && step_on(me, &piece))
		;
	if (me->step == ZIP_DONE && piece.left)
		me->unseen = true; /* something follows it */
}

static enum content_finding zip_end(void *state)
{
	struct zip *me = state;

	if (me->step == ZIP_END_COMMENT && !me->left)
		me->step = ZIP_DONE;
	if (me->step == ZIP_LOST_WAY)
		return me->tail_bytes == TAIL_BYTES && le32_at(me->tail) == 0x06054b50 ? CONTENT_UNKNOWN : CONTENT_BROKEN;
	if (me->step != ZIP_DONE || me->members != me->listed || me->members_sum != me->listed_sum)
		return CONTENT_BROKEN;
	return me->unseen ? CONTENT_UNKNOWN : CONTENT_SOUND;
}

static void zip_release(void *state)
{
	struct zip *me = state;

	if (me->inflating)
		inflateEnd(&me->stream);
}

const struct format_check format_check_zip = { sizeof(struct zip), zip_feed, zip_end, zip_release };
