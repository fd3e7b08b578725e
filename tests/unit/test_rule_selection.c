/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rule_selection.c - expected values: by hand, from the rules of spec USMT 3.2 to 3.6 */
#include "tests/unit/rules.h"

#include "core/cleanup.h"

#define FILES                                                                                                        \
	"\\root.txt;\\Dir1\\a.txt;\\Dir1\\a.doc;\\Dir1\\Dir2\\b.txt;\\Dir1\\Dir2\\b.doc;\\Dir1\\Dir2\\deep\\c.txt;" \
	"\\Data\\x.mp3;\\Data\\x.txt;\\Other\\y.mp3;\\Empty\\;\\Windows\\w.txt;\\Program Files\\App\\app.ini"

static void make(struct test_rules *it, const struct config_file *config, struct rule_selection *selection)
{
	struct error err;

	it->set.config = config;
	cr_assert(eq(int, rule_selection_make(selection, &it->set, &it->volumes, NULL, NULL, 0, NULL, &err), 0), "%s",
		  err.text);
}

/* The paths that are taken, in the order of the table, a blank between them. */
static void list(const struct test_rules *it, const struct rule_selection *selection, char *text, size_t size)
{
	size_t length = 0;

	*text = 0;
	for (uint32_t record = FIRST_USER_RECORD; record < it->tree.next; record++) {
		size_t          count;
		const uint32_t *names = volume_tree_names(&it->tree.tree, record, &count);

		if (count && selection->volumes[0].names[names[0]])
			length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " " : "",
						   it->tree.paths[record]);
	}
}

/* -------- one file -------- */

/* A component whose detection asks for an entry of an ini file. */
#define UNKNOWN(rules)                                                                                                     \
	"<component type=\"Application\" context=\"System\"><displayName>U</displayName><role role=\"Data\"><detection>"     \
	"<conditions><condition>MigXmlHelper.DoesObjectExist(\"Ini\",\"C:\\a.ini|b[c]\")</condition></conditions></detection>" \
	"<rules>" rules "</rules></role></component>"

struct rule_case {
	char rules[900], taken[300];
};

