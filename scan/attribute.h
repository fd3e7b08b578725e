/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attribute.h - the attributes inside one FILE record
 *
 * Pure.  Gives each attribute's header in host order, and windows on its name
 * and on its value (resident) or mapping pairs (non-resident).
 * Format: libntfs-3g layout.h, ATTR_RECORD.
 */
#ifndef SCAN_ATTRIBUTE_H
#define SCAN_ATTRIBUTE_H

#include "core/bytes.h"
#include "core/error.h"

enum attribute_type {
	ATTRIBUTE_STANDARD_INFORMATION = 0x10,
	ATTRIBUTE_LIST                 = 0x20,
	ATTRIBUTE_FILE_NAME            = 0x30,
	ATTRIBUTE_OBJECT_ID            = 0x40,
	ATTRIBUTE_SECURITY_DESCRIPTOR  = 0x50,
	ATTRIBUTE_VOLUME_NAME          = 0x60,
	ATTRIBUTE_VOLUME_INFORMATION   = 0x70,
	ATTRIBUTE_DATA                 = 0x80,
	ATTRIBUTE_INDEX_ROOT           = 0x90,
	ATTRIBUTE_INDEX_ALLOCATION     = 0xa0,
	ATTRIBUTE_BITMAP               = 0xb0,
	ATTRIBUTE_REPARSE_POINT        = 0xc0,
	ATTRIBUTE_EA_INFORMATION       = 0xd0,
	ATTRIBUTE_EA                   = 0xe0,
	ATTRIBUTE_LOGGED_STREAM        = 0x100, /* $EFS, $TXF_DATA */
};
#define ATTRIBUTE_END 0xffffffffu

enum attribute_flag {
	ATTRIBUTE_COMPRESSED = 0x0001,
	ATTRIBUTE_ENCRYPTED  = 0x4000,
	ATTRIBUTE_SPARSE     = 0x8000,
};

struct attribute {
	uint32_t     type;         /* enum attribute_type */
	uint16_t     flags;        /* enum attribute_flag */
	uint16_t     instance;     /* unique within the record */
	bool         resident;
	uint8_t      unit_shift;   /* clusters of a compression unit as a power of two; 0: none */
	struct bytes name;         /* UTF-16LE, 2 bytes a unit */
	struct bytes value;        /* resident */
	struct bytes pairs;        /* non-resident: mapping pairs */
	uint64_t     lowest_vcn;   /* clusters; above 0 in the later parts of a split attribute */
	uint64_t     highest_vcn;  /* last one; lowest_vcn - 1 for an empty stream */
	uint64_t     size_bytes;   /* of the stream; these three only where lowest_vcn is 0 */
	uint64_t     valid_bytes;  /* written so far; zeroes from there */
	uint64_t     allocated_bytes;
	struct bytes whole;        /* the attribute with its header */
};

/*
 * Decode the next attribute.
 * @record  what is left of the record's attributes; moves past the attribute
 * Returns 1 for an attribute, 0 at the end marker (or where the bytes in use end right behind
 * an attribute), -1 with ERROR_BOUNDS when something leaves its container.
 */
MUST_CHECK int attribute_next(struct bytes *record, struct attribute *attr, struct error *err);

/*
 * The size of the clusters that a non-resident attribute counts in, by what is allocated for them; 0 if it does not
 * say, or is not whole (one that goes on in other records may seem to say it).
 */
uint32_t attribute_cluster_bytes(const struct attribute *attr);

/* True if the attribute's name is the ASCII @word, case included ("" for the unnamed). */
bool attribute_is_named(const struct attribute *attr, const char *word);

#endif
