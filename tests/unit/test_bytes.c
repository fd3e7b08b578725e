/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bytes.c - expected values: bytes.h, endian.h */
#include "tests/unit/unit.h"

#include "core/endian.h"

static const uint8_t ten[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 0xf9, 10 };

Test(bytes, take_cuts_off_and_moves)
{
	struct bytes window = { ten, 10, 100 }, part;

	cr_assert(that(bytes_take(&window, 4, &part)));
	cr_expect(that(part.at == ten && part.left == 4 && part.offset == 100));
	cr_expect(that(window.at == ten + 4 && window.left == 6 && window.offset == 104));
	cr_expect(that(!bytes_take(&window, 7, &part) && !bytes_take(&window, SIZE_MAX, &part)));
	cr_expect(that(window.left == 6 && part.left == 4), "nothing moves");
	cr_expect(that(bytes_take(&window, 6, &part) && bytes_take(&window, 0, &part) && !window.left));
	cr_expect(that(!bytes_take(&window, 1, &part)));
}

Test(bytes, read_copies_or_leaves_alone)
{
	struct bytes window = { ten, 3, 0 };
	uint8_t      to[4] = { 9, 9, 9, 9 };

	cr_expect(that(!bytes_read(&window, to, 4) && to[0] == 9 && window.left == 3));
	cr_expect(that(bytes_read(&window, to, 3) && to[2] == 3 && to[3] == 9 && !window.left));
}

Test(bytes, sub_looks_without_moving)
{
	struct bytes window = { ten, 10, 100 }, part;

	cr_expect(that(bytes_sub(window, 3, 7, &part) && part.at == ten + 3 && part.left == 7 && part.offset == 103));
	cr_expect(that(bytes_sub(window, 10, 0, &part) && !part.left));
	cr_expect(that(!bytes_sub(window, 3, 8, &part) && !bytes_sub(window, 11, 0, &part)));
	cr_expect(that(!bytes_sub(window, 1, SIZE_MAX, &part) && !bytes_sub(window, SIZE_MAX, 1, &part)));
}

Test(bytes, numbers_are_little_endian)
{
	cr_expect(eq(u16, le16_at(ten + 7), 0xf908));
	cr_expect(eq(u32, le32_at(ten + 6), 0x0af90807));
	cr_expect(eq(u64, le64_at(ten + 1), 0xf908070605040302));
	cr_expect(eq(u64, le64_get((struct le64){ { 0, 0, 0, 0, 0, 0, 0, 0x80 } }), UINT64_C(1) << 63));
}
