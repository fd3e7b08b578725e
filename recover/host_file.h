/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_file.h - a small file of the host as bytes in memory
 */
#ifndef RECOVER_HOST_FILE_H
#define RECOVER_HOST_FILE_H

#include "core/error.h"

/*
 * Read a plain file, no larger than @limit bytes.
 * @bytes  to be freed; never NULL, also of an empty file
 */
MUST_CHECK int host_file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size, struct error *err);

#endif
