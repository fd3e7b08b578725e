/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ownership.c - see ownership.h */
#include "scan/ownership.h"

#include "core/cleanup.h"
#include "scan/old_table.h"

#define CROWD          64u          /* owners at one place beyond which nobody is told apart */
#define CLOCK_DOUBT    ROW_TIME_DAY
#define BITMAP_WINDOW  (1u << 16)   /* bytes of $Bitmap looked at together */
#define HALVES         (1u << 16)   /* of a time */

struct active {
	uint64_t end;   /* LCN */
	uint32_t owner;
	bool     live;
	bool     shadow;
	bool     foreign;
};

struct actives ARRAY(struct active); /* a heap by .end, the smallest first */

struct sweep {
	const struct inventory *inventory;
	const struct runs      *bitmap;
	struct ownership       *ownership;
	struct actives          active;
	size_t                  live_count;
	size_t                  foreign_count;
	uint8_t                *window;       /* of $Bitmap */
	uint64_t                window_start; /* byte of it, UINT64_MAX when empty */
	struct ranges           window_holes;
	struct findings        *findings;
};

uint32_t ownership_owner(const struct inventory *inventory, uint32_t record, bool *live)
{
	const struct mft_row *row = &inventory->rows[record];
	uint32_t              base = row->flags & ROW_EXTENSION ? inventory_row_of(inventory, row->base) : NO_ROW;

	*live = row->flags & ROW_IN_USE;
	return base == NO_ROW ? record : base;
}

static struct active active_of(const struct inventory *inventory, const struct claim *claim)
{
	struct active active = { .end = claim->lcn + (claim->length & CLAIM_LENGTH_MAX), .owner = claim->record };

	if (claim->record == FOREIGN_RECORD) {
		active.foreign = true;
		return active;
	}
	active.owner = ownership_owner(inventory, claim->record, &active.live);
	active.shadow = claim->length & CLAIM_SHADOW;
	active.live = active.live && !active.shadow;
	return active;
}

/* -------- the heap -------- */

