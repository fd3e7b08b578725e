/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_settle.c - see hive_settle.h */
#include "recover/registry/hive_settle.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "recover/registry/hive_cells.h"
#include "recover/registry/hive_format.h"

struct cells ARRAY(uint32_t);

struct settling {
	struct hive_cells    cells;   /* the hive */
	uint32_t             old_end; /* cells from here on are hivex's */
	uint32_t             minor;   /* version */
	const struct upcase *upcase;
	struct cells         parents; /* keys with subkeys, or with a list of none */
	struct cells         large;   /* values that should be in segments */
};

static void settling_release(struct settling *settling)
{
	array_release(&settling->parents);
	array_release(&settling->large);
}

static struct bytes whole(const struct settling *settling)
{
	return hive_cells_bytes(&settling->cells);
}

static uint8_t *cell_at(const struct settling *settling, uint32_t cell)
{
	return hive_cells_at(&settling->cells, cell);
}

/* -------- what there is to do -------- */

static int meet_key(void *context, uint32_t offset, const struct hive_key_record *key, struct error *err)
{
	struct settling *settling = context;

	if ((key->subkeys || key->subkey_list != HIVE_NOWHERE) && !array_push(&settling->parents, offset))
		return error_memory(err);
	return 0;
}

static int meet_value(void *context, uint32_t offset, const struct hive_value_record *value,
		      struct error *err)
{
	struct settling *settling = context;
	struct bytes     content;

	if (settling->minor < 4 || value->cell == HIVE_NOWHERE || value->size <= HIVE_SEGMENT_BYTES)
		return 0;
	if (hive_cell(whole(settling), value->cell, &content, err) < 0)
		return -1;
	if (content.left >= value->size && !array_push(&settling->large, offset))
		return error_memory(err);
	return 0;
}

/* -------- lists of keys -------- */

struct entry {
	uint32_t         key;
	struct hive_name name;
	uint8_t          hint[4];
	char             hint_kind; /* 'f', 'h': of which list the hint is; 'i' there is none */
};

struct entries ARRAY(struct entry);

static void entries_release(struct entries *entries)
{
	array_release(entries);
}

static uint8_t *list_of(const struct settling *settling, uint32_t cell)
{
	return cell_at(settling, cell) + 4;
}

static size_t entry_bytes(const uint8_t *list)
{
	return list[0] == 'l' && list[1] != 'i' ? 8 : 4;
}

static int take_entries(struct settling *settling, const uint8_t *list, struct entries *entries,
			struct error *err)
{
	for (uint32_t i = 0; i < le16_at(list + 2); i++) {
		const uint8_t         *at = list + 4 + i * entry_bytes(list);
		struct entry           entry = { .key = le32_at(at), .hint_kind = (char)list[1] };
		struct hive_key_record key;

		if (hive_key_decode(whole(settling), entry.key, &key, err) < 0)
			return -1;
		entry.name = key.name;
		if (entry.hint_kind != 'i')
			memcpy(entry.hint, at + 4, 4);
		if (entry.key >= settling->old_end)
			entry.hint_kind = 0; /* hivex's, which may be wrong */
		if (!array_push(entries, entry))
			return error_memory(err);
	}
	return 0;
}

static int compare_entries(const void *a, const void *b, void *upcase)
{
	return hive_name_compare(upcase, &((const struct entry *)a)->name, &((const struct entry *)b)->name);
}

/* The first four characters, if they are Latin-1. */
static void hint_of_name(const struct hive_name *name, uint8_t hint[4])
{
	memset(hint, 0, 4);
	for (size_t i = 0; i < 4 && i < name->units; i++) {
		if (hive_name_unit(name, i) > 0xff) {
			hint[0] = 0;
			return;
		}
		hint[i] = (uint8_t)hive_name_unit(name, i);
	}
}

static uint32_t hash_of_name(const struct upcase *upcase, const struct hive_name *name)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < name->units; i++)
		hash = 37 * hash + upcase->table[hive_name_unit(name, i)];
	return hash;
}

/* Write as many entries as the list has. */
static void put_entries(const struct settling *settling, uint8_t *list, const struct entry **next)
{
	for (uint32_t i = 0; i < le16_at(list + 2); i++, ++*next) {
		uint8_t *at = list + 4 + i * entry_bytes(list);

		le32_put(at, (*next)->key);
		if (list[1] == 'i')
			continue;
		if ((*next)->hint_kind == (char)list[1])
			memcpy(at + 4, (*next)->hint, 4);
		else if (list[1] == 'f')
			hint_of_name(&(*next)->name, at + 4);
		else
			le32_put(at + 4, hash_of_name(settling->upcase, &(*next)->name));
	}
}

/* Lists with hashes came with version 1.5; one that hivex began in an older hive has hints. */
static void suit_version(const struct settling *settling, uint8_t *list)
{
	if (settling->minor >= 5 || list[1] != 'h')
		return;
	for (uint32_t i = 0; i < le16_at(list + 2); i++)
		if (le32_at(list + 4 + 8 * i) < settling->old_end)
			return;
	list[1] = 'f';
}

