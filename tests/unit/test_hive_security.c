/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hive_security.c - a hive with three descriptors, put together by hand; what the user may do with each
 * key */
#include "recover/registry/hive_security.h"
#include "tests/unit/registry.h"

#include "recover/registry/hive_format.h"

#define SECURITY 0x1078u /* the fixture's descriptor, in the file */
#define USER "S-1-5-21-1-2-3-1001"
#define KEY_ALL 0xf003fu
#define KEY_READ 0x20019u

/* As [MS-DTYP] 2.4.2.2 has it. */
static const uint8_t user_bytes[] = { 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
				      0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0xe9, 3, 0, 0 };

#define SYSTEM 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 /* S-1-5-18 */

/* SYSTEM may do all and owns it; the one protected, the other by inheritance. */
static const uint8_t protected_bytes[] = {
	1, 0, 0x04, 0x90, 48, 0, 0, 0, 48, 0, 0, 0,  0, 0,    0, 0,    20, 0,      0,
	0, 2, 0,    28,   0,  1, 0, 0, 0,  0, 2, 20, 0, 0x3f, 0, 0x0f, 0,  SYSTEM, SYSTEM,
};
static const uint8_t inherited_bytes[] = {
	1, 0, 0x04, 0x84, 48, 0, 0, 0, 48, 0, 0,    0,  0, 0,    0, 0,    20, 0,      0,
	0, 2, 0,    28,   0,  1, 0, 0, 0,  0, 0x12, 20, 0, 0x3f, 0, 0x0f, 0,  SYSTEM, SYSTEM,
};

/* -------- a hive to begin with -------- */

enum { OF_ROOT, PROTECTED, INHERITED };

static const struct {
	const char *path;
	unsigned    security;
} keys[] = {
	{ "Environment", OF_ROOT },
	{ "Software", INHERITED },
	{ "Software\\App", INHERITED },
	{ "Software\\Policies", OF_ROOT },
	{ "Software\\Policies\\App", INHERITED },
	{ "Software\\Policies\\App\\Policies", OF_ROOT },
	{ "Software\\policiesmore", OF_ROOT },
	{ "Software\\Microsoft\\WINDOWS\\CurrentVersion\\policies", INHERITED },
	{ "Software\\Microsoft\\Policies", INHERITED },
	{ "Policies", INHERITED },
	{ "System", PROTECTED },
	{ "System\\Below", INHERITED },
	{ "System\\Same", PROTECTED },
};

/* Where a key's record begins, after the size of its cell. */
static uint8_t *key_at(struct blob blob, const char *path)
{
	struct hive  hive = hive_of(blob, false);
	hive_key     key;
	struct error err;

	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), path, &key, &err), 1), "%s", path);
	hive_close(&hive);
	cr_assert(that(memcmp(blob.at + key + 4, "nk", 2) == 0));
	return blob.at + key + 4;
}

static void put_security(uint8_t *cell, uint32_t next, uint32_t previous, const uint8_t *descriptor,
			 size_t size)
{
	put_le32(cell, -(uint32_t)((24 + size + 7) / 8 * 8));
	memcpy(cell + 4, "sk", 2);
	put_le32(cell + 8, next);
	put_le32(cell + 12, previous);
	put_le32(cell + 16, 1);
	put_le32(cell + 20, (uint32_t)size);
	memcpy(cell + 24, descriptor, size);
}

/* Those keys, in a hive with another bin for two more descriptors. */
static struct blob make_hive(void)
{
	struct blob  empty = hive_empty(), blob;
	struct hive  hive = hive_of(empty, true);
	uint32_t     cells[3] = { SECURITY - 0x1000 };
	uint8_t     *bin;
	struct error err;

