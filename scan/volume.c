/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume.c - see volume.h */
#include "scan/volume.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "scan/old_table.h"

#include <errno.h>
#include <string.h>

#define MIB            (1ull << 20)
#define PARTITIONS_MAX 256u
#define PROBES_MAX     4096u      /* places tried before the whole disk is read */
#define SWEEP_BYTES    (4 * MIB)  /* read at a time */

void volumes_release(struct volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++) {
		if (volumes->items[i].table)
			old_table_release(volumes->items[i].table);
		free(volumes->items[i].table);
	}
	array_release(volumes);
}

/* -------- what the user named -------- */

int selection_parse(const char *source, char **path, struct selection *selection, struct error *err)
{
	const char        *at = strrchr(source, '@');
	char              *end;
	unsigned long long number;
	bool               is_offset;

	*selection = (struct selection){ 0 };
	if (!at || at == source || access(source, F_OK) == 0) {
		*path = strdup(source);
		return *path ? 0 : error_memory(err);
	}
	is_offset = at[1] == '+';
	errno = 0;
	number = strtoull(at + 1 + is_offset, &end, 10);
	if (errno || *end || end == at + 1 + is_offset || at[1 + is_offset] < '0' || at[1 + is_offset] > '9' ||
	    (!is_offset && (number < 1 || number > UINT32_MAX)))
		return error_set(err, ERROR_USAGE, source,
				 "'%s' is neither @N, a partition from 1, nor @+BYTES, an offset", at);
	if (is_offset) {
		selection->offset_given = true;
		selection->offset_bytes = number;
	} else {
		selection->partition_given = true;
		selection->partition = (uint32_t)number;
	}
	*path = strndup(source, (size_t)(at - source));
	return *path ? 0 : error_memory(err);
}

/* -------- reading -------- */

/* What others wrote after a past life says nothing of it. */
static int hide_foreign(const struct volume *volume, uint64_t offset, uint8_t *buffer, size_t length,
			struct ranges *unreadable, struct error *err)
{
	struct range hit;
	uint64_t     done = 0;

	while (done < length &&
	       ranges_overlap(&volume->table->foreign, offset + done, length - done, &hit)) {
		memset(buffer + (hit.start - offset), 0, (size_t)hit.length);
		if (!ranges_add(unreadable, hit.start, hit.length))
			return error_memory(err);
		done = hit.start - offset + hit.length;
	}
	return 0;
}

int volume_read(const struct volume *volume, uint64_t offset, void *buffer, size_t length,
		struct ranges *unreadable, struct error *err)
{
	size_t first = unreadable->count;

	if (evidence_read(volume->evidence, volume->offset_bytes + offset, buffer, length, unreadable, err) < 0)
		return -1;
	for (size_t i = first; i < unreadable->count; i++)
		unreadable->items[i].start -= volume->offset_bytes;
	return volume->table ? hide_foreign(volume, offset, buffer, length, unreadable, err) : 0;
}

/* Read without interest in the holes: zeros decode to nothing. */
static int peek(struct evidence *evidence, uint64_t offset, void *buffer, size_t length, struct error *err)
{
	struct ranges holes = { 0 };
	int           result = evidence_read(evidence, offset, buffer, length, &holes, err);

	array_release(&holes);
	return result;
}

/* -------- one place -------- */

static uint64_t volume_size(const struct geometry *geometry)
{
	return (geometry->sectors + 1) * geometry->sector_bytes;
}

/* A FILE record lies where this geometry puts the first of $MFT or of its mirror. */
static int has_mft(struct evidence *evidence, uint64_t offset, const struct geometry *geometry, bool *has,
		   struct error *err)
{
	uint64_t lcns[2] = { geometry->mft_lcn, geometry->mirror_lcn };
	uint8_t  head[48];

	*has = false;
	for (size_t i = 0; i < 2 && !*has; i++) {
		if (lcns[i] >= geometry->clusters)
			continue;
		if (peek(evidence, offset + lcns[i] * geometry->cluster_bytes, head, sizeof head, err) < 0)
			return -1;
		/* the first record: number 0, where records carry numbers (fix-ups from 0x30 on) */
		*has = (memcmp(head, "FILE", 4) == 0 || memcmp(head, "BAAD", 4) == 0) &&
		       (le16_at(head + 4) < 0x30 || le32_at(head + 0x2c) == 0);
	}
	return 0;
}

