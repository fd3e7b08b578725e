/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rule_file.c - expected values: the schema and the semantics of MigXML, read by hand */
#include "tests/unit/unit.h"

#include "recover/rules/rule_file.h"
#include "recover/rules/rule_review.h"

#include <string.h>

#define BEGIN "<migration urlid='http://x/MINE'>\n"
#define END "</migration>"

static int parse(struct rule_file *file, const char *text, struct error *err)
{
	struct blob bytes = blob_copy(text, strlen(text));
	int         result = rule_file_parse(file, "x.xml", bytes.at, bytes.size, err);

	free(bytes.at);
	return result;
}

static void must_parse(struct rule_file *file, const char *text)
{
	struct error err = { 0 };

	cr_assert(eq(int, parse(file, text, &err), 0), "%s\n%s", text, err.text);
}

/* A file of one component with one role, and what is in that. */
static void parse_role(struct rule_file *file, const char *inside)
{
	char *text = NULL;

	cr_assert(that(asprintf(&text, BEGIN "<component type='Documents'><displayName>Ä B</displayName><role role='Data'>\n"
				"%s</role></component>" END, inside) > 0));
	must_parse(file, text);
	free(text);
	cr_assert(that(file->count == 1 && file->components[0].role_count == 1));
}

/* A condition as text: "Name", "!Name", "(a & b)", "(a | b)"; object sets as "#0". */
static void write_condition(FILE *out, const struct rule_condition *condition)
{
	if (condition->leaf) {
		fputs(condition->negated ? "!" : "", out);
		if (strcmp(condition->call.name, "ObjectSet") == 0)
			fprintf(out, "#%s", condition->call.arguments[0]);
		else
			fprintf(out, "%s", condition->call.count ? condition->call.arguments[0] : condition->call.name);
		return;
	}
	fputc('(', out);
	for (size_t i = 0; i < condition->count; i++) {
		fputs(!i ? "" : condition->any ? " | " : " & ", out);
		write_condition(out, &condition->items[i]);
	}
	fputc(')', out);
}

static void expect_condition(const struct rule_condition *condition, const char *wanted)
{
	char  *text = NULL;
	size_t size;
	FILE  *out = open_memstream(&text, &size);

	if (condition)
		write_condition(out, condition);
	fclose(out);
	cr_expect(eq(str, text, (char *)wanted));
	free(text);
}

/* DoesObjectExist of @name, which write_condition shows. */
#define IS(name) "<condition>MigXmlHelper.DoesObjectExist('" name "','x')</condition>"
#define SET "<objectSet><pattern type='File'>C:\\a [b]</pattern></objectSet>"
#define CONTEXT_IS_SYSTEM "IsSystemContext"

/* -------- rules -------- */

