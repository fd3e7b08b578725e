/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inference_pieces.c - see inference.h */
#include "scan/carve/inference.h"

#include "core/cleanup.h"
#include "scan/file_name.h"
#include "scan/inventory.h"

#define LIFE_RECORDS 8u /* fewer are not told apart by their times */
#define LIVES_MAX 8u    /* of one table */

/* -------- pieces of tables -------- */

/*
 * Does @first lie where it says that the table lies?  A mirror holds the first four records, or a cluster's;
 * it is taken for a table then, whose pieces are cut where there is nothing.
 */
static bool is_in_place(const struct inference *it, const struct first *first)
{
	return inference_record_at(it, first->place + (uint64_t)BAD_RECORD * first->record_bytes, BAD_RECORD,
				   first->record_bytes);
}

static int compare_cut(const void *a, const void *b)
{
	const struct cut *left = a, *right = b;

	COMPARE(left, right, origin);
	COMPARE(left, right, record_bytes);
	COMPARE(left, right, number);
	return 0;
}

/* What lies behind the end of a table, or behind one of its runs, is what was there before. */
static int cut_behind(struct inference *it, const struct first *first, struct error *err)
{
	uint64_t start, end = first->size_bytes / first->record_bytes;

	if (!first->shift || !start_of(first->place, first->runs[0].lcn, first->shift, &start))
		return 0;
	for (size_t i = 0; i < first->count; i++) {
		const struct run *run = &first->runs[i];
		uint64_t          reached = ((run->vcn + run->length) << first->shift) / first->record_bytes;
		struct cut        cut = { .record_bytes = first->record_bytes };

		if (!origin_of(it, start, run, first->shift, &cut.origin))
			continue;
		reached = reached < end ? reached : end;
		if (!reached || reached >= MFT_RECORD_NO_NUMBER)
			continue;
		cut.number = (uint32_t)reached;
		if (!array_push(&it->cuts, cut))
			return error_memory(err);
	}
	return 0;
}

static int find_cuts(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->firsts.count; i++)
		if (is_in_place(it, &it->firsts.items[i]) && cut_behind(it, &it->firsts.items[i], err) < 0)
			return -1;
	if (it->cuts.count)
		qsort(it->cuts.items, it->cuts.count, sizeof *it->cuts.items, compare_cut);
	return 0;
}

int site_compare(const struct site *left, const struct site *right)
{
	COMPARE(left, right, origin);
	COMPARE(left, right, record_bytes);
	COMPARE(left, right, from);
	return 0;
}

static int compare_piece(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;

	return site_compare(&left->site, &right->site);
}

/* The piece that a record is of; moves through the cuts with the records. */
static struct piece piece_of(const struct inference *it, const struct placed *placed, size_t *next)
{
	struct piece     piece = { .site = { placed->origin, placed->record_bytes, 0 }, .count = 1 };
	const struct cut at = { .origin = placed->origin,
				.record_bytes = placed->record_bytes,
				.number = placed->number };

	while (*next < it->cuts.count && compare_cut(&it->cuts.items[*next], &at) <= 0)
		(*next)++;
	if (*next && it->cuts.items[*next - 1].origin == at.origin &&
	    it->cuts.items[*next - 1].record_bytes == at.record_bytes)
		piece.site.from = it->cuts.items[*next - 1].number;
	piece.disturbed = piece.site.from && it->cuts.items[*next - 1].guessed;
	piece.headed = *next < it->cuts.count && it->cuts.items[*next].origin == at.origin &&
		       it->cuts.items[*next].record_bytes == at.record_bytes &&
		       !it->cuts.items[*next].guessed;
	return piece;
}

static int find_pieces(struct inference *it, struct error *err)
{
	size_t cut = 0;

	for (size_t i = 0; i < it->placed.count; i++) {
		struct piece  piece = piece_of(it, &it->placed.items[i], &cut);
		struct piece *last = it->pieces.count ? &it->pieces.items[it->pieces.count - 1] : NULL;

		piece.first = i;
		if (last && compare_piece(last, &piece) == 0)
			last->count++;
		else if (!array_push(&it->pieces, piece))
			return error_memory(err);
	}
	return 0;
}

struct piece *inference_piece(const struct inference *it, struct site site)
{
	struct piece key = { .site = site };

	return it->pieces.count ? bsearch(&key, it->pieces.items, it->pieces.count, sizeof key, compare_piece)
				: NULL;
}

struct piece *inference_first_piece(const struct inference *it, int64_t origin, uint32_t record_bytes)
{
	size_t first = partition_point(
		0, it->pieces.count, at,
		site_compare(&it->pieces.items[at].site, &(struct site){ origin, record_bytes, 0 }) < 0);

	return first < it->pieces.count && it->pieces.items[first].site.origin == origin &&
			       it->pieces.items[first].site.record_bytes == record_bytes
		       ? &it->pieces.items[first]
		       : NULL;
}

const struct first *inference_first_at(const struct inference *it, int64_t origin, uint32_t record_bytes)
{
	for (size_t i = 0; i < it->firsts.count; i++)
		if ((int64_t)it->firsts.items[i].place == origin &&
		    it->firsts.items[i].record_bytes == record_bytes)
			return &it->firsts.items[i];
	return NULL;
}

