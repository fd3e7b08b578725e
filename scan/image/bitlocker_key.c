/* SPDX-License-Identifier: MIT */
/* bitlocker_key.c - see bitlocker_key.h; MIT, for the reason told in protocol.h */
#include "scan/image/bitlocker_key.h"

#include "scan/image/protocol.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define KEY_HEAD_BYTES 12u      /* before a key that was sealed: length, type, value, version, method */
#define STRETCH_ROUNDS 0x100000

/* -------- unsealing -------- */

/* AES-256-CCM: the tag proves the key.  @bytes has room for what was sealed. */
static bool unseal(const struct bitlocker_sealed *sealed, const uint8_t key[32], uint8_t *bytes)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int             length = 0;
	bool            good;

	good = context && sealed->length &&
	       EVP_DecryptInit_ex(context, EVP_aes_256_ccm(), NULL, NULL, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, sizeof sealed->nonce, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof sealed->tag, (void *)sealed->tag) == 1 &&
	       EVP_DecryptInit_ex(context, NULL, NULL, key, sealed->nonce) == 1 &&
	       EVP_DecryptUpdate(context, bytes, &length, sealed->bytes, (int)sealed->length) == 1 &&
	       (size_t)length == sealed->length;
	EVP_CIPHER_CTX_free(context);
	return good;
}

/* -------- stretching -------- */

/* SHA-256 over and over, so that guessing takes long. */
static void stretch(const uint8_t hash[32], const uint8_t salt[16], uint8_t key[32])
{
	struct {
		uint8_t last[32], first[32], salt[16], round[8];
	} state = { .round = { 0 } };
	static_assert(sizeof state == 88, "state of stretching");

	memcpy(state.first, hash, sizeof state.first);
	memcpy(state.salt, salt, sizeof state.salt);
	for (uint32_t i = 0; i < STRETCH_ROUNDS; i++) {
		for (unsigned j = 0; j < 4; j++)
			state.round[j] = (uint8_t)(i >> 8 * j);
		SHA256((const uint8_t *)&state, sizeof state, state.last);
	}
	memcpy(key, state.last, sizeof state.last);
	explicit_bzero(&state, sizeof state);
}

/* Eight groups of six digits: each is a number of 16 bits times eleven. */
static bool recovery_hash(const char *text, uint8_t hash[32])
{
	uint8_t bytes[16];

	for (size_t group = 0; group < 8; group++) {
		char         *end;
		unsigned long number = strtoul(text, &end, 10);

		if (end - text != 6 || number % 11 || number / 11 > UINT16_MAX || *end != (group < 7 ? '-' : 0))
			return false;
		bytes[2 * group] = (uint8_t)(number / 11);
		bytes[2 * group + 1] = (uint8_t)(number / 11 >> 8);
		text = end + 1;
	}
	SHA256(bytes, sizeof bytes, hash);
	explicit_bzero(bytes, sizeof bytes);
	return true;
}

/* One character of UTF-8; 0 at the end and for what is none. */
static uint32_t next_character(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;
	size_t         more = *at < 0x80 ? 0 : *at >= 0xf0 && *at < 0xf8 ? 3 : *at >= 0xe0 ? 2 : 1;
	uint32_t       character = more ? *at & (0x3fu >> more) : *at;

	if (*at >= 0xf8 || (*at >= 0x80 && *at < 0xc0))
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (at[i] & 0x3f);
	}
	*text += 1 + more;
	return character;
}

/* A password counts as UTF-16, little-endian, without an end. */
static bool password_hash(const char *text, uint8_t hash[32])
{
	uint8_t *units = malloc(2 * strlen(text) + 2);
	size_t   bytes = 0, room = 2 * strlen(text);

	if (!units)
		return false;
	while (*text) {
		uint32_t character = next_character(&text), low = 0;

		if (!character)
			break;
		if (character >= 0x10000) {
			low = 0xdc00 | (character & 0x3ff);
			character = 0xd7c0 + (character >> 10);
		}
		units[bytes++] = (uint8_t)character;
		units[bytes++] = (uint8_t)(character >> 8);
		if (low) {
			units[bytes++] = (uint8_t)low;
			units[bytes++] = (uint8_t)(low >> 8);
		}
	}
	SHA256(units, bytes, hash);
	SHA256(hash, 32, hash);
	explicit_bzero(units, room);
	free(units);
	return !*text;
}

/* -------- public -------- */

bool bitlocker_master_key(const struct bitlocker_protector *protector, const char *key,
			  uint8_t master[BITLOCKER_MASTER_BYTES])
{
	uint8_t hash[32], stretched[32], bytes[BITLOCKER_SEALED_MAX];
	bool    good = protector->master.length == KEY_HEAD_BYTES + BITLOCKER_MASTER_BYTES;

	if (!key) {
		good = good && protector->has_clear_key;
		memcpy(stretched, protector->clear_key, sizeof stretched);
	} else {
		bool recovery = *key == IMAGE_KEY_RECOVERY;

		good = good && protector->protection == (recovery ? BITLOCKER_RECOVERY : BITLOCKER_PASSWORD) &&
		       (recovery ? recovery_hash(key + 1, hash) : password_hash(key + 1, hash));
		if (good)
			stretch(hash, protector->salt, stretched);
	}
	good = good && unseal(&protector->master, stretched, bytes);
	if (good)
		memcpy(master, bytes + KEY_HEAD_BYTES, BITLOCKER_MASTER_BYTES);
	explicit_bzero(hash, sizeof hash);
	explicit_bzero(stretched, sizeof stretched);
	explicit_bzero(bytes, sizeof bytes);
	return good;
}

size_t bitlocker_volume_key(const struct bitlocker_metadata *metadata, const uint8_t master[BITLOCKER_MASTER_BYTES],
			    uint8_t key[BITLOCKER_VOLUME_KEY_MAX])
{
	uint8_t bytes[BITLOCKER_SEALED_MAX];
	size_t  length = metadata->volume_key.length;

	if (length <= KEY_HEAD_BYTES || length - KEY_HEAD_BYTES > BITLOCKER_VOLUME_KEY_MAX ||
	    !unseal(&metadata->volume_key, master, bytes))
		return 0;
	length -= KEY_HEAD_BYTES;
	memset(key, 0, BITLOCKER_VOLUME_KEY_MAX);
	memcpy(key, bytes + KEY_HEAD_BYTES, length);
	explicit_bzero(bytes, sizeof bytes);
	return length;
}
