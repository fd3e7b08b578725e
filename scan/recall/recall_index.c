/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recall_index.c - part of recall.h: names in the indexes of directories, and in what is left of them
 *
 * Along with the inventory's walk over the table: roots, the slack of records and the places of index blocks.  Then
 * one pass over those blocks in the order of the disk, whichever directories they belong to.
 */
#include "scan/recall/recall.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "core/workers.h"
#include "scan/index_slack.h"
#include "scan/recall/fact_set.h"

#define WINDOW_BYTES (1u << 20)
#define GAP_BYTES (128u << 10) /* what is read along with blocks rather than leapt over */
#define BLOCK_MIN_BYTES 512u
#define BLOCK_MAX_BYTES 65536u

/*
 * Blocks that all indexes together may have.  Each holds ten names or more when it is split off, and a
 * table does not shrink: runs that go beyond this are not those of indexes.
 */
#define BLOCKS_A_RECORD 4u
#define BLOCKS_BESIDE 65536u

#define HARVEST_ITEMS 1024u /* that a worker keeps before it hands them over */

/* Where a directory says that a block of its index lies. */
struct index_place {
	uint64_t offset; /* bytes of the volume */
	uint32_t record; /* that says so, base or extension */
	uint8_t  shift;  /* bytes of the block as a power of two */
	bool     in_use; /* $BITMAP has it */
};

struct index_places ARRAY(struct index_place);
struct record_list ARRAY(uint32_t);

/* What the workers share. */
struct index_walk {
	struct recall          *recall;  /* NULL while the table is read: nothing is known of it yet */
	const struct inventory *inventory;
	const struct volume    *volume;
	uint64_t                records; /* as many as a table on this volume could have */
	struct facts            early;   /* from the table; what it says itself is among them */
	struct fact_set         facts;
	struct index_places     places;
	struct record_list      joined; /* directories whose index is told by more than one record */
	struct workers          workers; /* on .places; the lock is that of all above */
	_Atomic uint64_t        blocks; /* in all indexes */
	struct progress         progress;
};

/* What one worker gathers from one window before it hands it over. */
struct harvest {
	struct index_walk        *walk;
	uint8_t            *window;
	uint8_t            *block;
	struct ranges       unreadable;
	struct facts        facts;
	struct index_places places;
	struct record_list  joined;
};

/* -------- names -------- */

/* Where names are looked for. */
struct site {
	const struct index_place *owners; /* the directories that say that it is theirs, .count of them */
	size_t                    count;
	bool                      sound; /* it is what they say: a record, an INDX block */
	uint64_t                  lsn;
	const struct runs        *runs; /* offsets count bytes of this stream; NULL: of the volume */
};

/* The directory of a record: its own life, or for extension records that of the base. */
static file_ref directory_of(const struct inventory *inventory, uint32_t record)
{
	const struct mft_row *row = &inventory->rows[record];

	return row->flags & ROW_EXTENSION ? row->base : inventory_ref(inventory, record);
}

static bool is_reference(file_ref ref, uint64_t records)
{
	return file_ref_sequence(ref) && file_ref_record(ref) < records;
}

/* An entry in use is not looked at by index_slack; what a driver refuses is no name there either. */
static bool is_usable(const struct index_remnant *remnant, uint64_t records)
{
	const struct file_name *name = &remnant->name;
	bool                    has_file = remnant->known & INDEX_KNOWS_FILE;

	return remnant->known & INDEX_KNOWS_PARENT && !remnant->cut && is_reference(name->parent, records) &&
	       (has_file ? is_reference(remnant->file, records) : name->space != NAME_DOS) &&
	       remnant->file != name->parent && file_name_is_text(name->name);
}

/* Does the table say so itself? */
static bool is_known(const struct index_walk *walk, const struct fact *fact, struct bytes name)
{
	return fact->file && inventory_has_name(walk->inventory, walk->recall->reader->extensions, fact->file,
						fact->parent, name);
}

static int take_name(struct harvest *harvest, const struct site *site, const struct index_remnant *remnant,
		     struct error *err)
{
	const struct inventory *inventory = harvest->walk->inventory;
	const struct file_name *name = &remnant->name;
	bool                    owned = false, in_use = false;
	struct fact             fact = { .file = remnant->file,
					 .parent = name->parent,
					 .offset = remnant->whole.offset,
					 .moment = site->lsn,
					 .time = row_time(name->times.changed),
					 .space = name->space };

