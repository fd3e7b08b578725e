/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_disk_layout.c - expected sectors are worked out by hand from disk_layout.h: 2048 to a MiB */
#include "tests/unit/unit.h"

#include "recover/sequence/disk_layout.h"

#include <string.h>

#define GIB_SECTORS 2097152ull
#define MIB 2048ull

static struct sequence_variables variables;
static struct disk_layout        layout;
static struct error              err;

static void end(void)
{
	disk_layout_release(&layout);
	sequence_variables_release(&variables);
}

TestSuite(disk_layout, .fini = end);

static void set(const char *name, const char *value)
{
	cr_assert(eq(int, sequence_variables_set(&variables, name, value, &err), 0));
}

/* A partition: "Primary NTFS 499 MB"; "-" for a value that is not set. */
static void add(const char *words)
{
	static const char *const properties[] = { "Type", "FileSystem", "Size", "SizeUnits" };
	unsigned                 number = (unsigned)atoi(sequence_variables_get(&variables, "OSDPartitions"));
	char                     text[128], name[64], *rest = text;

	snprintf(text, sizeof text, "%s", words);
	for (size_t i = 0; i < COUNT(properties); i++) {
		char *word = strsep(&rest, " ");

		snprintf(name, sizeof name, "OSDPartitions%u%s", number, properties[i]);
		if (word && strcmp(word, "-") != 0)
			set(name, word);
	}
	snprintf(name, sizeof name, "%u", number + 1);
	set("OSDPartitions", name);
}

static void lay(uint64_t size_sectors)
{
	cr_assert(eq(int, disk_layout_read(&layout, &variables, size_sectors, &err), 0), "%s", err.text);
}

static void expect(size_t number, enum laid_type type, enum laid_format format, uint64_t start, uint64_t size)
{
	const struct laid_partition *partition = &layout.partitions.items[number];

	cr_assert(that(number < layout.partitions.count));
	cr_expect(eq(int, (int)partition->type, (int)type), "%zu", number);
	cr_expect(eq(int, (int)partition->format, (int)format), "%zu", number);
	cr_expect(eq(u64, partition->start_sectors, start), "%zu", number);
	cr_expect(eq(u64, partition->size_sectors, size), "%zu", number);
}

/* -------- what MDT's template asks for -------- */

Test(disk_layout, mdt_bios)
{
	/* 64 GiB: MiB 1 to 65535 are free.  499; 99 % of 65035 is 64384; the rest is 651. */
	set("OSDPartitionStyle", "MBR");
	add("Primary NTFS 499 MB");
	add("Primary NTFS 99 %");
	add("Recovery NTFS 100 %");
	set("OSDPartitions0Bootable", "True");
	set("OSDPartitions0QuickFormat", "True");
	set("OSDPartitions0VolumeName", "System Reserved");
	set("OSDPartitions1VolumeLetterVariable", "OSDisk");
	lay(64 * GIB_SECTORS);
	cr_expect(that(!layout.gpt && layout.partitions.count == 3));
	expect(0, LAID_PRIMARY, LAID_NTFS, 2048, 1021952);
	expect(1, LAID_PRIMARY, LAID_NTFS, 1024000, 131858432);
	expect(2, LAID_RECOVERY, LAID_NTFS, 132882432, 1333248);
	cr_expect(that(layout.partitions.items[0].active && !layout.partitions.items[1].active));
	cr_expect(that(layout.partitions.items[0].quick && !layout.partitions.items[1].quick));
	cr_expect(eq(str, layout.partitions.items[0].name, "System Reserved"));
	cr_expect(eq(str, layout.partitions.items[1].letter_variable, "OSDisk"));
	cr_expect(eq(str, layout.partitions.items[2].letter_variable, ""));
	cr_expect(eq(u32, layout.partitions.items[2].slot, 3));
}

Test(disk_layout, mdt_uefi)
{
	/* 65534 - 499 - 128 = 64907; 99 % of it is 64257; 650 are left */
	set("OSDPartitionStyle", "GPT");
	add("EFI FAT32 499 MB");
	add("MSR NTFS 128 MB");
	add("Primary NTFS 99 %");
	add("Recovery NTFS 100 %");
	set("OSDPartitions0Bootable", "True");
	lay(64 * GIB_SECTORS);
	cr_expect(that(layout.gpt && layout.partitions.count == 4));
	expect(0, LAID_EFI, LAID_FAT32, 1 * MIB, 499 * MIB);
	expect(1, LAID_MSR, LAID_UNFORMATTED, 500 * MIB, 128 * MIB);
	expect(2, LAID_PRIMARY, LAID_NTFS, 628 * MIB, 64257 * MIB);
	expect(3, LAID_RECOVERY, LAID_NTFS, 64885 * MIB, 650 * MIB);
	cr_expect(that(!layout.partitions.items[0].active)); /* a GPT has no active one */
}

/* -------- sizes -------- */

Test(disk_layout, a_disk_that_ends_amid_a_mib)
{
	/* 1 GiB and 5 sectors: MiB 1 to 1023 */
	add("Primary NTFS - -");
	lay(GIB_SECTORS + 5);
	expect(0, LAID_PRIMARY, LAID_NTFS, 2048, 1022 * MIB);
}

