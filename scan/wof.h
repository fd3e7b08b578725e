/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wof.h - files that Windows keeps compressed behind a reparse point (Compact OS)
 *
 * Their unnamed stream is one hole as long as the file.  The reparse point says how
 * they are packed, and the stream WofCompressedData holds them: a table of where the
 * second and all later chunks begin, counted from the table's end (32 bits each, 64
 * in files of 4 GiB and more), then the chunks.  A chunk as long as its plain bytes
 * is stored as it is.  This is the door to libwim's decompressors.
 * Format: [MS-FSCC] 2.1.2.1 (tags); Windows SDK, ntifs.h, WOF_EXTERNAL_INFO and
 * FILE_PROVIDER_EXTERNAL_INFO_V1; table and chunks are those of a compressed resource
 * in a WIM ("Windows Imaging File Format", Microsoft, 2007), whose XPRESS is [MS-XCA] 2.2.
 */
#ifndef SCAN_WOF_H
#define SCAN_WOF_H

#include "core/bytes.h"
#include "core/error.h"

#define WOF_STREAM    "WofCompressedData"
#define WOF_CHUNK_MAX 32768u

enum wof_format {
	WOF_NONE,      /* nothing of WOF's */
	WOF_XPRESS4K,
	WOF_XPRESS8K,
	WOF_XPRESS16K,
	WOF_LZX,
	WOF_ELSEWHERE, /* not in the file: in a WIM, or packed as nobody knows */
};

/* What a reparse point says. */
enum wof_format wof_format_of(struct bytes reparse);

/* "xpress4k", ...; "" for those that hold no chunks. */
const char *wof_name(enum wof_format format);

/* Plain bytes of a chunk (but the last); 0 for those that hold no chunks. */
size_t wof_chunk_bytes(enum wof_format format);

struct wimlib_decompressor;

struct wof_decoder {
	enum wof_format             format;       /* one that holds chunks */
	struct wimlib_decompressor *decompressor; /* NULL: none yet */
};

/*
 * Decode one chunk of at most wof_chunk_bytes.
 * Returns 1, 0 when @packed is no such chunk (@plain is then undefined), or -1 without memory.
 */
MUST_CHECK int wof_decode(struct wof_decoder *decoder, struct bytes packed, uint8_t *plain, size_t plain_bytes,
			  struct error *err);
void           wof_decoder_release(struct wof_decoder *decoder);

#endif
