/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk_guard.h - may all that is on a disk be lost?
 *
 * Refused, each with what to do about it:
 *
 * - a volume of the run, or a folder that it works with, is on the disk
 * - what a task sequence protects is there: OSDStateStorePath, _OSDProtectHardLinkStore
 * - a state store is there, on whatever NTFS volume can be found, also one that no table has any more: whole,
 *   half deleted, or deleted with files that can still be had
 * - a command of ours was cut off on one of its volumes, so that nobody can tell
 * - BitLocker hides a volume, or the disk cannot be read in places
 *
 * Whose profiles are on it is no reason to refuse, but is found out, to be said.
 */
#ifndef RECOVER_SEQUENCE_DISK_GUARD_H
#define RECOVER_SEQUENCE_DISK_GUARD_H

#include "recover/sequence/disk_partition.h"

/* Refuse the disk of a run's volume or folder, from what is known without reading.  0, or -1. */
MUST_CHECK int disk_guard_volumes(struct disk_plan *plan, const struct work_volumes *volumes,
				  struct error *err);

/* Read the disk, and refuse it for the other reasons.  Fills plan->protected_path and .users.  0, or -1. */
MUST_CHECK int disk_guard_check(struct disk_plan *plan, const struct work_volumes *volumes,
				bool overwrite_deleted, struct error *err);

#endif
