/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - see progress.h */
#include "core/progress.h"

#include "core/terminal.h"
#include "core/text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool             progress_wanted;
static pthread_mutex_t  drawing = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned drawn; /* columns of the bar that is to be seen */

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

void progress_wipe(void)
{
	if (!atomic_load(&drawn))
		return;
	pthread_mutex_lock(&drawing);
	dprintf(STDERR_FILENO, "\r%*s\r", (int)drawn, "");
	drawn = 0;
	pthread_mutex_unlock(&drawing);
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

struct left { char text[32]; };

/* ", 1:02:03 left"; nothing before there is a rate. */
static struct left time_left(uint64_t rest, double rate)
{
	struct left left = { "" };
	double      seconds = rate > 0 ? (double)rest / rate : 0;
	unsigned    whole = seconds < 360000 ? (unsigned)(seconds + 0.5) : 0;

	if (rate <= 0)
		return left;
	if (seconds >= 360000)
		strcpy(left.text, ", days left");
	else if (whole >= 3600)
		snprintf(left.text, sizeof left.text, ", %u:%02u:%02u left", whole / 3600, whole / 60 % 60, whole % 60);
	else
		snprintf(left.text, sizeof left.text, ", %u:%02u left", whole / 60, whole % 60);
	return left;
}

/* The bar takes the room that the words leave, up to 24 columns; where that is too little, it is left out. */
static void write_bar(const struct progress *progress, uint64_t done, const char *words, unsigned width, char *bar,
		      size_t size)
{
	enum { MOST = 24, LEAST = 8 };
	size_t   taken = strlen(progress->what) + strlen(words) + strlen(" [] ");
	unsigned room = taken < width ? width - (unsigned)taken : 0, full;

	room = room < MOST ? room : MOST;
	if (!progress->total || room < LEAST || room + sizeof " [] " > size) {
		snprintf(bar, size, ": ");
		return;
	}
	full = (unsigned)((double)done / (double)progress->total * room);
	snprintf(bar, size, " [%.*s%.*s] ", (int)full, "########################", (int)(room - full),
		 "........................");
}

/* Take the last line's place: blanks where that was longer. */
static void show(const char *line, unsigned columns)
{
	pthread_mutex_lock(&drawing);
	dprintf(STDERR_FILENO, "\r%.*s%*s", (int)columns, line, drawn > columns ? (int)(drawn - columns) : 0, "");
	if (drawn > columns)
		dprintf(STDERR_FILENO, "\r%.*s", (int)columns, line);
	drawn = columns;
	pthread_mutex_unlock(&drawing);
}

static void progress_draw(const struct progress *progress, uint64_t done, uint64_t now)
{
	double   seconds = (double)(now - progress->start_ns) / 1e9;
	double   rate = seconds > 0 && done > progress->before ? (double)(done - progress->before) / seconds : 0;
	unsigned width = terminal_columns_of(STDERR_FILENO) - 1; /* a full line would wrap */
	char     bar[64], words[128], line[320];
	size_t   length;

	if (progress->total && done > progress->total)
		done = progress->total;
	snprintf(words, sizeof words, "%s, %s/s%s", amount(progress, done).text, amount(progress, (uint64_t)rate).text,
		 progress->total ? time_left(progress->total - done, rate).text : "");
	write_bar(progress, done, words, width, bar, sizeof bar);
	snprintf(line, sizeof line, "%s%s%s", progress->what, bar, words);
	length = strlen(line);
	show(line, length < width ? (unsigned)length : width);
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
		progress_wipe();
	progress->shown = false;
}
