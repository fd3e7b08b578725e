/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_state.h - how a volume was left: its dirty bit, and what lies in $LogFile
 */
#ifndef SCAN_VOLUME_STATE_H
#define SCAN_VOLUME_STATE_H

#include "scan/file.h"
#include "scan/redo_log.h"

enum log_content {
	LOG_UNKNOWN,  /* $LogFile cannot be read, or something unknown is in it */
	LOG_EMPTY,    /* 0xff, as libntfs-3g and Holdfast leave it */
	LOG_WINDOWS,  /* the driver's own; whether it is clean is not looked at */
	LOG_RUN,      /* a run of Holdfast's was cut off: .header says which */
	LOG_STRANGE,  /* Holdfast's, but damaged or of another version: .why says it */
};

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
