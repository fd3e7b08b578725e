/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pattern.c - expected values: the tables of the rule language (spec USMT 3.2, 3.4) */
#include "tests/unit/unit.h"

#include "recover/rules/pattern.h"

static struct pattern parse(enum object_type type, const char *text)
{
	struct pattern pattern;
	struct error   err;

	cr_assert(eq(int, pattern_parse(&pattern, type, text, &err), 0), "%s: %s", text, err.text);
	return pattern;
}

/* -------- what a pattern means -------- */

struct meaning {
	char             text[64], node[64], leaf[32]; /* .leaf "-": the node itself */
	bool             meant;
	enum object_type type;
};

ParameterizedTestParameters(pattern, means_what_the_language_says)
{
	static struct meaning cases[] = {
		{ "C:\\Folder\\* [*]", "C:\\Folder", "x.txt", true, 0 },
		{ "C:\\Folder\\* [*]", "C:\\Folder\\a\\b", "x.txt", true, 0 },
		{ "C:\\Folder\\* [*]", "C:\\Folder2", "x.txt", false, 0 },
		{ "C:\\Folder\\* [*]", "C:\\", "Folder", false, 0 },
		{ "C:\\Folder [*]", "C:\\Folder", "x", true, 0 },
		{ "C:\\Folder\\ [*]", "c:\\folder", "x", true, 0 },
		{ "C:\\Folder [*]", "C:\\Folder\\a", "x", false, 0 },
		{ "C:\\Folder\\* [*.mp3]", "C:\\Folder\\a", "x.MP3", true, 0 },
		{ "C:\\Folder\\* [*.mp3]", "C:\\Folder\\a", "x.mp3x", false, 0 },
		{ "C:\\Folder\\* [*.mp3]", "C:\\Folder\\a", "mp3", false, 0 },
		{ "C:\\Folder [Sample.doc]", "C:\\Folder", "SAMPLE.DOC", true, 0 },
		{ "C:\\* [Sample.doc]", "C:", "sample.doc", true, 0 },
		{ "C:\\* [Sample.doc]", "C:\\", "sample.doc", true, 0 },
		{ "C:\\* [Sample.doc]", "C:\\a\\b\\c", "sample.doc", true, 0 },
		{ "C:\\* [Sample.doc]", "D:\\a\\b\\c", "sample.doc", false, 0 },
		{ "C:\\*\\Presentations\\* [*]", "C:\\a\\b\\Presentations", "x", true, 0 },
		{ "C:\\*\\Presentations\\* [*]", "C:\\a\\Presentations\\q", "x", true, 0 },
		{ "C:\\*\\Presentations\\* [*]", "C:\\Presentations", "x", false, 0 },
		{ "C:\\*\\Presentations\\* [*]", "C:\\a\\Presentations2", "x", false, 0 },
		{ "c:\\Windows\\*", "C:\\WINDOWS\\Fonts", "-", true, 0 },
		{ "c:\\Windows\\*", "C:\\WINDOWS\\Fonts", "x.ttf", false, 0 },
		{ "C:\\Folder\\* [*]", "C:\\Folder\\a", "-", true, 0 },
		{ "C:\\Folder\\* [*.txt]", "C:\\Folder\\a", "-", false, 0 },
		{ "C:\\*[*]", "C:\\a", "x", true, 0 },
		{ "*[*.library-ms]", "D:\\a\\b", "x.library-ms", true, 0 },
		{ "* [*.mp3]", "C:", "x.mp3", true, 0 },
		{ "C:\\Win* [*]", "C:\\Windows Defender\\a", "x", true, 0 },
		{ "C:\\a^[1^] [file^].txt]", "C:\\a[1]", "file].txt", true, 0 },
		{ "C:\\Users\\anna[1]\\* [*]", "C:\\Users\\anna[1]\\x", "y", true, 0 },
		{ "C:\\a [100^%^*]", "C:\\a", "100^%*", true, 0 },
		{ "C:\\a [100^%^*]", "C:\\a", "100^%x", false, 0 },
		{ "C:\\a [^^x]", "C:\\a", "^x", true, 0 },
		{ " C:\\a\\* [*] ", "C:\\a\\b", "x", true, 0 },
		{ "C:\\\\a\\* [*]", "C:\\a\\b", "x", true, 0 },
		{ "C:/a/* [*]", "C:\\a\\b", "x", true, 0 },
		{ "C:\\a [*a*b]", "C:\\a", "xaxbxab", true, 0 },
		{ "C:\\a [*a*b]", "C:\\a", "xaxbxa", false, 0 },
		{ "C:\\\xc3\xa4\xce\xb1 [\xd1\x8f]", "C:\\\xc3\x84\xce\x91", "\xd0\xaf", true, 0 },
		{ "HKLM\\Key\\* [*]", "HKLM\\KEY\\Sub", "Value", true, OBJECT_REGISTRY },
		{ "HKLM\\Key\\* [*]", "HKLM\\Key", "", true, OBJECT_REGISTRY },
		{ "HKCU\\Key [Value]", "HKCU\\Key", "value", true, OBJECT_REGISTRY },
		{ "HKCU\\Key [Value]", "HKCU\\Key\\a", "value", false, OBJECT_REGISTRY },
		{ "HKLM\\Key []", "HKLM\\Key", "", true, OBJECT_REGISTRY },
		{ "HKLM\\Key []", "HKLM\\Key", "x", false, OBJECT_REGISTRY },
		{ "HKEY_CURRENT_USER\\Key [a/b]", "HKCU\\Key", "a/b", true, OBJECT_REGISTRY },
		{ "HKCU\\Key", "HKCU\\Key", "-", true, OBJECT_REGISTRY },
		{ "C:\\x\\notes.ini|Notes[View*]", "C:\\X\\notes.ini|Notes", "VIEWIMP1", true, OBJECT_INI },
	};

	return CASES(struct meaning, cases);
}

