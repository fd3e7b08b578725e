/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_no_lives.c - what looks like an older life of a disk, and is none: the suite is named for its module */
#include "tests/unit/place.h"

#include "scan/volume_search.h"

#include <unistd.h>

#define FILES 40u

static const struct filling little = { 1, FILES, 12288 }, much = { 6, FILES, 12288 };

/* -------- in files -------- */

/* A file with @content in the root. */
static void add_file(struct place *it, struct blob content)
{
	struct disk disk = { .mount.transaction.device.fd = -1 };
	ntfs_inode *inode;

	cr_assert(eq(int, ntfs3g_mount(&disk.mount, it->path, 0, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_begin(&disk.mount, "test", &it->err), 0), "%s", it->err.text);
	inode = disk_file(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), "disk.vhd");
	disk_write(&disk, inode, "", 0, content.at, content.size);
	disk_close(&disk, inode);
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_unmount(&disk.mount, &it->err), 0), "%s", it->err.text);
}

struct file_case {
	char     options[24];
	unsigned lives; /* on the disk in the file */
};

ParameterizedTestParameters(no_lives, a_disk_in_a_file)
{
	static struct file_case cases[] = {
		{ "-c 4096", 1 },
		{ "-c 4096", 2 },
		{ "-c 4096", 3 },
		{ "-c 512", 2 },
	};
	return CASES(struct file_case, cases);
}

/* A virtual disk in a file of the volume is the file's, with all lives that it had, and no life of the place. */
ParameterizedTest(struct file_case *c, no_lives, a_disk_in_a_file)
{
	struct place it, inner;
	struct blob  image;

	place_make(&inner);
	cr_assert(that(truncate(inner.path, 12 << 20) == 0));
	for (unsigned i = 0; i < c->lives; i++)
		place_add_life(&inner, c->options, "inner", i ? little : much);
	image = temp_read(inner.path);
	place_make(&it);
	place_add_life(&it, "-c 4096", "outer", little);
	add_file(&it, image);
	place_look(&it);
	cr_expect(gt(sz, it.artefacts.count, 6 * FILES));
	cr_expect(eq(sz, it.volumes.count, 1), "%s, %u", c->options, c->lives);
	free(image.at);
	place_release(&it);
	free(inner.path);
	temp_remove(inner.folder);
}

/* -------- the volume's own -------- */

#define FREE_BYTES (24u << 20) /* here nothing lies */

struct own_case {
	char     options[24];
	uint32_t mft_bytes; /* where its table begins */
	unsigned without;   /* bytes of its first records, that nobody finds any more */
	uint32_t records;   /* that the table says it has; 0: all */
};

ParameterizedTestParameters(no_lives, its_own_table_elsewhere)
{
	static struct own_case cases[] = {
		{ "-c 4096", 16384, 0, 0 },
		{ "-c 4096", 16384, 32768, 0 },
		{ "-c 4096", 16384, 131072, 64 },
		{ "-c 512", 16384, 32768, 0 },
		{ "-c 4096 -s 4096", 16384, 0, 0 },
		{ "-c 4096 -s 4096", 16384, 131072, 0 },
		{ "-c 4096 -s 4096", 16384, 524288, 64 },
		{ "-c 4096 -T", 16384, 0, 0 }, /* when it was formatted is not known: its records are the same */
		{ "-c 4096 -T", 16384, 32768, 0 },
	};
	return CASES(struct own_case, cases);
}

/* A copy of the table in clusters that are free: it was there before, or in a file that is gone. */
ParameterizedTest(struct own_case *c, no_lives, its_own_table_elsewhere)
{
	struct place it;
	struct blob  disk;

	place_make(&it);
	place_add_life(&it, c->options, "new", (struct filling){ 0 });
	place_age(&it);
	place_fill(&it, "new", much);
	disk = temp_read(it.path);
	place_put(&it, FREE_BYTES + c->without, disk.at + c->mft_bytes + c->without, (1u << 20) - c->without);
	if (c->records)
		place_forget_records(&it, c->records);
	place_look(&it);
	cr_expect(gt(sz, it.artefacts.count, 10 * FILES));
	cr_expect(eq(sz, it.volumes.count, 1), "%s, %u", c->options, c->without);
	free(disk.at);
	place_release(&it);
}

struct shrunk_case {
	char     options[24];
	unsigned older;   /* folders of a life before */
	uint32_t records; /* that the table says it has */
	size_t   files;   /* that are left of the life before, at least */
};

