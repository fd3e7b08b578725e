/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recall_log.c - see recall_log.h, recall.h */
#include "scan/recall/recall_log.h"

#include "scan/journal/log_parts.h"
#include "scan/journal/log_states.h"
#include "scan/mft_record.h"
#include "scan/recall/log_names.h"

/* A log while it is asked. */
struct recalled_log {
	struct recall     *recall;
	struct log_source  source;
	struct log_reader  reader;
	struct log_file    log;
	struct log_history history;
	struct log_trust   trust;
	struct log_names   names;
	size_t             first; /* of recall.older that this log gave */
	size_t             states; /* of those: by record number */
};

static int open_log(struct recalled_log *work, struct error *err)
{
	const struct geometry *geometry = &work->recall->inventory->mft.volume->geometry;

	work->reader = log_source_reader(&work->source);
	if (log_file_open(&work->log, &work->reader, err) < 0 ||
	    log_history_open(&work->history, &work->log, geometry->cluster_bytes,
			     work->recall->inventory->mft.record_bytes, err) < 0 ||
	    log_trust_init(&work->trust, &work->log, err) < 0)
		return -1;
	log_names_init(&work->names, work->recall->reader, &work->history, &work->source, &work->trust);
	return 0;
}

static void close_log(struct recalled_log *work)
{
	log_names_release(&work->names);
	log_trust_release(&work->trust);
	log_history_release(&work->history);
	log_file_release(&work->log);
	log_source_release(&work->source);
}

/* -------- older records -------- */

/* A life that is over, by what the row shows now; or one whose row is damaged or lost. */
static bool is_wanted(const struct inventory *inventory, file_ref ref)
{
	uint64_t              record = file_ref_record(ref);
	const struct mft_row *row = record < inventory->count ? &inventory->rows[record] : NULL;
	file_ref              shown;

	if (!row || !file_ref_sequence(ref))
		return false;
	if (!(row->flags & ROW_DECODED) || row->flags & ROW_MISPLACED)
		return true;
	shown = inventory_ref(inventory, (uint32_t)record);
	return ref == shown ? row->flags & (ROW_TORN | ROW_DAMAGED) : file_ref_sequence(ref) < file_ref_sequence(shown);
}

/* An image that tells something: it decodes to its end and has attributes; and of an extension the base is wanted. */
static bool is_sound(const struct recall *recall, struct bytes image)
{
	struct mft_record record;
	struct attribute  attribute;
	struct error      why;
	size_t            attributes = 0;
	int               got;

	if (image.left > recall->inventory->mft.record_bytes || mft_record_decode(image, &record, &why) < 0 ||
	    (record.base && !extension_is_wanted(recall->inventory, record.base)))
		return false;
	while ((got = attribute_next(&record.attributes, &attribute, &why)) == 1)
		attributes++;
	return got == 0 && attributes;
}

/* Of one life the latest state is kept; they come one after the other, and parts behind all states. */
static int add_record(struct recalled_log *work, const struct log_fact *fact, bool partial, struct error *err)
{
	struct recall       *recall = work->recall;
	struct older_record *last = recall->older.count > work->first ? &recall->older.items[recall->older.count - 1] : NULL;
	struct older_record  record = { .ref = fact->file, .offset = log_source_place(&work->source, fact->offset),
					.moment = fact->lsn,
					.partial = partial };

	record.image = calloc(1, recall->inventory->mft.record_bytes);
	if (!record.image)
		return error_memory(err);
	memcpy(record.image, fact->bytes.at, fact->bytes.left);
	if (last && last->ref == record.ref) {
		free(last->image);
		*last = record;
		return 0;
	}
	if (array_push(&recall->older, record))
		return 0;
	free(record.image);
	return error_memory(err);
}

static bool is_usable(const struct recalled_log *work, const struct log_fact *fact)
{
	return fact->kind == LOG_FACT_RECORD && !fact->torn && fact->outcome != LOG_ROLLED_BACK &&
	       log_trust_has(&work->trust, fact->lsn) && is_wanted(work->recall->inventory, fact->file) &&
	       is_sound(work->recall, fact->bytes);
}

