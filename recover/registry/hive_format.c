/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_format.c - see hive_format.h */
#include "recover/registry/hive_format.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "scan/upcase.h"

#include <inttypes.h>

/* -------- the base block -------- */

uint32_t hive_base_checksum(const uint8_t *base)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < offsetof(struct hive_base_disk, checksum); i += 4)
		sum ^= le32_at(base + i);
	return sum == UINT32_MAX ? UINT32_MAX - 1 : sum == 0 ? 1 : sum;
}

bool hive_base_is_clean(const uint8_t *base)
{
	struct hive_base_disk disk;

	memcpy(&disk, base, sizeof disk);
	return le32_get(disk.checksum) == hive_base_checksum(base) &&
	       le32_get(disk.primary) == le32_get(disk.secondary);
}

size_t hive_bytes(const uint8_t *base)
{
	return (size_t)HIVE_BASE_BYTES + le32_at(base + offsetof(struct hive_base_disk, bins_bytes));
}

/* -------- names -------- */

int hive_name_compare(const struct upcase *upcase, const struct hive_name *a, const struct hive_name *b)
{
	for (size_t i = 0; i < a->units && i < b->units; i++) {
		uint16_t left = upcase->table[hive_name_unit(a, i)],
			 right = upcase->table[hive_name_unit(b, i)];

		if (left != right)
			return left < right ? -1 : 1;
	}
	return (a->units > b->units) - (a->units < b->units);
}

/* The @size bytes of a name after a record. */
static bool take_name(struct bytes *from, size_t size, bool narrow, struct hive_name *name)
{
	struct bytes part;

	if (!bytes_take(from, size, &part) || (!narrow && size % 2))
		return false;
	*name = (struct hive_name){ part.at, narrow ? size : size / 2, narrow };
	return true;
}

/* -------- cells -------- */

static uint64_t offset_of(uint32_t cell)
{
	return (uint64_t)HIVE_BASE_BYTES + cell;
}

int hive_cell(struct bytes hive, uint32_t offset, struct bytes *content, struct error *err)
{
	struct bytes head;
	uint32_t     size;

	if (!bytes_sub(hive, (size_t)offset_of(offset), 4, &head))
		return error_at(err, ERROR_BOUNDS, offset_of(offset), "a cell lies outside of the hive");
	size = -le32_at(head.at); /* of a cell in use it is negative */
	if (size < 8 || size > INT32_MAX)
		return error_at(err, ERROR_VALUE, head.offset,
				"a cell is not in use that something refers to");
	if (!bytes_sub(hive, (size_t)offset_of(offset) + 4, size - 4, content))
		return error_at(err, ERROR_BOUNDS, head.offset, "a cell leaves the hive");
	return 0;
}

/* The cell's content, its record of @size bytes with that signature read, and the content moved past it. */
static int take_record(struct bytes hive, uint32_t offset, const char signature[2], void *record, size_t size,
		       struct bytes *content, struct error *err)
{
	if (hive_cell(hive, offset, content, err) < 0)
		return -1;
	if (!bytes_read(content, record, size) || memcmp(record, signature, 2) != 0)
		return error_at(err, ERROR_VALUE, offset_of(offset), "no '%.2s' record is there", signature);
	return 0;
}

int hive_key_decode(struct bytes hive, uint32_t offset, struct hive_key_record *key, struct error *err)
{
	struct hive_key_disk disk;
	struct hive_name     name;
	struct bytes         rest;
	uint32_t             flags;

	if (take_record(hive, offset, "nk", &disk, sizeof disk, &rest, err) < 0)
		return -1;
	flags = le16_get(disk.flags);
	if (!take_name(&rest, le16_get(disk.name_bytes), flags & HIVE_KEY_NARROW, &name))
		return error_at(err, ERROR_BOUNDS, rest.offset, "a key's name leaves its cell");
	*key = (struct hive_key_record){ .flags = flags,
					 .written = le64_get(disk.written),
					 .parent = le32_get(disk.parent),
					 .subkeys = le32_get(disk.subkeys),
					 .subkey_list = le32_get(disk.subkey_list),
					 .values = flags & HIVE_KEY_PREDEFINED ? 0 : le32_get(disk.values),
					 .value_list = le32_get(disk.value_list),
					 .security = le32_get(disk.security),
					 .class_name = le32_get(disk.class_name),
					 .class_bytes = le16_get(disk.class_bytes),
					 .name = name };
	return 0;
}

