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
	const char                 *name;     /* of the sequence; NULL or "": its file's is told */
	const char                 *sequence; /* its file, as named; for the command that goes on */
	const char                 *volumes;  /* operands, as one text; likewise */
	const char                 *store;    /* "C:\StateStore", where the users' files are kept by now; NULL: nowhere */
	bool                        untouched; /* nothing at all has changed on the volumes: it was --atomic */
};

/* Several lines: the step, its groups, the code in ConfigMgr's form, what it means, what is safe, what to do next. */
void sequence_failure_print(const struct sequence_failure *failure, FILE *out);

/* The same as an object behind the key "failure". */
void sequence_failure_json(const struct sequence_failure *failure, struct json *json);

/* A line: who says what of a code, and what it means in a task sequence.  @indent  what stands before it */
void sequence_failure_explain(uint32_t code, bool of_usmt, const char *indent, FILE *out);

/* Keys of an object: "code", as ConfigMgr writes it, and what is known of it. */
void sequence_failure_json_code(uint32_t code, bool of_usmt, struct json *json);

#endif
