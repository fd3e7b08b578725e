/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inference_records.c - see inference.h */
#include "scan/carve/inference.h"

#define STRONG (LOST_BOOT | LOST_BACKUP | LOST_TABLE)
#define HEIR_VOTES 2u
#define PAIRS_MAX 4096u   /* of a piece and who may have its place */
#define STARTS_MAX 8u     /* asked for one piece */
#define ASKED 64u         /* records of one piece */
#define RECORDS_NEEDED 8u /* to follow behind a table: fewer may be what a driver has made ready */
#define ENDS_ENOUGH 8u
#define ENDS_SHARE 8u  /* of those looked at: fewer are chance */
#define EDGE_BYTES 16u /* before the end of a file, not all zeros */

/* -------- what a piece's records say -------- */

/* Where a file's data ends, from the start of its volume. */
struct end {
	uint64_t at;
	uint64_t lcn; /* of the run in which it does */
};

/* What a piece's records come to. */
struct hearing {
	struct end ends[ASKED];
	unsigned   count;   /* of them */
	unsigned   records; /* with times: others nobody has used */
	unsigned   shift;   /* of the clusters that they count in; 0: none says */
	bool       differ;  /* not all count in the same */
};

/* The end of a record's data.  False if it is in the record, or would tell nothing where it lies. */
static bool find_end(const struct open_record *open, unsigned shift, struct end *end)
{
	struct attribute data;
	struct run_list  list;
	struct run       run;
	struct error     why;
	uint64_t         vcn;

	if (!open_record_stream(open, ATTRIBUTE_DATA, "", &data) || data.flags || open_record_has_list(open) ||
	    data.valid_bytes != data.size_bytes || data.size_bytes % CARVE_STEP_BYTES == 0)
		return false;
	vcn = data.size_bytes >> shift;
	list = runs_of(&data);
	while (run_list_next(&list, &run, &why) == 1) {
		if (vcn < run.vcn || vcn - run.vcn >= run.length)
			continue;
		if (run.lcn == LCN_HOLE || run.lcn + (vcn - run.vcn) >= (uint64_t)INT64_MAX >> shift)
			return false;
		*end = (struct end){ ((run.lcn + (vcn - run.vcn)) << shift) + (data.size_bytes & ((1ull << shift) - 1)),
				     run.lcn };
		return true;
	}
	return false;
}

static void hear_record(const struct open_record *open, struct hearing *hearing)
{
	struct bytes                rest = open->record.attributes;
	struct standard_information info;
	struct attribute            attr;
	struct error                why;

	hearing->records += open_record_times(open, &info);
	if (open_record_has_list(open))
		return;
	while (attribute_next(&rest, &attr, &why) == 1) {
		uint32_t cluster_bytes = attribute_cluster_bytes(&attr);

		if (!cluster_bytes)
			continue;
		hearing->differ = hearing->differ || (hearing->shift && hearing->shift != shift_of(cluster_bytes));
		hearing->shift = shift_of(cluster_bytes);
	}
	if (hearing->shift && find_end(open, hearing->shift, &hearing->ends[hearing->count]))
		hearing->count++;
}

/* Records spread over the piece.  Those of the system lie and look alike in every life. */
static int hear(const struct inference *it, const struct piece *piece, struct hearing *hearing, struct error *err)
{
	*hearing = (struct hearing){ 0 };
	for (size_t i = 0; i < piece->count; i += piece->count / ASKED + 1) {
		const struct placed   *placed = &it->placed.items[piece->first + i];
		const struct artefact *artefact = &it->artefacts[placed->artefact];
		struct open_record     open;
		bool                   good;

		if (placed->number < FIRST_USER_RECORD || artefact->record.base)
			continue;
		if (inference_read(it, artefact, &open, &good, err) < 0)
			return -1;
		if (good)
			hear_record(&open, hearing);
	}
	return 0;
}

/* -------- where files end -------- */

/* In the sector of a file's end there is something before it, and nothing behind: writers fill up with zeros. */
static int is_edge(const struct inference *it, uint64_t end, bool *edge, struct error *err)
{
	uint8_t       bytes[CARVE_STEP_BYTES];
	size_t        cut = end % CARVE_STEP_BYTES;
	struct ranges holes = { 0 };
	uint8_t       before = 0, behind = 0;
	int           result = evidence_read(it->evidence, end - cut, bytes, sizeof bytes, &holes, err);

	for (size_t i = cut > EDGE_BYTES ? cut - EDGE_BYTES : 0; i < cut; i++)
		before |= bytes[i];
	for (size_t i = cut; i < sizeof bytes; i++)
		behind |= bytes[i];
	*edge = result == 0 && !holes.count && before && !behind;
	array_release(&holes);
	return result;
}

/* The ends of a piece's files vote for a start that somebody has named, if they are more than chance. */
static int vote_from_ends(struct inference *it, const struct piece *piece, const struct hearing *hearing, uint64_t start,
			  unsigned shift, struct error *err)
{
	uint64_t tokens[ENDS_ENOUGH];
	size_t   fits = 0, asked = 0;

	for (size_t i = 0; i < hearing->count && fits < ENDS_ENOUGH; i++) {
		const struct end *end = &hearing->ends[i];
		bool              edge;

		if (end->at > it->evidence->size_bytes - start)
			continue;
		if (is_edge(it, start + end->at, &edge, err) < 0)
			return -1;
		asked++;
		if (edge)
			tokens[fits++] = end->lcn;
	}
	for (size_t i = 0; i < fits && fits * ENDS_SHARE >= asked; i++)
		if (inference_cast(it, start, shift, piece->site, LOST_ENDS, tokens[i], err) < 0)
			return -1;
	return 0;
}

