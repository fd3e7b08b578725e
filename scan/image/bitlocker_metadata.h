/* SPDX-License-Identifier: MIT */
/*
 * bitlocker_metadata.h - what a BitLocker volume says of itself
 *
 * Pure: bytes in, values out.  Format: libbde's documentation (BitLocker Drive Encryption format) for
 * Windows 7 and later; the identifier of volumes encrypted on write: cryptsetup, lib/bitlk.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_BITLOCKER_METADATA_H
#define SCAN_IMAGE_BITLOCKER_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITLOCKER_METADATA_BYTES 65536u /* of each of the three copies */
#define BITLOCKER_COPIES         3u
#define BITLOCKER_PROTECTORS_MAX 64u
#define BITLOCKER_SEALED_MAX     128u

/* The first sector. */
struct bitlocker_start {
	bool     on_write;    /* encrypted as it is written to: a map says which parts are */
	uint32_t sector_bytes;
	uint64_t metadata_at[BITLOCKER_COPIES]; /* bytes from the volume's start */
};

/* A key, sealed by another (AES-CCM). */
struct bitlocker_sealed {
	uint8_t nonce[12], tag[16];
	uint8_t bytes[BITLOCKER_SEALED_MAX];
	size_t  length; /* 0: there is none */
};

enum bitlocker_protection {
	BITLOCKER_CLEAR_KEY = 0x0000,
	BITLOCKER_RECOVERY = 0x0800,
	BITLOCKER_PASSWORD = 0x2000,
};

/* One of the ways to the volume's master key. */
struct bitlocker_protector {
	uint8_t                 id[16];
	uint16_t                protection;    /* enum bitlocker_protection, or another */
	uint8_t                 salt[16];      /* RECOVERY, PASSWORD */
	uint8_t                 clear_key[32]; /* CLEAR_KEY */
	bool                    has_clear_key;
	struct bitlocker_sealed master;
};

enum bitlocker_method {
	BITLOCKER_CBC_128_DIFFUSER = 0x8000,
	BITLOCKER_CBC_256_DIFFUSER,
	BITLOCKER_CBC_128,
	BITLOCKER_CBC_256,
	BITLOCKER_XTS_128,
	BITLOCKER_XTS_256,
};

struct bitlocker_metadata {
	uint16_t                   method;          /* enum bitlocker_method */
	uint64_t                   encrypted_bytes; /* from the start; what lies behind is plain */
	uint64_t                   header_at;       /* where the volume's first bytes lie, bytes */
	uint64_t                   header_bytes;
	uint64_t                   metadata_at[BITLOCKER_COPIES];
	struct bitlocker_protector protectors[BITLOCKER_PROTECTORS_MAX];
	size_t                     protector_count;
	struct bitlocker_sealed    volume_key;      /* sealed by the master key */
};

/* The first sector of a volume: false if it is none of BitLocker's, or of a version that is not known. */
bool bitlocker_start_decode(const uint8_t sector[512], struct bitlocker_start *start);

/* One copy of the metadata.  False if it makes no sense. */
bool bitlocker_metadata_decode(const uint8_t bytes[BITLOCKER_METADATA_BYTES], struct bitlocker_metadata *metadata);

#endif
