/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_secret.c - see sequence_secret.h */
#include "recover/sequence/sequence_secret.h"

#include "core/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HIDDEN "***"

static bool is_named(const char *name, size_t length)
{
	static const char *const words[] = { "password", "DecryptKey" };

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (strlen(words[i]) <= length - at && strncasecmp(name + at, words[i], strlen(words[i])) == 0)
				return true;
	return false;
}

bool sequence_secret_is_named(const char *name)
{
	return is_named(name, strlen(name));
}

/* How long the option is that begins here, up to its argument, if that is a secret; 0 otherwise. */
static size_t option_length(const char *at)
{
	static const struct {
		const char *name;
		bool        must; /* its argument may stand behind a blank */
	} options[] = { { "/keyfile", true }, { "/key", true }, { "/lac", false } };

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		size_t length = strlen(options[i].name), blanks;

		if (strncasecmp(at, options[i].name, length) != 0)
			continue;
		blanks = strspn(at + length + (at[length] == ':'), " ");
		if (options[i].must && (at[length] == ':' || blanks))
			return length + (at[length] == ':') + blanks;
		if (at[length] == ':')
			return length + 1;
	}
	return 0;
}

/* The same of the name and the sign of NAME=VALUE. */
static size_t name_length(const char *at)
{
	size_t length = strcspn(at, " \"=");

	return at[length] == '=' && is_named(at, length) ? length + 1 : 0;
}

/* Up to the blank that ends an argument, which may stand between quotes. */
static size_t argument_length(const char *at)
{
	bool   quoted = false;
	size_t length = 0;

	for (; at[length] && (quoted || at[length] != ' '); length++)
		if (at[length] == '\\' && at[length + 1] == '"')
			length++;
		else if (at[length] == '"')
			quoted = !quoted;
	return length;
}

/* What is given to the option or name at @at: one that begins with a quote goes on up to the last one of the line. */
static size_t secret_length(const char *line, const char *at, const char *secret)
{
	const char *last = strrchr(secret, '"');

	if (at == line || at[-1] != '"')
		return argument_length(secret);
	return last ? (size_t)(last - secret) : strlen(secret);
}

char *sequence_secret_hide(const char *command_line)
{
	char       *copy = malloc(3 * strlen(command_line) + 1), *to = copy;
	const char *at = command_line;

	while (copy && *at) {
		bool   begins = at == command_line || strchr(" \"", at[-1]);
		size_t length = option_length(at);

		if (!length && begins)
			length = name_length(at);
		if (!length) {
			*to++ = *at++;
			continue;
		}
		to = stpcpy(mempcpy(to, at, length), HIDDEN);
		at += length + secret_length(command_line, at, at + length);
	}
	if (copy)
		*to = '\0';
	return copy;
}

int sequence_secret_command(const struct sequence_variables *variables, const struct sequence_item *item, char **line,
			   struct error *err)
{
	CLEANUP(free_ptr) char *whole = NULL;
	bool                    secret = false;

	*line = NULL;
	if (sequence_variables_expand(variables, item->action, &whole, &secret, err) < 0)
		return -1;
	*line = sequence_secret_hide(secret ? item->action : whole);
	return *line ? 0 : error_memory(err);
}