ParameterizedTestParameters(rule_selection, takes_what_the_rules_say)
{
	static struct rule_case cases[] = {
		/* the table of precedence */
		{ COMPONENT(INCLUDE("C:\\Dir1\\* [*]") EXCLUDE("C:\\* [*.txt]")),
		  "\\Dir1 \\Dir1\\a.txt \\Dir1\\a.doc \\Dir1\\Dir2 \\Dir1\\Dir2\\b.txt \\Dir1\\Dir2\\b.doc "
		  "\\Dir1\\Dir2\\deep \\Dir1\\Dir2\\deep\\c.txt" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\* [*]") EXCLUDE("C:\\Dir1\\Dir2\\* [*.txt]")),
		  "\\Dir1 \\Dir1\\a.txt \\Dir1\\a.doc \\Dir1\\Dir2 \\Dir1\\Dir2\\b.doc \\Dir1\\Dir2\\deep" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\* [*]") EXCLUDE("C:\\Dir1\\* [*.txt]")),
		  "\\Dir1 \\Dir1\\a.doc \\Dir1\\Dir2 \\Dir1\\Dir2\\b.doc \\Dir1\\Dir2\\deep" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\Dir2\\* [*.txt]") EXCLUDE("C:\\Dir1\\Dir2\\* [*.txt]")), "" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\* [*.txt]") EXCLUDE("C:\\Dir1\\Dir2\\* [*]")), "\\Dir1\\a.txt" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\Dir2\\* [*]") EXCLUDE("C:\\Dir1\\* [*.txt]")), /* our choice */
		  "\\Dir1\\Dir2 \\Dir1\\Dir2\\b.txt \\Dir1\\Dir2\\b.doc \\Dir1\\Dir2\\deep \\Dir1\\Dir2\\deep\\c.txt" },
		/* components do not influence one another */
		{ COMPONENT(INCLUDE("C:\\Dir1\\* [*]") EXCLUDE("C:\\Dir1\\Dir2\\* [*.txt]"))
		  COMPONENT(INCLUDE("C:\\Dir1\\Dir2\\* [*.txt]") EXCLUDE("C:\\Dir1\\* [*]")),
		  "\\Dir1 \\Dir1\\a.txt \\Dir1\\a.doc \\Dir1\\Dir2 \\Dir1\\Dir2\\b.txt \\Dir1\\Dir2\\b.doc "
		  "\\Dir1\\Dir2\\deep \\Dir1\\Dir2\\deep\\c.txt" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\Dir2\\* [*]")) COMPONENT(EXCLUDE("C:\\Dir1\\* [*.txt]")), /* our choice */
		  "\\Dir1\\Dir2 \\Dir1\\Dir2\\b.txt \\Dir1\\Dir2\\b.doc \\Dir1\\Dir2\\deep \\Dir1\\Dir2\\deep\\c.txt" },
		{ COMPONENT(EXCLUDE("C:\\* [*]")), "" },
		{ COMPONENT(INCLUDE("C:\\Dir1 [*]")) COMPONENT(NEVER("C:\\* [*.txt]")), "\\Dir1 \\Dir1\\a.doc" },
		{ COMPONENT(INCLUDE("C:\\Data [x.mp3]")) COMPONENT(NEVER("* [*.mp3]")), "" },
		/* helpers and variables */
		{ COMPONENT("<include>" OBJECTS("<script>MigXmlHelper.GenerateDrivePatterns (\"* [*.mp3]\", \"Fixed\")"
						"</script>") "</include>"),
		  "\\Data\\x.mp3 \\Other\\y.mp3" },
		{ COMPONENT("<include>" OBJECTS("<script>MigXmlHelper.GenerateDrivePatterns (\"\\Other\\* [*]\", \"Fixed\")"
						"</script>") "</include>"),
		  "\\Other \\Other\\y.mp3" },
		{ COMPONENT("<include>" OBJECTS("<script>MigXmlHelper.GenerateDrivePatterns (\"* [*]\", \"CDROM\")"
						"</script>") "</include>"),
		  "" },
		{ COMPONENT(INCLUDE("%WINDIR%\\* [*]")), "\\Windows \\Windows\\w.txt" },
		{ COMPONENT(INCLUDE("%NOBODY%\\* [*]") INCLUDE("%APPDATA%\\* [*]") INCLUDE("C:\\ [*]")), "\\root.txt" },
		{ "<component type=\"Documents\" context=\"System\"><displayName>N</displayName><environment>"
		  "<variable name=\"D\"><text>C:\\Data</text></variable><variable name=\"D\"><text>C:\\Other\\</text></variable>"
		  "</environment><role role=\"Data\"><rules>" INCLUDE("%d%\\* [*.mp3]") "</rules></role></component>",
		  "\\Data\\x.mp3 \\Other\\y.mp3" },
		/* conditions */
		{ COMPONENT("<conditions><condition>MigXmlHelper.DoesObjectExist(\"File\",\"C:\\Data\\* [*.doc]\")</condition>"
			    "</conditions>" INCLUDE("C:\\ [*]")), "" },
		{ COMPONENT("<conditions><condition>MigXmlHelper.DoesObjectExist(\"File\",\"C:\\Dir1\\* [c*.txt]\")</condition>"
			    "</conditions>" INCLUDE("C:\\ [*]")), "\\root.txt" },
		{ COMPONENT("<conditions operation=\"OR\"><condition>MigXmlHelper.DoesObjectExist(\"Registry\",\"HKLM\\Software\")"
			    "</condition><condition negation=\"Yes\">MigXmlHelper.DoesObjectExist(\"File\",\"C:\\Data\")"
			    "</condition></conditions>" INCLUDE("C:\\ [*]")), "" },
		{ COMPONENT("<conditions><condition>MigXmlHelper.IsSystemContext()</condition><condition>"
			    "MigXmlHelper.IsSameObject('File','C:\\dir1\\','C:\\DIR1')</condition></conditions>"
			    INCLUDE("C:\\ [*]")), "\\root.txt" },
		/* what is not known is taken, and not left out */
		{ COMPONENT("<conditions><condition>MigXmlHelper.IsOSLaterThan('NT','6.0')</condition></conditions>"
			    INCLUDE("C:\\Data [*]") EXCLUDE("C:\\Data [*.txt]")), "\\Data \\Data\\x.mp3 \\Data\\x.txt" },
		{ COMPONENT("<conditions><condition negation=\"Yes\">MigXmlHelper.IsOSLaterThan('NT','6.0')</condition>"
			    "</conditions>" INCLUDE("C:\\Data [*]")), "\\Data \\Data\\x.mp3 \\Data\\x.txt" },
		{ COMPONENT("<include><objectSet><condition>MigXmlHelper.IsNative64Bit()</condition>" PATTERN("C:\\Data [*]")
			    "</objectSet></include><exclude><objectSet><condition>MigXmlHelper.IsNative64Bit()</condition>"
			    PATTERN("C:\\Data [*.txt]") "</objectSet></exclude>"), "\\Data \\Data\\x.mp3 \\Data\\x.txt" },
		/* filters */
		{ COMPONENT("<include filter='MigXmlHelper.FileProperties(\"filesize\",\"gt\",\"1KB\")'>"
			    OBJECTS(PATTERN("C:\\Data [*.txt]")) "</include>"), "" },
		{ COMPONENT("<include filter='MigXmlHelper.FileProperties(\"filesize\",\"range\",\"1KB-1B\")'>"
			    OBJECTS(PATTERN("C:\\Data [*.txt]")) "</include>"), "\\Data\\x.txt" },
		{ COMPONENT(INCLUDE("C:\\Data\\* [*]") INCLUDE("C:\\Empty\\* [*]")
			    "<exclude filter='MigXmlHelper.FileProperties(\"filesize\",\"lt\",\"1KB\")'>"
			    OBJECTS(PATTERN("C:\\Data\\* [*]") PATTERN("C:\\Empty\\* [*]")) "</exclude>"), "\\Data \\Empty" },
		{ COMPONENT("<include filter='MigXmlHelper.AnswerNo()'>" OBJECTS(PATTERN("C:\\* [*]")) "</include>"), "" },
		{ COMPONENT(INCLUDE("C:\\Data [*.txt]") "<exclude filter='MigXmlHelper.SameRegContent()'>"
			    OBJECTS(PATTERN("C:\\Data [*.txt]")) "</exclude>"), "\\Data\\x.txt" },
		/* entries of ini files */
		{ COMPONENT("<include>" OBJECTS("<pattern type=\"Ini\">%ProgramFiles%\\App\\app.ini|Main[Key]</pattern>")
			    "</include>"), "\\Program Files\\App\\app.ini" },
		/* detection */
		{ "<component type=\"Application\" context=\"System\"><displayName>N</displayName><role role=\"Data\"><detects>"
		  "<detect><condition>MigXmlHelper.DoesObjectExist(\"File\",\"C:\\Nowhere\")</condition></detect></detects><rules>"
		  INCLUDE("C:\\* [*]") "</rules></role></component>", "" },
		/* one that cannot be answered: what it includes is taken, what it excludes is not left out */
		{ COMPONENT(INCLUDE("C:\\Data [*]")) UNKNOWN(NEVER("C:\\Data [*.txt]") INCLUDE("C:\\Other [*]") EXCLUDE("C:\\Other [*.mp3]")),
		  "\\Data \\Data\\x.mp3 \\Data\\x.txt \\Other \\Other\\y.mp3" },
		{ "<component type=\"Application\" context=\"User\"><displayName>N</displayName><role role=\"Data\"><rules>"
		  INCLUDE("C:\\* [*]") "</rules></role></component>", "" }, /* there are no users */
		/* directories */
		{ COMPONENT(INCLUDE("C:\\Empty\\* [*]")), "\\Empty" },
		{ COMPONENT(INCLUDE("C:\\Dir1\\*")), "\\Dir1 \\Dir1\\Dir2 \\Dir1\\Dir2\\deep" },
	};

	return CASES(struct rule_case, cases);
}