	for (size_t i = 0; i < site->count; i++) {
		file_ref directory = directory_of(inventory, site->owners[i].record);

		owned = owned || file_ref_record(directory) == file_ref_record(name->parent);
		in_use = in_use || (remnant->in_use && site->owners[i].in_use && directory == name->parent);
	}
	if (!owned && (!site->sound || !fact.file))
		return 0; /* neither the place nor the name itself says enough */
	if (harvest->walk->recall && is_known(harvest->walk, &fact, name->name))
		return 0;
	fact.source = in_use ? FACT_INDEX : FACT_INDEX_SLACK;
	if (!owned)
		fact.flags |= FACT_CARVED;
	if (name->attributes & FILE_NAME_IS_DIRECTORY)
		fact.flags |= FACT_DIRECTORY;
	if (remnant->torn)
		fact.flags |= FACT_TORN;
	if (site->runs)
		fact.offset = stream_volume_offset(harvest->walk->volume, site->runs, fact.offset);
	return facts_add(&harvest->facts, fact, name->name, err);
}

static int take_names(struct harvest *harvest, const struct site *site, struct index_slack *slack,
		      struct error *err)
{
	struct index_remnant remnant;

	while (index_slack_next(slack, &remnant))
		if (is_usable(&remnant, harvest->walk->records) &&
		    take_name(harvest, site, &remnant, err) < 0)
			return -1;
	return 0;
}

/* The block in harvest->block, as it was read from @offset. */
static int take_block(struct harvest *harvest, struct site *site, uint64_t offset, size_t size,
		      const struct ranges *unreadable, struct error *err)
{
	struct bytes       block = { harvest->block, size, offset };
	struct index_slack slack;
	struct error       why;
	fixup_torn         torn = 0;
	bool               in_use = false;

	site->sound = memcmp(block.at, "INDX", 4) == 0 &&
		      fixup_undo(harvest->block, size, offset, &torn, &why) == 0;
	torn = site->sound ? torn | fixup_unreadable(unreadable, offset, size) : ~(fixup_torn)0;
	for (size_t i = 0; i < site->count; i++)
		in_use = in_use || site->owners[i].in_use;
	index_slack_block(&slack, block, torn, in_use, harvest->walk->records);
	site->lsn = slack.lsn;
	return take_names(harvest, site, &slack, err);
}

/* -------- where the blocks of an index lie -------- */

struct index_form {
	uint32_t     block_bytes;
	struct bytes bitmap;
};

static bool form_has(const struct index_form *form, uint64_t block)
{
	return block / 8 < form->bitmap.left && form->bitmap.at[block / 8] >> (block % 8) & 1;
}

/* A block that two runs or more share is read at once. */
static int take_scattered(struct harvest *harvest, const struct index_place *place, const struct runs *runs,
			  uint64_t offset, struct error *err)
{
	struct site   site = { .owners = place, .count = 1, .runs = runs };
	struct ranges missing = { 0 };
	size_t        size = (size_t)1 << place->shift;
	int           result;

	result = stream_read(harvest->walk->volume, runs, offset, harvest->block, size, &missing, err);
	if (result == 0)
		result = take_block(harvest, &site, offset, size, &missing, err);
	array_release(&missing);
	return result;
}

static int take_run(struct harvest *harvest, uint32_t record, const struct index_form *form,
		    const struct runs *runs, const struct run *run, struct error *err)
{
	uint64_t           cluster_bytes = harvest->walk->volume->geometry.cluster_bytes;
	uint64_t           start = run->vcn * cluster_bytes, end = start + run->length * cluster_bytes;
	uint64_t           block = (start + form->block_bytes - 1) / form->block_bytes;
	struct index_place place = { .record = record, .shift = (uint8_t)__builtin_ctz(form->block_bytes) };

	for (; (block + 1) * form->block_bytes <= end; block++) {
		place.offset =
			volume_byte_of(harvest->walk->volume, run->lcn) + block * form->block_bytes - start;
		place.in_use = form_has(form, block);
		if (!array_push(&harvest->places, place))
			return error_memory(err);
	}
	if (block * form->block_bytes < start || block * form->block_bytes >= end)
		return 0;
	place.in_use = form_has(form, block);
	return take_scattered(harvest, &place, runs, block * form->block_bytes, err);
}

