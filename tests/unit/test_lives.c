/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_lives.c - volumes filled through libntfs-3g and formatted anew by mkntfs; every sector of every file says
 * whose it is, so what is called sound can be compared with what lies there
 */
#include "tests/unit/disk.h"

#include "core/cleanup.h"
#include "scan/carve/lives.h"
#include "scan/extension.h"
#include "scan/file.h"
#include "scan/old_table.h"
#include "scan/ownership.h"

#include <fcntl.h>

#define FOLDERS    6u
#define FILES      40u   /* of each */
#define FILE_BYTES 12288u
#define VOLUME_MIB 32u

static struct error err;

/* -------- making lives -------- */

static void format(const char *path, const char *options)
{
	char *command;

	cr_assert(asprintf(&command, "PATH=$PATH:/usr/sbin:/sbin mkntfs -F -Q -q %s '%s' > /dev/null 2>&1", options,
			   path) > 0);
	cr_assert(that(system(command) == 0), "%s", command);
	free(command);
}

#define TEXT_MAX 128u

static void sector_text(char text[TEXT_MAX], const char *life, const char *name, uint64_t sector)
{
	snprintf(text, TEXT_MAX, "[%s %s %llu]", life, name, (unsigned long long)sector);
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
	cr_assert(eq(int, carve_sweep(&it->evidence, (struct range){ 0, UINT64_MAX }, 2, take, &it->artefacts, &err), 0));
	cr_assert(eq(int, lives_from_artefacts(&it->evidence, it->artefacts.items, it->artefacts.count, &it->volumes,
					       &it->findings, &err),
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

static void count_file(struct left *left, const struct inventory *inventory, const struct ownership *ownership,
		       struct file_reader *reader, uint32_t record, const char *life)
{
	const struct volume *volume = inventory->mft.volume;
	const struct name_row *row = &inventory->names.items[inventory->rows[record].first_name];
	uint32_t    cluster_bytes = volume->geometry.cluster_bytes;
	uint8_t    *bytes = malloc(cluster_bytes);
	const struct file_stream *data;
	struct file file = { 0 };
	char        name[256] = "", text[TEXT_MAX];

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
			bool          right = true, sound = ownership_of(ownership, record, true,
									 data->runs.items[i].lcn + j, &one) == CLUSTERS_SOUND;

			cr_assert(eq(int, evidence_read(volume->evidence,
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
		{ "-c 4096", "-c 4096", 0 },         { "-c 4096", "-c 4096", 2 },  { "-c 4096", "-c 512", 0 },
		{ "-c 512", "-c 4096", 1 },          { "-c 2048", "-c 16384", 2 }, { "-c 16384", "-c 1024", 1 },
		{ "-c 65536", "-c 4096", 0 },        { "-c 4096", "-c 65536", 0 }, { "-c 4096 -s 4096", "-c 4096 -s 4096", 1 },
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
	fprintf(stderr, "%s, %s, %u: files %zu sound %zu right %zu wrong %zu dist %d\n", c->older, c->newer, c->new_folders, left.files, left.sound, left.right, left.wrong, left.disturbed);
	cr_expect(eq(sz, left.wrong, 0), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(that(!left.disturbed));
	/* most of what is not overwritten is called sound: clusters are rounded outwards */
	cr_expect(ge(sz, left.sound, left.right * 3 / 4), "%s, %s, %u", c->older, c->newer, c->new_folders);
	cr_expect(ge(sz, left.files, (FOLDERS - c->new_folders - 1) * FILES / 2), "%s, %s", c->older, c->newer);
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

	place_make(&it);
	add_life(&it, c->oldest, "oldest", 12);
	add_life(&it, c->older, "older", 3);
	add_life(&it, c->newer, "new", 0);
	look(&it);
	fprintf(stderr, "%s, %s, %s: %zu\n", c->oldest, c->older, c->newer, it.volumes.count);
	for (size_t i = it.present; i < it.volumes.count; i++) {
		struct left older = left_of(&it, i, "older"), oldest = left_of(&it, i, "oldest");
		fprintf(stderr, "  life %zu: newest %u cluster %u files %zu older: sound %zu right %zu wrong %zu; oldest: right %zu; dist %d\n", i, it.volumes.items[i].table->newest, it.volumes.items[i].geometry.cluster_bytes, older.files, older.sound, older.right, older.wrong, oldest.right, older.disturbed);
	}
	place_release(&it);
}
