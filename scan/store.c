/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - see store.h */
#include "scan/store.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "scan/attribute.h"
#include "scan/layer.h"
#include "scan/old_table.h"

#include <ctype.h>

#define SYMPTOM_FILES 3u    /* files whose two names mirror each other before a place is called a store */
#define LINKS_PAIRED  64u   /* names of one file that are compared with each other */

/* What the search keeps between its steps. */
struct search {
	struct stores         *stores;
	struct namespace      *space;
	struct directory_index index;
	struct node_list       votes;     /* mirror roots that twins climbed to, once a file */
	uint32_t               last[2];   /* the pair of directories seen last, and that it is done */
	uint32_t               last_root;
	bool                   placed;    /* some nameless directory got the place of its twin */
};

/* -------- words -------- */

const char *store_state_name(enum store_state state)
{
	static const char *const names[] = { "live", "partial", "deleted", "remnant" };

	return names[state];
}

const char *store_kind_name(enum store_kind kind)
{
	static const char *const names[] = { "usmt", "holdfast", "plain" };

	return names[kind];
}

static bool has_name(const struct namespace *space, uint32_t node)
{
	return node != NO_NODE && space->nodes.items[node].name != NO_NAME;
}

static bool is_named(const struct namespace *space, uint32_t node, const char *word)
{
	const struct name_row *row;

	if (!has_name(space, node))
		return false;
	row = &space->inventory->names.items[space->nodes.items[node].name];
	return utf16_is_word(inventory_text(space->inventory, row), row->units, word);
}

/* The drive letter if the directory is called like "C$", or 0. */
static char mirror_letter(const struct namespace *space, uint32_t node)
{
	const struct name_row *row;
	const uint8_t         *text;

	if (!has_name(space, node))
		return 0;
	row = &space->inventory->names.items[space->nodes.items[node].name];
	text = inventory_text(space->inventory, row);
	if (row->units != 2 || text[1] || text[3] || text[2] != '$' || !isalpha(text[0]))
		return 0;
	return (char)toupper(text[0]);
}

static bool is_profile_folder(const struct namespace *space, uint32_t node)
{
	return is_named(space, node, "Users") || is_named(space, node, "Documents and Settings");
}

static bool same_names(const struct namespace *space, uint32_t a, uint32_t b)
{
	const struct inventory *inventory = space->inventory;
	const struct name_row  *left, *right;

	if (!has_name(space, a) || !has_name(space, b))
		return false;
	left = &inventory->names.items[space->nodes.items[a].name];
	right = &inventory->names.items[space->nodes.items[b].name];
	return left->units == right->units && memcmp(inventory_text(inventory, left),
						     inventory_text(inventory, right), 2u * left->units) == 0;
}

/* -------- stores and their mirrors -------- */

static struct store *store_at(struct search *search, uint32_t root)
{
	struct store_list *list = &search->stores->list;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].root == root)
			return &list->items[i];
	if (!array_push(list, (struct store){ .root = root }))
		return NULL;
	return &list->items[list->count - 1];
}

static int add_mirror(struct search *search, uint32_t root, uint32_t node, char letter, struct error *err)
{
	struct store *store = store_at(search, root);

	if (!store)
		return error_memory(err);
	for (size_t i = 0; i < store->mirror_count; i++)
		if (store->mirrors[i].node == node)
			return 0;
	if (store->mirror_count < STORE_MIRRORS_MAX)
		store->mirrors[store->mirror_count++] = (struct store_mirror){ node, letter, false };
	return 0;
}

/* A ghost (or nameless directory) with a profile folder below it, and no system beside that. */
static bool looks_like_mirror(const struct search *search, uint32_t node)
{
	uint32_t        count;
	const uint32_t *below = directory_index_below(&search->index, node, &count);
	bool            profiles = false;

	for (uint32_t i = 0; i < count; i++) {
		if (is_named(search->space, below[i], "Windows") ||
		    is_named(search->space, below[i], "Program Files"))
			return false; /* a lost Windows.old */
		profiles = profiles || is_profile_folder(search->space, below[i]);
	}
	return profiles;
}

