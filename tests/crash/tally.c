/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tally.c - see tally.h */
#include "tests/crash/tally.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MAX 20 /* violations printed by a worker */

void tally_add(struct tally *tally, const struct verdict *verdict, const char *name)
{
	char kinds[100] = "";

	tally->judged++;
	if (verdict->lost > tally->lost_most)
		tally->lost_most = verdict->lost;
	if (verdict_is_good(verdict))
		return;
	for (enum violation which = 0; which < VIOLATIONS; which++) {
		if (!verdict->failed[which])
			continue;
		tally->failed[which]++;
		snprintf(kinds + strlen(kinds), sizeof kinds - strlen(kinds), " %s", violation_names[which]);
	}
	if (tally->bad++ < LINES_MAX)
		printf("violation:%s: %s: %s\n", kinds, name, verdict->text);
	fflush(stdout);
}

static void add_up(struct tally *sum, const struct tally *one, bool same_states)
{
	sum->states = same_states ? one->states : sum->states + one->states;
	sum->judged += one->judged;
	sum->again += one->again;
	sum->nested += one->nested;
	sum->bad += one->bad;
	for (enum violation which = 0; which < VIOLATIONS; which++)
		sum->failed[which] += one->failed[which];
	if (one->lost_most > sum->lost_most)
		sum->lost_most = one->lost_most;
	sum->done = sum->done && one->done;
}

static void print(const struct tally *sum)
{
	printf("states %zu judged %zu again %zu nested %zu bad %zu", sum->states, sum->judged, sum->again,
	       sum->nested, sum->bad);
	for (enum violation which = 0; which < VIOLATIONS; which++)
		printf(" %s %zu", violation_names[which], sum->failed[which]);
	printf(" lost-most %zu\n", sum->lost_most);
}

int workers_run(size_t jobs, worker_run *run, void *context, bool same_states)
{
	struct tally *tallies =
		mmap(NULL, jobs * sizeof *tallies, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tally sum = { .done = true };

	if (tallies == MAP_FAILED)
		err(3, "mmap");
	fflush(stdout);
	for (size_t i = 0; i < jobs; i++) {
		pid_t child = fork();

		if (child < 0)
			err(3, "fork");
		if (child == 0) {
			run(context, i, tallies);
			tallies[i].done = true;
			exit(0);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	for (size_t i = 0; i < jobs; i++)
		add_up(&sum, &tallies[i], same_states);
	print(&sum);
	if (!sum.done)
		errx(3, "a worker did not come to its end");
	return sum.bad ? 1 : 0;
}
