/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recall_journal.c - see recall_journal.h */
#include "scan/recall/recall_journal.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/utf16.h"
#include "scan/recall/recall_log.h"

#define EXTEND_RECORD    11u
#define CLOCK_SLACK      (24ull * 3600 * NTFS_TIME_PER_SECOND) /* by which clocks are set back */
#define TIMELESS_MAX     64u          /* records without a time that are stepped over for one that has it */
#define WINDOW_BYTES     (1u << 20)

static uint64_t records_of(const struct recalled_journal *journal)
{
	return journal->recall->inventory->mft.records;
}

static const struct volume *volume_of(const struct recalled_journal *journal)
{
	return journal->recall->inventory->mft.volume;
}

/* Where a byte of a stream lies, in bytes of the volume; NO_OFFSET where no cluster holds it. */
static uint64_t place_of(const struct volume *volume, const struct runs *runs, uint64_t at)
{
	uint64_t          cluster_bytes = volume->geometry.cluster_bytes, vcn = at / cluster_bytes;
	const struct run *run = runs_find(runs, vcn);

	if (!run || run->lcn == LCN_HOLE || vcn < run->vcn)
		return NO_OFFSET;
	return volume_byte_of(volume, run->lcn + (vcn - run->vcn)) + at % cluster_bytes;
}

/* -------- whose records are they -------- */

/* The nearest live fact with a time, from @at on, downwards or upwards; NULL for none. */
static const struct usn_fact *timed_fact(const struct recalled_journal *journal, size_t at, bool up)
{
	const struct usn_fact *facts = journal->current.facts.items;

	for (size_t i = 0; i < TIMELESS_MAX && at < journal->live; i++, at += up ? 1 : (size_t)-1)
		if (facts[at].time)
			return &facts[at];
	return NULL;
}

/*
 * Can a record with this USN and time have been written into the live journal?  Only the log may know of
 * more than the journal has come to.
 */
static bool fits(const struct recalled_journal *journal, uint64_t usn, uint64_t time, enum usn_source source)
{
	const struct usn_fact *facts = journal->current.facts.items, *before, *behind;
	size_t                 first = partition_point(0, journal->live, at, facts[at].usn < usn);

	if (first == journal->live && source != USN_FROM_LOG)
		return false;
	before = timed_fact(journal, first - 1, false);
	behind = timed_fact(journal, first, true);
	return !time || ((!before || time + CLOCK_SLACK >= before->time) &&
			 (!behind || time <= behind->time + CLOCK_SLACK));
}

/* What is known of a page before it is taken. */
struct page_look {
	struct journal_votes votes;
	uint64_t             records;
	uint64_t             usn, first, last; /* of the first record; times, 0 if there is none */
};

static struct bytes page_bytes(const struct journal_page *page)
{
	return (struct bytes){ page->bytes, sizeof page->bytes, page->usn };
}

static void look_at(const struct recalled_journal *journal, struct page_look *look)
{
	const struct recall *recall = journal->recall;
	struct bytes         rest = page_bytes(&journal->page);
	struct usn_record    record;

	*look = (struct page_look){ 0 };
	while (usn_record_find(&rest, records_of(journal), &record)) {
		journal_vote(recall->inventory, recall->reader->extensions, &record, &look->votes);
		if (!look->records++)
			look->usn = record.usn;
		if (!look->first)
			look->first = record.time;
		if (record.time > look->last)
			look->last = record.time;
	}
}

/*
 * Where the page belongs; NULL where it is not this volume's, or nobody says that it is.  Where all that it
 * speaks of is over, the table is silent, and only its place in the live journal speaks for it.  The log is
 * the volume's own.
 */
static struct usn_history *choose_history(struct recalled_journal *journal, const struct page_look *look)
{
	bool in_order = !journal->live || fits(journal, look->usn, look->first, journal->page.source);

	if (look->last && look->last < journal->formatted)
		return NULL;
	if (journal->page.source == USN_FROM_LOG)
		return in_order && !journal_votes_against(&look->votes) ? &journal->current : NULL;
	if (journal_votes_for(&look->votes))
		return in_order ? &journal->current : &journal->older;
	return journal_votes_none(&look->votes) && journal->live && in_order ? &journal->current : NULL;
}

