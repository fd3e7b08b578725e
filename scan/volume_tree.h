/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_tree.h - a consistent volume as a tree: who lies where, what it is called, all of its content
 *
 * Read once, from the records alone: a name is in the tree when its record and its
 * directory are in use, the references between them carry the right sequence
 * numbers, and its directory is below the root.  A directory is in one place, the
 * one of its first name.  So a walk down from the root and a path up to it always
 * end, whatever the volume says.  Some 150 bytes a file, the inventory included.
 *
 * A node is an MFT record number.  The root is ROOT_RECORD; it has no names.
 */
#ifndef SCAN_VOLUME_TREE_H
#define SCAN_VOLUME_TREE_H

#include "scan/case_record.h"
#include "scan/upcase.h"

#define NO_TREE_RECORD UINT32_MAX

struct tree_child {
	uint32_t record; /* of the file or directory */
	uint32_t name;   /* in inventory.names */
};

struct volume_tree {
	struct inventory     inventory;   /* without its claims; borrows the volume */
	struct extensions    extensions;
	struct upcase        upcase;      /* the volume's own, or the built-in one */
	struct findings      findings;    /* damage that was met; a volume in order has none */
	struct tree_child   *children;    /* grouped by directory */
	uint32_t            *first_child; /* where a record's group begins; one more at the end */
	uint32_t            *names;       /* in inventory.names, grouped by owner */
	uint32_t            *first_name;  /* likewise */
};

/*
 * Read the whole table of @volume on @threads cores.
 * Returns 0, or -1 when there is no table or no memory.  volume_tree_release in any case.
 */
MUST_CHECK int volume_tree_read(struct volume_tree *tree, const struct volume *volume, unsigned threads,
				struct error *err);
void           volume_tree_release(struct volume_tree *tree);

/* The second half of volume_tree_read: .inventory, .extensions and .upcase are there already. */
MUST_CHECK int volume_tree_build(struct volume_tree *tree, unsigned threads, struct error *err);

/*
 * What is in the directory @record: *@count children in the order of NTFS (upcase_compare), DOS
 * aliases among them.  None for what is no directory.
 */
const struct tree_child *volume_tree_children(const struct volume_tree *tree, uint32_t record, size_t *count);

/* The names of a file or directory: *@count indices into inventory.names, DOS aliases among them. */
const uint32_t *volume_tree_names(const struct volume_tree *tree, uint32_t record, size_t *count);

/* Names of a record, DOS aliases not counted. */
size_t volume_tree_links(const struct volume_tree *tree, uint32_t record);

/*
 * The child of a directory that is called @text (UTF-16LE, @units of them), NULL if there is none.
 * Case counts only where two names differ in nothing else.
 */
const struct tree_child *volume_tree_child(const struct volume_tree *tree, uint32_t directory,
					   const uint8_t *text, size_t units);

/* The record at a path in WTF-8, "\Users\a" or "/Users/a"; "\" and "" are the root; or NO_TREE_RECORD. */
uint32_t volume_tree_find(const struct volume_tree *tree, const char *path);

/* The directory that a name of the tree stands in. */
static inline uint32_t volume_tree_parent(const struct volume_tree *tree, uint32_t name)
{
	return (uint32_t)file_ref_record(tree->inventory.names.items[name].parent);
}

/*
 * The path of a name of the tree as WTF-8, "\Users\a\x.txt"; @path is emptied first and ends with a
 * zero that is not counted.  Returns 0, or -1 without memory.
 */
MUST_CHECK int volume_tree_path(const struct volume_tree *tree, uint32_t name, struct text_buffer *path,
				struct error *err);

/* The row of a record: size, sequence, link count, as read. */
static inline const struct mft_row *volume_tree_row(const struct volume_tree *tree, uint32_t record)
{
	return &tree->inventory.rows[record];
}

/* Bytes in the unnamed stream of a file, whichever of its records begins it. */
uint64_t volume_tree_file_bytes(const struct volume_tree *tree, uint32_t record);

static inline bool volume_tree_is_directory(const struct volume_tree *tree, uint32_t record)
{
	return volume_tree_row(tree, record)->flags & ROW_DIRECTORY;
}

/* The reference that names a record of the tree. */
static inline file_ref volume_tree_ref(const struct volume_tree *tree, uint32_t record)
{
	return inventory_ref(&tree->inventory, record);
}

/*
 * Load a file or directory of the tree in full: as from a casebook, but for .file.id, and with all of
 * its names, DOS aliases last.  A grade below intact means that its record or its runs are damaged.
 * @reader  of the tree's inventory and extensions
 * Returns 0, or -1 without memory.  case_record_release in any case.
 */
MUST_CHECK int volume_tree_load(const struct volume_tree *tree, struct file_reader *reader, uint32_t record,
				struct case_record *to, struct error *err);

#endif
