/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lost_volume.c - see lost_volume.h */
#include "scan/carve/lost_volume.h"

#include "scan/carve/inference.h"
#include "scan/file_name.h"
#include "scan/inventory.h"

#define PARENTS_ASKED 32u  /* records of a piece without a vote */
#define PARENTS_NEEDED 2u  /* of them in one table */
#define OWNERS_ASKED 16u   /* candidates that may have one piece */
#define ADOPTION_ROUNDS 3u /* a piece may have its folders in one that was adopted */
#define ADOPTED_MAX 4096u  /* pieces looked at */

/* -------- volumes -------- */

struct candidates ARRAY(struct candidate);

static void candidates_release(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->count; i++) {
		array_release(&candidates->items[i].pieces);
		old_table_release(&candidates->items[i].volume.table);
	}
	array_release(candidates);
}

/* The first record of the table at a tally's piece, there or in the mirror. */
static const struct first *first_of(const struct inference *it, const struct tally *tally)
{
	const struct first *mirrored = NULL;

	for (size_t i = 0; i < it->firsts.count; i++) {
		const struct first *first = &it->firsts.items[i];
		const struct piece *piece;
		uint64_t            place;
		int64_t             origin;

		if (first->record_bytes != tally->site.record_bytes ||
		    !origin_of(it, tally->start, &first->runs[0], tally->shift, &origin) ||
		    origin != tally->site.origin)
			continue;
		if ((int64_t)first->place == origin && !tally->site.from)
			return first;
		piece = inference_piece_for(it, tally->start, tally->shift, origin, first->record_bytes,
					    first->mirror_lcn);
		if (first->mirror_lcn != LCN_HOLE && piece && site_compare(&piece->site, &tally->site) == 0 &&
		    place_of(it, tally->start, first->mirror_lcn, tally->shift, &place) &&
		    place == first->place)
			mirrored = first;
	}
	return mirrored;
}

static bool is_run_of(const struct inference *it, const struct candidate *candidate, int64_t origin)
{
	int64_t other;

	for (size_t i = 0; i < candidate->first->count; i++)
		if (origin_of(it, candidate->volume.offset_bytes, &candidate->first->runs[i],
			      candidate->shift, &other) &&
		    other == origin)
			return true;
	return false;
}

/* Do two pieces hold different records and lie apart, so that they can be of one table? */
static bool are_disjoint(const struct inference *it, const struct piece *left, const struct piece *right)
{
	return left->site.origin != right->site.origin &&
	       (highest(it, left) < lowest(it, right) || highest(it, right) < lowest(it, left));
}

/*
 * Can @piece be part of @candidate's table?  What a first record in its place speaks of is that table's, and
 * what lies behind that is another's.
 */
static bool is_part(const struct inference *it, const struct candidate *candidate, const struct piece *piece)
{
	const struct first *first = candidate->first;
	bool                in_place = first && (int64_t)first->place == candidate->site.origin;

	if (piece->headed != (in_place && first->shift) && (piece->headed || piece->site.from))
		return false;
	if (first && first->whole)
		return is_run_of(it, candidate, piece->site.origin);
	for (size_t i = 0; i < candidate->pieces.count; i++)
		if (candidate->pieces.items[i] != piece &&
		    !are_disjoint(it, candidate->pieces.items[i], piece))
			return false;
	return true;
}

static int add_piece(struct candidate *candidate, const struct piece *piece, struct error *err)
{
	if (!piece || candidate_has_piece(candidate, piece))
		return 0;
	candidate->volume.pieces++;
	candidate->volume.records += piece->count;
	return array_push(&candidate->pieces, piece) ? 0 : error_memory(err);
}

/* The pieces that the first record itself names. */
static int add_runs(const struct inference *it, struct candidate *candidate, struct error *err)
{
	const struct piece *end = it->pieces.items + it->pieces.count;
	uint32_t            record_bytes = candidate->site.record_bytes;
	int64_t             origin;

	for (size_t i = 0; i < candidate->first->count; i++) {
		if (!origin_of(it, candidate->volume.offset_bytes, &candidate->first->runs[i],
			       candidate->shift, &origin))
			continue;
		for (const struct piece *piece = inference_first_piece(it, origin, record_bytes);
		     piece && piece < end && piece->site.origin == origin &&
		     piece->site.record_bytes == record_bytes;
		     piece++)
			if (is_part(it, candidate, piece) && add_piece(candidate, piece, err) < 0)
				return -1;
	}
	return 0;
}

