/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checksum.h - XXH3-64 (libxxhash): has something been torn or damaged?
 *
 * Fast, and no proof against forgery: for that there is digest.h.
 */
#ifndef CORE_CHECKSUM_H
#define CORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint64_t checksum(const void *data, size_t size_bytes);

#endif
