/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_registry.c - see restore_registry.h */
#include "recover/engine/restore_registry.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/destination.h"
#include "recover/engine/file_content.h"
#include "recover/engine/folder_path.h"
#include "recover/engine/registry_arrival.h"
#include "recover/registry/hive_security.h"
#include "recover/windows/first_boot.h"
#include "recover/windows/hive_file.h"
#include "recover/windows/profile_writer.h"
#include "recover/windows/windows_path.h"

#include <string.h>

#define CLASSES_HIVE "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"
#define FIRST_BOOT "\\Setup\\Scripts\\" /* below the Windows: where Setup looks at its end */

struct planning {
	struct restore_registry     *registry;
	struct restore_people       *people;
	const struct settings_files *settings;
	struct restore_report       *report;
	struct registry_arrivals     arrivals;
	bool                        *entered; /* by account: it is made known to the target */
};

/* -------- telling -------- */

static int tell(struct restore_notes *notes, const char *what, const char *why, struct error *err)
{
	return restore_note(notes, strdup(what), strdup(why), err);
}

/* -------- new contents -------- */

/* Takes @bytes over, also when it fails. */
static int add_content(struct planning *planning, const char *path, uint8_t *bytes, size_t size, struct error *err)
{
	struct work_volumes *volumes = planning->people->windows.volumes;
	struct new_content   content = { .volume = work_volumes_find(volumes, *path),
					 .path = strdup(path + 2),
					 .bytes = bytes,
					 .size = size };

	if (content.volume && content.path) {
		content.record = volume_tree_find(&content.volume->tree, content.path);
		if (array_push(&planning->registry->contents, content))
			return 0;
	}
	free(bytes);
	free(content.path);
	if (!content.volume)
		return error_set(err, ERROR_REFUSED, path, "is on a drive that is not named; name its volume, too");
	return error_memory(err);
}

/* Something that cannot be had costs no more than itself: it is told, if it is not memory that is lacking. */
static int leave_out(struct planning *planning, const char *what, struct error *err)
{
	return err->kind == ERROR_MEMORY ? -1 : tell(&planning->report->left_out, what, err->text, err);
}

/* A hive that was changed; one that cannot be written stays what it is, which is told. */
static int add_hive(struct planning *planning, struct hive *hive, const char *path, struct error *err)
{
	uint8_t *bytes;
	size_t   size;

	return hive_save(hive, &bytes, &size, err) < 0 ? leave_out(planning, path, err)
						       : add_content(planning, path, bytes, size, err);
}

static char *config_path(const struct planning *planning, const char *name)
{
	char *path;

	return asprintf(&path, "%s\\System32\\config\\%s", planning->people->windows.directory, name) < 0 ? NULL : path;
}

static int add_machine_hive(struct planning *planning, struct hive *hive, const char *name, struct error *err)
{
	CLEANUP(free_ptr) char *path = config_path(planning, name);

	return path ? add_hive(planning, hive, path, err) : error_memory(err);
}

/* -------- values -------- */

/* Read what is stored of a user, or with NULL of the machine. */
static int read_values(struct planning *planning, const struct user_profile *profile, const char *sid, struct error *err)
{
	struct settings_name        name = settings_registry_name(sid);
	const struct settings_file *file = settings_files_find(planning->settings, name.text);

	if (!file || registry_arrivals_add(&planning->arrivals, profile, file->name,
					   (struct bytes){ file->bytes, file->size, 0 }, err) == 0)
		return 0;
	return leave_out(planning, file->name, err); /* damaged: that costs no files */
}

/* -------- users whom the target does not know -------- */

/* Open the hive at a path to be changed: 1, 0 if there is none, -1. */
static int open_at(const struct planning *planning, const char *path, struct hive *hive, struct error *err)
{
	struct work_volume *volume;
	uint32_t            record;

	windows_path_find(&planning->people->windows, path, &volume, &record);
	return volume ? hive_file_open(hive, volume, path + 2, path, true, NULL, err) : 0;
}

/*
 * The hive that a user begins with: one that is in the folder already, or else the target's default one.  1; 0 if
 * there is none that can be used, which is told; -1.
 */
static int open_first(struct planning *planning, struct user_profile *profile, struct error *err)
{
	CLEANUP(free_ptr) char *own = windows_path_join(profile->path, USER_HIVE);
	CLEANUP(free_ptr) char *usual = windows_path_join(planning->people->windows.default_folder, USER_HIVE);
	int                     found = own && usual ? open_at(planning, own, &profile->user, err) : error_memory(err);

	if (found == 0)
		found = open_at(planning, usual, &profile->user, err);
	if (found == 1)
		return 1;
	return found < 0 ? leave_out(planning, profile->path, err)
			 : tell(&planning->report->left_out, profile->path,
				"the target has no default profile to begin with: its profile is not made known", err);
}

