/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hive.c - hives filled by hivexregedit, read back by reglookup */
#include "tests/unit/unit.h"

#include "core/cleanup.h"
#include "fixtures/hive.h"
#include "recover/registry/hive.h"

static const struct bytes no_logs[HIVE_LOGS];

static struct blob empty_hive(void)
{
	struct blob blob = blob_zero(HIVE_BYTES);

	hive_fill(blob.at);
	return blob;
}

static struct hive open_hive(struct blob bytes, bool writable)
{
	struct hive  hive;
	struct error err;

	cr_assert(eq(int, hive_open(&hive, "test", blob_bytes(bytes, 0), no_logs, writable, &err), 0), "%s", err.text);
	return hive;
}

Test(hive, keys_and_values_are_made_and_found_again)
{
	struct blob           empty = empty_hive(), saved = { 0 };
	struct hive           hive = open_hive(empty, true);
	struct registry_value value, found;
	struct error          err;
	hive_key              key, other;
	char                 *text;

	cr_assert(eq(int, hive_make_key(&hive, hive_root(&hive), "Software\\Caf\xc3\xa9\\text/html", &key, &err), 0), "%s", err.text);
	cr_assert(eq(int, registry_value_make_text(&value, "C:\\x.dll", REGISTRY_STRING, "C:\\a/b", &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	cr_assert(eq(int, registry_value_make_dword(&value, "", 0x12345678, &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	cr_assert(eq(int, hive_save(&hive, &saved.at, &saved.size, &err), 0), "%s", err.text);
	hive_close(&hive);

	hive = open_hive(saved, false);
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
