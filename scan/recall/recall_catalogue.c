/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recall_catalogue.c - part of recall.h: what catalogues remember, wherever their blocks lie */
#include "scan/recall/recall.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "scan/catalogue_record.h"
#include "scan/recall/belonging.h"
#include "scan/recall/fact_set.h"

#include <stdlib.h>
#include <string.h>

/* A block as it lies somewhere. */
struct found_block {
	uint8_t  uuid[CATALOGUE_UUID_BYTES];
	uint32_t generation;
	uint64_t number;
	uint64_t place;  /* bytes of the volume */
	bool     carved; /* it was found there; else it lies in a catalogue's file */
};

struct found_blocks ARRAY(struct found_block);

struct catalogue_work {
	struct recall            *recall;
	const struct volume      *volume;
	struct found_blocks       blocks;     /* of all catalogues, in their order */
	const struct found_block *catalogue;  /* the blocks of one, .count of them */
	size_t                    count;
	uint64_t                  left;       /* blocks of files that are still looked at */
	const struct found_block *read[CATALOGUE_COPIES]; /* that was read last of each copy */
	const struct found_block *block;      /* where the entry at hand begins */
	struct belonging          belonging;
	struct fact_set           facts;
};

/* -------- blocks -------- */

static int compare_catalogue(const struct found_block *left, const struct found_block *right)
{
	int order = memcmp(left->uuid, right->uuid, sizeof left->uuid);

	if (order)
		return order;
	return (left->generation > right->generation) - (left->generation < right->generation);
}

static int compare_block(const void *a, const void *b)
{
	const struct found_block *left = a, *right = b;
	int                       order = compare_catalogue(left, right);

	if (order)
		return order;
	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	if (left->place != right->place)
		return left->place < right->place ? -1 : 1;
	return left->carved - right->carved;
}

/* In order, each place once. */
static void settle_blocks(struct found_blocks *blocks)
{
	size_t kept = 0;

	if (blocks->count)
		qsort(blocks->items, blocks->count, sizeof *blocks->items, compare_block);
	for (size_t i = 0; i < blocks->count; i++)
		if (!kept || blocks->items[kept - 1].place != blocks->items[i].place)
			blocks->items[kept++] = blocks->items[i];
	blocks->count = kept;
}

/* Does it say that it is of this volume, and stand where it says? */
static bool is_ours(const struct catalogue_work *work, const struct catalogue_header *header, uint64_t place)
{
	const struct geometry *geometry = &work->volume->geometry;

	return header->serial == geometry->serial && header->clusters == geometry->clusters &&
	       header->cluster_bytes == geometry->cluster_bytes && header->place_bytes == place;
}

/* Read the block at @place: 0, 1 if it cannot be had, -1. */
static int read_place(const struct catalogue_work *work, uint64_t place, uint8_t raw[CATALOGUE_BLOCK_BYTES],
		      struct error *err)
{
	struct ranges missing = { 0 };
	int           result = volume_read(work->volume, place, raw, CATALOGUE_BLOCK_BYTES, &missing, err);

	if (result == 0)
		result = missing.count > 0;
	array_release(&missing);
	return result;
}

static int find_block(struct catalogue_work *work, uint64_t place, bool carved, struct error *err)
{
	uint8_t                raw[CATALOGUE_BLOCK_BYTES];
	struct catalogue_block block;
	struct error           why;
	struct found_block     found = { .place = place, .carved = carved };
	int                    result = read_place(work, place, raw, err);

	if (result < 0)
		return -1;
	if (result || catalogue_block_decode((struct bytes){ raw, sizeof raw, place }, &block, &why) < 0 ||
	    !is_ours(work, &block.header, place))
		return 0;
	memcpy(found.uuid, block.header.uuid, sizeof found.uuid);
	found.generation = block.header.generation;
	found.number = block.header.number;
	return array_push(&work->blocks, found) ? 0 : error_memory(err);
}

/* Block @number of the catalogue at hand, the first or second that was found of it. */
static int read_found(void *context, unsigned copy, uint64_t number, uint8_t raw[CATALOGUE_BLOCK_BYTES],
		      struct error *err)
{
	struct catalogue_work *work = context;
	size_t first = partition_point(0, work->count, at, work->catalogue[at].number < number);

