/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_name.h - one name of a file: $FILE_NAME, also the key of a directory index
 *
 * Pure.  Format: libntfs-3g layout.h, FILE_NAME_ATTR.  Sizes and times in it are
 * as of the name's making and may be stale.
 */
#ifndef SCAN_FILE_NAME_H
#define SCAN_FILE_NAME_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file_ref.h"
#include "scan/standard_information.h"

enum file_name_space {
	NAME_POSIX         = 0,
	NAME_WIN32         = 1,
	NAME_DOS           = 2, /* the 8.3 alias of a WIN32 name in the same directory */
	NAME_WIN32_AND_DOS = 3,
};

struct file_name {
	file_ref          parent;
	struct file_times times;
	uint64_t          allocated_bytes;
	uint64_t          size_bytes;
	uint32_t          attributes;
	uint8_t           space;      /* enum file_name_space */
	uint8_t           name_units; /* UTF-16 units, 1 or more */
	struct bytes      name;       /* UTF-16LE */
};

/*
 * Decode @value.  Bytes behind the name are ignored.
 * Returns 0, or -1 with ERROR_BOUNDS (cut short) or ERROR_VALUE (empty name, unknown name space).
 */
MUST_CHECK int file_name_decode(struct bytes value, struct file_name *name, struct error *err);

#endif
