/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive_format.h - how a registry hive lies on disk, and whether one is sound
 *
 * A base block of 4096 bytes, then bins of whole pages, filled with cells.  Cells point at one another by
 * offsets from the first bin.  hive_check looks at all that can be reached from the root, so that whoever
 * reads the hive afterwards may trust its offsets, counts and sizes; the decoders below stay inside their
 * bytes in any case. Format: Maxim Suhanov, "Windows registry file format specification", versions 1.3
 * to 1.6.
 */
#ifndef RECOVER_REGISTRY_HIVE_FORMAT_H
#define RECOVER_REGISTRY_HIVE_FORMAT_H

#include "core/bytes.h"
#include "core/endian.h"
#include "core/error.h"

#include <assert.h>

#define HIVE_BASE_BYTES 4096u /* base block; where the first bin starts */
#define HIVE_PAGE_BYTES 4096u
#define HIVE_BIN_HEADER 32u
#define HIVE_NOWHERE 0xffffffffu   /* offset of nothing */
#define HIVE_DEPTH_MAX 512u        /* keys below keys, as in Windows */
#define HIVE_SEGMENT_BYTES 16344u  /* larger values lie in segments, from version 1.4 on */
#define HIVE_SMALL_BYTES 4u        /* of a value that lies in its record */
#define HIVE_IN_RECORD 0x80000000u /* bit of the size of such a value */

struct hive_base_disk {
	char        signature[4];   /* 0x00  "regf" */
	struct le32 primary;        /* 0x04  sequence number, counted up before a change is written */
	struct le32 secondary;      /* 0x08  and after it */
	struct le64 written;        /* 0x0c  100 ns since 1601 */
	struct le32 major;          /* 0x14 */
	struct le32 minor;          /* 0x18 */
	struct le32 type;           /* 0x1c  enum hive_file_type */
	struct le32 format;         /* 0x20  1 */
	struct le32 root;           /* 0x24  cell of the root key */
	struct le32 bins_bytes;     /* 0x28  all bins */
	struct le32 clustering;     /* 0x2c  512-byte units of a sector: of logs in the old form */
	uint8_t     file_name[64];  /* 0x30  UTF-16LE */
	uint8_t     reserved1[32];  /* 0x70 */
	struct le32 flags;          /* 0x90 */
	uint8_t     reserved2[360]; /* 0x94 */
	struct le32 checksum;       /* 0x1fc XOR of all numbers before it */
};
static_assert(sizeof(struct hive_base_disk) == 512, "base block");

enum hive_file_type { HIVE_PRIMARY = 0, HIVE_LOG_OLD = 1, HIVE_LOG_NT = 2, HIVE_LOG_NEW = 6 };

struct hive_bin_disk {
	char        signature[4]; /* 0x00  "hbin" */
	struct le32 offset;       /* 0x04  from the first bin */
	struct le32 size;         /* 0x08  whole pages */
	uint8_t     reserved[8];  /* 0x0c */
	struct le64 written;      /* 0x14  of the first bin: as in the base block */
	uint8_t     spare[4];     /* 0x1c */
};
static_assert(sizeof(struct hive_bin_disk) == HIVE_BIN_HEADER, "bin");

struct hive_key_disk {
	char        signature[2];     /* 0x00  "nk" */
	struct le16 flags;            /* 0x02  enum hive_key_flags */
	struct le64 written;          /* 0x04  100 ns since 1601 */
	uint8_t     access[4];        /* 0x0c */
	struct le32 parent;           /* 0x10 */
	struct le32 subkeys;          /* 0x14 */
	uint8_t     volatiles[4];     /* 0x18  of no meaning on disk */
	struct le32 subkey_list;      /* 0x1c */
	uint8_t     volatile_list[4]; /* 0x20 */
	struct le32 values;           /* 0x24 */
	struct le32 value_list;       /* 0x28 */
	struct le32 security;         /* 0x2c */
	struct le32 class_name;       /* 0x30 */
	uint8_t     largest[20];      /* 0x34  names and data below */
	struct le16 name_bytes;       /* 0x48 */
	struct le16 class_bytes;      /* 0x4a */
};
static_assert(sizeof(struct hive_key_disk) == 0x4c, "key");

enum hive_key_flags {
	HIVE_KEY_NARROW = 0x20,     /* the name is Latin-1 */
	HIVE_KEY_PREDEFINED = 0x40, /* .values is a handle: there are none */
};

