/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * release.h - a store is dropped, its files stay
 *
 * What goes is all that lies at a store path: the store, its generations, captures that
 * were not finished.  A file in them loses these names and nothing else, so it must have a
 * name outside of every store; or, since a store holds copies of what could not be linked,
 * another file with the same content must stand where it was captured from.  If one file has
 * neither, nothing is released.
 *
 * The volume named first is the last to be worked on; what was cut off is gone on with
 * by the same command.
 */
#ifndef RECOVER_ENGINE_RELEASE_H
#define RECOVER_ENGINE_RELEASE_H

#include "core/json.h"
#include "recover/engine/record_set.h"
#include "recover/engine/state_store.h"

#define RELEASE_TOLD 20u /* files that stand in the way are named, so many of them */

/* One volume's part of what goes. */
struct release_part {
	struct work_volume *volume;
	struct state_store  store;
	struct record_set   stored; /* all that is below any store, and below the store's folders */
	struct record_set   goes;   /* the store's folders, and all below them */
	struct record_set   held;   /* of that, what is below a folder File: users' files */
	struct record_set   kept;   /* records of .goes that are safe elsewhere as a copy */
	bool                path;   /* nothing else is in PATH: it goes, too */
};

struct release_paths ARRAY(char *);

/* A folder at the store path with files that are nowhere else, nor in a newer one. */
struct release_holder {
	char    *name;       /* "USMT.generation-1" */
	uint32_t generation; /* 0: the store itself, or an unfinished capture */
	char    *way_out;    /* what brings the files back: "holdfast restore --store ..." */
	uint64_t files, bytes;
};

struct release_holders ARRAY(struct release_holder);

struct release_plan {
	char                *path;  /* "\StateStore" */
	struct release_part *parts; /* by volume */
	size_t               count;

	uint64_t files;       /* that lose names and stay */
	uint64_t names;       /* that they lose */
	uint64_t copies;      /* that go, for their originals are there */
	uint64_t directories; /* that go */

	struct release_paths   lost; /* the first files that would be lost, "C:\StateStore\USMT\File\C$\x" */
	uint64_t               lost_files, lost_bytes;
	struct release_holders holders; /* of them all */
};

/*
 * Plan the release of the store at @path from all @volumes; nothing is written.
 * Returns 0, also when files would be lost (.lost_files), or -1.  release_plan_release in any case.
 */
MUST_CHECK int release_plan_make(struct release_plan *plan, struct work_volumes *volumes, const char *path,
				 bool overwrite_deleted, struct error *err);
void           release_plan_release(struct release_plan *plan);

/* A holder as an object in JSON. */
void release_holder_json(struct json *json, const struct release_holder *holder);

/*
 * Do it; only for a plan by which nothing is lost.  Volumes without a part are not written.
 * Returns 0, or -1: what was released until then may stay released; the same command goes on.
 */
MUST_CHECK int release_run(const struct release_plan *plan, struct error *err);

#endif
