/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place.c - see place.h */
#include "tests/unit/place.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "scan/attribute.h"
#include "scan/boot_sector.h"
#include "scan/extension.h"
#include "scan/file.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"
#include "scan/ownership.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define AGE_100NS (UINT64_C(3600) * 10000000u)
#define TEXT_MAX 128u

/* -------- making lives -------- */

void place_make(struct place *it)
{
	*it = (struct place){ .folder = temp_folder() };
	it->path = temp_path(it->folder, "disk.img");
	temp_write(it->path, "", 0);
	cr_assert(that(truncate(it->path, (off_t)PLACE_MIB << 20) == 0));
}

/* Take an hour off the @count times at @at. */
static void age_times(uint8_t *at, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put_le64(at + 8 * i, le64_at(at + 8 * i) - AGE_100NS);
}

/* A record as it is meant.  False if it is none; else refix puts it as it lies. */
static bool unfix(uint8_t *record, uint32_t size_bytes, struct mft_record *header, struct error *err)
{
	fixup_torn torn;

	return fixup_undo(record, size_bytes, 0, &torn, err) == 0 && !torn &&
	       mft_record_decode((struct bytes){ record, size_bytes, 0 }, header, err) == 0;
}

static void refix(uint8_t *record, uint32_t size_bytes)
{
	uint8_t *array = record + le16_at(record + 4);

	for (uint32_t i = 0; i < size_bytes / FIXUP_STRIDE; i++) {
		uint8_t *end = record + (i + 1) * FIXUP_STRIDE - 2;

		memcpy(array + 2 * (i + 1), end, 2);
		memcpy(end, array, 2);
	}
}

static void age_record(uint8_t *record, uint32_t size_bytes, struct error *err)
{
	struct mft_record header;
	struct attribute  attr;
	struct bytes      rest;

	if (!unfix(record, size_bytes, &header, err))
		return;
	rest = header.attributes;
	while (attribute_next(&rest, &attr, err) == 1) {
		if (!attr.resident)
			continue;
		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION)
			age_times(record + (attr.value.at - record), 4);
		else if (attr.type == ATTRIBUTE_FILE_NAME)
			age_times(record + (attr.value.at - record) + 8, 4);
	}
	refix(record, size_bytes);
}

/* The number at byte @at of the attributes of @type becomes @value. */
static void change_record(uint8_t *record, uint32_t size_bytes, uint32_t type, unsigned at, uint64_t value, struct error *err)
{
	struct mft_record header;
	struct attribute  attr;
	struct bytes      rest;
	unsigned          changed = 0;

	cr_assert(that(unfix(record, size_bytes, &header, err)));
	rest = header.attributes;
	for (; attribute_next(&rest, &attr, err) == 1; changed += attr.type == type)
		if (attr.type == type)
			put_le64(record + (attr.whole.at - record) + at, value);
	refix(record, size_bytes);
	cr_assert(that(changed > 0));
}

struct map {
	uint8_t *at;
	size_t   size;
};

static struct map map_disk(const struct place *it)
{
	int         fd = open(it->path, O_RDWR | O_CLOEXEC);
	struct stat status;
	struct map  map;

	cr_assert(that(fd >= 0 && fstat(fd, &status) == 0));
	map.size = (size_t)status.st_size;
	map.at = mmap(NULL, map.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	cr_assert(that(map.at != MAP_FAILED));
	close(fd);
	return map;
}

/* Times in records have seconds: an hour lies between lives, and none is waited for. */
void place_age(struct place *it)
{
	struct map disk = map_disk(it);

	for (size_t at = 0; at + 4096 <= disk.size; at += FIXUP_STRIDE)
		if (memcmp(disk.at + at, "FILE", 4) == 0 &&
		    (le32_at(disk.at + at + 0x1c) == 1024 || le32_at(disk.at + at + 0x1c) == 4096))
			age_record(disk.at + at, le32_at(disk.at + at + 0x1c), &it->err);
	munmap(disk.at, disk.size);
}

void place_forget_records(struct place *it, uint32_t records)
{
	struct map      disk = map_disk(it);
	struct geometry geometry;
	uint64_t        lcns[2];

	cr_assert(eq(int, boot_sector_decode((struct bytes){ disk.at, 512, 0 }, &geometry, &it->err), 0));
	lcns[0] = geometry.mft_lcn;
	lcns[1] = geometry.mirror_lcn;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned at = ATTRIBUTE_SIZE_AT; at <= ATTRIBUTE_VALID_AT; at += 8)
			change_record(disk.at + lcns[i] * geometry.cluster_bytes, geometry.record_bytes, ATTRIBUTE_DATA, at,
				      (uint64_t)records * geometry.record_bytes, &it->err);
	munmap(disk.at, disk.size);
}

