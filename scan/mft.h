/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mft.h - the master file table of a volume, as far as it can be placed
 *
 * Finds where the records lie: from record 0, or its mirror, through its
 * attribute list where $MFT is in many pieces; and when all of that is lost, by
 * taking the table as one piece from where the boot sector puts it.  A volume whose table is known from
 * elsewhere (old_table.h) is not asked at all.  Records that record 0 has forgotten are found by mft_end.h.
 */
#ifndef SCAN_MFT_H
#define SCAN_MFT_H

#include "scan/fixup.h"
#include "scan/mft_record.h"
#include "scan/stream.h"

#define MFT_RECORD_MAX_BYTES 65536u

/*
 * A FILE record of a life that no slot of the table shows: as it lies somewhere else, or as it was put
 * together from the log.
 */
struct older_record {
	file_ref ref;    /* the record and the life: as references to it have it */
	uint64_t offset; /* bytes of the volume: where it lies, or what it was put together from */
	uint64_t moment; /* LSN of its last change, 0 if not known */
	bool     partial; /* attributes that it had may be missing */
	uint8_t *image;  /* record_bytes of it, fix-ups undone; NULL: read it at .offset */
};

struct older_records ARRAY(struct older_record);

struct mft {
	const struct volume *volume;       /* borrowed */
	struct runs          runs;         /* of $MFT */
	uint64_t             records;      /* slots, used or not */
	uint64_t             told;         /* of them that $MFT's record tells of (mft_end.h); 0: none does */
	uint64_t             formatted;    /* 100 ns since 1601, 0 if not known */
	uint32_t             record_bytes;
	struct older_records older;        /* numbered from .records on; their images are owned */
};

/* What one slot held once it was read and its fix-ups undone. */
struct mft_slot {
	enum mft_record_kind kind;
	bool                 unreadable;  /* all of it */
	fixup_torn           torn;        /* strides torn or unreadable; 0 if all of them lie behind what is in use */
	fixup_torn           torn_anywhere; /* the same for the whole slot */
	struct mft_record    record;      /* where kind is FILE or BAAD and decoded */
	bool                 decoded;
	bool                 misplaced;   /* the record carries another number, and not 0 */
};

/*
 * Place the table of @volume.  Damage met is filed in @findings.
 * Returns 0, or -1 with ERROR_MEMORY, or ERROR_VALUE when no table can be found at all.
 */
MUST_CHECK int mft_open(struct mft *mft, const struct volume *volume, struct findings *findings,
			struct error *err);
void           mft_release(struct mft *mft);

/* Where the first byte of a record lies on the volume, or NO_OFFSET when no run covers it; of an older one, its place. */
uint64_t mft_offset_of(const struct mft *mft, uint64_t record);

/*
 * Read @count slots of the table from @first on into @buffer (record_bytes each), as they lie there.
 * @missing  ranges that could not be had, bytes of the $MFT stream
 */
MUST_CHECK int mft_read(const struct mft *mft, uint64_t first, size_t count, uint8_t *buffer,
			struct ranges *missing, struct error *err);

/*
 * Undo the fix-ups of slot @number in @bytes (record_bytes, ours) and decode its header.
 * @missing  sorted, as from mft_read.  Findings are filed when @findings is not NULL.
 */
void mft_decode_slot(const struct mft *mft, uint64_t number, uint8_t *bytes, const struct ranges *missing,
		     struct findings *findings, struct mft_slot *slot);

/* Read and decode one record, an older one too; @bytes has room for record_bytes and backs @slot. */
MUST_CHECK int mft_read_slot(const struct mft *mft, uint64_t number, uint8_t *bytes, struct mft_slot *slot,
			     struct error *err);

#endif
