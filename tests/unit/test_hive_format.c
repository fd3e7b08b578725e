/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hive_format.c - an empty hive, damaged in one number after the other; places as fixtures/hive.c lays
 * them */
#include "tests/unit/registry.h"

#include "recover/registry/hive_format.h"

#define ROOT 0x1020u /* cells, in the file */
#define SECURITY 0x1078u

static int walk(struct blob blob, struct error *err)
{
	return hive_walk(blob_bytes(blob, 0), NULL, err);
}

struct damage {
	char            what[40];
	size_t          at;
	uint32_t        number;
	enum error_kind kind;
	uint64_t        offset; /* that is told */
};

ParameterizedTestParameters(hive_format, damage_is_named_and_located)
{
	static struct damage cases[] = {
		{ "signature", 0, 0x67676572, ERROR_VALUE, 0 },
		{ "major version", 0x14, 2, ERROR_UNSUPPORTED, 0x14 },
		{ "version too old", 0x18, 2, ERROR_UNSUPPORTED, 0x14 },
		{ "version too new", 0x18, 7, ERROR_UNSUPPORTED, 0x14 },
		{ "a log", 0x1c, 1, ERROR_VALUE, 0x1c },
		{ "no bins", 0x28, 0, ERROR_BOUNDS, 0x28 },
		{ "half a page", 0x28, 2048, ERROR_BOUNDS, 0x28 },
		{ "more bins than bytes", 0x28, 8192, ERROR_BOUNDS, 0x28 },
		{ "root in a cell", 0x24, 0x28, ERROR_VALUE, ROOT + 8 },
		{ "root unaligned", 0x24, 0x21, ERROR_VALUE, ROOT + 1 },
		{ "root nowhere", 0x24, 0xffffffff, ERROR_VALUE, 0x100000fff },
		{ "root after the end", 0x24, 0x1000, ERROR_VALUE, 0x2000 },
		{ "bin signature", 0x1000, 0, ERROR_VALUE, 0x1000 },
		{ "bin place", 0x1004, 4096, ERROR_VALUE, 0x1000 },
		{ "bin of nothing", 0x1008, 0, ERROR_VALUE, 0x1000 },
		{ "bin of half a page", 0x1008, 2048, ERROR_VALUE, 0x1000 },
		{ "bin too large", 0x1008, 8192, ERROR_BOUNDS, 0x1000 },
		{ "cell of nothing", ROOT, 0, ERROR_VALUE, ROOT },
		{ "cell of four", ROOT, -4u, ERROR_VALUE, ROOT },
		{ "cell of an odd size", ROOT, -0x54u, ERROR_VALUE, ROOT },
		{ "cell larger than its bin", ROOT, -0xff8u, ERROR_VALUE, ROOT },
		{ "cell of the largest size", ROOT, 0x80000000, ERROR_VALUE, ROOT },
		{ "root is free", ROOT, 0x58, ERROR_VALUE, ROOT },
		{ "no key", ROOT + 4, 0x002c6b76, ERROR_VALUE, ROOT },
		{ "name too long", ROOT + 0x4c, 0x0d, ERROR_BOUNDS, ROOT + 0x50 },
		{ "subkeys without a list", ROOT + 0x18, 1, ERROR_VALUE, 0x100000fff },
		{ "values without a list", ROOT + 0x28, 1, ERROR_VALUE, 0x100000fff },
		{ "its own security", ROOT + 0x30, 0x20, ERROR_VALUE, ROOT },
		{ "security nobody knows", ROOT + 0x30, 0x28, ERROR_VALUE, ROOT + 8 },
		{ "no security", SECURITY + 4, 0, ERROR_VALUE, SECURITY },
		{ "next security is a key", SECURITY + 8, 0x20, ERROR_VALUE, ROOT },
		{ "previous security nowhere", SECURITY + 12, 0xfffffff0, ERROR_VALUE, 0x100000ff0 },
		{ "descriptor too large", SECURITY + 20, 0x69, ERROR_BOUNDS, SECURITY },
	};

	return CASES(struct damage, cases);
}

ParameterizedTest(struct damage *c, hive_format, damage_is_named_and_located)
{
	struct blob  hive = hive_empty();
	struct error err;

	put_le32(hive.at + c->at, c->number);
	hive_seal(hive.at);
	cr_assert(eq(int, walk(hive, &err), -1), "%s", c->what);
	cr_expect(eq(int, err.kind, c->kind), "%s: %s", c->what, err.text);
	cr_expect(eq(u64, err.offset, c->offset), "%s: %s", c->what, err.text);
	free(hive.at);
}

Test(hive_format, a_wide_name_has_whole_units)
{
	struct blob  hive = hive_empty();
	struct error err;

	put_le16(hive.at + ROOT + 6, 0x0c);
	cr_expect(eq(int, walk(hive, &err), 0)); /* four bytes, two units */
	put_le16(hive.at + ROOT + 0x4c, 3);
	cr_expect(eq(int, walk(hive, &err), -1));
	free(hive.at);
}

