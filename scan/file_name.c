/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_name.c - see file_name.h */
#include "scan/file_name.h"

#include "core/endian.h"
#include "core/ntfs_time.h"
#include "scan/attribute.h"

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
static_assert(sizeof(struct file_name_disk) == FILE_NAME_HEAD_BYTES, "$FILE_NAME");

/* All of it but for the length of the text, of which there may be less than the head says. */
static int decode_head(struct bytes value, struct file_name *name, struct error *err)
{
	struct bytes          at = value;
	struct file_name_disk disk;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, value.offset, "file name is cut short");
	if (!disk.name_units || disk.space > NAME_WIN32_AND_DOS)
		return error_at(err, ERROR_VALUE, value.offset + 0x40,
				"file name of %u units in name space %u", disk.name_units, disk.space);
	if (at.left > 2u * disk.name_units)
		at.left = 2u * disk.name_units;
	*name = (struct file_name){
		.parent = le64_get(disk.parent),
		.times = { le64_get(disk.created), le64_get(disk.written), le64_get(disk.changed),
			   le64_get(disk.accessed) },
		.allocated_bytes = le64_get(disk.allocated_bytes),
		.size_bytes = le64_get(disk.size_bytes),
		.attributes = le32_get(disk.attributes),
		.space = disk.space,
		.name_units = disk.name_units,
		.name = at,
	};
	return 0;
}

int file_name_decode(struct bytes value, struct file_name *name, struct error *err)
{
	struct file_name decoded;

	if (decode_head(value, &decoded, err) < 0)
		return -1;
	if (decoded.name.left < 2u * decoded.name_units)
		return error_at(err, ERROR_BOUNDS, value.offset, "file name is cut short");
	*name = decoded;
	return 0;
}

int file_name_decode_cut(struct bytes value, struct file_name *name, struct error *err)
{
	struct file_name decoded;

	if (decode_head(value, &decoded, err) < 0)
		return -1;
	decoded.name.left -= decoded.name.left % 2;
	*name = decoded;
	return 0;
}

file_ref file_name_first_parent(struct bytes attributes)
{
	struct attribute attr;
	struct file_name name;
	struct error     why;

	while (attribute_next(&attributes, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_FILE_NAME && attr.resident && file_name_decode(attr.value, &name, &why) == 0)
			return name.parent;
	return 0;
}

bool file_name_is_text(struct bytes name)
{
	for (size_t i = 0; i + 2 <= name.left; i += 2) {
		uint16_t unit = le16_at(name.at + i);

		if (unit < 0x20 || unit == '/' || unit == 0xffff)
			return false;
	}
	return name.left >= 2 && name.left % 2 == 0;
}

bool file_name_times_are_plausible(const struct file_times *times)
{
	return times->created <= INT64_MAX && times->written <= INT64_MAX && times->accessed <= INT64_MAX &&
	       ntfs_time_is_plausible(times->changed);
}

bool file_name_is_plausible(const struct file_name *name, uint64_t records)
{
	return file_ref_record(name->parent) < records && file_ref_sequence(name->parent) &&
	       file_name_times_are_plausible(&name->times) && file_name_is_text(name->name);
}
