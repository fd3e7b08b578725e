/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_index.c - part of check.c: every index, and each entry of a directory against the names */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "core/utf16.h"
#include "scan/index_node.h"

#include <inttypes.h>

#define SECURE_RECORD 9u
#define DEPTH_MAX 33u /* the root and what ntfs-3g descends below it */
#define BLOCK_MAX_BYTES 65536u
#define KEY_MAX_BYTES 65536u
#define BITMAP_CHUNK 4096u

struct level {
	struct index_node  node;
	struct index_entry entry;
	bool               descended; /* .entry's child is done, the entry itself is next */
	uint8_t           *block;     /* BLOCK_MAX_BYTES, kept from walk to walk; none for the root */
};

/* What is used again for each index. */
struct tour {
	struct check_work *work;
	struct level       levels[DEPTH_MAX];
	uint8_t           *key;          /* of the entry before: KEY_MAX_BYTES */
	uint64_t           budget_bytes; /* index blocks that all indexes together may have */
};

/* One index. */
struct walk {
	struct tour              *tour;
	struct check_work        *work;
	uint32_t                  record;
	file_ref                  ref;
	char                      name[NAME_UTF8_MAX]; /* "$I30" */
	bool                      is_directory;
	uint32_t                  collation;
	uint32_t                  block_bytes;
	uint32_t                  vcn_bytes;
	const struct file_stream *allocation; /* NULL if there is none */
	const struct file_stream *bitmap;
	uint64_t                  blocks;    /* in .allocation */
	uint8_t                  *visited;   /* one bit a block */
	uint32_t                  depth;     /* levels in use */
	size_t                    key_bytes; /* of the entry before; 0 if there was none */
};

/* -------- entries of a directory -------- */

static const char *space_name(uint8_t space)
{
	static const char *const names[] = { "POSIX", "WIN32", "DOS", "WIN32 and DOS" };

	return names[space]; /* file_name_decode knows no others */
}

/* Does the file have the name that the entry gives it?  Mark that one; twice is once too often. */
static void match_name(struct walk *walk, uint32_t base, const struct file_name *name, uint64_t offset,
		       const char *text)
{
	struct check_work *work = walk->work;
	size_t             count;
	const uint32_t    *found =
		check_names_find(work, base, name->parent, name->name.at, name->name_units, &count);
	const struct name_row *rows = work->inventory.names.items;

	for (size_t i = 0; i < count; i++)
		if (rows[found[i]].space == name->space && !work->name_seen[found[i]]) {
			work->name_seen[found[i]] = 1;
			return;
		}
	for (size_t i = 0; i < count; i++)
		if (rows[found[i]].space == name->space)
			return; /* a second entry: the order of names has told */
	if (count)
		check_report(work, PROBLEM_ENTRY_WITHOUT_NAME, walk->record, offset,
			     "the entry \"%s\" is a %s name, in record %" PRIu32 " it is a %s name", text,
			     space_name(name->space), base, space_name(rows[found[0]].space));
	else
		check_report(work, PROBLEM_ENTRY_WITHOUT_NAME, walk->record, offset,
			     "the entry \"%s\" points to record %" PRIu32 ", which has no such name here",
			     text, base);
}

static void judge_entry(struct walk *walk, const struct index_entry *entry, const struct file_name *name,
			const char *text)
{
	struct check_work    *work = walk->work;
	uint64_t              record = file_ref_record(entry->ref), offset = entry->whole.offset;
	const struct mft_row *row;

	if (name->parent != walk->ref)
		check_report(work, PROBLEM_ENTRY_DAMAGED, walk->record, offset,
			     "the entry \"%s\" says that its directory is record %" PRIu64
			     " (sequence number %u)",
			     text, file_ref_record(name->parent), file_ref_sequence(name->parent));
	if (record >= work->inventory.count) {
		check_report(work, PROBLEM_ENTRY_DANGLING, walk->record, offset,
			     "the entry \"%s\" points to record %" PRIu64 ", which the table does not have",
			     text, record);
		return;
	}
	row = &work->inventory.rows[record];
	if (!is_live_base(work, record)) {
		check_report(work, PROBLEM_ENTRY_DANGLING, walk->record, offset,
			     "the entry \"%s\" points to record %" PRIu64 ", which %s", text, record,
			     !(row->flags & ROW_DECODED) ? "is not usable"
			     : row->flags & ROW_IN_USE   ? "is an extension record"
							 : "is not in use");
		return;
	}
	if (row->sequence != file_ref_sequence(entry->ref)) {
		check_report(work, PROBLEM_ENTRY_SEQUENCE, walk->record, offset,
			     "the entry \"%s\" points to record %" PRIu64
			     " with sequence number %u, which has %u",
			     text, record, file_ref_sequence(entry->ref), row->sequence);
		return;
	}
	if (name->parent == walk->ref)
		match_name(walk, (uint32_t)record, name, offset, text);
}

