/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalogue_file.c - see catalogue_file.h */
#include "scan/catalogue_file.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "scan/security_stream.h"

#include <search.h>

/* -------- blocks -------- */

static bool same_catalogue(const struct catalogue_header *a, const struct catalogue_header *b)
{
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && a->generation == b->generation &&
	       a->blocks == b->blocks && a->serial == b->serial && a->clusters == b->clusters &&
	       a->cluster_bytes == b->cluster_bytes && a->letter == b->letter;
}

/* Block @number of one copy: 0, 1 if it is not sound there, -1. */
static int read_copy(struct catalogue_file *file, unsigned copy, uint64_t number, struct error *err)
{
	struct bytes            raw = { file->raw[copy], CATALOGUE_BLOCK_BYTES, 0 };
	struct catalogue_block *block = &file->blocks[copy];
	int                     result = file->read(file->context, copy, number, file->raw[copy], err);
	struct error            damage;

	if (result != 0)
		return result < 0 ? -1 : 1;
	if (catalogue_block_decode(raw, block, &damage) < 0) {
		file->other_version |= damage.kind == ERROR_UNSUPPORTED;
		return 1;
	}
	return block->header.number == number &&
			       (!file->header.blocks || same_catalogue(&block->header, &file->header))
		       ? 0
		       : 1;
}

/*
 * The next block, from a copy in which it is sound; both are looked at, to know of all damage.
 * Returns 0, 1 if it is lost, -1.
 */
static int read_block(struct catalogue_file *file, struct error *err)
{
	uint64_t number = file->next++;
	unsigned sound = 0;

	for (unsigned copy = 0; copy < CATALOGUE_COPIES; copy++) {
		int result = read_copy(file, copy, number, err);

		if (result < 0)
			return -1;
		if (result == 0) {
			file->copy = copy;
			sound++;
		}
	}
	file->lost += sound == 0;
	file->damaged += sound == 1;
	return sound ? 0 : 1;
}

/* The next item of all, into file->item: 1, 0 at the end, -1. */
static int next_item(struct catalogue_file *file, struct error *err)
{
	struct error damage;
	int          result;

	if (file->held) {
		file->held = false;
		return 1;
	}
	while ((result = catalogue_item_next(&file->blocks[file->copy], &file->item, &damage)) != 1) {
		file->lost += result < 0;
		do {
			if (file->next >= file->end)
				return 0;
			result = read_block(file, err);
		} while (result == 1);
		if (result < 0)
			return -1;
	}
	return 1;
}

/* -------- pieces -------- */

/*
 * Add the item's piece to those before it.  A piece that does not follow them is dropped, and what
 * they began with it.  Returns 1 when all are there (1 byte or more), 0, or -1 without memory.
 */
static int gather(struct catalogue_file *file, struct error *err)
{
	const struct catalogue_item *item = &file->item, *begun = &file->pieces;

	if (!item->total)
		return 0;
	if (item->offset == 0) {
		file->pieces = *item;
		file->gathered.count = 0;
	} else if (begun->type != item->type || begun->number != item->number || begun->ref != item->ref ||
		   begun->total != item->total || file->gathered.count != item->offset) {
		file->pieces.type = 0;
		return 0;
	}
	for (size_t i = 0; i < item->bytes.left; i++)
		if (!array_push(&file->gathered, item->bytes.at[i]))
			return error_memory(err);
	if (file->gathered.count < item->total)
		return 0;
	file->pieces.type = 0;
	return 1;
}

/* -------- facts -------- */

struct security {
	uint32_t id;
	size_t   size_bytes;
	uint8_t  descriptor[];
};

static int by_id(const void *a, const void *b)
{
	uint32_t left = ((const struct security *)a)->id, right = ((const struct security *)b)->id;

	return (left > right) - (left < right);
}

static int keep_security(struct catalogue_file *file, struct error *err)
{
	struct security  wanted = { .id = file->item.number };
	struct security *security;

	if (tfind(&wanted, &file->securities, by_id))
		return 0;
	security = malloc(sizeof *security + file->gathered.count);
	if (!security)
		return error_memory(err);
	*security = (struct security){ .id = wanted.id, .size_bytes = file->gathered.count };
	memcpy(security->descriptor, file->gathered.items, security->size_bytes);
	if (!tsearch(security, &file->securities, by_id)) {
		free(security);
		return error_memory(err);
	}
	return 0;
}

