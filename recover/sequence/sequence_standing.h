/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_standing.h - where a task sequence stands that was begun on a volume: what 'holdfast status' tells
 *
 * Read from sequence_state.h's file, on a volume whose tree is read.  A sequence that has ended well has none.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_STANDING_H
#define RECOVER_SEQUENCE_SEQUENCE_STANDING_H

#include "core/json.h"
#include "recover/engine/work_volume.h"
#include "recover/sequence/sequence_state.h"

/* What is left in the state of a sequence that ended with a failure, for those who ask later. */
#define SEQUENCE_FAILED         "_HoldfastSequenceFailed"        /* "true" */
#define SEQUENCE_FAILED_OF_USMT "_HoldfastSequenceFailedOfUsmt"  /* "true": its code stands for one of USMT's */
#define SEQUENCE_FAILED_WHY     "_HoldfastSequenceFailedWhy"     /* our own sentence */

struct sequence_standing {
	bool                  begun;  /* there is a state */
	bool                  broken; /* it cannot be read: .why */
	struct error          why;
	struct sequence_state state;
};

/* Look for a state on the volume.  Returns 0, also when there is none or it is broken; -1.  Release in any case. */
MUST_CHECK int sequence_standing_read(struct sequence_standing *standing, struct work_volume *volume,
				      struct error *err);
void           sequence_standing_release(struct sequence_standing *standing);

/* Some lines, or none: the sequence, its next instruction, the last action and its code. */
void sequence_standing_print(const struct sequence_standing *standing, FILE *out);

/* What to do next, a sentence or two; NULL if no sequence has begun, or without memory.  To be freed. */
char *sequence_standing_next(const struct sequence_standing *standing);

/* An object behind the key "sequence", or null. */
void sequence_standing_json(const struct sequence_standing *standing, struct json *json);

#endif