const struct piece *inference_piece_for(const struct inference *it, uint64_t start, unsigned shift,
					int64_t origin, uint32_t record_bytes, uint64_t mirror_lcn)
{
	const struct piece *piece = inference_first_piece(it, origin, record_bytes), *next;
	const struct first *first = inference_first_at(it, origin, record_bytes);
	int64_t             said;

	if (!piece || !piece->headed || !first)
		return piece;
	if (first->shift == shift && origin_of(it, start, &first->runs[0], shift, &said) && said == origin &&
	    (first->mirror_lcn == mirror_lcn || first->mirror_lcn == LCN_HOLE))
		return piece;
	next = piece + 1;
	return next < it->pieces.items + it->pieces.count && next->site.origin == origin &&
			       next->site.record_bytes == record_bytes
		       ? next
		       : NULL;
}

/* -------- lives behind each other -------- */

/* What a record of a piece says that tells its life from another. */
struct witness {
	uint32_t number;
	uint64_t made;    /* when the file was */
	uint64_t changed; /* when the record changed last */
	file_ref parent;  /* 0: no name */
	file_ref self;    /* as its children name it; 0: no directory */
};

struct witnesses ARRAY(struct witness);

static int add_witness(const struct inference *it, const struct artefact *artefact,
		       struct witnesses *witnesses, struct error *err)
{
	struct witness              witness = { .number = artefact->record.number };
	struct standard_information info;
	struct open_record          open;
	bool                        good;

	if (artefact->record.base)
		return 0;
	if (inference_read(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good || !open_record_times(&open, &info) || !row_time(info.times.changed))
		return 0;
	witness.made = info.times.created;
	witness.changed = info.times.changed;
	witness.parent = file_name_first_parent(open.record.attributes);
	if (artefact->record.flags & MFT_RECORD_DIRECTORY)
		witness.self = ref_of(artefact);
	return array_push(witnesses, witness) ? 0 : error_memory(err);
}

static const struct witness *witness_of(const struct witness *items, size_t count, uint64_t number)
{
	size_t first = partition_point(0, count, at, items[at].number < number);

	return first < count && items[first].number == number ? &items[first] : NULL;
}

/*
 * Is @parent the folder of @child?  Tables that were filled alike have folders with the same numbers; but a file that
 * comes into a folder changes, so none is in one that was made after its last change.
 */
static bool is_folder_of(const struct witness *parent, const struct witness *child)
{
	return parent->self == child->parent && parent->made <= child->changed;
}

/*
 * Do the records from @at on know nothing of those before it, nor those of them?  One table's files have
 * their folders in it; in another's, a folder with that number is chance.
 */
static bool are_strangers(const struct witness *items, size_t count, size_t at)
{
	size_t right = 0, wrong = 0;

	for (size_t i = 0; i < at; i++) /* folders of the younger life lie before the end of its table */
		if (witness_of(items + at, count - at, file_ref_record(items[i].parent)))
			return false;
	for (size_t i = at; i < count; i++) {
		const struct witness *parent = witness_of(items, at, file_ref_record(items[i].parent));

		right += parent && is_folder_of(parent, &items[i]);
		wrong += parent && !is_folder_of(parent, &items[i]);
	}
	return right <= wrong;
}

/*
 * The life that began last wrote the first records of a table, and all of them after the others: so where
 * everything before a record is younger than everything from there on, one life ends and the one
 * before it goes on.  0 if that is nowhere so.
 */
static int find_younger(const struct witnesses *witnesses, uint32_t *number, struct error *err)
{
	const struct witness       *items = witnesses->items;
	size_t                      count = witnesses->count;
	CLEANUP(free_ptr) uint64_t *latest = malloc((count + 1) * sizeof *latest); /* from here on */
	uint64_t                    earliest = UINT64_MAX;                         /* up to here */

	*number = 0;
	if (!latest)
		return error_memory(err);
	latest[count] = 0;
	for (size_t i = count; i-- > 0;)
		latest[i] = items[i].changed > latest[i + 1] ? items[i].changed : latest[i + 1];
	for (size_t i = 0; i + LIFE_RECORDS <= count && !*number; i++) {
		if (i >= LIFE_RECORDS && earliest > latest[i] && are_strangers(items, count, i))
			*number = items[i].number;
		earliest = items[i].changed < earliest ? items[i].changed : earliest;
	}
	return 0;
}

/* A piece that no first record heads may be of several lives: add a cut where one ends. */
static int cut_piece(struct inference *it, const struct piece *piece, bool *cut, struct error *err)
{
	struct witnesses witnesses = { 0 };
	uint32_t         number = 0;
	int              result = 0;

	for (size_t i = 0; result == 0 && i < piece->count; i++)
		result = add_witness(it, &it->artefacts[it->placed.items[piece->first + i].artefact],
				     &witnesses, err);
	if (result == 0)
		result = find_younger(&witnesses, &number, err);
	array_release(&witnesses);
	if (result < 0 || !number)
		return result;
	*cut = true;
	return array_push(&it->cuts,
			  (struct cut){ piece->site.origin, piece->site.record_bytes, number, true })
		       ? 0
		       : error_memory(err);
}

/* Cut the pieces again and again, until each is of one life. */
static int cut_pieces(struct inference *it, struct error *err)
{
	bool more = true;

	for (unsigned round = 0; more && round < LIVES_MAX; round++) {
		more = false;
		for (size_t i = 0; i < it->pieces.count; i++)
			if (!it->pieces.items[i].headed &&
			    cut_piece(it, &it->pieces.items[i], &more, err) < 0)
				return -1;
		if (!more)
			break;
		qsort(it->cuts.items, it->cuts.count, sizeof *it->cuts.items, compare_cut);
		it->pieces.count = 0;
		if (find_pieces(it, err) < 0)
			return -1;
	}
	return 0;
}

int inference_find_pieces(struct inference *it, struct error *err)
{
	return find_cuts(it, err) < 0 || find_pieces(it, err) < 0 ? -1 : cut_pieces(it, err);
}
