/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_line.h - a line that begins a record, as ScanState, LoadState, UsmtUtils and Windows Setup write it
 *
 *   2018-04-20 09:26:17, Info                  [0x000000] text
 *
 * USMT has the module always, Setup often.  The time is that of the machine's clock; nothing says how far it
 * is from UTC.
 */
#ifndef SCAN_USMT_LINE_H
#define SCAN_USMT_LINE_H

#include "core/bytes.h"

enum usmt_level { USMT_INFO, USMT_WARNING, USMT_ERROR, USMT_STATUS, USMT_LEVELS };

struct usmt_line {
	int64_t         time;  /* seconds since 1970, as if the clock were UTC's */
	enum usmt_level level; /* USMT_LEVELS: a word that we do not know */
	bool            has_module;
	uint32_t        module;
	struct bytes    text;
};

/* "Info", "Warning", ...; words of a log. */
const char *usmt_level_name(enum usmt_level level);

/* Cut the next line off, without its end.  False at the end. */
bool usmt_line_next(struct bytes *rest, struct bytes *line);

/* What a line says, byte order marks before it aside; false if it begins no record. */
bool usmt_line_read(struct bytes line, struct usmt_line *read);

#endif
