/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall_journal.h - the change journal of a volume and what is left of it elsewhere, put together
 *
 * The live stream is read first and vouches for itself, unless the table of the volume says that it is
 * another volume's.  What is found elsewhere (freed pages, $LogFile, a journal that was deleted, the ends of
 * clusters) is taken page by page, and only where the table or the live stream speaks for it.
 * recall_journal (recall.h) does all of this at once; to add what the log remembers, or to keep the history
 * for journal_summary.h, go through it step by step: open, add, settle, release.
 */
#ifndef SCAN_RECALL_JOURNAL_H
#define SCAN_RECALL_JOURNAL_H

#include "scan/journal/usn_history.h"
#include "scan/recall/journal_vote.h"
#include "scan/recall/recall.h"

/* Records that lie together, until it is known whether they are to be taken. */
struct journal_page {
	uint8_t         bytes[USN_PAGE_BYTES]; /* each at its place in the page of the stream */
	uint64_t        usn;                   /* of the page */
	uint64_t        offset;                /* where it would begin: bytes of the volume, may be below 0 */
	enum usn_source source;
	bool            filled;
};

struct recalled_journal {
	struct recall      *recall;  /* borrowed */
	struct usn_history  current; /* the journal that the volume keeps, and what fits in with it */
	struct usn_history  older;   /* of journals before it, whose USNs cannot be compared with its */
	struct runs         runs;    /* of the live $J */
	struct ranges       clusters; /* the same in bytes of the volume, sorted */
	size_t              live;    /* facts at the beginning of .current that are of the live stream */
	uint64_t            formatted; /* when the volume was made, 100 ns since 1601; 0 if not known */
	uint64_t            foreign; /* records that were left out: of other volumes, of older lives of this one */
	struct journal_page page;
};

/*
 * Read $Extend\$UsnJrnl:$J of @recall's volume, or what deleted ones have left.
 * Returns 0, also where there is none, or -1 with ERROR_MEMORY.  Release in any case.
 */
MUST_CHECK int recalled_journal_open(struct recalled_journal *journal, struct recall *recall, struct error *err);
void           recalled_journal_release(struct recalled_journal *journal);

/* Add what was carved: ARTEFACT_USN on this volume, in the order of the disk. */
MUST_CHECK int recalled_journal_add_pages(struct recalled_journal *journal, const struct artefact *pages,
					  size_t count, struct error *err);

/*
 * Add a piece of the stream that $LogFile has: @bytes.offset is where it was written in the stream, @place
 * where it lies now, in bytes of the volume.
 */
MUST_CHECK int recalled_journal_add_bytes(struct recalled_journal *journal, struct bytes bytes, uint64_t place,
					  struct error *err);

/* Build the histories, once, and add each name that no record of the table shows to the facts. */
MUST_CHECK int recalled_journal_settle(struct recalled_journal *journal, struct error *err);

#endif
