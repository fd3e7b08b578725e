/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_utf16.c - expected values: RFC 3629's examples, the WTF-8 specification, utf16.h */
#include "tests/unit/unit.h"

#include "core/utf16.h"

struct text {
	const char *name;
	uint16_t    units[6];
	size_t      count;
	const char *utf8;
};

static const struct text texts[] = {
	{ "nothing", { 0 }, 0, "" },
	{ "ASCII", { 'a', 'Z', '~' }, 3, "aZ~" },
	{ "A not-identical-to alpha .", { 0x41, 0x2262, 0x391, 0x2e }, 4, "\x41\xe2\x89\xa2\xce\x91\x2e" },
	{ "hangugeo", { 0xd55c, 0xad6d, 0xc5b4 }, 3, "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4" },
	{ "nihongo", { 0x65e5, 0x672c, 0x8a9e }, 3, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
	{ "a BOM and a pair", { 0xfeff, 0xd84c, 0xdfb4 }, 3, "\xef\xbb\xbf\xf0\xa3\x8e\xb4" },
	{ "the last pair", { 0xdbff, 0xdfff }, 2, "\xf4\x8f\xbf\xbf" },
	{ "high surrogate alone", { 'a', 0xd800, 'b' }, 3, "a\xed\xa0\x80" "b" },
	{ "high surrogate at the end", { 'a', 0xdbff }, 2, "a\xed\xaf\xbf" },
	{ "low surrogate alone", { 0xdc00 }, 1, "\xed\xb0\x80" },
	{ "pair the wrong way round", { 0xdfff, 0xd800 }, 2, "\xed\xbf\xbf\xed\xa0\x80" },
	{ "high, then a pair", { 0xd800, 0xd83d, 0xde00 }, 3, "\xed\xa0\x80\xf0\x9f\x98\x80" },
	{ "zero, slash, backslash", { 0, '/', '\\', 'x' }, 4, "\xc0\x80\xc0\xaf\xc1\x9cx" },
	{ "borders", { 0x7f, 0x80, 0x7ff, 0x800, 0xffff }, 5, "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf" },
};

/* Units as they lie on disk, at their exact size. */
static struct blob as_stored(const uint16_t *units, size_t count)
{
	struct blob raw = blob_zero(2 * count);

	for (size_t i = 0; i < count; i++)
		put_le16(raw.at + 2 * i, units[i]);
	return raw;
}

Test(utf16, there_and_back)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct text *c = &texts[i];
		struct blob        raw = as_stored(c->units, c->count);
		char               out[3 * 6 + 1];
		uint16_t           back[3 * 6];
		size_t             length = utf16_to_utf8(raw.at, c->count, out);

		cr_expect(eq(str, out, (char *)c->utf8), "%s", c->name);
		cr_expect(eq(sz, length, strlen(c->utf8)), "%s", c->name);
		cr_expect(eq(sz, utf16_from_utf8(out, length, back), c->count), "%s", c->name);
		cr_expect(that(memcmp(back, c->units, 2 * c->count) == 0), "%s", c->name);
		free(raw.at);
	}
}

TheoryDataPoints(utf16, way_there_and_back_loses_nothing) = {
	DataPoints(uint64_t, 1, 2, 3),
	DataPoints(size_t, 1, 2, 7, 255),
};

Theory((uint64_t seed, size_t count), utf16, way_there_and_back_loses_nothing)
{
	static const uint16_t spice[] = { 0, '/', '\\', '.', 0xd800, 0xdbff, 0xdc00, 0xdfff, 0x7f, 0x80, 0xffff };

	for (unsigned round = 0; round < 500; round++) {
		uint16_t    units[255], back[NAME_UTF8_MAX];
		struct blob raw, out = blob_zero(3 * count + 1);
		size_t      length;

		for (size_t i = 0; i < count; i++)
			units[i] = dice(&seed) % 2 ? spice[dice(&seed) % COUNT(spice)] : (uint16_t)dice(&seed);
		raw = as_stored(units, count);
		length = utf16_to_utf8(raw.at, count, (char *)out.at);
		cr_assert(eq(sz, strlen((char *)out.at), length));
		cr_assert(that(!memchr(out.at, '/', length) && !memchr(out.at, '\\', length)));
		cr_assert(eq(sz, utf16_from_utf8((char *)out.at, length, back), count));
		cr_assert(that(memcmp(back, units, 2 * count) == 0));
		free(raw.at);
		free(out.at);
	}
}