Test(rule_file, rules_are_kept_as_they_are_written)
{
	struct rule_file               file;
	const struct rule_group       *group;
	const struct rule             *rule;
	const struct rule_new_object  *added;

	parse_role(&file, "<rules name='r' context='user'>\n"
			  "<include filter=\"MigXmlHelper.IgnoreIrrelevantLinks()\"><objectSet>\n"
			  "<pattern type='file'>  C:\\a\\* [*.txt]  </pattern>\n"
			  "<content filter='MigXmlHelper.ExtractSingleFile (NULL, \"x\")'><objectSet>"
			  "<pattern type='Registry'>HKCU\\a [b]</pattern></objectSet></content>\n"
			  "<script>MigXmlHelper.GenerateDrivePatterns(\"* [*.doc]\",\"Fixed\")</script>"
			  "</objectSet></include>\n"
			  "<excludeAttributes attributes='Security,TimeFields'>" SET "</excludeAttributes>\n"
			  "<addObjects><object><location type='Registry'>HKLM\\a [b]</location>"
			  "<attributes>DWORD</attributes><bytes>0000000a</bytes></object></addObjects>\n"
			  "<externalProcess when='post-apply'><commandLine>a.exe</commandLine></externalProcess>\n"
			  "<rules context='System'><merge script='MigXmlHelper.SourcePriority()'>" SET "</merge></rules>\n"
			  "</rules>");
	group = &file.components[0].roles[0].groups[0];
	cr_expect(eq(str, (char *)group->name, "r"));
	cr_expect(eq(int, group->context, CONTEXT_USER));
	cr_expect(eq(int, group->line, 3));
	cr_assert(eq(sz, group->count, 4));
	rule = &group->rules[0];
	cr_expect(eq(int, rule->kind, RULE_INCLUDE));
	cr_expect(eq(str, rule->call->name, "IgnoreIrrelevantLinks"));
	cr_assert(eq(sz, rule->objects[0].count, 3));
	cr_expect(eq(str, (char *)rule->objects[0].sources[0].pattern.text, "C:\\a\\* [*.txt]"));
	cr_expect(eq(int, rule->objects[0].sources[0].pattern.line, 5));
	cr_expect(eq(int, rule->objects[0].sources[1].kind, SOURCE_CONTENT));
	cr_expect(that(rule->objects[0].sources[1].call.count == 2 && !rule->objects[0].sources[1].call.arguments[0]));
	cr_expect(eq(str, rule->objects[0].sources[1].call.arguments[1], "x"));
	cr_expect(eq(int, rule->objects[0].sources[1].objects[0].sources[0].pattern.type, OBJECT_REGISTRY));
	cr_expect(eq(str, rule->objects[0].sources[2].call.arguments[0], "* [*.doc]"));
	cr_expect(eq(int, (int)group->rules[1].attributes, RULE_SECURITY | RULE_TIME_FIELDS));
	added = &group->rules[2].added[0];
	cr_expect(eq(str, (char *)added->location, "HKLM\\a [b]"));
	cr_expect(eq(str, (char *)added->bytes, "0000000a"));
	cr_expect(that(!added->string && added->expand));
	cr_expect(eq(str, (char *)group->rules[3].command_lines[0], "a.exe"));
	cr_expect(eq(str, (char *)group->rules[3].when, "post-apply"));
	cr_assert(eq(sz, group->group_count, 1));
	cr_expect(eq(int, group->groups[0].context, CONTEXT_SYSTEM));
	cr_expect(eq(str, group->groups[0].rules[0].call->name, "SourcePriority"));
	rule_file_release(&file);
}

Test(rule_file, components_and_ids)
{
	struct rule_file             file;
	const struct rule_component *component;

	must_parse(&file, BEGIN "<component type='Application' context='UserAndSystem' hidden='TRUE' defaultSupported='0'>\n"
				"<displayName _locID='x'>My Thing</displayName>\n"
				"<environment><variable name='V'><text></text></variable></environment>"
				"<role role='Container'>\n"
				"<component type='Application' context='System'><displayName>Inner</displayName>"
				"<role role='Settings'><rules/></role></component></role></component>" END);
	component = &file.components[0];
	cr_expect(that(component->hidden && !component->supported));
	cr_expect(eq(int, component->context, CONTEXT_BOTH));
	cr_expect(eq(str, (char *)component->roles[0].id, "http://x/MINE/my thing/container"));
	cr_expect(eq(str, (char *)component->environments[0].variables[0].text, ""));
	component = &component->roles[0].components[0];
	cr_expect(eq(str, (char *)component->roles[0].id, "http://x/MINE/inner/settings"));
	cr_expect(eq(int, component->context, CONTEXT_SYSTEM));
	cr_expect(eq(sz, file.remarks.count, 0));
	rule_file_release(&file);
}

