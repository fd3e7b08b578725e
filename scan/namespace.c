/* SPDX-License-Identifier: GPL-3.0-or-later */
/* namespace.c - see namespace.h */
#include "scan/namespace.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <inttypes.h>
#include <stdio.h>

#define LOOK_BACK 2048u /* twice the names that NTFS allows a file */

/* -------- nodes -------- */

/* The row whose life @ref names, or NO_NODE; the root's is known whatever its record says. */
static uint32_t record_of(const struct inventory *inventory, file_ref ref)
{
	uint32_t row;

	if (file_ref_record(ref) == ROOT_RECORD && file_ref_sequence(ref) == ROOT_RECORD &&
	    inventory->count > ROOT_RECORD)
		return ROOT_RECORD;
	row = inventory_row_of(inventory, ref);
	return row == NO_ROW ? NO_NODE : row;
}

static uint32_t ghost_of(const struct namespace *space, file_ref ref)
{
	size_t first = partition_point(0, space->grouped - space->inventory->count, at,
				       space->ghosts.items[at] < ref);

	if (first == space->grouped - space->inventory->count || space->ghosts.items[first] != ref)
		return NO_NODE;
	return space->inventory->count + (uint32_t)first;
}

uint32_t namespace_node_of(const struct namespace *space, file_ref ref)
{
	uint32_t node = record_of(space->inventory, ref);

	return node != NO_NODE ? node : ghost_of(space, ref);
}

/* The directory that @ref names as a parent: a record that is no directory is none. */
static uint32_t directory_of(const struct inventory *inventory, file_ref ref)
{
	uint32_t node = record_of(inventory, ref);

	if (node == ROOT_RECORD || (node != NO_NODE && inventory->rows[node].flags & ROW_DIRECTORY))
		return node;
	return NO_NODE;
}

file_ref namespace_ref(const struct namespace *space, uint32_t node)
{
	if (node < space->inventory->count)
		return inventory_ref(space->inventory, node);
	return space->ghosts.items[node - space->inventory->count];
}

bool namespace_is_live(const struct namespace *space, uint32_t node)
{
	return node < space->inventory->count && space->inventory->rows[node].flags & ROW_IN_USE;
}

/* -------- building -------- */

