/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_story.c - see volume_story.h */
#include "scan/story/volume_story.h"

#include "core/cleanup.h"
#include "scan/layer.h"
#include "scan/old_table.h"
#include "scan/recall/journal_summary.h"

#define MFT_RECORD    0u
#define VOLUME_RECORD 3u

#define GROWTHS_MIN        4096u
#define JOURNAL_STORES_MAX 16u /* of a volume, that the journal is asked for */

/* What all steps need. */
struct telling {
	struct chronicle       *chronicle;
	struct file_reader     *reader;
	const struct inventory *inventory;
	const struct volume    *volume;
	const struct ownership *ownership;
	struct stores          *stores;
	const struct usn_history *journal;
	struct content_buffers  buffers;
	struct hard_links       links;
	struct text_buffer      path;
};

/* A file, and none of those that the file system has in $Extend. */
static bool is_file(const struct inventory *inventory, uint32_t record)
{
	const struct mft_row *row = &inventory->rows[record];

	return (row->flags & (ROW_DECODED | ROW_EXTENSION | ROW_DIRECTORY)) == ROW_DECODED &&
	       !(row->names && file_ref_record(inventory->names.items[row->first_name].parent) == EXTEND_RECORD);
}

/* Rows behind the table's are of older lives. */
static uint64_t record_of(const struct telling *telling, uint32_t row)
{
	return file_ref_record(inventory_ref(telling->inventory, row));
}

/* -------- what was written when -------- */

static int compare_growth(const void *a, const void *b)
{
	const struct growth *left = a, *right = b;

	return (left->time > right->time) - (left->time < right->time);
}

/* Sorted by time, each second once. */
static void join_seconds(struct growths *growths)
{
	size_t kept = 0;

	if (growths->count)
		qsort(growths->items, growths->count, sizeof growths->items[0], compare_growth);
	for (size_t i = 0; i < growths->count; i++) {
		const struct growth *growth = &growths->items[i];

		if (kept && growths->items[kept - 1].time == growth->time) {
			growths->items[kept - 1].files += growth->files;
			growths->items[kept - 1].bytes += growth->bytes;
		} else {
			growths->items[kept++] = *growth;
		}
	}
	growths->count = kept;
}

static int tell_growth(struct telling *telling, struct error *err)
{
	struct volume_growth grown = { .volume = telling->volume->number };
	size_t               limit = GROWTHS_MIN; /* where seconds are joined: files are made in crowds */
	bool                 room = true;

	for (uint32_t i = FIRST_USER_RECORD; room && i < telling->inventory->count; i++) {
		const struct mft_row *row = &telling->inventory->rows[i];
		struct growth        *last = grown.growths.count ? &grown.growths.items[grown.growths.count - 1] : NULL;

		if (!is_file(telling->inventory, i) || !row->created)
			continue;
		if (last && last->time == row->created) {
			last->files++;
			last->bytes += row->size_bytes;
			continue;
		}
		if (grown.growths.count == limit) {
			join_seconds(&grown.growths);
			limit = 2 * grown.growths.count + GROWTHS_MIN;
		}
		room = array_push(&grown.growths, (struct growth){ row->created, 1, row->size_bytes });
	}
	join_seconds(&grown.growths);
	if (!room || !array_push(&telling->chronicle->volumes, grown)) {
		array_release(&grown.growths);
		return error_memory(err);
	}
	return 0;
}

/* -------- moments that records show -------- */

static int show(struct telling *telling, enum log_event_kind kind, uint32_t record, const char *path, uint64_t time,
		struct error *err)
{
	struct story_source source = { .kind = SOURCE_RECORD,
				       .volume = telling->volume->number,
				       .place = record_of(telling, record),
				       .path = path,
				       .grade = GRADE_INTACT,
				       .live = telling->inventory->rows[record].flags & ROW_IN_USE };
	uint32_t            index = 0;
	int                 added = chronicle_add_source(telling->chronicle, &source, &index, err);

	if (added <= 0)
		return added;
	return chronicle_add_shown(telling->chronicle, index,
				   (struct log_event){ .kind = kind,
						       .time = time,
						       .path = path,
						       .has_number = true,
						       .number = telling->volume->number },
				   err);
}

/* The creation time of a record; 0 if it does not say. */
static int creation_of(struct telling *telling, uint32_t record, uint64_t *time, struct error *err)
{
	struct file file = { 0 };
	int         result = 0;

	*time = 0;
	if (record >= telling->inventory->count ||
	    (telling->inventory->rows[record].flags & (ROW_DECODED | ROW_EXTENSION)) != ROW_DECODED)
		return 0;
	result = file_load(telling->reader, record, &file, err);
	if (result == 0 && file.info_known && ntfs_time_is_plausible(file.info.times.created))
		*time = file.info.times.created;
	file_release(&file);
	return result;
}

