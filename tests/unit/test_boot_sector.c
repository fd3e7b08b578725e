/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_boot_sector.c - expected values: the samples' own names (sector and cluster size), libntfs-3g
 * layout.h, NTFS_BOOT_SECTOR, and their bytes read by hand
 */
#include "tests/unit/unit.h"

#include "scan/boot_sector.h"

struct boot {
	char            path[40];
	struct geometry geometry;
};

ParameterizedTestParameters(boot_sector, known_geometries)
{
	static struct boot cases[] = {
		{ "ntfs/dfir_ntfs/512.boot",
		  { 512, 512, 1024, 4096, 0x1fe7ff, 0x1fe7ff, 0x0aa2aa, 0x10, 0xa6ee1e1bee1de479 } },
		{ "ntfs/dfir_ntfs/4k.boot",
		  { 512, 4096, 1024, 4096, 0x076ec7ff, 0x00edd8ff, 0xc0000, 2, 0x7efeeedbfeee8b2b } },
		{ "ntfs/dfir_ntfs/4kn.boot",
		  { 4096, 4096, 4096, 4096, 0x37ff, 0x37ff, 0x12aa, 2, 0x187eb6507eb62682 } },
		{ "ntfs/dfir_ntfs/64k.boot",
		  { 512, 65536, 1024, 4096, 0x03ffe7ff, 0x07ffcf, 0xc000, 1, 0xa8a66d90a66d6034 } },
		{ "ntfs/dfir_ntfs/128k.boot",
		  { 512, 131072, 1024, 4096, 0x03ffe7ff, 0x03ffe7, 0x6000, 1, 0x5cb4c084b4c061de } },
		{ "ntfs/dfir_ntfs/nobootcode.boot",
		  { 512, 4096, 1024, 4096, 0xefca, 0x1df9, 0x303, 0xefc, 0xd87a81b9df3def62 } },
	};
	return CASES(struct boot, cases);
}

ParameterizedTest(struct boot *c, boot_sector, known_geometries)
{
	struct blob            raw = sample_load(c->path);
	const struct geometry *want = &c->geometry;
	struct geometry        got;
	struct error           err;

	cr_assert(eq(int, boot_sector_decode(blob_bytes(raw, 0), &got, &err), 0), "%s: %s", c->path, err.text);
	cr_expect(eq(u32, got.sector_bytes, want->sector_bytes), "%s", c->path);
	cr_expect(eq(u32, got.cluster_bytes, want->cluster_bytes), "%s", c->path);
	cr_expect(eq(u32, got.record_bytes, want->record_bytes), "%s", c->path);
	cr_expect(eq(u32, got.index_bytes, want->index_bytes), "%s", c->path);
	cr_expect(eq(u64, got.sectors, want->sectors), "%s", c->path);
	cr_expect(eq(u64, got.clusters, want->clusters), "%s", c->path);
	cr_expect(eq(u64, got.mft_lcn, want->mft_lcn), "%s", c->path);
	cr_expect(eq(u64, got.mirror_lcn, want->mirror_lcn), "%s", c->path);
	cr_expect(eq(u64, got.serial, want->serial), "%s", c->path);
	free(raw.at);
}

/* 1 MiB of 512-byte sectors, clusters of 4 KiB, records of 1 KiB. */
static struct blob plain_boot(void)
{
	struct blob raw = blob_zero(512);

	memcpy(raw.at + 3, "NTFS    ", 8);
	put_le16(raw.at + 0x0b, 512);
	raw.at[0x0d] = 8;
	put_le64(raw.at + 0x28, 2047);
	put_le64(raw.at + 0x30, 4);
	put_le64(raw.at + 0x38, 127);
	raw.at[0x40] = 0xf6;
	raw.at[0x44] = 1;
	return raw;
}

struct boot_change {
	char            name[40];
	uint8_t         at, bytes;
	uint64_t        value;
	uint16_t        offset; /* that the error names; 0: it is good */
	enum error_kind kind;
};

