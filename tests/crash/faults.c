/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faults.c - a command whose n-th call fails, for every n, judged
 *
 * Reads, writes and flushes of the image fail, are cut short, or are where the command is killed
 * (record.so); allocations fail (alloc.so).  A command that could not do its work must say so, in words and
 * by its exit status, and leave the image as a crash may leave it.  One that says that all is
 * well must have done all.  With --again, running that on what is left must end as one run does.
 */
#include "tests/crash/tally.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"Usage: faults [OPTION]... BASE COMMAND\n"
	"\n"
	"Runs COMMAND on copies of the image BASE; words are parted by spaces, {} stands for the image.\n"
	"\n"
	"      --fault CALL:WHAT   read, write or flush; EIO, ENOSPC, short, kill-before or kill-after. Or\n"
	"                          alloc:ENOMEM\n"
	"      --lasting           the n-th call and all that follow\n"
	"      --most N            calls to try, evenly chosen (all)\n"
	"      --tools FOLDER      where record.so and alloc.so are\n"
	"      --jobs N            workers (2)\n"
	"\n"
	"and what to judge by, as for explore:\n" LAW_USAGE "\n"
	"Prints a line a violation and one with the sums. Exit status: 0 no violation; 1 violations; 2 usage;\n"
	"3 could not work.\n";

struct options {
	const char *base, *command, *fault, *tools;
	size_t      most, jobs;
	bool        lasting;
	struct law  law;
};

struct plan {
	struct options *options;
	bool            alloc; /* memory fails */
	bool            kills;
	char            call[16];
	const char     *what;
	size_t          count; /* calls that the command makes */
};

/* Run the command on what lies in the working image; @fault is empty for a run without. */
static struct ending run(const struct plan *plan, const struct judge *judge, const char *fault,
			 const char *count)
{
	char  image[PATH_MAX + 16], preload[2 * PATH_MAX], counts[PATH_MAX + 16], faults[80];
	char *environment[] = { image, preload, counts, faults, NULL };

	snprintf(image, sizeof image, "CRASH_IMAGE=%s", judge->path);
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s/%s", plan->options->tools,
		 plan->alloc ? "alloc.so" : "record.so");
	snprintf(counts, sizeof counts, "CRASH_COUNT=%s", count);
	snprintf(faults, sizeof faults, "%s=%s", plan->alloc ? "CRASH_ALLOC" : "CRASH_FAULT", fault);
	if (!*fault)
		environment[3] = NULL;
	return program_run(plan->options->command, judge->path, environment, judge->law->cpu_seconds);
}

/* How many calls of the kind that shall fail there are; makes the law's listing, too. */
static void rehearse(struct plan *plan, struct law *law)
{
	struct state  base;
	struct judge  judge;
	struct ending ending;
	char          name[80], counts[PATH_MAX + 16], line[80], call[16];
	size_t        number;
	FILE         *file;

	state_open(&base, plan->options->base);
	snprintf(name, sizeof name, "rehearse-%d.img", (int)getpid());
	judge_open(&judge, law, name, base.size);
	state_store(&base, judge.bytes);
	snprintf(counts, sizeof counts, "%s.count", judge.path);
	ending = run(plan, &judge, "", counts);
	if (ending.status)
		errx(3, "%s: status %d: %s", plan->options->command, ending.status, ending.text);
	file = fopen(counts, "r");
	if (!file)
		err(3, "%s", counts);
	while (fgets(line, sizeof line, file))
		if (sscanf(line, "%15s %zu", call, &number) == 2 && strcmp(call, plan->call) == 0)
			plan->count += number;
	fclose(file);
	unlink(counts);
	judge_finish(&judge);
	judge_close(&judge);
	state_release(&base);
	if (!plan->count)
		errx(3, "%s: makes no %s", plan->options->command, plan->call);
}

/* May the command end so? */
static void judge_ending(const struct plan *plan, struct judge *judge, const struct ending *ending,
			 struct verdict *verdict)
{
	bool killed = ending->status == 128 + 9;

