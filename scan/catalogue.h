/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * catalogue.h - holdfast.cat: what a capture writes into its store about every file
 *
 * Pure: one block in, its items out.  A catalogue is a row of blocks of 4096 bytes, kept
 * twice.  A block tells by itself where the clusters of its files are, so any one that is
 * carved from raw clusters is of use.  Numbers are little-endian, texts are WTF-8
 * (core/utf16.h) without an end, times are 100 ns since 1601 UTC, bytes behind the
 * items are zeros.
 *
 * A block is a header and items, one behind the other.  An item begins with its length,
 * so a type that is not known can be passed over.  An entry is what is said of one file:
 *   FILE, its NAMEs, then for each stream STREAM, its RUNS or VALUE, and DIGEST if there is one.
 * What does not fit into its block goes on in the next: RUNS from another VCN, the others
 * as pieces that say where they belong.  A block that goes on with an entry begins with
 * the entry's FILE, its first NAME if that is short, and the STREAM at hand, marked REPEATED.
 * TEXTs come first, a SECURITY before the entries that use it, END at the very end.
 *
 * Payloads by type, behind struct catalogue_item_disk:
 *   TEXT      struct catalogue_piece_disk, then key, a zero byte, value
 *   FILE      struct catalogue_file_disk
 *   NAME      struct catalogue_name_disk, then the piece's bytes behind those that it
 *             shares with the NAME item before it in the same block
 *   STREAM    struct catalogue_stream_disk, then the stream's name
 *   RUNS      le64 first VCN, then mapping pairs as in NTFS, with their zero byte; the
 *             first LCN counts from 0
 *   VALUE     struct catalogue_piece_disk, then bytes of the resident content
 *   DIGEST    32 bytes, SHA-256 of the stream's content
 *   SECURITY  struct catalogue_piece_disk, then bytes of the self-relative descriptor
 *   END       struct catalogue_end_disk
 */
#ifndef SCAN_CATALOGUE_H
#define SCAN_CATALOGUE_H

#include "core/bytes.h"
#include "core/digest.h"
#include "core/endian.h"
#include "core/error.h"
#include "scan/file_ref.h"
#include "scan/standard_information.h"

#include <assert.h>

#define CATALOGUE_FILE_NAME "holdfast.cat"
#define CATALOGUE_MAGIC "HOLDFCAT" /* 8 bytes, without its end */
#define CATALOGUE_VERSION 1u
#define CATALOGUE_BLOCK_BYTES 4096u
#define CATALOGUE_UUID_BYTES 16u
#define CATALOGUE_VALUE_MAX 65536u /* bytes of a resident stream: no record is larger */

#define CATALOGUE_LETTER_SHIFT 2 /* of CATALOGUE_NAME_LETTER */

/* -------- as it lies on the volume -------- */

struct catalogue_header_disk {
	uint8_t     magic[8];      /* 0x00 */
	struct le16 version;       /* 0x08  of the format */
	struct le16 header_bytes;  /* 0x0a  where the items begin: 0x60 */
	struct le32 generation;    /* 0x0c  of the store */
	uint8_t     uuid[16];      /* 0x10  of the store */
	struct le64 number;        /* 0x20  of this block, from 0 */
	struct le64 blocks;        /* 0x28  of one copy */
	struct le64 place;         /* 0x30  of this very block on the volume, bytes */
	struct le64 serial;        /* 0x38  of the volume */
	struct le64 clusters;      /* 0x40  of the volume */
	struct le32 cluster_bytes; /* 0x48 */
	struct le16 used_bytes;    /* 0x4c  header and items */
	uint8_t     letter;        /* 0x4e  of the drive, 'A' to 'Z' */
	uint8_t     zeros[9];      /* 0x4f */
	struct le64 checksum;      /* 0x58  XXH3-64 of the whole block, with zeros in this field */
};
static_assert(sizeof(struct catalogue_header_disk) == 0x60, "catalogue header");

