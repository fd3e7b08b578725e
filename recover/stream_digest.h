/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream_digest.h - the SHA-256 of a stream, fed with its pieces as they are read
 *
 * A hole is hashed as the zeros that it stands for.  A sparse file may say that it holds 2^60 of them, so
 * beyond a limit a stream goes without a digest.
 */
#ifndef RECOVER_STREAM_DIGEST_H
#define RECOVER_STREAM_DIGEST_H

#include "core/digest.h"
#include "scan/content.h"

#define HOLE_HASHED (64ull << 30) /* bytes of holes in one stream that are worth hashing */

struct stream_digest {
	struct digest *digest; /* borrowed from _start to _end */
	uint64_t       holes;  /* bytes met */
};

MUST_CHECK int stream_digest_start(struct stream_digest *stream, struct digest *digest, struct error *err);
MUST_CHECK int stream_digest_add(struct stream_digest *stream, const struct content_piece *piece,
				 struct error *err);

/* @known  false: there were more holes than are hashed, and @sum is of the rest */
MUST_CHECK int stream_digest_end(struct stream_digest *stream, uint8_t sum[DIGEST_BYTES], bool *known,
				 struct error *err);

#endif
