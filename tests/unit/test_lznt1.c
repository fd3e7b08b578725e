/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lznt1.c - expected values: [MS-XCA] 2.5 and 3.3; a stream that Windows compressed */
#include "tests/unit/unit.h"

#include "scan/lznt1.h"

static int decompress(struct blob packed, struct blob plain, size_t *filled, struct error *err)
{
	return lznt1_decompress(blob_bytes(packed, 0x700), plain.at, plain.size, filled, err);
}

Test(lznt1, documented_example) /* [MS-XCA] 3.3 */
{
	static const uint8_t example[] = {
		0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41, 0x00, 0x10, 0xa2, 0x47,
		0x01, 0xa0, 0x45, 0x20, 0x44, 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xc0, 0x45, 0x20,
		0x05, 0x24, 0x13, 0x88, 0x05, 0xb4, 0x02, 0x4a, 0x44, 0xef, 0x03, 0x58, 0x02, 0x8c, 0x09,
		0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04, 0x01, 0x18, 0x90, 0x00,
	};
	static const char wanted[142] =
		"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E F# D E F# G F# D E "
		"F# G F# E D E A F# F# G A A G F# E D D E F# E D D";
	struct blob  packed = blob_copy(example, sizeof example), plain = blob_zero(sizeof wanted);
	size_t       filled;
	struct error err;

	cr_assert(eq(int, decompress(packed, plain, &filled, &err), 0), "%s", err.text);
	cr_expect(that(memcmp(plain.at, wanted, sizeof wanted) == 0));
	free(packed.at);
	free(plain.at);
}

Test(lznt1, windows_stream)
{
	struct blob  packed = sample_load("ntfs/securityronin/lznt1_real.bin");
	struct blob  wanted = sample_load("ntfs/securityronin/lznt1_real.expected");
	struct blob  plain = blob_zero(4096);
	size_t       filled;
	struct error err;

	cr_assert(eq(int, decompress(packed, plain, &filled, &err), 0), "%s", err.text);
	cr_expect(that(memcmp(plain.at, wanted.at, wanted.size) == 0));
	free(packed.at);
	free(wanted.at);
	free(plain.at);
}

struct packed {
	char    name[40];
	uint8_t raw[16];
	uint8_t size;
	uint8_t room;    /* of the plain bytes */
	int     result;
	uint8_t plain[16];
};

ParameterizedTestParameters(lznt1, small_streams)
{
	static struct packed cases[] = {
		{ "nothing", { 0 }, 0, 4, 0, { 0 } },
		{ "end marker", { 0, 0, 1, 0xb0, 0 }, 5, 4, 0, { 0 } },
		{ "half a header", { 0x01 }, 1, 4, 0, { 0 } },
		{ "stored", { 2, 0x30, 'a', 'b', 'c' }, 5, 3, 0, "abc" },
		{ "stored, zeros behind it", { 1, 0x30, 'a', 'b' }, 4, 6, 0, "ab" },
		{ "literals", { 3, 0xb0, 0, 'a', 'b', 'c' }, 6, 3, 0, "abc" },
		{ "match that overlaps itself", { 3, 0xb0, 2, 'a', 2, 0 }, 6, 6, 0, "aaaaaa" },
		{ "match two back", { 4, 0xb0, 4, 'a', 'b', 0x01, 0x10 }, 7, 6, 0, "ababab" },
		{ "wrong chunk signature", { 3, 0xa0, 0, 'a', 'b', 'c' }, 6, 3, -1, { 0 } },
		{ "chunk leaves the unit", { 4, 0xb0, 0, 'a', 'b', 'c' }, 6, 3, -1, { 0 } },
		{ "match before the chunk", { 3, 0xb0, 2, 'a', 0, 0x10 }, 6, 6, -1, { 0 } },
		{ "match at the very start", { 2, 0xb0, 1, 0, 0 }, 5, 6, -1, { 0 } },
		{ "match behind the room", { 3, 0xb0, 2, 'a', 2, 0 }, 6, 5, -1, { 0 } },
		{ "chunk ends inside a match", { 2, 0xb0, 2, 'a', 0 }, 5, 6, -1, { 0 } },
		{ "literals behind the room", { 3, 0xb0, 0, 'a', 'b', 'c' }, 6, 2, -1, { 0 } },
		{ "stored behind the room", { 2, 0x30, 'a', 'b', 'c' }, 5, 2, -1, { 0 } },
	};
	return CASES(struct packed, cases);
}