	/* 1: done, but something was left out; 3: not done; in both cases it must say so */
	if (plan->kills ? killed : (ending->status == 1 || ending->status == 3) && ending->text[0])
		return;
	if (ending->status == 0)
		judge_finished(judge, VIOLATION_ENDING, verdict);
	else
		verdict_blame(verdict, VIOLATION_ENDING, "ended with status %d: %s", ending->status,
			      ending->text);
}

/* Judge what is left, and run the command again on it with nothing that fails. */
static void judge_left(struct judge *judge, struct verdict *verdict, struct tally *tally)
{
	struct state left = { .bytes = malloc(judge->size), .size = judge->size };

	if (!left.bytes)
		err(3, "memory for an image");
	memcpy(left.bytes, judge->bytes, judge->size);
	judge_image(judge, verdict);
	if (judge->law->again) {
		state_store(&left, judge->bytes);
		judge_again(judge, verdict);
		tally->again++;
	}
	free(left.bytes);
}

static void inject(const struct plan *plan, const struct state *base, struct judge *judge, size_t number,
		   struct tally *tally)
{
	char           fault[80], name[80];
	struct ending  ending;
	struct verdict verdict = { 0 };

	if (plan->alloc)
		snprintf(fault, sizeof fault, "%zu%s", number, plan->options->lasting ? "+" : "");
	else
		snprintf(fault, sizeof fault, "%s:%zu%s:%s", plan->call, number,
			 plan->options->lasting ? "+" : "", plan->what);
	state_store(base, judge->bytes);
	ending = run(plan, judge, fault, "/dev/null");
	judge_ending(plan, judge, &ending, &verdict);
	judge_left(judge, &verdict, tally);
	snprintf(name, sizeof name, "%.30s%s, call %zu", plan->options->fault,
		 plan->options->lasting ? " from then on" : "", number);
	tally->states++;
	tally_add(tally, &verdict, name);
}

static void work(void *context, size_t worker, struct tally *tallies)
{
	struct plan    *plan = context;
	struct options *options = plan->options;
	size_t          wanted = options->most < plan->count ? options->most : plan->count;
	char            name[80];
	struct state    base;
	struct judge    judge;

	state_open(&base, options->base);
	snprintf(name, sizeof name, "faults-%d.img", (int)getpid());
	judge_open(&judge, &options->law, name, base.size);
	for (size_t i = worker; i < wanted; i += options->jobs)
		inject(plan, &base, &judge, 1 + (size_t)((__uint128_t)i * plan->count / wanted),
		       &tallies[worker]);
	judge_close(&judge);
	state_release(&base);
}

int main(int argc, char **argv)
{
	struct options       options = { .most = SIZE_MAX, .jobs = 2, .law = LAW_INITIAL };
	const struct setting settings[] = {
		{ "fault", &options.fault, NULL, NULL, NULL },
		{ "lasting", NULL, NULL, &options.lasting, NULL },
		{ "most", NULL, &options.most, NULL, NULL },
		{ "tools", &options.tools, NULL, NULL, NULL },
		{ "jobs", NULL, &options.jobs, NULL, NULL },
		LAW_SETTINGS(options.law),
	};
	struct plan plan = { .options = &options };
	char **words = settings_parse(argc, argv, settings, sizeof settings / sizeof *settings, 2, usage);
	const char *colon = options.fault ? strchr(options.fault, ':') : NULL;
	int         status;

	if (!colon || !options.tools || !options.jobs)
		errx(2, "--fault CALL:WHAT and --tools are needed");
	options.base = words[0];
	options.command = words[1];
	snprintf(plan.call, sizeof plan.call, "%.*s", (int)(colon - options.fault), options.fault);
	plan.what = colon + 1;
	plan.alloc = strcmp(plan.call, "alloc") == 0;
	plan.kills = strncmp(plan.what, "kill", 4) == 0;
	law_learn(&options.law, options.base);
	rehearse(&plan, &options.law);
	status = workers_run(options.jobs, work, &plan, false);
	law_release(&options.law);
	return status;
}
