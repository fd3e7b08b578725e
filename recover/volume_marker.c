/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_marker.c - see volume_marker.h */
#include "recover/volume_marker.h"

#include "core/cleanup.h"
#include "core/endian.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define MAGIC "holdfast rebuild" /* 16 bytes, without its end */
#define VERSION 1u
#define ENTRIES_AT 64u
#define ZEROS_BYTES 65536u

struct header_disk {
	uint8_t     magic[16]; /* 0x00 */
	struct le32 version;   /* 0x10 */
	struct le32 reserved;  /* 0x14 */
	struct le64 count;     /* 0x18  entries */
	uint8_t     plan[32];  /* 0x20  SHA-256 */
};
static_assert(sizeof(struct header_disk) == ENTRIES_AT, "marker header");

struct entry_disk {
	struct le64 ref;    /* 0x00 */
	struct le32 unkept; /* 0x08 */
	struct le32 state;  /* 0x0c  enum marker_state */
};
static_assert(sizeof(struct entry_disk) == 16, "marker entry");

static struct header_disk header_of(const uint8_t plan[DIGEST_BYTES], uint64_t count)
{
	struct header_disk header = { .version = le32_make(VERSION), .count = le64_make(count) };

	memcpy(header.magic, MAGIC, sizeof header.magic);
	memcpy(header.plan, plan, sizeof header.plan);
	return header;
}

static int write_marker(struct volume_marker *marker, uint64_t place, const void *bytes, size_t length,
			struct error *err)
{
	if (ntfs_attr_pwrite(marker->attr, (s64)place, (s64)length, bytes) != (s64)length)
		return ntfs3g_failed(marker->mount, "cannot note the progress on the destination", err);
	return ntfs3g_check(marker->mount, err);
}

/* All of it at once, so that noting progress later changes no sizes and needs no room. */
static int write_all(struct volume_marker *marker, const struct header_disk *header, struct error *err)
{
	static const uint8_t zeros[ZEROS_BYTES];
	uint64_t             end = ENTRIES_AT + marker->count * sizeof(struct entry_disk);

	if (ntfs_attr_truncate_solid(marker->attr, (s64)end))
		return ntfs3g_failed(marker->mount, "cannot note the progress on the destination", err);
	for (uint64_t at = 0; at < end; at += ZEROS_BYTES)
		if (write_marker(marker, at, zeros, end - at < ZEROS_BYTES ? (size_t)(end - at) : ZEROS_BYTES,
				 err) < 0)
			return -1;
	return write_marker(marker, 0, header, sizeof *header, err);
}

static int open_attribute(struct volume_marker *marker, struct error *err)
{
	marker->attr = ntfs_attr_open(marker->inode, AT_DATA, AT_UNNAMED, 0);
	return marker->attr ? 0 : ntfs3g_failed(marker->mount, "cannot open the note of progress", err);
}

int volume_marker_create(struct volume_marker *marker, struct ntfs3g *mount, file_ref folder,
			 const struct ntfs3g_name *name, const uint8_t plan[DIGEST_BYTES], uint64_t count,
			 struct error *err)
{
	struct header_disk header = header_of(plan, count);

	*marker = (struct volume_marker){ .mount = mount, .count = count };
	if (ntfs3g_make_file(mount, folder, name, 0, &marker->inode, err) < 0)
		return -1;
	marker->ref = ntfs3g_ref(marker->inode);
	marker->inode->flags &= ~(le32)FILE_ATTR_COMPRESSED; /* which it may inherit */
	if (open_attribute(marker, err) < 0 || write_all(marker, &header, err) < 0)
		return -1;
	if (ntfs_inode_sync(marker->inode) < 0)
		return ntfs3g_failed(mount, "cannot note the progress on the destination", err);
	return 0;
}

int volume_marker_open(struct volume_marker *marker, struct ntfs3g *mount, file_ref ref,
		       const uint8_t plan[DIGEST_BYTES], uint64_t count, struct error *err)
{
	struct header_disk wanted = header_of(plan, count), found;

	*marker = (struct volume_marker){ .mount = mount, .count = count, .ref = ref };
	if (ntfs3g_open(mount, ref, &marker->inode, err) < 0)
		return -1;
	if (!marker->inode || marker->inode->mrec->flags & MFT_RECORD_IS_DIRECTORY)
		return 0;
	if (open_attribute(marker, err) < 0)
		return -1;
	if (marker->attr->data_size < (s64)sizeof found)
		return 0;
	if (ntfs_attr_pread(marker->attr, 0, sizeof found, &found) != (s64)sizeof found)
		return ntfs3g_failed(mount, "cannot read the note of progress", err);
	return memcmp(&wanted, &found, sizeof found) == 0 &&
	       (uint64_t)marker->attr->data_size == ENTRIES_AT + count * sizeof(struct entry_disk);
}

static uint64_t place_of(const struct volume_marker *marker, uint64_t index)
{
	assert(index < marker->count);
	return ENTRIES_AT + index * sizeof(struct entry_disk);
}

int volume_marker_get(struct volume_marker *marker, uint64_t index, struct marker_entry *entry,
		      struct error *err)
{
	struct entry_disk disk;

	if (ntfs_attr_pread(marker->attr, (s64)place_of(marker, index), sizeof disk, &disk) !=
	    (s64)sizeof disk)
		return ntfs3g_failed(marker->mount, "cannot read the note of progress", err);
	*entry = (struct marker_entry){ le64_get(disk.ref), le32_get(disk.unkept), MARKER_NOTHING };
	if (le32_get(disk.state) == MARKER_DONE)
		entry->state = MARKER_DONE;
	return 0;
}

int volume_marker_set(struct volume_marker *marker, uint64_t index, const struct marker_entry *entry,
		      struct error *err)
{
	struct entry_disk disk = { le64_make(entry->ref), le32_make(entry->unkept), le32_make(entry->state) };

	return write_marker(marker, place_of(marker, index), &disk, sizeof disk, err);
}

int volume_marker_close(struct volume_marker *marker, struct error *err)
{
	ntfs_inode *inode = TAKE(marker->inode);

	if (marker->attr)
		ntfs_attr_close(TAKE(marker->attr));
	return inode ? ntfs3g_close(marker->mount, inode, err) : 0;
}