/* Begin a profile: 1, 0 if it cannot be made known (told), -1.  @sure  its SID is, so that it can be entered */
static int begin_profile(struct planning *planning, struct user_profile *profile, bool sure, struct error *err)
{
	if (sure && !planning->people->windows.software.handle)
		return tell(&planning->report->left_out, profile->path,
			    "the target's SOFTWARE cannot be changed: its profile is not made known", err);
	return open_first(planning, profile, err);
}

/* -------- users -------- */

/* What is stored of a user; one whose account is made at the first start gets a hive all the same. */
static int read_user(struct planning *planning, size_t number, struct error *err)
{
	const struct mapped_account *account = &planning->people->accounts.items[number];
	struct user_profile         *profile = planning->people->profiles[number];
	bool                         made = profile == &planning->people->made[number];
	int                          begun = 1;

	if (account->state == MAPPED_MISSING)
		return 0;
	if (made)
		begun = begin_profile(planning, profile, account->state == MAPPED_KNOWN, err);
	planning->entered[number] = begun == 1 && made && account->state == MAPPED_KNOWN;
	if (begun != 1)
		return begun < 0 ? -1 : 0;
	return read_values(planning, profile, account->person->sid, err);
}

static int set_path(struct error *err, const char *path)
{
	snprintf(err->path, sizeof err->path, "%s", path);
	return -1;
}

/* The hive of a new user, which becomes theirs, and who may enter its folder, should that not be there. */
static int add_new_hive(struct planning *planning, struct user_profile *profile, const char *path, struct error *err)
{
	struct new_contents *contents = &planning->registry->contents;
	struct sid           user;
	uint8_t             *bytes;
	size_t               size;

	if (!sid_parse(profile->sid, &user))
		return error_set(err, ERROR_VALUE, NULL, "'%.100s' is no SID", profile->sid);
	if (hive_save(&profile->user, &bytes, &size, err) < 0)
		return -1;
	if (hive_security_grant(&bytes, &size, &user, err) < 0) {
		free(bytes);
		return set_path(err, profile->user.name);
	}
	if (add_content(planning, path, bytes, size, err) < 0)
		return -1;
	return profile_writer_security(&user, &contents->items[contents->count - 1].security,
				       &contents->items[contents->count - 1].security_size, err);
}

static int add_user_hives(struct planning *planning, struct user_profile *profile, bool entered, struct error *err)
{
	const struct registry_arrivals *arrivals = &planning->arrivals;
	CLEANUP(free_ptr) char         *user = windows_path_join(profile->path, USER_HIVE);
	CLEANUP(free_ptr) char         *classes = windows_path_join(profile->path, CLASSES_HIVE);

	if (!user || !classes)
		return error_memory(err);
	if (entered)
		return profile->user.handle ? add_new_hive(planning, profile, user, err) : 0;
	if (registry_arrivals_changed(arrivals, &profile->user) && add_hive(planning, &profile->user, user, err) < 0)
		return -1;
	return registry_arrivals_changed(arrivals, &profile->classes) ? add_hive(planning, &profile->classes, classes, err)
								      : 0;
}

/* The hives of a user, and an entry in ProfileList for one who is new. */
static int plan_user(struct planning *planning, size_t number, bool *software, struct error *err)
{
	struct restore_people  *people = planning->people;
	struct user_profile    *profile = people->profiles[number];
	bool                    entered = planning->entered[number];
	CLEANUP(free_ptr) char *folder = NULL;
	int                     made;

	if (people->accounts.items[number].state == MAPPED_MISSING)
		return 0;
	if (add_user_hives(planning, profile, entered, err) < 0)
		return -1;
	if (!entered)
		return 0;
	folder = windows_path_offline(&people->windows, profile->path);
	if (!folder)
		return error_memory(err);
	made = profile_writer_add(&people->windows.software, profile->sid, folder, err);
	*software = *software || made == 1;
	return made < 0 ? -1 : 0;
}

/* -------- for the first start -------- */

