/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_registry_location.c - which hive stands for which root of the registry */
#include "tests/unit/people.h"

struct location {
	char text[80];
	char user;  /* 'a' anna, 'm' the machine */
	char hive;  /* where it is: 'w' SOFTWARE, 'y' SYSTEM, 's' SAM, 'a' or 'A' anna's or her classes, 'b' bert's, 0 nowhere */
};

ParameterizedTestParameters(registry_location, roots_and_their_hives)
{
	static struct location cases[] = {
		{ "HKLM\\Software\\App", 'm', 'w' },
		{ "hkey_local_machine\\SOFTWARE\\app", 'a', 'w' },
		{ "HKLM\\Software", 'm', 'w' },
		{ "HKLM\\Softwares\\App", 'm', 0 },
		{ "HKLM\\System\\CurrentControlSet\\Services\\X", 'm', 'y' },
		{ "HKLM\\System\\ControlSet003\\Services\\X", 'm', 'y' },
		{ "HKLM\\System\\ControlSet001\\Services\\X", 'm', 0 },
		{ "HKLM\\System\\CurrentControlSets", 'm', 0 },
		{ "HKLM\\SAM\\SAM\\Domains", 'm', 's' },
		{ "HKLM\\Security\\Policy", 'm', 0 },
		{ "HKLM", 'm', 0 },
		{ "HKCU\\Environment", 'a', 'a' },
		{ "HKEY_CURRENT_USER", 'a', 'a' },
		{ "HKCU\\Environment", 'm', 0 },
		{ "HKCU\\Software\\Classes\\.own", 'a', 'A' },
		{ "HKCU\\Software\\Classes2", 'a', 0 },
		{ "HKR\\.own", 'a', 'A' },
		{ "HKCR\\.app", 'a', 'w' },
		{ "HKEY_CLASSES_ROOT\\.app", 'm', 'w' },
		{ "HKCR\\.own", 'm', 0 },
		{ "HKU\\" BERT_SID "\\Environment", 'm', 'b' },
		{ "HK_USERS\\" ANNA_SID "_Classes\\.own", 'm', 'A' },
		{ "HKEY_USERS\\S-1-5-21-9-9-9-9\\Environment", 'm', 0 },
		{ "HKEY_USERS\\" BERT_SID "9\\Environment", 'm', 0 },
		{ "HKLMX\\Software", 'm', 0 },
		{ "", 'm', 0 },
	};

	return CASES(struct location, cases);
}

ParameterizedTest(struct location *c, registry_location, roots_and_their_hives)
{
	struct windows      windows = windows_of_nobody();
	struct blob         empty = hive_empty();
	struct hive        *hive, *wanted;
	struct user_profile *anna, *bert;
	struct error        err;
	hive_key            key;

	add_profile(&windows, ANNA_SID, "PC7", "anna", "C:\\Users\\anna");
	bert = add_profile(&windows, BERT_SID, "CORP", "bert", "C:\\Users\\bert");
	anna = &windows.profiles.items[0];
	windows.control_set = 3;
	windows.software = hive_of(empty, true);
	windows.system = hive_of(empty, true);
	windows.sam = hive_of(empty, true);
	anna->user = hive_of(empty, true);
	anna->classes = hive_of(empty, true);
	bert->user = hive_of(empty, true);
	hive_made(&windows.software, "App");
	hive_made(&windows.software, "s\\App"); /* what "Softwares" must not lead to */
	hive_made(&windows.software, "Classes\\.app");
	hive_made(&windows.system, "ControlSet003\\Services\\X");
	hive_made(&windows.sam, "SAM\\Domains");
	hive_made(&anna->user, "Environment");
	hive_made(&anna->classes, ".own");
	hive_made(&bert->user, "Environment");
	wanted = c->hive == 'w'   ? &windows.software
		 : c->hive == 'y' ? &windows.system
		 : c->hive == 's' ? &windows.sam
		 : c->hive == 'a' ? &anna->user
		 : c->hive == 'A' ? &anna->classes
		 : c->hive == 'b' ? &bert->user
				  : NULL;
	cr_assert(eq(int, windows_registry_find(&windows, c->user == 'a' ? anna : NULL, c->text, &hive, &key, &err), wanted != NULL),
		  "%s", c->text);
	if (wanted)
		cr_expect(eq(ptr, hive, wanted), "%s", c->text);
	free(empty.at);
	windows_close(&windows);
}
