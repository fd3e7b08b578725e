/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inventory.c - see inventory.h */
#include "scan/inventory.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/workers.h"
#include "scan/attribute.h"
#include "scan/extension.h"

#define CHUNK_BYTES (2u << 20)

/* What the workers share. */
struct walk {
	struct inventory *inventory;
	struct findings  *findings;
	const struct record_watch *watch; /* NULL: none */
	size_t            chunk_records;
	struct workers    workers;     /* the lock is that of the inventory's arrays */
	struct progress   progress;
};

/* What one worker gathers from one chunk before it hands it over. */
struct harvest {
	uint8_t          *buffer;
	void             *watching; /* the watch's state */
	struct name_rows  names;
	struct text_arena text;
	struct claims     claims;
	struct ranges     missing;
};

static bool add_name(struct harvest *harvest, uint32_t record, struct mft_row *row,
		     const struct file_name *name, enum fact_source source)
{
	if (!array_push(&harvest->names,
			(struct name_row){ .parent = name->parent,
					   .text = (uint32_t)harvest->text.count,
					   .record = record,
					   .units = name->name_units,
					   .space = name->space,
					   .source = (uint8_t)source }) ||
	    !array_append(&harvest->text, name->name.at, name->name_units))
		return false;
	row->names++;
	return true;
}

/* A name keeps the moment at which it was made, where a program gives the file the time of its original. */
static void take_creation(struct mft_row *row, uint64_t created)
{
	if (row_time(created) > row->created)
		row->created = row_time(created);
}

static bool harvest_name(struct harvest *harvest, uint32_t record, struct mft_row *row,
			 const struct attribute *attr)
{
	struct file_name name;
	struct error     why;

	if (!attr->resident || file_name_decode(attr->value, &name, &why) < 0) {
		row->flags |= ROW_DAMAGED;
		return true;
	}
	if (!add_name(harvest, record, row, &name, FACT_RECORD))
		return false;
	if (row_time(name.times.changed) > row->alive_until)
		row->alive_until = row_time(name.times.changed);
	take_creation(row, name.times.created);
	return true;
}

/*
 * Names that were cut out of a freed record: the end marker was written over the attribute's first
 * eight bytes, its value is still there.  Looked for at every eighth byte behind what is in use.
 */
static bool harvest_slack(const struct inventory *inventory, struct harvest *harvest, uint32_t record, struct mft_row *row,
			  struct bytes slot, uint32_t in_use_bytes)
{
	struct file_name name;
	struct error     why;

	for (size_t at = (in_use_bytes + 7u) / 8 * 8; at + 0x42 < slot.left; at += 8) {
		struct bytes value = { slot.at + at, slot.left - at, slot.offset + at };

		if (file_name_decode(value, &name, &why) < 0 ||
		    !file_name_is_plausible(&name, inventory->mft.records))
			continue;
		/* the key of an index entry that the folder's record held: a child's name, not its own */
		if (file_ref_record(name.parent) == record ||
		    (row->base && file_ref_record(name.parent) == file_ref_record(row->base)))
			continue;
		if (!add_name(harvest, record, row, &name, FACT_RECORD_SLACK))
			return false;
		at += (0x42u + 2u * name.name_units) / 8 * 8;
	}
	return true;
}

static void harvest_times(struct mft_row *row, const struct attribute *attr)
{
	struct standard_information info;
	struct error                why;
	uint64_t                    times[4];

	if (!attr->resident || standard_information_decode(attr->value, &info, &why) < 0) {
		row->flags |= ROW_DAMAGED;
		return;
	}
	memcpy(times, &info.times, sizeof times);
	for (size_t i = 0; i < 4; i++)
		if (row_time(times[i]) > row->alive_until)
			row->alive_until = row_time(times[i]);
	take_creation(row, info.times.created);
	row->written = row_time(info.times.written < info.times.changed ? info.times.written
									: info.times.changed);
}

static bool harvest_claims(struct harvest *harvest, uint32_t record, uint64_t lcn, uint64_t length)
{
	while (length) {
		uint32_t part = length > CLAIM_LENGTH_MAX ? CLAIM_LENGTH_MAX : (uint32_t)length;

		if (!array_push(&harvest->claims, (struct claim){ lcn, part, record }))
			return false;
		lcn += part;
		length -= part;
	}
	return true;
}