ParameterizedTestParameters(boot_sector, damage_is_named_and_located)
{
	static struct boot_change cases[] = {
		{ "untouched", 0, 0, 0, 0, ERROR_NONE },
		{ "cluster of 64 KiB as a power of two", 0x0d, 1, 0xf9, 0, ERROR_NONE },
		{ "record of one cluster", 0x40, 1, 1, 0, ERROR_NONE },
		{ "another file system", 3, 4, 0x41544645, 3, ERROR_VALUE },
		{ "no sector size", 0x0b, 2, 0, 0x0b, ERROR_VALUE },
		{ "sector of 513 bytes", 0x0b, 2, 513, 0x0b, ERROR_VALUE },
		{ "sector of 128 bytes", 0x0b, 2, 128, 0x0b, ERROR_VALUE },
		{ "sector of 8192 bytes", 0x0b, 2, 8192, 0x0b, ERROR_VALUE },
		{ "no sectors a cluster", 0x0d, 1, 0, 0x0d, ERROR_VALUE },
		{ "three sectors a cluster", 0x0d, 1, 3, 0x0d, ERROR_VALUE },
		{ "cluster of 4 MiB", 0x0d, 1, 0xf3, 0x0d, ERROR_VALUE },
		{ "cluster of 2^31 sectors", 0x0d, 1, 0xe1, 0x0d, ERROR_VALUE },
		{ "192 sectors a cluster", 0x0d, 1, 0xc0, 0x0d, ERROR_VALUE },
		{ "no record size", 0x40, 1, 0, 0x40, ERROR_VALUE },
		{ "record of 3 clusters", 0x40, 1, 3, 0x40, ERROR_VALUE },
		{ "record of 256 bytes", 0x40, 1, 0xf8, 0x40, ERROR_VALUE },
		{ "record of 128 KiB", 0x40, 1, 0xef, 0x40, ERROR_VALUE },
		{ "record of 2^128 bytes", 0x40, 1, 0x80, 0x40, ERROR_VALUE },
		{ "no index block size", 0x44, 1, 0, 0x40, ERROR_VALUE },
		{ "no sectors", 0x28, 8, 0, 0x28, ERROR_VALUE },
		{ "less than a cluster", 0x28, 8, 7, 0x28, ERROR_VALUE },
		{ "more sectors than numbers go", 0x28, 8, UINT64_MAX, 0x28, ERROR_VALUE },
		{ "MFT behind the volume", 0x30, 8, 255, 0x30, ERROR_VALUE },
		{ "MFT far behind the volume", 0x30, 8, UINT64_MAX, 0x30, ERROR_VALUE },
		{ "mirror behind the volume", 0x38, 8, 9999, 0, ERROR_NONE },
	};
	return CASES(struct boot_change, cases);
}

ParameterizedTest(struct boot_change *c, boot_sector, damage_is_named_and_located)
{
	struct blob     raw = plain_boot();
	struct geometry geometry = { .serial = 4711 };
	struct error    err = { 0 };

	for (size_t i = 0; i < c->bytes; i++)
		raw.at[c->at + i] = (uint8_t)(c->value >> 8 * i);
	cr_expect(eq(int, boot_sector_decode(blob_bytes(raw, 0x10000), &geometry, &err), c->kind ? -1 : 0), "%s",
		  c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	if (c->kind) {
		cr_expect(eq(u64, err.offset, 0x10000u + c->offset), "%s", c->name);
		cr_expect(eq(u64, geometry.serial, 4711), "%s wrote its result", c->name);
	} else {
		cr_expect(eq(u64, geometry.clusters, c->at == 0x0d ? 2047 / 128 : 255), "%s", c->name);
		cr_expect(eq(u32, geometry.record_bytes, c->at == 0x40 ? 4096 : 1024), "%s", c->name);
	}
	free(raw.at);
}

Test(boot_sector, no_prefix_is_read_past)
{
	struct blob whole = plain_boot();

	for (size_t size = 0; size < 512; size++) {
		struct blob     raw = blob_copy(whole.at, size);
		struct geometry geometry;
		struct error    err;

		cr_expect(eq(int, boot_sector_decode(blob_bytes(raw, 0), &geometry, &err), -1));
		cr_expect(eq(int, err.kind, ERROR_BOUNDS));
		free(raw.at);
	}
	free(whole.at);
}
