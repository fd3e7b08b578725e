/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_security_stream.c - expected values: libntfs-3g layout.h, SECURITY_DESCRIPTOR_HEADER; its security.c, hash */
#include "tests/unit/unit.h"

#include "scan/security_stream.h"

/* Put an entry of @words at @at whose header says @offset; bytes taken, aligned. */
static size_t put_entry(struct blob stream, size_t at, uint64_t offset, uint32_t id, const uint32_t *words,
			size_t count)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < count; i++) { /* rotate left by three, then add */
		hash = (hash << 3 | hash >> 29) + words[i];
		put_le32(stream.at + at + 0x14 + 4 * i, words[i]);
	}
	put_le32(stream.at + at, hash);
	put_le32(stream.at + at + 4, id);
	put_le64(stream.at + at + 8, offset);
	put_le32(stream.at + at + 0x10, (uint32_t)(0x14 + 4 * count));
	return (0x14 + 4 * count + 15) / 16 * 16;
}

static const uint32_t first[] = { 0x80040001, 0xdeadbeef, 0xffffffff }, second[] = { 1, 2, 3, 4, 5, 6, 7 };

Test(security_stream, entries_come_in_their_order)
{
	struct blob           stream = blob_zero(112);
	struct bytes          rest = blob_bytes(stream, 0);
	struct security_entry entry;
	size_t                at = put_entry(stream, 0, 0, 0x100, first, 3);

	at += 16; /* a gap */
	put_entry(stream, at, at, 0x101, second, 7);
	cr_assert(that(security_entry_next(&rest, &entry)));
	cr_expect(that(entry.id == 0x100 && entry.descriptor.left == 12 && entry.descriptor.at == stream.at + 0x14));
	cr_assert(that(security_entry_next(&rest, &entry)));
	cr_expect(that(entry.id == 0x101 && entry.descriptor.left == 28));
	cr_expect(that(!security_entry_next(&rest, &entry)));
	free(stream.at);
}

struct bad_security {
	const char *name;
	size_t      at;
	uint32_t    value;
};

Test(security_stream, what_is_no_entry_is_skipped)
{
	static const struct bad_security cases[] = {
		{ "wrong hash", 0, 5 },           { "no id", 4, 0 },
		{ "copy of another", 8, 0x40000 }, { "no descriptor", 0x10, 0x14 },
		{ "longer than the stream", 0x10, 0x8000 }, { "longer than descriptors are", 0x10, 0x10001 },
		{ "of nearly everything", 0x10, 0xffffffff }, { "torn descriptor", 0x18, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct blob           stream = blob_zero(80);
		struct bytes          rest = blob_bytes(stream, 0);
		struct security_entry entry;
		size_t                at = put_entry(stream, 0, 0, 0x100, first, 3);

		put_entry(stream, at, at, 0x101, second, 7);
		put_le32(stream.at + cases[i].at, cases[i].value);
		cr_assert(that(security_entry_next(&rest, &entry)), "%s", cases[i].name);
		cr_expect(eq(u32, entry.id, 0x101), "%s", cases[i].name);
		cr_expect(that(!security_entry_next(&rest, &entry)), "%s", cases[i].name);
		free(stream.at);
	}
}

Test(security_stream, no_prefix_is_read_past)
{
	struct blob whole = blob_zero(48);

	put_entry(whole, 0, 0, 0x100, second, 7);
	for (size_t size = 0; size <= 48; size++) {
		struct blob           cut = blob_copy(whole.at, size);
		struct bytes          rest = blob_bytes(cut, 0);
		struct security_entry entry;

		cr_expect(eq(int, security_entry_next(&rest, &entry), size >= 48), "%zu bytes", size);
		free(cut.at);
	}
	free(whole.at);
}