/* What a compressed stream may have used behind a run that ends at @lcn: up to a whole unit. */
static bool harvest_shadow(struct harvest *harvest, uint32_t record, const struct attribute *attr,
			   uint64_t lcn, uint64_t clusters)
{
	uint64_t length = 1ull << attr->unit_shift;

	if (length > clusters - lcn)
		length = clusters - lcn;
	return !length ||
	       array_push(&harvest->claims, (struct claim){ lcn, (uint32_t)length | CLAIM_SHADOW, record });
}

static bool harvest_runs(struct harvest *harvest, uint32_t record, struct mft_row *row,
			 const struct attribute *attr, uint64_t clusters)
{
	struct run_list list = { .pairs = attr->pairs, .next_vcn = attr->lowest_vcn };
	struct run      run;
	struct error    why;
	int             result;

	while ((result = run_list_next(&list, &run, &why)) == 1) {
		if (run.lcn == LCN_HOLE)
			continue;
		if (run.lcn >= clusters || run.length > clusters - run.lcn) {
			row->flags |= ROW_DAMAGED;
			return true;
		}
		if (!harvest_claims(harvest, record, run.lcn, run.length) ||
		    (attr->flags & ATTRIBUTE_COMPRESSED && attr->unit_shift &&
		     !harvest_shadow(harvest, record, attr, run.lcn + run.length, clusters)))
			return false;
	}
	if (result < 0)
		row->flags |= ROW_DAMAGED;
	return true;
}

static bool harvest_attribute(struct harvest *harvest, uint32_t record, struct mft_row *row,
			      const struct attribute *attr, uint64_t clusters)
{
	switch (attr->type) {
	case ATTRIBUTE_STANDARD_INFORMATION:
		harvest_times(row, attr);
		break;
	case ATTRIBUTE_LIST:
		row->flags |= ROW_HAS_LIST;
		break;
	case ATTRIBUTE_FILE_NAME:
		return harvest_name(harvest, record, row, attr);
	case ATTRIBUTE_DATA:
		if (!attr->name.left && !attr->lowest_vcn)
			row->size_bytes = attr->size_bytes;
		break;
	default:
		break;
	}
	return attr->resident || harvest_runs(harvest, record, row, attr, clusters);
}

static void harvest_header(struct mft_row *row, const struct mft_slot *slot)
{
	row->flags = ROW_DECODED;
	if (slot->record.flags & MFT_RECORD_IN_USE)
		row->flags |= ROW_IN_USE;
	if (slot->record.flags & MFT_RECORD_DIRECTORY)
		row->flags |= ROW_DIRECTORY;
	if (slot->record.base)
		row->flags |= ROW_EXTENSION;
	if (slot->torn)
		row->flags |= ROW_TORN;
	if (slot->misplaced)
		row->flags |= ROW_MISPLACED;
	row->base = slot->record.base;
	row->sequence = slot->record.sequence;
	row->link_count = slot->record.link_count;
}

/* A decoded record, which @bytes hold, into its row.  False without memory. */
static bool harvest_record(const struct inventory *inventory, struct harvest *harvest, uint32_t number,
			   const uint8_t *bytes, const struct mft_slot *slot)
{
	const struct mft *mft = &inventory->mft;
	struct mft_row   *row = &inventory->rows[number];
	struct attribute  attr;
	struct bytes      rest = slot->record.attributes;
	struct error      why;
	int               result;

	harvest_header(row, slot);
	row->first_name = (uint32_t)harvest->names.count; /* made absolute at the hand-over */
	while ((result = attribute_next(&rest, &attr, &why)) == 1) {
		size_t start = (size_t)(attr.whole.at - bytes);

		if (attr.type == ATTRIBUTE_FILE_NAME && fixup_touches(slot->torn, start, attr.whole.left))
			continue; /* half a name is none */
		if (!harvest_attribute(harvest, number, row, &attr, mft->volume->geometry.clusters))
			return false;
	}
	if (result < 0)
		row->flags |= ROW_DAMAGED;
	return row->flags & ROW_IN_USE || row->names || slot->torn ||
	       harvest_slack(inventory, harvest, number, row, (struct bytes){ bytes, mft->record_bytes, 0 },
			     slot->record.in_use_bytes);
}

