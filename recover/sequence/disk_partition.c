/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk_partition.c - see disk_partition.h */
#include "recover/sequence/disk_partition.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/host_program.h"
#include "recover/sequence/disk_guard.h"
#include "recover/transaction/block_device.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

#define MIB (1ull << 20)
#define COPY_BYTES MIB
#define FOUND_MAX 512u /* partitions, gaps, tables of logical ones */
#define NTFS_LABEL_UNITS 32u
#define FAT_LABEL_BYTES 11u

/* A disk that is made anew: what goes onto it lies in files in memory, each a hole but for what counts. */
struct making {
	const struct disk_plan *plan;
	struct block_device     device;
	int                     table;   /* of the disk's size */
	int                    *systems; /* of each partition's, -1 for none */
	uint8_t                *buffer;  /* COPY_BYTES */
};

/* -------- planning -------- */

static const struct disk_target *find_target(const struct disk_target *targets, size_t count, unsigned index)
{
	for (size_t i = 0; i < count; i++)
		if (targets[i].index == index)
			return &targets[i];
	return NULL;
}

static int refuse_unfit(const struct evidence *disk, struct error *err)
{
	if (disk->segment_count != 1)
		return error_set(err, ERROR_REFUSED, disk->path,
				 "is no raw image in one file and no device; only those can be partitioned");
	if (disk->sector_bytes != DISK_SECTOR_BYTES)
		return error_set(err, ERROR_UNSUPPORTED, disk->path,
				 "has sectors of %" PRIu32
				 " bytes; only disks with sectors of %u can be partitioned here",
				 disk->sector_bytes, DISK_SECTOR_BYTES);
	return 0;
}

int disk_partition_plan(const struct sequence_variables *variables, const struct disk_target *targets,
			size_t count, struct disk_plan *plan, struct error *err)
{
	CLEANUP(evidence_release) struct evidence disk = { 0 };
	const struct disk_target                 *target;

	*plan = (struct disk_plan){ 0 };
	if (disk_layout_index(variables, &plan->index, err) < 0)
		return -1;
	target = find_target(targets, count, plan->index);
	if (!target)
		return error_set(
			err, ERROR_USAGE, NULL,
			"cannot be done: which disk is disk %u? say --disk %u=DEVICE, with a device or a raw image",
			plan->index, plan->index);
	plan->path = strdup(target->path);
	plan->store_path = strdup(sequence_variables_get(variables, "OSDStateStorePath"));
	plan->linked_store = strdup(sequence_variables_get(variables, "_OSDProtectHardLinkStore"));
	if (!plan->path || !plan->store_path || !plan->linked_store)
		return error_memory(err);
	if (evidence_open(&disk, plan->path, NULL, err) < 0 || refuse_unfit(&disk, err) < 0)
		return -1;
	return disk_layout_read(&plan->layout, variables, disk.size_bytes / DISK_SECTOR_BYTES, err);
}

void disk_plan_release(struct disk_plan *plan)
{
	disk_layout_release(&plan->layout);
	free(TAKE(plan->path));
	free(TAKE(plan->store_path));
	free(TAKE(plan->linked_store));
	free(TAKE(plan->protected_path));
	free(TAKE(plan->users));
}

/* -------- the table -------- */

/* The type of a partition in an MBR. */
static unsigned mbr_type(const struct laid_partition *partition)
{
	bool fat = partition->format == LAID_FAT32;

	switch (partition->type) {
	case LAID_EXTENDED:
		return 0x0f;
	case LAID_HIDDEN:
		return fat ? 0x1c : 0x17;
	case LAID_RECOVERY:
		return 0x27;
	default:
		return fat ? 0x0c : 0x07;
	}
}

/* Type, attributes and name of a partition in a GPT, as Windows gives them: no letters but for basic data. */
static const char *gpt_words(enum laid_type type)
{
	switch (type) {
	case LAID_EFI:
		return "type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, attrs=\"GUID:63\", name=\"EFI system partition\"";
	case LAID_MSR:
		return "type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, attrs=\"GUID:63\", "
		       "name=\"Microsoft reserved partition\"";
	case LAID_RECOVERY:
		return "type=DE94BBA4-06D1-4D40-A16A-BFD50179D6AC, attrs=\"RequiredPartition GUID:63\", "
		       "name=\"Basic data partition\"";
	case LAID_HIDDEN:
		return "type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, attrs=\"GUID:62,63\", name=\"Basic data partition\"";
	default:
		return "type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name=\"Basic data partition\"";
	}
}

