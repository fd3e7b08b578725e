/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lost_volume.c - see lost_volume.h */
#include "scan/carve/lost_volume.h"

#include "core/cleanup.h"
#include "scan/attribute.h"
#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/index_node.h"
#include "scan/inventory.h"
#include "scan/mft_record.h"
#include "scan/run_list.h"

#define SHIFT_MIN       9u   /* clusters of 512 bytes ... */
#define SHIFT_MAX       21u  /* ... to 2 MiB */
#define INDEX_BYTES     4096u
#define RUNS_MAX        64u  /* of $MFT; a list with more is looked at as if it were not whole */
#define DIRECTORIES_MAX 4096u /* asked of one piece of a table */
#define TWINS_MAX       8u   /* blocks with one parent and VCN that are looked at */
#define VOTES_MAX       (1u << 20)
#define VOTES_NEEDED    2u
#define WEAK_SHARE      8u   /* of the strongest for one piece; what has less is scatter */
#define PARENTS_ASKED   32u  /* records of a piece without a vote */
#define PARENTS_NEEDED  2u   /* of them in one table */
#define ADOPTION_ROUNDS 3u   /* a piece may have its folders in one that was adopted */
#define ADOPTED_MAX     4096u /* pieces looked at */
#define LIFE_RECORDS    8u   /* fewer are not told apart by their times */
#define LIVES_MAX       8u   /* of one table */
#define NO_ORIGIN       INT64_MIN

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
	bool     headed;       /* its table's first record lies where that says that it lies */
	bool     disturbed;    /* what lies before it is of a life whose first record is lost */
	size_t   first, count; /* of the placed ones, by number */
	uint64_t best;         /* votes of the strongest volume for it */
	uint8_t  best_shift;   /* its cluster size */
};

/* The first records of a table, in it or in the mirror. */
struct first {
	uint64_t   place; /* of record 0 */
	uint32_t   record_bytes;
	uint64_t   size_bytes; /* of $MFT, as far as it was written */
	struct run runs[RUNS_MAX];
	size_t     count;
	bool       whole;                /* these are all runs of $MFT */
	uint8_t    shift;                /* cluster size as a power of two, 0: not known */
	uint64_t   mirror_lcn, log_lcn;  /* LCN_HOLE: not known */
	uint64_t   volume_bytes;         /* by $BadClus; 0: not known */
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
	struct evidence       *evidence;
	const struct artefact *artefacts;
	size_t                 count;
	struct ARRAY(struct placed) placed;
	struct ARRAY(struct cut) cuts; /* sorted */
	struct ARRAY(struct piece) pieces;
	struct ARRAY(const struct artefact *) blocks; /* of directories, by parent and VCN */
	struct ARRAY(struct first) firsts;
	struct ARRAY(struct boot) boots;
	struct ARRAY(struct vote) votes;
	struct ARRAY(struct tally) tallies;
};

static void inference_release(struct inference *it)
{
	array_release(&it->placed);
	array_release(&it->cuts);
	array_release(&it->pieces);
	array_release(&it->blocks);
	array_release(&it->firsts);
	array_release(&it->boots);
	array_release(&it->votes);
	array_release(&it->tallies);
}

#define COMPARE(a, b, field)                                     \
	if ((a)->field != (b)->field)                            \
		return (a)->field < (b)->field ? -1 : 1

/* -------- arithmetic of places -------- */

static unsigned shift_of(uint32_t cluster_bytes)
{
	return (unsigned)__builtin_ctz(cluster_bytes);
}

/* Where a volume begins of which cluster @lcn lies at @place.  False if that is before the evidence. */
static bool start_of(uint64_t place, uint64_t lcn, unsigned shift, uint64_t *start)
{
	if (lcn > place >> shift)
		return false;
	*start = place - (lcn << shift);
	return true;
}

/* Where cluster @lcn lies.  False if that is outside. */
static bool place_of(const struct inference *it, uint64_t start, uint64_t lcn, unsigned shift, uint64_t *place)
{
	if (start >= it->evidence->size_bytes || lcn > (it->evidence->size_bytes - start) >> shift)
		return false;
	*place = start + (lcn << shift);
	return true;
}

/* The origin of what lies in a run of $MFT.  False if the run is outside. */
static bool origin_of(const struct inference *it, uint64_t start, const struct run *run, unsigned shift,
		      int64_t *origin)
{
	uint64_t place;

	if (run->lcn == LCN_HOLE || !place_of(it, start, run->lcn, shift, &place) ||
	    run->vcn > (uint64_t)INT64_MAX >> shift)
		return false;
	*origin = (int64_t)place - (int64_t)(run->vcn << shift);
	return true;
}

