/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usn_history.h - what the change journal says of each file's names, and from when to when
 *
 * Of one life of one journal, live and carved records together.  A moment is a USN: what was so just before
 * the record with that USN was written, or would have been.  A file has a set of names, each with a span of
 * time: the journal has no record of the name that a link gets, and none of the name that a link loses, but
 * both are seen in other records (usn_journal.h).
 * A name is held at a moment when a record shows it and nothing was missed between the two; all else is
 * possible at most.  USNs without a gap are known by the records' own lengths.
 */
#ifndef SCAN_USN_HISTORY_H
#define SCAN_USN_HISTORY_H

#include "scan/journal/usn_journal.h"

enum usn_source { /* the stronger first */
	USN_FROM_JOURNAL, /* the live stream; place: its bytes */
	USN_FROM_LOG,     /* $LogFile; place: its bytes */
	USN_CARVED,       /* anywhere; place: bytes of the volume */
};

#define USN_NONE UINT32_MAX

struct usn_fact {
	file_ref file;
	uint64_t usn;
	uint64_t time;
	file_ref parent;
	uint64_t place;
	uint32_t reasons;
	uint32_t attributes;
	uint32_t text;       /* where the units of the name begin in usn_history.text */
	uint16_t length;     /* bytes of the record */
	uint8_t  units;      /* 0 in version 4 */
	uint8_t  source;     /* enum usn_source */
};

enum usn_ending {
	USN_NOT_ENDED,
	USN_RENAMED,      /* .renamed_to, if that is known */
	USN_DELETED,      /* with the file */
	USN_LINK_REMOVED, /* a link went, and of the names that are known it can only be this one */
	USN_LINK_DOUBTED, /* links came or went, and this name may be one of them */
};

struct usn_name { /* file, parent, text: those of its first fact */
	uint64_t since;      /* from this USN on to the first record no link of the file came or went */
	uint32_t first;      /* into facts: the first and the last that show it */
	uint32_t last;
	uint32_t end;        /* that tells of its end, or USN_NONE */
	uint32_t created;    /* that tells of the making of the file, or USN_NONE */
	uint32_t deleted;    /* and of its end */
	uint32_t renamed_to; /* into names, or USN_NONE */
	uint8_t  ending;     /* enum usn_ending */
	bool     begins;     /* with its first record; else it may be older */
};

struct usn_facts ARRAY(struct usn_fact);
struct usn_names ARRAY(struct usn_name);
struct usn_text  ARRAY(uint16_t);

/* Which names are in the text already: facts that have them, by the names' checksums. */
struct usn_texts {
	uint32_t *slots;    /* into facts, or USN_NONE */
	size_t    count;
	size_t    capacity; /* a power of two */
};

struct usn_history {
	struct usn_facts facts;        /* once it is built: by record, sequence, USN */
	struct usn_names names;        /* in the order of their files, and of their first records */
	struct usn_text  text;         /* UTF-16LE units, as they lie on disk; most names once */
	struct usn_texts texts;        /* until it is built */
	struct ranges    covered;      /* USNs between which no record is missing; sorted */
	size_t           contradicted; /* records left out: another lies where they say that they lay */
};

/* Add a plausible record.  Returns 0, or -1 with ERROR_VALUE, _MEMORY, or _UNSUPPORTED for billions of them. */
MUST_CHECK int usn_history_add(struct usn_history *history, const struct usn_record *record,
			       enum usn_source source, struct error *err);

/* Put all in order, once.  Records that were found twice are kept once, from the stronger source. */
MUST_CHECK int usn_history_build(struct usn_history *history, struct error *err);
void           usn_history_release(struct usn_history *history);

/* What is known of a file: *@count from the returned place on; NULL for nothing. */
const struct usn_fact *usn_history_facts(const struct usn_history *history, file_ref file, size_t *count);
const struct usn_name *usn_history_names(const struct usn_history *history, file_ref file, size_t *count);

/* The UTF-16LE bytes of a fact's name, 2 * units of them. */
static inline const uint8_t *usn_history_text(const struct usn_history *history, const struct usn_fact *fact)
{
	return (const uint8_t *)(history->text.items + fact->text);
}

/* The moment at which the clock went past @time: UINT64_MAX, behind all records, where it never did. */
uint64_t usn_history_moment(const struct usn_history *history, uint64_t time_100ns);

/* Is no record missing between the two USNs?  Behind the last record of all nothing is. */
bool usn_history_is_whole(const struct usn_history *history, uint64_t from, uint64_t to);

enum usn_hold { USN_NOT_HELD, USN_POSSIBLE, USN_HELD };

/* Had the file this name at the moment @usn? */
enum usn_hold usn_history_hold(const struct usn_history *history, const struct usn_name *name, uint64_t usn);

#define USN_PATH_MAX 255u /* names; what is longer goes in circles */

struct usn_path {
	uint32_t      names[USN_PATH_MAX]; /* into usn_history.names; the file's own first, then upwards */
	size_t        count;
	file_ref      top;  /* where the last lies: the root, or a directory of which the journal knows no name */
	enum usn_hold hold; /* the weakest of the names' */
};

/*
 * Where @name lay at the moment @usn, through the parents that its records name, sequence numbers
 * included.  False where the parents go in circles.
 */
bool usn_history_path(const struct usn_history *history, const struct usn_name *name, uint64_t usn,
		      struct usn_path *path);

#endif
