/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_disk_partition.c - a disk is partitioned, as sfdisk, ntfs-3g and fsck.fat see it; and what keeps it
 * from that
 *
 * Sectors are worked out by hand as in test_disk_layout.c.
 */
#include "tests/unit/disk.h"

#include "recover/engine/removal.h"
#include "recover/sequence/disk_partition.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1u << 20)

static char                     *folder, *path;
static struct sequence_variables variables;
static struct disk_plan          plan;
static struct work_volumes       volumes; /* of the run */
static struct error              err;

static const struct disk_consent yes = { .yes = true };

static void begin(void)
{
	cr_assert(setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1) == 0);
	folder = temp_folder();
	path = temp_path(folder, "disk.img");
}

static void end(void)
{
	disk_plan_release(&plan);
	sequence_variables_release(&variables);
	free(path);
	temp_remove(folder);
}

TestSuite(disk_partition, .init = begin, .fini = end);

static void set(const char *name, const char *value)
{
	cr_assert(eq(int, sequence_variables_set(&variables, name, value, &err), 0));
}

static void make_blank(unsigned mib)
{
	temp_write(path, "", 0);
	cr_assert(truncate(path, (off_t)mib * MIB) == 0);
}

/* One NTFS partition, all of the disk. */
static void want_one(void)
{
	set("OSDPartitions", "1");
	set("OSDPartitions0FileSystem", "NTFS");
	set("OSDPartitions0QuickFormat", "true");
}

static int run(struct disk_consent consent)
{
	const struct disk_target target = { 0, path };

	disk_plan_release(&plan);
	cr_assert(eq(int, disk_partition_plan(&variables, &target, 1, &plan, &err), 0), "%s", err.text);
	return disk_partition_run(&plan, &volumes, consent, &err);
}

/* It is refused with these words, and not a byte has changed. */
static void expect_refused(struct disk_consent consent, const char *words)
{
	struct blob before = temp_read(path), after;

	cr_expect(eq(int, run(consent), -1), "%s", words);
	cr_expect(eq(int, (int)err.kind, (int)ERROR_REFUSED));
	cr_expect(that(strstr(err.text, words) != NULL), "%s", err.text);
	after = temp_read(path);
	cr_expect(that(after.size == before.size && memcmp(after.at, before.at, after.size) == 0), "%s",
		  words);
	free(before.at);
	free(after.at);
}

/* What a command prints; %s is the disk. */
static void expect_says(const char *format, const char *says)
{
	char  *command, text[4096] = "";
	FILE  *pipe;
	size_t got;

	cr_assert(asprintf(&command, format, path) > 0);
	pipe = popen(command, "r");
	cr_assert(that(pipe != NULL));
	got = fread(text, 1, sizeof text - 1, pipe);
	cr_expect(eq(int, pclose(pipe), 0), "%s", command);
	text[got] = '\0';
	cr_expect(that(strstr(text, says) != NULL), "%s\n%s\n%s", command, text, says);
	free(command);
}

/* The partition of @count MiB at @start, as a disk of its own in "part.img". */
static void cut_out(unsigned start_mib, unsigned count_mib)
{
	char *command;

	cr_assert(
		asprintf(
			&command,
			"cd '%s' && dd if=disk.img of=part.img bs=1M skip=%u count=%u conv=sparse status=none",
			folder, start_mib, count_mib) > 0);
	cr_assert(system(command) == 0);
	free(command);
	free(path);
	path = temp_path(folder, "part.img");
}

static void use_whole(void)
{
	free(path);
	path = temp_path(folder, "disk.img");
}

#define TABLE \
	"sfdisk -J '%s' | jq -c '.partitiontable | [.label, (.partitions[] | [.start, .size, .type, .bootable, .attrs, .name])]'"

/* -------- what is made -------- */