enum catalogue_item_type {
	CATALOGUE_TEXT = 1, /* a fact of the capture */
	CATALOGUE_FILE = 2, /* a file or directory: an entry begins */
	CATALOGUE_NAME = 3,
	CATALOGUE_STREAM = 4,
	CATALOGUE_RUNS = 5,
	CATALOGUE_VALUE = 6,
	CATALOGUE_DIGEST = 7,
	CATALOGUE_SECURITY = 8,
	CATALOGUE_END = 9,
};

enum catalogue_item_flag {
	CATALOGUE_REPEATED = 0x80,   /* stands in an earlier block too */
	CATALOGUE_DIRECTORY = 0x01,  /* FILE */
	CATALOGUE_INFO_KNOWN = 0x02, /* FILE: times, attributes and security id are known */
	CATALOGUE_COPIED = 0x04,   /* FILE: the store has a copy of the content, for it could not be linked */
	CATALOGUE_NAME_DOS = 0x01, /* NAME: 8.3 alias of the long name in the same directory */
	CATALOGUE_NAME_CAPTURED = 0x02, /* NAME: the store holds it, below File\<letter>$ */
	CATALOGUE_NAME_LETTER = 0x7c,   /* NAME: of its drive, 'A' is 1 in these bits; 0: the header's */
	CATALOGUE_RESIDENT = 0x01,      /* STREAM: content in VALUE, not in RUNS */
};

struct catalogue_item_disk {
	struct le16 length; /* 0x00  bytes, this header included */
	uint8_t     type;   /* 0x02  enum catalogue_item_type */
	uint8_t     flags;  /* 0x03  enum catalogue_item_flag */
	struct le32 number; /* 0x04  NAME: which one of its file, from 0; STREAM, RUNS, VALUE, DIGEST: which
			       stream of its file, from 0; SECURITY: security id; TEXT: which one, from 0 */
	struct le64 ref;    /* 0x08  file_ref; 0 in TEXT, SECURITY and END */
};
static_assert(sizeof(struct catalogue_item_disk) == 0x10, "catalogue item");

struct catalogue_file_disk {
	struct le64 created;     /* 0x00 */
	struct le64 written;     /* 0x08 */
	struct le64 changed;     /* 0x10 */
	struct le64 accessed;    /* 0x18 */
	struct le32 attributes;  /* 0x20  FILE_ATTRIBUTE_* */
	struct le32 security_id; /* 0x24 */
	struct le32 names;       /* 0x28  NAMEs of this entry, each counted once */
	struct le32 streams;     /* 0x2c  STREAMs of this entry */
	struct le16 link_count;  /* 0x30  of the record, when it was captured */
};
static_assert(sizeof(struct catalogue_file_disk) == 0x32, "catalogue file");

struct catalogue_piece_disk {
	struct le32 total;  /* 0x00  bytes of all pieces together */
	struct le32 offset; /* 0x04  of this piece */
};
static_assert(sizeof(struct catalogue_piece_disk) == 0x08, "catalogue piece");

struct catalogue_name_disk {
	struct catalogue_piece_disk piece;  /* 0x00  of the path on the volume: \Users\a\x.txt */
	struct le64                 parent; /* 0x08  file_ref of the directory */
	struct le16 shared; /* 0x10  first bytes of this piece that are those of the NAME item before */
};
static_assert(sizeof(struct catalogue_name_disk) == 0x12, "catalogue name");

struct catalogue_stream_disk {
	struct le32 type;            /* 0x00  enum attribute_type */
	struct le16 flags;           /* 0x04  enum attribute_flag */
	uint8_t     unit_shift;      /* 0x06  clusters of a compression unit as a power of two; 0: none */
	uint8_t     zero;            /* 0x07 */
	struct le64 size_bytes;      /* 0x08 */
	struct le64 valid_bytes;     /* 0x10 */
	struct le64 allocated_bytes; /* 0x18 */
	struct le64 runs;            /* 0x20  of all RUNS of the stream together */
};
static_assert(sizeof(struct catalogue_stream_disk) == 0x28, "catalogue stream");