Test(rule_file, extensions_are_short_for_an_include_on_all_fixed_drives)
{
	struct rule_file          file;
	const struct rule_role   *role;
	const struct rule_source *source;

	must_parse(&file, BEGIN "<component type='Documents'><displayName>N</displayName>"
				"<extensions><extension>*.doc</extension><extension>*.x y</extension></extensions>"
				"</component>" END);
	role = &file.components[0].roles[0];
	cr_assert(that(role->group_count == 1 && role->groups[0].rules[0].kind == RULE_INCLUDE));
	cr_assert(eq(sz, role->groups[0].rules[0].objects[0].count, 2));
	source = &role->groups[0].rules[0].objects[0].sources[1];
	cr_expect(eq(str, source->call.name, "GenerateDrivePatterns"));
	cr_expect(eq(str, source->call.arguments[0], "* [*.x y]"));
	cr_expect(eq(str, source->call.arguments[1], "Fixed"));
	cr_expect(eq(str, (char *)role->id, "http://x/MINE/n/data"));
	rule_file_release(&file);
}

Test(rule_file, rules_for_components_of_windows_are_taken_by_themselves)
{
	struct rule_file file;

	parse_role(&file, "<supportedComponents><supportedComponent id='cmi' rules='add'><version>1</version>"
			  "<rules><include>" SET "</include></rules></supportedComponent></supportedComponents>");
	cr_assert(eq(sz, file.components[0].roles[0].group_count, 1));
	cr_expect(eq(int, file.components[0].roles[0].groups[0].rules[0].kind, RULE_INCLUDE));
	cr_assert(eq(sz, file.remarks.count, 1));
	cr_expect(that(file.remarks.items[0].lost));
	rule_file_release(&file);
}

/* -------- conditions -------- */

struct conditional {
	char rules[700];
	char condition[120]; /* of the rules */
};

ParameterizedTestParameters(rule_file, conditions_of_rules)
{
	static struct conditional cases[] = {
		{ "", "" },
		{ IS("a"), "a" },
		{ "<conditions>" IS("a") "</conditions>", "(a)" },
		{ "<conditions>" IS("a") IS("b") "</conditions>", "(a & b)" },
		{ "<conditions operation='or'>" IS("a") "<conditions>" IS("b") IS("c") "</conditions></conditions>",
		  "(a | (b & c))" },
		{ "<conditions><condition negation='Yes'>MigXmlHelper.IsNative64Bit()</condition></conditions>",
		  "(!IsNative64Bit)" },
		/* several detects: any; detect in one: all; what is in a detect: any */
		{ "<detects><detect>" IS("a") IS("b") "</detect><detect>" IS("c") "</detect></detects>",
		  "(((a | b) & (c)))" },
		{ "<detects><detect>" IS("a") "</detect></detects><detects><detect>" IS("b") "</detect></detects>",
		  "(((a)) | ((b)))" },
		{ "<detects><detect>" SET IS("a") "</detect><detect>" SET "</detect></detects>", "(((a | #0) & (#1)))" },
		{ "<conditions>" IS("a") "</conditions><detects><detect>" IS("b") "</detect></detects>",
		  "((a) & (((b))))" },
		/* what is of another context is as if it were not there */
		{ "<detects><detect context='System'>" IS("a") "</detect><detect>" IS("b") "</detect></detects>",
		  "(((a | !" CONTEXT_IS_SYSTEM ") & (b)))" },
		{ "<detects><detect context='User'>" IS("a") "</detect></detects>", "(((a | " CONTEXT_IS_SYSTEM ")))" },
		{ "<detects context='System'><detect>" IS("a") "</detect></detects>",
		  "(((a)) | !" CONTEXT_IS_SYSTEM ")" },
		{ "<detects context='System'><detect>" IS("a") "</detect></detects>"
		  "<detects context='User'><detect>" IS("b") "</detect></detects>",
		  "((" CONTEXT_IS_SYSTEM " & ((a))) | (!" CONTEXT_IS_SYSTEM " & ((b))))" },
	};

	return CASES(struct conditional, cases);
}

