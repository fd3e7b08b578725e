/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_listing.h - what is in a folder of the host, to be copied onto a volume
 *
 * A drive that is not NTFS, mounted on the host.  Walked once, in the same order for
 * the same content: directories before what is in them, names by their bytes.
 * Symbolic links are never followed, nor is another file system entered that is
 * mounted below.  What cannot be taken is told, not passed over.  Some 130 bytes a
 * file, and its name.
 */
#ifndef RECOVER_ENGINE_HOST_LISTING_H
#define RECOVER_ENGINE_HOST_LISTING_H

#include "core/array.h"
#include "core/utf16.h"
#include "scan/namespace.h"
#include "scan/standard_information.h"

#include <sys/stat.h>

#define HOST_TOP       0u                                       /* the folder itself, in .entries */
#define HOST_DEPTH_MAX (PATH_DEPTH_MAX / 2)                     /* directories below one another */
#define HOST_KEPT_ATTRIBUTES \
	(FILE_IS_READ_ONLY | FILE_IS_HIDDEN | FILE_IS_SYSTEM | FILE_IS_ARCHIVE) /* those that FAT knows */

struct host_entry {
	size_t            parent; /* in .entries */
	size_t            name;   /* where it begins in .names, as the host spells it; UTF-8 */
	size_t            first;  /* of a directory: what is in it are .count entries from here on, by name */
	size_t            count;
	uint64_t          size_bytes; /* of a file */
	uint64_t          disk_bytes; /* that it takes on the host: less where it has holes */
	struct file_times times;
	uint32_t          attributes; /* of HOST_KEPT_ATTRIBUTES */
	uint16_t          depth;      /* 0: the folder itself */
	bool              directory;
	bool              covered;  /* in a tree, or the top of one; else on the way to one */
	bool              left_out; /* a file whose content could not be had */
};

struct host_entries ARRAY(struct host_entry);

/* Something that was left out, or that is not quite what it was. */
struct host_trouble {
	char       *path; /* "E:\a\b", in the bytes of the host */
	const char *why;  /* "is a symbolic link" */
	int         sys;  /* errno, 0: none */
	bool        kept;
};

struct host_troubles ARRAY(struct host_trouble);

struct host_listing {
	struct host_entries   entries;
	struct text_buffer    names;
	int                   fd;         /* of the folder, -1: none */
	dev_t                 device;     /* of its file system */
	bool                  fat;        /* which knows FAT attributes */
	char                  letter;     /* of the drive */
	struct host_troubles *troubles;   /* borrowed */
};

struct host_listing_options {
	char               letter;
	const char        *path;           /* of the host */
	const char *const *trees;          /* paths below it, "\Data", case aside; none: all of it */
	size_t             tree_count;
	const struct stat *excluded;       /* files that are left out: the images under work */
	size_t             excluded_count;
};

/*
 * List a folder.
 * @troubles  what is left out is added; borrowed until host_listing_release
 * Returns 0, or -1: it cannot be opened, a tree is a file, no memory.  Release in any case.
 */
MUST_CHECK int host_listing_read(struct host_listing *listing, const struct host_listing_options *options,
				 struct host_troubles *troubles, struct error *err);
void           host_listing_release(struct host_listing *listing);
void           host_troubles_release(struct host_troubles *troubles);

static inline const char *host_listing_name(const struct host_listing *listing, const struct host_entry *entry)
{
	return listing->names.items + entry->name;
}

/*
 * Open a file or directory of the listing for reading, component by component and without leaving the
 * folder or its file system; where that is possible, without leaving an access time behind.
 * Returns a descriptor, or -1 with errno.
 */
int host_listing_open(const struct host_listing *listing, size_t entry);

/* Learn size and times once more from an open file. 0, or -1 with errno; ESTALE: it is no file any more. */
int host_entry_refresh(struct host_entry *entry, int fd);

/* Tell that something is the matter with an entry.  Returns 0, or -1 without memory. */
MUST_CHECK int host_listing_tell(const struct host_listing *listing, size_t entry,
				 const struct host_trouble *trouble, struct error *err);

#endif
