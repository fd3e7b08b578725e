/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explore.c - every state in which a power cut could leave an image, judged
 *
 * What a device may hold after a crash: all that was written before the last flush, and of each
 * sector written since then any one of its contents.  (An older write that reaches the device
 * after a younger one leaves the same sectors as a younger one that never did, so subsets by sector
 * stand for all orders.)  Out of these states are taken: every prefix of the writes; the last write of a
 * prefix torn at each sector border, either part of it; all subsets of the writes between two
 * flushes where these are few; each write alone missing, and each alone there; and samples of several
 * adversarial kinds.  A state that is byte for byte one already judged is not judged again.
 *
 * A recovery writes, too: of some states the writes of the recovering command are recorded and
 * explored in the same way.
 *
 * Every worker enumerates all states and judges those that its number falls upon.
 */
#include "tests/crash/state.h"
#include "tests/crash/tally.h"
#include "tests/crash/trace.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"Usage: explore [OPTION]... BASE TRACE\n"
	"\n"
	"BASE is the image before, TRACE what a program did to it (record.so). Commands are words parted by\n"
	"spaces, {} stands for the image; a command is content when it exits with 0.\n"
	"\n" LAW_USAGE "      --again-share N     of a thousand states (1000)\n"
	"      --ends N            and of so many that a flush made durable, evenly chosen (0)\n"
	"\n"
	"      --prefixes N        at most, evenly chosen (all)\n"
	"      --tears N           places where a prefix's last write is torn, at most (16)\n"
	"      --subsets N         all subsets of what lies between two flushes if that is N writes at most (6)\n"
	"      --singles N         writes left out alone, and there alone, evenly chosen (all)\n"
	"      --samples N         adversarial samples (1000)\n"
	"      --seed N            (1)\n"
	"      --nested N          of a thousand states the recovery is explored, too (0)\n"
	"      --record PATH       record.so; for --nested\n"
	"\n"
	"      --without STEP      leave a step out of the trace, as if the program had forgotten it (repeatable)\n"
	"      --list              only print the steps of the trace: flush, write, or log for one in $LogFile\n"
	"      --first             nothing more is judged after a violation\n"
	"      --keep FOLDER       keep the images of violations, ten of them\n"
	"      --jobs N            workers (2)\n"
	"\n"
	"Prints a line a violation and one with the sums. Exit status: 0 no violation; 1 violations; 2 usage;\n"
	"3 could not work.\n";

#define NESTED_SAMPLES 40
#define KEPT_MAX 5 /* violations kept by a worker */

struct options {
	const char *base, *trace, *keep, *record;
	size_t      prefixes, tears, subsets, singles, samples, ends, seed, jobs;
	size_t      again_share, nested_share; /* thousandths */
	size_t      without[SEVERAL_MAX];
	size_t      without_count;
	bool        list, first;
	struct law  law;
};

/* -------- states already seen -------- */

struct seen {
	struct hash *slots; /* an empty one is 0, 0 */
	size_t       count, room;
};

static bool seen_insert(struct seen *seen, struct hash hash);

static void seen_grow(struct seen *seen)
{
	struct seen larger = { .room = seen->room ? 2 * seen->room : 4096 };

	larger.slots = calloc(larger.room, sizeof *larger.slots);
	if (!larger.slots)
		err(3, "states");
	for (size_t i = 0; i < seen->room; i++)
		if (seen->slots[i].low || seen->slots[i].high)
			seen_insert(&larger, seen->slots[i]);
	free(seen->slots);
	*seen = larger;
}

/* True when it was not there. */
static bool seen_insert(struct seen *seen, struct hash hash)
{
	size_t at;

	if (2 * (seen->count + 1) > seen->room)
		seen_grow(seen);
	for (at = hash.high % seen->room; seen->slots[at].low || seen->slots[at].high;
	     at = (at + 1) % seen->room)
		if (seen->slots[at].low == hash.low && seen->slots[at].high == hash.high)
			return false;
	seen->slots[at] = hash;
	seen->count++;
	return true;
}

