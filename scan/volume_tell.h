/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_tell.h - the chosen files of a volume into the casebook, on all cores, in the order of the table
 */
#ifndef SCAN_VOLUME_TELL_H
#define SCAN_VOLUME_TELL_H

#include "scan/volume_scan.h"

/* Tell vs->nodes; vs->security_ids gets the ids that they refer to.  Returns 0, or -1: no memory, or the casebook's. */
MUST_CHECK int volume_tell_files(struct volume_scan *vs, struct error *err);

#endif