ParameterizedTestParameters(no_lives, records_that_the_table_forgot)
{
	static struct shrunk_case cases[] = {
		{ "-c 4096", 0, 64, 0 },           { "-c 4096", 0, 100, 0 },  { "-c 512", 0, 100, 0 },
		{ "-c 65536", 0, 128, 0 },         { "-c 65536", 6, 128, 50 }, { "-c 4096 -s 4096", 0, 100, 0 },
		{ "-c 4096 -s 4096", 12, 100, 200 }, { "-c 4096", 12, 100, 200 }, { "-c 512", 12, 100, 200 },
	};
	return CASES(struct shrunk_case, cases);
}

/* Behind the end of the table lies more of the same volume; and behind that, of one before. */
ParameterizedTest(struct shrunk_case *c, no_lives, records_that_the_table_forgot)
{
	struct place it;
	struct left  left = { 0 };

	place_make(&it);
	place_add_life(&it, c->options, "older", (struct filling){ c->older, FILES, 3000 });
	place_add_life(&it, c->options, "new", (struct filling){ 0 });
	place_age(&it);
	place_fill(&it, "new", (struct filling){ 4, FILES, 3000 });
	place_forget_records(&it, c->records);
	place_look(&it);
	cr_assert(eq(sz, it.volumes.count, c->older ? 2 : 1), "%s, %u", c->options, c->records);
	if (c->older)
		left = place_left(&it, 1, "older");
	cr_expect(ge(sz, left.files, c->files), "%s, %u", c->options, c->records);
	cr_expect(eq(sz, left.wrong, 0), "%s, %u", c->options, c->records);
	place_release(&it);
}

/* -------- signs -------- */

/* The signs that a search at need of the disk at @path files, and the volumes that it finds. */
static size_t signs_of(const char *path, size_t *volumes)
{
	static const struct selection all = { 0 };
	struct scan_options           options = { .carve_at_need = true, .threads = 2 };
	struct scan                   scan = { .options = &options };
	struct scan_result            result = { 0 };
	struct evidence               evidence;
	struct error                  err;
	size_t                        signs;

	findings_init(&scan.findings);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0), "%s", err.text);
	cr_assert(eq(int, volume_search(&scan, &result, &evidence, &all, &err), 0), "%s", err.text);
	cr_expect(gt(sz, scan.sweeps.items[0].found.count, 0)); /* there was one */
	signs = scan.findings.counts[FINDING_OLDER_LIFE_UNPLACED];
	cr_expect(eq(u64, scan.findings.counts[FINDING_OLDER_LIFE], 0)); /* it would say to make one */
	*volumes = result.volumes.count;
	sweeps_release(&scan.sweeps);
	volumes_release(&result.volumes);
	findings_release(&scan.findings);
	evidence_release(&evidence);
	return signs;
}

/* What lies behind the table is younger than the volume, and no folder names it: nobody's, but it is told. */
Test(no_lives, what_a_sweep_does_not_place_is_told)
{
	struct place it, empty;
	struct blob  disk;
	size_t       volumes;

	place_make(&empty);
	place_format(&empty, "-c 4096");
	place_age(&empty);
	disk = temp_read(empty.path);
	place_make(&it);
	place_add_life(&it, "-c 4096", "new", little);
	cr_expect(eq(sz, signs_of(it.path, &volumes), 0));
	place_put(&it, 16384, disk.at + 16384, 27 * 1024); /* the table as it was, and its mirror */
	place_put(&it, (PLACE_MIB << 19) - 4096, disk.at + (PLACE_MIB << 19) - 4096, 8192);
	cr_expect(eq(sz, signs_of(it.path, &volumes), 1));
	cr_expect(eq(sz, volumes, 1));
	free(disk.at);
	free(it.path);
	temp_remove(it.folder);
	free(empty.path);
	temp_remove(empty.folder);
}

/* What it does place tells for itself. */
Test(no_lives, what_a_sweep_places_needs_no_sign)
{
	struct place it;
	size_t       volumes;

	place_make(&it);
	place_add_life(&it, "-c 4096", "old", much);
	place_add_life(&it, "-c 4096", "new", little);
	cr_expect(eq(sz, signs_of(it.path, &volumes), 0));
	cr_expect(eq(sz, volumes, 2));
	free(it.path);
	temp_remove(it.folder);
}
