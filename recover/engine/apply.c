/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apply.c - see apply.h */
#include "recover/engine/apply.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <inttypes.h>
#include <string.h>

#define STEP "apply"
#define RESIDENT_BYTES 700u   /* of a stream that needs no cluster, about */
#define INDEX_ENTRY_BYTES 82u /* and two for each unit of the name */

/* -------- what is in the way -------- */

/* Is the name there, and looks like that of the image?  @times  compare them as well */
static int is_there(struct work_volume *volume, const struct wim_entry *entry, bool times, struct error *err)
{
	CLEANUP(case_record_release) struct case_record file = { 0 };
	const struct volume_tree                       *tree = &volume->tree;
	uint32_t                                        record = volume_tree_find(tree, entry->path);
	bool                                            directory = entry->attributes & WIM_DIRECTORY;

	if (record == NO_TREE_RECORD || volume_tree_is_directory(tree, record) != directory)
		return 0;
	if (directory || entry->attributes & (WIM_REPARSE_POINT | WIM_ENCRYPTED))
		return 1;
	if (volume_tree_file_bytes(tree, record) != entry->stream_bytes[0])
		return 0;
	if (!times)
		return 1;
	if (work_volume_load(volume, record, &file, err) < 0)
		return -1;
	return file.file.times.written == entry->written_100ns;
}

/* Is something called so in the root?  @kept  that goes by what stays, NULL: all stays */
static bool has_name(const struct volume_tree *tree, const struct kept_paths *kept, const char *path)
{
	uint32_t record = volume_tree_find(tree, path);

	return record != NO_TREE_RECORD && (!kept || kept_paths_has(kept, ROOT_RECORD, record));
}

/* Does the root hold what the image would put into it under the same name? */
static bool is_in_the_way(const struct volume_tree *tree, const struct kept_paths *kept, const struct wim_entry *entry)
{
	char alias[64];

	if (entry->depth != 1)
		return false;
	snprintf(alias, sizeof alias, "/%.60s", entry->alias ? entry->alias : "");
	return has_name(tree, kept, entry->path) || (alias[1] && has_name(tree, kept, alias));
}

/* -------- what the image is -------- */

/* A name of a file that has several: only one of them counts. */
struct linked_name {
	uint64_t group, bytes, room;
};

struct linked_names ARRAY(struct linked_name);

struct survey {
	struct apply_plan  *plan;
	struct work_volume *volume;
	const struct kept_paths *kept; /* what will be there; NULL: all that is */
	struct linked_names linked;
	uint64_t            room;  /* for contents, bytes */
	uint64_t            index; /* for names, bytes */
	char               *obstacle; /* the first name in the way, as in "\Windows"; NULL: none */
	uint64_t            obstacles;
};

/* Bytes of the volume that the contents will need, at least. */
static uint64_t content_room(const struct wim_entry *entry, uint64_t cluster_bytes)
{
	uint64_t room = 0;

	for (size_t i = 0; i < entry->stream_count; i++)
		if (entry->stream_bytes[i] > RESIDENT_BYTES && !(entry->attributes & (WIM_SPARSE | WIM_COMPRESSED)))
			room += (entry->stream_bytes[i] / cluster_bytes + 1) * cluster_bytes;
	return room;
}

static uint64_t index_room(const char *name)
{
	return (INDEX_ENTRY_BYTES + 2 * strlen(name) + 7) / 8 * 8;
}

static void count_file(struct survey *survey, uint64_t bytes, uint64_t room)
{
	survey->plan->files++;
	survey->plan->bytes += bytes;
	survey->room += room;
}

static int count_entry(struct survey *survey, const struct wim_entry *entry, struct error *err)
{
	uint64_t bytes = 0, room = content_room(entry, survey->volume->volume.geometry.cluster_bytes);

	for (size_t i = 0; i < entry->stream_count; i++)
		bytes += entry->stream_bytes[i];
	survey->index += index_room(strrchr(entry->path, '/') + 1) + (entry->alias ? index_room(entry->alias) : 0);
	if (entry->attributes & WIM_DIRECTORY) {
		survey->plan->directories++;
		survey->plan->bytes += bytes;
		survey->room += room;
		return 0;
	}
	survey->plan->names++;
	if (entry->attributes & WIM_ENCRYPTED)
		survey->plan->encrypted++;
	if (!entry->link_group)
		count_file(survey, bytes, room);
	else if (!array_push(&survey->linked, (struct linked_name){ entry->link_group, bytes, room }))
		return error_memory(err);
	return 0;
}

