/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * state.h - an image as a power cut could leave it, in memory
 *
 * Writes can be taken back, and a hash of the whole image is kept up to date: the sum over all
 * sectors of a hash of the sector's place and bytes.
 */
#ifndef CRASH_STATE_H
#define CRASH_STATE_H

#include <stddef.h>
#include <stdint.h>

#define SECTOR_BYTES 512u

struct hash {
	uint64_t low, high;
};

struct state {
	uint8_t    *bytes; /* a private mapping, not inherited by child processes */
	size_t      size;  /* of the image, bytes; a multiple of SECTOR_BYTES */
	struct hash hash;
	uint8_t    *undo; /* what was overwritten: bytes, then their place, again and again */
	size_t      undo_size, undo_room;
};

/* The image at @path; ends the program when it cannot be read. */
void state_open(struct state *state, const char *path);

/* The same bytes and no history. */
void state_copy(struct state *state, const struct state *from);
void state_release(struct state *state);

void state_write(struct state *state, uint64_t offset, const uint8_t *bytes, size_t length);

/* Go back to what was when state_mark gave this mark. */
size_t state_mark(const struct state *state);
void   state_rewind(struct state *state, size_t mark);

/* What is written stays; no earlier mark holds any more. */
void state_forget_undo(struct state *state);

/* Make @to, which has @state's size, equal to it, writing only where they differ. */
void state_store(const struct state *state, uint8_t *to);

#endif