static int compare_ref(const void *a, const void *b)
{
	const file_ref *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The node whose name it is, or NO_NODE where only a ghost is left. */
static uint32_t owner_of(const struct inventory *inventory, const struct name_row *name)
{
	if (name_is_in_record(name) && !(inventory->rows[name->record].flags & ROW_EXTENSION))
		return name->record;
	return record_of(inventory, inventory_owner(inventory, name));
}

/* Every life that is referred to and that no record shows any more. */
static int collect_ghosts(struct namespace *space, struct error *err)
{
	const struct inventory *inventory = space->inventory;
	struct ghosts          *ghosts = &space->ghosts;
	size_t                  kept = 0;

	for (size_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *name = &inventory->names.items[i];
		file_ref               owner = inventory_owner(inventory, name);

		if ((directory_of(inventory, name->parent) == NO_NODE && !array_push(ghosts, name->parent)) ||
		    (owner_of(inventory, name) == NO_NODE && !array_push(ghosts, owner)))
			return error_memory(err);
	}
	if (ghosts->count)
		qsort(ghosts->items, ghosts->count, sizeof *ghosts->items, compare_ref);
	for (size_t i = 0; i < ghosts->count; i++)
		if (!i || ghosts->items[i] != ghosts->items[kept - 1])
			ghosts->items[kept++] = ghosts->items[i];
	ghosts->count = kept;
	if (inventory->count + kept >= NO_NODE)
		return error_memory(err);
	space->grouped = inventory->count + (uint32_t)kept;
	return 0;
}

/* Parents of all names, and the names grouped by owner (a counting sort), but for earlier ones. */
static int group_names(struct namespace *space, struct error *err)
{
	const struct inventory    *inventory = space->inventory;
	size_t                     count = inventory->names.count;
	CLEANUP(free_ptr) uint32_t *owners = malloc((count + 1) * sizeof *owners);
	uint32_t                   sum = 0;

	space->parents = malloc((count + 1) * sizeof *space->parents);
	space->by_owner = malloc((count + 1) * sizeof *space->by_owner);
	space->first = calloc((size_t)space->grouped + 2, sizeof *space->first);
	if (!owners || !space->parents || !space->by_owner || !space->first)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct name_row *name = &inventory->names.items[i];
		file_ref               owner = inventory_owner(inventory, name);

		space->parents[i] = directory_of(inventory, name->parent);
		if (space->parents[i] == NO_NODE)
			space->parents[i] = ghost_of(space, name->parent);
		owners[i] = owner_of(inventory, name);
		if (owners[i] == NO_NODE)
			owners[i] = ghost_of(space, owner);
		space->first[owners[i] + 2] += !name->earlier;
	}
	for (uint32_t i = 0; i < space->grouped + 2; i++) {
		sum += space->first[i];
		space->first[i] = sum;
	}
	for (uint32_t record = 0; record < inventory->count; record++) { /* in the order of the table */
		uint32_t name = inventory->rows[record].first_name;

		for (uint32_t end = name + inventory->rows[record].names; name < end; name++)
			if (!inventory->names.items[name].earlier)
				space->by_owner[space->first[owners[name] + 1]++] = name;
	}
	for (uint32_t name = 0; name < count; name++)
		if (!name_is_in_record(&inventory->names.items[name]))
			space->by_owner[space->first[owners[name] + 1]++] = name;
	/* now first[n + 1] is where group n ends */
	return 0;
}

/* Is the name in a record that belongs to the life @owner in force? */
static bool is_current(const struct namespace *space, uint32_t owner, const struct name_row *name)
{
	return namespace_is_live(space, owner) && inventory_name_in_use(space->inventory, name);
}

/* Is it in a record that a file which goes on has no more?  It may have been renamed meanwhile. */
static bool is_given_up(const struct namespace *space, uint32_t owner, const struct name_row *name)
{
	return namespace_is_live(space, owner) && !is_current(space, owner, name);
}

/* A ghost is a directory when something lies in it, or when one of its names is said to be a directory's. */
static void mark_directories(struct namespace *space)
{
	const struct inventory *inventory = space->inventory;

	for (uint32_t node = 0; node < space->grouped; node++)
		space->nodes.items[node] = (struct node){ .parent = NO_NODE, .name = NO_NAME };
	for (uint32_t i = 0; i < inventory->names.count; i++)
		space->nodes.items[space->parents[i]].directory = 1;
	for (uint32_t node = inventory->count; node < space->grouped; node++)
		for (uint32_t i = space->first[node]; i < space->first[node + 1]; i++)
			if (inventory->names.items[space->by_owner[i]].directory)
				space->nodes.items[node].directory = 1;
}

bool namespace_is_directory(const struct namespace *space, uint32_t node)
{
	if (node >= space->inventory->count)
		return space->nodes.items[node].directory || node >= space->grouped;
	return (space->inventory->rows[node].flags & (ROW_DECODED | ROW_DIRECTORY | ROW_EXTENSION)) ==
	       (ROW_DECODED | ROW_DIRECTORY);
}

/* The name becomes the node's. */
static void name_node(struct namespace *space, uint32_t node, uint32_t name)
{
	const struct name_row *row = &space->inventory->names.items[name];

	space->nodes.items[node].name = name;
	space->nodes.items[node].parent = space->parents[name];
	space->nodes.items[node].derived = row->source != FACT_RECORD || is_given_up(space, node, row);
}

/* Does what remembers it say that it is a file's, though the ghost is a directory?  Then it is another life's. */
static bool is_of_a_file(const struct namespace *space, uint32_t node, const struct name_row *name)
{
	return node >= space->inventory->count && space->nodes.items[node].directory && !name_is_in_record(name) &&
	       !name->directory;
}

