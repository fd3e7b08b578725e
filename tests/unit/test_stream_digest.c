/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_stream_digest.c - digests of streams with holes, none of them without end */
#include "recover/engine/content_digest.h"
#include "recover/stream_digest.h"
#include "tests/unit/disk.h"

#define ROOT     file_ref_make(5, 5)
#define ABSURD   (1ull << 60)
#define SUM_OF_X "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define SUM_OF_ABC_70000_ZEROS_D "ed81a129dc82a6d72730b79ecc198e3c7f36edc35a485a64618f8ef3dc00c858" /* sha256sum */

/* The sum of "abc", @hole bytes of a hole, "d". */
static bool digest_with_hole(uint64_t hole, char hex[DIGEST_HEX_SIZE])
{
	const struct content_piece pieces[] = { { 0, 3, (const uint8_t *)"abc" },
						{ 3, hole, NULL },
						{ 3 + hole, 1, (const uint8_t *)"d" } };
	struct digest              digest = { 0 };
	struct stream_digest       stream;
	struct error               err;
	uint8_t                    sum[DIGEST_BYTES];
	bool                       known;

	cr_assert(eq(int, stream_digest_start(&stream, &digest, &err), 0));
	for (size_t i = 0; i < COUNT(pieces); i++)
		cr_assert(eq(int, stream_digest_add(&stream, &pieces[i], &err), 0));
	cr_assert(eq(int, stream_digest_end(&stream, sum, &known, &err), 0));
	digest_release(&digest);
	digest_hex(sum, hex);
	return known;
}

Test(stream_digest, a_hole_counts_as_zeros)
{
	char hex[DIGEST_HEX_SIZE];

	cr_assert(that(digest_with_hole(70000, hex)));
	cr_expect(eq(str, hex, SUM_OF_ABC_70000_ZEROS_D));
}

Test(stream_digest, a_hole_beyond_reason_is_not_hashed, .timeout = 20)
{
	char hex[DIGEST_HEX_SIZE];

	cr_expect(that(!digest_with_hole(HOLE_HASHED + 1, hex)));
	cr_expect(that(!digest_with_hole(ABSURD, hex)));
}

/* -------- files of a volume -------- */

static void add_absurd(struct disk *disk)
{
	ntfs_inode *inode = disk_file(disk, ROOT, "absurd");
	ntfs_attr  *attr;

	inode->flags |= FILE_ATTR_SPARSE_FILE;
	attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	cr_assert(that(attr && ntfs_attr_truncate(attr, (s64)ABSURD) == 0));
	ntfs_attr_close(attr);
	disk_close(disk, inode);
}

/* Files met, and the sum of the one that has one. */
struct met {
	unsigned files, known;
	uint64_t largest;
	char     hex[DIGEST_HEX_SIZE];
};

static int meet(void *context, const struct case_record *record, const struct catalogue_digest *digests,
		struct error *err)
{
	struct met *met = context;

	(void)err;
	met->files++;
	for (size_t i = 0; i < record->streams.count; i++) {
		if (record->streams.items[i].size_bytes > met->largest)
			met->largest = record->streams.items[i].size_bytes;
		if (!digests[i].known)
			continue;
		met->known++;
		digest_hex(digests[i].sum, met->hex);
	}
	return 0;
}

Test(stream_digest, an_absurd_file_does_not_keep_a_capture, .timeout = 60)
{
	struct disk        disk;
	struct work_volume volume = { .letter = 'C', .read = true };
	struct met         met = { 0 };
	ntfs_inode        *inode;
	uint32_t           records[2];

	disk_make(&disk, "");
	inode = disk_file(&disk, ROOT, "small");
	disk_write(&disk, inode, "", 0, "x", 1);
	disk_close(&disk, inode);
	add_absurd(&disk);
	disk_read(&disk);

	volume.volume = disk.volumes.items[0];
	volume.tree = disk.tree;
	cr_assert(eq(int, file_reader_init(&volume.reader, &disk.tree.inventory, &disk.tree.extensions, &disk.err), 0));
	records[0] = volume_tree_find(&disk.tree, "\\absurd");
	records[1] = volume_tree_find(&disk.tree, "\\small");
	cr_assert(eq(int, content_digest_all(&volume, records, 2, meet, &met, &disk.err), 0), "%s", disk.err.text);
	cr_expect(eq(uint, met.files, 2));
	cr_expect(eq(u64, met.largest, ABSURD));
	cr_expect(eq(uint, met.known, 1));
	cr_expect(eq(str, met.hex, SUM_OF_X));
	file_reader_release(&volume.reader);
	disk_release(&disk);
}
