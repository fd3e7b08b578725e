/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terminal.h - the door to a terminal
 *
 * What goes to stdout or stderr passes here where that is a terminal, and nowhere else: lines are wrapped to its
 * width, between words or behind the separators of a path; what could steer it is escaped, also where the printer
 * of the line forgot to; a progress bar is wiped first.  Files and pipes get what was printed, as it was printed.
 */
#ifndef CORE_TERMINAL_H
#define CORE_TERMINAL_H

#include <stdio.h>

/* Put the door before those of stdout and stderr that are terminals.  Call once, before anything is printed. */
void terminal_open(void);

/* From now on lines are left as long as they are: what is printed is for programs. */
void terminal_keep_lines(void);

/* The columns for lines on @out: 80, or those of the terminal where it has fewer (COLUMNS says so, or itself). */
unsigned terminal_columns(FILE *out);

/* The same where @fd is known to be a terminal. */
unsigned terminal_columns_of(int fd);

/* What words look like on a terminal with colours: not with NO_COLOR, and not on one that is dumb. */
enum ink {
	INK_HEADING,
	INK_GOOD,  /* intact, consistent, done */
	INK_DOUBT, /* suspect, partial, warnings */
	INK_BAD,   /* lost, failed */
	INK_NEXT,  /* what to do next */
	INKS
};

/*
 * Print like text_print; on a terminal a text for which its line has no room beside @others columns loses its
 * middle, and has an ellipsis there.
 */
void terminal_print_fitting(FILE *out, const char *text, unsigned others);

/* Print like text_print what printf would print, in that ink where @out has colours. */
void ink_print(FILE *out, enum ink ink, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A line that says what to do next: "  > " and a command, to be copied, or a sentence. */
void ink_next(FILE *out, const char *next);

/* A line of its own, and an empty one before it. */
void ink_heading(FILE *out, const char *heading);

#endif