static int harvest_slot(struct walk *walk, struct harvest *harvest, uint32_t number, uint8_t *bytes, struct error *err)
{
	const struct inventory *inventory = walk->inventory;
	struct mft_slot         slot;

	mft_decode_slot(&inventory->mft, number, bytes, &harvest->missing, walk->findings, &slot);
	if (!slot.decoded)
		return 0;
	if (!harvest_record(inventory, harvest, number, bytes, &slot))
		return error_memory(err);
	if (inventory->rows[number].flags & ROW_DAMAGED)
		findings_add(walk->findings,
			     (struct finding){ FINDING_RECORD_DAMAGED, inventory->mft.volume->number, number,
					       mft_offset_of(&inventory->mft, number), 0, 0 });
	return walk->watch ? walk->watch->take(harvest->watching, number, bytes, &slot, err) : 0;
}

/* Append what was gathered; its names begin at *@first_name.  False without memory. */
static bool append_harvest(struct inventory *inventory, struct harvest *harvest, uint32_t *first_name)
{
	uint64_t names = inventory->names.count, text = inventory->text.count;

	*first_name = (uint32_t)names;
	for (size_t i = 0; i < harvest->names.count; i++)
		harvest->names.items[i].text += (uint32_t)text;
	return names + harvest->names.count <= UINT32_MAX && text + harvest->text.count <= UINT32_MAX &&
	       array_append(&inventory->names, harvest->names.items, harvest->names.count) &&
	       array_append(&inventory->text, harvest->text.items, harvest->text.count) &&
	       array_append(&inventory->claims, harvest->claims.items, harvest->claims.count);
}

static void empty_harvest(struct harvest *harvest)
{
	harvest->names.count = harvest->text.count = harvest->claims.count = harvest->missing.count = 0;
}

static void harvest_release(struct harvest *harvest)
{
	free(harvest->buffer);
	array_release(&harvest->names);
	array_release(&harvest->text);
	array_release(&harvest->claims);
	array_release(&harvest->missing);
}

/* Move a chunk's harvest into the inventory. */
static int hand_over(struct walk *walk, struct harvest *harvest, size_t first, size_t end, struct error *err)
{
	uint32_t first_name;
	bool     room;

	pthread_mutex_lock(&walk->workers.lock);
	room = append_harvest(walk->inventory, harvest, &first_name);
	pthread_mutex_unlock(&walk->workers.lock);
	if (!room)
		return error_memory(err);
	for (size_t i = first; i < end; i++)
		walk->inventory->rows[i].first_name += first_name;
	return 0;
}

static int walk_chunk(struct walk *walk, struct harvest *harvest, size_t first, size_t end, struct error *err)
{
	const struct mft *mft = &walk->inventory->mft;

	empty_harvest(harvest);
	if (mft_read(mft, first, end - first, harvest->buffer, &harvest->missing, err) < 0)
		return -1;
	for (size_t i = first; i < end; i++)
		if (harvest_slot(walk, harvest, (uint32_t)i, harvest->buffer + (i - first) * mft->record_bytes, err) < 0)
			return -1;
	progress_add(&walk->progress, end - first);
	return hand_over(walk, harvest, first, end, err);
}

static int walk_worker(void *work, struct error *err)
{
	struct walk   *walk = work;
	struct harvest harvest = { .buffer = malloc(CHUNK_BYTES) };
	int            result = harvest.buffer ? 0 : error_memory(err);
	size_t         first, end;

	if (result == 0 && walk->watch)
		result = walk->watch->begin(walk->watch->context, walk->inventory, &harvest.watching, err);
	while (result == 0 && workers_take(&walk->workers, walk->inventory->count, walk->chunk_records, &first, &end))
		result = walk_chunk(walk, &harvest, first, end, err);
	if (harvest.watching && walk->watch->end(harvest.watching, result < 0 ? &(struct error){ 0 } : err) < 0)
		result = -1;
	harvest_release(&harvest);
	return result;
}

