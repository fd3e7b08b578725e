/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usn_journal.h - records of the change journal, $UsnJrnl:$J, live or found in free clusters
 *
 * The decoders are pure.  Format: winioctl.h, USN_RECORD_V2, _V3 (ids of 128 bits) and _V4 (ranges that
 * were written; no name, no time).  Records are 8-byte aligned and never cross a page of the stream, and a
 * record's USN is its own place in the stream: nine tenths of what proves one that is found elsewhere.
 *
 * A record tells all that happened since the file was opened; each new thing gives a new record, and the
 * last handle's close another one with all of them.  The name is the one that the file was opened by, but
 * for RENAME_NEW_NAME; and a link that goes leaves a record with the name of one that stays.
 */
#ifndef SCAN_USN_JOURNAL_H
#define SCAN_USN_JOURNAL_H

#include "core/range.h"
#include "scan/file_ref.h"
#include "scan/stream.h"

#define USN_PAGE_BYTES 4096u

enum usn_reason {
	USN_DATA_OVERWRITE = 0x00000001,
	USN_DATA_EXTEND = 0x00000002,
	USN_DATA_TRUNCATION = 0x00000004,
	USN_FILE_CREATE = 0x00000100,
	USN_FILE_DELETE = 0x00000200,     /* the last name has gone */
	USN_RENAME_OLD_NAME = 0x00001000, /* the record has the name that ends */
	USN_RENAME_NEW_NAME = 0x00002000, /* and the next one the name that begins */
	USN_HARD_LINK_CHANGE = 0x00010000,
	USN_CLOSE = 0x80000000,
};
#define USN_REASONS 0x81ffff77u /* all that there are */

#define USN_ATTRIBUTE_DIRECTORY 0x10u /* in a record's attributes */

struct usn_record {
	uint64_t     usn;
	uint64_t     time; /* 100 ns since 1601; 0 in version 4 */
	file_ref     file;
	file_ref     parent;      /* of the name */
	uint32_t     reasons;     /* enum usn_reason, and others */
	uint32_t     source;      /* who changed it: 0, or a service of the system */
	uint32_t     attributes;  /* enum file_attribute and the rest; 0 in version 4 */
	uint8_t      version;     /* 2, 3, 4 */
	struct bytes name;        /* UTF-16LE; none in version 4 */
	struct bytes ranges;      /* version 4: usn_range_next */
	uint16_t     range_bytes; /* of one of them */
	struct bytes whole;
};

/*
 * Decode the record that @from begins with; what follows it is not looked at.
 * Returns 0, or -1 with ERROR_BOUNDS (something leaves its container), ERROR_VALUE (no record), or
 * ERROR_UNSUPPORTED (another version; ids that NTFS does not have).
 */
MUST_CHECK int usn_record_decode(struct bytes from, struct usn_record *record, struct error *err);

/* Would a driver have written it, on a volume of @records (UINT64_MAX if not known)? */
bool usn_record_is_plausible(const struct usn_record *record, uint64_t records);

/* The next range of the file that was written, in bytes; .ranges moves past it.  False behind the last. */
bool usn_range_next(struct usn_record *record, struct range *range);

/*
 * Find the next plausible record in @rest, any bytes from an 8-byte boundary, and move past it.  Its USN
 * fits the place as sectors go: .offset counts from where sectors do.  False at the end.
 */
bool usn_record_find(struct bytes *rest, uint64_t records, struct usn_record *record);

/* -------- the live journal -------- */

/*
 * A walk over the stream in large reads.  Holes are stepped over.  In each record .whole.offset is the
 * place in the stream; where the USN is another, the record is left from before the clusters came here.
 */
struct usn_journal {
	const struct volume *volume; /* borrowed, as are the runs */
	const struct runs   *runs;
	uint64_t             records; /* of the volume */
	uint64_t             next;    /* bytes of the stream that were read, or stepped over */
	uint8_t             *buffer;
	struct bytes         rest;    /* of the buffer */
	struct ranges        missing; /* of the stream: what could not be read */
};

/*
 * Begin at the start of $J, whose @runs are mapped.
 * Returns 0, or -1 with ERROR_MEMORY, or ERROR_VALUE where it has more clusters than the volume.
 * Release in any case.
 */
MUST_CHECK int usn_journal_open(struct usn_journal *journal, const struct volume *volume,
				const struct runs *runs, uint64_t records, struct error *err);
void           usn_journal_release(struct usn_journal *journal);

/* The next record; its windows hold until the next call.  Returns 1, 0 at the end, -1 with ERROR_MEMORY. */
MUST_CHECK int usn_journal_next(struct usn_journal *journal, struct usn_record *record, struct error *err);

#endif
