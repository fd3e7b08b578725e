/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_page_pack.c - columns and blocks: bytes worked out by hand, and a block read back by zlib */
#include "report/page/page_pack.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const uint64_t *values, size_t count, const uint8_t *wanted, size_t size)
{
	struct page_column column = { 0 };

	for (size_t i = 0; i < count; i++)
		page_column_put(&column, values[i]);
	cr_expect_eq(column.bytes.count, size);
	cr_expect_eq(memcmp(column.bytes.items, wanted, size), 0);
	page_column_release(&column);
}

Test(page_pack, steps_there_and_back)
{
	/* +0, +1, -1, +64 (zigzag 128), -64 (zigzag 127) */
	expect((uint64_t[]){ 0, 1, 0, 64, 0 }, 5, (uint8_t[]){ 0, 2, 1, 0x80, 0x01, 0x7f }, 6);
}

Test(page_pack, numbers_that_wrap)
{
	/* all ones is one step back from 0, and 0 one forth from it */
	expect((uint64_t[]){ UINT64_MAX, 0 }, 2, (uint8_t[]){ 1, 2 }, 2);
	/* the longest step: 2^63 is its own negative; zigzag all ones, in ten groups */
	expect((uint64_t[]){ 1ull << 63 }, 1, (uint8_t[]){ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 }, 10);
}

static uint8_t six(char letter)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	return (uint8_t)(strchr(digits, letter) - digits);
}

/* Base64 between the element's tags. */
static size_t unpack(const char *text, uint8_t *bytes)
{
	const char *at = strchr(text, '>') + 1;
	size_t      count = 0;

	for (; *at != '<'; at += 4) {
		bytes[count++] = (uint8_t)(six(at[0]) << 2 | six(at[1]) >> 4);
		if (at[2] != '=')
			bytes[count++] = (uint8_t)(six(at[1]) << 4 | six(at[2]) >> 2);
		if (at[3] != '=')
			bytes[count++] = (uint8_t)(six(at[2]) << 6 | six(at[3]));
	}
	return count;
}

Test(page_pack, a_block_read_back)
{
	static const char  wanted[] = "\x02" "ab\x04\0\0\0test\x01" "c\x02\0\0\0\x02\x02";
	struct page_block *block = calloc(1, sizeof *block);
	struct page_column column = { 0 };
	struct error       err;
	char              *text = NULL;
	uint8_t            packed[256], plain[256];
	size_t             length = 0;
	uLongf             size = sizeof plain;
	FILE              *out = open_memstream(&text, &length);

	page_column_put(&column, 1);
	page_column_put(&column, 2);
	cr_assert_eq(page_block_begin(block, out, "it", &err), 0);
	cr_assert_eq(page_block_bytes(block, "ab", "test", 4, &err), 0);
	cr_assert_eq(page_block_column(block, "c", &column, &err), 0);
	page_block_end(block);
	fclose(out);
	cr_expect_eq(strncmp(text, "<script type=\"application/octet-stream\" id=\"it\">", 48), 0);
	cr_assert_eq(uncompress(plain, &size, packed, unpack(text, packed)), Z_OK);
	cr_expect_eq(size, sizeof wanted); /* with the zero that ends it */
	cr_expect_eq(memcmp(plain, wanted, sizeof wanted), 0);
	page_column_release(&column);
	page_block_release(block);
	free(block);
	free(text);
}

/* More than the block holds at once, of what does not get smaller. */
Test(page_pack, a_large_block)
{
	static uint8_t     data[200000], packed[300000], plain[300000];
	struct page_block *block = calloc(1, sizeof *block);
	struct error       err;
	char              *text = NULL;
	size_t             length = 0;
	uLongf             size = sizeof plain;
	uint32_t           state = 1;
	FILE              *out = open_memstream(&text, &length);

	for (size_t i = 0; i < sizeof data; i++) {
		state = state * 1664525u + 1013904223u;
		data[i] = (uint8_t)(state >> 24);
	}
	cr_assert_eq(page_block_begin(block, out, "it", &err), 0);
	cr_assert_eq(page_block_bytes(block, "d", data, sizeof data, &err), 0);
	page_block_end(block);
	fclose(out);
	cr_assert_eq(uncompress(plain, &size, packed, unpack(text, packed)), Z_OK);
	cr_expect_eq(size, sizeof data + 7);
	cr_expect_eq(memcmp(plain + 6, data, sizeof data), 0);
	page_block_release(block);
	free(block);
	free(text);
}
