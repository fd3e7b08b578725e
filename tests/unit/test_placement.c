/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_placement.c - expected values: the examples of spec USMT 3.7, and by hand */
#include "tests/unit/rules.h"

#include "core/cleanup.h"
#include "recover/rules/placement.h"

#define MERGE(script, text) "<merge script=\"MigXmlHelper." script "\">" OBJECTS(PATTERN(text)) "</merge>"
#define MOVE(script, text)  "<locationModify script=\"MigXmlHelper." script "\">" OBJECTS(PATTERN(text)) "</locationModify>"
#define KEEP(text) "<include filter=\"MigXmlHelper.NeverRestore()\">" OBJECTS(PATTERN(text)) "</include>"

struct placed {
	char            rules[600], path[64], to[64]; /* .to "-": it stays in the store */
	enum merge_rule merge;
	char            pattern[32];
};

ParameterizedTestParameters(placement, files_go_where_the_rules_say)
{
	static struct placed cases[] = {
		/* no rule: where it was */
		{ COMPONENT(MERGE("SourcePriority()", "C:\\Other\\* [*]")), "C:\\Data\\x.txt", "C:\\Data\\x.txt", MERGE_DEFAULT, "" },
		/* a rule for a folder alone is none for what is in its subfolders */
		{ COMPONENT(MERGE("SourcePriority()", "c:\\data\\ [*]")), "C:\\Data\\x.txt", "C:\\Data\\x.txt", MERGE_SOURCE, "" },
		{ COMPONENT(MERGE("SourcePriority()", "c:\\data\\ [*]")), "C:\\Data\\a\\x.txt", "C:\\Data\\a\\x.txt", MERGE_DEFAULT, "" },
		/* the most specific, whatever comes first */
		{ COMPONENT(MERGE("SourcePriority()", "C:\\Data\\* [*]") MERGE("DestinationPriority()", "C:\\Data [desktop.ini]")),
		  "C:\\Data\\desktop.ini", "C:\\Data\\desktop.ini", MERGE_DESTINATION, "" },
		{ COMPONENT(MERGE("DestinationPriority()", "C:\\Data [desktop.ini]") MERGE("SourcePriority()", "C:\\Data\\* [*]")),
		  "C:\\Data\\Desktop.INI", "C:\\Data\\Desktop.INI", MERGE_DESTINATION, "" },
		/* in other components as well; equal: the first */
		{ COMPONENT(MERGE("SourcePriority()", "* [*.mp3]")) COMPONENT(MERGE("DestinationPriority()", "* [*.mp3]")),
		  "C:\\Data\\x.mp3", "C:\\Data\\x.mp3", MERGE_SOURCE, "" },
		{ COMPONENT(MERGE("FindFilePlaceByPattern('&lt;F&gt; (&lt;N&gt;).&lt;E&gt;')", "C:\\Data\\* [*]")), "C:\\Data\\x.txt",
		  "C:\\Data\\x.txt", MERGE_PATTERN, "<F> (<N>).<E>" },
		{ COMPONENT(MERGE("NewestVersion('ProductVersion')", "C:\\*\\b\\* [*.dll]")), "C:\\a\\b\\c\\x.dll", "C:\\a\\b\\c\\x.dll",
		  MERGE_NEWEST, "" },
		/* places */
		{ COMPONENT(MOVE("ExactMove('C:\\All')", "C:\\Data\\* [*]")), "C:\\Data\\a\\b\\x.txt", "C:\\All\\x.txt", MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("ExactMove('%WINDIR%\\Media [new.wav]')", "C:\\Data [x.wav]")), "C:\\Data\\x.wav",
		  "C:\\Windows\\Media\\new.wav", MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("RelativeMove('C:\\Data','D:\\New\\')", "C:\\Data\\* [*]")), "C:\\data\\a\\x.txt", "D:\\New\\a\\x.txt",
		  MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("RelativeMove('C:\\Dat','D:\\New')", "C:\\Data\\* [*]")), "C:\\Data\\x.txt", "C:\\Data\\x.txt",
		  MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("RelativeMove('%NOBODY%','D:\\New')", "C:\\Data\\* [*]")), "C:\\Data\\x.txt", "C:\\Data\\x.txt",
		  MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("Move('%SYSTEMDRIVE%\\Music')", "C:\\* [*.mp3]")), "C:\\a\\b\\x.mp3", "C:\\Music\\a\\b\\x.mp3",
		  MERGE_DEFAULT, "" },
		{ COMPONENT(MOVE("ExactMove('C:\\All')", "C:\\Data\\* [*]") MERGE("SourcePriority()", "C:\\Data\\* [*]")),
		  "C:\\Data\\x.txt", "C:\\All\\x.txt", MERGE_SOURCE, "" },
		/* capture only */
		{ COMPONENT(KEEP("C:\\Data\\* [*]")), "C:\\Data\\x.txt", "-", MERGE_DEFAULT, "" },
		{ COMPONENT(KEEP("C:\\Data\\* [*]")), "C:\\Other\\x.txt", "C:\\Other\\x.txt", MERGE_DEFAULT, "" },
		{ COMPONENT(KEEP("C:\\Data\\* [*]")) COMPONENT(INCLUDE("C:\\Data\\* [*]")), "C:\\Data\\x.txt", "C:\\Data\\x.txt",
		  MERGE_DEFAULT, "" },
		{ COMPONENT(KEEP("C:\\Data\\a\\* [*]")) COMPONENT(INCLUDE("C:\\Data\\* [*]")), "C:\\Data\\a\\x.txt", "-",
		  MERGE_DEFAULT, "" },
	};

	return CASES(struct placed, cases);
}