/* -------- a worker -------- */

struct explorer {
	const struct options *options;
	struct judge         *judge;
	const struct tally   *tallies; /* of all workers */
	struct tally         *tally;   /* its own */
	size_t                worker;
	struct seen           seen;
	struct state         *state;
	const struct trace   *trace;
	const char           *within; /* what was interrupted: "" or the state whose recovery it is */
	uint64_t              dice;
	size_t                prefixes, singles, samples; /* for this trace */
};

static uint64_t roll(struct explorer *explorer, uint64_t sides)
{
	explorer->dice ^= explorer->dice << 13;
	explorer->dice ^= explorer->dice >> 7;
	explorer->dice ^= explorer->dice << 17;
	return (explorer->dice * UINT64_C(0x2545F4914F6CDD1D) >> 16) % sides;
}

static void keep_image(const struct explorer *explorer, size_t number)
{
	char  path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof path, "%s/violation-%zu-%zu.img", explorer->options->keep, explorer->worker,
		 number);
	out = fopen(path, "w");
	if (!out || fwrite(explorer->state->bytes, explorer->state->size, 1, out) != 1 || fclose(out) != 0)
		err(3, "%s", path);
}

static void explore_recovery(struct explorer *explorer, const char *name);

static bool is_any_bad(const struct explorer *explorer)
{
	for (size_t i = 0; i < explorer->options->jobs; i++)
		if (explorer->tallies[i].bad)
			return true;
	return false;
}

/* A state: judge it unless it was seen, or is another worker's.  @always: run the command again on it */
static void consider_again(struct explorer *explorer, const char *what, size_t step, size_t detail, bool always)
{
	struct hash    hash = explorer->state->hash;
	struct tally  *tally = explorer->tally;
	bool           nested = *explorer->within, again;
	struct verdict verdict;
	char           name[300];

	tally->states++;
	if (explorer->options->first && is_any_bad(explorer))
		return;
	if (!seen_insert(&explorer->seen, hash) ||
	    (!nested && hash.low % explorer->options->jobs != explorer->worker))
		return;
	again = explorer->options->law.again && (always || hash.high % 1000 < explorer->options->again_share);
	verdict = judge_state(explorer->judge, explorer->state, again);
	tally->again += again;
	tally->nested += nested;
	snprintf(name, sizeof name, "%s%s, step %zu, %zu", explorer->within, what, step, detail);
	if (explorer->options->keep && !verdict_is_good(&verdict) && tally->bad < KEPT_MAX)
		keep_image(explorer, tally->bad);
	tally_add(tally, &verdict, name);
	if (!nested && hash.low / 1000 % 1000 < explorer->options->nested_share)
		explore_recovery(explorer, name);
}

static void consider(struct explorer *explorer, const char *what, size_t step, size_t detail)
{
	consider_again(explorer, what, step, detail, false);
}

/* -------- the kinds of states -------- */

/* Writes between two flushes. */
struct epoch {
	size_t first, end; /* steps */
};

static void put(struct explorer *explorer, size_t step)
{
	const struct step *write = &explorer->trace->steps[step];

	state_write(explorer->state, write->offset, write->bytes, write->length);
}

/* Only the part of a write that lies in whole sectors [from, to) counted from its first one. */
static void put_sectors(struct explorer *explorer, size_t step, size_t from, size_t to)
{
	const struct step *write = &explorer->trace->steps[step];
	uint64_t           first = write->offset / SECTOR_BYTES * SECTOR_BYTES;
	uint64_t           start = first + from * SECTOR_BYTES, end = first + to * SECTOR_BYTES;

	if (start < write->offset)
		start = write->offset;
	if (end > write->offset + write->length)
		end = write->offset + write->length;
	if (start < end)
		state_write(explorer->state, start, write->bytes + (start - write->offset),
			    (size_t)(end - start));
}

static size_t sectors_of(const struct step *write)
{
	return (size_t)((write->offset % SECTOR_BYTES + write->length + SECTOR_BYTES - 1) / SECTOR_BYTES);
}

