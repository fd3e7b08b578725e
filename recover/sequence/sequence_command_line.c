/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_command_line.c - see sequence_command_line.h */
#include "recover/sequence/sequence_command_line.h"

#include "core/cleanup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

/* -------- words -------- */

void command_words_release(struct command_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	array_release(words);
}

void command_words_remove(struct command_words *words, size_t number)
{
	free(words->items[number]);
	words->count--;
	memmove(words->items + number, words->items + number + 1, (words->count - number) * sizeof *words->items);
}

static char *put_slashes(char *to, size_t count)
{
	memset(to, '\\', count);
	return to + count;
}

/* Copy one word to @to, which has room for it, and return what is behind it. */
static const char *take_word(const char *at, char *to)
{
	bool quoted = false;

	while (*at && (quoted || !strchr(BLANKS, *at))) {
		size_t slashes = strspn(at, "\\");

		at += slashes;
		if (slashes && *at != '"') {
			to = put_slashes(to, slashes);
			continue;
		}
		to = put_slashes(to, slashes / 2);
		if (slashes % 2 || *at != '"') {
			*to++ = *at++;
		} else if (quoted && at[1] == '"') {
			*to++ = '"';
			at += 2;
		} else {
			quoted = !quoted;
			at++;
		}
	}
	*to = 0;
	return at;
}

int command_line_split(const char *line, struct command_words *words, struct error *err)
{
	*words = (struct command_words){ 0 };
	for (line += strspn(line, BLANKS); *line; line += strspn(line, BLANKS)) {
		char *word = malloc(strlen(line) + 1);

		if (!word || !array_push(words, word)) {
			free(word);
			return error_memory(err);
		}
		line = take_word(line, word);
	}
	return 0;
}

void command_line_quote(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text) {
		size_t slashes = strspn(text, "\\");
		bool   doubled = text[slashes] == '"' || !text[slashes];

		for (size_t i = 0; i < slashes * (doubled ? 2 : 1); i++)
			fputc('\\', out);
		text += slashes;
		if (*text == '"')
			fputc('\\', out);
		if (*text)
			fputc(*text++, out);
	}
	fputc('"', out);
}

/* -------- programs -------- */

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_-.", c));
}

const char *command_line_find(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = line; (at = strcasestr(at, word)); at++)
		if ((at == line || !in_word(at[-1])) && !in_word(at[length]))
			return at;
	return NULL;
}

static size_t count_quotes(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '"';
	return count;
}

/* A shell ends the arguments here: "> log.txt", "2>&1", "| more", "&& ..." */
static bool is_operator(const char *at)
{
	return strchr("|&>", *at) || (isdigit((unsigned char)at[0]) && at[1] == '>');
}

/* How long the text is up to an operator between words. */
static size_t arguments_length(const char *text)
{
	bool quoted = false, blank = true;

	for (size_t i = 0; text[i]; i++) {
		if (!quoted && blank && is_operator(text + i))
			return i;
		quoted = quoted != (text[i] == '"');
		blank = strchr(BLANKS, text[i]) != NULL;
	}
	return strlen(text);
}

int command_line_arguments(const char *line, const char *at, struct command_words *words, struct error *err)
{
	const char             *end = at + strcspn(at, "\" \t");
	bool                    closed = *end == '"';
	bool                    inside; /* of what the shell was given between quotes */
	CLEANUP(free_ptr) char *text = strdup(end + closed);
	char                   *last;

	*words = (struct command_words){ 0 };
	if (!text)
		return error_memory(err);
	inside = (count_quotes(line, (size_t)(at - line)) + closed) % 2 != 0;
	last = inside ? strrchr(text, '"') : NULL;
	if (last)
		*last = 0;
	text[arguments_length(text)] = 0;
	return command_line_split(text, words, err);
}

struct package_id command_line_package(const char *line)
{
	struct package_id id = { "" };
	const char       *program = command_line_find(line, "smsswd.exe");
	const char       *run = program ? strcasestr(program, "/run:") : NULL;

	if (run) {
		size_t length = strcspn(run + 5, BLANKS "\"");

		if (length < sizeof id.text)
			memcpy(id.text, run + 5, length);
	}
	return id;
}