Test(disk_partition, gpt)
{
	/* 512 MiB: 1 to 511 are free.  40, 16; 90 % of 454 is 408; 46 are left */
	static const char *const types[] = { "EFI", "MSR", "Primary", "Recovery" };
	static const char *const sizes[] = { "40", "16", "90", "100" };
	char name[] = "OSDPartitions0Type", size[] = "OSDPartitions0Size", unit[] = "OSDPartitions0SizeUnits";

	make_blank(512);
	set("OSDPartitionStyle", "GPT");
	set("OSDPartitions", "4");
	for (int i = 0; i < 4; i++) {
		name[13] = size[13] = unit[13] = (char)('0' + i);
		set(name, types[i]);
		set(size, sizes[i]);
		set(unit, i < 2 ? "MB" : "%");
	}
	set("OSDPartitions0VolumeName", "Boot/1");
	set("OSDPartitions2VolumeName", "Bjørns größte Platte; $(reboot) \"x\" und noch mehr");
	set("OSDPartitions2FileSystem", "NTFS");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	expect_says(
		TABLE,
		"[\"gpt\",[2048,81920,\"C12A7328-F81F-11D2-BA4B-00A0C93EC93B\",null,\"GUID:63\",\"EFI system partition\"],"
		"[83968,32768,\"E3C9E316-0B5C-4DB8-817D-F92DF00215AE\",null,\"GUID:63\",\"Microsoft reserved partition\"],"
		"[116736,835584,\"EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\",null,null,\"Basic data partition\"],"
		"[952320,94208,\"DE94BBA4-06D1-4D40-A16A-BFD50179D6AC\",null,\"RequiredPartition GUID:63\",\"Basic data partition\"]]");
	expect_says("sgdisk --verify '%s'", "No problems found");
	cut_out(1, 40);
	expect_says("fsck.fat -n -v '%s'", "2048 hidden sectors");
	expect_says("fsck.fat -n -v '%s'", "81900 sectors total"); /* whole tracks of 63 */
	expect_says("od -An -c -j71 -N11 '%s' | tr -d ' '", "BOOT_1");
	use_whole();
	cut_out(57, 408);
	expect_says("ntfsfix -n '%s'", "was processed successfully");
	expect_says("ntfsinfo -m '%s'", "Volume Name: Bjørns größte Platte; $(reboot) ");
	expect_says("od -An -tu4 -j28 -N4 '%s'", " 116736"); /* hidden sectors */
	expect_says("od -An -tu2 -j24 -N4 '%s'", "    63   255");
	expect_says("od -An -tu8 -j40 -N8 '%s'", " 835583"); /* the last one is the copy of the boot sector */
}

Test(disk_partition, mbr_with_logical_partitions)
{
	static const char *const types[] = { "Primary", "Extended", "Logical", "Logical", "Hidden" };
	static const char *const sizes[] = { "40", "100", "50", "50", "20" };
	char                     name[] = "OSDPartitions0Type", size[] = "OSDPartitions0Size",
	     system[] = "OSDPartitions0FileSystem";
	struct selection all = { 0 };
	struct evidence  evidence;
	struct volumes   found = { 0 };
	struct findings  findings;

	make_blank(256);
	set("OSDPartitions", "5");
	for (int i = 0; i < 5; i++) {
		name[13] = size[13] = system[13] = (char)('0' + i);
		set(name, types[i]);
		set(size, sizes[i]);
		set(system, i == 2 ? "FAT32" : "NTFS");
	}
	set("OSDPartitions0Bootable", "true");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	expect_says(TABLE, "[\"dos\",[2048,81920,\"7\",true,null,null],[83968,204800,\"f\",null,null,null],"
			   "[288768,40960,\"17\",null,null,null],"
			   "[86016,100352,\"c\",null,null,null],[188416,100352,\"7\",null,null,null]]");
	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &all, &found, &findings, &err), 0), "%s", err.text);
	cr_assert(eq(sz, found.count, 3));
	cr_expect(eq(u32, found.items[0].partition, 1));
	cr_expect(eq(u32, found.items[1].partition, 6));
	cr_expect(eq(u64, found.items[1].offset_bytes, 92 * MIB));
	cr_expect(eq(u64, found.items[1].size_bytes, 49 * MIB));
	cr_expect(eq(u32, found.items[2].partition, 3));
	array_release(&found);
	findings_release(&findings);
	evidence_release(&evidence);
}

