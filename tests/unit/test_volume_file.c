/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_volume_file.c - files of a live volume, written onto another and onto itself; libntfs-3g reads them
 * back */
#include "tests/unit/disk.h"

#include "core/endian.h"
#include "recover/volume_file.h"

#define ROOT file_ref_make(5, 5)
#define SOLID 300000u
#define HOLE_AT (1u << 20)
#define FILE_TIME 131000000000000000ull

/* Bytes that are the same for the same number. */
static struct blob noise(uint64_t seed, size_t size)
{
	struct blob blob = blob_zero(size);

	for (size_t i = 0; i < size; i++)
		blob.at[i] = (uint8_t)dice(&seed);
	return blob;
}

/* Compare a stream with what is wanted, and free both. */
static void expect_content(struct disk *disk, ntfs_inode *inode, const char *stream, struct blob wanted)
{
	struct blob got = disk_content(disk, inode, stream);

	cr_expect(that(got.size == wanted.size && memcmp(got.at, wanted.at, got.size) == 0), "stream '%s'",
		  stream);
	free(got.at);
	free(wanted.at);
}

/* A descriptor that no other file has: the inherited one, with another last part of the owner's SID. */
static struct blob own_descriptor(struct disk *disk, ntfs_inode *inode)
{
	struct SECURITY_CONTEXT context = { .vol = disk->mount.volume };
	struct blob             blob;
	int                     size = ntfs_get_ntfs_acl(&context, inode, NULL, 0);
	size_t                  owner;

	cr_assert(size > 0);
	blob = blob_zero((size_t)size);
	cr_assert(ntfs_get_ntfs_acl(&context, inode, (char *)blob.at, blob.size) == size);
	owner = le32_at(blob.at + 4);
	put_le32(blob.at + owner + 8 + 4 * (blob.at[owner + 1] - 1u), 4711);
	return blob;
}

static void expect_descriptor(struct disk *disk, ntfs_inode *inode, struct blob wanted)
{
	struct SECURITY_CONTEXT context = { .vol = disk->mount.volume };
	struct blob             got = blob_zero(wanted.size);

	cr_expect(ntfs_get_ntfs_acl(&context, inode, (char *)got.at, got.size) == (int)wanted.size);
	cr_expect(that(memcmp(got.at, wanted.at, wanted.size) == 0));
	free(got.at);
}

/* A file with a content, a resident and a long named stream, a hole, attributes, times, a descriptor of its
 * own. */
static struct blob make_source(struct disk *disk)
{
	struct PERMISSIONS_CACHE *none = NULL;
	struct SECURITY_CONTEXT   context = { .vol = disk->mount.volume, .pseccache = &none };
	ntfs_inode               *inode = disk_file(disk, disk_folder(disk, ROOT, "Users"), "source");
	struct blob               solid = noise(1, SOLID), late = noise(2, 5000), descriptor;

	inode->flags |= FILE_ATTR_SPARSE_FILE;
	disk_write(disk, inode, "", 0, solid.at, solid.size);
	disk_write(disk, inode, "", HOLE_AT, late.at, late.size);
	disk_write(disk, inode, "small", 0, "resident", 8);
	disk_write(disk, inode, "large", 0, solid.at, solid.size);
	descriptor = own_descriptor(disk, inode);
	cr_assert(ntfs_set_ntfs_acl(&context, inode, (const char *)descriptor.at, descriptor.size, 0) == 0);
	inode->flags |= FILE_ATTR_HIDDEN | FILE_ATTR_READONLY;
	inode->creation_time = cpu_to_sle64((s64)FILE_TIME);
	inode->last_data_change_time = cpu_to_sle64((s64)FILE_TIME + 1);
	NInoSetDirty(inode);
	disk_close(disk, inode);
	free(solid.at);
	free(late.at);
	return descriptor;
}

static struct blob whole_content(void)
{
	struct blob solid = noise(1, SOLID), late = noise(2, 5000), whole = blob_zero(HOLE_AT + 5000);

	memcpy(whole.at, solid.at, solid.size);
	memcpy(whole.at + HOLE_AT, late.at, late.size);
	free(solid.at);
	free(late.at);
	return whole;
}

