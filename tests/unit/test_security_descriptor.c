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

/* -------- grants -------- */

#define USER       1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xe9, 3, 0, 0
#define USER_TEXT  "S-1-5-21-1-2-3-1001"
#define ALL        0x3f, 0, 0x0f, 0
#define READ       0x19, 0, 2, 0
#define DENIED     1, 2, 20, 0, ALL, EVERYONE
#define ALLOWED    0, 2, 20, 0, ALL, SYSTEM
#define INHERITED  0, 0x12, 24, 0, ALL, ADMINS
#define GRANTED    0, 2, 36, 0, ALL, USER
#define ONE(...)   { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

/* ACEs of a DACL, before and after; none after: it stays as it is. */
struct granted {
	char    name[40];
	uint8_t before[128];
	size_t  before_size;
	uint8_t count;
	uint8_t after[160];
	size_t  after_size;
};

ParameterizedTestParameters(security_descriptor, an_ace_is_added_where_it_belongs)
{
	static struct granted cases[] = {
		{ "to none", { 0 }, 0, 0, ONE(GRANTED) },
		{ "at the end", ONE(DENIED, ALLOWED), 2, ONE(DENIED, ALLOWED, GRANTED) },
		{ "before what is inherited", ONE(DENIED, ALLOWED, INHERITED), 3, ONE(DENIED, ALLOWED, GRANTED, INHERITED) },
		{ "to inherited ones alone", ONE(INHERITED, INHERITED), 2, ONE(GRANTED, INHERITED, INHERITED) },
		{ "behind the room of none", ONE(ALLOWED, 0, 0, 0, 0), 1, ONE(ALLOWED, GRANTED, 0, 0, 0, 0) },
		{ "already there", ONE(ALLOWED, GRANTED), 2, { 0 }, 0 },
		{ "already inherited", ONE(ALLOWED, 0, 0x12, 36, 0, ALL, USER), 2, { 0 }, 0 },
		{ "more is there", ONE(0, 2, 36, 0, 0xff, 0, 0x0f, 0, USER), 1, { 0 }, 0 },
		{ "less is there", ONE(0, 2, 36, 0, READ, USER), 1, ONE(0, 2, 36, 0, READ, USER, GRANTED) },
		{ "there for what is below alone", ONE(0, 0x0a, 36, 0, ALL, USER), 1, ONE(0, 0x0a, 36, 0, ALL, USER, GRANTED) },
		{ "there for itself alone", ONE(0, 0, 36, 0, ALL, USER), 1, ONE(0, 0, 36, 0, ALL, USER, GRANTED) },
		{ "denied", ONE(1, 2, 36, 0, ALL, USER), 1, ONE(1, 2, 36, 0, ALL, USER, GRANTED) },
		{ "audited", ONE(2, 2, 36, 0, ALL, USER), 1, ONE(2, 2, 36, 0, ALL, USER, GRANTED) },
	};

	return CASES(struct granted, cases);
}

/* A descriptor with a DACL, and SYSTEM as owner behind it. */
static struct blob with_dacl(const uint8_t *aces, size_t size, unsigned count)
{
	static const uint8_t header[20] = { 1, 0, 0x04, 0x84 }, system[] = { SYSTEM };
	struct blob          blob = blob_zero(28 + size + sizeof system);

	memcpy(blob.at, header, sizeof header);
	put_le32(blob.at + 4, (uint32_t)(28 + size));
	put_le32(blob.at + 16, 20);
	blob.at[20] = 2;
	put_le16(blob.at + 22, (uint16_t)(8 + size));
	put_le16(blob.at + 24, (uint16_t)count);
	memcpy(blob.at + 28, aces, size);
	memcpy(blob.at + 28 + size, system, sizeof system);
	return blob;
}

static struct security_grant grant_of(uint32_t access)
{
	struct security_grant grant = { .access = access, .flags = ACE_FOR_FOLDERS };

	cr_assert(that(sid_parse(USER_TEXT, &grant.sid)));
	return grant;
}

