/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_name_escape.c - expected values: name_escape.h, csv_cell.h, RFC 4180 */
#include "tests/unit/unit.h"

#include "report/format/csv_cell.h"
#include "report/format/name_escape.h"

struct escape_case { char text[40], wanted[80]; };

static void expect_name(const char *text, const struct name_style *style, const char *wanted)
{
	struct blob given = blob_copy(text, strlen(text) + 1); /* exactly: one byte behind is too far */
	char       *got = NULL;
	size_t      length;
	FILE       *out = open_memstream(&got, &length);

	name_escape(out, (char *)given.at, style);
	fclose(out);
	cr_expect(eq(str, got, (char *)wanted));
	free(got);
	free(given.at);
}

ParameterizedTestParameters(name_escape, what_harms_nobody_and_can_be_undone)
{
	static struct escape_case cases[] = {
		{ "\\Users\\\xc3\xa4 b", "\\Users\\\xc3\xa4 b" },
		{ "a\r\nb\x7f\t", "a%000D%000Ab%007F%0009" },
		{ "\xc2\x9b", "%009B" },
		{ "\xe2\x80\xaegpj.exe", "%202Egpj.exe" },
		{ "\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c\xe2\x80\x8f", "%2066%FEFF%061C%200F" },
		{ "\xed\xa0\x80x", "%D800x" },              /* half a pair */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" }, /* a whole one */
		{ "\xef\xbf\xbf", "%FFFF" },
		{ "\xf4\x8f\xbf\xbf", "%DBFF%DFFF" },       /* U+10FFFF is no character either */
		{ "\xc0\x80", "%0000" },
		{ "a\xc0\xaf" "b\xc1\x9c" "c", "a%002Fb%005Cc" }, /* within a name */
		{ "100%", "100%" },
		{ "%41", "%41" },
		{ "%0041", "%00250041" },
		{ "%abCD", "%0025abCD" },
		{ "%%0041", "%%00250041" },
		{ "%004g", "%004g" },
		{ "\xff\xc3", "%FFFD%FFFD" },
		{ "<a href=\"x\">|'", "<a href=\"x\">|'" },
		{ "", "" },
	};

	return CASES(struct escape_case, cases);
}

ParameterizedTest(struct escape_case *c, name_escape, what_harms_nobody_and_can_be_undone)
{
	static const struct name_style style = { .separator = '\\', .unsafe = "" };

	expect_name(c->text, &style, c->wanted);
}

static const char *doubled(char c)
{
	return c == '\'' ? "''" : c == '&' ? "&amp;" : NULL;
}

Test(name_escape, a_format_has_its_own_ways)
{
	static const struct name_style slashes = { .separator = '/', .unsafe = "|" };
	static const struct name_style quotes = { .separator = '\\', .unsafe = "", .quote = doubled };

	expect_name("\\a\\b|c\\", &slashes, "/a/b%007Cc/");
	expect_name("a/b", &slashes, "a/b");
	expect_name("it's R&D\\\n", &quotes, "it''s R&amp;D\\%000A");
}

Test(name_escape, as_a_string)
{
	char *text = name_escaped("\\a\\\x1b", '/');

	cr_expect(eq(str, text, "/a/%001B"));
	free(text);
}

ParameterizedTestParameters(csv_cell, no_formula_and_one_cell)
{
	static struct escape_case cases[] = {
		{ "plain", "\"plain\"" },
		{ "", "\"\"" },
		{ "a \"b\", c", "\"a \"\"b\"\", c\"" },
		{ "=1+1", "\"%003D1+1\"" },
		{ "+1", "\"%002B1\"" },
		{ "-1", "\"%002D1\"" },
		{ "@SUM(A1)", "\"%0040SUM(A1)\"" },
		{ "\xef\xbc\x9d" "1", "\"%FF1D1\"" },
		{ "\t=1", "\"%0009=1\"" },
		{ "\r=1", "\"%000D=1\"" },
		{ "\n=1", "\"%000A=1\"" },
		{ "\\=1", "\"\\=1\"" },
		{ "a=1", "\"a=1\"" },
		{ "=", "\"%003D\"" },
		{ "%003D1", "\"%0025003D1\"" },
	};

	return CASES(struct escape_case, cases);
}

ParameterizedTest(struct escape_case *c, csv_cell, no_formula_and_one_cell)
{
	char  *got = NULL;
	size_t length;
	FILE  *out = open_memstream(&got, &length);

	csv_cell(out, c->text);
	fclose(out);
	cr_expect(eq(str, got, c->wanted));
	free(got);
}

Test(csv_cell, nothing_is_an_empty_cell)
{
	char  *got = NULL;
	size_t length;
	FILE  *out = open_memstream(&got, &length);

	csv_cell(out, NULL);
	fclose(out);
	cr_expect(eq(str, got, "\"\""));
	free(got);
}