ParameterizedTest(struct conditional *c, rule_file, conditions_of_rules)
{
	struct rule_file         file;
	const struct rule_group *group;
	char                    *text = NULL;

	cr_assert(that(asprintf(&text, "<rules>%s</rules>", c->rules) > 0));
	parse_role(&file, text);
	group = &file.components[0].roles[0].groups[0];
	expect_condition(group->condition, c->condition);
	for (size_t i = 0; i < group->object_count; i++)
		cr_expect(eq(str, (char *)group->objects[i].sources[0].pattern.text, "C:\\a [b]"));
	cr_expect(eq(sz, group->object_count, strstr(c->condition, "#1") ? 2u : 0u));
	rule_file_release(&file);
	free(text);
}

Test(rule_file, detections_are_alternatives)
{
	struct rule_file        file;
	const struct rule_role *role = NULL;

	parse_role(&file, "<detects><detect>" SET "</detect></detects>"
			  "<detects context='User'><detect>" IS("a") "</detect><detect>" IS("b") "</detect></detects>"
			  "<detection context='System'><conditions operation='OR'>" IS("c") IS("d") "</conditions></detection>");
	role = &file.components[0].roles[0];
	cr_assert(eq(sz, role->detection_count, 3));
	expect_condition(role->detections[0].condition, "((#0))");
	cr_expect(eq(sz, role->detections[0].object_count, 1));
	expect_condition(role->detections[1].condition, "((a) & (b))");
	cr_expect(eq(int, role->detections[1].context, CONTEXT_USER));
	expect_condition(role->detections[2].condition, "(c | d)");
	cr_expect(eq(int, role->detections[2].context, CONTEXT_SYSTEM));
	rule_file_release(&file);
}

/* -------- named elements -------- */

Test(rule_file, named_elements_are_used_by_name)
{
	struct rule_file        file;
	const struct rule_role *role;

	must_parse(&file,
		   BEGIN "<namedElements>"
			 "<environment name='E' context='User'><variable name='V'><text>t</text></variable></environment>"
			 "<conditions name='C' operation='OR'>" IS("a") IS("b") "</conditions>"
			 "<detection name='D'><conditions name='c'/></detection>"
			 "<detect name='T'>" IS("d") "</detect>"
			 "<detects name='S'><detect name='T'/></detects>"
			 "<rules name='R' context='User'><exclude>" SET "</exclude></rules>"
			 "</namedElements>"
			 "<component type='System'><displayName>x</displayName><environment name='e'/>"
			 "<role role='Data'><detects name='S'/><detection name='D'/>"
			 "<rules name='R'/><rules name='R' context='System'/><rules name='mine'><include>" SET "</include>"
			 "</rules></role></component>" END);
	role = &file.components[0].roles[0];
	cr_expect(eq(str, (char *)file.components[0].environments[0].variables[0].text, "t"));
	cr_expect(eq(int, file.components[0].environments[0].context, CONTEXT_USER));
	expect_condition(role->detections[0].condition, "((d))");
	expect_condition(role->detections[1].condition, "(a | b)");
	cr_assert(eq(sz, role->group_count, 3));
	cr_expect(eq(int, role->groups[0].rules[0].kind, RULE_EXCLUDE));
	cr_expect(eq(int, role->groups[0].context, CONTEXT_USER));
	cr_expect(eq(int, role->groups[1].context, 0), "in no context: both must hold");
	cr_expect(eq(int, role->groups[2].rules[0].kind, RULE_INCLUDE), "a name may be there for its reader alone");
	cr_expect(eq(sz, file.remarks.count, 0));
	rule_file_release(&file);
}

