/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_search.h - the volumes of one source: those that are there, and those that are gone if there is a reason to look
 */
#ifndef SCAN_VOLUME_SEARCH_H
#define SCAN_VOLUME_SEARCH_H

#include "scan/volume_scan.h"

/*
 * Append the volumes of @evidence that @selection means to result->volumes.  A sweep is made when it was asked for,
 * when no volume is there, or, with .carve_at_need, when something says that one was there before: of the
 * evidence, and of each volume decrypted in it.  What they found is in scan->sweeps.  Signs of a volume before one that is there are told if none was found.
 * Returns 0 with one or more, or -1.
 */
MUST_CHECK int volume_search(struct scan *scan, struct scan_result *result, struct evidence *evidence,
			     const struct selection *selection, struct error *err);

#endif
