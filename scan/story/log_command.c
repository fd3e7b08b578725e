/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_command.c - see log_command.h */
#include "scan/story/log_command.h"

#include <string.h>
#include <strings.h>

struct token {
	const char *at;
	size_t      length;
};

static bool is(struct token token, const char *word)
{
	return token.length == strlen(word) && strncasecmp(token.at, word, token.length) == 0;
}

static bool begins(struct token token, const char *word)
{
	return token.length >= strlen(word) && strncasecmp(token.at, word, strlen(word)) == 0;
}

static bool is_option(struct token token)
{
	return token.length && (*token.at == '/' || *token.at == '-');
}

/* "a | b", "a && b": another command begins. */
static bool is_border(struct token token)
{
	return is(token, "|") || is(token, "&") || is(token, "&&");
}

static struct token without_quotes(struct token token)
{
	while (token.length && *token.at == '"')
		token.at++, token.length--;
	while (token.length && token.at[token.length - 1] == '"')
		token.length--;
	return token;
}

static bool is_blank(char c)
{
	return c && strchr(" \t\r\n", c);
}

/* Where a word ends that stands in single quotes, as shells have it; NULL: it does not, for Windows knows no such. */
static const char *end_of_single_quoted(const char *at)
{
	const char *end = *at == '\'' ? at + 1 : NULL;

	while (end && *end && (*end != '\'' || (end[1] && !is_blank(end[1]))))
		end++;
	return end && *end ? end + 1 : NULL;
}

/* The next word of the line; blanks within quotes belong to it. */
static bool next_token(const char **rest, struct token *token)
{
	const char *at = *rest + strspn(*rest, " \t\r\n"), *end = end_of_single_quoted(at);

	if (end) {
		*token = (struct token){ at + 1, (size_t)(end - at) - 2 };
		*rest = end;
		return true;
	}
	end = at;
	for (bool quoted = false; *end && (quoted || !is_blank(*end)); end++)
		if (*end == '"')
			quoted = !quoted;
	*token = without_quotes((struct token){ at, (size_t)(end - at) });
	*rest = end;
	/* cmd /c "rd /s x": what the quotes hold is a line itself */
	if (is(*token, "/c") || is(*token, "/k")) {
		end += strspn(end, " \t");
		*rest = end + (*end == '"');
	}
	return end != at;
}

/* "C:\x\scanstate.exe" is called "scanstate". */
static bool is_program(struct token token, const char *name)
{
	size_t start = token.length;

	while (start && token.at[start - 1] != '\\' && token.at[start - 1] != '/')
		start--;
	token = (struct token){ token.at + start, token.length - start };
	if (token.length > 4 && (strncasecmp(token.at + token.length - 4, ".exe", 4) == 0 ||
				 strncasecmp(token.at + token.length - 4, ".com", 4) == 0))
		token.length -= 4;
	return is(token, name);
}

/* Whether an option stands among the words up to the end of the command. */
static bool has_option(const char *rest, const char *option)
{
	struct token token;

	while (next_token(&rest, &token) && !is_border(token))
		if (begins(token, option))
			return true;
	return false;
}

/* The first word that is no option. */
static struct token first_path(const char *rest)
{
	struct token token;

	while (next_token(&rest, &token) && !is_border(token))
		if (token.length && !is_option(token))
			return token;
	return (struct token){ 0 };
}

/* What follows "/ApplyDir:", or the word behind the option. */
static struct token value_of(const char *rest, const char *option)
{
	struct token token;

	while (next_token(&rest, &token) && !is_border(token))
		if (begins(token, option)) {
			token.at += strlen(option);
			token.length -= strlen(option);
			if (token.length && *token.at == ':')
				return without_quotes((struct token){ token.at + 1, token.length - 1 });
			return first_path(rest);
		}
	return (struct token){ 0 };
}

static struct log_command command(enum log_work work, struct token path)
{
	return (struct log_command){ work, path.at, path.length };
}

/* What a program that is called @program does, by the words behind it. */
static struct log_command read_program(struct token program, const char *rest)
{
	static const struct token none = { 0 };

	if (is_program(program, "scanstate") && !has_option(rest, "/genconfig"))
		return command(LOG_WORK_CAPTURE, first_path(rest));
	if (is_program(program, "loadstate"))
		return command(LOG_WORK_RESTORE, first_path(rest));
	if (is_program(program, "usmtutils") && has_option(rest, "/rd"))
		return command(LOG_WORK_DELETE, value_of(rest, "/rd"));
	if ((is(program, "rd") || is(program, "rmdir")) && has_option(rest, "/s"))
		return command(LOG_WORK_DELETE, first_path(rest));
	if (is_program(program, "diskpart") || is_program(program, "osddiskpart") || is_program(program, "ztidiskpart.wsf") ||
	    is_program(program, "format"))
		return command(LOG_WORK_PARTITION, none);
	if (is_program(program, "dism") && has_option(rest, "/apply-image"))
		return command(LOG_WORK_APPLY, value_of(rest, "/applydir"));
	if (is_program(program, "imagex") && has_option(rest, "/apply"))
		return command(LOG_WORK_APPLY, none);
	return command(LOG_WORK_NONE, none);
}

struct log_command log_command_read(const char *line)
{
	struct log_command found = { LOG_WORK_NONE, NULL, 0 };
	struct token       token;

	while (found.work == LOG_WORK_NONE && next_token(&line, &token))
		if (!is_option(token) || strchr("/\\", token.at[0]))
			found = read_program(token, line);
	return found;
}
