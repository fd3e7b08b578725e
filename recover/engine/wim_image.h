/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wim_image.h - the door to libwim: an operating system image in a WIM file
 *
 * WIM, ESD (solid) and split SWM files.  The library speaks to a stream of its own; what it says of
 * an error becomes ours, and what it warns of is kept.  One image at a time, one thread.
 */
#ifndef RECOVER_ENGINE_WIM_IMAGE_H
#define RECOVER_ENGINE_WIM_IMAGE_H

#include "core/array.h"

#include <stdbool.h>
#include <stdint.h>

struct wim_lines ARRAY(char *);

struct wim_image {
	char              *path;  /* of the file */
	struct WIMStruct  *wim;
	int                index; /* of the image, from 1 */
	bool               verified; /* all of it has been read */
	const char        *name;  /* WTF-8, "" if it has none */
	const char *const *refs;  /* as given, borrowed */
	size_t             ref_count;
	struct wim_lines   warnings; /* of the library, one line each */
	FILE              *words;    /* what it says goes here, */
	char              *said;     /* and is this */
	size_t             said_bytes;
};

/*
 * Open the image that @operand means: WIM, WIM:INDEX or WIM:NAME; the first may be left out where there is one only.
 * @refs  @ref_count patterns of further files that hold contents of it; the parts of a split WIM are found beside
 *        the first without
 * Returns 0, or -1: not a WIM, encrypted, damaged, cut off, or no such image.  wim_image_close in any case.
 */
MUST_CHECK int wim_image_open(struct wim_image *image, const char *operand, const char *const *refs, size_t ref_count,
			      struct error *err);
void           wim_image_close(struct wim_image *image);

/* Hold the files against their integrity tables, where they have one: 0, or -1. */
MUST_CHECK int wim_image_verify_files(struct wim_image *image, struct error *err);

/*
 * Read all of the image, once, and of the integrity tables of its files where they have one: 0; -1 when anything is
 * not as its digest says.
 */
MUST_CHECK int wim_image_verify(struct wim_image *image, struct error *err);

enum wim_attribute {
	WIM_SPARSE = 0x200,
	WIM_REPARSE_POINT = 0x400,
	WIM_COMPRESSED = 0x800,
	WIM_ENCRYPTED = 0x4000,
	WIM_DIRECTORY = 0x10,
};

/* A name in the image. */
struct wim_entry {
	const char     *path;       /* "/Windows/x.txt", WTF-8; "/" is the root */
	const char     *alias;      /* its 8.3 name, or NULL */
	size_t          depth;      /* of the root: 0 */
	uint32_t        attributes; /* enum wim_attribute and the rest of FILE_ATTRIBUTE_* */
	uint64_t        link_group; /* the same for all names of a file; 0: it has no other */
	uint64_t        written_100ns;
	const uint64_t *stream_bytes; /* of the unnamed stream (or reparse data), then of the named ones */
	size_t          stream_count;
};

/*
 * Visit all names, directories before what is in them, until a visit returns non-zero.
 * Returns 0, what the visit returned, or -1.
 */
typedef int wim_image_visit(void *context, const struct wim_entry *entry, struct error *err);
MUST_CHECK int wim_image_walk(struct wim_image *image, wim_image_visit *visit, void *context, struct error *err);

/* Apply the image to the NTFS volume that ntfs_mount knows by @target: 0, or -1. */
MUST_CHECK int wim_image_apply(struct wim_image *image, const char *target, struct error *err);

#endif