struct hive_value_disk {
	char        signature[2]; /* 0x00  "vk" */
	struct le16 name_bytes;   /* 0x02  0 of the default value */
	struct le32 size;         /* 0x04  bytes, and HIVE_IN_RECORD */
	struct le32 data;         /* 0x08  cell, or the data */
	struct le32 type;         /* 0x0c */
	struct le16 flags;        /* 0x10  1: the name is Latin-1 */
	uint8_t     spare[2];     /* 0x12 */
};
static_assert(sizeof(struct hive_value_disk) == 0x14, "value");

/* lf, lh, li, ri: then the entries, eight bytes each of lf and lh, four of li and ri. */
struct hive_list_disk {
	char        signature[2]; /* 0x00 */
	struct le16 count;        /* 0x02 */
};

struct hive_security_disk {
	char        signature[2]; /* 0x00  "sk" */
	uint8_t     reserved[2];  /* 0x02 */
	struct le32 next;         /* 0x04 */
	struct le32 previous;     /* 0x08 */
	struct le32 users;        /* 0x0c  keys that refer to it */
	struct le32 size;         /* 0x10  of the descriptor that follows */
};

struct hive_segments_disk {
	char        signature[2]; /* 0x00  "db" */
	struct le16 count;        /* 0x02 */
	struct le32 list;         /* 0x04  cell of the segments' offsets */
};

/* -------- decoders -------- */

/* A name as it lies. */
struct hive_name {
	const uint8_t *at;
	size_t         units;
	bool           narrow; /* Latin-1, else UTF-16LE */
};

static inline uint16_t hive_name_unit(const struct hive_name *name, size_t i)
{
	return name->narrow ? name->at[i] : le16_at(name->at + 2 * i);
}

/* Key and value names compare unit by unit as upper case, and then the shorter is first. */
struct upcase;
int hive_name_compare(const struct upcase *upcase, const struct hive_name *a, const struct hive_name *b);

struct hive_key_record {
	uint32_t         flags;
	uint64_t         written;
	uint32_t         parent;
	uint32_t         subkeys;
	uint32_t         subkey_list;
	uint32_t         values; /* 0 of a predefined key */
	uint32_t         value_list;
	uint32_t         security;
	uint32_t         class_name;
	size_t           class_bytes;
	struct hive_name name;
};

struct hive_value_record {
	uint32_t         type;
	size_t           size;
	uint32_t         cell; /* of the data; HIVE_NOWHERE if it lies in the record, or there is none */
	struct bytes     in_record;
	struct hive_name name;
};

/* XOR of the base block's numbers, as its .checksum has it.  @base  512 bytes */
uint32_t hive_base_checksum(const uint8_t *base);

/* Neither being changed nor torn. */
bool hive_base_is_clean(const uint8_t *base);

/* Bytes of the hive, by its base block: what follows is of no meaning. */
size_t hive_bytes(const uint8_t *base);

/* What the cell at @offset from the first bin holds.  @hive  base block and bins */
MUST_CHECK int hive_cell(struct bytes hive, uint32_t offset, struct bytes *content, struct error *err);

MUST_CHECK int hive_key_decode(struct bytes hive, uint32_t offset, struct hive_key_record *key,
			       struct error *err);
MUST_CHECK int hive_value_decode(struct bytes hive, uint32_t offset, struct hive_value_record *value,
				 struct error *err);

/* Copy a value's data, from wherever it lies, to @to: .size bytes. */
MUST_CHECK int hive_value_copy(struct bytes hive, const struct hive_value_record *value, uint8_t *to,
			       struct error *err);

/* -------- the whole -------- */

/* What hive_walk meets, parents first.  Either may be NULL; anything but 0 ends the walk. */
struct hive_visitor {
	int (*key)(void *context, uint32_t offset, const struct hive_key_record *key, struct error *err);
	int (*value)(void *context, uint32_t offset, const struct hive_value_record *value,
		     struct error *err);
	void *context;
};

/*
 * Check a hive from its base block to the last value, and visit what is in it.
 *
 * Every cell that is used is a whole cell, in use, and used once (security descriptors aside); lists have the
 * length that they say; nothing is its own ancestor.  Bytes after the last bin, and cells that nobody uses,
 * do not matter.
 * @hive     what the file holds; .offset 0
 * @visitor  NULL: only check
 * Returns 0, or -1 with what is wrong and where.
 */
MUST_CHECK int hive_walk(struct bytes hive, const struct hive_visitor *visitor, struct error *err);

#endif