Test(utf16, bytes_that_are_no_text_are_refused)
{
	static const struct {
		const char *name, *bytes;
	} cases[] = {
		{ "continuation alone", "\x80" },        { "overlong a", "\xc1\xa1" },
		{ "overlong dot", "\xc0\xae" },          { "overlong in three", "\xe0\x80\xaf" },
		{ "overlong in four", "\xf0\x80\x80\xaf" }, { "cut after one of two", "\xc3" },
		{ "cut after two of three", "\xe2\x82" }, { "cut after three of four", "\xf0\x9f\x98" },
		{ "ASCII inside", "\xc3(" },             { "behind the last point", "\xf4\x90\x80\x80" },
		{ "five bytes", "\xf8\x88\x80\x80\x80" }, { "0xff", "\xff" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct blob raw = blob_copy(cases[i].bytes, strlen(cases[i].bytes));
		const char *at = (const char *)raw.at;
		uint16_t    out[8];
		uint32_t    point = 4711;

		cr_expect(eq(sz, utf16_from_utf8(at, raw.size, out), SIZE_MAX), "%s", cases[i].name);
		cr_expect(that(!utf8_next(&at, at + raw.size, &point)), "%s", cases[i].name);
		cr_expect(eq(ptr, (void *)at, raw.at), "%s", cases[i].name);
		cr_expect(eq(u32, point, 4711), "%s", cases[i].name);
		free(raw.at);
	}
}

Test(utf16, every_point_comes_back)
{
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		char        out[4];
		size_t      length = utf8_put(point, out);
		const char *at = out;
		uint32_t    back;

		cr_assert(that(utf8_next(&at, out + length, &back) && back == point && at == out + length), "%x",
			  point);
	}
}

/* Of a text, unlike a name, slashes stay as they are; on disk, its units are little-endian. */
Test(utf16, text_keeps_its_slashes)
{
	static const uint8_t disk[] = { 'C', 0, ':', 0, '\\', 0, '/', 0, 0, 0, 0x3d, 0xd8, 0x00, 0xde };
	static const char    text[] = "C:\\/\xc0\x80\xf0\x9f\x98\x80";
	char                 out[3 * sizeof disk / 2 + 1];
	struct le16          units[sizeof text];

	cr_expect(eq(sz, utf16_to_text(disk, sizeof disk / 2, out), sizeof text - 1));
	cr_expect(eq(str, out, (char *)text));
	cr_assert(eq(sz, utf16_le_from_utf8(text, sizeof text - 1, units), sizeof disk / 2));
	cr_expect(eq(int, memcmp(units, disk, sizeof disk), 0));
	cr_expect(eq(sz, utf16_le_from_utf8("\xff", 1, units), SIZE_MAX));
}

Test(utf16, word_is_compared_without_case)
{
	static const uint16_t store[] = { 'U', 's', 'M', 't' }, kelvin[] = { 0x212a };
	struct blob           raw = as_stored(store, 4), sign = as_stored(kelvin, 1);

	cr_expect(that(utf16_is_word(raw.at, 4, "usmt")));
	cr_expect(that(utf16_is_word(raw.at, 4, "USMT")));
	cr_expect(that(!utf16_is_word(raw.at, 3, "usmt")));
	cr_expect(that(!utf16_is_word(raw.at, 4, "usm")));
	cr_expect(that(!utf16_is_word(raw.at, 4, "usmtx")));
	cr_expect(that(utf16_is_word(raw.at, 0, "")));
	cr_expect(that(!utf16_is_word(sign.at, 1, "k")), "a Kelvin sign is no k");
	free(raw.at);
	free(sign.at);
}