/* The name in a key that is already known to be one. */
static struct file_name name_of_key(const struct walk *walk)
{
	struct file_name name = { 0 };
	struct error     why;

	if (file_name_decode((struct bytes){ walk->tour->key, walk->key_bytes, 0 }, &name, &why) < 0)
		return (struct file_name){ 0 };
	return name;
}

static void remember_key(struct walk *walk, struct bytes key)
{
	memcpy(walk->tour->key, key.at, key.left);
	walk->key_bytes = key.left;
}

static void visit_name(struct walk *walk, const struct index_entry *entry)
{
	struct file_name name, before;
	struct error     why;
	char             text[NAME_UTF8_MAX], text_before[NAME_UTF8_MAX];
	int              order;

	if (file_name_decode(entry->key, &name, &why) < 0) {
		check_report(walk->work, PROBLEM_ENTRY_DAMAGED, walk->record, why.offset, "an entry: %s",
			     why.text);
		return;
	}
	utf16_to_utf8(name.name.at, name.name_units, text);
	if (name.name.at + name.name.left != entry->key.at + entry->key.left)
		check_report(walk->work, PROBLEM_ENTRY_DAMAGED, walk->record, entry->whole.offset,
			     "the entry \"%s\" has a key that is longer than its name", text);
	if (walk->key_bytes) {
		before = name_of_key(walk);
		order = upcase_compare(&walk->work->upcase, before.name.at, before.name_units, name.name.at,
				       name.name_units);
		utf16_to_utf8(before.name.at, before.name_units, text_before);
		if (order == 0)
			check_report(walk->work, PROBLEM_INDEX_ORDER, walk->record, entry->whole.offset,
				     "the entry \"%s\" is there twice", text);
		else if (order > 0)
			check_report(walk->work, PROBLEM_INDEX_ORDER, walk->record, entry->whole.offset,
				     "the entry \"%s\" stands behind \"%s\", against the order of names",
				     text, text_before);
	}
	remember_key(walk, entry->key);
	judge_entry(walk, entry, &name, text);
}

/* -------- entries of other indexes -------- */

/* Keys that are numbers, the first the most important; negative, 0, positive. */
static int compare_numbers(struct bytes a, struct bytes b)
{
	size_t shorter = a.left < b.left ? a.left : b.left;

	for (size_t i = 0; i + 4 <= shorter; i += 4) {
		uint32_t left = le32_at(a.at + i), right = le32_at(b.at + i);

		if (left != right)
			return left < right ? -1 : 1;
	}
	return (a.left > b.left) - (a.left < b.left);
}

static void visit_view(struct walk *walk, const struct index_entry *entry)
{
	struct check_work *work = walk->work;
	struct bytes       before = { walk->tour->key, walk->key_bytes, 0 };

	if (walk->key_bytes &&
	    (walk->collation == COLLATION_ULONG || walk->collation == COLLATION_ULONGS ||
	     walk->collation == COLLATION_SECURITY_HASH) &&
	    compare_numbers(before, entry->key) >= 0)
		check_report(work, PROBLEM_INDEX_ORDER, walk->record, entry->whole.offset,
			     "an entry of %s is out of order or there twice", walk->name);
	remember_key(walk, entry->key);
	if (walk->record == SECURE_RECORD && strcmp(walk->name, "$SII") == 0 && entry->key.left >= 4)
		check_security_index(work, entry->whole.offset, le32_at(entry->key.at));
	if (strcmp(walk->name, "$R") == 0 && entry->key.left >= 12) { /* tag, then file */
		file_ref ref = le64_at(entry->key.at + 4);
		uint64_t record = file_ref_record(ref);

		if (!is_live_base(work, record) ||
		    work->inventory.rows[record].sequence != file_ref_sequence(ref) ||
		    !(work->marks[record] & MARK_REPARSE))
			check_report(work, PROBLEM_ENTRY_DANGLING, walk->record, entry->whole.offset,
				     "$R lists record %" PRIu64 ", which has no such reparse point", record);
	}
}

