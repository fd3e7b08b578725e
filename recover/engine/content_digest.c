/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content_digest.c - see content_digest.h */
#include "recover/engine/content_digest.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "core/workers.h"
#include "recover/stream_digest.h"

#define ITEMS_EACH 8u /* files that a worker takes at a time: neighbours on the disk */

struct placed_file {
	uint32_t record;
	uint64_t first_lcn;
};

struct digesting {
	struct work_volume  *volume;
	struct placed_file  *files; /* in the order of the disk */
	size_t               count;
	content_digest_each *each;
	void                *context;
	struct progress      progress;
	struct workers       workers;
};

struct worker {
	struct digesting      *digesting;
	struct file_reader     reader;
	struct content_buffers buffers;
	struct digest          digest;
};

static int digest_stream(struct worker *worker, const struct case_stream *stream,
			 struct catalogue_digest *out, struct error *err)
{
	struct content       content;
	struct content_piece piece;
	struct stream_digest digest;
	bool                 hashed = false;
	int                  got;

	if (stream_digest_start(&digest, &worker->digest, err) < 0)
		return -1;
	content_open(&content, &worker->digesting->volume->volume, stream, false, &worker->buffers);
	while ((got = content_next(&content, &piece, err)) == 1)
		if (stream_digest_add(&digest, &piece, err) < 0) {
			got = -1;
			break;
		}
	if (got == 0)
		got = stream_digest_end(&digest, out->sum, &hashed, err);
	out->known = hashed && content_grade(&content) <= GRADE_INTACT;
	content_close(&content);
	progress_add(&worker->digesting->progress, stream->size_bytes);
	return got;
}

static int digest_file(struct worker *worker, uint32_t number, struct error *err)
{
	struct digesting                          *digesting = worker->digesting;
	CLEANUP(free_ptr) struct catalogue_digest *digests = NULL;
	struct case_record                         record = { 0 };
	int status = volume_tree_load(&digesting->volume->tree, &worker->reader, number, &record, err);

	if (status == 0) {
		digests = calloc(record.streams.count + 1, sizeof *digests);
		status = digests ? 0 : error_memory(err);
	}
	for (size_t i = 0; status == 0 && i < record.streams.count; i++)
		if (record.streams.items[i].type == ATTRIBUTE_DATA)
			status = digest_stream(worker, &record.streams.items[i], &digests[i], err);
	if (status == 0) {
		pthread_mutex_lock(&digesting->workers.lock);
		status = digesting->each(digesting->context, &record, digests, err);
		pthread_mutex_unlock(&digesting->workers.lock);
	}
	case_record_release(&record);
	return status;
}

static int work(void *argument, struct error *err)
{
	struct digesting *digesting = argument;
	struct worker     worker = { .digesting = digesting };
	size_t            first, end;
	int               status = file_reader_init(&worker.reader, &digesting->volume->tree.inventory,
						    &digesting->volume->tree.extensions, err);

	while (status == 0 && workers_take(&digesting->workers, digesting->count, ITEMS_EACH, &first, &end))
		for (size_t i = first; status == 0 && i < end; i++)
			status = digest_file(&worker, digesting->files[i].record, err);
	file_reader_release(&worker.reader);
	content_buffers_release(&worker.buffers);
	digest_release(&worker.digest);
	return status;
}

static int compare_place(const void *a, const void *b)
{
	const struct placed_file *left = a, *right = b;

	return (left->first_lcn > right->first_lcn) - (left->first_lcn < right->first_lcn);
}

/* Where the files lie, and how much they hold. */
static int place_files(struct digesting *digesting, const uint32_t *records, uint64_t *bytes, struct error *err)
{
	*bytes = 0;
	for (size_t i = 0; i < digesting->count; i++) {
		struct case_record record = { 0 };
		int                status = work_volume_load(digesting->volume, records[i], &record, err);

		digesting->files[i] = (struct placed_file){ .record = records[i],
							    .first_lcn = record.file.first_lcn };
		for (size_t j = 0; j < record.streams.count; j++)
			if (record.streams.items[j].type == ATTRIBUTE_DATA)
				*bytes += record.streams.items[j].size_bytes;
		case_record_release(&record);
		if (status < 0)
			return -1;
	}
	if (digesting->count)
		qsort(digesting->files, digesting->count, sizeof *digesting->files, compare_place);
	return 0;
}

int content_digest_all(struct work_volume *volume, const uint32_t *records, size_t count,
		       content_digest_each *each, void *context, struct error *err)
{
	struct digesting digesting = { .volume = volume,
				       .count = count,
				       .each = each,
				       .context = context,
				       .workers = WORKERS_READY };
	uint64_t         bytes;
	int              status;

	digesting.files = malloc((count + 1) * sizeof *digesting.files);
	if (!digesting.files)
		return error_memory(err);
	status = place_files(&digesting, records, &bytes, err);
	if (status == 0) {
		progress_start(&digesting.progress, "reading contents", bytes, PROGRESS_BYTES);
		status = workers_run(&digesting.workers, command_threads(), work, &digesting, err);
		progress_end(&digesting.progress);
	}
	free(digesting.files);
	return status;
}
