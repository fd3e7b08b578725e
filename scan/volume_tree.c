/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_tree.c - see volume_tree.h */
#include "scan/volume_tree.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/utf16.h"
#include "core/workers.h"

#include <string.h>

#define SORTED_AT_ONCE 256u /* records whose children a worker sorts before it looks for more */

/* -------- what a name says, taken for itself -------- */

/* The base record in use whose present life @ref names, or NO_TREE_RECORD. */
static uint32_t base_of(const struct inventory *inventory, file_ref ref)
{
	uint64_t              record = file_ref_record(ref);
	const struct mft_row *row;

	if (record >= inventory->count)
		return NO_TREE_RECORD;
	row = &inventory->rows[record];
	if ((row->flags & (ROW_DECODED | ROW_IN_USE | ROW_EXTENSION | ROW_MISPLACED)) !=
		    (ROW_DECODED | ROW_IN_USE) ||
	    row->sequence != file_ref_sequence(ref))
		return NO_TREE_RECORD;
	return (uint32_t)record;
}

/* Whose name it is. */
static uint32_t owner_of(const struct inventory *inventory, const struct name_row *name)
{
	const struct mft_row *row = &inventory->rows[name->record];

	if (name->source != FACT_RECORD || !(row->flags & ROW_IN_USE) || row->flags & ROW_MISPLACED)
		return NO_TREE_RECORD;
	return base_of(inventory,
		       row->flags & ROW_EXTENSION ? row->base : file_ref_make(name->record, row->sequence));
}

/* -------- which names are in the tree -------- */

enum way { WAY_UNKNOWN, WAY_CLIMBING, WAY_TO_ROOT, WAY_LOST };

/* What is known while the tree is built. */
struct plan {
	const struct inventory *inventory;
	size_t                  count;   /* names */
	uint32_t               *order;   /* names as the table has them */
	uint32_t               *owners;  /* of each name: its file; NO_TREE_RECORD: it is not in the tree */
	uint32_t               *parents; /* of each name: the record that it calls its directory, likewise */
	uint32_t               *places;  /* of each directory: the one it lies in, or NO_TREE_RECORD */
	uint8_t                *ways;    /* of each directory: enum way; files lead nowhere */
};

static void plan_release(struct plan *plan)
{
	free(plan->order);
	free(plan->owners);
	free(plan->parents);
	free(plan->places);
	free(plan->ways);
}

static int plan_begin(struct plan *plan, const struct inventory *inventory, struct error *err)
{
	uint32_t next = 0;

	*plan = (struct plan){ .inventory = inventory, .count = inventory->names.count };
	plan->order = malloc((plan->count + 1) * sizeof *plan->order);
	plan->owners = malloc((plan->count + 1) * sizeof *plan->owners);
	plan->parents = malloc((plan->count + 1) * sizeof *plan->parents);
	plan->places = malloc(((size_t)inventory->count + 1) * sizeof *plan->places);
	plan->ways = calloc((size_t)inventory->count + 1, sizeof *plan->ways);
	if (!plan->order || !plan->owners || !plan->parents || !plan->places || !plan->ways)
		return error_memory(err);
	for (uint32_t record = 0; record < inventory->count; record++) {
		uint32_t name = inventory->rows[record].first_name;

		for (uint32_t end = name + inventory->rows[record].names; name < end; name++)
			plan->order[next++] = name;
	}
	for (size_t i = 0; i < plan->count; i++) {
		plan->owners[i] = owner_of(inventory, &inventory->names.items[i]);
		plan->parents[i] = base_of(inventory, inventory->names.items[i].parent);
	}
	return 0;
}

/* The way up from a directory: a loop is lost, and so is what ends anywhere but at the root. */
static void climb(struct plan *plan, uint32_t from)
{
	uint32_t at = from;
	uint8_t  end;

	while (at != NO_TREE_RECORD && plan->ways[at] == WAY_UNKNOWN) {
		plan->ways[at] = WAY_CLIMBING;
		at = plan->places[at];
	}
	end = at != NO_TREE_RECORD && plan->ways[at] == WAY_TO_ROOT ? WAY_TO_ROOT : WAY_LOST;
	for (at = from; at != NO_TREE_RECORD && plan->ways[at] == WAY_CLIMBING; at = plan->places[at])
		plan->ways[at] = end;
}

