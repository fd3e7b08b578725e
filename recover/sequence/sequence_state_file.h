/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_state_file.h - the state of a task sequence on a volume: put there, and taken away
 *
 * In the transaction that is under way.  The folder of the sequence is made if it is not there; since the variables
 * may hold secrets, the file is for the system and for administrators alone.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_STATE_FILE_H
#define RECOVER_SEQUENCE_SEQUENCE_STATE_FILE_H

#include "recover/ntfs3g.h"
#include "recover/sequence/sequence_state.h"

/* Put it there, in place of one that is there. */
MUST_CHECK int sequence_state_put(struct ntfs3g *mount, const struct sequence_state *state, struct error *err);

/* Take it away, if it is there; the folder stays. */
MUST_CHECK int sequence_state_remove(struct ntfs3g *mount, struct error *err);

#endif
