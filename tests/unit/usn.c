/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usn.c - see usn.h; offsets as the documentation of winioctl.h has them */
#include "tests/unit/usn.h"

#include "tests/unit/unit.h"

/* Version 4: the name says how many ranges, each of 4096 bytes at 65536 times its number. */
static size_t put_ranges(uint8_t *at, const struct usn_test *test)
{
	size_t count = strlen(test->name);

	put_le64(at + 0x28, test->usn);
	put_le32(at + 0x30, test->reasons);
	put_le16(at + 0x3c, (uint16_t)count);
	put_le16(at + 0x3e, 16);
	for (size_t i = 0; i < count; i++) {
		put_le64(at + 0x40 + 16 * i, 65536 * i);
		put_le64(at + 0x48 + 16 * i, 4096);
	}
	return 0x40 + 16 * count;
}

static size_t put_name(uint8_t *at, const struct usn_test *test, size_t base)
{
	size_t units = strlen(test->name);

	put_le64(at + base, test->usn);
	put_le64(at + base + 8, test->time);
	put_le32(at + base + 16, test->reasons);
	put_le32(at + base + 28, test->attributes ? test->attributes : 0x20);
	put_le16(at + base + 32, (uint16_t)(2 * units));
	put_le16(at + base + 34, (uint16_t)(base + 36));
	for (size_t i = 0; i < units; i++)
		put_le16(at + base + 36 + 2 * i, (uint8_t)test->name[i]);
	return (base + 36 + 2 * units + 7) / 8 * 8;
}

size_t usn_test_put(uint8_t *at, const struct usn_test *test)
{
	size_t length;

	memset(at, 0, 0x40);
	put_le16(at + 4, (uint16_t)test->version);
	put_le64(at + 8, test->file);
	put_le64(at + (test->version == 2 ? 0x10 : 0x18), test->parent);
	length = test->version == 4 ? put_ranges(at, test)
				    : put_name(at, test, test->version == 2 ? 0x18 : 0x28);
	put_le32(at, (uint32_t)length);
	return length;
}
