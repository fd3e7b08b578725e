/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_settle.c - see hive_settle.h */
#include "recover/registry/hive_settle.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "recover/registry/hive_format.h"
#include "recover/registry/hive_log.h"

struct cells ARRAY(uint32_t);

struct settling {
	uint8_t             *bytes; /* the hive */
	size_t               size;
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
	return (struct bytes){ settling->bytes, settling->size, 0 };
}

/* A cell of the hive, its size field first. */
static uint8_t *cell_at(const struct settling *settling, uint32_t cell)
{
	return settling->bytes + HIVE_BASE_BYTES + cell;
}

static void put_le32(uint8_t *at, uint32_t number)
{
	struct le32 disk = le32_make(number);

	memcpy(at, &disk, sizeof disk);
}

static void put_le16(uint8_t *at, uint16_t number)
{
	struct le16 disk = le16_make(number);

	memcpy(at, &disk, sizeof disk);
}

/* What was in use is so no longer: the size becomes positive. */
static void free_cell(struct settling *settling, uint32_t cell)
{
	put_le32(cell_at(settling, cell), -le32_at(cell_at(settling, cell)));
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

		put_le32(at, (*next)->key);
		if (list[1] == 'i')
			continue;
		if ((*next)->hint_kind == (char)list[1])
			memcpy(at + 4, (*next)->hint, 4);
		else if (list[1] == 'f')
			hint_of_name(&(*next)->name, at + 4);
		else
			put_le32(at + 4, hash_of_name(settling->upcase, &(*next)->name));
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
			free_cell(settling, list);
		else
			put_le32(root + 4 + 4 * kept++, list);
	}
	put_le16(root + 2, kept);
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
		put_le32(cell_at(settling, parent) + 4 + offsetof(struct hive_key_disk, subkey_list),
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

static uint32_t round_up(uint32_t number, uint32_t to)
{
	return (number + to - 1) / to * to;
}

/* A cell in use at *@at of the last bin; moves past it. */
static uint32_t put_cell(struct settling *settling, uint32_t *at, uint32_t content_bytes)
{
	uint32_t cell = *at, size = round_up(content_bytes + 4, 8);

	put_le32(cell_at(settling, cell), -size);
	*at += size;
	return cell;
}

/* Another bin with room for @cells bytes; *@first is where they start. */
static int add_bin(struct settling *settling, uint32_t cells, uint32_t *first, struct error *err)
{
	uint32_t offset = (uint32_t)(settling->size - HIVE_BASE_BYTES);
	uint32_t size = round_up(HIVE_BIN_HEADER + cells + 8, HIVE_PAGE_BYTES);
	uint8_t *bytes;

	if (settling->size + size > HIVE_BYTES_MAX)
		return error_set(err, ERROR_UNSUPPORTED, NULL, "the hive becomes too large");
	bytes = realloc(settling->bytes, settling->size + size);
	if (!bytes)
		return error_memory(err);
	memset(bytes + settling->size, 0, size);
	settling->bytes = bytes;
	settling->size += size;
	memcpy(cell_at(settling, offset), "hbin", 4);
	put_le32(cell_at(settling, offset) + 4, offset);
	put_le32(cell_at(settling, offset) + 8, size);
	*first = offset + HIVE_BIN_HEADER;
	put_le32(cell_at(settling, *first + cells),
		 size - HIVE_BIN_HEADER - cells); /* what is left is free */
	return 0;
}

/* Room that other readers want after a segment: the cell of a full one has it by its size. */
#define SEGMENT_SLACK 4u

static int settle_large(struct settling *settling, uint32_t value, struct error *err)
{
	struct hive_value_record record;
	uint32_t                 size, count, last, segments, list, at = 0;

	if (hive_value_decode(whole(settling), value, &record, err) < 0)
		return -1;
	size = (uint32_t)record.size;
	count = (size + HIVE_SEGMENT_BYTES - 1) / HIVE_SEGMENT_BYTES;
	last = size - (count - 1) * HIVE_SEGMENT_BYTES;
	if (add_bin(settling,
		    round_up(4 + sizeof(struct hive_segments_disk), 8) + round_up(4 + 4 * count, 8) +
			    (count - 1) * round_up(4 + HIVE_SEGMENT_BYTES + SEGMENT_SLACK, 8) +
			    round_up(4 + last + SEGMENT_SLACK, 8),
		    &at, err) < 0)
		return -1;
	segments = put_cell(settling, &at, sizeof(struct hive_segments_disk));
	list = put_cell(settling, &at, 4 * count);
	memcpy(cell_at(settling, segments) + 4, "db", 2);
	put_le16(cell_at(settling, segments) + 6, (uint16_t)count);
	put_le32(cell_at(settling, segments) + 8, list);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t part = i + 1 < count ? HIVE_SEGMENT_BYTES : last;
		uint32_t cell = put_cell(settling, &at, part + SEGMENT_SLACK);

		memcpy(cell_at(settling, cell) + 4,
		       cell_at(settling, record.cell) + 4 + i * HIVE_SEGMENT_BYTES, part);
		put_le32(cell_at(settling, list) + 4 + 4 * i, cell);
	}
	put_le32(cell_at(settling, value) + 4 + offsetof(struct hive_value_disk, data), segments);
	free_cell(settling, record.cell);
	return 0;
}

/* -------- all of it -------- */

static int settle_all(struct settling *settling, struct error *err)
{
	const struct hive_visitor visitor = { meet_key, meet_value, settling };
	struct hive_base_disk     base;

	if (hive_walk(whole(settling), &visitor, err) < 0)
		return -1;
	for (size_t i = 0; i < settling->parents.count; i++)
		if (settle_lists(settling, settling->parents.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < settling->large.count; i++)
		if (settle_large(settling, settling->large.items[i], err) < 0)
			return -1;
	memcpy(&base, settling->bytes, sizeof base);
	base.bins_bytes = le32_make((uint32_t)(settling->size - HIVE_BASE_BYTES));
	memcpy(settling->bytes, &base, sizeof base);
	base.checksum = le32_make(hive_base_checksum(settling->bytes));
	memcpy(settling->bytes, &base, sizeof base);
	return 0;
}

int hive_settle(uint8_t **bytes, size_t *size, size_t old_bytes, const struct upcase *upcase,
		struct error *err)
{
	CLEANUP(settling_release)
	struct settling settling = { .bytes = *bytes,
				     .old_end = (uint32_t)(old_bytes - HIVE_BASE_BYTES),
				     .upcase = upcase };
	int             result;

	if (*size < HIVE_BASE_BYTES || hive_bytes(*bytes) > *size)
		return error_at(err, ERROR_BOUNDS, 0, "the hive ends before its last bin");
	settling.size = hive_bytes(*bytes);
	settling.minor = le32_at(*bytes + offsetof(struct hive_base_disk, minor));
	result = settle_all(&settling, err);
	*bytes = settling.bytes;
	*size = settling.size;
	return result;
}