ParameterizedTest(struct rule_case *c, rule_selection, takes_what_the_rules_say)
{
	struct test_rules     it;
	struct rule_selection selection;
	char                  taken[600];

	test_rules_begin(&it, FILES);
	test_rules_add(&it, c->rules);
	make(&it, NULL, &selection);
	list(&it, &selection, taken, sizeof taken);
	cr_expect(eq(str, taken, c->taken), "%s", c->rules);
	rule_selection_release(&selection);
	test_rules_release(&it);
}

/* -------- what is told -------- */

Test(rule_selection, counts_by_component_and_tells_what_is_not_done)
{
	struct test_rules     it;
	struct rule_selection selection;

	test_rules_begin(&it, FILES);
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Data [*]")) "\n"
			    COMPONENT(INCLUDE("C:\\* [*.mp3]")
				      "<externalProcess when=\"post-apply\"><commandLine>cmd</commandLine></externalProcess>"
				      "<include>" OBJECTS(PATTERN("%X%\\* [*]")) "</include>"));
	test_rules_add(&it, COMPONENT(NEVER("C:\\* [*.txt]")));
	make(&it, NULL, &selection);
	cr_assert(eq(sz, selection.components.count, 3));
	cr_expect(eq(u64, selection.components.items[0].files, 1)); /* the text is nobody's */
	cr_expect(eq(u64, selection.components.items[1].files, 2));
	cr_expect(eq(u64, selection.components.items[1].bytes, 2000));
	cr_expect(eq(u64, selection.volumes[0].files, 2));
	cr_expect(eq(u64, selection.volumes[0].bytes, 2000));
	cr_assert(eq(sz, selection.unhonoured.count, 2));
	cr_expect(eq(str, (char *)selection.unhonoured.items[0].file, "0.xml"));
	cr_expect(eq(int, selection.unhonoured.items[0].line, 2));
	rule_selection_release(&selection);
	test_rules_release(&it);
}

