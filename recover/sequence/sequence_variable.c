/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_variable.c - see sequence_variable.h */
#include "recover/sequence/sequence_variable.h"

#include "core/cleanup.h"

#include <string.h>
#include <strings.h>

/* -------- lists -------- */

/* Where the name stands, or would: true if it is there. */
static bool list_find(const struct sequence_variable_list *list, const char *name, size_t *index)
{
	*index = partition_point(0, list->count, i, strcasecmp(list->items[i].name, name) < 0);
	return *index < list->count && strcasecmp(list->items[*index].name, name) == 0;
}

static void list_remove(struct sequence_variable_list *list, size_t index)
{
	free(list->items[index].name);
	free(list->items[index].value);
	list->count--;
	memmove(list->items + index, list->items + index + 1, (list->count - index) * sizeof *list->items);
}

static void list_release(struct sequence_variable_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].value);
	}
	array_release(list);
}

static int list_insert(struct sequence_variable_list *list, size_t index, const char *name, const char *value,
		       bool hidden, struct error *err)
{
	struct sequence_variable variable = { strdup(name), strdup(value), hidden };

	if (!variable.name || !variable.value || !array_push(list, variable)) {
		free(variable.name);
		free(variable.value);
		return error_memory(err);
	}
	memmove(list->items + index + 1, list->items + index, (list->count - 1 - index) * sizeof *list->items);
	list->items[index] = variable;
	return 0;
}

static int list_set(struct sequence_variable_list *list, const char *name, const char *value, bool hidden,
		    struct error *err)
{
	size_t index;
	char  *copy;
	bool   there = list_find(list, name, &index);

	if (!*value) {
		if (there)
			list_remove(list, index);
		return 0;
	}
	if (strlen(value) > SEQUENCE_VALUE_BYTES_MAX)
		return error_set(err, ERROR_VALUE, NULL, "the value of %.60s is larger than %u MiB", name,
				 SEQUENCE_VALUE_BYTES_MAX >> 20);
	if (!there && list->count == SEQUENCE_VARIABLES_MAX)
		return error_set(err, ERROR_VALUE, NULL, "more than %u variables are set", SEQUENCE_VARIABLES_MAX);
	if (!there)
		return list_insert(list, index, name, value, hidden, err);
	copy = strdup(value);
	if (!copy)
		return error_memory(err);
	free(list->items[index].value);
	list->items[index].value = copy;
	list->items[index].hidden = hidden;
	return 0;
}

/* -------- variables -------- */

void sequence_variables_release(struct sequence_variables *variables)
{
	list_release(&variables->set);
	list_release(&variables->defaults);
}

const struct sequence_variable *sequence_variables_find(const struct sequence_variables *variables, const char *name)
{
	size_t index;

	if (list_find(&variables->set, name, &index))
		return &variables->set.items[index];
	return list_find(&variables->defaults, name, &index) ? &variables->defaults.items[index] : NULL;
}

const char *sequence_variables_get(const struct sequence_variables *variables, const char *name)
{
	const struct sequence_variable *variable = sequence_variables_find(variables, name);

	return variable ? variable->value : "";
}

int sequence_variables_set_hidden(struct sequence_variables *variables, const char *name, const char *value,
				  bool hidden, struct error *err)
{
	return list_set(&variables->set, name, value, hidden, err);
}

int sequence_variables_set(struct sequence_variables *variables, const char *name, const char *value,
			   struct error *err)
{
	size_t index;
	bool   hidden = list_find(&variables->set, name, &index) && variables->set.items[index].hidden;

	return list_set(&variables->set, name, value, hidden, err);
}

int sequence_variables_assign(struct sequence_variables *variables, const char *name, const char *value, bool hidden,
			      struct error *err)
{
	if (!*name || strpbrk(name, "%=\""))
		return error_set(err, ERROR_VALUE, NULL, "'%.60s' cannot be the name of a variable", name);
	if (*name == '_')
		return error_set(err, ERROR_REFUSED, NULL,
				 "%.60s is read-only, as all variables whose name begins with '_'", name);
	return list_set(&variables->set, name, value, hidden, err);
}

int sequence_variables_add_default(struct sequence_variables *variables, const char *name, const char *value,
				   bool hidden, struct error *err)
{
	return list_set(&variables->defaults, name, value, hidden, err);
}

void sequence_variables_clear_defaults(struct sequence_variables *variables)
{
	list_release(&variables->defaults);
}

bool sequence_variables_true(const struct sequence_variables *variables, const char *name)
{
	return strcasecmp(sequence_variables_get(variables, name), "true") == 0;
}

/* -------- expanding -------- */

struct expanded ARRAY(char);

static void release_expanded(struct expanded *expanded)
{
	array_release(expanded);
}

static int append(struct expanded *to, const char *text, size_t length, struct error *err)
{
	if (length > SEQUENCE_VALUE_BYTES_MAX - to->count)
		return error_set(err, ERROR_VALUE, NULL, "a text grows beyond %u MiB by its variables",
				 SEQUENCE_VALUE_BYTES_MAX >> 20);
	for (size_t i = 0; i < length; i++)
		if (!array_push(to, text[i]))
			return error_memory(err);
	return 0;
}

int sequence_variables_expand(const struct sequence_variables *variables, const char *text, char **expanded,
			      bool *secret, struct error *err)
{
	CLEANUP(release_expanded) struct expanded to = { 0 };
	const char                               *percent, *end;

	*expanded = NULL;
	while ((percent = strchr(text, '%')) && (end = strchr(percent + 1, '%'))) {
		CLEANUP(free_ptr) char         *name = strndup(percent + 1, (size_t)(end - percent - 1));
		const struct sequence_variable *variable;

		if (!name)
			return error_memory(err);
		if (append(&to, text, (size_t)(percent - text), err) < 0)
			return -1;
		variable = sequence_variables_find(variables, name);
		text = variable ? end + 1 : end; /* that '%' may begin the next */
		if (variable ? append(&to, variable->value, strlen(variable->value), err) < 0
			     : append(&to, percent, (size_t)(end - percent), err) < 0)
			return -1;
		if (variable && variable->hidden && secret)
			*secret = true;
	}
	if (append(&to, text, strlen(text), err) < 0)
		return -1;
	if (!array_push(&to, '\0'))
		return error_memory(err);
	*expanded = TAKE(to.items);
	return 0;
}
