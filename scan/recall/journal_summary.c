/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_summary.c - see journal_summary.h */
#include "scan/recall/journal_summary.h"

#define USN_WRITES (USN_DATA_OVERWRITE | USN_DATA_EXTEND | USN_DATA_TRUNCATION | USN_FILE_CREATE)

struct folder_list ARRAY(file_ref);
struct deletions   ARRAY(uint32_t);
struct moments     ARRAY(uint64_t);

struct summing {
	const struct usn_history *history;
	struct journal_summary   *summary;
	struct folder_list        folders;   /* that were asked for, and those in them; sorted */
	struct deletions          deletions; /* facts, one of each life that ended; by USN */
	struct moments            writes;    /* USN of the last one to each file; sorted */
};

static int compare_u64(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static const struct usn_fact *fact_at(const struct summing *summing, uint32_t index)
{
	return &summing->history->facts.items[index];
}

/* -------- below the folders -------- */

static bool is_inside(const struct summing *summing, file_ref ref)
{
	return summing->folders.count && bsearch(&ref, summing->folders.items, summing->folders.count,
						 sizeof ref, compare_u64);
}

static bool is_below(const struct summing *summing, const struct usn_fact *fact)
{
	return is_inside(summing, fact->parent) || is_inside(summing, fact->file);
}

static bool add_folders(struct summing *summing, const file_ref *folders, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!array_push(&summing->folders, folders[i]))
			return false;
	if (summing->folders.count)
		qsort(summing->folders.items, summing->folders.count, sizeof(file_ref), compare_u64);
	return true;
}

/* The folders in those that are inside already; each once, as names lie by file. */
static bool find_folders(const struct summing *summing, struct folder_list *found)
{
	for (size_t i = 0; i < summing->history->names.count; i++) {
		const struct usn_fact *fact = fact_at(summing, summing->history->names.items[i].first);

		if (!(fact->attributes & USN_ATTRIBUTE_DIRECTORY) || !is_inside(summing, fact->parent) ||
		    is_inside(summing, fact->file) ||
		    (found->count && found->items[found->count - 1] == fact->file))
			continue;
		if (!array_push(found, fact->file))
			return false;
	}
	return true;
}

/* Level by level; deeper than paths can be is not looked. */
static bool collect_folders(struct summing *summing, const file_ref *folders, size_t count)
{
	struct folder_list found = { 0 };
	bool               room = add_folders(summing, folders, count);

	for (size_t level = 0; room && level < USN_PATH_MAX; level++) {
		found.count = 0;
		room = find_folders(summing, &found) && add_folders(summing, found.items, found.count);
		if (!found.count)
			break;
	}
	array_release(&found);
	return room;
}

/* -------- lives -------- */

static void stretch_span(struct journal_span *span, const struct usn_fact *fact)
{
	struct journal_moment moment = { fact->usn, fact->time };

	if (!fact->time)
		return;
	if (!span->first.time || fact->usn < span->first.usn)
		span->first = moment;
	if (!span->last.time || fact->usn > span->last.usn)
		span->last = moment;
}

static void count_life(struct journal_span *span, const struct usn_fact *fact)
{
	if (fact->attributes & USN_ATTRIBUTE_DIRECTORY)
		span->folders++;
	else
		span->files++;
}

/* One life, from @first to before @end. */
static bool sum_life(struct summing *summing, uint32_t first, uint32_t end)
{
	struct journal_summary *summary = summing->summary;
	const struct usn_fact  *made = NULL;
	uint32_t                deleted = USN_NONE;
	uint64_t                written = 0;
	bool                    writes = false;

	for (uint32_t i = first; i < end; i++) {
		const struct usn_fact *fact = fact_at(summing, i);

		stretch_span(&summary->all, fact);
		if (fact->reasons & USN_FILE_DELETE)
			deleted = i;
		if (fact->reasons & USN_FILE_CREATE && !made)
			made = fact;
		if (fact->reasons & USN_WRITES && !(fact->attributes & USN_ATTRIBUTE_DIRECTORY)) {
			writes = true;
			written = fact->usn;
		}
	}
	count_life(&summary->all, fact_at(summing, end - 1));
	if (made && is_below(summing, made)) {
		stretch_span(&summary->created, made);
		count_life(&summary->created, made);
	}
	if (deleted != USN_NONE && is_below(summing, fact_at(summing, deleted))) {
		stretch_span(&summary->deleted, fact_at(summing, deleted));
		count_life(&summary->deleted, fact_at(summing, deleted));
	}
	return (deleted == USN_NONE || array_push(&summing->deletions, deleted)) &&
	       (!writes || array_push(&summing->writes, written));
}

