/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first two bytes say how much room there is for the plain bytes. */
#include "tests/fuzz/fuzz.h"

#include "scan/lznt1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t       room, filled = 0;
	uint8_t     *plain;
	struct error err;

	if (size < 2)
		return 0;
	room = (size_t)(data[0] | data[1] << 8);
	plain = malloc(room);
	if (lznt1_decompress((struct bytes){ data + 2, size - 2, 0 }, plain, room, &filled, &err) == 0) {
		struct bytes made = { plain, room, 0 };

		MUST(filled <= room);
		TOUCH(made); /* all of it is set: MSan would tell */
	}
	free(plain);
	return 0;
}
