/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_config_file.c - expected values: the description of Config.xml, read by hand */
#include "tests/unit/unit.h"

#include "recover/rules/config_file.h"

#include <string.h>

static int parse(struct config_file *config, const char *text, struct error *err)
{
	struct blob bytes = blob_copy(text, strlen(text));
	int         result = config_file_parse(config, "c.xml", bytes.at, bytes.size, err);

	free(bytes.at);
	return result;
}

static void must_parse(struct config_file *config, const char *text)
{
	struct error err = { 0 };

	cr_assert(eq(int, parse(config, text, &err), 0), "%s", err.text);
}

Test(config_file, components_are_migrated_unless_it_says_no)
{
	struct config_file config;

	must_parse(&config, "<Configuration><Applications>\n"
			    "<component displayname='A' migrate='yes' ID='http://x/a/settings'>"
			    "<component displayname='A\\b' migrate='NO' ID='http://x/a b/Settings'/></component>"
			    "</Applications><documents>\n<Component migrate='no' id='http://x/d/data'/></documents>"
			    "<WindowsComponents/></Configuration>");
	cr_assert(eq(sz, config.count, 3));
	cr_expect(that(config_file_migrates(&config, "http://x/a/settings")));
	cr_expect(that(!config_file_migrates(&config, "HTTP://x/A B/settings")));
	cr_expect(that(!config_file_migrates(&config, "http://x/d/data")));
	cr_expect(that(config_file_migrates(&config, "http://x/not/named")));
	cr_expect(eq(int, config.components[2].line, 3));
	cr_expect(eq(sz, config.remarks.count, 0));
	config_file_release(&config);
}

Test(config_file, policies_are_kept_in_their_order)
{
	struct config_file config;

	must_parse(&config, "<Configuration><Policies><ErrorControl><fileError>"
			    "<nonFatal errorCode='33'>* [*]</nonFatal><fatal errorCode='any'> C:\\Users\\* [*] </fatal></fileError>"
			    "<registryError><nonFatal errorCode='0x5'>* [*]</nonFatal></registryError></ErrorControl>"
			    "<HardLinkStoreControl><fileLocked><createHardLink>c:\\a\\* [*]</createHardLink>"
			    "<errorHardLink>C:\\* [*]</errorHardLink></fileLocked></HardLinkStoreControl></Policies>"
			    "</Configuration>");
	cr_assert(that(config.error_count == 3 && config.lock_count == 2));
	cr_expect(that(config.errors[0].code == 33 && config.errors[0].error == CONFIG_ERROR_NON_FATAL));
	cr_expect(that(config.errors[1].code == UINT32_MAX && config.errors[1].error == CONFIG_ERROR_FATAL));
	cr_expect(eq(str, (char *)config.errors[1].pattern, "C:\\Users\\* [*]"));
	cr_expect(eq(int, config.errors[1].type, OBJECT_FILE));
	cr_expect(that(config.errors[2].code == 5 && config.errors[2].type == OBJECT_REGISTRY));
	cr_expect(eq(int, config.locks[0].lock, CONFIG_LOCK_LINK));
	cr_expect(eq(int, config.locks[1].lock, CONFIG_LOCK_ERROR));
	config_file_release(&config);
}

Test(config_file, profiles_groups_domains_and_users)
{
	struct config_file config;

	must_parse(&config, "<Configuration><ProfileControl><localGroups><mappings>"
			    "<changeGroup from='*' to='Users' appliesTo='AllUsers'>"
			    "<include><pattern>D\\a</pattern><pattern>D\\b</pattern></include>"
			    "<exclude><pattern>D\\c</pattern></exclude></changeGroup></mappings></localGroups>"
			    "<domains><domain from='D' to='E'/></domains>"
			    "<users><user from='D\\u' to='E\\v'/></users></ProfileControl></Configuration>");
	cr_assert(that(config.group_count == 1 && config.domain_count == 1 && config.user_count == 1));
	cr_expect(eq(str, (char *)config.groups[0].to, "Users"));
	cr_expect(eq(str, (char *)config.groups[0].applies_to, "AllUsers"));
	cr_assert(that(config.groups[0].include_count == 2 && config.groups[0].exclude_count == 1));
	cr_expect(eq(str, (char *)config.groups[0].include[1], "D\\b"));
	cr_expect(eq(str, (char *)config.groups[0].exclude[0], "D\\c"));
	cr_expect(eq(str, (char *)config.domains[0].to, "E"));
	cr_expect(eq(str, (char *)config.users[0].from, "D\\u"));
	config_file_release(&config);
}

