/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_numbered_name.c - what things are called where their name is taken */
#include "tests/unit/unit.h"

#include "recover/engine/numbered_name.h"

#define STEM_252 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901"
#define STEM_248 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
	"012345678901234567890123456789012345678901234567"

struct numbered {
	char     name[256], wanted[256];
	unsigned number;
	bool     directory;
};

static struct ntfs3g_name name_of(const char *text)
{
	struct ntfs3g_name name;

	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0), "%s", text);
	return name;
}

static void expect_name(const struct ntfs3g_name *name, const char *wanted)
{
	char text[NAME_UTF8_MAX];

	utf16_to_utf8((const uint8_t *)name->units, name->count, text);
	cr_expect(eq(str, text, (char *)wanted));
}

ParameterizedTestParameters(numbered_name, goes_before_the_extension)
{
	static struct numbered cases[] = {
		{ "x.txt", "x.txt", 0, false },
		{ "x.txt", "x(1).txt", 1, false },
		{ "x.txt", "x(12).txt", 12, false },
		{ "x", "x(2)", 2, false },
		{ "archive.tar.gz", "archive.tar(1).gz", 1, false },
		{ ".profile", ".profile(1)", 1, false },
		{ "x(1).txt", "x(1)(1).txt", 1, false },
		{ "my.folder", "my.folder(1)", 1, true },
		{ "x.", "x(99999).", NUMBERED_NAME_MAX, false },
		{ STEM_248 ".txt", STEM_248 "(1).txt", 1, false },     /* 255 units, just so */
		{ STEM_252 "xyz", STEM_252 "(1)", 1, false },          /* cut */
		{ STEM_248 "xyz.txt", STEM_248 "(1).txt", 1, false },
		{ "x." STEM_252, "x." STEM_248 "89(1)", 1, false },    /* an extension that leaves no room */
	};

	return cr_make_param_array(struct numbered, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct numbered *c, numbered_name, goes_before_the_extension)
{
	struct ntfs3g_name name = name_of(c->name), made;
	struct upcase      upcase;
	struct error       err;

	numbered_name(&name, c->directory, c->number, &made);
	expect_name(&made, c->wanted);
	cr_assert(eq(int, upcase_init(&upcase, &err), 0));
	cr_expect(that(numbered_name_is_of(&made, &name, c->directory, &upcase)), "%s", c->wanted);
	upcase_release(&upcase);
}

Test(numbered_name, is_never_cut_inside_a_pair)
{
	struct ntfs3g_name name = name_of(STEM_248 "aaa\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), made; /* 255 units */

	cr_assert(eq(int, name.count, 255));
	numbered_name(&name, false, 1, &made); /* 252 would be half of the first pair */
	expect_name(&made, STEM_248 "aaa(1)");
}

Test(numbered_name, of_another_is_told_apart)
{
	static const struct {
		const char *other, *name;
		bool        is;
	} cases[] = {
		{ "X(1).TXT", "x.txt", true },    { "Grüße(3)", "GRÜSSE", false }, { "GRÜßE(3)", "grüße", true },
		{ "x(01).txt", "x.txt", false },  { "x(0).txt", "x.txt", false },  { "x(1).doc", "x.txt", false },
		{ "x(1)(1).txt", "x.txt", false }, { "x(100000).txt", "x.txt", false }, { "x(-1).txt", "x.txt", false },
		{ "(1)", "x", false },            { "x().txt", "x.txt", false },   { "y(1).txt", "x.txt", false },
	};
	struct upcase upcase;
	struct error  err;

	cr_assert(eq(int, upcase_init(&upcase, &err), 0));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ntfs3g_name other = name_of(cases[i].other), name = name_of(cases[i].name);

		cr_expect(eq(int, numbered_name_is_of(&other, &name, false, &upcase), cases[i].is), "%s of %s",
			  cases[i].other, cases[i].name);
	}
	upcase_release(&upcase);
}

struct patterned {
	char     name[256], pattern[64], wanted[256];
	unsigned number;
};

/* The first two are the documentation's; the others follow from what a Windows name may be. */
ParameterizedTestParameters(numbered_name, by_a_pattern_of_the_rules)
{
	static struct patterned cases[] = {
		{ "x.txt", "<F> (<N>).<E>", "x (1).txt", 1 },
		{ "report.final.doc", "<F> (<N>).<E>", "report.final (12).doc", 12 },
		{ "README", "<F> (<N>).<E>", "README (1)", 1 }, /* no name ends in a dot */
		{ "x.txt", "<f>-<n>-old.<e>", "x-3-old.txt", 3 },
		{ "x.txt", "<E>.<F>.<N>", "txt.x.2", 2 },
		{ "x.txt", "", "x(1).txt", 1 }, /* a pattern that makes no name */
	};

	return cr_make_param_array(struct patterned, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(struct patterned *c, numbered_name, by_a_pattern_of_the_rules)
{
	struct ntfs3g_name name = name_of(c->name), made;

	numbered_name_of_pattern(&name, c->pattern, c->number, &made);
	expect_name(&made, c->wanted);
}
