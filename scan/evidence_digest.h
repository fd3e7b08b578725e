/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evidence_digest.h - the digests of all bytes of the evidence, by which a lab shows that it is what it was
 *
 * A sweep feeds them with what it reads anyway; what no sweep has read, or one of an earlier run, is read for them
 * at the end.  Containers count by the bytes of the disk that is in them.
 */
#ifndef SCAN_EVIDENCE_DIGEST_H
#define SCAN_EVIDENCE_DIGEST_H

#include "scan/evidence.h"

struct evidence_digest {
	struct digest sha256, sha1, md5;
	uint64_t      next; /* bytes of the evidence from its beginning that are in them */
};

/* In lower-case hexadecimal; "" what is not known. */
struct evidence_sums {
	char sha256[2 * DIGEST_BYTES + 1], sha1[2 * SHA1_BYTES + 1], md5[2 * MD5_BYTES + 1];
};

MUST_CHECK int evidence_digest_begin(struct evidence_digest *digest, struct error *err);

/* Feed @length bytes of @offset; only what follows what was fed before is taken.  Returns 0, or -1. */
MUST_CHECK int evidence_digest_feed(struct evidence_digest *digest, uint64_t offset, const void *data,
				    size_t length, struct error *err);

/* Read what is missing, and end.  Bytes that cannot be read count as zeros.  Returns 0, or -1. */
MUST_CHECK int evidence_digest_end(struct evidence_digest *digest, struct evidence *evidence,
				   struct evidence_sums *sums, struct error *err);
void           evidence_digest_release(struct evidence_digest *digest);

/* What a container says of the bytes in it since they were acquired. */
void evidence_digest_stored(const struct evidence *evidence, struct evidence_sums *sums);

/* Is one that both know different? */
bool evidence_sums_differ(const struct evidence_sums *a, const struct evidence_sums *b);

#endif
