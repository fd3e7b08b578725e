/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security_stream.c - see security_stream.h */
#include "scan/security_stream.h"

#include "core/endian.h"

#include <assert.h>

struct security_header_disk {
	struct le32 hash;         /* 0x00 */
	struct le32 id;           /* 0x04 */
	struct le64 offset;       /* 0x08  bytes from the start of $SDS: of this very entry, or of its original */
	struct le32 length_bytes; /* 0x10  header included */
};
static_assert(sizeof(struct security_header_disk) == 0x14, "$SDS entry");

#define ALIGNMENT   16u

/* True if @descriptor adds up to @hash, as NTFS computes it. */
static bool hash_matches(struct bytes descriptor, uint32_t hash)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 4 <= descriptor.left; i += 4)
		sum = le32_at(descriptor.at + i) + (sum << 3 | sum >> 29);
	return sum == hash;
}

bool security_entry_next(struct bytes *stream, struct security_entry *entry)
{
	while (stream->left >= sizeof(struct security_header_disk)) {
		struct bytes                at = *stream, whole, skipped;
		struct security_header_disk disk;
		uint32_t                    length;

		(void)bytes_read(&at, &disk, sizeof disk);
		length = le32_get(disk.length_bytes);
		if (le32_get(disk.id) && le64_get(disk.offset) == stream->offset && length > sizeof disk &&
		    length <= SECURITY_DESCRIPTOR_MAX_BYTES && bytes_take(&at, length - sizeof disk, &whole) &&
		    hash_matches(whole, le32_get(disk.hash))) {
			size_t whole_length = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

			*entry = (struct security_entry){ le32_get(disk.id), whole };
			(void)bytes_take(stream, whole_length < stream->left ? whole_length : stream->left,
					 &skipped);
			return true;
		}
		(void)bytes_take(stream, stream->left < ALIGNMENT ? stream->left : ALIGNMENT, &skipped);
	}
	return false;
}