/* Geometry as far as no boot sector gives it. */
static void guess_geometry(const struct inference *it, struct candidate *candidate)
{
	struct geometry *geometry = &candidate->volume.geometry;
	uint64_t         start = candidate->volume.offset_bytes;

	geometry->cluster_bytes = 1u << candidate->shift;
	geometry->index_bytes = INDEX_BYTES;
	geometry->sector_bytes = it->evidence->sector_bytes;
	if (geometry->record_bytes == 4096 && geometry->cluster_bytes >= 4096)
		geometry->sector_bytes =
			4096; /* formatters choose such records for sectors of that size only */
	if (geometry->sector_bytes > geometry->cluster_bytes)
		geometry->sector_bytes = geometry->cluster_bytes;
	geometry->mft_lcn = candidate->site.origin >= 0 && (uint64_t)candidate->site.origin >= start
				    ? ((uint64_t)candidate->site.origin - start) >> candidate->shift
				    : 0; /* it began elsewhere */
	candidate->volume.size_known = candidate->first && candidate->first->volume_bytes;
	if (candidate->volume.size_known)
		geometry->clusters = candidate->first->volume_bytes >> candidate->shift;
	else
		geometry->clusters = (it->evidence->size_bytes - start) >> candidate->shift;
	geometry->mirror_lcn = geometry->clusters; /* nowhere */
	if (candidate->first && candidate->first->mirror_lcn != LCN_HOLE)
		geometry->mirror_lcn = candidate->first->mirror_lcn;
	geometry->sectors = geometry->clusters * (geometry->cluster_bytes / geometry->sector_bytes);
}

static void fill_geometry(const struct inference *it, struct candidate *candidate)
{
	struct lost_volume *volume = &candidate->volume;

	guess_geometry(it, candidate);
	for (size_t i = 0; i < it->boots.count; i++) {
		const struct boot *boot = &it->boots.items[i];

		if (boot->start == volume->offset_bytes && boot->from == candidate->site.from &&
		    boot->geometry.cluster_bytes == volume->geometry.cluster_bytes &&
		    boot->geometry.record_bytes == volume->geometry.record_bytes &&
		    boot->geometry.mft_lcn == volume->geometry.mft_lcn) {
			volume->geometry = boot->geometry;
			volume->size_known = true;
			return;
		}
	}
}

static int add_candidate(const struct inference *it, const struct tally *tally, struct candidates *candidates,
			 struct error *err)
{
	struct candidate candidate = { .volume = { .offset_bytes = tally->start,
						   .geometry = { .record_bytes = tally->site.record_bytes } },
				       .site = tally->site,
				       .shift = tally->shift,
				       .first = first_of(it, tally) };

	candidate.volume.has_first = candidate.first;
	candidate.volume.taken = tally->site.from > 0;
	if (!array_push(candidates, candidate))
		return error_memory(err);
	return candidate.first ? add_runs(it, &candidates->items[candidates->count - 1], err) : 0;
}

/* -------- whose a piece is -------- */

/* The record of @candidate's table with that number, or NULL. */
static const struct artefact *record_of(const struct inference *it, const struct candidate *candidate,
					uint64_t number)
{
	for (size_t i = 0; i < candidate->pieces.count; i++) {
		const struct piece *piece = candidate->pieces.items[i];
		size_t              first = partition_point(piece->first, piece->first + piece->count, at,
							    it->placed.items[at].number < number);

		if (first < piece->first + piece->count && it->placed.items[first].number == number)
			return &it->artefacts[it->placed.items[first].artefact];
	}
	return NULL;
}

/* How many of a piece's files have their folder in @candidate's table, and how many something else there. */
struct kinship {
	unsigned right, wrong;
};

