/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inference_votes.c - see inference.h */
#include "scan/carve/inference.h"

#include "scan/index_node.h"

#define DIRECTORIES_MAX 4096u /* asked of one piece of a table */
#define TWINS_MAX 8u          /* blocks with one parent and VCN that are looked at */
#define VOTES_MAX (1u << 20)
#define VOTES_NEEDED 2u
#define WEAK_SHARE 8u /* of the strongest for one piece; what has less is scatter */

/* -------- votes -------- */

int inference_cast(struct inference *it, uint64_t start, unsigned shift, struct site site, enum lost_sign sign,
		   uint64_t token, struct error *err)
{
	if (it->votes.count >= VOTES_MAX)
		return 0;
	return array_push(&it->votes, (struct vote){ start, site, (uint8_t)shift, (uint8_t)sign, token })
		       ? 0
		       : error_memory(err);
}

/* Mirror and further runs of $MFT, were @first on its spot in a volume at @start. */
static int vote_from_spot(struct inference *it, const struct first *first, uint64_t start, unsigned shift,
			  struct site site, struct error *err)
{
	uint64_t place;
	int64_t  origin;

	if (first->mirror_lcn != LCN_HOLE && first->mirror_lcn != first->runs[0].lcn &&
	    place_of(it, start, first->mirror_lcn, shift, &place) &&
	    inference_record_at(it, place, 0, first->record_bytes) &&
	    inference_cast(it, start, shift, site, LOST_TABLE, first->mirror_lcn, err) < 0)
		return -1;
	for (size_t i = 1; i < first->count; i++)
		if (origin_of(it, start, &first->runs[i], shift, &origin) &&
		    inference_first_piece(it, origin, first->record_bytes) &&
		    inference_cast(it, start, shift, site, LOST_TABLE, first->runs[i].lcn, err) < 0)
			return -1;
	return 0;
}

static int vote_from_log(struct inference *it, const struct first *first, uint64_t start, unsigned shift,
			 struct site site, struct error *err)
{
	uint64_t place;

	if (first->log_lcn != LCN_HOLE && place_of(it, start, first->log_lcn, shift, &place) &&
	    inference_artefact_at(it, place, ARTEFACT_LOG_RESTART))
		return inference_cast(it, start, shift, site, LOST_TABLE, first->log_lcn, err);
	return 0;
}

static int vote_from_first(struct inference *it, const struct first *first, unsigned shift, struct error *err)
{
	const struct site   here = { (int64_t)first->place, first->record_bytes, 0 };
	const struct piece *piece;
	uint64_t            start;
	int64_t             origin;

	if (start_of(first->place, first->runs[0].lcn, shift, &start) &&
	    (vote_from_spot(it, first, start, shift, here, err) < 0 ||
	     vote_from_log(it, first, start, shift, here, err) < 0))
		return -1;
	if (first->mirror_lcn == LCN_HOLE || first->mirror_lcn == first->runs[0].lcn ||
	    !start_of(first->place, first->mirror_lcn, shift, &start) ||
	    !origin_of(it, start, &first->runs[0], shift, &origin))
		return 0;
	piece = inference_piece_for(it, start, shift, origin, first->record_bytes, first->mirror_lcn);
	if (!piece)
		return 0;
	if (inference_cast(it, start, shift, piece->site, LOST_TABLE, first->runs[0].lcn, err) < 0)
		return -1;
	return vote_from_log(it, first, start, shift, piece->site, err);
}

/* The first block of @parent from @vcn on. */
static size_t block_from(const struct inference *it, file_ref parent, uint64_t vcn)
{
	const struct artefact *const *blocks = it->blocks.items;

	return partition_point(0, it->blocks.count, at,
			       blocks[at]->index.parent < parent ||
				       (blocks[at]->index.parent == parent && blocks[at]->index.vcn < vcn));
}