/* What was on the disk: all of it 0xaa. */
static void make_filled(unsigned mib)
{
	struct blob blob = blob_zero((size_t)mib * MIB);

	memset(blob.at, 0xaa, blob.size);
	temp_write(path, blob.at, blob.size);
	free(blob.at);
}

static size_t count_old(unsigned from_mib, unsigned to_mib)
{
	struct blob blob = temp_read(path);
	size_t      count = 0;

	for (size_t i = (size_t)from_mib * MIB; i < (size_t)to_mib * MIB; i++)
		count += blob.at[i] == 0xaa;
	free(blob.at);
	return count;
}

Test(disk_partition, a_full_format_leaves_nothing_of_what_was)
{
	make_filled(32);
	want_one();
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	cr_expect(that(count_old(0, 32) > 20 * MIB)); /* a quick one does */
	make_filled(32);
	set("OSDPartitions0QuickFormat", "false");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	cr_expect(that(count_old(0, 32) < 1000)); /* of mkntfs' own bytes */
}

Test(disk_partition, an_old_boot_sector_does_not_show_in_a_partition_without_file_system)
{
	make_filled(32);
	set("OSDPartitions", "1");
	set("OSDPartitions0QuickFormat", "true");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	cr_expect(eq(sz, count_old(1, 2), 0));
	cr_expect(eq(sz, count_old(2, 31), 29 * MIB));
	cr_expect(eq(sz, count_old(31, 32), 0));
}

Test(disk_partition, again_is_as_once)
{
	make_blank(64);
	want_one();
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	expect_says(TABLE, "[\"dos\",[2048,126976,\"7\",null,null,null]]");
	cut_out(1, 62);
	expect_says("ntfsfix -n '%s'", "was processed successfully");
}

Test(disk_partition, nothing_is_left_of_another_kind_of_table)
{
	make_blank(64);
	want_one();
	set("OSDPartitionStyle", "GPT");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	expect_says(TABLE, "[\"gpt\",[2048,126976,");
	set("OSDPartitionStyle", "MBR");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	expect_says(TABLE, "[\"dos\",[2048,126976,");
	expect_says("wipefs '%s' | grep -c -i gpt || true", "0");
}

/* -------- what it takes -------- */

Test(disk_partition, nobody_says_which_disk_it_is)
{
	const struct disk_target target = { 1, path };

	make_blank(64);
	want_one();
	cr_expect(eq(int, disk_partition_plan(&variables, &target, 1, &plan, &err), -1));
	cr_expect(eq(int, (int)err.kind, (int)ERROR_USAGE));
	cr_expect(that(strstr(err.text, "which disk is disk 0? say --disk 0=") != NULL), "%s", err.text);
}

Test(disk_partition, without_yes_nothing_happens)
{
	make_blank(64);
	want_one();
	expect_refused((struct disk_consent){ 0 }, "all that is on it would be lost; say --yes");
}

Test(disk_partition, a_program_that_fails_costs_nothing)
{
	static const char script[] = "#!/bin/sh\necho one >&2\necho 'no, I will not' >&2\nexit 3\n";
	char             *program = temp_path(folder, "mkntfs");

	make_filled(32);
	want_one();
	temp_write(program, script, sizeof script - 1);
	cr_assert(chmod(program, 0755) == 0 && setenv("PATH", folder, 1) == 0);
	cr_expect(eq(int, run(yes), -1));
	cr_expect(eq(str, err.text, "mkntfs failed: no, I will not"));
	cr_expect(eq(sz, count_old(0, 32), 32 * MIB));
	free(program);
}

Test(disk_partition, what_another_program_writes_to_is_left_alone)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int          fd;

	make_blank(64);
	want_one();
	fd = open(path, O_RDWR | O_CLOEXEC);
	cr_assert(fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0);
	expect_refused(yes, "open in another program");
	close(fd);
}

/* -------- guards -------- */