/* -------- nodes -------- */

/* Where a byte of the index's blocks lies on the volume. */
static uint64_t place_of(const struct walk *walk, uint64_t at)
{
	uint64_t          cluster_bytes = walk->work->volume->geometry.cluster_bytes;
	const struct run *run = runs_find(&walk->allocation->runs, at / cluster_bytes);

	if (!run || run->lcn == LCN_HOLE || at / cluster_bytes < run->vcn)
		return NO_OFFSET;
	return volume_byte_of(walk->work->volume, run->lcn) + (at - run->vcn * cluster_bytes);
}

static void report_node(struct walk *walk, enum problem_kind kind, uint64_t offset, uint64_t vcn,
			const char *what)
{
	check_report(walk->work, kind, walk->record, offset, "the node of %s at VCN %" PRIu64 " %s",
		     walk->name, vcn, what);
}

/* Go down to the node at @vcn.  1 if it is the new top level, 0 if it is not usable, -1 without memory. */
static int descend(struct walk *walk, uint64_t vcn, uint64_t offset, struct error *err)
{
	struct level      *level = &walk->tour->levels[walk->depth];
	size_t             length = walk->block_bytes;
	struct index_block block;
	struct error       why;
	fixup_torn         torn;
	uint64_t           at, place;
	int                read;

	if (walk->depth == DEPTH_MAX) {
		report_node(walk, PROBLEM_INDEX_NODE, offset, vcn, "lies too deep");
		return 0;
	}
	if (__builtin_mul_overflow(vcn, (uint64_t)walk->vcn_bytes, &at) || at % walk->block_bytes ||
	    at / walk->block_bytes >= walk->blocks) {
		report_node(walk, PROBLEM_INDEX_NODE, offset, vcn, "lies outside of its blocks");
		return 0;
	}
	if (bit_is_set(walk->visited, at / walk->block_bytes)) {
		report_node(walk, PROBLEM_INDEX_NODE, offset, vcn, "is pointed to twice");
		return 0;
	}
	bit_set(walk->visited, at / walk->block_bytes);
	if (!level->block)
		level->block = malloc(BLOCK_MAX_BYTES);
	if (!level->block)
		return error_memory(err);
	read = check_read_stream(walk->work, walk->allocation, at, level->block, &length, err);
	if (read < 0)
		return -1;
	place = place_of(walk, at);
	if (!read || length != walk->block_bytes) {
		report_node(walk, PROBLEM_INDEX_BLOCK, place, vcn, "cannot be read");
		return 0;
	}
	if (memcmp(level->block, "INDX", 4) != 0) {
		report_node(walk, PROBLEM_INDEX_BLOCK, place, vcn, "is no INDX block");
		return 0;
	}
	if (fixup_undo(level->block, length, place, &torn, &why) < 0 ||
	    index_block_decode((struct bytes){ level->block, length, place }, &block, &why) < 0) {
		check_report(walk->work, PROBLEM_INDEX_BLOCK, walk->record, why.offset, "%s", why.text);
		return 0;
	}
	if (torn)
		report_node(walk, PROBLEM_INDEX_BLOCK, place, vcn,
			    "is torn: its sectors are of different states");
	if (block.vcn != vcn) {
		check_report(walk->work, PROBLEM_INDEX_BLOCK, walk->record, place,
			     "the node of %s at VCN %" PRIu64 " says that it is at VCN %" PRIu64, walk->name,
			     vcn, block.vcn);
		return 0;
	}
	if (block.node.allocated_bytes != walk->block_bytes - INDEX_BLOCK_HEADER_BYTES)
		report_node(walk, PROBLEM_INDEX_BLOCK, place, vcn, "has another size than its index");
	level->node = block.node;
	level->descended = false;
	walk->depth++;
	return 1;
}

