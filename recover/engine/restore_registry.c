/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_registry.c - see restore_registry.h */
#include "recover/engine/restore_registry.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"
#include "recover/engine/registry_arrival.h"
#include "recover/registry/hive_security.h"
#include "recover/windows/first_boot.h"
#include "recover/windows/hive_file.h"
#include "recover/windows/profile_writer.h"
#include "recover/windows/windows_path.h"

#include <string.h>

#define USER_HIVE    "NTUSER.DAT"
#define CLASSES_HIVE "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"
#define FIRST_BOOT   "\\Setup\\Scripts\\" /* below the Windows: where Setup looks at its end */

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

/* A hive that was changed. */
static int add_hive(struct planning *planning, struct hive *hive, const char *path, struct error *err)
{
	uint8_t *bytes;
	size_t   size;

	return hive_save(hive, &bytes, &size, err) < 0 ? -1 : add_content(planning, path, bytes, size, err);
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

	return file ? registry_arrivals_add(&planning->arrivals, profile, file->name,
					    (struct bytes){ file->bytes, file->size, 0 }, err)
		    : 0;
}

/* -------- users whom the target does not know -------- */

/* The hive that a user begins with is the target's default one; *@profile has it open. */
static int open_default(const struct planning *planning, struct user_profile *profile, struct error *err)
{
	const struct windows   *windows = &planning->people->windows;
	CLEANUP(free_ptr) char *path = windows_path_join(windows->default_folder, USER_HIVE);
	struct work_volume     *volume;
	uint32_t                record;

	if (!path)
		return error_memory(err);
	windows_path_find(windows, path, &volume, &record);
	return volume ? hive_file_open(&profile->user, volume, path + 2, path, true, NULL, err) : 0;
}

/* A hive of that name is there, from a run that was cut off, or somebody's: it is left as it is.  1, 0, -1. */
static int has_hive(const struct planning *planning, const struct user_profile *profile, struct error *err)
{
	CLEANUP(free_ptr) char *path = windows_path_join(profile->path, USER_HIVE);
	struct work_volume     *volume;
	uint32_t                record;

	if (!path)
		return error_memory(err);
	windows_path_find(&planning->people->windows, path, &volume, &record);
	return volume != NULL;
}

/* Begin a profile whose SID is sure: 1, 0 if it cannot be made known (told), -1. */
static int begin_profile(struct planning *planning, struct user_profile *profile, struct error *err)
{
	int there;

	if (!planning->people->windows.software.handle)
		return tell(&planning->report->left_out, profile->path,
			    "the target's SOFTWARE cannot be changed: its profile is not made known", err);
	there = has_hive(planning, profile, err);
	if (there == 0)
		there = open_default(planning, profile, err);
	if (there == 0)
		return tell(&planning->report->left_out, profile->path,
			    "the target has no default profile to begin with: its profile is not made known", err);
	return there;
}

/* -------- users -------- */

/* What is stored of a user whose SID is sure. */
static int read_user(struct planning *planning, size_t number, struct error *err)
{
	const struct mapped_account *account = &planning->people->accounts.items[number];
	struct user_profile         *profile = planning->people->profiles[number];
	int                          begun = 1;

	if (account->state != MAPPED_KNOWN)
		return 0; /* the first start makes it */
	if (profile == &planning->people->made[number])
		begun = begin_profile(planning, profile, err);
	planning->entered[number] = begun == 1 && profile == &planning->people->made[number];
	if (begun != 1 || (planning->entered[number] && !profile->user.handle))
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

	if (people->accounts.items[number].state != MAPPED_KNOWN)
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

static int add_text(struct planning *planning, const char *name, struct first_boot_file *file, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	struct work_volume     *volume;
	uint32_t                record;

	if (asprintf(&path, "%s%s%s", planning->people->windows.directory, FIRST_BOOT, name) < 0) {
		path = NULL;
		return error_memory(err);
	}
	windows_path_find(&planning->people->windows, path, &volume, &record);
	if (volume)
		return tell(&planning->report->first_start, path, "is there already and was left as it is", err);
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

/* -------- writing -------- */

static int replace(struct work_volume *volume, const struct new_content *content, struct error *err)
{
	ntfs_inode *inode;
	int         status;

	if (ntfs3g_open(&volume->mount, volume_tree_ref(&volume->tree, content->record), &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, volume->source, "%.100s is gone", content->path);
	status = file_content_replace(&volume->mount, inode, content->bytes, content->size, err);
	if (ntfs3g_close(&volume->mount, inode, err) < 0)
		return -1;
	return status;
}

/* The folder above a new file; those that are missing are made, and *@made says whether it is one of them. */
static int enter_folders(struct work_volume *volume, const char *path, file_ref *folder, const char **name, bool *made,
			 struct error *err)
{
	const char *at = path + 1, *next;

	*made = false;
	*folder = file_ref_make(ROOT_RECORD, ROOT_RECORD);
	for (; (next = strchr(at, '\\')); at = next + 1) {
		struct ntfs3g_name text;
		file_ref           found;
		int                there;

		if (ntfs3g_name(at, (size_t)(next - at), "", &text) < 0)
			return error_set(err, ERROR_VALUE, volume->source, "%.100s cannot be made: it is no path", path);
		there = ntfs3g_find(&volume->mount, *folder, &text, NAME_CASE_ASIDE, &found, err);
		*made = there == 0;
		if (*made)
			there = ntfs3g_make_folder(&volume->mount, *folder, &text, &found, err);
		if (there < 0)
			return -1;
		*folder = found;
	}
	*name = at;
	return 0;
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
	const char *name;
	file_ref    folder;
	bool        made;

	if (enter_folders(volume, content->path, &folder, &name, &made, err) < 0 ||
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
