/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk_guard.c - see disk_guard.h */
#include "recover/sequence/disk_guard.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/text.h"
#include "recover/windows/windows_path.h"
#include "scan/layer.h"
#include "scan/scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define USERS_TOLD_MAX 8u
#define FOUND_MAX 512u /* partitions, gaps, tables of logical ones */

struct guarding {
	struct disk_plan          *plan;
	const struct work_volumes *volumes; /* of the run */
	bool                       overwrite_deleted;
	size_t                     users; /* found so far */
};

/* Is there a drive letter in front? */
static bool has_letter(const char *path)
{
	return isalpha((unsigned char)path[0]) && path[1] == ':';
}

static char letter_of(const char *path)
{
	return has_letter(path) ? (char)toupper((unsigned char)path[0]) : 0;
}

/* Note for the log what is protected. */
static int protect(struct disk_plan *plan, const char *path, struct error *err)
{
	free(plan->protected_path);
	plan->protected_path = strdup(path);
	return plan->protected_path ? 0 : error_memory(err);
}

/* -------- the run's own volumes -------- */

static int refuse_volume(struct disk_plan *plan, const struct work_volume *volume, struct error *err)
{
	char root[] = { volume->letter, ':', '\\', '\0' };
	bool store = volume->letter == letter_of(plan->store_path);

	if (protect(plan, store ? plan->store_path : root, err) < 0)
		return -1;
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, and volume %c of this run is on it (%.80s%s); leave the step out, or let the disk be "
		"another one",
		plan->index, volume->letter, store ? "with the protected path " : "", plan->protected_path);
}

int disk_guard_volumes(struct disk_plan *plan, const struct work_volumes *volumes, struct error *err)
{
	CLEANUP(evidence_release) struct evidence disk = { 0 };

	if (evidence_open(&disk, plan->path, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < volumes->count; i++)
		if (evidence_holds(&volumes->items[i].evidence, plan->path) ||
		    evidence_holds(&disk, volumes->items[i].path))
			return refuse_volume(plan, &volumes->items[i], err);
	for (size_t i = 0; i < volumes->folder_count; i++)
		if (evidence_holds(&disk, volumes->folders[i].path))
			return error_set(err, ERROR_REFUSED, plan->path, "is disk %u, and %.100s lies on it",
					 plan->index, volumes->folders[i].path);
	return 0;
}

/* -------- stores -------- */

static int refuse_store(struct disk_plan *plan, const struct case_store *store, struct error *err)
{
	if (protect(plan, store->path, err) < 0)
		return -1;
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, and a state store lies on it (%.50s, %s files); restore it, or get it with 'holdfast "
		"rescue --to DIR %.36s', and remove it then",
		plan->index, store->path, text_count(store->files).text, plan->path);
}

static int refuse_deleted_store(struct disk_plan *plan, const struct case_store *store, struct error *err)
{
	if (protect(plan, store->path, err) < 0)
		return -1;
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, and a deleted store lies on it (%.40s), with %s files that are nowhere else; first: "
		"holdfast rescue --to DIR %.36s (or say --overwrite-deleted)",
		plan->index, store->path, text_count(store->endangered).text, plan->path);
}

static int look_at_store(void *context, const struct case_store *store, struct error *err)
{
	struct guarding *guarding = context;
	bool             there = strcmp(store->state, "live") == 0 || strcmp(store->state, "partial") == 0;

	if (there && store->files && !store->orphans)
		return refuse_store(guarding->plan, store, err);
	if (store->endangered && !guarding->overwrite_deleted)
		return refuse_deleted_store(guarding->plan, store, err);
	return 0;
}

/* -------- what is on one of its volumes -------- */

/* Is @path, of a sequence's variable, a folder or file of the volume? */
static bool has_path(const struct work_volume *volume, const char *path)
{
	uint32_t record = NO_TREE_RECORD;

	if (has_letter(path))
		path += 2;
	path += strspn(path, "\\/");
	if (*path)
		record = volume_tree_find(&volume->tree, path);
	return record != NO_TREE_RECORD && record != ROOT_RECORD;
}

