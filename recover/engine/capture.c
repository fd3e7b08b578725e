/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.c - see capture.h */
#include "recover/engine/capture.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/capture_catalogue.h"
#include "recover/engine/capture_folder.h"
#include "recover/engine/capture_plan.h"
#include "recover/engine/store_catalogue.h"
#include "recover/volume_file.h"

#include <string.h>
#include <sys/random.h>

#define COMMIT_EACH 256u  /* names between two looks at how full the transaction is */

/* A file that has too many names for more: its copy in the store. */
struct copied_file {
	uint32_t record;
	file_ref copy;
};

struct copied_files ARRAY(struct copied_file);

/* One volume's part of the store. */
struct part {
	struct capture      *capture;
	struct work_volume  *volume;
	struct capture_part *told;
	struct state_store   store;
	struct capture_plan  plan;
	bool                 ours; /* the store that is there has a catalogue of ours */
	uint8_t              uuid[CATALOGUE_UUID_BYTES]; /* of that */
	uint32_t             unfinished; /* folder of this capture, as the tree shows it, or NO_TREE_RECORD */
	uint32_t            *there;      /* by planned folder: its mirror as the tree shows it */
	file_ref             new_folder; /* PATH\USMT.new-<uuid> */
	file_ref             files;      /* File in it */
	file_ref            *mirrors;    /* by planned folder */
	file_ref             top;        /* File\<letter>$ */
	struct copied_files  copies;
	struct live_source   live;
	struct file_source   source;
	struct volume_writer writer;
};

/* The capture as a whole. */
struct capture {
	const struct capture_options *options;
	struct work_volumes          *volumes;
	struct capture_result        *result;
	char                         *path; /* "\StateStore" */
	uint8_t                       uuid[CATALOGUE_UUID_BYTES];
	char                          new_name[sizeof STORE_NEW_PREFIX + 2 * CATALOGUE_UUID_BYTES];
	struct part                  *parts;   /* by volume */
	struct capture_folder        *folders; /* of the host, copied into the first of them */
	struct progress               progress;
};

static bool is_primary(const struct part *part)
{
	return part->volume == part->capture->volumes->items;
}

static struct ntfs3g_name name_of(const char *text)
{
	struct ntfs3g_name name = { .count = 0 };

	(void)!ntfs3g_name(text, strlen(text), "", &name); /* ours: it is a name */
	return name;
}

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

/* Is the child a file that is captured under this name? */
static bool is_captured(const struct volume_tree *tree, const struct tree_child *child)
{
	return !volume_tree_is_directory(tree, child->record) &&
	       tree->inventory.names.items[child->name].space != NAME_DOS;
}

/* -------- what is there already -------- */

/*
 * Find the mirrors of the planned folders below @top, as the tree shows them; NO_TREE_RECORD where
 * there is none.
 */
static void find_mirrors(const struct part *part, uint32_t top, uint32_t *mirrors)
{
	const struct volume_tree *tree = &part->volume->tree;

	for (size_t i = 0; i < part->plan.count; i++) {
		const struct planned_folder *folder = &part->plan.items[i];
		uint32_t above = folder->parent == PLAN_ROOT ? top : mirrors[folder->parent];
		const struct tree_child *twin =
			above == NO_TREE_RECORD ? NULL : twin_in(tree, above, folder->name);

		mirrors[i] = twin && volume_tree_is_directory(tree, twin->record) ? twin->record : NO_TREE_RECORD;
	}
}

/* Has every captured file its name in these mirrors?  A copy counts where a file cannot have more names. */
static bool is_complete(const struct part *part, const uint32_t *mirrors)
{
	const struct volume_tree *tree = &part->volume->tree;

	for (size_t i = 0; i < part->plan.count; i++) {
		size_t                   count;
		const struct tree_child *children =
			volume_tree_children(tree, part->plan.items[i].record, &count);

		if (mirrors[i] == NO_TREE_RECORD)
			return false;
		for (size_t j = 0; part->plan.items[i].covered && j < count; j++) {
			const struct tree_child *twin;

			if (!is_captured(tree, &children[j]))
				continue;
			twin = twin_in(tree, mirrors[i], children[j].name);
			if (!twin || (twin->record != children[j].record &&
				      volume_tree_links(tree, children[j].record) <= LINKS_MAX / 2))
				return false;
		}
	}
	return true;
}

