/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * known_digest.h - what a store's catalogue knows of its files' contents
 *
 * A capture may note the SHA-256 of every file.  Where the catalogue is still in the
 * store, whole or in blocks, it proves what a rebuild has read, whatever became of the
 * clusters; or it tells that this is something else.
 */
#ifndef RECOVER_KNOWN_DIGEST_H
#define RECOVER_KNOWN_DIGEST_H

#include "core/digest.h"
#include "scan/casebook.h"
#include "scan/volume.h"

struct known_digest {
	int64_t  volume; /* as in the casebook */
	file_ref ref;
	uint64_t size_bytes;
	uint8_t  sum[DIGEST_BYTES];
};

struct known_digests ARRAY(struct known_digest); /* sorted; to be released */

/*
 * Read the catalogues of @store, live or deleted.
 * @volumes  of the evidence, by casebook volume id - 1
 * Returns 0, also when there is none or nothing of it is sound, or -1: no memory, or the casebook fails.
 */
MUST_CHECK int known_digests_read(struct known_digests *known, struct casebook *book, int64_t store,
				  const struct volume *volumes, size_t volume_count, struct error *err);

/*
 * Say what the digest @sum of @record's content, as it was read, means for its verdict: the same is verified,
 * and nothing is missing.  Another one makes a deleted file suspect; a live one may have been
 * changed since.  Packed content is left alone: a capture sees its hole.
 */
void known_digests_judge(const struct known_digests *known, const struct case_record *record,
			 const uint8_t sum[DIGEST_BYTES], enum grade *grade, unsigned *reasons,
			 struct ranges *missing);

#endif