static int keep_text(struct catalogue_file *file, struct error *err)
{
	const char             *key = (const char *)file->gathered.items;
	size_t                  length = strnlen(key, file->gathered.count);
	CLEANUP(free_ptr) char *own_key = NULL, *own_value = NULL;

	if (length == file->gathered.count)
		return 0; /* no zero behind the key: no text */
	own_key = strndup(key, length);
	own_value = strndup(key + length + 1, file->gathered.count - length - 1);
	if (!own_key || !own_value ||
	    !array_push(&file->texts, (struct catalogue_text){ own_key, own_value }))
		return error_memory(err);
	own_key = own_value = NULL;
	return 0;
}

/* Take an item that does not speak of a file. */
static int take_fact(struct catalogue_file *file, struct error *err)
{
	const struct catalogue_item *item = &file->item;
	int                          result;

	if (item->type == CATALOGUE_END) {
		file->totals = item->totals;
		file->finished = true;
		return 0;
	}
	if (item->type == CATALOGUE_SECURITY && item->total > SECURITY_DESCRIPTOR_MAX_BYTES)
		return 0;
	result = gather(file, err);
	if (result <= 0)
		return result;
	return item->type == CATALOGUE_TEXT ? keep_text(file, err) : keep_security(file, err);
}

static bool is_fact(const struct catalogue_item *item)
{
	return item->type == CATALOGUE_TEXT || item->type == CATALOGUE_SECURITY ||
	       item->type == CATALOGUE_END;
}

/* -------- entries -------- */

struct building {
	struct catalogue_entry *entry;
	file_ref                ref;
	bool                    begun;
	bool                    described;      /* its FILE was read, which says: */
	uint32_t                names, streams; /* to come */
	uint32_t                next_name;      /* number */
	uint32_t                stream;         /* number of the last one */
	uint64_t                runs;           /* of that: to come */
};

static struct case_stream *last_stream(struct building *building)
{
	struct case_streams *streams = &building->entry->record.streams;

	return streams->count ? &streams->items[streams->count - 1] : NULL;
}

/* The stream that the content in @item is of, or NULL if it was lost. */
static struct case_stream *stream_of(struct building *building, const struct catalogue_item *item)
{
	return item->number == building->stream ? last_stream(building) : NULL;
}

static void take_file(const struct catalogue_item *item, struct building *building)
{
	struct case_file *file = &building->entry->record.file;

	building->described = true;
	building->names = item->file.names;
	building->streams = item->file.streams;
	building->entry->copied = item->flags & CATALOGUE_COPIED;
	file->directory = item->flags & CATALOGUE_DIRECTORY;
	file->info_known = item->flags & CATALOGUE_INFO_KNOWN;
	file->link_count = item->file.link_count;
	file->times = item->file.times;
	file->attributes = item->file.attributes;
	file->security_id = item->file.security_id;
}

/* Of the drive that a name was captured from. */
static char letter_of(const struct catalogue_file *file, const struct catalogue_item *item)
{
	unsigned letter = (item->flags & CATALOGUE_NAME_LETTER) >> CATALOGUE_LETTER_SHIFT;

	return letter >= 1 && letter <= 26 ? (char)('A' + letter - 1) : file->header.letter;
}

static int take_name(struct catalogue_file *file, struct building *building, struct error *err)
{
	const struct catalogue_item *item = &file->item;
	struct case_name             name = { .proof = PROOF_PROVEN, .live = true, .parent = item->parent };
	CLEANUP(free_ptr) char      *path = NULL, *inside = NULL;
	int                          result;

	if (item->number < building->next_name)
		return 0; /* repeated */
	result = gather(file, err);
	if (result <= 0)
		return result;
	if (!catalogue_is_path((const char *)file->gathered.items, file->gathered.count))
		return 0;
	path = strndup((const char *)file->gathered.items, file->gathered.count);
	if (!path)
		return error_memory(err);
	if (item->flags & CATALOGUE_NAME_CAPTURED) {
		inside = text_format("File\\%c$%s", letter_of(file, item), path);
		if (!inside)
			return error_memory(err);
		name.store = 1;
	}
	building->next_name = item->number + 1;
	name.dos = item->flags & CATALOGUE_NAME_DOS;
	name.path = path;
	name.inside = inside;
	return case_record_add_name(&building->entry->record, name, err);
}

