/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_command.c - expected values: what a shell (POSIX, 2.2) makes the same words of */
#include "tests/unit/unit.h"

#include "core/command.h"

#include <stdlib.h>

Test(command, words_are_quoted_where_a_shell_needs_it)
{
	char *words[] = { "run", "a b.xml", "it's", "", "C=d$1.img", "D:\\x", "--set=a" };
	char *text = command_words(7, words);

	cr_expect(eq(str, text, "run 'a b.xml' 'it'\\''s' '' 'C=d$1.img' 'D:\\x' --set=a"));
	free(text);
	text = command_words(0, words);
	cr_expect(eq(str, text, ""));
	free(text);
}

Test(command, a_command_line_begins_with_the_program)
{
	char *words[] = { "run", "x.xml" };
	char *text = command_line(2, words);

	cr_expect(eq(str, text, "holdfast run x.xml"));
	free(text);
}
