/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workers.h - threads that share one work, and the first error that one of them met
 *
 * Each runs the same function until nothing is left to do, or one of them has failed: then the others stop at
 * the next share, or where they wait for .changed.
 */
#ifndef CORE_WORKERS_H
#define CORE_WORKERS_H

#include "core/error.h"

#include <pthread.h>
#include <stdbool.h>

#define WORKERS_MAX 16u

struct workers {
	_Atomic size_t  next;    /* of the items, the first that nobody has taken */
	_Atomic bool    failed;
	pthread_mutex_t lock;    /* of all else that the work shares: the caller's to take */
	pthread_cond_t  changed; /* signalled when one fails: the caller's to wait for, and to signal */
	struct error    err;     /* of the first that failed */
};

#define WORKERS_READY { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER }

/* What one worker does with @work, which all share.  Returns 0, or -1: all are to stop. */
typedef int worker_run(void *work, struct error *err);

/*
 * Let @threads at the most work on @work, this one among them, until all have returned.  Where threads cannot be
 * had, there are fewer.
 * @workers  WORKERS_READY, part of @work as a rule; for one run
 * Returns 0, or -1 with the error of the first that failed.
 */
MUST_CHECK int workers_run(struct workers *workers, unsigned threads, worker_run *run, void *work,
			   struct error *err);

/*
 * Take a share: the items from @first up to @end, @most of them, of @count in all.
 * False where none is left, or a worker has failed.
 */
bool workers_take(struct workers *workers, size_t count, size_t most, size_t *first, size_t *end);

#endif
