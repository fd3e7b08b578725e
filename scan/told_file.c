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

/* Append @text; a zero that is not counted stands behind it. */
static bool buffer_add(struct text_buffer *buffer, const char *text, size_t length)
{
	if (!array_append(buffer, text, length) || !array_push(buffer, 0))
		return false;
	buffer->count--;
	return true;
}

/* Where a directory of a store lies in a rebuilt one: "File\C$\Users\a", "" for the root. */
static int inside_path(struct volume_scan *vs, const struct store *store, uint32_t node,
		       struct text_buffer *inside, struct error *err)
{
	const struct inventory *inventory = &vs->inventory;
	uint32_t                way[PATH_DEPTH_MAX + 1], depth = 0;
	char                    text[NAME_UTF8_MAX + 1];
	size_t                  length;

	inside->count = 0;
	while (node != store->root || store->mirror_count) {
		const struct store_mirror *mirror = NULL;

		for (size_t i = 0; i < store->mirror_count; i++)
			if (store->mirrors[i].node == node)
				mirror = &store->mirrors[i];
		if (mirror) {
			length = (size_t)snprintf(text, sizeof text, "File\\%c$", mirror->letter);
			if (!buffer_add(inside, text, length))
				return error_memory(err);
			break;
		}
		if (node == store->root || depth > PATH_DEPTH_MAX || vs->space.nodes.items[node].name == NO_NAME)
			break;
		way[depth++] = node;
		node = vs->space.nodes.items[node].parent;
	}
	if (!inside->count && !buffer_add(inside, "", 0))
		return error_memory(err);
	while (depth) {
		const struct name_row *row = &inventory->names.items[vs->space.nodes.items[way[--depth]].name];

		text[0] = '\\';
		length = utf16_to_utf8(inventory_text(inventory, row), row->units, text + 1);
		if (inside->count ? !buffer_add(inside, text, length + 1) : !buffer_add(inside, text + 1, length))
			return error_memory(err);
	}
	return 0;
}

/* The directory that a name stands in, kept for the names to come; NULL without memory. */
static const struct told_directory *find_directory(struct file_teller *teller, uint32_t node, struct error *err)
{
	struct volume_scan    *vs = teller->vs;
	struct told_directory *directory = &teller->directories[node % TOLD_DIRECTORIES];

	if (directory->path.count && directory->node == node)
		return directory;
	directory->node = node;
	directory->store = stores_of(&vs->stores, node);
	if (namespace_path(&vs->space, node, &directory->path, err) < 0 ||
	    (directory->store != NO_STORE &&
	     inside_path(vs, &vs->stores.list.items[directory->store], node, &directory->inside, err) < 0))
		return NULL; /* and no more names are asked for */
	return directory;
}

/* @directory\@name into @joined. */
static bool join(struct text_buffer *joined, const struct text_buffer *directory, const char *name, size_t length)
{
	size_t count = directory->count;
	bool   bare = !count || directory->items[count - 1] == '\\';

	joined->count = 0;
	return array_append(joined, directory->items, count) && (bare || array_push(joined, '\\')) &&
	       buffer_add(joined, name, length);
}

/* An orphan's place in a rebuilt store: what follows \$Orphans in its path, below orphans. */
static bool orphan_inside(struct text_buffer *inside, const char *path)
{
	static const char folder[] = "orphans";

	path += strlen("\\" ORPHANS_NAME);
	inside->count = 0;
	return array_append(inside, folder, strlen(folder)) && buffer_add(inside, path, strlen(path));
}

/* Where what says a name lies, when it says so, and the times that stand with it. */
static void tell_origin(const struct inventory *inventory, const struct hard_link *link, const struct file *file,
			struct case_name *name)
{
	const struct name_row   *row = &inventory->names.items[link->name];
	const struct file_times *times;

