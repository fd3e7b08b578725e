/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * left_out_file.h - USMT\Settings\left_out.txt: what a capture could not take, or only in doubt
 *
 * UTF-8, one line each: the path, a tab, the reason.  A store that has the file does not hold all that it was to
 * hold; whoever finds the store later is told so by 'status', whatever became of the logs.
 */
#ifndef RECOVER_ENGINE_LEFT_OUT_FILE_H
#define RECOVER_ENGINE_LEFT_OUT_FILE_H

#include "recover/engine/capture.h"
#include "recover/engine/settings_folder.h"

#define LEFT_OUT_FILE_NAME "left_out.txt"

/* Add the file for what @result tells of; none where nothing was left out.  Returns 0, or -1 without memory. */
MUST_CHECK int left_out_file_add(struct settings_files *files, const struct capture_result *result,
				 struct error *err);

#endif
