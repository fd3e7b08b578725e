/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * boot_sector.h - the geometry of a volume
 *
 * Pure.  Format: libntfs-3g layout.h, NTFS_BOOT_SECTOR.
 */
#ifndef SCAN_BOOT_SECTOR_H
#define SCAN_BOOT_SECTOR_H

#include "core/bytes.h"
#include "core/error.h"

#define BOOT_SECTOR_BYTES 512u

struct geometry {
	uint32_t sector_bytes;   /* 256 to 4096 */
	uint32_t cluster_bytes;  /* 256 to 2 MiB */
	uint32_t record_bytes;   /* of an MFT record, 512 to 64 KiB */
	uint32_t index_bytes;    /* of an index block */
	uint64_t sectors;        /* of the volume, the backup boot sector not counted */
	uint64_t clusters;       /* whole ones */
	uint64_t mft_lcn;
	uint64_t mirror_lcn;
	uint64_t serial;
};

/*
 * Decode the 512 bytes of a boot sector.
 * Returns 0, or -1 with ERROR_BOUNDS or ERROR_VALUE: no NTFS boot sector, and what is wrong with it.
 */
MUST_CHECK int boot_sector_decode(struct bytes sector, struct geometry *geometry, struct error *err);

#endif
