/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/usmt/usmt_log_reader.h"

#include <string.h>

static void read_log(const uint8_t *data, size_t size)
{
	struct usmt_log_file log;
	struct error         err;
	size_t               covered = 0, text = 0;

	MUST(usmt_log_read(&log, data, size, &err) == 0);
	for (size_t i = 0; i < log.records.count; i++) {
		MUST(log.records.items[i].level <= USMT_LEVELS);
		text += strlen(log.records.items[i].text);
	}
	MUST(text <= size);
	for (size_t i = 0; i < log.runs.count; i++) {
		MUST(log.runs.items[i].first == covered && log.runs.items[i].count);
		covered += log.runs.items[i].count;
	}
	MUST(covered == log.records.count);
	usmt_log_file_release(&log);
}

static void read_progress(const uint8_t *data, size_t size)
{
	struct usmt_progress_file log;
	struct error              err;
	size_t                    covered = 0, text = 0;

	MUST(usmt_progress_read(&log, data, size, &err) == 0);
	for (size_t i = 0; i < log.steps.count; i++) {
		MUST(log.steps.items[i].first == covered);
		covered += log.steps.items[i].count;
	}
	MUST(covered == log.pairs.count);
	for (size_t i = 0; i < log.pairs.count; i++)
		text += strlen(log.pairs.items[i].key) + strlen(log.pairs.items[i].value);
	MUST(text <= size);
	usmt_progress_file_release(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_log(data, size);
	read_progress(data, size);
	return 0;
}
