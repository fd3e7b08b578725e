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

	cr_assert(
		eq(int, registry_value_make_text(&value, "C:\\x.dll", REGISTRY_STRING, "C:\\a/b", &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	cr_assert(eq(int, registry_value_make_dword(&value, "", 0x12345678, &err), 0));
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), 0), "%s", err.text);
	registry_value_release(&value);
	saved = hive_saved(&hive);
	hive_close(&hive);

	hive = hive_of(saved, false);
	cr_expect(eq(int, hive.state, HIVE_CLEAN));
	cr_assert(eq(int,
		     hive_find(&hive, hive_root(&hive), "SOFTWARE\\CAF\xc3\x89\\TEXT/html", &other, &err),
		     1));
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

/* -------- what hivex leaves undone -------- */

static void set_binary(struct hive *hive, hive_key key, const char *name, size_t size)
{
	struct registry_value value = {
		.name = (char *)name, .type = REGISTRY_BINARY, .data = malloc(size), .size = size
	};
	uint64_t     seed = size;
	struct error err;

	for (size_t i = 0; i < size; i++)
		value.data[i] = (uint8_t)dice(&seed);
	cr_assert(eq(int, hive_set_value(hive, key, &value, &err), 0), "%s", err.text);
	free(value.data);
}

static void expect_binary(struct hive *hive, hive_key key, const char *name, size_t size)
{
	struct registry_value found;
	uint64_t              seed = size;
	struct error          err;

	cr_assert(eq(int, hive_value(hive, key, name, &found, &err), 1), "%s", err.text);
	cr_assert(eq(sz, found.size, size));
	for (size_t i = 0; i < size; i++)
		cr_assert(eq(int, found.data[i], (uint8_t)dice(&seed)));
	registry_value_release(&found);
}

/* The content of the cell that holds a value's data, found from its name in a record that is in use. */
static const uint8_t *data_of(struct blob hive, const char *name)
{
	const uint8_t *at = hive.at;

	do {
		at = memmem(at + 1, hive.size - (size_t)(at + 1 - hive.at), name, strlen(name));
		cr_assert(that(at != NULL));
	} while (le32_at(at - 24) <= INT32_MAX);
	return hive.at + 4096 + le32_at(at - 20 + 8) + 4;
}

static const size_t sizes[] = { 0, 1, 4, 5, 16344, 16345, 32688, 32689, 100000, 999990 };

Test(hive, values_of_any_size)
{
	struct blob  empty = hive_empty(), saved;
	struct hive  hive = hive_of(empty, true);
	hive_key     key = hive_made(&hive, "K");
	struct error err;
	char         name[32];

	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(name, sizeof name, "<%zu>", sizes[i]);
		set_binary(&hive, key, name, sizes[i]);
	}
	saved = hive_saved(&hive);
	hive_close(&hive);
	hive = hive_of(saved, true);
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), "K", &key, &err), 1));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(name, sizeof name, "<%zu>", sizes[i]);
		expect_binary(&hive, key, name, sizes[i]);
		if (sizes[i] > 4)
			cr_expect(eq(int, memcmp(data_of(saved, name), "db", 2) == 0, sizes[i] > 16344), "%s",
				  name);
	}
	cr_expect(eq(int, le16_at(data_of(saved, "<32689>") + 2), 3));

	/* a value beside large ones can be changed, and those stay */
	set_binary(&hive, key, "another", 3);
	free(saved.at);
	saved = hive_saved(&hive);
	hive_close(&hive);
	hive = hive_of(saved, false);
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), "K", &key, &err), 1));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		snprintf(name, sizeof name, "<%zu>", sizes[i]);
		expect_binary(&hive, key, name, sizes[i]);
	}
	hive_close(&hive);
	free(empty.at);
	free(saved.at);
}

