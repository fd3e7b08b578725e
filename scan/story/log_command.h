/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_command.h - what a command line in a log does to the users' state
 *
 * The programs that deployments use: ScanState, LoadState, UsmtUtils /rd, rd /s, DiskPart and its kin, format,
 * DISM and ImageX when they apply.  Looks for a program's name anywhere, for most are called through others.
 */
#ifndef SCAN_LOG_COMMAND_H
#define SCAN_LOG_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum log_work {
	LOG_WORK_CAPTURE,   /* .path: the store */
	LOG_WORK_RESTORE,   /* likewise */
	LOG_WORK_DELETE,    /* .path: the folder */
	LOG_WORK_PARTITION,
	LOG_WORK_APPLY,     /* .path: where to */
	LOG_WORK_NONE,
};

struct log_command {
	enum log_work work;
	const char   *path;        /* in the line */
	size_t        path_length; /* 0: it names none */
};

/* What a line does; LOG_WORK_NONE for most. */
struct log_command log_command_read(const char *line);

#endif