int hive_value_decode(struct bytes hive, uint32_t offset, struct hive_value_record *value, struct error *err)
{
	struct hive_value_disk disk;
	struct hive_name       name;
	struct bytes           rest, record;
	uint32_t               size;

	if (take_record(hive, offset, "vk", &disk, sizeof disk, &rest, err) < 0)
		return -1;
	if (!take_name(&rest, le16_get(disk.name_bytes), le16_get(disk.flags) & 1, &name))
		return error_at(err, ERROR_BOUNDS, rest.offset, "a value's name leaves its cell");
	size = le32_get(disk.size) & ~HIVE_IN_RECORD;
	*value = (struct hive_value_record){
		.type = le32_get(disk.type), .size = size, .cell = HIVE_NOWHERE, .name = name
	};
	if (!(le32_get(disk.size) & HIVE_IN_RECORD)) {
		if (size)
			value->cell = le32_get(disk.data);
		return 0;
	}
	if (size > HIVE_SMALL_BYTES || hive_cell(hive, offset, &record, err) < 0 ||
	    !bytes_sub(record, offsetof(struct hive_value_disk, data), size, &value->in_record))
		return error_at(err, ERROR_VALUE, offset_of(offset),
				"a value of %" PRIu32 " bytes in its record", size);
	return 0;
}

/* -------- data of values -------- */

/* Calls of hive_cell that also remember what has been used. */
typedef int use_cell(void *context, struct bytes hive, uint32_t offset, struct bytes *content,
		     struct error *err);

static int use_freely(void *context, struct bytes hive, uint32_t offset, struct bytes *content,
		      struct error *err)
{
	(void)context;
	return hive_cell(hive, offset, content, err);
}

/* Go through a value's data; @to may be NULL. */
static int take_data(struct bytes hive, const struct hive_value_record *value, use_cell *use, void *context,
		     uint8_t *to, struct error *err)
{
	struct hive_segments_disk disk;
	struct bytes              content, list, segment;
	size_t                    left = value->size;

	if (value->cell == HIVE_NOWHERE) {
		if (to && left && value->in_record.at)
			memcpy(to, value->in_record.at, left);
		return 0;
	}
	if (use(context, hive, value->cell, &content, err) < 0)
		return -1;
	if (content.left >= left) {
		if (to)
			memcpy(to, content.at, left);
		return 0;
	}
	if (!bytes_read(&content, &disk, sizeof disk) || memcmp(disk.signature, "db", 2) != 0)
		return error_at(err, ERROR_BOUNDS, offset_of(value->cell), "a value is larger than its cell");
	if (use(context, hive, le32_get(disk.list), &list, err) < 0)
		return -1;
	for (uint32_t i = 0; i < le16_get(disk.count); i++) {
		struct le32 at;
		size_t      taken;

		if (!bytes_read(&list, &at, sizeof at))
			return error_at(err, ERROR_BOUNDS, list.offset, "a list of segments leaves its cell");
		if (use(context, hive, le32_get(at), &segment, err) < 0)
			return -1;
		taken = segment.left < HIVE_SEGMENT_BYTES ? segment.left : HIVE_SEGMENT_BYTES;
		taken = taken < left ? taken : left;
		if (to) {
			memcpy(to, segment.at, taken);
			to += taken;
		}
		left -= taken;
	}
	if (left)
		return error_at(err, ERROR_BOUNDS, offset_of(value->cell),
				"a value is larger than its segments");
	return 0;
}

int hive_value_copy(struct bytes hive, const struct hive_value_record *value, uint8_t *to, struct error *err)
{
	return take_data(hive, value, use_freely, NULL, to, err);
}

/* -------- the whole: which cells there are -------- */

struct pending {
	uint32_t key, parent;
	uint32_t depth;
};