void place_change_record(struct place *it, uint32_t number, uint32_t type, unsigned at, uint64_t value)
{
	struct map      disk = map_disk(it);
	struct geometry geometry;
	uint8_t        *record;

	cr_assert(eq(int, boot_sector_decode((struct bytes){ disk.at, 512, 0 }, &geometry, &it->err), 0));
	record = disk.at + geometry.mft_lcn * geometry.cluster_bytes + (size_t)number * geometry.record_bytes;
	cr_assert(eq(u32, le32_at(record + 0x2c), number)); /* the table is in one piece */
	change_record(record, geometry.record_bytes, type, at, value, &it->err);
	munmap(disk.at, disk.size);
}

void place_put(struct place *it, uint64_t at, const uint8_t *bytes, size_t size)
{
	struct map disk = map_disk(it);

	cr_assert(that(at + size <= disk.size));
	memcpy(disk.at + at, bytes, size);
	munmap(disk.at, disk.size);
}

void place_format(struct place *it, const char *options)
{
	CLEANUP(free_ptr) char *command = NULL;

	cr_assert(asprintf(&command, "PATH=$PATH:/usr/sbin:/sbin mkntfs -F -Q -q %s '%s' > /dev/null 2>&1", options,
			   it->path) > 0);
	cr_assert(that(system(command) == 0), "%s", command);
}

/* A sector of a file: full, so that the file's end is seen where it is. */
static void sector_text(char text[FIXUP_STRIDE], const char *life, const char *name, uint64_t sector)
{
	int length = snprintf(text, TEXT_MAX, "[%.16s %.64s %llu]", life, name, (unsigned long long)sector);

	memset(text + length, '.', FIXUP_STRIDE - (size_t)length);
}

static void fill_file(struct disk *disk, file_ref folder, const char *life, const char *name, uint32_t size)
{
	ntfs_inode *inode = disk_file(disk, folder, name);
	uint32_t    sectors = size / FIXUP_STRIDE + 1;
	char       *bytes = malloc((size_t)sectors * FIXUP_STRIDE);

	for (uint32_t i = 0; i < sectors; i++)
		sector_text(bytes + i * FIXUP_STRIDE, life, name, i);
	disk_write(disk, inode, "", 0, bytes, size);
	disk_close(disk, inode);
	free(bytes);
}

void place_fill(struct place *it, const char *life, struct filling filling)
{
	struct disk disk = { .mount.transaction.device.fd = -1 };

	cr_assert(eq(int, ntfs3g_mount(&disk.mount, it->path, 0, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_begin(&disk.mount, "test", &it->err), 0), "%s", it->err.text);
	for (unsigned i = 0; i < filling.folders; i++) {
		char     text[64];
		file_ref folder;

		snprintf(text, sizeof text, "folder %u of %s", i, life);
		folder = disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), text);
		for (unsigned j = 0; j < filling.files; j++) {
			snprintf(text, sizeof text, "file %u-%u with a name of some length", i, j);
			fill_file(&disk, folder, life, text, filling.file_bytes - (i * 131 + j * 37) % 500);
		}
	}
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &it->err), 0), "%s", it->err.text);
	cr_assert(eq(int, ntfs3g_unmount(&disk.mount, &it->err), 0), "%s", it->err.text);
}

void place_add_life(struct place *it, const char *options, const char *life, struct filling filling)
{
	place_age(it);
	place_format(it, options);
	if (filling.folders)
		place_fill(it, life, filling);
}

void place_wipe(struct place *it, uint64_t at, size_t length)
{
	struct blob zeros = blob_zero(length);

	place_put(it, at, zeros.at, length);
	free(zeros.at);
}

/* -------- looking -------- */

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	(void)next;
	for (size_t i = 0; i < count; i++)
		if (!array_push((struct artefacts *)context, items[i]))
			return error_memory(err);
	return 0;
}

void place_look_for_lives(struct place *it)
{
	it->artefacts.count = 0;
	cr_assert(eq(int,
		     carve_sweep(&it->evidence, &(struct carve_options){ { 0, UINT64_MAX }, 2, NULL }, take, &it->artefacts, &it->err),
		     0));
	cr_assert(eq(int,
		     lives_from_artefacts(&it->evidence, it->artefacts.items, it->artefacts.count, &it->volumes,
					  &it->findings, &it->err),
		     0),
		  "%s", it->err.text);
}

void place_look(struct place *it)
{
	static const struct selection all = { .no_sweep = true };

	findings_init(&it->findings);
	cr_assert(eq(int, evidence_open(&it->evidence, it->path, NULL, &it->err), 0), "%s", it->err.text);
	(void)!volumes_find(&it->evidence, &all, &it->volumes, &it->findings, &it->err);
	it->present = it->volumes.count;
	place_look_for_lives(it);
}