static void make(struct test_rules *it, struct placements **placements, const char *rules)
{
	struct error err;

	test_rules_begin(it, "\\Data\\x.txt");
	test_rules_add(it, rules);
	cr_assert(eq(int, placements_make(placements, &it->set, &it->volumes, NULL, NULL, 0, &err), 0), "%s", err.text);
}

ParameterizedTest(struct placed *c, placement, files_go_where_the_rules_say)
{
	struct test_rules  it;
	struct placements *placements;
	struct placement   placement;
	struct error       err;

	make(&it, &placements, c->rules);
	cr_expect(that(placements_concern_files(placements)) || strstr(c->rules, "NOBODY"));
	cr_assert(eq(int, placements_of_file(placements, c->path, &placement, &err), 0));
	cr_expect(eq(str, placement.path ? placement.path : "-", c->to), "%s", c->rules);
	cr_expect(eq(int, placement.path == NULL, placement.why != NULL));
	cr_expect(eq(int, placement.merge, c->merge), "%s", c->rules);
	cr_expect(eq(str, placement.pattern ? placement.pattern : "", c->pattern));
	placement_release(&placement);
	placements_free(placements);
	test_rules_release(&it);
}

Test(placement, without_rules_for_it_nothing_concerns_files)
{
	struct test_rules  it;
	struct placements *placements;

	make(&it, &placements, COMPONENT(INCLUDE("C:\\* [*]") EXCLUDE("C:\\a [*]")));
	cr_expect(that(!placements_concern_files(placements)));
	placements_free(placements);
	test_rules_release(&it);
}