/* The boot sector at @place of the evidence, if it is one.  @found tells. */
static int decode_boot(struct evidence *evidence, uint64_t place, struct geometry *geometry, bool *found,
		       struct error *err)
{
	uint8_t      sector[BOOT_SECTOR_BYTES];
	struct error why;

	*found = false;
	if (place > evidence->size_bytes || evidence->size_bytes - place < sizeof sector)
		return 0;
	if (peek(evidence, place, sector, sizeof sector, err) < 0)
		return -1;
	*found = boot_sector_decode((struct bytes){ sector, sizeof sector, place }, geometry, &why) == 0;
	return 0;
}

/*
 * The volume that starts at @offset and ends, as far as a table knows, @length bytes on:
 * by its boot sector, or by the backup in the last sector (of 512 or 4096 bytes).
 */
static int volume_at(struct evidence *evidence, uint64_t offset, uint64_t length, struct volume *volume,
		     bool *found, struct findings *findings, struct error *err)
{
	struct geometry geometry;
	bool            has = false;

	if (decode_boot(evidence, offset, &geometry, found, err) < 0)
		return -1;
	if (*found && has_mft(evidence, offset, &geometry, &has, err) < 0)
		return -1;
	for (uint64_t sector = 512; (!*found || !has) && sector <= 4096 && sector < length; sector *= 2) {
		struct geometry backup;
		bool            there, good;

		if (decode_boot(evidence, offset + length - sector, &backup, &there, err) < 0)
			return -1;
		if (!there || volume_size(&backup) > length + backup.cluster_bytes)
			continue;
		if (has_mft(evidence, offset, &backup, &good, err) < 0)
			return -1;
		if (!good)
			continue;
		geometry = backup;
		*found = has = true;
		findings_add(findings, (struct finding){ FINDING_BOOT_FROM_BACKUP, volume->number, NO_RECORD,
							 length - sector, 0, 0 });
	}
	if (*found) {
		volume->evidence = evidence;
		volume->offset_bytes = offset;
		volume->geometry = geometry;
		volume->size_bytes = volume_size(&geometry);
	}
	return 0;
}

/* Say so when boot sector and backup are both there and do not agree. */
static int compare_backup(const struct volume *volume, struct findings *findings, struct error *err)
{
	uint64_t        place = volume->geometry.sectors * volume->geometry.sector_bytes;
	struct geometry first, backup;
	bool            has_first, has_backup;

	if (decode_boot(volume->evidence, volume->offset_bytes, &first, &has_first, err) < 0 ||
	    decode_boot(volume->evidence, volume->offset_bytes + place, &backup, &has_backup, err) < 0)
		return -1;
	if (has_first && has_backup && memcmp(&first, &backup, sizeof first) != 0)
		findings_add(findings, (struct finding){ FINDING_BOOT_BACKUP_DIFFERS, volume->number, NO_RECORD,
							 place, 0, 0 });
	return 0;
}

static int add_volume(struct volumes *volumes, struct volume *volume, struct findings *findings,
		      struct error *err)
{
	struct evidence *evidence = volume->evidence;
	uint64_t         data_bytes = volume->geometry.sectors * volume->geometry.sector_bytes;

	if (compare_backup(volume, findings, err) < 0)
		return -1;
	if (volume->offset_bytes + data_bytes > evidence->size_bytes)
		findings_add(findings, (struct finding){ FINDING_EVIDENCE_CUT_SHORT, volume->number, NO_RECORD,
							 NO_OFFSET, evidence->size_bytes,
							 volume->offset_bytes + data_bytes });
	return array_push(volumes, *volume) ? 0 : error_memory(err);
}

static struct volume next_volume(const struct volumes *volumes)
{
	return (struct volume){ .number = (uint32_t)volumes->count + 1 };
}

/* -------- by table -------- */

