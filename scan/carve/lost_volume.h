/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lost_volume.h - where volumes were, by what is left of them
 *
 * Nobody says where a volume begins whose boot sectors are gone, or which was formatted anew.  But what
 * was carved knows pieces of it: a FILE record its number, and so where its table begins; a directory at
 * which clusters its index lies, and each block of that whose it is; $MFT and its mirror where the
 * other is; $LogFile where its restart page is; a catalogue block its own place.  Each such pair fits one
 * start for each cluster size.  The right ones agree, the wrong ones scatter.
 *
 * Lives of a disk are told apart by their tables: pieces of one table, all at one start, carry
 * different numbers; where a first record is left, its runs say which pieces are its.  A table that a format
 * began anew at the same place ends where its first record says, and behind that goes on the older one: which
 * then, as far as nothing speaks against it, began where the younger does.
 */
#ifndef SCAN_LOST_VOLUME_H
#define SCAN_LOST_VOLUME_H

#include "scan/boot_sector.h"
#include "scan/carve/carve.h"
#include "scan/old_table.h"

enum lost_sign {
	LOST_BOOT = 1,      /* a boot sector at its start says all of it */
	LOST_BACKUP = 2,    /* one at its end does */
	LOST_CATALOGUE = 4, /* blocks of a catalogue give start and cluster size */
	LOST_TABLE = 8,     /* what its first records say agrees with where things are */
	LOST_INDEX = 16,    /* so do its directories */
	LOST_PLACE = 32,    /* one that is there has the place, and its table before the rest of this one's */
	LOST_ENDS = 64,     /* its files' contents end where their sizes say */
};

struct lost_volume {
	uint64_t         offset_bytes; /* of the volume in the evidence */
	struct geometry  geometry;     /* .serial 0: not known */
	uint64_t         votes;
	unsigned         signs;      /* enum lost_sign */
	uint64_t         records;    /* FILE records found in its table's pieces */
	uint32_t         pieces;     /* of its table */
	bool             has_first;  /* its first record is left, on the spot or in the mirror */
	bool             size_known; /* else it may be as large as what follows on the evidence */
	bool             taken;      /* another life's table has begun where its own began */
	struct old_table table;      /* where its records lie */
};

struct lost_volumes ARRAY(struct lost_volume);

/*
 * Infer volumes from the @count artefacts that a sweep of @evidence gave, in their order.
 * What is found has two votes or more, or an heir; the strongest come first.  Copies of the records of one
 * of them are no volume of their own.
 * Returns 0, also with none, or -1 with ERROR_MEMORY.  Release in any case.
 */
MUST_CHECK int lost_volumes_infer(struct evidence *evidence, const struct artefact *artefacts, size_t count,
				  struct lost_volumes *volumes, struct error *err);
void           lost_volumes_release(struct lost_volumes *volumes);

#endif