Test(disk_layout, units)
{
	add("Primary NTFS 300"); /* MB */
	add("Primary NTFS 2 gb");
	add("Primary NTFS 50 percent"); /* (10238 - 300 - 2048) / 2 */
	add("Primary - 100 Percent");
	lay(10 * GIB_SECTORS);
	expect(0, LAID_PRIMARY, LAID_NTFS, 1 * MIB, 300 * MIB);
	expect(1, LAID_PRIMARY, LAID_NTFS, 301 * MIB, 2048 * MIB);
	expect(2, LAID_PRIMARY, LAID_NTFS, 2349 * MIB, 3945 * MIB);
	expect(3, LAID_PRIMARY, LAID_UNFORMATTED, 6294 * MIB, 3945 * MIB);
}

Test(disk_layout, an_mbr_ends_at_two_tib)
{
	/* 3 TiB: MiB 1 to 2097152 can be numbered */
	add("Primary NTFS - -");
	lay(3 * 1024 * GIB_SECTORS);
	expect(0, LAID_PRIMARY, LAID_NTFS, 2048, 4294965248);
}

Test(disk_layout, a_gpt_does_not)
{
	set("OSDPartitionStyle", "gpt");
	add("Primary NTFS 2 TB");
	add("Primary NTFS 100 Percent"); /* 3145726 - 2097152 */
	lay(3 * 1024 * GIB_SECTORS);
	expect(0, LAID_PRIMARY, LAID_NTFS, 2048, 4294967296);
	expect(1, LAID_PRIMARY, LAID_NTFS, 4294969344, 1048574 * MIB);
}

Test(disk_layout, logical_partitions_have_their_table_before_them)
{
	add("Primary NTFS 100 MB");
	add("Extended NTFS 500 MB");
	add("Logical NTFS 200 MB");
	add("Logical FAT32 100 %");
	add("Primary NTFS 100 %");
	lay(GIB_SECTORS); /* 1022 MiB */
	expect(1, LAID_EXTENDED, LAID_UNFORMATTED, 101 * MIB, 500 * MIB);
	expect(2, LAID_LOGICAL, LAID_NTFS, 102 * MIB, 199 * MIB);
	expect(3, LAID_LOGICAL, LAID_FAT32, 302 * MIB, 299 * MIB);
	expect(4, LAID_PRIMARY, LAID_NTFS, 601 * MIB, 422 * MIB);
	cr_expect(eq(u32, layout.partitions.items[2].slot, 5));
	cr_expect(eq(u32, layout.partitions.items[3].slot, 6));
	cr_expect(eq(u32, layout.partitions.items[4].slot, 3));
}

Test(disk_layout, an_efi_partition_that_only_a_check_box_asks_for)
{
	set("OSDPartitionStyle", "GPT");
	set("OSDGPTBootDisk", "true");
	add("Primary NTFS 100 %");
	lay(64 * GIB_SECTORS);
	cr_expect(that(layout.partitions.count == 3));
	expect(0, LAID_EFI, LAID_FAT32, 1 * MIB, 500 * MIB);
	expect(1, LAID_MSR, LAID_UNFORMATTED, 501 * MIB, 128 * MIB);
	expect(2, LAID_PRIMARY, LAID_NTFS, 629 * MIB, 64906 * MIB);
	cr_expect(eq(u32, layout.partitions.items[2].slot, 3));
}

/* -------- style, active partition, disk -------- */

Test(disk_layout, mdts_disk_type_counts_where_no_style_is_said)
{
	set("OSDDiskType", "GPT");
	add("Primary NTFS - -");
	lay(GIB_SECTORS);
	cr_expect(that(layout.gpt));
	disk_layout_release(&layout);
	set("OSDPartitionStyle", "MBR");
	lay(GIB_SECTORS);
	cr_expect(that(!layout.gpt));
	disk_layout_release(&layout);
	set("OSDPartitionStyle", "");
	set("OSDDiskType", "BASIC");
	lay(GIB_SECTORS);
	cr_expect(that(!layout.gpt));
}

Test(disk_layout, one_partition_is_active_and_it_is_primary)
{
	add("Hidden - 100 MB");
	add("Primary NTFS 100 MB");
	add("Primary NTFS 100 MB");
	for (char name[] = "OSDPartitions0Bootable"; name[13] < '3'; name[13]++)
		set(name, "TRUE");
	lay(GIB_SECTORS);
	cr_expect(that(!layout.partitions.items[0].active));
	cr_expect(that(layout.partitions.items[1].active));
	cr_expect(that(!layout.partitions.items[2].active));
}

Test(disk_layout, which_disk)
{
	unsigned index = 9;

	cr_expect(eq(int, disk_layout_index(&variables, &index, &err), 0));
	cr_expect(eq(u32, index, 0));
	set("OSDDiskIndex", "2");
	cr_expect(eq(int, disk_layout_index(&variables, &index, &err), 0));
	cr_expect(eq(u32, index, 2));
	set("OSDDiskIndexVariable", "myOSDisk");
	cr_expect(eq(int, disk_layout_index(&variables, &index, &err), -1)); /* it is not set */
	set("myOSDisk", "1");
	cr_expect(eq(int, disk_layout_index(&variables, &index, &err), 0));
	cr_expect(eq(u32, index, 1));
}