/* The blocks that @run holds or touches. */
static uint64_t blocks_of(const struct index_walk *walk, const struct index_form *form, const struct run *run)
{
	return run->lcn == LCN_HOLE
		       ? 0
		       : run->length * walk->volume->geometry.cluster_bytes / form->block_bytes + 1;
}

static uint64_t blocks_most(const struct index_walk *walk)
{
	return (uint64_t)walk->inventory->mft.records * BLOCKS_A_RECORD + BLOCKS_BESIDE;
}

/* All blocks of @runs, if they can be those of an index. */
static int take_index(struct harvest *harvest, uint32_t record, const struct index_form *form,
		      const struct runs *runs, struct error *err)
{
	struct index_walk *walk = harvest->walk;
	uint64_t     most = blocks_most(walk), blocks = 0;

	for (size_t i = 0; i < runs->count && blocks <= most; i++)
		blocks += blocks_of(walk, form, &runs->items[i]);
	if (blocks > most || atomic_fetch_add(&walk->blocks, blocks) > most - blocks)
		return 0;
	for (size_t i = 0; i < runs->count; i++)
		if (runs->items[i].lcn != LCN_HOLE &&
		    take_run(harvest, record, form, runs, &runs->items[i], err) < 0)
			return -1;
	return 0;
}

static uint32_t block_bytes_of(struct bytes value, uint32_t otherwise)
{
	struct index_root root;
	struct error      why;

	if (index_root_decode(value, &root, &why) < 0 || root.block_bytes < BLOCK_MIN_BYTES ||
	    root.block_bytes > BLOCK_MAX_BYTES || root.block_bytes & (root.block_bytes - 1))
		return otherwise;
	return root.block_bytes;
}

/* -------- the table -------- */

static bool is_of_index(const struct attribute *attr, uint32_t type)
{
	return attr->type == type && attribute_is_named(attr, "$I30");
}

/* What one record says of its index's blocks; false where other records have to be heard. */
static bool find_form(const struct index_walk *walk, uint32_t record, struct bytes attributes,
		      struct index_form *form)
{
	const struct mft_row *row = &walk->inventory->rows[record];
	bool                  whole = row->flags & ROW_EXTENSION || !(row->flags & ROW_HAS_LIST);
	struct attribute      attr;
	struct error          why;

	*form = (struct index_form){ .block_bytes = walk->volume->geometry.index_bytes };
	while (attribute_next(&attributes, &attr, &why) == 1) {
		if (is_of_index(&attr, ATTRIBUTE_INDEX_ROOT) && attr.resident)
			form->block_bytes = block_bytes_of(attr.value, form->block_bytes);
		if (is_of_index(&attr, ATTRIBUTE_BITMAP) && attr.resident)
			form->bitmap = attr.value;
		else if (is_of_index(&attr, ATTRIBUTE_BITMAP) && !(row->flags & ROW_EXTENSION))
			whole = false;
	}
	return whole;
}

static int take_allocation(struct harvest *harvest, uint32_t record, const struct index_form *form,
			   const struct attribute *attr, struct error *err)
{
	struct runs  runs = { 0 };
	struct error why;
	int          result = 0;

	if (runs_append(&runs, attr->pairs, attr->lowest_vcn, &harvest->walk->volume->geometry, &why) == 0)
		result = take_index(harvest, record, form, &runs, err);
	else if (why.kind == ERROR_MEMORY)
		result = error_memory(err);
	array_release(&runs);
	return result;
}

/* The index as far as one record tells it.  Of extension records nothing is known to be in use. */
static int take_attributes(struct harvest *harvest, const struct site *site, struct bytes slot,
			   const struct mft_slot *decoded, struct error *err)
{
	uint32_t           record = site->owners->record;
	struct bytes       rest = decoded->record.attributes;
	struct index_form  form;
	struct attribute   attr;
	struct index_slack slack;
	struct error       why;
	bool               whole = find_form(harvest->walk, record, rest, &form);

	if (!whole && harvest->walk->inventory->rows[record].flags & ROW_DIRECTORY &&
	    !array_push(&harvest->joined, record))
		return error_memory(err);
	while (attribute_next(&rest, &attr, &why) == 1) {
		if (is_of_index(&attr, ATTRIBUTE_INDEX_ROOT) && attr.resident) {
			index_slack_root(&slack, slot, decoded->torn_anywhere, attr.value,
					 harvest->walk->records);
			if (take_names(harvest, site, &slack, err) < 0)
				return -1;
		}
		if (whole && is_of_index(&attr, ATTRIBUTE_INDEX_ALLOCATION) && !attr.resident &&
		    take_allocation(harvest, record, &form, &attr, err) < 0)
			return -1;
	}
	return 0;
}

