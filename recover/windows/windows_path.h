/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * windows_path.h - paths as a hive has them, and where they lie on the volumes under work
 *
 * A drive letter that stands in a hive is one of the offline system's; a variable's value
 * has one of the volumes under work already.
 */
#ifndef RECOVER_WINDOWS_WINDOWS_PATH_H
#define RECOVER_WINDOWS_WINDOWS_PATH_H

#include "recover/windows/environment.h"

/*
 * The absolute path that @text of a hive means, on the volumes under work or on a server: "C:\Users\anna",
 * "\\srv\x", without a separator at its end.  *@path is NULL if it means none, or lies on a drive that is not
 * under work; to be freed.  Returns 0, or -1 without memory.
 */
MUST_CHECK int windows_path(const struct windows *windows, const struct environment *environment,
			    const char *text, char **path, struct error *err);

/* The way back: a path under work as the offline system calls it; NULL if it has no letter for it, or no
 * memory. */
char *windows_path_offline(const struct windows *windows, const char *path);

/*
 * The volume of a path under work, and what lies there: NULL and NO_TREE_RECORD if it is not there.
 */
void windows_path_find(const struct windows *windows, const char *path, struct work_volume **volume,
		       uint32_t *record);

/* Two parts as one path, "C:\Users" and "anna"; NULL without memory.  To be freed. */
char *windows_path_join(const char *folder, const char *name);

/* What stands behind the last separator. */
const char *windows_path_last(const char *path);

/* True if @path is @folder or lies below it, case aside. */
bool windows_path_is_in(const char *path, const char *folder);

#endif
