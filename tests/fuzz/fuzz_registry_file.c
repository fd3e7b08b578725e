/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read is written, and what was written is read again, and written the same. */
#include "tests/fuzz/fuzz.h"

#include "recover/registry/registry_file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct registry_file file, again;
	uint8_t             *exact = malloc(size ? size : 1), *first, *second;
	size_t               first_size, second_size;
	struct error         err;

	if (size)
		memcpy(exact, data, size);
	if (registry_file_parse(&file, "fuzz", (struct bytes){ exact, size, 0 }, &err) == 0) {
		MUST(registry_file_format(&file, &first, &first_size, &err) == 0);
		MUST(registry_file_parse(&again, "again", (struct bytes){ first, first_size, 0 }, &err) == 0);
		MUST(registry_file_format(&again, &second, &second_size, &err) == 0);
		MUST(first_size == second_size && memcmp(first, second, first_size) == 0);
		free(first);
		free(second);
		registry_file_release(&again);
	}
	registry_file_release(&file);
	free(exact);
	return 0;
}
