/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_estimate.h - how much room a store would take, as /p asks
 *
 * Nothing is captured.  A store of hard links takes none for the data on NTFS volumes, one of copies takes
 * what the files have, in whole clusters.
 */
#ifndef RECOVER_USMT_USMT_ESTIMATE_H
#define RECOVER_USMT_USMT_ESTIMATE_H

#include "recover/usmt/usmt_engine.h"

/*
 * Estimate for the rules and users of @migration, tell it, and write /p:FILE.
 * @volumes  open; read here
 * Returns 0, or -1 with the code in @run.
 */
MUST_CHECK int usmt_estimate(struct usmt_run *run, struct work_volumes *volumes, const struct usmt_migration *migration,
			     struct error *err);

#endif
