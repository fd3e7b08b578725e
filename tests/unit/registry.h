/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry.h - what the suites of the registry share: hives to begin with */
#ifndef TESTS_UNIT_REGISTRY_H
#define TESTS_UNIT_REGISTRY_H

#include "fixtures/hive.h"
#include "recover/registry/hive.h"
#include "tests/unit/unit.h"

static const struct bytes NO_LOGS[HIVE_LOGS];

/* One with nothing in it. */
static inline struct blob hive_empty(void)
{
	struct blob blob = blob_zero(HIVE_BYTES);

	hive_fill(blob.at);
	return blob;
}

/* Open one that is as it should be. */
static inline struct hive hive_of(struct blob bytes, bool writable)
{
	struct hive  hive;
	struct error err;

	cr_assert(eq(int, hive_open(&hive, "test", blob_bytes(bytes, 0), NO_LOGS, writable, &err), 0), "%s",
		  err.text);
	return hive;
}

static inline struct blob hive_saved(struct hive *hive)
{
	struct blob  blob;
	struct error err;

	cr_assert(eq(int, hive_save(hive, &blob.at, &blob.size, &err), 0), "%s", err.text);
	return blob;
}

static inline hive_key hive_made(struct hive *hive, const char *path)
{
	hive_key     key;
	struct error err;

	cr_assert(eq(int, hive_make_key(hive, hive_root(hive), path, &key, &err), 0), "%s", err.text);
	return key;
}

static inline bool hive_has(const struct hive *hive, const char *path)
{
	hive_key     key;
	struct error err;
	int          found = hive_find(hive, hive_root(hive), path, &key, &err);

	cr_assert(ge(int, found, 0), "%s", err.text);
	return found == 1;
}

/* The same hive with one more key. */
static inline struct blob hive_with_key(struct blob from, const char *path)
{
	struct hive hive = hive_of(from, true);
	struct blob blob;

	hive_made(&hive, path);
	blob = hive_saved(&hive);
	hive_close(&hive);
	return blob;
}

#endif
