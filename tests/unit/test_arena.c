/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_arena.c - expected values: arena.h */
#include "tests/unit/unit.h"

#include "core/arena.h"

#include <stdint.h>
#include <string.h>

Test(arena, everything_is_zeroed_aligned_and_stays_apart)
{
	struct arena arena = { 0 };
	uint8_t     *parts[300];

	for (size_t i = 0; i < COUNT(parts); i++) {
		parts[i] = arena_take(&arena, i, 7);
		cr_assert(that(parts[i] && (uintptr_t)parts[i] % _Alignof(max_align_t) == 0));
		for (size_t j = 0; j < 7 * i; j++)
			cr_assert(eq(u8, parts[i][j], 0));
		memset(parts[i], (int)(i % 255) + 1, 7 * i);
	}
	for (size_t i = 1; i < COUNT(parts); i++)
		cr_expect(that(parts[i][0] == i % 255 + 1 && parts[i][7 * i - 1] == i % 255 + 1));
	arena_release(&arena);
	arena_release(&arena);
}

Test(arena, texts)
{
	struct arena arena = { 0 };

	cr_expect(eq(str, arena_text(&arena, "abc", 2), "ab"));
	cr_expect(eq(str, arena_print(&arena, "%s-%d", "a", 7), "a-7"));
	arena_release(&arena);
}

Test(arena, what_does_not_fit_into_memory_is_refused)
{
	struct arena arena = { 0 };

	cr_expect(that(!arena_take(&arena, SIZE_MAX / 2, 3)));
	cr_expect(that(!arena_take(&arena, SIZE_MAX, 1)));
	cr_expect(that(!arena_take(&arena, SIZE_MAX - 64, 1)));
	cr_expect(that(!arena_text(&arena, "a", SIZE_MAX)));
	arena_release(&arena);
}
