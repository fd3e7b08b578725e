/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_usmt_call.c - expected values: usmt_call.h; which options take what stands behind them is USMT's (spec 1.1) */
#include "tests/unit/unit.h"

#include "recover/sequence/usmt_call.h"

#include <string.h>

struct doubles {
	char   line[96];
	size_t dropped;
	char   left[96];
};

ParameterizedTestParameters(usmt_call, doubles)
{
	static struct doubles cases[] = {
		{ "C:\\s /hardlink /nocompress /c", 0, "C:\\s /hardlink /nocompress /c" },
		{ "C:\\s /hardlink /nocompress /HardLink /NoCompress", 2, "C:\\s /hardlink /nocompress" },
		{ "/c /c /c C:\\s", 1, "/c /c C:\\s" }, /* what is before a word may take it */
		{ "C:\\s /v:5 /V:5 /v:13", 1, "C:\\s /v:5 /v:13" },
		{ "C:\\s /ui A /ui B", 0, "C:\\s /ui A /ui B" },
		{ "C:\\s /ui: A /ui: B", 0, "C:\\s /ui: A /ui: B" },
		{ "C:\\s C:\\s", 0, "C:\\s C:\\s" },
		{ "", 0, "" },
	};

	return CASES(struct doubles, cases);
}

ParameterizedTest(struct doubles *c, usmt_call, doubles)
{
	struct command_words words;
	struct error         err = { 0 };
	char                 left[128] = "";

	cr_assert(eq(int, command_line_split(c->line, &words, &err), 0));
	cr_expect(eq(sz, usmt_call_drop_doubles(&words), c->dropped), "%s", c->line);
	for (size_t i = 0; i < words.count; i++)
		snprintf(left + strlen(left), sizeof left - strlen(left), "%s%s", i ? " " : "", words.items[i]);
	cr_expect(eq(str, left, c->left), "%s", c->line);
	command_words_release(&words);
}
