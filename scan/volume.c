/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume.c - see volume.h */
#include "scan/volume.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "scan/layer.h"
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

/* A number from @text to its end; false if it is none. */
static bool whole_number(const char *text, unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end;
}

/* Take what follows an @: a partition, an offset, or a shadow copy. */
static bool take_part(const char *part, struct selection *selection)
{
	static const char  shadow[] = "shadow";
	unsigned long long number;

	if (!selection->shadow && strncmp(part, shadow, sizeof shadow - 1) == 0) {
		if (!whole_number(part + sizeof shadow - 1, &number) || number < 1 || number > IMAGE_SHADOWS_MAX)
			return false;
		selection->shadow = (uint32_t)number;
	} else if (*part == '+') {
		if (!whole_number(part + 1, &number))
			return false;
		selection->offset_given = true;
		selection->offset_bytes = number;
	} else {
		if (!whole_number(part, &number) || number < 1 || number > UINT32_MAX)
			return false;
		selection->partition_given = true;
		selection->partition = (uint32_t)number;
	}
	return true;
}

static bool place_given(const struct selection *selection)
{
	return selection->partition_given || selection->offset_given;
}

int selection_parse(const char *source, char **path, struct selection *selection, struct error *err)
{
	CLEANUP(free_ptr) char *name = strdup(source);
	char                   *at;

	*selection = (struct selection){ 0 };
	if (!name)
		return error_memory(err);
	while (!place_given(selection) && access(name, F_OK) < 0 && (at = strrchr(name, '@')) != NULL && at != name) {
		if (!take_part(at + 1, selection)) {
			if (selection->shadow)
				break; /* what stands before is a name with an @ */
			return error_set(err, ERROR_USAGE, source,
					 "'%s' is neither @N, a partition from 1, nor @+BYTES, an offset, nor "
					 "@shadowN, a shadow copy from 1",
					 at);
		}
		*at = 0;
	}
	*path = TAKE(name);
	return 0;
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
static int plain_volume_at(struct evidence *evidence, uint64_t offset, uint64_t length, struct volume *volume,
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

/* A BitLocker volume is looked for within, if the evidence has keys; else it is a finding. */
static int encrypted_volume_at(struct evidence *evidence, uint64_t offset, uint64_t length, struct volume *volume,
			       bool *found, struct findings *findings, struct error *err)
{
	struct layer  wanted = { .kind = LAYER_BITLOCKER, .offset_bytes = offset, .length_bytes = length,
				 .partition = volume->partition };
	struct layer *layer;

	if (layer_enter(evidence, &wanted, &layer, err) < 0)
		return -1;
	if (layer->evidence)
		return plain_volume_at(layer->evidence, 0, layer->evidence->size_bytes, volume, found, findings, err);
	findings_add(findings, (struct finding){ FINDING_VOLUME_LOCKED, 0, NO_RECORD, offset, volume->partition,
						 layer->recovery_id });
	return 0;
}

static int volume_at(struct evidence *evidence, uint64_t offset, uint64_t length, struct volume *volume,
		     bool *found, struct findings *findings, struct error *err)
{
	uint8_t sector[BOOT_SECTOR_BYTES] = { 0 };

	if (plain_volume_at(evidence, offset, length, volume, found, findings, err) < 0)
		return -1;
	if (*found || offset >= evidence->size_bytes)
		return 0;
	if (peek(evidence, offset, sector, sizeof sector, err) < 0)
		return -1;
	if (!layer_is_bitlocker(sector))
		return 0;
	return encrypted_volume_at(evidence, offset, length, volume, found, findings, err);
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
		uint64_t      locked = findings->counts[FINDING_VOLUME_LOCKED];
		bool          found;

		if (!partitions[i].slot)
			continue;
		*table = true;
		if (selection->partition_given && partitions[i].slot != selection->partition)
			continue;
		seen = true;
		volume.partition = partitions[i].slot;
		if (volume_at(evidence, partitions[i].start_bytes, partitions[i].length_bytes, &volume, &found,
			      findings, err) < 0)
			return -1;
		if (!found && locked == findings->counts[FINDING_VOLUME_LOCKED])
			findings_add(findings, (struct finding){ FINDING_PARTITION_NOT_NTFS, 0, NO_RECORD,
								 partitions[i].start_bytes,
								 partitions[i].slot, 0 });
		else if (found && add_volume(volumes, &volume, findings, err) < 0)
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

/* -------- whatever was meant -------- */

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
	if (findings->counts[FINDING_VOLUME_LOCKED])
		return 0;
	if (find_by_table(evidence, &everything, volumes, &table, findings, err) < 0)
		return -1;
	/* a new table may hide the volumes of an older one: their usual places are looked at in any case */
	if (find_at_usual_places(evidence, volumes, findings, err) < 0)
		return -1;
	if (volumes->count == first && !selection->no_sweep && !findings->counts[FINDING_VOLUME_LOCKED] &&
	    find_by_sweep(evidence, volumes, findings, err) < 0)
		return -1;
	return 0;
}

static int find_as_it_is(struct evidence *evidence, const struct selection *selection, struct volumes *volumes,
			 struct findings *findings, struct error *err)
{
	bool table = false, found;

	if (selection->offset_given) {
		struct volume volume = next_volume(volumes);

		if (selection->offset_bytes >= evidence->size_bytes)
			return error_set(err, ERROR_USAGE, evidence->path,
					 "ends at byte %llu, before the offset asked for",
					 (unsigned long long)evidence->size_bytes);
		if (volume_at(evidence, selection->offset_bytes, evidence->size_bytes - selection->offset_bytes,
			      &volume, &found, findings, err) < 0)
			return -1;
		return found ? add_volume(volumes, &volume, findings, err) : 0;
	}
	return selection->partition_given
		       ? find_by_table(evidence, selection, volumes, &table, findings, err)
		       : find_whole(evidence, selection, volumes, volumes->count, findings, err);
}

/* Why there is no volume. */
static int find_nothing(const struct evidence *evidence, const struct selection *selection,
			const struct findings *findings, struct error *err)
{
	const struct layer *locked = NULL;

	for (size_t i = 0; findings->counts[FINDING_VOLUME_LOCKED] && i < evidence->within.count; i++)
		if (evidence->within.items[i]->kind == LAYER_BITLOCKER)
			locked = evidence->within.items[i];
	if (locked && locked->state == LAYER_DAMAGED)
		return error_set(err, ERROR_VALUE, evidence->path, "is encrypted by BitLocker and cannot be opened: %s",
				 locked->why);
	if (locked && !evidence->keys)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "is encrypted by BitLocker, which is opened only for scan, rescue, rebuild and check");
	if (locked && locked->recovery_id)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "is encrypted by BitLocker, and %s; give the recovery key (its identifier begins with "
				 "%08X) with --recovery-key, or the password with --password-file",
				 locked->why, locked->recovery_id);
	if (locked)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "is encrypted by BitLocker, and %s; give the password with --password-file",
				 locked->why);
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
			 "the right disk, and whole");
}

