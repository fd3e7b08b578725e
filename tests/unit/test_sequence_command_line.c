/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_command_line.c - expected values: the examples in Microsoft's pages on CommandLineToArgvW and on
 * parsing C command-line arguments; lines of steps as exports and logs have them (spec USMT 5.1, 5.7)
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_command_line.h"

#include <string.h>

/* The words with a | behind each. */
static void join(const struct command_words *words, char *text, size_t size)
{
	size_t length = 0;

	*text = 0;
	for (size_t i = 0; i < words->count; i++)
		length += (size_t)snprintf(text + length, size - length, "%s|", words->items[i]);
}

struct split {
	char line[96];
	char words[96];
};

ParameterizedTestParameters(sequence_command_line, words)
{
	static struct split cases[] = {
		{ "", "" },
		{ "  a\tb  ", "a|b|" },
		{ "\"abc\" d e", "abc|d|e|" },
		{ "a\\\\b d\"e f\"g h", "a\\\\b|de fg|h|" },
		{ "a\\\\\\\"b c d", "a\\\"b|c|d|" },
		{ "a\\\\\\\\\"b c\" d e", "a\\\\b c|d|e|" },
		{ "a\"b\"\" c d", "ab\" c d|" },
		{ "\"\" x", "|x|" },
		{ "\"C:\\State Store\" /o", "C:\\State Store|/o|" },
		{ "\"C:\\State Store\\\\\" /o", "C:\\State Store\\|/o|" },
		{ "\"C:\\Store\\\" /o", "C:\\Store\" /o|" }, /* the usual trap */
		{ "/l:\"C:\\a b\\scan.log\" /c", "/l:C:\\a b\\scan.log|/c|" },
		{ "C:\\a\\ b", "C:\\a\\|b|" },
	};

	return CASES(struct split, cases);
}

ParameterizedTest(struct split *c, sequence_command_line, words)
{
	struct command_words words;
	struct error         err = { 0 };
	char                 joined[128];

	cr_assert(eq(int, command_line_split(c->line, &words, &err), 0), "%s", err.text);
	join(&words, joined, sizeof joined);
	cr_expect(eq(str, joined, c->words), "%s", c->line);
	command_words_release(&words);
}

static char *quoted(const char *text)
{
	char  *line = NULL;
	size_t size;
	FILE  *out = open_memstream(&line, &size);

	cr_assert(that(out != NULL));
	command_line_quote(out, text);
	fclose(out);
	return line;
}

Test(sequence_command_line, what_is_quoted_is_one_word_again)
{
	static const char *const texts[] = { "",      "a",        "a b",     "C:\\a b\\", "C:\\a\\b", "a\"b",
					     "a\\\"b", "\\\\s\\x y", "\\\\\\\\", "\"",        "\"\"",     "a\t b\\\\\"" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		char                *line = quoted(texts[i]);
		struct command_words words;
		struct error         err = { 0 };

		cr_assert(eq(int, command_line_split(line, &words, &err), 0));
		cr_assert(eq(sz, words.count, 1), "%s", line);
		cr_expect(eq(str, words.items[0], (char *)texts[i]), "%s", line);
		command_words_release(&words);
		free(line);
	}
}

Test(sequence_command_line, paths_are_quoted_as_they_are)
{
	char *line = quoted("C:\\State Store");

	cr_expect(eq(str, line, "\"C:\\State Store\""));
	free(line);
}

struct arguments {
	char line[160];
	char program[16];
	char words[96];
};

ParameterizedTestParameters(sequence_command_line, arguments)
{
	static struct arguments cases[] = {
		{ "smsswd.exe /run:PS100001 scanstate.exe C:\\Store /o", "scanstate.exe", "C:\\Store|/o|" },
		{ "smsswd.exe /run: \"amd64\\scanstate.exe\" \"C:\\a b\" /c", "scanstate.exe", "C:\\a b|/c|" },
		{ "cmd /q /c ECHO Y | C:\\u\\usmtutils.exe /rd \"C:\\USMTDemo\"", "usmtutils.exe", "/rd|C:\\USMTDemo|" },
		{ "cmd /c \"\"C:\\u v\\scanstate.exe\" \"C:\\a b\" /o > nul 2>&1\"", "scanstate.exe", "C:\\a b|/o|" },
		{ "cmd /c \"\"C:\\u v\\scanstate.exe\" \"C:\\a b\"\"", "scanstate.exe", "C:\\a b|" },
		{ "cmd.exe /c \"scanstate.exe C:\\Store /o\"", "scanstate.exe", "C:\\Store|/o|" },
		{ "loadstate C:\\R&D /ue:A\\* & exit 0", "loadstate", "C:\\R&D|/ue:A\\*|" },
		{ "loadstate.exe \"C:\\a > b\" /c >> x.log", "loadstate.exe", "C:\\a > b|/c|" },
		{ "loadstate.exe", "loadstate.exe", "" },
		{ "\"loadstate.exe\"", "loadstate.exe", "" },
	};

	return CASES(struct arguments, cases);
}

ParameterizedTest(struct arguments *c, sequence_command_line, arguments)
{
	const char          *at = command_line_find(c->line, c->program);
	struct command_words words;
	struct error         err = { 0 };
	char                 joined[128];

	cr_assert(that(at != NULL));
	cr_assert(eq(int, command_line_arguments(c->line, at, &words, &err), 0));
	join(&words, joined, sizeof joined);
	cr_expect(eq(str, joined, c->words), "%s", c->line);
	command_words_release(&words);
}

Test(sequence_command_line, the_package_of_a_line)
{
	static const char *const cases[][2] = {
		{ "smsswd.exe /run:PS100001 cmd /c x", "PS100001" },
		{ "SMSSWD.EXE /Run:abc00002", "abc00002" },
		{ "smsswd.exe /run: cmd /c x", "" },
		{ "cmd /c x /run:PS100001", "" },
		{ "smsswd.exe /run:A-name-that-no-package-of-ConfigMgr's-can-have x", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(eq(str, command_line_package(cases[i][0]).text, (char *)cases[i][1]), "%s", cases[i][0]);
}

Test(sequence_command_line, a_word_is_one_by_itself)
{
	static const char line[] = "myscanstate.exe xscanstate.exe.bak C:\\x\\ScanState.EXE /o";

	cr_expect(eq(ptr, (void *)command_line_find(line, "scanstate.exe"), (void *)strstr(line, "ScanState.EXE")));
	cr_expect(that(!command_line_find(line, "loadstate.exe")));
}