/* A run of a directory's index, for one cluster size: blocks in it give the volume's start. */
static int vote_from_run(struct inference *it, const struct piece *piece, file_ref directory,
			 const struct run *run, unsigned shift, struct error *err)
{
	uint64_t unit = 1ull << shift <= INDEX_BYTES ? 1ull << shift : INDEX_VCN_BYTES;
	uint64_t from, to, start;

	if (run->lcn == LCN_HOLE || run->length > (uint64_t)INT64_MAX >> shift ||
	    run->vcn > ((uint64_t)INT64_MAX >> shift) - run->length)
		return 0;
	from = (run->vcn << shift) / unit;
	to = ((run->vcn + run->length) << shift) / unit;
	for (size_t i = block_from(it, directory, from), seen = 0; i < it->blocks.count && seen < TWINS_MAX;
	     i++, seen++) {
		const struct artefact *block = it->blocks.items[i];
		uint64_t               into;

		if (block->index.parent != directory || block->index.vcn >= to)
			break;
		into = (block->index.vcn - from) * unit;
		if (into <= block->offset && start_of(block->offset - into, run->lcn, shift, &start) &&
		    fits(piece->site.origin, start, shift) &&
		    inference_cast(it, start, shift, piece->site, LOST_INDEX, run->lcn, err) < 0)
			return -1;
	}
	return 0;
}

static int vote_from_directory(struct inference *it, const struct piece *piece,
			       const struct artefact *artefact, struct error *err)
{
	file_ref           directory = artefact->record.base ? artefact->record.base : ref_of(artefact);
	struct open_record open;
	struct attribute   attr;
	struct run_list    list;
	struct run         run;
	struct error       why;
	struct bytes       rest;
	uint32_t           cluster_bytes;
	bool               good;
	size_t             any = block_from(it, directory, 0);

	if (any == it->blocks.count || it->blocks.items[any]->index.parent != directory)
		return 0;
	if (inference_read(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good)
		return 0;
	rest = open.record.attributes;
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (attr.type != ATTRIBUTE_INDEX_ALLOCATION || attr.resident ||
		    !attribute_is_named(&attr, "$I30"))
			continue;
		list = runs_of(&attr);
		cluster_bytes = open_record_has_list(&open) ? 0 : attribute_cluster_bytes(&attr);
		while (run_list_next(&list, &run, &why) == 1)
			for (unsigned shift = SHIFT_MIN; shift <= SHIFT_MAX; shift++)
				if ((!cluster_bytes || cluster_bytes == 1u << shift) &&
				    vote_from_run(it, piece, directory, &run, shift, err) < 0)
					return -1;
	}
	return 0;
}

static int vote_from_piece(struct inference *it, const struct piece *piece, struct error *err)
{
	unsigned asked = 0;

	for (size_t i = 0; i < piece->count && asked < DIRECTORIES_MAX; i++) {
		const struct artefact *artefact = &it->artefacts[it->placed.items[piece->first + i].artefact];

		if (!artefact->record.base && !(artefact->record.flags & MFT_RECORD_DIRECTORY))
			continue;
		asked++;
		if (vote_from_directory(it, piece, artefact, err) < 0)
			return -1;
	}
	return 0;
}

/* Is there anything of a table where this boot sector puts it? */
static bool has_table(const struct inference *it, uint64_t start, const struct geometry *geometry,
		      struct site *site)
{
	unsigned            shift = shift_of(geometry->cluster_bytes);
	const struct piece *piece;
	uint64_t            place;

	if (geometry->cluster_bytes < 1u << SHIFT_MIN ||
	    !place_of(it, start, geometry->mft_lcn, shift, &place))
		return false;
	*site = (struct site){ (int64_t)place, geometry->record_bytes, 0 };
	piece = inference_piece_for(it, start, shift, site->origin, site->record_bytes, geometry->mirror_lcn);
	if (piece)
		*site = piece->site;
	if (piece || inference_first_piece(it, site->origin, site->record_bytes))
		return piece;
	return place_of(it, start, geometry->mirror_lcn, shift, &place) &&
	       inference_record_at(it, place, 0, geometry->record_bytes);
}

static int add_boot(struct inference *it, uint64_t start, const struct geometry *geometry,
		    enum lost_sign sign, struct error *err)
{
	struct site site;

	if (!has_table(it, start, geometry, &site))
		return 0;
	if (!array_push(&it->boots, (struct boot){ start, sign, site.from, *geometry }))
		return error_memory(err);
	return inference_cast(it, start, shift_of(geometry->cluster_bytes), site, sign, 0, err);
}

