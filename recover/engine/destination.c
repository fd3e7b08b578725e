/* SPDX-License-Identifier: GPL-3.0-or-later */
/* destination.c - see destination.h */
#include "recover/engine/destination.h"

#include "core/cleanup.h"
#include "recover/engine/numbered_name.h"

#include <string.h>

int destination_init(struct destination *destination, struct work_volume *volume, struct error *err)
{
	struct destination_folder root = { .record = ROOT_RECORD,
					   .name = NO_NAME,
					   .ref = volume_tree_ref(&volume->tree, ROOT_RECORD) };

	*destination = (struct destination){ .volume = volume };
	destination->entered = calloc(volume->tree.inventory.count, sizeof *destination->entered);
	return destination->entered && array_push(&destination->folders, root) ? 0 : error_memory(err);
}

void destination_release(struct destination *destination)
{
	array_release(&destination->folders);
	array_release(&destination->copies);
	array_release(&destination->entries);
	array_release(&destination->text);
	array_release(&destination->replaced);
	free(TAKE(destination->gone));
	free(TAKE(destination->doomed));
	free(TAKE(destination->entered));
	free(TAKE(destination->slots));
	destination->slot_count = 0;
}

/* -------- names -------- */

void destination_tree_name(const struct volume_tree *tree, uint32_t name, struct ntfs3g_name *out)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	out->count = row->units;
	memcpy(out->units, inventory_text(&tree->inventory, row), row->units * sizeof(ntfschar));
}

void destination_entry_name(const struct destination *destination, const struct destination_entry *entry,
			    struct ntfs3g_name *name)
{
	name->count = entry->units;
	memcpy(name->units, destination->text.items + entry->text, entry->units * sizeof(ntfschar));
}

/* Of a name in a folder, the same for all names that differ in case alone (FNV-1a). */
static uint64_t hash_name(const struct destination *destination, uint32_t folder, const ntfschar *units,
			  size_t count)
{
	const uint16_t *upper = destination->volume->tree.upcase.table;
	uint64_t        hash = (14695981039346656037u ^ folder) * 1099511628211u;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ upper[le16_to_cpu(units[i])]) * 1099511628211u;
	return hash ^ hash >> 32;
}

/* -------- the table of what is planned -------- */

static void take_slot(struct destination *destination, uint32_t number)
{
	const struct destination_entry *entry = &destination->entries.items[number];
	size_t                          mask = destination->slot_count - 1;
	size_t                          at =
		hash_name(destination, entry->folder, destination->text.items + entry->text, entry->units) &
		mask;

	while (destination->slots[at] != NO_ENTRY)
		at = (at + 1) & mask;
	destination->slots[at] = number;
}

/* At most half of the slots are taken. */
static int make_slots(struct destination *destination, struct error *err)
{
	size_t    count = destination->slot_count ? 2 * destination->slot_count : 1024;
	uint32_t *slots;

	if (2 * (destination->entries.count + 1) <= destination->slot_count)
		return 0;
	slots = malloc(count * sizeof *slots);
	if (!slots)
		return error_memory(err);
	memset(slots, 0xff, count * sizeof *slots);
	free(destination->slots);
	destination->slots = slots;
	destination->slot_count = count;
	for (uint32_t i = 0; i < destination->entries.count; i++)
		take_slot(destination, i);
	return 0;
}

static void look_at_plan(const struct destination *destination, uint32_t folder,
			 const struct ntfs3g_name *name, struct occupant *occupant)
{
	const struct upcase *upcase = &destination->volume->tree.upcase;
	size_t               mask = destination->slot_count - 1, at;

	if (!destination->slot_count)
		return;
	at = hash_name(destination, folder, name->units, name->count) & mask;
	for (; destination->slots[at] != NO_ENTRY && !occupant->exact; at = (at + 1) & mask) {
		const struct destination_entry *entry = &destination->entries.items[destination->slots[at]];
		struct ntfs3g_name              other;
		bool                            exact;

		if (entry->folder != folder)
			continue;
		destination_entry_name(destination, entry, &other);
		if (!numbered_name_equal(name, &other, upcase))
			continue;
		exact = memcmp(name->units, other.units, name->count * sizeof(ntfschar)) == 0;
		if (exact || (occupant->record == NO_TREE_RECORD && occupant->entry == NO_ENTRY))
			*occupant = (struct occupant){ .record = NO_TREE_RECORD,
						       .entry = destination->slots[at],
						       .exact = exact,
						       .alias = entry->kind == ADD_ALIAS,
						       .name = other };
	}
}

