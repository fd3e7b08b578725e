/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_secret.h - what of a sequence's texts nobody may read in a log
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_SECRET_H
#define RECOVER_SEQUENCE_SEQUENCE_SECRET_H

#include "recover/sequence/sequence_file.h"
#include "recover/sequence/sequence_variable.h"

/* Does a variable of this name hold a secret: a password, a key? */
bool sequence_secret_is_named(const char *name);

/*
 * A copy of a command line with "***" for each secret in it: what /key, /keyfile and /lac are given, and the VALUE
 * of NAME=VALUE if sequence_secret_is_named.  Rather too much is hidden than too little.
 * To be freed; NULL without memory.
 */
char *sequence_secret_hide(const char *command_line);

/* The command line of a step as it may be read: variables put in, unless a secret is among them.  0, or -1. */
MUST_CHECK int sequence_secret_command(const struct sequence_variables *variables, const struct sequence_item *item,
				      char **line, struct error *err);

#endif
