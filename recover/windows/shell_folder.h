/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell_folder.h - the folders that Windows has for things, and where they are unless a hive says otherwise
 *
 * Tables of facts.  A row may stand on one before it.
 */
#ifndef RECOVER_WINDOWS_SHELL_FOLDER_H
#define RECOVER_WINDOWS_SHELL_FOLDER_H

#include <stddef.h>

/* A folder below that of another variable; .below NULL: Windows has none. */
struct shell_place {
	const char *below; /* "USERPROFILE" */
	const char *path;  /* "AppData\Roaming", "" for the same folder */
};

struct shell_folder {
	const char        *variable; /* "CSIDL_APPDATA" */
	const char        *value;    /* in "User Shell Folders", NULL: it is not kept there */
	struct shell_place modern;   /* since Windows Vista */
	struct shell_place xp;
};

extern const struct shell_folder shell_folders_of_machine[], shell_folders_of_user[];
extern const size_t              shell_folder_machine_count, shell_folder_user_count;

/* Variables of a user that stand for what is no folder of a file system: known, without a value. */
extern const char *const shell_folders_virtual[];
extern const size_t      shell_folder_virtual_count;

#endif
