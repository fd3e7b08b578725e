/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_standing.h - where a task sequence stands that was begun on a volume: what 'holdfast status' tells
 *
 * Read from sequence_state.h's file, on a volume whose tree is read.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_STANDING_H
#define RECOVER_SEQUENCE_SEQUENCE_STANDING_H

#include "core/json.h"
#include "recover/engine/work_volume.h"
#include "recover/sequence/sequence_state.h"

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

/* Some lines, or none: the sequence, its next instruction, the last action and its code, what to do next. */
void sequence_standing_print(const struct sequence_standing *standing, FILE *out);

/* An object behind the key "sequence", or null. */
void sequence_standing_json(const struct sequence_standing *standing, struct json *json);

#endif
