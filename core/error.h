/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error.h - what went wrong, where, and in one clause
 *
 * A function that can fail returns -1 with its struct error filled; filling is
 * also the return: `return error_at(err, ...)`.  Nothing here allocates.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define NO_OFFSET  UINT64_MAX

enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,        /* the command line asks for what cannot be */
	ERROR_IO,           /* the system refused a read, a write, an open */
	ERROR_MEMORY,
	ERROR_BOUNDS,       /* bytes end before the structure does */
	ERROR_VALUE,        /* a number that the format does not have */
	ERROR_UNSUPPORTED,  /* valid, but not known here */
	ERROR_REFUSED,      /* a guard says no; the text says what to do */
};

struct error {
	enum error_kind kind;
	int             sys;        /* errno at the failing call, 0 otherwise */
	char            path[512];  /* artefact: image, store or case file; "" if none, cut if long */
	uint64_t        offset;     /* bytes from the start of the artefact, or NO_OFFSET */
	char            text[256];  /* one clause, lower case, no full stop */
};

/* Damage at @offset bytes of whatever is being decoded.  Returns -1. */
int error_at(struct error *err, enum error_kind kind, uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A failed call on @path (may be NULL): takes errno; @text says what was tried.  Returns -1. */
int error_sys(struct error *err, const char *path, const char *text);

/* Anything else about @path (may be NULL).  Returns -1. */
int error_set(struct error *err, enum error_kind kind, const char *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Out of memory.  Returns -1. */
int error_memory(struct error *err);

/* "path: text: errno text (at byte N)" on one line without its end; names are escaped. */
void error_print(const struct error *err, FILE *out);

/* The same, to be freed; NULL where there is no error, and without memory. */
char *error_text(const struct error *err);

#endif
