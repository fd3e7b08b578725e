/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attribute.c - see attribute.h */
#include "scan/attribute.h"

#define CLUSTER_BYTES_MIN 512u
#define CLUSTER_BYTES_MAX (2u << 20)

#include "core/endian.h"

#include <assert.h>

struct attribute_disk {
	struct le32 type;         /* 0x00  enum attribute_type */
	struct le32 length;       /* 0x04  bytes, header included */
	uint8_t     non_resident; /* 0x08  0 or 1 */
	uint8_t     name_units;   /* 0x09  UTF-16 units, 0 if unnamed */
	struct le16 name_offset;  /* 0x0a  bytes from the attribute's start */
	struct le16 flags;        /* 0x0c  enum attribute_flag */
	struct le16 instance;     /* 0x0e */
};
static_assert(sizeof(struct attribute_disk) == 0x10, "attribute header");

struct resident_disk {
	struct le32 value_length; /* 0x10  bytes */
	struct le16 value_offset; /* 0x14  bytes from the attribute's start */
	uint8_t     indexed;      /* 0x16 */
	uint8_t     reserved;     /* 0x17 */
};
static_assert(sizeof(struct resident_disk) == 0x08, "resident header");

struct non_resident_disk {
	struct le64 lowest_vcn;      /* 0x10  clusters */
	struct le64 highest_vcn;     /* 0x18  clusters */
	struct le16 pairs_offset;    /* 0x20  bytes from the attribute's start */
	uint8_t     unit_shift;      /* 0x22  log2 of clusters */
	uint8_t     reserved[5];     /* 0x23 */
	struct le64 allocated_bytes; /* 0x28 */
	struct le64 size_bytes;      /* 0x30 */
	struct le64 valid_bytes;     /* 0x38 */
};
static_assert(sizeof(struct non_resident_disk) == 0x30, "non-resident header");

#define UNIT_SHIFT_MAX 16u /* far above what any driver writes (4) */

static int attribute_resident(struct bytes whole, struct attribute *attr, struct error *err)
{
	struct resident_disk disk;
	struct bytes         at = whole, skipped;

	if (!bytes_take(&at, sizeof(struct attribute_disk), &skipped) || !bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, whole.offset, "resident header is cut short");
	if (!bytes_sub(whole, le16_get(disk.value_offset), le32_get(disk.value_length), &attr->value))
		return error_at(err, ERROR_BOUNDS, whole.offset + 0x10, "value leaves its attribute");
	attr->resident = true;
	attr->size_bytes = attr->valid_bytes = attr->allocated_bytes = attr->value.left;
	return 0;
}

static int attribute_non_resident(struct bytes whole, struct attribute *attr, struct error *err)
{
	struct non_resident_disk disk;
	struct bytes             at = whole, skipped;
	uint16_t                 pairs;

	if (!bytes_take(&at, sizeof(struct attribute_disk), &skipped) || !bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, whole.offset, "non-resident header is cut short");
	pairs = le16_get(disk.pairs_offset);
	if (pairs < 0x40 || !bytes_sub(whole, pairs, whole.left - pairs, &attr->pairs))
		return error_at(err, ERROR_BOUNDS, whole.offset + 0x20, "mapping pairs leave their attribute");
	if (disk.unit_shift > UNIT_SHIFT_MAX)
		return error_at(err, ERROR_VALUE, whole.offset + 0x22, "compression unit of 2^%u clusters",
				disk.unit_shift);
	attr->unit_shift = disk.unit_shift;
	attr->lowest_vcn = le64_get(disk.lowest_vcn);
	attr->highest_vcn = le64_get(disk.highest_vcn);
	attr->size_bytes = le64_get(disk.size_bytes);
	attr->valid_bytes = le64_get(disk.valid_bytes);
	attr->allocated_bytes = le64_get(disk.allocated_bytes);
	return 0;
}

int attribute_next(struct bytes *record, struct attribute *attr, struct error *err)
{
	struct bytes          at = *record, rest = *record, whole, name = { 0 };
	struct attribute_disk disk;
	struct attribute      decoded = { 0 };

	if (at.left == 0)
		return 0;
	if (!bytes_read(&at, &disk.type, sizeof disk.type))
		return error_at(err, ERROR_BOUNDS, at.offset, "no end marker");
	if (le32_get(disk.type) == ATTRIBUTE_END)
		return 0;
	at = *record;
	if (!bytes_read(&at, &disk, sizeof disk) || le32_get(disk.length) < sizeof disk ||
	    !bytes_take(&rest, le32_get(disk.length), &whole))
		return error_at(err, ERROR_BOUNDS, record->offset, "attribute leaves its record");
	if (disk.name_units &&
	    !bytes_sub(whole, le16_get(disk.name_offset), 2u * disk.name_units, &name))
		return error_at(err, ERROR_BOUNDS, whole.offset, "name leaves its attribute");

	decoded.type = le32_get(disk.type);
	decoded.flags = le16_get(disk.flags);
	decoded.instance = le16_get(disk.instance);
	decoded.name = name;
	decoded.whole = whole;
	if ((disk.non_resident ? attribute_non_resident(whole, &decoded, err)
			       : attribute_resident(whole, &decoded, err)) < 0)
		return -1;
	*attr = decoded;
	*record = rest;
	return 1;
}

uint32_t attribute_cluster_bytes(const struct attribute *attr)
{
	uint64_t clusters = attr->highest_vcn + 1, bytes;

	if (attr->resident || attr->lowest_vcn || !clusters || attr->allocated_bytes % clusters)
		return 0;
	bytes = attr->allocated_bytes / clusters;
	return bytes >= CLUSTER_BYTES_MIN && bytes <= CLUSTER_BYTES_MAX && !(bytes & (bytes - 1)) ? (uint32_t)bytes : 0;
}

bool attribute_is_named(const struct attribute *attr, const char *word)
{
	size_t units = attr->name.left / 2;

	for (size_t i = 0; i < units; i++)
		if (!word[i] || le16_at(attr->name.at + 2 * i) != (unsigned char)word[i])
			return false;
	return !word[units];
}
