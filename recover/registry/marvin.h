/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * marvin.h - Marvin32, the checksum of registry logs
 *
 * Format: 64 bits of state, each 32-bit number mixed in by rotations; the last bytes are followed by 0x80.
 */
#ifndef RECOVER_REGISTRY_MARVIN_H
#define RECOVER_REGISTRY_MARVIN_H

#include <stddef.h>
#include <stdint.h>

uint64_t marvin32(uint64_t seed, const uint8_t *data, size_t size);

#endif