/* As the first sector of a volume, and as the one behind its last. */
static int vote_from_boot(struct inference *it, const struct artefact *artefact, struct error *err)
{
	uint8_t         bytes[BOOT_SECTOR_BYTES];
	struct ranges   holes = { 0 };
	struct geometry geometry;
	struct error    why;
	uint64_t        size;
	int result = evidence_read(it->evidence, artefact->offset, bytes, sizeof bytes, &holes, err);

	array_release(&holes);
	if (result < 0)
		return -1;
	if (boot_sector_decode((struct bytes){ bytes, sizeof bytes, artefact->offset }, &geometry, &why) < 0)
		return 0;
	if (add_boot(it, artefact->offset, &geometry, LOST_BOOT, err) < 0)
		return -1;
	size = geometry.sectors * geometry.sector_bytes; /* the decoder has seen that it is a number */
	return size <= artefact->offset ? add_boot(it, artefact->offset - size, &geometry, LOST_BACKUP, err)
					: 0;
}

static int vote_from_catalogue(struct inference *it, const struct artefact *artefact, struct error *err)
{
	const struct site nowhere = { .origin = NO_ORIGIN };
	uint32_t          cluster_bytes = artefact->catalogue.cluster_bytes;

	if (artefact->catalogue.place_bytes > artefact->offset ||
	    artefact->catalogue.place_bytes % CARVE_STEP_BYTES || cluster_bytes < 1u << SHIFT_MIN)
		return 0;
	return inference_cast(it, artefact->offset - artefact->catalogue.place_bytes, shift_of(cluster_bytes), nowhere,
		    LOST_CATALOGUE, artefact->catalogue.place_bytes, err);
}

static int vote_all(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++)
		if ((it->artefacts[i].kind == ARTEFACT_BOOT &&
		     vote_from_boot(it, &it->artefacts[i], err) < 0) ||
		    (it->artefacts[i].kind == ARTEFACT_CATALOGUE &&
		     vote_from_catalogue(it, &it->artefacts[i], err) < 0))
			return -1;
	for (size_t i = 0; i < it->firsts.count; i++)
		for (unsigned shift = SHIFT_MIN; shift <= SHIFT_MAX; shift++)
			if (vote_from_first(it, &it->firsts.items[i], shift, err) < 0)
				return -1;
	for (size_t i = 0; i < it->pieces.count; i++)
		if (vote_from_piece(it, &it->pieces.items[i], err) < 0)
			return -1;
	return 0;
}

/* -------- counting -------- */

static int compare_vote(const void *a, const void *b)
{
	const struct vote *left = a, *right = b;

	int sites = site_compare(&left->site, &right->site);

	COMPARE(left, right, start);
	COMPARE(left, right, shift);
	if (sites)
		return sites;
	COMPARE(left, right, sign);
	COMPARE(left, right, token);
	return 0;
}

/* A sector with a checksum, or one that names a table that is there, cannot be chance; a few numbers may. */
static uint64_t weight(enum lost_sign sign)
{
	switch (sign) {
	case LOST_BOOT:
	case LOST_BACKUP:
		return 8;
	case LOST_CATALOGUE:
	case LOST_TABLE:
		return 2;
	case LOST_INDEX:
	case LOST_PLACE:
	case LOST_ENDS:
		break;
	}
	return 1;
}

static bool is_of(const struct tally *tally, const struct vote *vote)
{
	return tally && tally->start == vote->start && tally->shift == vote->shift &&
	       site_compare(&tally->site, &vote->site) == 0;
}

static int count_votes(struct inference *it, struct error *err)
{
	const struct vote *votes = it->votes.items;

	it->tallies.count = 0;
	if (it->votes.count)
		qsort(it->votes.items, it->votes.count, sizeof *it->votes.items, compare_vote);
	for (size_t i = 0; i < it->votes.count; i++) {
		struct tally *last = it->tallies.count ? &it->tallies.items[it->tallies.count - 1] : NULL;

		if (i && compare_vote(&votes[i - 1], &votes[i]) == 0)
			continue;
		if (!is_of(last, &votes[i])) {
			if (!array_push(&it->tallies, (struct tally){ .start = votes[i].start,
								      .site = votes[i].site,
								      .shift = votes[i].shift }))
				return error_memory(err);
			last = &it->tallies.items[it->tallies.count - 1];
		}
		last->votes += weight(votes[i].sign);
		last->signs |= votes[i].sign;
	}
	return 0;
}

