/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk.h - a volume that libntfs-3g makes, fills and reads back, and what we see of it
 */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

#include "recover/ntfs3g.h"
#include "scan/volume_tree.h"
#include "tests/unit/unit.h"

struct disk {
	char              *folder, *path;
	struct ntfs3g      mount; /* from disk_make to disk_release */
	struct evidence    evidence;
	struct findings    findings;
	struct volumes     volumes; /* one */
	struct volume_tree tree;
	struct error       err;
};

/* 24 MiB, formatted by mkntfs with @options, mounted. */
void disk_make(struct disk *it, const char *options);

/* What is on it now, as a tree.  Once. */
void disk_read(struct disk *it);
void disk_release(struct disk *it);

file_ref    disk_folder(struct disk *it, file_ref parent, const char *text);
ntfs_inode *disk_file(struct disk *it, file_ref folder, const char *text); /* open */
void        disk_close(struct disk *it, ntfs_inode *inode);
void        disk_name(struct disk *it, ntfs_inode *inode, file_ref folder, const char *text,
		      enum file_name_space space);

/* Write into a stream, "" for the unnamed, and read one back (to be freed). */
void disk_write(struct disk *it, ntfs_inode *inode, const char *stream, uint64_t offset, const void *data,
		size_t size);
struct blob disk_content(struct disk *it, ntfs_inode *inode, const char *stream);

#endif
