/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_opened.h - which attributes were open when
 *
 * A change outside of $MFT names its target by a place in the table of open attributes.  What was in a place is
 * in the log: from its opening, or a checkpoint's dump, on; places are used again.
 */
#ifndef SCAN_LOG_OPENED_H
#define SCAN_LOG_OPENED_H

#include "core/arena.h"
#include "scan/journal/log_lives.h"

/* An attribute while it had its place in the open attribute table. */
struct log_open_span {
	uint32_t     place;
	file_ref     file;
	uint32_t     type;   /* enum attribute_type */
	uint64_t     opened; /* after this LSN */
	uint64_t     seen;   /* the last LSN at which it was surely in its place */
	struct bytes name;   /* UTF-16LE */
};

struct log_opened {
	const struct log_file *log;
	struct log_lives      *lives;  /* told of each file that is open */
	uint32_t              *newest; /* of each place, in .spans, from 1; while notes are taken */
	struct arena           names;
	struct ARRAY(struct log_open_span) spans; /* by .place, .opened once sorted */
};

MUST_CHECK int log_opened_init(struct log_opened *opened, const struct log_file *log, struct log_lives *lives,
			       struct error *err);
void           log_opened_release(struct log_opened *opened);

/* Is this a change that says what is open? */
bool log_opened_is(const struct log_change *change);

/* What such a change says.  By LSN. */
MUST_CHECK int log_opened_note(struct log_opened *opened, const struct log_change *change, uint64_t lsn,
			       struct error *err);

/* Call when all is noted. */
void log_opened_sort(struct log_opened *opened);

/* What was open in @place at @lsn; NULL where the log does not say. */
const struct log_open_span *log_opened_at(const struct log_opened *opened, uint32_t place, uint64_t lsn);

#endif