/* What the node has is the DOS name of a life that is over: its long name, if something remembers it. */
static void lengthen_name(struct namespace *space, uint32_t node)
{
	const struct node     *it = &space->nodes.items[node];
	const struct name_row *names = space->inventory->names.items;

	if (it->name == NO_NAME || names[it->name].space != NAME_DOS || namespace_is_live(space, node))
		return;
	for (uint32_t i = space->first[node]; i < space->first[node + 1]; i++)
		if (space->parents[space->by_owner[i]] == it->parent && names[space->by_owner[i]].space != NAME_DOS &&
		    !is_of_a_file(space, node, &names[space->by_owner[i]])) {
			name_node(space, node, space->by_owner[i]);
			return;
		}
}

/*
 * A directory has one name; of several the current one is taken, of these that of the strongest source, and
 * the long one.
 */
static void name_nodes(struct namespace *space)
{
	for (uint32_t node = 0; node < space->grouped; node++) {
		int best = -1;

		if (node == ROOT_RECORD)
			continue;
		for (uint32_t i = space->first[node]; i < space->first[node + 1]; i++) {
			const struct name_row *name = &space->inventory->names.items[space->by_owner[i]];
			int rank = 4 * FACT_SOURCES * is_current(space, node, name) +
				   2 * (FACT_SOURCES - name->source) + (name->space != NAME_DOS);

			if (rank > best && !is_of_a_file(space, node, name)) {
				best = rank;
				name_node(space, node, space->by_owner[i]);
			}
		}
		lengthen_name(space, node);
	}
}

int namespace_build(struct namespace *space, const struct inventory *inventory, struct error *err)
{
	*space = (struct namespace){ .inventory = inventory };
	if (collect_ghosts(space, err) < 0 || group_names(space, err) < 0)
		return -1;
	space->nodes.items = malloc(((size_t)space->grouped + 1) * sizeof *space->nodes.items);
	if (!space->nodes.items)
		return error_memory(err);
	space->nodes.count = space->nodes.capacity = space->grouped;
	mark_directories(space);
	name_nodes(space);
	return 0;
}

void namespace_release(struct namespace *space)
{
	array_release(&space->nodes);
	array_release(&space->ghosts);
	array_release(&space->derived);
	free(space->parents);
	free(space->by_owner);
	free(space->first);
	*space = (struct namespace){ 0 };
}

/* -------- deriving -------- */

uint32_t namespace_add_derived(struct namespace *space, uint32_t parent, uint32_t name)
{
	struct node node = { .parent = parent, .name = name, .derived = 1, .directory = 1 };

	if (!array_push(&space->ghosts, 0) || !array_push(&space->nodes, node))
		return NO_NODE;
	return (uint32_t)space->nodes.count - 1;
}

void namespace_place(struct namespace *space, uint32_t node, uint32_t parent, uint32_t name)
{
	space->nodes.items[node] = (struct node){ .parent = parent, .name = name, .derived = 1, .directory = 1 };
}

static int compare_derived(const void *a, const void *b)
{
	const struct derived_name *left = a, *right = b;

	if (left->owner != right->owner)
		return left->owner < right->owner ? -1 : 1;
	if (left->parent != right->parent)
		return left->parent < right->parent ? -1 : 1;
	return (left->name > right->name) - (left->name < right->name);
}

void namespace_settle(struct namespace *space)
{
	if (space->derived.count)
		qsort(space->derived.items, space->derived.count, sizeof *space->derived.items,
		      compare_derived);
	for (size_t i = 0; i < space->nodes.count; i++)
		space->nodes.items[i].known = 0;
}

/* -------- paths -------- */

enum proof namespace_proof(struct namespace *space, uint32_t node)
{
	uint32_t   way[PATH_DEPTH_MAX + 1], depth = 0;
	enum proof proof;