/* 40 rules, each of which uses the next twice. */
Test(rule_file, named_elements_that_multiply_are_refused)
{
	char            *text = NULL;
	size_t           size;
	FILE            *out = open_memstream(&text, &size);
	struct rule_file file;
	struct error     err = { 0 };

	fputs(BEGIN "<namedElements>", out);
	for (int i = 0; i < 40; i++)
		fprintf(out, "<rules name='%d'><rules name='%d'/><rules name='%d'/></rules>", i, i + 1, i + 1);
	fputs("<rules name='40'/></namedElements><component type='Documents'><displayName>x</displayName><role role='Data'>"
	      "<rules name='0'/></role></component>" END, out);
	fclose(out);
	cr_assert(eq(int, parse(&file, text, &err), -1));
	cr_expect(that(strstr(err.text, "namedElements that use one another come to more than 1000000 elements")), "%s",
		  err.text);
	rule_file_release(&file);
	free(text);
}

/* Ids are made of these, for each role: a file of a few megabytes would come to terabytes. */
Test(rule_file, what_ids_are_made_of_has_a_bound)
{
	char             name[257] = "", *text = NULL;
	struct rule_file file;
	struct error     err = { 0 };

	memset(name, 'a', 255);
	cr_assert(that(asprintf(&text, "<migration urlid='%s'><component type='System'><displayName>%s</displayName>"
				"<role role='Data'/></component></migration>", name, name) > 0));
	must_parse(&file, text);
	cr_expect(eq(sz, strlen(file.components[0].roles[0].id), 255 + 1 + 255 + 5));
	rule_file_release(&file);
	free(text);
	name[255] = 'a';
	cr_assert(that(asprintf(&text, "<migration urlid='%s'/>", name) > 0));
	cr_assert(eq(int, parse(&file, text, &err), -1));
	cr_expect(eq(str, err.text, "line 1: urlid is longer than 255 bytes"));
	rule_file_release(&file);
	free(text);
	cr_assert(that(asprintf(&text, BEGIN "<component type='System'>\n<displayName>%s</displayName></component>" END,
				name) > 0));
	cr_assert(eq(int, parse(&file, text, &err), -1));
	cr_expect(eq(str, err.text, "line 3: <displayName> is longer than 255 bytes"));
	rule_file_release(&file);
	free(text);
}

/* -------- errors -------- */

#define COMPONENT BEGIN "<component type='Documents'><displayName>x</displayName>\n"
#define RULES COMPONENT "<role role='Data'><rules>\n"
#define INCLUDE RULES "<include><objectSet>\n"
#define RULES_END "</rules></role></component>" END
#define INCLUDE_END "</objectSet></include>" RULES_END

struct broken {
	char text[420];
	char error[250];
};

