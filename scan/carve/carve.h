/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carve.h - what can be recognised on a disk by itself, wherever it lies
 *
 * One sweep over a range of the evidence, in the order of the disk.  At each 512th byte stands nothing,
 * or the beginning of one artefact; what lies inside a sound one is not looked at again.  No geometry is
 * asked for: that is what the artefacts are to tell (lost_volume.h).
 * Formats: libntfs-3g layout.h and logfile.h; USN_RECORD_V2 to V4 of the Windows SDK; catalogue.h; cmtrace.h.
 */
#ifndef SCAN_CARVE_H
#define SCAN_CARVE_H

#include "core/array.h"
#include "core/bytes.h"
#include "core/range.h"
#include "scan/evidence_digest.h"
#include "scan/file_ref.h"

#include <assert.h>

#define CARVE_STEP_BYTES  512u
#define CARVE_BLOCK_MAX   4096u       /* bytes of the largest artefact but log text */
#define CARVE_CHUNK_BYTES (1u << 20)  /* read and handed over at a time */

enum artefact_kind {
	ARTEFACT_RECORD,      /* of an MFT: FILE or BAAD */
	ARTEFACT_INDEX,       /* INDX block */
	ARTEFACT_LOG_PAGE,    /* RCRD page of $LogFile */
	ARTEFACT_LOG_RESTART, /* RSTR page */
	ARTEFACT_USN,         /* page of $UsnJrnl:$J, or what is left of one */
	ARTEFACT_BOOT,        /* NTFS boot sector, first or backup */
	ARTEFACT_CATALOGUE,   /* block of holdfast.cat, its checksum right */
	ARTEFACT_LOG_TEXT,    /* sectors in a row with records of CMTrace form */
	ARTEFACT_KINDS
};

enum artefact_flag {
	ARTEFACT_TORN = 1,    /* a sector in use disagrees with its fix-up: part of another state */
	ARTEFACT_DAMAGED = 2, /* what it holds does not end as it should, or a driver called it BAAD */
};

struct artefact {
	uint64_t offset;   /* of the evidence, bytes */
	uint32_t length;   /* bytes */
	uint8_t  kind;     /* enum artefact_kind */
	uint8_t  flags;    /* enum artefact_flag */
	uint16_t sequence; /* RECORD: as it says */
	uint64_t when;     /* place in time: LSN; USN: of the first record; LOG_TEXT: time of the first
			      record, 100 ns since 1601 or 0; else 0 */
	union {
		struct {
			file_ref base;   /* extension records: their base; else 0 */
			uint32_t number; /* as it says, or MFT_RECORD_NO_NUMBER */
			uint16_t flags;  /* enum mft_record_flag */
		} record;
		struct {
			uint64_t vcn;    /* of the block, as it says */
			file_ref parent; /* that most entries name; 0: no entries of a directory */
		} index;
		struct {
			uint32_t page_bytes;   /* RSTR */
			uint16_t major, minor; /* RSTR: version */
		} log;
		struct {
			uint32_t records; /* found in a row */
		} usn;
		struct {
			uint64_t serial;
			uint64_t sectors;
			uint32_t cluster_bytes;
		} boot;
		struct {
			uint64_t place_bytes; /* of the block on its volume */
			uint64_t serial, clusters; /* of the volume */
			uint32_t cluster_bytes;
			uint32_t generation; /* of the store */
		} catalogue;
	};
};
static_assert(sizeof(struct artefact) <= 64, "an artefact has 64 bytes");

struct artefacts ARRAY(struct artefact);

/* What begins with the first byte of @at, if anything does; bytes beyond .left do not exist. */
bool carve_recognise(struct bytes at, struct artefact *artefact);

/*
 * Append what begins in the first @own_bytes of @window, in its order; the bytes behind are there for
 * what does not end before them.  Text ends with @own_bytes.
 * Returns 0, or -1 with ERROR_MEMORY.
 */
MUST_CHECK int carve_window(struct bytes window, size_t own_bytes, struct artefacts *found, struct error *err);

/*
 * Take the artefacts of one chunk, @count of them, 0 too.  Called in the order of the disk, one call at a time.
 * @next  where a sweep goes on that is interrupted behind this call
 * Returns 0, or -1 with @err to end the sweep.
 */
typedef int carve_take(void *context, const struct artefact *items, size_t count, uint64_t next,
		       struct error *err);

struct carve_options {
	struct range            range;   /* of the evidence */
	unsigned                threads; /* cores */
	struct evidence_digest *digest;  /* fed with what is read; NULL: none is asked for */
};

/*
 * Look through a range of @evidence.  A sweep from a place that @take was given
 * finds what the uninterrupted one would have found from there.
 * Returns 0, or -1: no memory, or what @take says.
 */
MUST_CHECK int carve_sweep(struct evidence *evidence, const struct carve_options *options, carve_take *take,
			   void *context, struct error *err);

#endif
