/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stored_digest.h - a digest of the evidence beside the one that was written into the image when it was acquired */
#ifndef REPORT_STORED_DIGEST_H
#define REPORT_STORED_DIGEST_H

/*
 * What to say behind a digest of the evidence.
 * @hex     of the bytes as they are now, NULL: nobody asked
 * @stored  of the same kind, as the image says of itself, NULL: it says nothing
 */
const char *stored_digest_remark(const char *hex, const char *stored);

#endif
