/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall_log.h - what a log remembers besides names and records, and logs that lie elsewhere
 *
 * recall_log itself is in recall.h.
 */
#ifndef SCAN_RECALL_LOG_H
#define SCAN_RECALL_LOG_H

#include "scan/recall/recall.h"

/*
 * As recall_log, of pages of a log that were found somewhere on the volume (ARTEFACT_LOG_PAGE).
 * @pages  where they lie, bytes of the volume, in any order; 4096 bytes each.  Those of other volumes do no harm:
 *         what nothing that the table shows bears out is left out (log_trust.h)
 * @agreed  set to how many names of the table what is taken says as well: they are no facts
 */
MUST_CHECK int recall_log_pages(struct recall *recall, const uint64_t *pages, size_t count, size_t *agreed,
				struct error *err);

/*
 * Bytes of $UsnJrnl:$J that were logged when they were written; good until it returns.
 * @usn    of the first of @bytes: its place in the stream
 * @bytes  .offset: where they lie in the log, bytes of the volume
 */
typedef int log_journal_taker(void *to, uint64_t usn, struct bytes bytes, struct error *err);

/*
 * Give what $LogFile has of the change journal, in the order in which it was written, where it is this volume's
 * (log_trust.h).  After recall_log, which has opened it; nothing without.
 * Returns 0, or -1 without memory, or what @take says.
 */
MUST_CHECK int recall_log_journal(struct recall *recall, log_journal_taker *take, void *to, struct error *err);

/* Call when the log is asked no more; recall_release does it too. */
void recall_log_close(struct recall *recall);

#endif