/* Until its content has come, a stream is lost or partial. */
static int take_stream(const struct catalogue_item *item, struct building *building, struct error *err)
{
	struct catalogue_entry *entry = building->entry;
	CLEANUP(free_ptr) char *name = NULL;
	bool                    room;
	struct case_stream      stream = { .type = item->stream.type,
					   .flags = item->stream.flags,
					   .unit_shift = item->stream.unit_shift,
					   .resident = item->flags & CATALOGUE_RESIDENT,
					   .size_bytes = item->stream.size_bytes,
					   .valid_bytes = item->stream.valid_bytes,
					   .allocated_bytes = item->stream.allocated_bytes,
					   .grade = GRADE_INTACT };

	if (last_stream(building) && item->number <= building->stream)
		return 0; /* repeated */
	if (!catalogue_is_name((const char *)item->bytes.at, item->bytes.left) ||
	    (stream.resident && stream.size_bytes > CATALOGUE_VALUE_MAX))
		return 0;
	stream.name = name = strndup((const char *)item->bytes.at, item->bytes.left);
	room = name && array_push(&entry->digests, (struct catalogue_digest){ 0 });
	if (stream.resident) {
		stream.value = calloc(1, stream.size_bytes + 1);
		room = room && stream.value;
		if (stream.size_bytes) {
			stream.grade = GRADE_LOST;
			stream.reasons = WHY_NO_DATA;
			room = room && ranges_add(&stream.missing, 0, stream.size_bytes);
		}
	} else if (item->stream.runs) {
		stream.grade = GRADE_PARTIAL;
		stream.reasons = WHY_RUNS_LOST;
	}
	if (!room) {
		free(stream.value);
		array_release(&stream.missing);
		return error_memory(err);
	}
	building->stream = item->number;
	building->runs = item->stream.runs;
	return case_record_add_stream(&entry->record, stream, err);
}

static int take_runs(const struct catalogue_file *file, struct building *building, struct error *err)
{
	const struct catalogue_item *item = &file->item;
	struct case_stream          *stream = stream_of(building, item);
	struct geometry              geometry = { .clusters = file->header.clusters,
						  .cluster_bytes = file->header.cluster_bytes };
	const struct run            *last;

	if (!stream || stream->resident)
		return 0;
	last = stream->runs.count ? &stream->runs.items[stream->runs.count - 1] : NULL;
	if (last && item->first_vcn < last->vcn + last->length)
		return 0;
	if (runs_append(&stream->runs, item->bytes, item->first_vcn, &geometry, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	stream->grade = stream->runs.count == building->runs ? GRADE_INTACT : GRADE_PARTIAL;
	stream->reasons = stream->grade == GRADE_INTACT ? 0 : WHY_RUNS_LOST;
	return 0;
}

static int take_value(struct catalogue_file *file, struct building *building, struct error *err)
{
	struct case_stream *stream = stream_of(building, &file->item);
	int                 result;

	if (!stream || !stream->resident || stream->size_bytes != file->item.total)
		return 0;
	result = gather(file, err);
	if (result <= 0)
		return result;
	memcpy(stream->value, file->gathered.items, file->gathered.count);
	stream->grade = GRADE_INTACT;
	stream->reasons = 0;
	array_release(&stream->missing);
	return 0;
}

static void take_digest(const struct catalogue_item *item, struct building *building)
{
	struct catalogue_digests *digests = &building->entry->digests;

	if (!stream_of(building, item))
		return;
	digests->items[digests->count - 1].known = true;
	memcpy(digests->items[digests->count - 1].sum, item->bytes.at, DIGEST_BYTES);
}

static int take_item(struct catalogue_file *file, struct building *building, struct error *err)
{
	const struct catalogue_item *item = &file->item;

	if (!is_fact(item)) {
		building->begun = true;
		building->ref = item->ref;
	}
	switch ((enum catalogue_item_type)item->type) {
	case CATALOGUE_FILE:
		take_file(item, building);
		return 0;
	case CATALOGUE_NAME:
		return take_name(file, building, err);
	case CATALOGUE_STREAM:
		return take_stream(item, building, err);
	case CATALOGUE_RUNS:
		return take_runs(file, building, err);
	case CATALOGUE_VALUE:
		return take_value(file, building, err);
	case CATALOGUE_DIGEST:
		take_digest(item, building);
		return 0;
	case CATALOGUE_TEXT:
	case CATALOGUE_SECURITY:
	case CATALOGUE_END:
		break;
	}
	return take_fact(file, err);
}

/* True if @item belongs to the entry that has begun. */
static bool goes_on(const struct building *building, const struct catalogue_item *item)
{
	return !is_fact(item) && item->ref == building->ref &&
	       (item->type != CATALOGUE_FILE || item->flags & CATALOGUE_REPEATED);
}

static bool is_whole(const struct building *building)
{
	const struct case_record *record = &building->entry->record;

	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].grade != GRADE_INTACT)
			return false;
	return building->described && record->names.count == building->names &&
	       record->streams.count == building->streams;
}

