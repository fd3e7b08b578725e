/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture.h - the users' files into a store of hard links, or of copies
 *
 * Below PATH\USMT.new-<uuid>, on each volume, every file below the trees gets one
 * more name, and every directory a copy with its times, attributes, security and
 * reparse data.  When all of that is committed and has been read back, the
 * catalogue, the marker and the name USMT come in one transaction, on the primary
 * volume last.  An older store of ours becomes USMT.generation-N in the same
 * transaction.  Cut off and run again, a capture goes on with what it had begun.
 *
 * A file that cannot be linked (a file has room for about a thousand names) is copied
 * once for all of its names.  Reparse points are kept and never followed.  Folders of the host
 * that are named as drives are copied into the primary's part (capture_folder.h).
 *
 * A store of copies lies on the first volume alone and has the files of all (capture_copy.h); it has no marker,
 * and its unfinished part is taken away where files have changed since.
 */
#ifndef RECOVER_ENGINE_CAPTURE_H
#define RECOVER_ENGINE_CAPTURE_H

#include "recover/engine/capture_choice.h"
#include "recover/engine/coverage.h"
#include "recover/engine/host_listing.h"
#include "recover/engine/state_store.h"

/* What is captured where neither trees nor rules are named and no Windows is found: each volume's, where it is there. */
#define CAPTURE_DEFAULT_TREES { "\\Users", "\\Documents and Settings" }

/* What becomes of encrypted files. */
enum efs_mode {
	EFS_KEEP, /* as all others: linked or copied as they are */
	EFS_SKIP,
	EFS_REFUSE, /* with one, nothing is captured */
};

struct capture_options {
	const char        *store;          /* PATH, as given */
	const char *const *trees;          /* "\Data", of every volume, or "D:\Data"; none: by rules */
	size_t             tree_count;
	bool               copy;           /* of all volumes into a store on the first; no links */
	enum efs_mode      efs;
	bool               digests;        /* SHA-256 of every content into the catalogue */
	bool               new_generation; /* set aside a store that is not ours, too */
	bool               overwrite_deleted;
	const char        *command;        /* the command line, for the catalogue */
	struct migration_options migration; /* whose data, and which; not looked at where trees are named */
};

struct capture_part {
	char     letter;
	bool     unchanged;   /* the store there held all of it already; nothing was written */
	uint64_t files, names, directories, bytes; /* in the store; each file once */
	uint64_t copied, copied_bytes;             /* of the files */
	uint64_t limited;                          /* directories and copies of which something could not be kept */
	char     set_aside[64];                    /* name that the older store has now, "" if there was none */
	uint64_t alone; /* files of that store that are nowhere else, and have no successor at their place */

	struct coverage      uncovered; /* user data of the volume that is not captured */
	char                *folder;    /* of the host, that this part is copied from; NULL: none */
	struct host_troubles troubles;  /* what was left out, or changed meanwhile */
	struct host_troubles encrypted; /* files that were left out for it, or for which all was refused */
};

struct capture_result {
	char                *path;  /* of the store's folder, "\StateStore" */
	struct capture_part *parts; /* by volume, then by folder */
	size_t               count;
	struct capture_choice choice; /* what the rules chose, of whom; .by_rules false: nothing is in it */
};

/*
 * Capture from opened volumes into the store at PATH.  Nothing else on them changes.
 * Returns 0, or -1: the trees are nowhere, PATH is in the way, a guard refuses, a disk is full or fails; what
 * was not published is no store, and the same command goes on with it.  Release in any case.
 */
MUST_CHECK int capture_run(const struct capture_options *options, struct work_volumes *volumes,
			   struct capture_result *result, struct error *err);
void           capture_result_release(struct capture_result *result);

#endif
