/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map_file.h - GNU ddrescue map files: which parts of an image were never read
 *
 * Format: GNU ddrescue manual, "Mapfile structure": comments, one status line,
 * then lines of position, size and status; '+' is read, all else is not.
 */
#ifndef SCAN_MAP_FILE_H
#define SCAN_MAP_FILE_H

#include "core/range.h"

/*
 * Read the map at @path.
 * @unreadable  sorted ranges of the image, bytes, that hold no data; what the map does not
 *              mention counts as unreadable up to @size_bytes.  To be released by the caller.
 * Returns 0, or -1 with ERROR_IO, or ERROR_VALUE naming the line.
 */
MUST_CHECK int map_file_read(const char *path, uint64_t size_bytes, struct ranges *unreadable,
			     struct error *err);

#endif
