/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attribute_list.c - see attribute_list.h */
#include "scan/attribute_list.h"

#include "core/endian.h"

#include <assert.h>

struct attribute_list_entry_disk {
	struct le32 type;        /* 0x00  enum attribute_type */
	struct le16 length;      /* 0x04  bytes, 8-byte aligned */
	uint8_t     name_units;  /* 0x06 */
	uint8_t     name_offset; /* 0x07  bytes from the entry's start */
	struct le64 lowest_vcn;  /* 0x08  clusters */
	struct le64 record;      /* 0x10  file reference */
	struct le16 instance;    /* 0x18 */
};
static_assert(sizeof(struct attribute_list_entry_disk) == 0x1a, "attribute list entry");

int attribute_list_next(struct bytes *list, struct attribute_list_entry *entry, struct error *err)
{
	struct bytes                     at = *list, rest = *list, whole, name = { 0 };
	struct attribute_list_entry_disk disk;

	if (at.left == 0)
		return 0;
	if (!bytes_read(&at, &disk, sizeof disk) || le16_get(disk.length) < sizeof disk ||
	    !bytes_take(&rest, le16_get(disk.length), &whole))
		return error_at(err, ERROR_BOUNDS, list->offset, "attribute list entry leaves its list");
	if (disk.name_units && !bytes_sub(whole, disk.name_offset, 2u * disk.name_units, &name))
		return error_at(err, ERROR_BOUNDS, whole.offset, "name leaves its attribute list entry");
	*entry = (struct attribute_list_entry){
		.type = le32_get(disk.type),
		.instance = le16_get(disk.instance),
		.lowest_vcn = le64_get(disk.lowest_vcn),
		.record = le64_get(disk.record),
		.name = name,
	};
	*list = rest;
	return 1;
}