static bool heap_push(struct actives *heap, struct active value)
{
	size_t at = heap->count;

	if (!array_push(heap, value))
		return false;
	while (at && heap->items[(at - 1) / 2].end > value.end) {
		heap->items[at] = heap->items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->items[at] = value;
	return true;
}

static void heap_pop(struct actives *heap)
{
	struct active last = heap->items[--heap->count];
	size_t        at = 0, child;

	while ((child = 2 * at + 1) < heap->count) {
		if (child + 1 < heap->count && heap->items[child + 1].end < heap->items[child].end)
			child++;
		if (last.end <= heap->items[child].end)
			break;
		heap->items[at] = heap->items[child];
		at = child;
	}
	heap->items[at] = last;
}

/* -------- who owns what lies between two borders -------- */

static int emit(struct sweep *sweep, uint64_t lcn, uint64_t end, enum stretch_kind kind, uint32_t winner,
		struct error *err)
{
	struct stretches *stretches = &sweep->ownership->stretches;
	struct stretch   *last = stretches->count ? &stretches->items[stretches->count - 1] : NULL;

	if (last && last->lcn + last->length == lcn && last->kind == kind && last->winner == winner) {
		last->length += end - lcn;
		return 0;
	}
	return array_push(stretches, (struct stretch){ lcn, end - lcn, winner, kind }) ? 0 : error_memory(err);
}

/* The bit of one cluster; clusters whose byte cannot be read count as free (nothing is raised by that). */
static int bitmap_bit(struct sweep *sweep, uint64_t lcn, bool *set, struct error *err)
{
	uint64_t byte = lcn / 8, start = byte / BITMAP_WINDOW * BITMAP_WINDOW;

	if (start != sweep->window_start) {
		sweep->window_holes.count = 0;
		if (stream_read(sweep->inventory->mft.volume, sweep->bitmap, start, sweep->window,
				BITMAP_WINDOW, &sweep->window_holes, err) < 0)
			return -1;
		sweep->window_start = start;
	}
	*set = sweep->window[byte - start] >> lcn % 8 & 1;
	return 0;
}

/* A stretch with one dead owner: emit the parts that the bitmap calls in use. */
static int judge_single(struct sweep *sweep, uint64_t lcn, uint64_t end, struct error *err)
{
	const struct volume *volume = sweep->inventory->mft.volume;
	uint64_t             from = lcn;
	bool                 set, taken = false;

	uint64_t        there = (volume->evidence->size_bytes - volume->offset_bytes) / volume->geometry.cluster_bytes;

	if (!sweep->bitmap->count)
		return 0;
	if (end > there) /* what lies behind the evidence is lost anyway */
		end = there;
	for (uint64_t at = lcn; at < end; at++) {
		if (bitmap_bit(sweep, at, &set, err) < 0)
			return -1;
		if (set == taken)
			continue;
		if (taken && emit(sweep, from, at, STRETCH_TAKEN, NO_WINNER, err) < 0)
			return -1;
		from = at;
		taken = set;
	}
	return taken ? emit(sweep, from, end, STRETCH_TAKEN, NO_WINNER, err) : 0;
}

/* The dead owner after whom no other shows a sign of life, or NO_WINNER. */
static uint32_t last_owner(const struct sweep *sweep)
{
	const struct mft_row *rows = sweep->inventory->rows;
	const struct actives *active = &sweep->active;

	for (size_t i = 0; i < active->count; i++) {
		uint32_t candidate = active->items[i].owner;
		bool     last = true;

		for (size_t j = 0; last && j < active->count; j++)
			last = active->items[j].owner == candidate ||
			       (rows[active->items[j].owner].alive_until &&
				(uint64_t)rows[active->items[j].owner].alive_until + CLOCK_DOUBT <
					rows[candidate].written);
		if (last)
			return candidate;
	}
	return NO_WINNER;
}

/* How many different owners, up to two of each sort; shadows own nothing. */
static void count_owners(const struct actives *active, unsigned *live, unsigned *dead)
{
	const struct active *first_live = NULL, *first_dead = NULL;

	*live = *dead = 0;
	for (size_t i = 0; i < active->count; i++) {
		const struct active **first = active->items[i].live ? &first_live : &first_dead;
		unsigned             *count = active->items[i].live ? live : dead;

		if (active->items[i].shadow)
			continue;
		if (!*first) {
			*first = &active->items[i];
			*count = 1;
		} else if ((*first)->owner != active->items[i].owner) {
			*count = 2;
		}
	}
	/* what a live file's discarded extension records still claim is the file's own */
	if (*live == 1 && *dead == 1 && first_live->owner == first_dead->owner)
		*dead = 0;
}

/*
 * Another file may have written to the one dead owner's clusters after its death.  A compressed
 * file that was written while the owner was alive could not: the clusters were taken, or the owner
 * wrote over what it left.
 */
static bool is_shadowed(const struct sweep *sweep)
{
	const struct mft_row *rows = sweep->inventory->rows;
	const struct actives *active = &sweep->active;
	uint32_t              owner = NO_WINNER;

	for (size_t i = 0; i < active->count; i++)
		if (!active->items[i].shadow)
			owner = active->items[i].owner;
	for (size_t i = 0; i < active->count; i++) {
		const struct mft_row *other = &rows[active->items[i].owner];
		uint32_t when = other->flags & ROW_IN_USE ? other->alive_until : other->written;

		if (active->items[i].shadow && active->items[i].owner != owner &&
		    (!when || when > rows[owner].alive_until))
			return true;
	}
	return false;
}

static int judge_stretch(struct sweep *sweep, uint64_t lcn, uint64_t end, struct error *err)
{
	unsigned live, dead;

	if (sweep->foreign_count == sweep->active.count)
		return 0;
	if (sweep->foreign_count)
		return emit(sweep, lcn, end, STRETCH_FOREIGN, NO_WINNER, err);
	if (sweep->active.count == 1) {
		if (sweep->active.items[0].live || sweep->active.items[0].shadow)
			return 0;
		return judge_single(sweep, lcn, end, err);
	}
	if (sweep->active.count > CROWD) {
		live = sweep->live_count > 1 ? 2 : (unsigned)sweep->live_count;
		dead = 2;
	} else {
		count_owners(&sweep->active, &live, &dead);
	}
	if (live > 1) {
		findings_add(sweep->findings, (struct finding){ FINDING_CLUSTER_CROSS_LINKED,
							       sweep->inventory->mft.volume->number,
							       sweep->active.items[0].owner,
							       volume_byte_of(sweep->inventory->mft.volume, lcn),
							       end - lcn, 0 });
		return emit(sweep, lcn, end, STRETCH_CROSSED, NO_WINNER, err);
	}
	if (live)
		return dead ? emit(sweep, lcn, end, STRETCH_OWNED, NO_WINNER, err) : 0;
	if (!dead)
		return 0;
	if (dead == 1 && !is_shadowed(sweep))
		return judge_single(sweep, lcn, end, err);
	return emit(sweep, lcn, end, STRETCH_CONTESTED,
		    sweep->active.count > CROWD ? NO_WINNER : last_owner(sweep), err);
}

/* -------- the sweep -------- */

static int compare_claim(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;

	if (left->lcn != right->lcn)
		return left->lcn < right->lcn ? -1 : 1;
	return (left->record > right->record) - (left->record < right->record);
}

static int sweep_claims(struct sweep *sweep, const struct claims *claims, struct error *err)
{
	uint64_t at = 0;
	size_t   next = 0;

	while (next < claims->count || sweep->active.count) {
		uint64_t border = next < claims->count ? claims->items[next].lcn : UINT64_MAX;

		if (sweep->active.count && sweep->active.items[0].end < border)
			border = sweep->active.items[0].end;
		if (sweep->active.count && border > at && judge_stretch(sweep, at, border, err) < 0)
			return -1;
		at = border;
		while (sweep->active.count && sweep->active.items[0].end == at) {
			sweep->live_count -= sweep->active.items[0].live;
			sweep->foreign_count -= sweep->active.items[0].foreign;
			heap_pop(&sweep->active);
		}
		for (; next < claims->count && claims->items[next].lcn == at; next++) {
			struct active active = active_of(sweep->inventory, &claims->items[next]);

			if (!heap_push(&sweep->active, active))
				return error_memory(err);
			sweep->live_count += active.live;
			sweep->foreign_count += active.foreign;
		}
	}
	return 0;
}

/* -------- what nobody shows any more -------- */

static bool is_base(const struct mft_row *row)
{
	return (row->flags & (ROW_DECODED | ROW_EXTENSION)) == ROW_DECODED && row->alive_until;
}

/* Does the row speak of the great deletion? */
static bool is_deleted(const struct inventory *inventory, uint32_t record)
{
	return is_base(&inventory->rows[record]) && !(inventory->rows[record].flags & ROW_IN_USE);
}

/* The half in which the item number *@rank lies, of @counts a half; it becomes the number within that. */
static uint32_t half_of(const uint32_t counts[HALVES], uint32_t *rank)
{
	uint32_t half = 0;

	for (; *rank >= counts[half]; half++)
		*rank -= counts[half];
	return half;
}

/* When most of what is deleted was deleted: the median of the dead records' last signs of life. */
static int great_deletion(const struct inventory *inventory, uint32_t *when, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *counts = calloc(HALVES, sizeof *counts);
	uint32_t                    rank = 0, high;

	*when = UINT32_MAX;
	if (!counts)
		return error_memory(err);
	for (uint32_t i = FIRST_USER_RECORD; i < inventory->count; i++)
		if (is_deleted(inventory, i)) {
			counts[inventory->rows[i].alive_until / HALVES]++;
			rank++;
		}
	if (!rank)
		return 0;
	rank /= 2;
	high = half_of(counts, &rank);
	memset(counts, 0, HALVES * sizeof *counts);
	for (uint32_t i = FIRST_USER_RECORD; i < inventory->count; i++)
		if (is_deleted(inventory, i) && inventory->rows[i].alive_until / HALVES == high)
			counts[inventory->rows[i].alive_until % HALVES]++;
	*when = high * HALVES + half_of(counts, &rank);
	return 0;
}

/*
 * Each life of a record adds one to its sequence number.  A record that was taken after the great
 * deletion has seen one life before that, the deleted one, and so its number is at most one above
 * the highest of the records that were not; if it is not, lives went by unseen.
 */
static int find_hidden(struct ownership *ownership, const struct inventory *inventory, struct error *err)
{
	uint32_t when, before = 0, after = 0;

	if (great_deletion(inventory, &when, err) < 0)
		return -1;
	for (uint32_t i = FIRST_USER_RECORD; i < inventory->mft.records; i++) { /* older lives are no evidence */
		const struct mft_row *row = &inventory->rows[i];
		uint32_t              life = file_ref_sequence(inventory_ref(inventory, i));

		if (!is_base(row))
			continue;
		if (row->flags & ROW_IN_USE && row->written > when) {
			after = life > after ? life : after;
		} else {
			before = life > before ? life : before;
		}
	}
	ownership->hidden = after > before + 1;
	return 0;
}

/* What others wrote to after a past life, in its clusters, rounded outwards. */
static int claim_foreign(struct inventory *inventory, const struct volume *volume, struct error *err)
{
	uint64_t cluster_bytes = volume->geometry.cluster_bytes;

	for (size_t i = 0; i < volume->table->foreign.count; i++) {
		const struct range *range = &volume->table->foreign.items[i];
		uint64_t            lcn = range->start / cluster_bytes;
		uint64_t            end = (range->start + range->length + cluster_bytes - 1) / cluster_bytes;

		for (uint64_t part; lcn < end; lcn += part) {
			part = end - lcn < CLAIM_LENGTH_MAX ? end - lcn : CLAIM_LENGTH_MAX;
			if (!array_push(&inventory->claims, (struct claim){ lcn, (uint32_t)part, FOREIGN_RECORD }))
				return error_memory(err);
		}
	}
	return 0;
}

int ownership_judge(struct ownership *ownership, struct inventory *inventory, const struct runs *bitmap,
		    struct findings *findings, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *window = malloc(BITMAP_WINDOW);
	struct sweep               sweep = { .inventory = inventory,
					     .bitmap = bitmap,
					     .ownership = ownership,
					     .window = window,
					     .window_start = UINT64_MAX,
					     .findings = findings };
	const struct old_table    *table = inventory->mft.volume->table;
	const struct mft          *mft = &inventory->mft;
	int                        result;

	*ownership = (struct ownership){ .disturbed = table && table->past && table->disturbed, .bitmap_read = bitmap->count > 0 };
	if (mft->told && mft->told < mft->records)
		ownership->forgotten = (struct range){ mft->told, mft->records - mft->told };
	if (!window)
		return error_memory(err);
	if (volume_is_past(inventory->mft.volume) && claim_foreign(inventory, inventory->mft.volume, err) < 0)
		return -1;
	if (inventory->claims.count)
		qsort(inventory->claims.items, inventory->claims.count, sizeof *inventory->claims.items,
		      compare_claim);
	result = sweep_claims(&sweep, &inventory->claims, err);
	if (result == 0)
		result = find_hidden(ownership, inventory, err);
	array_release(&sweep.active);
	array_release(&sweep.window_holes);
	return result;
}

void ownership_release(struct ownership *ownership)
{
	array_release(&ownership->stretches);
}

enum cluster_state ownership_of(const struct ownership *ownership, uint32_t owner, bool live, uint64_t lcn,
				uint64_t *length)
{
	const struct stretch *items = ownership->stretches.items;
	size_t                first =
		partition_point(0, ownership->stretches.count, at, items[at].lcn + items[at].length <= lcn);

	if (first == ownership->stretches.count || items[first].lcn >= lcn + *length)
		return CLUSTERS_SOUND;
	if (items[first].lcn > lcn) {
		*length = items[first].lcn - lcn;
		return CLUSTERS_SOUND;
	}
	if (*length > items[first].lcn + items[first].length - lcn)
		*length = items[first].lcn + items[first].length - lcn;
	switch (items[first].kind) {
	case STRETCH_FOREIGN:
		return CLUSTERS_OVERWRITTEN;
	case STRETCH_OWNED:
		return live ? CLUSTERS_SOUND : CLUSTERS_OVERWRITTEN;
	case STRETCH_CROSSED:
		return live ? CLUSTERS_DOUBTFUL : CLUSTERS_OVERWRITTEN;
	case STRETCH_CONTESTED:
		return items[first].winner == owner ? CLUSTERS_SOUND : CLUSTERS_DOUBTFUL;
	case STRETCH_TAKEN:
		break;
	}
	return live ? CLUSTERS_SOUND : CLUSTERS_DOUBTFUL;
}