	while (node != NO_NODE && node != ROOT_RECORD && !space->nodes.items[node].known &&
	       depth <= PATH_DEPTH_MAX) {
		way[depth++] = node;
		node = space->nodes.items[node].parent;
	}
	if (depth > PATH_DEPTH_MAX || node == NO_NODE)
		proof = PROOF_GUESSED; /* a loop, or an end that is not the root */
	else if (node == ROOT_RECORD)
		proof = PROOF_PROVEN;
	else
		proof = space->nodes.items[node].proof;
	while (depth) {
		struct node *it = &space->nodes.items[way[--depth]];

		if (it->derived && proof == PROOF_PROVEN)
			proof = PROOF_DERIVED;
		it->proof = (uint8_t)proof;
		it->known = 1;
	}
	return proof;
}

static bool append(struct text_buffer *buffer, const char *text, size_t length)
{
	if (!array_append(buffer, text, length) || !array_push(buffer, 0))
		return false;
	buffer->count--; /* the zero is not counted */
	return true;
}

int namespace_path_add(const struct namespace *space, uint32_t name, struct text_buffer *path,
		       struct error *err)
{
	const struct name_row *row = &space->inventory->names.items[name];
	char                   text[NAME_UTF8_MAX];
	size_t                 length = utf16_to_utf8(inventory_text(space->inventory, row), row->units, text);

	if (path->count && path->items[path->count - 1] == '\\')
		path->count--; /* the root brings its own */
	return append(path, "\\", 1) && append(path, text, length) ? 0 : error_memory(err);
}

int namespace_path(struct namespace *space, uint32_t node, struct text_buffer *path, struct error *err)
{
	uint32_t way[PATH_DEPTH_MAX + 1], depth = 0;
	char     label[64];

	path->count = 0;
	while (node != ROOT_RECORD && node != NO_NODE && space->nodes.items[node].name != NO_NAME &&
	       depth <= PATH_DEPTH_MAX) {
		way[depth++] = node;
		node = space->nodes.items[node].parent;
	}
	if (node == ROOT_RECORD) {
		if (!append(path, "\\", 1))
			return error_memory(err);
	} else {
		if (depth > PATH_DEPTH_MAX) { /* a loop: the directory itself stands for what is above it */
			depth = 1;
			node = way[0];
		}
		if (node == NO_NODE)
			snprintf(label, sizeof label, "\\" ORPHANS_NAME);
		else
			snprintf(label, sizeof label, "\\" ORPHANS_NAME "\\%" PRIu64 "-%u",
				 file_ref_record(namespace_ref(space, node)),
				 file_ref_sequence(namespace_ref(space, node)));
		if (!append(path, label, strlen(label)))
			return error_memory(err);
	}
	while (depth)
		if (namespace_path_add(space, space->nodes.items[way[--depth]].name, path, err) < 0)
			return -1;
	return 0;
}

/* -------- the names of a file -------- */

static bool same_text(const struct inventory *inventory, uint32_t a, uint32_t b)
{
	const struct name_row *left = &inventory->names.items[a], *right = &inventory->names.items[b];

	return a == b || (left->units == right->units &&
			  memcmp(inventory_text(inventory, left), inventory_text(inventory, right),
				 2u * left->units) == 0);
}

/*
 * Add unless it is there; a live one replaces its dead double.  Doubles lie near each other, so
 * looking back LOOK_BACK names is enough, and a record with a million names costs no more.
 */
static bool add_link(const struct inventory *inventory, struct hard_links *links, struct hard_link link)
{
	for (size_t i = links->count > LOOK_BACK ? links->count - LOOK_BACK : 0; i < links->count; i++)
		if (links->items[i].parent == link.parent &&
		    same_text(inventory, links->items[i].name, link.name)) {
			if ((link.live && !links->items[i].live) ||
			    (link.live == links->items[i].live &&
			     (link.proof < links->items[i].proof ||
			      (link.proof == links->items[i].proof && link.source < links->items[i].source))))
				links->items[i] = link;
			return true;
		}
	return array_push(links, link);
}

