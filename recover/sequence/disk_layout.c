/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk_layout.c - see disk_layout.h */
#include "recover/sequence/disk_layout.h"

#include "core/cleanup.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define MIB_SECTORS ((1u << 20) / DISK_SECTOR_BYTES)
#define MBR_END_MIB ((1ull << 32) / MIB_SECTORS) /* sector numbers have 32 bits */
#define MBR_SLOTS 4u
#define PARTITIONS_MAX 128u
#define NUMBER_DIGITS_MAX 9u
#define EFI_MIB 500u /* what OSDGPTBootDisk asks for */
#define MSR_MIB 128u
#define FAT32_LEAST_MIB 33u /* 65525 clusters of a sector, and two tables of them */

/* What is being laid out, in MiB: the disk, and the extended partition in it. */
struct space {
	uint64_t at, end;
};

struct laying {
	struct disk_layout              *layout;
	const struct sequence_variables *variables;
	struct space                     disk, extended; /* .extended: none while .end is 0 */
	uint32_t                         primaries, logicals;
	bool                             active;
};

/* -------- values -------- */

/* OSDPartitions3Type and the like. */
static const char *get(const struct laying *laying, unsigned number, const char *property)
{
	char name[64];

	snprintf(name, sizeof name, "OSDPartitions%u%s", number, property);
	return sequence_variables_get(laying->variables, name);
}

/* A decimal number, nothing else. */
static int read_number(const char *name, const char *value, uint64_t *number, struct error *err)
{
	size_t digits = strspn(value, "0123456789");

	if (!digits || digits > NUMBER_DIGITS_MAX || value[digits])
		return error_set(err, ERROR_VALUE, NULL, "%.40s is no number that can be used: '%.60s'", name,
				 value);
	*number = strtoull(value, NULL, 10);
	return 0;
}

/* Which of the @count @words a value is, case aside; -1: none. */
static int find_word(const char *value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(value, words[i]) == 0)
			return (int)i;
	return -1;
}

static int read_style(struct laying *laying, struct error *err)
{
	static const char *const styles[] = { "MBR", "GPT" };
	const char              *style = sequence_variables_get(laying->variables, "OSDPartitionStyle");
	const char              *type = sequence_variables_get(laying->variables, "OSDDiskType");
	int                      found = find_word(*style ? style : type, styles, 2);

	if (found < 0 && *style)
		return error_set(err, ERROR_VALUE, NULL, "OSDPartitionStyle is neither MBR nor GPT: '%.60s'",
				 style);
	if (found < 0 && *type && strcasecmp(type, "BASIC") != 0)
		return error_set(err, ERROR_UNSUPPORTED, NULL,
				 "OSDDiskType is '%.60s'; only MBR and GPT disks can be made", type);
	laying->layout->gpt = found == 1;
	return 0;
}

static int read_type(const struct laying *laying, unsigned number, enum laid_type *type, struct error *err)
{
	static const char *const types[] = {
		[LAID_PRIMARY] = "Primary",   [LAID_EXTENDED] = "Extended", [LAID_LOGICAL] = "Logical",
		[LAID_HIDDEN] = "Hidden",     [LAID_EFI] = "EFI",           [LAID_MSR] = "MSR",
		[LAID_RECOVERY] = "Recovery",
	};
	const char *value = get(laying, number, "Type");
	int         found = *value ? find_word(value, types, sizeof types / sizeof types[0]) : LAID_PRIMARY;

	if (found < 0)
		return error_set(err, ERROR_VALUE, NULL, "partition %u has a type that is not known: '%.60s'",
				 number, value);
	*type = (enum laid_type)found;
	if (laying->layout->gpt && (*type == LAID_EXTENDED || *type == LAID_LOGICAL))
		return error_set(err, ERROR_VALUE, NULL, "partition %u is %s, which a GPT disk does not have",
				 number, types[*type]);
	if (!laying->layout->gpt && (*type == LAID_EFI || *type == LAID_MSR))
		return error_set(err, ERROR_VALUE, NULL, "partition %u is %s, which only a GPT disk has",
				 number, types[*type]);
	return 0;
}

static int read_format(const struct laying *laying, unsigned number, enum laid_type type,
		       enum laid_format *format, struct error *err)
{
	static const char *const formats[] = {
		[LAID_UNFORMATTED] = "NONE", [LAID_NTFS] = "NTFS", [LAID_FAT32] = "FAT32"
	};
	const char *value = get(laying, number, "FileSystem");
	int         found = *value ? find_word(value, formats, 3) : LAID_UNFORMATTED;

