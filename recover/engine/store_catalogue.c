/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_catalogue.c - see store_catalogue.h */
#include "recover/engine/store_catalogue.h"

#include <string.h>

/* Where the unnamed stream of a file lies: nothing when there is no such file. */
static int find_copy(struct store_catalogue *catalogue, struct work_volume *volume, uint32_t record,
		     unsigned copy, struct error *err)
{
	struct case_record file = { 0 };
	int                result;

	if (record == NO_TREE_RECORD)
		return 0;
	result = work_volume_load(volume, record, &file, err);
	for (size_t i = 0; result == 0 && i < file.streams.count; i++) {
		struct case_stream *stream = &file.streams.items[i];

		if (stream->type != ATTRIBUTE_DATA || *stream->name || stream->resident)
			continue;
		catalogue->blocks[copy] = stream->size_bytes / CATALOGUE_BLOCK_BYTES;
		catalogue->runs[copy] = stream->runs;
		stream->runs = (struct runs){ 0 };
	}
	case_record_release(&file);
	return result;
}

static int read_block(void *context, unsigned copy, uint64_t number, uint8_t block[CATALOGUE_BLOCK_BYTES],
		      struct error *err)
{
	struct store_catalogue *catalogue = context;
	struct ranges           missing = { 0 };
	int                     result;

	if (number >= catalogue->blocks[copy])
		return 1;
	result = stream_read(&catalogue->volume->volume, &catalogue->runs[copy], number * CATALOGUE_BLOCK_BYTES,
			     block, CATALOGUE_BLOCK_BYTES, &missing, err);
	if (result == 0)
		result = missing.count != 0;
	array_release(&missing);
	return result;
}

int store_catalogue_open(struct store_catalogue *catalogue, struct work_volume *volume, uint32_t store_folder,
			 struct error *err)
{
	uint32_t first = state_store_child(volume, store_folder, STORE_CATALOGUE);
	uint32_t second = state_store_child(volume, store_folder, STORE_CATALOGUE_COPY);
	uint64_t blocks;

	*catalogue = (struct store_catalogue){ .volume = volume };
	if (first == NO_TREE_RECORD && second == NO_TREE_RECORD)
		return 0;
	if (find_copy(catalogue, volume, first, 0, err) < 0 || find_copy(catalogue, volume, second, 1, err) < 0)
		return -1;
	blocks = catalogue->blocks[0] > catalogue->blocks[1] ? catalogue->blocks[0] : catalogue->blocks[1];
	return catalogue_file_open(&catalogue->file, read_block, catalogue, blocks, err) < 0 ? -1 : 1;
}

void store_catalogue_close(struct store_catalogue *catalogue)
{
	catalogue_file_release(&catalogue->file);
	array_release(&catalogue->runs[0]);
	array_release(&catalogue->runs[1]);
}
