/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/sequence/sequence_command_line.h"
#include "recover/sequence/usmt_call.h"

#include <string.h>

/* The words between quotes again. */
static char *joined(const struct command_words *words)
{
	char  *line = NULL;
	size_t size;
	FILE  *out = open_memstream(&line, &size);

	MUST(out);
	for (size_t i = 0; i < words->count; i++) {
		command_line_quote(out, words->items[i]);
		fputc(' ', out);
	}
	fclose(out);
	return line;
}

static void expect_same(const struct command_words *words)
{
	char                *line = joined(words);
	struct command_words again;
	struct error         err;

	MUST(command_line_split(line, &again, &err) == 0);
	MUST(again.count == words->count);
	for (size_t i = 0; i < words->count; i++)
		MUST(strcmp(again.items[i], words->items[i]) == 0);
	command_words_release(&again);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char                *line = calloc(1, size + 1);
	struct command_words words;
	struct error         err;
	const char          *program;

	MUST(line);
	if (size)
		memcpy(line, data, size);
	MUST(command_line_split(line, &words, &err) == 0);
	expect_same(&words);
	command_words_release(&words);
	program = command_line_find(line, "scanstate.exe");
	if (program) {
		MUST(command_line_arguments(line, program, &words, &err) == 0);
		(void)usmt_call_drop_doubles(&words);
		expect_same(&words);
		command_words_release(&words);
	}
	MUST(strlen(command_line_package(line).text) < sizeof(struct package_id));
	free(line);
	return 0;
}