/* The next step of the walk on its deepest level. */
static int step(struct walk *walk, struct error *err)
{
	struct level       *level = &walk->tour->levels[walk->depth - 1];
	struct index_entry *entry = &level->entry;
	struct error        why;
	int                 result;

	if (!level->descended) {
		uint64_t offset = level->node.entries.offset;

		result = index_node_next(&level->node, entry, &why);
		if (result < 0)
			check_report(walk->work, PROBLEM_INDEX_BLOCK, walk->record, why.offset, "%s",
				     why.text);
		if (result <= 0) {
			walk->depth--;
			return 0;
		}
		if (entry->flags & ~INDEX_ENTRY_FLAGS)
			check_report(walk->work, PROBLEM_ENTRY_DAMAGED, walk->record, offset,
				     "an entry of %s has flags that do not exist (0x%04x)", walk->name,
				     entry->flags);
		if (entry->last && level->node.entries.left)
			check_report(walk->work, PROBLEM_INDEX_BLOCK, walk->record,
				     level->node.entries.offset,
				     "%zu bytes of a node of %s are in use behind its last entry",
				     level->node.entries.left, walk->name);
		if (entry->has_child != level->node.branches)
			check_report(walk->work, PROBLEM_INDEX_NODE, walk->record, offset,
				     "an entry of %s has %s node below it, against the header of its own",
				     walk->name, entry->has_child ? "a" : "no");
		level->descended = true;
		if (entry->has_child && descend(walk, entry->child_vcn, offset, err) < 0)
			return -1;
		return 0;
	}
	level->descended = false;
	if (entry->last)
		walk->depth--;
	else if (walk->is_directory)
		visit_name(walk, entry);
	else
		visit_view(walk, entry);
	return 0;
}

/* -------- the index's own bitmap -------- */

static int check_bitmap(struct walk *walk, struct error *err)
{
	uint8_t  bits[BITMAP_CHUNK];
	uint64_t end = (walk->blocks + 7) / 8, size = walk->bitmap ? walk->bitmap->size_bytes : 0;

	if (!walk->bitmap) {
		check_report(walk->work, PROBLEM_INDEX_BITMAP, walk->record,
			     mft_offset_of(&walk->work->inventory.mft, walk->record),
			     "%s has blocks, but no bitmap of them", walk->name);
		return 0;
	}
	if (size > end && size - end > BITMAP_CHUNK)
		size = end + BITMAP_CHUNK;
	if (size > end)
		end = size;
	for (uint64_t start = 0; start < end; start += BITMAP_CHUNK) {
		size_t length = sizeof bits;
		int    read;

		memset(bits, 0, sizeof bits);
		read = check_read_stream(walk->work, walk->bitmap, start, bits, &length, err);
		if (read < 0)
			return -1;
		for (uint64_t i = 8 * start; i < 8 * (start + BITMAP_CHUNK) && i < 8 * end; i++) {
			bool marked = bit_is_set(bits, i - 8 * start);
			bool used = i < walk->blocks && bit_is_set(walk->visited, i);

			if (marked == used)
				continue;
			check_report(
				walk->work, PROBLEM_INDEX_BITMAP, walk->record,
				i < walk->blocks ? place_of(walk, i * walk->block_bytes)
						 : mft_offset_of(&walk->work->inventory.mft, walk->record),
				used ? "block %" PRIu64 " of %s is in use, but free by the index's bitmap"
				     : "block %" PRIu64
				       " of %s is in use by the index's bitmap, but no node leads to it",
				i, walk->name);
		}
	}
	return 0;
}

/* -------- one index -------- */

static bool same_name(const struct file_stream *a, const struct file_stream *b)
{
	return a->name_units == b->name_units && memcmp(a->name, b->name, 2u * a->name_units) == 0;
}

static const struct file_stream *find_like(const struct file *file, uint32_t type,
					   const struct file_stream *like)
{
	for (size_t i = 0; i < file->streams.count; i++)
		if (file->streams.items[i].type == type && same_name(&file->streams.items[i], like))
			return &file->streams.items[i];
	return NULL;
}

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* Take what the root says.  False if the index cannot be walked by it. */
static bool open_root(struct walk *walk, const struct file_stream *stream)
{
	struct check_work *work = walk->work;
	uint32_t           cluster_bytes = work->volume->geometry.cluster_bytes;
	uint64_t           offset = mft_offset_of(&work->inventory.mft, walk->record);
	struct index_root  root;
	struct error       why;

	if (!stream->resident) /* told by check_records.c */
		return false;
	if (index_root_decode((struct bytes){ stream->value, (size_t)stream->size_bytes, offset }, &root,
			      &why) < 0) {
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset, "%s: %s", walk->name, why.text);
		return false;
	}
	if (!is_power_of_two(root.block_bytes) || root.block_bytes < FIXUP_STRIDE ||
	    root.block_bytes > BLOCK_MAX_BYTES) {
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset,
			     "%s has blocks of %" PRIu32 " bytes", walk->name, root.block_bytes);
		return false;
	}
	if (root.block_bytes != work->volume->geometry.index_bytes)
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset,
			     "%s has blocks of %" PRIu32 " bytes, the boot sector says %" PRIu32, walk->name,
			     root.block_bytes, work->volume->geometry.index_bytes);
	if (walk->is_directory &&
	    (root.indexed_type != ATTRIBUTE_FILE_NAME || root.collation != COLLATION_FILE_NAME))
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset,
			     "%s is of attributes 0x%" PRIx32 " with collation 0x%" PRIx32, walk->name,
			     root.indexed_type, root.collation);
	walk->collation = root.collation;
	walk->block_bytes = root.block_bytes;
	walk->vcn_bytes = cluster_bytes <= root.block_bytes ? cluster_bytes : INDEX_VCN_BYTES;
	walk->tour->levels[0].node = root.node;
	walk->tour->levels[0].descended = false;
	walk->depth = 1;
	return true;
}