/* What stands at PATH: our own, of which generation; or somebody else's, which is refused. */
static int look_at_store(struct part *part, struct error *err)
{
	struct store_catalogue catalogue;
	int                    found;

	if (part->store.current == NO_TREE_RECORD)
		return 0;
	found = store_catalogue_open(&catalogue, part->volume, part->store.current, err);
	part->ours = found == 1;
	if (found == 1)
		memcpy(part->uuid, catalogue.file.header.uuid, sizeof part->uuid);
	store_catalogue_close(&catalogue);
	if (found < 0 && err->kind != ERROR_VALUE && err->kind != ERROR_UNSUPPORTED)
		return -1;
	if (found == 1 || part->capture->options->new_generation)
		return 0;
	if (found < 0 && err->kind == ERROR_UNSUPPORTED)
		return error_set(err, ERROR_REFUSED, part->volume->source,
				 "holds a store at %.80s that another version of holdfast has made; use that "
				 "version, or choose another path, or set it aside with --new-generation",
				 part->store.path);
	if (found < 0)
		return error_set(err, ERROR_REFUSED, part->volume->source,
				 "holds a store at %.80s whose catalogue cannot be read; look at it first ('holdfast "
				 "status'), or choose another path, or set it aside with --new-generation",
				 part->store.path);
	return error_set(err, ERROR_REFUSED, part->volume->source,
			 "holds a store at %.80s that is not holdfast's; choose another path, or set it aside with "
			 "--new-generation",
			 part->store.path);
}

/* 1 if a store folder has the copies of the host's folders, 0, -1. */
static int has_folders(struct part *part, uint32_t store_folder, struct error *err)
{
	const struct work_volumes *volumes = part->capture->volumes;
	int                        there = 1;

	for (size_t i = 0; is_primary(part) && there == 1 && i < volumes->folder_count; i++)
		there = capture_folder_is_there(
			&part->capture->folders[i], part->volume,
			state_store_mirror(part->volume, store_folder, volumes->folders[i].letter), err);
	return there;
}

/* 1 if the store at PATH holds all that would be captured, with nothing unfinished beside it. */
static int is_unchanged(struct part *part, struct error *err)
{
	uint32_t *mirrors = malloc((part->plan.count + 1) * sizeof *mirrors);
	bool      complete;

	if (!mirrors)
		return error_memory(err);
	find_mirrors(part, state_store_mirror(part->volume, part->store.current, part->volume->letter), mirrors);
	complete = part->ours && is_complete(part, mirrors);
	free(mirrors);
	return complete ? has_folders(part, part->store.current, err) : 0;
}

/* What the plan leaves out that looks like user data. */
static int find_uncovered(struct part *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct record_set         covered = { 0 };
	int                       status = record_set_init(&covered, tree, err);

	for (size_t i = 0; status == 0 && i < part->plan.count; i++) {
		size_t                   count;
		const struct tree_child *children =
			volume_tree_children(tree, part->plan.items[i].record, &count);

		for (size_t j = 0; part->plan.items[i].covered && j < count; j++)
			record_set_add(&covered, children[j].record);
	}
	if (status == 0)
		status = coverage_find(&part->told->uncovered, tree, &covered, err);
	record_set_release(&covered);
	return status;
}

/* Store and plan by the tree as it was read last. */
static int plan_part(struct part *part, struct error *err)
{
	static const char *const      default_trees[] = CAPTURE_DEFAULT_TREES;
	const struct capture_options *options = part->capture->options;
	bool                          given = options->tree_count != 0;

	array_release(&part->plan);
	state_store_release(&part->store);
	if (state_store_find(&part->store, part->volume, part->capture->path, err) < 0)
		return -1;
	return capture_plan_make(&part->plan, part->volume, given ? options->trees : default_trees,
				 given ? options->tree_count : sizeof default_trees / sizeof default_trees[0],
				 part->store.folder, err);
}

