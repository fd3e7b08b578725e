/* SPDX-License-Identifier: GPL-3.0-or-later */
/* environment.c - see environment.h */
#include "recover/windows/environment.h"

#include "core/cleanup.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#define EXPANSIONS_MAX 4096u /* texts out of one */

void texts_release(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	array_release(texts);
}

/* Append @text, which is taken over, also when it fails. */
static int add_text(struct texts *texts, char *text, struct error *err)
{
	if (text && array_push(texts, text))
		return 0;
	free(text);
	return error_memory(err);
}

/* -------- variables -------- */

/* Where the variable is, or would be: *@at.  True if it is there. */
static bool find(const struct environment *environment, const char *name, size_t *at)
{
	*at = partition_point(0, environment->variables.count, i,
			      strcasecmp(environment->variables.items[i].name, name) < 0);
	return *at < environment->variables.count &&
	       strcasecmp(environment->variables.items[*at].name, name) == 0;
}

int environment_declare(struct environment *environment, const char *name, struct error *err)
{
	struct variables *variables = &environment->variables;
	char             *copy;
	size_t            at;

	if (find(environment, name, &at))
		return 0;
	copy = strdup(name);
	if (!copy || !array_push(variables, (struct variable){ 0 })) {
		free(copy);
		return error_memory(err);
	}
	memmove(variables->items + at + 1, variables->items + at,
		(variables->count - 1 - at) * sizeof *variables->items);
	variables->items[at] = (struct variable){ .name = copy };
	return 0;
}

const struct texts *environment_get(const struct environment *environment, const char *name)
{
	size_t at;

	return find(environment, name, &at) ? &environment->variables.items[at].values : NULL;
}

int environment_add(struct environment *environment, const char *name, const char *value, struct error *err)
{
	struct texts *values;
	size_t        at;

	if (environment_declare(environment, name, err) < 0)
		return -1;
	(void)find(environment, name, &at);
	values = &environment->variables.items[at].values;
	for (size_t i = 0; i < values->count; i++)
		if (strcasecmp(values->items[i], value) == 0)
			return 0;
	return add_text(values, strdup(value), err);
}

int environment_set(struct environment *environment, const char *name, const char *value, struct error *err)
{
	size_t at;

	if (find(environment, name, &at))
		texts_release(&environment->variables.items[at].values);
	return value ? environment_add(environment, name, value, err)
		     : environment_declare(environment, name, err);
}

int environment_copy(struct environment *to, const struct environment *from, struct error *err)
{
	*to = (struct environment){ 0 };
	for (size_t i = 0; i < from->variables.count; i++) {
		const struct variable *variable = &from->variables.items[i];

		if (environment_declare(to, variable->name, err) < 0)
			return -1;
		for (size_t j = 0; j < variable->values.count; j++)
			if (environment_add(to, variable->name, variable->values.items[j], err) < 0)
				return -1;
	}
	return 0;
}

void environment_release(struct environment *environment)
{
	for (size_t i = 0; i < environment->variables.count; i++) {
		free(environment->variables.items[i].name);
		texts_release(&environment->variables.items[i].values);
	}
	array_release(&environment->variables);
}

/* -------- expansion -------- */

/* The first %NAME% in @text: where it begins, *@length with both signs; NULL if there is none. */
static const char *next_reference(const char *text, size_t *length)
{
	const char *start = strchr(text, '%');

	while (start) {
		size_t name = strcspn(start + 1, "%\\/");

		if (name && start[1 + name] == '%') {
			*length = name + 2;
			return start;
		}
		start = strchr(start + 1, '%');
	}
	return NULL;
}

/* Each of @texts with each of @values behind it, and with @plain (@length bytes) before those. */
static int extend(struct texts *texts, const char *plain, size_t length, const struct texts *values,
		  struct error *err)
{
	CLEANUP(texts_release) struct texts longer = { 0 };

	if (values->count && texts->count > EXPANSIONS_MAX / values->count)
		return error_set(err, ERROR_VALUE, NULL,
				 "a text stands for more than %u with all values of its variables",
				 EXPANSIONS_MAX);
	for (size_t i = 0; i < texts->count; i++)
		for (size_t j = 0; j < values->count; j++) {
			char *text;

			if (asprintf(&text, "%s%.*s%s", texts->items[i], (int)length, plain,
				     values->items[j]) < 0)
				text = NULL;
			if (add_text(&longer, text, err) < 0)
				return -1;
		}
	texts_release(texts);
	*texts = longer;
	longer = (struct texts){ 0 };
	return 0;
}

int environment_expand(const struct environment *environment, const char *text, struct texts *expanded,
		       char **unknown, struct error *err)
{
	char               nothing[] = "", *nothings[] = { nothing };
	const struct texts end = { .items = nothings, .count = 1 };
	const char        *reference;
	size_t             length;

	*unknown = NULL;
	*expanded = (struct texts){ 0 };
	if (strlen(text) > INT_MAX)
		return error_set(err, ERROR_VALUE, NULL, "a text is too long to be expanded");
	if (add_text(expanded, strdup(""), err) < 0)
		return -1;
	for (; (reference = next_reference(text, &length)); text = reference + length) {
		CLEANUP(free_ptr) char *name = strndup(reference + 1, length - 2);
		const struct texts     *values = name ? environment_get(environment, name) : NULL;

		if (!name)
			return error_memory(err);
		if (!values) {
			texts_release(expanded);
			*unknown = TAKE(name);
			return 0;
		}
		if (extend(expanded, text, (size_t)(reference - text), values, err) < 0)
			return -1;
	}
	return extend(expanded, text, strlen(text), &end, err);
}
