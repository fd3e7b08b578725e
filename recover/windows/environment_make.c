/* SPDX-License-Identifier: GPL-3.0-or-later */
/* environment_make.c - the variables of an offline Windows and of its users; see environment.h */
#include "recover/windows/environment.h"

#include "core/cleanup.h"
#include "recover/windows/shell_folder.h"
#include "recover/windows/windows_path.h"

#include <string.h>

#define CURRENT "Microsoft\\Windows\\CurrentVersion"
#define EXPLORER CURRENT "\\Explorer\\"
#define DEFAULT "CSIDL_DEFAULT_"
#define NAME_BYTES 64u /* of a variable of the tables */

struct making {
	struct environment        *environment;
	const struct windows      *windows;
	const struct user_profile *user; /* NULL: the machine */
	bool                       xp;
};

/* -------- single values -------- */

/* Set @name to what @text of a hive means as a path, or leave it.  Returns 1 if it was set, 0, -1. */
static int set_path(struct making *making, const char *name, const char *text, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	if (windows_path(making->windows, making->environment, text, &path, err) < 0)
		return -1;
	if (!path)
		return 0;
	return environment_set(making->environment, name, path, err) < 0 ? -1 : 1;
}

/* Set @name to a folder below that of the variable @below; to no value if there is none. */
static int set_below(struct making *making, const char *name, const char *below, const char *relative,
		     struct error *err)
{
	const struct texts     *base = below ? environment_get(making->environment, below) : NULL;
	CLEANUP(free_ptr) char *path = NULL;

	if (base && base->count) {
		path = windows_path_join(base->items[0], relative);
		if (!path)
			return error_memory(err);
	}
	return environment_set(making->environment, name, path, err);
}

/* -------- folders -------- */

/*
 * The folder that the hive names.  "Shell Folders" is a copy that may be another user's, or out of date: it
 * is believed below the user's own profile only.  Returns 1 if it was set, 0, -1.
 */
static int set_from_hive(struct making *making, const struct shell_folder *folder, struct error *err)
{
	const struct hive      *hive = making->user ? &making->user->user : &making->windows->software;
	const char             *keys = making->user ? "Software\\" EXPLORER : EXPLORER;
	CLEANUP(free_ptr) char *text = NULL, *copy = NULL, *path = NULL;
	char                    key[sizeof "Software\\" EXPLORER "User Shell Folders"];
	int                     set;

	snprintf(key, sizeof key, "%sUser Shell Folders", keys);
	if (windows_text(hive, key, folder->value, &text, err) < 0)
		return -1;
	set = text ? set_path(making, folder->variable, text, err) : 0;
	if (set != 0 || !making->user)
		return set;
	snprintf(key, sizeof key, "%sShell Folders", keys);
	if (windows_text(hive, key, folder->value, &copy, err) < 0 ||
	    (copy && windows_path(making->windows, making->environment, copy, &path, err) < 0))
		return -1;
	if (!path || !windows_path_is_in(path, making->user->path))
		return 0;
	return environment_set(making->environment, folder->variable, path, err) < 0 ? -1 : 1;
}

static int set_folders(struct making *making, const struct shell_folder *folders, size_t count,
		       struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct shell_place *place = making->xp ? &folders[i].xp : &folders[i].modern;
		int set = folders[i].value ? set_from_hive(making, &folders[i], err) : 0;

		if (set < 0 ||
		    (set == 0 && set_below(making, folders[i].variable, place->below, place->path, err) < 0))
			return -1;
	}
	return 0;
}

/* "CSIDL_APPDATA" as "CSIDL_DEFAULT_APPDATA"; false for a variable of another kind. */
static bool default_name(const char *variable, char name[NAME_BYTES])
{
	if (strcmp(variable, "USERPROFILE") == 0)
		return snprintf(name, NAME_BYTES, "DEFAULTUSERPROFILE") > 0;
	return strncmp(variable, "CSIDL_", 6) == 0 &&
	       snprintf(name, NAME_BYTES, DEFAULT "%s", variable + 6) > 0;
}

