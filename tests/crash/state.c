/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.c - see state.h */
#include "tests/crash/state.h"

#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct place {
	uint64_t offset;
	size_t   length;
};

/* -------- the hash -------- */

static void hash_sectors(struct state *state, uint64_t offset, size_t length, bool add)
{
	uint64_t first = offset / SECTOR_BYTES, end = (offset + length + SECTOR_BYTES - 1) / SECTOR_BYTES;

	for (uint64_t sector = first; sector < end; sector++) {
		XXH128_hash_t hash =
			XXH3_128bits_withSeed(state->bytes + sector * SECTOR_BYTES, SECTOR_BYTES, sector);

		state->hash.low += add ? hash.low64 : -hash.low64;
		state->hash.high += add ? hash.high64 : -hash.high64;
	}
}

/* -------- a state -------- */

static void adopt(struct state *state, void *bytes, size_t size)
{
	if (bytes == MAP_FAILED)
		err(3, "memory for an image");
	madvise(bytes, size, MADV_DONTFORK); /* forks are cheaper so */
	*state = (struct state){ .bytes = bytes, .size = size };
}

void state_open(struct state *state, const char *path)
{
	int         fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		err(3, "%s", path);
	if (!status.st_size || status.st_size % SECTOR_BYTES)
		errx(3, "%s: not an image of whole sectors", path);
	adopt(state, mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0),
	      (size_t)status.st_size);
	close(fd);
	hash_sectors(state, 0, state->size, true);
}

void state_copy(struct state *state, const struct state *from)
{
	adopt(state, mmap(NULL, from->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	      from->size);
	state_store(from, state->bytes);
	state->hash = from->hash;
}

void state_release(struct state *state)
{
	if (state->bytes)
		munmap(state->bytes, state->size);
	free(state->undo);
	*state = (struct state){ 0 };
}

/* -------- writing, and taking it back -------- */

static void note(struct state *state, const void *bytes, size_t length)
{
	if (state->undo_room - state->undo_size < length) {
		state->undo_room = 2 * (state->undo_size + length);
		state->undo = realloc(state->undo, state->undo_room);
		if (!state->undo)
			err(3, "memory for what was overwritten");
	}
	memcpy(state->undo + state->undo_size, bytes, length);
	state->undo_size += length;
}

void state_write(struct state *state, uint64_t offset, const uint8_t *bytes, size_t length)
{
	struct place place = { offset, length };

	note(state, state->bytes + offset, length);
	note(state, &place, sizeof place);
	hash_sectors(state, offset, length, false);
	memcpy(state->bytes + offset, bytes, length);
	hash_sectors(state, offset, length, true);
}

size_t state_mark(const struct state *state)
{
	return state->undo_size;
}

void state_rewind(struct state *state, size_t mark)
{
	while (state->undo_size > mark) {
		struct place place;

		state->undo_size -= sizeof place;
		memcpy(&place, state->undo + state->undo_size, sizeof place);
		state->undo_size -= place.length;
		hash_sectors(state, place.offset, place.length, false);
		memcpy(state->bytes + place.offset, state->undo + state->undo_size, place.length);
		hash_sectors(state, place.offset, place.length, true);
	}
}

void state_forget_undo(struct state *state)
{
	state->undo_size = 0;
}

void state_store(const struct state *state, uint8_t *to)
{
	enum { PART = 4096 };

	for (size_t at = 0; at < state->size; at += PART) {
		size_t length = state->size - at < PART ? state->size - at : PART;

		if (memcmp(to + at, state->bytes + at, length) != 0)
			memcpy(to + at, state->bytes + at, length);
	}
}
