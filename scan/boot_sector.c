/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boot_sector.c - see boot_sector.h */
#include "scan/boot_sector.h"

#include "core/endian.h"

#include <assert.h>

struct boot_sector_disk {
	uint8_t     jump[3];             /* 0x00 */
	uint8_t     oem_id[8];           /* 0x03  "NTFS    " */
	struct le16 sector_bytes;        /* 0x0b */
	uint8_t     sectors_per_cluster; /* 0x0d  1 to 128, or 2^(256 - n) from 0xf4 on */
	uint8_t     unused[26];          /* 0x0e */
	struct le64 sectors;             /* 0x28 */
	struct le64 mft_lcn;             /* 0x30 */
	struct le64 mirror_lcn;          /* 0x38 */
	uint8_t     record_size;         /* 0x40  clusters, or bytes as 2^(256 - n) */
	uint8_t     reserved_0[3];       /* 0x41 */
	uint8_t     index_size;          /* 0x44  as record_size */
	uint8_t     reserved_1[3];       /* 0x45 */
	struct le64 serial;              /* 0x48 */
};
static_assert(sizeof(struct boot_sector_disk) == 0x50, "boot sector");

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* Bytes of a record or index block as the boot sector gives them, or 0. */
static uint32_t block_bytes(uint8_t size, uint32_t cluster_bytes)
{
	uint64_t bytes;

	if (size >= 0x80)
		bytes = 256 - size < 32 ? 1ull << (256 - size) : 0;
	else
		bytes = (uint64_t)size * cluster_bytes;
	return is_power_of_two(bytes) && bytes >= 512 && bytes <= 65536 ? (uint32_t)bytes : 0;
}

static uint64_t cluster_sectors(uint8_t sectors_per_cluster)
{
	if (sectors_per_cluster >= 0xe1)
		return 1ull << (256 - sectors_per_cluster);
	return sectors_per_cluster;
}

int boot_sector_decode(struct bytes sector, struct geometry *geometry, struct error *err)
{
	struct bytes            at = sector;
	struct boot_sector_disk disk;
	struct geometry         found = { 0 };
	uint64_t                per_cluster, cluster_bytes;

	if (!bytes_read(&at, &disk, sizeof disk) || at.left < BOOT_SECTOR_BYTES - sizeof disk)
		return error_at(err, ERROR_BOUNDS, sector.offset, "boot sector is cut short");
	if (memcmp(disk.oem_id, "NTFS    ", 8) != 0)
		return error_at(err, ERROR_VALUE, sector.offset + 3, "no NTFS boot sector");
	found.sector_bytes = le16_get(disk.sector_bytes);
	if (!is_power_of_two(found.sector_bytes) || found.sector_bytes < 256 || found.sector_bytes > 4096)
		return error_at(err, ERROR_VALUE, sector.offset + 0x0b, "boot sector says sectors of %u bytes",
				found.sector_bytes);
	per_cluster = cluster_sectors(disk.sectors_per_cluster);
	cluster_bytes = per_cluster * found.sector_bytes;
	if (!is_power_of_two(per_cluster) || cluster_bytes > 2u << 20)
		return error_at(err, ERROR_VALUE, sector.offset + 0x0d,
				"boot sector says %u sectors a cluster", disk.sectors_per_cluster);
	found.cluster_bytes = (uint32_t)cluster_bytes;
	found.record_bytes = block_bytes(disk.record_size, found.cluster_bytes);
	found.index_bytes = block_bytes(disk.index_size, found.cluster_bytes);
	if (!found.record_bytes || !found.index_bytes)
		return error_at(err, ERROR_VALUE, sector.offset + 0x40, "boot sector has no record size");
	found.sectors = le64_get(disk.sectors);
	found.clusters = found.sectors / per_cluster;
	found.mft_lcn = le64_get(disk.mft_lcn);
	found.mirror_lcn = le64_get(disk.mirror_lcn);
	found.serial = le64_get(disk.serial);
	if (!found.clusters || found.sectors > INT64_MAX / found.sector_bytes)
		return error_at(err, ERROR_VALUE, sector.offset + 0x28, "boot sector has no volume size");
	if (found.mft_lcn >= found.clusters)
		return error_at(err, ERROR_VALUE, sector.offset + 0x30, "boot sector places the MFT outside");
	*geometry = found;
	return 0;
}
