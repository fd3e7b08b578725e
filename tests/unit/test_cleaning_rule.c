/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cleaning_rule.c - expected values: cleaning_rule.h */
#include "tests/unit/rules.h"

#include "recover/rules/placement.h"

struct wide {
	enum object_type type;
	char             text[72];
	bool             wide;
};

ParameterizedTestParameters(cleaning_rule, what_takes_a_windows_apart)
{
	static struct wide cases[] = {
		{ OBJECT_FILE, "C:\\* [*]", true },
		{ OBJECT_FILE, "C:\\* [*.tmp]", true },
		{ OBJECT_FILE, "* [*.tmp]", true },
		{ OBJECT_FILE, "C:\\Win* [*]", true },
		{ OBJECT_FILE, "C:\\*\\Temp\\* [*]", true },
		{ OBJECT_FILE, "C:\\ [x.tmp]", false },
		{ OBJECT_FILE, "C:\\ [*.tmp]", false },
		{ OBJECT_FILE, "C:\\Data\\* [*]", false },
		{ OBJECT_FILE, "C:\\Data\\*\\Temp [*]", false },
		{ OBJECT_REGISTRY, "HKLM\\* [*]", true },
		{ OBJECT_REGISTRY, "HKCU\\* [*]", true },
		{ OBJECT_REGISTRY, "HK*\\Software\\App [*]", true },
		{ OBJECT_REGISTRY, "HKLM\\Software\\* [*]", true },
		{ OBJECT_REGISTRY, "HKEY_LOCAL_MACHINE\\software\\Microsoft\\* [x]", true },
		{ OBJECT_REGISTRY, "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\* [*]", true },
		{ OBJECT_REGISTRY, "HKLM\\System\\CurrentControlSet\\Serv* [*]", true },
		{ OBJECT_REGISTRY, "HKU\\S-1-5-18\\* [*]", true },
		{ OBJECT_REGISTRY, "HKLM\\Software\\Microsoft [x]", false },
		{ OBJECT_REGISTRY, "HKLM\\Software\\App\\* [*]", false },
		{ OBJECT_REGISTRY, "HKCU\\Environment\\* [*]", false },
		{ OBJECT_REGISTRY, "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\* [*]", false },
	};

	return CASES(struct wide, cases);
}

ParameterizedTest(struct wide *c, cleaning_rule, what_takes_a_windows_apart)
{
	struct pattern pattern;
	struct error   err;

	cr_assert(eq(int, pattern_parse(&pattern, c->type, c->text, &err), 0), "%s", err.text);
	cr_expect(eq(int, cleaning_is_too_wide(&pattern), c->wide), "%s", c->text);
	pattern_release(&pattern);
}

struct cleans {
	char   rules[400];
	size_t cleaned, told; /* patterns; what of them is not done */
};

#define CLEAN(filter, text)    "<destinationCleanup" filter ">" OBJECTS(PATTERN(text)) "</destinationCleanup>"
#define FILTERED(call)         " filter=\"MigXmlHelper." call "\""
#define UNDER(condition, rule)                                                                                  \
	"<component type=\"System\" context=\"System\"><displayName>N</displayName><role role=\"Data\"><rules>" \
	"<conditions><condition>MigXmlHelper." condition "</condition></conditions>" rule "</rules></role></component>"

ParameterizedTestParameters(cleaning_rule, only_what_is_sure)
{
	static struct cleans cases[] = {
		{ COMPONENT(CLEAN("", "C:\\Data\\* [*]")), 1, 0 },
		{ COMPONENT(CLEAN("", "C:\\* [*]")), 0, 1 },
		{ COMPONENT(CLEAN(FILTERED("AnswerNo()"), "C:\\Data\\* [*]")), 0, 0 },
		{ COMPONENT(CLEAN(FILTERED("SameRegContent()"), "C:\\Data\\* [*]")), 0, 1 },
		{ COMPONENT(CLEAN(FILTERED("FileProperties('filesize','gt','1KB')"), "C:\\Data\\* [*]")), 1, 0 },
		{ UNDER("DoesObjectExist('File','C:\\Data [x.txt]')", CLEAN("", "C:\\Data\\* [*]")), 1, 0 },
		{ UNDER("DoesObjectExist('File','C:\\Data [y.txt]')", CLEAN("", "C:\\Data\\* [*]")), 0, 0 },
		/* without a Windows nobody knows its version */
		{ UNDER("IsOSLaterThan('NT','6.0')", CLEAN("", "C:\\Data\\* [*]")), 0, 2 },
		{ COMPONENT("<destinationCleanup>" OBJECTS("<pattern type=\"Ini\">C:\\a.ini|s[k]</pattern>") "</destinationCleanup>"), 0, 1 },
	};

	return CASES(struct cleans, cases);
}

ParameterizedTest(struct cleans *c, cleaning_rule, only_what_is_sure)
{
	struct test_rules  it;
	struct placements *placements;
	struct error       err;

	test_rules_begin(&it, "\\Data\\x.txt");
	test_rules_add(&it, c->rules);
	cr_assert(eq(int, placements_make(&placements, &it.set, &it.volumes, NULL, NULL, 0, &err), 0), "%s", err.text);
	cr_expect(eq(sz, placements_cleaning(placements)->count, c->cleaned), "%s", c->rules);
	cr_expect(eq(sz, placements_unhonoured(placements)->count, c->told), "%s", c->rules);
	placements_free(placements);
	test_rules_release(&it);
}