Test(placement, values_are_merged_and_moved_too)
{
	struct test_rules  it;
	struct placements *placements;
	struct placement   placement;
	struct error       err;

	make(&it, &placements,
	     COMPONENT("<merge script=\"MigXmlHelper.HigherValue()\">" OBJECTS(
		     "<pattern type=\"Registry\">HKLM\\Software\\X [Count]</pattern>") "</merge><locationModify "
		     "script=\"MigXmlHelper.RelativeMove('HKLM\\Software\\X','HKLM\\Software\\Y')\">" OBJECTS(
		     "<pattern type=\"Registry\">HKLM\\Software\\X\\* [*]</pattern>") "</locationModify>"));
	cr_expect(that(!placements_concern_files(placements)));
	cr_assert(eq(int, placements_of_value(placements, NULL, "HKLM\\SOFTWARE\\X", "count", &placement, &err), 0));
	cr_expect(eq(str, placement.path, "HKLM\\Software\\Y"));
	cr_expect(eq(int, placement.merge, MERGE_HIGHER));
	placement_release(&placement);
	cr_assert(eq(int, placements_of_value(placements, NULL, "HKLM\\Software\\X\\Sub", "", &placement, &err), 0));
	cr_expect(eq(str, placement.path, "HKLM\\Software\\Y\\Sub"));
	cr_expect(eq(int, placement.merge, MERGE_DEFAULT));
	placement_release(&placement);
	placements_free(placements);
	test_rules_release(&it);
}

#define ATTRIBUTES(kind, which, text) "<" kind " attributes=\"" which "\">" OBJECTS(PATTERN(text)) "</" kind ">"
#define LINKS(text)   "<include filter=\"MigXmlHelper.IgnoreIrrelevantLinks()\">" OBJECTS(PATTERN(text)) "</include>"
#define CONTENT(call) "<contentModify script=\"MigXmlHelper." call "\">" OBJECTS(VALUE("HKLM\\Software\\X [v]")) "</contentModify>"
#define VALUE(text)   "<pattern type=\"Registry\">" text "</pattern>"

struct dressed {
	char     rules[800], path[32];
	unsigned drops;
	bool     screened;
};

ParameterizedTestParameters(placement, what_files_bring_along)
{
	static struct dressed cases[] = {
		{ COMPONENT(ATTRIBUTES("excludeAttributes", "Security", "C:\\Data\\* [*]")), "C:\\Data\\x.txt", RULE_SECURITY, false },
		{ COMPONENT(ATTRIBUTES("excludeAttributes", "Security,TimeFields", "C:\\Data\\* [*]")), "C:\\Data\\x.txt",
		  RULE_SECURITY | RULE_TIME_FIELDS, false },
		{ COMPONENT(ATTRIBUTES("excludeAttributes", "Security,TimeFields", "C:\\Data\\* [*]")
				    ATTRIBUTES("includeAttributes", "TimeFields", "C:\\Data [x.txt]")),
		  "C:\\Data\\x.txt", RULE_SECURITY, false },
		{ COMPONENT(ATTRIBUTES("includeAttributes", "Security", "C:\\* [*]")
				    ATTRIBUTES("excludeAttributes", "Security", "C:\\Data\\* [*]")),
		  "C:\\Data\\x.txt", RULE_SECURITY, false },
		{ COMPONENT(ATTRIBUTES("excludeAttributes", "Security", "C:\\Data\\* [*]")), "C:\\Other\\x.txt", 0, false },
		{ COMPONENT(LINKS("C:\\Data\\* [*]")), "C:\\Data\\x.LNK", 0, true },
		{ COMPONENT(LINKS("C:\\Data\\* [*]")), "C:\\Data\\x.txt", 0, false },
		{ COMPONENT(LINKS("C:\\Data\\* [*]")), "C:\\Other\\x.lnk", 0, false },
		/* whoever wants it for itself */
		{ COMPONENT(LINKS("C:\\Data\\* [*]")) COMPONENT(INCLUDE("C:\\Data\\* [*]")), "C:\\Data\\x.lnk", 0, false },
		{ COMPONENT(LINKS("C:\\Data\\* [*]")) COMPONENT(INCLUDE("C:\\* [*]")), "C:\\Data\\x.lnk", 0, true },
		{ COMPONENT(LINKS("C:\\Data\\* [*]")) COMPONENT(KEEP("C:\\Data\\* [*]")), "C:\\Data\\x.lnk", 0, true },
	};

	return CASES(struct dressed, cases);
}

