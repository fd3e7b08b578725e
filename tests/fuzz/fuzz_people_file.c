/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/windows/people_file.h"

#include <string.h>

/* What was read is written so that it reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct people_file file, back;
	struct error       err;
	char              *bytes;
	size_t             written;

	if (people_file_read(&file, "fuzz", (const char *)data, size, &err) == 0) {
		MUST(people_file_write(&file, &bytes, &written, &err) == 0);
		MUST(people_file_read(&back, "fuzz", bytes, written, &err) == 0);
		MUST(back.people.count == file.people.count);
		for (size_t i = 0; i < file.people.count; i++)
			MUST(strcmp(back.people.items[i].name, file.people.items[i].name) == 0 &&
			     strcmp(back.people.items[i].path, file.people.items[i].path) == 0);
		people_file_release(&back);
		free(bytes);
	}
	people_file_release(&file);
	return 0;
}