/* 1 if the file has that content, 0, -1. */
static int has_text(struct work_volume *volume, uint32_t record, const char *path, const struct first_boot_file *file,
		    struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size;

	if (file_content_read(volume, record, path, file->size, &bytes, &size, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	return size == file->size && memcmp(bytes, file->bytes, size) == 0;
}

/* There is such a file already: nothing to do if it is the same; if not, what it should have done is left out. */
static int tell_there(struct planning *planning, const char *path, int same, struct error *err)
{
	if (same < 0)
		return -1;
	return same ? tell(&planning->report->first_start, path, "is there already", err)
		    : tell(&planning->report->left_out, path,
			   "another file of that name is there already and was left as it is; rename it and restore again, "
			   "for what was to be done at the first start",
			   err);
}

static int add_text(struct planning *planning, const char *name, struct first_boot_file *file, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	struct work_volume     *volume;
	uint32_t                record;

	path = text_format("%s%s%s", planning->people->windows.directory, FIRST_BOOT, name);
	if (!path)
		return error_memory(err);
	windows_path_find(&planning->people->windows, path, &volume, &record);
	if (volume)
		return tell_there(planning, path, has_text(volume, record, path, file, err), err);
	if (tell(&planning->report->first_start, path, "was written", err) < 0)
		return -1;
	return add_content(planning, path, (uint8_t *)TAKE(file->bytes), file->size, err);
}

static int plan_first_start(struct planning *planning, struct error *err)
{
	const struct migration_options            *options = planning->people->options;
	struct first_boot_options                  wanted = { options->enable_accounts, options->account_password };
	CLEANUP(first_boot_release) struct first_boot files = { 0 };
	int made = first_boot_make(&files, &planning->people->windows, &planning->people->accounts, &wanted, err);

	if (made <= 0)
		return made;
	return add_text(planning, FIRST_BOOT_SCRIPT, &files.script, err) < 0 ||
			       add_text(planning, FIRST_BOOT_COMMAND, &files.command, err) < 0 ||
			       add_text(planning, FIRST_BOOT_UNATTEND, &files.unattend, err) < 0 ||
			       add_text(planning, FIRST_BOOT_INSTRUCTIONS, &files.instructions, err) < 0
		       ? -1
		       : 0;
}

/* -------- all -------- */

/* Settings that have nowhere to go. */
static int tell_settings(struct planning *planning, struct error *err)
{
	for (size_t i = 0; i < planning->settings->count; i++) {
		const char *name = planning->settings->items[i].name;
		size_t      length = strlen(name);

		if (length > 4 && strcmp(name + length - 4, ".reg") == 0 &&
		    tell(&planning->report->kept, name, "there is no Windows on the volumes whose registry could take it",
			 err) < 0)
			return -1;
	}
	return 0;
}

static int plan_all(struct planning *planning, struct error *err)
{
	struct restore_people *people = planning->people;
	struct windows        *windows = &people->windows;
	bool                   software, system;

	if (read_values(planning, NULL, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < people->accounts.count; i++)
		if (read_user(planning, i, err) < 0)
			return -1;
	if (registry_arrivals_merge(&planning->arrivals, err) < 0)
		return -1;
	software = registry_arrivals_changed(&planning->arrivals, &windows->software);
	system = registry_arrivals_changed(&planning->arrivals, &windows->system);
	for (size_t i = 0; i < people->accounts.count; i++)
		if (plan_user(planning, i, &software, err) < 0)
			return -1;
	if ((software && add_machine_hive(planning, &windows->software, "SOFTWARE", err) < 0) ||
	    (system && add_machine_hive(planning, &windows->system, "SYSTEM", err) < 0))
		return -1;
	return plan_first_start(planning, err);
}

int restore_registry_plan(struct restore_registry *registry, struct restore_people *people,
			  const struct settings_files *settings, const struct placements *placements,
			  struct restore_report *report, struct error *err)
{
	struct planning planning = { .registry = registry,
				     .people = people,
				     .settings = settings,
				     .report = report,
				     .arrivals = { .windows = &people->windows, .placements = placements, .report = report },
				     .entered = calloc(people->accounts.count + 1, sizeof *planning.entered) };
	int             status;

	*registry = (struct restore_registry){ 0 };
	if (!planning.entered)
		return error_memory(err);
	status = people->has_windows ? plan_all(&planning, err) : tell_settings(&planning, err);
	registry_arrivals_release(&planning.arrivals);
	free(planning.entered);
	return status;
}

void restore_registry_release(struct restore_registry *registry)
{
	for (size_t i = 0; i < registry->contents.count; i++) {
		free(registry->contents.items[i].path);
		free(registry->contents.items[i].bytes);
		free(registry->contents.items[i].security);
	}
	array_release(&registry->contents);
}

bool restore_registry_concerns(const struct restore_registry *registry, const struct work_volume *volume)
{
	for (size_t i = 0; i < registry->contents.count; i++)
		if (registry->contents.items[i].volume == volume)
			return true;
	return false;
}

uint64_t restore_registry_bytes(const struct restore_registry *registry, const struct work_volume *volume)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < registry->contents.count; i++)
		if (registry->contents.items[i].volume == volume)
			bytes += registry->contents.items[i].size;
	return bytes;
}

/* -------- writing -------- */

/* Has the file a name besides this one, in a store perhaps, where nothing may change? */
static bool is_shared(const struct volume_tree *tree, uint32_t record)
{
	size_t          count, names = 0;
	const uint32_t *own = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++)
		names += tree->inventory.names.items[own[i]].space != NAME_DOS;
	return names > 1;
}

