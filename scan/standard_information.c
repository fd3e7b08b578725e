/* SPDX-License-Identifier: GPL-3.0-or-later */
/* standard_information.c - see standard_information.h */
#include "scan/standard_information.h"

#include "core/endian.h"

#include <assert.h>

struct standard_information_disk {
	struct le64 created;      /* 0x00  100 ns */
	struct le64 written;      /* 0x08 */
	struct le64 changed;      /* 0x10 */
	struct le64 accessed;     /* 0x18 */
	struct le32 attributes;   /* 0x20 */
	struct le32 versions_max; /* 0x24 */
	struct le32 version;      /* 0x28 */
	struct le32 class_id;     /* 0x2c */
};
static_assert(sizeof(struct standard_information_disk) == 0x30, "$STANDARD_INFORMATION, 1.2");

struct standard_information_3_disk {
	struct le32 owner_id;      /* 0x30 */
	struct le32 security_id;   /* 0x34 */
	struct le64 quota_charged; /* 0x38 */
	struct le64 usn;           /* 0x40 */
};
static_assert(sizeof(struct standard_information_3_disk) == 0x18, "$STANDARD_INFORMATION, 3.0");

int standard_information_decode(struct bytes value, struct standard_information *info, struct error *err)
{
	struct standard_information_disk   disk;
	struct standard_information_3_disk more = { 0 };

	if (!bytes_read(&value, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, value.offset, "standard information is cut short");
	if (value.left >= sizeof more && !bytes_read(&value, &more, sizeof more))
		return error_at(err, ERROR_BOUNDS, value.offset, "standard information is cut short");
	*info = (struct standard_information){
		.times = { le64_get(disk.created), le64_get(disk.written), le64_get(disk.changed),
			   le64_get(disk.accessed) },
		.attributes = le32_get(disk.attributes),
		.security_id = le32_get(more.security_id),
		.owner_id = le32_get(more.owner_id),
		.usn = le64_get(more.usn),
	};
	return 0;
}
