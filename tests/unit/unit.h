/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unit.h - what the suites share
 *
 * Criterion runs each case in a process of its own, at another address: a case
 * of a table may hold arrays, but no pointer, not even to a string.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include "core/bytes.h"
#include "scan/evidence.h"
#include "scan/inventory.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <criterion/parameterized.h>
#include <criterion/theories.h>

/* Any condition as a criterion: cr_assert takes none that begins with a bracket, a ! or a cast. */
static inline bool that(bool condition)
{
	return condition;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CASES(type, table) cr_make_param_array(type, table, COUNT(table))

/* -------- bytes -------- */

/* Memory of exactly .size bytes, so that ASan sees the first byte too far.  To be freed. */
struct blob {
	uint8_t *at;
	size_t   size;
};

struct blob  blob_copy(const void *from, size_t size);
struct blob  blob_zero(size_t size);
struct bytes blob_bytes(struct blob blob, uint64_t offset);

void put_le16(uint8_t *at, uint16_t value);
void put_le32(uint8_t *at, uint32_t value);
void put_le64(uint8_t *at, uint64_t value);

/* The same numbers for the same seed, on every machine. */
uint32_t dice(uint64_t *seed);

/* -------- files -------- */

/* A file of ../shared/samples (or $HOLDFAST_SAMPLES); the test is skipped where there is none. */
struct blob sample_load(const char *path);

/* The same through a program that unpacks it: @command has a %s for the path.  Skipped without it too. */
struct blob sample_unpack(const char *command, const char *path);

/* A new folder, as an absolute path; temp_remove takes it away with all that is in it. */
char *temp_folder(void);
void  temp_remove(char *folder);
char *temp_path(const char *folder, const char *name); /* to be freed */
void  temp_write(const char *path, const void *data, size_t size);
struct blob temp_read(const char *path);

/* An image of @size_mib with an empty volume by mkntfs with @options; its path, to be freed. */
char *temp_ntfs(const char *folder, const char *name, unsigned size_mib, const char *options);

/* -------- a volume of our own -------- */

struct test_volume {
	char           *folder;
	struct evidence evidence;
	struct volume   volume;
	struct findings findings;
};

/* @clusters of @cluster_bytes, all zeros but for @data from byte @at on. */
void test_volume_open(struct test_volume *test, uint32_t cluster_bytes, uint64_t clusters,
		      uint32_t record_bytes, uint64_t at, const void *data, size_t size);
void test_volume_close(struct test_volume *test);

/* A whole $MFT from the samples as a volume: it is put where its first record says that it lies. */
void test_volume_of_mft(struct test_volume *test, const char *path, uint32_t record_bytes);

/* -------- an inventory of our own -------- */

/* @count rows of nothing. */
void inventory_make(struct inventory *inventory, const struct volume *volume, uint32_t count);

/* Say what a record is.  @flags besides ROW_DECODED. */
struct mft_row *inventory_row(struct inventory *inventory, uint32_t record, uint16_t sequence, uint16_t flags);

/* Add a name to @record; all names of a record are added one after the other.  Returns its index. */
uint32_t inventory_name(struct inventory *inventory, uint32_t record, file_ref parent, const char *ascii,
			uint8_t space);

void inventory_claim(struct inventory *inventory, uint32_t record, uint64_t lcn, uint32_t length);

#endif
