/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_marvin.c - expected values: the published test vectors of Marvin32 (dotnet/runtime, MarvinTests.cs) */
#include "tests/unit/unit.h"

#include "recover/registry/marvin.h"

struct vector {
	uint64_t seed;
	uint8_t  data[7];
	size_t   size;
	uint64_t wanted;
};

ParameterizedTestParameters(marvin, published_values)
{
	static struct vector cases[] = {
		{ 0x004fb61a001bdbcc, { 0 }, 0, 0x30ed35c100cd3c7d },
		{ 0x004fb61a001bdbcc, { 0xaf }, 1, 0x48e73fc77d75ddc1 },
		{ 0x004fb61a001bdbcc, { 0xe7, 0x0f }, 2, 0xb5f6e1fc485dbff8 },
		{ 0x004fb61a001bdbcc, { 0x37, 0xf4, 0x95 }, 3, 0xf0b07c789b8cf7e8 },
		{ 0x004fb61a001bdbcc, { 0x86, 0x42, 0xdc, 0x59 }, 4, 0x7008f2e87e9cf556 },
		{ 0x004fb61a001bdbcc, { 0x15, 0x3f, 0xb7, 0x98, 0x26 }, 5, 0xe6c08c6da2afa997 },
		{ 0x804fb61a001bdbcc, { 0x09, 0x32, 0xe6, 0x24, 0x6c, 0x47 }, 6, 0xd6dd5e40ad1bc2ed },
		{ 0x804fb61a001bdbcc, { 0xab, 0x42, 0x7e, 0xa8, 0xd1, 0x0f, 0xc7 }, 7, 0xe203987dba252fb3 },
	};

	return CASES(struct vector, cases);
}

ParameterizedTest(struct vector *c, marvin, published_values)
{
	struct blob data = blob_copy(c->data, c->size);

	cr_expect(eq(u64, marvin32(c->seed, data.at, data.size), c->wanted));
	free(data.at);
}
