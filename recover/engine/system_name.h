/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * system_name.h - what at the root of a volume is the system's own, and of no use to people
 */
#ifndef RECOVER_ENGINE_SYSTEM_NAME_H
#define RECOVER_ENGINE_SYSTEM_NAME_H

#include "scan/volume_tree.h"

/* True if the name, one at the root, is that of such a folder: Windows, Program Files, $Recycle.Bin, ... */
bool system_name_is_folder(const struct volume_tree *tree, uint32_t name);

/* True if the name, one at the root, is that of such a file: pagefile.sys, bootmgr, ... */
bool system_name_is_file(const struct volume_tree *tree, uint32_t name);

/* True if a name is one of @words, case aside. */
bool system_name_is_among(const struct volume_tree *tree, uint32_t name, const char *const *words, size_t count);

#endif
