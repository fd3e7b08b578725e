/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64.c - see base64.h */
#include "core/base64.h"

void base64_print(FILE *out, const uint8_t *data, size_t size_bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size_bytes; i += 3) {
		size_t   n = size_bytes - i < 3 ? size_bytes - i : 3;
		uint32_t three = (uint32_t)data[i] << 16;
		char     four[4];

		if (n > 1)
			three |= (uint32_t)data[i + 1] << 8;
		if (n > 2)
			three |= data[i + 2];
		four[0] = digits[three >> 18];
		four[1] = digits[three >> 12 & 63];
		four[2] = n > 1 ? digits[three >> 6 & 63] : '=';
		four[3] = n > 2 ? digits[three & 63] : '=';
		fwrite(four, 1, sizeof four, out);
	}
}
