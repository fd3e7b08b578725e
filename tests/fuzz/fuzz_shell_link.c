/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/rules/shell_link.h"

#include <string.h>

/* A path is a text; without one nothing is left to be freed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;
	char        *path;
	int          known = shell_link_local_path((struct bytes){ data, size, 0 }, &path, &err);

	MUST(known == 1 ? path != NULL : path == NULL);
	MUST(known != 1 || strlen(path) <= 3 * size);
	free(path);
	return 0;
}