static bool is_of_run(const struct guarding *guarding, char letter)
{
	for (size_t i = 0; i < guarding->volumes->count; i++)
		if (guarding->volumes->items[i].letter == letter)
			return true;
	return false;
}

/* Refuse what the sequence protects, but not for a path on a server, or on a volume of the run, which lies
 * elsewhere. */
static int refuse_protected(const struct guarding *guarding, const struct work_volume *volume,
			    const char *path, struct error *err)
{
	struct disk_plan *plan = guarding->plan;

	if (is_of_run(guarding, letter_of(path)) || strncmp(path, "\\\\", 2) == 0 || !has_path(volume, path))
		return 0;
	if (protect(plan, path, err) < 0)
		return -1;
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, and contains the protected path '%.80s'; get out of it what is needed and remove it, or "
		"leave the step out",
		plan->index, path);
}

/* One more user: "Alice, bjørn", as many as a sentence bears. */
static int add_user(struct guarding *guarding, const char *name, struct error *err)
{
	struct disk_plan *plan = guarding->plan;
	char             *users;

	if (++guarding->users > USERS_TOLD_MAX + 1)
		return 0;
	if (guarding->users > USERS_TOLD_MAX)
		name = "...";
	if (asprintf(&users, "%s%s%s", plan->users ? plan->users : "", plan->users ? ", " : "", name) < 0)
		return error_memory(err);
	free(plan->users);
	plan->users = users;
	return 0;
}

/* Somebody's folder has a hive; those that Windows itself brings are nobody's. */
static bool is_somebodys(const struct volume_tree *tree, const char *path, const char *name)
{
	static const char *const nobodys[] = { "Default", "Default User", "LocalService", "NetworkService" };
	CLEANUP(free_ptr) char  *hive = windows_path_join(path, USER_HIVE);

	for (size_t i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++)
		if (strcasecmp(name, nobodys[i]) == 0)
			return false;
	return hive && volume_tree_find(tree, hive) != NO_TREE_RECORD;
}

static int find_users(struct guarding *guarding, const struct volume_tree *tree, const char *folder,
		      struct error *err)
{
	uint32_t                 record = volume_tree_find(tree, folder);
	struct text_buffer       path = { 0 };
	const struct tree_child *children;
	size_t                   count = 0;
	int                      result = 0;

	if (record == NO_TREE_RECORD)
		return 0;
	children = volume_tree_children(tree, record, &count);
	for (size_t i = 0; result == 0 && i < count; i++) {
		if (!volume_tree_is_directory(tree, children[i].record) ||
		    tree->inventory.names.items[children[i].name].space == NAME_DOS)
			continue;
		result = volume_tree_path(tree, children[i].name, &path, err);
		if (result == 0 && is_somebodys(tree, path.items, windows_path_last(path.items)))
			result = add_user(guarding, windows_path_last(path.items), err);
	}
	array_release(&path);
	return result;
}

static int look_at_tree(struct guarding *guarding, struct work_volume *volume, struct error *err)
{
	if (work_volume_read(volume, err) < 0) /* no tree: the scan has looked for stores all the same */
		return err->kind == ERROR_MEMORY ? -1 : 0;
	if (work_volume_refuse_cut_run(volume, err) < 0 ||
	    refuse_protected(guarding, volume, guarding->plan->store_path, err) < 0 ||
	    refuse_protected(guarding, volume, guarding->plan->linked_store, err) < 0 ||
	    find_users(guarding, &volume->tree, "\\Users", err) < 0)
		return -1;
	return find_users(guarding, &volume->tree, "\\Documents and Settings", err);
}

