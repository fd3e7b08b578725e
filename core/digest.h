/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest.h - SHA-256, and SHA-1 and MD5 where a format or a lab asks for them (OpenSSL's libcrypto)
 */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES    32
#define DIGEST_HEX_SIZE (2 * DIGEST_BYTES + 1)
#define SHA1_BYTES      20
#define MD5_BYTES       16

struct digest { void *context; }; /* zeroes: none */

/* Start, feed, end.  digest_start may be called again on the same object for the next input. */
MUST_CHECK int digest_start(struct digest *digest, struct error *err);
MUST_CHECK int digest_start_sha1(struct digest *digest, struct error *err); /* the sum has SHA1_BYTES then */
MUST_CHECK int digest_start_md5(struct digest *digest, struct error *err);  /* MD5_BYTES */
MUST_CHECK int digest_update(struct digest *digest, const void *data, size_t size_bytes, struct error *err);
MUST_CHECK int digest_end(struct digest *digest, uint8_t sum[DIGEST_BYTES], struct error *err);
void           digest_release(struct digest *digest);

/* Lower-case hexadecimal with its terminating zero; @hex has room for 2 * @bytes + 1. */
void digest_hex_of(const uint8_t *sum, size_t bytes, char *hex);
void digest_hex(const uint8_t sum[DIGEST_BYTES], char hex[DIGEST_HEX_SIZE]);

#endif
