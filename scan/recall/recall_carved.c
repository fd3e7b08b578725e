/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall_carved.c - part of recall.h: what a sweep found where a volume does not keep such things
 *
 * INDX blocks of directories whose records are gone, pages of logs that were made smaller or moved, and FILE
 * records that lie beside the table, as shadow copies and tables that moved leave them.  What lies where the volume's own records put it has been read
 * from there.  All else must show that it belongs here (belonging.h).
 */
#include "scan/recall/recall.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "scan/index_slack.h"
#include "scan/recall/belonging.h"
#include "scan/recall/fact_set.h"
#include "scan/recall/log_source.h"
#include "scan/recall/recall_log.h"

#include <string.h>

#define WINDOW_BYTES   (1u << 20)
#define MIRROR_RECORD  1u
#define LOG_RECORD     2u
#define PASSES_MAX     8u

struct index_list ARRAY(size_t);

struct carved {
	struct recall          *recall;
	const struct inventory *inventory;
	const struct volume    *volume;
	uint64_t                records; /* as many as a table on this volume could have */
	const struct artefact  *items;   /* in the order of the disk, .count of them */
	size_t                  count;
	struct belonging        belonging;
	struct fact_set         facts;
	struct ranges           tables;  /* bytes of the volume: $MFT and its mirror */
	struct ranges           indexes; /* what directories say is theirs */
	struct ranges           log;     /* $LogFile */
	uint64_t                foreign; /* artefacts that have not shown that they belong here */

	/* what was read last */
	uint8_t                *window;
	uint64_t                window_start;
	size_t                  window_length;
	struct ranges           missing;
};

/* -------- where things have their places -------- */

static bool is_of_directory(const struct inventory *inventory, uint32_t record)
{
	const struct mft_row *row = &inventory->rows[record];

	if (row->flags & ROW_EXTENSION && file_ref_record(row->base) < inventory->mft.records)
		row = &inventory->rows[file_ref_record(row->base)];
	return row->flags & ROW_DIRECTORY;
}

static bool add_clusters(struct ranges *ranges, const struct volume *volume, uint64_t lcn, uint64_t length)
{
	return !length || ranges_add(ranges, volume_byte_of(volume, lcn), length * volume->geometry.cluster_bytes);
}

static int find_places(struct carved *carved, struct error *err)
{
	const struct inventory *inventory = carved->inventory;
	const struct runs      *table = &inventory->mft.runs;

	for (size_t i = 0; i < table->count; i++)
		if (table->items[i].lcn != LCN_HOLE &&
		    !add_clusters(&carved->tables, carved->volume, table->items[i].lcn, table->items[i].length))
			return error_memory(err);
	for (size_t i = 0; i < inventory->claims.count; i++) {
		const struct claim *claim = &inventory->claims.items[i];
		struct ranges      *ranges = claim->record == MIRROR_RECORD             ? &carved->tables
					     : claim->record == LOG_RECORD              ? &carved->log
					     : is_of_directory(inventory, claim->record) ? &carved->indexes
											 : NULL;

		if (ranges && !(claim->length & CLAIM_SHADOW) &&
		    !add_clusters(ranges, carved->volume, claim->lcn, claim->length))
			return error_memory(err);
	}
	ranges_sort(&carved->tables);
	ranges_sort(&carved->indexes);
	ranges_sort(&carved->log);
	return 0;
}

static uint64_t place_of(const struct carved *carved, const struct artefact *artefact)
{
	return artefact->offset - carved->volume->offset_bytes;
}

/* Is it a stray one of @kind? */
static bool is_stray(const struct carved *carved, const struct artefact *artefact, enum artefact_kind kind)
{
	const struct ranges *own = kind == ARTEFACT_RECORD  ? &carved->tables
				   : kind == ARTEFACT_INDEX ? &carved->indexes
							    : &carved->log;
	struct range         overlap;

	return artefact->kind == kind && !ranges_overlap(own, place_of(carved, artefact), artefact->length, &overlap);
}

/* -------- reading -------- */

/* The block of an artefact, fix-ups undone; .left is 0 where there is none any more. */
static int read_block(struct carved *carved, const struct artefact *artefact, uint8_t copy[CARVE_BLOCK_MAX],
		      struct bytes *block, fixup_torn *torn, struct error *err)
{
	uint64_t     place = place_of(carved, artefact);
	struct error why;

