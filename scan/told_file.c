/* SPDX-License-Identifier: GPL-3.0-or-later */
/* told_file.c - see told_file.h */
#include "scan/told_file.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "scan/old_table.h"

#include <inttypes.h>
#include <string.h>

void told_file_release(struct told_file *file)
{
	free(file->members);
	case_record_release(&file->record);
}

static bool buffer_add(struct text_buffer *buffer, const char *text)
{
	size_t length = strlen(text);

	while (buffer->capacity - buffer->count <= length)
		if (!array_grow((void **)&buffer->items, buffer->capacity, &buffer->capacity, 1))
			return false;
	memcpy(buffer->items + buffer->count, text, length + 1);
	buffer->count += length;
	return true;
}

/* Where a directory of a store lies in a rebuilt one: "File\C$\Users\a", "" for the root. */
static int inside_path(struct volume_scan *vs, const struct store *store, uint32_t node,
		       struct text_buffer *inside, struct error *err)
{
	const struct inventory *inventory = &vs->inventory;
	uint32_t                way[PATH_DEPTH_MAX + 1], depth = 0;
	char                    text[NAME_UTF8_MAX + 1];

	inside->count = 0;
	while (node != store->root || store->mirror_count) {
		const struct store_mirror *mirror = NULL;

		for (size_t i = 0; i < store->mirror_count; i++)
			if (store->mirrors[i].node == node)
				mirror = &store->mirrors[i];
		if (mirror) {
			snprintf(text, sizeof text, "File\\%c$", mirror->letter);
			if (!buffer_add(inside, text))
				return error_memory(err);
			break;
		}
		if (node == store->root || depth > PATH_DEPTH_MAX || vs->space.nodes.items[node].name == NO_NAME)
			break;
		way[depth++] = node;
		node = vs->space.nodes.items[node].parent;
	}
	if (!inside->count && !buffer_add(inside, ""))
		return error_memory(err);
	while (depth) {
		const struct name_row *row = &inventory->names.items[vs->space.nodes.items[way[--depth]].name];

		text[0] = '\\';
		utf16_to_utf8(inventory_text(inventory, row), row->units, text + 1);
		if (!buffer_add(inside, inside->count ? text : text + 1))
			return error_memory(err);
	}
	return 0;
}

/* The paths of the directory that a name stands in; kept for the next name. */
static int find_directory(struct file_teller *teller, uint32_t node, struct error *err)
{
	struct volume_scan *vs = teller->vs;

	if (teller->path.count && teller->path_of == node)
		return 0;
	teller->path_of = node;
	teller->store_of = stores_of(&vs->stores, node);
	if (namespace_path(&vs->space, node, &teller->path, err) < 0)
		return -1;
	teller->inside.count = 0;
	if (teller->store_of != NO_STORE)
		return inside_path(vs, &vs->stores.list.items[teller->store_of], node, &teller->inside, err);
	return 0;
}

/* @directory\@name, to be freed. */
static char *join(const char *directory, const char *name)
{
	char *joined;
	bool  bare = !*directory || directory[strlen(directory) - 1] == '\\';

	return asprintf(&joined, "%s%s%s", directory, bare ? "" : "\\", name) < 0 ? NULL : joined;
}

/* An orphan's place in a rebuilt store: what follows \$Orphans in its path, below orphans. */
static char *orphan_inside(const char *path)
{
	char *inside;

	return asprintf(&inside, "orphans%s", path + strlen("\\" ORPHANS_NAME)) < 0 ? NULL : inside;
}

/* Where what says a name lies, and when it says so. */
static void tell_origin(const struct inventory *inventory, const struct hard_link *link, struct case_name *name)
{
	const struct name_row *row = &inventory->names.items[link->name];

	name->source = link->source;
	name->offset = NO_OFFSET;
	if (link->source == FACT_TWIN)
		return;
	if (name_is_in_record(row)) {
		name->offset = mft_offset_of(&inventory->mft, row->record);
		return;
	}
	name->offset = inventory->remembered.items[row->record].offset;
	name->moment = inventory->remembered.items[row->record].moment;
}