/* How many blocks there are, and room for a bit of each; all indexes together cannot have more than the
 * volume. */
static int open_blocks(struct walk *walk, struct error *err)
{
	struct check_work *work = walk->work;
	uint64_t           offset = mft_offset_of(&work->inventory.mft, walk->record), size;

	if (!walk->allocation)
		return 0;
	size = walk->allocation->resident ? 0 : walk->allocation->size_bytes;
	if (size % walk->block_bytes)
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset,
			     "%s has %" PRIu64 " bytes of blocks, no multiple of %" PRIu32, walk->name, size,
			     walk->block_bytes);
	if (size > walk->tour->budget_bytes) {
		check_report(work, PROBLEM_INDEX_ROOT, walk->record, offset,
			     "%s has %" PRIu64 " bytes of blocks, and with the others more than the volume; "
			     "they were not read",
			     walk->name, size);
		size = 0;
	}
	walk->tour->budget_bytes -= size;
	walk->blocks = size / walk->block_bytes;
	walk->visited = calloc((size_t)(walk->blocks / 8 + 1), 1);
	return walk->visited ? 0 : error_memory(err);
}

static int walk_index(struct tour *tour, uint32_t record, const struct file *file,
		      const struct file_stream *root, struct error *err)
{
	struct walk walk = { .tour = tour,
			     .work = tour->work,
			     .record = record,
			     .ref = inventory_ref(&tour->work->inventory, record),
			     .allocation = find_like(file, ATTRIBUTE_INDEX_ALLOCATION, root),
			     .bitmap = find_like(file, ATTRIBUTE_BITMAP, root) };
	int         result = 0;

	utf16_to_utf8(root->name, root->name_units, walk.name);
	walk.is_directory = strcmp(walk.name, "$I30") == 0;
	if (!open_root(&walk, root))
		return 0;
	result = open_blocks(&walk, err);
	while (result == 0 && walk.depth)
		result = step(&walk, err);
	if (result == 0 && walk.allocation)
		result = check_bitmap(&walk, err);
	free(walk.visited);
	return result;
}

/* -------- all indexes -------- */

static int walk_file(struct tour *tour, uint32_t record, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };

	if (file_load(&tour->work->reader, record, &file, err) < 0)
		return -1;
	for (size_t i = 0; i < file.streams.count; i++)
		if (file.streams.items[i].type == ATTRIBUTE_INDEX_ROOT &&
		    walk_index(tour, record, &file, &file.streams.items[i], err) < 0)
			return -1;
	return 0;
}

int check_indexes(struct check_work *work, struct error *err)
{
	struct tour tour = { .work = work, .key = malloc(KEY_MAX_BYTES), .budget_bytes = work->limit_bytes };
	struct progress progress;
	int             result = tour.key ? 0 : error_memory(err);

	progress_start(&progress, "checking directories", work->inventory.count, PROGRESS_ITEMS);
	for (uint32_t i = 0; result == 0 && i < work->inventory.count; i++) {
		if (is_live_base(work, i) && work->marks[i] & (MARK_I30 | MARK_VIEW))
			result = walk_file(&tour, i, err);
		progress_add(&progress, 1);
	}
	progress_end(&progress);
	for (size_t i = 0; i < DEPTH_MAX; i++)
		free(tour.levels[i].block);
	free(tour.key);
	return result;
}
