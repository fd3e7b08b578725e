/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log_source.h - where the bytes of a log lie on a volume
 *
 * Either $LogFile, by its runs, or pages of a log that lie anywhere.
 */
#ifndef SCAN_LOG_SOURCE_H
#define SCAN_LOG_SOURCE_H

#include "scan/file.h"
#include "scan/journal/log_file.h"

#define LOG_CARVED_PAGE_BYTES 4096u

struct log_source {
	const struct volume *volume; /* borrowed */
	struct runs          runs;   /* of $LogFile */
	const uint64_t      *pages;  /* where pages lie, bytes of the volume; borrowed; NULL: .runs */
	uint64_t             size_bytes;
	uint8_t             *window; /* of the stream, for what is read in order */
	uint64_t             window_start;
	size_t               window_length;
	uint64_t             next;   /* behind what was read last */
	struct ranges        missing;
};

/*
 * $LogFile of the volume that @reader reads; .size_bytes is 0 where its runs are not known.
 * Returns 0, or -1 without memory.  log_source_release in any case.
 */
MUST_CHECK int log_source_open(struct log_source *source, struct file_reader *reader, struct error *err);

/* @count pages of LOG_CARVED_PAGE_BYTES.  No memory is taken. */
void log_source_of_pages(struct log_source *source, const struct volume *volume, const uint64_t *pages, size_t count);
void log_source_release(struct log_source *source);

/* For log_file_open; @source stays where it is. */
struct log_reader log_source_reader(struct log_source *source);

/* Where a byte of the log lies, bytes of the volume; NO_OFFSET where that is not known. */
uint64_t log_source_place(const struct log_source *source, uint64_t offset);

#endif
