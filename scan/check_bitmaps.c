/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_bitmaps.c - part of check.c: $MFT's bitmap, and $Bitmap against all run lists */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/progress.h"

#include <inttypes.h>

#define BITMAP_RECORD 6u
#define CHUNK_BYTES (1u << 20) /* of $Bitmap; held against as many bits of what is owned */
#define TAIL_BYTES 4096u       /* of a bitmap that are looked at behind its last bit that means something */

/* -------- $MFT's bitmap -------- */

/* Bits for records that the table does not have must be clear. */
static void check_mft_tail(struct check_work *work, const uint8_t *bits, uint64_t length_bytes)
{
	for (uint64_t i = work->inventory.count; i < 8 * length_bytes; i++)
		if (bit_is_set(bits, i)) {
			check_report(work, PROBLEM_MFT_BITMAP, 0, NO_OFFSET,
				     "$MFT's bitmap calls record %" PRIu64
				     " in use, which the table does not have",
				     i);
			return;
		}
}

int check_mft_bitmap_load(struct check_work *work, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	CLEANUP(free_ptr) uint8_t        *bits = NULL;
	const struct file_stream         *stream;
	uint64_t                          offset = mft_offset_of(&work->inventory.mft, 0);
	size_t needed = (work->inventory.count + 7u) / 8u, length = needed + TAIL_BYTES;
	int    read;

	bits = calloc(length, 1);
	if (!bits)
		return error_memory(err);
	if (!is_live_base(work, 0))
		return 0;
	if (file_load(&work->reader, 0, &file, err) < 0)
		return -1;
	stream = file_find_stream(&file, ATTRIBUTE_BITMAP, "");
	if (!stream || stream->size_bytes < needed) {
		check_report(work, PROBLEM_MFT_BITMAP, 0, offset,
			     "$MFT's bitmap has %" PRIu64 " bytes, too few for %" PRIu32 " records",
			     stream ? stream->size_bytes : 0, work->inventory.count);
		return 0;
	}
	read = check_read_stream(work, stream, 0, bits, &length, err);
	if (read < 0)
		return -1;
	if (!read) {
		check_report(work, PROBLEM_MFT_BITMAP, 0, offset, "$MFT's bitmap cannot be read");
		return 0;
	}
	check_mft_tail(work, bits, length);
	work->mft_bitmap = TAKE(bits);
	return 0;
}

/* -------- who owns what -------- */

/* What records in use own, in the order of the disk. */
static int compare_claim(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;

	if (left->lcn != right->lcn)
		return left->lcn < right->lcn ? -1 : 1;
	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->length > right->length) - (left->length < right->length);
}

static void keep_live_claims(struct inventory *inventory)
{
	struct claims *claims = &inventory->claims;
	size_t         kept = 0;

	for (size_t i = 0; i < claims->count; i++)
		if (inventory->rows[claims->items[i].record].flags & ROW_IN_USE &&
		    !(claims->items[i].length & CLAIM_SHADOW))
			claims->items[kept++] = claims->items[i];
	claims->count = kept;
	if (kept)
		qsort(claims->items, kept, sizeof *claims->items, compare_claim);
}

/* "cluster 7" or "clusters 7 to 9", for a sentence. */
struct place {
	char text[64];
};

static struct place place_of(uint64_t lcn, uint64_t end)
{
	struct place place;

	if (end - lcn == 1)
		snprintf(place.text, sizeof place.text, "cluster %" PRIu64, lcn);
	else
		snprintf(place.text, sizeof place.text, "clusters %" PRIu64 " to %" PRIu64, lcn, end - 1);
	return place;
}

