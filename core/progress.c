/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - see progress.h */
#include "core/progress.h"

#include "core/text.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool progress_wanted;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void progress_setup(bool quiet)
{
	progress_wanted = !quiet && isatty(STDERR_FILENO);
}

void progress_start(struct progress *progress, const char *what, uint64_t total, enum progress_unit unit)
{
	progress_start_at(progress, what, 0, total, unit);
}

void progress_start_at(struct progress *progress, const char *what, uint64_t before, uint64_t total,
		       enum progress_unit unit)
{
	uint64_t now = now_ns();

	progress->what = what;
	progress->total = total;
	progress->unit = unit;
	progress->shown = progress_wanted;
	progress->start_ns = now;
	progress->step_ns = 100000000;
	progress->before = before;
	atomic_store(&progress->done, before);
	atomic_store(&progress->next_ns, now + 3 * progress->step_ns);
}

static struct text_number amount(const struct progress *progress, uint64_t value)
{
	return progress->unit == PROGRESS_BYTES ? text_size(value) : text_count(value);
}

static void progress_draw(struct progress *progress, uint64_t done, uint64_t now)
{
	enum { WIDTH = 24 };
	double   seconds = (double)(now - progress->start_ns) / 1e9;
	uint64_t rate = seconds > 0 ? (uint64_t)((double)(done - progress->before) / seconds) : 0;
	char     bar[WIDTH + 1], left[32] = "";

	if (progress->total) {
		uint64_t shown = done < progress->total ? done : progress->total;
		unsigned full = (unsigned)((double)shown / (double)progress->total * WIDTH);

		for (unsigned i = 0; i < WIDTH; i++)
			bar[i] = i < full ? '#' : '.';
		bar[WIDTH] = 0;
		if (rate) {
			uint64_t rest = (progress->total - shown) / rate;

			snprintf(left, sizeof left, ", %llu:%02llu left", (unsigned long long)(rest / 60),
				 (unsigned long long)(rest % 60));
		}
		fprintf(stderr, "\r\033[K%s [%s] %s, %s/s%s", progress->what, bar,
			amount(progress, done).text, amount(progress, rate).text, left);
	} else {
		fprintf(stderr, "\r\033[K%s: %s, %s/s", progress->what, amount(progress, done).text,
			amount(progress, rate).text);
	}
	fflush(stderr);
}

void progress_add(struct progress *progress, uint64_t done)
{
	uint64_t sum = atomic_fetch_add(&progress->done, done) + done;
	uint64_t next, now;

	if (!progress->shown)
		return;
	now = now_ns();
	next = atomic_load(&progress->next_ns);
	if (now < next ||
	    !atomic_compare_exchange_strong(&progress->next_ns, &next, now + progress->step_ns))
		return; /* too early, or another thread draws */
	progress_draw(progress, sum, now);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