static void print_script(const struct disk_layout *layout, FILE *script)
{
	fprintf(script, "label: %s\nunit: sectors\n", layout->gpt ? "gpt" : "dos");
	for (size_t i = 0; i < layout->partitions.count; i++) {
		const struct laid_partition *partition = &layout->partitions.items[i];

		fprintf(script, "disk%" PRIu32 " : start=%" PRIu64 ", size=%" PRIu64 ", ", partition->slot,
			partition->start_sectors, partition->size_sectors);
		if (layout->gpt)
			fprintf(script, "%s\n", gpt_words(partition->type));
		else
			fprintf(script, "type=%x%s\n", mbr_type(partition),
				partition->active ? ", bootable" : "");
	}
}

static int make_table(struct making *making, struct error *err)
{
	static const char *const arguments[] = {
		"sfdisk", "--quiet", "--no-reread",     "--no-tell-kernel",
		"--wipe", "never",   HOST_PROGRAM_FILE, NULL,
	};
	CLEANUP(free_ptr) char *text = NULL;
	size_t                  length;
	FILE                   *script = open_memstream(&text, &length);

	if (!script)
		return error_memory(err);
	print_script(&making->plan->layout, script);
	if (fclose(script) != 0)
		return error_memory(err);
	making->table = host_program_file(making->device.size_bytes, err);
	return making->table < 0 ? -1 : host_program_run(arguments, text, making->table, "fdisk", err);
}

/* -------- file systems -------- */

/* As much of a name as a volume of Windows can be called. */
static void ntfs_label(const char *name, char *label, size_t size)
{
	const char *at = name, *end = name + strlen(name), *fits = name;
	unsigned    units = 0;
	uint32_t    point;

	while (utf8_next(&at, end, &point) && (units += point > 0xffff ? 2 : 1) <= NTFS_LABEL_UNITS)
		fits = at;
	snprintf(label, size, "%.*s", (int)(fits - name), name);
}

/* FAT knows capitals, digits and a few signs. */
static void fat_label(const char *name, char *label)
{
	size_t length = 0;

	for (; name[length] && length < FAT_LABEL_BYTES; length++) {
		unsigned char c = (unsigned char)name[length];

		label[length] = isascii(c) && (isalnum(c) || strchr(" -_", c)) ? (char)toupper(c) : '_';
	}
	while (length && label[length - 1] == ' ')
		length--;
	label[length] = '\0';
}

/* Where it starts stands in the boot sector: code for BIOS goes by it, and asks for nothing behind 32 bits.
 */
static void print_start(const struct laid_partition *partition, char start[static 24])
{
	snprintf(start, 24, "%" PRIu64,
		 partition->start_sectors <= UINT32_MAX ? partition->start_sectors : 0);
}

static int make_ntfs(const struct laid_partition *partition, int fd, struct error *err)
{
	char              label[3 * NTFS_LABEL_UNITS + 1], start[24];
	const char *const arguments[] = { "mkntfs", "-Q",  "-F",  "-q",  "-s",
					  "512",    "-H",  "255", "-S",  "63",
					  "-p",     start, "-L",  label, HOST_PROGRAM_FILE,
					  NULL };

	ntfs_label(partition->name, label, sizeof label);
	print_start(partition, start);
	return host_program_run(arguments, "", fd, "ntfs-3g", err);
}

static int make_fat32(const struct laid_partition *partition, int fd, struct error *err)
{
	char              label[FAT_LABEL_BYTES + 1], start[24];
	const char *const arguments[] = { "mkfs.vfat",
					  "-F",
					  "32",
					  "-S",
					  "512",
					  "-g",
					  "255/63",
					  "-h",
					  start,
					  "-n",
					  *partition->name ? label : "NO NAME",
					  HOST_PROGRAM_FILE,
					  NULL };

	fat_label(partition->name, label);
	print_start(partition, start);
	return host_program_run(arguments, "", fd, "dosfstools", err);
}

