/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story_text.h - what happened, told to a technician
 *
 * In plain sentences, and nothing that no source says.  Names are escaped.
 */
#ifndef REPORT_STORY_TEXT_H
#define REPORT_STORY_TEXT_H

#include "scan/casebook_story.h"

#include <stdio.h>

/* What was written to all volumes since what the story lost was lost. */
struct story_since {
	bool     known;
	uint64_t files, bytes;
	size_t   volumes;
};

/* The story as sentences, a line each.  What no log says is said to be so. */
void story_text_print(FILE *out, const struct story *story, const struct story_since *since);

/* The same with what was written since, and the logs that say it; to be freed, NULL without memory. */
char *story_text(const struct case_story *told, struct error *err);

/* What happened, without when and who says so: "step ended in failure 'Apply' (0x80004005)". */
void story_event_print_what(FILE *out, const struct log_event *event);

/* One line of the timeline: when, what, and which source says so. */
void story_event_print(FILE *out, const struct log_event *event, const struct story_source *source);

/* The report's section: the sentences as a paragraph, and the timeline if wanted.  Returns 0, or -1 without memory. */
MUST_CHECK int story_section_print(FILE *out, const struct case_story *told, bool timeline, struct error *err);

#endif