ParameterizedTestParameters(rule_file, errors_name_line_element_and_what_would_be_right)
{
	static struct broken cases[] = {
		{ "<Configuration/>", "is a Config.xml: give it with --config" },
		{ "<offline/>", "is an Offline.xml, which tells where Windows lies: give it with --offline" },
		{ "<sequence/>", "is a task sequence: give it to 'holdfast run'" },
		{ "\n<html/>", "line 2: begins with <html>; a rule file begins with <migration urlid=\"...\">" },
		{ "<migration/>", "line 1: <migration> lacks urlid=\"...\": a text" },
		{ "<migration urlid=''/>", "line 1: <migration urlid=\"\">: write a text" },
		{ RULES "<inclde/>" RULES_END,
		  "line 4: <inclde> is not known in <rules>; there it takes detects, conditions, condition, rules, include, "
		  "exclude, unconditionalExclude, windowsObjects, destinationCleanup, includeAttributes, excludeAttributes, ..." },
		{ INCLUDE "<patern type='File'>C:\\a [b]</patern>" INCLUDE_END,
		  "line 5: <patern> is not known in <objectSet>; there it takes conditions, condition, pattern, content, "
		  "script" },
		{ RULES "<include>\n<pattern type='File'>C:\\a [b]</pattern></include>" RULES_END,
		  "line 5: <pattern> cannot stand in <include>; put it into <objectSet>" },
		{ COMPONENT "<rules/></component>" END, "line 3: <rules> cannot stand in <component>; put it into <role>" },
		{ COMPONENT "<part><role role='Data'/></part></component>" END,
		  "line 3: <part> is not known in <component>; there it takes displayName, manufacturer, version, description, "
		  "icon, paths, extensions, role, environment" },
		{ INCLUDE "<pattern>C:\\a [b]</pattern>" INCLUDE_END,
		  "line 5: <pattern> lacks type=\"...\": File|Registry|Ini" },
		{ INCLUDE "<pattern type='Files'>C:\\a [b]</pattern>" INCLUDE_END,
		  "line 5: <pattern type=\"Files\">: write File|Registry|Ini" },
		{ INCLUDE "<pattern type='File'> </pattern>" INCLUDE_END, "line 5: <pattern> is empty" },
		{ INCLUDE "<content><objectSet/></content>" INCLUDE_END, "line 5: <content> lacks filter=\"...\": a text" },
		{ COMPONENT "<role role='Data'><rules context='Users'/></role></component>" END,
		  "line 3: <rules context=\"Users\">: write System|User|UserAndSystem" },
		{ RULES "<conditions operation='XOR'/>" RULES_END,
		  "line 4: <conditions operation=\"XOR\">: write AND|OR" },
		{ RULES "<condition negation='maybe'>MigXmlHelper.IsNative64Bit()</condition>" RULES_END,
		  "line 4: <condition negation=\"maybe\">: write 1|TRUE|Yes|0|FALSE|No" },
		{ RULES "<merge>" SET "</merge>" RULES_END, "line 4: <merge> lacks script=\"...\": a text" },
		{ RULES "<includeAttributes attributes='Security,Colour'>" SET "</includeAttributes>" RULES_END,
		  "line 4: <includeAttributes attributes=\"...Colour\">: write Security, TimeFields or "
		  "Security,TimeFields" },
		{ RULES "<addObjects><object><attributes>DWORD</attributes></object></addObjects>" RULES_END,
		  "line 4: <object> lacks its <location type=\"...\">" },
		{ COMPONENT "<environment><variable><text>a</text></variable></environment></component>" END,
		  "line 3: <variable> lacks name=\"...\": a text" },
		{ RULES "<condition>MigXmlHelper.DoesObjectExists('File','x')</condition>" RULES_END,
		  "line 4: <condition>: there is no helper MigXmlHelper.DoesObjectExists; is it misspelt?" },
		{ RULES "<condition>MigXmlHelper.DoesObjectExist('File')</condition>" RULES_END,
		  "line 4: <condition>: MigXmlHelper.DoesObjectExist needs 2 arguments and has 1" },
		{ RULES "<condition>MigXmlHelper.GenerateDocPatterns()</condition>" RULES_END,
		  "line 4: <condition>: MigXmlHelper.GenerateDocPatterns cannot stand here" },
		{ INCLUDE "<script>MigXmlHelper.GenerateDocPatterns</script>" INCLUDE_END,
		  "line 5: <script>: \"MigXmlHelper.GenerateDocPatterns\" is no call (no opening bracket): write "
		  "MigXmlHelper.Name('argument')" },
		{ INCLUDE "<script>MigXmlHelper.GenerateDocPatterns('a)</script>" INCLUDE_END,
		  "line 5: <script>: \"MigXmlHelper.GenerateDocPatterns('a)\" is no call (a string lacks its closing "
		  "quote): write MigXmlHelper.Name('argument')" },
		{ INCLUDE "<script>MigXmlHelper.GenerateDocPatterns('a' 'b')</script>" INCLUDE_END,
		  "line 5: <script>: \"MigXmlHelper.GenerateDocPatterns('a' 'b')\" is no call (no comma or closing bracket "
		  "where one should be): write MigXmlHelper.Name('argument')" },
		{ COMPONENT "<role role='Data'>\n<detection name='Word'/></role></component>" END,
		  "line 4: namedElements has no <detection> with the name \"Word\"" },
		{ BEGIN "<namedElements><rules name='a'>\n<rules name='a'/></rules></namedElements>"
			"<component><role><rules name='a'/></role></component>" END,
		  "line 3: <rules> lies 512 deep, or namedElements go round in a circle" },
		{ COMPONENT "<role/><role/><role/><role/><role/><role/></component>" END,
		  "line 2: <component> has more than 5 roles: give each of Container, Binaries, Settings and Data once" },
		{ COMPONENT "<extensions><extension>\"*.doc\"</extension></extensions></component>" END,
		  "line 3: <extension> holds a quote: write it as *.doc" },
	};

	return CASES(struct broken, cases);
}

