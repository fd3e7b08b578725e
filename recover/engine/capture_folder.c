/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_folder.c - see capture_folder.h */
#include "recover/engine/capture_folder.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/capture_plan.h"
#include "recover/engine/copy.h"
#include "recover/engine/host_source.h"
#include "recover/engine/record_set.h"
#include "recover/engine/removal.h"

#include <string.h>

/* -------- listing -------- */

static int find_images(const struct work_volumes *volumes, struct stat *images, struct error *err)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (stat(volumes->items[i].path, &images[i]) < 0)
			return error_sys(err, volumes->items[i].path, "cannot be looked at");
	return 0;
}

int capture_folder_list(struct capture_folder *folder, const struct work_folder *from,
			const struct work_volumes *volumes, const struct capture_options *options,
			struct capture_part *told, struct error *err)
{
	CLEANUP(free_ptr) struct stat *images = calloc(volumes->count, sizeof *images);
	CLEANUP(free_ptr) const char **here = calloc(options->tree_count + 1, sizeof *here);
	struct host_listing_options    wanted = { .letter = from->letter,
						   .path = from->path,
						   .trees = here,
						   .excluded = images,
						   .excluded_count = volumes->count };

	*folder = (struct capture_folder){ .folder = from, .listing.fd = -1, .told = told };
	told->letter = from->letter;
	told->folder = strdup(from->path);
	if (!images || !here || !told->folder)
		return error_memory(err);
	if (find_images(volumes, images, err) < 0)
		return -1;
	for (size_t i = 0; i < options->tree_count; i++) {
		const char *path = capture_tree_on(options->trees[i], from->letter);

		if (path)
			here[wanted.tree_count++] = path;
	}
	return host_listing_read(&folder->listing, &wanted, &told->troubles, err);
}

bool capture_folder_has(const struct capture_folder *folder, const char *tree)
{
	const char *path = capture_tree_on(tree, folder->folder->letter);

	return path && host_listing_has(&folder->listing, path);
}

void capture_folder_release(struct capture_folder *folder)
{
	host_listing_release(&folder->listing);
}

/* -------- what is there already -------- */

/* Something in the mirror that does not belong there. */
struct stale_name {
	uint32_t directory, record;
};

struct stale_names ARRAY(struct stale_name);

struct comparison {
	const struct host_listing *listing;
	struct work_volume        *volume;
	uint32_t                  *there; /* by entry: its copy as the tree shows it, or NO_TREE_RECORD */
	struct record_set          copies; /* all of those */
	struct stale_names         stale;
};

static void comparison_release(struct comparison *comparison)
{
	free(TAKE(comparison->there));
	record_set_release(&comparison->copies);
	array_release(&comparison->stale);
}

static void entry_name(const struct host_listing *listing, size_t entry, struct ntfs3g_name *name)
{
	const char *text = host_listing_name(listing, &listing->entries.items[entry]);

	(void)!ntfs3g_name(text, strlen(text), "", name); /* the listing has checked it */
}

/* 1 if a file of the tree is the copy of an entry, 0, -1. */
static int is_copy_of(struct work_volume *volume, uint32_t record, const struct host_entry *entry,
		      struct error *err)
{
	struct case_record found = { 0 };
	int                result;

	if (volume_tree_file_bytes(&volume->tree, record) != entry->size_bytes)
		return 0;
	result = work_volume_load(volume, record, &found, err);
	if (result == 0)
		result = found.file.times.written == entry->times.written &&
			 (found.file.attributes & HOST_KEPT_ATTRIBUTES) == entry->attributes;
	case_record_release(&found);
	return result;
}

/* Find the copy of an entry in the mirror of its directory. */
static int find_copy(struct comparison *comparison, uint32_t directory, size_t number, struct error *err)
{
	const struct volume_tree *tree = &comparison->volume->tree;
	const struct host_entry  *entry = &comparison->listing->entries.items[number];
	const struct tree_child  *child;
	const struct name_row    *row;
	struct ntfs3g_name        name;
	int                       same = 1;

	entry_name(comparison->listing, number, &name);
	child = volume_tree_child(tree, directory, (const uint8_t *)name.units, name.count);
	if (!child || volume_tree_is_directory(tree, child->record) != entry->directory)
		return 0;
	row = &tree->inventory.names.items[child->name];
	if (row->units != name.count ||
	    memcmp(inventory_text(&tree->inventory, row), name.units, name.count * sizeof(ntfschar)) != 0)
		return 0; /* in another case */
	if (!entry->directory)
		same = is_copy_of(comparison->volume, child->record, entry, err);
	if (same == 1) {
		comparison->there[number] = child->record;
		record_set_add(&comparison->copies, child->record);
	}
	return same < 0 ? -1 : 0;
}