static int take_record(struct harvest *harvest, uint32_t record, uint8_t *bytes, const struct mft_slot *decoded,
		       struct error *err)
{
	const struct mft *mft = &harvest->walk->inventory->mft;
	bool has_index = harvest->walk->inventory->rows[record].flags & (ROW_DIRECTORY | ROW_EXTENSION);
	struct bytes       slot = { bytes, mft->record_bytes, (uint64_t)record * mft->record_bytes };
	struct index_place owner = { .record = record, .in_use = true };
	struct site        site = { .owners = &owner,
				    .count = 1,
				    .sound = true,
				    .lsn = decoded->record.lsn,
				    .runs = &mft->runs };
	struct index_slack slack;

	if (has_index && take_attributes(harvest, &site, slot, decoded, err) < 0)
		return -1;
	index_slack_record(&slack, slot, decoded->torn_anywhere, decoded->record.in_use_bytes,
			   harvest->walk->records);
	return take_names(harvest, &site, &slack, err);
}

/* -------- workers -------- */

static int hand_over(struct harvest *harvest, struct error *err)
{
	struct index_walk *walk = harvest->walk;
	int                result = 0;

	pthread_mutex_lock(&walk->workers.lock);
	for (size_t i = 0; result == 0 && i < harvest->facts.list.count; i++) {
		const struct fact *fact = &harvest->facts.list.items[i];
		struct bytes       name = { facts_text(&harvest->facts, fact), 2u * fact->units, 0 };

		result = walk->recall ? fact_set_add(&walk->facts, *fact, name, err)
				      : facts_add(&walk->early, *fact, name, err);
	}
	for (size_t i = 0; result == 0 && i < harvest->places.count; i++)
		if (!array_push(&walk->places, harvest->places.items[i]))
			result = error_memory(err);
	for (size_t i = 0; result == 0 && i < harvest->joined.count; i++)
		if (!array_push(&walk->joined, harvest->joined.items[i]))
			result = error_memory(err);
	pthread_mutex_unlock(&walk->workers.lock);
	harvest->facts.list.count = harvest->facts.text.count = 0;
	harvest->places.count = harvest->joined.count = 0;
	return result;
}

static int harvest_init(struct harvest *harvest, struct index_walk *walk, struct error *err)
{
	*harvest = (struct harvest){
		.walk = walk,
		.window = malloc(WINDOW_BYTES),
		.block = malloc(BLOCK_MAX_BYTES),
	};
	return harvest->window && harvest->block ? 0 : error_memory(err);
}

static void harvest_release(struct harvest *harvest)
{
	free(harvest->window);
	free(harvest->block);
	array_release(&harvest->unreadable);
	facts_release(&harvest->facts);
	array_release(&harvest->places);
	array_release(&harvest->joined);
}

/* -------- while the table is read -------- */

static int watch_begin(void *context, const struct inventory *inventory, void **state, struct error *err)
{
	const struct geometry *geometry = &inventory->mft.volume->geometry;
	struct index_walk     *walk = context;
	struct harvest        *harvest = malloc(sizeof *harvest);

	if (!harvest)
		return error_memory(err);
	pthread_mutex_lock(&walk->workers.lock);
	if (!walk->inventory) { /* once: others may be reading it already */
		walk->inventory = inventory;
		walk->volume = inventory->mft.volume;
		walk->records = geometry->clusters * geometry->cluster_bytes / geometry->record_bytes;
	}
	pthread_mutex_unlock(&walk->workers.lock);
	*state = harvest;
	return harvest_init(harvest, walk, err);
}

static int watch_take(void *state, uint32_t record, uint8_t *bytes, const struct mft_slot *slot, struct error *err)
{
	struct harvest *harvest = state;

	if (take_record(harvest, record, bytes, slot, err) < 0)
		return -1;
	if (harvest->facts.list.count < HARVEST_ITEMS && harvest->places.count < HARVEST_ITEMS)
		return 0;
	return hand_over(harvest, err);
}