/* The entry of a file in its folder, or NULL. */
static const struct tree_child *find_entry(const struct volume_tree *tree, const char *path, uint32_t *folder)
{
	const char             *last = strrchr(path, '\\') + 1;
	CLEANUP(free_ptr) char *above = strndup(path, (size_t)(last - path));
	struct ntfs3g_name      name;

	*folder = above ? volume_tree_find(tree, above) : NO_TREE_RECORD;
	if (*folder == NO_TREE_RECORD || ntfs3g_name(last, strlen(last), "", &name) < 0)
		return NULL;
	return volume_tree_child(tree, *folder, (const uint8_t *)name.units, name.count);
}

/* A file that keeps its other names gives this one to a new file, with the security that it has. */
static int swap(struct work_volume *volume, const struct new_content *content, struct error *err)
{
	CLEANUP(case_record_release) struct case_record loaded = { 0 };
	uint32_t                                        folder;
	const struct tree_child *entry = find_entry(&volume->tree, content->path, &folder);
	file_ref                 above = entry ? volume_tree_ref(&volume->tree, folder) : 0;
	struct ntfs3g_name       name;
	ntfs_inode              *inode;

	if (!entry)
		return error_set(err, ERROR_VALUE, volume->source, "%.100s is gone", content->path);
	destination_tree_name(&volume->tree, entry->name, &name);
	if (work_volume_load(volume, content->record, &loaded, err) < 0 ||
	    ntfs3g_open(&volume->mount, volume_tree_ref(&volume->tree, content->record), &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, volume->source, "%.100s is gone", content->path);
	if (ntfs3g_drop_name(&volume->mount, inode, above, &name, err) < 0) {
		(void)ntfs_inode_close(inode);
		return -1;
	}
	if (ntfs3g_close(&volume->mount, inode, err) < 0 ||
	    ntfs3g_make_file(&volume->mount, above, &name, loaded.file.security_id, &inode, err) < 0)
		return -1;
	if (file_content_replace(&volume->mount, inode, content->bytes, content->size, err) < 0) {
		(void)ntfs_inode_close(inode);
		return -1;
	}
	return ntfs3g_close(&volume->mount, inode, err);
}

static int replace(struct work_volume *volume, const struct new_content *content, struct error *err)
{
	ntfs_inode *inode;
	int         status;

	if (is_shared(&volume->tree, content->record))
		return swap(volume, content, err);
	if (ntfs3g_open(&volume->mount, volume_tree_ref(&volume->tree, content->record), &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, volume->source, "%.100s is gone", content->path);
	status = file_content_replace(&volume->mount, inode, content->bytes, content->size, err);
	if (ntfs3g_close(&volume->mount, inode, err) < 0)
		return -1;
	return status;
}

static int secure_folder(struct work_volume *volume, file_ref folder, const struct new_content *content,
			 struct error *err)
{
	ntfs_inode *inode;
	int         status;

	if (ntfs3g_open(&volume->mount, folder, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, volume->source, "the folder of %.100s is gone", content->path);
	status = ntfs3g_set_security(&volume->mount, inode, content->security, content->security_size, err);
	if (ntfs3g_close(&volume->mount, inode, err) < 0)
		return -1;
	return status;
}

static int make(struct work_volume *volume, const struct new_content *content, struct error *err)
{
	const char *name = strrchr(content->path, '\\') + 1;
	file_ref    folder;
	bool        made;

	if (folder_path_enter(&volume->mount, content->path, (size_t)(name - 1 - content->path), &folder, &made, err) < 0 ||
	    (made && content->security && secure_folder(volume, folder, content, err) < 0))
		return -1;
	return file_content_make(&volume->mount, folder, name, content->bytes, content->size, err);
}

int restore_registry_write(const struct restore_registry *registry, struct work_volume *volume, struct error *err)
{
	for (size_t i = 0; i < registry->contents.count; i++) {
		const struct new_content *content = &registry->contents.items[i];

		if (content->volume == volume && (content->record == NO_TREE_RECORD ? make(volume, content, err)
										    : replace(volume, content, err)) < 0)
			return -1;
	}
	return 0;
}
