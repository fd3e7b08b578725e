/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_host_name.c - expected values: host_name.h */
#include "tests/unit/unit.h"

#include "core/utf16.h"
#include "recover/host_name.h"

struct name {
	const char *what, *name, *ending, *host;
};

Test(host_name, what_a_host_cannot_hold_is_escaped)
{
	static const struct name cases[] = {
		{ "plain", "Letter.docx", "", "Letter.docx" },
		{ "not ASCII", "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80", "", "\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80" },
		{ "this folder", ".", "", "%002E" },
		{ "the folder above", "..", "", "%002E%002E" },
		{ "three dots are a name", "...", "", "..." },
		{ "hidden file", ".profile", "", ".profile" },
		{ "dots and an ending", "..", ".partial", "%002E%002E.partial" },
		{ "slash", "a\xc0\xaf" "b", "", "a%002Fb" },
		{ "way out", "..\xc0\xaf..\xc0\xaf" "etc", "", "..%002F..%002Fetc" },
		{ "backslash", "a\xc1\x9c" "b", "", "a\\b" },
		{ "zero", "a\xc0\x80" "b", "", "a%0000b" },
		{ "high surrogate", "\xed\xa0\x80", "", "%D800" },
		{ "low surrogate", "x\xed\xbf\xbfy", "", "x%DFFFy" },
		{ "percent", "100%", "", "100%" },
		{ "percent and three digits", "%123", "", "%123" },
		{ "percent and no digits", "%zzzz", "", "%zzzz" },
		{ "reads as an escape", "%002F", "", "%0025002F" },
		{ "reads as one, lower case", "a%d8ffb", "", "a%0025d8ffb" },
		{ "percent before one", "%%0041", "", "%%00250041" },
		{ "reads as a mark", "a%~b", "", "a%0025~b" },
		{ "ending is kept", "x.txt", ".suspect", "x.txt.suspect" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct blob name = blob_copy(cases[i].name, strlen(cases[i].name));
		char        out[HOST_NAME_BYTES];

		host_name((char *)name.at, name.size, cases[i].ending, out);
		cr_expect(eq(str, out, (char *)cases[i].host), "%s", cases[i].what);
		free(name.at);
	}
}

/* The way back: escapes become units again, the rest is WTF-8.  A second opinion. */
static size_t units_of(const char *host, uint16_t *units)
{
	size_t count = 0;

	while (*host) {
		unsigned unit;
		int      used = 0;

		if (*host == '%' && strspn(host + 1, "0123456789abcdefABCDEF") >= 4 &&
		    sscanf(host + 1, "%4x%n", &unit, &used) == 1 && used == 4) {
			units[count++] = (uint16_t)unit;
			host += 5;
		} else {
			size_t length = 1;

			while ((host[length] & 0xc0) == 0x80)
				length++;
			count += utf16_from_utf8(host, length, units + count);
			host += length;
		}
	}
	return count;
}

TheoryDataPoints(host_name, way_back_is_never_in_doubt) = {
	DataPoints(uint64_t, 1, 2, 3, 4),
};

Theory((uint64_t seed), host_name, way_back_is_never_in_doubt)
{
	static const uint16_t spice[] = { 0, '/', '\\', '.', '%', '0', 'D', 'a', '~', 0xd800, 0xdc00, 0xe4, 0x65e5 };

	for (unsigned round = 0; round < 3000; round++) {
		uint16_t units[20], back[256];
		size_t   count = 1 + dice(&seed) % COUNT(units), length;
		uint8_t  raw[2 * COUNT(units)];
		char     text[3 * COUNT(units) + 1], out[HOST_NAME_BYTES];

		for (size_t i = 0; i < count; i++) {
			units[i] = spice[dice(&seed) % COUNT(spice)];
			put_le16(raw + 2 * i, units[i]);
		}
		length = utf16_to_utf8(raw, count, text);
		host_name(text, length, "", out);
		cr_assert(that(!strchr(out, '/') && strcmp(out, ".") != 0 && strcmp(out, "..") != 0 && out[0]), "%s", out);
		cr_assert(eq(sz, units_of(out, back), count), "%s", out);
		cr_assert(that(memcmp(back, units, 2 * count) == 0), "%s", out);
	}
}

static void long_name(const char *point, size_t count, char last, char *out)
{
	*out = 0;
	for (size_t i = 0; i < count; i++)
		strcat(out, point);
	strcat(out, (char[]){ last, 0 });
}

Test(host_name, long_names_are_cut_marked_and_told_apart)
{
	static const char *const points[] = { "a", "\xc3\xa4", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "\xed\xa0\x80" };
	static const char *const endings[] = { "", ".partial", "%~folder" };

	for (size_t i = 0; i < COUNT(points); i++)
		for (size_t j = 0; j < COUNT(endings); j++)
			for (size_t count = 20; count < (i == 3 ? 128 : 255); count++) {
				char        name[4 * 256], host[HOST_NAME_BYTES], other[HOST_NAME_BYTES];
				uint16_t    units[HOST_NAME_BYTES];
				const char *mark;
				size_t      length;

				long_name(points[i], count, 'x', name);
				memset(host, 0xee, sizeof host);
				host_name(name, strlen(name), endings[j], host);
				length = strnlen(host, sizeof host);
				cr_assert(le(sz, length, 255));
				cr_assert(eq(str, host + length - strlen(endings[j]), (char *)endings[j]));
				cr_assert(ne(sz, utf16_from_utf8(host, length, units), SIZE_MAX), "cut inside a point");
				mark = strstr(host, "%~");
				if (mark && strcmp(mark, "%~folder") == 0)
					mark = NULL; /* the ending */
				long_name(points[i], count, 'y', name);
				host_name(name, strlen(name), endings[j], other);
				cr_assert(ne(str, host, other), "two names become one");
				if (mark)
					cr_assert(eq(sz, strspn(mark + 2, "0123456789abcdef"), 8));
				else
					cr_assert(that(i == 4 || length == strlen(name) + strlen(endings[j])));
			}
}

Test(host_name, name_of_255_bytes_is_whole)
{
	char name[300], out[HOST_NAME_BYTES];

	long_name("a", 254, 'b', name);
	host_name(name, 255, "", out);
	cr_expect(eq(str, out, name));
	long_name("a", 255, 'b', name);
	host_name(name, 256, "", out);
	cr_expect(ne(str, out, name));
	cr_expect(le(sz, strlen(out), 255));
}
