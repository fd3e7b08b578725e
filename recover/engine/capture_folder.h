/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_folder.h - a drive that is not NTFS, copied into the primary part of a store
 *
 * Below File\<letter>$ of the store comes a copy of what a folder of the host holds:
 * names, contents with their holes, times, and the attributes that FAT knows.  A file's
 * name appears with its whole content, in one transaction; there are several, so a
 * capture that was cut off goes on with the files that are not there yet.  What the copy
 * holds otherwise (of a file that has changed since, say) is replaced.  Names that are
 * hard links on the host become files of their own.
 */
#ifndef RECOVER_ENGINE_CAPTURE_FOLDER_H
#define RECOVER_ENGINE_CAPTURE_FOLDER_H

#include "recover/engine/capture.h"

struct capture_folder {
	const struct work_folder *folder; /* borrowed */
	struct host_listing       listing;
	struct capture_part      *told; /* borrowed */
};

/*
 * List what is to be copied.
 * @volumes  whose images are left out
 * @options  whose trees are "E:\x", or "\x" of every drive; where none is about this one, all of it is taken
 * @told     its part of the result: letter and folder are filled, now and later what is left out
 * Returns 0, or -1.  Release in any case.
 */
MUST_CHECK int capture_folder_list(struct capture_folder *folder, const struct work_folder *from,
				   const struct work_volumes *volumes, const struct capture_options *options,
				   struct capture_part *told, struct error *err);
void           capture_folder_release(struct capture_folder *folder);

/* Is the tree, as it was named, in the folder? */
bool capture_folder_has(const struct capture_folder *folder, const char *tree);

static inline bool capture_folder_is_empty(const struct capture_folder *folder)
{
	return folder->listing.entries.count == 1;
}

/*
 * Does @mirror, a directory of the volume's tree or NO_TREE_RECORD, hold what was listed and nothing else?  Files
 * by size, time of writing and attributes; those that could not be read are not asked for.  1, 0, -1.
 */
MUST_CHECK int capture_folder_is_there(const struct capture_folder *folder, struct work_volume *volume,
				       uint32_t mirror, struct error *err);

/*
 * Copy into the directory @top of the volume, in a run that is under way; commits on the way.
 * @mirror  the same as the tree shows it, NO_TREE_RECORD when it is new
 * Returns 0, also when files had to be left out; -1: the disk is full or fails, no memory.
 */
MUST_CHECK int capture_folder_copy(struct capture_folder *folder, struct work_volume *volume, file_ref top,
				   uint32_t mirror, struct error *err);

#endif
