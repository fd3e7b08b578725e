/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hive.c - hives filled by hivexregedit, read back by reglookup */
#include "tests/unit/registry.h"

Test(hive, keys_and_values_are_made_and_found_again)
{
	struct blob           empty = hive_empty(), saved;
	struct hive           hive = hive_of(empty, true);
	struct registry_value value, found;
	struct error          err;
	hive_key              key = hive_made(&hive, "Software\\Caf\xc3\xa9\\text/html"), other;
	char                 *text;

	cr_assert(eq(int, registry_value_make_text(&value, "C:\\x.dll", REGISTRY_STRING, "C:\\a/b", &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	cr_assert(eq(int, registry_value_make_dword(&value, "", 0x12345678, &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	saved = hive_saved(&hive);
	hive_close(&hive);

	hive = hive_of(saved, false);
	cr_expect(eq(int, hive.state, HIVE_CLEAN));
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), "SOFTWARE\\CAF\xc3\x89\\TEXT/html", &other, &err), 1));
	cr_assert(eq(int, hive_value(&hive, other, "c:\\X.DLL", &found, &err), 1));
	text = registry_value_text(&found);
	cr_expect(eq(str, text, (char *)"C:\\a/b"));
	cr_expect(eq(str, found.name, (char *)"C:\\x.dll"));
	free(text);
	registry_value_release(&found);
	hive_close(&hive);
	free(empty.at);
	free(saved.at);
}
