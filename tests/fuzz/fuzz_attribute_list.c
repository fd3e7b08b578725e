/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/attribute_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes                list = { data, size, 0 };
	struct attribute_list_entry entry;
	struct error                err;
	size_t                      left = size;

	while (attribute_list_next(&list, &entry, &err) == 1) {
		MUST(list.left < left);
		left = list.left;
		TOUCH(entry.name);
	}
	return 0;
}
