/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wim_content.h - contents in a WIM file, read on all cores and held against their digests
 *
 * libwim does that on one core, and with a SHA-1 of its own that is half as fast as libcrypto's.
 * Here are contents that are packed one by one: in chunks, behind a table of where each begins.
 */
#ifndef RECOVER_ENGINE_WIM_CONTENT_H
#define RECOVER_ENGINE_WIM_CONTENT_H

#include "core/array.h"
#include "core/digest.h"

#define WIM_CHUNK_MAX (64u << 20) /* bytes; of larger ones too few would be in memory at once */

struct wim_content {
	uint64_t offset, packed_bytes; /* in the file */
	uint64_t bytes;                /* unpacked */
	bool     compressed;
	uint8_t  sha1[SHA1_BYTES];
};

struct wim_contents ARRAY(struct wim_content);

/* How contents of a file are compressed. */
struct wim_packing {
	int      type;        /* enum wimlib_compression_type */
	uint32_t chunk_bytes; /* WIM_CHUNK_MAX at most */
};

/*
 * Read all contents out of the file at @path; they are sorted, and those named twice are read once.
 * Returns 0, or the enum wimlib_error_code that libwim has for what is wrong.
 */
MUST_CHECK int wim_contents_verify(struct wim_contents *contents, const char *path, struct wim_packing packing);

#endif
