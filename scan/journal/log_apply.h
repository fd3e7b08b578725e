/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_apply.h - one logged operation, done to a copy of a FILE record
 *
 * Pure.  What a record looked like before or after a change in $LogFile; never
 * for evidence itself.
 * How each operation changes a record: Linux fs/ntfs3/fslog.c, and the records of samples/ntfs.
 */
#ifndef SCAN_LOG_APPLY_H
#define SCAN_LOG_APPLY_H

#include "scan/journal/log_change.h"

enum log_direction {
	LOG_FORWARD, /* do what the change did */
	LOG_BACK,    /* take it back */
};

/*
 * Do @change, or take it back.
 * @record      a FILE record, fix-ups undone
 * @size_bytes  of the record, 48 or more
 * Returns false when the change does not fit the record: then it is as before.  What changes no
 * FILE record fits any.
 */
bool log_apply(const struct log_change *change, enum log_direction direction, uint8_t *record, size_t size_bytes);

#endif
