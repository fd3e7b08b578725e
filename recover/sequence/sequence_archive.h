/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_archive.h - the .zip that ConfigMgr's console exports; the one door to libzip
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_ARCHIVE_H
#define RECOVER_SEQUENCE_SEQUENCE_ARCHIVE_H

#include "core/error.h"

#include <stdbool.h>

/* Do the bytes begin as those of a .zip do? */
bool sequence_archive_is(const void *bytes, size_t size);

/*
 * Take the task sequence's object.xml out of an export.
 * @name    of the archive, for messages
 * @object  its bytes, to be freed
 * Returns 0, or -1: no export of one task sequence, damaged, or far too large.
 */
MUST_CHECK int sequence_archive_read(const char *name, const void *bytes, size_t size, uint8_t **object,
				     size_t *object_size, struct error *err);

#endif
