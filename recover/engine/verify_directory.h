/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_directory.h - is a rebuilt directory still what its manifest says?
 *
 * Every file that manifest.jsonl tells of is there under each of its paths, these are links of
 * one another, and content and streams have their sizes and digests; every file and folder of the sidecar
 * has its facts, and the security descriptors they name are there.  Reads on all cores; no
 * link is followed.
 */
#ifndef RECOVER_ENGINE_VERIFY_DIRECTORY_H
#define RECOVER_ENGINE_VERIFY_DIRECTORY_H

#include "recover/manifest_reader.h"

enum directory_kind {
	DIRECTORY_MISSING,  /* a file, stream or folder is not there */
	DIRECTORY_DAMAGED,  /* it has another size or digest */
	DIRECTORY_UNLINKED, /* two names of one file are two files */
	DIRECTORY_SIDECAR,  /* its attributes and times, or its security descriptor, are not there */
	DIRECTORY_LINE,     /* a line of a list is damaged: nothing is known of what it told */
	DIRECTORY_EXTRA,    /* something that no list tells of: no fault */
	DIRECTORY_KINDS,
};

struct directory_problem {
	enum directory_kind kind;
	char               *path; /* below the directory, or the list's name; owned by the result */
	const char         *text; /* one clause */
};

struct directory_problems ARRAY(struct directory_problem);

struct directory_result {
	uint64_t files, names, streams, folders, bytes; /* that the lists tell of; bytes were read */
	uint64_t lost;                                  /* of the files: content was lost before, only the name is told */
	uint64_t counts[DIRECTORY_KINDS];
	struct directory_problems problems;             /* all of them, by path */
};

/* True if everything that the lists tell of is there. */
static inline bool directory_is_sound(const struct directory_result *result)
{
	uint64_t faults = 0;

	for (int kind = 0; kind < DIRECTORY_EXTRA; kind++)
		faults += result->counts[kind];
	return faults == 0;
}

/*
 * Verify the directory @path on @threads cores.
 * Returns 0, whatever is wrong with it, or -1: it cannot be read, is no rebuilt directory, or no memory.
 * directory_result_release in any case.
 */
MUST_CHECK int verify_directory(const char *path, unsigned threads, struct directory_result *result,
				struct error *err);
void           directory_result_release(struct directory_result *result);

/* "missing", "damaged", ... as in JSON. */
const char *directory_kind_name(enum directory_kind kind);

#endif
