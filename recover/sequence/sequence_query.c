/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_query.c - see sequence_query.h */
#include "recover/sequence/sequence_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEPTH_MAX 64
#define TOKEN_SIZE SEQUENCE_QUERY_VALUE_SIZE

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN, TOKEN_BROKEN };

struct query {
	const char            *at; /* behind .token */
	enum token_kind        kind;
	char                   token[TOKEN_SIZE];
	char                   class_name[TOKEN_SIZE];
	sequence_query_lookup *lookup;
	void                  *context;
	char                  *why;
	size_t                 why_size;
	unsigned               depth;
	bool                   broken;
};

/* -------- words -------- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || strchr("_.*-+,", c);
}

/* A quoted text, in which a backslash takes the next character as it is. */
static void next_text(struct query *query, char quote)
{
	size_t length = 0;

	query->kind = TOKEN_BROKEN;
	for (query->at++; *query->at && *query->at != quote; query->at++) {
		if (*query->at == '\\' && query->at[1])
			query->at++;
		if (length == sizeof query->token - 1)
			return;
		query->token[length++] = *query->at;
	}
	if (!*query->at)
		return;
	query->at++;
	query->token[length] = '\0';
	query->kind = TOKEN_TEXT;
}

static void next(struct query *query)
{
	size_t length = 0;

	query->at += strspn(query->at, " \t\r\n");
	query->token[0] = '\0';
	if (!*query->at) {
		query->kind = TOKEN_END;
		return;
	}
	if (*query->at == '"' || *query->at == '\'') {
		next_text(query, *query->at);
		return;
	}
	query->kind = strchr("()=<>!", *query->at) ? TOKEN_SIGN : is_word(*query->at) ? TOKEN_WORD : TOKEN_BROKEN;
	if (query->kind == TOKEN_BROKEN)
		return;
	do {
		query->token[length++] = *query->at++;
	} while (length < sizeof query->token - 1 && *query->at &&
		 (query->kind == TOKEN_WORD ? is_word(*query->at) :
					      query->token[0] != '(' && query->token[0] != ')' && length < 2 &&
						      strchr("=>", *query->at) != NULL));
	query->token[length] = '\0';
}

static bool is(const struct query *query, enum token_kind kind, const char *text)
{
	return query->kind == kind && strcasecmp(query->token, text) == 0;
}

static bool take(struct query *query, enum token_kind kind, const char *text)
{
	bool there = is(query, kind, text);

	if (there)
		next(query);
	return there;
}

static enum answer give_up(struct query *query)
{
	query->broken = true;
	return ANSWER_UNKNOWN;
}

/* -------- comparing -------- */

/* Is @c among "[a-f0]" at *@pattern, which moves behind it? */
static bool in_set(char c, const char **pattern)
{
	const char *at = *pattern + 1;
	bool        negated = *at == '^', found = false;

	for (at += negated; *at && *at != ']'; at++) {
		char first = *at, last = *at;

		if (at[1] == '-' && at[2] && at[2] != ']') {
			last = at[2];
			at += 2;
		}
		found = found || (tolower((unsigned char)c) >= tolower((unsigned char)first) &&
				  tolower((unsigned char)c) <= tolower((unsigned char)last));
	}
	*pattern = *at ? at + 1 : at;
	return found != negated;
}

/* Does one character match what stands at *@pattern, which moves behind it? */
static bool match_one(char c, const char **pattern, char one)
{
	if (one == '_' && **pattern == '[')
		return in_set(c, pattern);
	if (**pattern == one) {
		(*pattern)++;
		return true;
	}
	return tolower((unsigned char)c) == tolower((unsigned char)*(*pattern)++);
}

/* @any, @one  the characters that stand for any run, and for one; with those of LIKE there are sets as well */
static bool matches(const char *text, const char *pattern, char any, char one)
{
	const char *retry = NULL, *again = NULL; /* behind the last @any, and the text that it was tried at */

	for (;;) {
		const char *at = pattern;

		if (*pattern == any) {
			retry = ++pattern;
			again = text;
		} else if (!*text) {
			return !*pattern;
		} else if (*pattern && match_one(*text, &at, one)) {
			pattern = at;
			text++;
		} else if (!retry) {
			return false;
		} else {
			pattern = retry;
			text = ++again;
		}
	}
}

bool sequence_query_like(const char *text, const char *pattern)
{
	return matches(text, pattern, '%', '_');
}

bool sequence_query_wild(const char *text, const char *pattern)
{
	return matches(text, pattern, '*', '?');
}

static bool is_number(const char *text, double *number)
{
	char *end;

	*number = strtod(text, &end);
	return *text && !*end && strspn(text, "0123456789.+-") == strlen(text);
}

static bool holds(const char *left, const char *sign, const char *right)
{
	double a, b;
	int    order;

	if (is_number(left, &a) && is_number(right, &b))
		order = (a > b) - (a < b);
	else
		order = strcasecmp(left, right);
	switch (sign[0]) {
	case '=':
		return order == 0;
	case '!':
		return order != 0;
	case '<':
		return sign[1] == '>' ? order != 0 : sign[1] ? order <= 0 : order < 0;
	default:
		return sign[1] ? order >= 0 : order > 0;
	}
}