static int look_at_part(struct part *part, struct error *err)
{
	int unchanged;

	if (work_volume_refuse_damage(part->volume, err) < 0 ||
	    work_volume_refuse_deleted_store(part->volume, part->capture->options->overwrite_deleted, err) < 0 ||
	    work_volume_read(part->volume, err) < 0 || plan_part(part, err) < 0 ||
	    look_at_store(part, err) < 0)
		return -1;
	unchanged = is_unchanged(part, err);
	part->told->unchanged = unchanged == 1;
	return unchanged < 0 ? -1 : find_uncovered(part, err);
}

/* -------- which capture it is -------- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The UUID in "USMT.new-<uuid>": false for any other name. */
static bool parse_new_name(const char *name, uint8_t uuid[CATALOGUE_UUID_BYTES])
{
	const char *hex = name + strlen(STORE_NEW_PREFIX);

	if (strlen(hex) != 2 * CATALOGUE_UUID_BYTES)
		return false;
	for (size_t i = 0; i < CATALOGUE_UUID_BYTES; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* That of an unfinished capture, which is gone on with; or a new one. */
static int choose_uuid(struct capture *capture, struct error *err)
{
	bool known = false;

	for (size_t i = 0; !known && i < capture->volumes->count; i++)
		for (size_t j = 0; !known && j < capture->parts[i].store.unfinished.count; j++)
			known = parse_new_name(capture->parts[i].store.unfinished.items[j].name, capture->uuid);
	if (!known && getrandom(capture->uuid, sizeof capture->uuid, 0) != sizeof capture->uuid)
		return error_sys(err, NULL, "cannot get random bytes");
	strcpy(capture->new_name, STORE_NEW_PREFIX);
	for (size_t i = 0; i < CATALOGUE_UUID_BYTES; i++)
		sprintf(capture->new_name + strlen(STORE_NEW_PREFIX) + 2 * i, "%02x", capture->uuid[i]);
	return 0;
}

/* -------- folders -------- */

/* The folder @text in @parent, made if it is missing. */
static int enter_folder(struct part *part, file_ref parent, const char *text, file_ref *ref, struct error *err)
{
	struct ntfs3g_name name = name_of(text);
	int found = ntfs3g_find(&part->volume->mount, parent, &name, NAME_CASE_ASIDE, ref, err);

	if (found)
		return found < 0 ? -1 : 0;
	return ntfs3g_make_folder(&part->volume->mount, parent, &name, ref, err);
}

/* PATH itself. */
static int enter_path(struct part *part, file_ref *ref, struct error *err)
{
	CLEANUP(free_ptr) char *path = strdup(part->capture->path);
	char                   *rest, *next;

	if (!path)
		return error_memory(err);
	*ref = file_ref_make(ROOT_RECORD, ROOT_RECORD);
	rest = path + 1;
	while (rest) {
		next = strchr(rest, '\\');
		if (next)
			*next++ = 0;
		if (enter_folder(part, *ref, rest, ref, err) < 0)
			return -1;
		rest = next;
	}
	return 0;
}

static int hide_folder(struct part *part, file_ref ref, struct error *err)
{
	ntfs_inode *inode;

	if (ntfs3g_open(&part->volume->mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, part->volume->source, "a folder that was made is gone");
	inode->flags |= FILE_ATTR_HIDDEN;
	NInoSetDirty(inode);
	NInoFileNameSetDirty(inode);
	return ntfs3g_close(&part->volume->mount, inode, err);
}

/* PATH\USMT.new-<uuid>\File\<letter>$ */
static int enter_store(struct part *part, struct error *err)
{
	file_ref folder;

	if (enter_path(part, &folder, err) < 0 ||
	    enter_folder(part, folder, part->capture->new_name, &part->new_folder, err) < 0 ||
	    enter_folder(part, part->new_folder, STORE_FILES, &part->files, err) < 0 ||
	    hide_folder(part, part->files, err) < 0)
		return -1;
	return enter_folder(part, part->files, (char[]){ part->volume->letter, '$', 0 }, &part->top, err);
}

/* What is written into a new file or folder of the store: all that the original has but its names. */
static int fill(struct part *part, ntfs_inode *inode, const struct case_record *record, struct error *err)
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

static int fill_and_close(struct part *part, ntfs_inode *inode, uint32_t original, struct error *err)
{
	struct case_record record = { 0 };
	int                status = work_volume_load(part->volume, original, &record, err);

	if (status == 0)
		status = fill(part, inode, &record, err);
	case_record_release(&record);
	if (status == 0)
		return ntfs3g_close(&part->volume->mount, inode, err);
	(void)ntfs_inode_close(inode);
	return -1;
}

/* A mirror of one planned folder, with all that the original wears. */
static int make_mirror(struct part *part, size_t number, struct error *err)
{
	struct ntfs3g               *mount = &part->volume->mount;
	const struct planned_folder *folder = &part->plan.items[number];
	file_ref           parent = folder->parent == PLAN_ROOT ? part->top : part->mirrors[folder->parent];
	struct ntfs3g_name name;
	ntfs_inode        *inode;

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
static size_t wanted_links(const struct part *part, uint32_t record)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count, wanted = 0;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < part->plan.count; j++)
			wanted += part->plan.items[j].covered &&
				  part->plan.items[j].record == volume_tree_parent(tree, names[i]);
	return wanted;
}

static bool has_room_for_links(const struct part *part, uint32_t record)
{
	size_t links = volume_tree_row(&part->volume->tree, record)->link_count;

	return links <= LINKS_MAX / 2 || links + wanted_links(part, record) <= LINKS_MAX;
}

static struct copied_file *find_copy(struct part *part, uint32_t record)
{
	for (size_t i = 0; i < part->copies.count; i++)
		if (part->copies.items[i].record == record)
			return &part->copies.items[i];
	return NULL;
}

/* The first name of a file that is copied: its content comes with it. */
static int copy_file(struct part *part, file_ref folder, const struct ntfs3g_name *name, uint32_t record,
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

/* A name of this folder in an unfinished capture: 1 if it is the one wanted, 0 if it was taken away now. */
static int judge_twin(struct part *part, file_ref folder, const struct tree_child *child,
		      const struct tree_child *twin, struct error *err)
{
	struct ntfs3g            *mount = &part->volume->mount;
	const struct volume_tree *tree = &part->volume->tree;
	struct ntfs3g_name        name;
	ntfs_inode               *inode;
	int                       status;

	if (twin->record == child->record)
		return 1;
	if (!has_room_for_links(part, child->record)) { /* the copy: it was made in one piece */
		if (!find_copy(part, child->record) &&
		    !array_push(&part->copies,
				(struct copied_file){ child->record, volume_tree_ref(tree, twin->record) }))
			return error_memory(err);
		return 1;
	}
	if (volume_tree_links(tree, twin->record) < 2 || volume_tree_is_directory(tree, twin->record))
		return error_set(err, ERROR_REFUSED, part->volume->source,
				 "an unfinished capture (%.60s in %.60s) holds the only name of a file that has been "
				 "replaced since; rename that folder, then try again",
				 part->capture->new_name, part->store.path);
	tree_name(tree, twin->name, &name);
	if (ntfs3g_open(mount, volume_tree_ref(tree, twin->record), &inode, err) < 0)
		return -1;
	if (!inode)
		return 0;
	status = ntfs3g_drop_name(mount, inode, folder, &name, err);
	if (ntfs3g_close(mount, inode, err) < 0)
		return -1;
	return status;
}

/* What is to be done for one file of a folder. */
static int capture_file(struct part *part, size_t number, const struct tree_child *child, ntfs_inode **entered,
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
			return copy_file(part, folder, &name, child->record, err);
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
static int capture_files(struct part *part, size_t number, struct error *err)
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

		if (!is_captured(tree, &children[i]))
			continue;
		progress_add(&part->capture->progress, 1);
		twin = part->there[number] == NO_TREE_RECORD
			       ? NULL
			       : twin_in(tree, part->there[number], children[i].name);
		if (twin) {
			if (entered && ntfs3g_leave(mount, TAKE(entered), err) < 0)
				return -1;
			status = judge_twin(part, part->mirrors[number], &children[i], twin, err);
			if (status) {
				status = status < 0 ? -1 : 0;
				continue;
			}
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

static int link_all(struct part *part, struct error *err)
{
	for (size_t i = 0; i < part->plan.count; i++) {
		if (make_mirror(part, i, err) < 0 ||
		    (part->plan.items[i].covered && capture_files(part, i, err) < 0) ||
		    ntfs3g_commit_if_full(&part->volume->mount, err) < 0)
			return -1;
	}
	return ntfs3g_commit(&part->volume->mount, err);
}

/* What folders of the host hold, into the primary part. */
static int copy_folders(struct part *part, struct error *err)
{
	struct capture *capture = part->capture;

	for (size_t i = 0; is_primary(part) && i < capture->volumes->folder_count; i++) {
		struct capture_folder *folder = &capture->folders[i];
		char                   letter = folder->folder->letter;
		uint32_t               mirror = part->unfinished == NO_TREE_RECORD
							? NO_TREE_RECORD
							: state_store_mirror(part->volume, part->unfinished, letter);
		file_ref               top;

		if (enter_folder(part, part->files, (char[]){ letter, '$', 0 }, &top, err) < 0 ||
		    capture_folder_copy(folder, part->volume, top, mirror, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- the store appears -------- */

/* The library's word is not enough: read it all again. */
static int check_links(struct part *part, struct error *err)
{
	uint32_t *mirrors, folder = (uint32_t)file_ref_record(part->new_folder);
	int       complete;

	if (work_volume_read(part->volume, err) < 0 || plan_part(part, err) < 0)
		return -1;
	mirrors = malloc((part->plan.count + 1) * sizeof *mirrors);
	if (!mirrors)
		return error_memory(err);
	find_mirrors(part, state_store_mirror(part->volume, folder, part->volume->letter), mirrors);
	complete = is_complete(part, mirrors) ? has_folders(part, folder, err) : 0;
	free(mirrors);
	if (complete)
		return complete < 0 ? -1 : 0;
	return error_set(err, ERROR_IO, part->volume->source,
			 "what was linked did not come back when it was read again; the store was not published; "
			 "look after the disk, then try again");
}

static int rename_folder(struct part *part, file_ref ref, file_ref parent, const char *from, const char *to,
			 struct error *err)
{
	struct ntfs3g     *mount = &part->volume->mount;
	struct ntfs3g_name old_name = name_of(from), new_name = name_of(to);
	ntfs_inode        *inode;
	bool               taken = false;
	int                status;

	if (ntfs3g_open(mount, ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, part->volume->source, "a folder of the store is gone");
	status = ntfs3g_add_name(mount, inode, parent, &new_name, NAME_POSIX, 0, &taken, err);
	if (status == 0 && taken)
		status = error_set(err, ERROR_REFUSED, part->volume->source,
				   "something is called '%s' in %.80s already", to, part->store.path);
	if (status == 0)
		status = ntfs3g_drop_name(mount, inode, parent, &old_name, err);
	if (ntfs3g_close(mount, inode, err) < 0)
		return -1;
	return status < 0 ? -1 : 0;
}

static uint32_t next_generation(const struct part *part)
{
	size_t count = part->store.older.count;

	return count ? (uint32_t)strtoul(part->store.older.items[count - 1].name + strlen(STORE_OLD_PREFIX), NULL,
					 10) +
			       1
		     : 1;
}

/* The older store makes way. */
static int set_aside(struct part *part, file_ref folder, struct error *err)
{
	file_ref current;

	if (part->store.current == NO_TREE_RECORD)
		return 0;
	current = volume_tree_ref(&part->volume->tree, part->store.current);
	snprintf(part->told->set_aside, sizeof part->told->set_aside, STORE_OLD_PREFIX "%u",
		 next_generation(part));
	return rename_folder(part, current, folder, STORE_FOLDER, part->told->set_aside, err);
}

static int make_marker(struct part *part, struct error *err)
{
	struct ntfs3g_name name = name_of(STORE_MARKER);
	ntfs_inode        *inode;

	if (!is_primary(part)) /* secondary parts have none */
		return 0;
	if (ntfs3g_make_file(&part->volume->mount, part->new_folder, &name, 0, &inode, err) < 0)
		return -1;
	return ntfs3g_close(&part->volume->mount, inode, err);
}

/* Catalogue, marker and name, in the run's last transaction. */
static int publish(struct part *part, struct error *err)
{
	const struct capture_options *options = part->capture->options;
	struct capture_catalogue      catalogue = { .volume = part->volume,
						    .store_folder = (uint32_t)file_ref_record(part->new_folder),
						    .store_path = part->store.path,
						    .uuid = part->capture->uuid,
						    .generation = next_generation(part),
						    .digests = options->digests,
						    .command = options->command,
						    .result = part->capture->result };
	file_ref folder = volume_tree_ref(&part->volume->tree, part->store.folder);

	catalogue.generation += part->store.current != NO_TREE_RECORD;
	if (capture_catalogue_write(&catalogue, err) < 0 || make_marker(part, err) < 0 ||
	    set_aside(part, folder, err) < 0 ||
	    rename_folder(part, part->new_folder, folder, part->capture->new_name, STORE_FOLDER, err) < 0)
		return -1;
	return ntfs3g_end(&part->volume->mount, err);
}

/* -------- one volume -------- */

static int prepare_part(struct part *part, struct error *err)
{
	uint32_t top = NO_TREE_RECORD;

	part->there = malloc((part->plan.count + 1) * sizeof *part->there);
	part->mirrors = calloc(part->plan.count + 1, sizeof *part->mirrors);
	if (!part->there || !part->mirrors)
		return error_memory(err);
	part->unfinished = part->store.folder == NO_TREE_RECORD
				   ? NO_TREE_RECORD
				   : state_store_child(part->volume, part->store.folder, part->capture->new_name);
	if (part->unfinished != NO_TREE_RECORD)
		top = state_store_mirror(part->volume, part->unfinished, part->volume->letter);
	find_mirrors(part, top, part->there);
	part->live = (struct live_source){ .volume = &part->volume->volume,
					   .securities = &part->volume->securities };
	part->source = file_source_of_volume(&part->live);
	part->writer = (struct volume_writer){ .mount = &part->volume->mount,
					       .source = &part->source,
					       .same_volume = true };
	return 0;
}

/* Would folders on the way to PATH have to be made?  In a tree, they belong into the plan. */
static bool is_way_missing(const struct part *part)
{
	const char *path = part->capture->path;
	char       *above = strndup(path, (size_t)(strrchr(path, '\\') - path));
	bool        missing = !above || volume_tree_find(&part->volume->tree, above) == NO_TREE_RECORD;

	free(above);
	return missing;
}

/* Begin the run; the store's folder is there from the first commit on. */
static int begin_part(struct part *part, struct error *err)
{
	bool missing = is_way_missing(part);

	if (ntfs3g_begin(&part->volume->mount, "capture", err) < 0 || enter_store(part, err) < 0 ||
	    ntfs3g_commit(&part->volume->mount, err) < 0)
		return -1;
	if (missing && (work_volume_read(part->volume, err) < 0 || plan_part(part, err) < 0))
		return -1;
	return prepare_part(part, err);
}

static int capture_part(struct part *part, struct error *err)
{
	int status;

	if (!part->volume->mount.transaction.running && begin_part(part, err) < 0)
		return -1;
	if (copy_folders(part, err) < 0)
		return -1;
	progress_start(&part->capture->progress, "linking", part->volume->tree.inventory.names.count,
		       PROGRESS_ITEMS);
	status = link_all(part, err);
	progress_end(&part->capture->progress);
	if (status < 0 || check_links(part, err) < 0)
		return -1;
	return publish(part, err);
}

static void part_release(struct part *part)
{
	volume_writer_release(&part->writer);
	content_buffers_release(&part->live.buffers);
	array_release(&part->copies);
	array_release(&part->plan);
	state_store_release(&part->store);
	free(part->there);
	free(part->mirrors);
}

/* -------- all of them -------- */

static bool is_wanted(const struct capture *capture, size_t number)
{
	return !capture->parts[number].told->unchanged && (number == 0 || capture->parts[number].plan.count);
}

/* A tree that somebody named and that is nowhere would be missed when it is too late. */
static int refuse_missing_trees(const struct capture *capture, struct error *err)
{
	const struct capture_options *options = capture->options;

	for (size_t i = 0; i < options->tree_count; i++) {
		bool found = false;

		for (size_t j = 0; j < capture->volumes->count; j++)
			found = found || capture_plan_has(&capture->volumes->items[j], options->trees[i]);
		for (size_t j = 0; j < capture->volumes->folder_count; j++)
			found = found || !capture_folder_is_empty(&capture->folders[j]);
		if (!found)
			return error_set(err, ERROR_REFUSED, options->trees[i],
					 "is on none of the volumes named; correct it, or leave it out");
	}
	return 0;
}

/* The folders of the host, and whether something is in any of them: 1, 0, -1. */
static int list_folders(struct capture *capture, struct error *err)
{
	const struct capture_options *options = capture->options;
	const struct work_volumes    *volumes = capture->volumes;
	int                           any = 0;

	for (size_t i = 0; i < volumes->folder_count; i++) {
		if (capture_folder_list(&capture->folders[i], &volumes->folders[i], volumes, options,
					&capture->result->parts[volumes->count + i], err) < 0)
			return -1;
		if (!capture_folder_is_empty(&capture->folders[i]))
			any = 1;
	}
	return any;
}

static int look_at_all(struct capture *capture, struct error *err)
{
	int any = list_folders(capture, err);

	if (any < 0)
		return -1;
	for (size_t i = 0; i < capture->volumes->count; i++) {
		struct part *part = &capture->parts[i];

		*part = (struct part){ .capture = capture,
				       .volume = &capture->volumes->items[i],
				       .told = &capture->result->parts[i] };
		part->told->letter = part->volume->letter;
		if (look_at_part(part, err) < 0)
			return -1;
		any = any || part->plan.count;
	}
	if (refuse_missing_trees(capture, err) < 0)
		return -1;
	for (size_t i = 0; i < capture->volumes->folder_count; i++)
		capture->result->parts[capture->volumes->count + i].unchanged = capture->parts[0].told->unchanged;
	if (any)
		return 0;
	return error_set(err, ERROR_REFUSED, capture->volumes->items[0].source,
			 "has none of the folders that are to be captured; name them with --tree, as in --tree "
			 "'\\Data'");
}

/* The primary begins, so that the capture's name is on it; and it is the last to be published. */
static int capture_all(struct capture *capture, struct error *err)
{
	if (look_at_all(capture, err) < 0 || choose_uuid(capture, err) < 0)
		return -1;
	if (is_wanted(capture, 0) && begin_part(&capture->parts[0], err) < 0)
		return -1;
	for (size_t i = capture->volumes->count; i-- > 0;)
		if (is_wanted(capture, i) && capture_part(&capture->parts[i], err) < 0)
			return -1;
	return 0;
}

int capture_run(const struct capture_options *options, struct work_volumes *volumes,
		struct capture_result *result, struct error *err)
{
	size_t         count = volumes->count + volumes->folder_count;
	struct capture capture = { .options = options, .volumes = volumes, .result = result };
	int            status;

	*result = (struct capture_result){ .parts = calloc(count, sizeof *result->parts), .count = count };
	capture.parts = calloc(volumes->count, sizeof *capture.parts);
	capture.folders = calloc(volumes->folder_count + 1, sizeof *capture.folders);
	status = result->parts && capture.parts && capture.folders
			 ? store_path_parse(options->store, &capture.path, err)
			 : error_memory(err);
	for (size_t i = 0; capture.folders && i < volumes->folder_count; i++)
		capture.folders[i].listing.fd = -1;
	if (status == 0)
		status = capture_all(&capture, err);
	for (size_t i = 0; capture.parts && i < volumes->count; i++)
		part_release(&capture.parts[i]);
	for (size_t i = 0; capture.folders && i < volumes->folder_count; i++)
		capture_folder_release(&capture.folders[i]);
	free(capture.parts);
	free(capture.folders);
	free(capture.path);
	return status;
}

void capture_result_release(struct capture_result *result)
{
	for (size_t i = 0; result->parts && i < result->count; i++) {
		coverage_release(&result->parts[i].uncovered);
		host_troubles_release(&result->parts[i].troubles);
		free(result->parts[i].folder);
	}
	free(TAKE(result->parts));
	result->count = 0;
}
