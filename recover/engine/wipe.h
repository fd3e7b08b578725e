/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wipe.h - everything off a volume but what is kept
 *
 * Kept are the named paths with what is below them, the directories above them, System Volume
 * Information, and the file system's own.  A file stays when any of its names does, and
 * loses the others; but those in the folder where it was named itself.  Planned as a whole before anything is removed; a wipe that
 * was cut off is gone on with by the same command.
 */
#ifndef RECOVER_ENGINE_WIPE_H
#define RECOVER_ENGINE_WIPE_H

#include "recover/engine/coverage.h"
#include "recover/engine/kept_paths.h"
#include "recover/engine/wipe_people.h"
#include "recover/engine/work_volume.h"

/* A store on another volume, made by capture --copy. */
struct wipe_copies {
	struct work_volume *volume; /* opened for reading */
	const char         *path;   /* "\StateStore" */
	uint32_t            mirror; /* File\<letter>$ of the volume that is wiped; found by wipe_plan_make */
};

struct wipe_options {
	const char *const  *keep; /* paths on the volume, as given */
	size_t              keep_count;
	struct wipe_copies *copies; /* a store that has to be whole instead of one below the kept paths; files that are
	                               as their copies in it are covered.  NULL: none */
	const char *const  *without; /* users whose profiles may be lost */
	size_t              without_count;
	bool                overwrite_deleted;
	bool                of_sequence; /* a step's: refusals say what helps there */
};

struct wipe_plan {
	struct kept_paths  kept;
	struct record_set  copied;  /* files of which the kept stores, or that on another volume, have copies */
	struct tree_places victims; /* that go, out of directories that stay */
	struct coverage    uncovered; /* user data that goes */
	struct kept_stores stores;    /* whole ones, that stand for what goes */
	struct wipe_people people;    /* who was captured, and not in full */
	bool               of_sequence;

	uint64_t files, directories;           /* that go */
	uint64_t names;                        /* that files which stay lose, aliases not counted */
	uint64_t kept_files, kept_directories; /* the file system's own not counted */
};

/*
 * Plan the wipe of a volume; nothing is written.
 * Returns 0, or -1: a path is none or is not there, no store of ours is whole, a profile is in none, the volume
 * is damaged or holds a deleted store.  wipe_plan_release in any case.
 */
MUST_CHECK int wipe_plan_make(struct wipe_plan *plan, struct work_volume *volume, const struct wipe_options *options,
			      struct error *err);
void           wipe_plan_release(struct wipe_plan *plan);

/* Refuse, with what to do, a plan by which user data would be gone for good: 0, or -1. */
MUST_CHECK int wipe_refuse_loss(const struct wipe_plan *plan, const struct work_volume *volume, struct error *err);

/*
 * Do it.  Without victims nothing is written.
 * @bytes_freed  in clusters of the volume
 * Returns 0, or -1: what was removed until then may stay removed; the same command goes on.
 */
MUST_CHECK int wipe_run(const struct wipe_plan *plan, struct work_volume *volume, uint64_t *bytes_freed,
			struct error *err);

#endif
