/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.c - see file.h */
#include "scan/file.h"

#include "core/cleanup.h"
#include "scan/attribute_list.h"

#define WINDOW_BYTES (256u * 1024)

/* One attribute of one record, before pieces are joined. */
struct piece {
	struct file_stream stream;      /* its runs, value and header */
	uint64_t           lowest_vcn;
	bool               listed;      /* the attribute list means it, or there is none */
};

struct pieces ARRAY(struct piece);

struct entries ARRAY(struct attribute_list_entry);

/* -------- records -------- */

int file_reader_init(struct file_reader *reader, const struct inventory *inventory,
		     const struct extensions *extensions, struct error *err)
{
	*reader = (struct file_reader){ .inventory = inventory, .extensions = extensions };
	reader->window = malloc(WINDOW_BYTES);
	reader->slot = malloc(inventory->mft.record_bytes);
	return reader->window && reader->slot ? 0 : error_memory(err);
}

void file_reader_release(struct file_reader *reader)
{
	free(reader->window);
	free(reader->slot);
	array_release(&reader->window_missing);
	*reader = (struct file_reader){ 0 };
}

/* Read and decode @record into reader->slot. */
static int read_slot(struct file_reader *reader, uint64_t record, struct mft_slot *slot, struct error *err)
{
	const struct mft *mft = &reader->inventory->mft;
	size_t            slots = WINDOW_BYTES / mft->record_bytes;

	if (record >= mft->records) /* an older one, by itself */
		return mft_read_slot(mft, record, reader->slot, slot, err);
	if (!reader->window_count || record < reader->window_first ||
	    record - reader->window_first >= reader->window_count) {
		uint64_t first = record / slots * slots, count = mft->records - first;

		reader->window_missing.count = 0;
		reader->window_count = 0;
		if (mft_read(mft, first, count < slots ? count : slots, reader->window,
			     &reader->window_missing, err) < 0)
			return -1;
		reader->window_first = first;
		reader->window_count = count < slots ? count : slots;
	}
	memcpy(reader->slot, reader->window + (record - reader->window_first) * mft->record_bytes,
	       mft->record_bytes);
	mft_decode_slot(mft, record, reader->slot, &reader->window_missing, NULL, slot);
	return 0;
}

/* -------- pieces -------- */

static void stream_release(struct file_stream *stream)
{
	free(stream->value);
	array_release(&stream->runs);
}

static void pieces_release(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->count; i++)
		stream_release(&pieces->items[i].stream);
	array_release(pieces);
}

/* What is kept as a stream; names, standard information and lists are not, nor are indexes' roots. */
static bool is_stream(uint32_t type)
{
	return type != ATTRIBUTE_STANDARD_INFORMATION && type != ATTRIBUTE_LIST && type != ATTRIBUTE_FILE_NAME;
}

static int add_piece(struct pieces *pieces, struct file *file, const struct attribute *attr, bool torn,
		     bool listed, const struct geometry *geometry, struct error *err)
{
	struct piece piece = { .lowest_vcn = attr->lowest_vcn, .listed = listed };
	struct error why;

	piece.stream = (struct file_stream){
		.type = attr->type,
		.flags = attr->flags,
		.resident = attr->resident,
		.torn = torn,
		.unit_shift = attr->unit_shift,
		.name_units = (uint8_t)(attr->name.left / 2),
		.size_bytes = attr->size_bytes,
		.valid_bytes = attr->valid_bytes,
		.allocated_bytes = attr->allocated_bytes,
	};
	if (attr->name.left)
		memcpy(piece.stream.name, attr->name.at, attr->name.left);
	if (attr->resident) {
		piece.stream.value = malloc(attr->value.left + 1); /* an empty value is a value too */
		if (!piece.stream.value)
			return error_memory(err);
		memcpy(piece.stream.value, attr->value.at, attr->value.left);
	} else if (runs_append(&piece.stream.runs, attr->pairs, attr->lowest_vcn, geometry, &why) < 0) {
		if (why.kind == ERROR_MEMORY)
			return error_memory(err);
		file->damaged = true; /* the runs are lost, the sizes are not */
	}
	if (!array_push(pieces, piece)) {
		stream_release(&piece.stream);
		return error_memory(err);
	}
	return 0;
}

/*
 * Is the attribute in this record the one that the list means?  Without a list, yes.  ntfs-3g frees
 * extension records before it writes their base, so the list of a file that it deleted may carry
 * their sequence numbers of afterwards: @freed.
 */