static int compare_directory(struct comparison *comparison, size_t number, struct error *err)
{
	const struct volume_tree *tree = &comparison->volume->tree;
	const struct host_entry  *entry = &comparison->listing->entries.items[number];
	uint32_t                  directory = comparison->there[number];
	const struct tree_child  *children;
	size_t                    count;

	for (size_t i = 0; i < entry->count; i++)
		if (find_copy(comparison, directory, entry->first + i, err) < 0)
			return -1;
	children = volume_tree_children(tree, directory, &count);
	for (size_t i = 0; i < count; i++)
		if (tree->inventory.names.items[children[i].name].space != NAME_DOS &&
		    !record_set_has(&comparison->copies, children[i].record) &&
		    !array_push(&comparison->stale, (struct stale_name){ directory, children[i].record }))
			return error_memory(err);
	return 0;
}

/* Hold a mirror against the listing.  comparison_release in any case. */
static int compare(struct comparison *comparison, const struct capture_folder *folder, struct work_volume *volume,
		   uint32_t mirror, struct error *err)
{
	const struct host_entries *entries = &folder->listing.entries;

	*comparison = (struct comparison){ .listing = &folder->listing,
					   .volume = volume,
					   .there = malloc(entries->count * sizeof *comparison->there) };
	if (!comparison->there)
		return error_memory(err);
	if (record_set_init(&comparison->copies, &volume->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < entries->count; i++)
		comparison->there[i] = NO_TREE_RECORD;
	comparison->there[HOST_TOP] = mirror;
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].directory && comparison->there[i] != NO_TREE_RECORD &&
		    compare_directory(comparison, i, err) < 0)
			return -1;
	return 0;
}

int capture_folder_is_there(const struct capture_folder *folder, struct work_volume *volume, uint32_t mirror,
			    struct error *err)
{
	const struct host_entries *entries = &folder->listing.entries;
	struct comparison          comparison;
	int                        result = compare(&comparison, folder, volume, mirror, err);

	if (result == 0) {
		result = !comparison.stale.count;
		for (size_t i = 0; i < entries->count; i++)
			if (comparison.there[i] == NO_TREE_RECORD && !entries->items[i].left_out)
				result = 0;
	}
	comparison_release(&comparison);
	return result;
}

/* -------- copying -------- */

struct copying {
	struct capture_folder *folder;
	struct work_volume    *volume;
	struct comparison      before;
	file_ref              *directories; /* by entry, of those that are directories */
	struct host_source     host;
	struct file_source     source;
	struct volume_writer   writer;
	struct progress        progress;
	uint64_t               fresh_bytes; /* since the last commit */
};

static int compare_stale(const void *a, const void *b)
{
	const struct stale_name *left = a, *right = b;

	if (left->directory != right->directory)
		return left->directory < right->directory ? -1 : 1;
	return (left->record > right->record) - (left->record < right->record);
}

/* All names that a file has in a directory go at once. */
static int remove_stale(struct copying *copying, struct error *err)
{
	struct stale_names *stale = &copying->before.stale;
	struct removal      removal;
	int                 result = 0;

	if (!stale->count)
		return 0;
	qsort(stale->items, stale->count, sizeof *stale->items, compare_stale);
	removal_init(&removal, &copying->volume->mount, &copying->volume->tree, stale->count);
	for (size_t i = 0; result == 0 && i < stale->count; i++)
		if (!i || compare_stale(&stale->items[i - 1], &stale->items[i]) != 0)
			result = removal_take(&removal, stale->items[i].directory, stale->items[i].record, err);
	if (result == 0)
		result = removal_settle(&removal, err);
	removal_release(&removal);
	return result < 0 ? -1 : ntfs3g_commit(&copying->volume->mount, err);
}

static bool is_to_copy(const struct copying *copying, size_t entry)
{
	return !copying->folder->listing.entries.items[entry].directory &&
	       copying->before.there[entry] == NO_TREE_RECORD;
}

