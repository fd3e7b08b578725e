/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_offline_file.c - expected values: the description of Offline.xml, read by hand */
#include "tests/unit/unit.h"

#include "recover/rules/offline_file.h"

#include <string.h>

static int parse(struct offline_file *offline, const char *text, struct error *err)
{
	struct blob bytes = blob_copy(text, strlen(text));
	int         result = offline_file_parse(offline, "o.xml", bytes.at, bytes.size, err);

	free(bytes.at);
	return result;
}

Test(offline_file, directories_mappings_and_what_several_mean)
{
	struct offline_file offline;
	struct error        err = { 0 };

	cr_assert(eq(int, parse(&offline, "<Offline><windir><path> C:\\Windows </path></windir>"
				"<winDir><path>D:\\Windows</path></winDir>"
				"<mappings><path>C:\\, D:\\</path></mappings>"
				"<failOnMultipleWinDir>1</failOnMultipleWinDir></Offline>", &err), 0), "%s", err.text);
	cr_assert(that(offline.count == 2 && offline.mapping_count == 1 && offline.fail_on_multiple));
	cr_expect(eq(str, (char *)offline.directories[0], "C:\\Windows"));
	cr_expect(eq(str, (char *)offline.directories[1], "D:\\Windows"));
	cr_expect(eq(str, (char *)offline.mappings[0], "C:\\, D:\\"));
	cr_expect(eq(sz, offline.remarks.count, 0));
	offline_file_release(&offline);
}

Test(offline_file, what_it_does_not_know_is_remarked)
{
	struct offline_file offline;
	struct error        err = { 0 };

	cr_assert(eq(int, parse(&offline, "<offline><winDir><path>C:\\W</path></winDir>\n<x/></offline>", &err), 0));
	cr_assert(eq(sz, offline.remarks.count, 1));
	cr_expect(eq(str, (char *)offline.remarks.items[0].text,
		     "<x> means nothing in an Offline.xml and is passed over"));
	cr_expect(that(offline.remarks.items[0].line == 2 && offline.remarks.items[0].lost && !offline.fail_on_multiple));
	offline_file_release(&offline);
}

struct broken {
	char text[200];
	char error[200];
};

ParameterizedTestParameters(offline_file, errors_name_line_element_and_what_would_be_right)
{
	static struct broken cases[] = {
		{ "<migration urlid='x'/>", "is a rule file: give it with --rules" },
		{ "<Configuration/>", "is a Config.xml: give it with --config" },
		{ "\n<x/>", "line 2: begins with <x>; an Offline.xml begins with <offline>" },
		{ "<offline/>", "line 1: names no Windows: add <winDir><path>C:\\Windows</path></winDir>" },
		{ "<offline><winDir>\n<path/></winDir></offline>", "line 2: <path> is empty" },
		{ "<offline>\n<failOnMultipleWinDir>yes</failOnMultipleWinDir></offline>",
		  "line 2: <failOnMultipleWinDir>yes: write 1 or 0" },
	};

	return CASES(struct broken, cases);
}

ParameterizedTest(struct broken *c, offline_file, errors_name_line_element_and_what_would_be_right)
{
	struct offline_file offline;
	struct error        err = { 0 };

	cr_assert(eq(int, parse(&offline, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(str, err.text, c->error), "%s", c->text);
	offline_file_release(&offline);
}

Test(offline_file, a_real_file_with_a_stray_letter_behind_it)
{
	struct blob         bytes = sample_load("usmt/offline.xml");
	struct offline_file offline;
	struct error        err = { 0 };

	cr_assert(eq(int, offline_file_parse(&offline, "o", bytes.at, bytes.size, &err), 0), "%s", err.text);
	cr_assert(that(offline.count == 3 && offline.fail_on_multiple));
	cr_expect(eq(str, (char *)offline.directories[2], "E:\\Windows"));
	cr_assert(eq(sz, offline.document.remarks.count, 1));
	cr_expect(eq(int, offline.document.remarks.items[0].line, 8));
	offline_file_release(&offline);
	free(bytes.at);
}
