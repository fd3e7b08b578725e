/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_lost_volume.c - volumes by mkntfs and libntfs-3g, put anywhere and robbed of what says where; their
 * start and cluster size are the test's own, the rest is what their boot sectors said
 */
#include "tests/unit/disk.h"

#include "core/endian.h"
#include "scan/carve/lost_volume.h"

#include <fcntl.h>
#include <sys/stat.h>

#define VOLUME_BYTES (24u << 20)
#define DIRECTORIES  12u
#define FILES        60u /* of each: more than its record holds */
#define MADE         (DIRECTORIES * (FILES + 1) + 3) /* and three in $Extend */

static struct error err;

/* -------- disks -------- */

/* A volume of 24 MiB with @directories whose indexes have blocks.  To be freed. */
static struct blob make_filled(const char *options, unsigned directories)
{
	struct disk disk;
	struct blob image;

	disk_make(&disk, options);
	for (unsigned i = 0; i < directories; i++) {
		char     text[64];
		file_ref folder;

		snprintf(text, sizeof text, "directory %u", i);
		folder = disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), text);
		for (unsigned j = 0; j < FILES; j++) {
			snprintf(text, sizeof text, "a file of directory %u, number %u", i, j);
			disk_close(&disk, disk_file(&disk, folder, text));
		}
	}
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &err), 0), "%s", err.text);
	image = temp_read(disk.path);
	disk_release(&disk);
	return image;
}

static struct blob make_volume(const char *options)
{
	return make_filled(options, DIRECTORIES);
}

static struct geometry geometry_of(struct blob image)
{
	struct geometry geometry;

	cr_assert(eq(int, boot_sector_decode((struct bytes){ image.at, 512, 0 }, &geometry, &err), 0), "%s", err.text);
	return geometry;
}

static void lose_boot_sectors(struct blob image)
{
	struct geometry geometry = geometry_of(image);

	memset(image.at, 0, 512);
	memset(image.at + geometry.sectors * geometry.sector_bytes, 0, 512);
}

static void lose_first_records(struct blob image)
{
	struct geometry geometry = geometry_of(image);

	memset(image.at + geometry.mft_lcn * geometry.cluster_bytes, 0, 16 * (size_t)geometry.record_bytes);
	memset(image.at + geometry.mirror_lcn * geometry.cluster_bytes, 0, 4 * (size_t)geometry.record_bytes);
}

struct lost {
	char               *folder;
	struct evidence     evidence;
	struct artefacts    artefacts;
	struct lost_volumes volumes;
};

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *error)
{
	struct artefacts *artefacts = context;

	(void)next;
	for (size_t i = 0; i < count; i++)
		if (!array_push(artefacts, items[i]))
			return error_memory(error);
	return 0;
}

static void infer(struct lost *lost, struct blob disk)
{
	char *path;

	*lost = (struct lost){ .folder = temp_folder() };
	path = temp_path(lost->folder, "disk.img");
	temp_write(path, disk.at, disk.size);
	cr_assert(eq(int, evidence_open(&lost->evidence, path, NULL, &err), 0), "%s", err.text);
	cr_assert(eq(int, carve_sweep(&lost->evidence, &(struct carve_options){ { 0, UINT64_MAX }, 2, NULL }, take, &lost->artefacts, &err),
		     0));
	cr_assert(eq(int, lost_volumes_infer(&lost->evidence, lost->artefacts.items, lost->artefacts.count,
					     &lost->volumes, &err),
		     0));
	free(path);
}

static void lost_release(struct lost *lost)
{
	lost_volumes_release(&lost->volumes);
	array_release(&lost->artefacts);
	evidence_release(&lost->evidence);
	temp_remove(lost->folder);
}

/* Records in use that the ordinary reader finds in a volume that was inferred. */
static size_t readable(struct lost *lost, struct lost_volume *volume)
{
	struct volume    opened = { .evidence = &lost->evidence,
				    .number = 1,
				    .offset_bytes = volume->offset_bytes,
				    .size_bytes = (volume->geometry.sectors + 1) * volume->geometry.sector_bytes,
				    .geometry = volume->geometry,
				    .table = &volume->table };
	struct inventory inventory;
	struct findings  findings;
	size_t           count = 0;

	findings_init(&findings);
	cr_assert(eq(int, inventory_read(&inventory, &opened, 1, &findings, &err), 0), "%s", err.text);
	for (uint32_t i = FIRST_USER_RECORD; i < inventory.count; i++)
		count += (inventory.rows[i].flags & ROW_IN_USE) != 0;
	inventory_release(&inventory);
	findings_release(&findings);
	return count;
}