	for (size_t i = 0; i < COUNT(keys); i++)
		hive_made(&hive, keys[i].path);
	blob = hive_saved(&hive);
	hive_close(&hive);
	free(empty.at);
	blob.at = realloc(blob.at, blob.size + 4096);
	bin = memset(blob.at + blob.size, 0, 4096);
	memcpy(bin, "hbin", 4);
	put_le32(bin + 4, (uint32_t)blob.size - 4096);
	put_le32(bin + 8, 4096);
	cells[1] = (uint32_t)blob.size - 4096 + 32;
	cells[2] = cells[1] + 88; /* 24 and 60 */
	put_security(bin + 32, cells[2], cells[0], protected_bytes, sizeof protected_bytes);
	put_security(bin + 120, cells[0], cells[1], inherited_bytes, sizeof inherited_bytes);
	put_le32(bin + 208, 4096 - 208);
	put_le32(blob.at + SECURITY + 8, cells[1]);
	put_le32(blob.at + SECURITY + 12, cells[2]);
	blob.size += 4096;
	put_le32(blob.at + 0x28, (uint32_t)blob.size - 4096);
	hive_seal(blob.at);
	for (size_t i = 0; i < COUNT(keys); i++)
		put_le32(key_at(blob, keys[i].path) + 0x2c, cells[keys[i].security]);
	cr_assert(eq(int, hive_walk(blob_bytes(blob, 0), NULL, &err), 0), "%s", err.text);
	return blob;
}

static void grant(struct blob *blob)
{
	struct sid   user;
	struct error err;

	cr_assert(that(sid_parse(USER, &user)));
	cr_assert(eq(int, hive_security_grant(&blob->at, &blob->size, &user, &err), 0), "%s", err.text);
	cr_assert(eq(int, hive_walk(blob_bytes(*blob, 0), NULL, &err), 0), "%s", err.text);
}

/* -------- what is in it -------- */

static const uint8_t *descriptor_of(struct blob blob, const char *path)
{
	return blob.at + 0x1000 + le32_at(key_at(blob, path) + 0x2c) + 24;
}

/* What the user's ACE allows, 0 without one, all bits if there are several or it is no plain one. */
static uint32_t allowed(const uint8_t *descriptor)
{
	const uint8_t *acl = descriptor + le32_at(descriptor + 16), *ace = acl + 8;
	uint32_t       mask = 0;

	for (unsigned i = 0; i < le16_at(acl + 4); i++, ace += le16_at(ace + 2))
		if (memcmp(ace + 8, user_bytes, sizeof user_bytes) == 0)
			mask = mask || ace[0] != 0 || ace[1] != 2 ? UINT32_MAX : le32_at(ace + 4);
	return mask;
}

static bool is_owned(const uint8_t *descriptor)
{
	return memcmp(descriptor + le32_at(descriptor + 4), user_bytes, sizeof user_bytes) == 0;
}

/* -------- what each key gets -------- */

struct secured {
	char     path[64];
	bool     root_protected;
	uint32_t allowed;
	bool     owned;
};

ParameterizedTestParameters(hive_security, a_key_is_the_users_or_to_be_read)
{
	static struct secured cases[] = {
		{ "", false, KEY_ALL, true },
		{ "Environment", false, KEY_ALL, false },
		{ "Software", false, KEY_ALL, false },
		{ "Software\\App", false, KEY_ALL, false },
		{ "Software\\Policies", false, KEY_READ, false },
		{ "Software\\Policies\\App", false, KEY_READ, false },
		{ "Software\\Policies\\App\\Policies", false, KEY_READ, false },
		{ "Software\\policiesmore", false, KEY_ALL, false },
		{ "Software\\Microsoft\\Windows", false, KEY_ALL, false },
		{ "Software\\Microsoft\\Windows\\CurrentVersion", false, KEY_ALL, false },
		{ "Software\\Microsoft\\Windows\\CurrentVersion\\Policies", false, KEY_READ, false },
		{ "Software\\Microsoft\\Policies", false, KEY_ALL, false },
		{ "Policies", false, KEY_ALL, false },
		{ "System", false, KEY_READ, false },
		{ "System\\Below", false, KEY_READ, false },
		{ "System\\Same", false, KEY_READ, false },
		/* what shares the root's descriptor is as the root */
		{ "", true, KEY_ALL, true },
		{ "Environment", true, KEY_ALL, false },
		{ "Software", true, KEY_ALL, false },
		{ "Software\\Policies", true, KEY_READ, false },
		{ "Software\\policiesmore", true, KEY_READ, false },
		{ "System", true, KEY_READ, false },
	};

	return CASES(struct secured, cases);
}

