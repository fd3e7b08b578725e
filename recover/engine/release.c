/* SPDX-License-Identifier: GPL-3.0-or-later */
/* release.c - see release.h */
#include "recover/engine/release.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/engine/content_digest.h"
#include "recover/engine/removal.h"

#include <ctype.h>
#include <string.h>

#define STEP "release"

/* -------- what goes -------- */

/* One of the folders at the store path goes, with all below it. */
static int add_folder(struct release_part *part, uint32_t folder, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	uint32_t                  files = state_store_child(part->volume, folder, STORE_FILES);

	if (record_set_add_below(&part->goes, tree, folder, err) < 0 ||
	    record_set_add_below(&part->stored, tree, folder, err) < 0)
		return -1;
	return files == NO_TREE_RECORD ? 0 : record_set_add_below(&part->held, tree, files, err);
}

static int add_folders(struct release_part *part, struct error *err)
{
	const struct state_store *store = &part->store;

	if (store->current != NO_TREE_RECORD && add_folder(part, store->current, err) < 0)
		return -1;
	for (size_t i = 0; i < store->older.count; i++)
		if (add_folder(part, store->older.items[i].record, err) < 0)
			return -1;
	for (size_t i = 0; i < store->unfinished.count; i++)
		if (add_folder(part, store->unfinished.items[i].record, err) < 0)
			return -1;
	return 0;
}

/* Other stores' files count as little as this one's. */
static int add_other_stores(struct release_part *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;

	for (uint32_t i = 0; i < tree->inventory.count; i++)
		if (volume_tree_is_directory(tree, i) && !record_set_has(&part->stored, i) &&
		    state_store_is_one(tree, i) && record_set_add_below(&part->stored, tree, i, err) < 0)
			return -1;
	return 0;
}

/* Will PATH be empty? */
static bool goes_whole(const struct release_part *part)
{
	size_t                   count;
	const struct tree_child *children =
		volume_tree_children(&part->volume->tree, part->store.folder, &count);

	for (size_t i = 0; i < count; i++)
		if (!record_set_has(&part->goes, children[i].record) ||
		    !volume_tree_is_directory(&part->volume->tree, children[i].record))
			return false;
	return count > 0;
}

/* A release that was cut off has deleted what it was to delete: that does not stand in the way of going on.
 */
static bool is_going_on(const struct work_volume *volume)
{
	return volume->mount.replay.found && strcmp(volume->mount.replay.header.step, STEP) == 0;
}

static int look_at_part(struct release_part *part, const char *path, bool overwrite_deleted,
			struct error *err)
{
	struct work_volume *volume = part->volume;

	if (work_volume_refuse_damage(volume, err) < 0 ||
	    work_volume_refuse_deleted_store(volume, overwrite_deleted || is_going_on(volume), err) < 0 ||
	    work_volume_read(volume, err) < 0 || state_store_find(&part->store, volume, path, err) < 0 ||
	    record_set_init(&part->stored, &volume->tree, err) < 0 ||
	    record_set_init(&part->goes, &volume->tree, err) < 0 ||
	    record_set_init(&part->held, &volume->tree, err) < 0 ||
	    record_set_init(&part->kept, &volume->tree, err) < 0 || add_folders(part, err) < 0 ||
	    add_other_stores(part, err) < 0)
		return -1;
	part->path = part->store.folder != NO_TREE_RECORD && goes_whole(part);
	return 0;
}

/* -------- which files are safe -------- */

static bool has_name_outside(const struct release_part *part, uint32_t record)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(&part->volume->tree, record, &count);

	for (size_t i = 0; i < count; i++)
		if (!record_set_has(&part->stored, volume_tree_parent(&part->volume->tree, names[i])))
			return true;
	return false;
}

/* What a store says of itself: the user has no use for it. */
static bool is_bookkeeping(const struct release_part *part, uint32_t record)
{
	static const char *const  words[] = { STORE_MARKER, STORE_CATALOGUE, STORE_CATALOGUE_COPY,
					      "MIGSTATE.DAT", "catalog.mig" };
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);
	const struct name_row    *row = &tree->inventory.names.items[names[0]];

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (utf16_is_word(inventory_text(&tree->inventory, row), row->units, words[i]))
			return true;
	return false;
}

