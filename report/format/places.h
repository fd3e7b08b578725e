/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * places.h - where things of a volume lie in the evidence
 */
#ifndef REPORT_PLACES_H
#define REPORT_PLACES_H

#include "scan/casebook.h"

/* One volume, as far as bytes go. */
struct place {
	int64_t  volume;
	int64_t  evidence;
	uint64_t offset_bytes;  /* in the evidence */
	uint32_t cluster_bytes;
	bool     within;        /* a shadow copy, or decrypted: its bytes lie nowhere in the evidence as they are */
};

struct places ARRAY(struct place);

/* All volumes of @book.  To be released. */
MUST_CHECK int places_load(struct places *places, struct casebook *book, struct error *err);
void           places_release(struct places *places);

/* The place of @volume; NULL for one that the casebook does not have. */
const struct place *places_find(const struct places *places, int64_t volume);

/* Byte @offset of the volume in the evidence, or NO_OFFSET where it has no place, or none is known. */
uint64_t place_in_evidence(const struct place *place, uint64_t offset);

#endif