static bool is_listed(const struct entries *list, file_ref record, file_ref freed,
		      const struct attribute *attr)
{
	if (!list->count)
		return true;
	for (size_t i = 0; i < list->count; i++)
		if ((list->items[i].record == record || list->items[i].record == freed) &&
		    list->items[i].type == attr->type && list->items[i].instance == attr->instance)
			return true;
	return false;
}

static int compare_name(const struct name_times *name, file_ref parent, const uint8_t *text, uint8_t units)
{
	if (name->parent != parent)
		return name->parent < parent ? -1 : 1;
	if (name->units != units)
		return name->units < units ? -1 : 1;
	return memcmp(name->text, text, 2u * units);
}

static int compare_names(const void *a, const void *b)
{
	const struct name_times *right = b;

	return compare_name(a, right->parent, right->text, right->units);
}

static int add_name(struct file *file, const struct attribute *attr, struct error *err)
{
	struct file_name  name;
	struct name_times times;
	struct error      why;

	if (!attr->resident || file_name_decode(attr->value, &name, &why) < 0)
		return 0;
	times = (struct name_times){ .parent = name.parent, .times = name.times, .units = name.name_units };
	memcpy(times.text, name.name.at, name.name.left);
	return array_push(&file->names, times) ? 0 : error_memory(err);
}

/* All attributes of the record in reader->slot. */
static int collect_pieces(struct file_reader *reader, const struct mft_slot *slot, file_ref ref,
			  const struct entries *list, struct file *file, struct pieces *pieces,
			  struct error *err)
{
	struct bytes     rest = slot->record.attributes;
	struct attribute attr;
	struct error     why;
	int              result;

	if (slot->torn)
		file->torn = true;
	while ((result = attribute_next(&rest, &attr, &why)) == 1) {
		bool torn = fixup_touches(slot->torn, (size_t)(attr.whole.at - reader->slot), attr.whole.left);
		bool listed = is_listed(list, ref,
					file_ref_make(file_ref_record(ref), slot->record.sequence), &attr);

		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION && attr.resident && !file->info_known && !torn)
			file->info_known =
				standard_information_decode(attr.value, &file->info, &why) == 0;
		if (attr.type == ATTRIBUTE_FILE_NAME && !torn && add_name(file, &attr, err) < 0)
			return -1;
		if (!is_stream(attr.type) || (file->live && !listed))
			continue;
		if (add_piece(pieces, file, &attr, torn, listed, &reader->inventory->mft.volume->geometry, err) < 0)
			return -1;
	}
	if (result < 0)
		file->damaged = true;
	return 0;
}

/* -------- the attribute list -------- */

/*
 * Its bytes, to be freed; NULL if the file has none or it is lost.
 * @size  of the list, bytes
 * @tail  bytes behind the list in its last cluster: ntfs-3g shortens the list of a file that it deletes
 *        and writes nothing, so the last entries may still lie there; 0 for a live file
 */
static int load_list(struct file_reader *reader, const struct mft_slot *slot, bool live, uint8_t **bytes,
		     size_t *size, size_t *tail, bool *has_list, struct error *err)
{
	struct bytes     rest = slot->record.attributes;
	struct attribute attr;
	struct runs      runs = { 0 };
	struct ranges    missing = { 0 };
	struct error     why;
	int              result = 0;

	*has_list = false;
	*size = *tail = 0;
	while (!*has_list && attribute_next(&rest, &attr, &why) == 1)
		*has_list = attr.type == ATTRIBUTE_LIST;
	if (!*has_list || attr.size_bytes > ATTRIBUTE_LIST_MAX_BYTES)
		return 0;
	*size = (size_t)attr.size_bytes;
	if (!attr.resident && !live && attr.allocated_bytes > attr.size_bytes &&
	    attr.allocated_bytes <= ATTRIBUTE_LIST_MAX_BYTES)
		*tail = (size_t)(attr.allocated_bytes - attr.size_bytes);
	*bytes = malloc(*size + *tail + 1);
	if (!*bytes)
		return error_memory(err);
	if (attr.resident) {
		memcpy(*bytes, attr.value.at, attr.value.left);
		return 0;
	}
	if (runs_append(&runs, attr.pairs, 0, &reader->inventory->mft.volume->geometry, &why) == 0)
		result = stream_read(reader->inventory->mft.volume, &runs, 0, *bytes, *size + *tail, &missing, err);
	if (missing.count || !runs.count)
		*size = *tail = 0;
	array_release(&runs);
	array_release(&missing);
	return result;
}