/* Each directory lies where its first name says. */
static void place_directories(struct plan *plan)
{
	const struct mft_row *rows = plan->inventory->rows;

	for (uint32_t i = 0; i < plan->inventory->count; i++)
		plan->places[i] = NO_TREE_RECORD;
	for (size_t i = 0; i < plan->count; i++) {
		uint32_t owner = plan->owners[plan->order[i]];

		if (owner != NO_TREE_RECORD && rows[owner].flags & ROW_DIRECTORY &&
		    plan->places[owner] == NO_TREE_RECORD)
			plan->places[owner] = plan->parents[plan->order[i]];
	}
	if (plan->inventory->count > ROOT_RECORD)
		plan->ways[ROOT_RECORD] = WAY_TO_ROOT;
	for (uint32_t i = 0; i < plan->inventory->count; i++)
		if (rows[i].flags & ROW_DIRECTORY)
			climb(plan, i);
}

/* Names that do not lead to the root, and a directory's names elsewhere, are not in the tree. */
static void drop_names(struct plan *plan)
{
	const struct mft_row *rows = plan->inventory->rows;

	for (size_t i = 0; i < plan->count; i++) {
		uint32_t owner = plan->owners[i], parent = plan->parents[i];

		if (owner == NO_TREE_RECORD)
			continue;
		if (owner == ROOT_RECORD || parent == NO_TREE_RECORD || plan->ways[parent] != WAY_TO_ROOT ||
		    (rows[owner].flags & ROW_DIRECTORY && plan->places[owner] != parent))
			plan->owners[i] = NO_TREE_RECORD;
	}
}

/* -------- grouping -------- */

/*
 * The names of the tree grouped by @keys, in the order of the table within each group (a counting
 * sort).  @first  where a record's group begins; one more at the end
 */
static int group_names(const struct plan *plan, const uint32_t *keys, uint32_t **first, uint32_t **names,
		       struct error *err)
{
	uint32_t count = plan->inventory->count, sum = 0;

	*first = calloc((size_t)count + 2, sizeof **first);
	*names = malloc((plan->count + 1) * sizeof **names);
	if (!*first || !*names)
		return error_memory(err);
	for (size_t i = 0; i < plan->count; i++)
		if (plan->owners[i] != NO_TREE_RECORD)
			(*first)[keys[i] + 2]++;
	for (size_t i = 0; i < (size_t)count + 2; i++) {
		sum += (*first)[i];
		(*first)[i] = sum;
	}
	for (size_t i = 0; i < plan->count; i++) {
		uint32_t name = plan->order[i];

		if (plan->owners[name] != NO_TREE_RECORD)
			(*names)[(*first)[keys[name] + 1]++] = name;
	} /* now first[n + 1] is where group n ends */
	return 0;
}

static int group_children(struct volume_tree *tree, const struct plan *plan, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *names = NULL;
	uint32_t                    count;

	if (group_names(plan, plan->parents, &tree->first_child, &names, err) < 0)
		return -1;
	count = tree->first_child[plan->inventory->count];
	tree->children = malloc(((size_t)count + 1) * sizeof *tree->children);
	if (!tree->children)
		return error_memory(err);
	for (uint32_t i = 0; i < count; i++)
		tree->children[i] = (struct tree_child){ plan->owners[names[i]], names[i] };
	return 0;
}

/* -------- sorting -------- */

/* What the workers share. */
struct sorting {
	struct volume_tree *tree;
	struct workers      workers;
};

static int compare_name(const struct volume_tree *tree, const uint8_t *text, size_t units, uint32_t name)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	return upcase_compare(&tree->upcase, text, units, inventory_text(&tree->inventory, row), row->units);
}

static int compare_child(const void *a, const void *b, void *context)
{
	const struct volume_tree *tree = context;
	const struct tree_child  *left = a, *right = b;
	const struct name_row    *row = &tree->inventory.names.items[left->name];
	int order = compare_name(tree, inventory_text(&tree->inventory, row), row->units, right->name);

	return order ? order : (left->record > right->record) - (left->record < right->record);
}

static int sort_worker(void *work, struct error *err)
{
	struct sorting     *sorting = work;
	struct volume_tree *tree = sorting->tree;
	size_t              first, end;

	(void)err;
	while (workers_take(&sorting->workers, tree->inventory.count, SORTED_AT_ONCE, &first, &end))
		for (size_t i = first; i < end; i++) {
			uint32_t at = tree->first_child[i], count = tree->first_child[i + 1] - at;

			if (count > 1)
				qsort_r(tree->children + at, count, sizeof *tree->children, compare_child,
					tree);
		}
	return 0;
}

static int sort_children(struct volume_tree *tree, unsigned threads, struct error *err)
{
	struct sorting sorting = { .tree = tree, .workers = WORKERS_READY };

	return workers_run(&sorting.workers, threads, sort_worker, &sorting, err);
}

