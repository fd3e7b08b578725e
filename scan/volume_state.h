/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_state.h - how a volume was left: its dirty bit, and what lies in $LogFile
 */
#ifndef SCAN_VOLUME_STATE_H
#define SCAN_VOLUME_STATE_H

#include "scan/file.h"
#include "scan/journal/log_content.h"

struct volume_state {
	bool               dirty;      /* the driver says that it did not close the volume */
	enum log_content   log;
	uint64_t           log_offset; /* where the log begins, bytes of the volume; NO_OFFSET if unknown */
	struct redo_header header;
	struct error       why;
};

/*
 * Look at the volume of @reader.
 * Returns 0, also when it cannot be told, or -1 without memory.
 */
MUST_CHECK int volume_state_read(struct file_reader *reader, struct volume_state *state, struct error *err);

#endif