	if (type == LAID_EXTENDED || type == LAID_MSR)
		found = LAID_UNFORMATTED;
	else if (type == LAID_EFI)
		found = LAID_FAT32;
	else if (type == LAID_RECOVERY)
		found = LAID_NTFS;
	if (found < 0)
		return error_set(
			err, ERROR_UNSUPPORTED, NULL,
			"partition %u is to have the file system '%.60s'; only NTFS and FAT32 can be made",
			number, value);
	*format = (enum laid_format)found;
	return 0;
}

/* How much of @free_mib the partition takes. */
static int read_size(const struct laying *laying, unsigned number, uint64_t free_mib, uint64_t *size_mib,
		     struct error *err)
{
	static const char *const units[] = { "MB", "GB", "TB", "Percent", "%" };
	const char              *value = get(laying, number, "Size");
	const char              *unit = get(laying, number, "SizeUnits");
	int                      found = *unit ? find_word(unit, units, sizeof units / sizeof units[0]) : 0;

	*size_mib = free_mib;
	if (!*value)
		return 0;
	if (found < 0)
		return error_set(err, ERROR_VALUE, NULL,
				 "partition %u has its size in '%.60s'; known are MB, GB, TB and Percent",
				 number, unit);
	if (read_number("the size of a partition", value, size_mib, err) < 0)
		return -1;
	if (found < 3) {
		*size_mib <<= 10 * found;
		return 0;
	}
	if (*size_mib > 100)
		return error_set(err, ERROR_VALUE, NULL,
				 "partition %u is to have %" PRIu64 " percent of what is free", number,
				 *size_mib);
	*size_mib = *size_mib == 100 ? free_mib : free_mib * *size_mib / 100;
	return 0;
}

/* -------- laying -------- */

/* Is there room in the table?  The number that the partition has there. */
static int take_slot(struct laying *laying, unsigned number, enum laid_type type, uint32_t *slot,
		     struct error *err)
{
	if (type == LAID_LOGICAL) {
		if (!laying->extended.end)
			return error_set(err, ERROR_VALUE, NULL,
					 "partition %u is logical, and no extended one comes before it",
					 number);
		*slot = MBR_SLOTS + ++laying->logicals;
		return 0;
	}
	if (type == LAID_EXTENDED && laying->extended.end)
		return error_set(err, ERROR_VALUE, NULL,
				 "partition %u is a second extended one; a disk has one at most", number);
	*slot = ++laying->primaries;
	if (!laying->layout->gpt && *slot > MBR_SLOTS)
		return error_set(
			err, ERROR_VALUE, NULL,
			"partition %u is one too many; an MBR disk has four, or logical ones in an extended one",
			number);
	return 0;
}

/* What a partition takes for a table of its own. */
static uint64_t table_mib(enum laid_type type)
{
	return type == LAID_LOGICAL ? 1 : 0;
}

static int check_size(unsigned number, const struct laid_partition *partition, uint64_t size_mib,
		      uint64_t free_mib, struct error *err)
{
	static const uint64_t least[] = {
		[LAID_UNFORMATTED] = 1, [LAID_NTFS] = 8, [LAID_FAT32] = FAT32_LEAST_MIB
	};
	uint64_t needed = least[partition->format] + table_mib(partition->type);

	if (size_mib > free_mib)
		return error_set(err, ERROR_VALUE, NULL,
				 "partition %u is to have %" PRIu64 " MB, and %" PRIu64
				 " MB are free on the disk",
				 number, size_mib, free_mib);
	if (size_mib < needed)
		return error_set(err, ERROR_VALUE, NULL,
				 "partition %u would have %" PRIu64 " MB, and needs %" PRIu64 " or more",
				 number, size_mib, needed);
	return 0;
}

/*
 * Put a partition behind the others.
 * @partition  all but its place
 * @size_mib   within @space
 */
static int place(struct laying *laying, struct laid_partition *partition, struct space *space,
		 uint64_t size_mib, const char *name, const char *letter_variable, struct error *err)
{
	uint64_t table = table_mib(partition->type);

	partition->start_sectors = (space->at + table) * MIB_SECTORS;
	partition->size_sectors = (size_mib - table) * MIB_SECTORS;
	partition->name = strdup(name);
	partition->letter_variable = strdup(letter_variable);
	if (!partition->name || !partition->letter_variable ||
	    !array_push(&laying->layout->partitions, *partition)) {
		free(partition->name);
		free(partition->letter_variable);
		return error_memory(err);
	}
	if (partition->type == LAID_EXTENDED)
		laying->extended = (struct space){ space->at, space->at + size_mib };
	space->at += size_mib;
	return 0;
}

