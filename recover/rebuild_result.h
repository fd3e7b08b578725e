/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rebuild_result.h - what came of rebuilding one file
 */
#ifndef RECOVER_REBUILD_RESULT_H
#define RECOVER_REBUILD_RESULT_H

#include "core/digest.h"
#include "scan/casebook.h"

/* A named stream, or anything else that is not the unnamed $DATA. */
struct rebuild_stream {
	const struct case_stream *stream;  /* borrowed from the record */
	uint64_t                  size_bytes;
	uint8_t                   sha256[DIGEST_BYTES];
	bool                      sha256_known;
	enum grade                grade;
	unsigned                  reasons;
	struct ranges             missing; /* bytes, sorted */
	char                     *at;      /* where it was put, below the destination; NULL: nowhere */
};

struct rebuild_streams ARRAY(struct rebuild_stream);

struct rebuild_result {
	enum grade             grade;      /* of the unnamed stream */
	unsigned               reasons;    /* enum grade_reason */
	uint8_t                sha256[DIGEST_BYTES];
	bool                   sha256_known;
	struct ranges          missing;    /* bytes of the unnamed stream, sorted */
	struct rebuild_streams streams;
};

struct rebuild_counts {
	uint64_t files, names, directories, bytes;
	uint64_t grades[GRADES];
	uint64_t limited; /* files that something could not be kept of */
};

static inline void rebuild_result_release(struct rebuild_result *result)
{
	for (size_t i = 0; i < result->streams.count; i++) {
		array_release(&result->streams.items[i].missing);
		free(result->streams.items[i].at);
	}
	array_release(&result->streams);
	array_release(&result->missing);
}

#endif
