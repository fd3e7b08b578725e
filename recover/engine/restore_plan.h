/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_plan.h - where names go when they are restored: the rules
 *
 * A name that is free is taken.  Where something else has it, case aside, the file
 * becomes name(1).ext, or name(2).ext; a directory goes into one that is there, and
 * becomes name(1) where a file is in its way, or a directory that must not be gone into.
 * What is there already, by its own name or a numbered one, stays as it is: the same
 * record where names are added, the same content and times where files are copied.
 * So planning again after the plan was carried out plans nothing.
 *
 * Migration rules may say otherwise of a file: that what is there stays and the file is not restored, that the
 * file takes the name from what is there, or how names are numbered.  What they say of its security and its times
 * (excludeAttributes) is done to copies alone: a copy gets the security of its new folder, and the time of the
 * restore.  A further name shares both with its name in the store, which stays as it was captured; such
 * files are counted.
 */
#ifndef RECOVER_ENGINE_RESTORE_PLAN_H
#define RECOVER_ENGINE_RESTORE_PLAN_H

#include "recover/engine/destination.h"
#include "recover/engine/origin.h"
#include "recover/engine/restore.h"
#include "recover/engine/restore_route.h"
#include "recover/engine/state_store.h"

#define LETTERS 26u /* drives A: to Z: */

/* Files and directories that are restored: a letter's part of a store, or of a rebuilt folder. */
struct restore_part {
	struct destination  *to;
	const struct origin *origins;
	uint16_t             from;    /* which of .origins they come from */
	uint16_t             here;    /* which of .origins .to is */
	bool                 linking; /* they lie on .to itself: their items are its records, and get names */
	const struct state_store *store; /* on .to: it is not gone into; NULL: none */
	struct restore_report    *report;
	uint32_t                 *copies; /* by item: its index in .to->copies and one more, 0 none yet */
	void                     *context; /* of the functions below */

	/*
	 * Is there something called @name, to be restored to the same directory?  @above is its
	 * directory.  The very name goes first; *@item is what has it.
	 */
	bool (*sibling)(const struct restore_part *part, uint64_t above, const struct ntfs3g_name *name,
			bool exact, uint32_t *item);

	/* 1 if the file has room for its names here, 0 if it is to be copied for them, -1. */
	int (*has_room)(struct restore_part *part, uint32_t item, struct error *err);

	/* What is known of a name: 1 if it had an 8.3 name, 0 if not, -1. */
	int (*alias)(struct restore_part *part, uint64_t path, struct ntfs3g_name *alias, struct error *err);

	/* 1 if the store has a copy of the file there, because it could not be linked, 0 if not, -1. */
	int (*is_copy)(struct restore_part *part, uint64_t path, struct error *err);
};

/* A name of the part. */
struct restore_name {
	uint32_t           item;
	uint64_t           above;  /* its directory, as .sibling wants it; RESTORE_NO_SIBLINGS: it goes elsewhere */
	uint32_t           folder; /* where that goes, in .to->folders */
	uint64_t           path;   /* its hash (restore_path_hash) */
	struct ntfs3g_name name;
	enum merge_rule    merge;   /* of a file whose name is taken */
	const char        *pattern; /* of MERGE_PATTERN; borrowed */
	unsigned           drops;   /* enum rule_attributes */
	bool               reserved; /* its own name is not for it (restore_route_reserve) */
};

#define RESTORE_NO_SIBLINGS UINT64_MAX

/* A path's hash goes on with "\name" from that of its directory; the root's is RESTORE_ROOT_PATH. */
#define RESTORE_ROOT_PATH 14695981039346656037u
uint64_t restore_path_hash(uint64_t above, const char *text, size_t length);

/*
 * Plan where a directory goes: 1 with *@folder, 0 if it can go nowhere (told), -1.
 * @filled  something is in it
 */
MUST_CHECK int restore_plan_folder(struct restore_part *part, const struct restore_name *name, bool filled,
				   uint32_t *folder, struct error *err);

/* Plan where one name of a file goes. */
MUST_CHECK int restore_plan_file(struct restore_part *part, const struct restore_name *name,
				 struct error *err);

#endif
