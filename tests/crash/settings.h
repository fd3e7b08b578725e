/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings.h - the command lines of explore and faults, as tables
 */
#ifndef CRASH_SETTINGS_H
#define CRASH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define SEVERAL_MAX 16 /* of an option that may be repeated */

/* What --name sets: one of .text, .number and .flag is not NULL. */
struct setting {
	const char  *name;
	const char **text;
	size_t      *number;
	bool        *flag;
	size_t      *count; /* of SEVERAL_MAX texts or numbers that are there; NULL: there is one only */
};

/*
 * Take the options from @argv; --help prints @usage.  Ends the program when there are others, or not
 * exactly @operands words besides.  Returns the first of those.
 */
char **settings_parse(int argc, char **argv, const struct setting *settings, size_t count, int operands,
		      const char *usage);

#endif
