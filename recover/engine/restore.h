/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore.h - a store's files back to where they were
 *
 * From a store on the volumes themselves, ours or another's: each file gets a further
 * name at its original place; nothing is copied but to another volume.  Or from a
 * folder that a rebuild made: everything is copied.  First all is planned (restore_plan.h),
 * then directories are made, files copied, names added, in transactions.  A second run
 * finds nothing to do and writes nothing.
 */
#ifndef RECOVER_ENGINE_RESTORE_H
#define RECOVER_ENGINE_RESTORE_H

#include "recover/engine/migration.h"
#include "recover/engine/work_volume.h"
#include "recover/rebuild_volume.h"

struct restore_options {
	const char *store;             /* path on the volumes, "\StateStore"; NULL: .from */
	uint32_t    generation;        /* of the store, 0: the current one */
	const char *from;              /* folder on the host, or NULL */
	bool        overwrite_deleted; /* deleted stores may be overwritten */
	struct migration_options migration; /* whose data, where it goes; rules only if files are named, or the built-in ones */
};

/* Something to be told of one path. */
struct restore_note {
	char *path; /* "C:\Users\a\x.txt" */
	char *text;
};

struct restore_notes ARRAY(struct restore_note);

struct restore_report {
	uint64_t             files;        /* to be restored */
	uint64_t             names;        /* of them */
	uint64_t             added;        /* names */
	uint64_t             there;        /* names that were there already */
	uint64_t             folders;      /* made */
	uint64_t             copied;       /* files */
	uint64_t             copied_bytes; /* of their contents */
	uint64_t             unkept[UNKEPT_KINDS];
	uint64_t             values;       /* of the registry, that were stored for users and machine that are there */
	uint64_t             values_set;   /* of those, that were not so already */
	uint64_t             values_kept;  /* of those, where a rule says that the target's stays */
	struct restore_notes people;       /* a stored user, and who that is on the target */
	uint64_t             people_missing; /* of them: who has no account there, and is to get none */
	struct restore_notes first_start;  /* files that the target has to run, or somebody to read */
	uint64_t             shared;       /* names that keep security and times, which a rule drops: they are the store's, too */
	uint64_t             limited;      /* files and folders that something could not be kept of */
	bool                 others;   /* further generations or unfinished captures lie at the store's path */
	struct restore_notes renamed;  /* the path that was taken, the name instead */
	struct restore_notes kept;     /* that stay in the store because a rule or the choice of users says so, with the reason */
	struct restore_notes cleaned;  /* objects of the target that a rule removed (destinationCleanup), with the rule */
	struct restore_notes unhonoured; /* what of the rules is not done: "rules.xml:12", what */
	struct restore_notes replaced; /* a rule gave the stored file the name of what was there */
	struct restore_notes left_out; /* with the reason */
	struct restore_notes moved;    /* "E:", where it went */
	struct restore_notes doubtful; /* files whose content may not be trusted, with its grade */
};

/*
 * Restore onto @volumes, which are open for writing.
 * Returns 0, or -1; @report is filled as far as it came.  restore_report_release in any case.
 */
MUST_CHECK int restore_run(struct work_volumes *volumes, const struct restore_options *options,
			   struct restore_report *report, struct error *err);
void           restore_report_release(struct restore_report *report);

/* Add a note; takes over @path and @text.  -1 without memory, also when one of them is NULL. */
MUST_CHECK int restore_note(struct restore_notes *notes, char *path, char *text, struct error *err);

#endif