/* The folders in the profile that new users get a copy of. */
static int set_default_folders(struct making *making, struct error *err)
{
	for (size_t i = 0; i < shell_folder_user_count; i++) {
		const struct shell_folder *folder = &shell_folders_of_user[i];
		const struct shell_place  *place = making->xp ? &folder->xp : &folder->modern;
		char                       name[NAME_BYTES], below[NAME_BYTES];

		if (!default_name(folder->variable, name))
			continue;
		if (set_below(making, name, place->below && default_name(place->below, below) ? below : NULL,
			      place->path, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- what a hive has as variables -------- */

static int set_variable(struct making *making, const struct registry_value *value, struct error *err)
{
	CLEANUP(free_ptr) char             *text = NULL, *unknown = NULL;
	CLEANUP(texts_release) struct texts expanded = { 0 };
	int                                 set;

	if (registry_value_read_text(value, &text, err) < 0)
		return -1;
	if (!text || !*value->name)
		return 0;
	set = strchr(text, ';') ? 0 : set_path(making, value->name, text, err);
	if (set != 0)
		return set < 0 ? -1 : 0;
	if (environment_expand(making->environment, text, &expanded, &unknown, err) < 0)
		return -1;
	return environment_set(making->environment, value->name, expanded.count ? expanded.items[0] : text,
			       err);
}

static int set_variables(struct making *making, const struct hive *hive, const char *path, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };
	hive_key                                                key;
	int                                                     found;

	if (!hive->handle)
		return 0;
	found = hive_find(hive, hive_root(hive), path, &key, err);
	if (found <= 0)
		return found;
	if (hive_values(hive, key, &values, err) < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++)
		if (set_variable(making, &values.items[i], err) < 0)
			return -1;
	return 0;
}

/* -------- the machine -------- */

/* A program folder: from SOFTWARE, or where it always is; none for a 32-bit Windows' (x86) ones. */
static int set_program_folder(struct making *making, const char *const names[3], const char *value,
			      const char *path, bool there, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (windows_text(&making->windows->software, CURRENT, value, &text, err) < 0)
		return -1;
	for (size_t i = 0; i < 3 && names[i]; i++) {
		int set = text && there ? set_path(making, names[i], text, err) : 0;

		if (set < 0 ||
		    (set == 0 && set_below(making, names[i], there ? "SYSTEMDRIVE" : NULL, path, err) < 0))
			return -1;
	}
	return 0;
}

static int set_program_folders(struct making *making, struct error *err)
{
	static const char *const own[3] = { "PROGRAMFILES", "CSIDL_PROGRAM_FILES", NULL };
	static const char *const common[3] = { "COMMONPROGRAMFILES", "CSIDL_PROGRAM_FILES_COMMON", NULL };
	static const char *const own_x86[3] = { "PROGRAMFILES(X86)", "CSIDL_PROGRAM_FILES(X86)",
						"CSIDL_PROGRAM_FILESX86" };
	static const char *const common_x86[3] = { "COMMONPROGRAMFILES(X86)",
						   "CSIDL_PROGRAM_FILES_COMMON(X86)",
						   "CSIDL_PROGRAM_FILES_COMMONX86" };
	bool                     wide = making->windows->is_64bit;

	return set_program_folder(making, own, "ProgramFilesDir", "Program Files", true, err) < 0 ||
			       set_program_folder(making, common, "CommonFilesDir",
						  "Program Files\\Common Files", true, err) < 0 ||
			       set_program_folder(making, own_x86, "ProgramFilesDir (x86)",
						  "Program Files (x86)", wide, err) < 0 ||
			       set_program_folder(making, common_x86, "CommonFilesDir (x86)",
						  "Program Files (x86)\\Common Files", wide, err) < 0
		       ? -1
		       : 0;
}

static int set_system_profile(struct making *making, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	int                     set;

	if (windows_text(&making->windows->software,
			 "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\S-1-5-18", "ProfileImagePath",
			 &text, err) < 0)
		return -1;
	set = text ? set_path(making, "SYSTEMPROFILE", text, err) : 0;
	return set != 0
		       ? set
		       : set_below(making, "SYSTEMPROFILE", "WINDIR", "System32\\config\\systemprofile", err);
}

int environment_begin(struct environment *environment, const struct windows *windows, struct error *err)
{
	char drive[3] = { windows->directory[0], ':', 0 };

	*environment = (struct environment){ 0 };
	return environment_set(environment, "SYSTEMDRIVE", drive, err) < 0 ||
			       environment_set(environment, "SYSTEMROOT", windows->directory, err) < 0 ||
			       environment_set(environment, "WINDIR", windows->directory, err) < 0
		       ? -1
		       : 0;
}

static int set_machine(struct making *making, struct error *err)
{
	const struct windows *windows = making->windows;
	struct environment   *environment = making->environment;
	char                  path[64];

	snprintf(path, sizeof path, "ControlSet%03u\\Control\\Session Manager\\Environment",
		 windows->control_set);
	if (set_variables(making, &windows->system, path, err) < 0 ||
	    environment_set(environment, "SYSTEMROOT", windows->directory, err) < 0 ||
	    environment_set(environment, "WINDIR", windows->directory, err) < 0 ||
	    environment_set(environment, "PROFILESFOLDER", windows->profiles_folder, err) < 0 ||
	    environment_set(environment, "DEFAULTUSERPROFILE", windows->default_folder, err) < 0 ||
	    environment_set(environment, "PUBLIC", windows->public_folder, err) < 0 ||
	    environment_set(environment, "ALLUSERSPROFILE", windows->public_folder, err) < 0 ||
	    environment_set(environment, "PROGRAMDATA", windows->program_data, err) < 0)
		return -1;
	if (set_system_profile(making, err) < 0 || set_program_folders(making, err) < 0 ||
	    set_folders(making, shell_folders_of_machine, shell_folder_machine_count, err) < 0)
		return -1;
	return set_default_folders(making, err);
}

/* -------- a user -------- */

static int set_user(struct making *making, const struct user_profile *user, struct error *err)
{
	struct environment *environment = making->environment;
	const char         *temp = making->xp ? "Local Settings\\Temp" : "AppData\\Local\\Temp";

	making->user = user;
	if (environment_set(environment, "USERPROFILE", user->path, err) < 0 ||
	    set_below(making, "TEMP", "USERPROFILE", temp, err) < 0 ||
	    set_below(making, "TMP", "USERPROFILE", temp, err) < 0 ||
	    set_variables(making, &user->user, "Environment", err) < 0)
		return -1;
	if (environment_set(environment, "USERPROFILE", user->path, err) < 0 ||
	    environment_set(environment, "HOMEPATH",
			    user->path[0] && user->path[1] == ':' ? user->path + 2 : user->path, err) < 0 ||
	    environment_set(environment, "USERSID", user->sid, err) < 0 ||
	    environment_set(environment, "USERNAME", user->name, err) < 0 ||
	    environment_set(environment, "USERDOMAIN", *user->domain ? user->domain : NULL, err) < 0 ||
	    set_folders(making, shell_folders_of_user, shell_folder_user_count, err) < 0)
		return -1;
	for (size_t i = 0; i < shell_folder_virtual_count; i++)
		if (environment_set(environment, shell_folders_virtual[i], NULL, err) < 0)
			return -1;
	return 0;
}

/* What a Windows has of which nothing else is known. */
static const struct windows usual = {
	.directory = (char[]){ "C:\\Windows" },
	.profiles_folder = (char[]){ "C:\\Users" },
	.public_folder = (char[]){ "C:\\Users\\Public" },
	.default_folder = (char[]){ "C:\\Users\\Default" },
	.program_data = (char[]){ "C:\\ProgramData" },
	.is_64bit = true,
	.letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
};

int environment_make(struct environment *environment, const struct windows *windows,
		     const struct user_profile *user, struct error *err)
{
	struct making making = { .environment = environment, .windows = windows ? windows : &usual };

	making.xp = windows_is_xp(making.windows);
	if (environment_begin(environment, making.windows, err) < 0 || set_machine(&making, err) < 0)
		return -1;
	return user ? set_user(&making, user, err) : 0;
}
