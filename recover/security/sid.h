/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sid.h - security identifiers: who somebody is, as bytes and as text
 *
 * Pure.  Format: revision 1, a count of 0 to 15 numbers, an authority of 48 bits (big-endian), the
 * numbers (little-endian).
 */
#ifndef RECOVER_SECURITY_SID_H
#define RECOVER_SECURITY_SID_H

#include "core/bytes.h"
#include "core/error.h"

#define SID_NUMBERS_MAX 15u
#define SID_BYTES_MAX (8 + 4 * SID_NUMBERS_MAX)
#define SID_TEXT_MAX 184u /* with its end */

struct sid {
	uint64_t authority; /* 48 bits */
	uint8_t  count;
	uint32_t numbers[SID_NUMBERS_MAX];
};

/* Take a SID off the beginning of @from, which moves past it.  False if there is none. */
bool sid_take(struct bytes *from, struct sid *sid);

/* A SID that is all of @text, "S-1-5-21-...". */
bool sid_parse(const char *text, struct sid *sid);

/* Bytes of it on disk, at most SID_BYTES_MAX, written to @out; returns how many. */
size_t sid_put(const struct sid *sid, uint8_t out[SID_BYTES_MAX]);

struct sid_text {
	char text[SID_TEXT_MAX];
};

struct sid_text sid_text(const struct sid *sid);

static inline bool sid_equal(const struct sid *a, const struct sid *b)
{
	return a->authority == b->authority && a->count == b->count &&
	       memcmp(a->numbers, b->numbers, a->count * sizeof a->numbers[0]) == 0;
}

/* True if @sid is an account of @domain: the same numbers and one more, the RID. */
bool sid_is_of(const struct sid *sid, const struct sid *domain);

#endif
