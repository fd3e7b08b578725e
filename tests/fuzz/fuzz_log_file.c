/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole $LogFile: its records, facts, and states of FILE records; and the same bytes as pages from anywhere. */
#include "tests/fuzz/fuzz.h"

#include "scan/journal/log_parts.h"
#include "scan/journal/log_states.h"

static int take(void *to, const struct log_fact *fact, struct error *err)
{
	size_t *left = to;

	(void)err;
	TOUCH(fact->bytes);
	TOUCH(fact->attribute.whole);
	TOUCH(fact->name.name);
	return *left && --*left ? 0 : -1; /* hostile logs may have very many */
}

static void walk(struct log_file *log)
{
	struct log_record record;
	struct error      err;
	uint64_t          last = 0;

	for (size_t i = 0; i < log->records.count; i++) {
		MUST(log_file_record(log, i, &record, &err) == 0);
		MUST(record.data.left <= record.place.data_bytes);
		MUST((record.data.left < record.place.data_bytes) == ((record.place.flags & LOG_RECORD_CUT) != 0));
		MUST(!i || record.place.lsn > last);
		MUST(log_file_find(log, record.place.lsn) == &log->records.items[i]);
		last = record.place.lsn;
		TOUCH(record.data);
	}
}

/* Back from what some record may be now. */
static void rewind_last(struct log_history *history)
{
	uint8_t                  image[1024] = "FILE";
	struct log_record_change last = history->changes.items[history->changes.count - 1];
	struct le64              lsn = le64_make(history->log->records.items[last.index].lsn);
	struct error             err;
	uint64_t                 state;

	memcpy(image + 8, &lsn, sizeof lsn);
	MUST(log_history_rewind(history, last.record, image, sizeof image, 0, &state, &err) >= 0);
}

static void tell(const struct log_reader *reader)
{
	struct log_file    log = { 0 };
	struct log_history history = { 0 };
	struct error       err;
	size_t             left = 100000;

	if (log_file_open(&log, reader, &err) == 0 && log_history_open(&history, &log, 0, 0, &err) == 0) {
		walk(&log);
		if (log_history_facts(&history, take, &left, &err) == 0 && log_history_states(&history, take, &left, &err) == 0 &&
		    log_history_parts(&history, take, &left, &err) == 0 && history.changes.count)
			rewind_last(&history);
	}
	log_history_release(&history);
	log_file_release(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t          *copy = malloc(size ? size : 1);
	struct bytes      bytes = { copy, size, 0 };
	struct log_reader reader = log_reader_of(&bytes);

	for (size_t i = 0; i < size; i++)
		copy[i] = data[i];
	tell(&reader);
	reader.scattered = true;
	tell(&reader);
	free(copy);
	return 0;
}