struct walk {
	struct bytes                 hive;     /* without what follows the last bin */
	uint8_t                     *cells;    /* a bit for each 8 bytes: a cell in use starts there */
	uint8_t                     *used;     /* and somebody has referred to it */
	uint8_t                     *security; /* and it is a security descriptor that was looked at */
	struct ARRAY(struct pending) pending;
	const struct hive_visitor   *visitor;
};

static void walk_release(struct walk *walk)
{
	free(walk->cells);
	free(walk->used);
	free(walk->security);
	array_release(&walk->pending);
}

static bool bit_get(const uint8_t *bits, uint32_t offset)
{
	return bits[offset / 64] >> (offset / 8 % 8) & 1;
}

static void bit_set(uint8_t *bits, uint32_t offset)
{
	bits[offset / 64] |= (uint8_t)(1u << (offset / 8 % 8));
}

static int find_cells_of_bin(struct walk *walk, struct bytes bin, struct error *err)
{
	struct bytes header;

	if (!bytes_take(&bin, HIVE_BIN_HEADER, &header))
		return error_at(err, ERROR_BOUNDS, bin.offset, "a bin has no room for its header");
	while (bin.left) {
		struct bytes cell;
		uint32_t     size, raw;

		if (bin.left < 8)
			return error_at(err, ERROR_BOUNDS, bin.offset, "a cell leaves its bin");
		raw = le32_at(bin.at);
		size = raw > INT32_MAX ? -raw : raw;
		if (raw > INT32_MAX)
			bit_set(walk->cells, (uint32_t)(bin.offset - HIVE_BASE_BYTES));
		if (size < 8 || size % 8 || !bytes_take(&bin, size, &cell))
			return error_at(err, ERROR_VALUE, bin.offset,
					"a cell of %" PRIu32 " bytes in a bin with %zu left", size, bin.left);
	}
	return 0;
}