struct broken {
	char text[200];
	char error[200];
};

ParameterizedTestParameters(config_file, errors_name_line_element_and_what_would_be_right)
{
	static struct broken cases[] = {
		{ "<migration urlid='x'/>", "is a rule file: give it with --rules" },
		{ "<offline/>", "is an Offline.xml: give it with --offline" },
		{ "<x/>", "line 1: begins with <x>; a Config.xml begins with <Configuration>" },
		{ "<Configuration><Documents>\n<component migrate='no'/></Documents></Configuration>",
		  "line 2: <component> lacks ID=\"...\"" },
		{ "<Configuration><Documents>\n<component ID='a' migrate='nope'/></Documents></Configuration>",
		  "line 2: <component migrate=\"nope\">: write yes or no" },
		{ "<Configuration>\n<Docs><component ID='a'/></Docs></Configuration>",
		  "line 2: <Docs> is no section: put its components into Applications, Documents or WindowsComponents" },
		{ "<Configuration><Policies><ErrorControl><fileError>\n<fatal>* [*]</fatal>"
		  "</fileError></ErrorControl></Policies></Configuration>",
		  "line 2: <fatal> lacks errorCode=\"...\"" },
		{ "<Configuration><Policies><ErrorControl><fileError>\n<fatal errorCode='-1'>* [*]</fatal>"
		  "</fileError></ErrorControl></Policies></Configuration>",
		  "line 2: <fatal errorCode=\"-1\">: write a Windows error number, or any" },
		{ "<Configuration><Policies><HardLinkStoreControl><fileLocked>\n<createHardLink/>"
		  "</fileLocked></HardLinkStoreControl></Policies></Configuration>",
		  "line 2: <createHardLink> is empty: it needs a pattern as * [*]" },
		{ "<Configuration><ProfileControl><users>\n<user to='a'/></users></ProfileControl></Configuration>",
		  "line 2: <user> lacks from=\"...\"" },
		{ "<Configuration><ProfileControl><localGroups><mappings>\n<changeGroup from='a' to='b' appliesTo='me'/>"
		  "</mappings></localGroups></ProfileControl></Configuration>",
		  "line 2: <changeGroup appliesTo=\"me\">: write MigratedUsers, nonmigratedUsers or AllUsers" },
	};

	return CASES(struct broken, cases);
}