/* Stores by structure: File\<letter>$, and what is left of that. */
static int find_by_structure(struct search *search, struct error *err)
{
	struct namespace *space = search->space;

	for (uint32_t node = 0; node < space->nodes.count; node++) {
		uint32_t count, parent = space->nodes.items[node].parent;
		char     letter;

		directory_index_below(&search->index, node, &count);
		letter = mirror_letter(space, node);
		if (node < space->inventory->count && !(space->inventory->rows[node].flags & ROW_DIRECTORY))
			continue;
		if (letter && is_named(space, parent, "File")) {
			uint32_t root = space->nodes.items[parent].parent;

			if (add_mirror(search, root == NO_NODE || root == ROOT_RECORD ? parent : root, node,
				       letter, err) < 0)
				return -1;
		} else if (letter && parent != NO_NODE && parent != ROOT_RECORD && !has_name(space, parent)) {
			if (add_mirror(search, parent, node, letter, err) < 0)
				return -1;
		} else if (count && node != ROOT_RECORD && !has_name(space, node) &&
			   looks_like_mirror(search, node)) {
			if (add_mirror(search, node, node, 'C', err) < 0)
				return -1;
		}
	}
	return 0;
}

static const struct store_mirror *mirror_above(const struct search *search, uint32_t node)
{
	for (unsigned depth = 0; node != NO_NODE && depth <= PATH_DEPTH_MAX; depth++) {
		for (size_t i = 0; i < search->stores->list.count; i++)
			for (size_t j = 0; j < search->stores->list.items[i].mirror_count; j++)
				if (search->stores->list.items[i].mirrors[j].node == node)
					return &search->stores->list.items[i].mirrors[j];
		if (node == ROOT_RECORD)
			break;
		node = search->space->nodes.items[node].parent;
	}
	return NULL;
}

/* -------- twins -------- */

/* The directory below @parent called like @name: known, derived before, or derived now. */
static uint32_t child_or_derive(struct search *search, uint32_t parent, uint32_t name)
{
	struct namespace *space = search->space;
	uint32_t          node;

	if (parent == NO_NODE)
		return NO_NODE;
	node = directory_index_child(&search->index, parent, name);
	if (node != NO_NODE)
		return node;
	for (node = space->grouped; node < space->nodes.count; node++)
		if (space->nodes.items[node].parent == parent && space->nodes.items[node].name == name)
			return node;
	return namespace_add_derived(space, parent, name);
}

/* The directory that stands to @to as @node stands to @from; NO_NODE when @node is not below @from. */
static uint32_t transfer(struct search *search, uint32_t node, uint32_t from, uint32_t to)
{
	uint32_t way[PATH_DEPTH_MAX + 1], depth = 0;

	while (node != from) {
		if (node == NO_NODE || node == ROOT_RECORD || depth > PATH_DEPTH_MAX || !has_name(search->space, node))
			return NO_NODE;
		way[depth++] = node;
		node = search->space->nodes.items[node].parent;
	}
	while (depth && to != NO_NODE)
		to = child_or_derive(search, to, search->space->nodes.items[way[--depth]].name);
	return to;
}

/* The one mirror of the volume itself on which all agree, or NULL. */
static const struct store_mirror *only_mirror(const struct search *search)
{
	const struct store_mirror *only = NULL;

	for (size_t i = 0; i < search->stores->list.count; i++)
		for (size_t j = 0; j < search->stores->list.items[i].mirror_count; j++) {
			if (only)
				return NULL;
			only = &search->stores->list.items[i].mirrors[j];
		}
	return only;
}

/* @lost has no name, and @known is its twin: give it the place that follows. */
static void place_by_twin(struct search *search, uint32_t lost, uint32_t known)
{
	const struct store_mirror *mirror = mirror_above(search, known);
	struct node                it = search->space->nodes.items[known];
	uint32_t                   parent;

	if (lost == ROOT_RECORD || it.parent == NO_NODE || it.name == NO_NAME)
		return;
	if (mirror && mirror->node == known)
		return; /* the twin of a mirror's root is a volume's root */
	if (mirror)
		parent = transfer(search, it.parent, mirror->node, ROOT_RECORD);
	else if ((mirror = only_mirror(search)) != NULL)
		parent = transfer(search, it.parent, ROOT_RECORD, mirror->node);
	else
		return;
	if (parent == NO_NODE || parent == lost)
		return;
	namespace_place(search->space, lost, parent, it.name);
	search->placed = true;
}

