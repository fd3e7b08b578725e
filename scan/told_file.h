/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * told_file.h - one file of a volume, made ready to be written down: names, places in stores, content, grade
 */
#ifndef SCAN_TOLD_FILE_H
#define SCAN_TOLD_FILE_H

#include "scan/volume_scan.h"

struct member {
	size_t store;     /* in scan->stores */
	bool   only_here;
};

/* What a worker makes of one node before its turn to write comes. */
struct told_file {
	struct case_record record;
	struct member     *members;
	size_t             member_count;
	bool               beside;
};

struct told_files ARRAY(struct told_file);

/* A directory that names stand in. */
struct told_directory {
	uint32_t           node;
	uint32_t           store;  /* in vs->stores, or NO_STORE */
	struct text_buffer path, inside;
};

#define TOLD_DIRECTORIES 16u /* seen last: a file's names stand in several, and its neighbours' in the same */

/* What one thread makes such files with. */
struct file_teller {
	struct volume_scan   *vs;
	struct file_reader    reader;
	struct hard_links     links;
	struct told_directory directories[TOLD_DIRECTORIES]; /* by node; without .path: none */
	struct text_buffer    path, inside;                  /* of the name at hand */
};

MUST_CHECK int file_teller_init(struct file_teller *teller, struct volume_scan *vs, struct error *err);
void           file_teller_release(struct file_teller *teller);

/* Tell the file of @node.  @file is empty before, and to be released in any case.  Returns 0, or -1 without memory. */
MUST_CHECK int told_file_make(struct file_teller *teller, uint32_t node, struct told_file *file, struct error *err);
void           told_file_release(struct told_file *file);

#endif