static void check_crossed(struct check_work *work)
{
	const struct claims *claims = &work->inventory.claims;
	const struct claim  *reaching = NULL; /* of those before, the one that reaches farthest */

	for (size_t i = 0; i < claims->count; i++) {
		const struct claim *claim = &claims->items[i];
		uint64_t            end = claim->lcn + claim->length;
		uint64_t            reached = reaching ? reaching->lcn + reaching->length : 0;

		if (claim->lcn < reached) {
			struct place shared = place_of(claim->lcn, end < reached ? end : reached);

			if (reaching->record == claim->record)
				check_report(work, PROBLEM_CLUSTER_CROSSED, claim->record,
					     volume_byte_of(work->volume, claim->lcn),
					     "the record's run lists have the same clusters twice: %s",
					     shared.text);
			else
				check_report(work, PROBLEM_CLUSTER_CROSSED, claim->record,
					     volume_byte_of(work->volume, claim->lcn),
					     "record %" PRIu32 " owns the same clusters: %s",
					     reaching->record, shared.text);
		}
		if (end > reached)
			reaching = claim;
	}
}

/* -------- $Bitmap -------- */

/* A stretch of clusters on which bitmap and run lists disagree in the same way. */
struct disagreement {
	bool     open;
	bool     owned;
	uint64_t lcn, end;
};

struct sweep {
	struct check_work  *work;
	size_t              next; /* claim that may reach into the chunk or lies behind it */
	struct disagreement at;
	uint8_t            *owned;  /* CHUNK_BYTES */
	uint8_t            *bitmap; /* CHUNK_BYTES */
};

/* The claim that begins last at or before @lcn, or NULL. */
static const struct claim *claim_before(const struct claims *claims, uint64_t lcn)
{
	size_t first = partition_point(0, claims->count, at, claims->items[at].lcn <= lcn);

	return first ? &claims->items[first - 1] : NULL;
}

/* Owned clusters that are free by the bitmap: one problem an owner. */
static void report_free(struct sweep *sweep, uint64_t lcn, uint64_t end)
{
	while (lcn < end) {
		const struct claim *claim = claim_before(&sweep->work->inventory.claims, lcn);
		uint64_t            part = end;

		if (claim && lcn < claim->lcn + claim->length && claim->lcn + claim->length < end)
			part = claim->lcn + claim->length;
		check_report(sweep->work, PROBLEM_CLUSTER_FREE, claim ? claim->record : NO_RECORD,
			     volume_byte_of(sweep->work->volume, lcn), "owned, but free by $Bitmap: %s",
			     place_of(lcn, part).text);
		lcn = part;
	}
}

static void close_disagreement(struct sweep *sweep)
{
	struct disagreement *at = &sweep->at;

	if (at->open && at->owned)
		report_free(sweep, at->lcn, at->end);
	else if (at->open)
		check_report(sweep->work, PROBLEM_CLUSTER_UNOWNED, NO_RECORD,
			     volume_byte_of(sweep->work->volume, at->lcn),
			     "in use by $Bitmap, but nobody's: %s", place_of(at->lcn, at->end).text);
	at->open = false;
}

static void disagree(struct sweep *sweep, uint64_t lcn, bool owned)
{
	struct disagreement *at = &sweep->at;

	if (at->open && at->owned == owned && at->end == lcn) {
		at->end++;
		return;
	}
	close_disagreement(sweep);
	*at = (struct disagreement){ true, owned, lcn, lcn + 1 };
}

static void set_bits(uint8_t *bits, uint64_t from, uint64_t to)
{
	for (; from < to && from % 8; from++)
		bit_set(bits, from);
	if (to - from >= 8) {
		memset(bits + from / 8, 0xff, (to - from) / 8);
		from += (to - from) / 8 * 8;
	}
	for (; from < to; from++)
		bit_set(bits, from);
}

/* Mark what is owned of the clusters [@start, @end). */
static void fill_owned(struct sweep *sweep, uint64_t start, uint64_t end)
{
	const struct claims *claims = &sweep->work->inventory.claims;

	memset(sweep->owned, 0, CHUNK_BYTES);
	for (size_t i = sweep->next; i < claims->count && claims->items[i].lcn < end; i++) {
		uint64_t from = claims->items[i].lcn, to = from + claims->items[i].length;

		if (from < start)
			from = start;
		if (to > end)
			to = end;
		if (from < to)
			set_bits(sweep->owned, from - start, to - start);
	}
	/* the next chunk begins where the first claim that reaches behind this one stands */
	while (sweep->next < claims->count &&
	       claims->items[sweep->next].lcn + claims->items[sweep->next].length <= end)
		sweep->next++;
}

