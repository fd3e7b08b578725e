/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * index_node.h - one node of an index: the root, or one INDX block
 *
 * Pure: bytes with their fix-ups undone in, entries out, one at a time.  Live
 * entries only; what lies behind the end of use is not looked at.
 * Format: libntfs-3g layout.h, INDEX_ROOT, INDEX_BLOCK, INDEX_HEADER, INDEX_ENTRY.
 */
#ifndef SCAN_INDEX_NODE_H
#define SCAN_INDEX_NODE_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file_ref.h"

enum index_collation {
	COLLATION_BINARY = 0x00,
	COLLATION_FILE_NAME = 0x01, /* directories: see upcase.h */
	COLLATION_ULONG = 0x10,     /* $SII, $Q */
	COLLATION_SID = 0x11,
	COLLATION_SECURITY_HASH = 0x12, /* $SDH: hash, then id */
	COLLATION_ULONGS = 0x13,        /* $R, $O of $ObjId */
};

#define INDEX_BLOCK_HEADER_BYTES 0x18u /* before the node's own header */
#define INDEX_VCN_BYTES 512u /* what VCNs of an index count where a cluster is larger than a block */

struct index_node {
	bool         branches;        /* the header says that entries have nodes below them */
	bool         ended;           /* the last entry has been given */
	uint32_t     allocated_bytes; /* of the node, its header included, as it says */
	struct bytes entries;         /* the rest of them, up to the end of use */
};

struct index_root {
	uint32_t          indexed_type; /* enum attribute_type, 0 for view indexes */
	uint32_t          collation;    /* enum index_collation */
	uint32_t          block_bytes;
	struct index_node node;
};

struct index_block {
	uint64_t          lsn;
	uint64_t          vcn; /* of the block itself, as it says */
	struct index_node node;
};

#define INDEX_ENTRY_FLAGS 3u

struct index_entry {
	file_ref     ref;   /* directories only: the file */
	uint16_t     flags; /* as they are; the two that exist are told by .last and .has_child */
	bool         last;  /* ends the node; has no key */
	bool         has_child;
	uint64_t     child_vcn; /* of the node with all that sorts before this entry */
	struct bytes key;       /* directories: a $FILE_NAME */
	struct bytes whole;
};

/* Decode the value of an $INDEX_ROOT.  Returns 0, or -1 with ERROR_BOUNDS. */
MUST_CHECK int index_root_decode(struct bytes value, struct index_root *root, struct error *err);

/*
 * Decode a whole INDX block, fix-ups undone.
 * Returns 0, or -1 with ERROR_VALUE (no INDX block) or ERROR_BOUNDS.
 */
MUST_CHECK int index_block_decode(struct bytes block, struct index_block *decoded, struct error *err);

#define INDEX_ENTRY_HEAD_BYTES 0x10u

/* The head of an entry, for those that are found outside a node: nothing in it is checked. */
struct index_entry_head {
	file_ref ref;
	uint16_t length; /* bytes of the entry, the head included */
	uint16_t key_length;
	uint16_t flags;  /* enum index_entry_flag */
};

enum index_entry_flag {
	INDEX_ENTRY_HAS_CHILD = 1, /* the last 8 bytes are its VCN */
	INDEX_ENTRY_LAST = 2,
};

/* Read a head and move past it.  False, and nothing moves, when fewer bytes are left. */
bool index_entry_head_read(struct bytes *from, struct index_entry_head *head);

/*
 * The next entry; @node moves past it.
 * Returns 1 for an entry (the last one included), 0 behind the last, -1 with ERROR_BOUNDS when
 * something leaves its container or the entries have no end, ERROR_VALUE for lengths of odd size.
 */
MUST_CHECK int index_node_next(struct index_node *node, struct index_entry *entry, struct error *err);

#endif
