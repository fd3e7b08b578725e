/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * endian.h - little-endian numbers as they lie on disk
 *
 * Byte arrays: no padding, no alignment, no host byte order to forget.
 */
#ifndef CORE_ENDIAN_H
#define CORE_ENDIAN_H

#include <stdint.h>
#include <string.h>

struct le16 { uint8_t b[2]; };
struct le32 { uint8_t b[4]; };
struct le64 { uint8_t b[8]; };

static inline uint16_t le16_get(struct le16 x)
{
	return (uint16_t)(x.b[0] | x.b[1] << 8);
}

static inline uint32_t le32_get(struct le32 x)
{
	return (uint32_t)x.b[0] | (uint32_t)x.b[1] << 8 | (uint32_t)x.b[2] << 16 |
	       (uint32_t)x.b[3] << 24;
}

static inline uint64_t le64_get(struct le64 x)
{
	return (uint64_t)x.b[0] | (uint64_t)x.b[1] << 8 | (uint64_t)x.b[2] << 16 |
	       (uint64_t)x.b[3] << 24 | (uint64_t)x.b[4] << 32 | (uint64_t)x.b[5] << 40 |
	       (uint64_t)x.b[6] << 48 | (uint64_t)x.b[7] << 56;
}

static inline struct le16 le16_make(uint16_t x)
{
	return (struct le16){ { (uint8_t)x, (uint8_t)(x >> 8) } };
}

static inline struct le32 le32_make(uint32_t x)
{
	return (struct le32){ { (uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16), (uint8_t)(x >> 24) } };
}

static inline struct le64 le64_make(uint64_t x)
{
	return (struct le64){ { (uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16), (uint8_t)(x >> 24),
				(uint8_t)(x >> 32), (uint8_t)(x >> 40), (uint8_t)(x >> 48),
				(uint8_t)(x >> 56) } };
}

/* The same from raw bytes; the caller has made sure of two, four or eight. */
static inline uint16_t le16_at(const uint8_t *at)
{
	return le16_get((struct le16){ { at[0], at[1] } });
}

static inline uint32_t le32_at(const uint8_t *at)
{
	return le32_get((struct le32){ { at[0], at[1], at[2], at[3] } });
}

static inline uint64_t le64_at(const uint8_t *at)
{
	return (uint64_t)le32_at(at) | (uint64_t)le32_at(at + 4) << 32;
}

/* Into raw bytes, likewise. */
static inline void le16_put(uint8_t *at, uint16_t x)
{
	struct le16 disk = le16_make(x);

	memcpy(at, &disk, sizeof disk);
}

static inline void le32_put(uint8_t *at, uint32_t x)
{
	struct le32 disk = le32_make(x);

	memcpy(at, &disk, sizeof disk);
}

#endif