static void compare_chunk(struct sweep *sweep, uint64_t start, uint64_t count)
{
	for (uint64_t i = 0; i < count;) {
		uint8_t differ = sweep->owned[i / 8] ^ sweep->bitmap[i / 8];

		sweep->work->check->clusters_in_use += bit_is_set(sweep->bitmap, i);
		if (differ >> i % 8 & 1)
			disagree(sweep, start + i, bit_is_set(sweep->owned, i));
		i++;
		while (i % 8 == 0 && i + 8 <= count && sweep->owned[i / 8] == sweep->bitmap[i / 8]) {
			sweep->work->check->clusters_in_use +=
				(uint64_t)__builtin_popcount(sweep->bitmap[i / 8]);
			i += 8;
		}
	}
}

/* Clusters behind the last one are in use, so that nobody takes them. */
static int check_tail(struct check_work *work, const struct file_stream *stream, struct error *err)
{
	uint64_t clusters = work->volume->geometry.clusters, start = clusters / 8;
	uint8_t  tail[TAIL_BYTES];
	size_t   length = sizeof tail;
	int      read = check_read_stream(work, stream, start, tail, &length, err);

	if (read <= 0)
		return read;
	for (uint64_t i = clusters % 8; i < 8 * length; i++)
		if (!bit_is_set(tail, i)) {
			check_report(work, PROBLEM_BITMAP, BITMAP_RECORD, NO_OFFSET,
				     "$Bitmap calls cluster %" PRIu64 " free, which lies behind the last one",
				     8 * start + i);
			return 0;
		}
	return 0;
}

static int sweep_bitmap(struct sweep *sweep, const struct file_stream *stream, struct error *err)
{
	struct check_work *work = sweep->work;
	uint64_t           clusters = work->limit_bytes / work->volume->geometry.cluster_bytes;
	struct progress    progress;
	int                result = 0;

	progress_start(&progress, "checking clusters", clusters, PROGRESS_ITEMS);
	for (uint64_t start = 0; result == 0 && start < clusters; start += 8 * CHUNK_BYTES) {
		uint64_t count = clusters - start < 8 * CHUNK_BYTES ? clusters - start : 8 * CHUNK_BYTES;
		size_t   length = (size_t)((count + 7) / 8);
		int      read = check_read_stream(work, stream, start / 8, sweep->bitmap, &length, err);

		fill_owned(sweep, start, start + count);
		if (read < 0)
			result = -1;
		else if (!read)
			check_report(work, PROBLEM_BITMAP, BITMAP_RECORD, NO_OFFSET,
				     "$Bitmap cannot be read for clusters from %" PRIu64 " on", start);
		else
			compare_chunk(sweep, start, count);
		progress_add(&progress, count);
	}
	close_disagreement(sweep);
	progress_end(&progress);
	return result;
}

int check_clusters(struct check_work *work, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	CLEANUP(free_ptr) uint8_t        *owned = malloc(CHUNK_BYTES), *bitmap = malloc(CHUNK_BYTES);
	struct sweep                      sweep = { .work = work, .owned = owned, .bitmap = bitmap };
	const struct file_stream         *stream = NULL;
	uint64_t                          needed = (work->volume->geometry.clusters + 7) / 8;

	if (!owned || !bitmap)
		return error_memory(err);
	keep_live_claims(&work->inventory);
	check_crossed(work);
	if (is_live_base(work, BITMAP_RECORD)) {
		if (file_load(&work->reader, BITMAP_RECORD, &file, err) < 0)
			return -1;
		stream = file_find_stream(&file, ATTRIBUTE_DATA, "");
	}
	if (!stream || stream->size_bytes < needed) {
		check_report(work, PROBLEM_BITMAP, BITMAP_RECORD,
			     mft_offset_of(&work->inventory.mft, BITMAP_RECORD),
			     "$Bitmap has %" PRIu64 " bytes, too few for %" PRIu64 " clusters",
			     stream ? stream->size_bytes : 0, work->volume->geometry.clusters);
		return 0;
	}
	if (check_tail(work, stream, err) < 0)
		return -1;
	return sweep_bitmap(&sweep, stream, err);
}
