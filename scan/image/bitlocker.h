/* SPDX-License-Identifier: MIT */
/*
 * bitlocker.h - a BitLocker volume, decrypted as it is read
 *
 * Of our own: libbde 20190102 opens neither AES-XTS with 256 bits nor volumes that wait for their
 * activation with a clear key, and decrypts without the processor's help.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_BITLOCKER_H
#define SCAN_IMAGE_BITLOCKER_H

#include "scan/image/bitlocker_cipher.h"
#include "scan/image/protocol.h"
#include "scan/image/source.h"

struct bitlocker {
	const struct source      *below;        /* borrowed */
	uint64_t                  start_bytes, length_bytes; /* of the volume there */
	struct bitlocker_metadata metadata;
	struct bitlocker_cipher   cipher;
	uint32_t                  recovery_id;  /* how the identifier of its recovery key begins; 0 if it has none */
	const char               *opened_by;    /* "recovery key", "password" or "clear key" */
};

/*
 * Open the volume there, without a key if it has a clear one, else with the first of @keys that fits;
 * their first letter is an enum image_key.
 * Returns 0 with @source reading the volume, 1 with @text if a key is all that lacks, or -1 with @text;
 * .recovery_id may be set even then.
 * Release in any case.
 */
int  bitlocker_open(struct bitlocker *bitlocker, const struct source *below, uint64_t offset, uint64_t length,
		    char *const *keys, size_t key_count, struct source *source, char text[IMAGE_ERROR_BYTES]);
void bitlocker_release(struct bitlocker *bitlocker);

#endif
