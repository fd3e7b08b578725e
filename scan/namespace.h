/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * namespace.h - which paths the names give
 *
 * A node is one life of one record: nodes below inventory.count are the lives that
 * the records show, those above are ghosts: lives that something refers to but
 * whose record belongs to somebody else by now, and directories that follow from
 * others (store.h).  A parent reference holds only for the very life it names, so
 * children of one lost directory stay together and never mix with another's.
 *
 * Paths that do not reach the root begin with \$Orphans\<record>-<sequence>.
 */
#ifndef SCAN_NAMESPACE_H
#define SCAN_NAMESPACE_H

#include "scan/inventory.h"

#define NO_NODE        UINT32_MAX
#define NO_NAME        UINT32_MAX
#define PATH_DEPTH_MAX 255u
#define ORPHANS_NAME   "$Orphans"

enum proof {
	PROOF_PROVEN,  /* every reference on the way matched */
	PROOF_DERIVED, /* a step is said by something else than the record, or follows from a twin */
	PROOF_GUESSED, /* the way to the root is not known */
};

struct node {
	uint32_t parent; /* node, or NO_NODE */
	uint32_t name;   /* in inventory.names, or NO_NAME */
	uint8_t  derived; /* parent and name are not from its record as it is */
	uint8_t  proof;  /* enum proof of its path, once known */
	uint8_t  known;  /* .proof is */
	uint8_t  directory; /* of ghosts: something lies in it, or what gives its name says so */
};

struct nodes  ARRAY(struct node);
struct ghosts ARRAY(file_ref);

/* A name that no record holds, but that follows from another name of the file. */
struct derived_name {
	uint32_t owner;  /* node */
	uint32_t parent; /* node */
	uint32_t name;   /* whose text it has */
};

struct derived_names ARRAY(struct derived_name);

struct namespace {
	const struct inventory *inventory;
	struct nodes            nodes;      /* records first, then ghosts */
	struct ghosts           ghosts;     /* their references, sorted; 0 for derived directories, which come last */
	uint32_t               *parents;    /* of each name: node */
	uint32_t               *by_owner;   /* names, grouped by owner node; without earlier ones */
	uint32_t               *first;      /* where a node's group begins; one more at the end */
	uint32_t                grouped;    /* nodes that have groups: all but derived ones */
	struct derived_names    derived;    /* sorted by owner once namespace_settle has run */
};

/* One name of a file, as it is told to others. */
struct hard_link {
	uint32_t   parent; /* node */
	uint32_t   name;   /* whose text it has */
	enum proof proof;
	enum fact_source source; /* what says so */
	bool       live;   /* stands in a record in use */
	bool       dos;    /* 8.3 alias of another name in the same directory */
};

struct hard_links ARRAY(struct hard_link);

/* Resolve all names of @inventory.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int namespace_build(struct namespace *space, const struct inventory *inventory,
			       struct error *err);
void           namespace_release(struct namespace *space);

/* The node that a reference names: a record's life, a ghost, or NO_NODE if nothing is known of it. */
uint32_t namespace_node_of(const struct namespace *space, file_ref ref);

/* The reference that names a node; 0 for a derived directory. */
file_ref namespace_ref(const struct namespace *space, uint32_t node);

/* True if the node is a life that goes on. */
bool namespace_is_live(const struct namespace *space, uint32_t node);

/* True if the node is a directory: as its record says; of ghosts, as everything else does. */
bool namespace_is_directory(const struct namespace *space, uint32_t node);

/* How well the path of a directory node is known. */
enum proof namespace_proof(struct namespace *space, uint32_t node);

/* Add a directory that follows from its twin.  Returns its node, or NO_NODE without memory. */
uint32_t namespace_add_derived(struct namespace *space, uint32_t parent, uint32_t name);

/* Give a nameless node the place of its twin. */
void namespace_place(struct namespace *space, uint32_t node, uint32_t parent, uint32_t name);

/* Call when no more names and places will be derived. */
void namespace_settle(struct namespace *space);

/*
 * All names of a file, DOS aliases last; @links is emptied first.  The same name twice in one
 * directory counts once.  Returns 0, or -1 without memory.
 */
MUST_CHECK int namespace_links(struct namespace *space, uint32_t owner, struct hard_links *links,
			       struct error *err);

struct text_buffer ARRAY(char);

/*
 * The path of a directory node as WTF-8, "\" for the root, without an end otherwise; @path is
 * emptied first and ends with a zero that is not counted.  Returns 0, or -1 without memory.
 */
MUST_CHECK int namespace_path(struct namespace *space, uint32_t node, struct text_buffer *path,
			      struct error *err);

/* Append "\name" to a path from namespace_path. */
MUST_CHECK int namespace_path_add(const struct namespace *space, uint32_t name, struct text_buffer *path,
				  struct error *err);

#endif