/* Each sector with a chance of @percent. */
static void put_some_sectors(struct explorer *explorer, size_t step, unsigned percent)
{
	size_t count = sectors_of(&explorer->trace->steps[step]);

	for (size_t i = 0; i < count; i++)
		if (roll(explorer, 100) < percent)
			put_sectors(explorer, step, i, i + 1);
}

/* Is the @number-th of @total among the @wanted that are spread over them evenly? */
static bool is_chosen(size_t number, size_t total, size_t wanted)
{
	return wanted >= total ||
	       (__uint128_t)number * wanted / total != ((__uint128_t)number + 1) * wanted / total;
}

static void explore_tears(struct explorer *explorer, size_t step)
{
	size_t sectors = sectors_of(&explorer->trace->steps[step]);
	size_t mark = state_mark(explorer->state);

	for (size_t cut = 1; cut < sectors; cut++) {
		if (!is_chosen(cut - 1, sectors - 1, explorer->options->tears))
			continue;
		put_sectors(explorer, step, 0, cut);
		consider(explorer, "torn, first sectors", step, cut);
		state_rewind(explorer->state, mark);
		put_sectors(explorer, step, cut, sectors);
		consider(explorer, "torn, sectors from", step, cut);
		state_rewind(explorer->state, mark);
	}
}

/* All that a flush made durable, and nothing more.  @number  of this epoch, of @total */
static void explore_end(struct explorer *explorer, const struct epoch *epoch, size_t number, size_t total)
{
	size_t mark = state_mark(explorer->state);

	if (!is_chosen(number, total, explorer->options->ends))
		return;
	for (size_t step = epoch->first; step < epoch->end; step++)
		put(explorer, step);
	consider_again(explorer, "flushed", epoch->end, number, true);
	state_rewind(explorer->state, mark);
}

/* @writes  before this epoch, of all */
static void explore_prefixes(struct explorer *explorer, const struct epoch *epoch, size_t writes)
{
	size_t total = trace_writes(explorer->trace), mark = state_mark(explorer->state);

	for (size_t step = epoch->first; step < epoch->end; step++, writes++) {
		bool chosen = is_chosen(writes, total, explorer->prefixes);

		if (chosen)
			explore_tears(explorer, step);
		put(explorer, step);
		if (chosen)
			consider(explorer, "prefix", step, writes + 1);
	}
	state_rewind(explorer->state, mark);
}

static void explore_subsets(struct explorer *explorer, const struct epoch *epoch)
{
	size_t count = epoch->end - epoch->first, mark = state_mark(explorer->state);

	if (count > explorer->options->subsets)
		return;
	for (size_t subset = 1; subset < (size_t)1 << count; subset++) {
		for (size_t i = 0; i < count; i++)
			if (subset >> i & 1)
				put(explorer, epoch->first + i);
		consider(explorer, "subset", epoch->first, subset);
		state_rewind(explorer->state, mark);
	}
}

static void explore_singles(struct explorer *explorer, const struct epoch *epoch, size_t writes)
{
	size_t total = trace_writes(explorer->trace), mark = state_mark(explorer->state);

	for (size_t step = epoch->first; step < epoch->end; step++, writes++) {
		if (!is_chosen(writes, total, explorer->singles))
			continue;
		put(explorer, step);
		consider(explorer, "alone", step, 0);
		state_rewind(explorer->state, mark);
		for (size_t other = epoch->first; other < epoch->end; other++)
			if (other != step)
				put(explorer, other);
		consider(explorer, "missing alone", step, 0);
		state_rewind(explorer->state, mark);
	}
}

