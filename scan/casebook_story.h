/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * casebook_story.h - what happened, in the casebook
 *
 * Kept is what each record says, with its source; the story is told anew from that.
 */
#ifndef SCAN_CASEBOOK_STORY_H
#define SCAN_CASEBOOK_STORY_H

#include "scan/casebook.h"
#include "scan/story/chronicle.h"

struct case_story {
	struct chronicle chronicle; /* without growth and places */
	struct story     story;     /* of it */
	struct ARRAY(struct written_since) since; /* a row a volume; none when its moment is not known */
};

/* Write it down, and what was written to each volume since the loss of which it tells. */
MUST_CHECK int casebook_add_story(struct casebook *book, const struct chronicle *chronicle, struct error *err);

/* Load it and tell it.  Release in any case. */
MUST_CHECK int casebook_load_story(struct casebook *book, struct case_story *told, struct error *err);
void           case_story_release(struct case_story *told);

/* "log", "piece", "record", "journal" */
const char *story_source_kind_name(enum story_source_kind kind);

#endif
