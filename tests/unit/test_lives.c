/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_lives.c - volumes filled through libntfs-3g and formatted anew by mkntfs; every sector of every file
 * says whose it is, so what is called sound can be compared with what lies there
 */
#include "tests/unit/disk.h"

#include "core/cleanup.h"
#include "scan/carve/lives.h"
#include "scan/extension.h"
#include "scan/file.h"
#include "scan/old_table.h"
#include "scan/ownership.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define FOLDERS 6u
#define FILES 40u /* of each */
#define FILE_BYTES 12288u
#define VOLUME_MIB 32u

static struct error err;

/* -------- making lives -------- */

static void format(const char *path, const char *options)
{
	char *command;

	cr_assert(asprintf(&command, "PATH=$PATH:/usr/sbin:/sbin mkntfs -F -Q -q %s '%s' > /dev/null 2>&1",
			   options, path) > 0);
	cr_assert(that(system(command) == 0), "%s", command);
	free(command);
}

#define TEXT_MAX 128u

static void sector_text(char text[TEXT_MAX], const char *life, const char *name, uint64_t sector)
{
	snprintf(text, TEXT_MAX, "[%.16s %.64s %llu]", life, name, (unsigned long long)sector);
}

static void fill_file(struct disk *disk, file_ref folder, const char *life, const char *name)
{
	ntfs_inode *inode = disk_file(disk, folder, name);
	uint8_t    *bytes = calloc(1, FILE_BYTES);

	for (uint64_t i = 0; i < FILE_BYTES / 512; i++)
		sector_text((char *)bytes + i * 512, life, name, i);
	disk_write(disk, inode, "", 0, bytes, FILE_BYTES);
	disk_close(disk, inode);
	free(bytes);
}

/* Put @folders with files on the volume at @path. */
static void fill(const char *path, const char *life, unsigned folders)
{
	struct disk disk = { 0 };

	disk.mount.transaction.device.fd = -1;
	cr_assert(eq(int, ntfs3g_mount(&disk.mount, path, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, ntfs3g_begin(&disk.mount, "test", &err), 0), "%s", err.text);
	for (unsigned i = 0; i < folders; i++) {
		char     text[64];
		file_ref folder;

		snprintf(text, sizeof text, "folder %u of %s", i, life);
		folder = disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), text);
		for (unsigned j = 0; j < FILES; j++) {
			snprintf(text, sizeof text, "file %u-%u with a name of some length", i, j);
			fill_file(&disk, folder, life, text);
		}
	}
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &err), 0), "%s", err.text);
	cr_assert(eq(int, ntfs3g_unmount(&disk.mount, &err), 0), "%s", err.text);
}

/* Times in records have seconds. */
static void wait_for_the_next_second(void)
{
	time_t now = time(NULL);

	while (time(NULL) == now)
		usleep(20000);
}

struct place {
	char            *folder, *path;
	struct evidence  evidence;
	struct findings  findings;
	struct artefacts artefacts;
	struct volumes   volumes;
	size_t           present;
};

static void place_make(struct place *it)
{
	*it = (struct place){ .folder = temp_folder() };
	it->path = temp_path(it->folder, "disk.img");
	temp_write(it->path, "", 0);
	cr_assert(that(truncate(it->path, (off_t)VOLUME_MIB << 20) == 0));
}

static void add_life(struct place *it, const char *options, const char *life, unsigned folders)
{
	format(it->path, options);
	fill(it->path, life, folders);
	wait_for_the_next_second();
}

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *error)
{
	(void)next;
	for (size_t i = 0; i < count; i++)
		if (!array_push((struct artefacts *)context, items[i]))
			return error_memory(error);
	return 0;
}

/* Find what is there, then what was. */
static void look(struct place *it)
{
	static const struct selection all = { .no_sweep = true };

	findings_init(&it->findings);
	cr_assert(eq(int, evidence_open(&it->evidence, it->path, NULL, &err), 0), "%s", err.text);
	(void)!volumes_find(&it->evidence, &all, &it->volumes, &it->findings, &err);
	it->present = it->volumes.count;
	cr_assert(
		eq(int,
		   carve_sweep(&it->evidence, (struct range){ 0, UINT64_MAX }, 2, take, &it->artefacts, &err),
		   0));
	cr_assert(eq(int,
		     lives_from_artefacts(&it->evidence, it->artefacts.items, it->artefacts.count,
					  &it->volumes, &it->findings, &err),
		     0),
		  "%s", err.text);
}