static int compare_group(const void *a, const void *b)
{
	const struct linked_name *left = a, *right = b;

	return (left->group > right->group) - (left->group < right->group);
}

static void count_linked(struct survey *survey)
{
	const struct linked_name *names = survey->linked.items;

	if (survey->linked.count)
		qsort(survey->linked.items, survey->linked.count, sizeof *names, compare_group);
	for (size_t i = 0; i < survey->linked.count; i++)
		if (!i || names[i].group != names[i - 1].group)
			count_file(survey, names[i].bytes, names[i].room);
}

static void survey_release(struct survey *survey)
{
	array_release(&survey->linked);
	free(survey->obstacle);
}

static int look_at(void *context, const struct wim_entry *entry, struct error *err)
{
	struct survey *survey = context;
	int            there = survey->plan->there ? is_there(survey->volume, entry, true, err) : 0;

	if (there < 0)
		return -1;
	survey->plan->there = there;
	if (!entry->depth)
		return 0;
	if (is_in_the_way(&survey->volume->tree, survey->kept, entry) && survey->obstacles++ == 0) {
		survey->obstacle = strdup(entry->path);
		if (!survey->obstacle)
			return error_memory(err);
		survey->obstacle[0] = '\\';
	}
	return count_entry(survey, entry, err);
}

/* What the image is, needs, and meets on the volume: 0, or -1. */
static int survey_image(struct survey *survey, struct error *err)
{
	if (wim_image_walk(survey->plan->image, look_at, survey, err) < 0)
		return -1;
	count_linked(survey);
	return 0;
}

/* -------- may it be applied? -------- */

/* What is on the volume besides what is kept? */
static int refuse_rest(const struct work_volume *volume, const struct kept_paths *kept, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	struct tree_places        rest = { 0 };
	struct text_buffer        path = { 0 };
	size_t                    count;
	int                       result = kept_paths_rest(kept, tree, &rest, err);

	if (result == 0 && rest.count)
		result = volume_tree_path(tree, volume_tree_names(tree, rest.items[0].record, &count)[0], &path, err);
	if (result == 0 && rest.count)
		result = error_set(err, ERROR_REFUSED, volume->source,
				   "holds '%.100s' and %s more besides what is to be kept; wipe it first ('holdfast wipe'), or "
				   "keep that, too",
				   path.items, text_count(rest.count - 1).text);
	array_release(&rest);
	array_release(&path);
	return result;
}

static int demand_kept(const struct work_volume *volume, const struct apply_options *options, struct error *err)
{
	CLEANUP(kept_paths_release) struct kept_paths kept = { 0 };

	if (!options->keep_count)
		return 0;
	if (kept_paths_make(&kept, volume, options->keep, options->keep_count, err) < 0)
		return -1;
	return refuse_rest(volume, &kept, err);
}

static int refuse_obstacles(const struct survey *survey, struct error *err)
{
	const char *source = survey->volume->source;

	if (!survey->obstacles)
		return 0;
	if (strcasecmp(survey->obstacle, SYSTEM_VOLUME_INFORMATION) == 0 || survey->obstacle[1] == '$')
		return error_set(err, ERROR_REFUSED, source,
				 "has a '%.60s' of its own, and the image brings one along; take it out of the image",
				 survey->obstacle);
	return error_set(err, ERROR_REFUSED, source,
			 "holds '%.60s' already, which the image brings along (%s names are in its way); wipe it first, as in "
			 "'holdfast wipe --keep \\StateStore'",
			 survey->obstacle, text_count(survey->obstacles).text);
}

/* Records of the table that can be used again. */
static uint64_t free_records(const struct volume_tree *tree)
{
	uint64_t count = 0;

	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++)
		count += !(tree->inventory.rows[i].flags & ROW_IN_USE);
	return count;
}

