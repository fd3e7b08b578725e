/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena.h - memory of many small things that go together
 *
 * What is taken stays where it is until the arena is released as a whole.  An arena of zeroes is empty.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_chunk *chunks; /* the newest first */
};

/* Room for @count items of @size bytes, all zeroes; NULL when there is no memory. */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* A copy of @length bytes with a zero behind them; NULL when there is no memory. */
char *arena_text(struct arena *arena, const char *text, size_t length);

/* A text as printf makes it; NULL when there is no memory. */
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

void arena_release(struct arena *arena);

#endif
