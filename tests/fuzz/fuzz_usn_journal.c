/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of a change journal: records are found, told as a history, and the history is asked and summed up. */
#include "tests/fuzz/fuzz.h"

#include "scan/recall/journal_summary.h"

static void touch_record(struct usn_record *record)
{
	struct range range;
	size_t       left = record->ranges.left;

	TOUCH(record->whole);
	TOUCH(record->name);
	while (usn_range_next(record, &range)) {
		MUST(record->ranges.left < left);
		left = record->ranges.left;
	}
}

static void ask(const struct usn_history *history)
{
	struct usn_path path;
	size_t          count;

	for (size_t i = 0; i < history->names.count; i++) {
		const struct usn_name *name = &history->names.items[i];
		const struct usn_fact *fact = &history->facts.items[name->first];

		MUST(name->first <= name->last && name->last < history->facts.count);
		MUST(name->renamed_to == USN_NONE || name->renamed_to < history->names.count);
		MUST(usn_history_names(history, fact->file, &count) <= name && count);
		MUST(usn_history_hold(history, name, fact->usn + 1) != USN_NOT_HELD ||
		     name->first == name->last);
		(void)usn_history_path(history, name, fact->usn, &path);
		MUST(path.count <= USN_PATH_MAX);
		(void)usn_history_path(history, name, UINT64_MAX, &path);
	}
	for (size_t i = 1; i < history->facts.count; i++)
		MUST(history->facts.items[i - 1].file != history->facts.items[i].file ||
		     history->facts.items[i - 1].usn < history->facts.items[i].usn);
	(void)usn_history_moment(history, 0);
}

static void check_span(const struct journal_span *span, const struct usn_history *history)
{
	MUST(span->files + span->folders <= history->facts.count);
	MUST(!(span->files + span->folders) || span->first.usn <= span->last.usn);
}

/* What lies below the folders of the first names. */
static void sum_up(const struct usn_history *history)
{
	static struct journal_summary summary;
	file_ref                      folders[4];
	size_t                        count = 0;
	struct error                  err;

	for (; count < 4 && count < history->names.count; count++)
		folders[count] = history->facts.items[history->names.items[count].first].parent;
	MUST(journal_summarise(history, folders, count, &summary, &err) == 0);
	MUST(summary.burst_count <= JOURNAL_BURSTS_MAX);
	check_span(&summary.all, history);
	check_span(&summary.deleted, history);
	check_span(&summary.created, history);
	for (size_t i = 0; i < summary.burst_count; i++) {
		check_span(&summary.bursts[i].deleted, history);
		MUST(summary.bursts[i].below <= summary.bursts[i].deleted.files + summary.bursts[i].deleted.folders);
		MUST(!i || summary.bursts[i - 1].deleted.first.time <= summary.bursts[i].deleted.first.time);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes       rest = { data, size, 0 };
	struct usn_history history = { 0 };
	struct usn_record  record;
	struct error       err;

	if (usn_record_decode(rest, &record, &err) == 0)
		touch_record(&record);
	while (usn_record_find(&rest, UINT64_MAX, &record)) {
		MUST(usn_history_add(&history, &record, (enum usn_source)(record.usn / 8 % 3), &err) == 0);
		touch_record(&record);
	}
	MUST(rest.left == 0);
	MUST(usn_history_build(&history, &err) == 0);
	ask(&history);
	sum_up(&history);
	usn_history_release(&history);
	return 0;
}
