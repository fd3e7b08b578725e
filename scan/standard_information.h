/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * standard_information.h - times, attributes, owner of a file
 *
 * Pure.  Format: libntfs-3g layout.h, STANDARD_INFORMATION: 48 bytes in NTFS
 * 1.2, 72 since 3.0.
 */
#ifndef SCAN_STANDARD_INFORMATION_H
#define SCAN_STANDARD_INFORMATION_H

#include "core/bytes.h"
#include "core/error.h"

struct file_times {
	uint64_t created;  /* all in 100 ns since 1601 UTC */
	uint64_t written;  /* data */
	uint64_t changed;  /* record: "ctime" */
	uint64_t accessed;
};

enum file_attribute {
	FILE_IS_READ_ONLY     = 0x0001,
	FILE_IS_HIDDEN        = 0x0002,
	FILE_IS_SYSTEM        = 0x0004,
	FILE_IS_ARCHIVE       = 0x0020,
	FILE_IS_SPARSE        = 0x0200,
	FILE_IS_REPARSE_POINT = 0x0400,
	FILE_IS_COMPRESSED    = 0x0800,
	FILE_IS_ENCRYPTED     = 0x4000,
};

struct standard_information {
	struct file_times times;
	uint32_t          attributes;  /* enum file_attribute and the rest of FILE_ATTRIBUTE_* */
	uint32_t          security_id; /* of $Secure; 0 where the version has none */
	uint32_t          owner_id;
	uint64_t          usn;
};

/* Decode @value, the attribute's value.  Returns 0, or -1 with ERROR_BOUNDS. */
MUST_CHECK int standard_information_decode(struct bytes value, struct standard_information *info,
					   struct error *err);

#endif
