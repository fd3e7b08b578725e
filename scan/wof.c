/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wof.c - see wof.h */
#include "scan/wof.h"

#include "core/endian.h"

#include <assert.h>
#include <wimlib.h>

#define TAG_WOF       0x80000017u
#define PROVIDER_FILE 2u

struct wof_disk {
	struct le32 tag;              /* 0x00  of the reparse point */
	struct le16 length;           /* 0x04  bytes behind .reserved */
	struct le16 reserved;         /* 0x06 */
	struct le32 version;          /* 0x08  1 */
	struct le32 provider;         /* 0x0c  1 a WIM, 2 the file itself */
	struct le32 provider_version; /* 0x10  1 */
	struct le32 algorithm;        /* 0x14 */
};
static_assert(sizeof(struct wof_disk) == 0x18, "reparse point of WOF");

static const struct {
	const char *name;
	size_t      chunk_bytes;
} formats[] = {
	[WOF_NONE] = { "", 0 },
	[WOF_XPRESS4K] = { "xpress4k", 4096 },
	[WOF_XPRESS8K] = { "xpress8k", 8192 },
	[WOF_XPRESS16K] = { "xpress16k", 16384 },
	[WOF_LZX] = { "lzx", 32768 },
	[WOF_ELSEWHERE] = { "", 0 },
};

enum wof_format wof_format_of(struct bytes reparse)
{
	static const enum wof_format algorithms[] = { WOF_XPRESS4K, WOF_LZX, WOF_XPRESS8K, WOF_XPRESS16K };
	struct wof_disk              disk = { 0 };
	struct bytes                 tag = reparse;

	if (!bytes_read(&tag, &disk.tag, sizeof disk.tag) || le32_get(disk.tag) != TAG_WOF)
		return WOF_NONE;
	if (!bytes_read(&reparse, &disk, sizeof disk) || le32_get(disk.version) != 1 ||
	    le32_get(disk.provider) != PROVIDER_FILE || le32_get(disk.provider_version) != 1 ||
	    le32_get(disk.algorithm) >= sizeof algorithms / sizeof *algorithms)
		return WOF_ELSEWHERE;
	return algorithms[le32_get(disk.algorithm)];
}

const char *wof_name(enum wof_format format)
{
	return formats[format].name;
}

size_t wof_chunk_bytes(enum wof_format format)
{
	return formats[format].chunk_bytes;
}

int wof_decode(struct wof_decoder *decoder, struct bytes packed, uint8_t *plain, size_t plain_bytes,
	       struct error *err)
{
	enum wimlib_compression_type type =
		decoder->format == WOF_LZX ? WIMLIB_COMPRESSION_TYPE_LZX : WIMLIB_COMPRESSION_TYPE_XPRESS;

	if (plain_bytes > wof_chunk_bytes(decoder->format) || packed.left > plain_bytes || !packed.left)
		return 0;
	if (packed.left == plain_bytes) {
		memcpy(plain, packed.at, plain_bytes);
		return 1;
	}
	if (!decoder->decompressor &&
	    wimlib_create_decompressor(type, wof_chunk_bytes(decoder->format), &decoder->decompressor) != 0)
		return error_memory(err);
	return wimlib_decompress(packed.at, packed.left, plain, plain_bytes, decoder->decompressor) == 0;
}

void wof_decoder_release(struct wof_decoder *decoder)
{
	wimlib_free_decompressor(decoder->decompressor);
	decoder->decompressor = NULL;
}
