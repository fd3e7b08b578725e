/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_boot.c - part of check.c: boot sectors, $MFTMirr, the file system's own files */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/utf16.h"

#include <inttypes.h>

#define MIRROR_RECORD 1u
#define VOLUME_RECORD 3u
#define BOOT_RECORD 7u
#define MIRRORED_RECORDS 4u /* at least; more if a cluster holds more */

#define VOLUME_MAJOR_AT 8u  /* in $VOLUME_INFORMATION: version of NTFS */
#define VOLUME_FLAGS_AT 10u
#define OLD_NAMED_RECORDS 11u /* of NTFS 1.2: no $Extend */

/* -------- boot sectors -------- */

/* Read @length bytes at @offset of the volume: 1, 0 when some cannot be had, -1 without memory. */
static int read_whole(struct check_work *work, uint64_t offset, void *buffer, size_t length,
		      struct error *err)
{
	struct ranges holes = { 0 };
	int           result = volume_read(work->volume, offset, buffer, length, &holes, err);

	if (result == 0)
		result = holes.count == 0;
	array_release(&holes);
	return result;
}

/* The backup ends with the sector behind the last one that counts; sectors may be shorter than it. */
static uint64_t backup_place(const struct geometry *geometry)
{
	uint64_t length =
		geometry->sector_bytes < BOOT_SECTOR_BYTES ? BOOT_SECTOR_BYTES : geometry->sector_bytes;

	return (geometry->sectors + 1) * geometry->sector_bytes - length;
}

static int check_boot_sectors(struct check_work *work, struct error *err)
{
	const struct geometry *geometry = &work->volume->geometry;
	uint64_t               place = backup_place(geometry);
	uint8_t                first[BOOT_SECTOR_BYTES], backup[BOOT_SECTOR_BYTES];
	struct geometry        unused;
	struct error           why;
	int                    first_read = read_whole(work, 0, first, sizeof first, err), backup_read;

	if (first_read < 0)
		return -1;
	backup_read = read_whole(work, place, backup, sizeof backup, err);
	if (backup_read < 0)
		return -1;
	if (!first_read)
		check_report(work, PROBLEM_BOOT_BACKUP, NO_RECORD, 0, "the boot sector cannot be read");
	if (!backup_read)
		check_report(work, PROBLEM_BOOT_BACKUP, NO_RECORD, place,
			     "the backup boot sector cannot be read");
	if (!first_read || !backup_read || memcmp(first, backup, sizeof first) == 0)
		return 0;
	if (boot_sector_decode((struct bytes){ first, sizeof first, 0 }, &unused, &why) < 0)
		check_report(work, PROBLEM_BOOT_BACKUP, NO_RECORD, 0, "the boot sector is damaged: %s",
			     why.text);
	else if (boot_sector_decode((struct bytes){ backup, sizeof backup, place }, &unused, &why) < 0)
		check_report(work, PROBLEM_BOOT_BACKUP, NO_RECORD, place,
			     "the backup boot sector is damaged: %s", why.text);
	else
		check_report(work, PROBLEM_BOOT_BACKUP, NO_RECORD, place,
			     "boot sector and backup boot sector differ");
	return 0;
}

/* -------- what the boot sector says against the records -------- */

/* A system file's unnamed data must begin at @lcn. */
static void expect_start(struct check_work *work, uint32_t record, const struct runs *runs, uint64_t lcn,
			 const char *name)
{
	uint64_t seen = runs->count ? runs->items[0].lcn : LCN_HOLE;

	if (seen == lcn)
		return;
	if (seen == LCN_HOLE)
		check_report(work, PROBLEM_BOOT_GEOMETRY, record, mft_offset_of(&work->inventory.mft, record),
			     "%s has no clusters", name);
	else
		check_report(work, PROBLEM_BOOT_GEOMETRY, record, mft_offset_of(&work->inventory.mft, record),
			     "%s begins at cluster %" PRIu64 ", but must at %" PRIu64, name, seen, lcn);
}