/* -------- the grammar -------- */

static bool look_up(struct query *query, const char *property, char value[SEQUENCE_QUERY_VALUE_SIZE])
{
	const char *dot = strrchr(property, '.');

	if (query->lookup(query->context, query->class_name, dot ? dot + 1 : property, value))
		return true;
	if (!*query->why)
		snprintf(query->why, query->why_size, "%s%s%s", query->class_name, *property ? "." : "",
			 dot ? dot + 1 : property);
	return false;
}

static bool is_sign(const struct query *query)
{
	static const char *const signs[] = { "=", "!=", "<>", "<", "<=", ">", ">=" };

	for (size_t i = 0; query->kind == TOKEN_SIGN && i < sizeof signs / sizeof signs[0]; i++)
		if (strcmp(query->token, signs[i]) == 0)
			return true;
	return false;
}

/* What a value is compared with, in @to. */
static bool take_literal(struct query *query, char to[TOKEN_SIZE])
{
	if (query->kind != TOKEN_TEXT && query->kind != TOKEN_WORD)
		return false;
	strcpy(to, query->token);
	next(query);
	return true;
}

/* property sign literal */
static enum answer compare(struct query *query, const char *property, bool negated)
{
	char sign[TOKEN_SIZE], literal[TOKEN_SIZE], value[SEQUENCE_QUERY_VALUE_SIZE];
	bool like = is(query, TOKEN_WORD, "like"), yes;

	if (!like && !is_sign(query))
		return give_up(query);
	strcpy(sign, query->token);
	next(query);
	if (!take_literal(query, literal))
		return give_up(query);
	if (!look_up(query, property, value))
		return ANSWER_UNKNOWN;
	yes = like ? sequence_query_like(value, literal) : holds(value, sign, literal);
	return yes != negated ? ANSWER_YES : ANSWER_NO;
}

/* property IS [NOT] NULL */
static enum answer compare_null(struct query *query, const char *property)
{
	char value[SEQUENCE_QUERY_VALUE_SIZE];
	bool negated;

	next(query);
	negated = take(query, TOKEN_WORD, "not");
	if (!take(query, TOKEN_WORD, "null"))
		return give_up(query);
	if (!look_up(query, property, value))
		return ANSWER_UNKNOWN;
	return !*value != negated ? ANSWER_YES : ANSWER_NO;
}

static enum answer any_of(struct query *query);

static enum answer one_of(struct query *query)
{
	char        property[TOKEN_SIZE];
	enum answer answer;

	if (take(query, TOKEN_WORD, "not")) {
		if (query->depth++ == DEPTH_MAX)
			return give_up(query);
		answer = answer_not(one_of(query));
		query->depth--;
		return answer;
	}
	if (take(query, TOKEN_SIGN, "(")) {
		if (query->depth++ == DEPTH_MAX)
			return give_up(query);
		answer = any_of(query);
		query->depth--;
		return take(query, TOKEN_SIGN, ")") ? answer : give_up(query);
	}
	if (query->kind != TOKEN_WORD)
		return give_up(query);
	strcpy(property, query->token);
	next(query);
	if (is(query, TOKEN_WORD, "is"))
		return compare_null(query, property);
	return compare(query, property, take(query, TOKEN_WORD, "not"));
}

static enum answer all_of(struct query *query)
{
	enum answer answer = one_of(query), next_one;

	while (!query->broken && take(query, TOKEN_WORD, "and")) {
		next_one = one_of(query);
		answer = next_one < answer ? next_one : answer;
	}
	return answer;
}

static enum answer any_of(struct query *query)
{
	enum answer answer = all_of(query), next_one;

	while (!query->broken && take(query, TOKEN_WORD, "or")) {
		next_one = all_of(query);
		answer = next_one > answer ? next_one : answer;
	}
	return answer;
}

/* SELECT list FROM class */
static bool take_head(struct query *query)
{
	if (!take(query, TOKEN_WORD, "select"))
		return false;
	while (query->kind == TOKEN_WORD && !is(query, TOKEN_WORD, "from"))
		next(query);
	if (!take(query, TOKEN_WORD, "from") || query->kind != TOKEN_WORD)
		return false;
	strcpy(query->class_name, query->token);
	next(query);
	return true;
}

enum answer sequence_query_evaluate(const char *text, sequence_query_lookup *lookup, void *context, char *why,
				    size_t why_size)
{
	struct query query = { .at = text, .lookup = lookup, .context = context, .why = why, .why_size = why_size };
	char         value[SEQUENCE_QUERY_VALUE_SIZE];
	enum answer  answer = ANSWER_YES;

	*why = '\0';
	next(&query);
	if (!take_head(&query))
		give_up(&query);
	else if (take(&query, TOKEN_WORD, "where"))
		answer = any_of(&query);
	else if (!look_up(&query, "", value))
		answer = ANSWER_UNKNOWN;
	else
		answer = strcasecmp(value, "none") == 0 ? ANSWER_NO : ANSWER_YES;
	if (!query.broken && query.kind == TOKEN_END)
		return answer;
	*why = '\0';
	return ANSWER_UNKNOWN;
}