static void place_release(struct place *it)
{
	volumes_release(&it->volumes);
	array_release(&it->artefacts);
	evidence_release(&it->evidence);
	findings_release(&it->findings);
	free(it->path);
	temp_remove(it->folder);
}

/* -------- what is left of a life -------- */

struct left {
	size_t files;
	size_t sound, right; /* clusters called sound; with the right bytes */
	size_t wrong;        /* called sound, with other bytes */
	bool   disturbed;
};

static void count_file(struct left *left, const struct inventory *inventory,
		       const struct ownership *ownership, struct file_reader *reader, uint32_t record,
		       const char *life)
{
	const struct volume      *volume = inventory->mft.volume;
	const struct name_row    *row = &inventory->names.items[inventory->rows[record].first_name];
	uint32_t                  cluster_bytes = volume->geometry.cluster_bytes;
	uint8_t                  *bytes = malloc(cluster_bytes);
	const struct file_stream *data;
	struct file               file = { 0 };
	char                      name[256] = "", text[TEXT_MAX];

	for (unsigned i = 0; i < row->units; i++)
		name[i] = (char)inventory_text(inventory, row)[2 * i];
	cr_assert(eq(int, file_load(reader, record, &file, &err), 0));
	data = file_find_stream(&file, ATTRIBUTE_DATA, "");
	cr_assert(that(data && !data->resident));
	left->files++;
	for (size_t i = 0; i < data->runs.count; i++)
		for (uint64_t j = 0; j < data->runs.items[i].length; j++) {
			struct ranges holes = { 0 };
			uint64_t      one = 1, at = (data->runs.items[i].vcn + j) * cluster_bytes;
			bool          right = true,
			     sound = ownership_of(ownership, record, true, data->runs.items[i].lcn + j,
						  &one) == CLUSTERS_SOUND;

			cr_assert(eq(int,
				     evidence_read(volume->evidence,
						   volume->offset_bytes +
							   (data->runs.items[i].lcn + j) * cluster_bytes,
						   bytes, cluster_bytes, &holes, &err),
				     0));
			array_release(&holes);
			for (uint32_t k = 0; k < cluster_bytes && at + k < FILE_BYTES; k += 512) {
				sector_text(text, life, name, (at + k) / 512);
				right = right && strncmp((char *)bytes + k, text, sizeof text) == 0;
			}
			left->sound += sound;
			left->right += right;
			left->wrong += sound && !right;
		}
	file_release(&file);
	free(bytes);
}

static struct left left_of(struct place *it, size_t index, const char *life)
{
	struct volume     *volume = &it->volumes.items[index];
	struct left        left = { 0 };
	struct inventory   inventory;
	struct extensions  extensions = { 0 };
	struct ownership   ownership;
	struct file_reader reader = { 0 };
	struct runs        none = { 0 };

	cr_assert(eq(int, inventory_read(&inventory, volume, 2, &it->findings, &err), 0), "%s", err.text);
	cr_assert(eq(int, ownership_judge(&ownership, &inventory, &none, &it->findings, &err), 0));
	cr_assert(eq(int, extensions_collect(&extensions, &inventory, &err), 0));
	cr_assert(eq(int, file_reader_init(&reader, &inventory, &extensions, &err), 0));
	left.disturbed = ownership.disturbed;
	for (uint32_t i = FIRST_USER_RECORD; i < inventory.count; i++)
		if ((inventory.rows[i].flags & (ROW_DECODED | ROW_IN_USE | ROW_DIRECTORY | ROW_EXTENSION)) ==
			    (ROW_DECODED | ROW_IN_USE) &&
		    inventory.rows[i].size_bytes == FILE_BYTES)
			count_file(&left, &inventory, &ownership, &reader, i, life);
	file_reader_release(&reader);
	array_release(&extensions);
	ownership_release(&ownership);
	inventory_release(&inventory);
	return left;
}

/* -------- formatted anew -------- */

struct format_case {
	char     older[24], newer[24];
	unsigned new_folders;
};