/* Take the page, or leave it. */
static int flush_page(struct recalled_journal *journal, struct error *err)
{
	struct journal_page *page = &journal->page;
	struct bytes         rest = page_bytes(page);
	struct page_look     look;
	struct usn_history  *history;
	struct usn_record    record;

	if (!page->filled)
		return 0;
	look_at(journal, &look);
	history = choose_history(journal, &look);
	if (!history)
		journal->foreign += look.records;
	while (history && usn_record_find(&rest, records_of(journal), &record)) {
		record.whole.offset += page->offset - page->usn;
		if (usn_history_add(history, &record, page->source, err) < 0)
			return -1;
	}
	memset(page, 0, sizeof *page);
	return 0;
}

/* Put a record that lies at @place of the volume to those that lay in one page with it. */
static int add_record(struct recalled_journal *journal, const struct usn_record *record, uint64_t place,
		      enum usn_source source, struct error *err)
{
	struct journal_page *page = &journal->page;
	uint64_t             in_page = record->usn % USN_PAGE_BYTES;

	if (page->filled && (page->usn != record->usn - in_page || page->offset != place - in_page ||
			     page->source != source) &&
	    flush_page(journal, err) < 0)
		return -1;
	page->filled = true;
	page->usn = record->usn - in_page;
	page->offset = place - in_page;
	page->source = source;
	memcpy(page->bytes + in_page, record->whole.at, record->whole.left);
	return 0;
}

/* -------- streams -------- */

enum stream_part {
	STREAM_LIVE,  /* records at their place, of the journal in use */
	STREAM_STALE, /* the others: left from before its clusters were its */
	STREAM_FREED, /* all, of a journal that was deleted */
};

struct stream_walk {
	const struct runs   *runs;
	enum stream_part     part;
	struct journal_votes votes; /* of the live */
	uint64_t             stale; /* records that were passed over */
};

static int take_record(struct recalled_journal *journal, struct stream_walk *walk,
		       const struct usn_record *record, struct error *err)
{
	const struct recall *recall = journal->recall;
	bool                 stale = record->usn != record->whole.offset;

	if (walk->part != STREAM_LIVE) {
		if (walk->part == STREAM_STALE && !stale)
			return 0;
		return add_record(journal, record,
				  place_of(volume_of(journal), walk->runs, record->whole.offset), USN_CARVED, err);
	}
	if (stale) {
		walk->stale++;
		return 0;
	}
	journal_vote(recall->inventory, recall->reader->extensions, record, &walk->votes);
	return usn_history_add(&journal->current, record, USN_FROM_JOURNAL, err);
}

/* Bytes of a stream from where its first hole ends. */
static uint64_t bytes_in(const struct volume *volume, const struct runs *runs)
{
	const struct run *last = runs->items + runs->count - 1;
	uint64_t          first = runs->items[0].lcn == LCN_HOLE && runs->count > 1 ? runs->items[1].vcn : 0;

	return (last->vcn + last->length - first) * volume->geometry.cluster_bytes;
}

/* Returns 0, or -1 with ERROR_MEMORY, or ERROR_VALUE for runs that cannot be. */
static int walk_stream(struct recalled_journal *journal, struct stream_walk *walk, struct error *err)
{
	struct usn_journal stream;
	struct usn_record  record;
	struct progress    progress;
	uint64_t           at = 0;
	int                result;

	if (!walk->runs->count)
		return 0;
	result = usn_journal_open(&stream, volume_of(journal), walk->runs, records_of(journal), err);
	progress_start(&progress, "reading the change journal", bytes_in(volume_of(journal), walk->runs),
		       PROGRESS_BYTES);
	while (result == 0 && (result = usn_journal_next(&stream, &record, err)) == 1) {
		if (at)
			progress_add(&progress, stream.next - at);
		at = stream.next;
		result = take_record(journal, walk, &record, err);
	}
	if (result == 0)
		result = flush_page(journal, err);
	progress_end(&progress);
	usn_journal_release(&stream);
	return result;
}

static void file_finding(const struct recalled_journal *journal, enum finding_kind kind, uint64_t record,
			 uint64_t seen, uint64_t wanted)
{
	findings_add(journal->recall->findings, (struct finding){ kind, volume_of(journal)->number, record,
								  NO_OFFSET, seen, wanted });
}

static int read_live(struct recalled_journal *journal, struct error *err)
{
	struct stream_walk walk = { .runs = &journal->runs, .part = STREAM_LIVE };

	if (walk_stream(journal, &walk, err) < 0)
		return -1;
	if (journal_votes_against(&walk.votes)) {
		journal->foreign += journal->current.facts.count;
		usn_history_release(&journal->current);
		return 0;
	}
	journal->live = journal->current.facts.count;
	walk.part = STREAM_STALE;
	return walk.stale ? walk_stream(journal, &walk, err) : 0;
}