/* -------- the mirror -------- */

/* A record and its copy: the same but for what the fix-ups are. */
static bool is_same_record(uint8_t *own, uint8_t *copy, size_t size)
{
	struct mft_record record;
	struct error      why;
	fixup_torn        own_torn, copy_torn;
	size_t            array, array_end;

	if (memcmp(own, copy, size) == 0)
		return true;
	if (mft_record_kind((struct bytes){ own, size, 0 }) == MFT_RECORD_EMPTY ||
	    memcmp(own, copy, 8) != 0 || fixup_undo(own, size, 0, &own_torn, &why) < 0 ||
	    fixup_undo(copy, size, 0, &copy_torn, &why) < 0 || own_torn || copy_torn ||
	    mft_record_decode((struct bytes){ own, size, 0 }, &record, &why) < 0)
		return false;
	array = le16_at(own + 4); /* fixup_undo has seen that it lies in the first sector */
	array_end = array + 2u * le16_at(own + 6);
	return memcmp(own + 8, copy + 8, array - 8) == 0 &&
	       (record.in_use_bytes <= array_end ||
		memcmp(own + array_end, copy + array_end, record.in_use_bytes - array_end) == 0);
}

/* @wanted  bytes that the mirror must have */
static int compare_mirror(struct check_work *work, const struct file_stream *mirror, uint64_t wanted,
			  struct error *err)
{
	const struct mft          *mft = &work->inventory.mft;
	CLEANUP(free_ptr) uint8_t *own = malloc(mft->record_bytes), *copy = malloc(mft->record_bytes);
	uint64_t records = (mirror->size_bytes < wanted ? mirror->size_bytes : wanted) / mft->record_bytes;

	if (!own || !copy)
		return error_memory(err);
	for (uint64_t i = 0; i < records && i < mft->records; i++) {
		struct ranges missing = { 0 };
		size_t        length = mft->record_bytes;
		int  read = check_read_stream(work, mirror, i * mft->record_bytes, copy, &length, err);
		int  result = read < 0 ? -1 : mft_read(mft, i, 1, own, &missing, err);
		bool whole = missing.count == 0;

		array_release(&missing);
		if (result < 0)
			return -1;
		if (!read)
			check_report(work, PROBLEM_MFT_MIRROR, i, mft_offset_of(mft, i),
				     "the copy of record %" PRIu64 " in $MFTMirr cannot be read", i);
		else if (whole && !is_same_record(own, copy, mft->record_bytes))
			check_report(work, PROBLEM_MFT_MIRROR, i, mft_offset_of(mft, i),
				     "record %" PRIu64 " and its copy in $MFTMirr differ", i);
	}
	return 0;
}

static int check_mirror(struct check_work *work, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct geometry            *geometry = &work->volume->geometry;
	const struct file_stream         *mirror;
	uint64_t                          wanted = (uint64_t)MIRRORED_RECORDS * geometry->record_bytes;

	if (wanted < geometry->cluster_bytes)
		wanted = geometry->cluster_bytes;
	if (!is_live_base(work, MIRROR_RECORD))
		return 0;
	if (file_load(&work->reader, MIRROR_RECORD, &file, err) < 0)
		return -1;
	mirror = file_find_stream(&file, ATTRIBUTE_DATA, "");
	if (!mirror || mirror->resident) {
		check_report(work, PROBLEM_MFT_MIRROR, MIRROR_RECORD,
			     mft_offset_of(&work->inventory.mft, MIRROR_RECORD), "$MFTMirr has no content");
		return 0;
	}
	expect_start(work, MIRROR_RECORD, &mirror->runs, geometry->mirror_lcn, "$MFTMirr");
	if (mirror->size_bytes != wanted)
		check_report(work, PROBLEM_MFT_MIRROR, MIRROR_RECORD,
			     mft_offset_of(&work->inventory.mft, MIRROR_RECORD),
			     "$MFTMirr has %" PRIu64 " bytes, but must have %" PRIu64, mirror->size_bytes,
			     wanted);
	return compare_mirror(work, mirror, wanted, err);
}

