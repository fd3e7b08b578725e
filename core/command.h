/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - what all commands have in common
 *
 * The options every command knows, its words on wrong usage, its exit status.
 */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include "core/error.h"

#include <getopt.h>
#include <stdbool.h>

enum exit_status {
	EXIT_GOOD    = 0, /* all well */
	EXIT_DAMAGED = 1, /* done, but something is damaged or left out */
	EXIT_USAGE   = 2,
	EXIT_FAILED  = 3, /* could not work */
};

struct command_options {
	bool json, quiet, verbose;
};

/* For the getopt_long tables: short letters, and the long options' lines. */
#define COMMAND_SHORT "hqvj"
#define COMMAND_LONG                                                        \
	{ "help", no_argument, NULL, 'h' }, { "quiet", no_argument, NULL, 'q' }, \
	{ "verbose", no_argument, NULL, 'v' }, { "json", no_argument, NULL, 'j' }

/*
 * Take one option that getopt_long returned, if it is a common one.  --help prints @usage and ends
 * the program; an unknown option, or one without its value, ends it with one line and EXIT_USAGE.
 * @argv  as getopt_long had it; argv[0] is the command.  opterr is 0: the line is ours.
 */
void command_option(int option, char **argv, const char *usage, struct command_options *options);

/* One line on stderr: "holdfast NAME: text", with a hint at --help.  Returns EXIT_USAGE. */
int command_usage(const char *name, const char *text);

/* The error on stderr as one line.  Returns the exit status that its kind has. */
int command_failed(const char *name, const struct error *err);

/* Send out what was printed: 0, or -1 when not all of it got there. */
MUST_CHECK int command_flush(struct error *err);

/* The number of threads for long work: the machine's cores. */
unsigned command_threads(void);

/* Words of a command line as one string, quoted where a shell needs it; to be freed, NULL without memory. */
char *command_words(int count, char *const *words);

/* The command line of this program, likewise. */
char *command_line(int argc, char **argv);

#endif