/* Take lists without entries out of a list of lists. */
static void drop_empty(struct settling *settling, uint8_t *root)
{
	uint16_t kept = 0;

	for (uint32_t i = 0; i < le16_at(root + 2); i++) {
		uint32_t list = le32_at(root + 4 + 4 * i);

		if (le16_at(list_of(settling, list) + 2) == 0)
			hive_cells_free(&settling->cells, list);
		else
			le32_put(root + 4 + 4 * kept++, list);
	}
	le16_put(root + 2, kept);
}

/* The lists of a key's children, one or many: the @i-th, or NULL. */
static uint8_t *list_number(const struct settling *settling, uint8_t *first, uint32_t i)
{
	if (first[0] == 'l')
		return i == 0 ? first : NULL;
	return i < le16_at(first + 2) ? list_of(settling, le32_at(first + 4 + 4 * i)) : NULL;
}

static bool has_new(const struct settling *settling, const struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].key >= settling->old_end)
			return true;
	return false;
}

static int settle_lists(struct settling *settling, uint32_t parent, struct error *err)
{
	CLEANUP(entries_release) struct entries entries = { 0 };
	struct hive_key_record                  key;
	const struct entry                     *next;
	uint8_t                                *first, *list;

	if (hive_key_decode(whole(settling), parent, &key, err) < 0)
		return -1;
	if (!key.subkeys) {
		le32_put(cell_at(settling, parent) + 4 + offsetof(struct hive_key_disk, subkey_list),
			 HIVE_NOWHERE);
		return 0;
	}
	first = list_of(settling, key.subkey_list);
	if (first[0] == 'r')
		drop_empty(settling, first);
	for (uint32_t i = 0; (list = list_number(settling, first, i)); i++)
		if (take_entries(settling, list, &entries, err) < 0)
			return -1;
	if (!has_new(settling, &entries))
		return 0;
	qsort_r(entries.items, entries.count, sizeof *entries.items, compare_entries,
		(void *)settling->upcase);
	next = entries.items;
	for (uint32_t i = 0; (list = list_number(settling, first, i)); i++) {
		suit_version(settling, list);
		put_entries(settling, list, &next);
	}
	return 0;
}

/* -------- large values -------- */

/* Room that other readers want after a segment: the cell of a full one has it by its size. */
#define SEGMENT_SLACK 4u

static int settle_large(struct settling *settling, uint32_t value, struct error *err)
{
	struct hive_value_record record;
	uint32_t                 size, count, last, segments, list, at = 0;
	size_t                   room;

	if (hive_value_decode(whole(settling), value, &record, err) < 0)
		return -1;
	size = (uint32_t)record.size;
	count = (size + HIVE_SEGMENT_BYTES - 1) / HIVE_SEGMENT_BYTES;
	last = size - (count - 1) * HIVE_SEGMENT_BYTES;
	room = hive_cell_bytes(sizeof(struct hive_segments_disk)) + hive_cell_bytes(4 * count) +
	       (size_t)(count - 1) * hive_cell_bytes(HIVE_SEGMENT_BYTES + SEGMENT_SLACK) +
	       hive_cell_bytes(last + SEGMENT_SLACK);
	if (hive_cells_add_bin(&settling->cells, room, &at, err) < 0)
		return -1;
	segments = hive_cells_put(&settling->cells, &at, sizeof(struct hive_segments_disk));
	list = hive_cells_put(&settling->cells, &at, 4 * count);
	memcpy(cell_at(settling, segments) + 4, "db", 2);
	le16_put(cell_at(settling, segments) + 6, (uint16_t)count);
	le32_put(cell_at(settling, segments) + 8, list);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t part = i + 1 < count ? HIVE_SEGMENT_BYTES : last;
		uint32_t cell = hive_cells_put(&settling->cells, &at, part + SEGMENT_SLACK);

		memcpy(cell_at(settling, cell) + 4,
		       cell_at(settling, record.cell) + 4 + i * HIVE_SEGMENT_BYTES, part);
		le32_put(cell_at(settling, list) + 4 + 4 * i, cell);
	}
	le32_put(cell_at(settling, value) + 4 + offsetof(struct hive_value_disk, data), segments);
	hive_cells_free(&settling->cells, record.cell);
	return 0;
}

/* -------- all of it -------- */

static int settle_all(struct settling *settling, struct error *err)
{
	const struct hive_visitor visitor = { meet_key, meet_value, settling };

	if (hive_walk(whole(settling), &visitor, err) < 0)
		return -1;
	for (size_t i = 0; i < settling->parents.count; i++)
		if (settle_lists(settling, settling->parents.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < settling->large.count; i++)
		if (settle_large(settling, settling->large.items[i], err) < 0)
			return -1;
	hive_cells_seal(&settling->cells);
	return 0;
}

int hive_settle(uint8_t **bytes, size_t *size, size_t old_bytes, const struct upcase *upcase,
		struct error *err)
{
	CLEANUP(settling_release)
	struct settling settling = { .old_end = (uint32_t)(old_bytes - HIVE_BASE_BYTES), .upcase = upcase };
	int             result;

	if (hive_cells_init(&settling.cells, *bytes, *size, err) < 0)
		return -1;
	settling.minor = le32_at(*bytes + offsetof(struct hive_base_disk, minor));
	result = settle_all(&settling, err);
	*bytes = settling.cells.bytes;
	*size = settling.cells.size;
	return result;
}