static int find_by_table(struct evidence *evidence, const struct selection *selection,
			 struct volumes *volumes, bool *table, struct findings *findings, struct error *err)
{
	struct image_partition partitions[PARTITIONS_MAX];
	char                   kind[IMAGE_KIND_BYTES] = "", text[IMAGE_ERROR_BYTES] = "";
	int                    count;
	bool                   seen = false;

	*table = false;
	if (evidence_client(evidence, err) < 0) {
		findings_add(findings, (struct finding){ FINDING_TABLE_UNREADABLE, 0, NO_RECORD, NO_OFFSET, 0, 0 });
		return selection->partition_given || err->kind == ERROR_MEMORY ? -1 : 0;
	}
	count = image_client_partitions(evidence->client, partitions, PARTITIONS_MAX, kind, text);
	for (int i = 0; i < count; i++) {
		struct volume volume = next_volume(volumes);
		bool          found;

		if (!partitions[i].slot)
			continue;
		*table = true;
		if (selection->partition_given && partitions[i].slot != selection->partition)
			continue;
		seen = true;
		if (volume_at(evidence, partitions[i].start_bytes, partitions[i].length_bytes, &volume, &found,
			      findings, err) < 0)
			return -1;
		volume.partition = partitions[i].slot;
		if (!found)
			findings_add(findings, (struct finding){ FINDING_PARTITION_NOT_NTFS, 0, NO_RECORD,
								 partitions[i].start_bytes,
								 partitions[i].slot, 0 });
		else if (add_volume(volumes, &volume, findings, err) < 0)
			return -1;
	}
	if (selection->partition_given && !*table)
		return error_set(err, ERROR_USAGE, evidence->path,
				 "has no partition table that can be read, so there is no partition %u; "
				 "leave @%u away to have the disk searched",
				 selection->partition, selection->partition);
	if (selection->partition_given && !seen)
		return error_set(err, ERROR_USAGE, evidence->path,
				 "has no partition %u; leave @%u away to have all of them looked at",
				 selection->partition, selection->partition);
	return 0;
}

/* -------- by search -------- */

/* A boot sector at @place, first or backup: which volume does it belong to? */
static int volume_of_boot(struct evidence *evidence, uint64_t place, const struct geometry *geometry,
			  struct volume *volume, bool *found, struct findings *findings, struct error *err)
{
	uint64_t before = geometry->sectors * geometry->sector_bytes;

	if (has_mft(evidence, place, geometry, found, err) < 0)
		return -1;
	if (!*found && before <= place) { /* perhaps the backup, behind its volume's last sector */
		place -= before;
		if (has_mft(evidence, place, geometry, found, err) < 0)
			return -1;
		if (*found)
			findings_add(findings, (struct finding){ FINDING_BOOT_FROM_BACKUP, volume->number,
								 NO_RECORD, before, 0, 0 });
	}
	if (*found) {
		volume->evidence = evidence;
		volume->offset_bytes = place;
		volume->geometry = *geometry;
		volume->size_bytes = volume_size(geometry);
		findings_add(findings, (struct finding){ FINDING_VOLUME_WITHOUT_TABLE, volume->number, NO_RECORD,
							 NO_OFFSET, place, 0 });
	}
	return 0;
}

static bool is_inside(const struct volumes *volumes, const struct evidence *evidence, uint64_t place)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (volumes->items[i].evidence == evidence && place >= volumes->items[i].offset_bytes &&
		    place - volumes->items[i].offset_bytes < volumes->items[i].size_bytes)
			return true;
	return false;
}

/* Look at one place; add its volume if there is one that is not known yet. */
static int probe(struct evidence *evidence, uint64_t place, struct volumes *volumes,
		 struct findings *findings, struct error *err)
{
	struct volume   volume = next_volume(volumes);
	struct geometry geometry;
	bool            found;

