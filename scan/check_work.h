/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_work.h - what the parts of a consistency check share
 *
 * For check*.c alone.  The parts run in the order in which they stand here.
 */
#ifndef SCAN_CHECK_WORK_H
#define SCAN_CHECK_WORK_H

#include "scan/check.h"
#include "scan/file.h"
#include "scan/upcase.h"

#define NAMED_RECORDS 12u    /* the first records: files of the file system with a name each */
#define RESERVED_RECORDS 16u /* from here to FIRST_USER_RECORD: set aside, in use or not */

enum record_mark {
	MARK_LISTED = 0x01,  /* extension record that its base lists */
	MARK_I30 = 0x02,     /* has an $INDEX_ROOT named $I30 */
	MARK_VIEW = 0x04,    /* has an index of another name */
	MARK_REPARSE = 0x08, /* has a $REPARSE_POINT */
};

struct security_id {
	uint32_t id;
	bool     used;    /* by some file */
	bool     indexed; /* in $SII */
};

struct security_ids ARRAY(struct security_id); /* sorted */

struct check_work {
	struct check        *check;
	const struct volume *volume;
	uint64_t             limit_bytes; /* of the volume, as far as the evidence goes */
	struct inventory     inventory;
	struct extensions    extensions;
	struct file_reader   reader;
	struct upcase        upcase;
	struct security_ids  security;
	uint8_t             *mft_bitmap; /* one bit a record; NULL if it is lost */
	uint8_t             *marks;      /* of each record: enum record_mark */
	uint32_t            *names;      /* in inventory.names, grouped by base record, sorted within */
	uint32_t            *first_name; /* where a record's group begins; one more at the end */
	uint8_t             *name_seen;  /* of each in inventory.names: it has an entry in its parent */
};

/* File a problem. */
void check_report(struct check_work *work, enum problem_kind kind, uint64_t record, uint64_t offset,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

static inline bool bit_is_set(const uint8_t *bits, uint64_t n)
{
	return bits[n / 8] >> n % 8 & 1;
}

static inline void bit_set(uint8_t *bits, uint64_t n)
{
	bits[n / 8] = (uint8_t)(bits[n / 8] | 1u << n % 8);
}

/* The record is in use, whole enough to be decoded, and no extension. */
static inline bool is_live_base(const struct check_work *work, uint64_t record)
{
	return record < work->inventory.count &&
	       (work->inventory.rows[record].flags & (ROW_DECODED | ROW_IN_USE | ROW_EXTENSION)) ==
		       (ROW_DECODED | ROW_IN_USE);
}

/*
 * Read @length bytes from @offset of a stream, resident or not; @length is cut to its size.
 * Returns 1, 0 when some of it cannot be had, -1 without memory.
 */
MUST_CHECK int check_read_stream(struct check_work *work, const struct file_stream *stream, uint64_t offset,
				 void *buffer, size_t *length, struct error *err);

/* -------- the parts -------- */

/* check_boot.c: boot sector, its backup, $MFTMirr, and what must be in the first records */
MUST_CHECK int check_boot(struct check_work *work, struct error *err);

/* check_security.c: which security ids there are */
MUST_CHECK int check_security_load(struct check_work *work, struct error *err);
void           check_security_use(struct check_work *work, uint64_t record, uint64_t offset, uint32_t id);
void           check_security_index(struct check_work *work, uint64_t offset, uint32_t id);
void           check_security_judge(struct check_work *work);

/* check_bitmaps.c: read $MFT's bitmap; and, later, hold $Bitmap against all run lists */
MUST_CHECK int check_mft_bitmap_load(struct check_work *work, struct error *err);
MUST_CHECK int check_clusters(struct check_work *work, struct error *err);

/* check_records.c: every record by itself, and every file with its extension records */
MUST_CHECK int check_records(struct check_work *work, struct error *err);

/* check_names.c: names by file */
MUST_CHECK int check_names_collect(struct check_work *work, struct error *err);

/*
 * The names of @base that have @units at @text and lie in @parent: *@count of them from the returned
 * place on, in work->names.
 */
const uint32_t *check_names_find(const struct check_work *work, uint32_t base, file_ref parent,
				 const uint8_t *text, size_t units, size_t *count);

/* check_index.c: every index, and each of its entries against the names */
MUST_CHECK int check_indexes(struct check_work *work, struct error *err);

/* check_names.c: each name against the entries, link counts, and the way from the root */
MUST_CHECK int check_names(struct check_work *work, struct error *err);

#endif