int inventory_read_watched(struct inventory *inventory, const struct volume *volume, unsigned threads,
			   const struct record_watch *watch, struct findings *findings, struct error *err)
{
	struct walk walk = { .inventory = inventory,
			     .findings = findings,
			     .watch = watch,
			     .workers = WORKERS_READY };
	int         result;

	*inventory = (struct inventory){ 0 };
	if (mft_open(&inventory->mft, volume, findings, err) < 0)
		return -1;
	if (inventory->mft.records >= UINT32_MAX)
		return error_set(err, ERROR_UNSUPPORTED, volume->evidence->path,
				 "volume %u has a table of more than 4 billion records", volume->number);
	inventory->count = (uint32_t)inventory->mft.records;
	inventory->rows = calloc(inventory->count, sizeof *inventory->rows);
	if (!inventory->rows)
		return error_memory(err);
	walk.chunk_records = CHUNK_BYTES / inventory->mft.record_bytes;
	progress_start(&walk.progress, "reading the MFT", inventory->count, PROGRESS_ITEMS);
	result = workers_run(&walk.workers, threads, walk_worker, &walk, err);
	progress_end(&walk.progress);
	return result;
}

int inventory_read(struct inventory *inventory, const struct volume *volume, unsigned threads,
		   struct findings *findings, struct error *err)
{
	return inventory_read_watched(inventory, volume, threads, NULL, findings, err);
}

/* -------- what else remembers -------- */

static int compare_older(const void *a, const void *b, void *of)
{
	const struct older_record *older = of;
	const uint32_t            *left = a, *right = b;

	if (older[*left].ref != older[*right].ref)
		return older[*left].ref < older[*right].ref ? -1 : 1;
	return (*left > *right) - (*left < *right);
}

/* One older record into its row, if it is what it is said to be. */
static int harvest_older(struct inventory *inventory, struct harvest *harvest, uint32_t number, struct error *err)
{
	file_ref        ref = inventory->mft.older.items[number - inventory->mft.records].ref;
	struct mft_row *row = &inventory->rows[number];
	struct mft_slot slot;
	uint32_t        first_name;

	if (inventory_row_of(inventory, ref) != NO_ROW)
		return 0; /* that life has a row, and no file is told twice */
	if (mft_read_slot(&inventory->mft, number, harvest->buffer, &slot, err) < 0)
		return -1;
	if (!slot.decoded || slot.torn || slot.misplaced ||
	    file_generation(slot.record.sequence, slot.record.flags & MFT_RECORD_IN_USE) != file_ref_sequence(ref))
		return 0;
	empty_harvest(harvest);
	if (!harvest_record(inventory, harvest, number, harvest->buffer, &slot))
		return error_memory(err);
	for (size_t i = 0; i < harvest->names.count; i++)
		harvest->names.items[i].source = FACT_OLDER_RECORD; /* it may not have been the last state */
	if (!append_harvest(inventory, harvest, &first_name))
		return error_memory(err);
	row->first_name += first_name;
	row->flags &= (uint16_t)~ROW_IN_USE; /* that life is over */
	return 0;
}

int inventory_add_older(struct inventory *inventory, struct older_records *older, struct error *err)
{
	size_t          total = inventory->count + older->count;
	struct mft_row *rows = total < NO_ROW ? realloc(inventory->rows, total * sizeof *rows) : NULL;
	struct harvest  harvest = { .buffer = malloc(inventory->mft.record_bytes) };
	int             result = 0;

	inventory->rows = rows ? rows : inventory->rows;
	inventory->older = malloc((older->count + 1) * sizeof *inventory->older);
	if (!rows || !harvest.buffer || !inventory->older) {
		harvest_release(&harvest);
		return error_memory(err);
	}
	memset(rows + inventory->count, 0, older->count * sizeof *rows);
	inventory->mft.older = *older;
	*older = (struct older_records){ 0 };
	for (uint32_t i = 0; i < inventory->mft.older.count; i++)
		inventory->older[i] = i;
	if (inventory->mft.older.count)
		qsort_r(inventory->older, inventory->mft.older.count, sizeof *inventory->older, compare_older,
			inventory->mft.older.items);
	while (result == 0 && inventory->count < total)
		result = harvest_older(inventory, &harvest, inventory->count++, err);
	harvest_release(&harvest);
	return result;
}

