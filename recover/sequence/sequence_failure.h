/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_failure.h - why a task sequence ended: as ConfigMgr reports it, and what that means and what to do
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_FAILURE_H
#define RECOVER_SEQUENCE_SEQUENCE_FAILURE_H

#include "core/json.h"
#include "recover/sequence/sequence_file.h"

struct sequence_failure {
	const struct sequence_item *item;     /* the step that ended it */
	uint32_t                    pointer;  /* its instruction */
	uint32_t                    code;
	bool                        of_usmt;  /* the code stands for one of USMT's */
	const char                 *why;      /* our own sentence, or "" */
	const char                 *sequence; /* its file, as named; for the command that goes on */
	const char                 *volumes;  /* operands, as one text; likewise */
	const char                 *store;    /* "C:\StateStore", where the users' files are kept by now; NULL: nowhere */
	bool                        untouched; /* nothing at all has changed on the volumes: it was --atomic */
};

/* Several lines: the step, its groups, the code in ConfigMgr's form, what it means, what is safe, what to do next. */
void sequence_failure_print(const struct sequence_failure *failure, FILE *out);

/* The same as an object behind the key "failure". */
void sequence_failure_json(const struct sequence_failure *failure, struct json *json);

#endif