/* -------- the tree -------- */

/* The volume's own rules of case; where they are lost, the built-in ones. */
static int read_upcase(struct volume_tree *tree, struct error *err)
{
	CLEANUP(file_reader_release) struct file_reader reader = { 0 };

	if (file_reader_init(&reader, &tree->inventory, &tree->extensions, err) < 0 ||
	    upcase_init(&tree->upcase, err) < 0)
		return -1;
	return upcase_load(&tree->upcase, &reader, err) < 0 ? -1 : 0;
}

int volume_tree_read(struct volume_tree *tree, const struct volume *volume, unsigned threads,
		     struct error *err)
{
	*tree = (struct volume_tree){ 0 };
	findings_init(&tree->findings);
	if (inventory_read(&tree->inventory, volume, threads, &tree->findings, err) < 0)
		return -1;
	array_release(&tree->inventory.claims);
	if (extensions_collect(&tree->extensions, &tree->inventory, err) < 0 || read_upcase(tree, err) < 0)
		return -1;
	return volume_tree_build(tree, threads, err);
}

int volume_tree_build(struct volume_tree *tree, unsigned threads, struct error *err)
{
	CLEANUP(plan_release) struct plan plan = { 0 };

	if (plan_begin(&plan, &tree->inventory, err) < 0)
		return -1;
	place_directories(&plan);
	drop_names(&plan);
	if (group_names(&plan, plan.owners, &tree->first_name, &tree->names, err) < 0 ||
	    group_children(tree, &plan, err) < 0)
		return -1;
	return sort_children(tree, threads, err);
}

void volume_tree_release(struct volume_tree *tree)
{
	free(tree->children);
	free(tree->first_child);
	free(tree->names);
	free(tree->first_name);
	upcase_release(&tree->upcase);
	array_release(&tree->extensions);
	inventory_release(&tree->inventory);
	findings_release(&tree->findings);
	*tree = (struct volume_tree){ 0 };
}

const struct tree_child *volume_tree_children(const struct volume_tree *tree, uint32_t record, size_t *count)
{
	*count = tree->first_child[record + 1] - tree->first_child[record];
	return tree->children + tree->first_child[record];
}

const uint32_t *volume_tree_names(const struct volume_tree *tree, uint32_t record, size_t *count)
{
	*count = tree->first_name[record + 1] - tree->first_name[record];
	return tree->names + tree->first_name[record];
}

size_t volume_tree_links(const struct volume_tree *tree, uint32_t record)
{
	size_t          count, links = 0;
	const uint32_t *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++)
		links += tree->inventory.names.items[names[i]].space != NAME_DOS;
	return links;
}

uint64_t volume_tree_file_bytes(const struct volume_tree *tree, uint32_t record)
{
	uint64_t                bytes = volume_tree_row(tree, record)->size_bytes;
	size_t                  count;
	const struct extension *extensions =
		extensions_of(&tree->extensions, volume_tree_ref(tree, record), &count);

	for (size_t i = 0; i < count; i++)
		if (volume_tree_row(tree, extensions[i].record)->flags & ROW_IN_USE)
			bytes += volume_tree_row(tree, extensions[i].record)->size_bytes;
	return bytes;
}

/* -------- by name -------- */

static bool is_same_aside(const struct volume_tree *tree, const uint8_t *text, size_t units, uint32_t name)
{
	const struct name_row *row = &tree->inventory.names.items[name];
	const uint8_t         *other = inventory_text(&tree->inventory, row);
	const uint16_t        *upper = tree->upcase.table;

	if (row->units != units)
		return false;
	for (size_t i = 0; i < units; i++)
		if (upper[le16_at(text + 2 * i)] != upper[le16_at(other + 2 * i)])
			return false;
	return true;
}

