/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_files.h - the files that a command line of USMT's names: rules, configurations, logs
 *
 * A path with a drive letter is a file of the volume that is named so, and can only be read: it is
 * copied to a temporary folder for as long as the run takes.  Any other path is one of this computer, with either
 * slash; what is to be read is found whatever the case of its letters.
 */
#ifndef RECOVER_USMT_USMT_FILES_H
#define RECOVER_USMT_USMT_FILES_H

#include "recover/engine/work_volume.h"

struct usmt_file {
	char *path;   /* of this computer */
	char *folder; /* temporary, with the file in it; NULL: it is the user's own */
};

/* Where the files of a step of a task sequence are; each NULL: where the paths say. */
struct usmt_places {
	const char *package; /* folder in which those to be read are looked for, if their path is relative */
	const char *written; /* folder in which all that are written lie, by the last name of their path */
};

struct usmt_files {
	struct usmt_file  *items;
	size_t             count, capacity;
	struct usmt_places places;
};

/*
 * Find a file in a package with USMT, or in MDT's deployment share, whatever the case of its letters and its slashes.
 * @found  its path, to be freed
 * Returns 1, 0 if there is none (nor does one count that lies outside), or -1 without memory.
 */
MUST_CHECK int usmt_package_find(const char *package, const char *name, char **found, struct error *err);

/*
 * Find a file to read.
 * @volumes  open; NULL: none are named
 * @found    its path on this computer, borrowed from @files
 * Returns 0, or -1: it is not there, or cannot be read.
 */
MUST_CHECK int usmt_files_find(struct usmt_files *files, struct work_volumes *volumes, const char *path,
			       const char **found, struct error *err);
void           usmt_files_release(struct usmt_files *files);

/* The path of this computer for a file to be written; to be freed.  -1: it is none, with what to say instead. */
MUST_CHECK int usmt_files_to_write(const struct usmt_files *files, const char *path, char **host, struct error *err);

#endif
