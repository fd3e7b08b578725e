/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - state stores on one volume
 *
 * Recognised by structure (File\<letter>$ below anything), by symptom (files whose
 * one path ends in the other), and, where their upper directories are lost, by
 * what stands below a ghost.  A directory of a store and the directory it
 * mirrors are twins (<store>\File\C$\p and \p): where one of the two is lost,
 * the other gives its name; where the store's names are gone and the
 * originals are there, the store's follow.  Such names are derived, never proven.
 */
#ifndef SCAN_STORE_H
#define SCAN_STORE_H

#include "scan/copy_lives.h"
#include "scan/directory_index.h"

enum store_kind  { STORE_USMT, STORE_HOLDFAST, STORE_PLAIN };
enum store_state { STORE_LIVE, STORE_PARTIAL, STORE_DELETED, STORE_REMNANT };

#define STORE_MIRRORS_MAX 26u

struct store_mirror {
	uint32_t node;   /* directory that mirrors a volume's root */
	char     letter; /* of that volume */
	bool     home;   /* that volume is the one the store lies on */
};

struct store {
	uint32_t            root;      /* node: the USMT directory, or the highest that is left */
	bool                orphans;   /* no store by itself: what may have belonged to one (see below) */
	bool                primary;   /* holds hardlink.main */
	bool                catalogued;/* holds holdfast.cat */
	struct store_mirror mirrors[STORE_MIRRORS_MAX];
	size_t              mirror_count;
	size_t              live_names, dead_names; /* of files and directories */
	size_t              second_names;           /* files with a name outside, now or before */
};

/* A file or directory with a name in a store. */
struct store_member {
	uint32_t node;
	uint32_t store;      /* index */
	bool     directory;
	bool     only_here;  /* every surviving name is in some store */
};

struct store_list         ARRAY(struct store);
struct store_members ARRAY(struct store_member);

struct stores {
	struct namespace    *space;
	struct store_list    list;
	struct store_members members;  /* by record, then store */
	uint32_t            *of_node;  /* store index + 1 of each directory node; 0 for none */
	size_t               of_count; /* nodes in .of_node */
};

#define NO_STORE UINT32_MAX

/* What a volume's shadow copies are held against. */
struct store_copy {
	const struct known_lives *known;
	uint32_t                  of;    /* number of the volume */
};

/*
 * Find the stores of a volume, derive what follows from twins, and list their members.
 * Unless all stores of the volume are whole, deleted files with no way to the root are listed as one
 * more store (.orphans): what they were is not known, that they may have been a store's is.
 * @copy  NULL for a volume; of a shadow copy those orphans are listed whose records the volume has used again
 * Returns 0, or -1 without memory.  Release in any case.
 */
MUST_CHECK int stores_find(struct stores *stores, struct namespace *space, const struct store_copy *copy,
			   struct error *err);
void           stores_release(struct stores *stores);

/* The store in which a directory node lies (or whose root it is), or NO_STORE. */
uint32_t stores_of(const struct stores *stores, uint32_t node);

enum store_state store_state(const struct stores *stores, const struct store *store);
enum store_kind  store_kind(const struct store *store);
const char      *store_state_name(enum store_state state);
const char      *store_kind_name(enum store_kind kind);

/*
 * User data outside every store that was deleted: all files but those in the system's folders; also
 * orphans, where no store took them.
 * @copy   NULL for a volume; of a shadow copy those files that are in use there, and no longer known
 * @nodes is appended to, in the order of records.  Returns 0, or -1 without memory.
 */
struct node_list ARRAY(uint32_t);
MUST_CHECK int stores_beside(struct stores *stores, const struct store_copy *copy, struct node_list *nodes,
			     struct error *err);

#endif
