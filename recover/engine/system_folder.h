/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * system_folder.h - folders at the root of a volume in which users keep nothing
 */
#ifndef RECOVER_ENGINE_SYSTEM_FOLDER_H
#define RECOVER_ENGINE_SYSTEM_FOLDER_H

#include "scan/volume_tree.h"

/* True if the name, one at the root, is that of such a folder: Windows, Program Files, $Recycle.Bin, ... */
bool system_folder_is(const struct volume_tree *tree, uint32_t name);

/* True if a name is one of @words, case aside. */
bool system_folder_is_among(const struct volume_tree *tree, uint32_t name, const char *const *words, size_t count);

#endif
