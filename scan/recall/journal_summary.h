/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal_summary.h - what a change journal tells of the day a store was lost, in a few numbers
 *
 * Pure.  When the journal begins and ends, when files came and went below some folders, and in which bursts
 * files were deleted: a wipe, an image that is put on, a store that is cleaned away.  Each life of a record
 * is counted once, by the last record that deletes it and the first that makes it.
 */
#ifndef SCAN_JOURNAL_SUMMARY_H
#define SCAN_JOURNAL_SUMMARY_H

#include "scan/journal/usn_history.h"

#define JOURNAL_BURST_FILES 100u /* deletions that make a burst */
#define JOURNAL_BURST_PAUSE 100000000u /* 10 s: the longest between two of them, in 100 ns */
#define JOURNAL_BURSTS_MAX  32u  /* that are kept, the largest */

struct journal_moment {
	uint64_t usn;
	uint64_t time; /* 100 ns since 1601 */
};

struct journal_span {
	struct journal_moment first, last;
	uint64_t              files;       /* lives of records */
	uint64_t              folders;     /* both 0: nothing, and no moments */
};

struct journal_burst {
	struct journal_span deleted;
	uint64_t            below;   /* of its files and folders: in the folders that were asked for */
	uint64_t            written; /* files that were made or written since, up to the journal's end */
};

struct journal_summary {
	struct journal_span all;     /* the whole journal; the lives that it speaks of */
	struct journal_span deleted; /* below the folders, they themselves included */
	struct journal_span created; /* likewise; a link is not a file that was made */
	size_t              burst_count;
	struct journal_burst bursts[JOURNAL_BURSTS_MAX]; /* in the order of time */
};

/*
 * Sum up @history, which is built.  Below @folders is what the journal shows in them at any time, and what
 * lies in folders that it shows there; name those too of which it may know nothing.
 * Returns 0, or -1 with ERROR_MEMORY.
 */
MUST_CHECK int journal_summarise(const struct usn_history *history, const file_ref *folders, size_t count,
				 struct journal_summary *summary, struct error *err);

#endif
