/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An $INDEX_ROOT or an INDX block, by its first bytes. */
#include "tests/fuzz/fuzz.h"

#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/index_node.h"

static void walk(struct index_node *node)
{
	struct index_entry entry;
	struct file_name   name;
	struct error       err;
	size_t             left = node->entries.left;

	while (index_node_next(node, &entry, &err) == 1) {
		MUST(node->entries.left < left);
		left = node->entries.left;
		TOUCH(entry.key);
		TOUCH(entry.whole);
		if (file_name_decode(entry.key, &name, &err) == 0)
			TOUCH(name.name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t           *copy = malloc(size);
	struct bytes       bytes = { copy, size, 0 };
	struct index_root  root;
	struct index_block block;
	struct error       err;
	fixup_torn         torn;

	for (size_t i = 0; i < size; i++)
		copy[i] = data[i];
	if (index_root_decode(bytes, &root, &err) == 0)
		walk(&root.node);
	if (size % 512 == 0 && fixup_undo(copy, size, 0, &torn, &err) == 0 &&
	    index_block_decode(bytes, &block, &err) == 0)
		walk(&block.node);
	free(copy);
	return 0;
}