static int make_systems(struct making *making, struct error *err)
{
	const struct laid_partitions *partitions = &making->plan->layout.partitions;

	for (size_t i = 0; i < partitions->count; i++) {
		const struct laid_partition *partition = &partitions->items[i];
		int                         *fd = &making->systems[i];

		if (partition->format == LAID_UNFORMATTED)
			continue;
		*fd = host_program_file(partition->size_sectors * DISK_SECTOR_BYTES, err);
		if (*fd < 0 ||
		    (partition->format == LAID_NTFS ? make_ntfs : make_fat32)(partition, *fd, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- onto the disk -------- */

static int write_bytes(struct making *making, uint64_t offset, size_t length, struct error *err)
{
	if (block_device_write(&making->device, WRITE_FREE, offset, making->buffer, length) < 0)
		return block_device_check(&making->device, err);
	return 0;
}

static int flush(struct making *making, struct error *err)
{
	return block_device_flush(&making->device) < 0 ? block_device_check(&making->device, err) : 0;
}

/* Zeros, as a hole where the disk can have one. */
static int put_zeros(struct making *making, uint64_t offset, uint64_t length, struct error *err)
{
	if (fallocate(making->device.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
		      (off_t)length) == 0)
		return 0;
	memset(making->buffer, 0, COPY_BYTES);
	while (length) {
		size_t part = length < COPY_BYTES ? (size_t)length : COPY_BYTES;

		if (write_bytes(making, offset, part, err) < 0)
			return -1;
		offset += part;
		length -= part;
	}
	return 0;
}

/* Put bytes of a file in memory to @offset of the disk. */
static int put_bytes(struct making *making, int fd, uint64_t from, uint64_t to, uint64_t offset,
		     struct error *err)
{
	while (from < to) {
		size_t  part = to - from < COPY_BYTES ? (size_t)(to - from) : COPY_BYTES;
		ssize_t got = pread(fd, making->buffer, part, (off_t)from);

		if (got <= 0)
			return error_sys(err, NULL, "cannot read a file in memory");
		if (write_bytes(making, offset + from, (size_t)got, err) < 0)
			return -1;
		from += (uint64_t)got;
	}
	return 0;
}

/* Put what counts of the file between @from and @to; holes stay what they are on the disk. */
static int put_file(struct making *making, int fd, uint64_t from, uint64_t to, uint64_t offset,
		    struct error *err)
{
	while (from < to) {
		off_t data = lseek(fd, (off_t)from, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			return 0;
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (hole < 0)
			return error_sys(err, NULL, "cannot read a file in memory");
		from = (uint64_t)hole < to ? (uint64_t)hole : to;
		if ((uint64_t)data < from && put_bytes(making, fd, (uint64_t)data, from, offset, err) < 0)
			return -1;
	}
	return 0;
}

static int put_partition(struct making *making, const struct laid_partition *partition, int system,
			 struct error *err)
{
	uint64_t start = partition->start_sectors * DISK_SECTOR_BYTES,
		 size = partition->size_sectors * DISK_SECTOR_BYTES;
	uint64_t zeros = !partition->quick && partition->type != LAID_EXTENDED ? size : system < 0 ? MIB : 0;

	if (zeros && put_zeros(making, start, zeros, err) < 0)
		return -1;
	return system < 0 ? 0 : put_file(making, system, 0, size, start, err);
}

/* The steps of the header's comment. */
static int put_all(struct making *making, struct error *err)
{
	const struct laid_partitions *partitions = &making->plan->layout.partitions;
	uint64_t                      size = making->device.size_bytes;

	if (put_zeros(making, 0, MIB, err) < 0 || put_zeros(making, size - MIB, MIB, err) < 0 ||
	    flush(making, err) < 0)
		return -1;
	for (size_t i = 0; i < partitions->count; i++)
		if (put_partition(making, &partitions->items[i], making->systems[i], err) < 0)
			return -1;
	if (flush(making, err) < 0 || put_file(making, making->table, MIB, size, 0, err) < 0 ||
	    flush(making, err) < 0 || put_file(making, making->table, 0, MIB, 0, err) < 0)
		return -1;
	return flush(making, err);
}

/* -------- does it lie there? -------- */

static bool has_partition(const struct image_partition *found, int count, const struct laid_partition *wanted)
{
	for (int i = 0; i < count; i++)
		if (found[i].start_bytes == wanted->start_sectors * DISK_SECTOR_BYTES &&
		    found[i].length_bytes == wanted->size_sectors * DISK_SECTOR_BYTES &&
		    (found[i].slot == wanted->slot || wanted->type == LAID_EXTENDED))
			return true;
	return false;
}

/* Read the table back with a reader that did not make it. */
static int check_table(const struct disk_plan *plan, struct error *err)
{
	CLEANUP(evidence_release) struct evidence disk = { 0 };
	struct image_partition                    found[FOUND_MAX];
	char                                      kind[IMAGE_KIND_BYTES] = "", text[IMAGE_ERROR_BYTES] = "";
	int                                       count;

	if (evidence_open(&disk, plan->path, NULL, err) < 0 || evidence_client(&disk, err) < 0)
		return -1;
	count = image_client_partitions(disk.client, found, FOUND_MAX, kind, text);
	for (size_t i = 0; i < plan->layout.partitions.count; i++)
		if (!has_partition(found, count, &plan->layout.partitions.items[i]))
			return error_set(
				err, ERROR_IO, plan->path,
				"has been partitioned, but does not read back as it should; look after the disk");
	return 0;
}

/* -------- doing it -------- */

static int making_begin(struct making *making, const struct disk_plan *plan, struct error *err)
{
	size_t count = plan->layout.partitions.count;

	*making = (struct making){ .plan = plan,
				   .device.fd = -1,
				   .table = -1,
				   .systems = calloc(count, sizeof *making->systems),
				   .buffer = malloc(COPY_BYTES) };
	if (!making->systems || !making->buffer)
		return error_memory(err);
	memset(making->systems, 0xff, count * sizeof *making->systems);
	if (block_device_open_disk(&making->device, plan->path, err) < 0)
		return -1;
	if (making->device.size_bytes / DISK_SECTOR_BYTES != plan->layout.size_sectors)
		return error_set(err, ERROR_REFUSED, plan->path, "has changed its size just now; try again");
	return 0;
}

static void making_end(struct making *making)
{
	for (size_t i = 0; making->systems && i < making->plan->layout.partitions.count; i++)
		close_fd(&making->systems[i]);
	close_fd(&making->table);
	block_device_close(&making->device);
	free(making->systems);
	free(making->buffer);
}

static int refuse_unasked(const struct disk_plan *plan, struct error *err)
{
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, which would be partitioned anew: all that is on it would be lost%s%.100s; say --yes if "
		"that is meant",
		plan->index, plan->users ? ", also the profiles of " : "", plan->users ? plan->users : "");
}

static int make_disk(struct making *making, struct error *err)
{
	if (make_table(making, err) < 0 || make_systems(making, err) < 0 || put_all(making, err) < 0)
		return -1;
	/* a device in use elsewhere keeps its old partitions for the kernel; the disk has the new ones all
	 * the same */
	(void)ioctl(making->device.fd, BLKRRPART);
	return check_table(making->plan, err);
}

/* Refuse what cannot be spared, or what nobody has consented to. */
static int refuse_contents(struct disk_plan *plan, const struct work_volumes *volumes, struct disk_consent consent,
			   struct error *err)
{
	if (disk_guard_check(plan, volumes, consent.overwrite_deleted, err) < 0)
		return -1;
	return consent.yes ? 0 : refuse_unasked(plan, err);
}

static int refuse_volumes(struct disk_plan *plan, const struct work_volumes *volumes, struct error *err)
{
	free(TAKE(plan->protected_path));
	free(TAKE(plan->users));
	return disk_guard_volumes(plan, volumes, err);
}

int disk_partition_check(struct disk_plan *plan, const struct work_volumes *volumes, struct disk_consent consent,
			 struct error *err)
{
	if (refuse_volumes(plan, volumes, err) < 0)
		return -1;
	return refuse_contents(plan, volumes, consent, err);
}

int disk_partition_run(struct disk_plan *plan, const struct work_volumes *volumes,
		       struct disk_consent consent, struct error *err)
{
	struct making making = { .plan = plan, .device.fd = -1, .table = -1 };
	int           result = refuse_volumes(plan, volumes, err);

	if (result == 0)
		result = making_begin(&making, plan,
				      err); /* locked from here on, so that nobody else changes it */
	if (result == 0)
		result = refuse_contents(plan, volumes, consent, err);
	if (result == 0)
		result = make_disk(&making, err);
	making_end(&making);
	return result;
}
