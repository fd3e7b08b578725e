/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.c - see arena.h */
#include "core/arena.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define CHUNK_MIN 4096u
#define CHUNK_MAX (1024u * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t              used, size; /* of .room */
	max_align_t         room[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t bytes)
{
	size_t              size = arena->chunks ? 2 * arena->chunks->size : CHUNK_MIN;
	struct arena_chunk *chunk;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < bytes)
		size = bytes;
	if (size > PTRDIFF_MAX - sizeof *chunk)
		return NULL; /* no object is larger */
	chunk = calloc(1, sizeof *chunk + size);
	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t              bytes, start;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(bytes, sizeof(max_align_t) - 1, &bytes))
		return NULL;
	bytes -= bytes % sizeof(max_align_t);
	if (!chunk || bytes > chunk->size - chunk->used)
		chunk = add_chunk(arena, bytes);
	if (!chunk)
		return NULL;
	start = chunk->used;
	chunk->used += bytes;
	return (char *)chunk->room + start;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_take(arena, length + 1, 1) : NULL;

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
	CLEANUP(free_ptr) char *text = NULL;
	va_list                 arguments;

	va_start(arguments, format);
	text = text_format_list(format, arguments);
	va_end(arguments);
	return text ? arena_text(arena, text, strlen(text)) : NULL;
}

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
}
