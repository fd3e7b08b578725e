/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume.h - NTFS volumes in the evidence
 *
 * Finds them (partition table, boot sectors, their backups, and at last by
 * search) and reads them.  All offsets here count from the volume's start.
 */
#ifndef SCAN_VOLUME_H
#define SCAN_VOLUME_H

#include "scan/boot_sector.h"
#include "scan/evidence.h"

struct old_table;

struct volume {
	struct evidence *evidence;     /* borrowed */
	uint32_t         number;       /* from 1, in the order of the disk */
	uint32_t         partition;    /* as @N names it, 0 if none */
	uint64_t         offset_bytes; /* of the volume in the evidence */
	uint64_t         size_bytes;   /* by its boot sector, the backup included */
	struct geometry  geometry;
	struct old_table *table;       /* where its records lie, if its own first record is not to tell; or NULL.
					  Owned by the array of volumes; copies of a volume borrow it */
};

struct volumes ARRAY(struct volume);

void volumes_release(struct volumes *volumes);

/* Which part of the evidence is meant: all of it, one partition, or from an offset on. */
struct selection {
	bool     partition_given, offset_given;
	uint32_t partition;    /* from 1 */
	uint64_t offset_bytes;
	uint32_t shadow;       /* shadow copy of what is meant, from 1, the oldest; 0: as it is now */
	bool     no_sweep;     /* do not look at every sector when no table and no usual place tells of a volume */
};

/*
 * Split "disk.img@2", "disk.img@+1048576" or either with "@shadow1" behind it into @path (to be freed)
 * and @selection; "disk.img@shadow1" means that copy of each volume.
 * A file whose name has the @ in it is taken as it is.
 * Returns 0, or -1 with ERROR_USAGE.
 */
MUST_CHECK int selection_parse(const char *source, char **path, struct selection *selection,
			       struct error *err);

/*
 * Find the NTFS volumes that @selection leaves, in the order of the disk.
 * Returns 0 with one or more, or -1: none was found, and the sentence says what was looked at.
 */
MUST_CHECK int volumes_find(struct evidence *evidence, const struct selection *selection,
			    struct volumes *volumes, struct findings *findings, struct error *err);

/*
 * Add the shadow copies of the volumes from @first on, the newest first, behind all of them, as volumes of their
 * own; those
 * that cannot be read are findings.  Without @enter they are only put on the evidence's list (layer.h).
 * Returns 0, or -1: no memory, or no image reader.
 */
MUST_CHECK int volumes_add_shadows(struct volumes *volumes, size_t first, bool enter, struct findings *findings,
				   struct error *err);

/* Byte offset of a cluster; the caller has compared @lcn with geometry.clusters. */
static inline uint64_t volume_byte_of(const struct volume *volume, uint64_t lcn)
{
	return lcn * volume->geometry.cluster_bytes;
}

/*
 * As evidence_read; bytes behind the volume's end count as unreadable, as do those of a past life that others
 * may have written to.
 */
MUST_CHECK int volume_read(const struct volume *volume, uint64_t offset, void *buffer, size_t length,
			   struct ranges *unreadable, struct error *err);

#endif