void place_release(struct place *it)
{
	volumes_release(&it->volumes);
	array_release(&it->artefacts);
	evidence_release(&it->evidence);
	findings_release(&it->findings);
	free(it->path);
	temp_remove(it->folder);
}

/* -------- what is left of a life -------- */

static bool is_right(const char *bytes, size_t size, const char *life, const char *name, uint64_t offset)
{
	char text[FIXUP_STRIDE];

	for (size_t i = 0; i < size; i += FIXUP_STRIDE) {
		sector_text(text, life, name, (offset + i) / FIXUP_STRIDE);
		if (memcmp(bytes + i, text, size - i < FIXUP_STRIDE ? size - i : FIXUP_STRIDE) != 0)
			return false;
	}
	return true;
}

/* A life that is being read back. */
struct reading {
	struct place      *place;
	const char        *life;
	struct inventory   inventory;
	struct ownership   ownership;
	struct extensions  extensions;
	struct file_reader reader;
	struct left        left;
};

static void count_cluster(struct reading *it, uint32_t record, uint64_t lcn, const char *name, uint64_t offset,
			  uint64_t size)
{
	const struct volume    *volume = it->inventory.mft.volume;
	uint32_t                cluster_bytes = volume->geometry.cluster_bytes;
	CLEANUP(free_ptr) char *bytes = malloc(cluster_bytes);
	struct ranges           holes = { 0 };
	uint64_t                one = 1;
	bool                    sound = ownership_of(&it->ownership, record, true, lcn, &one) == CLUSTERS_SOUND, right;

	cr_assert(eq(int,
		     evidence_read(volume->evidence, volume->offset_bytes + lcn * cluster_bytes, bytes, cluster_bytes,
				   &holes, &it->place->err),
		     0));
	array_release(&holes);
	right = is_right(bytes, size - offset < cluster_bytes ? size - offset : cluster_bytes, it->life, name, offset);
	it->left.sound += sound;
	it->left.right += right;
	it->left.wrong += sound && !right;
}

static void count_file(struct reading *it, uint32_t record)
{
	const struct name_row    *row = &it->inventory.names.items[it->inventory.rows[record].first_name];
	uint32_t                  cluster_bytes = it->inventory.mft.volume->geometry.cluster_bytes;
	const struct file_stream *data;
	struct file               file = { 0 };
	char                      name[256] = "";

	for (unsigned i = 0; i < row->units; i++)
		name[i] = (char)inventory_text(&it->inventory, row)[2 * i];
	if (strncmp(name, "file ", 5) != 0)
		return;
	cr_assert(eq(int, file_load(&it->reader, record, &file, &it->place->err), 0));
	data = file_find_stream(&file, ATTRIBUTE_DATA, "");
	cr_assert(that(data != NULL));
	it->left.files++;
	for (size_t i = 0; i < data->runs.count; i++)
		for (uint64_t j = 0; j < data->runs.items[i].length; j++) {
			uint64_t offset = (data->runs.items[i].vcn + j) * cluster_bytes;

			if (offset < data->size_bytes)
				count_cluster(it, record, data->runs.items[i].lcn + j, name, offset, data->size_bytes);
		}
	file_release(&file);
}

struct left place_left(struct place *place, size_t index, const char *life)
{
	struct reading it = { .place = place, .life = life };
	struct runs    none = { 0 };

	cr_assert(eq(int, inventory_read(&it.inventory, &place->volumes.items[index], 2, &place->findings, &place->err), 0),
		  "%s", place->err.text);
	cr_assert(eq(int, ownership_judge(&it.ownership, &it.inventory, &none, &place->findings, &place->err), 0));
	cr_assert(eq(int, extensions_collect(&it.extensions, &it.inventory, &place->err), 0));
	cr_assert(eq(int, file_reader_init(&it.reader, &it.inventory, &it.extensions, &place->err), 0));
	it.left.disturbed = it.ownership.disturbed;
	for (uint32_t i = FIRST_USER_RECORD; i < it.inventory.count; i++)
		if ((it.inventory.rows[i].flags & (ROW_DECODED | ROW_IN_USE | ROW_DIRECTORY | ROW_EXTENSION)) ==
			    (ROW_DECODED | ROW_IN_USE) &&
		    it.inventory.rows[i].names)
			count_file(&it, i);
	file_reader_release(&it.reader);
	array_release(&it.extensions);
	ownership_release(&it.ownership);
	inventory_release(&it.inventory);
	return it.left;
}