ParameterizedTest(struct granted *c, security_descriptor, an_ace_is_added_where_it_belongs)
{
	struct blob           blob = with_dacl(c->before, c->before_size, c->count);
	struct blob           wanted = with_dacl(c->after, c->after_size, c->count + 1u);
	struct security_grant grant = grant_of(0xf003f);
	struct error          err;
	uint8_t              *made;
	size_t                size;

	cr_assert(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, NULL, &made, &size, &err), 0), "%s: %s",
		  c->name, err.text);
	cr_assert(eq(sz, size, c->after_size ? wanted.size : 0), "%s", c->name);
	cr_expect(that(size == 0 || memcmp(made, wanted.at, size) == 0), "%s", c->name);
	free(made);
	free(wanted.at);
	free(blob.at);
}

Test(security_descriptor, the_owner_changes_and_what_has_no_dacl_gets_none)
{
	static const uint8_t  open[] = { 1, 0, 0x04, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SYSTEM };
	static const uint8_t  wanted[] = { 1, 0, 0x04, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, USER };
	struct blob           blob = blob_copy(open, sizeof open);
	struct security_grant grant = grant_of(0xf003f);
	struct error          err;
	uint8_t              *made;
	size_t                size;

	cr_assert(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, NULL, &made, &size, &err), 0));
	cr_expect(eq(ptr, made, NULL));
	cr_assert(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, &grant.sid, &made, &size, &err), 0));
	cr_assert(eq(sz, size, sizeof wanted));
	cr_expect(that(memcmp(made, wanted, size) == 0));
	free(blob.at);
	blob = (struct blob){ made, size };
	cr_assert(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, &grant.sid, &made, &size, &err), 0));
	cr_expect(eq(ptr, made, NULL));
	free(blob.at);
}

Test(security_descriptor, who_has_no_owner_gets_one)
{
	static const uint8_t  none[] = { 1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct blob           blob = blob_copy(none, sizeof none);
	struct security_grant grant = grant_of(0xf003f);
	struct sid            owner;
	struct error          err;
	uint8_t              *made;
	size_t                size;

	cr_assert(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, &grant.sid, &made, &size, &err), 0));
	cr_assert(that(security_descriptor_owner((struct bytes){ made, size, 0 }, &owner)));
	cr_expect(eq(str, sid_text(&owner).text, (char *)USER_TEXT));
	free(made);
	free(blob.at);
}

Test(security_descriptor, an_acl_that_is_full_takes_no_more)
{
	struct blob           full = blob_zero(65532 - 8); /* as large as a number says, and whole ACEs */
	struct security_grant grant = grant_of(0xf003f);
	struct blob           blob;
	struct error          err;
	uint8_t              *made;
	size_t                size;

	blob = with_dacl(full.at, full.size - 64, 0);
	cr_expect(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, NULL, &made, &size, &err), 0), "%s", err.text);
	free(made);
	free(blob.at);
	blob = with_dacl(full.at, full.size - 8, 0);
	cr_expect(eq(int, security_descriptor_grant(blob_bytes(blob, 0), &grant, NULL, &made, &size, &err), -1));
	cr_expect(eq(ptr, made, NULL));
	free(blob.at);
	free(full.at);
}

Test(security_descriptor, one_is_made_of_grants)
{
	static const uint8_t  wanted[] = { 1, 0, 0x04, 0x90, 84, 0, 0, 0, 96, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
					   2, 0, 64, 0, 2, 0, 0, 0,
					   0, 3, 20, 0, 0xff, 1, 0x1f, 0, SYSTEM,
					   0, 2, 36, 0, ALL, USER,
					   SYSTEM, SYSTEM };
	struct security_grant grants[2] = { { .access = 0x1f01ff, .flags = ACE_FOR_FILES | ACE_FOR_FOLDERS },
					    grant_of(0xf003f) };
	struct error          err;
	uint8_t              *made;
	size_t                size;

	cr_assert(that(sid_parse("S-1-5-18", &grants[0].sid)));
	cr_assert(eq(int, security_descriptor_make(&grants[0].sid, grants, 2, &made, &size, &err), 0));
	cr_assert(eq(sz, size, sizeof wanted));
	cr_expect(that(memcmp(made, wanted, size) == 0));
	cr_expect(that(security_descriptor_is_protected((struct bytes){ made, size, 0 })));
	cr_expect(eq(int, security_descriptor_check((struct bytes){ made, size, 0 }, &err), 0));
	cr_expect(that(!security_descriptor_is_protected((struct bytes){ rich, sizeof rich, 0 })));
	cr_expect(that(!security_descriptor_is_protected((struct bytes){ made, 19, 0 })));
	free(made);
}