	if (is_inside(volumes, evidence, place))
		return 0;
	if (decode_boot(evidence, place, &geometry, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	if (volume_of_boot(evidence, place, &geometry, &volume, &found, findings, err) < 0)
		return -1;
	if (!found || is_inside(volumes, evidence, volume.offset_bytes))
		return 0;
	return add_volume(volumes, &volume, findings, err);
}

/* Where partitions start on nearly every disk: sector 63, and each of the first MiB marks. */
static int find_at_usual_places(struct evidence *evidence, struct volumes *volumes,
				struct findings *findings, struct error *err)
{
	if (probe(evidence, 63 * 512, volumes, findings, err) < 0)
		return -1;
	for (uint64_t i = 1; i <= PROBES_MAX && i * MIB < evidence->size_bytes; i++)
		if (probe(evidence, i * MIB, volumes, findings, err) < 0)
			return -1;
	return 0;
}

/* Read everything and look at every sector. */
static int find_by_sweep(struct evidence *evidence, struct volumes *volumes, struct findings *findings,
			 struct error *err)
{
	CLEANUP(free_ptr) uint8_t *buffer = malloc(SWEEP_BYTES);
	struct progress            progress;
	int                        result = 0;

	if (!buffer)
		return error_memory(err);
	progress_start(&progress, "looking for volumes", evidence->size_bytes, PROGRESS_BYTES);
	for (uint64_t at = 0; result == 0 && at < evidence->size_bytes; at += SWEEP_BYTES) {
		size_t part = evidence->size_bytes - at < SWEEP_BYTES ? (size_t)(evidence->size_bytes - at)
								       : SWEEP_BYTES;

		result = peek(evidence, at, buffer, part, err);
		for (size_t i = 0; result == 0 && i + BOOT_SECTOR_BYTES <= part; i += 512)
			if (memcmp(buffer + i + 3, "NTFS    ", 8) == 0)
				result = probe(evidence, at + i, volumes, findings, err);
		progress_add(&progress, part);
	}
	progress_end(&progress);
	return result;
}

/* -------- all together -------- */

static int find_whole(struct evidence *evidence, const struct selection *selection, struct volumes *volumes,
		      size_t first, struct findings *findings, struct error *err)
{
	static const struct selection everything = { 0 };
	struct volume                 volume = next_volume(volumes);
	bool                          found, table;

	if (volume_at(evidence, 0, evidence->size_bytes, &volume, &found, findings, err) < 0)
		return -1;
	if (found)
		return add_volume(volumes, &volume, findings, err);
	if (find_by_table(evidence, &everything, volumes, &table, findings, err) < 0)
		return -1;
	/* a new table may hide the volumes of an older one: their usual places are looked at in any case */
	if (find_at_usual_places(evidence, volumes, findings, err) < 0)
		return -1;
	if (volumes->count == first && !selection->no_sweep && find_by_sweep(evidence, volumes, findings, err) < 0)
		return -1;
	return 0;
}

int volumes_find(struct evidence *evidence, const struct selection *selection, struct volumes *volumes,
		 struct findings *findings, struct error *err)
{
	size_t first = volumes->count;
	bool   table = false, found;

	if (selection->offset_given) {
		struct volume volume = next_volume(volumes);

		if (selection->offset_bytes >= evidence->size_bytes)
			return error_set(err, ERROR_USAGE, evidence->path,
					 "ends at byte %llu, before the offset asked for",
					 (unsigned long long)evidence->size_bytes);
		if (volume_at(evidence, selection->offset_bytes, evidence->size_bytes - selection->offset_bytes,
			      &volume, &found, findings, err) < 0 ||
		    (found && add_volume(volumes, &volume, findings, err) < 0))
			return -1;
	} else if (selection->partition_given) {
		if (find_by_table(evidence, selection, volumes, &table, findings, err) < 0)
			return -1;
	} else if (find_whole(evidence, selection, volumes, first, findings, err) < 0) {
		return -1;
	}
	if (volumes->count > first)
		return 0;
	if (selection->offset_given)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "has no NTFS volume at byte %llu; leave the @ away to have the disk searched",
				 (unsigned long long)selection->offset_bytes);
	if (selection->partition_given)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "partition %u is not NTFS; leave @%u away to have all of them looked at",
				 selection->partition, selection->partition);
	return error_set(err, ERROR_VALUE, evidence->path,
			 "no NTFS volume found, by partition table, boot sector or search; check that it is "
			 "the right disk, whole and not encrypted");
}
