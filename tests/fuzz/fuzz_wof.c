/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte is the format, four say how long the plain content is; the rest is what is packed. */
#include "tests/fuzz/fuzz.h"

#include "core/endian.h"
#include "scan/content.h"

#define PLAIN_MAX (64u << 20) /* bytes that are gone through */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct volume          volume = { .number = 1, .size_bytes = 1ull << 40, .geometry.cluster_bytes = 4096 };
	struct case_stream     stream = { .type = ATTRIBUTE_DATA, .name = "", .resident = true, .grade = GRADE_INTACT };
	struct content_buffers buffers = { 0 };
	struct content         content;
	struct content_piece   piece;
	struct error           err;
	uint64_t               end = 0;
	int                    got = 0;

	if (size < 5)
		return 0;
	(void)wof_format_of((struct bytes){ data, size, 0 });
	stream.wof = WOF_XPRESS4K + data[0] % 4;
	stream.size_bytes = le32_at(data + 1) % PLAIN_MAX + (data[0] & 0x80 ? 5ull << 30 : 1);
	stream.packed_bytes = stream.valid_bytes = size - 5;
	stream.value = malloc(size - 5);
	memcpy(stream.value, data + 5, size - 5);
	content_open(&content, &volume, &stream, data[0] & 0x40, &buffers);
	while (end < PLAIN_MAX && (got = content_next(&content, &piece, &err)) == 1) {
		struct bytes window = { piece.data, (size_t)piece.length, 0 };

		MUST(piece.offset == end && piece.length && piece.length <= stream.size_bytes - end);
		if (piece.data)
			TOUCH(window);
		end += piece.length;
	}
	MUST(got >= 0);
	if (got == 0) {
		MUST(end == stream.size_bytes);
		MUST(content_grade(&content) >= GRADE_INTACT);
	}
	content_close(&content);
	content_buffers_release(&buffers);
	free(stream.value);
	return 0;
}