	name->source = link->source;
	name->offset = NO_OFFSET;
	if (link->source == FACT_TWIN)
		return;
	if (name_is_in_record(row)) {
		name->offset = mft_offset_of(&inventory->mft, row->record);
		times = file_name_times(file, row->parent, inventory_text(inventory, row), row->units);
		name->times = times ? *times : (struct file_times){ 0 };
		return;
	}
	name->offset = inventory->remembered.items[row->record].offset;
	name->moment = inventory->remembered.items[row->record].moment;
}

static int tell_name(struct file_teller *teller, const struct hard_link *link, const struct file *file,
		     struct told_file *told, bool orphan, size_t orphan_store, struct error *err)
{
	struct volume_scan     *vs = teller->vs;
	const struct name_row  *row = &vs->inventory.names.items[link->name];
	struct case_name        name = { .proof = link->proof,
					 .live = link->live && !volume_is_past(vs->volume),
					 .dos = link->dos };
	const struct told_directory *directory = find_directory(teller, link->parent, err);
	char                         text[NAME_UTF8_MAX];
	size_t                       length = utf16_to_utf8(inventory_text(&vs->inventory, row), row->units, text);
	bool                         room = directory && join(&teller->path, &directory->path, text, length);

	if (!directory)
		return -1;
	name.parent = namespace_ref(&vs->space, link->parent);
	tell_origin(&vs->inventory, link, file, &name);
	if (room && directory->store != NO_STORE) {
		name.store = (int64_t)vs->told[directory->store] + 1;
		room = join(&teller->inside, &directory->inside, text, length);
	} else if (room && orphan && link->proof == PROOF_GUESSED) {
		name.store = (int64_t)orphan_store + 1;
		room = orphan_inside(&teller->inside, teller->path.items);
	}
	if (!room)
		return error_memory(err);
	name.path = teller->path.items;
	name.inside = name.store ? teller->inside.items : NULL;
	return case_record_add_name(&told->record, name, err);
}

/* A file whose every name is lost is called by its record. */
static int tell_no_name(struct file_teller *teller, file_ref ref, struct told_file *file, size_t orphan_store,
			struct error *err)
{
	char path[64];

	snprintf(path, sizeof path, "\\" ORPHANS_NAME "\\unnamed-%" PRIu64 "-%u", file_ref_record(ref),
		 file_ref_sequence(ref));
	if (!orphan_inside(&teller->inside, path))
		return error_memory(err);
	return case_record_add_name(&file->record,
				    (struct case_name){ .store = (int64_t)orphan_store + 1,
							.path = path,
							.inside = teller->inside.items,
							.proof = PROOF_GUESSED,
							.source = FACT_TWIN,
							.offset = NO_OFFSET },
				    err);
}

static int tell_content(struct file_teller *teller, uint32_t node, struct file *file, struct told_file *told,
			struct error *err)
{
	struct volume_scan *vs = teller->vs;

	if ((node < vs->inventory.count && file_load(&teller->reader, node, file, err) < 0) ||
	    case_record_take(&told->record, file, vs->volume, &vs->ownership, err) < 0)
		return -1;
	if (volume_is_past(vs->volume)) /* in use when that life ended */
		told->record.file.live = false;
	return 0;
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
	CLEANUP(file_release) struct file file = { .ref = namespace_ref(&vs->space, node) };
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
	if (tell_content(teller, node, &file, told, err) < 0 ||
	    namespace_links(&vs->space, node, &teller->links, err) < 0)
		return -1;
	for (size_t i = 0; i < teller->links.count; i++)
		if (tell_name(teller, &teller->links.items[i], &file, told, orphan, orphan_store, err) < 0)
			return -1;
	if (orphan && !teller->links.count &&
	    tell_no_name(teller, namespace_ref(&vs->space, node), told, orphan_store, err) < 0)
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
	for (size_t i = 0; i < TOLD_DIRECTORIES; i++) {
		array_release(&teller->directories[i].path);
		array_release(&teller->directories[i].inside);
	}
	array_release(&teller->path);
	array_release(&teller->inside);
}
