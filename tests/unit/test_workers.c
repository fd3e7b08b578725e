/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_workers.c - every item is done once, and the first error is everybody's end */
#include "core/workers.h"
#include "tests/unit/unit.h"

#include <stdatomic.h>

#define ITEMS   10007u
#define WAITERS 3u

struct counting {
	struct workers workers;
	size_t         fails_at;         /* item */
	_Atomic size_t done, shares;
	_Atomic unsigned runs;           /* workers that there were */
	_Atomic uint8_t  times[ITEMS];
};

static int count_items(void *work, struct error *err)
{
	struct counting *counting = work;
	size_t           first, end;

	counting->runs++;
	while (workers_take(&counting->workers, ITEMS, 8, &first, &end)) {
		counting->shares++;
		for (size_t i = first; i < end; i++) {
			if (i == counting->fails_at)
				return error_set(err, ERROR_VALUE, "it", "item %zu is bad", i);
			counting->times[i]++;
			counting->done++;
		}
	}
	return 0;
}

static int run(struct counting *counting, unsigned threads, size_t fails_at, struct error *err)
{
	*counting = (struct counting){ .workers = WORKERS_READY, .fails_at = fails_at };
	return workers_run(&counting->workers, threads, count_items, counting, err);
}

Test(workers, each_item_is_done_once)
{
	static const unsigned  threads[] = { 0, 1, 2, 7, WORKERS_MAX, 1000 };
	static struct counting counting;
	struct error           err;

	for (size_t i = 0; i < COUNT(threads); i++) {
		unsigned wanted = threads[i] < 1 ? 1 : threads[i] > WORKERS_MAX ? WORKERS_MAX : threads[i];

		cr_assert(eq(int, run(&counting, threads[i], SIZE_MAX, &err), 0));
		cr_expect(eq(uint, counting.runs, wanted), "%u threads", threads[i]);
		cr_expect(eq(sz, counting.done, ITEMS));
		cr_expect(eq(sz, counting.shares, (ITEMS + 7) / 8));
		for (size_t item = 0; item < ITEMS; item++)
			cr_assert(eq(u8, counting.times[item], 1));
	}
}

Test(workers, the_error_is_handed_over_and_nothing_more_is_taken)
{
	static struct counting counting;
	struct error           err = { 0 };

	cr_assert(eq(int, run(&counting, 1, 20, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_expect(eq(str, err.text, "item 20 is bad"));
	cr_expect(eq(str, err.path, "it"));
	cr_expect(eq(sz, counting.done, 20));
	cr_expect(eq(int, run(&counting, 4, 0, &err), -1));
	cr_expect(eq(str, err.text, "item 0 is bad"));
	cr_expect(that(!workers_take(&counting.workers, SIZE_MAX, 1, &(size_t){ 0 }, &(size_t){ 0 })));
}

Test(workers, nothing_to_do_is_no_share)
{
	struct workers workers = WORKERS_READY;
	size_t         first, end;

	cr_expect(that(!workers_take(&workers, 0, 8, &first, &end)));
	workers.next = 6;
	cr_assert(that(workers_take(&workers, 7, 8, &first, &end)));
	cr_expect(eq(sz, first, 6));
	cr_expect(eq(sz, end, 7));
	cr_expect(that(!workers_take(&workers, 7, 8, &first, &end)));
}

/* -------- one fails while the others wait -------- */

struct waiting {
	struct workers   workers;
	_Atomic unsigned number;
	unsigned         waiting; /* under the lock */
};

static int wait_or_fail(void *work, struct error *err)
{
	struct waiting *of = work;
	bool            last = of->number++ == WAITERS;

	pthread_mutex_lock(&of->workers.lock);
	of->waiting += !last;
	pthread_cond_broadcast(&of->workers.changed);
	while (last ? of->waiting < WAITERS : !of->workers.failed)
		pthread_cond_wait(&of->workers.changed, &of->workers.lock);
	pthread_mutex_unlock(&of->workers.lock);
	return last ? error_memory(err) : 0;
}

Test(workers, who_waits_is_woken_by_a_failure, .timeout = 30)
{
	struct waiting waiting = { .workers = WORKERS_READY };
	struct error   err;

	cr_expect(eq(int, workers_run(&waiting.workers, WAITERS + 1, wait_or_fail, &waiting, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_MEMORY));
}