/* -------- shadow copies -------- */

/* Enter one, and add its volume. */
static int add_shadow(struct volumes *volumes, const struct volume *live, struct layer *layer,
		      struct findings *findings, struct error *err)
{
	struct evidence *around = live->evidence;
	struct volume    volume = next_volume(volumes);
	bool             found = false;

	if (layer->state == LAYER_LISTED && layer_enter(around, layer, &layer, err) < 0)
		return -1;
	if (layer->evidence && plain_volume_at(layer->evidence, 0, layer->evidence->size_bytes, &volume, &found,
					       findings, err) < 0)
		return -1;
	if (!found) {
		if (layer->evidence) {
			layer->state = LAYER_DAMAGED;
			snprintf(layer->why, sizeof layer->why, "no volume can be read from it");
		}
		findings_add(findings, (struct finding){ FINDING_SHADOW_UNREAD, live->number, NO_RECORD, NO_OFFSET,
							 layer->number, 0 });
		return 0;
	}
	volume.partition = live->partition;
	return add_volume(volumes, &volume, findings, err);
}

/* @which is 0 for all of them. */
static int add_shadows_of(struct volumes *volumes, struct volume live, uint32_t which, bool enter,
			  struct findings *findings, struct error *err)
{
	struct evidence *around = live.evidence;
	size_t           first = around->within.count, count;

	if (layer_list_shadows(around, live.offset_bytes, live.size_bytes, &count, err) < 0) {
		if (err->kind == ERROR_MEMORY)
			return -1;
		findings_add(findings, (struct finding){ FINDING_SHADOWS_UNREADABLE, live.number, NO_RECORD,
							 NO_OFFSET, 0, 0 });
		return 0;
	}
	for (size_t i = first; i < first + count; i++)
		around->within.items[i]->of = which ? 0 : live.number;
	for (size_t i = first + count; enter && i-- > first;)
		if ((!which || around->within.items[i]->number == which) &&
		    add_shadow(volumes, &live, around->within.items[i], findings, err) < 0)
			return -1;
	return 0;
}

int volumes_add_shadows(struct volumes *volumes, size_t first, bool enter, struct findings *findings,
			struct error *err)
{
	for (size_t i = first, end = volumes->count; i < end; i++)
		if (!layer_shadow_of(volumes->items[i].evidence) && !volume_is_past(&volumes->items[i]) &&
		    add_shadows_of(volumes, volumes->items[i], 0, enter, findings, err) < 0)
			return -1;
	return 0;
}

/* Only that copy of each volume is meant, not the volumes. */
static int leave_shadow(struct evidence *evidence, uint32_t which, struct volumes *volumes, size_t first,
			struct findings *findings, struct error *err)
{
	size_t end = volumes->count, left;

	for (size_t i = first; i < end; i++)
		if (add_shadows_of(volumes, volumes->items[i], which, true, findings, err) < 0)
			return -1;
	left = volumes->count - end;
	if (!left)
		return error_set(err, ERROR_VALUE, evidence->path,
				 "has no shadow copy %u that can be read; leave @shadow%u away to have them listed",
				 which, which);
	memmove(&volumes->items[first], &volumes->items[end], left * sizeof *volumes->items);
	volumes->count = first + left;
	for (size_t i = first; i < volumes->count; i++)
		volumes->items[i].number = (uint32_t)i + 1;
	return 0;
}

/* -------- all together -------- */

int volumes_find(struct evidence *evidence, const struct selection *selection, struct volumes *volumes,
		 struct findings *findings, struct error *err)
{
	size_t first = volumes->count;

	if (find_as_it_is(evidence, selection, volumes, findings, err) < 0)
		return -1;
	if (volumes->count == first)
		return find_nothing(evidence, selection, findings, err);
	return selection->shadow ? leave_shadow(evidence, selection->shadow, volumes, first, findings, err) : 0;
}