/*
 * Two directories hold the same file under the same name: climb as long as they are called alike.
 * If one side arrives at the root, the other is a mirror; if one side has lost its name, the
 * other gives it.
 */
static uint32_t climb(struct search *search, uint32_t a, uint32_t b)
{
	struct namespace *space = search->space;

	for (unsigned depth = 0; depth <= PATH_DEPTH_MAX && a != b && a != NO_NODE && b != NO_NODE; depth++) {
		if (a == ROOT_RECORD || b == ROOT_RECORD)
			return a == ROOT_RECORD ? b : a;
		if (!has_name(space, a) || !has_name(space, b)) {
			if (has_name(space, b) && namespace_proof(space, b) != PROOF_GUESSED)
				place_by_twin(search, a, b);
			else if (has_name(space, a) && namespace_proof(space, a) != PROOF_GUESSED)
				place_by_twin(search, b, a);
			return NO_NODE;
		}
		if (!same_names(space, a, b))
			return NO_NODE;
		a = space->nodes.items[a].parent;
		b = space->nodes.items[b].parent;
	}
	return NO_NODE;
}

/* All pairs of equal names of one file. */
static int pair_names(struct search *search, const struct hard_links *links, struct error *err)
{
	const struct inventory *inventory = search->space->inventory;
	size_t                  count = links->count < LINKS_PAIRED ? links->count : LINKS_PAIRED;
	uint32_t                voted = NO_NODE;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++) {
			const struct name_row *left = &inventory->names.items[links->items[i].name];
			const struct name_row *right = &inventory->names.items[links->items[j].name];
			uint32_t               a = links->items[i].parent, b = links->items[j].parent, root;

			if (a == b || links->items[i].dos || links->items[j].dos || left->units != right->units ||
			    memcmp(inventory_text(inventory, left), inventory_text(inventory, right),
				   2u * left->units) != 0)
				continue;
			if (a != search->last[0] || b != search->last[1]) {
				search->last[0] = a;
				search->last[1] = b;
				search->last_root = climb(search, a, b);
			}
			root = search->last_root;
			if (root == NO_NODE || root == voted)
				continue;
			voted = root;
			if (!array_push(&search->votes, root))
				return error_memory(err);
		}
	return 0;
}

static bool is_file_node(const struct namespace *space, uint32_t node)
{
	const struct mft_row *row;

	if (node >= space->inventory->count)
		return space->first[node + 1] > space->first[node] && !namespace_is_directory(space, node);
	row = &space->inventory->rows[node];
	return row->flags & ROW_DECODED && !(row->flags & (ROW_EXTENSION | ROW_DIRECTORY)) &&
	       (row->names || row->alive_until) && node >= FIRST_USER_RECORD; /* neither: formatted, never used */
}

static int find_twins(struct search *search, struct error *err)
{
	struct namespace *space = search->space;
	struct hard_links links = { 0 };
	int               result = 0;

	search->last[0] = search->last[1] = NO_NODE;
	for (uint32_t node = 0; result == 0 && node < space->grouped; node++) {
		if (space->first[node + 1] - space->first[node] < 2 || !is_file_node(space, node))
			continue;
		result = namespace_links(space, node, &links, err);
		if (result == 0 && links.count > 1)
			result = pair_names(search, &links, err);
	}
	array_release(&links);
	return result;
}

