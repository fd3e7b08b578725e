/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sizes in 512 bytes, of the hive and its first log; then those, and the second log.  Checksums are set
 * right. */
#include "tests/fuzz/fuzz.h"

#include "recover/registry/hive_format.h"
#include "recover/registry/hive_log.h"
#include "recover/registry/marvin.h"

#include <string.h>

static void put(uint8_t *at, uint64_t number, size_t size)
{
	struct le64 disk = le64_make(number);

	memcpy(at, &disk, size);
}

static void seal_base(uint8_t *file, size_t size)
{
	if (size >= sizeof(struct hive_base_disk))
		put(file + offsetof(struct hive_base_disk, checksum), hive_base_checksum(file), 4);
}

static void seal_entries(uint8_t *log, size_t size)
{
	for (size_t at = 512; at + 40 <= size && memcmp(log + at, "HvLE", 4) == 0;) {
		uint32_t length = le32_at(log + at + 4);

		if (length < 40 || length > size - at)
			return;
		put(log + at + 24, marvin32(HIVE_LOG_SEED, log + at + 40, length - 40), 8);
		put(log + at + 32, marvin32(HIVE_LOG_SEED, log + at, 32), 8);
		at += length;
	}
}

static struct bytes part(uint8_t **at, size_t *left, size_t size)
{
	struct bytes bytes;

	size = size < *left ? size : *left;
	bytes = (struct bytes){ *at, size, 0 };
	seal_base(*at, size);
	*at += size;
	*left -= size;
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t     *copy, *at, *updated;
	struct bytes hive, logs[HIVE_LOGS];
	size_t       left, updated_size;
	struct error err;

	if (size < 2)
		return 0;
	copy = at = malloc(size);
	memcpy(copy, data, size);
	left = size - 2;
	at += 2;
	hive = part(&at, &left, 512u * data[0]);
	for (size_t i = 0; i < HIVE_LOGS; i++) {
		uint8_t *begin = at;

		logs[i] = part(&at, &left, i ? left : 512u * data[1]);
		seal_entries(begin, logs[i].left);
	}
	if (hive_logs_apply(hive, logs, &updated, &updated_size, &err) == 1) {
		MUST(hive_base_is_clean(updated));
		MUST(hive_walk((struct bytes){ updated, updated_size, 0 }, NULL, &err) == 0);
		free(updated);
	}
	free(copy);
	return 0;
}
