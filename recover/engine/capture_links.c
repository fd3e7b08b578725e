/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_links.c - see capture_links.h */
#include "recover/engine/capture_links.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/copy.h"

#define COMMIT_EACH 256u /* names between two looks at how full the transaction is */

/* A name of the tree as the library wants it. */
static void tree_name(const struct volume_tree *tree, uint32_t index, struct ntfs3g_name *name)
{
	const struct name_row *row = &tree->inventory.names.items[index];

	memcpy(name->units, inventory_text(&tree->inventory, row), row->units * sizeof(ntfschar));
	name->count = row->units;
}

/* The child of a directory by one of the tree's names, or NULL. */
static const struct tree_child *twin_in(const struct volume_tree *tree, uint32_t directory, uint32_t name)
{
	const struct name_row *row = &tree->inventory.names.items[name];

	return volume_tree_child(tree, directory, inventory_text(&tree->inventory, row), row->units);
}

/* -------- what is there already -------- */

/* The mirror of one planned folder, or NO_TREE_RECORD; those above it are found already. */
static uint32_t find_mirror(const struct captured_volume *part, size_t number, uint32_t top, const uint32_t *mirrors)
{
	const struct volume_tree    *tree = &part->volume->tree;
	const struct planned_folder *folder = &part->plan.items[number];
	uint32_t                     above = folder->parent == PLAN_ROOT ? top : mirrors[folder->parent];
	const struct tree_child     *twin;

	if (folder->record == ROOT_RECORD)
		return top;
	twin = above == NO_TREE_RECORD ? NULL : twin_in(tree, above, folder->name);
	return twin && volume_tree_is_directory(tree, twin->record) ? twin->record : NO_TREE_RECORD;
}

void capture_links_find_mirrors(const struct captured_volume *part, uint32_t top, uint32_t *mirrors)
{
	for (size_t i = 0; i < part->plan.count; i++)
		mirrors[i] = find_mirror(part, i, top, mirrors);
}

/* 1 if @twin in a mirror is the file @record, or a copy of one that cannot have more names; 0, -1. */
static int is_twin_of(struct captured_volume *part, uint32_t twin, uint32_t record, struct error *err)
{
	CLEANUP(volume_origin_release) struct volume_origin here = { 0 };
	struct origin                                       origin;

	if (twin == record)
		return 1;
	if (volume_tree_links(&part->volume->tree, record) <= LINKS_MAX / 2 ||
	    volume_tree_is_directory(&part->volume->tree, twin))
		return 0;
	origin = origin_of_volume(&here, part->volume);
	return copy_is_same(&origin, twin, &origin, record, err);
}

int capture_links_is_twin(struct captured_volume *part, size_t number, const struct tree_child *child,
			  struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	const struct tree_child  *original = twin_in(tree, part->plan.items[number].record, child->name);

	return original && capture_plan_takes_file(&part->plan, tree, original) ? is_twin_of(part, child->record, original->record, err) : 0;
}

/* 1 if every captured file of a planned folder has its name in the mirror; 0, -1. */
static int is_folder_complete(struct captured_volume *part, size_t number, uint32_t mirror, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const struct tree_child  *children =
		volume_tree_children(tree, part->plan.items[number].record, &count);
	int complete = mirror != NO_TREE_RECORD;

	for (size_t i = 0; complete == 1 && part->plan.items[number].covered && i < count; i++) {
		const struct tree_child *twin;

		if (!capture_plan_takes_file(&part->plan, tree, &children[i]))
			continue;
		twin = twin_in(tree, mirror, children[i].name);
		complete = twin ? is_twin_of(part, twin->record, children[i].record, err) : 0;
	}
	return complete;
}

/* Has every captured file its name in these mirrors?  1, 0, -1. */
static int is_complete(struct captured_volume *part, const uint32_t *mirrors, struct error *err)
{
	int complete = 1;

	for (size_t i = 0; complete == 1 && i < part->plan.count; i++)
		complete = is_folder_complete(part, i, mirrors[i], err);
	return complete;
}