/* -------- what cannot be -------- */

struct bad_layout {
	char     name[48];
	char     style[8];
	char     partitions[6][32];
	char     says[48];
	uint64_t mib;
};

ParameterizedTestParameters(disk_layout, what_cannot_be_is_refused)
{
	static struct bad_layout cases[] = {
		{ "no partitions", "MBR", { "" }, "OSDPartitions", 1024 },
		{ "style", "APM", { "Primary NTFS - -" }, "neither MBR nor GPT", 1024 },
		{ "type", "MBR", { "Spare NTFS - -" }, "type that is not known", 1024 },
		{ "file system", "MBR", { "Primary ReFS - -" }, "only NTFS and FAT32", 1024 },
		{ "unit", "MBR", { "Primary NTFS 5 PB" }, "known are MB", 1024 },
		{ "no number", "MBR", { "Primary NTFS 5x MB" }, "no number", 1024 },
		{ "negative", "MBR", { "Primary NTFS -5 MB" }, "no number", 1024 },
		{ "long number", "MBR", { "Primary NTFS 9999999999 MB" }, "no number", 1024 },
		{ "nothing", "MBR", { "Primary NTFS 0 MB" }, "needs 8 or more", 1024 },
		{ "101 percent", "MBR", { "Primary NTFS 101 %" }, "101 percent", 1024 },
		{ "one MB too big", "MBR", { "Primary NTFS 1023 MB" }, "1022 MB are free", 1024 },
		{ "big", "GPT", { "Primary NTFS 999999999 TB" }, "1022 MB are free", 1024 },
		{ "no space left",
		  "MBR",
		  { "Primary NTFS - -", "Recovery NTFS 100 %" },
		  "would have 0 MB",
		  1024 },
		{ "small FAT32", "GPT", { "EFI FAT32 32 MB" }, "needs 33", 1024 },
		{ "no disk", "MBR", { "Primary - - -" }, "would have 0 MB", 2 },
		{ "empty disk", "GPT", { "Primary - - -" }, "would have 0 MB", 0 },
		{ "extended in GPT", "GPT", { "Extended - - -" }, "GPT disk does not have", 1024 },
		{ "EFI in MBR", "MBR", { "EFI FAT32 100 MB" }, "only a GPT disk has", 1024 },
		{ "logical alone", "MBR", { "Logical NTFS 100 MB" }, "no extended one", 1024 },
		{ "two extended",
		  "MBR",
		  { "Extended - 99 MB", "Extended - 99 MB" },
		  "second extended",
		  1024 },
		{ "five",
		  "MBR",
		  { "Primary - 9 MB", "Primary - 9 MB", "Primary - 9 MB", "Primary - 9 MB",
		    "Primary - 9 MB" },
		  "one too many",
		  1024 },
		{ "logical too big",
		  "MBR",
		  { "Extended - 99 MB", "Logical - 100 MB" },
		  "99 MB are free",
		  1024 },
		{ "logical is all table", "MBR", { "Extended - 1 MB", "Logical - 1 MB" }, "needs 2", 1024 },
		{ "another after the extended",
		  "MBR",
		  { "Extended - - -", "Primary - 1 MB" },
		  "0 MB are free",
		  1024 },
	};

	return CASES(struct bad_layout, cases);
}

ParameterizedTest(struct bad_layout *c, disk_layout, what_cannot_be_is_refused)
{
	set("OSDPartitionStyle", c->style);
	for (size_t i = 0; i < COUNT(c->partitions) && *c->partitions[i]; i++)
		add(c->partitions[i]);
	cr_expect(eq(int, disk_layout_read(&layout, &variables, c->mib * MIB, &err), -1), "%s", c->name);
	cr_expect(that(strstr(err.text, c->says) != NULL), "%s: %s", c->name, err.text);
	end();
}

Test(disk_layout, more_partitions_than_can_be)
{
	set("OSDPartitions", "129");
	cr_expect(eq(int, disk_layout_read(&layout, &variables, GIB_SECTORS, &err), -1));
	cr_expect(that(err.kind == ERROR_VALUE));
}

Test(disk_layout, windows_xps_cylinders_and_dynamic_disks_are_refused)
{
	add("Primary NTFS - -");
	set("OSDDiskpartBiosCompatibilityMode", "true");
	cr_expect(eq(int, disk_layout_read(&layout, &variables, GIB_SECTORS, &err), -1));
	cr_expect(that(err.kind == ERROR_UNSUPPORTED));
	set("OSDDiskpartBiosCompatibilityMode", "false");
	set("OSDDiskType", "DYNAMIC");
	cr_expect(eq(int, disk_layout_read(&layout, &variables, GIB_SECTORS, &err), -1));
	cr_expect(that(err.kind == ERROR_UNSUPPORTED));
}