/* Say at once when it cannot end well. */
static int check_room(struct copying *copying, uint64_t *wanted, struct error *err)
{
	const struct host_entries *entries = &copying->folder->listing.entries;
	uint64_t                   room;

	*wanted = 0;
	for (size_t i = 0; i < entries->count; i++) {
		const struct host_entry *entry = &entries->items[i];

		if (is_to_copy(copying, i))
			*wanted += entry->disk_bytes < entry->size_bytes ? entry->disk_bytes : entry->size_bytes;
	}
	if (ntfs3g_free_bytes(&copying->volume->mount, &room, err) < 0)
		return -1;
	if (*wanted <= room)
		return 0;
	return error_set(err, ERROR_REFUSED, copying->volume->source,
			 "has no room for the copy of %c: (%s to copy, %s free); make room, then run the same command "
			 "again",
			 copying->folder->folder->letter, text_size(*wanted).text, text_size(room).text);
}

/* Attributes and times; that the security is inherited is as it should be. */
static void count_limited(struct copying *copying, unsigned unkept)
{
	copying->folder->told->limited += (unkept & ~(unsigned)UNKEPT_SECURITY) != 0;
}

static int copy_directory(struct copying *copying, const struct copy_place *place, size_t entry, struct error *err)
{
	struct case_record record = { 0 };
	unsigned           unkept = 0;
	int                result = host_source_load(&copying->host, entry, &record, err);

	if (result == 1)
		result = copy_folder(place, &record, true, &copying->directories[entry], &unkept, err);
	case_record_release(&record);
	count_limited(copying, unkept);
	return result;
}

static int copy_content(struct copying *copying, const struct copy_place *place, size_t entry, struct error *err)
{
	struct case_record record = { 0 };
	unsigned           unkept = 0;
	file_ref           ref;
	int                result = host_source_load(&copying->host, entry, &record, err);

	if (result == 1)
		result = copy_file(place, &record, &ref, &unkept, err);
	copying->fresh_bytes += COPY_FILE_BYTES + record.file.size_bytes;
	case_record_release(&record);
	if (result == 1)
		count_limited(copying, unkept);
	return result < 0 ? -1 : 0;
}

static int commit_in_time(struct copying *copying, struct error *err)
{
	struct ntfs3g *mount = &copying->volume->mount;

	if (copying->fresh_bytes < COPY_COMMIT_BYTES && !transaction_is_full(&mount->transaction))
		return 0;
	copying->fresh_bytes = 0;
	return ntfs3g_commit(mount, err);
}

static int copy_entry(struct copying *copying, size_t number, struct error *err)
{
	const struct host_entry *entry = &copying->folder->listing.entries.items[number];
	struct ntfs3g_name       name;
	struct copy_place        place = { .writer = &copying->writer,
					   .folder = copying->directories[entry->parent],
					   .name = &name };
	int                      result;

	if (copying->before.there[number] != NO_TREE_RECORD) {
		copying->directories[number] =
			volume_tree_ref(&copying->volume->tree, copying->before.there[number]);
		return 0;
	}
	entry_name(&copying->folder->listing, number, &name);
	result = entry->directory ? copy_directory(copying, &place, number, err)
				  : copy_content(copying, &place, number, err);
	return result < 0 ? -1 : commit_in_time(copying, err);
}

static int copy_all(struct copying *copying, struct error *err)
{
	uint64_t wanted;
	int      result = 0;

	if (remove_stale(copying, err) < 0 || check_room(copying, &wanted, err) < 0)
		return -1;
	progress_start(&copying->progress, "copying", wanted, PROGRESS_BYTES);
	for (size_t i = 1; result == 0 && i < copying->folder->listing.entries.count; i++)
		result = copy_entry(copying, i, err);
	progress_end(&copying->progress);
	return result < 0 ? -1 : ntfs3g_commit(&copying->volume->mount, err);
}

int capture_folder_copy(struct capture_folder *folder, struct work_volume *volume, file_ref top, uint32_t mirror,
			struct error *err)
{
	struct copying copying = { .folder = folder,
				   .volume = volume,
				   .directories = calloc(folder->listing.entries.count, sizeof(file_ref)),
				   .host.fd = -1 };
	int            result = compare(&copying.before, folder, volume, mirror, err);

	copying.source = file_source_of_host(&copying.host);
	copying.writer = (struct volume_writer){ .mount = &volume->mount,
						 .source = &copying.source,
						 .progress = &copying.progress };
	if (result == 0 && !copying.directories)
		result = error_memory(err);
	if (result == 0)
		result = host_source_init(&copying.host, &folder->listing, err);
	if (result == 0) {
		copying.directories[HOST_TOP] = top;
		result = copy_all(&copying, err);
	}
	volume_writer_release(&copying.writer);
	host_source_release(&copying.host);
	comparison_release(&copying.before);
	free(copying.directories);
	return result;
}
