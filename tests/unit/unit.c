/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit.c - see unit.h */
#include "tests/unit/unit.h"

#include "scan/attribute.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Criterion keeps the tree of a failed or compound assertion. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcriterion\n";
}

/* -------- bytes -------- */

struct blob blob_copy(const void *from, size_t size)
{
	struct blob blob = blob_zero(size);

	if (size)
		memcpy(blob.at, from, size);
	return blob;
}

struct blob blob_zero(size_t size)
{
	struct blob blob = { calloc(1, size ? size : 1), size };

	cr_assert(blob.at != NULL, "memory");
	if (!size) { /* one byte that must not be read */
		free(blob.at);
		blob.at = malloc(0);
	}
	return blob;
}

struct bytes blob_bytes(struct blob blob, uint64_t offset)
{
	return (struct bytes){ blob.at, blob.size, offset };
}

static void put_le(uint8_t *at, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

void put_le16(uint8_t *at, uint16_t value)
{
	put_le(at, value, 2);
}

void put_le32(uint8_t *at, uint32_t value)
{
	put_le(at, value, 4);
}

void put_le64(uint8_t *at, uint64_t value)
{
	put_le(at, value, 8);
}

uint32_t dice(uint64_t *seed) /* splitmix64 */
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)(z >> 32);
}

/* -------- files -------- */

struct blob temp_read(const char *path)
{
	FILE       *file = fopen(path, "rbe");
	struct stat status;
	struct blob blob;

	cr_assert(file && fstat(fileno(file), &status) == 0, "cannot read %s", path);
	blob = blob_zero((size_t)status.st_size);
	cr_assert(fread(blob.at, 1, blob.size, file) == blob.size, "cannot read %s", path);
	fclose(file);
	return blob;
}

static char *sample_path(const char *path)
{
	const char *folder = getenv("HOLDFAST_SAMPLES");
	char       *whole = NULL;

	cr_assert(asprintf(&whole, "%s/%s", folder ? folder : "../shared/samples", path) > 0);
	if (access(whole, R_OK) < 0)
		cr_skip("no sample %s (set HOLDFAST_SAMPLES)", whole);
	return whole;
}

struct blob sample_load(const char *path)
{
	char       *whole = sample_path(path);
	struct blob blob = temp_read(whole);

	free(whole);
	return blob;
}

struct blob sample_unpack(const char *command, const char *path)
{
	char *folder = temp_folder(), *from = sample_path(path), *to = temp_path(folder, "unpacked");
	char *unpack = NULL, *whole = NULL;
	struct blob blob;
	int         failed;

	cr_assert(asprintf(&unpack, command, from) > 0 && asprintf(&whole, "%s > '%s'", unpack, to) > 0);
	failed = system(whole);
	blob = temp_read(to);
	free(whole);
	free(unpack);
	free(to);
	free(from);
	temp_remove(folder);
	if (failed)
		cr_skip("cannot unpack sample %s (%s)", path, command);
	return blob;
}

