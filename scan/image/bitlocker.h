/* SPDX-License-Identifier: MIT */
/*
 * bitlocker.h - a BitLocker volume, decrypted as it is read
 *
 * The door to libbde.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_BITLOCKER_H
#define SCAN_IMAGE_BITLOCKER_H

#include "scan/image/protocol.h"
#include "scan/image/range_handle.h"

#include <libbde.h>

struct bitlocker {
	struct range_handle range;        /* of the volume */
	libbde_volume_t    *volume;
	uint32_t            recovery_id;  /* how the identifier of its recovery key begins; 0 if it has none */
	const char         *opened_by;    /* "recovery key", "password" or "clear key" */
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
