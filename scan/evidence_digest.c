/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence_digest.c - see evidence_digest.h */
#include "scan/evidence_digest.h"

#include "core/cleanup.h"
#include "core/progress.h"

#include <stdlib.h>
#include <string.h>

#define PART_BYTES (4u << 20)

int evidence_digest_begin(struct evidence_digest *digest, struct error *err)
{
	*digest = (struct evidence_digest){ 0 };
	return digest_start(&digest->sha256, err) < 0 || digest_start_sha1(&digest->sha1, err) < 0 ||
			       digest_start_md5(&digest->md5, err) < 0
		       ? -1
		       : 0;
}

int evidence_digest_feed(struct evidence_digest *digest, uint64_t offset, const void *data, size_t length,
			 struct error *err)
{
	if (offset != digest->next)
		return 0;
	if (digest_update(&digest->sha256, data, length, err) < 0 ||
	    digest_update(&digest->sha1, data, length, err) < 0 || digest_update(&digest->md5, data, length, err) < 0)
		return -1;
	digest->next += length;
	return 0;
}

static int feed_part(struct evidence_digest *digest, struct evidence *evidence, uint8_t *part, struct error *err)
{
	uint64_t      left = evidence->size_bytes - digest->next;
	size_t        length = left < PART_BYTES ? (size_t)left : PART_BYTES;
	struct ranges holes = { 0 };
	int           result = evidence_read(evidence, digest->next, part, length, &holes, err);

	array_release(&holes);
	return result < 0 ? -1 : evidence_digest_feed(digest, digest->next, part, length, err);
}

static int feed_rest(struct evidence_digest *digest, struct evidence *evidence, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *part = NULL;
	struct progress            progress;
	int                        result = 0;

	if (digest->next >= evidence->size_bytes)
		return 0;
	part = malloc(PART_BYTES);
	if (!part)
		return error_memory(err);
	progress_start_at(&progress, "hashing the evidence", digest->next, evidence->size_bytes, PROGRESS_BYTES);
	while (result == 0 && digest->next < evidence->size_bytes) {
		uint64_t before = digest->next;

		result = feed_part(digest, evidence, part, err);
		progress_add(&progress, digest->next - before);
	}
	progress_end(&progress);
	return result;
}

static int end(struct digest *digest, size_t bytes, char *hex, struct error *err)
{
	uint8_t sum[DIGEST_BYTES];

	if (digest_end(digest, sum, err) < 0)
		return -1;
	digest_hex_of(sum, bytes, hex);
	return 0;
}

int evidence_digest_end(struct evidence_digest *digest, struct evidence *evidence, struct evidence_sums *sums,
			struct error *err)
{
	return feed_rest(digest, evidence, err) < 0 || end(&digest->sha256, DIGEST_BYTES, sums->sha256, err) < 0 ||
			       end(&digest->sha1, SHA1_BYTES, sums->sha1, err) < 0 ||
			       end(&digest->md5, MD5_BYTES, sums->md5, err) < 0
		       ? -1
		       : 0;
}

void evidence_digest_release(struct evidence_digest *digest)
{
	digest_release(&digest->sha256);
	digest_release(&digest->sha1);
	digest_release(&digest->md5);
}

void evidence_digest_stored(const struct evidence *evidence, struct evidence_sums *sums)
{
	const struct image_digests *stored = &evidence->stored;

	static_assert(sizeof stored->md5 == MD5_BYTES && sizeof stored->sha1 == SHA1_BYTES, "digests of other sizes");
	*sums = (struct evidence_sums){ 0 };
	if (stored->has_md5)
		digest_hex_of(stored->md5, MD5_BYTES, sums->md5);
	if (stored->has_sha1)
		digest_hex_of(stored->sha1, SHA1_BYTES, sums->sha1);
}

static bool hex_differ(const char *a, const char *b)
{
	return *a && *b && strcmp(a, b) != 0;
}

bool evidence_sums_differ(const struct evidence_sums *a, const struct evidence_sums *b)
{
	return hex_differ(a->sha256, b->sha256) || hex_differ(a->sha1, b->sha1) || hex_differ(a->md5, b->md5);
}
