/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_link.h - IgnoreIrrelevantLinks: does a stored shortcut lead to something on the target?
 *
 * Asked when all else is planned: what comes back counts as there, what is removed does not.  In doubt it
 * does: a link that cannot be read, has no path on a drive at hand, or leads through a junction.
 */
#ifndef RECOVER_ENGINE_RESTORE_LINK_H
#define RECOVER_ENGINE_RESTORE_LINK_H

#include "recover/engine/restore_plan.h"

/*
 * @from, @record  the shortcut
 * @name           of it, for messages
 * @parts          to A: to Z:
 * Returns 1, 0 if it leads nowhere, -1.
 */
MUST_CHECK int restore_link_is_relevant(struct work_volume *from, uint32_t record, const char *name,
					const struct restore_part parts[LETTERS], struct error *err);

#endif
