/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command.c - see command.h */
#include "core/command.h"

#include "core/cleanup.h"
#include "core/terminal.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void command_option(int option, char **argv, const char *usage, struct command_options *options)
{
	switch (option) {
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_GOOD);
	case 'q':
		options->quiet = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 'j':
		options->json = true;
		terminal_keep_lines();
		break;
	default:
		fprintf(stderr, "holdfast %s: option '", argv[0]);
		text_print(stderr, argv[optind - 1], strlen(argv[optind - 1]));
		fprintf(stderr, "' is not known here, or lacks its value; try 'holdfast %s --help'\n", argv[0]);
		exit(EXIT_USAGE);
	}
}

int command_usage(const char *name, const char *text)
{
	fprintf(stderr, "holdfast %s: %s; try 'holdfast %s --help'\n", name, text, name);
	return EXIT_USAGE;
}

int command_failed(const char *name, const struct error *err)
{
	fprintf(stderr, "holdfast %s: ", name);
	error_print(err, stderr);
	fputc('\n', stderr);
	return err->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int command_flush(struct error *err)
{
	return fflush(stdout) != 0 || ferror(stdout) ? error_sys(err, NULL, "cannot write the result") : 0;
}

unsigned command_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > 16 ? 16 : (unsigned)cores;
}

/* As a shell wants it. */
static void print_word(const char *word, FILE *out)
{
	if (*word && !word[strcspn(word, " \t\n\"'\\$&|;<>()*?[]{}#~`!")]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

char *command_words(int count, char *const *words)
{
	size_t length = 0;
	char  *text = NULL;
	FILE  *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (int i = 0; i < count; i++) {
		fputs(i ? " " : "", out);
		print_word(words[i], out);
	}
	fclose(out);
	return text;
}

char *command_line(int argc, char **argv)
{
	CLEANUP(free_ptr) char *words = command_words(argc, argv);

	return words ? text_format("holdfast%s%s", argc ? " " : "", words) : NULL;
}