static int look_at_volume(struct guarding *guarding, const struct volume *found, struct error *err)
{
	struct work_volumes one = { .items = calloc(1, sizeof *one.items), .count = 1 };
	struct error        late;
	int                 result;

	if (!one.items)
		return error_memory(err);
	*one.items = (struct work_volume){ .source = strdup(guarding->plan->path),
					   .path = strdup(guarding->plan->path),
					   .volume = *found,
					   .mount.transaction.device.fd = -1 };
	result = one.items->source && one.items->path ? look_at_tree(guarding, one.items, err)
						      : error_memory(err);
	return work_volumes_close(&one, result < 0 ? &late : err) < 0 ? -1 : result;
}

/* -------- what cannot be looked into -------- */

static int refuse_encrypted_at(const struct disk_plan *plan, struct evidence *disk, uint64_t start,
			       struct error *err)
{
	struct ranges holes = { 0 };
	uint8_t       sector[DISK_SECTOR_BYTES];
	int           result = evidence_read(disk, start, sector, sizeof sector, &holes, err);

	array_release(&holes);
	if (result < 0 || !layer_is_bitlocker(sector))
		return result;
	return error_set(
		err, ERROR_REFUSED, plan->path,
		"is disk %u, and BitLocker hides what is on it from byte %" PRIu64
		": there may be a store; unlock and decrypt it, or take its signature away with wipefs",
		plan->index, start);
}

static int refuse_encrypted(const struct disk_plan *plan, struct evidence *disk, struct error *err)
{
	struct image_partition partitions[FOUND_MAX];
	char                   kind[IMAGE_KIND_BYTES] = "", text[IMAGE_ERROR_BYTES] = "";
	int                    count;

	if (refuse_encrypted_at(plan, disk, 0, err) < 0 || evidence_client(disk, err) < 0)
		return -1;
	count = image_client_partitions(disk->client, partitions, FOUND_MAX, kind, text);
	if (count < 0)
		return error_set(err, ERROR_IO, plan->path, "has partitions that cannot be listed: %.150s", text);
	for (int i = 0; i < count; i++)
		if (refuse_encrypted_at(plan, disk, partitions[i].start_bytes, err) < 0)
			return -1;
	return 0;
}

/* -------- all together -------- */

/* Did the scan end since there is no NTFS volume at all? */
static bool found_nothing(const struct scan_result *result, const struct error *err)
{
	return err->kind == ERROR_VALUE && result->evidence_count && !result->volumes.count;
}

static int check(struct guarding *guarding, struct casebook *book, struct scan_result *result,
		 struct error *err)
{
	struct disk_plan   *plan = guarding->plan;
	struct scan_options options = { .sources = (const char *const *)&plan->path,
					.source_count = 1,
					.command = "guard",
					.summary = true,
					.threads = command_threads() };
	int                 status = scan_run(&options, book, result, err);

	if (status < 0 && !found_nothing(result, err))
		return -1;
	if (refuse_encrypted(plan, &result->evidence[0], err) < 0 ||
	    (status == 0 && casebook_stores(book, look_at_store, guarding, err) < 0))
		return -1;
	for (size_t i = 0; i < result->volumes.count; i++)
		if (look_at_volume(guarding, &result->volumes.items[i], err) < 0)
			return -1;
	if (!evidence_unreadable(&result->evidence[0]))
		return 0;
	return error_set(err, ERROR_REFUSED, plan->path,
			 "is disk %u, and cannot be read in places: there may be a store; copy it to a sound disk "
			 "(ddrescue), and take another one",
			 plan->index);
}

int disk_guard_check(struct disk_plan *plan, const struct work_volumes *volumes, bool overwrite_deleted,
		     struct error *err)
{
	struct guarding    guarding = { .plan = plan,
					.volumes = volumes,
					.overwrite_deleted = overwrite_deleted };
	struct casebook    book = { 0 };
	struct scan_result result = { 0 };
	int                status = check(&guarding, &book, &result, err);

	casebook_close(&book);
	scan_result_release(&result);
	return status;
}
