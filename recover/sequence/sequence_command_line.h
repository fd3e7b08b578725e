/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_command_line.h - command lines as steps hold them: words as Windows parts them, programs among them
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_COMMAND_LINE_H
#define RECOVER_SEQUENCE_SEQUENCE_COMMAND_LINE_H

#include "core/array.h"

struct command_words ARRAY(char *);

/*
 * Part a line as programs of Windows do: blanks between quotes belong to the word, "" between quotes is a quote, as is
 * \" anywhere; further backslashes are only doubled before a quote.
 * Returns 0, or -1 without memory.  Release in any case.
 */
MUST_CHECK int command_line_split(const char *line, struct command_words *words, struct error *err);
void           command_words_release(struct command_words *words);
void           command_words_remove(struct command_words *words, size_t number);

/* Write a text between quotes, so that it is one word when it is parted again. */
void command_line_quote(FILE *out, const char *text);

/* Where a word stands by itself in a line, case aside; NULL if it does not. */
const char *command_line_find(const char *line, const char *word);

/*
 * The arguments of the program that is named at @at in @line: up to its end, or to where a shell puts another program
 * or a file (|, &, >).  What the shell itself is given between quotes, cmd /c "program ...", is taken out of them.
 * Returns 0, or -1 without memory.  Release in any case.
 */
MUST_CHECK int command_line_arguments(const char *line, const char *at, struct command_words *words,
				      struct error *err);

/* The id of the package in which "smsswd.exe /run:PS100001 ..." runs a line; "" if none is named. */
struct package_id { char text[32]; };
struct package_id command_line_package(const char *line);

#endif