/* Whoever relies on one of these has to know that nothing comes of it. */
Test(rule_selection, what_takes_nothing_is_told)
{
	static const char *const wanted[] = {
		"<pattern> has no [leaf] and means no file or value, folders and keys alone: add [*] for all in them",
		"d:/Data\\* [*]: the drive D: is not among the volumes: it takes nothing",
		"windowsObjects is Windows's own and undocumented: it says nothing here",
	};
	struct test_rules     it;
	struct rule_selection selection;

	test_rules_begin(&it, FILES);
	test_rules_add(&it, COMPONENT(INCLUDE("d:/Data\\* [*]") EXCLUDE("E:\\* [*]") INCLUDE("*:\\Nowhere [*]"))
				    COMPONENT(INCLUDE("C:\\Data\\*"))
					    COMPONENT("<windowsObjects>" OBJECTS(PATTERN("C:\\Data [*]")) "</windowsObjects>"));
	make(&it, NULL, &selection);
	cr_assert(eq(sz, selection.unhonoured.count, COUNT(wanted)));
	for (size_t i = 0; i < COUNT(wanted); i++)
		cr_expect(eq(str, selection.unhonoured.items[i].what, (char *)wanted[i]));
	rule_selection_release(&selection);
	test_rules_release(&it);
}

/* Rules that call a file by its alias and by its name speak of one file. */
Test(rule_selection, an_alias_is_the_same_file)
{
	struct test_rules     it;
	struct rule_selection selection;

	test_rules_begin(&it, "");
	test_tree_release(&it.tree);
	test_tree_begin(&it.tree, 64);
	test_tree_add(&it.tree, "\\Data\\Long name.html", 1000);
	test_tree_name(&it.tree, "\\Data\\LONGNA~1.HTM", NAME_DOS);
	test_tree_build(&it.tree);
	it.volume.tree = it.tree.tree;
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Data [*]") EXCLUDE("C:\\Data [LongNa~1.htm]")));
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Data\\* [*]") INCLUDE("C:\\Data\\* [LONGNA~1.HTM]")));
	make(&it, NULL, &selection);
	cr_expect(eq(u64, selection.components.items[0].files, 0));
	cr_expect(eq(u64, selection.components.items[1].files, 1));
	rule_selection_release(&selection);
	test_rules_release(&it);
}