static int lay(struct laying *laying, unsigned number, struct error *err)
{
	struct laid_partition partition = { .quick = strcasecmp(get(laying, number, "QuickFormat"), "true") ==
						     0 };
	struct space         *space = &laying->disk;
	uint64_t              size_mib;

	if (read_type(laying, number, &partition.type, err) < 0 ||
	    read_format(laying, number, partition.type, &partition.format, err) < 0 ||
	    take_slot(laying, number, partition.type, &partition.slot, err) < 0)
		return -1;
	if (partition.type == LAID_LOGICAL)
		space = &laying->extended;
	if (read_size(laying, number, space->end - space->at, &size_mib, err) < 0 ||
	    check_size(number, &partition, size_mib, space->end - space->at, err) < 0)
		return -1;
	partition.active = !laying->layout->gpt && partition.type == LAID_PRIMARY && !laying->active &&
			   strcasecmp(get(laying, number, "Bootable"), "true") == 0;
	laying->active = laying->active || partition.active;
	return place(laying, &partition, space, size_mib, get(laying, number, "VolumeName"),
		     get(laying, number, "VolumeLetterVariable"), err);
}

/* What OSDGPTBootDisk adds, if nothing in the list does. */
static int lay_boot(struct laying *laying, unsigned count, struct error *err)
{
	struct laid_partition efi = { .type = LAID_EFI, .format = LAID_FAT32, .quick = true };
	struct laid_partition msr = { .type = LAID_MSR, .quick = true };

	if (!laying->layout->gpt || !sequence_variables_true(laying->variables, "OSDGPTBootDisk"))
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (strcasecmp(get(laying, i, "Type"), "EFI") == 0)
			return 0;
	if (laying->disk.end - laying->disk.at < EFI_MIB + MSR_MIB)
		return error_set(err, ERROR_VALUE, NULL,
				 "the disk is too small for an EFI partition (OSDGPTBootDisk)");
	efi.slot = ++laying->primaries;
	msr.slot = ++laying->primaries;
	if (place(laying, &efi, &laying->disk, EFI_MIB, "", "", err) < 0)
		return -1;
	return place(laying, &msr, &laying->disk, MSR_MIB, "", "", err);
}

int disk_layout_index(const struct sequence_variables *variables, unsigned *index, struct error *err)
{
	const char *name = sequence_variables_get(variables, "OSDDiskIndexVariable");
	const char *value;
	uint64_t    number;

	if (!*name)
		name = "OSDDiskIndex";
	value = sequence_variables_get(variables, name);
	if (!*value && strcasecmp(name, "OSDDiskIndex") == 0)
		value = "0";
	if (read_number(name, value, &number, err) < 0)
		return -1;
	*index = (unsigned)number;
	return 0;
}

int disk_layout_read(struct disk_layout *layout, const struct sequence_variables *variables,
		     uint64_t size_sectors, struct error *err)
{
	struct laying laying = { .layout = layout, .variables = variables, .disk = { 1, 1 } };
	uint64_t      size_mib = size_sectors / MIB_SECTORS, count;

	*layout = (struct disk_layout){ .size_sectors = size_sectors };
	if (sequence_variables_true(variables, "OSDDiskpartBiosCompatibilityMode"))
		return error_set(
			err, ERROR_UNSUPPORTED, NULL,
			"OSDDiskpartBiosCompatibilityMode asks for partitions on cylinders, as Windows XP needed "
			"them; that is not done here");
	if (read_style(&laying, err) < 0 ||
	    read_number("OSDPartitions", sequence_variables_get(variables, "OSDPartitions"), &count, err) < 0)
		return -1;
	if (count < 1 || count > PARTITIONS_MAX)
		return error_set(err, ERROR_VALUE, NULL,
				 "OSDPartitions asks for %" PRIu64 " partitions, and 1 to %u can be", count,
				 PARTITIONS_MAX);
	if (size_mib > 2)
		laying.disk.end = size_mib - 1;
	if (!layout->gpt && laying.disk.end > MBR_END_MIB)
		laying.disk.end = MBR_END_MIB;
	if (lay_boot(&laying, (unsigned)count, err) < 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (lay(&laying, i, err) < 0)
			return -1;
	return 0;
}

void disk_layout_release(struct disk_layout *layout)
{
	for (size_t i = 0; i < layout->partitions.count; i++) {
		free(layout->partitions.items[i].name);
		free(layout->partitions.items[i].letter_variable);
	}
	array_release(&layout->partitions);
}
