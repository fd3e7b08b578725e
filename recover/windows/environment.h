/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * environment.h - the variables that rules may use, of the machine or of one user
 *
 * Those of spec USMT "recognised environment variables": CSIDL_..., USERPROFILE, PROGRAMFILES, ..., computed
 * from the hives of an offline Windows (Shell Folders, ProfileList, Session Manager\Environment), with
 * what Windows itself takes where a hive says nothing.  A variable can have several values, set by rules.
 */
#ifndef RECOVER_WINDOWS_ENVIRONMENT_H
#define RECOVER_WINDOWS_ENVIRONMENT_H

#include "recover/windows/windows.h"

struct texts ARRAY(char *); /* each to be freed */
void texts_release(struct texts *texts);

struct variable {
	char        *name; /* case aside */
	struct texts values;
};

struct variables ARRAY(struct variable);

struct environment {
	struct variables variables; /* sorted by name */
};

/*
 * The variables of @user, or with NULL those of the machine.  environment_release in any case.
 * @windows  NULL: where a Windows has its folders that was found nowhere, C:\Windows
 */
MUST_CHECK int environment_make(struct environment *environment, const struct windows *windows,
				const struct user_profile *user, struct error *err);

/* Begin with what the Windows directory alone says: SYSTEMDRIVE, SYSTEMROOT, WINDIR. */
MUST_CHECK int environment_begin(struct environment *environment, const struct windows *windows, struct error *err);

MUST_CHECK int environment_copy(struct environment *to, const struct environment *from, struct error *err);
void           environment_release(struct environment *environment);

/* The values of a variable, or NULL. */
const struct texts *environment_get(const struct environment *environment, const char *name);

/* Make a variable that has no value: what refers to it stands for nothing.  One that is there stays as it is. */
MUST_CHECK int environment_declare(struct environment *environment, const char *name, struct error *err);

/* Add a value to a variable, making it; a value that it has is not added twice. */
MUST_CHECK int environment_add(struct environment *environment, const char *name, const char *value,
			       struct error *err);

/* Give a variable that value alone; NULL: none. */
MUST_CHECK int environment_set(struct environment *environment, const char *name, const char *value,
			       struct error *err);

/*
 * Expand every %NAME% in @text: one text for each combination of values; values are not expanded again.
 * @unknown  a variable that is not known: its name, to be freed, and @expanded is empty; NULL if all are
 * Returns 0, or -1: no memory, or far too many combinations.  texts_release and free in any case.
 */
MUST_CHECK int environment_expand(const struct environment *environment, const char *text, struct texts *expanded,
				  char **unknown, struct error *err);

#endif
