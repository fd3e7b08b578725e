/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story_text.h - what the logs say happened, told to a technician
 */
#ifndef REPORT_STORY_TEXT_H
#define REPORT_STORY_TEXT_H

#include "scan/story/story.h"

#include <stdio.h>

/* What the volumes show besides: what was written after the store was deleted. */
struct story_since {
	bool     known;
	uint64_t files, bytes;
};

/* The moment behind which a write may have hurt what the story lost: deletion, else wipe; NULL: not told. */
const struct log_event *story_loss(const struct story *story);

/* Print the story as sentences, a line each; names are escaped.  What no log says is said to be so. */
void story_text_print(FILE *out, const struct story *story, const struct story_since *since);

/* One line of the timeline: when, what, and which record says so. */
void story_event_print(FILE *out, const struct log_event *event);

#endif
