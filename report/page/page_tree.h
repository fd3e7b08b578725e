/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_tree.h - texts and folders, each once: what the names of files are made of on the page
 *
 * Numbers are given as texts and folders come.  After page_tree_settle there is an order: of texts, as people sort
 * names; of folders, as a tree is shown that is open everywhere, so that what lies below one is a stretch.
 */
#ifndef REPORT_PAGE_PAGE_TREE_H
#define REPORT_PAGE_PAGE_TREE_H

#include "core/arena.h"
#include "core/array.h"

#include <stdint.h>

#define NO_FOLDER UINT32_MAX

struct page_folder {
	uint32_t parent; /* NO_FOLDER: a root */
	uint32_t text;
};

/* Numbers found by what they stand for: open addressing. */
struct page_slots {
	uint32_t *items;    /* number + 1, 0 if free */
	size_t    count, capacity;
};

struct page_tree {
	struct arena arena;
	struct ARRAY(const char *) texts;
	struct ARRAY(struct page_folder) folders;
	struct page_slots text_slots, folder_slots;
	uint32_t *text_order, *folder_order; /* number by place */
	uint32_t *text_place, *folder_place; /* place by number */
};

/* Number of @length bytes of text; of the folder @text in @parent.  Return 0, or -1 without memory. */
MUST_CHECK int page_tree_text(struct page_tree *tree, const char *text, size_t length, uint32_t *number,
			      struct error *err);
MUST_CHECK int page_tree_folder(struct page_tree *tree, uint32_t parent, const char *text, size_t length,
				uint32_t *number, struct error *err);

/* The folder and the last part of @path, below the folder @root.  Returns 0, or -1 without memory. */
MUST_CHECK int page_tree_path(struct page_tree *tree, uint32_t root, const char *path, uint32_t *folder, uint32_t *leaf,
			      struct error *err);

MUST_CHECK int page_tree_settle(struct page_tree *tree, struct error *err);
void           page_tree_release(struct page_tree *tree);

#endif
