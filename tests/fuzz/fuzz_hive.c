/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hive whose checksum is set right: what hive_walk lets pass, hivex must be able to read, change and write,
 * and what is saved must pass again.
 */
#include "tests/fuzz/fuzz.h"

#include "core/endian.h"
#include "recover/registry/hive.h"
#include "recover/registry/hive_format.h"

#include <string.h>

static const struct bytes no_logs[HIVE_LOGS];

static void read_key(struct hive *hive, hive_key key)
{
	struct registry_values values;
	struct hive_keys       children;
	struct error           err;
	char                  *text;

	MUST(hive_key_name(hive, key, &text, &err) == 0);
	free(text);
	if (hive_values(hive, key, &values, &err) == 0)
		for (size_t i = 0; i < values.count; i++) {
			struct bytes data = { values.items[i].data, values.items[i].size, 0 };

			TOUCH(data);
			free(registry_value_text(&values.items[i]));
		}
	registry_values_release(&values);
	if (hive_children(hive, key, &children, &err) == 0)
		for (size_t i = 0; i < children.count; i++)
			read_key(hive, children.items[i]);
	array_release(&children);
}

/* Something of everything, at the first key below the root as well. */
static void change(struct hive *hive)
{
	uint8_t               data[20000] = { 1 };
	struct registry_value value = { (char *)"new", REGISTRY_BINARY, data, sizeof data };
	struct hive_keys      children;
	struct error          err;
	hive_key              key;

	if (hive_children(hive, hive_root(hive), &children, &err) == 0 && children.count > 1) {
		(void)!hive_set_value(hive, children.items[0], &value, &err);
		(void)!hive_delete_key(hive, children.items[1], &err);
	}
	array_release(&children);
	if (hive_make_key(hive, hive_root(hive), "a\\b", &key, &err) == 0)
		(void)!hive_set_value(hive, key, &value, &err);
	(void)!hive_set_value(hive, hive_root(hive), &value, &err);
	(void)!hive_delete_value(hive, hive_root(hive), "", &err);
}

static void seal(uint8_t *hive)
{
	uint32_t    sum = hive_base_checksum(hive);
	struct le32 disk = le32_make(sum);

	memcpy(hive + offsetof(struct hive_base_disk, checksum), &disk, sizeof disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t     *copy = malloc(size ? size : 1), *saved;
	size_t       saved_size;
	struct hive  hive;
	struct error err;

	if (size)
		memcpy(copy, data, size);
	if (size >= sizeof(struct hive_base_disk))
		seal(copy);
	if (hive_open(&hive, "fuzz", (struct bytes){ copy, size, 0 }, no_logs, true, &err) == 0) {
		read_key(&hive, hive_root(&hive));
		change(&hive);
		if (hive_save(&hive, &saved, &saved_size, &err) == 0) {
			MUST(hive_base_is_clean(saved));
			MUST(hive_walk((struct bytes){ saved, saved_size, 0 }, NULL, &err) == 0);
			free(saved);
		}
	}
	hive_close(&hive);
	free(copy);
	return 0;
}
