/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_security_descriptor.c - descriptors put together by hand after [MS-DTYP] 2.4.4 to 2.4.6 */
#include "recover/security/security_descriptor.h"
#include "tests/unit/unit.h"

#define EVERYONE 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 /* S-1-1-0 */
#define SYSTEM   1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 /* S-1-5-18 */
#define ADMINS   1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0 /* S-1-5-32-544 */
#define GUID     0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf

/* Owner SYSTEM, group Everyone; DACL: SYSTEM denied, an object ACE of SYSTEM, one of a type nobody knows, Everyone. */
static const uint8_t rich[] = {
	1, 0, 0x04, 0x80, 20, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0,
	SYSTEM,
	EVERYONE,
	4, 0, 100, 0, 4, 0, 0, 0,
	1, 0, 20, 0, 0xff, 0x01, 0x1f, 0x00, SYSTEM,
	5, 2, 40, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, GUID, SYSTEM,
	0x77, 0, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 3, 20, 0, 0xa9, 0x00, 0x12, 0x00, EVERYONE,
};

/* The same with Administrators in place of SYSTEM: four bytes more in each place; DACL first. */
static const uint8_t rich_changed[] = {
	1, 0, 0x04, 0x80, 128, 0, 0, 0, 144, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
	4, 0, 108, 0, 4, 0, 0, 0,
	1, 0, 24, 0, 0xff, 0x01, 0x1f, 0x00, ADMINS,
	5, 2, 44, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, GUID, ADMINS,
	0x77, 0, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	0, 3, 20, 0, 0xa9, 0x00, 0x12, 0x00, EVERYONE,
	ADMINS,
	EVERYONE,
};

static struct sid_change change_of(const char *from, const char *to)
{
	struct sid_change change;

	cr_assert(that(sid_parse(from, &change.from) && sid_parse(to, &change.to)));
	return change;
}

Test(security_descriptor, sids_are_changed_everywhere)
{
	struct blob       blob = blob_copy(rich, sizeof rich);
	struct sid_change change = change_of("S-1-5-18", "S-1-5-32-544");
	struct sid        owner;
	struct error      err;
	uint8_t          *made;
	size_t            size;

	cr_assert(eq(int, security_descriptor_check(blob_bytes(blob, 0), &err), 0), "%s", err.text);
	cr_assert(that(security_descriptor_owner(blob_bytes(blob, 0), &owner)));
	cr_expect(eq(str, sid_text(&owner).text, (char *)"S-1-5-18"));
	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), &change, 1, &made, &size, &err), 0), "%s", err.text);
	cr_assert(eq(sz, size, sizeof rich_changed));
	cr_expect(that(memcmp(made, rich_changed, size) == 0));
	free(made);
	free(blob.at);
}

Test(security_descriptor, back_again_is_what_it_was)
{
	struct blob       blob = blob_copy(rich_changed, sizeof rich_changed);
	struct sid_change change = change_of("S-1-5-32-544", "S-1-5-18"), again = change_of("S-1-5-18", "S-1-5-32-544");
	struct error      err;
	uint8_t          *shorter, *made;
	size_t            shorter_size, size;

	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), &change, 1, &shorter, &shorter_size, &err), 0));
	cr_expect(eq(sz, shorter_size, sizeof rich));
	cr_assert(eq(int, security_descriptor_change((struct bytes){ shorter, shorter_size, 0 }, &again, 1, &made, &size, &err),
		     0));
	cr_assert(eq(sz, size, sizeof rich_changed));
	cr_expect(that(memcmp(made, rich_changed, size) == 0));
	free(made);
	free(shorter);
	free(blob.at);
}

