/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_tell.c - see volume_tell.h */
#include "scan/volume_tell.h"

#include "core/progress.h"
#include "core/workers.h"
#include "scan/told_file.h"

#define BATCH_NODES 256u /* files that a worker decodes before it hands them over: those of so many records in a row */

/* What the workers share. */
struct telling {
	struct volume_scan *vs;
	size_t              batches;
	struct workers      workers;
	size_t              turn;        /* batch whose results go into the casebook next; .workers.lock's */
	struct progress     progress;
};

struct worker {
	struct telling    *telling;
	struct file_teller teller;
	struct told_files  files;
};

static int write_file(struct volume_scan *vs, struct told_file *file, struct error *err)
{
	struct scan *scan = vs->scan;
	bool         wanted = !scan->options->summary || (!file->record.file.directory &&
							  file->record.file.grade != GRADE_INTACT);

	file->record.file.id = ++scan->next_file;
	if (wanted && casebook_add_file(scan->book, &file->record, err) < 0)
		return -1;
	if (wanted && file->beside &&
	    casebook_add_member(scan->book, CASE_BESIDE, scan->next_file, false, err) < 0)
		return -1;
	for (size_t i = 0; i < file->member_count; i++) {
		const struct member *member = &file->members[i];

		if (wanted && casebook_add_member(scan->book, (int64_t)member->store + 1, scan->next_file,
						  member->only_here, err) < 0)
			return -1;
		if (told_stores_count(&scan->stores, member->store, &file->record, member->only_here, err) < 0)
			return -1;
	}
	if (file->record.file.security_id && wanted &&
	    (!vs->security_ids.count ||
	     vs->security_ids.items[vs->security_ids.count - 1] != file->record.file.security_id) &&
	    !array_push(&vs->security_ids, file->record.file.security_id))
		return error_memory(err);
	return 0;
}

static int decode_batch(struct worker *worker, size_t batch, struct error *err)
{
	const struct node_list *nodes = &worker->telling->vs->nodes;
	size_t first = partition_point(0, nodes->count, at, nodes->items[at] / BATCH_NODES < batch);

	for (size_t i = first; i < nodes->count && nodes->items[i] / BATCH_NODES == batch; i++) {
		if (!array_push(&worker->files, (struct told_file){ 0 }))
			return error_memory(err);
		if (told_file_make(&worker->teller, nodes->items[i],
				   &worker->files.items[worker->files.count - 1], err) < 0)
			return -1;
	}
	return 0;
}

/* Wait for this batch's turn, then write it: the casebook's order is the table's. */
static int write_batch(struct worker *worker, size_t batch, struct error *err)
{
	struct telling *telling = worker->telling;
	int             result = 0;

	pthread_mutex_lock(&telling->workers.lock);
	while (telling->turn != batch && !telling->workers.failed)
		pthread_cond_wait(&telling->workers.changed, &telling->workers.lock);
	pthread_mutex_unlock(&telling->workers.lock);
	for (size_t i = 0; result == 0 && !telling->workers.failed && i < worker->files.count; i++)
		result = write_file(telling->vs, &worker->files.items[i], err);
	pthread_mutex_lock(&telling->workers.lock);
	telling->turn++;
	pthread_cond_broadcast(&telling->workers.changed);
	pthread_mutex_unlock(&telling->workers.lock);
	return result;
}

static void forget_files(struct worker *worker)
{
	for (size_t i = 0; i < worker->files.count; i++)
		told_file_release(&worker->files.items[i]);
	worker->files.count = 0;
}

static int tell_worker(void *work, struct error *err)
{
	struct telling *telling = work;
	struct worker   worker = { .telling = telling };
	int             result = file_teller_init(&worker.teller, telling->vs, err);
	size_t          batch, end;

	while (result == 0 && workers_take(&telling->workers, telling->batches, 1, &batch, &end)) {
		result = decode_batch(&worker, batch, err);
		if (result == 0)
			result = write_batch(&worker, batch, err);
		progress_add(&telling->progress, worker.files.count);
		forget_files(&worker);
	}
	file_teller_release(&worker.teller);
	array_release(&worker.files);
	return result;
}

int volume_tell_files(struct volume_scan *vs, struct error *err)
{
	struct telling telling = { .vs = vs,
				   .batches = (vs->space.nodes.count + BATCH_NODES - 1) / BATCH_NODES,
				   .workers = WORKERS_READY };
	int            result;

	for (uint32_t node = 0; node < vs->space.nodes.count; node++)
		(void)namespace_proof(&vs->space, node); /* kept there, so that the workers only read it */
	progress_start(&telling.progress, "grading files", vs->nodes.count, PROGRESS_ITEMS);
	result = workers_run(&telling.workers, vs->scan->options->threads, tell_worker, &telling, err);
	progress_end(&telling.progress);
	return result;
}
