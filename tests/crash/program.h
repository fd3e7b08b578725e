/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program.h - runs a program on an image and says how it ended
 *
 * A command is words parted by spaces; "{}" stands for the image.
 */
#ifndef CRASH_PROGRAM_H
#define CRASH_PROGRAM_H

#include <stddef.h>

#define PROGRAM_TEXT 300

struct ending {
	int  status;             /* exit status, or 128 + the signal that ended it */
	char text[PROGRAM_TEXT]; /* the last line that it printed, "" if none */
};

/*
 * @environment  "NAME=VALUE" and so on to be added, ended by NULL; NULL adds nothing
 * @cpu_seconds  after which it is killed
 * Ends this program when it cannot be started.
 */
struct ending program_run(const char *command, const char *image, char *const *environment,
			  size_t cpu_seconds);

#endif