Test(hive, a_value_that_is_too_large_is_refused_and_nothing_lost)
{
	struct blob           empty = hive_empty();
	struct hive           hive = hive_of(empty, true);
	hive_key              key = hive_made(&hive, "K");
	struct registry_value value = {
		.name = (char *)"large", .type = REGISTRY_BINARY, .data = calloc(1000000, 1), .size = 1000000
	};
	struct error err;

	set_binary(&hive, key, "small", 8);
	cr_assert(eq(int, hive_set_value(&hive, key, &value, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	expect_binary(&hive, key, "small", 8);
	free(hive_saved(&hive).at);
	free(value.data);
	hive_close(&hive);
	free(empty.at);
}

/* The list of the root's keys, in a hive that has some. */
static uint8_t *root_list(struct blob hive)
{
	uint8_t *root = hive.at + 4096 + le32_at(hive.at + 0x24) + 4;

	return hive.at + 4096 + le32_at(root + 0x1c) + 4;
}

Test(hive, new_keys_are_sorted_and_hashed_as_windows_does)
{
	/* by upper case of UTF-16: A, B, Z, \xc9, \xc9A, U+10000 (d800), U+FFE6 */
	static const char *const names[] = { "Z",
					     "\xef\xbf\xa6",
					     "b",
					     "\xc3\xa9"
					     "a",
					     "\xf0\x90\x80\x80",
					     "a",
					     "\xc3\xa9" };
	static const char *const order[] = { "a",
					     "b",
					     "Z",
					     "\xc3\xa9",
					     "\xc3\xa9"
					     "a",
					     "\xf0\x90\x80\x80",
					     "\xef\xbf\xa6" };
	static const uint32_t hashes[] = { 0x41,  0x42, 0x5a, 0xc9, 0xc9 * 37 + 0x41, 0xd800u * 37 + 0xdc00,
					   0xffe6 };
	struct blob           empty = hive_empty(), saved;
	struct hive           hive = hive_of(empty, true);
	struct hive_keys      keys;
	struct error          err;
	uint8_t              *list;

	for (size_t i = 0; i < COUNT(names); i++)
		hive_made(&hive, names[i]);
	saved = hive_saved(&hive);
	hive_close(&hive);
	list = root_list(saved);
	cr_assert(eq(int, memcmp(list, "lh", 2), 0));
	cr_assert(eq(int, le16_at(list + 2), COUNT(order)));
	hive = hive_of(saved, false);
	cr_assert(eq(int, hive_children(&hive, hive_root(&hive), &keys, &err), 0));
	for (size_t i = 0; i < COUNT(order); i++) {
		char *name;

		cr_assert(eq(int, hive_key_name(&hive, keys.items[i], &name, &err), 0));
		cr_expect(eq(str, name, (char *)order[i]));
		cr_expect(eq(u32, le32_at(list + 4 + 8 * i + 4), hashes[i]));
		free(name);
	}
	array_release(&keys);
	hive_close(&hive);
	free(empty.at);
	free(saved.at);
}

Test(hive, an_older_version_gets_hints)
{
	struct blob empty = hive_empty(), saved;
	uint8_t    *list;

	put_le32(empty.at + 0x18, 3);
	hive_seal(empty.at);
	saved = hive_with_key(empty, "One");
	list = root_list(saved);
	cr_expect(eq(int, memcmp(list, "lf", 2), 0));
	cr_expect(eq(int, memcmp(list + 8, "One", 4), 0));
	free(empty.at);
	free(saved.at);
}

Test(hive, deleted_keys_leave_no_empty_list)
{
	struct blob  empty = hive_empty(), one = hive_with_key(empty, "One\\Two"), saved;
	struct hive  hive = hive_of(one, true);
	hive_key     key = hive_made(&hive, "One");
	struct error err;

	set_binary(&hive, hive_made(&hive, "One\\Two"), "v", 100);
	cr_assert(eq(int, hive_delete_key(&hive, key, &err), 0), "%s", err.text);
	saved = hive_saved(&hive);
	cr_expect(eq(u32, le32_at(saved.at + 4096 + 0x20 + 4 + 0x14), 0));
	cr_expect(eq(u32, le32_at(saved.at + 4096 + 0x20 + 4 + 0x1c), 0xffffffff));
	cr_expect(not(eq(int, hive_delete_key(&hive, hive_root(&hive), &err), 0)));
	hive_close(&hive);
	free(empty.at);
	free(one.at);
	free(saved.at);
}

/* Each costs the hive eight bytes for every key beside it. */
Test(hive, takes_no_more_new_keys_than_it_has_room_for)
{
	struct blob  empty = hive_empty();
	struct hive  hive = hive_of(empty, true);
	struct error err;
	hive_key     key;

	for (int made = 0; made < 65; made++) {
		char name[32];

		snprintf(name, sizeof name, "many\\k%05d", made);
		cr_assert(eq(int, hive_make_key(&hive, hive_root(&hive), name, &key, &err), 0));
	}
	cr_expect(eq(u64, hive.wasted, 8 * 64 * 65 / 2));
	hive.wasted = HIVE_WASTE_MAX - 8 * (65 + 1); /* and one beside "many" */
	cr_expect(eq(int, hive_make_key(&hive, hive_root(&hive), "many\\last", &key, &err), 0), "it just has room");
	cr_expect(eq(int, hive_make_key(&hive, hive_root(&hive), "many\\more", &key, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	cr_expect(eq(int, hive_make_key(&hive, hive_root(&hive), "another\\key", &key, &err), 0));
	hive_close(&hive);
	free(empty.at);
}

Test(hive, says_which_values_it_cannot_hold)
{
	struct blob           empty = hive_empty();
	struct hive           hive = hive_of(empty, true);
	uint8_t              *data = calloc(1000001, 1);
	struct registry_value value = { .name = (char[]){ "v" }, .type = REGISTRY_BINARY, .data = data, .size = 999992 };
	struct error          err;

	cr_expect(eq(int, hive_check_value(&hive, &value, &err), 0));
	value.size++;
	cr_expect(eq(int, hive_check_value(&hive, &value, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	value.size = 1;
	value.name = (char[]){ "\xed\xa0\x80" }; /* half a pair */
	cr_expect(eq(int, hive_check_value(&hive, &value, &err), -1));
	hive_close(&hive);
	free(data);
	free(empty.at);
}

/* A hive with A, B, C, D below the root, in two lists of a list of lists. */
static struct blob with_two_lists(void)
{
	static const char *const names[] = { "A", "B", "C", "D" };
	struct blob              empty = hive_empty(), blob;
	struct hive              hive = hive_of(empty, true);
	uint8_t                 *old, *bin;
	uint32_t                 at;

	for (size_t i = 0; i < COUNT(names); i++)
		hive_made(&hive, names[i]);
	blob = hive_saved(&hive);
	hive_close(&hive);
	free(empty.at);
	blob.at = realloc(blob.at, blob.size + 4096);
	bin = blob.at + blob.size;
	at = (uint32_t)blob.size - 4096;
	memset(bin, 0, 4096);
	memcpy(bin, "hbin", 4);
	put_le32(bin + 4, at);
	put_le32(bin + 8, 4096);
	put_le32(bin + 32, -16u); /* the list of lists */
	memcpy(bin + 36, "ri\2", 4);
	put_le32(bin + 40, at + 48);
	put_le32(bin + 44, at + 72);
	old = root_list(blob);
	put_le32(bin + 48, -24u);
	memcpy(bin + 52, "lh\2", 4);
	memcpy(bin + 56, old + 4, 16);
	put_le32(bin + 72, -24u);
	memcpy(bin + 76, "lh\2", 4);
	memcpy(bin + 80, old + 4 + 16, 16);
	put_le32(bin + 96, 4096 - 96);
	put_le32(blob.at + 4096 + 0x20 + 4 + 0x1c, at + 32);
	blob.size += 4096;
	put_le32(blob.at + 0x28, (uint32_t)blob.size - 4096);
	hive_seal(blob.at);
	return blob;
}

Test(hive, keys_in_a_list_of_lists)
{
	static const char *const order[] = { "Aa", "C", "D" };
	struct blob              first = with_two_lists(), saved;
	struct hive              hive = hive_of(first, true);
	struct hive_keys         keys;
	struct error             err;

	cr_assert(eq(int, hive_delete_key(&hive, hive_made(&hive, "A"), &err), 0), "%s", err.text);
	cr_assert(eq(int, hive_delete_key(&hive, hive_made(&hive, "b"), &err), 0), "%s", err.text);
	saved = hive_saved(&hive);
	cr_expect(eq(int, le16_at(root_list(saved) + 2), 1)); /* one list is left */
	free(saved.at);
	hive_made(&hive, "Aa");
	saved = hive_saved(&hive);
	hive_close(&hive);
	hive = hive_of(saved, false);
	cr_assert(eq(int, hive_children(&hive, hive_root(&hive), &keys, &err), 0));
	cr_assert(eq(sz, keys.count, COUNT(order)));
	for (size_t i = 0; i < COUNT(order); i++) {
		char *name;

		cr_assert(eq(int, hive_key_name(&hive, keys.items[i], &name, &err), 0));
		cr_expect(eq(str, name, (char *)order[i]));
		free(name);
	}
	array_release(&keys);
	hive_close(&hive);
	free(first.at);
	free(saved.at);
}

/* -------- names -------- */

Test(hive, names_that_hivex_cannot_say_are_read)
{
	struct blob            empty = hive_empty(), odd;
	struct hive            hive = hive_of(empty, true);
	hive_key               key = hive_made(&hive, "xx\xe4\xb8\xad"), other;
	struct registry_values values;
	struct error           err;
	uint8_t               *name;
	char                  *text;

	set_binary(&hive, key, "yy\xe4\xb8\xad", 10);
	odd = hive_saved(&hive);
	hive_close(&hive);
	name = memmem(odd.at, odd.size, "x\0x\0\x2d\x4e", 6);
	put_le16(name + 2, 0); /* a zero in it, as some copy protections have */
	name = memmem(odd.at, odd.size, "y\0y\0\x2d\x4e", 6);
	put_le16(name + 2, 0xd800); /* half a pair */

	hive = hive_of(odd, true);
	cr_assert(eq(int, hive_find(&hive, hive_root(&hive), "X\xc0\x80\xe4\xb8\xad", &key, &err), 1));
	cr_assert(eq(int, hive_key_name(&hive, key, &text, &err), 0));
	cr_expect(eq(str, text, (char *)"x\xc0\x80\xe4\xb8\xad"));
	free(text);
	expect_binary(&hive, key, "y\xed\xa0\x80\xe4\xb8\xad", 10);
	cr_assert(eq(int, hive_values(&hive, key, &values, &err), 0));
	cr_expect(eq(sz, values.count, 1));

	/* what cannot be written again is not touched, and said */
	cr_expect(eq(int, hive_set_value(&hive, key, &values.items[0], &err), -1));
	cr_expect(eq(int, err.kind, ERROR_UNSUPPORTED));
	cr_expect(eq(int, hive_make_key(&hive, hive_root(&hive), "q\xc0\x80", &other, &err), -1));
	expect_binary(&hive, key, "y\xed\xa0\x80\xe4\xb8\xad", 10);
	registry_values_release(&values);
	free(hive_saved(&hive).at);
	hive_close(&hive);
	free(odd.at);
	free(empty.at);
}

Test(hive, texts_end_where_they_end)
{
	static const struct {
		uint32_t    type;
		const char *data;
		size_t      size;
		const char *wanted;
	} cases[] = {
		{ 1, "a\0\\\0/\0\0", 8, "a\\/" },
		{ 2, "a\0b\0", 4, "ab" },
		{ 6, "a\0\0\0b\0", 6, "a" },
		{ 1, "a\0b", 3, "a" },
		{ 1, "", 0, "" },
		{ 3, "a\0", 2, NULL },
		{ 1, "=\xd8\x00\xde", 4, "\xf0\x9f\x98\x80" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct registry_value value = { .type = cases[i].type, .size = cases[i].size };
		struct blob           data = blob_copy(cases[i].data, cases[i].size);
		char                 *text;

		value.data = data.at;
		text = registry_value_text(&value);
		if (cases[i].wanted)
			cr_expect(eq(str, text, (char *)cases[i].wanted));
		else
			cr_expect(that(text == NULL));
		free(text);
		free(data.at);
	}
}

Test(hive, numbers_have_their_sizes)
{
	uint8_t               data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct registry_value value = { .type = REGISTRY_DWORD, .data = data, .size = 4 };
	uint64_t              number;

	cr_expect(that(registry_value_number(&value, &number)));
	cr_expect(eq(u64, number, 0x04030201));
	value.type = REGISTRY_DWORD_BIG_ENDIAN;
	cr_expect(that(registry_value_number(&value, &number)));
	cr_expect(eq(u64, number, 0x01020304));
	value.type = REGISTRY_QWORD;
	cr_expect(not(that(registry_value_number(&value, &number))));
	value.size = 8;
	cr_expect(that(registry_value_number(&value, &number)));
	cr_expect(eq(u64, number, 0x0807060504030201));
	value.type = REGISTRY_BINARY;
	cr_expect(not(that(registry_value_number(&value, &number))));
}

/* Windows has such keys below Perflib: where others have a count, they have a handle. */
Test(hive, a_predefined_key_has_no_values)
{
	struct blob            empty = hive_empty(), blob = hive_with_key(empty, "Perflib");
	struct hive            hive;
	struct registry_values values;
	struct registry_value  value = {
		 .name = (char *)"v", .type = REGISTRY_BINARY, .data = (uint8_t *)"1", .size = 1
	};
	struct error err;
	uint8_t     *name = memmem(blob.at, blob.size, "Perflib", 7);
	hive_key     key;

	name[-0x4c + 2] |= 0x40;
	put_le32(name - 0x4c + 0x24, 0x80000050);
	hive = hive_of(blob, true);
	key = hive_made(&hive, "Perflib");
	cr_assert(eq(int, hive_values(&hive, key, &values, &err), 0));
	cr_expect(eq(sz, values.count, 0));
	cr_expect(eq(int, hive_set_value(&hive, key, &value, &err), -1));
	hive_made(&hive, "Perflib\\Below");
	free(hive_saved(&hive).at);
	hive_close(&hive);
	free(blob.at);
	free(empty.at);
}
