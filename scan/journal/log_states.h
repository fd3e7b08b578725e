/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_states.h - FILE records as they were, by $LogFile
 *
 * Forward from an image of a record that the log has, or back from the record as it lies on the disk.
 */
#ifndef SCAN_LOG_STATES_H
#define SCAN_LOG_STATES_H

#include "scan/journal/log_facts.h"

/*
 * Give the FILE records that the log has whole, with all that it says was done to them since: each as it
 * was when it was freed or made anew (LOG_REMOVED), or as the log leaves it (LOG_SEEN).  By record number.
 * .lsn and .offset are those of the record's last change; .torn if any of its changes was.
 * -1 when @take or the log's reader says so, or without memory.
 */
MUST_CHECK int log_history_states(struct log_history *history, log_fact_taker *take, void *to, struct error *err);

/*
 * Take back, in a copy of a FILE record, what the log says was done to it.
 * @image  the record, fix-ups undone; changed in place.  Its own LSN says where to begin
 * @lsn    changes above it are taken back
 * @state  set to the LSN of the last change that @image then has; 0 if that is not in the log
 * Returns the number of changes taken back; fewer than there are where records are missing or a change does not
 * fit.  -1 when the log's reader says so.
 */
MUST_CHECK int log_history_rewind(struct log_history *history, uint64_t record, uint8_t *image, size_t size_bytes,
				  uint64_t lsn, uint64_t *state, struct error *err);

#endif
