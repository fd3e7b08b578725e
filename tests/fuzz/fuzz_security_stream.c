/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/security_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes          stream = { data, size, 0 };
	struct security_entry entry;
	size_t                left = size;

	while (security_entry_next(&stream, &entry)) {
		MUST(stream.left < left && entry.id);
		MUST(entry.descriptor.left && entry.descriptor.left < SECURITY_DESCRIPTOR_MAX_BYTES);
		left = stream.left;
		TOUCH(entry.descriptor);
	}
	return 0;
}
