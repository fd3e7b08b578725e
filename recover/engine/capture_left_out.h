/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_left_out.h - what a capture has left out, each by its name: to be told, and kept with the store
 *
 * What was told once is forgotten by the time of the wipe; so the store has the list, too, as the text
 * Settings\left-out.txt, a line each: "E:\a\link (is a symbolic link)".
 */
#ifndef RECOVER_ENGINE_CAPTURE_LEFT_OUT_H
#define RECOVER_ENGINE_CAPTURE_LEFT_OUT_H

#include "recover/engine/capture.h"

/* Returns 0, or -1, which ends the telling.  @sys  errno, 0: none */
typedef int left_out_tell(void *context, const char *path, const char *why, int sys, struct error *err);

/* Tell what could not be had, of files and of people; not what was left out because somebody said so. */
MUST_CHECK int capture_left_out_each(const struct capture_result *result, left_out_tell *tell, void *context,
				     struct error *err);

/* Add the list to the settings of a store, encrypted files with it; nothing if there is nothing to be told. */
MUST_CHECK int capture_left_out_keep(struct settings_files *files, const struct capture_result *result,
				     struct error *err);

/* The list of a store folder (PATH\USMT) of a volume whose tree is read, to be freed; *@text NULL: none. */
MUST_CHECK int capture_left_out_read(struct work_volume *volume, uint32_t store_folder, char **text,
				     struct error *err);

#endif