static int find_cells(struct walk *walk, struct error *err)
{
	struct bytes bins = walk->hive, base;

	if (!bytes_take(&bins, HIVE_BASE_BYTES, &base))
		return error_at(err, ERROR_BOUNDS, 0, "the hive ends before its first bin");
	while (bins.left) {
		struct hive_bin_disk disk;
		struct bytes         bin = bins;

		if (!bytes_read(&bin, &disk, sizeof disk) || memcmp(disk.signature, "hbin", 4) != 0)
			return error_at(err, ERROR_VALUE, bins.offset, "no bin is there");
		if (offset_of(le32_get(disk.offset)) != bins.offset)
			return error_at(err, ERROR_VALUE, bins.offset, "a bin says that it lies elsewhere");
		if (le32_get(disk.size) == 0 || le32_get(disk.size) % HIVE_PAGE_BYTES)
			return error_at(err, ERROR_VALUE, bins.offset, "a bin of %" PRIu32 " bytes",
					le32_get(disk.size));
		if (!bytes_take(&bins, le32_get(disk.size), &bin))
			return error_at(err, ERROR_BOUNDS, bins.offset, "a bin leaves the hive");
		if (find_cells_of_bin(walk, bin, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- the whole: what uses them -------- */

static int is_cell(const struct walk *walk, uint32_t offset, struct error *err)
{
	if (offset % 8 || offset_of(offset) >= walk->hive.left || !bit_get(walk->cells, offset))
		return error_at(err, ERROR_VALUE, offset_of(offset),
				"no cell in use starts there that something refers to");
	return 0;
}

static int use_once(void *context, struct bytes hive, uint32_t offset, struct bytes *content,
		    struct error *err)
{
	struct walk *walk = context;

	if (is_cell(walk, offset, err) < 0)
		return -1;
	if (bit_get(walk->used, offset))
		return error_at(err, ERROR_VALUE, offset_of(offset), "a cell is used twice");
	bit_set(walk->used, offset);
	return hive_cell(hive, offset, content, err);
}

static int check_security(struct walk *walk, uint32_t offset, struct error *err)
{
	struct hive_security_disk disk, other;
	struct bytes              rest, descriptor;
	const uint32_t            neighbours = 2;

	if (offset == HIVE_NOWHERE)
		return 0;
	if (is_cell(walk, offset, err) < 0)
		return -1;
	if (bit_get(walk->security, offset))
		return 0;
	if (use_once(walk, walk->hive, offset, &rest, err) < 0 ||
	    take_record(walk->hive, offset, "sk", &disk, sizeof disk, &rest, err) < 0)
		return -1;
	bit_set(walk->security, offset);
	if (!bytes_take(&rest, le32_get(disk.size), &descriptor))
		return error_at(err, ERROR_BOUNDS, offset_of(offset),
				"a security descriptor leaves its cell");
	for (uint32_t i = 0; i < neighbours; i++) {
		uint32_t at = le32_get(i ? disk.previous : disk.next);

		if (is_cell(walk, at, err) < 0 ||
		    take_record(walk->hive, at, "sk", &other, sizeof other, &rest, err) < 0)
			return -1;
	}
	return 0;
}

/* A list of subkeys, or with @root a list of those; adds what it lists to the pending. */
static int take_list(struct walk *walk, uint32_t offset, const struct pending *parent, bool root,
		     uint32_t *count, struct error *err)
{
	struct hive_list_disk disk;
	struct bytes          list;
	bool                  hints, lists;

	if (use_once(walk, walk->hive, offset, &list, err) < 0)
		return -1;
	if (!bytes_read(&list, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, offset_of(offset), "a list of keys leaves its cell");
	hints = memcmp(disk.signature, "lf", 2) == 0 || memcmp(disk.signature, "lh", 2) == 0;
	lists = memcmp(disk.signature, "ri", 2) == 0;
	if ((!hints && !lists && memcmp(disk.signature, "li", 2) != 0) || (lists && !root))
		return error_at(err, ERROR_VALUE, offset_of(offset), "no list of keys is there");
	if (list.left / (hints ? 8 : 4) < le16_get(disk.count))
		return error_at(err, ERROR_BOUNDS, offset_of(offset), "a list of keys leaves its cell");
	for (uint32_t i = 0; i < le16_get(disk.count); i++) {
		uint32_t at = le32_at(list.at + (hints ? 8 : 4) * i);

		if (lists) {
			if (take_list(walk, at, parent, false, count, err) < 0)
				return -1;
			continue;
		}
		if (!array_push(&walk->pending, (struct pending){ at, parent->key, parent->depth + 1 }))
			return error_memory(err);
		++*count;
	}
	return 0;
}

/* In the order of the list when taken from the end. */
static void turn_round(struct pending *items, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct pending item = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
}

static int take_subkeys(struct walk *walk, const struct hive_key_record *key, const struct pending *at,
			struct error *err)
{
	size_t   before = walk->pending.count;
	uint32_t count = 0;

	if (!key->subkeys)
		return 0;
	if (at->depth >= HIVE_DEPTH_MAX)
		return error_at(err, ERROR_VALUE, offset_of(at->key), "keys lie more than %u deep",
				HIVE_DEPTH_MAX);
	if (take_list(walk, key->subkey_list, at, true, &count, err) < 0)
		return -1;
	if (count != key->subkeys)
		return error_at(err, ERROR_VALUE, offset_of(at->key),
				"a key says that it has %" PRIu32 " subkeys and lists %" PRIu32, key->subkeys,
				count);
	turn_round(walk->pending.items + before, walk->pending.count - before);
	return 0;
}

static int take_value(struct walk *walk, uint32_t offset, struct error *err)
{
	struct hive_value_record value;
	struct bytes             content;

	if (use_once(walk, walk->hive, offset, &content, err) < 0 ||
	    hive_value_decode(walk->hive, offset, &value, err) < 0 ||
	    take_data(walk->hive, &value, use_once, walk, NULL, err) < 0)
		return -1;
	return walk->visitor && walk->visitor->value
		       ? walk->visitor->value(walk->visitor->context, offset, &value, err)
		       : 0;
}

static int take_values(struct walk *walk, const struct hive_key_record *key, struct error *err)
{
	struct bytes list;
	struct le32  at;

	if (!key->values)
		return 0;
	if (use_once(walk, walk->hive, key->value_list, &list, err) < 0)
		return -1;
	if (list.left / 4 < key->values)
		return error_at(err, ERROR_BOUNDS, offset_of(key->value_list),
				"a list of values leaves its cell");
	for (uint32_t i = 0; i < key->values; i++)
		if (!bytes_read(&list, &at, sizeof at) || take_value(walk, le32_get(at), err) < 0)
			return -1;
	return 0;
}

static int take_key(struct walk *walk, const struct pending *at, struct error *err)
{
	struct hive_key_record key;
	struct bytes           content;

	if (use_once(walk, walk->hive, at->key, &content, err) < 0 ||
	    hive_key_decode(walk->hive, at->key, &key, err) < 0)
		return -1;
	if (at->depth && key.parent != at->parent)
		return error_at(err, ERROR_VALUE, offset_of(at->key), "a key is below another than it says");
	if (key.class_bytes && key.class_name != HIVE_NOWHERE) {
		if (use_once(walk, walk->hive, key.class_name, &content, err) < 0)
			return -1;
		if (content.left < key.class_bytes)
			return error_at(err, ERROR_BOUNDS, content.offset, "a key's class leaves its cell");
	}
	if (check_security(walk, key.security, err) < 0)
		return -1;
	if (walk->visitor && walk->visitor->key) {
		int result = walk->visitor->key(walk->visitor->context, at->key, &key, err);

		if (result)
			return result;
	}
	return take_values(walk, &key, err) < 0 ? -1 : take_subkeys(walk, &key, at, err);
}

static int check_base(struct bytes hive, struct hive_base_disk *disk, struct error *err)
{
	struct bytes head = hive;

	if (!bytes_read(&head, disk, sizeof *disk) || memcmp(disk->signature, "regf", 4) != 0)
		return error_at(err, ERROR_VALUE, 0, "this is no registry hive");
	if (le32_get(disk->checksum) != hive_base_checksum(hive.at))
		return error_at(err, ERROR_VALUE, offsetof(struct hive_base_disk, checksum),
				"the checksum of the base block is wrong");
	if (le32_get(disk->major) != 1 || le32_get(disk->minor) < 3 || le32_get(disk->minor) > 6)
		return error_at(err, ERROR_UNSUPPORTED, offsetof(struct hive_base_disk, major),
				"a hive of version %" PRIu32 ".%" PRIu32 " is not known here",
				le32_get(disk->major), le32_get(disk->minor));
	if (le32_get(disk->type) != HIVE_PRIMARY || le32_get(disk->format) != 1)
		return error_at(err, ERROR_VALUE, offsetof(struct hive_base_disk, type),
				"this is not a hive's main file");
	if (le32_get(disk->bins_bytes) == 0 || le32_get(disk->bins_bytes) % HIVE_PAGE_BYTES ||
	    offset_of(le32_get(disk->bins_bytes)) > hive.left)
		return error_at(err, ERROR_BOUNDS, offsetof(struct hive_base_disk, bins_bytes),
				"the hive ends before its last bin");
	return 0;
}

int hive_walk(struct bytes hive, const struct hive_visitor *visitor, struct error *err)
{
	CLEANUP(walk_release) struct walk walk = { .visitor = visitor };
	struct hive_base_disk             base;
	size_t                            bits;

	if (check_base(hive, &base, err) < 0)
		return -1;
	if (!bytes_sub(hive, 0, hive_bytes(hive.at), &walk.hive))
		return error_at(err, ERROR_BOUNDS, hive.offset, "the hive ends before its last bin");
	bits = le32_get(base.bins_bytes) / 64;
	walk.cells = calloc(bits, 1);
	walk.used = calloc(bits, 1);
	walk.security = calloc(bits, 1);
	if (!walk.cells || !walk.used || !walk.security ||
	    !array_push(&walk.pending, (struct pending){ le32_get(base.root), HIVE_NOWHERE, 0 }))
		return error_memory(err);
	if (find_cells(&walk, err) < 0)
		return -1;
	while (walk.pending.count) {
		struct pending at = walk.pending.items[--walk.pending.count];
		int            result = take_key(&walk, &at, err);

		if (result)
			return result;
	}
	return 0;
}
