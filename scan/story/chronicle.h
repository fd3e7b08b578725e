/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chronicle.h - all that the evidence says of what happened, and who says it
 *
 * Events of the logs of every volume, moments that its records show, and what was written when.  Nothing is
 * weighed here: story.h makes one timeline of it.
 */
#ifndef SCAN_CHRONICLE_H
#define SCAN_CHRONICLE_H

#include "core/range.h"
#include "scan/grade.h"
#include "scan/namespace.h"
#include "scan/story/story.h"

#define CHRONICLE_SOURCES_MAX 4096u    /* what is found beyond them is counted only */
#define CHRONICLE_EVENTS_MAX  1000000u /* likewise */

enum story_source_kind {
	SOURCE_LOG,     /* a file; .place is its record, offsets of its events count from its beginning */
	SOURCE_PIECE,   /* text of a log that was found by its looks; .place is its byte of the evidence */
	SOURCE_RECORD,  /* times of a file; .place is its record */
	SOURCE_JOURNAL, /* the change journal; offsets of its events are USNs */
	SOURCE_KINDS
};

struct story_source {
	enum story_source_kind kind;
	uint32_t               evidence; /* PIECE: its id in the casebook; else 0 */
	uint32_t               volume;   /* its number; 0: a piece on none */
	uint64_t               place;
	const char            *path;     /* "" if it has none; in the chronicle's memory */
	enum proof             proof;    /* of the path */
	enum grade             grade;    /* of what was read */
	bool                   live;
	bool                   cut;      /* there is more of it than was looked at */
};

struct story_sources ARRAY(struct story_source);

/* Files that were made in one second: in a volume's growth, sorted by time, each second once. */
struct growth {
	uint32_t time; /* row_time */
	uint32_t files;
	uint64_t bytes;
};

struct growths ARRAY(struct growth);

struct volume_growth {
	uint32_t       volume;
	struct growths growths;
};

/* Where a log lies that was read whole. */
struct story_place {
	const struct evidence *evidence; /* borrowed */
	struct range           bytes;    /* of it */
};

struct chronicle {
	struct log_events    events;   /* .artefact is the index of a source */
	struct story_sources sources;
	struct ARRAY(struct volume_growth) volumes;
	struct ARRAY(struct story_place) places;
	size_t               passed_over; /* logs that were found and not read: there were too many */
};

void chronicle_release(struct chronicle *chronicle);

/*
 * Add a source; its path is copied.  *@index is its own.  Returns 1, 0 when there are too many (it is
 * counted in .passed_over), or -1 without memory.
 */
MUST_CHECK int chronicle_add_source(struct chronicle *chronicle, const struct story_source *source, uint32_t *index,
				    struct error *err);

/* Add what a source shows, which no log says: .kind, .time, .number and .path matter; the path is copied. */
MUST_CHECK int chronicle_add_shown(struct chronicle *chronicle, uint32_t source, struct log_event event,
				   struct error *err);

/* What was written to one volume from a moment on, at the least: files that were deleted since count too. */
struct written_since {
	uint32_t volume;
	uint64_t files, bytes;
};

/* @time in 100 ns since 1601 */
struct written_since chronicle_since(const struct volume_growth *volume, uint64_t time);

#endif
