/* SPDX-License-Identifier: MIT */
/*
 * table.h - which partitions a disk has
 *
 * Decodes GPT and MBR.  libtsk could, but it takes a GPT without looking at its checksums (so a
 * damaged primary hides the good backup), finds none without the protective MBR, refuses the whole
 * MBR when one partition starts behind the end of a cut-off image, and follows a hostile table's
 * counts and chains without bound.  Here every count has a bound and every chain a record.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_TABLE_H
#define SCAN_IMAGE_TABLE_H

#include "scan/image/protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* The disk that the table is on. */
struct table_disk {
	bool   (*read)(void *image, void *buffer, size_t length, uint64_t offset); /* all or nothing */
	void    *image;
	uint64_t size_bytes;
	uint32_t sector_bytes; /* 512 or more; other sizes are tried after it */
};

struct table {
	const char *kind;         /* "gpt", "mbr" or "none" */
	const char *remark;       /* what is wrong, "" if nothing */
	uint32_t    sector_bytes; /* that the table counts in */
	size_t      count;        /* of partitions, sorted by start, gaps and tables among them */
};

/*
 * Find the partition table.  A GPT comes before an MBR; a backup GPT comes after an MBR with
 * partitions of its own, for then the disk was given a new table and the backup is a leftover.
 * @partitions  room for IMAGE_PARTITIONS_MAX
 */
void table_find(const struct table_disk *disk, struct image_partition *partitions, struct table *table);

#endif
