/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_content.h - what lies in $LogFile, by its first sector
 */
#ifndef SCAN_LOG_CONTENT_H
#define SCAN_LOG_CONTENT_H

#include "scan/redo_log.h"

enum log_content {
	LOG_UNKNOWN,  /* $LogFile cannot be read, or something unknown is in it */
	LOG_EMPTY,    /* 0xff, as libntfs-3g and Holdfast leave it */
	LOG_WINDOWS,  /* the driver's own; whether it is clean is not looked at */
	LOG_RUN,      /* a run of Holdfast's was cut off: its header says which */
	LOG_STRANGE,  /* Holdfast's, but damaged or of another version */
};

/*
 * Judge the first REDO_SECTOR_BYTES of $LogFile.
 * @header  filled for LOG_RUN
 * @why     filled for LOG_STRANGE
 */
enum log_content log_content_judge(struct bytes sector, struct redo_header *header, struct error *why);

#endif
