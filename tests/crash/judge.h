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
	VIOLATION_AGAIN,   /* running the command again does not end as one run does */
	VIOLATIONS
};

extern const char *const violation_names[VIOLATIONS];

/* What to judge by; commands are as in program.h, NULL: not asked. */
struct law {
	const char  *recover, *check, *witness, *again;
	const char  *store; /* files may be below it as well, NULL: only where they were */
	struct truth truth;
	char         finished[PATH_MAX]; /* listing of how the command ends, needed for .again */
	size_t       cpu_seconds;        /* that a command may take */
};

struct judge {
	const struct law *law;
	char              path[PATH_MAX]; /* the working image, removed at the end */
	uint8_t          *bytes;          /* of it, mapped */
	size_t            size;
};

struct verdict {
	bool   failed[VIOLATIONS];
	size_t lost;                    /* files */
	char   text[PROGRAM_TEXT + 32]; /* of the first that failed */
};

/* A working image of @size bytes at @folder/@name; more than one judge may work side by side. */
void judge_open(struct judge *judge, const struct law *law, const char *folder, const char *name,
		size_t size);
void judge_close(struct judge *judge);

/* @again  run the interrupted command again as well; takes longest */
struct verdict judge_state(struct judge *judge, const struct state *state, bool again);

/* The same of what lies in the working image now, put there by the caller. */
struct verdict judge_image(struct judge *judge);

bool verdict_is_good(const struct verdict *verdict);

/* The listing of the image in @state becomes the law's; ends the program when it cannot be made. */
void law_finish(struct law *law, struct judge *judge, const struct state *state, const char *path);

#endif
