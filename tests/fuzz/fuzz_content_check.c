/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte says what the file is called, two how long its pieces are; the rest is the file. */
#include "tests/fuzz/fuzz.h"

#include "scan/kind/content_check.h"

static struct content_check check;

static enum content_finding verdict(const char *name, const uint8_t *at, size_t size, size_t piece)
{
	struct error err;
	size_t       part = size < 512 ? size : 512;

	content_check_begin(&check, name);
	for (size_t done = 0; done < size; done += part, part = size - done < piece ? size - done : piece) {
		uint8_t *copy = malloc(part);

		memcpy(copy, at + done, part);
		MUST(content_check_feed(&check, (struct bytes){ copy, part, 0 }, &err) == 0);
		free(copy);
	}
	return content_check_end(&check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "a.png", "a.jpg", "a.gif", "a.pdf", "a.zip", "a.mp4", "a.doc", "a.exe" };
	enum content_finding     found;
	const char              *name;
	size_t                   piece;

	if (size < 3)
		return 0;
	name = names[data[0] % (sizeof names / sizeof *names)];
	piece = (size_t)(data[1] | data[2] << 8) + 1;
	found = verdict(name, data + 3, size - 3, size);
	MUST(verdict(name, data + 3, size - 3, piece) == found); /* the pieces don't matter */
	content_check_release(&check);
	return 0;
}
