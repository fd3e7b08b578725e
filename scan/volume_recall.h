/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_recall.h - what else than its table a volume has of names, and older records: into the inventory and the casebook
 */
#ifndef SCAN_VOLUME_RECALL_H
#define SCAN_VOLUME_RECALL_H

#include "scan/volume_scan.h"

/*
 * Gather it all, with what a sweep found on the volume, and settle it: vs->inventory and vs->extensions get
 * what comes of it, vs->journal the history of the change journal, the casebook every fact and digest.
 * Returns 0, or -1: no memory, or the casebook's.
 */
MUST_CHECK int volume_recall(struct volume_scan *vs, struct file_reader *reader, struct error *err);

#endif
