/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_pack.c - see page_pack.h */
#include "report/page/page_pack.h"

#include "core/base64.h"

#include <string.h>

/* -------- columns -------- */

void page_column_put(struct page_column *column, uint64_t value)
{
	uint64_t step = value - column->last;

	column->last = value;
	step = step << 1 ^ (uint64_t)-(int64_t)(step >> 63);
	for (; step >= 0x80; step >>= 7)
		column->failed |= !array_push(&column->bytes, (uint8_t)(step | 0x80));
	column->failed |= !array_push(&column->bytes, (uint8_t)step);
}

void page_column_release(struct page_column *column)
{
	array_release(&column->bytes);
}

/* -------- blocks -------- */

int page_block_begin(struct page_block *block, FILE *out, const char *id, struct error *err)
{
	block->stream = (z_stream){ 0 };
	block->out = out;
	if (deflateInit(&block->stream, Z_DEFAULT_COMPRESSION) != Z_OK)
		return error_memory(err);
	block->open = true;
	block->stream.next_out = block->packed;
	block->stream.avail_out = sizeof block->packed;
	fprintf(out, "<script type=\"application/octet-stream\" id=\"%s\">", id);
	return 0;
}

static void flush_packed(struct page_block *block)
{
	base64_print(block->out, block->packed, sizeof block->packed - block->stream.avail_out);
	block->stream.next_out = block->packed;
	block->stream.avail_out = sizeof block->packed;
}

static void deflate_bytes(struct page_block *block, const void *data, size_t size_bytes)
{
	const uint8_t *at = data;

	while (size_bytes) {
		uInt part = size_bytes > 1u << 30 ? 1u << 30 : (uInt)size_bytes;

		block->stream.next_in = (Bytef *)(uintptr_t)at;
		block->stream.avail_in = part;
		while (block->stream.avail_in) {
			deflate(&block->stream, Z_NO_FLUSH);
			if (!block->stream.avail_out)
				flush_packed(block);
		}
		at += part;
		size_bytes -= part;
	}
}

int page_block_bytes(struct page_block *block, const char *name, const void *data, size_t size_bytes, struct error *err)
{
	uint8_t length = (uint8_t)strlen(name), size[4];

	if (size_bytes > UINT32_MAX)
		return error_set(err, ERROR_UNSUPPORTED, NULL, "too many files for one page; use --format json or csv");
	for (size_t i = 0; i < sizeof size; i++)
		size[i] = (uint8_t)(size_bytes >> 8 * i);
	deflate_bytes(block, &length, 1);
	deflate_bytes(block, name, length);
	deflate_bytes(block, size, sizeof size);
	deflate_bytes(block, data, size_bytes);
	return 0;
}

int page_block_column(struct page_block *block, const char *name, const struct page_column *column, struct error *err)
{
	if (column->failed)
		return error_memory(err);
	return page_block_bytes(block, name, column->bytes.items, column->bytes.count, err);
}

void page_block_end(struct page_block *block)
{
	int result;

	deflate_bytes(block, "", 1);
	do {
		result = deflate(&block->stream, Z_FINISH);
		flush_packed(block);
	} while (result == Z_OK);
	fputs("</script>\n", block->out);
	page_block_release(block);
}

void page_block_release(struct page_block *block)
{
	if (block->open)
		deflateEnd(&block->stream);
	block->open = false;
}
