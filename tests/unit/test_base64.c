/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_base64.c - the vectors of RFC 4648, section 10, and all 64 characters */
#include "core/base64.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const void *data, size_t size, const char *wanted)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	base64_print(out, data, size);
	fclose(out);
	cr_expect_str_eq(text, wanted);
	free(text);
}

Test(base64, vectors_of_the_rfc)
{
	static const char *const wanted[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		expect("foobar", i, wanted[i]);
}

Test(base64, all_characters)
{
	/* 0, 1, 2, ... 63 in six bits each */
	static const uint8_t all[] = {
		0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8b, 0x30, 0xd3, 0x8f, 0x41, 0x14, 0x93, 0x51,
		0x55, 0x97, 0x61, 0x96, 0x9b, 0x71, 0xd7, 0x9f, 0x82, 0x18, 0xa3, 0x92, 0x59, 0xa7, 0xa2, 0x9a,
		0xab, 0xb2, 0xdb, 0xaf, 0xc3, 0x1c, 0xb3, 0xd3, 0x5d, 0xb7, 0xe3, 0x9e, 0xbb, 0xf3, 0xdf, 0xbf,
	};

	expect(all, sizeof all, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}
