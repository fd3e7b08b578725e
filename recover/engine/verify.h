/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify.h - is all that was captured still on the volume?
 *
 * Holds every entry of a store's catalogue against the volume as it is now: the file is still that file and the
 * store's names lead to it, its streams have the sizes, clusters and resident values that were captured, and
 * what a digest was made of has it still.  Where the names outside the store lead is only
 * counted: after a wipe they are gone.
 *
 * The store shares its content with the originals: a file that its owner has written since the capture is
 * changed, which is told, and no damage.
 */
#ifndef RECOVER_ENGINE_VERIFY_H
#define RECOVER_ENGINE_VERIFY_H

#include "recover/engine/store_catalogue.h"

enum verify_kind {
	VERIFY_MISSING,    /* the file is gone, or the store has no name for it any more */
	VERIFY_NAME,       /* one of several of the store's names is gone */
	VERIFY_DAMAGED,    /* it is there, but is not what was captured */
	VERIFY_CATALOGUE,  /* what was captured of it is lost, in both copies of the catalogue */
	VERIFY_CHANGED,    /* written since by its owner */
	VERIFY_ATTRIBUTES, /* attributes, security or times are others */
	VERIFY_UNKNOWN,    /* in the store, but the catalogue does not know it */
	VERIFY_KINDS,
};

struct verify_problem {
	enum verify_kind kind;
	uint64_t         record;
	const char      *path;      /* on the volume, "\Users\a\x.txt"; NULL: unknown */
	bool             directory;
	const char      *text;      /* one clause */
};

/* Takes one problem; -1 ends it all. */
typedef int verify_each(void *context, const struct verify_problem *problem, struct error *err);

struct verify_result {
	uint64_t files, directories; /* in the catalogue */
	uint64_t bytes;              /* of the files' unnamed streams */
	uint64_t counts[VERIFY_KINDS];
	uint64_t originals, originals_there; /* names outside the store: captured, and still leading to their file */
	uint64_t digests;            /* contents that were read and have the digest that was captured */
	uint64_t blocks_damaged;     /* of the catalogue: lost in one copy */
	uint64_t blocks_lost;        /* in both: entries are missing */
	bool     complete;           /* the catalogue has been read to its end, and its totals are those of its entries */
};

/* True if nothing that was captured is missing or damaged, and the catalogue can be believed to say so. */
static inline bool verify_is_sound(const struct verify_result *result)
{
	return result->complete && !result->blocks_lost && !result->counts[VERIFY_MISSING] &&
	       !result->counts[VERIFY_NAME] && !result->counts[VERIFY_DAMAGED] &&
	       !result->counts[VERIFY_CATALOGUE];
}

/*
 * Verify the part of the store in the directory @store_folder (USMT, a generation) that lies on @volume, whose
 * tree has been read.
 * @digests  also read all contents of which there is a digest, with a progress bar
 * @each     may be NULL
 * Returns 1 with @result, 0 when the store has no catalogue, or -1: the catalogue cannot be read or is of
 * another version, no memory, or @each said so.
 */
MUST_CHECK int verify_store(struct work_volume *volume, uint32_t store_folder, bool digests, verify_each *each,
			    void *context, struct verify_result *result, struct error *err);

/* "missing", "changed", ... as in JSON. */
const char *verify_kind_name(enum verify_kind kind);

#endif
