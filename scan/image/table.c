/* SPDX-License-Identifier: MIT */
/*
 * table.c - see table.h
 *
 * Formats: UEFI specification 2.10, chapter 5 (GPT, protective MBR); an MBR is four entries of 16
 * bytes at 446, an extended partition a chain of sectors with one partition and one link each.
 */
#include "scan/image/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR_MAX      4096u
#define GPT_ENTRIES_MAX 1024u       /* 128 is what all tools write */
#define GPT_ENTRY_MAX   4096u       /* bytes; 128 is what all tools write */
#define GPT_TAIL_BYTES  (1u << 20)  /* a backup is sought this far from the end of the image */
#define LOGICAL_MAX     256u        /* partitions in an extended one */

struct gpt_header_disk {
	uint8_t signature[8];    /* 0x00  "EFI PART" */
	uint8_t revision[4];     /* 0x08 */
	uint8_t header_bytes[4]; /* 0x0c  of this header, 92 or more */
	uint8_t header_crc[4];   /* 0x10  over header_bytes, this field as zeros */
	uint8_t reserved[4];     /* 0x14 */
	uint8_t here[8];         /* 0x18  sector of this header */
	uint8_t other[8];        /* 0x20  sector of the other copy */
	uint8_t first_usable[8]; /* 0x28  sector */
	uint8_t last_usable[8];  /* 0x30  sector, inclusive */
	uint8_t disk_guid[16];   /* 0x38 */
	uint8_t entries_at[8];   /* 0x48  first sector of the entries */
	uint8_t entry_count[4];  /* 0x50 */
	uint8_t entry_bytes[4];  /* 0x54  128 << n */
	uint8_t entries_crc[4];  /* 0x58  over all entries */
};
static_assert(sizeof(struct gpt_header_disk) == 0x5c, "GPT header");

struct gpt_entry_disk {
	uint8_t type[16];  /* 0x00  GUID, all zeros if unused */
	uint8_t guid[16];  /* 0x10 */
	uint8_t first[8];  /* 0x20  sector */
	uint8_t last[8];   /* 0x28  sector, inclusive */
	uint8_t flags[8];  /* 0x30 */
	uint8_t name[72];  /* 0x38  UTF-16LE, ended by 0 or full */
};
static_assert(sizeof(struct gpt_entry_disk) == 0x80, "GPT entry");

struct mbr_entry_disk {
	uint8_t status;     /* 0x00  0x80 active, 0x00 not */
	uint8_t first_chs[3];
	uint8_t type;       /* 0x04  0 if unused */
	uint8_t last_chs[3];
	uint8_t start[4];   /* 0x08  sectors */
	uint8_t length[4];  /* 0x0c  sectors */
};

struct mbr_disk {
	uint8_t               code[446];
	struct mbr_entry_disk entries[4]; /* 0x1be */
	uint8_t               magic[2];   /* 0x1fe  55 aa */
};
static_assert(sizeof(struct mbr_disk) == 512, "MBR");

enum mbr_type {
	MBR_UNUSED = 0x00,
	MBR_EXTENDED = 0x05,
	MBR_EXTENDED_LBA = 0x0f,
	MBR_PROTECTIVE = 0xee,
	MBR_EXTENDED_LINUX = 0x85,
};

