/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_volumes.h - which volumes a command line of USMT's works on, and which of them holds the store
 *
 * USMT runs on the machine itself and knows its drives; we are told: with --on [LETTER=]SOURCE, or else, so that
 * a command line can stay as it is, in HOLDFAST_VOLUMES="C=disk.img@2 D=/dev/sdb1".
 */
#ifndef RECOVER_USMT_USMT_VOLUMES_H
#define RECOVER_USMT_USMT_VOLUMES_H

#include "recover/engine/work_volume.h"
#include "recover/usmt/usmt_options.h"

#define USMT_VOLUMES_VARIABLE "HOLDFAST_VOLUMES"

struct usmt_volumes {
	char  **items; /* operands for work_volumes_open; that of the store is the first */
	size_t  count, capacity;
	char   *store; /* path on each volume, "\StateStore"; NULL: the command has none */
	char    store_letter;
	char    passed_over[27]; /* letters of drives that are mounted as folders, where these are not wanted */
};

/*
 * Find the volumes and the store of a command line.  None may be named: .count is 0.
 * Returns 0, or -1 with ERROR_USAGE.  usmt_volumes_release in any case.
 */
MUST_CHECK int usmt_volumes_find(struct usmt_volumes *volumes, const struct usmt_options *options, struct error *err);

/*
 * The same for volumes that are @open already: none may be named, and the store must lie on the first.  .count
 * is 0.
 */
MUST_CHECK int usmt_volumes_take(struct usmt_volumes *volumes, const struct usmt_options *options,
				 const struct work_volumes *open, struct error *err);
void           usmt_volumes_release(struct usmt_volumes *volumes);

/* The drive letter that a path begins with, "C:\x", in upper case; 0: none. */
char usmt_path_letter(const char *path);

#endif
