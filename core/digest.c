/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest.c - see digest.h */
#include "core/digest.h"

#include <openssl/evp.h>

static int digest_failed(struct error *err)
{
	return error_set(err, ERROR_MEMORY, NULL, "digests are not available from libcrypto");
}

static int start(struct digest *digest, const EVP_MD *kind, struct error *err)
{
	if (!digest->context)
		digest->context = EVP_MD_CTX_new();
	if (!digest->context || EVP_DigestInit_ex(digest->context, kind, NULL) != 1)
		return digest_failed(err);
	return 0;
}

int digest_start(struct digest *digest, struct error *err)
{
	return start(digest, EVP_sha256(), err);
}

int digest_start_sha1(struct digest *digest, struct error *err)
{
	return start(digest, EVP_sha1(), err);
}

int digest_start_md5(struct digest *digest, struct error *err)
{
	return start(digest, EVP_md5(), err);
}

int digest_update(struct digest *digest, const void *data, size_t size_bytes, struct error *err)
{
	return EVP_DigestUpdate(digest->context, data, size_bytes) == 1 ? 0 : digest_failed(err);
}

int digest_end(struct digest *digest, uint8_t sum[DIGEST_BYTES], struct error *err)
{
	return EVP_DigestFinal_ex(digest->context, sum, NULL) == 1 ? 0 : digest_failed(err);
}

void digest_release(struct digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
}

void digest_hex_of(const uint8_t *sum, size_t bytes, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[2 * bytes] = 0;
}

void digest_hex(const uint8_t sum[DIGEST_BYTES], char hex[DIGEST_HEX_SIZE])
{
	digest_hex_of(sum, DIGEST_BYTES, hex);
}