static uint32_t le32(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint64_t le64(const uint8_t *b)
{
	return le32(b) | (uint64_t)le32(b + 4) << 32;
}

static uint32_t crc32(const uint8_t *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* -------- the list -------- */

/*
 * Append what lies from @start on, in sectors.  Returns NULL when the list is full or a number
 * does not fit in bytes.
 */
static struct image_partition *add(struct image_partition *partitions, struct table *table,
				   enum image_partition_use use, uint64_t start, uint64_t length)
{
	struct image_partition *added = &partitions[table->count];
	uint64_t                start_bytes, length_bytes, end;

	if (table->count == IMAGE_PARTITIONS_MAX ||
	    __builtin_mul_overflow(start, table->sector_bytes, &start_bytes) ||
	    __builtin_mul_overflow(length, table->sector_bytes, &length_bytes) ||
	    __builtin_add_overflow(start_bytes, length_bytes, &end))
		return NULL;
	*added = (struct image_partition){
		.start_bytes = start_bytes, .length_bytes = length_bytes, .use = use
	};
	table->count++;
	return added;
}

static void add_meta(struct image_partition *partitions, struct table *table, uint64_t start,
		     uint64_t length, const char *description)
{
	struct image_partition *added = add(partitions, table, IMAGE_PARTITION_META, start, length);

	if (added)
		snprintf(added->description, sizeof added->description, "%s", description);
}

static int by_start(const void *a, const void *b)
{
	const struct image_partition *x = a, *y = b;

	if (x->start_bytes != y->start_bytes)
		return x->start_bytes < y->start_bytes ? -1 : 1;
	if (x->use != y->use)
		return x->use == IMAGE_PARTITION_META ? -1 : y->use == IMAGE_PARTITION_META ? 1 : 0;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Sort, number the partitions, and add what lies in none of them; tables do not count as used. */
static void finish(const struct table_disk *disk, struct image_partition *partitions, struct table *table)
{
	uint64_t end = 0;
	uint32_t number = 0;
	size_t   found = table->count;

	qsort(partitions, table->count, sizeof partitions[0], by_start);
	for (size_t i = 0; i <= found; i++) {
		bool     last = i == found;
		uint64_t start = last ? disk->size_bytes : partitions[i].start_bytes;

		if (!last && partitions[i].use != IMAGE_PARTITION_ALLOCATED)
			continue;
		if (start > end && table->count < IMAGE_PARTITIONS_MAX)
			partitions[table->count++] = (struct image_partition){
				.start_bytes = end, .length_bytes = start - end,
				.use = IMAGE_PARTITION_UNALLOCATED, .description = "unallocated"
			};
		if (last)
			break;
		partitions[i].number = ++number;
		if (end < start + partitions[i].length_bytes)
			end = start + partitions[i].length_bytes;
	}
	qsort(partitions, table->count, sizeof partitions[0], by_start);
}

/* -------- GPT -------- */

enum gpt_trust {
	GPT_NONE,
	GPT_DOUBTFUL, /* makes sense, but a checksum is wrong */
	GPT_SOUND,
};

struct gpt {
	enum gpt_trust trust;
	uint64_t       at;           /* bytes, of the header */
	uint64_t       here, other;  /* sectors, of this copy of the header and of the other one */
	uint64_t       entries_at;   /* sector */
	uint32_t       header_bytes, entry_count, entry_bytes, sector_bytes;
	uint8_t       *entries;      /* owned; entry_count * entry_bytes */
};

static void gpt_release(struct gpt *gpt)
{
	free(gpt->entries);
	*gpt = (struct gpt){ 0 };
}

/* The size of sectors follows from the header's place and the number it gives itself. */
static bool gpt_sector_bytes(uint64_t at, uint64_t here, uint32_t *sector_bytes)
{
	for (*sector_bytes = 512; *sector_bytes <= SECTOR_MAX; *sector_bytes *= 2)
		if (here && at / *sector_bytes == here && at % *sector_bytes == 0)
			return true;
	return false;
}

/*
 * Read the copy whose header lies @at bytes; @sector holds SECTOR_MAX bytes from there, zeros where
 * the disk ends.  Replaces @best if it is more to be trusted.
 */
static void gpt_try(const struct table_disk *disk, uint64_t at, const uint8_t *sector, struct gpt *best)
{
	struct gpt_header_disk header;
	uint8_t                copy[SECTOR_MAX];
	struct gpt             gpt = { .at = at };
	uint64_t               place;
	size_t                 bytes;
	bool                   sound;

	memcpy(&header, sector, sizeof header);
	gpt.here = le64(header.here);
	gpt.other = le64(header.other);
	gpt.entries_at = le64(header.entries_at);
	gpt.header_bytes = le32(header.header_bytes);
	gpt.entry_count = le32(header.entry_count);
	gpt.entry_bytes = le32(header.entry_bytes);
	if (best->trust == GPT_SOUND || memcmp(header.signature, "EFI PART", 8) != 0 ||
	    !gpt_sector_bytes(at, gpt.here, &gpt.sector_bytes) || gpt.header_bytes < sizeof header ||
	    gpt.header_bytes > gpt.sector_bytes || !gpt.entry_count || gpt.entry_count > GPT_ENTRIES_MAX ||
	    gpt.entry_bytes < sizeof(struct gpt_entry_disk) || gpt.entry_bytes > GPT_ENTRY_MAX ||
	    __builtin_mul_overflow(gpt.entries_at, gpt.sector_bytes, &place))
		return;

	memcpy(copy, sector, gpt.header_bytes);
	memset(copy + offsetof(struct gpt_header_disk, header_crc), 0, sizeof header.header_crc);
	sound = crc32(copy, gpt.header_bytes) == le32(header.header_crc);

	bytes = (size_t)gpt.entry_count * gpt.entry_bytes;
	gpt.entries = malloc(bytes);
	if (!gpt.entries || !disk->read(disk->image, gpt.entries, bytes, place)) {
		gpt_release(&gpt);
		return;
	}
	sound &= crc32(gpt.entries, bytes) == le32(header.entries_crc);
	gpt.trust = sound ? GPT_SOUND : GPT_DOUBTFUL;
	if (gpt.trust <= best->trust) {
		gpt_release(&gpt);
		return;
	}
	gpt_release(best);
	*best = gpt;
}

/* Read up to SECTOR_MAX bytes at @at, then try the header there. */
static void gpt_try_at(const struct table_disk *disk, uint64_t at, struct gpt *best)
{
	uint8_t sector[SECTOR_MAX] = { 0 };

	if (at >= disk->size_bytes)
		return;
	if (disk->size_bytes - at >= SECTOR_MAX && disk->read(disk->image, sector, SECTOR_MAX, at))
		gpt_try(disk, at, sector, best);
	else if (disk->size_bytes - at >= 512 && disk->read(disk->image, sector, 512, at))
		gpt_try(disk, at, sector, best);
}

/* The backup is in the last sector of the disk, which need not be the last one of the image. */
static void gpt_try_tail(const struct table_disk *disk, struct gpt *best)
{
	uint64_t bytes = disk->size_bytes < GPT_TAIL_BYTES ? disk->size_bytes : GPT_TAIL_BYTES;
	uint64_t start = (disk->size_bytes - bytes + 511) / 512 * 512;
	uint8_t  signature[8];

	for (uint64_t at = disk->size_bytes / 512 * 512; at > start && best->trust != GPT_SOUND; at -= 512)
		if (disk->read(disk->image, signature, sizeof signature, at - 512) &&
		    memcmp(signature, "EFI PART", 8) == 0)
			gpt_try_at(disk, at - 512, best);
}

/* Find the copy to be trusted most; .trust is GPT_NONE if there is none. */
static void gpt_find(const struct table_disk *disk, struct gpt *gpt)
{
	uint64_t place;

	*gpt = (struct gpt){ 0 };
	for (uint32_t sector = 512; sector <= SECTOR_MAX; sector *= 2)
		gpt_try_at(disk, sector, gpt);
	if (gpt->trust == GPT_DOUBTFUL && !__builtin_mul_overflow(gpt->other, gpt->sector_bytes, &place))
		gpt_try_at(disk, place, gpt);
	gpt_try_tail(disk, gpt);
}

static bool gpt_is_primary(const struct gpt *gpt)
{
	return gpt->here == 1;
}

/* A GUID as it is written: three fields little-endian, the rest as bytes. */
static void guid_text(const uint8_t *b, char *text, size_t room)
{
	snprintf(text, room, "%08X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", le32(b), b[5], b[4],
		 b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static const char *gpt_type_name(const char *guid)
{
	static const char *const names[][2] = {
		{ "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "EFI system" },
		{ "E3C9E316-0B5C-4DB8-817D-F92DF00215AE", "Microsoft reserved" },
		{ "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "basic data" },
		{ "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC", "Windows recovery" },
		{ "5808C8AA-7E8F-42E0-85D2-E1E90434CFB3", "LDM metadata" },
		{ "AF9B60A0-1431-4F62-BC68-3311714A69AD", "LDM data" },
		{ "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D", "Storage Spaces" },
		{ "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "Linux data" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(guid, names[i][0]) == 0)
			return names[i][1];
	return "unknown type";
}

/* "basic data", or "basic data, 'My disk'"; what is not printable ASCII becomes \uXXXX. */
static void gpt_describe(const struct gpt_entry_disk *entry, struct image_partition *partition)
{
	char  *text = partition->description;
	size_t room = sizeof partition->description, used;

	used = (size_t)snprintf(text, room, "%s", gpt_type_name(partition->type));
	for (size_t i = 0; i + 1 < sizeof entry->name && used + 8 < room; i += 2) {
		unsigned unit = entry->name[i] | (unsigned)entry->name[i + 1] << 8;

		if (i == 0 && unit)
			used += (size_t)snprintf(text + used, room - used, ", '");
		if (!unit || used + 8 >= room)
			break;
		used += (size_t)snprintf(text + used, room - used,
					 unit >= 0x20 && unit < 0x7f && unit != '\\' ? "%c" : "\\u%04x",
					 unit);
	}
	if (entry->name[0] || entry->name[1])
		snprintf(text + used, room - used, "'");
}

static void gpt_list(const struct gpt *gpt, bool protective, struct image_partition *partitions,
		     struct table *table)
{
	uint64_t entries_bytes = (uint64_t)gpt->entry_count * gpt->entry_bytes;

	table->kind = "gpt";
	table->sector_bytes = gpt->sector_bytes;
	if (protective)
		add_meta(partitions, table, 0, 1, "protective MBR");
	add_meta(partitions, table, gpt->here, 1, "GPT header");
	add_meta(partitions, table, gpt->entries_at,
		 (entries_bytes + gpt->sector_bytes - 1) / gpt->sector_bytes, "GPT entries");
	for (uint32_t i = 0; i < gpt->entry_count; i++) {
		static const uint8_t    unused[16];
		struct gpt_entry_disk   entry;
		struct image_partition *added;
		uint64_t                first, last;

		memcpy(&entry, gpt->entries + (size_t)i * gpt->entry_bytes, sizeof entry);
		first = le64(entry.first);
		last = le64(entry.last);
		if (memcmp(entry.type, unused, sizeof unused) == 0 || !first || last < first)
			continue;
		added = add(partitions, table, IMAGE_PARTITION_ALLOCATED, first, last - first + 1);
		if (!added)
			continue;
		added->slot = i + 1;
		guid_text(entry.type, added->type, sizeof added->type);
		gpt_describe(&entry, added);
	}
}

/* -------- MBR -------- */

static bool mbr_is_extended(uint8_t type)
{
	return type == MBR_EXTENDED || type == MBR_EXTENDED_LBA || type == MBR_EXTENDED_LINUX;
}

static bool mbr_is_used(const struct mbr_entry_disk *entry)
{
	return entry->type != MBR_UNUSED && le32(entry->start) && le32(entry->length);
}

/*
 * Is this sector a partition table, and not a boot sector, which ends in the same two bytes?
 * Either its name says so, or there is code or text where a table has its entries.
 */
static bool mbr_is_plausible(const struct table_disk *disk, const struct mbr_disk *mbr)
{
	static const char *const boot_sectors[] = { "NTFS    ", "EXFAT   ", "-FVE-FS-", "MSDOS",
						    "MSWIN",    "mkfs.fat", "FAT" };
	bool inside = false;

	if (mbr->magic[0] != 0x55 || mbr->magic[1] != 0xaa)
		return false;
	for (size_t i = 0; i < sizeof boot_sectors / sizeof boot_sectors[0]; i++)
		if (memcmp(mbr->code + 3, boot_sectors[i], strlen(boot_sectors[i])) == 0)
			return false;
	for (size_t i = 0; i < 4; i++) {
		if (mbr->entries[i].status != 0 && mbr->entries[i].status != 0x80)
			return false;
		if (mbr_is_used(&mbr->entries[i]) && le32(mbr->entries[i].start) < disk->size_bytes / 512)
			inside = true;
	}
	return inside;
}

static bool mbr_has(const struct mbr_disk *mbr, bool protective)
{
	for (size_t i = 0; i < 4; i++)
		if (mbr_is_used(&mbr->entries[i]) && (mbr->entries[i].type == MBR_PROTECTIVE) == protective)
			return true;
	return false;
}

/* An MBR does not say how large its sectors are: take the size that leads to most boot sectors. */
static uint32_t mbr_sector_bytes(const struct table_disk *disk, const struct mbr_disk *mbr)
{
	uint32_t sizes[] = { disk->sector_bytes, 512, 4096 }, best = sizes[0];
	int      best_hits = 0;

	for (size_t i = 0; i < 3; i++) {
		int hits = 0;

		for (size_t j = 0; j < 4; j++) {
			uint64_t start = (uint64_t)le32(mbr->entries[j].start) * sizes[i];
			uint8_t  magic[2];

			hits += mbr_is_used(&mbr->entries[j]) &&
				disk->read(disk->image, magic, sizeof magic, start + 510) &&
				magic[0] == 0x55 && magic[1] == 0xaa;
		}
		if (hits > best_hits) {
			best_hits = hits;
			best = sizes[i];
		}
	}
	return best;
}

static const char *mbr_type_name(uint8_t type)
{
	switch (type) {
	case 0x01: return "FAT12";
	case 0x04: case 0x06: case 0x0e: return "FAT16";
	case 0x05: case 0x0f: case 0x85: return "extended";
	case 0x07: return "NTFS or exFAT";
	case 0x0b: case 0x0c: return "FAT32";
	case 0x11: case 0x14: case 0x16: case 0x1b: case 0x1c: case 0x1e: return "hidden FAT";
	case 0x17: return "hidden NTFS";
	case 0x27: return "Windows recovery";
	case 0x42: return "LDM dynamic disk";
	case 0x82: return "Linux swap";
	case 0x83: return "Linux";
	case 0x8e: return "Linux LVM";
	case 0xee: return "GPT protective";
	case 0xef: return "EFI system";
	default: return "unknown type";
	}
}

static void mbr_add(struct image_partition *partitions, struct table *table,
		    const struct mbr_entry_disk *entry, uint64_t base, uint32_t slot)
{
	bool                    extended = mbr_is_extended(entry->type);
	struct image_partition *added = add(partitions, table,
					    extended ? IMAGE_PARTITION_META : IMAGE_PARTITION_ALLOCATED,
					    base + le32(entry->start), le32(entry->length));

	if (!added)
		return;
	added->slot = slot;
	snprintf(added->type, sizeof added->type, "0x%02x", entry->type);
	snprintf(added->description, sizeof added->description, "%s%s", mbr_type_name(entry->type),
		 entry->status == 0x80 ? ", active" : "");
}

/*
 * The logical partitions of the extended one at @base: each sector gives one partition, counted
 * from itself, and the next sector, counted from @base.  Numbers start at 5.
 */
static void mbr_list_logical(const struct table_disk *disk, uint64_t base,
			     struct image_partition *partitions, struct table *table)
{
	uint64_t been[LOGICAL_MAX], at = base;
	uint32_t slot = 5;

	for (size_t steps = 0; steps < LOGICAL_MAX; steps++) {
		struct mbr_disk             ebr;
		const struct mbr_entry_disk *next = NULL;

		for (size_t i = 0; i < steps; i++)
			if (been[i] == at) {
				table->remark = "the chain of logical partitions runs in a circle";
				return;
			}
		been[steps] = at;
		if (!disk->read(disk->image, &ebr, sizeof ebr, at * table->sector_bytes) ||
		    ebr.magic[0] != 0x55 || ebr.magic[1] != 0xaa) {
			table->remark = "the chain of logical partitions is broken";
			return;
		}
		add_meta(partitions, table, at, 1, "extended table");
		for (size_t i = 0; i < 4; i++) {
			if (!mbr_is_used(&ebr.entries[i]))
				continue;
			if (!mbr_is_extended(ebr.entries[i].type))
				mbr_add(partitions, table, &ebr.entries[i], at, slot++);
			else if (!next)
				next = &ebr.entries[i];
		}
		if (!next)
			return;
		at = base + le32(next->start);
	}
	table->remark = "the chain of logical partitions is too long";
}

static void mbr_list(const struct table_disk *disk, const struct mbr_disk *mbr,
		     struct image_partition *partitions, struct table *table)
{
	table->kind = "mbr";
	table->sector_bytes = mbr_sector_bytes(disk, mbr);
	add_meta(partitions, table, 0, 1, "MBR");
	for (uint32_t i = 0; i < 4; i++) {
		if (!mbr_is_used(&mbr->entries[i]))
			continue;
		mbr_add(partitions, table, &mbr->entries[i], 0, i + 1);
		if (mbr_is_extended(mbr->entries[i].type))
			mbr_list_logical(disk, le32(mbr->entries[i].start), partitions, table);
	}
}

/* -------- public -------- */

static const char *gpt_remark(const struct gpt *gpt, bool protective, bool own)
{
	if (gpt->trust == GPT_DOUBTFUL)
		return "no copy of the GPT matches its checksums";
	if (!gpt_is_primary(gpt))
		return "the primary GPT is damaged, the backup was taken";
	if (own)
		return "the MBR has partitions of its own beside the GPT";
	if (!protective)
		return "the protective MBR of the GPT is missing";
	return "";
}

void table_find(const struct table_disk *disk, struct image_partition *partitions, struct table *table)
{
	struct mbr_disk mbr;
	struct gpt      gpt;
	bool            has_mbr = disk->read(disk->image, &mbr, sizeof mbr, 0) &&
				  mbr_is_plausible(disk, &mbr);
	bool            protective = has_mbr && mbr_has(&mbr, true);
	bool            own = has_mbr && mbr_has(&mbr, false);

	*table = (struct table){ .kind = "none", .remark = "", .sector_bytes = disk->sector_bytes };
	gpt_find(disk, &gpt);
	if (gpt.trust != GPT_NONE &&
	    (protective || !own || (gpt.trust == GPT_SOUND && gpt_is_primary(&gpt)))) {
		gpt_list(&gpt, protective, partitions, table);
		table->remark = gpt_remark(&gpt, protective, own);
	} else if (own) {
		if (gpt.trust != GPT_NONE)
			table->remark = "an older GPT lies beside the MBR";
		mbr_list(disk, &mbr, partitions, table);
	} else if (protective) {
		table->remark = "the MBR stands for a GPT, but both copies of it are gone";
	}
	gpt_release(&gpt);
	if (table->count)
		finish(disk, partitions, table);
}
