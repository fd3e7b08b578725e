/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sid.c - bytes and texts of well-known SIDs, as [MS-DTYP] 2.4.2 has them */
#include "recover/security/sid.h"
#include "tests/unit/unit.h"

struct known_sid {
	char    text[64];
	uint8_t bytes[32];
	size_t  size;
};

ParameterizedTestParameters(sid, bytes_and_text_are_one)
{
	static struct known_sid cases[] = {
		{ "S-1-1-0", { 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 }, 12 },
		{ "S-1-5-18", { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 }, 12 },
		{ "S-1-5-32-544", { 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0 }, 16 },
		{ "S-1-5-21-3623811015-3361044348-30300820-1013",
		  { 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0xc7, 0xf7, 0xfe, 0xd7, 0x7c, 0x77, 0x55, 0xc8, 0x94, 0x5a, 0xce,
		    0x01, 0xf5, 0x03, 0, 0 },
		  28 },
		{ "S-1-16", { 1, 0, 0, 0, 0, 0, 0, 16 }, 8 },
		{ "S-1-0x010000000000-7", { 1, 1, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0 }, 12 },
	};

	return CASES(struct known_sid, cases);
}

ParameterizedTest(struct known_sid *c, sid, bytes_and_text_are_one)
{
	struct blob  blob = blob_copy(c->bytes, c->size);
	struct bytes bytes = blob_bytes(blob, 0);
	struct sid   from_bytes, from_text;
	uint8_t      out[SID_BYTES_MAX];

	cr_assert(that(sid_take(&bytes, &from_bytes)));
	cr_expect(eq(sz, bytes.left, 0));
	cr_expect(eq(str, sid_text(&from_bytes).text, c->text));
	cr_assert(that(sid_parse(c->text, &from_text)));
	cr_expect(that(sid_equal(&from_bytes, &from_text)));
	cr_assert(eq(sz, sid_put(&from_text, out), c->size));
	cr_expect(that(memcmp(out, c->bytes, c->size) == 0));
	bytes = (struct bytes){ blob.at, blob.size - 1, 0 };
	cr_expect(that(!sid_take(&bytes, &from_bytes)), "one byte too few");
	free(blob.at);
}

struct bad_sid {
	char text[200];
};

ParameterizedTestParameters(sid, other_texts_are_none)
{
	static struct bad_sid cases[] = { { "" },
					  { "S" },
					  { "S-1" },
					  { "S-2-5-18" },
					  { "S-1-5-" },
					  { "S-1-5-18-" },
					  { "S-1-5-18 " },
					  { "S-1-5--18" },
					  { "S-1-5-+18" },
					  { "S-1-5-4294967296" },
					  { "S-1-281474976710656-1" },
					  { "S-1-5-0x12" },
					  { "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16" },
					  { "T-1-5-18" } };

	return CASES(struct bad_sid, cases);
}

ParameterizedTest(struct bad_sid *c, sid, other_texts_are_none)
{
	struct sid sid;

	cr_expect(that(!sid_parse(c->text, &sid)), "%s", c->text);
}

Test(sid, an_account_is_of_its_domain)
{
	struct sid domain, account, other;

	cr_assert(that(sid_parse("S-1-5-21-1-2-3", &domain) && sid_parse("s-1-5-21-1-2-3-500", &account) &&
		       sid_parse("S-1-5-21-1-2-4-500", &other)));
	cr_expect(that(sid_is_of(&account, &domain)));
	cr_expect(that(!sid_is_of(&other, &domain)));
	cr_expect(that(!sid_is_of(&domain, &domain)));
}
