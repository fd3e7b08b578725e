/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_name.c - see file_name.h */
#include "scan/file_name.h"

#include "core/endian.h"

#include <assert.h>

struct file_name_disk {
	struct le64 parent;          /* 0x00  file reference */
	struct le64 created;         /* 0x08  100 ns */
	struct le64 written;         /* 0x10 */
	struct le64 changed;         /* 0x18 */
	struct le64 accessed;        /* 0x20 */
	struct le64 allocated_bytes; /* 0x28 */
	struct le64 size_bytes;      /* 0x30 */
	struct le32 attributes;      /* 0x38 */
	struct le32 reparse_tag;     /* 0x3c  or the packed size of the EAs */
	uint8_t     name_units;      /* 0x40 */
	uint8_t     space;           /* 0x41 */
};
static_assert(sizeof(struct file_name_disk) == 0x42, "$FILE_NAME");

int file_name_decode(struct bytes value, struct file_name *name, struct error *err)
{
	struct bytes          at = value, text;
	struct file_name_disk disk;

	if (!bytes_read(&at, &disk, sizeof disk) || !bytes_take(&at, 2u * disk.name_units, &text))
		return error_at(err, ERROR_BOUNDS, value.offset, "file name is cut short");
	if (!disk.name_units || disk.space > NAME_WIN32_AND_DOS)
		return error_at(err, ERROR_VALUE, value.offset + 0x40, "file name of %u units in name space %u",
				disk.name_units, disk.space);
	*name = (struct file_name){
		.parent = le64_get(disk.parent),
		.times = { le64_get(disk.created), le64_get(disk.written), le64_get(disk.changed),
			   le64_get(disk.accessed) },
		.allocated_bytes = le64_get(disk.allocated_bytes),
		.size_bytes = le64_get(disk.size_bytes),
		.attributes = le32_get(disk.attributes),
		.space = disk.space,
		.name_units = disk.name_units,
		.name = text,
	};
	return 0;
}
