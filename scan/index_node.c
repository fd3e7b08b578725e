/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index_node.c - see index_node.h */
#include "scan/index_node.h"

#include "core/endian.h"

#include <assert.h>

struct index_header_disk {
	struct le32 entries_offset;  /* 0x00  bytes from the start of this header */
	struct le32 in_use_bytes;    /* 0x04  from there too */
	struct le32 allocated_bytes; /* 0x08 */
	uint8_t     flags;           /* 0x0c  1: entries have nodes below them */
	uint8_t     reserved[3];     /* 0x0d */
};
static_assert(sizeof(struct index_header_disk) == 0x10, "index header");

struct index_root_disk {
	struct le32 indexed_type;   /* 0x00  enum attribute_type */
	struct le32 collation;      /* 0x04  enum index_collation */
	struct le32 block_bytes;    /* 0x08 */
	uint8_t     block_clusters; /* 0x0c  or units of 512 bytes where a cluster is larger */
	uint8_t     reserved[3];    /* 0x0d */
};
static_assert(sizeof(struct index_root_disk) == 0x10, "$INDEX_ROOT");

struct index_block_disk {
	uint8_t     signature[4]; /* 0x00  "INDX" */
	struct le16 fixup_offset; /* 0x04  bytes */
	struct le16 fixup_count;  /* 0x06 */
	struct le64 lsn;          /* 0x08 */
	struct le64 vcn;          /* 0x10  of the block in its stream */
};
static_assert(sizeof(struct index_block_disk) == INDEX_BLOCK_HEADER_BYTES, "INDX block");

struct index_entry_disk {
	struct le64 ref;        /* 0x00  file reference; view indexes: where the data lies */
	struct le16 length;     /* 0x08  bytes, this header included */
	struct le16 key_length; /* 0x0a  bytes */
	struct le16 flags;      /* 0x0c  enum index_entry_flag */
	struct le16 reserved;   /* 0x0e */
};
static_assert(sizeof(struct index_entry_disk) == INDEX_ENTRY_HEAD_BYTES, "index entry");

#define INDEX_HEADER_BRANCHES 1u

/* The header that @from begins with, and the entries behind it. */
static int decode_header(struct bytes from, struct index_node *node, struct error *err)
{
	struct bytes             at = from, entries;
	struct index_header_disk disk;
	uint32_t                 start, in_use;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, from.offset, "index header is cut short");
	start = le32_get(disk.entries_offset);
	in_use = le32_get(disk.in_use_bytes);
	if (start < sizeof disk || in_use < start || !bytes_sub(from, start, in_use - start, &entries))
		return error_at(err, ERROR_BOUNDS, from.offset, "index entries leave their node");
	*node = (struct index_node){
		.branches = disk.flags & INDEX_HEADER_BRANCHES,
		.allocated_bytes = le32_get(disk.allocated_bytes),
		.entries = entries,
	};
	return 0;
}

int index_root_decode(struct bytes value, struct index_root *root, struct error *err)
{
	struct bytes           at = value;
	struct index_root_disk disk;
	struct index_node      node;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, value.offset, "index root is cut short");
	if (decode_header(at, &node, err) < 0)
		return -1;
	*root = (struct index_root){
		.indexed_type = le32_get(disk.indexed_type),
		.collation = le32_get(disk.collation),
		.block_bytes = le32_get(disk.block_bytes),
		.node = node,
	};
	return 0;
}

int index_block_decode(struct bytes block, struct index_block *decoded, struct error *err)
{
	struct bytes            at = block;
	struct index_block_disk disk;
	struct index_node       node;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, block.offset, "index block is cut short");
	if (memcmp(disk.signature, "INDX", 4) != 0)
		return error_at(err, ERROR_VALUE, block.offset, "no INDX block");
	if (decode_header(at, &node, err) < 0)
		return -1;
	*decoded = (struct index_block){ .lsn = le64_get(disk.lsn), .vcn = le64_get(disk.vcn), .node = node };
	return 0;
}

bool index_entry_head_read(struct bytes *from, struct index_entry_head *head)
{
	struct index_entry_disk disk;

	if (!bytes_read(from, &disk, sizeof disk))
		return false;
	*head = (struct index_entry_head){
		.ref = le64_get(disk.ref),
		.length = le16_get(disk.length),
		.key_length = le16_get(disk.key_length),
		.flags = le16_get(disk.flags),
	};
	return true;
}

int index_node_next(struct index_node *node, struct index_entry *entry, struct error *err)
{
	struct bytes            at = node->entries, rest = node->entries, whole, key = { 0 };
	struct index_entry_head head;
	struct index_entry      found;
	size_t                  room;

	if (node->ended)
		return 0;
	if (!index_entry_head_read(&at, &head))
		return error_at(err, ERROR_BOUNDS, rest.offset, "index node has no last entry");
	if (head.length % 8)
		return error_at(err, ERROR_VALUE, rest.offset, "index entry of %u bytes", head.length);
	if (head.length < INDEX_ENTRY_HEAD_BYTES || !bytes_take(&rest, head.length, &whole))
		return error_at(err, ERROR_BOUNDS, rest.offset, "index entry leaves its node");

	found = (struct index_entry){
		.ref = head.ref,
		.flags = head.flags,
		.last = head.flags & INDEX_ENTRY_LAST,
		.has_child = head.flags & INDEX_ENTRY_HAS_CHILD,
		.whole = whole,
	};
	room = head.length - INDEX_ENTRY_HEAD_BYTES;
	if (found.has_child) {
		if (room < 8)
			return error_at(err, ERROR_BOUNDS, whole.offset,
					"index entry has no room for its child");
		room -= 8;
		found.child_vcn = le64_at(whole.at + head.length - 8);
	}
	if (!found.last) {
		if (head.key_length > room || !bytes_sub(whole, INDEX_ENTRY_HEAD_BYTES, head.key_length, &key))
			return error_at(err, ERROR_BOUNDS, whole.offset, "key leaves its index entry");
		found.key = key;
	}
	node->entries = rest;
	node->ended = found.last;
	*entry = found;
	return 1;
}
