/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_digest.c - see stream_digest.h */
#include "recover/stream_digest.h"

#define ZEROS_BYTES 65536u

int stream_digest_start(struct stream_digest *stream, struct digest *digest, struct error *err)
{
	*stream = (struct stream_digest){ .digest = digest };
	return digest_start(digest, err);
}

int stream_digest_add(struct stream_digest *stream, const struct content_piece *piece, struct error *err)
{
	static const uint8_t zeros[ZEROS_BYTES];

	if (piece->data)
		return digest_update(stream->digest, piece->data, (size_t)piece->length, err);
	stream->holes += piece->length;
	for (uint64_t left = stream->holes <= HOLE_HASHED ? piece->length : 0; left;) {
		size_t part = left < sizeof zeros ? (size_t)left : sizeof zeros;

		if (digest_update(stream->digest, zeros, part, err) < 0)
			return -1;
		left -= part;
	}
	return 0;
}

int stream_digest_end(struct stream_digest *stream, uint8_t sum[DIGEST_BYTES], bool *known, struct error *err)
{
	*known = stream->holes <= HOLE_HASHED;
	return digest_end(stream->digest, sum, err);
}
