/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_kind.h - are the first bytes those of a file that is called so?
 *
 * Speaks only of names whose files all begin alike.  What really lies there says
 * libmagic; this is the door to it.
 */
#ifndef SCAN_CONTENT_KIND_H
#define SCAN_CONTENT_KIND_H

#include "core/bytes.h"

#include <stdbool.h>

#define KIND_HEAD_BYTES 4096u /* that are looked at; fewer will do */

enum content_format {
	FORMAT_OTHER, /* nothing but its beginning is known here */
	FORMAT_PNG,
	FORMAT_JPEG,
	FORMAT_GIF,
	FORMAT_PDF,
	FORMAT_ZIP,
	FORMAT_MP4,
	FORMATS,
};

struct content_kind {
	const char *extensions; /* " jpg jpeg ": lower case, between blanks */
	const char *types;      /* that libmagic calls such files, likewise; a star ends the beginning of some */
};

/* The kind of files with the last extension of @name (which may be a path), or NULL. */
const struct content_kind *content_kind_of(const char *name);

struct magic_set;

/* libmagic's memory; one a thread.  Zeroes: none yet. */
struct kind_looker {
	struct magic_set *magic;
	bool              failed; /* it has no data base here: everything agrees */
};

/* True unless the first bytes of a file are surely those of another kind, or of none. */
bool content_kind_agrees(struct kind_looker *looker, const struct content_kind *kind, struct bytes head);
void kind_looker_release(struct kind_looker *looker);

/* What begins like this. */
enum content_format content_format_of(struct bytes head);

#endif
