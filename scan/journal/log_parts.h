/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_parts.h - FILE records that the log has no image of, put together from their attributes
 *
 * Where the making of a record is older than the log, attributes that were made, grown and resized since are still
 * in it.  Each is followed through what was done to the record, as long as nothing is missing in between: so all
 * attributes of one record are of one life and of one moment.
 */
#ifndef SCAN_LOG_PARTS_H
#define SCAN_LOG_PARTS_H

#include "scan/journal/log_facts.h"

/*
 * Give each FILE record (LOG_FACT_RECORD) of which the log has the unnamed $DATA from its first cluster on, and
 * which life it was, but no image.  It has the attributes that are known and no others, its header what follows
 * from them: its link count is the number of its $FILE_NAMEs.  One without may be an extension record.
 * .event is LOG_REMOVED where the life ended then, else LOG_SEEN; .lsn and .offset are those of the last change;
 * .torn if any of the changes was.  By record number.
 * -1 when @take or the log's reader says so, or without memory.
 */
MUST_CHECK int log_history_parts(struct log_history *history, log_fact_taker *take, void *to, struct error *err);

#endif
