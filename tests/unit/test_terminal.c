/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_terminal.c - expected values: terminal.h; the widths of characters are those of Unicode's East Asian Width */
#include "tests/unit/unit.h"

#include "core/terminal.h"
#include "core/text.h"

#include <pty.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int master;

/* From now on stdout is a terminal; each test is a process of its own. */
static void open_terminal(const char *columns, const char *type, const char *no_color)
{
	struct termios raw;
	int            slave;

	setenv("COLUMNS", columns, 1);
	setenv("TERM", type, 1);
	setenv("NO_COLOR", no_color, 1);
	cr_assert(that(openpty(&master, &slave, NULL, NULL, NULL) == 0));
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	fflush(stdout);
	cr_assert(that(dup2(slave, STDOUT_FILENO) == STDOUT_FILENO));
	terminal_open();
}

/* What has come to the terminal since. */
static const char *shown(void)
{
	static char text[4096];
	ssize_t     length;

	fputs("\v", stdout); /* is escaped: nothing else writes these four bytes at the end */
	fflush(stdout);
	for (length = 0; length < 4 || memcmp(text + length - 4, "\\x0b", 4) != 0;)
		length += read(master, text + length, sizeof text - 1 - (size_t)length);
	text[length - 4] = 0;
	putchar('\n');
	fflush(stdout);
	cr_assert(that(read(master, text + length, 1) == 1));
	return text;
}

struct line {
	char given[128], wanted[160];
};

ParameterizedTestParameters(terminal, lines)
{
	static const struct line cases[] = {
		{ "short\n", "short\n" },
		{ "12345678901234567890\n", "12345678901234567890\n" },
		{ "one two three four five six\n", "one two three four\n  five six\n" },
		{ "  state  one two three\n", "  state  one two\n         three\n" },
		{ "  \\Folder\\Another\\File\n", "  \\Folder\\Another\\\n    File\n" },
		{ "abcdefghijklmnopqrstuvwxyz\n", "abcdefghijklmnopqrst\n  uvwxyz\n" },
		{ "  holdfast rescue --to DIR disk\n", "  holdfast rescue --to DIR disk\n" },
		{ "  > holdfast rescue --to DIR\n", "  > holdfast rescue --to DIR\n" },
		{ "  > Get the files back now\n", "  > Get the files\n    back now\n" },
		{ "\x1b[2Jx\a\n", "\\x1b[2Jx\\x07\n" },
		{ "\xc2\x9b \xe2\x80\xae\xff\n", "\\x9b \\u{202e}\\xff\n" },
		/* ten wide characters fill the line; five letters with marks are five columns */
		{ "\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\n",
		  "\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\n" },
		{ "\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71 \u7530\n",
		  "\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\u7530\u5c71\n  \u7530\n" },
		{ "123456789012 a\u0301e\u0301i\u0301o\u0301u\u0301 x\n", "123456789012 a\u0301e\u0301i\u0301o\u0301u\u0301 x\n" },
	};

	return CASES(struct line, cases);
}

/* Twenty columns. */
ParameterizedTest(struct line *c, terminal, lines)
{
	open_terminal("20", "dumb", "");
	fputs(c->given, stdout);
	cr_expect(eq(str, (char *)shown(), c->wanted));
}

Test(terminal, whole_lines_for_programs)
{
	open_terminal("20", "dumb", "");
	terminal_keep_lines();
	puts("one two three four five six");
	cr_expect(eq(str, (char *)shown(), "one two three four five six\n"));
}

Test(terminal, inks)
{
	open_terminal("20", "xterm", "");
	ink_print(stdout, INK_BAD, "lost %s", "\x1b[32mx");
	ink_print(stdout, INK_GOOD, "12");
	cr_expect(eq(str, (char *)shown(), "\x1b[31mlost \\x1b[32mx\x1b[0m\x1b[32m12\x1b[0m"));
}

Test(terminal, no_ink_on_a_dumb_one)
{
	open_terminal("20", "dumb", "");
	ink_print(stdout, INK_BAD, "lost");
	cr_expect(eq(str, (char *)shown(), "lost"));
}

Test(terminal, no_ink_with_no_color)
{
	open_terminal("20", "xterm", "1");
	ink_print(stdout, INK_BAD, "lost");
	cr_expect(eq(str, (char *)shown(), "lost"));
}

Test(terminal, names_lose_their_middle)
{
	open_terminal("20", "dumb", "");
	terminal_print_fitting(stdout, "\\Users\\anna\\Documents\\letter.txt", 4);
	puts(" (1)");
	cr_expect(eq(str, (char *)shown(), "\\User\u2026letter.txt (1)\n"));
}

Test(terminal, files_get_what_was_printed)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = open_memstream(&text, &length);

	open_terminal("20", "xterm", "");
	terminal_print_fitting(out, "\\Users\\anna\\Documents\\letter.txt", 4);
	ink_print(out, INK_BAD, " lost");
	cr_expect(eq(u32, terminal_columns(out), 80));
	fclose(out);
	cr_expect(eq(str, text, "\\Users\\anna\\Documents\\letter.txt lost"));
	cr_expect(eq(u32, terminal_columns(stdout), 20));
	free(text);
}

Test(text, columns)
{
	cr_expect(eq(sz, text_columns("abc", 3), 3));
	cr_expect(eq(sz, text_columns("\u5c71\u7530", 6), 4));
	cr_expect(eq(sz, text_columns("e\u0301", 3), 1));
	cr_expect(eq(sz, text_columns("\x1b", 1), 4));
	cr_expect(eq(sz, text_columns("\u202e", 3), 8));
	cr_expect(eq(sz, text_columns("\xff", 1), 4));
}
