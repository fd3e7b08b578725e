/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workers.c - see workers.h */
#include "core/workers.h"

#include <stdatomic.h>

struct call {
	struct workers *workers;
	worker_run     *run;
	void           *work;
};

static void *run_one(void *argument)
{
	const struct call *call = argument;
	struct workers    *workers = call->workers;
	struct error       err = { 0 };

	if (call->run(call->work, &err) == 0)
		return NULL;
	pthread_mutex_lock(&workers->lock);
	if (!workers->failed)
		workers->err = err;
	workers->failed = true;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

int workers_run(struct workers *workers, unsigned threads, worker_run *run, void *work, struct error *err)
{
	struct call call = { workers, run, work };
	pthread_t   others[WORKERS_MAX - 1];
	unsigned    started = 0;

	while (started + 1 < threads && started < WORKERS_MAX - 1 &&
	       pthread_create(&others[started], NULL, run_one, &call) == 0)
		started++;
	(void)run_one(&call);
	while (started)
		pthread_join(others[--started], NULL);
	if (!workers->failed)
		return 0;
	*err = workers->err;
	return -1;
}

bool workers_take(struct workers *workers, size_t count, size_t most, size_t *first, size_t *end)
{
	if (workers->failed)
		return false;
	*first = atomic_fetch_add(&workers->next, most);
	if (*first >= count)
		return false;
	*end = most < count - *first ? *first + most : count;
	return true;
}