/* Is the record @parent the folder @named of @child, which has not changed since that was made? */
static int is_folder_of(const struct inference *it, const struct artefact *parent, file_ref named,
			const struct standard_information *child, bool *folder, struct error *err)
{
	struct standard_information info;
	struct open_record          open;
	bool                        good;

	*folder = ref_of(parent) == named && parent->record.flags & MFT_RECORD_DIRECTORY;
	if (!*folder)
		return 0;
	if (inference_read(it, parent, &open, &good, err) < 0)
		return -1;
	*folder = !good || !open_record_times(&open, &info) || info.times.created <= child->times.changed;
	return 0;
}

static int ask_parent(const struct inference *it, const struct candidate *candidate,
		      const struct artefact *artefact, struct kinship *kinship, struct error *err)
{
	struct standard_information info;
	struct open_record          open;
	const struct artefact      *parent;
	file_ref                    named;
	bool                        good, folder;

	if (inference_read(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good || !open_record_times(&open, &info))
		return 0;
	named = file_name_first_parent(open.record.attributes);
	parent = named ? record_of(it, candidate, file_ref_record(named)) : NULL;
	if (!parent)
		return 0;
	if (is_folder_of(it, parent, named, &info, &folder, err) < 0)
		return -1;
	kinship->right += folder;
	kinship->wrong += !folder;
	return 0;
}

/* The same of a sample of @piece's records. */
static int ask_parents(const struct inference *it, const struct candidate *candidate,
		       const struct piece *piece, struct kinship *kinship, struct error *err)
{
	size_t step = piece->count / PARENTS_ASKED + 1;

	*kinship = (struct kinship){ 0 };
	for (size_t i = 0; i < piece->count; i += step)
		if (ask_parent(it, candidate, &it->artefacts[it->placed.items[piece->first + i].artefact],
			       kinship, err) < 0)
			return -1;
	return 0;
}

/*
 * The candidate, of those from @group on, whose table @piece belongs to: several lives may have room for it, and its
 * files' folders say which.  The count of all if it is nobody's.
 */
static int find_owner(const struct inference *it, const struct candidates *candidates, size_t group,
		      const struct piece *piece, size_t *owner, struct error *err)
{
	unsigned       asked = 0, most = 0;
	struct kinship kinship;

	*owner = candidates->count;
	for (size_t i = group; i < candidates->count && asked < OWNERS_ASKED; i++) {
		if (candidates->items[i].site.record_bytes != piece->site.record_bytes ||
		    !is_part(it, &candidates->items[i], piece))
			continue;
		if (candidate_has_piece(&candidates->items[i], piece)) {
			*owner = i;
			return 0;
		}
		asked++;
		if (ask_parents(it, &candidates->items[i], piece, &kinship, err) < 0)
			return -1;
		if ((kinship.wrong >= PARENTS_NEEDED && kinship.wrong > kinship.right) ||
		    (*owner < candidates->count && kinship.right <= most))
			continue;
		*owner = i;
		most = kinship.right;
	}
	return 0;
}

/* Give a tally to the candidate, of those from @group on, whose table its piece belongs to, or to a new one. */
static int place_tally(const struct inference *it, const struct tally *tally, struct candidates *candidates,
		       size_t group, struct error *err)
{
	const struct piece *piece = inference_piece(it, tally->site);
	struct candidate   *owner;
	size_t              number = candidates->count;

	if (piece && find_owner(it, candidates, group, piece, &number, err) < 0)
		return -1;
	if (number == candidates->count && add_candidate(it, tally, candidates, err) < 0)
		return -1;
	owner = &candidates->items[number];
	owner->volume.votes += tally->votes;
	owner->volume.signs |= tally->signs;
	return add_piece(owner, piece, err);
}

#define CANDIDATES_MAX 4096u /* tallies looked at: a disk has few volumes, hostile ones want to have many */

static int build_candidates(const struct inference *it, struct candidates *candidates, struct error *err)
{
	size_t count = it->tallies.count < CANDIDATES_MAX ? it->tallies.count : CANDIDATES_MAX, group = 0;

	for (size_t i = 0; i < count; i++) {
		const struct tally *tally = &it->tallies.items[i];

		if (i && (tally[-1].start != tally->start || tally[-1].shift != tally->shift))
			group = candidates->count;
		if (place_tally(it, tally, candidates, group, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- pieces without a vote -------- */

/* Can a piece lie there in @candidate's volume? */
static bool has_room(const struct candidate *candidate, const struct piece *piece)
{
	return piece->site.record_bytes == candidate->site.record_bytes &&
	       fits(piece->site.origin, candidate->volume.offset_bytes, candidate->shift);
}

/* Pieces without directories have no vote; they belong where their files' folders are. */
static int adopt(const struct inference *it, struct candidates *candidates, const struct piece *piece,
		 bool *more, struct error *err)
{
	struct candidate *best = NULL;
	unsigned          most = 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (candidate_has_piece(&candidates->items[i], piece))
			return 0;
	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->items[i];
		struct kinship    kinship;

		if (!has_room(candidate, piece) || (candidate->first && candidate->first->whole) ||
		    !is_part(it, candidate, piece))
			continue;
		if (ask_parents(it, candidate, piece, &kinship, err) < 0)
			return -1;
		if (kinship.right > most && kinship.right > kinship.wrong) {
			best = candidate;
			most = kinship.right;
		}
	}
	if (most < PARENTS_NEEDED && (!best || most < piece->count))
		return 0;
	*more = true;
	return add_piece(best, piece, err);
}

static int adopt_pieces(const struct inference *it, struct candidates *candidates, struct error *err)
{
	bool more = candidates->count > 0;

	for (unsigned round = 0; more && round < ADOPTION_ROUNDS; round++) {
		more = false;
		for (size_t i = 0; i < it->pieces.count && i < ADOPTED_MAX; i++)
			if (adopt(it, candidates, &it->pieces.items[i], &more, err) < 0)
				return -1;
	}
	return 0;
}

/* -------- copies -------- */

#define COPIES_ASKED 64u /* records of a candidate */
#define SYSTEM_FILES 8u  /* asked when they were made */

/* What of a candidate's records speaks for their being another's own, as they lay before or lie elsewhere. */
struct likeness {
	unsigned asked, same; /* records; those that the other has too */
	unsigned younger;     /* changed since the other was formatted */
};

/*
 * The second in which a volume was formatted, by the first of the system's files that says when it was made; 0 if none
 * does.  Formatters know no parts of it, and libntfs-3g gives $MFT no times.
 */
static int read_formatted(const struct inference *it, const struct first *first, uint32_t *formatted, struct error *err)
{
	*formatted = 0;
	for (uint32_t i = 0; i < SYSTEM_FILES && !*formatted; i++) {
		const struct artefact *artefact = inference_record_at(it, first->place + (uint64_t)i * first->record_bytes, i,
								      first->record_bytes);
		struct standard_information info;
		struct open_record          open;
		bool                        good;

		if (!artefact)
			continue;
		if (inference_read(it, artefact, &open, &good, err) < 0)
			return -1;
		if (good && open_record_times(&open, &info))
			*formatted = row_time(info.times.created);
	}
	return 0;
}

static int compare_record(const struct inference *it, const struct candidate *other, uint32_t formatted,
			  const struct artefact *artefact, struct likeness *likeness, struct error *err)
{
	const struct artefact      *counterpart = record_of(it, other, artefact->record.number);
	struct standard_information info, theirs;
	struct open_record          open;
	bool                        good;

	if (artefact->record.base)
		return 0;
	if (inference_read(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good || !open_record_times(&open, &info))
		return 0;
	likeness->asked++;
	likeness->younger += formatted && row_time(info.times.changed) > formatted;
	if (!counterpart || counterpart == artefact)
		return 0;
	if (inference_read(it, counterpart, &open, &good, err) < 0)
		return -1;
	likeness->same += good && open_record_times(&open, &theirs) && theirs.times.created == info.times.created &&
			  counterpart->sequence == artefact->sequence;
	return 0;
}

/* Are @candidate's records those of @other: of its own table, before it was moved, or copied, or of what it forgot? */
static int is_copy(const struct inference *it, const struct candidate *candidate, const struct candidate *other,
		   bool *copy, struct error *err)
{
	struct likeness likeness = { 0 };
	uint32_t        formatted;

	if (read_formatted(it, other->first, &formatted, err) < 0)
		return -1;
	for (size_t i = 0; i < candidate->pieces.count; i++) {
		const struct piece *piece = candidate->pieces.items[i];

		for (size_t j = 0; j < piece->count; j += piece->count / COPIES_ASKED + 1)
			if (compare_record(it, other, formatted, &it->artefacts[it->placed.items[piece->first + j].artefact],
					   &likeness, err) < 0)
				return -1;
	}
	*copy = 2u * likeness.same > likeness.asked || 2u * likeness.younger > likeness.asked;
	return 0;
}

/* Could it be?  Both are at one place, and @other tells itself what is its. */
static bool may_be_copy(const struct candidate *candidate, const struct candidate *other)
{
	const unsigned strong = LOST_BOOT | LOST_BACKUP | LOST_TABLE;

	return candidate != other && !(candidate->volume.signs & strong) && other->volume.signs & strong && other->first &&
	       candidate->volume.offset_bytes == other->volume.offset_bytes && candidate->shift == other->shift &&
	       candidate->site.record_bytes == other->site.record_bytes;
}

static int find_copy(const struct inference *it, const struct candidates *candidates, const struct candidate *candidate,
		     bool *copy, struct error *err)
{
	*copy = false;
	for (size_t i = 0; i < candidates->count && !*copy; i++)
		if (may_be_copy(candidate, &candidates->items[i]) &&
		    is_copy(it, candidate, &candidates->items[i], copy, err) < 0)
			return -1;
	return 0;
}

/* -------- all of it -------- */

static int compare_volume(const void *a, const void *b)
{
	const struct lost_volume *left = a, *right = b;

	COMPARE(right, left, votes);
	COMPARE(left, right, offset_bytes);
	COMPARE(left, right, geometry.cluster_bytes);
	COMPARE(left, right, geometry.mft_lcn);
	return 0;
}

static int give_volumes(const struct inference *it, struct candidates *candidates,
			struct lost_volumes *volumes, struct error *err)
{
	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->items[i];

		bool              copy;

		if (candidate->site.origin < 0 ||
		    (uint64_t)candidate->site.origin < candidate->volume.offset_bytes)
			continue; /* a later piece alone: its table began elsewhere */
		if (find_copy(it, candidates, candidate, &copy, err) < 0)
			return -1;
		if (copy)
			continue;
		fill_geometry(it, candidate);
		if (candidate->volume.geometry.mft_lcn >= candidate->volume.geometry.clusters)
			continue;
		if (candidate_build_table(it, candidate, err) < 0)
			return -1;
		if (!candidate->volume.table.slots)
			continue;
		if (!array_push(volumes, candidate->volume))
			return error_memory(err);
		candidate->volume.table = (struct old_table){ 0 }; /* now the volume's */
	}
	if (volumes->count)
		qsort(volumes->items, volumes->count, sizeof *volumes->items, compare_volume);
	return 0;
}

static int infer(struct inference *it, struct lost_volumes *volumes, struct error *err)
{
	struct candidates candidates = { 0 };
	int               result;

	if (inference_sort(it, err) < 0 || inference_read_firsts(it, err) < 0 ||
	    inference_find_pieces(it, err) < 0 || inference_vote(it, err) < 0)
		return -1;
	result = build_candidates(it, &candidates, err);
	if (result == 0)
		result = adopt_pieces(it, &candidates, err);
	if (result == 0)
		result = give_volumes(it, &candidates, volumes, err);
	candidates_release(&candidates);
	return result;
}

void lost_volumes_release(struct lost_volumes *volumes)
{
	for (size_t i = 0; i < volumes->count; i++)
		old_table_release(&volumes->items[i].table);
	array_release(volumes);
}

int lost_volumes_infer(struct evidence *evidence, const struct artefact *artefacts, size_t count,
		       struct lost_volumes *volumes, struct error *err)
{
	struct inference it = { .evidence = evidence,
				.artefacts = artefacts,
				.count = count < UINT32_MAX ? count : UINT32_MAX };
	int              result = infer(&it, volumes, err);

	inference_release(&it);
	return result;
}
