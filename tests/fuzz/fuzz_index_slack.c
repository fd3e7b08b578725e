/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An INDX block, an $INDEX_ROOT, or the end of a record: what is left of names in it. */
#include "tests/fuzz/fuzz.h"

#include "scan/index_slack.h"

static void walk(struct index_slack *slack, size_t size)
{
	struct index_remnant remnant;
	size_t               covered = 0;

	while (index_slack_next(slack, &remnant)) {
		MUST(remnant.whole.left > 0);
		covered += remnant.whole.left;
		TOUCH(remnant.whole);
		TOUCH(remnant.name.name);
		MUST(remnant.cut || remnant.name.name.left == 2u * remnant.name.name_units);
		MUST(remnant.in_use || remnant.name.name.left);
	}
	MUST(covered <= size);
	MUST(!slack->rest.left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t           *copy = malloc(size);
	struct bytes       bytes = { copy, size, 0 };
	struct index_slack slack;
	struct error       err;
	fixup_torn         torn = 0;

	for (size_t i = 0; i < size; i++)
		copy[i] = data[i];
	index_slack_root(&slack, bytes, torn, bytes, UINT64_MAX);
	walk(&slack, size);
	index_slack_record(&slack, bytes, torn, size / 4, 1u << 20);
	walk(&slack, size);
	if (size % 512 == 0)
		(void)!fixup_undo(copy, size, 0, &torn, &err);
	index_slack_block(&slack, bytes, torn, true, UINT64_MAX);
	walk(&slack, size);
	index_slack_block(&slack, bytes, torn, false, UINT64_MAX);
	walk(&slack, size);
	free(copy);
	return 0;
}
