/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lznt1.c - see lznt1.h */
#include "scan/lznt1.h"

#include "core/endian.h"

#define CHUNK_BYTES      4096u
#define CHUNK_COMPRESSED 0x8000u

/* One compressed chunk into at most @room bytes at @to; @made of them are filled. */
static int decompress_chunk(struct bytes packed, uint8_t *to, size_t room, size_t *made, struct error *err)
{
	size_t at = 0;

	while (packed.left) {
		uint8_t tokens = 0;

		if (!bytes_read(&packed, &tokens, 1))
			break;
		for (unsigned bit = 0; bit < 8 && packed.left; bit++) {
			uint8_t  pair[2];
			unsigned shift = 12, value;
			size_t   distance, length;

			if (!(tokens >> bit & 1)) {
				if (at == room)
					return error_at(err, ERROR_BOUNDS, packed.offset, "chunk too long");
				(void)bytes_read(&packed, &to[at++], 1);
				continue;
			}
			if (!bytes_read(&packed, pair, 2))
				return error_at(err, ERROR_BOUNDS, packed.offset, "chunk ends in a match");
			for (size_t reach = at ? at - 1 : 0; reach >= 16; reach >>= 1)
				shift--; /* the farther in, the more bits for the distance */
			value = (unsigned)(pair[0] | pair[1] << 8);
			distance = (value >> shift) + 1;
			length = (value & ((1u << shift) - 1)) + 3;
			if (distance > at || length > room - at)
				return error_at(err, ERROR_VALUE, packed.offset, "match leaves its chunk");
			for (; length; length--, at++) /* may overlap itself */
				to[at] = to[at - distance];
		}
	}
	*made = at;
	return 0;
}

int lznt1_decompress(struct bytes packed, uint8_t *plain, size_t plain_bytes, size_t *filled,
		     struct error *err)
{
	size_t      done = 0, made = 0;
	struct le16 header;

	while (done < plain_bytes && bytes_read(&packed, &header, sizeof header) && le16_get(header)) {
		uint16_t     value = le16_get(header);
		struct bytes chunk;
		size_t       room = plain_bytes - done < CHUNK_BYTES ? plain_bytes - done : CHUNK_BYTES;

		if ((value >> 12 & 7) != 3 || !bytes_take(&packed, (value & 0xfffu) + 1u, &chunk))
			return error_at(err, ERROR_VALUE, packed.offset, "no LZNT1 chunk");
		if (done && made < CHUNK_BYTES)
			return error_at(err, ERROR_VALUE, chunk.offset, "a short chunk is not the last");
		if (value & CHUNK_COMPRESSED) {
			if (decompress_chunk(chunk, plain + done, room, &made, err) < 0)
				return -1;
		} else {
			made = chunk.left;
			if (made > room)
				return error_at(err, ERROR_BOUNDS, chunk.offset, "chunk too long");
			memcpy(plain + done, chunk.at, made);
		}
		if (made < room) /* only the last chunk may be short; zeros follow it */
			memset(plain + done + made, 0, room - made);
		done += room;
	}
	memset(plain + done, 0, plain_bytes - done);
	*filled = done;
	return 0;
}