/* Pieces begin at a cluster's edge. */
static bool fits(int64_t origin, uint64_t start, unsigned shift)
{
	return (((uint64_t)origin - start) & ((1ull << shift) - 1)) == 0;
}

/* -------- what was carved, put into order -------- */

static int compare_placed(const void *a, const void *b)
{
	const struct placed *left = a, *right = b;

	COMPARE(left, right, origin);
	COMPARE(left, right, record_bytes);
	COMPARE(left, right, number);
	COMPARE(left, right, artefact);
	return 0;
}

static int compare_block(const void *a, const void *b)
{
	const struct artefact *left = *(const struct artefact *const *)a;
	const struct artefact *right = *(const struct artefact *const *)b;

	COMPARE(left, right, index.parent);
	COMPARE(left, right, index.vcn);
	COMPARE(left, right, offset);
	return 0;
}

/* Formatters leave the number out of records that are not used yet. */
static bool has_number(const struct artefact *artefact)
{
	return artefact->record.number != MFT_RECORD_NO_NUMBER &&
	       (artefact->record.number || artefact->record.flags & MFT_RECORD_IN_USE);
}

static int sort_out(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++) {
		const struct artefact *artefact = &it->artefacts[i];

		if (artefact->kind == ARTEFACT_RECORD && has_number(artefact)) {
			int64_t before = (int64_t)artefact->record.number * artefact->length;

			if (!array_push(&it->placed,
					(struct placed){ (int64_t)artefact->offset - before, artefact->length,
							 artefact->record.number, (uint32_t)i }))
				return error_memory(err);
		} else if (artefact->kind == ARTEFACT_INDEX && artefact->index.parent) {
			if (!array_push(&it->blocks, artefact))
				return error_memory(err);
		}
	}
	if (it->placed.count)
		qsort(it->placed.items, it->placed.count, sizeof *it->placed.items, compare_placed);
	if (it->blocks.count)
		qsort(it->blocks.items, it->blocks.count, sizeof *it->blocks.items, compare_block);
	return 0;
}

static int compare_offset(const void *a, const void *b)
{
	const struct artefact *left = a, *right = b;

	COMPARE(left, right, offset);
	return 0;
}

/* The artefact that begins at @place, if it is of @kind. */
static const struct artefact *artefact_at(const struct inference *it, uint64_t place, enum artefact_kind kind)
{
	struct artefact  key = { .offset = place };
	struct artefact *found = bsearch(&key, it->artefacts, it->count, sizeof key, compare_offset);

	return found && found->kind == kind ? found : NULL;
}

static const struct artefact *record_at(const struct inference *it, uint64_t place, uint32_t number,
					uint32_t record_bytes)
{
	const struct artefact *found = artefact_at(it, place, ARTEFACT_RECORD);

	return found && found->record.number == number && has_number(found) && found->length == record_bytes
		       ? found
		       : NULL;
}

/* -------- reading records again -------- */

struct open_record {
	uint8_t           bytes[CARVE_BLOCK_MAX];
	struct mft_record record;
};

/* False in @good if it is not what it was. */
static int read_record(const struct inference *it, const struct artefact *artefact, struct open_record *open,
		       bool *good, struct error *err)
{
	struct bytes  slot = { open->bytes, artefact->length, artefact->offset };
	struct ranges holes = { 0 };
	struct error  why;
	fixup_torn    torn;
	int           result;

	*good = false;
	if (artefact->length > sizeof open->bytes)
		return 0;
	result = evidence_read(it->evidence, artefact->offset, open->bytes, artefact->length, &holes, err);
	array_release(&holes);
	if (result == 0)
		*good = fixup_undo(open->bytes, artefact->length, artefact->offset, &torn, &why) == 0 &&
			mft_record_decode(slot, &open->record, &why) == 0;
	return result;
}

/* The record's non-resident attribute of @type and @name, from its first cluster on. */
static bool find_stream(const struct open_record *open, uint32_t type, const char *name, struct attribute *attr)
{
	struct bytes rest = open->record.attributes;
	struct error why;

	while (attribute_next(&rest, attr, &why) == 1)
		if (attr->type == type && !attr->resident && !attr->lowest_vcn && attribute_is_named(attr, name))
			return true;
	return false;
}

static bool has_list(const struct open_record *open)
{
	struct bytes     rest = open->record.attributes;
	struct attribute attr;
	struct error     why;

	while (attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_LIST)
			return true;
	return false;
}

