/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inference.h - how lost volumes are inferred: what lost_volume.c and the files beside it share
 *
 * First records are read (inference.c), records put together to pieces of tables, each of one life
 * (inference_pieces.c), everything that says where a volume began has its vote (inference_votes.c;
 * inference_records.c what the records themselves know), volumes are made of the votes
 * (lost_volume.c), and their tables of the pieces (inference_table.c).
 */
#ifndef SCAN_INFERENCE_H
#define SCAN_INFERENCE_H

#include "scan/attribute.h"
#include "scan/carve/lost_volume.h"
#include "scan/mft_record.h"
#include "scan/run_list.h"
#include "scan/standard_information.h"

#define SHIFT_MIN 9u  /* clusters of 512 bytes ... */
#define SHIFT_MAX 21u /* ... to 2 MiB */
#define INDEX_BYTES 4096u
#define RUNS_MAX 64u /* of $MFT; a list with more is looked at as if it were not whole */
#define NO_ORIGIN INT64_MIN
#define BAD_RECORD 8u /* $BadClus */

#define COMPARE(a, b, field)          \
	if ((a)->field != (b)->field) \
	return (a)->field < (b)->field ? -1 : 1

/* -------- what is worked with -------- */

/* A FILE record with a number: its table begins, if it is in one piece, at .origin. */
struct placed {
	int64_t  origin; /* of the evidence, bytes */
	uint32_t record_bytes;
	uint32_t number;
	uint32_t artefact;
};

/* Which piece of a table.  Lives whose tables begin at one place have their records one behind the other. */
struct site {
	int64_t  origin; /* NO_ORIGIN: no piece */
	uint32_t record_bytes;
	uint32_t from; /* records before this one are another life's */
};

/* All records of one life with one origin and size. */
struct piece {
	struct site site;
	bool        headed;       /* its table's first record lies where that says that it lies */
	bool        disturbed;    /* what lies before it is of a life whose first record is lost */
	size_t      first, count; /* of the placed ones, by number */
	uint64_t    best;         /* votes of the strongest volume for it */
	uint8_t     best_shift;   /* its cluster size */
};

/* The first records of a table, in it or in the mirror. */
struct first {
	uint64_t   place; /* of record 0 */
	uint32_t   record_bytes;
	uint64_t   size_bytes; /* of $MFT, as far as it was written */
	struct run runs[RUNS_MAX];
	size_t     count;
	bool       whole;               /* these are all runs of $MFT */
	uint8_t    shift;               /* cluster size as a power of two, 0: not known */
	uint64_t   mirror_lcn, log_lcn; /* LCN_HOLE: not known */
	uint64_t   volume_bytes;        /* by $BadClus; 0: not known */
};

struct boot {
	uint64_t        start;
	unsigned        sign;
	uint32_t        from; /* of its table's piece */
	struct geometry geometry;
};

struct vote {
	uint64_t    start; /* of a volume */
	struct site site;  /* of the piece that says so */
	uint8_t     shift; /* cluster size as a power of two */
	uint8_t     sign;  /* enum lost_sign */
	uint64_t    token; /* votes with one sign and token count once */
};

/* All votes for one start, cluster size and piece. */
struct tally {
	uint64_t    start;
	struct site site;
	uint8_t     shift;
	unsigned    signs;
	uint64_t    votes;
};

/* At this record one life's table ends and what was there before goes on. */
struct cut {
	int64_t  origin;
	uint32_t record_bytes;
	uint32_t number;
	bool     guessed; /* by the times; no first record says so */
};

struct inference {
	struct evidence                      *evidence;
	const struct artefact                *artefacts;
	size_t                                count;
	struct ARRAY(struct placed)           placed;
	struct ARRAY(struct cut)              cuts; /* sorted */
	struct ARRAY(struct piece)            pieces;
	struct ARRAY(const struct artefact *) blocks; /* of directories, by parent and VCN */
	struct ARRAY(struct first)            firsts;
	struct ARRAY(struct boot)             boots;
	struct ARRAY(struct vote)             votes;
	struct ARRAY(struct tally)            tallies;
};

/* A volume that is being put together. */
struct candidate {
	struct lost_volume                 volume;
	struct site                        site; /* of the piece that told of it first */
	uint8_t                            shift;
	const struct first                *first; /* NULL: lost */
	struct ARRAY(const struct piece *) pieces;
};

/* -------- arithmetic of places -------- */

static inline unsigned shift_of(uint32_t cluster_bytes)
{
	return (unsigned)__builtin_ctz(cluster_bytes);
}

/* Where a volume begins of which cluster @lcn lies at @place.  False if that is before the evidence. */
static inline bool start_of(uint64_t place, uint64_t lcn, unsigned shift, uint64_t *start)
{
	if (lcn > place >> shift)
		return false;
	*start = place - (lcn << shift);
	return true;
}

