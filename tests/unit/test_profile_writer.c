/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_profile_writer.c - entries of ProfileList as Windows makes them, and those that are in the way */
#include "recover/windows/profile_writer.h"
#include "tests/unit/people.h"

#define LIST "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"

Test(profile_writer, an_entry_is_as_windows_makes_it)
{
	static const uint8_t  sid[] = { 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xe9, 3, 0, 0 };
	struct blob           empty = hive_empty(), saved;
	struct hive           hive = hive_of(empty, true);
	struct registry_value value;
	struct error          err;
	hive_key              key;
	uint64_t              number;
	char                 *text;

	cr_assert(eq(int, profile_writer_add(&hive, ANNA_SID, "C:\\Users\\anna", &err), 1), "%s", err.text);
	cr_assert(eq(int, profile_writer_add(&hive, ANNA_SID, "c:\\users\\ANNA", &err), 0), "%s", err.text);
	saved = hive_saved(&hive);
	hive_close(&hive);
	hive = hive_of(saved, false);
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), LIST ANNA_SID, &key, &err), 1));
	cr_assert(eq(int, hive_value(&hive, key, "ProfileImagePath", &value, &err), 1));
	cr_expect(eq(u32, value.type, REGISTRY_EXPAND_STRING));
	text = registry_value_text(&value);
	cr_expect(eq(str, text, (char *)"C:\\Users\\anna"));
	free(text);
	registry_value_release(&value);
	cr_assert(eq(int, hive_value(&hive, key, "Sid", &value, &err), 1));
	cr_expect(that(value.type == REGISTRY_BINARY && value.size == sizeof sid && memcmp(value.data, sid, sizeof sid) == 0));
	registry_value_release(&value);
	cr_assert(eq(int, hive_value(&hive, key, "State", &value, &err), 1));
	cr_expect(that(registry_value_number(&value, &number) && number == 0));
	registry_value_release(&value);
	hive_close(&hive);
	free(empty.at);
	free(saved.at);
}

Test(profile_writer, what_is_somebody_elses_stays)
{
	struct blob  empty = hive_empty();
	struct hive  hive = hive_of(empty, true);
	struct error err;

	registry_set_text(&hive, LIST "S-1-5-18", "ProfileImagePath", "%systemroot%\\system32\\config\\systemprofile");
	registry_set_text(&hive, LIST ANNA_SID, "ProfileImagePath", "C:\\Users\\anna");
	cr_expect(eq(int, profile_writer_add(&hive, ANNA_SID, "C:\\Users\\other", &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	cr_expect(eq(int, profile_writer_add(&hive, BERT_SID, "C:\\Users\\Anna", &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	cr_expect(that(!hive_has(&hive, LIST BERT_SID)));
	cr_expect(eq(int, profile_writer_add(&hive, "nobody", "C:\\Users\\x", &err), -1));
	cr_expect(eq(int, profile_writer_add(&hive, BERT_SID, "C:\\Users\\bert", &err), 1));
	hive_close(&hive);
	free(empty.at);
}

/* C:\\Users\\anna, as icacls shows it of one that Windows made. */
Test(profile_writer, a_folder_is_open_to_the_system_administrators_and_its_user)
{
	static const uint8_t wanted[] = {
		1, 0, 0x04, 0x90, 108, 0, 0, 0, 120, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
		2, 0, 88, 0, 3, 0, 0, 0,
		0, 3, 20, 0, 0xff, 1, 0x1f, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
		0, 3, 24, 0, 0xff, 1, 0x1f, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
		0, 3, 36, 0, 0xff, 1, 0x1f, 0, 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0xe9, 3, 0, 0,
		1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
		1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
	};
	struct sid   user;
	struct error err;
	uint8_t     *made;
	size_t       size;

	cr_assert(that(sid_parse(ANNA_SID, &user)));
	cr_assert(eq(int, profile_writer_security(&user, &made, &size, &err), 0));
	cr_assert(eq(sz, size, sizeof wanted));
	cr_expect(that(memcmp(made, wanted, size) == 0));
	free(made);
}
