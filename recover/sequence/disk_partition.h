/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk_partition.h - the step that partitions and formats a disk
 *
 * The table is made by sfdisk, the file systems by mkntfs and mkfs.vfat, all of them in memory
 * (host_program.h) and before a byte of the disk changes: a program that fails or is missing costs nothing.
 * Then, each flushed before the next begins:
 *
 * 1. The first and the last MiB become zeros: the old table is gone.
 * 2. The new file systems are written, and zeros where there is none.
 * 3. The table is written: the tables of logical partitions and the backup of a GPT first, the disk's first
 * MiB last.
 *
 * This is no transaction: what was on the disk is lost from 1. on.  A cut leaves the old table, none, or the
 * new one with all its file systems; the step is then simply run again, for nothing that it made is a store.
 *
 * The partitions start by UEFI as soon as the EFI one has a boot manager; by BIOS when Windows PE has put
 * boot code into them ("bootsect /nt60 SYS /mbr"), for there is none here.
 */
#ifndef RECOVER_SEQUENCE_DISK_PARTITION_H
#define RECOVER_SEQUENCE_DISK_PARTITION_H

#include "recover/engine/work_volume.h"
#include "recover/sequence/disk_layout.h"

/* What ConfigMgr calls disk N: --disk N=PATH. */
struct disk_target {
	unsigned    index;
	const char *path; /* of a raw image or block device */
};

struct disk_plan {
	unsigned           index;
	char              *path;
	struct disk_layout layout;
	char              *store_path; /* OSDStateStorePath, "" if it is not set */
	char *linked_store;            /* _OSDProtectHardLinkStore, likewise: below the root of some volume */

	/* filled by disk_partition_run */
	char *protected_path; /* for which it was refused, as OSDDiskPart would say it; NULL if for another
				 reason */
	char *users;          /* whose profiles are on the disk: "Alice, bjørn"; NULL if nobody's */
};

/* What the user has said. */
struct disk_consent {
	bool yes;               /* all that is on the disk may be lost */
	bool overwrite_deleted; /* also files of deleted stores */
};

/*
 * Find out what the step would do, from its variables.  The disk is looked at, for its size.
 * Returns 0, or -1: ERROR_USAGE when nobody has said which disk is meant, what disk_layout_read says, a disk
 * that cannot be opened or partitioned.  disk_plan_release in any case.
 */
MUST_CHECK int disk_partition_plan(const struct sequence_variables *variables,
				   const struct disk_target *targets, size_t count, struct disk_plan *plan,
				   struct error *err);
void           disk_plan_release(struct disk_plan *plan);

/* Would it be done?  Fails as disk_partition_run does that has written nothing yet. */
MUST_CHECK int disk_partition_check(struct disk_plan *plan, const struct work_volumes *volumes,
				    struct disk_consent consent, struct error *err);

/*
 * Do it.  ERROR_REFUSED, with nothing written, for what disk_guard_check refuses, and without consent.yes.
 * @volumes  of the run: none of them may be on the disk
 * Returns 0, or -1.
 */
MUST_CHECK int disk_partition_run(struct disk_plan *plan, const struct work_volumes *volumes,
				  struct disk_consent consent, struct error *err);

#endif