/* The kinds of samples: which of the writes [first, end) since the last flush are there. */
enum sample {
	SAMPLE_FEW,  /* each with a small chance */
	SAMPLE_HALF, /* each with an even chance */
	SAMPLE_MOST, /* each with a good chance */
	SAMPLE_ONE_MISSING,
	SAMPLE_ONE_ALONE,
	SAMPLE_LAST_ALONE,
	SAMPLE_RUN_MISSING, /* some writes that follow one another */
	SAMPLE_RUN_ALONE,
	SAMPLE_LATE_HALF,
	SAMPLE_BELOW,      /* those that lie before some place on the volume: the log or what it is for, */
	SAMPLE_ABOVE,      /* or behind it */
	SAMPLE_BELOW_TORN, /* all, but sectors of those that lie before it are missing */
	SAMPLE_ABOVE_TORN,
	SAMPLE_ONE_TORN, /* one lacks sectors */
	SAMPLE_ALL_TORN, /* each sector with a chance of its own */
	SAMPLES
};

static const char *const sample_names[SAMPLES] = {
	"sample: few",        "sample: half",       "sample: most",        "sample: one missing",
	"sample: one alone",  "sample: last alone", "sample: run missing", "sample: run alone",
	"sample: late half",  "sample: below",      "sample: above",       "sample: below torn",
	"sample: above torn", "sample: one torn",   "sample: all torn",
};

static void take_sample(struct explorer *explorer, const struct epoch *epoch, enum sample kind, size_t number)
{
	size_t   count = epoch->end - epoch->first, mark = state_mark(explorer->state);
	size_t   one = epoch->first + roll(explorer, count), length = 1 + roll(explorer, count);
	uint64_t border = explorer->trace->steps[one].offset;
	unsigned percent = 10 + (unsigned)roll(explorer, 81);

	for (size_t step = epoch->first; step < epoch->end; step++) {
		bool in_run = step >= one && step < one + length;
		bool below = explorer->trace->steps[step].offset < border;
		bool whole = true, torn = false;

		switch (kind) {
		case SAMPLE_FEW:
			whole = roll(explorer, 100) < 15;
			break;
		case SAMPLE_HALF:
			whole = roll(explorer, 2);
			break;
		case SAMPLE_MOST:
			whole = roll(explorer, 100) < 85;
			break;
		case SAMPLE_ONE_MISSING:
			whole = step != one;
			break;
		case SAMPLE_ONE_ALONE:
			whole = step == one;
			break;
		case SAMPLE_LAST_ALONE:
			whole = step + 1 == epoch->end;
			break;
		case SAMPLE_RUN_MISSING:
			whole = !in_run;
			break;
		case SAMPLE_RUN_ALONE:
			whole = in_run;
			break;
		case SAMPLE_LATE_HALF:
			whole = step - epoch->first >= count / 2;
			break;
		case SAMPLE_BELOW:
			whole = below;
			break;
		case SAMPLE_ABOVE:
			whole = !below;
			break;
		case SAMPLE_BELOW_TORN:
			torn = below;
			break;
		case SAMPLE_ABOVE_TORN:
			torn = !below;
			break;
		case SAMPLE_ONE_TORN:
			torn = step == one;
			break;
		case SAMPLE_ALL_TORN:
			torn = true;
			break;
		case SAMPLES:
			break;
		}
		if (torn)
			put_some_sectors(explorer, step, percent);
		else if (whole)
			put(explorer, step);
	}
	consider(explorer, sample_names[kind], epoch->end, number);
	state_rewind(explorer->state, mark);
}

/*
 * Half of the samples are spread over the epochs evenly, since those that matter most are
 * often small; half by their number of writes.  Each ends at a cut of its own.
 */
static void explore_samples(struct explorer *explorer, const struct epoch *epoch, size_t epochs,
			    size_t writes)
{
	size_t total = trace_writes(explorer->trace), count = epoch->end - epoch->first;
	size_t wanted = (explorer->samples + 2 * epochs - 1) / (2 * epochs) +
			(size_t)((__uint128_t)explorer->samples * (writes + count) / total / 2 -
				 (__uint128_t)explorer->samples * writes / total / 2);

	for (size_t i = 0; i < wanted; i++) {
		struct epoch cut = *epoch;

		if (roll(explorer, 2))
			cut.end = cut.first + 1 + roll(explorer, count);
		take_sample(explorer, &cut, (enum sample)(roll(explorer, SAMPLES)), i);
	}
}

