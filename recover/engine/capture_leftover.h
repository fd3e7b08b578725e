/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture_leftover.h - what a capture that was cut off has left, and what older stores alone hold
 *
 * An unfinished capture is gone on with when all in it is what would be captured
 * now.  If files were changed, moved or deleted since, names in it are stale: then
 * it is taken away and begun anew, or, if it holds the only name of any file (of copies:
 * one with nothing left where it came from), set aside as a generation.
 */
#ifndef RECOVER_ENGINE_CAPTURE_LEFTOVER_H
#define RECOVER_ENGINE_CAPTURE_LEFTOVER_H

#include "recover/engine/captured_volume.h"

enum leftover {
	LEFTOVER_USABLE,
	LEFTOVER_STALE,     /* every file in it has a name elsewhere, or is a copy of what is there */
	LEFTOVER_ONLY_HERE, /* not so */
};

/* Judge one unfinished capture of a part whose tree is read and planned.  Returns 0, or -1. */
MUST_CHECK int capture_leftover_judge(struct captured_volume *part, uint32_t store_folder, enum leftover *leftover,
				      struct error *err);

/*
 * In a run: take away or set aside the unfinished captures that cannot be gone on with; *@any says
 * whether there was one, and then the tree is to be read again.  Returns 0, or -1.
 */
MUST_CHECK int capture_leftover_clear(struct captured_volume *part, bool *any, struct error *err);

/*
 * How many files of a store have no name outside @part's PATH, and nothing where they came from.
 * Returns 0, or -1.
 */
MUST_CHECK int capture_leftover_count_alone(struct captured_volume *part, uint32_t store_folder, uint64_t *files,
					    struct error *err);

#endif
