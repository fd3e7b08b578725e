/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64.h - bytes as text of 64 characters (RFC 4648)
 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Print @size_bytes of @data, with padding at the end: pieces that go together are multiples of 3. */
void base64_print(FILE *out, const uint8_t *data, size_t size_bytes);

#endif