static int watch_end(void *state, struct error *err)
{
	struct harvest *harvest = state;
	int             result = hand_over(harvest, err);

	harvest_release(harvest);
	free(harvest);
	return result;
}

int index_walk_begin(struct index_walk **walk, struct record_watch *watch, struct error *err)
{
	*walk = calloc(1, sizeof **walk);
	if (!*walk)
		return error_memory(err);
	(*walk)->workers = (struct workers)WORKERS_READY;
	*watch = (struct record_watch){ *walk, watch_begin, watch_take, watch_end };
	return 0;
}

void index_walk_release(struct index_walk *walk)
{
	if (!walk)
		return;
	facts_release(&walk->early);
	array_release(&walk->places);
	array_release(&walk->joined);
	free(walk);
}

/* -------- blocks -------- */

static uint64_t place_end(const struct index_place *place)
{
	return place->offset + (1ull << place->shift);
}

/* The next places that are read as one window: 0 when there are none. */
static size_t next_places(struct index_walk *walk, const struct index_place **first, size_t *length)
{
	const struct index_place *all = walk->places.items;
	uint64_t                  start, end;
	size_t                    at, count = 0;

	pthread_mutex_lock(&walk->workers.lock);
	at = walk->workers.next;
	if (at < walk->places.count) {
		*first = all + at;
		start = all[at].offset;
		end = place_end(&all[at]);
		for (at++; at < walk->places.count && all[at].offset <= end + GAP_BYTES &&
			   place_end(&all[at]) - start <= WINDOW_BYTES;
		     at++)
			if (place_end(&all[at]) > end)
				end = place_end(&all[at]);
		*length = (size_t)(end - start);
		count = at - walk->workers.next;
		walk->workers.next = at;
	}
	pthread_mutex_unlock(&walk->workers.lock);
	return count;
}