/* Is the file gone with the store, unless a copy of it is found? */
static bool is_only_here(const struct release_part *part, uint32_t record)
{
	return record_set_has(&part->goes, record) &&
	       !volume_tree_is_directory(&part->volume->tree, record) && !has_name_outside(part, record) &&
	       (record_set_has(&part->held, record) || !is_bookkeeping(part, record));
}

/* -------- copies -------- */

/* A file in the store, and what stands where it was captured from. */
struct copy_pair {
	struct release_part *part;
	uint32_t             record;
	struct release_part *original_part;
	uint32_t             original;
};

struct copy_pairs ARRAY(struct copy_pair);

/* What a file holds, in one sum. */
struct fingerprint {
	uint32_t record;
	bool     known;
	uint8_t  sum[DIGEST_BYTES];
};

struct fingerprints ARRAY(struct fingerprint);

/* The file that stands where a name in a store was captured from: @letter$\... ; NO_TREE_RECORD if none does.
 */
static uint32_t find_original(struct release_plan *plan, const char *inside, struct release_part **in)
{
	uint32_t record;

	if (!isalpha((unsigned char)inside[0]) || inside[1] != '$' || inside[2] != '\\')
		return NO_TREE_RECORD;
	for (size_t i = 0; i < plan->count; i++) {
		struct release_part *part = &plan->parts[i];

		if (part->volume->letter != toupper((unsigned char)inside[0]))
			continue;
		record = volume_tree_find(&part->volume->tree, inside + 2);
		if (record == NO_TREE_RECORD || volume_tree_is_directory(&part->volume->tree, record) ||
		    !has_name_outside(part, record))
			return NO_TREE_RECORD;
		*in = part;
		return record;
	}
	return NO_TREE_RECORD;
}

/* The part of a path below a folder called File at @depth names from the root. */
static const char *below_files(const char *path, size_t depth)
{
	while (path && depth--)
		path = strchr(path + 1, '\\');
	return path ? path + 1 : "";
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '\\';
	return depth;
}

/* Does any name of a file that is only here lead to a file of the same size? */
static int pair_file(struct release_plan *plan, struct release_part *part, uint32_t record,
		     struct copy_pairs *pairs, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);
	int                       result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct copy_pair pair = { .part = part, .record = record };

		if (!record_set_has(&part->held, volume_tree_parent(tree, names[i])) ||
		    tree->inventory.names.items[names[i]].space == NAME_DOS)
			continue;
		result = volume_tree_path(tree, names[i], &path, err);
		if (result < 0) /* PATH, USMT, File stand before */
			break;
		pair.original = find_original(plan, below_files(path.items, depth_of(plan->path) + 2),
					      &pair.original_part);
		if (pair.original == NO_TREE_RECORD ||
		    volume_tree_file_bytes(tree, record) !=
			    volume_tree_file_bytes(&pair.original_part->volume->tree, pair.original))
			continue;
		if (!array_push(pairs, pair))
			result = error_memory(err);
		break;
	}
	array_release(&path);
	return result;
}

/* One sum over the data streams of a file: their names, sizes and contents. */
static int add_fingerprint(void *context, const struct case_record *record,
			   const struct catalogue_digest *digests, struct error *err)
{
	struct fingerprints                  *prints = context;
	struct fingerprint                    print = { (uint32_t)record->file.record, true, { 0 } };
	CLEANUP(digest_release) struct digest digest = { 0 };

	if (digest_start(&digest, err) < 0)
		return -1;
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];

		if (stream->type != ATTRIBUTE_DATA)
			continue;
		print.known = print.known && digests[i].known;
		if (digest_update(&digest, stream->name, strlen(stream->name) + 1, err) < 0 ||
		    digest_update(&digest, digests[i].sum, sizeof digests[i].sum, err) < 0)
			return -1;
	}
	if (digest_end(&digest, print.sum, err) < 0)
		return -1;
	return array_push(prints, print) ? 0 : error_memory(err);
}

