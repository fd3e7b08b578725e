/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checksum.c - see checksum.h */
#include "core/checksum.h"

#include <xxhash.h>

uint64_t checksum(const void *data, size_t size_bytes)
{
	return XXH3_64bits(data, size_bytes);
}