/* A shadow copy of a volume that is told itself was formatted with that. */
static int show_format(struct telling *telling, struct error *err)
{
	static const uint32_t records[] = { VOLUME_RECORD, MFT_RECORD };
	const struct layer   *shadow = layer_shadow_of(telling->volume->evidence);
	uint64_t              time = 0;

	if (shadow && shadow->of)
		return 0;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		if (creation_of(telling, records[i], &time, err) < 0)
			return -1;
		if (time)
			return show(telling, SHOWN_FORMAT, records[i], "", time, err);
	}
	return 0;
}

static int show_last_change(struct telling *telling, struct error *err)
{
	uint32_t last = 0;

	for (uint32_t i = FIRST_USER_RECORD; i < telling->inventory->count; i++)
		if (is_file(telling->inventory, i) &&
		    (!last || telling->inventory->rows[i].written > telling->inventory->rows[last].written))
			last = i;
	if (!last || !telling->inventory->rows[last].written)
		return 0;
	return show(telling, SHOWN_LAST_CHANGE, last, "", row_time_100ns(telling->inventory->rows[last].written), err);
}

/* The freed folder of a store that lived longest by what it says; 0 if none is left. */
static uint32_t longest_lived(const struct telling *telling, uint32_t store)
{
	const struct store_members *members = &telling->stores->members;
	const struct mft_row       *rows = telling->inventory->rows;
	uint32_t                    found = 0, root = telling->stores->list.items[store].root;

	if (root < telling->inventory->count && !(rows[root].flags & ROW_IN_USE))
		found = root;
	for (size_t i = 0; i < members->count; i++) {
		uint32_t node = members->items[i].node;

		if (members->items[i].store == store && members->items[i].directory && node < telling->inventory->count &&
		    !(rows[node].flags & ROW_IN_USE) && (!found || rows[node].alive_until > rows[found].alive_until))
			found = node;
	}
	return found;
}

static int show_store(struct telling *telling, uint32_t index, struct error *err)
{
	const struct store *store = &telling->stores->list.items[index];
	uint64_t            created;
	uint32_t            last;

	if (store->orphans)
		return 0;
	if (namespace_path(telling->stores->space, store->root, &telling->path, err) < 0 ||
	    creation_of(telling, store->root, &created, err) < 0)
		return -1;
	if (created && show(telling, SHOWN_STORE, store->root, telling->path.items, created, err) < 0)
		return -1;
	if (store_state(telling->stores, store) == STORE_LIVE)
		return 0;
	last = longest_lived(telling, index);
	if (!last || !telling->inventory->rows[last].alive_until)
		return 0;
	return show(telling, SHOWN_STORE_LAST, last, telling->path.items,
		    row_time_100ns(telling->inventory->rows[last].alive_until), err);
}

/* -------- what the change journal shows -------- */

static int show_moment(struct telling *telling, uint32_t source, enum log_event_kind kind, const char *path,
		       struct journal_moment moment, uint64_t count, struct error *err)
{
	return chronicle_add_shown(telling->chronicle, source,
				   (struct log_event){ .kind = kind,
						       .time = moment.time,
						       .offset = moment.usn,
						       .path = path,
						       .count = count,
						       .has_number = true,
						       .number = telling->volume->number },
				   err);
}

static uint64_t lives_of(const struct journal_span *span)
{
	return span->files + span->folders;
}

/*
 * The folders of a store went for the last time.  They began to go with the burst that took most of it: what
 * went before, one by one, may have been of no account.
 */
static int show_deletion(struct telling *telling, uint32_t source, const char *path,
			 const struct journal_summary *summary, struct error *err)
{
	const struct journal_burst *burst = NULL;

	if (!lives_of(&summary->deleted))
		return 0;
	for (size_t i = 0; i < summary->burst_count; i++)
		if (summary->bursts[i].below && (!burst || summary->bursts[i].below > burst->below))
			burst = &summary->bursts[i];
	if (burst && show_moment(telling, source, SHOWN_DELETE_BEGAN, path, burst->deleted.first, burst->below, err) < 0)
		return -1;
	return show_moment(telling, source, SHOWN_DELETE_ENDED, path, summary->deleted.last, lives_of(&summary->deleted), err);
}

