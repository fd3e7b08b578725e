/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree.h - a volume's tree put together from paths
 */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include "scan/volume_tree.h"
#include "tests/unit/unit.h"

struct test_tree {
	struct volume      volume;
	struct volume_tree tree;
	char             **paths; /* by record; "" the root */
	uint32_t           next;  /* record */
};

/* Room for @records of them. */
void test_tree_begin(struct test_tree *it, uint32_t records);

/* Make a file, or a folder ("\Users\a\"), with the folders above it.  Returns its record. */
uint32_t test_tree_add(struct test_tree *it, const char *path, uint64_t bytes);

/* One more name for the record that was made last. */
void test_tree_name(struct test_tree *it, const char *path, uint8_t space);

/* All has been added. */
void test_tree_build(struct test_tree *it);
void test_tree_release(struct test_tree *it);

#endif