ParameterizedTest(struct broken *c, rule_file, errors_name_line_element_and_what_would_be_right)
{
	struct rule_file file;
	struct error     err = { 0 };

	cr_assert(eq(int, parse(&file, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(str, err.text, c->error), "%s", c->text);
	cr_expect(eq(str, err.path, "x.xml"));
	rule_file_release(&file);
}

/* -------- remarks -------- */

struct remarked {
	char text[420];
	int  line;
	bool lost;
	char remark[200];
};

ParameterizedTestParameters(rule_file, what_is_passed_over_is_remarked)
{
	static struct remarked cases[] = {
		{ BEGIN "<component type='Settings'><displayName>x</displayName><role role='Data'/></component>" END, 2, false,
		  "<component> has type=\"Settings\"; the language knows System|Application|Device|Documents" },
		{ BEGIN "<component type='System'><role role='Data'/></component>" END, 2, false,
		  "<component> has no displayName: a Config.xml cannot leave it out" },
		{ COMPONENT "</component>" END, 2, true, "<component> has no role and does nothing" },
		{ BEGIN "<author>me</author>" END, 2, true, "<author> means nothing in <migration> and is passed over" },
		{ COMPONENT "<role role='Data'><destinationCleanup/></role></component>" END, 3, true,
		  "<destinationCleanup> means nothing in <role> and is passed over" },
		{ RULES "<include fliter='x'>" SET "</include>" RULES_END, 4, true,
		  "<include> has no attribute fliter; it is passed over" },
		{ RULES "<include/>" RULES_END, 4, true, "<include> is empty and does nothing" },
		{ RULES "<include>" SET "C:\\b [c]</include>" RULES_END, 4, true,
		  "the text \"C:\\b [c]\" in <include> means nothing and is passed over" },
		{ INCLUDE "<pattern type='File'>C:\\a\\*</pattern>" INCLUDE_END, 5, true,
		  "<pattern> has no [leaf] and means no file or value, folders and keys alone: add [*] for all in them" },
		{ RULES "<contentModify script=\"MigSysHelper.Turn('a')\">" SET "</contentModify>" RULES_END, 4, true,
		  "<contentModify> MigSysHelper.Turn belongs to a library of Windows's; what it does is not done" },
		{ RULES "<processing when='never'><script>MigXmlHelper.Whatever()</script></processing>" RULES_END, 4, false,
		  "<processing> has when=\"never\"; the language knows "
		  "pre-scan|scan-success|post-scan|pre-apply|apply-success|post-apply" },
		{ RULES "<detects/>" RULES_END, 4, true, "<detects> is empty and says nothing" },
		{ BEGIN "<namedElements><rules name='a'/>\n<rules name='A'/></namedElements>" END, 3, true,
		  "<rules> has the name of an earlier one in namedElements, which counts" },
		{ BEGIN "<namedElements><rules name='a'/></namedElements>"
			"<component type='System'><displayName>x</displayName><role role='Data'>\n"
			"<rules name='a'><include>" SET "</include></rules></role></component>" END, 3, true,
		  "<rules> has the name of one in namedElements, which counts instead of what is in it" },
	};

	return CASES(struct remarked, cases);
}

ParameterizedTest(struct remarked *c, rule_file, what_is_passed_over_is_remarked)
{
	struct rule_file file;

	must_parse(&file, c->text);
	cr_assert(ge(sz, file.remarks.count, 1), "%s", c->text);
	cr_expect(eq(str, (char *)file.remarks.items[0].text, c->remark), "%s", c->text);
	cr_expect(eq(int, file.remarks.items[0].line, c->line), "%s", c->text);
	cr_expect(eq(int, file.remarks.items[0].lost, c->lost), "%s", c->text);
	rule_file_release(&file);
}

/* -------- review -------- */

Test(rule_file, a_component_that_only_excludes_is_pointless)
{
	struct rule_file   file;
	struct rule_review review;
	struct error       err;

	must_parse(&file, RULES "<exclude>" SET SET "</exclude></rules></role></component>"
				"<component type='System'><displayName>y</displayName><role role='Data'><rules>\n"
				"<rules><unconditionalExclude>" SET "</unconditionalExclude></rules>\n"
				"<processing when='pre-scan'><script>MigXmlHelper.KillExplorer()</script></processing>"
				RULES_END);
	cr_assert(eq(int, rule_review_make(&review, &file, &err), 0));
	cr_assert(eq(sz, review.components.count, 2));
	cr_expect(that(review.components.items[0].pointless && !review.components.items[1].pointless));
	cr_expect(eq(sz, review.components.items[0].patterns, 2));
	cr_expect(eq(sz, review.components.items[1].counts[RULE_UNCONDITIONAL_EXCLUDE], 1));
	cr_assert(eq(sz, review.not_done.count, 1));
	cr_expect(eq(str, (char *)review.not_done.items[0].text, "<processing> KillExplorer: scripts are not run offline"));
	cr_expect(eq(int, review.not_done.items[0].line, 6));
	rule_review_release(&review);
	rule_file_release(&file);
}

/* -------- real files -------- */

struct sample {
	char   name[40];
	size_t components; /* at the top */
};

ParameterizedTestParameters(rule_file, real_files_are_read)
{
	static struct sample cases[] = {
		{ "usmt/MigApp-usmt5.xml", 34 },        { "usmt/MigUser-usmt5.xml", 16 },
		{ "usmt/MigDocs-usmt5.xml", 2 },        { "usmt/custom-ExcludeDrive.xml", 1 },
		{ "usmt/custom-MigBackground.xml", 2 }, { "usmt/custom-Mig_Chrome.xml", 1 },
		{ "usmt/custom-Mig_Exclusions.xml", 1 }, { "usmt/custom-drives.xml", 1 },
	};

	return CASES(struct sample, cases);
}

ParameterizedTest(struct sample *c, rule_file, real_files_are_read)
{
	struct blob      bytes = sample_load(c->name);
	struct rule_file file;
	struct error     err = { 0 };

	cr_assert(eq(int, rule_file_parse(&file, c->name, bytes.at, bytes.size, &err), 0), "%s", err.text);
	cr_expect(eq(sz, file.count, c->components), "%s", c->name);
	rule_file_release(&file);
	free(bytes.at);
}

Test(rule_file, the_rules_built_in_have_nothing_to_remark)
{
	struct rule_file   file;
	struct rule_review review;
	struct error       err = { 0 };

	cr_assert(eq(int, rule_file_builtin(&file, &err), 0), "%s", err.text);
	cr_assert(eq(int, rule_review_make(&review, &file, &err), 0));
	cr_expect(eq(sz, file.count, 4));
	cr_expect(that(!file.remarks.count && !file.document.remarks.count && !review.not_done.count));
	for (size_t i = 0; i < review.components.count; i++)
		cr_expect(that(review.components.items[i].counts[RULE_INCLUDE] > 0 &&
			       !review.components.items[i].pointless));
	rule_review_release(&review);
	rule_file_release(&file);
}