/* What must be written down before it replaces what is there and does not fit into $LogFile; some may wait already. */
static uint64_t log_room(const struct work_volume *volume, uint64_t records)
{
	const struct transaction *transaction = &volume->mount.transaction;
	const struct geometry    *geometry = &transaction->device.geometry;
	uint64_t                  changed = transaction_pending_bytes(transaction) + records * geometry->record_bytes +
			   geometry->clusters / 8;
	uint64_t                  log = transaction->log.blocks * REDO_BLOCK_BYTES;

	return changed > log ? changed - log : 0;
}

static int refuse_no_room(const struct survey *survey, struct error *err)
{
	struct apply_plan        *plan = survey->plan;
	const struct work_volume *volume = survey->volume;
	uint64_t                  records = plan->files + plan->directories, again = free_records(&volume->tree);

	if (again > records)
		again = records;
	plan->bytes_needed = survey->room + survey->index +
			     (records - again) * volume->volume.geometry.record_bytes + log_room(volume, again);
	if (plan->bytes_needed <= plan->bytes_free)
		return 0;
	return error_set(err, ERROR_REFUSED, volume->source,
			 "is too small for the image: it needs %s, and %s are free; wipe the volume, or take a larger one",
			 text_size(plan->bytes_needed).text, text_size(plan->bytes_free).text);
}

/* -------- the plan -------- */

static int admit(struct work_volume *volume, const struct apply_options *options, struct error *err)
{
	bool allowed = options->overwrite_deleted || work_volume_goes_on(volume, STEP);

	if (work_volume_refuse_damage(&volume->volume, volume->source, err) < 0 ||
	    work_volume_refuse_deleted_store(volume->source, allowed, err) < 0)
		return -1;
	return work_volume_read(volume, err);
}

int apply_plan_make(struct apply_plan *plan, struct work_volume *volume, struct wim_image *image,
		    const struct apply_options *options, struct error *err)
{
	CLEANUP(survey_release) struct survey survey = { .plan = plan, .volume = volume };

	*plan = (struct apply_plan){ .image = image, .there = true };
	if (admit(volume, options, err) < 0 || ntfs3g_free_bytes(&volume->mount, &plan->bytes_free, err) < 0 ||
	    survey_image(&survey, err) < 0)
		return -1;
	if (plan->there)
		return 0;
	if (refuse_obstacles(&survey, err) < 0 || demand_kept(volume, options, err) < 0)
		return -1;
	return refuse_no_room(&survey, err);
}

/* -------- before a wipe -------- */

/* Clusters of a file's contents. */
static uint64_t count_clusters(const struct case_record *file)
{
	uint64_t count = 0;

	for (size_t i = 0; i < file->streams.count; i++) {
		const struct runs *runs = &file->streams.items[i].runs;

		for (size_t j = 0; j < runs->count; j++)
			count += runs->items[j].lcn == LCN_HOLE ? 0 : runs->items[j].length;
	}
	return count;
}

/* What files that stay hold of the volume; folders not counted. */
static int count_kept(struct work_volume *volume, const struct kept_paths *kept, uint64_t *bytes, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;

	*bytes = 0;
	for (uint32_t i = 0; i < tree->inventory.count; i++) {
		CLEANUP(case_record_release) struct case_record file = { 0 };

		if (!kept_paths_holds(kept, i) || !(volume_tree_row(tree, i)->flags & ROW_IN_USE) ||
		    volume_tree_is_directory(tree, i))
			continue;
		if (work_volume_load(volume, i, &file, err) < 0)
			return -1;
		*bytes += count_clusters(&file) * volume->volume.geometry.cluster_bytes;
	}
	return 0;
}

static int refuse_kept_obstacle(const struct survey *survey, struct error *err)
{
	if (!survey->obstacles)
		return 0;
	return error_set(err, ERROR_REFUSED, survey->volume->source,
			 "keeps '%.60s', and the image brings one along; take it out of the image, or away from the volume: nothing "
			 "has been wiped",
			 survey->obstacle);
}

static int refuse_no_room_beside(struct survey *survey, struct error *err)
{
	struct work_volume *volume = survey->volume;
	uint64_t            needed = survey->room + survey->index, kept, room;

	if (ntfs3g_free_bytes(&volume->mount, &room, err) < 0)
		return -1;
	if (needed <= room)
		return 0;
	if (count_kept(volume, survey->kept, &kept, err) < 0)
		return -1;
	room = volume->volume.size_bytes > kept ? volume->volume.size_bytes - kept : 0;
	if (needed <= room)
		return 0;
	return error_set(err, ERROR_REFUSED, volume->source,
			 "is too small for the image: it needs %s, and beside what is kept there are %s; take a larger volume, or a "
			 "smaller image: nothing has been wiped",
			 text_size(needed).text, text_size(room).text);
}