static struct run_list runs_of(const struct attribute *attr)
{
	return (struct run_list){ .pairs = attr->pairs, .next_vcn = attr->lowest_vcn };
}

/* -------- the first records -------- */

/* The attribute of record @number beside record 0. */
static int read_beside(const struct inference *it, const struct first *first, uint32_t number, const char *name,
		       struct open_record *open, struct attribute *attr, bool *found, struct error *err)
{
	const struct artefact *artefact = record_at(it, first->place + (uint64_t)number * first->record_bytes,
						    number, first->record_bytes);

	*found = false;
	if (!artefact)
		return 0;
	if (read_record(it, artefact, open, found, err) < 0)
		return -1;
	*found = *found && find_stream(open, ATTRIBUTE_DATA, name, attr);
	return 0;
}

/* The first cluster of a system file's data. */
static int read_first_lcn(const struct inference *it, const struct first *first, uint32_t number, uint64_t *lcn,
			  struct error *err)
{
	struct open_record open;
	struct attribute   attr;
	struct run_list    list;
	struct run         run;
	struct error       why;
	bool               found;

	*lcn = LCN_HOLE;
	if (read_beside(it, first, number, "", &open, &attr, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	list = runs_of(&attr);
	if (run_list_next(&list, &run, &why) == 1)
		*lcn = run.lcn;
	return 0;
}

#define MIRROR_RECORD  1u
#define LOG_RECORD     2u
#define BAD_RECORD     8u

static int read_first(struct inference *it, const struct artefact *artefact, struct error *err)
{
	struct first       first = { .place = artefact->offset, .record_bytes = artefact->length };
	struct open_record open;
	struct attribute   attr;
	struct run_list    list;
	struct error       why;
	uint32_t           cluster_bytes;
	bool               good;
	int                more = 1;

	if (read_record(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good || !find_stream(&open, ATTRIBUTE_DATA, "", &attr))
		return 0;
	first.size_bytes = attr.valid_bytes < attr.size_bytes ? attr.valid_bytes : attr.size_bytes;
	cluster_bytes = attribute_cluster_bytes(&attr);
	list = runs_of(&attr);
	while (first.count < RUNS_MAX && (more = run_list_next(&list, &first.runs[first.count], &why)) == 1)
		first.count++;
	first.whole = more == 0 && !has_list(&open);
	if (!first.count || first.runs[0].lcn == LCN_HOLE || first.runs[0].vcn)
		return 0;
	first.shift = first.whole && cluster_bytes ? (uint8_t)shift_of(cluster_bytes) : 0;
	if (read_first_lcn(it, &first, MIRROR_RECORD, &first.mirror_lcn, err) < 0 ||
	    read_first_lcn(it, &first, LOG_RECORD, &first.log_lcn, err) < 0 ||
	    read_beside(it, &first, BAD_RECORD, "$Bad", &open, &attr, &good, err) < 0)
		return -1;
	if (good)
		first.volume_bytes = attr.allocated_bytes;
	return array_push(&it->firsts, first) ? 0 : error_memory(err);
}

static int read_firsts(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++)
		if (it->artefacts[i].kind == ARTEFACT_RECORD && it->artefacts[i].record.number == 0 &&
		    it->artefacts[i].record.flags & MFT_RECORD_IN_USE &&
		    read_first(it, &it->artefacts[i], err) < 0)
			return -1;
	return 0;
}

/* -------- pieces of tables -------- */

/*
 * Does @first lie where it says that the table lies?  A mirror holds the first four records, or a cluster's;
 * it is taken for a table then, whose pieces are cut where there is nothing.
 */
static bool is_in_place(const struct inference *it, const struct first *first)
{
	return record_at(it, first->place + (uint64_t)BAD_RECORD * first->record_bytes, BAD_RECORD,
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

static int compare_site(const struct site *left, const struct site *right)
{
	COMPARE(left, right, origin);
	COMPARE(left, right, record_bytes);
	COMPARE(left, right, from);
	return 0;
}

static int compare_piece(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;

	return compare_site(&left->site, &right->site);
}

/* The piece that a record is of; moves through the cuts with the records. */
static struct piece piece_of(const struct inference *it, const struct placed *placed, size_t *next)
{
	struct piece     piece = { .site = { placed->origin, placed->record_bytes, 0 }, .count = 1 };
	const struct cut at = { .origin = placed->origin, .record_bytes = placed->record_bytes, .number = placed->number };

	while (*next < it->cuts.count && compare_cut(&it->cuts.items[*next], &at) <= 0)
		(*next)++;
	if (*next && it->cuts.items[*next - 1].origin == at.origin &&
	    it->cuts.items[*next - 1].record_bytes == at.record_bytes)
		piece.site.from = it->cuts.items[*next - 1].number;
	piece.disturbed = piece.site.from && it->cuts.items[*next - 1].guessed;
	piece.headed = *next < it->cuts.count && it->cuts.items[*next].origin == at.origin &&
		       it->cuts.items[*next].record_bytes == at.record_bytes && !it->cuts.items[*next].guessed;
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

static struct piece *piece_at(const struct inference *it, struct site site)
{
	struct piece key = { .site = site };

	return it->pieces.count ? bsearch(&key, it->pieces.items, it->pieces.count, sizeof key, compare_piece)
				: NULL;
}

/* The first piece of a table there, or NULL; of other lives there the next follow. */
static struct piece *any_piece_at(const struct inference *it, int64_t origin, uint32_t record_bytes)
{
	size_t low = 0, high = it->pieces.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_site(&it->pieces.items[middle].site, &(struct site){ origin, record_bytes, 0 }) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < it->pieces.count && it->pieces.items[low].site.origin == origin &&
			       it->pieces.items[low].site.record_bytes == record_bytes
		       ? &it->pieces.items[low]
		       : NULL;
}

/* -------- lives behind each other -------- */

static file_ref ref_of(const struct artefact *artefact)
{
	return file_ref_make(artefact->record.number,
			     file_generation(artefact->sequence, artefact->record.flags & MFT_RECORD_IN_USE));
}

/* What a record of a piece says that tells its life from another. */
struct witness {
	uint32_t number;
	uint32_t changed;   /* row_time: when the record changed last */
	file_ref parent;    /* 0: no name */
	file_ref self;      /* as its children name it; 0: no directory */
};

struct witnesses ARRAY(struct witness);

static int add_witness(const struct inference *it, const struct artefact *artefact, struct witnesses *witnesses,
		       struct error *err)
{
	struct witness              witness = { .number = artefact->record.number };
	struct standard_information info;
	struct open_record          open;
	struct file_name            name;
	struct attribute            attr;
	struct bytes                rest;
	struct error                why;
	bool                        good;

	if (artefact->record.base)
		return 0;
	if (read_record(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good)
		return 0;
	rest = open.record.attributes;
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION && attr.resident &&
		    standard_information_decode(attr.value, &info, &why) == 0)
			witness.changed = row_time(info.times.changed);
		else if (attr.type == ATTRIBUTE_FILE_NAME && attr.resident &&
			 file_name_decode(attr.value, &name, &why) == 0)
			witness.parent = name.parent;
	}
	if (artefact->record.flags & MFT_RECORD_DIRECTORY)
		witness.self = ref_of(artefact);
	return !witness.changed || array_push(witnesses, witness) ? 0 : error_memory(err);
}

static const struct witness *witness_of(const struct witness *items, size_t count, uint64_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && items[low].number == number ? &items[low] : NULL;
}

/*
 * Do the records from @at on know nothing of those before it, nor those of them?  One table's files have their
 * folders in it; in another's, a folder with that number is chance.
 */
static bool are_strangers(const struct witness *items, size_t count, size_t at)
{
	size_t right = 0, wrong = 0;

	for (size_t i = 0; i < at; i++) /* folders of the younger life lie before the end of its table */
		if (witness_of(items + at, count - at, file_ref_record(items[i].parent)))
			return false;
	for (size_t i = at; i < count; i++) {
		const struct witness *parent = witness_of(items, at, file_ref_record(items[i].parent));

		right += parent && parent->self == items[i].parent;
		wrong += parent && parent->self != items[i].parent;
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
	CLEANUP(free_ptr) uint32_t *latest = malloc((count + 1) * sizeof *latest); /* from here on */
	uint32_t                    earliest = UINT32_MAX;                         /* up to here */

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
		result = add_witness(it, &it->artefacts[it->placed.items[piece->first + i].artefact], &witnesses, err);
	if (result == 0)
		result = find_younger(&witnesses, &number, err);
	array_release(&witnesses);
	if (result < 0 || !number)
		return result;
	*cut = true;
	return array_push(&it->cuts, (struct cut){ piece->site.origin, piece->site.record_bytes, number, true })
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

/* -------- votes -------- */

static int vote(struct inference *it, uint64_t start, unsigned shift, struct site site, enum lost_sign sign,
		uint64_t token, struct error *err)
{
	if (it->votes.count >= VOTES_MAX)
		return 0;
	return array_push(&it->votes, (struct vote){ start, site, (uint8_t)shift, (uint8_t)sign, token })
		       ? 0
		       : error_memory(err);
}

/* The first record that lies at @origin. */
static const struct first *first_at(const struct inference *it, int64_t origin, uint32_t record_bytes)
{
	for (size_t i = 0; i < it->firsts.count; i++)
		if ((int64_t)it->firsts.items[i].place == origin && it->firsts.items[i].record_bytes == record_bytes)
			return &it->firsts.items[i];
	return NULL;
}

/*
 * The piece at @origin of the table of a volume at @start: not the one there whose first record tells
 * of another volume, but what that left.  NULL if there is none.
 */
static const struct piece *piece_for(const struct inference *it, uint64_t start, unsigned shift, int64_t origin,
				     uint32_t record_bytes, uint64_t mirror_lcn)
{
	const struct piece *piece = any_piece_at(it, origin, record_bytes), *next;
	const struct first *first = first_at(it, origin, record_bytes);
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

/* Mirror and further runs of $MFT, were @first on its spot in a volume at @start. */
static int vote_from_spot(struct inference *it, const struct first *first, uint64_t start, unsigned shift,
			  struct site site, struct error *err)
{
	uint64_t place;
	int64_t  origin;

	if (first->mirror_lcn != LCN_HOLE && first->mirror_lcn != first->runs[0].lcn &&
	    place_of(it, start, first->mirror_lcn, shift, &place) &&
	    record_at(it, place, 0, first->record_bytes) &&
	    vote(it, start, shift, site, LOST_TABLE, first->mirror_lcn, err) < 0)
		return -1;
	for (size_t i = 1; i < first->count; i++)
		if (origin_of(it, start, &first->runs[i], shift, &origin) &&
		    any_piece_at(it, origin, first->record_bytes) &&
		    vote(it, start, shift, site, LOST_TABLE, first->runs[i].lcn, err) < 0)
			return -1;
	return 0;
}

static int vote_from_log(struct inference *it, const struct first *first, uint64_t start, unsigned shift,
			 struct site site, struct error *err)
{
	uint64_t place;

	if (first->log_lcn != LCN_HOLE && place_of(it, start, first->log_lcn, shift, &place) &&
	    artefact_at(it, place, ARTEFACT_LOG_RESTART))
		return vote(it, start, shift, site, LOST_TABLE, first->log_lcn, err);
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
	piece = piece_for(it, start, shift, origin, first->record_bytes, first->mirror_lcn);
	if (!piece)
		return 0;
	if (vote(it, start, shift, piece->site, LOST_TABLE, first->runs[0].lcn, err) < 0)
		return -1;
	return vote_from_log(it, first, start, shift, piece->site, err);
}

/* The first block of @parent from @vcn on. */
static size_t block_from(const struct inference *it, file_ref parent, uint64_t vcn)
{
	size_t low = 0, high = it->blocks.count;

	while (low < high) {
		size_t                 middle = low + (high - low) / 2;
		const struct artefact *block = it->blocks.items[middle];

		if (block->index.parent < parent ||
		    (block->index.parent == parent && block->index.vcn < vcn))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
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
		    vote(it, start, shift, piece->site, LOST_INDEX, run->lcn, err) < 0)
			return -1;
	}
	return 0;
}

static int vote_from_directory(struct inference *it, const struct piece *piece, const struct artefact *artefact,
			       struct error *err)
{
	file_ref directory = artefact->record.base ? artefact->record.base : ref_of(artefact);
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
	if (read_record(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good)
		return 0;
	rest = open.record.attributes;
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (attr.type != ATTRIBUTE_INDEX_ALLOCATION || attr.resident || !attribute_is_named(&attr, "$I30"))
			continue;
		list = runs_of(&attr);
		cluster_bytes = has_list(&open) ? 0 : attribute_cluster_bytes(&attr);
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
		const struct artefact *artefact =
			&it->artefacts[it->placed.items[piece->first + i].artefact];

		if (!artefact->record.base && !(artefact->record.flags & MFT_RECORD_DIRECTORY))
			continue;
		asked++;
		if (vote_from_directory(it, piece, artefact, err) < 0)
			return -1;
	}
	return 0;
}

/* Is there anything of a table where this boot sector puts it? */
static bool has_table(const struct inference *it, uint64_t start, const struct geometry *geometry, struct site *site)
{
	unsigned            shift = shift_of(geometry->cluster_bytes);
	const struct piece *piece;
	uint64_t            place;

	if (geometry->cluster_bytes < 1u << SHIFT_MIN || !place_of(it, start, geometry->mft_lcn, shift, &place))
		return false;
	*site = (struct site){ (int64_t)place, geometry->record_bytes, 0 };
	piece = piece_for(it, start, shift, site->origin, site->record_bytes, geometry->mirror_lcn);
	if (piece)
		*site = piece->site;
	if (piece || any_piece_at(it, site->origin, site->record_bytes))
		return piece;
	return place_of(it, start, geometry->mirror_lcn, shift, &place) &&
	       record_at(it, place, 0, geometry->record_bytes);
}

static int add_boot(struct inference *it, uint64_t start, const struct geometry *geometry, enum lost_sign sign,
		    struct error *err)
{
	struct site site;

	if (!has_table(it, start, geometry, &site))
		return 0;
	if (!array_push(&it->boots, (struct boot){ start, sign, site.from, *geometry }))
		return error_memory(err);
	return vote(it, start, shift_of(geometry->cluster_bytes), site, sign, 0, err);
}

/* As the first sector of a volume, and as the one behind its last. */
static int vote_from_boot(struct inference *it, const struct artefact *artefact, struct error *err)
{
	uint8_t         bytes[BOOT_SECTOR_BYTES];
	struct ranges   holes = { 0 };
	struct geometry geometry;
	struct error    why;
	uint64_t        size;
	int             result = evidence_read(it->evidence, artefact->offset, bytes, sizeof bytes, &holes, err);

	array_release(&holes);
	if (result < 0)
		return -1;
	if (boot_sector_decode((struct bytes){ bytes, sizeof bytes, artefact->offset }, &geometry, &why) < 0)
		return 0;
	if (add_boot(it, artefact->offset, &geometry, LOST_BOOT, err) < 0)
		return -1;
	size = geometry.sectors * geometry.sector_bytes; /* the decoder has seen that it is a number */
	return size <= artefact->offset ? add_boot(it, artefact->offset - size, &geometry, LOST_BACKUP, err) : 0;
}

static int vote_from_catalogue(struct inference *it, const struct artefact *artefact, struct error *err)
{
	const struct site nowhere = { .origin = NO_ORIGIN };
	uint32_t          cluster_bytes = artefact->catalogue.cluster_bytes;

	if (artefact->catalogue.place_bytes > artefact->offset ||
	    artefact->catalogue.place_bytes % CARVE_STEP_BYTES || cluster_bytes < 1u << SHIFT_MIN)
		return 0;
	return vote(it, artefact->offset - artefact->catalogue.place_bytes, shift_of(cluster_bytes), nowhere,
		    LOST_CATALOGUE, artefact->catalogue.place_bytes, err);
}

static int vote_all(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++)
		if ((it->artefacts[i].kind == ARTEFACT_BOOT && vote_from_boot(it, &it->artefacts[i], err) < 0) ||
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

	int                sites = compare_site(&left->site, &right->site);

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
		break;
	}
	return 1;
}

static bool is_of(const struct tally *tally, const struct vote *vote)
{
	return tally && tally->start == vote->start && tally->shift == vote->shift &&
	       compare_site(&tally->site, &vote->site) == 0;
}

static int count_votes(struct inference *it, struct error *err)
{
	const struct vote *votes = it->votes.items;

	if (it->votes.count)
		qsort(it->votes.items, it->votes.count, sizeof *it->votes.items, compare_vote);
	for (size_t i = 0; i < it->votes.count; i++) {
		struct tally *last = it->tallies.count ? &it->tallies.items[it->tallies.count - 1] : NULL;

		if (i && compare_vote(&votes[i - 1], &votes[i]) == 0)
			continue;
		if (!is_of(last, &votes[i])) {
			if (!array_push(&it->tallies,
					(struct tally){ .start = votes[i].start, .site = votes[i].site,
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
	return compare_site(&left->site, &right->site);
}

/*
 * Is it more than scatter?  Lives with one origin have different cluster sizes, or else one start too: so
 * of those with the same size the strongest is right (the others come of volumes that are copies).
 */
static bool is_likely(const struct tally *tally, const struct piece *piece)
{
	if (tally->site.origin == NO_ORIGIN || tally->votes < VOTES_NEEDED)
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
		struct piece       *piece = piece_at(it, tally->site);

		if (piece && tally->votes > piece->best) {
			piece->best = tally->votes;
			piece->best_shift = tally->shift;
		}
	}
	for (size_t i = 0; i < it->tallies.count; i++) {
		const struct tally *tally = &it->tallies.items[i];

		if (is_likely(tally, piece_at(it, tally->site)))
			it->tallies.items[kept++] = *tally;
	}
	it->tallies.count = kept;
	if (kept)
		qsort(it->tallies.items, kept, sizeof *it->tallies.items, compare_tally);
}

/* -------- volumes -------- */

/* A volume that is being put together; its pieces are those of tallies with its number in .owner. */
struct candidate {
	struct lost_volume  volume;
	struct site         site; /* of the piece that told of it first */
	uint8_t             shift;
	const struct first *first; /* NULL: lost */
	struct ARRAY(const struct piece *) pieces;
};

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
		piece = piece_for(it, tally->start, tally->shift, origin, first->record_bytes, first->mirror_lcn);
		if (first->mirror_lcn != LCN_HOLE && piece && compare_site(&piece->site, &tally->site) == 0 &&
		    place_of(it, tally->start, first->mirror_lcn, tally->shift, &place) && place == first->place)
			mirrored = first;
	}
	return mirrored;
}

static bool is_run_of(const struct inference *it, const struct candidate *candidate, int64_t origin)
{
	int64_t other;

	for (size_t i = 0; i < candidate->first->count; i++)
		if (origin_of(it, candidate->volume.offset_bytes, &candidate->first->runs[i], candidate->shift,
			      &other) &&
		    other == origin)
			return true;
	return false;
}

static uint32_t lowest(const struct inference *it, const struct piece *piece)
{
	return it->placed.items[piece->first].number;
}

static uint32_t highest(const struct inference *it, const struct piece *piece)
{
	return it->placed.items[piece->first + piece->count - 1].number;
}

/* Do two pieces hold different records and lie apart, so that they can be of one table? */
static bool are_disjoint(const struct inference *it, const struct piece *left, const struct piece *right)
{
	return left->site.origin != right->site.origin &&
	       (highest(it, left) < lowest(it, right) || highest(it, right) < lowest(it, left));
}

static bool has_piece(const struct candidate *candidate, const struct piece *piece)
{
	for (size_t i = 0; i < candidate->pieces.count; i++)
		if (candidate->pieces.items[i] == piece)
			return true;
	return false;
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
		if (candidate->pieces.items[i] != piece && !are_disjoint(it, candidate->pieces.items[i], piece))
			return false;
	return true;
}

static int add_piece(struct candidate *candidate, const struct piece *piece, struct error *err)
{
	if (!piece || has_piece(candidate, piece))
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
		if (!origin_of(it, candidate->volume.offset_bytes, &candidate->first->runs[i], candidate->shift,
			       &origin))
			continue;
		for (const struct piece *piece = any_piece_at(it, origin, record_bytes);
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
		geometry->sector_bytes = 4096; /* formatters choose such records for sectors of that size only */
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

/* Give a tally to the candidate, of those from @group on, whose table its piece belongs to, or to a new one. */
static int place_tally(const struct inference *it, const struct tally *tally, struct candidates *candidates,
		       size_t group, struct error *err)
{
	const struct piece *piece = piece_at(it, tally->site);
	struct candidate   *owner;
	size_t              number = group;

	while (number < candidates->count &&
	       (candidates->items[number].site.record_bytes != tally->site.record_bytes || !piece ||
		!is_part(it, &candidates->items[number], piece)))
		number++;
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

/* The record of @candidate's table with that number, or NULL. */
static const struct artefact *record_of(const struct inference *it, const struct candidate *candidate, uint64_t number)
{
	for (size_t i = 0; i < candidate->pieces.count; i++) {
		const struct piece *piece = candidate->pieces.items[i];
		size_t              low = piece->first, high = piece->first + piece->count;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (it->placed.items[middle].number < number)
				low = middle + 1;
			else
				high = middle;
		}
		if (low < piece->first + piece->count && it->placed.items[low].number == number)
			return &it->artefacts[it->placed.items[low].artefact];
	}
	return NULL;
}

/* How many of a piece's files have their folder in @candidate's table, and how many something else there. */
struct kinship {
	unsigned right, wrong;
};

static int ask_parent(const struct inference *it, const struct candidate *candidate, const struct artefact *artefact,
		      struct kinship *kinship, struct error *err)
{
	struct open_record     open;
	struct bytes           rest;
	struct attribute       attr;
	struct file_name       name;
	const struct artefact *parent;
	struct error           why;
	bool                   good;

	if (read_record(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good)
		return 0;
	rest = open.record.attributes;
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (attr.type != ATTRIBUTE_FILE_NAME || !attr.resident || file_name_decode(attr.value, &name, &why) < 0)
			continue;
		parent = record_of(it, candidate, file_ref_record(name.parent));
		if (parent && ref_of(parent) == name.parent && parent->record.flags & MFT_RECORD_DIRECTORY)
			kinship->right++;
		else if (parent)
			kinship->wrong++;
		break;
	}
	return 0;
}

/* The same of a sample of @piece's records. */
static int ask_parents(const struct inference *it, const struct candidate *candidate, const struct piece *piece,
		       struct kinship *kinship, struct error *err)
{
	size_t step = piece->count / PARENTS_ASKED + 1;

	*kinship = (struct kinship){ 0 };
	for (size_t i = 0; i < piece->count; i += step)
		if (ask_parent(it, candidate, &it->artefacts[it->placed.items[piece->first + i].artefact], kinship,
			       err) < 0)
			return -1;
	return 0;
}

/* Can a piece lie there in @candidate's volume? */
static bool has_room(const struct candidate *candidate, const struct piece *piece)
{
	return piece->site.record_bytes == candidate->site.record_bytes &&
	       fits(piece->site.origin, candidate->volume.offset_bytes, candidate->shift);
}

/* Pieces without directories have no vote; they belong where their files' folders are. */
static int adopt(const struct inference *it, struct candidates *candidates, const struct piece *piece, bool *more,
		 struct error *err)
{
	struct candidate *best = NULL;
	unsigned          most = 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (has_piece(&candidates->items[i], piece))
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

/* -------- tables -------- */

/* The run of a table that a piece lies in, and the slots that it shows. */
static int add_piece_run(const struct inference *it, struct candidate *candidate, const struct piece *piece,
			 struct ranges *shown, struct error *err)
{
	uint64_t   rb = piece->site.record_bytes, first = lowest(it, piece), end = highest(it, piece) + 1ull;
	unsigned   shift = candidate->shift;
	struct run run = { .vcn = first * rb >> shift };
	int64_t    place = piece->site.origin + (int64_t)(run.vcn << shift);

	if (place < 0 || (uint64_t)place < candidate->volume.offset_bytes)
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
	const struct piece *piece = any_piece_at(it, origin, candidate->site.record_bytes);

	if (!piece || !piece->headed || has_piece(candidate, piece))
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
		if (shown->items[i].start > at &&
		    !ranges_add(&table->absent, at, shown->items[i].start - at))
			return error_memory(err);
		at = shown->items[i].start + shown->items[i].length;
	}
	table->slots = at;
	return 0;
}

static int build_table(const struct inference *it, struct candidate *candidate, struct error *err)
{
	struct old_table *table = &candidate->volume.table;
	struct ranges     shown = { 0 };
	int               result = candidate->first ? add_first_runs(it, candidate, &shown, err) : 0;

	for (size_t i = 0; result == 0 && !(candidate->first && candidate->first->whole) &&
			   i < candidate->pieces.count;
	     i++)
		result = add_piece_run(it, candidate, candidate->pieces.items[i], &shown, err);
	for (size_t i = 0; i < candidate->pieces.count; i++)
		table->disturbed = table->disturbed || candidate->pieces.items[i]->disturbed;
	tidy_runs(&table->runs);
	if (result == 0)
		result = find_absent(table, &shown, err);
	array_release(&shown);
	return result;
}

static int compare_volume(const void *a, const void *b)
{
	const struct lost_volume *left = a, *right = b;

	COMPARE(right, left, votes);
	COMPARE(left, right, offset_bytes);
	COMPARE(left, right, geometry.cluster_bytes);
	COMPARE(left, right, geometry.mft_lcn);
	return 0;
}

static int give_volumes(const struct inference *it, struct candidates *candidates, struct lost_volumes *volumes,
			struct error *err)
{
	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->items[i];

		if (candidate->site.origin < 0 || (uint64_t)candidate->site.origin < candidate->volume.offset_bytes)
			continue; /* a later piece alone: its table began elsewhere */
		fill_geometry(it, candidate);
		if (candidate->volume.geometry.mft_lcn >= candidate->volume.geometry.clusters)
			continue;
		if (build_table(it, candidate, err) < 0)
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

	if (sort_out(it, err) < 0 || read_firsts(it, err) < 0 || find_cuts(it, err) < 0 ||
	    find_pieces(it, err) < 0 || cut_pieces(it, err) < 0 || vote_all(it, err) < 0 || count_votes(it, err) < 0)
		return -1;
	spread_catalogues(it);
	weigh(it);
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
