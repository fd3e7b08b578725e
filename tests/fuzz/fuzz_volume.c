/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole volume: its table, files, names and stores. */
#include "tests/fuzz/sectors.h"

#include "scan/content.h"
#include "scan/store.h"

#include <string.h>

#define FILES_MAX   64u
#define LINKS_MAX   64u
#define CONTENT_MAX (1u << 20)

static void look_at_links(struct namespace *space, uint32_t node)
{
	struct hard_links  links = { 0 };
	struct text_buffer path = { 0 };
	struct error       err;

	if (namespace_links(space, node, &links, &err) == 0)
		for (size_t i = 0; i < links.count && i < LINKS_MAX; i++)
			if (namespace_path(space, links.items[i].parent, &path, &err) == 0 &&
			    namespace_path_add(space, links.items[i].name, &path, &err) == 0)
				MUST(path.items[0] == '\\' && strlen(path.items) == path.count);
	array_release(&links);
	array_release(&path);
}

/* Read a stream to its end, or as far as CONTENT_MAX goes. */
static void read_stream(const struct volume *volume, struct file_stream *stream, bool dead,
			struct content_buffers *buffers)
{
	struct case_stream view = { .type = stream->type, .name = "", .flags = stream->flags,
				    .unit_shift = stream->unit_shift, .resident = stream->resident,
				    .size_bytes = stream->size_bytes, .valid_bytes = stream->valid_bytes,
				    .allocated_bytes = stream->allocated_bytes, .value = stream->value,
				    .runs = stream->runs };
	struct content       content;
	struct content_piece piece;
	struct error         err;
	uint64_t             data = 0, end = 0;

	content_open(&content, volume, &view, dead, buffers);
	while (data < CONTENT_MAX && content_next(&content, &piece, &err) == 1) {
		MUST(piece.offset == end && piece.length && piece.length <= stream->size_bytes - end);
		end += piece.length;
		if (piece.data) {
			struct bytes window = { piece.data, (size_t)piece.length, 0 };

			TOUCH(window);
			data += piece.length;
		}
	}
	content_close(&content);
}

static void look_at_files(const struct volume *volume, const struct inventory *inventory,
			  const struct ownership *ownership)
{
	struct extensions      extensions = { 0 };
	struct file_reader     reader = { 0 };
	struct content_buffers buffers = { 0 };
	struct error           err;
	unsigned               loaded = 0;

	if (extensions_collect(&extensions, inventory, &err) == 0 &&
	    file_reader_init(&reader, inventory, &extensions, &err) == 0)
		for (uint32_t i = 0; i < inventory->count && loaded < FILES_MAX; i++) {
			struct file file;

			if ((inventory->rows[i].flags & (ROW_DECODED | ROW_EXTENSION)) != ROW_DECODED)
				continue;
			loaded++;
			if (file_load(&reader, i, &file, &err) == 0)
				for (size_t j = 0; j < file.streams.count; j++) {
					struct verdict verdict;

					if (grade_stream(ownership, volume, &file, &file.streams.items[j], &verdict,
							 &err) == 0)
						MUST(verdict.grade < GRADES && verdict.grade != GRADE_VERIFIED);
					verdict_release(&verdict);
					read_stream(volume, &file.streams.items[j], !file.live, &buffers);
				}
			file_release(&file);
		}
	content_buffers_release(&buffers);
	file_reader_release(&reader);
	array_release(&extensions);
}

static void look_at_names(struct inventory *inventory)
{
	struct namespace space;
	struct stores    stores = { 0 };
	struct node_list beside = { 0 };
	struct error     err;

	if (namespace_build(&space, inventory, &err) == 0) {
		if (stores_find(&stores, &space, NULL, &err) == 0) {
			for (size_t i = 0; i < stores.list.count; i++)
				(void)store_state(&stores, &stores.list.items[i]);
			(void)!stores_beside(&stores, NULL, &beside, &err);
		}
		for (uint32_t i = 0; i < space.grouped; i++)
			look_at_links(&space, i);
	}
	stores_release(&stores);
	array_release(&beside);
	namespace_release(&space);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char             path[SECTORS_PATH_SIZE];
	int              fd = sectors_make_disk(data, size, path);
	struct evidence  evidence = { 0 };
	struct volume    volume = { .number = 1 };
	struct findings  findings;
	struct inventory inventory;
	struct ownership ownership = { 0 };
	struct runs      bitmap = { 0 };
	struct error     err;
	uint8_t          boot[512];

	findings_init(&findings);
	if (pread(fd, boot, sizeof boot, 0) == sizeof boot &&
	    boot_sector_decode((struct bytes){ boot, sizeof boot, 0 }, &volume.geometry, &err) == 0 &&
	    evidence_open(&evidence, path, NULL, &err) == 0) {
		volume.evidence = &evidence;
		volume.size_bytes = (volume.geometry.sectors + 1) * volume.geometry.sector_bytes;
		if (inventory_read(&inventory, &volume, 1, &findings, &err) == 0) {
			if (ownership_judge(&ownership, &inventory, &bitmap, &findings, &err) == 0)
				look_at_files(&volume, &inventory, &ownership);
			look_at_names(&inventory);
		}
		ownership_release(&ownership);
		inventory_release(&inventory);
	}
	evidence_release(&evidence);
	findings_release(&findings);
	close(fd);
	return 0;
}