static void finish_entry(struct building *building)
{
	struct case_record *record = &building->entry->record;

	record->file.record = file_ref_record(building->ref);
	record->file.sequence = file_ref_sequence(building->ref);
	record->file.live = true;
	building->entry->whole = is_whole(building);
	case_record_settle(record);
	case_record_judge(record);
}

int catalogue_file_next(struct catalogue_file *file, struct catalogue_entry *entry, struct error *err)
{
	struct building building = { .entry = entry };
	int             result;

	*entry = (struct catalogue_entry){ 0 };
	while ((result = next_item(file, err)) == 1) {
		if (building.begun && !goes_on(&building, &file->item)) {
			file->held = true;
			break;
		}
		result = take_item(file, &building, err);
		if (result < 0)
			break;
	}
	if (result < 0)
		return -1;
	if (building.begun)
		finish_entry(&building);
	return building.begun;
}

void catalogue_entry_release(struct catalogue_entry *entry)
{
	case_record_release(&entry->record);
	array_release(&entry->digests);
}

/* -------- the whole -------- */

/* Find the first sound block, whose header holds for all. */
static int find_header(struct catalogue_file *file, struct error *err)
{
	int result = 1;

	while (result == 1 && file->next < file->end)
		result = read_block(file, err);
	if (result == 1 && file->other_version)
		return error_set(err, ERROR_UNSUPPORTED, NULL,
				 "the catalogue has another format version than %u", CATALOGUE_VERSION);
	if (result == 1)
		return error_set(err, ERROR_VALUE, NULL, "no block of the catalogue is sound");
	if (result < 0)
		return -1;
	file->header = file->blocks[file->copy].header;
	if (file->end > file->header.blocks)
		file->end = file->header.blocks;
	file->lost += file->header.blocks - file->end;
	return 0;
}

int catalogue_file_open(struct catalogue_file *file, catalogue_read *read, void *context, uint64_t blocks,
			struct error *err)
{
	int result;

	*file = (struct catalogue_file){ .read = read, .context = context, .end = blocks };
	if (find_header(file, err) < 0)
		return -1;
	while ((result = next_item(file, err)) == 1 && is_fact(&file->item))
		if (take_fact(file, err) < 0)
			return -1;
	file->held = result == 1;
	return result < 0 ? -1 : 0;
}

void catalogue_file_release(struct catalogue_file *file)
{
	for (size_t i = 0; i < file->texts.count; i++) {
		free(file->texts.items[i].key);
		free(file->texts.items[i].value);
	}
	array_release(&file->texts);
	array_release(&file->gathered);
	tdestroy(file->securities, free);
	file->securities = NULL;
}

const char *catalogue_file_text(const struct catalogue_file *file, const char *key)
{
	for (size_t i = 0; i < file->texts.count; i++)
		if (strcmp(file->texts.items[i].key, key) == 0)
			return file->texts.items[i].value;
	return NULL;
}

bool catalogue_file_security(const struct catalogue_file *file, uint32_t id, struct bytes *descriptor)
{
	struct security         wanted = { .id = id };
	struct security *const *found = tfind(&wanted, &file->securities, by_id);

	if (!found)
		return false;
	*descriptor = (struct bytes){ (*found)->descriptor, (*found)->size_bytes, 0 };
	return true;
}