/* The clusters of the live stream: a sweep has seen them too. */
static bool note_clusters(struct recalled_journal *journal)
{
	uint64_t cluster_bytes = volume_of(journal)->geometry.cluster_bytes;

	for (size_t i = 0; i < journal->runs.count; i++) {
		const struct run *run = &journal->runs.items[i];

		if (run->lcn != LCN_HOLE && !ranges_add(&journal->clusters, run->lcn * cluster_bytes,
							run->length * cluster_bytes))
			return false;
	}
	ranges_sort(&journal->clusters);
	return true;
}

/* -------- finding them -------- */

/* Is this one of the names of a $Extend\$UsnJrnl? */
static bool is_journal(const struct inventory *inventory, const struct name_row *name)
{
	return name_is_in_record(name) && file_ref_record(name->parent) == EXTEND_RECORD &&
	       (inventory->rows[name->record].flags & (ROW_DECODED | ROW_EXTENSION | ROW_DIRECTORY)) == ROW_DECODED &&
	       utf16_is_word(inventory_text(inventory, name), name->units, "$UsnJrnl");
}

/* Read the journal whose record is @record.  The first that is in use is the live one. */
static int read_journal(struct recalled_journal *journal, uint32_t record, bool live, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct file_stream         *stream;
	struct stream_walk                walk = { .part = STREAM_FREED };
	int                               result = file_load(journal->recall->reader, record, &file, err);

	if (result < 0 || !(stream = file_find_stream(&file, ATTRIBUTE_DATA, "$J")) || stream->resident)
		return result;
	if (live) {
		for (size_t i = 0; i < stream->runs.count; i++)
			if (!array_push(&journal->runs, stream->runs.items[i]))
				return error_memory(err);
		result = note_clusters(journal) ? read_live(journal, err) : error_memory(err);
	} else {
		walk.runs = &stream->runs;
		result = walk_stream(journal, &walk, err);
	}
	if (result == 0 || err->kind != ERROR_VALUE)
		return result;
	file_finding(journal, FINDING_RECORD_DAMAGED, record, 0, 0);
	return 0;
}

/* All of one kind, live or not, in the order of their records. */
static int read_journals(struct recalled_journal *journal, bool live, struct error *err)
{
	const struct inventory *inventory = journal->recall->inventory;
	uint32_t                last = UINT32_MAX;

	for (size_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *name = &inventory->names.items[i];

		if (!is_journal(inventory, name) || name->record == last ||
		    live != !!(inventory->rows[name->record].flags & ROW_IN_USE) ||
		    (live && journal->runs.count))
			continue;
		last = name->record;
		if (read_journal(journal, last, live, err) < 0)
			return -1;
	}
	return 0;
}

/* 0 where the record is none, or does not say. */
static int read_created(const struct recalled_journal *journal, uint32_t record, uint64_t *created,
			struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	const struct inventory           *inventory = journal->recall->inventory;

	*created = 0;
	if (record >= inventory->count ||
	    (inventory->rows[record].flags & (ROW_DECODED | ROW_EXTENSION)) != ROW_DECODED)
		return 0;
	if (file_load(journal->recall->reader, record, &file, err) < 0)
		return -1;
	if (file.info_known && ntfs_time_is_plausible(file.info.times.created))
		*created = file.info.times.created;
	return 0;
}

/* When the volume was made: so say its first files, but for $MFT where ntfs-3g has forgotten it. */
static int read_formatted(struct recalled_journal *journal, struct error *err)
{
	for (uint32_t record = 0; record < ROOT_RECORD && !journal->formatted; record++)
		if (read_created(journal, record, &journal->formatted, err) < 0)
			return -1;
	return 0;
}

int recalled_journal_open(struct recalled_journal *journal, struct recall *recall, struct error *err)
{
	*journal = (struct recalled_journal){ .recall = recall };
	return read_formatted(journal, err) < 0 || read_journals(journal, true, err) < 0 ||
			       read_journals(journal, false, err) < 0
		       ? -1
		       : 0;
}

void recalled_journal_release(struct recalled_journal *journal)
{
	usn_history_release(&journal->current);
	usn_history_release(&journal->older);
	array_release(&journal->runs);
	array_release(&journal->clusters);
	*journal = (struct recalled_journal){ 0 };
}

/* -------- what is found elsewhere -------- */

/* Records in @bytes, which lie at @place of the volume. */
static int add_found(struct recalled_journal *journal, struct bytes bytes, uint64_t place,
		     enum usn_source source, struct error *err)
{
	uint64_t          start = bytes.offset;
	struct usn_record record;

