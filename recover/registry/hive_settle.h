/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_settle.h - what hivex leaves undone, so that Windows finds what was written
 *
 * hivex stores any value in one cell, where Windows wants segments from 16344 bytes on; it hashes and sorts
 * the names of keys as bytes of UTF-8, and makes hash lists where the hive's version has none; it leaves
 * lists without an entry behind when keys are deleted.
 */
#ifndef RECOVER_REGISTRY_HIVE_SETTLE_H
#define RECOVER_REGISTRY_HIVE_SETTLE_H

#include "core/error.h"
#include "scan/upcase.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Put that right in the bytes of a hive, which are sound by hive_walk.
 * @bytes, @size  from malloc; both can change
 * @old_bytes     of the hive before hivex changed it: what lies after them is hivex's
 * Returns 0, or -1; the bytes are then good for nothing.
 */
MUST_CHECK int hive_settle(uint8_t **bytes, size_t *size, size_t old_bytes, const struct upcase *upcase,
			   struct error *err);

#endif
