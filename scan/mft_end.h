/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mft_end.h - records behind the end that $MFT's own record tells of
 *
 * After a sudden stop that record may be of a moment when the table was shorter.  What lies behind is this volume's if a
 * folder of it names one of the first records there; a life before the last format, whose records lie behind
 * a young table too, no folder names.
 */
#ifndef SCAN_MFT_END_H
#define SCAN_MFT_END_H

#include "scan/mft.h"

/*
 * Let the table of @mft, which is placed, go on to the last record that is its own; one more finding says so.
 * Returns 0, or -1 with ERROR_MEMORY.
 */
MUST_CHECK int mft_find_end(struct mft *mft, struct findings *findings, struct error *err);

/* Can slot @number, behind what is told of, be of this life of the volume? */
bool mft_end_holds(const struct mft *mft, uint64_t number, const struct mft_record *record);

#endif
