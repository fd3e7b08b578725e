/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_start.h - the variables that a task sequence begins with
 *
 * The user's first, then what is known of the machine, then the sequence's own: what is set is not set again.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_START_H
#define RECOVER_SEQUENCE_SEQUENCE_START_H

#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_variable.h"
#include "recover/windows/windows.h"

/*
 * @settings  "NAME=VALUE", @count of them, the last of a name holds; also of read-only names
 * @letter    of the primary volume: the local data lie on it unless SMSTSLocalDataDrive says otherwise
 * @windows   NULL: none was found
 * Returns 0, or -1: ERROR_USAGE for a setting that is none.
 */
MUST_CHECK int sequence_start(struct sequence_variables *variables, const struct sequence_file *file,
			      const char *const *settings, size_t count, char letter, const struct windows *windows,
			      struct error *err);

/* Settings given when a sequence goes on: they hold from then on.  As above. */
MUST_CHECK int sequence_start_settings(struct sequence_variables *variables, const char *const *settings, size_t count,
				       struct error *err);

#endif
