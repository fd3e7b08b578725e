/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile_list.h - whom a Windows has a profile of: ProfileList, with names, folders and hives
 *
 * Nobody is left out: what cannot be had of a profile is its trouble.  Of an entry "<SID>.bak", which Windows
 * leaves where a profile could not be loaded, the folder is the person's, and that of the entry
 * beside it a temporary one.
 */
#ifndef RECOVER_WINDOWS_PROFILE_LIST_H
#define RECOVER_WINDOWS_PROFILE_LIST_H

#include "recover/windows/environment.h"

#define PROFILE_LIST "Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

/*
 * Fill windows->profiles, in the order of SIDs, and open their hives.  Everything else of @windows is there.
 * @environment  what paths of ProfileList refer to
 * Returns 0, or -1.
 */
MUST_CHECK int profile_list_read(struct windows *windows, const struct environment *environment, struct error *err);
void           user_profiles_release(struct user_profiles *profiles);

/* Add a clause to a trouble, "; " between them.  Returns 0, or -1 without memory. */
__attribute__((format(printf, 3, 4))) MUST_CHECK int trouble_add(char **trouble, struct error *err, const char *format,
								  ...);

/* Add that a hive is not up to date, if it is not.  Returns 0, or -1 without memory. */
MUST_CHECK int trouble_add_behind(char **trouble, const struct hive *hive, struct error *err);

#endif