static int take_state(void *to, const struct log_fact *fact, struct error *err)
{
	return is_usable(to, fact) ? add_record(to, fact, false, err) : 0;
}

/* Has a state of this very life been given? */
static bool has_state(const struct recalled_log *work, file_ref ref)
{
	const struct older_record *states = work->recall->older.items + work->first;
	size_t                     first =
		partition_point(0, work->states, at, file_ref_record(states[at].ref) < file_ref_record(ref));

	while (first < work->states && states[first].ref != ref &&
	       file_ref_record(states[first].ref) == file_ref_record(ref))
		first++;
	return first < work->states && states[first].ref == ref;
}

/*
 * A record of which only some attributes are known is taken where there is nothing better, and if it has a name:
 * in it, or in a directory.
 */
static int take_parts(void *to, const struct log_fact *fact, struct error *err)
{
	struct recalled_log  *work = to;
	struct mft_record record;
	struct error      why;

	if (has_state(work, fact->file) || mft_record_decode(fact->bytes, &record, &why) < 0 ||
	    (!record.link_count && !log_names_knows(&work->names, fact->file)))
		return 0;
	return is_usable(work, fact) ? add_record(work, fact, true, err) : 0;
}

static int recall_records(struct recalled_log *work, struct error *err)
{
	work->first = work->recall->older.count;
	if (log_history_states(&work->history, take_state, work, err) < 0)
		return -1;
	work->states = work->recall->older.count - work->first;
	return log_history_parts(&work->history, take_parts, work, err);
}

/* -------- for everybody -------- */

static int recall_from(struct recalled_log *work, struct error *err)
{
	if (open_log(work, err) < 0)
		return -1;
	if (!work->log.records.count)
		return 0;
	if (log_history_facts(&work->history, log_names_take, &work->names, err) < 0 ||
	    log_names_tell(&work->names, &work->recall->facts, err) < 0)
		return -1;
	return recall_records(work, err);
}

int recall_log(struct recall *recall, struct error *err)
{
	recall_log_close(recall);
	recall->log = calloc(1, sizeof *recall->log);
	if (!recall->log)
		return error_memory(err);
	recall->log->recall = recall;
	return log_source_open(&recall->log->source, recall->reader, err) < 0 ? -1 : recall_from(recall->log, err);
}

void recall_log_close(struct recall *recall)
{
	if (recall->log)
		close_log(recall->log);
	free(recall->log);
	recall->log = NULL;
}

int recall_log_pages(struct recall *recall, const uint64_t *pages, size_t count, size_t *agreed, struct error *err)
{
	struct recalled_log log = { .recall = recall };
	int                 result;

	log_source_of_pages(&log.source, recall->inventory->mft.volume, pages, count);
	result = count ? recall_from(&log, err) : 0;
	*agreed = count && result == 0 ? log_trust_agreed(&log.trust) : 0;
	close_log(&log);
	return result;
}

/* -------- the change journal -------- */

struct journal_work {
	const struct recalled_log *log;
	log_journal_taker         *take;
	void                      *to;
};

static int take_journal(void *of, const struct log_fact *fact, struct error *err)
{
	struct journal_work *work = of;
	struct bytes         bytes = fact->bytes;

	if (fact->kind != LOG_FACT_JOURNAL || fact->torn || fact->outcome == LOG_ROLLED_BACK || !bytes.left ||
	    !log_trust_has(&work->log->trust, fact->lsn))
		return 0;
	bytes.offset = log_source_place(&work->log->source, fact->offset);
	return work->take(work->to, fact->first, bytes, err);
}

int recall_log_journal(struct recall *recall, log_journal_taker *take, void *to, struct error *err)
{
	struct journal_work work = { .log = recall->log, .take = take, .to = to };

	return recall->log ? log_history_facts(&recall->log->history, take_journal, &work, err) : 0;
}
