/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * windows_find.h - which directory of the volumes is the Windows one
 */
#ifndef RECOVER_WINDOWS_WINDOWS_FIND_H
#define RECOVER_WINDOWS_WINDOWS_FIND_H

#include "recover/windows/windows.h"

/*
 * Find the directory: it holds System32\config\SOFTWARE and SYSTEM.
 * @volumes    with their trees read
 * @directory  "C:\Windows", to be freed
 * Returns 1, 0 if there is none, -1: several, where that is an error.
 */
MUST_CHECK int windows_find(struct work_volumes *volumes, const struct windows_options *options,
			    struct work_volume **volume, char **directory, struct error *err);

#endif
