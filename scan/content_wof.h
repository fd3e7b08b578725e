/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_wof.h - the content of a WOF-compressed file, chunk by chunk (of content.c alone)
 */
#ifndef SCAN_CONTENT_WOF_H
#define SCAN_CONTENT_WOF_H

#include "scan/content.h"

/* As content_next, for a stream with .wof that has bytes left.  A chunk that cannot be had is missing as a whole. */
MUST_CHECK int content_wof_next(struct content *content, struct content_piece *piece, struct error *err);
void           content_wof_close(struct content *content);

#endif