	while (usn_record_find(&bytes, records_of(journal), &record)) {
		if (source == USN_FROM_LOG && record.usn != record.whole.offset)
			continue; /* the log says where it was to be written */
		if (add_record(journal, &record, place + (record.whole.offset - start), source, err) < 0)
			return -1;
	}
	return 0;
}

int recalled_journal_add_bytes(struct recalled_journal *journal, struct bytes bytes, uint64_t place,
			       struct error *err)
{
	return add_found(journal, bytes, place, USN_FROM_LOG, err) < 0 || flush_page(journal, err) < 0 ? -1 : 0;
}

/* A piece of the volume with pages in it. */
struct page_window {
	uint8_t      *bytes;
	uint64_t      start;
	size_t        length;
	struct ranges missing;
};

static void page_window_release(struct page_window *window)
{
	free(window->bytes);
	array_release(&window->missing);
}

static uint64_t start_of(const struct recalled_journal *journal, const struct artefact *page)
{
	return page->offset - volume_of(journal)->offset_bytes;
}

static bool is_wanted(const struct recalled_journal *journal, const struct artefact *page)
{
	const struct volume *volume = volume_of(journal);
	struct range         live;

	return page->kind == ARTEFACT_USN && page->length <= CARVE_BLOCK_MAX &&
	       page->offset >= volume->offset_bytes &&
	       start_of(journal, page) + page->length <= volume->size_bytes &&
	       !ranges_overlap(&journal->clusters, start_of(journal, page), page->length, &live);
}

/* Read from the first of @pages on to the last that has room in the window. */
static int read_window(const struct recalled_journal *journal, struct page_window *window,
		       const struct artefact *pages, size_t count, struct error *err)
{
	uint64_t end;

	window->start = start_of(journal, &pages[0]);
	window->length = pages[0].length;
	window->missing.count = 0;
	for (size_t i = 1; i < count && pages[i].offset >= pages[i - 1].offset; i++) {
		end = start_of(journal, &pages[i]) + pages[i].length - window->start;
		if (end > WINDOW_BYTES)
			break;
		if (is_wanted(journal, &pages[i]))
			window->length = end;
	}
	return volume_read(volume_of(journal), window->start, window->bytes, window->length, &window->missing, err);
}

int recalled_journal_add_pages(struct recalled_journal *journal, const struct artefact *pages, size_t count,
			       struct error *err)
{
	CLEANUP(page_window_release) struct page_window window = { .bytes = malloc(WINDOW_BYTES) };
	struct progress                                 progress;
	struct bytes                                    page;
	int                                             result = window.bytes ? 0 : error_memory(err);

	progress_start(&progress, "reading pages of the change journal", count, PROGRESS_ITEMS);
	for (size_t i = 0; result == 0 && i < count; i++) {
		uint64_t start = start_of(journal, &pages[i]);

		progress_add(&progress, 1);
		if (!is_wanted(journal, &pages[i]))
			continue;
		if (start < window.start || start + pages[i].length > window.start + window.length)
			result = read_window(journal, &window, &pages[i], count - i, err);
		page = (struct bytes){ window.bytes + (start - window.start), pages[i].length, start };
		if (result == 0)
			result = add_found(journal, page, start, USN_CARVED, err);
	}
	progress_end(&progress);
	return result < 0 || flush_page(journal, err) < 0 ? -1 : 0;
}

/* -------- facts -------- */

static uint64_t offset_of(const struct recalled_journal *journal, const struct usn_fact *shown)
{
	return shown->source == USN_FROM_JOURNAL ? place_of(volume_of(journal), &journal->runs, shown->place)
						 : shown->place;
}

/*
 * Was the name that of a link that was removed by itself?  It is known to have been there when a link went: and that it
 * was this one, or that it went as well before the file did, as nothing shows it until then.
 */
static bool is_removed_link(const struct usn_history *history, const struct usn_name *name)
{
	const struct usn_fact *facts = history->facts.items;

	if ((name->ending != USN_LINK_REMOVED && name->ending != USN_LINK_DOUBTED) || name->end == USN_NONE ||
	    !usn_history_is_whole(history, facts[name->last].usn, facts[name->end].usn))
		return false;
	return name->ending == USN_LINK_REMOVED ||
	       (name->deleted != USN_NONE && facts[name->deleted].usn > facts[name->end].usn &&
		usn_history_is_whole(history, facts[name->end].usn, facts[name->deleted].usn));
}