/* Long names first, then by directory; within one, in the order in which the records hold them. */
static int compare_link(const void *a, const void *b, void *names)
{
	const struct hard_link *left = a, *right = b;
	const struct name_row  *rows = names;

	if (left->dos != right->dos)
		return left->dos - right->dos;
	if (left->parent != right->parent)
		return left->parent < right->parent ? -1 : 1;
	if (rows[left->name].source != rows[right->name].source)
		return rows[left->name].source < rows[right->name].source ? -1 : 1;
	if (rows[left->name].record != rows[right->name].record)
		return rows[left->name].record < rows[right->name].record ? -1 : 1;
	return (left->name > right->name) - (left->name < right->name);
}

/* A DOS name without a long one beside it is all that is left of a name: it counts as one. */
static void mark_aliases(const struct inventory *inventory, struct hard_links *links)
{
	for (size_t i = 0; i < links->count; i++) {
		bool alias = false;

		for (size_t j = 0; links->items[i].dos && j < links->count && j < LOOK_BACK; j++)
			alias = alias ||
				(inventory->names.items[links->items[j].name].space != NAME_DOS &&
				 links->items[j].parent == links->items[i].parent);
		links->items[i].dos = alias;
	}
}

/*
 * Does it stand in an extension record of which its base knows nothing?  In a table put together from what is left, which
 * may be of several lives, that is no proof.
 */
static bool is_unlisted(const struct inventory *inventory, uint32_t owner, const struct name_row *name)
{
	return inventory->mft.volume->table && name_is_in_record(name) &&
	       inventory->rows[name->record].flags & ROW_EXTENSION && owner < inventory->count &&
	       !(inventory->rows[owner].flags & ROW_HAS_LIST);
}

int namespace_links(struct namespace *space, uint32_t owner, struct hard_links *links, struct error *err)
{
	const struct inventory *inventory = space->inventory;
	size_t                  first;
	bool     has_group = owner < space->grouped; /* a derived directory has no names of its own */
	uint32_t end = has_group ? space->first[owner + 1] : 0;

	links->count = 0;
	for (uint32_t i = has_group ? space->first[owner] : 0; i < end; i++) {
		uint32_t               index = space->by_owner[i];
		const struct name_row *name = &inventory->names.items[index];
		struct hard_link       link = { .parent = space->parents[index],
						.name = index,
						.proof = namespace_proof(space, space->parents[index]),
						.source = name->source,
						.live = is_current(space, owner, name),
						.dos = name->space == NAME_DOS };

		if (link.proof == PROOF_PROVEN && (name->source != FACT_RECORD || is_given_up(space, owner, name) ||
						   is_unlisted(inventory, owner, name)))
			link.proof = PROOF_DERIVED;
		if (name_is_in_record(name) && inventory->rows[name->record].flags & ROW_MISPLACED)
			link.proof = PROOF_GUESSED; /* whose life this is, is not sure */
		if (!add_link(inventory, links, link))
			return error_memory(err);
	}
	first = partition_point(0, space->derived.count, at, space->derived.items[at].owner < owner);
	for (size_t i = first; i < space->derived.count && space->derived.items[i].owner == owner; i++) {
		const struct derived_name *name = &space->derived.items[i];
		struct hard_link link = { .parent = name->parent, .name = name->name, .source = FACT_TWIN };

		link.proof = namespace_proof(space, name->parent);
		if (link.proof == PROOF_PROVEN)
			link.proof = PROOF_DERIVED;
		if (!add_link(inventory, links, link))
			return error_memory(err);
	}
	mark_aliases(inventory, links);
	if (links->count > 1)
		qsort_r(links->items, links->count, sizeof *links->items, compare_link, inventory->names.items);
	return 0;
}
