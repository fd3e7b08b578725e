/* SPDX-License-Identifier: MIT */
/* bitlocker_cipher.c - see bitlocker_cipher.h; MIT, for the reason told in protocol.h */
#include "scan/image/bitlocker_cipher.h"

#include <string.h>

#define WORDS_MAX 1024u /* of four bytes in a sector */

static const struct {
	const EVP_CIPHER *(*sectors)(void);
	const EVP_CIPHER *(*places)(void); /* NULL: the cipher takes the place itself */
	size_t            key_bytes;
	size_t            tweak_at;        /* of the diffuser's key in the volume's key; 0: no diffuser */
} methods[] = {
	[BITLOCKER_CBC_128_DIFFUSER - 0x8000] = { EVP_aes_128_cbc, EVP_aes_128_ecb, 64, 32 },
	[BITLOCKER_CBC_256_DIFFUSER - 0x8000] = { EVP_aes_256_cbc, EVP_aes_256_ecb, 64, 32 },
	[BITLOCKER_CBC_128 - 0x8000] = { EVP_aes_128_cbc, EVP_aes_128_ecb, 16, 0 },
	[BITLOCKER_CBC_256 - 0x8000] = { EVP_aes_256_cbc, EVP_aes_256_ecb, 32, 0 },
	[BITLOCKER_XTS_128 - 0x8000] = { EVP_aes_128_xts, NULL, 32, 0 },
	[BITLOCKER_XTS_256 - 0x8000] = { EVP_aes_256_xts, NULL, 64, 0 },
};

static EVP_CIPHER_CTX *start(const EVP_CIPHER *cipher, const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (context && (EVP_CipherInit_ex(context, cipher, NULL, key, NULL, encrypt) != 1 ||
			EVP_CIPHER_CTX_set_padding(context, 0) != 1)) {
		EVP_CIPHER_CTX_free(context);
		context = NULL;
	}
	return context;
}

int bitlocker_cipher_init(struct bitlocker_cipher *cipher, uint16_t method, uint32_t sector_bytes,
			  const uint8_t key[BITLOCKER_VOLUME_KEY_MAX], size_t key_bytes)
{
	size_t index = (size_t)method - 0x8000;

	*cipher = (struct bitlocker_cipher){ .method = method, .sector_bytes = sector_bytes };
	if (method < 0x8000 || index >= sizeof methods / sizeof methods[0] || key_bytes < methods[index].key_bytes)
		return -1;
	cipher->sectors = start(methods[index].sectors(), key, 0);
	if (methods[index].places)
		cipher->places = start(methods[index].places(), key, 1);
	if (methods[index].tweak_at)
		cipher->tweaks = start(methods[index].places(), key + methods[index].tweak_at, 1);
	return cipher->sectors && (cipher->places || !methods[index].places) &&
			       (cipher->tweaks || !methods[index].tweak_at)
		       ? 0
		       : -1;
}

void bitlocker_cipher_release(struct bitlocker_cipher *cipher)
{
	EVP_CIPHER_CTX_free(cipher->sectors);
	EVP_CIPHER_CTX_free(cipher->places);
	EVP_CIPHER_CTX_free(cipher->tweaks);
	*cipher = (struct bitlocker_cipher){ .method = 0 };
}

/* -------- the diffuser of Windows Vista and 7 -------- */

static uint32_t rotate(uint32_t word, unsigned bits)
{
	return bits ? word << bits | word >> (32 - bits) : word;
}

/* Niels Ferguson, AES-CBC + Elephant diffuser, 2006: B undone, then A. */
static void undo_diffusers(uint32_t *word, size_t count)
{
	static const unsigned by_a[4] = { 9, 0, 13, 0 }, by_b[4] = { 0, 10, 0, 25 };

	for (size_t i = 0; i < 3 * count; i++)
		word[i % count] += word[(i + 2) % count] ^ rotate(word[(i + 5) % count], by_b[i % 4]);
	for (size_t i = 0; i < 5 * count; i++)
		word[i % count] += word[(i + count - 2) % count] ^
				   rotate(word[(i + count - 5) % count], by_a[i % 4]);
}

static bool undo_elephant(struct bitlocker_cipher *cipher, const uint8_t place[16], uint8_t *sector)
{
	uint8_t  places[32], own[32];
	uint32_t words[WORDS_MAX];
	size_t   count = cipher->sector_bytes / 4;
	int      length;

	memcpy(places, place, 16);
	memcpy(places + 16, place, 16);
	places[31] = 0x80;
	if (EVP_CipherUpdate(cipher->tweaks, own, &length, places, sizeof places) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		words[i] = (uint32_t)sector[4 * i] | (uint32_t)sector[4 * i + 1] << 8 |
			   (uint32_t)sector[4 * i + 2] << 16 | (uint32_t)sector[4 * i + 3] << 24;
	undo_diffusers(words, count);
	for (size_t i = 0; i < 4 * count; i++)
		sector[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4)) ^ own[i % 32];
	return true;
}

/* -------- one sector -------- */

bool bitlocker_cipher_sector(struct bitlocker_cipher *cipher, uint64_t at, uint8_t *sector)
{
	uint64_t number = cipher->places ? at : at / cipher->sector_bytes;
	uint8_t  place[16] = { 0 }, vector[16];
	int      length;

	for (unsigned i = 0; i < 8; i++)
		place[i] = (uint8_t)(number >> 8 * i);
	memcpy(vector, place, sizeof vector);
	if (cipher->places && EVP_CipherUpdate(cipher->places, vector, &length, place, sizeof place) != 1)
		return false;
	if (EVP_CipherInit_ex(cipher->sectors, NULL, NULL, NULL, vector, -1) != 1 ||
	    EVP_CipherUpdate(cipher->sectors, sector, &length, sector, (int)cipher->sector_bytes) != 1)
		return false;
	return !cipher->tweaks || undo_elephant(cipher, place, sector);
}