/* Other deletions of many files, as a wipe is one. */
static int show_bursts(struct telling *telling, uint32_t source, const struct journal_summary *summary, struct error *err)
{
	for (size_t i = 0; i < summary->burst_count; i++) {
		const struct journal_span *span = &summary->bursts[i].deleted;

		if (show_moment(telling, source, SHOWN_BURST_BEGAN, "", span->first, lives_of(span), err) < 0 ||
		    show_moment(telling, source, SHOWN_BURST_ENDED, "", span->last, lives_of(span), err) < 0)
			return -1;
	}
	return 0;
}

/* The folders of a store, by which the journal knows it. */
static int collect_folders(const struct telling *telling, uint32_t store, struct ghosts *folders, struct error *err)
{
	const struct store_members *members = &telling->stores->members;

	if (!array_push(folders, namespace_ref(telling->stores->space, telling->stores->list.items[store].root)))
		return error_memory(err);
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].store == store && members->items[i].directory &&
		    !array_push(folders, namespace_ref(telling->stores->space, members->items[i].node)))
			return error_memory(err);
	return 0;
}

static int show_journal_of_store(struct telling *telling, uint32_t source, uint32_t index, struct error *err)
{
	const struct store    *store = &telling->stores->list.items[index];
	struct ghosts          folders = { 0 };
	struct journal_summary summary;
	int                    result;

	if (store->orphans || store_state(telling->stores, store) == STORE_LIVE)
		return 0;
	result = namespace_path(telling->stores->space, store->root, &telling->path, err);
	if (result == 0)
		result = collect_folders(telling, index, &folders, err);
	if (result == 0)
		result = journal_summarise(telling->journal, folders.items, folders.count, &summary, err);
	if (result == 0)
		result = show_deletion(telling, source, telling->path.items, &summary, err);
	array_release(&folders);
	return result;
}

static int show_journal(struct telling *telling, struct error *err)
{
	struct story_source    source = { .kind = SOURCE_JOURNAL,
					  .volume = telling->volume->number,
					  .path = "\\$Extend\\$UsnJrnl",
					  .grade = GRADE_INTACT,
					  .live = true };
	struct journal_summary summary;
	uint32_t               index;
	int                    added;

	if (!telling->journal->facts.count)
		return 0;
	added = chronicle_add_source(telling->chronicle, &source, &index, err);
	if (added <= 0)
		return added;
	if (journal_summarise(telling->journal, NULL, 0, &summary, err) < 0 ||
	    show_bursts(telling, index, &summary, err) < 0)
		return -1;
	for (size_t i = 0; i < telling->stores->list.count && i < JOURNAL_STORES_MAX; i++)
		if (show_journal_of_store(telling, index, (uint32_t)i, err) < 0)
			return -1;
	return 0;
}

/* -------- logs -------- */

/* The path of the name by which it was found, or the first; a name alone where it has no place. */
static int path_of_log(struct telling *telling, const struct found_log *log, enum proof *proof, struct error *err)
{
	const struct hard_link *link;

	if (namespace_links(telling->stores->space, log->record, &telling->links, err) < 0)
		return -1;
	link = telling->links.items;
	for (size_t i = 1; i < telling->links.count; i++)
		if (telling->links.items[i].name == log->name)
			link = &telling->links.items[i];
	*proof = telling->links.count ? link->proof : PROOF_GUESSED;
	telling->path.count = 0;
	if (telling->links.count && namespace_path(telling->stores->space, link->parent, &telling->path, err) < 0)
		return -1;
	return namespace_path_add(telling->stores->space, telling->links.count ? link->name : log->name, &telling->path, err);
}

/* Where a log lies that was had as a whole; what is carved there is known already. */
static int keep_places(struct telling *telling, const struct ranges *places, struct error *err)
{
	for (size_t i = 0; i < places->count; i++) {
		struct range bytes = { telling->volume->offset_bytes + places->items[i].start, places->items[i].length };

		if (!array_push(&telling->chronicle->places,
				(struct story_place){ telling->volume->evidence, bytes }))
			return error_memory(err);
	}
	return 0;
}

static int tell_log(struct telling *telling, const struct found_log *log, struct error *err)
{
	CLEANUP(log_text_release) struct log_text text = { 0 };
	struct story_source                       source = { .kind = SOURCE_LOG,
							     .volume = telling->volume->number,
							     .place = record_of(telling, log->record),
							     .live = log->live };
	uint32_t                                  index = 0;
	int                                       added;

	if (path_of_log(telling, log, &source.proof, err) < 0 ||
	    log_text_read(&text, telling->reader, log, telling->ownership, &telling->buffers, err) < 0)
		return -1;
	source.path = telling->path.items;
	source.grade = text.grade;
	source.cut = text.cut;
	added = chronicle_add_source(telling->chronicle, &source, &index, err);
	if (added <= 0)
		return added;
	if (log_events_read(&telling->chronicle->events, text.text, index, err) < 0)
		return -1;
	return text.grade < GRADE_PARTIAL && !text.cut ? keep_places(telling, &text.places, err) : 0;
}