static void look_at_tree(const struct destination *destination, uint32_t record, const struct ntfs3g_name *name,
			 struct occupant *occupant)
{
	const struct volume_tree *tree = &destination->volume->tree;
	const struct tree_child  *child;

	if (record == NO_TREE_RECORD)
		return;
	child = volume_tree_child(tree, record, (const uint8_t *)name->units, name->count);
	if (!child || (destination->gone && destination->gone[child->name]))
		return;
	occupant->record = child->record;
	occupant->found = child->name;
	occupant->doomed = destination->doomed && destination->doomed[child->name] &&
			   !volume_tree_is_directory(tree, child->record);
	occupant->alias = tree->inventory.names.items[child->name].space == NAME_DOS;
	destination_tree_name(tree, child->name, &occupant->name);
	occupant->exact = memcmp(name->units, occupant->name.units, name->count * sizeof(ntfschar)) == 0;
}

bool destination_look(const struct destination *destination, uint32_t folder, const struct ntfs3g_name *name,
		      struct occupant *occupant)
{
	*occupant = (struct occupant){ .record = NO_TREE_RECORD, .entry = NO_ENTRY };
	look_at_tree(destination, destination->folders.items[folder].record, name, occupant);
	if (!occupant->exact)
		look_at_plan(destination, folder, name, occupant);
	return occupant->record != NO_TREE_RECORD || occupant->entry != NO_ENTRY;
}

bool destination_look_in(const struct destination *destination, const struct occupant *directory,
			 const struct ntfs3g_name *name, struct occupant *occupant)
{
	*occupant = (struct occupant){ .record = NO_TREE_RECORD, .entry = NO_ENTRY };
	if (!destination_is_folder(destination, directory))
		return false;
	if (directory->entry != NO_ENTRY)
		return destination_look(destination, destination->entries.items[directory->entry].item, name, occupant);
	if (directory->record == ROOT_RECORD || destination->entered[directory->record])
		return destination_look(destination, destination->entered[directory->record], name, occupant);
	look_at_tree(destination, directory->record, name, occupant);
	return occupant->record != NO_TREE_RECORD;
}

/* -------- planning -------- */

int destination_add(struct destination *destination, uint32_t folder, const struct ntfs3g_name *name,
		    enum destination_kind kind, uint32_t item, struct error *err)
{
	struct destination_text *text = &destination->text;
	struct destination_entry entry = { folder, (uint32_t)text->count, item, name->count, (uint8_t)kind };

	if (destination->entries.count >= NO_ENTRY || text->count > UINT32_MAX - NAME_UNITS_MAX)
		return error_set(err, ERROR_UNSUPPORTED, destination->volume->source,
				 "cannot take so many names in one run");
	if (make_slots(destination, err) < 0)
		return -1;
	while (text->capacity - text->count < name->count)
		if (!array_grow((void **)&text->items, text->capacity, &text->capacity, sizeof *text->items))
			return error_memory(err);
	if (!array_push(&destination->entries, entry))
		return error_memory(err);
	memcpy(text->items + text->count, name->units, name->count * sizeof(ntfschar));
	text->count += name->count;
	destination->folders.items[folder].filled = true;
	take_slot(destination, (uint32_t)(destination->entries.count - 1));
	return 0;
}

int destination_forget(struct destination *destination, const struct occupant *occupant, struct error *err)
{
	if (!destination->gone)
		destination->gone =
			calloc(destination->volume->tree.inventory.names.count, sizeof *destination->gone);
	if (!destination->gone)
		return error_memory(err);
	destination->gone[occupant->found] = true;
	return 0;
}

void destination_spare(struct destination *destination, const struct occupant *occupant)
{
	if (occupant->doomed)
		destination->doomed[occupant->found] = 0;
}

