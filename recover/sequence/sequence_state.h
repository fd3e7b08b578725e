/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_state.h - where a task sequence stands, as a file: what a run that was cut off goes on from
 *
 * It lies on the volume as \_SMSTaskSequence\holdfast.env and changes in the transaction of the step that it
 * speaks of.  Its first line is "holdfast task sequence 1 CHECKSUM", CHECKSUM being the XXH3-64 of all bytes behind
 * that line in 16 hexadecimal digits.  Then follows one JSON object: "sequence", the SHA-256 of the sequence's XML;
 * "variables", all that are set, each with "name", "value" and, if it is a secret, "hidden".  The pointer and
 * the stack are variables among them.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_STATE_H
#define RECOVER_SEQUENCE_SEQUENCE_STATE_H

#include "core/digest.h"
#include "recover/sequence/sequence_variable.h"

#define SEQUENCE_STATE_FOLDER    "\\_SMSTaskSequence"
#define SEQUENCE_STATE_FILE      "holdfast.env"
#define SEQUENCE_STATE_BYTES_MAX (64u << 20)

#define SEQUENCE_STATE_WORDS      "holdfast task sequence "
#define SEQUENCE_STATE_VERSION    "1 "
#define SEQUENCE_STATE_LINE_BYTES (sizeof SEQUENCE_STATE_WORDS SEQUENCE_STATE_VERSION - 1 + 16 + 1) /* with its end */

struct sequence_state {
	uint8_t                   digest[DIGEST_BYTES]; /* of the sequence */
	struct sequence_variables variables;            /* .set alone */
};

void sequence_state_release(struct sequence_state *state);

/* @bytes  to be freed */
MUST_CHECK int sequence_state_write(const struct sequence_state *state, char **bytes, size_t *size, struct error *err);

/*
 * @name  of the file, for messages
 * Returns 0, or -1: ERROR_UNSUPPORTED for another version, ERROR_VALUE for what is torn or is none.  Release in
 * any case.
 */
MUST_CHECK int sequence_state_read(struct sequence_state *state, const char *name, const char *bytes, size_t size,
				   struct error *err);

/* The first line of a state whose object is this, with its end. */
void sequence_state_line(const char *object, size_t size, char line[SEQUENCE_STATE_LINE_BYTES + 1]);

#endif
