/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file_content.h - a small file of a volume as bytes in memory: read whole, written whole
 *
 * For files that a step itself understands: hives, rule files, settings.
 */
#ifndef RECOVER_ENGINE_FILE_CONTENT_H
#define RECOVER_ENGINE_FILE_CONTENT_H

#include "recover/engine/work_volume.h"

/*
 * Read the unnamed stream of a file of the tree.
 * @name   of it, for messages
 * @limit  bytes; a larger file is refused before anything is read
 * @bytes  to be freed; never NULL, also of an empty file
 * Returns 0, or -1: too large, encrypted, or some of it cannot be read.
 */
MUST_CHECK int file_content_read(struct work_volume *volume, uint32_t record, const char *name,
				 uint64_t limit, uint8_t **bytes, size_t *size, struct error *err);

/* Make a file in @folder with this content, where there is none of that name. */
MUST_CHECK int file_content_make(struct ntfs3g *mount, file_ref folder, const char *name, const void *bytes,
				 size_t size, struct error *err);

/*
 * Give an open file this content instead of its own.  As all that is written it holds with the commit: cut off
 * before, the file is what it was.
 */
MUST_CHECK int file_content_replace(struct ntfs3g *mount, ntfs_inode *inode, const void *bytes, size_t size,
				    struct error *err);

#endif
