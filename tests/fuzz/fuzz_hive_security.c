/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A SID, up to eight numbers after their count, and a hive whose checksum is set right: what was granted
 * leaves a hive that is as sound, with the same keys and values, and nothing to be granted again.
 */
#include "tests/fuzz/fuzz.h"

#include "core/endian.h"
#include "recover/registry/hive_format.h"
#include "recover/registry/hive_security.h"

#include <string.h>

/* What a hive holds, and 0 where it is not sound. */
static size_t things;

static int meet_key(void *context, uint32_t offset, const struct hive_key_record *key, struct error *err)
{
	(void)context;
	(void)offset;
	(void)key;
	(void)err;
	things++;
	return 0;
}

static int meet_value(void *context, uint32_t offset, const struct hive_value_record *value,
		      struct error *err)
{
	(void)context;
	(void)offset;
	(void)value;
	(void)err;
	things++;
	return 0;
}

static size_t count_things(const uint8_t *hive, size_t size)
{
	const struct hive_visitor visitor = { meet_key, meet_value, NULL };
	struct error              err;

	things = 0;
	return hive_walk((struct bytes){ hive, size, 0 }, &visitor, &err) == 0 ? things : 0;
}

static void grant(uint8_t **hive, size_t *size, const struct sid *user)
{
	size_t       before = count_things(*hive, *size), granted;
	struct error err;

	if (hive_security_grant(hive, size, user, &err) < 0)
		return;
	MUST(before && count_things(*hive, *size) == before);
	granted = *size;
	MUST(hive_security_grant(hive, size, user, &err) == 0);
	MUST(*size == granted && count_things(*hive, *size) == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sid user = { .authority = 5 };
	uint8_t   *hive;

	if (!size)
		return 0;
	user.count = data[0] % 9;
	data++;
	size--;
	for (size_t i = 0; i < user.count && size >= 4; i++, data += 4, size -= 4)
		user.numbers[i] = le32_at(data);
	hive = malloc(size ? size : 1);
	memcpy(hive, data, size);
	if (size >= sizeof(struct hive_base_disk))
		le32_put(hive + offsetof(struct hive_base_disk, checksum), hive_base_checksum(hive));
	grant(&hive, &size, &user);
	free(hive);
	return 0;
}