static bool sum_lives(struct summing *summing)
{
	uint32_t count = (uint32_t)summing->history->facts.count, end;

	for (uint32_t first = 0; first < count; first = end) {
		for (end = first + 1;
		     end < count && fact_at(summing, end)->file == fact_at(summing, first)->file;)
			end++;
		if (!sum_life(summing, first, end))
			return false;
	}
	return true;
}

/* -------- bursts -------- */

static int compare_deletions(const void *a, const void *b, void *context)
{
	const struct summing *summing = context;

	return compare_u64(&fact_at(summing, *(const uint32_t *)a)->usn,
			   &fact_at(summing, *(const uint32_t *)b)->usn);
}

static uint64_t writes_since(const struct summing *summing, uint64_t usn)
{
	size_t first = partition_point(0, summing->writes.count, at, summing->writes.items[at] <= usn);

	return summing->writes.count - first;
}

static uint64_t size_of(const struct journal_burst *burst)
{
	return burst->deleted.files + burst->deleted.folders;
}

/* Keep it behind the others; where there is no room, the smallest of all goes. */
static void keep_burst(struct journal_summary *summary, const struct journal_burst *burst)
{
	size_t smallest = 0;

	if (size_of(burst) < JOURNAL_BURST_FILES)
		return;
	if (summary->burst_count == JOURNAL_BURSTS_MAX) {
		for (size_t i = 1; i < JOURNAL_BURSTS_MAX; i++)
			if (size_of(&summary->bursts[i]) < size_of(&summary->bursts[smallest]))
				smallest = i;
		if (size_of(burst) <= size_of(&summary->bursts[smallest]))
			return;
		memmove(&summary->bursts[smallest], &summary->bursts[smallest + 1],
			(JOURNAL_BURSTS_MAX - 1 - smallest) * sizeof *burst);
		summary->burst_count--;
	}
	summary->bursts[summary->burst_count++] = *burst;
}

/* A clock that was set back makes a pause too. */
static bool is_pause(uint64_t from, uint64_t to)
{
	return to < from ? from - to > JOURNAL_BURST_PAUSE : to - from > JOURNAL_BURST_PAUSE;
}

static void find_bursts(struct summing *summing)
{
	struct journal_burst burst = { 0 };

	for (size_t i = 0; i < summing->deletions.count; i++) {
		const struct usn_fact *fact = fact_at(summing, summing->deletions.items[i]);

		if (burst.deleted.last.time && is_pause(burst.deleted.last.time, fact->time)) {
			keep_burst(summing->summary, &burst);
			burst = (struct journal_burst){ 0 };
		}
		stretch_span(&burst.deleted, fact);
		count_life(&burst.deleted, fact);
		burst.below += is_below(summing, fact);
	}
	keep_burst(summing->summary, &burst);
	for (size_t i = 0; i < summing->summary->burst_count; i++)
		summing->summary->bursts[i].written =
			writes_since(summing, summing->summary->bursts[i].deleted.last.usn);
}

int journal_summarise(const struct usn_history *history, const file_ref *folders, size_t count,
		      struct journal_summary *summary, struct error *err)
{
	struct summing summing = { .history = history, .summary = summary };
	bool           room;

	*summary = (struct journal_summary){ 0 };
	room = collect_folders(&summing, folders, count) && sum_lives(&summing);
	if (room && summing.deletions.count) {
		qsort_r(summing.deletions.items, summing.deletions.count, sizeof(uint32_t), compare_deletions,
			&summing);
		if (summing.writes.count)
			qsort(summing.writes.items, summing.writes.count, sizeof(uint64_t), compare_u64);
		find_bursts(&summing);
	}
	array_release(&summing.folders);
	array_release(&summing.deletions);
	array_release(&summing.writes);
	return room ? 0 : error_memory(err);
}
