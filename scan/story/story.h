/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * story.h - the events of several logs as one timeline, and what it comes to
 *
 * Pure.  Logs whose clock's distance from UTC is not known (USMT's, Setup's, MDT's) are put beside one that
 * knows it: the record nearest by the machine's clock, if within a day.  An event without a time stands
 * where it stood in its log.  Copies of a log, and two logs that tell of one thing (smsts.log and
 * scanstate.log of a capture), give one event; what only one of them knew is kept.  What file systems show
 * stands beside that, never joined with it: their times are UTC as the machine took its clock to be.
 */
#ifndef SCAN_STORY_H
#define SCAN_STORY_H

#include "scan/story/log_event.h"

/* The beginning and the end of one thing; NULL: no log tells. */
struct story_part {
	const struct log_event *began, *ended;
};

/* Of what was done more than once, the last time; the store is that of the last capture. */
struct story {
	struct ARRAY(struct log_event) timeline;  /* texts are borrowed from the events */
	struct story_part       sequence, capture, wipe, partition, apply, restore;
	struct story_part       setup;   /* Windows Setup's first and last word */
	struct story_part       deleted; /* the store, or a folder that holds it */
	const struct log_event *formatted; /* a volume, the last time, after a store had been made */
	struct story_part       seen;    /* the deletion of a store, as the change journal shows it */
	const struct log_event *last_sign; /* of a deleted store's folders, the latest: it was deleted then or later */
	const struct log_event *failed;  /* the last step that failed, and did not go well later */
	bool                    ignored; /* and the sequence went on */
	bool                    told;    /* some log says something */
	const char             *store;   /* its path; "" if no log says */
	size_t                  captures;
	uint64_t                left_out; /* objects that the last capture did not take */
	size_t                  profiles_left_out;
};

/* Returns 0, also when nothing happened, or -1 without memory.  Release in any case, before @events. */
MUST_CHECK int story_tell(struct story *story, const struct log_events *events, struct error *err);
void           story_release(struct story *story);

/*
 * The moment behind which a write may have hurt what the story lost: the deletion as logs tell it, else as
 * the volume shows it, else that of a format, else the wipe; NULL: not known.
 */
const struct log_event *story_loss(const struct story *story);

/* True if deleting @folder takes a store at @store away: case and the kind of slash do not count. */
bool story_holds_store(const char *folder, const char *store);

#endif