static int compare_fingerprint(const void *a, const void *b)
{
	const struct fingerprint *left = a, *right = b;

	return (left->record > right->record) - (left->record < right->record);
}

static int compare_record(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The fingerprints of all files in @pairs that are on @part's volume, by record. */
static int read_fingerprints(const struct release_part *part, const struct copy_pairs *pairs,
			     struct fingerprints *prints, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *records = malloc((2 * pairs->count + 1) * sizeof *records);
	size_t                      count = 0, once = 0;

	if (!records)
		return error_memory(err);
	for (size_t i = 0; i < pairs->count; i++) {
		if (pairs->items[i].part == part)
			records[count++] = pairs->items[i].record;
		if (pairs->items[i].original_part == part)
			records[count++] = pairs->items[i].original;
	}
	qsort(records, count, sizeof *records, compare_record);
	for (size_t i = 0; i < count; i++)
		if (!i || records[i] != records[i - 1])
			records[once++] = records[i];
	if (once && content_digest_all(part->volume, records, once, add_fingerprint, prints, err) < 0)
		return -1;
	if (prints->count)
		qsort(prints->items, prints->count, sizeof *prints->items, compare_fingerprint);
	return 0;
}

static const struct fingerprint *find_fingerprint(const struct fingerprints *prints, uint32_t record)
{
	const struct fingerprint key = { .record = record };

	return prints->count ? bsearch(&key, prints->items, prints->count, sizeof key, compare_fingerprint)
			     : NULL;
}

/* Mark the files whose originals hold the same. */
static void keep_equal(const struct release_plan *plan, const struct copy_pairs *pairs,
		       const struct fingerprints *prints)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct copy_pair   *pair = &pairs->items[i];
		const struct fingerprint *copy =
			find_fingerprint(&prints[pair->part - plan->parts], pair->record);
		const struct fingerprint *original =
			find_fingerprint(&prints[pair->original_part - plan->parts], pair->original);

		if (copy && original && copy->known && original->known &&
		    memcmp(copy->sum, original->sum, sizeof copy->sum) == 0)
			record_set_add(&pair->part->kept, pair->record);
	}
}

static int compare_copies(const struct release_plan *plan, const struct copy_pairs *pairs, struct error *err)
{
	struct fingerprints *prints = calloc(plan->count, sizeof *prints);
	int                  result = prints ? 0 : error_memory(err);

	for (size_t i = 0; result == 0 && i < plan->count; i++)
		result = read_fingerprints(&plan->parts[i], pairs, &prints[i], err);
	if (result == 0)
		keep_equal(plan, pairs, prints);
	for (size_t i = 0; prints && i < plan->count; i++)
		array_release(&prints[i]);
	free(prints);
	return result;
}

static int find_copies(struct release_plan *plan, struct error *err)
{
	struct copy_pairs pairs = { 0 };
	int               result = 0;

	for (size_t i = 0; result == 0 && i < plan->count; i++) {
		struct release_part *part = &plan->parts[i];

		for (uint32_t j = FIRST_USER_RECORD; result == 0 && j < part->goes.count; j++)
			if (is_only_here(part, j))
				result = pair_file(plan, part, j, &pairs, err);
	}
	if (result == 0 && pairs.count)
		result = compare_copies(plan, &pairs, err);
	array_release(&pairs);
	return result;
}

/* -------- the plan -------- */

static int add_lost(struct release_plan *plan, const struct release_part *part, uint32_t record,
		    struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);
	char                     *full = NULL;

	plan->lost_files++;
	plan->lost_bytes += volume_tree_file_bytes(tree, record);
	if (plan->lost.count == RELEASE_TOLD)
		return 0;
	if (volume_tree_path(tree, names[0], &path, err) < 0)
		return -1;
	if (asprintf(&full, "%c:%s", part->volume->letter, path.items) < 0)
		full = NULL;
	array_release(&path);
	if (full && array_push(&plan->lost, full))
		return 0;
	free(full);
	return error_memory(err);
}

