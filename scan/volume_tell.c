/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_tell.c - see volume_tell.h */
#include "scan/volume_tell.h"

#include "core/progress.h"
#include "scan/told_file.h"

#define BATCH_NODES 256u /* files that a worker decodes before it hands them over: those of so many records in a row */

/* What the workers share. */
struct telling {
	struct volume_scan *vs;
	pthread_mutex_t     lock;        /* of what follows */
	size_t              next;        /* in vs->nodes: not given to a worker yet */
	size_t              next_batch;
	size_t              turn;        /* batch whose results go into the casebook next */
	pthread_cond_t      turned;
	_Atomic bool        failed;
	struct error        err;
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

/* The next batch, as its first node's place and how many there are: 0 when there is none. */
static size_t next_batch(struct telling *telling, size_t *batch, size_t *first)
{
	const struct node_list *nodes = &telling->vs->nodes;
	size_t                  end;

	pthread_mutex_lock(&telling->lock);
	end = *first = telling->next;
	while (end < nodes->count && nodes->items[end] / BATCH_NODES == nodes->items[*first] / BATCH_NODES)
		end++;
	telling->next = end;
	*batch = telling->next_batch++;
	pthread_mutex_unlock(&telling->lock);
	return end - *first;
}

static int tell_batch(struct worker *worker, size_t first, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!array_push(&worker->files, (struct told_file){ 0 }))
			return error_memory(err);
		if (told_file_make(&worker->teller, worker->telling->vs->nodes.items[first + i],
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

	pthread_mutex_lock(&telling->lock);
	while (telling->turn != batch && !telling->failed)
		pthread_cond_wait(&telling->turned, &telling->lock);
	pthread_mutex_unlock(&telling->lock);
	for (size_t i = 0; result == 0 && !telling->failed && i < worker->files.count; i++)
		result = write_file(telling->vs, &worker->files.items[i], err);
	pthread_mutex_lock(&telling->lock);
	telling->turn++;
	pthread_cond_broadcast(&telling->turned);
	pthread_mutex_unlock(&telling->lock);
	return result;
}

static void forget_files(struct worker *worker)
{
	for (size_t i = 0; i < worker->files.count; i++)
		told_file_release(&worker->files.items[i]);
	worker->files.count = 0;
}

static void *tell_worker(void *argument)
{
	struct telling      *telling = argument;
	struct volume_scan  *vs = telling->vs;
	struct worker        worker = { .telling = telling };
	struct error         err;
	int                  result = file_teller_init(&worker.teller, vs, &err);

	while (result == 0 && !telling->failed) {
		size_t batch, first, count = next_batch(telling, &batch, &first);

		if (!count)
			break;
		result = tell_batch(&worker, first, count, &err);
		if (result == 0)
			result = write_batch(&worker, batch, &err);
		forget_files(&worker);
		progress_add(&telling->progress, count);
	}
	forget_files(&worker);
	if (result < 0) {
		pthread_mutex_lock(&telling->lock);
		if (!telling->failed)
			telling->err = err;
		telling->failed = true;
		pthread_cond_broadcast(&telling->turned);
		pthread_mutex_unlock(&telling->lock);
	}
	file_teller_release(&worker.teller);
	array_release(&worker.files);
	return NULL;
}

int volume_tell_files(struct volume_scan *vs, struct error *err)
{
	struct telling telling = { .vs = vs, .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER };
	pthread_t      workers[16];
	unsigned       started = 0;

	for (uint32_t node = 0; node < vs->space.nodes.count; node++)
		(void)namespace_proof(&vs->space, node); /* kept there, so that the workers only read it */
	progress_start(&telling.progress, "grading files", vs->nodes.count, PROGRESS_ITEMS);
	while (started + 1 < vs->scan->options->threads && started < sizeof workers / sizeof workers[0] &&
	       pthread_create(&workers[started], NULL, tell_worker, &telling) == 0)
		started++;
	tell_worker(&telling);
	while (started)
		pthread_join(workers[--started], NULL);
	progress_end(&telling.progress);
	if (telling.failed) {
		*err = telling.err;
		return -1;
	}
	return 0;
}