	first += copy;
	if (first >= work->count || work->catalogue[first].number != number)
		return 1;
	work->read[copy] = &work->catalogue[first];
	return read_place(work, work->read[copy]->place, raw, err);
}

/* -------- the catalogues' own files -------- */

/* All blocks of one, live or deleted; of its clusters those that are still its own say so themselves. */
static int find_in_file(struct catalogue_work *work, uint32_t row, struct error *err)
{
	const struct volume      *volume = work->volume;
	const struct file_stream *data;
	struct file               file = { 0 };
	uint64_t                  place;
	int                       result = file_load(work->recall->reader, row, &file, err);

	data = result == 0 ? file_find_stream(&file, ATTRIBUTE_DATA, "") : NULL;
	for (uint64_t at = 0; result == 0 && data && !data->resident && at < data->size_bytes &&
			      work->left;
	     at += CATALOGUE_BLOCK_BYTES) {
		work->left--; /* whatever sizes and holes a hostile record has */
		place = stream_volume_offset(volume, &data->runs, at);
		if (place != NO_OFFSET)
			result = find_block(work, place, false, err);
	}
	file_release(&file);
	return result;
}

static bool is_catalogue(const struct inventory *inventory, const struct name_row *name)
{
	const uint8_t *text = inventory_text(inventory, name);

	return utf16_is_word(text, name->units, CATALOGUE_FILE_NAME) ||
	       utf16_is_word(text, name->units, CATALOGUE_FILE_NAME "2");
}