ParameterizedTest(struct secured *c, hive_security, a_key_is_the_users_or_to_be_read)
{
	struct blob hive = make_hive();

	if (c->root_protected)
		hive.at[SECURITY + 24 + 3] |= 0x10;
	cr_assert(eq(u32, allowed(descriptor_of(hive, c->path)), 0));
	grant(&hive);
	cr_expect(eq(u32, allowed(descriptor_of(hive, c->path)), c->allowed), "'%s'", c->path);
	cr_expect(that(is_owned(descriptor_of(hive, c->path)) == c->owned), "'%s'", c->path);
	free(hive.at);
}

/* -------- how it lies -------- */

/* How many keys have it, by its own word. */
static uint32_t users_at(struct blob blob, uint32_t cell)
{
	return le32_at(blob.at + 0x1000 + cell + 16);
}

/* root: all; Environment and above: all; read, of each of the three; inherited: all */
#define DESCRIPTORS 6u

Test(hive_security, the_ring_has_all_descriptors_and_counts_their_keys)
{
	struct blob hive = make_hive();
	uint32_t    first, at, counted = 0, users = 0;

	grant(&hive);
	at = first = le32_at(key_at(hive, "") + 0x2c);
	do {
		uint32_t next = le32_at(hive.at + 0x1000 + at + 8);

		cr_assert(that(memcmp(hive.at + 0x1000 + at + 4, "sk", 2) == 0));
		cr_assert(eq(u32, le32_at(hive.at + 0x1000 + next + 12), at));
		users += users_at(hive, at);
		at = next;
	} while (at != first && counted++ < 20);
	cr_expect(eq(u32, counted + 1, DESCRIPTORS));
	cr_expect(eq(u32, users, 17)); /* the keys above, three between them, and the root */
	cr_expect(eq(u32, users_at(hive, first), 1));
	free(hive.at);
}

Test(hive_security, old_cells_are_free_and_nothing_else_changes)
{
	struct blob before = make_hive(), hive = blob_copy(before.at, before.size);
	size_t      freed = 0;

	grant(&hive);
	cr_assert(eq(sz, hive.size, before.size + 4096));
	cr_expect(eq(u32, le32_at(hive.at + SECURITY), 0x80));
	for (size_t at = 0x1000; at < before.size; at += 8) {
		bool key = false;

		if (memcmp(before.at + at, hive.at + at, 8) == 0)
			continue;
		freed += memcmp(before.at + at + 4, "sk", 2) == 0;
		for (size_t back = 0x28; back <= 0x30; back += 8) /* a key's number of its descriptor */
			key = key || memcmp(before.at + at - back + 4, "nk", 2) == 0;
		cr_expect(that(key || memcmp(before.at + at + 4, "sk", 2) == 0), "%zx", at);
	}
	cr_expect(eq(sz, freed, 3));
	free(hive.at);
	free(before.at);
}

Test(hive_security, again_there_is_nothing_to_do)
{
	struct blob hive = make_hive(), before;

	grant(&hive);
	before = blob_copy(hive.at, hive.size);
	grant(&hive);
	cr_assert(eq(sz, hive.size, before.size));
	cr_expect(that(memcmp(hive.at, before.at, hive.size) == 0));
	free(hive.at);
	free(before.at);
}

/* -------- hives that are not as they should be -------- */

struct damage {
	char     what[40];
	size_t   at;
	uint32_t number;
	uint64_t offset; /* that is told */
};

ParameterizedTestParameters(hive_security, damage_is_refused)
{
	static struct damage cases[] = {
		{ "no hive", 0, 0, 0 },
		{ "fewer bytes than bins", 0x28, 0x100000, 0 },
		{ "a descriptor that is not sound", SECURITY + 24, 0x80040002, SECURITY + 24 },
		{ "a DACL outside", SECURITY + 24 + 16, 0x1000, SECURITY + 24 + 0x1000 },
		{ "a key without a descriptor", 0x1020 + 0x30, 0xffffffff, 0x1020 },
	};

	return CASES(struct damage, cases);
}

ParameterizedTest(struct damage *c, hive_security, damage_is_refused)
{
	struct blob  hive = make_hive();
	struct sid   user;
	struct error err;

	cr_assert(that(sid_parse(USER, &user)));
	put_le32(hive.at + c->at, c->number);
	hive_seal(hive.at);
	cr_expect(eq(int, hive_security_grant(&hive.at, &hive.size, &user, &err), -1), "%s", c->what);
	cr_expect(eq(u64, err.offset, c->offset), "%s: %s", c->what, err.text);
	free(hive.at);
}