/* -------- one volume -------- */

struct lost_case {
	char     options[24];
	uint64_t start;
	bool     no_boots, no_first;
};

ParameterizedTestParameters(lost_volume, start_and_cluster_size)
{
	static struct lost_case cases[] = {
		{ "-c 512", 63 * 512, true, false },      { "-c 512", 1 << 20, true, true },
		{ "-c 1024", 512, true, true },           { "-c 4096", 0, true, false },
		{ "-c 4096", 1 << 20, false, false },     { "-c 4096", 63 * 512, true, true },
		{ "-c 4096", (1 << 20) + 3 * 512, true, true }, { "-c 8192", 1 << 20, true, true },
		{ "-c 65536", 1 << 20, true, false },     { "-c 65536", 4096, true, true },
		{ "-c 4096 -s 4096", 8192, true, false }, { "-c 4096 -s 4096", 8192, true, true },
	};
	return CASES(struct lost_case, cases);
}

ParameterizedTest(struct lost_case *c, lost_volume, start_and_cluster_size)
{
	struct blob               image = make_volume(c->options), disk = blob_zero(c->start + VOLUME_BYTES + 4096);
	struct geometry           truth = geometry_of(image);
	struct lost               lost;
	struct lost_volume       *found;

	if (c->no_first)
		lose_first_records(image);
	if (c->no_boots)
		lose_boot_sectors(image);
	memcpy(disk.at + c->start, image.at, image.size);
	infer(&lost, disk);
	cr_assert(eq(sz, lost.volumes.count, 1), "%s", c->options);
	found = &lost.volumes.items[0];
	cr_expect(eq(u64, found->offset_bytes, c->start), "%s", c->options);
	cr_expect(eq(u32, found->geometry.cluster_bytes, truth.cluster_bytes), "%s", c->options);
	cr_expect(eq(u32, found->geometry.record_bytes, truth.record_bytes), "%s", c->options);
	cr_expect(eq(u64, found->geometry.mft_lcn, truth.mft_lcn), "%s", c->options);
	cr_expect(eq(int, found->has_first, !c->no_first), "%s", c->options);
	cr_expect(eq(int, (found->signs & LOST_INDEX) != 0, true));
	cr_expect(eq(int, (found->signs & (LOST_BOOT | LOST_BACKUP)) != 0, !c->no_boots));
	if (!c->no_first) {
		cr_expect(eq(u64, found->geometry.mirror_lcn, truth.mirror_lcn), "%s", c->options);
		cr_expect(eq(u64, found->geometry.clusters, truth.clusters), "%s", c->options);
	}
	if (!c->no_boots)
		cr_expect(eq(u64, found->geometry.serial, truth.serial));
	cr_expect(ge(sz, readable(&lost, found), MADE), "%s", c->options);
	cr_expect(ge(u64, found->records, MADE), "%s", c->options);
	lost_release(&lost);
	free(disk.at);
	free(image.at);
}

Test(lost_volume, backup_alone_gives_the_start)
{
	struct blob image = make_volume("-c 4096"), disk = blob_zero(1536 + VOLUME_BYTES);
	struct lost lost;

	memset(image.at, 0, 512);
	memcpy(disk.at + 1536, image.at, image.size);
	infer(&lost, disk);
	cr_assert(eq(sz, lost.volumes.count, 1));
	cr_expect(eq(u64, lost.volumes.items[0].offset_bytes, 1536));
	cr_expect(eq(int, lost.volumes.items[0].signs & (LOST_BOOT | LOST_BACKUP), LOST_BACKUP));
	lost_release(&lost);
	free(disk.at);
	free(image.at);
}