int capture_links_are_there(struct captured_volume *part, uint32_t store_folder, struct error *err)
{
	uint32_t *mirrors = malloc((part->plan.count + 1) * sizeof *mirrors);
	int       complete;

	if (!mirrors)
		return error_memory(err);
	capture_links_find_mirrors(part, state_store_mirror(part->volume, store_folder, part->volume->letter),
				   mirrors);
	complete = is_complete(part, mirrors, err);
	free(mirrors);
	return complete;
}

/* -------- folders -------- */

/* What is written into a new file or folder of the store: all that the original has but its names. */
static int fill(struct captured_volume *part, ntfs_inode *inode, const struct case_record *record, struct error *err)
{
	struct volume_file    file = { .inode = inode };
	struct rebuild_result result = { 0 };
	int                   status = volume_file_fill(&part->writer, &file, record, &result, err);

	if (status == 0)
		status = volume_file_dress(&part->writer, &file, record, err);
	rebuild_result_release(&result);
	part->told->limited += file.unkept != 0;
	return status;
}

static int fill_and_close(struct captured_volume *part, ntfs_inode *inode, uint32_t original, struct error *err)
{
	struct case_record record = { 0 };
	int                status = work_volume_load(part->volume, original, &record, err);

	if (status == 0)
		status = fill(part, inode, &record, err);
	if (status == 0)
		status = work_volume_refuse_unreadable(part->volume, err);
	case_record_release(&record);
	if (status == 0)
		return ntfs3g_close(&part->volume->mount, inode, err);
	(void)ntfs_inode_close(inode);
	return -1;
}

/* A mirror of one planned folder, with all that the original wears. */
static int make_mirror(struct captured_volume *part, size_t number, struct error *err)
{
	struct ntfs3g               *mount = &part->volume->mount;
	const struct planned_folder *folder = &part->plan.items[number];
	file_ref           parent = folder->parent == PLAN_ROOT ? part->top : part->mirrors[folder->parent];
	struct ntfs3g_name name;
	ntfs_inode        *inode;

	if (folder->record == ROOT_RECORD) {
		part->mirrors[number] = part->top;
		return 0;
	}
	if (part->there[number] != NO_TREE_RECORD) {
		part->mirrors[number] = volume_tree_ref(&part->volume->tree, part->there[number]);
		return 0;
	}
	tree_name(&part->volume->tree, folder->name, &name);
	if (ntfs3g_make_folder(mount, parent, &name, &part->mirrors[number], err) < 0 ||
	    ntfs3g_open(mount, part->mirrors[number], &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, part->volume->source, "a folder that was made is gone");
	return fill_and_close(part, inode, folder->record, err);
}

/* -------- files -------- */

/* Names of a file in covered folders: so many links it is to get. */
static size_t wanted_links(const struct captured_volume *part, uint32_t record)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count, wanted = 0;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < part->plan.count; j++)
			wanted += part->plan.items[j].covered && capture_plan_takes(&part->plan, names[i]) &&
				  part->plan.items[j].record == volume_tree_parent(tree, names[i]);
	return wanted;
}

static bool has_room_for_links(const struct captured_volume *part, uint32_t record)
{
	size_t links = volume_tree_row(&part->volume->tree, record)->link_count;

	return links <= LINKS_MAX / 2 || links + wanted_links(part, record) <= LINKS_MAX;
}

static struct copied_file *find_copy(struct captured_volume *part, uint32_t record)
{
	for (size_t i = 0; i < part->copies.count; i++)
		if (part->copies.items[i].record == record)
			return &part->copies.items[i];
	return NULL;
}

/* The first name of a file that is copied: its content comes with it. */
static int copy_into_store(struct captured_volume *part, file_ref folder, const struct ntfs3g_name *name, uint32_t record,
		     struct error *err)
{
	struct copied_file copied = { .record = record };
	ntfs_inode        *inode;

	if (ntfs3g_make_file(&part->volume->mount, folder, name, 0, &inode, err) < 0)
		return -1;
	copied.copy = ntfs3g_ref(inode);
	if (fill_and_close(part, inode, record, err) < 0)
		return -1;
	return array_push(&part->copies, copied) ? 0 : error_memory(err);
}