/* -------- the first records -------- */

static bool has_name(const struct inventory *inventory, uint32_t record, const char *word)
{
	const struct mft_row *row = &inventory->rows[record];

	for (uint32_t i = row->first_name; i < row->first_name + row->names; i++)
		if (utf16_is_word(inventory_text(inventory, &inventory->names.items[i]),
				  inventory->names.items[i].units, word))
			return true;
	return false;
}

/* @major  version of NTFS: before 3 there were neither $Secure nor $Extend */
static void check_first_records(struct check_work *work, unsigned major)
{
	static const char *const names[NAMED_RECORDS] = { "$MFT",     "$MFTMirr", "$LogFile", "$Volume",
							  "$AttrDef", ".",        "$Bitmap",  "$Boot",
							  "$BadClus", "$Secure",  "$UpCase",  "$Extend" };

	for (uint32_t i = 0; i < (major < 3 ? OLD_NAMED_RECORDS : NAMED_RECORDS); i++) {
		uint64_t offset = mft_offset_of(&work->inventory.mft, i);

		if (!is_live_base(work, i))
			check_report(work, PROBLEM_SYSTEM_FILE, i, offset, "the record of %s is not usable",
				     names[i]);
		else if (!has_name(&work->inventory, i, names[i]) &&
			 !(major < 3 && has_name(&work->inventory, i, "$Quota")) &&
			 !(work->inventory.rows[i].flags & ROW_HAS_LIST))
			check_report(work, PROBLEM_SYSTEM_FILE, i, offset, "the record has not the name %s",
				     names[i]);
	}
	if (is_live_base(work, ROOT_RECORD) && !(work->inventory.rows[ROOT_RECORD].flags & ROW_DIRECTORY))
		check_report(work, PROBLEM_SYSTEM_FILE, ROOT_RECORD,
			     mft_offset_of(&work->inventory.mft, ROOT_RECORD), "the root is no directory");
}

static int check_volume_record(struct check_work *work, unsigned *major, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct file_stream         *info;

	*major = 3;
	if (!is_live_base(work, VOLUME_RECORD))
		return 0;
	if (file_load(&work->reader, VOLUME_RECORD, &file, err) < 0)
		return -1;
	info = file_find_stream(&file, ATTRIBUTE_VOLUME_INFORMATION, "");
	if (!info || !info->resident || info->size_bytes < VOLUME_FLAGS_AT + 2)
		check_report(work, PROBLEM_SYSTEM_FILE, VOLUME_RECORD,
			     mft_offset_of(&work->inventory.mft, VOLUME_RECORD),
			     "$Volume has no $VOLUME_INFORMATION");
	else
		*major = info->value[VOLUME_MAJOR_AT];
	return 0;
}

static int check_boot_file(struct check_work *work, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct file_stream         *data;

	if (!is_live_base(work, BOOT_RECORD))
		return 0;
	if (file_load(&work->reader, BOOT_RECORD, &file, err) < 0)
		return -1;
	data = file_find_stream(&file, ATTRIBUTE_DATA, "");
	expect_start(work, BOOT_RECORD, data ? &data->runs : &(struct runs){ 0 }, 0, "$Boot");
	return 0;
}

int check_boot(struct check_work *work, struct error *err)
{
	unsigned major;

	if (check_boot_sectors(work, err) < 0)
		return -1;
	expect_start(work, 0, &work->inventory.mft.runs, work->volume->geometry.mft_lcn, "$MFT");
	if (volume_state_read(&work->reader, &work->check->state, err) < 0 ||
	    check_volume_record(work, &major, err) < 0)
		return -1;
	check_first_records(work, major);
	if (check_boot_file(work, err) < 0)
		return -1;
	return check_mirror(work, err);
}
