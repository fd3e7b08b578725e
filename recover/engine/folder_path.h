/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder_path.h - the folders of a path on a volume, made where they are missing
 *
 * In a run that is under way.  Case counts only where two names differ in nothing else.
 */
#ifndef RECOVER_ENGINE_FOLDER_PATH_H
#define RECOVER_ENGINE_FOLDER_PATH_H

#include "recover/ntfs3g.h"

/*
 * Enter the folder called @name, @length bytes of WTF-8, in @parent.
 * @made  it was not there; may be NULL
 * Returns 0 with *@folder, or -1: it cannot be a name, or a file has it.
 */
MUST_CHECK int folder_path_step(struct ntfs3g *mount, file_ref parent, const char *name, size_t length,
				file_ref *folder, bool *made, struct error *err);

/* The same of a whole path from the root on, "\A\B"; "" is the root.  @made  of the last */
MUST_CHECK int folder_path_enter(struct ntfs3g *mount, const char *path, size_t length, file_ref *folder, bool *made,
				 struct error *err);

#endif