/* The epoch that begins at @from; none if it is empty. */
static struct epoch epoch_at(const struct trace *trace, size_t from)
{
	struct epoch epoch = { from, from };

	while (epoch.end < trace->count && trace->steps[epoch.end].kind == TRACE_WRITE)
		epoch.end++;
	return epoch;
}

static size_t count_epochs(const struct trace *trace)
{
	size_t epochs = 0;

	for (size_t from = 0; from < trace->count;) {
		struct epoch epoch = epoch_at(trace, from);

		epochs += epoch.end > epoch.first;
		from = epoch.end + 1;
	}
	return epochs;
}

static void explore_trace(struct explorer *explorer)
{
	size_t epochs = count_epochs(explorer->trace), number = 0, writes = 0;

	consider(explorer, "prefix", 0, 0);
	for (size_t from = 0; from < explorer->trace->count;) {
		struct epoch epoch = epoch_at(explorer->trace, from);

		if (epoch.end > epoch.first) {
			if (!*explorer->within)
				explore_end(explorer, &epoch, number++, epochs);
			explore_prefixes(explorer, &epoch, writes);
			explore_subsets(explorer, &epoch);
			explore_singles(explorer, &epoch, writes);
			explore_samples(explorer, &epoch, epochs, writes);
		}
		for (size_t step = epoch.first; step < epoch.end; step++)
			put(explorer, step);
		state_forget_undo(explorer->state);
		writes += epoch.end - epoch.first;
		from = epoch.end + 1;
	}
}

/* -------- a crash within a recovery -------- */

static void explore_recovery(struct explorer *explorer, const char *name)
{
	const struct options *options = explorer->options;
	struct judge         *judge = explorer->judge;
	struct explorer       inner = *explorer;
	struct state          state;
	struct trace          trace;
	char  path[PATH_MAX + 8], image[PATH_MAX + 16], file[PATH_MAX + 32], preload[PATH_MAX + 16];
	char  within[200];
	char *environment[] = { image, file, preload, NULL };

	snprintf(path, sizeof path, "%s.trace", judge->path);
	snprintf(image, sizeof image, "CRASH_IMAGE=%s", judge->path);
	snprintf(file, sizeof file, "CRASH_TRACE=%s", path);
	snprintf(preload, sizeof preload, "LD_PRELOAD=%s", options->record);
	unlink(path);
	state_store(explorer->state, judge->bytes);
	program_run(judge->law->recover, judge->path, environment, judge->law->cpu_seconds);
	trace_read(&trace, path, judge->size);
	if (trace_writes(&trace)) {
		state_copy(&state, explorer->state);
		snprintf(within, sizeof within, "recovery after (%s): ", name);
		inner.state = &state;
		inner.trace = &trace;
		inner.within = within;
		inner.prefixes = inner.singles = inner.samples = NESTED_SAMPLES;
		explore_trace(&inner);
		explorer->seen = inner.seen;
		explorer->dice = inner.dice;
		state_release(&state);
	}
	trace_release(&trace);
	unlink(path);
}

/* -------- a worker's work -------- */

struct job {
	struct options *options;
	struct trace    trace;
};

static void work(void *context, size_t worker, struct tally *tallies)
{
	struct job     *job = context;
	struct options *options = job->options;
	struct state    state;
	struct judge    judge;
	char            name[80];
	struct explorer explorer = {
		.options = options,
		.judge = &judge,
		.tallies = tallies,
		.tally = &tallies[worker],
		.worker = worker,
		.state = &state,
		.trace = &job->trace,
		.within = "",
		.dice = options->seed * UINT64_C(0x9E3779B97F4A7C15) | 1,
		.prefixes = options->prefixes,
		.singles = options->singles,
		.samples = options->samples,
	};

	state_open(&state, options->base);
	snprintf(name, sizeof name, "explore-%d.img", (int)getpid());
	judge_open(&judge, &options->law, name, state.size);
	explore_trace(&explorer);
	judge_close(&judge);
	state_release(&state);
	free(explorer.seen.slots);
}

