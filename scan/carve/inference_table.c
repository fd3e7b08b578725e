/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inference_table.c - see inference.h */
#include "scan/carve/inference.h"

#define SLOTS_MIN (1u << 22) /* of a table; and more for ... */
#define SLOTS_A_RECORD 64u   /* each record that is left: what is sparser has a wrong number */

bool candidate_has_piece(const struct candidate *candidate, const struct piece *piece)
{
	for (size_t i = 0; i < candidate->pieces.count; i++)
		if (candidate->pieces.items[i] == piece)
			return true;
	return false;
}

/* The run of a table that a piece lies in, and the slots that it shows. */
static int add_piece_run(const struct inference *it, struct candidate *candidate, const struct piece *piece,
			 struct ranges *shown, struct error *err)
{
	uint64_t   rb = piece->site.record_bytes, first = lowest(it, piece), end = highest(it, piece) + 1ull;
	unsigned   shift = candidate->shift;
	struct run run = { .vcn = first * rb >> shift };
	int64_t    place = piece->site.origin + (int64_t)(run.vcn << shift);

	if (place < 0 || (uint64_t)place < candidate->volume.offset_bytes ||
	    end > SLOTS_MIN + SLOTS_A_RECORD * candidate->volume.records)
		return 0;
	run.lcn = ((uint64_t)place - candidate->volume.offset_bytes) >> shift;
	run.length = ((end * rb + (1ull << shift) - 1) >> shift) - run.vcn;
	return ranges_add(shown, first, end - first) && array_push(&candidate->volume.table.runs, run)
		       ? 0
		       : error_memory(err);
}

/* Where another's first record heads the piece at @origin, the slots from there on are that one's. */
static uint64_t taken_until(const struct inference *it, const struct candidate *candidate, int64_t origin)
{
	const struct piece *piece = inference_first_piece(it, origin, candidate->site.record_bytes);

	if (!piece || !piece->headed || candidate_has_piece(candidate, piece))
		return 0;
	return piece + 1 < it->pieces.items + it->pieces.count && piece[1].site.origin == origin &&
			       piece[1].site.record_bytes == piece->site.record_bytes
		       ? piece[1].site.from
		       : highest(it, piece) + 1ull;
}

/* The runs that the first record tells of. */
static int add_first_runs(const struct inference *it, struct candidate *candidate, struct ranges *shown,
			  struct error *err)
{
	uint64_t rb = candidate->site.record_bytes, limit = candidate->first->size_bytes / rb;
	unsigned shift = candidate->shift;

	for (size_t i = 0; i < candidate->first->count; i++) {
		const struct run *run = &candidate->first->runs[i];
		uint64_t          first, end, taken;
		int64_t           origin;

		if (!origin_of(it, candidate->volume.offset_bytes, run, shift, &origin) ||
		    run->length > it->evidence->size_bytes >> shift)
			continue;
		first = (run->vcn << shift) / rb;
		end = ((run->vcn + run->length) << shift) / rb;
		taken = taken_until(it, candidate, origin);
		first = first < taken ? taken : first;
		end = end < limit ? end : limit;
		if (first < end && (!ranges_add(shown, first, end - first) ||
				    !array_push(&candidate->volume.table.runs, *run)))
			return error_memory(err);
	}
	return 0;
}

static int compare_run(const void *a, const void *b)
{
	const struct run *left = a, *right = b;

	COMPARE(left, right, vcn);
	COMPARE(left, right, lcn);
	return 0;
}

/* Sort runs; where two meet in one cluster the later one gives way. */
static void tidy_runs(struct runs *runs)
{
	size_t kept = 0;

	if (runs->count)
		qsort(runs->items, runs->count, sizeof *runs->items, compare_run);
	for (size_t i = 0; i < runs->count; i++) {
		struct run run = runs->items[i];
		uint64_t   end = kept ? runs->items[kept - 1].vcn + runs->items[kept - 1].length : 0;
		uint64_t   over = run.vcn < end ? end - run.vcn : 0;

		if (over >= run.length)
			continue;
		runs->items[kept++] = (struct run){ run.vcn + over, run.lcn + over, run.length - over };
	}
	runs->count = kept;
}

/* What lies between the slots that are shown. */
static int find_absent(struct old_table *table, struct ranges *shown, struct error *err)
{
	uint64_t at = 0;

	ranges_sort(shown);
	for (size_t i = 0; i < shown->count; i++) {
		if (shown->items[i].start > at && !ranges_add(&table->absent, at, shown->items[i].start - at))
			return error_memory(err);
		at = shown->items[i].start + shown->items[i].length;
	}
	table->slots = at;
	return 0;
}

int candidate_build_table(const struct inference *it, struct candidate *candidate, struct error *err)
{
	struct old_table *table = &candidate->volume.table;
	struct ranges     shown = { 0 };
	int               result = candidate->first ? add_first_runs(it, candidate, &shown, err) : 0;

	for (size_t i = 0;
	     result == 0 && !(candidate->first && candidate->first->whole) && i < candidate->pieces.count;
	     i++)
		result = add_piece_run(it, candidate, candidate->pieces.items[i], &shown, err);
	for (size_t i = 0; i < candidate->pieces.count; i++)
		table->disturbed = table->disturbed || candidate->pieces.items[i]->disturbed;
	/* where it began is a good guess; what lies where its files should has not said so */
	table->disturbed = table->disturbed || candidate->volume.signs == LOST_PLACE;
	tidy_runs(&table->runs);
	if (result == 0)
		result = find_absent(table, &shown, err);
	array_release(&shown);
	return result;
}
