/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people.h - what the suites of users share: a Windows out of nothing, with people and hives */
#ifndef TESTS_UNIT_PEOPLE_H
#define TESTS_UNIT_PEOPLE_H

#include "recover/windows/windows.h"
#include "tests/unit/registry.h"

#define MACHINE_SID "S-1-5-21-1-2-3"
#define ANNA_SID    MACHINE_SID "-1001"
#define BERT_SID    "S-1-5-21-7-8-9-1105"

static inline char *copy_of(const char *text)
{
	char *copy = strdup(text);

	cr_assert(ne(ptr, copy, NULL));
	return copy;
}

/* PC7, a Windows 10 on C:, with nobody on it and no hive. */
static inline struct windows windows_of_nobody(void)
{
	struct windows windows = { .directory = copy_of("C:\\Windows"),
				   .computer = copy_of("PC7"),
				   .machine_sid = copy_of(MACHINE_SID),
				   .profiles_folder = copy_of("C:\\Users"),
				   .public_folder = copy_of("C:\\Users\\Public"),
				   .default_folder = copy_of("C:\\Users\\Default"),
				   .program_data = copy_of("C:\\ProgramData"),
				   .version_major = 10,
				   .is_64bit = true,
				   .control_set = 1 };

	for (size_t i = 0; i < sizeof windows.letters; i++)
		windows.letters[i] = (char)('A' + i);
	return windows;
}

static inline struct user_profile *add_profile(struct windows *windows, const char *sid, const char *domain,
					       const char *name, const char *path)
{
	struct user_profile profile = { .sid = copy_of(sid),
					.name = copy_of(name),
					.domain = copy_of(domain),
					.local = strcmp(domain, windows->computer) == 0,
					.path = copy_of(path),
					.folder = NO_TREE_RECORD };

	cr_assert(that(array_push(&windows->profiles, profile)));
	return &windows->profiles.items[windows->profiles.count - 1];
}

static inline void add_account(struct windows *windows, const char *name, uint32_t rid)
{
	cr_assert(that(array_push(&windows->accounts, (struct local_account){ copy_of(name), rid, false })));
}

/* Set a value of any type, making its key. */
static inline void registry_set(struct hive *hive, const char *path, const char *name, uint32_t type, const void *data,
				size_t size)
{
	struct registry_value value = { .name = copy_of(name), .type = type, .data = (uint8_t *)data, .size = size };
	struct error          err;

	cr_assert(eq(int, hive_set_value(hive, hive_made(hive, path), &value, &err), 0), "%s", err.text);
	free(value.name);
}

static inline void registry_set_text(struct hive *hive, const char *path, const char *name, const char *text)
{
	struct registry_value value;
	struct error          err;

	cr_assert(eq(int, registry_value_make_text(&value, name, REGISTRY_EXPAND_STRING, text, &err), 0));
	registry_set(hive, path, name, value.type, value.data, value.size);
	registry_value_release(&value);
}

#endif