/* The mirror says what the first records said, but for those that it has not. */
Test(lost_volume, mirror_stands_in_for_the_first_records)
{
	struct blob     image = make_volume("-c 4096"), disk = blob_zero(2560 + VOLUME_BYTES);
	struct geometry truth = geometry_of(image);
	struct lost     lost;

	memset(image.at + truth.mft_lcn * truth.cluster_bytes, 0, 16 * (size_t)truth.record_bytes);
	lose_boot_sectors(image);
	memcpy(disk.at + 2560, image.at, image.size);
	infer(&lost, disk);
	cr_assert(eq(sz, lost.volumes.count, 1));
	cr_expect(eq(u64, lost.volumes.items[0].offset_bytes, 2560));
	cr_expect(that(lost.volumes.items[0].has_first));
	cr_expect(that(lost.volumes.items[0].signs & LOST_TABLE));
	cr_expect(eq(u64, lost.volumes.items[0].geometry.mirror_lcn, truth.mirror_lcn));
	cr_expect(ge(sz, readable(&lost, &lost.volumes.items[0]), MADE));
	lost_release(&lost);
	free(disk.at);
	free(image.at);
}

/* Many blocks of one index fit one start for each cluster size: no reason to believe any. */
Test(lost_volume, one_directory_proves_nothing)
{
	struct blob image = make_filled("-c 4096", 1);
	struct lost lost;

	lose_first_records(image);
	lose_boot_sectors(image);
	infer(&lost, image);
	cr_expect(gt(sz, lost.artefacts.count, FILES));
	cr_expect(eq(sz, lost.volumes.count, 0));
	lost_release(&lost);
	free(image.at);
}

/* -------- several lives -------- */

/* As a quick format does: what is not zero goes over what was there. */
static void format_over(uint8_t *at, struct blob image)
{
	for (size_t i = 0; i < image.size; i += 512) {
		bool zeros = true;

		for (size_t j = 0; zeros && j < 512; j++)
			zeros = !image.at[i + j];
		if (!zeros)
			memcpy(at + i, image.at + i, 512);
	}
}

static struct blob make_empty(const char *options)
{
	char       *folder = temp_folder(), *path = temp_ntfs(folder, "empty.img", 24, options);
	struct blob image = temp_read(path);

	free(path);
	temp_remove(folder);
	return image;
}

static struct lost_volume *find(const struct lost *lost, uint64_t start, uint32_t cluster_bytes)
{
	for (size_t i = 0; i < lost->volumes.count; i++)
		if (lost->volumes.items[i].offset_bytes == start &&
		    lost->volumes.items[i].geometry.cluster_bytes == cluster_bytes)
			return &lost->volumes.items[i];
	return NULL;
}

struct life_case {
	char     older[16], newer[16];
	uint64_t older_start, newer_start;
	uint32_t older_bytes, newer_bytes; /* of a cluster */
	size_t   overwritten; /* records, at most: of the older life, between $MFT and what follows it */
};

/* Another cluster size with $MFT at the same byte; elsewhere; and nothing changed at all. */
ParameterizedTestParameters(lost_volume, lives_are_kept_apart)
{
	static struct life_case cases[] = {
		{ "-c 4096", "-c 8192", 1 << 20, 1 << 20, 4096, 8192, 3 },
		{ "-c 4096", "-c 512", 1 << 20, 1 << 20, 4096, 512, 3 },
		{ "-c 4096", "-c 4096", 63 * 512, 1 << 20, 4096, 4096, 3 },
		{ "-c 2048", "-c 65536", 1 << 20, 1 << 20, 2048, 65536, 3 + 64 },
	};
	return CASES(struct life_case, cases);
}