ParameterizedTest(struct meaning *c, pattern, means_what_the_language_says)
{
	struct pattern pattern = parse(c->type, c->text);

	cr_expect(eq(int, pattern_matches(&pattern, c->node, strcmp(c->leaf, "-") ? c->leaf : NULL), c->meant),
		  "%s of %s [%s]", c->text, c->node, c->leaf);
	pattern_release(&pattern);
}

/* -------- include and exclude -------- */

struct row {
	char             include[64], exclude[64], node[64], leaf[32];
	bool             taken;
	enum object_type type;
};

ParameterizedTestParameters(pattern, the_more_specific_wins)
{
	static struct row cases[] = {
		{ "C:\\Dir1\\* [*]", "C:\\* [*.txt]", "C:\\Dir1\\a", "x.txt", true, 0 },
		{ "C:\\Dir1\\* [*]", "C:\\Dir1\\Dir2\\* [*.txt]", "C:\\Dir1\\Dir2\\a", "x.txt", false, 0 },
		{ "C:\\Dir1\\* [*]", "C:\\Dir1\\Dir2\\* [*.txt]", "C:\\Dir1\\Dir2\\a", "x.doc", true, 0 },
		{ "C:\\Dir1\\* [*]", "C:\\Dir1\\Dir2\\* [*.txt]", "C:\\Dir1\\a", "x.txt", true, 0 },
		{ "C:\\Dir1\\* [*]", "C:\\Dir1\\* [*.txt]", "C:\\Dir1\\a", "x.txt", false, 0 },
		{ "C:\\Dir1\\* [*]", "C:\\Dir1\\* [*.txt]", "C:\\Dir1\\a", "x.doc", true, 0 },
		{ "C:\\Dir1\\Dir2\\* [*.txt]", "C:\\Dir1\\Dir2\\* [*.txt]", "C:\\Dir1\\Dir2", "x.txt", false, 0 },
		{ "C:\\Dir1\\* [*.txt]", "C:\\Dir1\\Dir2\\* [*]", "C:\\Dir1", "x.txt", true, 0 },
		{ "C:\\Dir1\\* [*.txt]", "C:\\Dir1\\Dir2\\* [*]", "C:\\Dir1\\Dir2\\a", "x.txt", false, 0 },
		{ "C:\\Dir1\\Dir2\\* [*]", "C:\\Dir1\\* [*.txt]", "C:\\Dir1\\Dir2", "x.txt", true, 0 }, /* our choice */
		{ "C:\\Data\\* [*]", "C:\\* [*.mp3]", "C:\\Data\\a", "x.mp3", true, 0 },
		{ "C:\\Dir1 [*]", "C:\\Dir1\\* [x.txt]", "C:\\Dir1", "x.txt", true, 0 },
		{ "C:\\Dir1\\* [x.txt]", "C:\\Dir1\\* [*.txt]", "C:\\Dir1", "x.txt", true, 0 },
		{ "C:\\*\\a\\* [*]", "C:\\* [*]", "C:\\b\\a", "x", true, 0 },
		{ "HKLM\\S\\CP\\* [*]", "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP", "DefaultColor", false, OBJECT_REGISTRY },
		{ "HKLM\\S\\CP\\* [*]", "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP", "Other", true, OBJECT_REGISTRY },
		{ "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP\\* [*]", "HKLM\\S\\CP", "DefaultColor", true, OBJECT_REGISTRY },
		{ "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP\\* [*]", "HKLM\\S\\CP", "Other", false, OBJECT_REGISTRY },
		{ "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP [DefaultColor]", "HKLM\\S\\CP", "DefaultColor", false,
		  OBJECT_REGISTRY },
	};

	return CASES(struct row, cases);
}

ParameterizedTest(struct row *c, pattern, the_more_specific_wins)
{
	struct pattern include = parse(c->type, c->include), exclude = parse(c->type, c->exclude);
	bool           in = pattern_matches(&include, c->node, c->leaf);
	bool           out = pattern_matches(&exclude, c->node, c->leaf);

	cr_expect(eq(int, in && !(out && pattern_compare(&include, &exclude) <= 0), c->taken), "%s without %s: %s [%s]",
		  c->include, c->exclude, c->node, c->leaf);
	cr_expect(eq(int, pattern_compare(&include, &exclude), -pattern_compare(&exclude, &include)));
	pattern_release(&include);
	pattern_release(&exclude);
}

/* -------- what is none -------- */

struct bad_pattern {
	char text[32], says[48];
};

ParameterizedTestParameters(pattern, what_is_none_is_told)
{
	static struct bad_pattern cases[] = {
		{ "", "names no folder" },
		{ "  ", "names no folder" },
		{ "[x]", "names no folder" },
		{ "C:\\a [x", "without its ']'" },
		{ "C:\\a x]", "without its '['" },
		{ "C:\\\xff [*]", "no text" },
		{ "C:\\\x01 [*]", "no text" },
	};

	return CASES(struct bad_pattern, cases);
}

ParameterizedTest(struct bad_pattern *c, pattern, what_is_none_is_told)
{
	struct pattern pattern;
	struct error   err;

	cr_expect(eq(int, pattern_parse(&pattern, OBJECT_FILE, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_expect(that(strstr(err.text, c->says)), "%s: %s", c->text, err.text);
	pattern_release(&pattern);
}
