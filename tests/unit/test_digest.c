/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_digest.c - expected values: FIPS 180-2, appendix B */
#include "tests/unit/unit.h"

#include "core/digest.h"

static void expect_digest(const char *text, size_t times, const char *wanted)
{
	struct digest digest = { 0 };
	struct error  err;
	uint8_t       sum[DIGEST_BYTES];
	char          hex[DIGEST_HEX_SIZE];

	for (unsigned round = 0; round < 2; round++) { /* the same object again */
		cr_assert(eq(int, digest_start(&digest, &err), 0));
		for (size_t i = 0; i < times; i++)
			cr_assert(eq(int, digest_update(&digest, text, strlen(text), &err), 0));
		cr_assert(eq(int, digest_end(&digest, sum, &err), 0));
		digest_hex(sum, hex);
		cr_expect(eq(str, hex, (char *)wanted));
	}
	digest_release(&digest);
}

Test(digest, known_answers)
{
	expect_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_digest("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect_digest("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