/* True if the entry speaks of an extension record that is this file's by its own word. */
static bool is_extension_entry(const struct file_reader *reader, file_ref base,
			       const struct attribute_list_entry *entry)
{
	size_t                  count;
	const struct extension *extension = extensions_of(reader->extensions, base, &count);

	for (size_t i = 0; i < count; i++)
		if (extension[i].record == file_ref_record(entry->record))
			return true;
	return false;
}

/*
 * Decode the list and believe it only if it speaks of this file: the clusters of a deleted
 * file's list may be somebody else's by now.  Of the tail only entries are taken that an
 * extension record bears out.
 */
static int decode_list(const struct file_reader *reader, struct bytes bytes, size_t tail, file_ref base,
		       struct entries *list, struct error *err)
{
	struct attribute_list_entry entry;
	struct error                why;
	bool                        speaks_of_base = false;
	struct bytes                rest = bytes;
	int                         result;

	rest.left -= tail;
	while ((result = attribute_list_next(&rest, &entry, &why)) == 1) {
		if (!array_push(list, entry))
			return error_memory(err);
		speaks_of_base = speaks_of_base || entry.record == base;
	}
	if (result < 0 || !speaks_of_base) {
		list->count = 0;
		return 0;
	}
	rest = (struct bytes){ bytes.at + (bytes.left - tail), tail, bytes.offset };
	while (attribute_list_next(&rest, &entry, &why) == 1 && is_extension_entry(reader, base, &entry))
		if (!array_push(list, entry))
			return error_memory(err);
	return 0;
}

/* -------- joining -------- */

static int compare_stream(const struct file_stream *left, const struct file_stream *right)
{
	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	if (left->name_units != right->name_units)
		return left->name_units < right->name_units ? -1 : 1;
	return memcmp(left->name, right->name, 2u * left->name_units);
}

static int compare_piece(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;
	int                 order = compare_stream(&left->stream, &right->stream);

	if (order)
		return order;
	if (left->lowest_vcn != right->lowest_vcn)
		return left->lowest_vcn < right->lowest_vcn ? -1 : 1;
	return right->listed - left->listed;
}

/* A record has its attributes sorted already. */
static bool in_order(const struct pieces *pieces)
{
	for (size_t i = 1; i < pieces->count; i++)
		if (compare_piece(&pieces->items[i - 1], &pieces->items[i]) > 0)
			return false;
	return true;
}

static uint64_t stream_end(const struct runs *runs)
{
	return runs->count ? runs->items[runs->count - 1].vcn + runs->items[runs->count - 1].length : 0;
}

/* Move one piece into the file: as a new stream, or behind the runs of the one it continues. */
static int join_piece(struct file *file, struct piece *piece, const struct geometry *geometry,
		      struct error *err)
{
	struct file_stream *last = file->streams.count ? &file->streams.items[file->streams.count - 1] : NULL;
	bool                same = last && compare_stream(last, &piece->stream) == 0;

	/*
	 * While a file is deleted its list shrinks, so a piece that is not listed any more may be the
	 * file's all the same; but only if it goes on exactly where the others end.
	 */
	if (!piece->listed) {
		if (same ? last->resident || piece->stream.resident ||
				   piece->lowest_vcn != stream_end(&last->runs)
			 : piece->lowest_vcn != 0)
			return 0;
		file->list_lost = true;
	}
	if (!same) {
		if (piece->lowest_vcn) { /* its head is lost, and the sizes with it */
			uint64_t end = stream_end(&piece->stream.runs);

			piece->stream.sizes_lost = true;
			piece->stream.size_bytes = end * geometry->cluster_bytes;
			piece->stream.valid_bytes = piece->stream.size_bytes;
			piece->stream.allocated_bytes = piece->stream.size_bytes;
		}
		if (!array_push(&file->streams, piece->stream))
			return error_memory(err);
		piece->stream.value = NULL;
		piece->stream.runs = (struct runs){ 0 };
		return 0;
	}
	last->torn = last->torn || piece->stream.torn;
	if (last->resident || piece->stream.resident || piece->lowest_vcn < stream_end(&last->runs)) {
		file->damaged = true; /* the same part of a stream twice: the first is kept */
		last->torn = true;
		return 0;
	}
	for (size_t i = 0; i < piece->stream.runs.count; i++)
		if (!array_push(&last->runs, piece->stream.runs.items[i]))
			return error_memory(err);
	if (last->sizes_lost)
		last->size_bytes = last->valid_bytes = last->allocated_bytes =
			stream_end(&last->runs) * geometry->cluster_bytes;
	return 0;
}