Test(hive_format, a_wrong_checksum_is_refused)
{
	struct blob  hive = hive_empty();
	struct error err;

	cr_expect(eq(int, walk(hive, &err), 0));
	hive.at[0x40] = 1;
	cr_expect(eq(int, walk(hive, &err), -1));
	cr_expect(eq(u64, err.offset, 0x1fc));
	free(hive.at);
}

Test(hive_format, any_cut_is_refused)
{
	struct blob  hive = hive_empty();
	struct error err;

	for (size_t size = 0; size < hive.size; size += size < 600 ? 1 : 61) {
		struct blob cut = blob_copy(hive.at, size);

		cr_expect(eq(int, walk(cut, &err), -1), "%zu", size);
		free(cut.at);
	}
	free(hive.at);
}

Test(hive_format, what_follows_the_last_bin_does_not_matter)
{
	struct blob  hive = hive_empty(), padded = blob_zero(HIVE_BYTES + 1000);
	struct error err;

	memcpy(padded.at, hive.at, hive.size);
	cr_expect(eq(int, walk(padded, &err), 0));
	free(padded.at);
	free(hive.at);
}

/* Where the list of a key's subkeys begins, after its size. */
static uint8_t *list_of(struct blob hive, const char *name)
{
	uint8_t *at = hive.at;

	do {
		at = memmem(at + 1, hive.size - (size_t)(at + 1 - hive.at), name, strlen(name));
		cr_assert(that(at != NULL));
	} while (memcmp(at - 0x4c, "nk", 2) != 0);
	return hive.at + 4096 + le32_at(at - 0x4c + 0x1c) + 4;
}

Test(hive_format, a_key_below_itself_is_refused)
{
	struct blob  empty = hive_empty(), hive = hive_with_key(empty, "First\\Second");
	struct error err;

	cr_assert(eq(int, walk(hive, &err), 0));
	put_le32(list_of(hive, "First") + 4, 0x20);
	cr_expect(eq(int, walk(hive, &err), -1));
	cr_expect(eq(u64, err.offset, ROOT));
	free(hive.at);
	free(empty.at);
}

Test(hive_format, a_list_that_is_longer_than_it_should_be_is_refused)
{
	struct blob  empty = hive_empty(), hive = hive_with_key(empty, "First\\Second");
	struct error err;

	put_le16(list_of(hive, "First") + 2, 0);
	cr_expect(eq(int, walk(hive, &err), -1));
	put_le16(list_of(hive, "First") + 2, 2);
	cr_expect(eq(int, walk(hive, &err), -1));
	free(hive.at);
	free(empty.at);
}

/* Keys below one another, each a list and a key, without end: as deep as Windows goes, and no deeper. */
Test(hive_format, depth_is_bounded)
{
	struct blob  empty = hive_empty();
	struct hive  hive = hive_of(empty, true);
	hive_key     key = hive_root(&hive);
	uint8_t     *bytes;
	size_t       size;
	struct error err;

	for (unsigned i = 0; i < HIVE_DEPTH_MAX; i++)
		cr_assert(eq(int, hive_make_key(&hive, key, "k", &key, &err), 0));
	free(hive_saved(&hive).at);
	cr_assert(eq(int, hive_make_key(&hive, key, "k", &key, &err), 0));
	cr_expect(eq(int, hive_save(&hive, &bytes, &size, &err), -1));
	hive_close(&hive);
	free(empty.at);
}

/* Two values that are one: hivex would forget it twice, and end the program. */
Test(hive_format, a_cell_that_is_used_twice_is_refused)
{
	struct blob           empty = hive_empty(), blob;
	struct hive           hive = hive_of(empty, true);
	struct registry_value values[2];
	struct error          err;
	uint8_t              *list;

	for (size_t i = 0; i < COUNT(values); i++)
		cr_assert(eq(int, registry_value_make_dword(&values[i], i ? "b" : "a", 1, &err), 0));
	cr_assert(eq(int, hive_set_values(&hive, hive_root(&hive), values, COUNT(values), &err), 0));
	blob = hive_saved(&hive);
	list = blob.at + 4096 + le32_at(blob.at + ROOT + 4 + 0x28) + 4;
	cr_assert(eq(int, walk(blob, &err), 0));
	put_le32(list + 4, le32_at(list));
	cr_expect(eq(int, walk(blob, &err), -1));
	cr_expect(eq(u64, err.offset, 4096 + le32_at(list)));
	for (size_t i = 0; i < COUNT(values); i++)
		registry_value_release(&values[i]);
	hive_close(&hive);
	free(blob.at);
	free(empty.at);
}