/* The fact is what the last record says that shows the name. */
static int add_fact(const struct recalled_journal *journal, const struct usn_history *history,
		    const struct usn_name *name, struct error *err)
{
	struct recall         *recall = journal->recall;
	const struct usn_fact *shown = &history->facts.items[name->last];
	struct bytes           text = { usn_history_text(history, shown), 2u * shown->units, 0 };
	struct fact            fact = { .file = shown->file,
					.parent = shown->parent,
					.offset = offset_of(journal, shown),
					.moment = history == &journal->current ? shown->usn : 0,
					.time = row_time(shown->time),
					.space = NAME_WIN32,
					.source = FACT_JOURNAL };

	if (inventory_has_name(recall->inventory, recall->reader->extensions, fact.file, fact.parent, text))
		return 0;
	if (name->ending == USN_RENAMED)
		fact.flags |= FACT_RENAMED;
	if (is_removed_link(history, name))
		fact.flags |= FACT_UNLINKED;
	if (shown->source == USN_CARVED)
		fact.flags |= FACT_CARVED;
	if (shown->attributes & USN_ATTRIBUTE_DIRECTORY)
		fact.flags |= FACT_DIRECTORY;
	return facts_add(&recall->facts, fact, text, err);
}

static const struct usn_fact *fact_of(const struct usn_history *history, uint32_t name)
{
	return &history->facts.items[history->names.items[name].first];
}

static int compare_text(const struct usn_history *history, const struct usn_fact *a, const struct usn_fact *b)
{
	if (a->parent != b->parent)
		return a->parent < b->parent ? -1 : 1;
	if (a->units != b->units)
		return a->units < b->units ? -1 : 1;
	return a->text == b->text
		       ? 0
		       : memcmp(usn_history_text(history, a), usn_history_text(history, b), 2u * a->units);
}

/* Names of one file: the same ones together, in the order of time. */
static int compare_names(const void *a, const void *b, void *context)
{
	const struct usn_history *history = context;
	uint32_t                  left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int                       order = compare_text(history, fact_of(history, left), fact_of(history, right));

	return order ? order : left < right ? -1 : left > right;
}

struct name_list ARRAY(uint32_t);

/* The names of one file, each as it was the last time that the file had it. */
static int add_names(const struct recalled_journal *journal, struct usn_history *history,
		     struct name_list *names, struct error *err)
{
	qsort_r(names->items, names->count, sizeof *names->items, compare_names, history);
	for (size_t i = 0; i < names->count; i++) {
		if (i + 1 < names->count && compare_text(history, fact_of(history, names->items[i]),
							 fact_of(history, names->items[i + 1])) == 0)
			continue;
		if (add_fact(journal, history, &history->names.items[names->items[i]], err) < 0)
			return -1;
	}
	names->count = 0;
	return 0;
}

static int add_facts(const struct recalled_journal *journal, struct usn_history *history, struct error *err)
{
	struct name_list names = { 0 };
	int              result = usn_history_build(history, err);

	for (uint32_t i = 0; result == 0 && i < history->names.count; i++) {
		if (!array_push(&names, i))
			result = error_memory(err);
		else if (i + 1 == history->names.count || fact_of(history, i + 1)->file != fact_of(history, i)->file)
			result = add_names(journal, history, &names, err);
	}
	array_release(&names);
	return result;
}

int recalled_journal_settle(struct recalled_journal *journal, struct error *err)
{
	if (add_facts(journal, &journal->current, err) < 0 || add_facts(journal, &journal->older, err) < 0)
		return -1;
	if (journal->foreign)
		file_finding(journal, FINDING_JOURNAL_FOREIGN, NO_RECORD, journal->foreign,
			     journal->current.facts.count + journal->older.facts.count);
	return 0;
}

static int take_bytes(void *to, uint64_t usn, struct bytes bytes, struct error *err)
{
	uint64_t place = bytes.offset;

	bytes.offset = usn;
	return recalled_journal_add_bytes(to, bytes, place, err);
}

int recall_journal(struct recall *recall, const struct artefact *pages, size_t count, struct error *err)
{
	struct recalled_journal journal;
	int                     result = recalled_journal_open(&journal, recall, err);

	if (result == 0 && journal.live)
		result = recall_log_journal(recall, take_bytes, &journal, err);
	recall_log_close(recall);
	if (result == 0)
		result = recalled_journal_add_pages(&journal, pages, count, err);
	if (result == 0)
		result = recalled_journal_settle(&journal, err);
	if (result == 0) {
		recall->journal = journal.current;
		journal.current = (struct usn_history){ 0 };
	}
	recalled_journal_release(&journal);
	return result;
}
