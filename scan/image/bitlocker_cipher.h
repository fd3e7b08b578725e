/* SPDX-License-Identifier: MIT */
/*
 * bitlocker_cipher.h - sectors of a BitLocker volume, decrypted
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_BITLOCKER_CIPHER_H
#define SCAN_IMAGE_BITLOCKER_CIPHER_H

#include "scan/image/bitlocker_key.h"

#include <openssl/evp.h>

struct bitlocker_cipher {
	uint16_t        method;       /* enum bitlocker_method */
	uint32_t        sector_bytes; /* 512 or 4096 */
	EVP_CIPHER_CTX *sectors;      /* decrypts */
	EVP_CIPHER_CTX *places;       /* CBC: makes a sector's vector of its place */
	EVP_CIPHER_CTX *tweaks;       /* diffuser: makes a sector's own key of its place */
};

/* Returns 0, or -1: no method of this number, a key too short for it, or no memory.  Release in any case. */
int  bitlocker_cipher_init(struct bitlocker_cipher *cipher, uint16_t method, uint32_t sector_bytes,
			   const uint8_t key[BITLOCKER_VOLUME_KEY_MAX], size_t key_bytes);
void bitlocker_cipher_release(struct bitlocker_cipher *cipher);

/* Decrypt the sector that lies @at bytes from the volume's start.  False if libcrypto fails. */
bool bitlocker_cipher_sector(struct bitlocker_cipher *cipher, uint64_t at, uint8_t *sector);

#endif