static int find_files(struct catalogue_work *work, struct error *err)
{
	const struct inventory *inventory = work->recall->inventory;

	for (uint32_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *name = &inventory->names.items[i];
		uint32_t               row;

		if (!is_catalogue(inventory, name))
			continue;
		row = inventory_row_of(inventory, inventory_owner(inventory, name));
		if (row != NO_ROW && !(inventory->rows[row].flags & ROW_DIRECTORY) && find_in_file(work, row, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- what an entry says -------- */

static int take_name(struct catalogue_work *work, const struct catalogue_file *file,
		     const struct case_file *entry, const struct case_name *name, struct error *err)
{
	const struct recall *recall = work->recall;
	const char          *text = strrchr(name->path, '\\');
	struct le16          units[NAME_UTF8_MAX];
	size_t               count;
	struct bytes         wide = { (const uint8_t *)units, 0, 0 };
	struct fact          fact = { .file = file_ref_make(entry->record, entry->sequence),
				      .parent = name->parent,
				      .offset = work->block->place,
				      .moment = file->header.generation,
				      .time = row_time(entry->times.changed),
				      .space = name->dos ? NAME_DOS : NAME_WIN32,
				      .source = FACT_CATALOGUE,
				      .flags = work->block->carved ? FACT_CARVED : 0 };

	if (!text || !text[1] || strlen(text + 1) >= NAME_UTF8_MAX)
		return 0;
	count = utf16_le_from_utf8(text + 1, strlen(text + 1), units);
	if (count > NAME_UNITS_MAX)
		return 0;
	wide.left = 2 * count;
	if (entry->directory)
		fact.flags |= FACT_DIRECTORY;
	if (inventory_has_name(recall->inventory, recall->reader->extensions, fact.file, fact.parent, wide))
		return 0;
	return fact_set_add(&work->facts, fact, wide, err);
}

/* The record that the file had, where the table shows a later life in its place. */
static int take_record(struct catalogue_work *work,
		       const struct catalogue_entry *entry, struct error *err)
{
	const struct case_file *of = &entry->record.file;
	struct older_record     older = { .ref = file_ref_make(of->record, of->sequence),
					  .offset = work->block->place,
					  .moment = work->catalogue->generation };
	uint32_t                record_bytes = work->recall->inventory->mft.record_bytes;

	if (of->record < FIRST_USER_RECORD || !belonging_is_past(&work->belonging, older.ref))
		return 0;
	older.image = malloc(record_bytes);
	if (!older.image)
		return error_memory(err);
	if (!catalogue_record_make(entry, older.image, record_bytes)) {
		free(older.image);
		return 0;
	}
	if (array_push(&work->recall->older, older))
		return 0;
	free(older.image);
	return error_memory(err);
}

/* Of encrypted content the digest is not of what lies on the disk. */
static int take_digest(struct catalogue_work *work, const struct catalogue_entry *entry, struct error *err)
{
	const struct case_file *file = &entry->record.file;
	struct case_digest      known = { .volume = work->recall->inventory->mft.volume->number,
					  .file = file_ref_make(file->record, file->sequence),
					  .size_bytes = file->size_bytes,
					  .written = file->times.written };

	for (size_t i = 0; file->info_known && i < entry->record.streams.count; i++) {
		const struct case_stream *stream = &entry->record.streams.items[i];

		if (stream->type != ATTRIBUTE_DATA || *stream->name || stream->flags & ATTRIBUTE_ENCRYPTED ||
		    !entry->digests.items[i].known)
			continue;
		memcpy(known.sum, entry->digests.items[i].sum, sizeof known.sum);
		if (!array_push(&work->recall->digests, known))
			return error_memory(err);
	}
	return 0;
}

static int take_entry(struct catalogue_work *work, const struct catalogue_file *file,
		      const struct catalogue_entry *entry, struct error *err)
{
	for (size_t i = 0; i < entry->record.names.count; i++)
		if (take_name(work, file, &entry->record.file, &entry->record.names.items[i], err) < 0)
			return -1;
	return take_digest(work, entry, err) < 0 ? -1 : take_record(work, entry, err);
}

/* -------- catalogues -------- */

static int take_entries(struct catalogue_work *work, struct catalogue_file *file, struct error *err)
{
	int more;

	do {
		struct catalogue_entry entry = { 0 };

		work->block = work->read[file->copy]; /* the reader has seen an entry's first item when it ends the one before */
		more = catalogue_file_next(file, &entry, err);
		if (more == 1 && take_entry(work, file, &entry, err) < 0)
			more = -1;
		catalogue_entry_release(&entry);
	} while (more == 1);
	return more;
}

static int take_catalogue(struct catalogue_work *work, struct error *err)
{
	CLEANUP(catalogue_file_release) struct catalogue_file file = { 0 };
	uint64_t blocks = work->catalogue[work->count - 1].number + 1;

	if (blocks > work->volume->size_bytes / CATALOGUE_BLOCK_BYTES)
		return 0; /* no catalogue is larger than its volume */
	if (catalogue_file_open(&file, read_found, work, blocks, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	return take_entries(work, &file, err);
}

static int take_all(struct catalogue_work *work, const struct artefact *items, size_t count, struct error *err)
{
	const struct found_blocks *blocks = &work->blocks;
	size_t                     end;

	for (size_t i = 0; i < count; i++)
		if (items[i].kind == ARTEFACT_CATALOGUE &&
		    find_block(work, items[i].offset - work->volume->offset_bytes, true, err) < 0)
			return -1;
	if (find_files(work, err) < 0)
		return -1;
	if (!blocks->count)
		return 0;
	settle_blocks(&work->blocks);
	if (belonging_init(&work->belonging, work->recall->inventory, work->recall->reader->extensions, err) < 0)
		return -1;
	for (size_t first = 0; first < blocks->count; first = end) {
		for (end = first + 1; end < blocks->count; end++)
			if (compare_catalogue(&blocks->items[first], &blocks->items[end]) != 0)
				break;
		work->catalogue = blocks->items + first;
		work->count = end - first;
		if (take_catalogue(work, err) < 0)
			return -1;
	}
	return 0;
}

int recall_catalogues(struct recall *recall, const struct artefact *items, size_t count, struct error *err)
{
	struct catalogue_work work = { .recall = recall, .volume = recall->inventory->mft.volume };
	struct older_records *older = &recall->older;
	size_t                first = older->count;
	int                   result;

	work.left = 2 * work.volume->size_bytes / CATALOGUE_BLOCK_BYTES;
	fact_set_init(&work.facts, &recall->facts);
	result = take_all(&work, items, count, err);
	fact_set_finish(&work.facts);
	older_keep_best(older, first);
	for (size_t i = first; i < older->count; i++)
		older->items[i].moment = 0; /* no catalogue knows the log's number of the last change */
	belonging_release(&work.belonging);
	array_release(&work.blocks);
	return result;
}