/* The largest piece that can be part of the table of a volume there. */
static const struct piece *largest_piece(const struct inference *it, uint64_t start, unsigned shift)
{
	const struct piece *best = NULL;

	for (size_t i = 0; i < it->pieces.count; i++) {
		const struct piece *piece = &it->pieces.items[i];

		if (piece->site.origin >= 0 && (uint64_t)piece->site.origin >= start &&
		    fits(piece->site.origin, start, shift) && (!best || piece->count > best->count))
			best = piece;
	}
	return best;
}

/* What a catalogue says holds for all pieces at that start; if none has spoken, for the largest. */
static void spread_catalogues(struct inference *it)
{
	size_t next;

	for (size_t i = 0; i < it->tallies.count; i = next) {
		struct tally       *catalogue = &it->tallies.items[i], *tally;
		const struct piece *piece;

		next = i + 1;
		if (catalogue->site.origin != NO_ORIGIN)
			continue;
		for (; next < it->tallies.count; next++) { /* NO_ORIGIN comes first */
			tally = &it->tallies.items[next];
			if (tally->start != catalogue->start || tally->shift != catalogue->shift)
				break;
			tally->votes += catalogue->votes;
			tally->signs |= catalogue->signs;
		}
		if (next > i + 1)
			continue;
		piece = largest_piece(it, catalogue->start, catalogue->shift);
		if (piece)
			catalogue->site = piece->site;
	}
}

/* Volumes first whose tables say themselves what is theirs. */
static int compare_tally(const void *a, const void *b)
{
	const unsigned      strong = LOST_BOOT | LOST_BACKUP | LOST_TABLE;
	const struct tally *left = a, *right = b;
	bool                left_strong = left->signs & strong, right_strong = right->signs & strong;

	COMPARE(left, right, start);
	COMPARE(left, right, shift);
	COMPARE(left, right, site.record_bytes);
	if (left_strong != right_strong)
		return left_strong ? -1 : 1;
	COMPARE(right, left, votes);
	return site_compare(&left->site, &right->site);
}

/*
 * Is it more than scatter?  Lives with one origin have different cluster sizes, or else one start too: so
 * of those with the same size the strongest is right (the others come of volumes that are copies).
 */
static bool is_likely(const struct tally *tally, const struct piece *piece)
{
	if (tally->site.origin == NO_ORIGIN || (tally->votes < VOTES_NEEDED && !(tally->signs & LOST_PLACE)))
		return false;
	if (!piece || tally->signs & (LOST_BOOT | LOST_BACKUP | LOST_CATALOGUE))
		return true;
	return tally->votes >= (tally->shift == piece->best_shift ? piece->best : piece->best / WEAK_SHARE);
}

static void weigh(struct inference *it)
{
	size_t kept = 0;

	for (size_t i = 0; i < it->tallies.count; i++) {
		const struct tally *tally = &it->tallies.items[i];
		struct piece       *piece = inference_piece(it, tally->site);

		if (piece && tally->votes > piece->best) {
			piece->best = tally->votes;
			piece->best_shift = tally->shift;
		}
	}
	for (size_t i = 0; i < it->tallies.count; i++) {
		const struct tally *tally = &it->tallies.items[i];

		if (is_likely(tally, inference_piece(it, tally->site)))
			it->tallies.items[kept++] = *tally;
	}
	it->tallies.count = kept;
	if (kept)
		qsort(it->tallies.items, kept, sizeof *it->tallies.items, compare_tally);
}

int inference_vote(struct inference *it, struct error *err)
{
	if (vote_all(it, err) < 0 || count_votes(it, err) < 0 || inference_vote_from_records(it, err) < 0 ||
	    count_votes(it, err) < 0)
		return -1;
	spread_catalogues(it);
	weigh(it);
	return 0;
}