/* -------- the file -------- */

static int load_extensions(struct file_reader *reader, struct file *file, const struct entries *list,
			   struct pieces *pieces, struct error *err)
{
	size_t                  count;
	const struct extension *extension = extensions_of(reader->extensions, file->ref, &count);
	struct mft_slot         slot;

	for (size_t i = 0; i < count; i++) {
		const struct mft_row *row = &reader->inventory->rows[extension[i].record];

		if (file->live && !(row->flags & ROW_IN_USE))
			continue; /* given up while the file lived on */
		if (read_slot(reader, extension[i].record, &slot, err) < 0 ||
		    (slot.decoded &&
		     collect_pieces(reader, &slot, inventory_ref(reader->inventory, extension[i].record), list,
				    file, pieces, err) < 0))
			return -1;
		if (!list->count)
			file->list_lost = true;
	}
	return 0;
}

int file_load(struct file_reader *reader, uint32_t record, struct file *file, struct error *err)
{
	const struct mft_row      *row = &reader->inventory->rows[record];
	CLEANUP(free_ptr) uint8_t *list_bytes = NULL;
	size_t                     list_size = 0, list_tail = 0;
	struct entries             list = { 0 };
	struct pieces              pieces = { 0 };
	struct mft_slot            slot;
	bool                       has_list = false;
	int                        result;

	*file = (struct file){ .record = record,
			       .ref = inventory_ref(reader->inventory, record),
			       .live = row->flags & ROW_IN_USE,
			       .directory = row->flags & ROW_DIRECTORY,
			       .damaged = row->flags & ROW_DAMAGED,
			       .link_count = row->link_count };
	result = read_slot(reader, record, &slot, err);
	if (result == 0 && slot.decoded) {
		result = load_list(reader, &slot, file->live, &list_bytes, &list_size, &list_tail, &has_list, err);
		if (result == 0 && list_bytes)
			result = decode_list(reader, (struct bytes){ list_bytes, list_size + list_tail, 0 },
					     list_tail, file->ref, &list, err);
		if (result == 0)
			result = collect_pieces(reader, &slot, file->ref, &list, file, &pieces, err);
	}
	if (result == 0 && has_list)
		result = load_extensions(reader, file, &list, &pieces, err);
	if (result == 0 && pieces.count) {
		if (!in_order(&pieces))
			qsort(pieces.items, pieces.count, sizeof *pieces.items, compare_piece);
		for (size_t i = 0; result == 0 && i < pieces.count; i++)
			result = join_piece(file, &pieces.items[i],
					    &reader->inventory->mft.volume->geometry, err);
	}
	if (file->names.count > 1)
		qsort(file->names.items, file->names.count, sizeof *file->names.items, compare_names);
	pieces_release(&pieces);
	array_release(&list);
	return result;
}

void file_release(struct file *file)
{
	for (size_t i = 0; i < file->streams.count; i++)
		stream_release(&file->streams.items[i]);
	array_release(&file->streams);
	array_release(&file->names);
}

const struct file_stream *file_find_stream(const struct file *file, uint32_t type, const char *name)
{
	for (size_t i = 0; i < file->streams.count; i++) {
		const struct file_stream *stream = &file->streams.items[i];
		size_t                    units = 0;

		if (stream->type != type)
			continue;
		while (units < stream->name_units && name[units] &&
		       stream->name[2 * units] == (uint8_t)name[units] && !stream->name[2 * units + 1])
			units++;
		if (units == stream->name_units && !name[units])
			return stream;
	}
	return NULL;
}

const struct file_times *file_name_times(const struct file *file, file_ref parent, const uint8_t *text, uint8_t units)
{
	const struct name_times *names = file->names.items;
	size_t first = partition_point(0, file->names.count, at, compare_name(&names[at], parent, text, units) < 0);

	return first < file->names.count && compare_name(&names[first], parent, text, units) == 0 ? &names[first].times : NULL;
}