	*block = (struct bytes){ copy, 0, place };
	if (place < carved->window_start || place - carved->window_start > carved->window_length ||
	    artefact->length > carved->window_length - (place - carved->window_start)) {
		carved->window_start = place;
		carved->window_length = WINDOW_BYTES;
		carved->missing.count = 0;
		if (volume_read(carved->volume, place, carved->window, WINDOW_BYTES, &carved->missing, err) < 0)
			return -1;
	}
	if (artefact->length > CARVE_BLOCK_MAX)
		return 0;
	memcpy(copy, carved->window + (place - carved->window_start), artefact->length);
	if (fixup_undo(copy, artefact->length, place, torn, &why) == 0)
		block->left = artefact->length;
	return 0;
}

/* -------- INDX blocks -------- */

static bool is_reference(const struct carved *carved, file_ref ref)
{
	return file_ref_sequence(ref) && file_ref_record(ref) < carved->records;
}

/* A name that can be told as a fact; without its file where only the rest is left. */
static bool name_of_remnant(const struct carved *carved, const struct index_remnant *remnant, uint64_t lsn,
			    struct fact *fact)
{
	const struct file_name *name = &remnant->name;
	bool                    has_file = remnant->known & INDEX_KNOWS_FILE;

	if (!(remnant->known & INDEX_KNOWS_PARENT) || remnant->cut || !is_reference(carved, name->parent) ||
	    (has_file ? !is_reference(carved, remnant->file) : name->space == NAME_DOS) ||
	    remnant->file == name->parent || !file_name_is_text(name->name))
		return false;
	*fact = (struct fact){ .file = remnant->file,
			       .parent = name->parent,
			       .offset = remnant->whole.offset,
			       .moment = lsn,
			       .time = row_time(name->times.changed),
			       .space = name->space,
			       .source = FACT_INDEX_SLACK,
			       .flags = FACT_CARVED };
	if (name->attributes & FILE_NAME_IS_DIRECTORY)
		fact->flags |= FACT_DIRECTORY;
	if (remnant->torn)
		fact->flags |= FACT_TORN;
	if (remnant->in_use)
		fact->flags |= FACT_IN_USE;
	return true;
}

/* What all names of a block say together. */
static void hear_block(struct carved *carved, struct bytes block, fixup_torn torn, struct belonging_votes *votes)
{
	struct index_slack   slack;
	struct index_remnant remnant;
	struct fact          fact;

	index_slack_block(&slack, block, torn, true, carved->records);
	while (index_slack_next(&slack, &remnant))
		if (name_of_remnant(carved, &remnant, slack.lsn, &fact) && fact.file && !remnant.torn)
			belonging_hear(&carved->belonging, &fact, remnant.name.name, votes);
}

static int take_block(struct carved *carved, struct bytes block, fixup_torn torn, struct error *err)
{
	struct belonging_votes unused = { 0 };
	struct index_slack     slack;
	struct index_remnant   remnant;
	struct fact            fact;

	index_slack_block(&slack, block, torn, true, carved->records);
	while (index_slack_next(&slack, &remnant)) {
		if (!name_of_remnant(carved, &remnant, slack.lsn, &fact))
			continue;
		if (fact.file && belonging_hear(&carved->belonging, &fact, remnant.name.name, &unused) == SAYS_IMPOSSIBLE)
			continue;
		if (fact.file && inventory_has_name(carved->inventory, carved->recall->reader->extensions, fact.file,
						    fact.parent, remnant.name.name))
			continue;
		if (fact_set_add(&carved->facts, fact, remnant.name.name, err) < 0)
			return -1;
	}
	return 0;
}

/* Take the block if it has shown itself: 1; 0 if not yet; -1. */
static int take_if_shown(struct carved *carved, const struct artefact *artefact, struct error *err)
{
	struct belonging_votes votes = { 0 };
	uint8_t                copy[CARVE_BLOCK_MAX];
	struct bytes           block;
	fixup_torn             torn = 0;

	if (read_block(carved, artefact, copy, &block, &torn, err) < 0)
		return -1;
	if (block.left)
		hear_block(carved, block, torn, &votes);
	if (!votes.names)
		return 1; /* and says nothing */
	if (!belonging_is_shown(&carved->belonging, &votes))
		return 0;
	return take_block(carved, block, torn, err) < 0 ? -1 : 1;
}

/* One pass over the blocks that are left; those that have not shown themselves stay. */
static int pass_indexes(struct carved *carved, struct index_list *left, struct error *err)
{
	size_t kept = 0, first = carved->recall->facts.list.count;

	for (size_t i = 0; i < left->count; i++) {
		int taken = take_if_shown(carved, &carved->items[left->items[i]], err);

		if (taken < 0)
			return -1;
		if (!taken)
			left->items[kept++] = left->items[i];
	}
	left->count = kept;
	return belonging_learn(&carved->belonging, &carved->recall->facts, first, err);
}