static int tell_name(struct file_teller *teller, const struct hard_link *link, struct told_file *file,
		     bool orphan, size_t orphan_store, struct error *err)
{
	struct volume_scan     *vs = teller->vs;
	const struct name_row  *row = &vs->inventory.names.items[link->name];
	struct case_name        name = { .proof = link->proof,
					 .live = link->live && !volume_is_past(vs->volume),
					 .dos = link->dos };
	CLEANUP(free_ptr) char *path = NULL, *inside = NULL;
	char                    text[NAME_UTF8_MAX];

	if (find_directory(teller, link->parent, err) < 0)
		return -1;
	utf16_to_utf8(inventory_text(&vs->inventory, row), row->units, text);
	name.parent = namespace_ref(&vs->space, link->parent);
	tell_origin(&vs->inventory, link, &name);
	name.path = path = join(teller->path.items, text);
	if (teller->store_of != NO_STORE) {
		name.store = (int64_t)vs->told[teller->store_of] + 1;
		inside = join(teller->inside.items, text);
	} else if (orphan && path && link->proof == PROOF_GUESSED) {
		name.store = (int64_t)orphan_store + 1;
		inside = orphan_inside(path);
	}
	name.inside = inside;
	if (!path || (name.store && !inside))
		return error_memory(err);
	return case_record_add_name(&file->record, name, err);
}

/* A file whose every name is lost is called by its record. */
static int tell_no_name(file_ref ref, struct told_file *file, size_t orphan_store, struct error *err)
{
	CLEANUP(free_ptr) char *inside = NULL;
	char                    path[64];

	snprintf(path, sizeof path, "\\" ORPHANS_NAME "\\unnamed-%" PRIu64 "-%u", file_ref_record(ref),
		 file_ref_sequence(ref));
	inside = orphan_inside(path);
	if (!inside)
		return error_memory(err);
	return case_record_add_name(&file->record,
				    (struct case_name){ .store = (int64_t)orphan_store + 1,
							.path = path,
							.inside = inside,
							.proof = PROOF_GUESSED,
							.source = FACT_TWIN,
							.offset = NO_OFFSET },
				    err);
}

static int tell_content(struct file_teller *teller, uint32_t node, struct told_file *told, struct error *err)
{
	struct volume_scan *vs = teller->vs;
	struct file         file = { .ref = namespace_ref(&vs->space, node) };
	int                 result = 0;

	if (node < vs->inventory.count)
		result = file_load(&teller->reader, node, &file, err);
	if (result == 0)
		result = case_record_take(&told->record, &file, vs->volume, &vs->ownership, err);
	if (volume_is_past(vs->volume)) /* in use when that life ended */
		told->record.file.live = false;
	file_release(&file);
	return result;
}

static const struct store_member *members_of(const struct stores *stores, uint32_t node, size_t *count)
{
	const struct store_member *members = stores->members.items;
	size_t first = partition_point(0, stores->members.count, at, members[at].node < node);
	size_t end = first;

	while (end < stores->members.count && members[end].node == node)
		end++;
	*count = end - first;
	return *count ? members + first : NULL;
}

static bool is_listed(const struct node_list *sorted, uint32_t node)
{
	size_t first = partition_point(0, sorted->count, at, sorted->items[at] < node);

	return first < sorted->count && sorted->items[first] == node;
}

int told_file_make(struct file_teller *teller, uint32_t node, struct told_file *told, struct error *err)
{
	struct volume_scan        *vs = teller->vs;
	const struct store_member *members = members_of(&vs->stores, node, &told->member_count);
	size_t                     orphan_store = 0;
	bool                       orphan = false;

	told->beside = is_listed(&vs->beside, node);
	told->members = calloc(told->member_count + 1, sizeof *told->members);
	if (!told->members)
		return error_memory(err);
	for (size_t i = 0; i < told->member_count; i++) {
		told->members[i].store = vs->told[members[i].store];
		told->members[i].only_here = members[i].only_here;
		if (vs->stores.list.items[members[i].store].orphans) {
			orphan = true;
			orphan_store = told->members[i].store;
		}
	}
	if (tell_content(teller, node, told, err) < 0 ||
	    namespace_links(&vs->space, node, &teller->links, err) < 0)
		return -1;
	for (size_t i = 0; i < teller->links.count; i++)
		if (tell_name(teller, &teller->links.items[i], told, orphan, orphan_store, err) < 0)
			return -1;
	if (orphan && !teller->links.count &&
	    tell_no_name(namespace_ref(&vs->space, node), told, orphan_store, err) < 0)
		return -1;
	case_record_settle(&told->record);
	case_record_judge(&told->record);
	return 0;
}

int file_teller_init(struct file_teller *teller, struct volume_scan *vs, struct error *err)
{
	*teller = (struct file_teller){ .vs = vs };
	return file_reader_init(&teller->reader, &vs->inventory, &vs->extensions, err);
}

void file_teller_release(struct file_teller *teller)
{
	file_reader_release(&teller->reader);
	array_release(&teller->links);
	array_release(&teller->path);
	array_release(&teller->inside);
}