char *temp_folder(void)
{
	const char *under = getenv("TMPDIR");
	char       *path = NULL;

	cr_assert(asprintf(&path, "%s/holdfast-unit-XXXXXX", under ? under : "/tmp") > 0 && mkdtemp(path));
	return path;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

void temp_remove(char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

char *temp_path(const char *folder, const char *name)
{
	char *path = NULL;

	cr_assert(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

void temp_write(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wbe");

	cr_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0, "cannot write %s", path);
}

char *temp_ntfs(const char *folder, const char *name, unsigned size_mib, const char *options)
{
	char *path = temp_path(folder, name), *command = NULL;

	temp_write(path, "", 0);
	cr_assert(truncate(path, (off_t)size_mib << 20) == 0);
	cr_assert(asprintf(&command, "PATH=$PATH:/usr/sbin:/sbin mkntfs -F -Q -q %s '%s' > /dev/null 2>&1", options,
			   path) > 0);
	cr_assert(system(command) == 0, "%s", command);
	free(command);
	return path;
}

/* -------- a volume of our own -------- */

void test_volume_open(struct test_volume *test, uint32_t cluster_bytes, uint64_t clusters,
		      uint32_t record_bytes, uint64_t at, const void *data, size_t size)
{
	struct error err;
	char        *path;
	FILE        *file;

	*test = (struct test_volume){ .folder = temp_folder() };
	path = temp_path(test->folder, "volume.img");
	file = fopen(path, "wbe");
	cr_assert(file && fseeko(file, (off_t)at, SEEK_SET) == 0 && fwrite(data, 1, size, file) == size &&
		  fclose(file) == 0 && truncate(path, (off_t)(clusters * cluster_bytes + 512)) == 0);
	cr_assert(evidence_open(&test->evidence, path, NULL, &err) == 0, "%s", err.text);
	free(path);
	findings_init(&test->findings);
	test->volume = (struct volume){ .evidence = &test->evidence,
					.number = 1,
					.size_bytes = clusters * cluster_bytes + 512 };
	test->volume.geometry = (struct geometry){ .sector_bytes = 512,
						   .cluster_bytes = cluster_bytes,
						   .record_bytes = record_bytes,
						   .index_bytes = 4096,
						   .sectors = clusters * cluster_bytes / 512,
						   .clusters = clusters,
						   .mft_lcn = at / cluster_bytes,
						   .mirror_lcn = clusters };
}

void test_volume_close(struct test_volume *test)
{
	evidence_release(&test->evidence);
	findings_release(&test->findings);
	temp_remove(test->folder);
}

/* Where a $MFT in one piece lies, by the mapping pairs of its first $DATA: bytes read by hand. */
static uint64_t place_of_mft(struct blob mft)
{
	size_t   at = mft.at[0x14] | (size_t)mft.at[0x15] << 8;
	uint64_t lcn = 0;

	while (mft.at[at] != 0x80)
		at += mft.at[at + 4] | (size_t)mft.at[at + 5] << 8;
	at += mft.at[at + 0x20];
	cr_assert(that(mft.at[at] >> 4 >= 1 && mft.at[at] >> 4 <= 3)); /* bytes of LCN, behind those of length */
	for (size_t i = mft.at[at] >> 4, last = at + (mft.at[at] & 15); i > 0; i--)
		lcn = lcn << 8 | mft.at[last + i];
	return lcn;
}

void test_volume_of_mft(struct test_volume *test, const char *path, uint32_t record_bytes)
{
	struct blob mft = sample_load(path);
	uint64_t    lcn = place_of_mft(mft);

	test_volume_open(test, 4096, 1u << 18, record_bytes, lcn * 4096, mft.at, mft.size);
	free(mft.at);
}

/* -------- an inventory of our own -------- */

void inventory_make(struct inventory *inventory, const struct volume *volume, uint32_t count)
{
	*inventory = (struct inventory){ .count = count, .rows = calloc(count, sizeof *inventory->rows) };
	inventory->mft.volume = volume;
	inventory->mft.record_bytes = 1024;
	inventory->mft.records = count;
	cr_assert(inventory->rows != NULL);
}

struct mft_row *inventory_row(struct inventory *inventory, uint32_t record, uint16_t sequence, uint16_t flags)
{
	cr_assert(record < inventory->count);
	inventory->rows[record].sequence = sequence;
	inventory->rows[record].flags = flags | ROW_DECODED;
	return &inventory->rows[record];
}

uint32_t inventory_name(struct inventory *inventory, uint32_t record, file_ref parent, const char *ascii,
			uint8_t space)
{
	struct mft_row *row = &inventory->rows[record];
	uint32_t        index = (uint32_t)inventory->names.count;

	if (!row->names)
		row->first_name = index;
	cr_assert(row->first_name + row->names == index, "names of a record lie together");
	cr_assert(that(array_push(&inventory->names,
				  (struct name_row){ .parent = parent,
						     .text = (uint32_t)inventory->text.count,
						     .record = record,
						     .units = (uint8_t)strlen(ascii),
						     .space = space })));
	for (; *ascii; ascii++) {
		uint8_t  unit[2] = { (uint8_t)*ascii, 0 };
		uint16_t as_stored;

		memcpy(&as_stored, unit, 2);
		cr_assert(that(array_push(&inventory->text, as_stored)));
	}
	row->names++;
	return index;
}

void inventory_claim(struct inventory *inventory, uint32_t record, uint64_t lcn, uint32_t length)
{
	cr_assert(that(array_push(&inventory->claims, (struct claim){ lcn, length, record })));
}
