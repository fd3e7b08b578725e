/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rescue_report.h - what a rescue leaves beside the stores: reports, and the digests of what it has written
 */
#ifndef RECOVER_RESCUE_REPORT_H
#define RECOVER_RESCUE_REPORT_H

#include "report/report.h"

#define RESCUE_PAGE "report.html"
#define RESCUE_TEXT "report.txt"
#define RESCUE_SUMS "SHA256SUMS" /* as sha256sum has it; of the stores' files manifest.jsonl has the digests */

/*
 * Write RESCUE_PAGE, RESCUE_SUMS and RESCUE_TEXT into the folder @to, each whole or not at all; the last says by being there that
 * the rescue is done.
 * Returns 0, or -1.
 */
MUST_CHECK int rescue_report_write(const char *to, struct casebook *book, const struct report_options *report,
				   struct error *err);

#endif