/* What one block tells of directories may be what another one has to be known by. */
static int take_indexes(struct carved *carved, struct error *err)
{
	struct index_list left = { 0 };
	size_t            before;
	int               result = 0;

	for (size_t i = 0; result == 0 && i < carved->count; i++)
		if (is_stray(carved, &carved->items[i], ARTEFACT_INDEX) && !array_push(&left, i))
			result = error_memory(err);
	for (unsigned pass = 0; result == 0 && left.count && pass < PASSES_MAX; pass++) {
		before = left.count;
		result = pass_indexes(carved, &left, err);
		if (left.count == before)
			break;
	}
	carved->foreign += left.count;
	array_release(&left);
	return result;
}

/* -------- FILE records -------- */

/* The life of a stray record: what references to it have. */
static file_ref life_of(const struct artefact *artefact)
{
	return file_ref_make(artefact->record.number,
			     file_generation(artefact->sequence, artefact->record.flags & MFT_RECORD_IN_USE));
}

static void hear_names(struct carved *carved, const struct artefact *artefact, const struct mft_record *record,
		       struct belonging_votes *votes)
{
	struct bytes     rest = record->attributes;
	struct attribute attr;
	struct file_name name;
	struct error     why;
	struct fact      fact = { .file = life_of(artefact) };

	if (record->flags & MFT_RECORD_DIRECTORY)
		fact.flags |= FACT_DIRECTORY;
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (attr.type != ATTRIBUTE_FILE_NAME || !attr.resident || file_name_decode(attr.value, &name, &why) < 0)
			continue;
		fact.parent = name.parent;
		fact.time = row_time(name.times.changed);
		belonging_hear(&carved->belonging, &fact, name.name, votes);
	}
}

/* Is @next the record behind @artefact in the same piece of a table? */
static bool is_next_record(const struct artefact *artefact, const struct artefact *next)
{
	return next->kind == ARTEFACT_RECORD && artefact->record.number != MFT_RECORD_NO_NUMBER &&
	       next->record.number > artefact->record.number && next->offset > artefact->offset &&
	       next->offset - artefact->offset ==
		       (uint64_t)(next->record.number - artefact->record.number) * artefact->length;
}

/* The end of the piece of a table that begins with item @first. */
static size_t piece_end(const struct carved *carved, size_t first)
{
	size_t end = first + 1;

	while (end < carved->count && is_stray(carved, &carved->items[end], ARTEFACT_RECORD) &&
	       is_next_record(&carved->items[end - 1], &carved->items[end]))
		end++;
	return end;
}

static int hear_piece(struct carved *carved, size_t first, size_t end, struct belonging_votes *votes,
		      struct error *err)
{
	uint8_t copy[CARVE_BLOCK_MAX];

	for (size_t i = first; i < end; i++) {
		struct mft_record record;
		struct bytes      block;
		struct error      why;
		fixup_torn        torn = 0;

		if (carved->items[i].flags || carved->items[i].record.base)
			continue;
		if (read_block(carved, &carved->items[i], copy, &block, &torn, err) < 0)
			return -1;
		if (block.left && mft_record_decode(block, &record, &why) == 0)
			hear_names(carved, &carved->items[i], &record, votes);
	}
	return 0;
}

/* A sound record of a life that the table has behind it; and of an extension the base is wanted. */
static bool is_older(const struct carved *carved, const struct artefact *artefact)
{
	return !artefact->flags &&
	       (!artefact->record.base || extension_is_wanted(carved->inventory, artefact->record.base)) &&
	       artefact->record.number != MFT_RECORD_NO_NUMBER &&
	       artefact->record.number >= FIRST_USER_RECORD &&
	       artefact->length == carved->inventory->mft.record_bytes &&
	       belonging_is_past(&carved->belonging, life_of(artefact));
}

static int take_piece(struct carved *carved, size_t first, size_t end, struct error *err)
{
	for (size_t i = first; i < end; i++) {
		const struct artefact *artefact = &carved->items[i];

		if (is_older(carved, artefact) &&
		    !array_push(&carved->recall->older,
				(struct older_record){ .ref = life_of(artefact),
						       .offset = place_of(carved, artefact),
						       .moment = artefact->when }))
			return error_memory(err);
	}
	return 0;
}

