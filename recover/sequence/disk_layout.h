/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk_layout.h - which partitions a "Format and Partition Disk" step makes, and where they lie
 *
 * Read from the step's variables, for a disk of a given size; nothing is touched.  What they mean:
 *
 * OSDDiskIndexVariable    the variable that holds the disk's number; else OSDDiskIndex does, or it is 0
 * OSDPartitionStyle       MBR or GPT; else OSDDiskType, if it says one of them; else MBR
 * OSDGPTBootDisk          with GPT and no EFI partition in the list: one of 500 MB, and an MSR one of 128 MB,
 *                         come first
 * OSDPartitions           how many follow, as OSDPartitions0Type, OSDPartitions1Type ...:
 *   Type                  Primary (as without it), Extended, Logical, Hidden, EFI, MSR, Recovery
 *   FileSystem            NTFS or FAT32; without it none is made.  EFI partitions have FAT32, Recovery ones
 *                         NTFS, MSR and extended ones none, whatever it says
 *   Size, SizeUnits       MB, GB or TB, by 1024; or Percent ("%") of what is still free, rounded down to a
 * MB. Without a size, all that is free Bootable              the first primary partition of an MBR that says
 * so is the active one QuickFormat           unless true, all of the partition is overwritten with zeros
 * first VolumeName            of the file system VolumeLetterVariable  the variable that wants its letter
 *
 * Partitions lie one after the other, on whole MiB; the first and the last MiB of the disk stay free.  A
 * logical one has its own table in the first MiB of what it takes.  What does not fit, or what the table
 * cannot hold, is an error: no size is guessed.  OSDDiskpartBiosCompatibilityMode, for Windows XP alone, is
 * refused; OSDDiskAlign and OSDDiskOffset (MDT) count for nothing.
 */
#ifndef RECOVER_SEQUENCE_DISK_LAYOUT_H
#define RECOVER_SEQUENCE_DISK_LAYOUT_H

#include "recover/sequence/sequence_variable.h"

#define DISK_SECTOR_BYTES 512u /* all sizes in sectors count in these */

enum laid_type { LAID_PRIMARY, LAID_EXTENDED, LAID_LOGICAL, LAID_HIDDEN, LAID_EFI, LAID_MSR, LAID_RECOVERY };
enum laid_format { LAID_UNFORMATTED, LAID_NTFS, LAID_FAT32 };

struct laid_partition {
	enum laid_type   type;
	enum laid_format format;
	uint32_t         slot;   /* as @N names it: logical ones of an MBR from 5 on */
	bool             active; /* BIOS starts from it */
	bool             quick;  /* only the file system is written */
	uint64_t         start_sectors, size_sectors;
	char            *name, *letter_variable; /* "" if none */
};

struct laid_partitions ARRAY(struct laid_partition);

struct disk_layout {
	bool                   gpt;
	uint64_t               size_sectors; /* of the disk */
	struct laid_partitions partitions;   /* in the order of the disk */
};

/* The number of the disk that the step means.  Returns 0, or -1: ERROR_VALUE. */
MUST_CHECK int disk_layout_index(const struct sequence_variables *variables, unsigned *index,
				 struct error *err);

/*
 * Lay the step's partitions out on a disk of @size_sectors.
 * Returns 0, or -1: ERROR_VALUE for what cannot be, ERROR_UNSUPPORTED.  disk_layout_release in any case.
 */
MUST_CHECK int disk_layout_read(struct disk_layout *layout, const struct sequence_variables *variables,
				uint64_t size_sectors, struct error *err);
void           disk_layout_release(struct disk_layout *layout);

#endif