static void set_down(struct disk *disk, bool ended)
{
	struct blob blob;

	if (ended) {
		cr_assert(eq(int, ntfs3g_end(&disk->mount, &err), 0), "%s", err.text);
		cr_assert(eq(int, ntfs3g_unmount(&disk->mount, &err), 0), "%s", err.text);
	} else {
		cr_assert(eq(int, ntfs3g_commit(&disk->mount, &err), 0), "%s", err.text);
	}
	blob = temp_read(disk->path);
	temp_write(path, blob.at, blob.size);
	free(blob.at);
	disk_release(disk);
}

/* \StateStore\USMT\File\C$\Users\Alice\a.txt, which has no other name. */
static void fill_store(struct disk *disk)
{
	static const char *const parts[] = { "StateStore", "USMT", "File", "C$", "Users", "Alice" };
	file_ref                 at = file_ref_make(ROOT_RECORD, ROOT_RECORD);
	ntfs_inode              *inode;

	for (size_t i = 0; i < COUNT(parts); i++)
		at = disk_folder(disk, at, parts[i]);
	inode = disk_file(disk, at, "a.txt");
	disk_write(disk, inode, "", 0, "Alice's only copy", 17);
	disk_close(disk, inode);
}

static void make_store(void)
{
	struct disk disk;

	disk_make(&disk, "");
	fill_store(&disk);
	set_down(&disk, true);
}

Test(disk_partition, a_store_is_on_it)
{
	make_store();
	want_one();
	expect_refused((struct disk_consent){ true, true },
		       "a state store lies on it (\\StateStore\\USMT, 1 files)");
	cr_expect(eq(str, plan.protected_path, "\\StateStore\\USMT"));
}

Test(disk_partition, a_store_that_only_a_search_finds)
{
	struct blob volume, disk = blob_zero(48 * MIB);

	make_store();
	volume = temp_read(path);
	memcpy(disk.at + 7 * MIB, volume.at, volume.size); /* no table tells of it */
	temp_write(path, disk.at, disk.size);
	want_one();
	expect_refused((struct disk_consent){ true, true }, "a state store lies on it");
	free(volume.at);
	free(disk.at);
}

Test(disk_partition, a_store_behind_a_newer_table)
{
	struct blob volume, disk;

	make_blank(96); /* a table and an empty volume of 16 MiB, and behind it the old one */
	want_one();
	set("OSDPartitions0Size", "16");
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	disk = temp_read(path);
	make_store();
	volume = temp_read(path);
	memcpy(disk.at + 40 * MIB, volume.at, volume.size);
	temp_write(path, disk.at, disk.size);
	expect_refused(yes, "a state store lies on it");
	free(volume.at);
	free(disk.at);
}

static void make_deleted_store(void)
{
	struct disk    disk;
	struct removal removal;

	disk_make(&disk, "");
	fill_store(&disk);
	disk_read(&disk);
	removal_init(&removal, &disk.mount, &disk.tree, 7);
	cr_assert(eq(int,
		     removal_take(&removal, ROOT_RECORD, volume_tree_find(&disk.tree, "\\StateStore"), &err),
		     0));
	cr_assert(eq(int, removal_settle(&removal, &err), 0));
	removal_release(&removal);
	set_down(&disk, true);
}

Test(disk_partition, a_deleted_store_is_on_it)
{
	make_deleted_store();
	want_one();
	expect_refused(yes, "a deleted store lies on it");
	expect_refused(yes, "or say --overwrite-deleted");
	expect_refused((struct disk_consent){ .overwrite_deleted = true }, "say --yes");
	cr_expect(eq(int, run((struct disk_consent){ true, true }), 0), "%s", err.text);
}

static void make_plain(const char *file)
{
	struct disk disk;
	ntfs_inode *inode;

	disk_make(&disk, "");
	inode = disk_file(&disk, disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), "Keep"), file);
	disk_close(&disk, inode);
	set_down(&disk, true);
}

Test(disk_partition, what_the_sequence_protects_is_on_it)
{
	make_plain("USMT.MIG"); /* no store that anyone recognises */
	want_one();
	set("OSDStateStorePath", "c:\\keep");
	expect_refused(yes, "contains the protected path 'c:\\keep'");
	cr_expect(eq(str, plan.protected_path, "c:\\keep"));
	set("OSDStateStorePath", "");
	set("_OSDProtectHardLinkStore", "Keep");
	expect_refused(yes, "contains the protected path 'Keep'");
	set("_OSDProtectHardLinkStore", "");
	set("OSDStateStorePath", "\\\\server\\keep"); /* that is another one */
	cr_expect(eq(int, run(yes), 0), "%s", err.text);
	cr_expect(that(!plan.protected_path));
}