ParameterizedTestParameters(lives, a_format_leaves_the_life_before)
{
	static struct format_case cases[] = {
		{ "-c 4096", "-c 4096", 0 },
		{ "-c 4096", "-c 4096", 2 },
		{ "-c 4096", "-c 512", 0 },
		{ "-c 512", "-c 4096", 1 },
		{ "-c 2048", "-c 16384", 2 },
		{ "-c 16384", "-c 1024", 1 },
		{ "-c 65536", "-c 4096", 0 },
		{ "-c 4096", "-c 65536", 0 },
		{ "-c 4096 -s 4096", "-c 4096 -s 4096", 1 },
		{ "-c 4096", "-c 4096 -s 4096", 0 },
	};
	return CASES(struct format_case, cases);
}

ParameterizedTest(struct format_case *c, lives, a_format_leaves_the_life_before)
{
	struct place it;
	struct left  left;

	place_make(&it);
	add_life(&it, c->older, "old", FOLDERS);
	add_life(&it, c->newer, "new", c->new_folders);
	look(&it);
	cr_assert(eq(sz, it.present, 1));
	cr_assert(eq(sz, it.volumes.count, 2), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(that(volume_is_past(&it.volumes.items[1])));
	cr_expect(eq(u32, it.volumes.items[1].number, 2));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(that(!it.volumes.items[0].table));
	left = left_of(&it, 1, "old");
	cr_expect(eq(sz, left.wrong, 0), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(that(!left.disturbed));
	/* most of what is not overwritten is called sound: clusters are rounded outwards */
	cr_expect(ge(sz, left.sound, left.right * 3 / 4), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(ge(sz, left.files, (FOLDERS - c->new_folders - 1) * FILES / 2), "%s, %s", c->older,
		  c->newer);
	place_release(&it);
}

/* -------- several lives -------- */

struct lives_case {
	char oldest[16], older[16], newer[16];
};

ParameterizedTestParameters(lives, older_lives_are_kept_apart)
{
	static struct lives_case cases[] = {
		{ "-c 512", "-c 4096", "-c 16384" },
		{ "-c 4096", "-c 2048", "-c 4096" },
		{ "-c 4096", "-c 4096", "-c 8192" },
		{ "-c 4096", "-c 4096", "-c 4096" },
	};
	return CASES(struct lives_case, cases);
}

ParameterizedTest(struct lives_case *c, lives, older_lives_are_kept_apart)
{
	struct place it;
	struct left  older, oldest;

	place_make(&it);
	add_life(&it, c->oldest, "oldest", 12);
	add_life(&it, c->older, "older", 3);
	add_life(&it, c->newer, "new", 0);
	look(&it);
	cr_assert(eq(sz, it.volumes.count, 3), "%s, %s, %s", c->oldest, c->older, c->newer);
	older = left_of(&it, 1, "older"); /* the younger stands first */
	oldest = left_of(&it, 2, "oldest");
	cr_expect(gt(u32, it.volumes.items[1].table->newest, it.volumes.items[2].table->newest));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(eq(u32, it.volumes.items[2].table->successor, 1));
	cr_expect(eq(sz, older.files, 3 * FILES), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(eq(sz, older.wrong, 0), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(ge(sz, older.sound, older.right * 9 / 10));
	cr_expect(that(!older.disturbed));
	cr_expect(eq(sz, oldest.files, 9 * FILES), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(eq(sz, oldest.wrong, 0), "%s, %s, %s", c->oldest, c->older, c->newer);
	cr_expect(ge(sz, oldest.sound, oldest.right * 9 / 10));
	cr_expect(that(oldest.disturbed)); /* the first records of the life after it are lost */
	place_release(&it);
}

/* -------- what is there -------- */

Test(lives, a_volume_that_lives_is_no_past_life)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	add_life(&it, "-c 4096", "new", FOLDERS);
	look(&it);
	cr_expect(eq(sz, it.present, 1));
	cr_expect(eq(sz, it.volumes.count, 1));
	cr_expect(that(!it.volumes.items[0].table));
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(eq(u64, it.findings.counts[FINDING_OLDER_LIFE], 0));
	place_release(&it);
}

Test(lives, records_behind_the_table_are_a_sign)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	add_life(&it, "-c 4096", "old", FOLDERS);
	add_life(&it, "-c 512", "new", 1);
	look(&it);
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(that(wanted));
	cr_assert(eq(u64, it.findings.counts[FINDING_OLDER_LIFE], 1));
	for (size_t i = 0; i < it.findings.count; i++)
		if (it.findings.items[i].kind == FINDING_OLDER_LIFE)
			cr_expect(eq(u64, it.findings.items[i].seen, 64)); /* 64 KiB of them */
	place_release(&it);
}

/* A small partition with nothing much on it is no reason to read the whole disk. */
Test(lives, a_small_volume_beside_others_is_not_fresh)
{
	struct place it;
	bool         wanted;

	place_make(&it);
	add_life(&it, "-c 4096", "new", 1);
	look(&it);
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(that(wanted));
	it.volumes.items[0].evidence->size_bytes *= 9;
	cr_assert(eq(int, lives_look(&it.volumes.items[0], &wanted, &it.findings, &err), 0));
	cr_expect(not(wanted));
	it.volumes.items[0].evidence->size_bytes /= 9;
	place_release(&it);
}

/* What was in use when a life ended is in use no more, and what a younger one has is not read as its own. */
Test(lives, others_bytes_are_not_read)
{
	struct place        it;
	struct volume      *old;
	struct ranges       holes = { 0 };
	const struct range *foreign;
	uint8_t             bytes[512], zeros[512] = { 0 };

	place_make(&it);
	add_life(&it, "-c 4096", "old", FOLDERS);
	add_life(&it, "-c 4096", "new", 1);
	look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	old = &it.volumes.items[1];
	foreign = &old->table->foreign.items[0]; /* boot sector, $MFT and what lies beside it */
	cr_expect(eq(u64, foreign->start, 0));
	cr_assert(eq(int, volume_read(old, 0, bytes, sizeof bytes, &holes, &err), 0));
	cr_expect(that(memcmp(bytes, zeros, sizeof bytes) == 0));
	cr_assert(eq(sz, holes.count, 1));
	cr_expect(eq(u64, holes.items[0].length, 512));
	holes.count = 0;
	cr_assert(eq(int, volume_read(&it.volumes.items[0], 0, bytes, sizeof bytes, &holes, &err), 0));
	cr_expect(that(memcmp(bytes + 3, "NTFS", 4) == 0));
	cr_expect(eq(sz, holes.count, 0));
	array_release(&holes);
	place_release(&it);
}

/* -------- nothing tells -------- */

static void wipe(struct place *it, uint64_t at, size_t length)
{
	uint8_t *zeros = calloc(1, length);
	FILE    *file = fopen(it->path, "r+be");

	cr_assert(that(file && fseeko(file, (off_t)at, SEEK_SET) == 0 &&
		       fwrite(zeros, 1, length, file) == length && fclose(file) == 0));
	free(zeros);
}

/* 32 MiB in sectors of 512 bytes: the backup is the last. */
static void lose_boot_sectors(struct place *it)
{
	wipe(it, 0, 512);
	wipe(it, ((uint64_t)VOLUME_MIB << 20) - 512, 512);
}

Test(lives, without_boot_sectors_the_volume_is_there)
{
	struct place it;
	struct left  left;

	place_make(&it);
	add_life(&it, "-c 2048", "old", FOLDERS);
	lose_boot_sectors(&it);
	look(&it);
	cr_expect(eq(sz, it.present, 0));
	cr_assert(eq(sz, it.volumes.count, 1));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(eq(u32, it.volumes.items[0].geometry.cluster_bytes, 2048));
	cr_expect(eq(u64, it.findings.counts[FINDING_VOLUME_INFERRED], 1));
	cr_expect(eq(u64, it.findings.counts[FINDING_PAST_LIFE], 0));
	left = left_of(&it, 0, "old");
	cr_expect(eq(sz, left.files, FOLDERS * FILES));
	cr_expect(eq(sz, left.wrong, 0));
	cr_expect(eq(sz, left.sound, left.right));
	place_release(&it);
}

/* The younger of two lives without boot sectors has the place; the older is past. */
Test(lives, without_boot_sectors_the_younger_is_there)
{
	struct place it;

	place_make(&it);
	add_life(&it, "-c 4096", "old", FOLDERS);
	add_life(&it, "-c 1024", "new", 3);
	lose_boot_sectors(&it);
	look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	cr_expect(eq(u32, it.volumes.items[0].geometry.cluster_bytes, 1024));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(that(volume_is_past(&it.volumes.items[1])));
	cr_expect(eq(u32, it.volumes.items[1].table->successor, 1));
	cr_expect(eq(sz, left_of(&it, 0, "new").files, 3 * FILES));
	cr_expect(eq(sz, left_of(&it, 1, "old").wrong, 0));
	place_release(&it);
}

/* The boot sector is there, what it points to is not, nor is the mirror: the volume gets its table. */
Test(lives, a_volume_without_its_first_records_is_given_its_table)
{
	struct place  it;
	struct volume volume;

	place_make(&it);
	add_life(&it, "-c 4096", "old", FOLDERS);
	look(&it);
	cr_assert(eq(sz, it.present, 1));
	volume = it.volumes.items[0];
	wipe(&it, volume.geometry.mft_lcn * 4096, 16 * 1024);
	wipe(&it, volume.geometry.mirror_lcn * 4096, 4 * 1024);
	it.artefacts.count = 0;
	cr_assert(eq(int,
		     carve_sweep(&it.evidence, (struct range){ 0, UINT64_MAX }, 2, take, &it.artefacts, &err),
		     0));
	cr_assert(eq(int,
		     lives_from_artefacts(&it.evidence, it.artefacts.items, it.artefacts.count, &it.volumes,
					  &it.findings, &err),
		     0));
	cr_assert(eq(sz, it.volumes.count, 1));
	cr_assert(that(it.volumes.items[0].table != NULL));
	cr_expect(that(!volume_is_past(&it.volumes.items[0])));
	cr_expect(eq(sz, left_of(&it, 0, "old").files, FOLDERS * FILES));
	place_release(&it);
}

/* Two volumes, none with a boot sector: where the first ends is seen by where the second begins. */
Test(lives, neighbours_are_both_there)
{
	struct place it, other;
	struct blob  left, right, both = blob_zero(2ull * VOLUME_MIB << 20);

	place_make(&it);
	add_life(&it, "-c 4096", "left", FOLDERS);
	lose_boot_sectors(&it);
	place_make(&other);
	add_life(&other, "-c 2048", "right", FOLDERS);
	lose_boot_sectors(&other);
	left = temp_read(it.path);
	right = temp_read(other.path);
	memcpy(both.at, left.at, left.size);
	memcpy(both.at + left.size, right.at, right.size);
	temp_write(it.path, both.at, both.size);
	look(&it);
	cr_assert(eq(sz, it.volumes.count, 2));
	cr_expect(eq(u64, it.volumes.items[0].offset_bytes, 0));
	cr_expect(le(u64, it.volumes.items[0].size_bytes, left.size));
	cr_expect(eq(u64, it.volumes.items[1].offset_bytes, left.size));
	for (size_t i = 0; i < 2; i++) {
		cr_expect(that(!volume_is_past(&it.volumes.items[i])));
		cr_expect(eq(sz, left_of(&it, i, i ? "right" : "left").files, FOLDERS * FILES));
		cr_expect(eq(sz, left_of(&it, i, i ? "right" : "left").wrong, 0));
	}
	free(left.at);
	free(right.at);
	free(both.at);
	place_release(&it);
	free(other.path);
	temp_remove(other.folder);
}

/* A virtual disk in a file of the volume is the file's, and no life of the place. */
Test(lives, a_disk_in_a_file_is_no_life)
{
	struct place it, inner;
	struct disk  disk = { 0 };
	struct blob  image;
	ntfs_inode  *inode;

	place_make(&inner);
	cr_assert(that(truncate(inner.path, 12 << 20) == 0));
	add_life(&inner, "-c 4096", "inner", FOLDERS);
	image = temp_read(inner.path);
	place_make(&it);
	add_life(&it, "-c 4096", "outer", 1);
	disk.mount.transaction.device.fd = -1;
	cr_assert(eq(int, ntfs3g_mount(&disk.mount, it.path, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, ntfs3g_begin(&disk.mount, "test", &err), 0), "%s", err.text);
	inode = disk_file(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), "disk.vhd");
	disk_write(&disk, inode, "", 0, image.at, image.size);
	disk_close(&disk, inode);
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &err), 0), "%s", err.text);
	cr_assert(eq(int, ntfs3g_unmount(&disk.mount, &err), 0), "%s", err.text);
	look(&it);
	cr_expect(gt(sz, it.artefacts.count, FOLDERS * FILES + FILES));
	cr_expect(eq(sz, it.volumes.count, 1));
	free(image.at);
	place_release(&it);
	free(inner.path);
	temp_remove(inner.folder);
}
