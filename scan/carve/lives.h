/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lives.h - volumes that nothing tells of any more: formatted anew, given away, or robbed of their first
 * sectors
 *
 * What a sweep found and lost_volume.h made of it becomes volumes that are scanned like others.  One at whose
 * place a younger one is now is a past life: its files exist no more, whatever its records say, and whatever
 * the younger ones may have written to is gone.
 */
#ifndef SCAN_LIVES_H
#define SCAN_LIVES_H

#include "scan/carve/carve.h"
#include "scan/inventory.h"

/*
 * Look at @volume, cheaply, for signs of a life before, or of a table that only a sweep will find: @wanted.
 * Records of another table behind the end of this one are filed in @findings.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int lives_look(const struct volume *volume, bool *wanted, struct findings *findings,
			  struct error *err);

/*
 * Append to @volumes what the @count @artefacts of a sweep of @evidence tell of, but for what is there:
 * the volumes of @evidence that @volumes begins with, and those decrypted in it, whose place is theirs.  One of them whose first records are lost is
 * given its table instead.  Past lives are told what others may have written to since.  What is found is
 * filed in @findings, as inferred.
 * Returns 0, also with none, or -1 with ERROR_MEMORY.
 */
MUST_CHECK int lives_from_artefacts(struct evidence *evidence, const struct artefact *artefacts, size_t count,
				    struct volumes *volumes, struct findings *findings, struct error *err);

#endif