/* Where cluster @lcn lies.  False if that is outside. */
static inline bool place_of(const struct inference *it, uint64_t start, uint64_t lcn, unsigned shift,
			    uint64_t *place)
{
	if (start >= it->evidence->size_bytes || lcn > (it->evidence->size_bytes - start) >> shift)
		return false;
	*place = start + (lcn << shift);
	return true;
}

/* The origin of what lies in a run of $MFT.  False if the run is outside. */
static inline bool origin_of(const struct inference *it, uint64_t start, const struct run *run,
			     unsigned shift, int64_t *origin)
{
	uint64_t place;

	if (run->lcn == LCN_HOLE || !place_of(it, start, run->lcn, shift, &place) ||
	    run->vcn > (uint64_t)INT64_MAX >> shift)
		return false;
	*origin = (int64_t)place - (int64_t)(run->vcn << shift);
	return true;
}

/* Pieces begin at a cluster's edge. */
static inline bool fits(int64_t origin, uint64_t start, unsigned shift)
{
	return (((uint64_t)origin - start) & ((1ull << shift) - 1)) == 0;
}

static inline uint32_t lowest(const struct inference *it, const struct piece *piece)
{
	return it->placed.items[piece->first].number;
}

static inline uint32_t highest(const struct inference *it, const struct piece *piece)
{
	return it->placed.items[piece->first + piece->count - 1].number;
}

/* As what refers to a record names it. */
static inline file_ref ref_of(const struct artefact *artefact)
{
	return file_ref_make(artefact->record.number,
			     file_generation(artefact->sequence, artefact->record.flags & MFT_RECORD_IN_USE));
}

/* -------- records, read again (inference.c) -------- */

struct open_record {
	uint8_t           bytes[CARVE_BLOCK_MAX];
	struct mft_record record;
};

static inline struct run_list runs_of(const struct attribute *attr)
{
	return (struct run_list){ .pairs = attr->pairs, .next_vcn = attr->lowest_vcn };
}

/* Put what was carved into order.  Return 0, or -1 without memory, as all here. */
MUST_CHECK int inference_sort(struct inference *it, struct error *err);
MUST_CHECK int inference_read_firsts(struct inference *it, struct error *err);
void           inference_release(struct inference *it);

/* The artefact that begins at @place, if it is of @kind; a record, if it has that number and size.  Else
 * NULL. */
const struct artefact *inference_artefact_at(const struct inference *it, uint64_t place,
					     enum artefact_kind kind);
const struct artefact *inference_record_at(const struct inference *it, uint64_t place, uint32_t number,
					   uint32_t record_bytes);

/* False in @good if it is not what it was. */
MUST_CHECK int inference_read(const struct inference *it, const struct artefact *artefact,
			      struct open_record *open, bool *good, struct error *err);

/* The record's non-resident attribute of @type and @name, from its first cluster on. */
bool open_record_stream(const struct open_record *open, uint32_t type, const char *name,
			struct attribute *attr);
bool open_record_has_list(const struct open_record *open);

/* What the record says of its own times.  False if it does not. */
bool open_record_times(const struct open_record *open, struct standard_information *info);

/* -------- pieces (inference_pieces.c) -------- */

MUST_CHECK int inference_find_pieces(struct inference *it, struct error *err);

int site_compare(const struct site *left, const struct site *right);

/* The piece at @site, or NULL. */
struct piece *inference_piece(const struct inference *it, struct site site);

/* The first piece of a table there, or NULL; of other lives there the next follow. */
struct piece *inference_first_piece(const struct inference *it, int64_t origin, uint32_t record_bytes);

/* The first record that lies at @origin. */
const struct first *inference_first_at(const struct inference *it, int64_t origin, uint32_t record_bytes);

/*
 * The piece at @origin of the table of a volume at @start: not the one there whose first record tells
 * of another volume, but what that left.  NULL if there is none.
 */
const struct piece *inference_piece_for(const struct inference *it, uint64_t start, unsigned shift,
					int64_t origin, uint32_t record_bytes, uint64_t mirror_lcn);

/* -------- votes, tables (inference_votes.c, inference_records.c, inference_table.c) -------- */

/* Votes for one start, cluster size and piece with one @sign and @token count once. */
MUST_CHECK int inference_cast(struct inference *it, uint64_t start, unsigned shift, struct site site,
			      enum lost_sign sign, uint64_t token, struct error *err);

/*
 * Let the records of each piece vote for starts that the tallies name: whether a volume that surely was there has
 * their place, and whether their files end where they say.
 */
MUST_CHECK int inference_vote_from_records(struct inference *it, struct error *err);

/* Let everything vote, and keep the tallies that are more than scatter. */
MUST_CHECK int inference_vote(struct inference *it, struct error *err);

bool candidate_has_piece(const struct candidate *candidate, const struct piece *piece);

/* Fill the candidate's table from its first record and its pieces. */
MUST_CHECK int candidate_build_table(const struct inference *it, struct candidate *candidate,
				     struct error *err);

#endif
