/* SPDX-License-Identifier: GPL-3.0-or-later */
/* marvin.c - see marvin.h */
#include "recover/registry/marvin.h"

#include "core/endian.h"

struct state {
	uint32_t low, high;
};

static uint32_t rotate(uint32_t value, unsigned bits)
{
	return value << bits | value >> (32 - bits);
}

static void mix(struct state *state, uint32_t number)
{
	state->low += number;
	state->high ^= state->low;
	state->low = rotate(state->low, 20) + state->high;
	state->high = rotate(state->high, 9) ^ state->low;
	state->low = rotate(state->low, 27) + state->high;
	state->high = rotate(state->high, 19);
}

uint64_t marvin32(uint64_t seed, const uint8_t *data, size_t size)
{
	struct state state = { (uint32_t)seed, (uint32_t)(seed >> 32) };
	uint32_t     last = 0x80;

	for (; size >= 4; data += 4, size -= 4)
		mix(&state, le32_at(data));
	while (size > 0)
		last = last << 8 | data[--size];
	mix(&state, last);
	mix(&state, 0);
	return (uint64_t)state.high << 32 | state.low;
}
