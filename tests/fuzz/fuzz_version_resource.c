/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/rules/version_resource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct version_resource version;
	struct error            err;
	int                     found = version_resource_find(&version, (struct bytes){ data, size, 0 }, &err);

	MUST(found >= 0 || err.kind == ERROR_BOUNDS || err.kind == ERROR_VALUE);
	if (found == 1) {
		free(version_resource_text(&version, "ProductVersion"));
		free(version_resource_text(&version, "none"));
	}
	return 0;
}