/* Count one record that goes, or of which names go. */
static int count_record(struct release_plan *plan, const struct release_part *part, uint32_t record,
			struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	if (volume_tree_is_directory(tree, record)) {
		plan->directories++;
		return 0;
	}
	if (is_only_here(part, record) && !record_set_has(&part->kept, record))
		return add_lost(plan, part, record, err);
	if (!has_name_outside(part, record)) {
		plan->copies += record_set_has(&part->kept, record);
		return 0;
	}
	plan->files++;
	for (size_t i = 0; i < count; i++)
		plan->names += record_set_has(&part->goes, volume_tree_parent(tree, names[i])) &&
			       tree->inventory.names.items[names[i]].space != NAME_DOS;
	return 0;
}

static int count_part(struct release_plan *plan, const struct release_part *part, struct error *err)
{
	plan->directories += part->path;
	for (uint32_t i = FIRST_USER_RECORD; i < part->goes.count; i++)
		if (record_set_has(&part->goes, i) && count_record(plan, part, i, err) < 0)
			return -1;
	return 0;
}

int release_plan_make(struct release_plan *plan, struct work_volumes *volumes, const char *path,
		      bool overwrite_deleted, struct error *err)
{
	*plan = (struct release_plan){ .parts = calloc(volumes->count, sizeof *plan->parts) };
	if (!plan->parts)
		return error_memory(err);
	if (store_path_parse(path, &plan->path, err) < 0)
		return -1;
	for (; plan->count < volumes->count; plan->count++) {
		struct release_part *part = &plan->parts[plan->count];

		part->volume = &volumes->items[plan->count];
		if (look_at_part(part, plan->path, overwrite_deleted, err) < 0) {
			plan->count++;
			return -1;
		}
	}
	if (find_copies(plan, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		if (count_part(plan, &plan->parts[i], err) < 0)
			return -1;
	return 0;
}

void release_plan_release(struct release_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct release_part *part = &plan->parts[i];

		state_store_release(&part->store);
		record_set_release(&part->stored);
		record_set_release(&part->goes);
		record_set_release(&part->held);
		record_set_release(&part->kept);
	}
	free(TAKE(plan->parts));
	free(TAKE(plan->path));
	while (plan->lost.count)
		free(plan->lost.items[--plan->lost.count]);
	array_release(&plan->lost);
}

/* -------- the release -------- */

/* PATH itself, or the store's folders in it. */
static int remove_folders(struct removal *removal, const struct release_part *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, part->store.folder, &count);

	if (part->path) {
		const uint32_t *names = volume_tree_names(tree, part->store.folder, &count);

		return removal_take(removal, volume_tree_parent(tree, names[0]), part->store.folder, err);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t record = children[i].record;

		if (!record_set_has(&part->goes, record) || !volume_tree_is_directory(tree, record) ||
		    tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		if (removal_take(removal, part->store.folder, record, err) < 0)
			return -1;
	}
	return 0;
}

static int release_part(const struct release_plan *plan, const struct release_part *part, struct error *err)
{
	CLEANUP(removal_release) struct removal removal;
	struct ntfs3g                          *mount = &part->volume->mount;

	removal_init(&removal, mount, &part->volume->tree, plan->files + plan->copies + plan->directories);
	if (ntfs3g_begin(mount, STEP, err) < 0 || remove_folders(&removal, part, err) < 0 ||
	    removal_settle(&removal, err) < 0)
		return -1;
	return ntfs3g_end(mount, err);
}

int release_run(const struct release_plan *plan, struct error *err)
{
	for (size_t i = plan->count; i-- > 0;) {
		const struct state_store *store = &plan->parts[i].store;

		if (store->current == NO_TREE_RECORD && !store->older.count && !store->unfinished.count)
			continue;
		if (release_part(plan, &plan->parts[i], err) < 0)
			return -1;
	}
	return 0;
}