ParameterizedTest(struct packed *c, lznt1, small_streams)
{
	struct blob  packed = blob_copy(c->raw, c->size), plain = blob_zero(c->room);
	size_t       filled = 99;
	struct error err;

	memset(plain.at, 0xee, plain.size);
	cr_assert(eq(int, decompress(packed, plain, &filled, &err), c->result), "%s", c->name);
	if (c->result == 0)
		cr_expect(that(memcmp(plain.at, c->plain, c->room) == 0), "%s", c->name);
	else
		cr_expect(that((err.kind == ERROR_VALUE || err.kind == ERROR_BOUNDS) && err.offset >= 0x700), "%s",
			  c->name);
	free(packed.at);
	free(plain.at);
}

/* -------- laws -------- */

static size_t longest_match(const uint8_t *plain, size_t at, size_t end, size_t reach, size_t longest, size_t *distance)
{
	size_t best = 0;

	for (size_t back = 1; back <= reach; back++) {
		size_t length = 0;

		while (at + length < end && length < longest && plain[at + length] == plain[at + length - back])
			length++;
		if (length > best) {
			best = length;
			*distance = back;
		}
	}
	return best;
}

/*
 * Compress one chunk of at most 4096 bytes, by the table of [MS-XCA] 2.5.1.1: how many bits of a
 * pair are distance depends on how far into the chunk we are.
 */
static size_t compress_chunk(const uint8_t *plain, size_t size, uint8_t *out)
{
	size_t used = 2, at = 0;

	while (at < size) {
		size_t   flags = used++;
		unsigned bits = 0;

		for (unsigned bit = 0; bit < 8 && at < size; bit++) {
			unsigned distance_bits = 4;
			size_t   distance = 0, length;

			while ((1u << distance_bits) < at)
				distance_bits++;
			length = longest_match(plain, at, size, at < (1u << distance_bits) ? at : 1u << distance_bits,
					       (1u << (16 - distance_bits)) + 2, &distance);
			if (length < 3) {
				out[used++] = plain[at++];
				continue;
			}
			bits |= 1u << bit;
			put_le16(out + used,
				 (uint16_t)((distance - 1) << (16 - distance_bits) | (length - 3)));
			used += 2;
			at += length;
		}
		out[flags] = (uint8_t)bits;
	}
	put_le16(out, (uint16_t)(0xb000 | (used - 3)));
	return used;
}

TheoryDataPoints(lznt1, decompress_after_compress_gives_the_bytes_back) = {
	DataPoints(uint64_t, 1, 2, 3),
	DataPoints(size_t, 1, 17, 4095, 4096, 4097, 10000),
	DataPoints(uint32_t, 1, 2, 7), /* how many different bytes */
};

Theory((uint64_t seed, size_t size, uint32_t letters), lznt1, decompress_after_compress_gives_the_bytes_back)
{
	struct blob  wanted = blob_zero(size), packed, plain = blob_zero(size);
	uint8_t     *out = malloc(size + size / 8 + 100);
	size_t       used = 0, filled;
	struct error err;

	for (size_t i = 0; i < size; i++)
		wanted.at[i] = (uint8_t)(dice(&seed) % letters);
	for (size_t at = 0; at < size; at += 4096)
		used += compress_chunk(wanted.at + at, size - at < 4096 ? size - at : 4096, out + used);
	packed = blob_copy(out, used);
	cr_assert(eq(int, decompress(packed, plain, &filled, &err), 0), "%s", err.text);
	cr_assert(that(memcmp(plain.at, wanted.at, size) == 0));
	cr_expect(ge(sz, filled, size));
	free(out);
	free(wanted.at);
	free(packed.at);
	free(plain.at);
}

Test(lznt1, no_prefix_is_read_past)
{
	uint8_t     plain_bytes[600], out[1000];
	uint64_t    seed = 3;
	size_t      used;

	for (size_t i = 0; i < sizeof plain_bytes; i++)
		plain_bytes[i] = (uint8_t)(dice(&seed) % 3);
	used = compress_chunk(plain_bytes, sizeof plain_bytes, out);
	for (size_t cut = 0; cut < used; cut++) {
		struct blob  packed = blob_copy(out, cut), plain = blob_zero(sizeof plain_bytes);
		size_t       filled;
		struct error err;

		cr_expect(eq(int, decompress(packed, plain, &filled, &err), cut < 2 ? 0 : -1), "cut at %zu", cut);
		free(packed.at);
		free(plain.at);
	}
}

Test(lznt1, random_bytes_stay_inside)
{
	uint64_t seed = 4;

	for (unsigned round = 0; round < 5000; round++) {
		struct blob  packed = blob_zero(3 + dice(&seed) % 60), plain = blob_zero(dice(&seed) % 300);
		size_t       filled;
		struct error err;

		for (size_t i = 2; i < packed.size; i++)
			packed.at[i] = (uint8_t)dice(&seed);
		put_le16(packed.at, (uint16_t)(0xb000 | (dice(&seed) % packed.size)));
		(void)!decompress(packed, plain, &filled, &err);
		free(packed.at);
		free(plain.at);
	}
}
