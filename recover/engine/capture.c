/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.c - see capture.h */
#include "recover/engine/capture.h"

#include "core/cleanup.h"
#include "recover/engine/capture_copy.h"
#include "recover/engine/capture_encrypted.h"
#include "recover/engine/capture_leftover.h"
#include "recover/engine/capture_links.h"
#include "recover/engine/capture_place.h"
#include "recover/engine/capture_publish.h"
#include "recover/engine/store_catalogue.h"
#include "recover/engine/verify.h"

#include <string.h>
#include <sys/random.h>

/* -------- what is there already -------- */

/* What stands at PATH: our own, of which generation; or somebody else's, which is refused. */
static int look_at_store(struct captured_volume *part, struct error *err)
{
	struct store_catalogue catalogue;
	int                    found;

	if (part->store.current == NO_TREE_RECORD)
		return 0;
	found = store_catalogue_open(&catalogue, part->volume, part->store.current, err);
	part->ours = found == 1;
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

/* What the plan leaves out that looks like user data. */
static int find_uncovered(struct captured_volume *part, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct record_set         covered = { 0 };
	int                       status;

	if (part->capture->options->copy && captured_volume_is_primary(part) && !part->plan.count)
		return 0; /* a disk that only takes the copies */
	status = record_set_init(&covered, tree, err);
	for (size_t i = 0; status == 0 && i < part->plan.count; i++) {
		size_t                   count;
		const struct tree_child *children =
			volume_tree_children(tree, part->plan.items[i].record, &count);

		if (!part->plan.items[i].covered)
			continue;
		if (!part->plan.taken)
			record_set_add(&covered, part->plan.items[i].record);
		for (size_t j = 0; j < count; j++)
			if (!volume_tree_is_directory(tree, children[j].record) &&
			    capture_plan_takes(&part->plan, children[j].name))
				record_set_add(&covered, children[j].record);
	}
	if (status == 0)
		status = coverage_find(&part->told->uncovered, tree, &covered, part->plan.taken, err);
	record_set_release(&covered);
	return status;
}

/* The store's path, or NO_TREE_RECORD: it is never captured itself.  Where no store is made, one must lie there. */
static uint32_t excepted(const struct captured_volume *part)
{
	uint32_t folder = volume_tree_find(&part->volume->tree, part->capture->path);

	if (captured_volume_has_store(part) ||
	    state_store_child(part->volume, folder, STORE_FOLDER) != NO_TREE_RECORD)
		return folder;
	return NO_TREE_RECORD;
}

static int find_store(struct captured_volume *part, struct error *err)
{
	state_store_release(&part->store);
	part->store = (struct state_store){ .folder = NO_TREE_RECORD, .current = NO_TREE_RECORD };
	return captured_volume_has_store(part)
		       ? state_store_find(&part->store, part->volume, part->capture->path, err)
		       : 0;
}

static int plan_choice(struct captured_volume *part, struct error *err)
{
	static const char *const      default_trees[] = CAPTURE_DEFAULT_TREES;
	const struct capture_options *options = part->capture->options;
	const struct capture_choice  *choice = &part->capture->result->choice;
	bool                          given = options->tree_count != 0;

	if (choice->by_rules)
		return capture_plan_make_of_names(
			&part->plan, part->volume,
			chosen_names_find(&choice->names[part->volume - part->capture->volumes->items],
					  &part->volume->tree),
			err);
	return capture_plan_make(&part->plan, part->volume, given ? options->trees : default_trees,
				 given ? options->tree_count : sizeof default_trees / sizeof default_trees[0],
				 excepted(part), err);
}

/* Store and plan by the tree as it was read last. */
static int plan_part(struct captured_volume *part, struct error *err)
{
	capture_plan_release(&part->plan);
	if (find_store(part, err) < 0 || plan_choice(part, err) < 0)
		return -1;
	return capture_encrypted_apply(part, err);
}

/*
 * 1 if the store's catalogue, in both copies, tells of the files as they are now: of one that has been
 * written or moved since, verify and wipe would complain.  With digests, if they are asked for.
 */
static int is_told(struct captured_volume *part, struct error *err)
{
	bool                 digests = part->capture->options->digests;
	struct verify_result now;
	int                  found = verify_store(part->volume, part->store.current, digests, NULL, NULL, &now, err);

	if (found <= 0)
		return found;
	return verify_is_sound(&now) && !now.blocks_damaged && !now.counts[VERIFY_CHANGED] &&
	       !now.counts[VERIFY_ATTRIBUTES] && (!digests || now.digests >= now.files);
}

/* A store that is set aside may be the only place of files, as after a wipe: a restore would not bring them. */
static int count_alone(struct captured_volume *part, struct error *err)
{
	if (part->told->unchanged || part->store.current == NO_TREE_RECORD)
		return 0;
	return capture_leftover_count_alone(part, part->store.current, &part->told->alone, err);
}

/* What is put into a folder that is a reparse point is hidden by what it points to. */
static int refuse_junction(struct captured_volume *part, uint32_t folder, struct error *err)
{
	struct case_record record = { 0 };
	int                status = work_volume_load(part->volume, folder, &record, err);
	bool               reparse = status == 0 && record.file.attributes & FILE_IS_REPARSE_POINT;

	case_record_release(&record);
	if (!reparse)
		return status;
	return error_set(err, ERROR_REFUSED, part->volume->source,
			 "the way to %.80s leads through a junction or another reparse point, behind which Windows "
			 "would not see the store; choose another path",
			 part->capture->path);
}

/* No folder on the way to the store may be one. */
static int refuse_junctions(struct captured_volume *part, struct error *err)
{
	CLEANUP(free_ptr) char *path = strdup(part->capture->path);

	if (!path)
		return error_memory(err);
	while (*path) {
		uint32_t folder = volume_tree_find(&part->volume->tree, path);

		if (folder != NO_TREE_RECORD && refuse_junction(part, folder, err) < 0)
			return -1;
		*strrchr(path, '\\') = 0;
	}
	return 0;
}

/* 1 if the store has the settings that would be written, 0, -1. */
static int has_settings(struct captured_volume *part, struct error *err)
{
	struct settings_files there;
	int                   status;

	if (!captured_volume_is_primary(part))
		return 1;
	status = settings_folder_read(&there, part->volume, part->store.current, err);
	if (status == 0)
		status = settings_files_equal(&there, &part->capture->result->choice.settings);
	settings_files_release(&there);
	return status;
}

/* May the volume be worked on?  Its tree is read. */
static int admit_part(struct captured_volume *part, struct error *err)
{
	if (work_volume_refuse_damage(&part->volume->volume, part->volume->source, err) < 0)
		return -1;
	if (!captured_volume_has_store(part)) /* it is not written to */
		return work_volume_read(part->volume, err);
	if (work_volume_refuse_deleted_store(part->volume->source, part->capture->options->overwrite_deleted, err) < 0 ||
	    work_volume_read(part->volume, err) < 0)
		return -1;
	return refuse_junctions(part, err);
}

/* Is the store there one of links, or of copies, as it is to be?  The marker says so. */
static bool is_of_kind(const struct captured_volume *part)
{
	bool linked = state_store_child(part->volume, part->store.current, STORE_MARKER) != NO_TREE_RECORD;

	return !captured_volume_is_primary(part) || linked != part->capture->options->copy;
}

/* 1 if a store folder has the copies of the host's folders, 0, -1. */
static int has_folders(struct captured_volume *part, uint32_t store_folder, struct error *err)
{
	const struct work_volumes *volumes = part->capture->volumes;
	int                        there = 1;

	for (size_t i = 0; captured_volume_is_primary(part) && there == 1 && i < volumes->folder_count; i++)
		there = capture_folder_is_there(
			&part->capture->folders[i], part->volume,
			state_store_mirror(part->volume, store_folder, volumes->folders[i].letter), err);
	return there;
}

/* 1 if a store folder of the tree holds all that is captured, 0 if not, -1.  @tell  what of it cannot be had */
static int is_complete(struct captured_volume *part, uint32_t store_folder, bool tell, struct error *err)
{
	int complete = has_folders(part, store_folder, err);

	if (complete <= 0)
		return complete;
	return part->capture->options->copy ? capture_copy_is_there(part->capture, store_folder, tell, err)
					    : capture_links_are_there(part, store_folder, err);
}

/* What stands where the store is to be made; all volumes are planned. */
static int look_at_place(struct captured_volume *part, struct error *err)
{
	int unchanged;

	if (look_at_store(part, err) < 0)
		return -1;
	unchanged = part->ours && is_of_kind(part) ? has_settings(part, err) : 0;
	if (unchanged == 1)
		unchanged = is_told(part, err);
	if (unchanged == 1) /* the last: if nothing has to be done, it tells what is left out all the same */
		unchanged = is_complete(part, part->store.current, true, err);
	part->told->unchanged = unchanged == 1;
	return unchanged < 0 ? -1 : count_alone(part, err);
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

/* The first unfinished capture of a volume that can be gone on with: 1, 0 if there is none, -1. */
static int find_usable(struct captured_volume *part, uint8_t uuid[CATALOGUE_UUID_BYTES], struct error *err)
{
	for (size_t i = 0; i < part->store.unfinished.count; i++) {
		const struct store_folder *folder = &part->store.unfinished.items[i];
		enum leftover              leftover;

		if (capture_leftover_judge(part, folder->record, &leftover, err) < 0)
			return -1;
		if (leftover == LEFTOVER_USABLE && parse_new_name(folder->name, uuid))
			return 1;
	}
	return 0;
}

/* That of an unfinished capture, which is gone on with; or a new one. */
static int choose_uuid(struct capture *capture, struct error *err)
{
	int known = 0;

	for (size_t i = 0; known == 0 && i < capture->volumes->count; i++) /* none where no store is made */
		known = find_usable(&capture->parts[i], capture->uuid, err);
	if (known < 0)
		return -1;
	if (!known && getrandom(capture->uuid, sizeof capture->uuid, 0) != sizeof capture->uuid)
		return error_sys(err, NULL, "cannot get random bytes");
	strcpy(capture->new_name, STORE_NEW_PREFIX);
	for (size_t i = 0; i < CATALOGUE_UUID_BYTES; i++)
		sprintf(capture->new_name + strlen(STORE_NEW_PREFIX) + 2 * i, "%02x", capture->uuid[i]);
	return 0;
}

/* -------- one volume -------- */

static int prepare_part(struct captured_volume *part, struct error *err)
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
	capture_links_find_mirrors(part, top, part->there);
	part->live = (struct live_source){ .volume = &part->volume->volume,
					   .securities = &part->volume->securities };
	part->source = file_source_of_volume(&part->live);
	part->writer = (struct volume_writer){ .mount = &part->volume->mount,
					       .source = &part->source,
					       .same_volume = true };
	return 0;
}

/* Would folders on the way to PATH have to be made?  In a tree, they belong into the plan. */
static bool is_way_missing(const struct captured_volume *part)
{
	const char *path = part->capture->path;
	char       *above = strndup(path, (size_t)(strrchr(path, '\\') - path));
	bool        missing = !above || volume_tree_find(&part->volume->tree, above) == NO_TREE_RECORD;

	free(above);
	return missing;
}

/* The folders of the store; in one of copies the mirrors of all volumes. */
static int enter_place(struct captured_volume *part, struct error *err)
{
	struct capture *capture = part->capture;

	if (capture_place_enter(part, err) < 0)
		return -1;
	for (size_t i = 0; i < capture->volumes->count; i++) {
		struct captured_volume *from = &capture->parts[i];

		if ((capture->options->copy ? from->plan.count > 0 : from == part) &&
		    capture_place_mirror(part, from->volume->letter, &from->top, err) < 0)
			return -1;
	}
	return 0;
}

/* Begin the run; the store's folder is there from the first commit on. */
static int begin_part(struct captured_volume *part, struct error *err)
{
	bool anew = part->capture->options->copy || is_way_missing(part), cleared;

	part->begun = true;
	if (ntfs3g_begin(&part->volume->mount, "capture", err) < 0 ||
	    capture_leftover_clear(part, &cleared, err) < 0 || enter_place(part, err) < 0 ||
	    ntfs3g_commit(&part->volume->mount, err) < 0)
		return -1;
	if ((anew || cleared) && (work_volume_read(part->volume, err) < 0 || plan_part(part, err) < 0))
		return -1;
	return prepare_part(part, err);
}

/* The library's word is not enough: read it all again. */
static int check_written(struct captured_volume *part, struct error *err)
{
	int there;

	if (work_volume_read(part->volume, err) < 0 || plan_part(part, err) < 0)
		return -1;
	there = is_complete(part, (uint32_t)file_ref_record(part->new_folder), false, err);
	if (there)
		return there < 0 ? -1 : 0;
	return error_set(err, ERROR_IO, part->volume->source,
			 "what was written did not come back when it was read again; the store was not published; "
			 "look after the disk, then try again");
}

/* What folders of the host hold, into the primary part. */
static int copy_folders(struct captured_volume *part, struct error *err)
{
	struct capture *capture = part->capture;

	for (size_t i = 0; captured_volume_is_primary(part) && i < capture->volumes->folder_count; i++) {
		struct capture_folder *folder = &capture->folders[i];
		char                   letter = folder->folder->letter;
		uint32_t               mirror = part->unfinished == NO_TREE_RECORD
							? NO_TREE_RECORD
							: state_store_mirror(part->volume, part->unfinished, letter);
		file_ref               top;

		if (capture_place_mirror(part, letter, &top, err) < 0 ||
		    capture_folder_copy(folder, part->volume, top, mirror, err) < 0)
			return -1;
	}
	return 0;
}

static int capture_part(struct captured_volume *part, struct error *err)
{
	struct capture *capture = part->capture;

	if (!part->begun && begin_part(part, err) < 0)
		return -1;
	if (copy_folders(part, err) < 0 ||
	    (capture->options->copy ? capture_copy_make(capture, err) : capture_links_make(part, err)) < 0 ||
	    check_written(part, err) < 0)
		return -1;
	return capture_publish(part, err);
}

static void part_release(struct captured_volume *part)
{
	volume_writer_release(&part->writer);
	content_buffers_release(&part->live.buffers);
	array_release(&part->copies);
	capture_plan_release(&part->plan);
	state_store_release(&part->store);
	free(part->there);
	free(part->mirrors);
}

/* -------- all of them -------- */

static bool is_wanted(const struct capture *capture, size_t number)
{
	const struct captured_volume *part = &capture->parts[number];

	return captured_volume_has_store(part) && !part->told->unchanged && (number == 0 || part->plan.count);
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
			found = found || capture_folder_has(&capture->folders[j], options->trees[i]);
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

static int admit_all(struct capture *capture, struct error *err)
{
	for (size_t i = 0; i < capture->volumes->count; i++) {
		struct captured_volume *part = &capture->parts[i];

		*part = (struct captured_volume){ .capture = capture,
						  .volume = &capture->volumes->items[i],
						  .told = &capture->result->parts[i] };
		part->told->letter = part->volume->letter;
		if (admit_part(part, err) < 0)
			return -1;
	}
	return 0;
}

/* By rules, unless trees are named; the store's own path is never taken. */
static int choose(struct capture *capture, struct error *err)
{
	struct work_volumes       *volumes = capture->volumes;
	CLEANUP(free_ptr) uint32_t *except = calloc(volumes->count, sizeof *except);

	if (!except)
		return error_memory(err);
	if (capture->options->tree_count)
		return 0;
	for (size_t i = 0; i < volumes->count; i++)
		except[i] = excepted(&capture->parts[i]);
	return capture_choice_make(&capture->result->choice, &capture->options->migration, volumes, except, err);
}

static int look_at_all(struct capture *capture, struct error *err)
{
	int any = list_folders(capture, err);

	if (any < 0 || admit_all(capture, err) < 0 || choose(capture, err) < 0)
		return -1;
	for (size_t i = 0; i < capture->volumes->count; i++) {
		if (plan_part(&capture->parts[i], err) < 0)
			return -1;
		any = any || capture->parts[i].plan.count;
	}
	for (size_t i = 0; i < capture->volumes->count; i++)
		if ((captured_volume_has_store(&capture->parts[i]) && look_at_place(&capture->parts[i], err) < 0) ||
		    find_uncovered(&capture->parts[i], err) < 0)
			return -1;
	if (refuse_missing_trees(capture, err) < 0)
		return -1;
	for (size_t i = 1; i < capture->result->count; i++) /* what lies in the first one's part goes with it */
		if (capture->options->copy || i >= capture->volumes->count)
			capture->result->parts[i].unchanged = capture->parts[0].told->unchanged;
	if (any || capture->result->choice.selection.values.count)
		return 0;
	if (capture->result->choice.by_rules)
		return error_set(err, ERROR_REFUSED, capture->volumes->items[0].source,
				 "has nothing that the rules take%s; 'holdfast rules --on' tells what they say of it",
				 capture->result->choice.migration.has_windows ? "" : ", and no Windows");
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
	result->path = capture.path;
	return status;
}

void capture_result_release(struct capture_result *result)
{
	for (size_t i = 0; result->parts && i < result->count; i++) {
		coverage_release(&result->parts[i].uncovered);
		host_troubles_release(&result->parts[i].troubles);
		host_troubles_release(&result->parts[i].encrypted);
		free(result->parts[i].folder);
	}
	capture_choice_release(&result->choice);
	free(TAKE(result->parts));
	free(TAKE(result->path));
	result->count = 0;
}