Test(security_descriptor, two_can_swap_and_others_are_left_alone)
{
	struct blob       blob = blob_copy(rich, sizeof rich);
	struct sid_change swap[2] = { change_of("S-1-5-18", "S-1-1-0"), change_of("S-1-1-0", "S-1-5-18") };
	struct sid_change other = change_of("S-1-5-19", "S-1-5-20");
	struct sid        owner;
	struct error      err;
	uint8_t          *made;
	size_t            size;

	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), swap, 2, &made, &size, &err), 0));
	cr_assert(eq(sz, size, sizeof rich));
	cr_assert(that(security_descriptor_owner((struct bytes){ made, size, 0 }, &owner)));
	cr_expect(eq(str, sid_text(&owner).text, (char *)"S-1-1-0"));
	free(made);
	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), &other, 1, &made, &size, &err), 0));
	cr_expect(eq(ptr, made, NULL));
	free(blob.at);
}

Test(security_descriptor, a_null_dacl_stays_one)
{
	static const uint8_t open[] = { 1, 0, 0x04, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SYSTEM };
	struct blob          blob = blob_copy(open, sizeof open);
	struct sid_change    change = change_of("S-1-5-18", "S-1-5-32-544");
	struct error         err;
	uint8_t             *made;
	size_t               size;

	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), &change, 1, &made, &size, &err), 0));
	cr_assert(eq(sz, size, 36));
	cr_expect(that(memcmp(made, "\1\0\4\x80\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20) == 0));
	free(made);
	free(blob.at);
}

Test(security_descriptor, an_offset_that_means_nothing_is_cleared)
{
	/* no SE_SACL_PRESENT: the SACL's offset is not to be looked at */
	static const uint8_t stale[] = { 1, 0, 0x00, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, SYSTEM };
	struct blob          blob = blob_copy(stale, sizeof stale);
	struct sid_change    change = change_of("S-1-5-18", "S-1-5-32-544");
	struct error         err;
	uint8_t             *made;
	size_t               size;

	cr_assert(eq(int, security_descriptor_change(blob_bytes(blob, 0), &change, 1, &made, &size, &err), 0));
	cr_expect(that(memcmp(made, "\1\0\0\x80\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20) == 0));
	free(made);
	free(blob.at);
}

Test(security_descriptor, no_shorter_one_is_sound)
{
	struct sid_change change = change_of("S-1-5-18", "S-1-5-32-544");

	for (size_t size = 0; size < sizeof rich; size++) {
		struct blob  blob = blob_copy(rich, size);
		struct error err;
		uint8_t     *made;
		size_t       made_size;

		cr_expect(eq(int, security_descriptor_check(blob_bytes(blob, 0), &err), -1), "%zu bytes", size);
		cr_expect(eq(int, security_descriptor_change(blob_bytes(blob, 0), &change, 1, &made, &made_size, &err), -1));
		cr_expect(eq(ptr, made, NULL));
		free(blob.at);
	}
}

struct damage {
	char    name[48];
	size_t  at;
	uint8_t value;
};

ParameterizedTestParameters(security_descriptor, damage_is_refused)
{
	static struct damage cases[] = {
		{ "another revision", 0, 2 },        { "not self-relative", 3, 0 },    { "owner outside", 4, 0xf0 },
		{ "owner that is no SID", 20, 3 },   { "DACL outside", 16, 0xf0 },     { "ACL smaller than its header", 46, 4 },
		{ "ACL larger than all", 46, 101 },  { "an ACE too many", 48, 5 },     { "ACE smaller than its header", 54, 3 },
		{ "ACE larger than its ACL", 54, 255 }, { "SID larger than its ACE", 61, 15 }, { "GUID without room", 80, 3 },
	};

	return CASES(struct damage, cases);
}

ParameterizedTest(struct damage *c, security_descriptor, damage_is_refused)
{
	struct blob  blob = blob_copy(rich, sizeof rich);
	struct error err;

	blob.at[c->at] = c->value;
	cr_expect(eq(int, security_descriptor_check(blob_bytes(blob, 0), &err), -1), "%s", c->name);
	free(blob.at);
}