/* Take the next window: 1, 0 when there is none, -1 with @err. */
static int take_window(struct harvest *harvest, struct error *err)
{
	struct index_walk              *walk = harvest->walk;
	const struct index_place *place = NULL;
	size_t                    length = 0, count = next_places(walk, &place, &length), same;

	if (!count)
		return 0;
	harvest->unreadable.count = 0;
	if (volume_read(walk->volume, place->offset, harvest->window, length, &harvest->unreadable, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i += same) {
		size_t      size = (size_t)1 << place[i].shift;
		struct site site = { .owners = &place[i] };

		for (same = 1; i + same < count && place[i + same].offset == place[i].offset &&
			       place[i + same].shift == place[i].shift;
		     same++)
			;
		site.count = same;
		memcpy(harvest->block, harvest->window + (place[i].offset - place->offset), size);
		if (take_block(harvest, &site, place[i].offset, size, &harvest->unreadable, err) < 0)
			return -1;
	}
	progress_add(&walk->progress, count);
	return hand_over(harvest, err) < 0 ? -1 : 1;
}

static int compare_place(const void *a, const void *b)
{
	const struct index_place *left = a, *right = b;

	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	if (left->shift != right->shift)
		return left->shift - right->shift;
	return (left->record > right->record) - (left->record < right->record);
}

static int take_windows(void *work, struct error *err)
{
	struct index_walk *walk = work;
	struct harvest     harvest;
	int                result = harvest_init(&harvest, walk, err);

	if (result == 0)
		do
			result = take_window(&harvest, err);
		while (result == 1 && !walk->workers.failed);
	harvest_release(&harvest);
	return result < 0 ? -1 : 0;
}

/* Take all blocks, on all cores. */
static int take_blocks(struct index_walk *walk, struct error *err)
{
	int result;

	if (walk->places.count)
		qsort(walk->places.items, walk->places.count, sizeof *walk->places.items, compare_place);
	progress_start(&walk->progress, "reading indexes", walk->places.count, PROGRESS_ITEMS);
	result = workers_run(&walk->workers, walk->recall->threads, take_windows, walk, err);
	progress_end(&walk->progress);
	return result;
}

/* -------- indexes that several records tell -------- */

/* The bits of all blocks that an index may have, to be freed. */
static int load_bitmap(struct harvest *harvest, const struct file_stream *stream, uint8_t **bits,
		       size_t *size, struct error *err)
{
	uint64_t most = blocks_most(harvest->walk) / 8;

	*size = (size_t)(stream->size_bytes < most ? stream->size_bytes : most);
	*bits = malloc(*size + 1);
	if (!*bits)
		return error_memory(err);
	harvest->unreadable.count = 0;
	return stream_read(harvest->walk->volume, &stream->runs, 0, *bits, *size, &harvest->unreadable, err);
}

static int take_joined(struct harvest *harvest, uint32_t record, const struct file *file, struct error *err)
{
	const struct file_stream  *allocation = file_find_stream(file, ATTRIBUTE_INDEX_ALLOCATION, "$I30");
	const struct file_stream  *bitmap = file_find_stream(file, ATTRIBUTE_BITMAP, "$I30");
	const struct file_stream  *root = file_find_stream(file, ATTRIBUTE_INDEX_ROOT, "$I30");
	struct index_form          form = { .block_bytes = harvest->walk->volume->geometry.index_bytes };
	CLEANUP(free_ptr) uint8_t *bits = NULL;
	size_t                     size;

	if (!allocation || allocation->resident)
		return 0;
	if (root && root->resident)
		form.block_bytes = block_bytes_of((struct bytes){ root->value, (size_t)root->size_bytes, 0 },
						  form.block_bytes);
	if (bitmap && bitmap->resident) {
		form.bitmap = (struct bytes){ bitmap->value, (size_t)bitmap->size_bytes, 0 };
	} else if (bitmap) {
		if (load_bitmap(harvest, bitmap, &bits, &size, err) < 0)
			return -1;
		form.bitmap = (struct bytes){ bits, size, 0 };
	}
	return take_index(harvest, record, &form, &allocation->runs, err);
}

static int compare_record(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int take_all_joined(struct index_walk *walk, struct error *err)
{
	struct harvest harvest;
	int            result = harvest_init(&harvest, walk, err);

	if (walk->joined.count)
		qsort(walk->joined.items, walk->joined.count, sizeof *walk->joined.items, compare_record);
	for (size_t i = 0; result == 0 && i < walk->joined.count; i++) {
		struct file file;

		result = file_load(walk->recall->reader, walk->joined.items[i], &file, err);
		if (result == 0)
			result = take_joined(&harvest, walk->joined.items[i], &file, err);
		file_release(&file);
	}
	if (result == 0)
		result = hand_over(&harvest, err);
	harvest_release(&harvest);
	return result;
}

/* -------- all -------- */

/* A name that is all that is left of an entry tells nothing if a file is known that has it there. */
static void remove_known(struct index_walk *walk)
{
	const struct inventory *inventory = walk->inventory;
	const struct facts     *facts = &walk->recall->facts;

	for (size_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *row = &inventory->names.items[i];

		fact_set_remove_unowned(&walk->facts, row->parent,
					(struct bytes){ inventory_text(inventory, row), 2u * row->units, 0 });
	}
	for (size_t i = walk->facts.first; i < facts->list.count; i++) {
		const struct fact *fact = &facts->list.items[i];

		if (fact->file)
			fact_set_remove_unowned(
				&walk->facts, fact->parent,
				(struct bytes){ facts_text(facts, fact), 2u * fact->units, 0 });
	}
}

/* What the table did not say itself, now that all of it is known. */
static int keep_unknown(struct index_walk *walk, struct error *err)
{
	const struct facts *early = &walk->early;

	for (size_t i = 0; i < early->list.count; i++) {
		const struct fact *fact = &early->list.items[i];
		struct bytes       name = { facts_text(early, fact), 2u * fact->units, 0 };

		if (!is_known(walk, fact, name) && fact_set_add(&walk->facts, *fact, name, err) < 0)
			return -1;
	}
	facts_release(&walk->early);
	return 0;
}

int recall_indexes(struct recall *recall, struct error *err)
{
	struct index_walk *walk = recall->indexes;
	int                result;

	walk->recall = recall;
	fact_set_init(&walk->facts, &recall->facts);
	result = keep_unknown(walk, err);
	if (result == 0)
		result = take_all_joined(walk, err);
	if (result == 0)
		result = take_blocks(walk, err);
	if (result == 0)
		remove_known(walk);
	fact_set_finish(&walk->facts);
	array_release(&walk->places);
	return result;
}
