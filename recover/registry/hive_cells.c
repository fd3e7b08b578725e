/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_cells.c - see hive_cells.h */
#include "recover/registry/hive_cells.h"

#include "recover/registry/hive_format.h"
#include "recover/registry/hive_log.h"

#include <stdlib.h>

#define CELL_UNIT 8u

int hive_cells_init(struct hive_cells *cells, uint8_t *bytes, size_t size, struct error *err)
{
	if (size < HIVE_BASE_BYTES || hive_bytes(bytes) > size)
		return error_at(err, ERROR_BOUNDS, 0, "the hive ends before its last bin");
	*cells = (struct hive_cells){ bytes, hive_bytes(bytes) };
	return 0;
}

struct bytes hive_cells_bytes(const struct hive_cells *cells)
{
	return (struct bytes){ cells->bytes, cells->size, 0 };
}

uint8_t *hive_cells_at(const struct hive_cells *cells, uint32_t cell)
{
	return cells->bytes + HIVE_BASE_BYTES + cell;
}

void hive_cells_free(const struct hive_cells *cells, uint32_t cell)
{
	uint8_t *at = hive_cells_at(cells, cell);

	le32_put(at, -le32_at(at)); /* negative in use */
}

static size_t round_up(size_t number, size_t to)
{
	return (number + to - 1) / to * to;
}

uint32_t hive_cell_bytes(uint32_t content_bytes)
{
	return (uint32_t)round_up(4 + (size_t)content_bytes, CELL_UNIT);
}

int hive_cells_add_bin(struct hive_cells *cells, size_t room, uint32_t *first, struct error *err)
{
	uint32_t offset = (uint32_t)(cells->size - HIVE_BASE_BYTES);
	size_t   size = round_up(HIVE_BIN_HEADER + room + CELL_UNIT, HIVE_PAGE_BYTES);
	uint8_t *bytes;

	if (cells->size > HIVE_BYTES_MAX || size > HIVE_BYTES_MAX - cells->size)
		return error_set(err, ERROR_UNSUPPORTED, NULL, "the hive becomes too large");
	bytes = realloc(cells->bytes, cells->size + size);
	if (!bytes)
		return error_memory(err);
	memset(bytes + cells->size, 0, size);
	cells->bytes = bytes;
	cells->size += size;
	memcpy(hive_cells_at(cells, offset), "hbin", 4);
	le32_put(hive_cells_at(cells, offset) + 4, offset);
	le32_put(hive_cells_at(cells, offset) + 8, (uint32_t)size);
	*first = offset + HIVE_BIN_HEADER;
	le32_put(hive_cells_at(cells, *first + (uint32_t)room), (uint32_t)(size - HIVE_BIN_HEADER - room));
	return 0;
}

uint32_t hive_cells_put(const struct hive_cells *cells, uint32_t *at, uint32_t content_bytes)
{
	uint32_t cell = *at, size = hive_cell_bytes(content_bytes);

	le32_put(hive_cells_at(cells, cell), -size);
	*at += size;
	return cell;
}

void hive_cells_seal(const struct hive_cells *cells)
{
	uint8_t *base = cells->bytes;

	le32_put(base + offsetof(struct hive_base_disk, bins_bytes),
		 (uint32_t)(cells->size - HIVE_BASE_BYTES));
	le32_put(base + offsetof(struct hive_base_disk, checksum), hive_base_checksum(base));
}