static int tell_logs(struct telling *telling, struct error *err)
{
	struct found_logs logs = { 0 };
	int               result = log_search(telling->inventory, &logs, err);

	for (size_t i = 0; result == 0 && i < logs.count; i++)
		result = tell_log(telling, &logs.items[i], err);
	array_release(&logs);
	return result;
}

int volume_story_read(struct chronicle *chronicle, struct file_reader *reader, const struct ownership *ownership,
		      struct stores *stores, const struct usn_history *journal, struct error *err)
{
	struct telling telling = { .chronicle = chronicle,
				   .reader = reader,
				   .inventory = reader->inventory,
				   .volume = reader->inventory->mft.volume,
				   .ownership = ownership,
				   .stores = stores,
				   .journal = journal };
	int            result = 0;

	if (tell_growth(&telling, err) < 0 || show_format(&telling, err) < 0 || show_last_change(&telling, err) < 0)
		result = -1;
	for (size_t i = 0; result == 0 && i < stores->list.count; i++)
		result = show_store(&telling, (uint32_t)i, err);
	if (result == 0)
		result = show_journal(&telling, err);
	if (result == 0)
		result = tell_logs(&telling, err);
	content_buffers_release(&telling.buffers);
	array_release(&telling.links);
	array_release(&telling.path);
	return result;
}

/* -------- pieces of logs -------- */

static bool is_read(const struct chronicle *chronicle, const struct evidence *evidence, const struct artefact *piece)
{
	for (size_t i = 0; i < chronicle->places.count; i++) {
		const struct story_place *place = &chronicle->places.items[i];

		if (place->evidence == evidence && piece->offset >= place->bytes.start &&
		    piece->offset - place->bytes.start < place->bytes.length &&
		    piece->length <= place->bytes.length - (piece->offset - place->bytes.start))
			return true;
	}
	return false;
}

/* The volume on which a byte of the evidence lies, 0 if none; one that goes on comes before its older lives. */
static uint32_t volume_at(const struct evidence *evidence, const struct volumes *volumes, uint64_t offset)
{
	const struct volume *found = NULL;

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];

		if (volume->evidence == evidence && offset >= volume->offset_bytes &&
		    offset - volume->offset_bytes < volume->size_bytes && (!found || volume_is_past(found)))
			found = volume;
	}
	return found ? found->number : 0;
}

/* What is decrypted lies where it is encrypted. */
static uint64_t place_in_source(const struct evidence *evidence, uint64_t offset)
{
	for (; layer_of(evidence); evidence = evidence->outer)
		offset += layer_of(evidence)->offset_bytes;
	return offset;
}

static int tell_piece(struct chronicle *chronicle, struct evidence *evidence, uint32_t id, uint32_t volume,
		      const struct artefact *piece, struct error *err)
{
	struct story_source        source = { .kind = SOURCE_PIECE,
					      .evidence = id,
					      .volume = volume,
					      .place = place_in_source(evidence, piece->offset),
					      .path = "",
					      .proof = PROOF_GUESSED,
					      .grade = GRADE_SUSPECT };
	CLEANUP(free_ptr) uint8_t *memory = NULL;
	struct ranges              unreadable = { 0 };
	size_t                     length = piece->length < LOG_FILE_BYTES_MAX ? piece->length : LOG_FILE_BYTES_MAX;
	size_t                     before = chronicle->events.list.count;
	uint32_t                   index = 0;
	int                        result;

	source.cut = length < piece->length;
	result = chronicle_add_source(chronicle, &source, &index, err);
	if (result <= 0)
		return result;
	memory = malloc(length + 1);
	if (!memory)
		return error_memory(err);
	result = evidence_read(evidence, piece->offset, memory, length, &unreadable, err);
	if (result == 0)
		result = log_events_read(&chronicle->events, (struct bytes){ memory, length, 0 }, index, err);
	if (chronicle->events.list.count == before)
		chronicle->sources.count--; /* it says nothing */
	array_release(&unreadable);
	return result;
}

int volume_story_pieces(struct chronicle *chronicle, struct evidence *evidence, uint32_t id, const struct volumes *volumes,
			const struct artefact *items, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (items[i].kind == ARTEFACT_LOG_TEXT && !is_read(chronicle, evidence, &items[i]) &&
		    tell_piece(chronicle, evidence, id, volume_at(evidence, volumes, items[i].offset), &items[i], err) < 0)
			return -1;
	return 0;
}