int destination_replace(struct destination *destination, const struct occupant *occupant, struct error *err)
{
	struct destination_replaced replaced = { .record = occupant->record, .name = occupant->found };
	size_t                      last = destination->entries.count - 1;

	last -= destination->entries.items[last].kind == ADD_ALIAS;
	replaced.entry = (uint32_t)last;
	if (!array_push(&destination->replaced, replaced))
		return error_memory(err);
	return destination_forget(destination, occupant, err);
}

const struct destination_replaced *destination_replaced_by(const struct destination *destination, uint32_t entry)
{
	size_t first = partition_point(0, destination->replaced.count, at,
				       destination->replaced.items[at].entry < entry);

	return first < destination->replaced.count && destination->replaced.items[first].entry == entry
		       ? &destination->replaced.items[first]
		       : NULL;
}

int destination_make_folder(struct destination *destination, uint32_t parent, const struct ntfs3g_name *name,
			    uint16_t origin, uint32_t item, uint32_t *made, struct error *err)
{
	struct destination_folder folder = { .parent = parent,
					     .record = NO_TREE_RECORD,
					     .name = (uint32_t)destination->entries.count,
					     .item = item,
					     .origin = origin };

	*made = (uint32_t)destination->folders.count;
	if (destination_add(destination, parent, name, ADD_FOLDER, *made, err) < 0)
		return -1;
	return array_push(&destination->folders, folder) ? 0 : error_memory(err);
}

bool destination_is_folder(const struct destination *destination, const struct occupant *occupant)
{
	if (occupant->entry != NO_ENTRY)
		return destination->entries.items[occupant->entry].kind == ADD_FOLDER;
	return volume_tree_is_directory(&destination->volume->tree, occupant->record);
}

int destination_enter(struct destination *destination, uint32_t parent, const struct occupant *occupant,
		      uint32_t *folder, struct error *err)
{
	struct destination_folder there = { .parent = parent,
					    .record = occupant->record,
					    .name = occupant->found };

	if (occupant->entry != NO_ENTRY) {
		*folder = destination->entries.items[occupant->entry].item;
		return 0;
	}
	*folder = destination->entered[occupant->record];
	if (*folder)
		return 0;
	there.ref = volume_tree_ref(&destination->volume->tree, occupant->record);
	*folder = destination->entered[occupant->record] = (uint32_t)destination->folders.count;
	return array_push(&destination->folders, there) ? 0 : error_memory(err);
}

/* -------- paths -------- */

/* Folders from the root down to @folder, itself included; to be freed, NULL without memory. */
static uint32_t *way_to(const struct destination *destination, uint32_t folder, size_t *count)
{
	uint32_t *way;
	size_t    depth = 0;

	for (uint32_t at = folder; at; at = destination->folders.items[at].parent)
		depth++;
	way = malloc((depth + 1) * sizeof *way);
	*count = depth;
	for (uint32_t at = folder; way && at; at = destination->folders.items[at].parent)
		way[--depth] = at;
	return way;
}

static void print_name(FILE *out, const struct ntfs3g_name *name)
{
	char text[NAME_UTF8_MAX];

	utf16_to_utf8((const uint8_t *)name->units, name->count, text);
	fprintf(out, "\\%s", text);
}

char *destination_path(const struct destination *destination, uint32_t folder, const struct ntfs3g_name *name)
{
	size_t                      length = 0, count;
	char                       *path = NULL;
	CLEANUP(free_ptr) uint32_t *way = way_to(destination, folder, &count);
	FILE                       *out = way ? open_memstream(&path, &length) : NULL;

	if (!out)
		return NULL;
	fprintf(out, "%c:", destination->volume->letter);
	for (size_t i = 0; i < count; i++) {
		const struct destination_folder *at = &destination->folders.items[way[i]];
		struct ntfs3g_name               text;

		if (at->record == NO_TREE_RECORD)
			destination_entry_name(destination, &destination->entries.items[at->name], &text);
		else
			destination_tree_name(&destination->volume->tree, at->name, &text);
		print_name(out, &text);
	}
	print_name(out, name);
	if (fclose(out) == 0)
		return path;
	free(path);
	return NULL;
}