ParameterizedTest(struct broken *c, config_file, errors_name_line_element_and_what_would_be_right)
{
	struct config_file config;
	struct error       err = { 0 };

	cr_assert(eq(int, parse(&config, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(str, err.text, c->error), "%s", c->text);
	config_file_release(&config);
}

Test(config_file, what_it_does_not_know_is_remarked)
{
	struct config_file config;

	must_parse(&config, "<Configuration>\n<Colours/><Policies><ErrorControl><fileError>\n<retry>* [*]</retry>"
			    "</fileError></ErrorControl></Policies>"
			    "<Documents>\n<component ID='a'/></Documents></Configuration>");
	cr_assert(eq(sz, config.remarks.count, 3));
	cr_expect(eq(str, (char *)config.remarks.items[0].text,
		     "<Colours> means nothing in <Configuration> and is passed over"));
	cr_expect(eq(int, config.remarks.items[1].line, 3));
	cr_expect(that(config.remarks.items[1].lost && !config.remarks.items[2].lost));
	cr_expect(that(config_file_migrates(&config, "a")));
	config_file_release(&config);
}

/* -------- real files -------- */

Test(config_file, a_real_file_leaves_out_all_that_it_names)
{
	struct blob        bytes = sample_load("usmt/mdt-Config_SettingsOnly.xml");
	struct config_file config;
	struct error       err = { 0 };

	cr_assert(eq(int, config_file_parse(&config, "c", bytes.at, bytes.size, &err), 0), "%s", err.text);
	cr_expect(eq(sz, config.count, 19));
	for (size_t i = 0; i < config.count; i++)
		cr_expect(that(!config.components[i].migrate));
	cr_expect(eq(sz, config.remarks.count, 0));
	config_file_release(&config);
	free(bytes.at);
}

Test(config_file, the_policy_of_a_deployment_kit)
{
	struct blob        bytes = sample_load("usmt/mdt-ZTIUserState_Config.xml");
	struct config_file config;
	struct error       err = { 0 };

	cr_assert(eq(int, config_file_parse(&config, "c", bytes.at, bytes.size, &err), 0), "%s", err.text);
	cr_expect(that(config.error_count == 4 && config.lock_count == 1));
	cr_expect(eq(str, (char *)config.locks[0].pattern, "%PROFILESFOLDER%\\* [*]"));
	config_file_release(&config);
	free(bytes.at);
}

Test(config_file, a_file_broken_by_hand_is_refused_where_it_is_broken)
{
	struct blob        bytes = sample_load("usmt/genconfig-offline.xml");
	struct config_file config;
	struct error       err = { 0 };

	cr_assert(eq(int, config_file_parse(&config, "c", bytes.at, bytes.size, &err), -1));
	cr_expect(eq(str, err.text, "line 252: </ProfileControl> stands where <localGroups> of line 228 should end: put "
				    "</localGroups> before it"));
	config_file_release(&config);
	free(bytes.at);
}

/* -------- writing -------- */

static const char rules[] =
	"<migration urlid='http://x/y'><component type='Application'><displayName>A &amp; \"B\"</displayName>"
	"<role role='Container'><component type='Application'><displayName>In</displayName><role role='Settings'/>"
	"</component></role></component>"
	"<component type='Documents'><displayName>D</displayName><role role='Data'/><role role='Settings'/></component>"
	"<component type='System' hidden='Yes'><displayName>H</displayName><role role='Data'/></component></migration>";

static const char written[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<!-- Set migrate=\"no\" for what is to be left out; an entry that is taken out is migrated. -->\n"
	"<Configuration>\n"
	"  <Applications>\n"
	"    <component displayname=\"A &amp; &quot;B&quot;\" migrate=\"yes\" "
	"ID=\"http://x/y/a &amp; &quot;b&quot;/container\">\n"
	"      <component displayname=\"In\" migrate=\"yes\" ID=\"http://x/y/in/settings\"/>\n"
	"    </component>\n"
	"  </Applications>\n"
	"  <Documents>\n"
	"    <component displayname=\"D\" migrate=\"yes\" ID=\"http://x/y/d/data\"/>\n"
	"    <component displayname=\"D\" migrate=\"yes\" ID=\"http://x/y/d/settings\"/>\n"
	"  </Documents>\n"
	"  <WindowsComponents>\n"
	"  </WindowsComponents>\n"
	"  <Policies>\n"
	"    <ErrorControl/>\n"
	"    <HardLinkStoreControl/>\n"
	"  </Policies>\n"
	"  <ProfileControl/>\n"
	"</Configuration>\n";

Test(config_file, a_config_for_rule_files_is_written_and_can_be_read)
{
	char              *folder = temp_folder(), *path = temp_path(folder, "Config.xml");
	struct rule_file   file;
	struct config_file config;
	struct error       err = { 0 };
	struct blob        bytes;

	cr_assert(eq(int, rule_file_parse(&file, "r", rules, sizeof rules - 1, &err), 0), "%s", err.text);
	cr_assert(eq(int, config_file_write(&file, 1, path, false, &err), 0), "%s", err.text);
	bytes = temp_read(path);
	cr_expect(that(bytes.size == sizeof written - 1 && memcmp(bytes.at, written, bytes.size) == 0), "%.*s",
		  (int)bytes.size, (char *)bytes.at);
	cr_assert(eq(int, config_file_read(&config, path, &err), 0), "%s", err.text);
	cr_assert(eq(sz, config.count, 4));
	cr_expect(eq(str, (char *)config.components[0].id, (char *)file.components[0].roles[0].id));
	config_file_release(&config);
	cr_expect(eq(int, config_file_write(&file, 1, path, false, &err), -1), "one that is there stays");
	cr_expect(eq(int, config_file_write(&file, 1, path, true, &err), 0));
	rule_file_release(&file);
	free(bytes.at);
	free(path);
	temp_remove(folder);
}