int inventory_add_name(struct inventory *inventory, struct name_row name, struct bytes text,
		       struct remembered remembered, struct error *err)
{
	size_t units = text.left / 2;

	name.text = (uint32_t)inventory->text.count;
	name.units = (uint8_t)units;
	name.record = (uint32_t)inventory->remembered.count;
	if (units > UINT8_MAX || inventory->names.count >= UINT32_MAX || inventory->text.count > UINT32_MAX - units ||
	    !array_append(&inventory->text, text.at, units) ||
	    !array_push(&inventory->remembered, remembered) || !array_push(&inventory->names, name))
		return error_memory(err);
	return 0;
}

/* -------- lives -------- */

static uint32_t older_row_of(const struct inventory *inventory, file_ref ref)
{
	const struct older_records *older = &inventory->mft.older;
	size_t first = partition_point(0, older->count, at, older->items[inventory->older[at]].ref < ref);

	if (first == older->count || older->items[inventory->older[first]].ref != ref)
		return NO_ROW;
	return (uint32_t)(inventory->mft.records + inventory->older[first]);
}

static bool is_base_row(const struct mft_row *row)
{
	return (row->flags & (ROW_DECODED | ROW_EXTENSION | ROW_MISPLACED)) == ROW_DECODED;
}

uint32_t inventory_row_of(const struct inventory *inventory, file_ref ref)
{
	uint64_t              record = file_ref_record(ref);
	const struct mft_row *row = record < inventory->count ? &inventory->rows[record] : NULL;
	uint32_t              older;

	if (row && (!inventory->mft.older.count || record < inventory->mft.records) && is_base_row(row)) {
		if (inventory_ref(inventory, (uint32_t)record) == ref)
			return (uint32_t)record;
		if (!(row->flags & ROW_IN_USE) && row->sequence == 1 && file_ref_sequence(ref) == 0xffff)
			return (uint32_t)record;
	}
	older = inventory->mft.older.count ? older_row_of(inventory, ref) : NO_ROW;
	return older != NO_ROW && is_base_row(&inventory->rows[older]) ? older : NO_ROW;
}

file_ref inventory_owner(const struct inventory *inventory, const struct name_row *name)
{
	const struct mft_row *row;

	if (!name_is_in_record(name))
		return inventory->remembered.items[name->record].owner;
	row = &inventory->rows[name->record];
	return row->flags & ROW_EXTENSION ? row->base : inventory_ref(inventory, name->record);
}

static bool row_has_name(const struct inventory *inventory, uint32_t number, file_ref parent, struct bytes text)
{
	const struct mft_row *row = &inventory->rows[number];

	for (uint32_t i = row->first_name; i < row->first_name + row->names; i++) {
		const struct name_row *name = &inventory->names.items[i];

		if (name->parent == parent && 2u * name->units == text.left &&
		    memcmp(inventory_text(inventory, name), text.at, text.left) == 0)
			return true;
	}
	return false;
}

bool inventory_has_name(const struct inventory *inventory, const struct extensions *extensions, file_ref file,
			file_ref parent, struct bytes text)
{
	uint32_t                row = inventory_row_of(inventory, file);
	const struct extension *extension;
	size_t                  count;

	if (row != NO_ROW && row_has_name(inventory, row, parent, text))
		return true;
	extension = extensions_of(extensions, file, &count);
	for (size_t i = 0; i < count && i < EXTENSIONS_ASKED; i++)
		if (row_has_name(inventory, extension[i].record, parent, text))
			return true;
	return false;
}

void inventory_release(struct inventory *inventory)
{
	array_release(&inventory->remembered);
	free(inventory->older);
	mft_release(&inventory->mft);
	free(inventory->rows);
	array_release(&inventory->names);
	array_release(&inventory->text);
	array_release(&inventory->claims);
	*inventory = (struct inventory){ 0 };
}