Test(rule_selection, a_second_file_of_the_same_urlid_is_passed_over)
{
	struct test_rules     it;
	struct rule_selection selection;

	test_rules_begin(&it, FILES);
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Data [*]")));
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Other [*]")));
	it.files[1].urlid = "HTTP://x/0";
	make(&it, NULL, &selection);
	cr_expect(eq(u64, selection.volumes[0].files, 2));
	cr_expect(eq(sz, selection.unhonoured.count, 1));
	rule_selection_release(&selection);
	test_rules_release(&it);
}

Test(rule_selection, config_leaves_components_out)
{
	static const char text[] = "<Configuration><Documents><component displayname=\"N\" migrate=\"no\" "
				   "ID=\"http://x/0/n/data\"/></Documents></Configuration>";
	struct test_rules                               it;
	struct rule_selection                           selection;
	CLEANUP(config_file_release) struct config_file config = { 0 };
	struct error                                    err;

	test_rules_begin(&it, FILES);
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Data [*]")));
	test_rules_add(&it, COMPONENT(INCLUDE("C:\\Other [*]")));
	cr_assert(eq(int, config_file_parse(&config, "Config.xml", text, strlen(text), &err), 0), "%s", err.text);
	make(&it, &config, &selection);
	cr_expect(that(!selection.components.items[0].migrated));
	cr_expect(that(selection.components.items[1].migrated));
	cr_expect(eq(u64, selection.volumes[0].files, 1));
	rule_selection_release(&selection);
	test_rules_release(&it);
}

Test(rule_selection, objects_that_are_added_are_values)
{
	struct test_rules     it;
	struct rule_selection selection;

	test_rules_begin(&it, FILES);
	test_rules_add(&it, COMPONENT("<addObjects><object><location type=\"Registry\">HKLM\\Software\\X [Version]</location>"
				      "<attributes>DWORD</attributes><bytes>0B000000</bytes></object><object>"
				      "<location type=\"Registry\">HKLM\\Software\\X [Path]</location><attributes>STRING"
				      "</attributes><bytes string=\"1\" expand=\"1\">%SYSTEMDRIVE%\\X</bytes></object></addObjects>"));
	make(&it, NULL, &selection);
	cr_assert(eq(sz, selection.values.count, 2));
	cr_expect(eq(str, selection.values.items[0].key, "HKLM\\Software\\X"));
	cr_expect(eq(str, selection.values.items[0].value.name, "Path"));
	cr_expect(eq(sz, selection.values.items[0].value.size, 2 * sizeof "C:\\X"));
	cr_expect(eq(int, selection.values.items[1].value.type, REGISTRY_DWORD));
	cr_expect(eq(int, selection.values.items[1].value.data[0], 11));
	cr_expect(eq(sz, selection.values.items[1].value.size, 4));
	rule_selection_release(&selection);
	test_rules_release(&it);
}