struct catalogue_end_disk {
	struct le64 files;       /* 0x00 */
	struct le64 directories; /* 0x08 */
	struct le64 names;       /* 0x10  of both */
	struct le64 bytes;       /* 0x18  of the files' unnamed streams */
};
static_assert(sizeof(struct catalogue_end_disk) == 0x20, "catalogue end");

/* -------- what it means -------- */

struct catalogue_header {
	uint8_t  uuid[CATALOGUE_UUID_BYTES];
	uint32_t generation;
	uint64_t number;      /* of this block */
	uint64_t blocks;      /* more than .number */
	uint64_t place_bytes; /* of this block on the volume */
	uint64_t serial;
	uint64_t clusters;      /* of the volume */
	uint32_t cluster_bytes; /* 256 to 2 MiB, a power of two */
	char     letter;        /* 'A' to 'Z' */
};

struct catalogue_block {
	struct catalogue_header header;
	struct bytes            items;       /* those that are left */
	uint8_t name[CATALOGUE_BLOCK_BYTES]; /* piece of the last NAME item, its shared bytes included */
	size_t  name_bytes;
};

struct catalogue_totals {
	uint64_t files, directories;
	uint64_t names; /* of both */
	uint64_t bytes; /* of the files' unnamed streams */
};

struct catalogue_item {
	uint8_t      type;   /* enum catalogue_item_type */
	uint8_t      flags;  /* enum catalogue_item_flag */
	uint32_t     number; /* of the name or stream; security id */
	file_ref     ref;
	uint32_t     total;  /* TEXT, NAME, VALUE, SECURITY: bytes of all pieces together */
	uint32_t     offset; /* of .bytes in them; the piece ends at .total or before */
	struct bytes bytes;  /* the piece; STREAM: its name; RUNS: mapping pairs; DIGEST: DIGEST_BYTES */
	union {
		struct {
			struct file_times times;
			uint32_t          attributes, security_id, names, streams;
			uint16_t          link_count;
		} file;
		struct {
			uint32_t type;  /* enum attribute_type */
			uint16_t flags; /* enum attribute_flag */
			uint8_t  unit_shift;
			uint64_t size_bytes, valid_bytes, allocated_bytes;
			uint64_t runs;
		} stream;
		file_ref                parent;    /* NAME */
		uint64_t                first_vcn; /* RUNS */
		struct catalogue_totals totals;    /* END */
	};
};

/*
 * Check a block: magic, version, checksum, numbers of the header.
 * @raw    CATALOGUE_BLOCK_BYTES of them, borrowed while items are read
 * Returns 0, or -1 with ERROR_BOUNDS (not one block), ERROR_VALUE (no catalogue, or damaged),
 * ERROR_UNSUPPORTED (another format version).
 */
MUST_CHECK int catalogue_block_decode(struct bytes raw, struct catalogue_block *block, struct error *err);

/*
 * Decode the next item whose type is known.  What it points to is valid until the next call.
 * Returns 1, 0 behind the last, -1 with ERROR_BOUNDS or ERROR_VALUE for an item that the format does not
 * have.
 */
MUST_CHECK int catalogue_item_next(struct catalogue_block *block, struct catalogue_item *item,
				   struct error *err);

/* What the header's checksum of @block must be. */
uint64_t catalogue_checksum(const uint8_t block[CATALOGUE_BLOCK_BYTES]);

/* WTF-8 of at most NAME_UNITS_MAX units, without a separator or a plain zero; of a stream it may be empty. */
bool catalogue_is_name(const char *text, size_t length);

/* "\" or names that are not empty, each behind a backslash. */
bool catalogue_is_path(const char *text, size_t length);

#endif