/* -------- the command line -------- */

static void list_steps(const char *base, const struct trace *trace)
{
	uint64_t log, log_end;

	witness_log(base, &log, &log_end);
	for (size_t i = 0; i < trace->count; i++) {
		const struct step *step = &trace->steps[i];
		bool               in_log = step->offset >= log && step->offset < log_end;

		if (step->kind == TRACE_FLUSH)
			printf("%zu flush\n", i);
		else
			printf("%zu %s %llu %zu\n", i, in_log ? "log" : "write",
			       (unsigned long long)step->offset, step->length);
	}
}

/* What the whole run leaves, to compare with when it is run again. */
static void learn_end(struct options *options, const struct trace *trace)
{
	struct state state;
	struct judge judge;
	char         name[80];

	state_open(&state, options->base);
	for (size_t i = 0; i < trace->count; i++)
		if (trace->steps[i].kind == TRACE_WRITE)
			state_write(&state, trace->steps[i].offset, trace->steps[i].bytes,
				    trace->steps[i].length);
	snprintf(name, sizeof name, "finished-%d.img", (int)getpid());
	judge_open(&judge, &options->law, name, state.size);
	state_store(&state, judge.bytes);
	judge_finish(&judge);
	judge_close(&judge);
	state_release(&state);
}

int main(int argc, char **argv)
{
	struct options       options = { .prefixes = SIZE_MAX,
					 .tears = 16,
					 .subsets = 6,
					 .singles = SIZE_MAX,
					 .samples = 1000,
					 .jobs = 2,
					 .seed = 1,
					 .again_share = 1000,
					 .law = LAW_INITIAL };
	const struct setting settings[] = {
		LAW_SETTINGS(options.law),
		{ "again-share", NULL, &options.again_share, NULL, NULL },
		{ "ends", NULL, &options.ends, NULL, NULL },
		{ "prefixes", NULL, &options.prefixes, NULL, NULL },
		{ "tears", NULL, &options.tears, NULL, NULL },
		{ "subsets", NULL, &options.subsets, NULL, NULL },
		{ "singles", NULL, &options.singles, NULL, NULL },
		{ "samples", NULL, &options.samples, NULL, NULL },
		{ "seed", NULL, &options.seed, NULL, NULL },
		{ "nested", NULL, &options.nested_share, NULL, NULL },
		{ "record", &options.record, NULL, NULL, NULL },
		{ "without", NULL, options.without, NULL, &options.without_count },
		{ "list", NULL, NULL, &options.list, NULL },
		{ "first", NULL, NULL, &options.first, NULL },
		{ "keep", &options.keep, NULL, NULL, NULL },
		{ "jobs", NULL, &options.jobs, NULL, NULL },
	};
	char     **words = settings_parse(argc, argv, settings, sizeof settings / sizeof *settings, 2, usage);
	struct job job = { .options = &options };
	struct stat base;
	int         status = 0;

	if (!options.jobs || options.subsets > 16 ||
	    (options.nested_share && (!options.record || !options.law.recover)))
		errx(2, "--nested needs --record and --recover; --subsets is 16 at most; --jobs 1 at least");
	options.base = words[0];
	options.trace = words[1];
	if (stat(options.base, &base) < 0)
		err(3, "%s", options.base);
	trace_read(&job.trace, options.trace, (size_t)base.st_size);
	for (size_t i = 0; i < options.without_count; i++)
		trace_leave_out(&job.trace, options.without[i]);
	if (options.list) {
		list_steps(options.base, &job.trace);
	} else {
		law_learn(&options.law, options.base);
		if (options.law.again || options.law.wholes.count)
			learn_end(&options, &job.trace);
		status = workers_run(options.jobs, work, &job, true);
		law_release(&options.law);
	}
	trace_release(&job.trace);
	return status;
}