static int take_records(struct carved *carved, struct error *err)
{
	size_t end;

	for (size_t i = 0; i < carved->count; i = end) {
		struct belonging_votes votes = { 0 };

		end = i + 1;
		if (!is_stray(carved, &carved->items[i], ARTEFACT_RECORD))
			continue;
		end = piece_end(carved, i);
		if (hear_piece(carved, i, end, &votes, err) < 0)
			return -1;
		if (!belonging_is_shown(&carved->belonging, &votes))
			carved->foreign += votes.names ? end - i : 0;
		else if (take_piece(carved, i, end, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- pages of logs -------- */

struct page_list ARRAY(uint64_t);

/* What the pages say, by itself, is added to what is known. */
static int take_told(struct carved *carved, struct recall *told, struct error *err)
{
	struct belonging_votes unused = { 0 };
	struct older_records  *older = &carved->recall->older;

	for (size_t i = 0; i < told->facts.list.count; i++) {
		struct fact  fact = told->facts.list.items[i];
		struct bytes name = { facts_text(&told->facts, &fact), 2u * fact.units, 0 };

		if (belonging_hear(&carved->belonging, &fact, name, &unused) != SAYS_IMPOSSIBLE &&
		    facts_add(&carved->recall->facts, fact, name, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < told->older.count; i++) {
		if (!belonging_is_past(&carved->belonging, told->older.items[i].ref))
			continue;
		if (!array_push(older, told->older.items[i]))
			return error_memory(err);
		told->older.items[i].image = NULL;
	}
	return 0;
}

/* Pages are of one log as far as their numbers go on, so they show themselves together: by what the table says too. */
static int ask_pages(struct carved *carved, const struct page_list *pages, struct recall *told, struct error *err)
{
	struct belonging_votes votes = { 0 };
	size_t                 agreed;

	if (recall_log_pages(told, pages->items, pages->count, &agreed, err) < 0)
		return -1;
	votes.names = votes.same = votes.directory = agreed < UINT32_MAX / 2 ? (uint32_t)agreed : UINT32_MAX / 2;
	for (size_t i = 0; i < told->facts.list.count; i++) {
		const struct fact *fact = &told->facts.list.items[i];

		if (fact->file)
			belonging_hear(&carved->belonging, fact,
				       (struct bytes){ facts_text(&told->facts, fact), 2u * fact->units, 0 }, &votes);
	}
	if (belonging_is_shown(&carved->belonging, &votes))
		return take_told(carved, told, err);
	carved->foreign += pages->count;
	return 0;
}

static int take_log_pages(struct carved *carved, struct error *err)
{
	struct recall    told = { .inventory = carved->inventory,
				  .reader = carved->recall->reader,
				  .findings = carved->recall->findings,
				  .threads = carved->recall->threads };
	struct page_list pages = { 0 };
	int              result = 0;

	for (size_t i = 0; result == 0 && i < carved->count; i++)
		if (is_stray(carved, &carved->items[i], ARTEFACT_LOG_PAGE) &&
		    carved->items[i].length == LOG_CARVED_PAGE_BYTES &&
		    !array_push(&pages, place_of(carved, &carved->items[i])))
			result = error_memory(err);
	if (result == 0 && pages.count)
		result = ask_pages(carved, &pages, &told, err);
	recall_release(&told);
	array_release(&pages);
	return result;
}

/* -------- all of it -------- */

static int take_all(struct carved *carved, struct error *err)
{
	carved->window = malloc(WINDOW_BYTES);
	if (!carved->window)
		return error_memory(err);
	if (belonging_init(&carved->belonging, carved->inventory, carved->recall->reader->extensions, err) < 0 ||
	    belonging_learn(&carved->belonging, &carved->recall->facts, 0, err) < 0 || find_places(carved, err) < 0 ||
	    take_log_pages(carved, err) < 0 ||
	    take_indexes(carved, err) < 0 || take_records(carved, err) < 0)
		return -1;
	if (carved->foreign)
		findings_add(carved->recall->findings,
			     (struct finding){ FINDING_CARVED_FOREIGN, carved->volume->number, NO_RECORD, NO_OFFSET,
					       carved->foreign, 0 });
	return 0;
}

int recall_carved(struct recall *recall, const struct artefact *items, size_t count, struct error *err)
{
	const struct volume *volume = recall->inventory->mft.volume;
	struct carved        carved = { .recall = recall,
					.inventory = recall->inventory,
					.volume = volume,
					.records = volume->geometry.clusters * volume->geometry.cluster_bytes /
						   recall->inventory->mft.record_bytes,
					.items = items,
					.count = count };
	int                  result;

	if (!count)
		return 0;
	fact_set_init(&carved.facts, &recall->facts);
	result = take_all(&carved, err);
	fact_set_finish(&carved.facts);
	belonging_release(&carved.belonging);
	array_release(&carved.tables);
	array_release(&carved.indexes);
	array_release(&carved.log);
	array_release(&carved.missing);
	free(carved.window);
	return result;
}