int apply_refuse_beside(struct wim_image *image, struct work_volume *volume, const struct kept_paths *kept,
			struct error *err)
{
	struct apply_plan                     plan = { .image = image };
	CLEANUP(survey_release) struct survey survey = { .plan = &plan, .volume = volume, .kept = kept };

	if (survey_image(&survey, err) < 0 || refuse_kept_obstacle(&survey, err) < 0)
		return -1;
	return refuse_no_room_beside(&survey, err);
}

/* -------- beside all that is there -------- */

int apply_room_beside(struct wim_image *image, struct work_volume *volume, uint64_t *bytes, struct error *err)
{
	struct apply_plan                     plan = { .image = image };
	CLEANUP(survey_release) struct survey survey = { .plan = &plan, .volume = volume };

	if (survey_image(&survey, err) < 0)
		return -1;
	*bytes = survey.room + survey.index +
		 (plan.files + plan.directories) * volume->volume.geometry.record_bytes +
		 log_room(volume, volume->tree.inventory.count);
	return 0;
}

/* -------- what is kept stays as it is -------- */

/* A file or folder that was there before. */
struct bystander {
	uint32_t       record;
	struct mft_row row;
};

struct bystanders ARRAY(struct bystander);

static int note_bystanders(struct bystanders *bystanders, const struct volume_tree *tree, struct error *err)
{
	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++)
		if (tree->inventory.rows[i].flags & ROW_IN_USE &&
		    !array_push(bystanders, (struct bystander){ i, tree->inventory.rows[i] }))
			return error_memory(err);
	return 0;
}

static int check_bystanders(const struct bystanders *bystanders, const struct work_volume *volume, struct error *err)
{
	for (size_t i = 0; i < bystanders->count; i++) {
		const struct bystander *before = &bystanders->items[i];
		const struct mft_row   *now = &volume->tree.inventory.rows[before->record];

		if (now->flags != before->row.flags || now->sequence != before->row.sequence ||
		    now->link_count != before->row.link_count || now->size_bytes != before->row.size_bytes ||
		    now->written != before->row.written)
			return error_set(err, ERROR_VALUE, volume->source,
					 "holds the image, but what was there before has changed (MFT record %" PRIu32
					 "); run 'holdfast verify' on the store",
					 before->record);
	}
	return 0;
}

/* -------- applying -------- */

static int apply(void *context, struct error *err)
{
	return wim_image_apply(context, NTFS3G_LENT, err);
}

static int check_entry(void *context, const struct wim_entry *entry, struct error *err)
{
	struct work_volume *volume = context;
	int                 there = is_there(volume, entry, false, err);

	if (there == 0)
		return error_set(err, ERROR_VALUE, volume->source,
				 "was written, but '%.100s' is not on it as in the image; wipe it and apply the image again",
				 entry->path);
	return there < 0 ? -1 : 0;
}

/* Look at what came of it, with eyes other than those that wrote it. */
static int check_result(const struct apply_plan *plan, struct work_volume *volume, const struct bystanders *bystanders,
			struct error *err)
{
	if (work_volume_read(volume, err) < 0 || check_bystanders(bystanders, volume, err) < 0)
		return -1;
	return wim_image_walk(plan->image, check_entry, volume, err);
}

int apply_run(const struct apply_plan *plan, struct work_volume *volume, struct error *err)
{
	struct ntfs3g    *mount = &volume->mount;
	struct bystanders bystanders = { 0 };
	int               result;

	if (plan->there)
		return 0;
	if (wim_image_verify_files(plan->image, err) < 0)
		return -1;
	result = note_bystanders(&bystanders, &volume->tree, err);
	if (result == 0 &&
	    (ntfs3g_begin(mount, STEP, err) < 0 || ntfs3g_lend_to(mount, apply, plan->image, err) < 0 ||
	     ntfs3g_end(mount, err) < 0))
		result = -1;
	if (result == 0)
		result = check_result(plan, volume, &bystanders, err);
	array_release(&bystanders);
	return result;
}