/* -------- who names a start -------- */

/* A start that is named for the volume of a piece. */
struct named {
	struct site site;
	uint64_t    start;
	uint64_t    votes;
	struct site heir;  /* the table of a volume that surely began there; NO_ORIGIN: other records name it */
	uint8_t     shift; /* cluster size as a power of two: the heir's, or what is said of the piece */
};

struct names ARRAY(struct named);

/* Those of heirs first, then the strongest. */
static int compare_named(const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int                 sites = site_compare(&left->site, &right->site);

	if (sites)
		return sites;
	if ((left->heir.origin == NO_ORIGIN) != (right->heir.origin == NO_ORIGIN))
		return left->heir.origin == NO_ORIGIN ? 1 : -1;
	COMPARE(right, left, votes);
	COMPARE(left, right, start);
	COMPARE(left, right, shift);
	return site_compare(&left->heir, &right->heir);
}

/* A volume that surely was there names its start for each piece that its place may have held before. */
static bool add_heir(const struct inference *it, const struct tally *heir, struct names *names)
{
	for (size_t i = 0; i < it->pieces.count && names->count < PAIRS_MAX; i++) {
		const struct site *site = &it->pieces.items[i].site;

		if (site->origin >= 0 && (uint64_t)site->origin >= heir->start && site_compare(site, &heir->site) != 0 &&
		    !array_push(names, (struct named){ *site, heir->start, heir->votes, heir->site, heir->shift }))
			return false;
	}
	return true;
}

static int find_names(const struct inference *it, struct names *names, struct error *err)
{
	const struct site nobody = { .origin = NO_ORIGIN };

	for (size_t i = 0; i < it->tallies.count; i++) {
		const struct tally *tally = &it->tallies.items[i];
		bool                strong = tally->signs & STRONG && tally->votes >= HEIR_VOTES;

		if (strong ? !add_heir(it, tally, names)
			   : tally->site.origin != NO_ORIGIN &&
				     !array_push(names, (struct named){ tally->site, tally->start, tally->votes, nobody,
									tally->shift }))
			return error_memory(err);
	}
	if (names->count)
		qsort(names->items, names->count, sizeof *names->items, compare_named);
	return 0;
}

/*
 * Has an heir the place of the volume whose table @piece is of?  Its own table is followed by the rest of that; or the
 * first record there, on its spot, says that its volume began where the heir does.
 */
static bool has_place(const struct inference *it, const struct named *named, const struct piece *piece,
		      const struct hearing *hearing)
{
	const struct first *first;
	uint64_t            start;

	if (named->heir.origin == NO_ORIGIN)
		return false;
	if (!piece->headed)
		return piece->site.from && piece->site.origin == named->heir.origin &&
		       piece->site.record_bytes == named->heir.record_bytes && hearing->records >= RECORDS_NEEDED;
	first = inference_first_at(it, piece->site.origin, piece->site.record_bytes);
	return first && first->shift == hearing->shift &&
	       start_of(first->place, first->runs[0].lcn, first->shift, &start) && start == named->start;
}

static int vote_for(struct inference *it, const struct named *named, const struct piece *piece,
		    const struct hearing *hearing, struct error *err)
{
	bool     heir = named->heir.origin != NO_ORIGIN;
	unsigned shift = heir && hearing->shift ? hearing->shift : named->shift;

	if (hearing->differ || (hearing->shift && hearing->shift != shift) ||
	    !fits(piece->site.origin, named->start, shift))
		return 0;
	if (has_place(it, named, piece, hearing) &&
	    inference_cast(it, named->start, shift, piece->site, LOST_PLACE, 0, err) < 0)
		return -1;
	return vote_from_ends(it, piece, hearing, named->start, shift, err);
}

/* The starts that are named for one piece: @count of them, as many as are asked. */
static int vote_for_piece(struct inference *it, const struct named *named, size_t count, struct error *err)
{
	const struct piece *piece = inference_piece(it, named->site);
	struct hearing      hearing;

	if (!piece)
		return 0;
	if (hear(it, piece, &hearing, err) < 0)
		return -1;
	for (size_t i = 0; i < count && i < STARTS_MAX; i++)
		if (vote_for(it, &named[i], piece, &hearing, err) < 0)
			return -1;
	return 0;
}

int inference_vote_from_records(struct inference *it, struct error *err)
{
	struct names names = { 0 };
	size_t       next;
	int          result = find_names(it, &names, err);

	for (size_t i = 0; i < names.count && result == 0; i = next) {
		next = i + 1;
		while (next < names.count && site_compare(&names.items[i].site, &names.items[next].site) == 0)
			next++;
		result = vote_for_piece(it, &names.items[i], next - i, err);
	}
	array_release(&names);
	return result;
}
