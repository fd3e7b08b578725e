/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_variable.h - the variables of a task sequence
 *
 * Names count without case, values are texts; one that is empty is not there.  A step's own defaults
 * hold while it runs, and only where no variable of that name is set.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_VARIABLE_H
#define RECOVER_SEQUENCE_SEQUENCE_VARIABLE_H

#include "core/array.h"

#define SEQUENCE_VARIABLES_MAX 20000u
#define SEQUENCE_VALUE_BYTES_MAX (4u << 20) /* of one value, and of what a text expands to */

struct sequence_variable {
	char *name, *value;
	bool  hidden; /* a secret: its value is not shown */
};

struct sequence_variable_list ARRAY(struct sequence_variable); /* sorted by name */

struct sequence_variables {
	struct sequence_variable_list set, defaults;
};

void sequence_variables_release(struct sequence_variables *variables);

/* The value, "" if there is none: what is set, else a default of the step that runs. */
const char *sequence_variables_get(const struct sequence_variables *variables, const char *name);

/* The same with all that is known of it; NULL if it is not there. */
const struct sequence_variable *sequence_variables_find(const struct sequence_variables *variables, const char *name);

/*
 * The engine's own word: set a variable, or with "" take it away.
 * Returns 0, or -1: no memory, or far too many.
 */
MUST_CHECK int sequence_variables_set(struct sequence_variables *variables, const char *name, const char *value,
				      struct error *err);
MUST_CHECK int sequence_variables_set_hidden(struct sequence_variables *variables, const char *name,
					     const char *value, bool hidden, struct error *err);

/* A step's word: as above, but ERROR_REFUSED for a name that begins with '_', ERROR_VALUE for none. */
MUST_CHECK int sequence_variables_assign(struct sequence_variables *variables, const char *name, const char *value,
					 bool hidden, struct error *err);

/* Defaults of the step that begins, and of none. */
MUST_CHECK int sequence_variables_add_default(struct sequence_variables *variables, const char *name,
					      const char *value, bool hidden, struct error *err);
void           sequence_variables_clear_defaults(struct sequence_variables *variables);

/* Is it one that says yes: "true", case aside? */
bool sequence_variables_true(const struct sequence_variables *variables, const char *name);

/*
 * Put the values in place of %NAME%, once: values are not expanded again.  A name that is not known stays as
 * it stands.
 * @expanded  to be freed
 * @secret    a hidden value is in it; may be NULL
 * Returns 0, or -1: no memory, or it grew far too long.
 */
MUST_CHECK int sequence_variables_expand(const struct sequence_variables *variables, const char *text, char **expanded,
					 bool *secret, struct error *err);

#endif