ParameterizedTest(struct life_case *c, lost_volume, lives_are_kept_apart)
{
	struct blob               older = make_volume(c->older), newer = make_empty(c->newer);
	struct blob               disk = blob_zero((1u << 20) + VOLUME_BYTES);
	struct lost               lost;
	struct lost_volume       *old_life, *new_life;

	memcpy(disk.at + c->older_start, older.at, older.size);
	memset(disk.at + c->older_start, 0, 512);
	format_over(disk.at + c->newer_start, newer);
	infer(&lost, disk);
	old_life = find(&lost, c->older_start, c->older_bytes);
	new_life = find(&lost, c->newer_start, c->newer_bytes);
	cr_expect(eq(sz, lost.volumes.count, 2), "%s, %s", c->older, c->newer);
	cr_assert(that(old_life && new_life), "%s, %s", c->older, c->newer);
	cr_expect(that(old_life->signs & LOST_INDEX));
	cr_expect(that(new_life->signs & LOST_BOOT));
	cr_expect(eq(sz, readable(&lost, new_life), 3)); /* in $Extend */
	cr_expect(ge(sz, readable(&lost, old_life), MADE - c->overwritten), "%s, %s", c->older, c->newer);
	cr_expect(le(sz, readable(&lost, old_life), MADE), "%s, %s", c->older, c->newer);
	cr_expect(eq(u64, new_life->geometry.serial, geometry_of(newer).serial));
	lost_release(&lost);
	free(disk.at);
	free(older.at);
	free(newer.at);
}

/* The same format again: one place, one table, and behind its end what the older life left. */
Test(lost_volume, records_behind_a_new_table_are_another_life)
{
	struct blob         older = make_volume("-c 4096"), newer = make_empty("-c 4096");
	struct lost         lost;
	struct lost_volume *new_life, *old_life;

	format_over(older.at, newer);
	infer(&lost, older);
	cr_assert(eq(sz, lost.volumes.count, 2));
	new_life = &lost.volumes.items[lost.volumes.items[1].has_first];
	old_life = &lost.volumes.items[!lost.volumes.items[1].has_first];
	cr_expect(eq(u64, new_life->offset_bytes, 0));
	cr_expect(eq(u64, new_life->geometry.serial, geometry_of(newer).serial));
	cr_expect(eq(u64, new_life->table.slots, 27)); /* as mkntfs makes them */
	cr_expect(eq(u64, old_life->offset_bytes, 0));
	cr_expect(eq(u32, old_life->geometry.cluster_bytes, 4096));
	cr_assert(eq(sz, old_life->table.absent.count, 1));
	cr_expect(eq(u64, old_life->table.absent.items[0].start, 0));
	cr_expect(eq(u64, old_life->table.absent.items[0].length, 27));
	cr_expect(ge(sz, readable(&lost, old_life), MADE - 3));
	lost_release(&lost);
	free(older.at);
	free(newer.at);
}

Test(lost_volume, equal_volumes_are_not_mixed)
{
	struct blob image = make_volume("-c 4096"), disk = blob_zero(3u * VOLUME_BYTES);
	struct lost lost;

	lose_boot_sectors(image);
	memcpy(disk.at + (1 << 20), image.at, image.size);
	memcpy(disk.at + VOLUME_BYTES + (2 << 20), image.at, image.size);
	infer(&lost, disk);
	cr_assert(eq(sz, lost.volumes.count, 2));
	cr_expect(that(find(&lost, 1 << 20, 4096) != NULL));
	cr_expect(that(find(&lost, VOLUME_BYTES + (2 << 20), 4096) != NULL));
	lost_release(&lost);
	free(disk.at);
	free(image.at);
}

Test(lost_volume, nothing_gives_nothing)
{
	struct blob disk = blob_zero(1 << 20);
	struct lost lost;

	infer(&lost, disk);
	cr_expect(eq(sz, lost.volumes.count, 0));
	lost_release(&lost);
	free(disk.at);
}

/* -------- samples -------- */

/* $MFT in six pieces by 'istat testfs1 0', two of them next to each other. */
Test(lost_volume, fragmented_table_is_one)
{
	struct blob image = sample_load("ntfs/colinfinck/testfs1");
	struct lost lost;

	lose_boot_sectors(image);
	infer(&lost, image);
	cr_assert(eq(sz, lost.volumes.count, 1));
	cr_expect(eq(u64, lost.volumes.items[0].offset_bytes, 0));
	cr_expect(eq(u32, lost.volumes.items[0].geometry.cluster_bytes, 512));
	cr_expect(eq(u64, lost.volumes.items[0].geometry.clusters, 2096640 / 512)); /* its origin's test */
	cr_expect(gt(u32, lost.volumes.items[0].pieces, 1));
	lost_release(&lost);
	free(image.at);
}
