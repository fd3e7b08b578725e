/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upcase.h - how names sort and when they are the same
 *
 * Names compare by the upper-case table that the volume itself carries in $UpCase,
 * unit by unit.  Where that cannot be had, a table built in takes its place: it
 * knows the Latin, Greek, Cyrillic and Armenian letters, and that is mostly enough.
 */
#ifndef SCAN_UPCASE_H
#define SCAN_UPCASE_H

#include "core/bytes.h"
#include "core/error.h"
#include "scan/file.h"

#define UPCASE_RECORD 10u
#define UPCASE_UNITS 65536u

struct upcase {
	uint16_t *table;    /* UPCASE_UNITS of them */
	bool      built_in; /* not the volume's own */
};

/* The upper case of a unit by the table built in. */
uint16_t upcase_unit(uint16_t unit);

/* Start with the table built in.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int upcase_init(struct upcase *upcase, struct error *err);
void           upcase_release(struct upcase *upcase);

/*
 * Take the volume's own table.
 * Returns 1, 0 when it cannot be had (@why says so, the table stays as it is), -1 without memory.
 */
MUST_CHECK int upcase_load(struct upcase *upcase, struct file_reader *reader, struct error *why);

/*
 * Take the bytes of a $UpCase stream.
 * Returns 0, or -1 with ERROR_VALUE: another length, or a table in which ASCII is not what it is.
 */
MUST_CHECK int upcase_decode(struct upcase *upcase, struct bytes data, struct error *err);

/*
 * The order of directory indexes: as upper case; if that is the same, the shorter first; if that is
 * the same too, by the first unit that differs.  0 only for the very same name.
 * @a, @b  UTF-16LE
 */
int upcase_compare(const struct upcase *upcase, const uint8_t *a, size_t a_units, const uint8_t *b,
		   size_t b_units);

#endif
