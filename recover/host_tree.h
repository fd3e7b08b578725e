/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_tree.h - folders of a destination, opened beneath it and nowhere else
 *
 * Paths are given as the casebook has them (WTF-8 with backslashes); each
 * component becomes a host name.  Every folder is opened one component at a time
 * without following links, so no name from a disk leads out of the destination.
 * Open folders are kept, the least recently used is closed.  One thread.
 */
#ifndef RECOVER_HOST_TREE_H
#define RECOVER_HOST_TREE_H

#include "core/error.h"

#define HOST_TREE_KEPT 512u

struct host_folder {
	char    *path;    /* as given */
	int      fd;
	uint64_t used;    /* when, by the tree's clock */
	uint32_t hash;
};

struct host_tree {
	int                root;    /* borrowed */
	struct host_folder kept[HOST_TREE_KEPT];
	uint64_t           clock;
};

void host_tree_init(struct host_tree *tree, int root);
void host_tree_release(struct host_tree *tree);

/*
 * The folder at @path ("" for the root), made with all above it if it is missing.
 * Returns a descriptor that stays the tree's and is good until the next call, or -1.
 */
int host_tree_folder(struct host_tree *tree, const char *path, size_t length, struct error *err);

/*
 * Split @path at its last backslash: the folder's descriptor, and the last component.
 */
int host_tree_parent(struct host_tree *tree, const char *path, const char **last, struct error *err);

#endif
