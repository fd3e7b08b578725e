/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_cleanup.h - destinationCleanup: files of the target that are removed before stored ones come
 *
 * Files and folders that a pattern means are marked before the restore is planned: their names count as free.
 * What the plan then finds to be restored already, by a run that was cut off, is spared, and so is a folder
 * that anything is in or comes to.  Each that goes is told by name.  A folder has its name until then: a
 * stored file that it is in the way of gets another one.
 *
 * Never removed: a file that has a name in any store, and what lies at a store's path; the file system's and
 * the boot loader's own; registry hives; of the Windows directory all but what a pattern names by a path in
 * it.
 */
#ifndef RECOVER_ENGINE_RESTORE_CLEANUP_H
#define RECOVER_ENGINE_RESTORE_CLEANUP_H

#include "recover/engine/destination.h"
#include "recover/engine/record_set.h"
#include "recover/engine/restore.h"
#include "recover/engine/state_store.h"
#include "recover/rules/cleaning_rule.h"

/* A name of the tree that a rule means. */
struct doomed_name {
	uint32_t record, name;
};

struct doomed_names ARRAY(struct doomed_name);

/* What goes out of a directory that stays: a file with its names there, a folder with all below it. */
struct cleared {
	uint32_t directory, record;
};

struct all_cleared ARRAY(struct cleared);

struct restore_cleanup {
	const struct cleaning_rules *rules;   /* borrowed */
	struct doomed_names          names;   /* folders before what is in them */
	struct record_set            kept;    /* never removed */
	struct record_set            windows; /* only if a pattern leads into it */
	struct record_set            folders; /* that go */
	struct all_cleared           cleared;
};

/*
 * Mark in @to what the rules mean.
 * @windows  directory of the target's Windows, "C:\Windows"; NULL: none
 * @store    at the path that is restored from; it may have no folder
 * Returns 0, or -1.  restore_cleanup_release in any case.
 */
MUST_CHECK int restore_cleanup_mark(struct restore_cleanup *cleanup, struct destination *to,
				    const struct cleaning_rules *rules, const char *windows,
				    const struct state_store *store, struct error *err);
void           restore_cleanup_release(struct restore_cleanup *cleanup);

/* Once all is planned: what goes, in @report as well. */
MUST_CHECK int restore_cleanup_settle(struct restore_cleanup *cleanup, const struct destination *to,
				      struct restore_report *report, struct error *err);

/* Remove it, in a run that has begun and has written nothing yet. */
MUST_CHECK int restore_cleanup_write(const struct restore_cleanup *cleanup, struct work_volume *volume,
				     struct error *err);

#endif