Test(disk_partition, what_is_protected_on_a_volume_of_the_run_is_not_here)
{
	char *other = temp_ntfs(folder, "other.img", 8, ""), *operand = other;

	make_plain("USMT.MIG");
	want_one();
	set("OSDStateStorePath", "C:\\Keep");
	cr_assert(eq(int, work_volumes_open(&volumes, &operand, 1, WORK_READ, &err), 0), "%s", err.text);
	cr_expect(eq(int, run(yes), 0), "%s", err.text);
	cr_assert(eq(int, work_volumes_close(&volumes, &err), 0));
	free(other);
}

Test(disk_partition, a_volume_of_the_run_is_on_it)
{
	char *link = temp_path(folder, "link.img"), *operand;

	make_plain("a");
	want_one();
	set("OSDStateStorePath", "D:\\Keep");
	cr_assert(symlink(path, link) == 0 && asprintf(&operand, "D=%s", link) > 0);
	cr_assert(eq(int, work_volumes_open(&volumes, &operand, 1, WORK_READ, &err), 0), "%s", err.text);
	expect_refused(yes, "volume D of this run is on it");
	cr_expect(eq(str, plan.protected_path, "D:\\Keep"));
	set("OSDStateStorePath", "");
	expect_refused(yes, "volume D of this run is on it");
	cr_expect(eq(str, plan.protected_path, "D:\\"));
	cr_assert(eq(int, work_volumes_close(&volumes, &err), 0));
	free(operand);
	free(link);
}

Test(disk_partition, whose_profiles_would_be_lost_is_said)
{
	static const char *const people[] = { "Alice", "Default", "Public", "bjørn" };
	struct disk              disk;
	file_ref                 users;

	disk_make(&disk, "");
	users = disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), "Users");
	for (size_t i = 0; i < COUNT(people); i++) {
		file_ref profile = disk_folder(&disk, users, people[i]);

		if (strcmp(people[i], "Public") != 0)
			disk_close(&disk, disk_file(&disk, profile, "NTUSER.DAT"));
	}
	set_down(&disk, true);
	want_one();
	expect_refused((struct disk_consent){ 0 }, "also the profiles of Alice, bjørn; say --yes");
	cr_expect(eq(str, plan.users, "Alice, bjørn"));
	cr_expect(eq(int, run(yes), 0), "%s", err.text);
}

Test(disk_partition, a_command_was_cut_off_on_it)
{
	struct disk disk;

	disk_make(&disk, "");
	(void)disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), "Keep");
	set_down(&disk, false);
	want_one();
	expect_refused(yes, "was cut off on it; run 'holdfast replay' first");
}

Test(disk_partition, bitlocker_hides_what_is_on_it)
{
	struct blob disk;

	make_blank(64);
	want_one();
	cr_assert(eq(int, run(yes), 0), "%s", err.text);
	disk = temp_read(path);
	memcpy(disk.at + MIB + 3, "-FVE-FS-", 8);
	memset(disk.at + 62 * MIB, 0, MIB); /* no backup of the old boot sector */
	temp_write(path, disk.at, disk.size);
	expect_refused(yes, "BitLocker hides what is on it from byte 1048576");
	free(disk.at);
}

Test(disk_partition, a_container_is_no_disk)
{
	const struct disk_target target = { 0, path };
	char                    *command;

	want_one();
	cr_assert(asprintf(&command, "qemu-img create -q -f vmdk '%s' 64M", path) > 0 &&
		  system(command) == 0);
	cr_expect(eq(int, disk_partition_plan(&variables, &target, 1, &plan, &err), -1));
	cr_expect(eq(int, (int)err.kind, (int)ERROR_REFUSED), "%s", err.text);
	free(command);
}
