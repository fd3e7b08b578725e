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

#define FILE_NAME_HEAD_BYTES 0x42u /* before the text */
#define FILE_NAME_ATTRIBUTES 0x38u /* where parent, times and sizes end: attributes, length, name space, text */

#define FILE_NAME_IS_DIRECTORY 0x10000000u /* among .attributes, beside enum file_attribute */

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

/*
 * The same where the text may be cut by the end of the bytes: .name is what there is of it, .name_units
 * what there was.
 */
MUST_CHECK int file_name_decode_cut(struct bytes value, struct file_name *name, struct error *err);

/* The parent of the first name among a record's @attributes that can be decoded; 0 if there is none. */
file_ref file_name_first_parent(struct bytes attributes);

/* -------- found where nothing vouches for it -------- */

/* UTF-16 units that names have: one or more, and nothing that a driver refuses. */
bool file_name_is_text(struct bytes name);

/*
 * Would a driver have written these?  No time is too early or too late: programs set any.  Only .changed
 * is the driver's own, and must be one that a clock shows.
 */
bool file_name_times_are_plausible(const struct file_times *times);

/* All of that, and a parent among @records. */
bool file_name_is_plausible(const struct file_name *name, uint64_t records);

#endif