static int compare_node(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Stores by symptom: mirror roots with enough votes that structure did not show. */
static int find_by_symptom(struct search *search, struct error *err)
{
	struct node_list *votes = &search->votes;

	if (votes->count)
		qsort(votes->items, votes->count, sizeof *votes->items, compare_node);
	for (size_t i = 0, end; i < votes->count; i = end) {
		uint32_t node = votes->items[i], root = node;
		char     letter = mirror_letter(search->space, node);

		for (end = i; end < votes->count && votes->items[end] == node; end++)
			;
		if (end - i < SYMPTOM_FILES)
			continue;
		if (letter && search->space->nodes.items[node].parent != NO_NODE &&
		    search->space->nodes.items[node].parent != ROOT_RECORD)
			root = search->space->nodes.items[node].parent;
		if (mirror_above(search, node))
			continue;
		if (add_mirror(search, root, node, letter ? letter : 'C', err) < 0)
			return -1;
	}
	return 0;
}

/* Which mirror of a store stands for the volume that the store lies on: the one whose folders are there. */
static void choose_home(struct search *search, struct store *store)
{
	struct store_mirror *home = NULL;
	uint32_t             best = 0;

	for (size_t i = 0; i < store->mirror_count; i++) {
		uint32_t        count, alike = 0;
		const uint32_t *below = directory_index_below(&search->index, store->mirrors[i].node, &count);

		for (uint32_t j = 0; j < count; j++)
			if (directory_index_child(&search->index, ROOT_RECORD,
						  search->space->nodes.items[below[j]].name) != NO_NODE)
				alike++;
		if (!home || alike > best) {
			home = &store->mirrors[i];
			best = alike;
		}
	}
	if (home)
		home->home = true;
}

/* -------- names that follow -------- */

/* Names by the directory they stand in. */
struct names_below {
	uint32_t *names; /* grouped by parent node */
	uint32_t *first;
	uint32_t  nodes;
};

static void names_below_release(struct names_below *below)
{
	free(below->names);
	free(below->first);
}

static int names_below_build(struct names_below *below, const struct namespace *space, struct error *err)
{
	size_t   count = space->inventory->names.count;
	uint32_t sum = 0;

	below->nodes = (uint32_t)space->nodes.count;
	below->names = malloc((count + 1) * sizeof *below->names);
	below->first = calloc((size_t)below->nodes + 2, sizeof *below->first);
	if (!below->names || !below->first)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		below->first[space->parents[i] + 2]++;
	for (uint32_t i = 0; i < below->nodes + 2; i++) {
		sum += below->first[i];
		below->first[i] = sum;
	}
	for (size_t i = 0; i < count; i++)
		below->names[below->first[space->parents[i] + 1]++] = (uint32_t)i;
	return 0;
}

/* The last sign of life of a record, 100 ns; 0 when it has no times. */
static int last_sign(const struct namespace *space, uint32_t node, uint8_t *bytes, uint64_t *time,
		     struct error *err)
{
	struct mft_slot             slot;
	struct attribute            attr;
	struct standard_information info;
	struct bytes                rest;
	struct error                why;

	*time = 0;
	if (node >= space->inventory->count)
		return 0;
	if (mft_read_slot(&space->inventory->mft, node, bytes, &slot, err) < 0)
		return -1;
	rest = slot.record.attributes;
	while (slot.decoded && attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION && attr.resident &&
		    standard_information_decode(attr.value, &info, &why) == 0)
			*time = info.times.changed > info.times.written ? info.times.changed
								       : info.times.written;
	return 0;
}

/* True if no time in a record is as late as @time; most records need not be read again for that. */
static bool ended_before(const struct mft_row *row, uint64_t time)
{
	return row->alive_until && row->alive_until < row_time(time);
}

/*
 * Every file of @original gets the name it had in the deleted store directory @mirror.  A deleted
 * file only if it was alive after the store's directory was gone: had it been outside the store
 * and deleted before, it would look the same.
 */
static int derive_names(struct search *search, const struct names_below *below, uint32_t mirror,
			uint32_t original, uint8_t *bytes, struct error *err)
{
	struct namespace       *space = search->space;
	const struct inventory *inventory = space->inventory;
	uint64_t                gone, sign;

	if (original >= below->nodes || last_sign(space, mirror, bytes, &gone, err) < 0)
		return original >= below->nodes ? 0 : -1;
	for (uint32_t i = below->first[original]; i < below->first[original + 1]; i++) {
		const struct name_row *name = &inventory->names.items[below->names[i]];
		uint32_t               owner = namespace_node_of(space, inventory_owner(inventory, name));

		if (name->earlier || name->space == NAME_DOS || owner >= inventory->count || !is_file_node(space, owner) ||
		    (namespace_is_live(space, owner) && !inventory_name_in_use(inventory, name)))
			continue;
		if (!namespace_is_live(space, owner)) {
			if (namespace_is_live(space, original))
				continue; /* deleted by itself, long ago for all we know */
			if (ended_before(&inventory->rows[owner], gone))
				continue;
			if (last_sign(space, owner, bytes, &sign, err) < 0)
				return -1;
			if (!gone || sign <= gone)
				continue;
		}
		if (!array_push(&space->derived, (struct derived_name){ owner, mirror, below->names[i] }))
			return error_memory(err);
	}
	return 0;
}

struct twin { uint32_t mirror, original; unsigned depth; };
struct twins ARRAY(struct twin);

/* Go down a store and its original together. */
static int derive_below(struct search *search, const struct names_below *below, struct twins *todo,
			uint8_t *bytes, struct error *err)
{
	while (todo->count) {
		struct twin     twin = todo->items[--todo->count];
		uint32_t        count;
		const uint32_t *children = directory_index_below(&search->index, twin.mirror, &count);

		if (!namespace_is_live(search->space, twin.mirror) &&
		    derive_names(search, below, twin.mirror, twin.original, bytes, err) < 0)
			return -1;
		for (uint32_t i = 0; i < count && twin.depth < PATH_DEPTH_MAX; i++) {
			struct twin child = { children[i],
					      directory_index_child(&search->index, twin.original,
								    search->space->nodes.items[children[i]].name),
					      twin.depth + 1 };

			if (child.original != NO_NODE && child.original != child.mirror &&
			    !array_push(todo, child))
				return error_memory(err);
		}
	}
	return 0;
}

static int derive_by_twins(struct search *search, struct error *err)
{
	CLEANUP(names_below_release) struct names_below below = { 0 };
	CLEANUP(free_ptr) uint8_t *bytes = malloc(search->space->inventory->mft.record_bytes);
	struct twins               todo = { 0 };
	int                        result = 0;

	if (!search->stores->list.count)
		return 0;
	if (!bytes)
		return error_memory(err);
	if (names_below_build(&below, search->space, err) < 0)
		return -1;
	for (size_t i = 0; result == 0 && i < search->stores->list.count; i++) {
		struct store *store = &search->stores->list.items[i];

		for (size_t j = 0; result == 0 && j < store->mirror_count; j++) {
			if (!store->mirrors[j].home)
				continue;
			if (!array_push(&todo, (struct twin){ store->mirrors[j].node, ROOT_RECORD, 0 }))
				result = error_memory(err);
			if (result == 0)
				result = derive_below(search, &below, &todo, bytes, err);
			todo.count = 0;
		}
	}
	array_release(&todo);
	return result;
}

/* -------- members -------- */

/* The outermost store on the way up: what a store holds of another store is that store's files. */
static uint32_t store_above(const struct stores *stores, uint32_t node)
{
	uint32_t found = NO_STORE;

	for (unsigned depth = 0; node != NO_NODE && depth <= PATH_DEPTH_MAX; depth++) {
		for (size_t i = 0; i < stores->list.count; i++)
			if (stores->list.items[i].root == node)
				found = (uint32_t)i;
		if (node == ROOT_RECORD)
			break;
		node = stores->space->nodes.items[node].parent;
	}
	return found;
}

/* Fill of_node: parents come out of the way up, so each directory is looked at once with its store's. */
static int map_nodes(struct stores *stores, struct error *err)
{
	struct namespace *space = stores->space;

	stores->of_count = space->nodes.count;
	stores->of_node = calloc(stores->of_count + 1, sizeof *stores->of_node);
	if (!stores->of_node)
		return error_memory(err);
	if (!stores->list.count)
		return 0;
	for (uint32_t node = 0; node < stores->of_count; node++)
		if (namespace_is_directory(space, node))
			stores->of_node[node] = store_above(stores, node) + 1; /* NO_STORE gives 0 */
	return 0;
}

uint32_t stores_of(const struct stores *stores, uint32_t node)
{
	return node < stores->of_count ? stores->of_node[node] - 1 : NO_STORE;
}

static bool name_is(const struct inventory *inventory, uint32_t name, const char *word)
{
	const struct name_row *row = &inventory->names.items[name];

	return utf16_is_word(inventory_text(inventory, row), row->units, word);
}

/* What a store learns from one of its names. */
static void count_name(struct stores *stores, struct store *store, const struct hard_link *link)
{
	const struct inventory *inventory = stores->space->inventory;

	/* one whose record cannot be read is as live as its directory says */
	if (link->live || (link->source == FACT_INDEX && namespace_is_live(stores->space, link->parent)))
		store->live_names++;
	else
		store->dead_names++;
	if (link->parent == store->root && name_is(inventory, link->name, "hardlink.main"))
		store->primary = true;
	if (link->parent == store->root && name_is(inventory, link->name, "holdfast.cat"))
		store->catalogued = true;
}

static int add_members(struct stores *stores, uint32_t node, const struct hard_links *links,
		       struct error *err)
{
	size_t first = stores->members.count;
	bool   alive = namespace_is_live(stores->space, node), outside = false, outside_ever = false;

	for (size_t i = 0; i < links->count; i++) {
		const struct hard_link *link = &links->items[i];
		uint32_t                store = stores_of(stores, link->parent);
		bool                    listed = false;

		if (link->dos)
			continue;
		if (store == NO_STORE) {
			outside_ever = true;
			outside = outside || link->live ||
				  (!alive && stores->space->inventory->names.items[link->name].source == FACT_RECORD);
			continue;
		}
		count_name(stores, &stores->list.items[store], link);
		for (size_t j = first; j < stores->members.count; j++)
			listed = listed || stores->members.items[j].store == store;
		if (!listed && !array_push(&stores->members,
					   (struct store_member){ .node = node,
								  .store = store,
								  .directory = !is_file_node(stores->space, node) }))
			return error_memory(err);
	}
	for (size_t j = first; j < stores->members.count; j++) {
		stores->members.items[j].only_here = !outside && !stores->members.items[j].directory;
		if (!stores->members.items[j].directory && outside_ever)
			stores->list.items[stores->members.items[j].store].second_names++;
	}
	return 0;
}

/* Is this a node that can have names or content of its own? */
static bool is_member_node(const struct namespace *space, uint32_t node)
{
	if (is_file_node(space, node))
		return true;
	return node < space->inventory->count && node >= FIRST_USER_RECORD && namespace_is_directory(space, node) &&
	       !(space->inventory->rows[node].flags & ROW_EXTENSION);
}

static int list_members(struct stores *stores, struct error *err)
{
	struct hard_links links = { 0 };
	int               result = 0;

	for (uint32_t node = 0; result == 0 && node < stores->space->grouped; node++) {
		if (!is_member_node(stores->space, node))
			continue;
		result = namespace_links(stores->space, node, &links, err);
		if (result == 0)
			result = add_members(stores, node, &links, err);
	}
	array_release(&links);
	return result;
}

/* -------- orphans -------- */

/* What was in use when a past life ended exists no more either. */
static bool is_deleted(const struct namespace *space, uint32_t node)
{
	return !namespace_is_live(space, node) || volume_is_past(space->inventory->mft.volume);
}

/* Is it a record that a format makes, and no folder of anybody's? */
static bool is_of_file_system(file_ref ref)
{
	return ref && file_ref_record(ref) < FIRST_USER_RECORD && file_ref_record(ref) != ROOT_RECORD;
}

/* A name somewhere below such a record, as \$Extend\$UsnJrnl is, also where the way to the root is lost. */
static bool is_name_of_file_system(const struct namespace *space, const struct hard_link *link)
{
	uint32_t node = link->parent;

	for (unsigned depth = 0; node != NO_NODE && node != ROOT_RECORD && depth <= PATH_DEPTH_MAX; depth++) {
		if (is_of_file_system(namespace_ref(space, node)))
			return true;
		node = space->nodes.items[node].parent;
	}
	return false;
}

/* A deleted file with a name whose folder is lost, and with none in a store: the lost one may have been in one. */
static bool is_orphan(const struct stores *stores, uint32_t node, const struct hard_links *links)
{
	bool lost = !links->count;

	if (!is_file_node(stores->space, node) || !is_deleted(stores->space, node) ||
	    is_of_file_system(namespace_ref(stores->space, node)))
		return false;
	for (size_t i = 0; i < links->count; i++) {
		if (is_name_of_file_system(stores->space, &links->items[i]))
			return false;
		lost = lost || links->items[i].proof == PROOF_GUESSED;
		if (stores_of(stores, links->items[i].parent) != NO_STORE)
			return false;
	}
	return lost && node < stores->space->inventory->count; /* an orphaned name without content is a finding */
}

static int list_orphans(struct stores *stores, const struct store_copy *copy, struct error *err)
{
	struct hard_links links = { 0 };
	uint32_t          index = (uint32_t)stores->list.count;
	size_t            first = stores->members.count;
	struct store      orphans = { .root = NO_NODE, .orphans = true };
	/* with all stores whole there is nothing to look for; of a past life nobody knows whether they are */
	bool              wanted = !stores->list.count || volume_is_past(stores->space->inventory->mft.volume);
	int               result = 0;

	for (size_t i = 0; i < stores->list.count; i++)
		wanted = wanted || stores->list.items[i].dead_names;
	for (uint32_t node = 0; result == 0 && wanted && node < stores->space->inventory->count; node++) {
		if (!is_member_node(stores->space, node) || !is_deleted(stores->space, node) ||
		    (copy && lives_shows(copy->known, copy->of, namespace_ref(stores->space, node))))
			continue;
		result = namespace_links(stores->space, node, &links, err);
		if (result < 0 || !is_orphan(stores, node, &links))
			continue;
		orphans.dead_names += links.count;
		if (!array_push(&stores->members, (struct store_member){ .node = node, .store = index }))
			result = error_memory(err);
	}
	array_release(&links);
	if (result == 0 && stores->members.count > first && !array_push(&stores->list, orphans))
		result = error_memory(err);
	return result;
}

/* Drop stores that turned out to have no files and no directories of their own. */
static int drop_empty(struct stores *stores, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *moved = calloc(stores->list.count + 1, sizeof *moved);
	size_t                      kept = 0;

	if (!moved)
		return error_memory(err);
	for (size_t i = 0; i < stores->list.count; i++) {
		struct store store = stores->list.items[i];

		if (!store.live_names && !store.dead_names)
			continue;
		moved[i] = (uint32_t)kept + 1;
		stores->list.items[kept++] = store;
	}
	stores->list.count = kept;
	for (size_t i = 0; i < stores->members.count; i++)
		stores->members.items[i].store = moved[stores->members.items[i].store] - 1;
	for (size_t i = 0; i < stores->of_count; i++)
		if (stores->of_node[i])
			stores->of_node[i] = moved[stores->of_node[i] - 1];
	return 0;
}

/* -------- all together -------- */

static int find_all(struct search *search, struct error *err)
{
	struct stores *stores = search->stores;

	if (directory_index_build(&search->index, search->space, err) < 0 ||
	    find_by_structure(search, err) < 0 || find_twins(search, err) < 0)
		return -1;
	if (search->placed) { /* what was nameless has a place now: look again */
		namespace_settle(search->space);
		directory_index_release(&search->index);
		stores->list.count = 0;
		search->votes.count = 0;
		if (directory_index_build(&search->index, search->space, err) < 0 ||
		    find_by_structure(search, err) < 0 || find_twins(search, err) < 0)
			return -1;
	}
	if (find_by_symptom(search, err) < 0)
		return -1;
	for (size_t i = 0; i < stores->list.count; i++)
		choose_home(search, &stores->list.items[i]);
	if (derive_by_twins(search, err) < 0)
		return -1;
	namespace_settle(search->space);
	return 0;
}

static int compare_member(const void *a, const void *b)
{
	const struct store_member *left = a, *right = b;

	if (left->node != right->node)
		return left->node < right->node ? -1 : 1;
	return (left->store > right->store) - (left->store < right->store);
}

int stores_find(struct stores *stores, struct namespace *space, const struct store_copy *copy, struct error *err)
{
	struct search search = { .stores = stores, .space = space };
	int           result;

	*stores = (struct stores){ .space = space };
	result = find_all(&search, err);
	directory_index_release(&search.index);
	array_release(&search.votes);
	if (result < 0 || map_nodes(stores, err) < 0 || list_members(stores, err) < 0)
		return -1;
	if (drop_empty(stores, err) < 0 || list_orphans(stores, copy, err) < 0)
		return -1;
	if (stores->members.count)
		qsort(stores->members.items, stores->members.count, sizeof *stores->members.items,
		      compare_member);
	return 0;
}

void stores_release(struct stores *stores)
{
	array_release(&stores->list);
	array_release(&stores->members);
	free(stores->of_node);
	*stores = (struct stores){ 0 };
}

enum store_state store_state(const struct stores *stores, const struct store *store)
{
	if (store->orphans || (!store->live_names &&
			       namespace_proof(stores->space, store->root) == PROOF_GUESSED))
		return STORE_REMNANT;
	if (!store->live_names)
		return STORE_DELETED;
	return store->dead_names ? STORE_PARTIAL : STORE_LIVE;
}

enum store_kind store_kind(const struct store *store)
{
	if (store->catalogued)
		return STORE_HOLDFAST;
	return store->primary || store->second_names || store->orphans ? STORE_USMT : STORE_PLAIN;
}

/* -------- beside -------- */

/* The folder of the root in which a directory lies, itself included; NO_NODE for the root and for orphans. */
static uint32_t top_folder(const struct namespace *space, uint32_t node)
{
	for (unsigned depth = 0; node != NO_NODE && node != ROOT_RECORD && depth <= PATH_DEPTH_MAX; depth++) {
		if (space->nodes.items[node].parent == ROOT_RECORD)
			return node;
		node = space->nodes.items[node].parent;
	}
	return NO_NODE;
}

static bool is_system_folder(const struct namespace *space, uint32_t node)
{
	static const char *const words[] = { "Windows", "Windows.old", "Program Files", "Program Files (x86)",
					     "ProgramData", "System Volume Information", "Recovery", "PerfLogs",
					     "$Extend", "$WinREAgent", "$WINDOWS.~BT", "$WINDOWS.~WS", "Boot",
					     "MSOCache", "_SMSTaskSequence", "MININT" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (is_named(space, node, words[i]))
			return true;
	return false;
}

/* What a user would miss: all but what lies in the system's folders. */
static bool is_user_data(const struct namespace *space, const struct hard_link *link)
{
	uint32_t top = top_folder(space, link->parent);

	return !is_name_of_file_system(space, link) && (top == NO_NODE || !is_system_folder(space, top));
}

/* Deleted; or, in a shadow copy, in use there and no longer known. */
static bool is_gone(const struct namespace *space, uint32_t node, const struct store_copy *copy)
{
	if (!copy)
		return is_deleted(space, node);
	return namespace_is_live(space, node) && !lives_has(copy->known, copy->of, namespace_ref(space, node));
}

int stores_beside(struct stores *stores, const struct store_copy *copy, struct node_list *nodes, struct error *err)
{
	struct namespace *space = stores->space;
	struct hard_links links = { 0 };
	size_t            member = 0;
	int               result = 0;

	for (uint32_t node = FIRST_USER_RECORD; result == 0 && node < space->inventory->count; node++) {
		bool wanted = false, taken = false;

		while (member < stores->members.count && stores->members.items[member].node < node)
			member++;
		if (member < stores->members.count && stores->members.items[member].node == node)
			continue;
		if (!is_file_node(space, node) || !is_gone(space, node, copy))
			continue;
		result = namespace_links(space, node, &links, err);
		for (size_t i = 0; result == 0 && i < links.count; i++) {
			wanted = wanted || is_user_data(space, &links.items[i]);
			taken = taken || stores_of(stores, links.items[i].parent) != NO_STORE;
		}
		if (result == 0 && wanted && !taken && !array_push(nodes, node))
			result = error_memory(err);
	}
	array_release(&links);
	return result;
}
