/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_folder.h - what is restored from a folder that a rebuild made
 *
 * Names and places are those of the lists there, not of the host.  A file whose content may not be
 * trusted goes back as x.suspect or x.partial, one that nobody has the key of as x.encrypted.
 */
#ifndef RECOVER_ENGINE_RESTORE_FOLDER_H
#define RECOVER_ENGINE_RESTORE_FOLDER_H

#include "recover/engine/restore_plan.h"

struct restore_folder {
	struct folder_origin       *from;
	struct restore_part         parts[LETTERS]; /* to A: to Z:, all but their functions and .copies */
	const struct restore_route *route;          /* NULL: everything goes where it was */
	bool                  used[LETTERS];  /* something of that drive is restored */
};

/* Plan all that is in it. */
MUST_CHECK int restore_folder_plan(struct restore_folder *folder, struct error *err);

#endif
