/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_check.h - what a file's own bytes say about whether they are all its own
 *
 * The first bytes are held against the kind that the name promises; then the format's
 * own marks: CRCs (PNG, members of a zip), the chain of its parts, its end (JPEG, GIF,
 * PDF, MP4).  Fed while the content is read for something else.
 */
#ifndef SCAN_CONTENT_CHECK_H
#define SCAN_CONTENT_CHECK_H

#include "core/error.h"
#include "scan/kind/content_kind.h"

enum content_finding {
	CONTENT_UNKNOWN, /* nothing speaks against it */
	CONTENT_SOUND,   /* checksums over all of it are right */
	CONTENT_FOREIGN, /* it does not begin like such a file */
	CONTENT_BROKEN,  /* it begins like one, and then is none */
};

/* Goes through one file after the other.  Zeroes at first. */
struct content_check {
	struct kind_looker         looker;
	const struct content_kind *kind;   /* NULL: the name promises nothing, or there is nothing more to see */
	const struct format_check *format; /* NULL: none of those that are known */
	void                      *state;
	uint64_t                   at;     /* bytes fed */
	bool                       foreign;
};

/* Begin with a file called @name. */
void content_check_begin(struct content_check *check, const char *name);

/* The next bytes.  Returns 0, or -1 without memory. */
MUST_CHECK int content_check_feed(struct content_check *check, struct bytes piece, struct error *err);

/* Some bytes are not there to be fed: nothing more is said of the file. */
void content_check_give_up(struct content_check *check);

enum content_finding content_check_end(struct content_check *check);
void                 content_check_release(struct content_check *check);

#endif
