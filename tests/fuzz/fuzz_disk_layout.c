/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "core/cleanup.h"
#include "recover/sequence/disk_layout.h"

#include <string.h>

/* Do two partitions that are no extended one share a sector, or does one leave the disk? */
static void check(const struct disk_layout *layout)
{
	uint64_t end = 2048;

	for (size_t i = 0; i < layout->partitions.count; i++) {
		const struct laid_partition *partition = &layout->partitions.items[i];

		MUST(partition->size_sectors > 0 && partition->slot > 0);
		MUST(partition->start_sectors % 2048 == 0 && partition->size_sectors % 2048 == 0);
		MUST(partition->start_sectors + partition->size_sectors <= layout->size_sectors - 2048);
		MUST(layout->gpt || partition->start_sectors + partition->size_sectors <= 1ull << 32);
		if (partition->type == LAID_EXTENDED)
			continue;
		if (partition->type != LAID_LOGICAL) /* logical ones may follow a primary behind their extended one */
			MUST(partition->start_sectors >= end);
		end = partition->start_sectors + partition->size_sectors > end
			      ? partition->start_sectors + partition->size_sectors
			      : end;
	}
}

/* "MiB of the disk\nNAME=VALUE\nNAME=VALUE..." */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_ptr) char   *text = calloc(1, size + 1);
	struct sequence_variables variables = { 0 };
	struct disk_layout        layout = { 0 };
	struct error              err = { 0 };
	char                     *rest = text, *line;
	uint64_t                  mib;
	unsigned                  index;

	MUST(text);
	if (size)
		memcpy(text, data, size);
	mib = strtoull(strsep(&rest, "\n"), NULL, 10) % (1ull << 40);
	while ((line = strsep(&rest, "\n"))) {
		char *name = strsep(&line, "=");

		if (*name && line)
			MUST(sequence_variables_set(&variables, name, line, &err) == 0 || err.kind != ERROR_NONE);
	}
	(void)!disk_layout_index(&variables, &index, &err);
	if (disk_layout_read(&layout, &variables, mib * 2048, &err) == 0)
		check(&layout);
	disk_layout_release(&layout);
	sequence_variables_release(&variables);
	return 0;
}
