/* SPDX-License-Identifier: MIT */
/*
 * bitlocker_key.h - from what a person knows to the key of a BitLocker volume
 *
 * With bitlocker_cipher.c the door to libcrypto here.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_BITLOCKER_KEY_H
#define SCAN_IMAGE_BITLOCKER_KEY_H

#include "scan/image/bitlocker_metadata.h"

#define BITLOCKER_MASTER_BYTES 32u
#define BITLOCKER_VOLUME_KEY_MAX 64u

/*
 * Try @key on one protector: its first letter is an enum image_key; NULL stands for the clear key.
 * Takes a second for a recovery key or a password.  True with @master.
 */
bool bitlocker_master_key(const struct bitlocker_protector *protector, const char *key,
			  uint8_t master[BITLOCKER_MASTER_BYTES]);

/* The volume's key, by the master key.  Its length in bytes, 0 if the master key is not the right one. */
size_t bitlocker_volume_key(const struct bitlocker_metadata *metadata, const uint8_t master[BITLOCKER_MASTER_BYTES],
			    uint8_t key[BITLOCKER_VOLUME_KEY_MAX]);

#endif