/* Write "\Users\source" of one disk as "copy" into the root of another, or of the same. */
static ntfs_inode *copy_over(struct disk *from, struct disk *to, uint32_t *security_id)
{
	struct file_reader    reader;
	struct security_table securities = { 0 }; /* inside one volume none is needed */
	struct live_source    live = { .volume = &from->volumes.items[0], .securities = &securities };
	struct file_source    source = file_source_of_volume(&live);
	struct volume_writer  writer = { .mount = &to->mount, .source = &source, .same_volume = from == to };
	struct volume_file    file = { 0 };
	struct case_record    record;
	struct rebuild_result result = { 0 };
	struct error          err;

	cr_assert(eq(int, file_reader_init(&reader, &from->tree.inventory, &from->tree.extensions, &err), 0));
	if (from != to)
		cr_assert(eq(int, security_table_read(&securities, &reader, &err), 1));
	cr_assert(eq(int,
		     volume_tree_load(&from->tree, &reader, volume_tree_find(&from->tree, "\\Users\\source"),
				      &record, &err),
		     0));
	file.inode = disk_file(to, ROOT, "copy");
	cr_assert(eq(int, volume_file_fill(&writer, &file, &record, &result, &err), 0), "%s", err.text);
	cr_assert(eq(int, volume_file_dress(&writer, &file, &record, &err), 0), "%s", err.text);
	cr_expect(eq(uint, file.unkept, 0));
	cr_expect(eq(int, result.grade, GRADE_INTACT));
	cr_expect(eq(sz, result.streams.count, 2));
	cr_expect(eq(int, volume_file_agrees(&writer, file.inode, &result, &err), 1));
	*security_id = record.file.security_id;
	cr_expect(eq(u32, volume_writer_security(&writer, &record), le32_to_cpu(file.inode->security_id)));
	rebuild_result_release(&result);
	case_record_release(&record);
	volume_writer_release(&writer);
	content_buffers_release(&live.buffers);
	security_table_release(&securities);
	file_reader_release(&reader);
	return file.inode;
}

static void expect_source(struct disk *disk, ntfs_inode *inode, struct blob descriptor)
{
	struct blob small = blob_copy("resident", 8);

	expect_content(disk, inode, "", whole_content());
	expect_content(disk, inode, "small", small);
	expect_content(disk, inode, "large", noise(1, SOLID));
	expect_descriptor(disk, inode, descriptor);
	cr_expect(eq(u64, (uint64_t)sle64_to_cpu(inode->creation_time), FILE_TIME));
	cr_expect(eq(u64, (uint64_t)sle64_to_cpu(inode->last_data_change_time), FILE_TIME + 1));
	cr_expect(that((le32_to_cpu(inode->flags) & 7) == (FILE_IS_HIDDEN | FILE_IS_READ_ONLY)));
}

Test(volume_file, of_a_live_volume_is_the_same_on_another)
{
	struct disk from, to;
	struct blob descriptor;
	ntfs_inode *inode;
	uint32_t    id;

	disk_make(&from, "");
	disk_make(&to, "-c 1024");
	descriptor = make_source(&from);
	disk_read(&from);
	inode = copy_over(&from, &to, &id);
	expect_source(&to, inode, descriptor);
	disk_close(&to, inode);
	free(descriptor.at);
	disk_release(&to);
	disk_release(&from);
}

Test(volume_file, on_its_own_volume_keeps_its_security_id)
{
	struct disk disk;
	struct blob descriptor;
	ntfs_inode *inode;
	uint32_t    id;

	disk_make(&disk, "");
	descriptor = make_source(&disk);
	disk_read(&disk);
	inode = copy_over(&disk, &disk, &id);
	cr_expect(eq(u32, le32_to_cpu(inode->security_id), id));
	expect_source(&disk, inode, descriptor);
	disk_close(&disk, inode);
	free(descriptor.at);
	disk_release(&disk);
}

static int count_piece(void *to, const struct content_piece *piece, struct error *err)
{
	uint64_t *bytes = to;

	*bytes += piece->length;
	return *bytes > SOLID / 2 ? error_set(err, ERROR_IO, NULL, "enough") : 0;
}

Test(volume_file, reading_of_a_source_ends_where_the_reader_says)
{
	struct disk               disk;
	struct live_source        live = { 0 };
	struct file_source        source;
	struct file_reader        reader;
	struct case_record        record;
	struct verdict            verdict;
	struct error              err;
	struct blob               descriptor;
	uint64_t                  bytes = 0;
	const struct case_stream *content;

	disk_make(&disk, "");
	descriptor = make_source(&disk);
	disk_read(&disk);
	live.volume = &disk.volumes.items[0];
	source = file_source_of_volume(&live);
	cr_assert(eq(int, file_reader_init(&reader, &disk.tree.inventory, &disk.tree.extensions, &err), 0));
	cr_assert(eq(int,
		     volume_tree_load(&disk.tree, &reader, volume_tree_find(&disk.tree, "\\Users\\source"),
				      &record, &err),
		     0));
	content = case_record_content(&record);
	cr_assert(content != NULL);
	cr_expect(eq(int, source.read(source.context, &record, content, count_piece, &bytes, &verdict, &err),
		     -1));
	cr_expect(eq(str, err.text, (char *)"enough"));
	verdict_release(&verdict);
	case_record_release(&record);
	file_reader_release(&reader);
	content_buffers_release(&live.buffers);
	free(descriptor.at);
	disk_release(&disk);
}
