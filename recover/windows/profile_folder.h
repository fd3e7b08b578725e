/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * profile_folder.h - the folders of people: what is in them, and which of them are nobody's
 */
#ifndef RECOVER_WINDOWS_PROFILE_FOLDER_H
#define RECOVER_WINDOWS_PROFILE_FOLDER_H

#include "recover/windows/environment.h"

struct folder_size {
	uint64_t files, bytes; /* each file once, however many names it has there */
};

/* What is in the profile's folder and below it; nothing if it is not there.  Returns 0, or -1. */
MUST_CHECK int profile_folder_size(const struct user_profile *profile, struct folder_size *size,
				   struct error *err);

/*
 * Folders beside the profiles that have an NTUSER.DAT and are no profile's: somebody's whom ProfileList has
 * forgotten, or a temporary one.
 * @paths  "C:\Users\TEMP"; texts_release in any case
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int profile_folders_stray(const struct windows *windows, struct texts *paths, struct error *err);

#endif