const struct tree_child *volume_tree_child(const struct volume_tree *tree, uint32_t directory,
					   const uint8_t *text, size_t units)
{
	size_t                   low = 0, high, count;
	const struct tree_child *children = volume_tree_children(tree, directory, &count);

	for (high = count; low < high;) { /* the first that is not before the name */
		size_t middle = low + (high - low) / 2;

		if (compare_name(tree, text, units, children[middle].name) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* names that differ in case alone stand side by side */
	if (low < count && is_same_aside(tree, text, units, children[low].name))
		return &children[low];
	if (low && is_same_aside(tree, text, units, children[low - 1].name))
		return &children[low - 1];
	return NULL;
}

/* One step down a path: @length bytes of WTF-8. */
static uint32_t step_down(const struct volume_tree *tree, uint32_t directory, const char *text, size_t length)
{
	uint16_t                 units[NAME_UTF8_MAX];
	uint8_t                  name[2 * NAME_UNITS_MAX];
	const struct tree_child *child;
	size_t                   count;

	if (length >= NAME_UTF8_MAX)
		return NO_TREE_RECORD;
	count = utf16_from_utf8(text, length, units);
	if (count > NAME_UNITS_MAX) /* no WTF-8, or too long for a name */
		return NO_TREE_RECORD;
	for (size_t i = 0; i < count; i++) {
		name[2 * i] = (uint8_t)units[i];
		name[2 * i + 1] = (uint8_t)(units[i] >> 8);
	}
	child = volume_tree_child(tree, directory, name, count);
	return child ? child->record : NO_TREE_RECORD;
}

uint32_t volume_tree_find(const struct volume_tree *tree, const char *path)
{
	uint32_t at = ROOT_RECORD < tree->inventory.count ? ROOT_RECORD : NO_TREE_RECORD;

	for (path += strspn(path, "\\/"); at != NO_TREE_RECORD && *path; path += strspn(path, "\\/")) {
		size_t length = strcspn(path, "\\/");

		at = step_down(tree, at, path, length);
		path += length;
	}
	return at;
}

/* -------- by record -------- */

/* The name of a directory below the root by which paths call it: the long one. */
static uint32_t long_name(const struct volume_tree *tree, uint32_t directory)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, directory, &count);

	for (size_t i = 0; i < count; i++)
		if (tree->inventory.names.items[names[i]].space != NAME_DOS)
			return names[i];
	return names[0];
}

/* The name of the directory that a name stands in, or NO_NAME for the root. */
static uint32_t name_above(const struct volume_tree *tree, uint32_t name)
{
	uint32_t parent = volume_tree_parent(tree, name);

	return parent == ROOT_RECORD ? NO_NAME : long_name(tree, parent);
}

int volume_tree_path(const struct volume_tree *tree, uint32_t name, struct text_buffer *path,
		     struct error *err)
{
	const struct inventory *inventory = &tree->inventory;
	size_t                  room = 1, start;
	char                    text[NAME_UTF8_MAX];

	for (uint32_t at = name; at != NO_NAME; at = name_above(tree, at))
		room += 1 + 3u * inventory->names.items[at].units;
	while (path->capacity < room)
		if (!array_grow((void **)&path->items, path->capacity, &path->capacity, 1))
			return error_memory(err);
	start = room - 1; /* filled from the end, then moved to the front */
	path->items[start] = 0;
	for (uint32_t at = name; at != NO_NAME; at = name_above(tree, at)) {
		const struct name_row *row = &inventory->names.items[at];
		size_t length = utf16_to_utf8(inventory_text(inventory, row), row->units, text);

		start -= length;
		memcpy(path->items + start, text, length);
		path->items[--start] = '\\';
	}
	path->count = room - 1 - start;
	memmove(path->items, path->items + start, path->count + 1);
	return 0;
}

/* All names with their paths; aliases, or all but those. */
static int load_names(const struct volume_tree *tree, uint32_t record, bool dos, struct text_buffer *path,
		      struct case_record *to, struct error *err)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++) {
		const struct name_row *row = &tree->inventory.names.items[names[i]];

		if ((row->space == NAME_DOS) != dos)
			continue;
		if (volume_tree_path(tree, names[i], path, err) < 0 ||
		    case_record_add_name(to,
					 (struct case_name){ .path = path->items,
							     .proof = PROOF_PROVEN,
							     .live = true,
							     .dos = dos,
							     .parent = row->parent },
					 err) < 0)
			return -1;
	}
	return 0;
}

int volume_tree_load(const struct volume_tree *tree, struct file_reader *reader, uint32_t record,
		     struct case_record *to, struct error *err)
{
	/* on a volume in order clusters have no second owner: only the record itself can be damaged */
	static const struct ownership no_doubts = { .bitmap_read = true };
	struct text_buffer            path = { 0 };
	struct file                   file = { 0 };
	int                           result;

	*to = (struct case_record){ 0 };
	result = file_load(reader, record, &file, err);
	if (result == 0)
		result = case_record_take(to, &file, tree->inventory.mft.volume, &no_doubts, err);
	if (result == 0)
		result = load_names(tree, record, false, &path, to, err);
	if (result == 0)
		result = load_names(tree, record, true, &path, to, err);
	if (result == 0) {
		case_record_settle(to);
		case_record_judge(to);
	}
	array_release(&path);
	file_release(&file);
	return result;
}