/* A name that an unfinished capture has already (all in it is sound): remember it if it is a copy. */
static int know_twin(struct captured_volume *part, const struct tree_child *child, const struct tree_child *twin,
		     struct error *err)
{
	struct copied_file copied = { child->record, volume_tree_ref(&part->volume->tree, twin->record) };

	if (twin->record == child->record || find_copy(part, child->record))
		return 0;
	return array_push(&part->copies, copied) ? 0 : error_memory(err);
}

/* What is to be done for one file of a folder. */
static int capture_file(struct captured_volume *part, size_t number, const struct tree_child *child, ntfs_inode **entered,
			struct error *err)
{
	struct ntfs3g            *mount = &part->volume->mount;
	const struct volume_tree *tree = &part->volume->tree;
	file_ref                  folder = part->mirrors[number], ref = volume_tree_ref(tree, child->record);
	struct copied_file       *copied;
	struct ntfs3g_name        name;
	bool                      taken;

	tree_name(tree, child->name, &name);
	if (!has_room_for_links(part, child->record)) {
		copied = find_copy(part, child->record);
		if (!copied) {
			if (*entered && ntfs3g_leave(mount, TAKE(*entered), err) < 0)
				return -1;
			return copy_into_store(part, folder, &name, child->record, err);
		}
		ref = copied->copy;
	}
	if (!*entered && ntfs3g_enter(mount, folder, entered, err) < 0)
		return -1;
	if (ntfs3g_link_into(mount, *entered, ref, &name, NAME_POSIX, &taken, err) < 0)
		return -1;
	if (taken)
		return error_set(err, ERROR_VALUE, part->volume->source,
				 "two files of a folder have the same name; run 'chkdsk /f' on the volume in Windows");
	return 0;
}

/* The files of one folder that have no name in the store yet. */
static int capture_files(struct captured_volume *part, size_t number, struct error *err)
{
	struct ntfs3g            *mount = &part->volume->mount;
	const struct volume_tree *tree = &part->volume->tree;
	ntfs_inode               *entered = NULL;
	size_t                    count;
	const struct tree_child  *children =
		volume_tree_children(tree, part->plan.items[number].record, &count);
	int status = 0;

	for (size_t i = 0; status == 0 && i < count; i++) {
		const struct tree_child *twin;

		if (!capture_plan_takes_file(&part->plan, tree, &children[i]))
			continue;
		progress_add(&part->capture->progress, 1);
		twin = part->there[number] == NO_TREE_RECORD
			       ? NULL
			       : twin_in(tree, part->there[number], children[i].name);
		if (twin) {
			status = know_twin(part, &children[i], twin, err);
			continue;
		}
		status = capture_file(part, number, &children[i], &entered, err);
		if (status == 0 && i % COMMIT_EACH == COMMIT_EACH - 1 &&
		    transaction_is_full(&mount->transaction)) {
			if (entered)
				status = ntfs3g_leave(mount, TAKE(entered), err);
			if (status == 0)
				status = ntfs3g_commit(mount, err);
		}
	}
	if (entered && ntfs3g_leave(mount, entered, err) < 0)
		return -1;
	return status;
}

static int link_all(struct captured_volume *part, struct error *err)
{
	for (size_t i = 0; i < part->plan.count; i++) {
		if (make_mirror(part, i, err) < 0 ||
		    (part->plan.items[i].covered && capture_files(part, i, err) < 0) ||
		    ntfs3g_commit_if_full(&part->volume->mount, err) < 0)
			return -1;
	}
	return ntfs3g_commit(&part->volume->mount, err);
}

int capture_links_make(struct captured_volume *part, struct error *err)
{
	int status;

	progress_start(&part->capture->progress, "linking", part->volume->tree.inventory.names.count,
		       PROGRESS_ITEMS);
	status = link_all(part, err);
	progress_end(&part->capture->progress);
	return status;
}