ParameterizedTest(struct dressed *c, placement, what_files_bring_along)
{
	struct test_rules  it;
	struct placements *placements;
	struct placement   placement;
	struct error       err;

	make(&it, &placements, c->rules);
	cr_expect(that(placements_concern_files(placements)));
	cr_expect(eq(int, placements_screen_links(placements), strstr(c->rules, "IgnoreIrrelevantLinks") != NULL));
	cr_assert(eq(int, placements_of_file(placements, c->path, &placement, &err), 0));
	cr_expect(eq(str, placement.path, c->path));
	cr_expect(eq(u32, placement.drops, c->drops), "%s", c->rules);
	cr_expect(eq(int, placement.screened, c->screened), "%s", c->rules);
	placement_release(&placement);
	placements_free(placements);
	test_rules_release(&it);
}

struct sent {
	char script[80], key[40], name[8];
	char to[40], as[8]; /* .as "-": a key */
};

ParameterizedTestParameters(placement, values_go_where_the_rules_say)
{
	static struct sent cases[] = {
		{ "ExactMove('HKLM\\Software\\Y')", "HKLM\\Software\\X\\a", "v", "HKLM\\Software\\Y", "v" },
		{ "ExactMove('HKLM\\Software\\Y [w]')", "HKLM\\Software\\X", "v", "HKLM\\Software\\Y", "w" },
		{ "ExactMove('HKLM\\Software\\Y []')", "HKLM\\Software\\X", "v", "HKLM\\Software\\Y", "" },
		{ "ExactMove('HKLM\\Software\\Y [w]')", "HKLM\\Software\\X", "-", "HKLM\\Software\\Y", "-" },
		{ "Move('HKLM\\Software\\Old')", "HKLM\\Software\\X", "v", "HKLM\\Software\\Old\\Software\\X", "v" },
		{ "RelativeMove('HKEY_LOCAL_MACHINE\\software\\x','HKCU\\X')", "HKLM\\Software\\X\\a", "-", "HKCU\\X\\a", "-" },
		{ "RelativeMove('HKLM\\Software\\X\\a','HKCU\\X')", "HKLM\\Software\\X", "v", "HKLM\\Software\\X", "v" },
	};

	return CASES(struct sent, cases);
}

ParameterizedTest(struct sent *c, placement, values_go_where_the_rules_say)
{
	struct test_rules  it;
	struct placements *placements;
	struct placement   placement;
	struct error       err;
	char               rules[500];

	snprintf(rules, sizeof rules,
		 COMPONENT("<locationModify script=\"MigXmlHelper.%s\">" OBJECTS(VALUE("HKLM\\Software\\X\\* [*]")) "</locationModify>"),
		 c->script);
	make(&it, &placements, rules);
	cr_assert(eq(int, placements_of_value(placements, NULL, c->key, *c->name == '-' ? NULL : c->name, &placement, &err), 0));
	cr_expect(eq(str, placement.path, c->to), "%s", c->script);
	cr_expect(eq(str, placement.name ? placement.name : "-", c->as), "%s", c->script);
	placement_release(&placement);
	placements_free(placements);
	test_rules_release(&it);
}

Test(placement, contents_are_changed_by_what_is_known)
{
	struct test_rules  it;
	struct placements *placements;
	struct placement   placement;
	struct error       err;

	make(&it, &placements, COMPONENT(CONTENT("ConvertToDWORD()") CONTENT("ConvertScreenSaver()")));
	cr_assert(eq(int, placements_of_value(placements, NULL, "HKLM\\Software\\X", "V", &placement, &err), 0));
	cr_assert(that(placement.content.call != NULL));
	cr_expect(eq(int, placement.content.change, CONTENT_TO_DWORD));
	placement_release(&placement);
	cr_assert(eq(int, placements_of_value(placements, NULL, "HKLM\\Software\\X", "w", &placement, &err), 0));
	cr_expect(that(placement.content.call == NULL));
	placement_release(&placement);
	cr_assert(eq(sz, placements_unhonoured(placements)->count, 1));
	cr_expect(that(strstr(placements_unhonoured(placements)->items[0].what, "ConvertScreenSaver") != NULL));
	placements_free(placements);
	test_rules_release(&it);
}
