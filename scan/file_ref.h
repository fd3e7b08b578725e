/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_ref.h - file references: which record, and which life of it
 *
 * On disk 64 bits: record number in the low 48, sequence number in the high 16
 * (libntfs-3g layout.h, MFT_REF).  Kept in that form in the large arrays.
 */
#ifndef SCAN_FILE_REF_H
#define SCAN_FILE_REF_H

#include <stdbool.h>
#include <stdint.h>

#define ROOT_RECORD       5u
#define EXTEND_RECORD     11u  /* $Extend, with the folders and files of later versions */
#define FIRST_USER_RECORD 24u  /* below are the file system's own (16 to 23 are reserved) */

typedef uint64_t file_ref;

static inline file_ref file_ref_make(uint64_t record, uint16_t sequence)
{
	return (record & 0xffffffffffffu) | (uint64_t)sequence << 48;
}

static inline uint64_t file_ref_record(file_ref ref)
{
	return ref & 0xffffffffffffu;
}

static inline uint16_t file_ref_sequence(file_ref ref)
{
	return (uint16_t)(ref >> 48);
}

/*
 * The sequence number under which the last life of a record was known.  Freeing a record
 * adds one to the number (0xffff goes to 0, with ntfs-3g to 1), so what refers to a freed
 * record carries the number before.  A free record at 1 has never been used since it was
 * formatted, or was freed by ntfs-3g at 0xffff: see namespace.c, which looks who asks.
 */
static inline uint16_t file_generation(uint16_t sequence, bool in_use)
{
	if (in_use || sequence == 1)
		return sequence;
	return (uint16_t)(sequence - 1);
}

#endif
