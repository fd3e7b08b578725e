/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge.h - is an image as a crash left it as good as was promised?
 *
 * The program is judged from outside: it recovers the image and checks it, libntfs-3g mounts it
 * and finds each file with its content.  On request the interrupted command runs again on the
 * image as the crash left it, and must end as if it had never been interrupted.
 */
#ifndef CRASH_JUDGE_H
#define CRASH_JUDGE_H

#include "tests/crash/program.h"
#include "tests/crash/settings.h"
#include "tests/crash/state.h"
#include "tests/crash/witness.h"

#include <limits.h>
#include <stdbool.h>

enum violation {
	VIOLATION_RECOVER, /* the recovering command fails */
	VIOLATION_CHECK,   /* the checking command fails */
	VIOLATION_WITNESS, /* so does another one */
	VIOLATION_MOUNT,   /* libntfs-3g does not mount it for writing */
	VIOLATION_LOST,    /* a file is nowhere with its content */
	VIOLATION_HALF,    /* what changes at once is neither as it was nor as it becomes */
	VIOLATION_AGAIN,   /* running the command again does not end as one run does */
	VIOLATION_ENDING,  /* a command that met a fault ends as it must not */
	VIOLATIONS
};

extern const char *const violation_names[VIOLATIONS];

/* What to judge by; commands are as in program.h, NULL: not asked. */
struct law {
	const char     *recover, *check, *witness, *again;
	const char     *trees[SEVERAL_MAX]; /* of the image before: what is below them must be there */
	size_t          tree_count;
	const char     *store; /* where it may be as well, NULL: only where it was */
	struct wholes   wholes;
	struct leniency leniency;
	const char     *work;        /* folder for working images */
	size_t          cpu_seconds; /* that a command may take */
	struct truth    truth;
	struct hash     before[SEVERAL_MAX], after[SEVERAL_MAX]; /* of .wholes */
	char            finished[PATH_MAX]; /* listing of how the command ends; "" if not known */
};

#define LAW_INITIAL                                   \
	{                                             \
		.work = "/dev/shm", .cpu_seconds = 60 \
	}

#define LAW_USAGE                                                                                                   \
	"      --recover COMMAND   brings the image into order before it is judged\n"                               \
	"      --check COMMAND     says whether it is consistent\n"                                                 \
	"      --witness COMMAND   another one that does\n"                                                         \
	"      --again COMMAND     run again, must end as one run does\n"                                           \
	"      --tree PATH         files below this folder of BASE must be there with their content (repeatable)\n" \
	"      --store PATH        or be below PATH/USMT.../File/?$\n"                                              \
	"      --whole PATH        with all below it, is as it was or as it is in the end (repeatable)\n"           \
	"      --fresh PATH        times and security may differ from run to run (repeatable)\n"                    \
	"      --inner PATH        of it and of all below, only names and attributes must be the same (repeatable)\n"       \
	"      --work FOLDER       for working images (/dev/shm)\n"                                                 \
	"      --cpu SECONDS       that a command may take (60)\n"

/* The settings for it. */
#define LAW_SETTINGS(law)                                                                             \
	{ "recover", &(law).recover, NULL, NULL, NULL }, { "check", &(law).check, NULL, NULL, NULL }, \
		{ "witness", &(law).witness, NULL, NULL, NULL },                                      \
		{ "again", &(law).again, NULL, NULL, NULL },                                          \
		{ "tree", (law).trees, NULL, NULL, &(law).tree_count },                               \
		{ "store", &(law).store, NULL, NULL, NULL },                                          \
		{ "whole", (law).wholes.paths, NULL, NULL, &(law).wholes.count },                     \
		{ "fresh", (law).leniency.fresh, NULL, NULL, &(law).leniency.fresh_count },           \
		{ "inner", (law).leniency.inner, NULL, NULL, &(law).leniency.inner_count },           \
		{ "work", &(law).work, NULL, NULL, NULL },                                            \
	{                                                                                             \
		"cpu", NULL, &(law).cpu_seconds, NULL, NULL                                           \
	}

/* Learn the truth from the image before.  Ends the program when it cannot. */
void law_learn(struct law *law, const char *base);
void law_release(struct law *law);

struct judge {
	struct law *law;
	char        path[PATH_MAX]; /* the working image, removed at the end */
	uint8_t    *bytes;          /* of it, mapped; not inherited by child processes */
	size_t      size;
};

struct verdict {
	bool   failed[VIOLATIONS];
	size_t lost;                    /* files */
	char   text[PROGRAM_TEXT + 32]; /* of the first that failed */
};

/* A working image of @size bytes called @name; more than one judge may work side by side. */
void judge_open(struct judge *judge, struct law *law, const char *name, size_t size);
void judge_close(struct judge *judge);

/* What the working image holds is how the command ends: the law learns its listing. */
void judge_finish(struct judge *judge);

/* Judge what lies in the working image now, which a recovery may change. */
void judge_image(struct judge *judge, struct verdict *verdict);

/* Is the working image consistent, and what judge_finish saw? */
void judge_finished(struct judge *judge, enum violation which, struct verdict *verdict);

/* Run the command again on what the working image holds: it must end as it does when nothing stops it. */
void judge_again(struct judge *judge, struct verdict *verdict);

/* Put @state there and judge it; @again: run the command again on it as well, which takes longest. */
struct verdict judge_state(struct judge *judge, const struct state *state, bool again);

bool verdict_is_good(const struct verdict *verdict);
void verdict_blame(struct verdict *verdict, enum violation which, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
