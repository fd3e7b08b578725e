/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows.c - see windows.h */
#include "recover/windows/windows.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/windows/hive_file.h"
#include "recover/windows/profile_list.h"
#include "recover/windows/windows_find.h"
#include "recover/windows/windows_path.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define CURRENT_VERSION "Microsoft\\Windows NT\\CurrentVersion"
#define LETTERS         ('Z' - 'A' + 1)

/* -------- single values -------- */

int windows_text(const struct hive *hive, const char *path, const char *name, char **text, struct error *err)
{
	*text = NULL;
	return hive->handle ? hive_text_at(hive, path, name, text, err) : 0;
}

int windows_system_text(const struct windows *windows, const char *path, const char *name, char **text,
			struct error *err)
{
	CLEANUP(free_ptr) char *whole = NULL;

	if (asprintf(&whole, "ControlSet%03u\\%s", windows->control_set, path) < 0) {
		whole = NULL;
		*text = NULL;
		return error_memory(err);
	}
	return windows_text(&windows->system, whole, name, text, err);
}

/* A number at a path from the root; @otherwise if there is none. */
static int number_at(const struct hive *hive, const char *path, const char *name, uint32_t otherwise, uint32_t *number,
		     struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	uint64_t                                              wide;
	hive_key                                              key;
	int                                                   found = 0;

	*number = otherwise;
	if (hive->handle)
		found = hive_find(hive, hive_root(hive), path, &key, err);
	if (found == 1)
		found = hive_value(hive, key, name, &value, err);
	if (found == 1 && registry_value_number(&value, &wide) && wide <= UINT32_MAX)
		*number = (uint32_t)wide;
	return found < 0 ? -1 : 0;
}

const char *name_source_word(enum name_source source)
{
	static const char *const words[] = { [NAME_FROM_SAM] = "sam", [NAME_FROM_CACHE] = "cache", [NAME_FROM_FOLDER] = "folder" };

	return words[source];
}

bool windows_is_xp(const struct windows *windows)
{
	return windows->version_major && windows->version_major < 6;
}

/* -------- hives of the machine -------- */

static int open_hive(struct windows *windows, struct hive *hive, const char *name, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	struct error            why;
	int                     opened;

	path = text_format("%s\\System32\\config\\%s", windows->directory, name);
	if (!path)
		return error_memory(err);
	opened = hive_file_open(hive, windows->volume, path + 2, path, windows->writable, NULL, &why);
	if (opened == 1)
		return trouble_add_behind(&windows->trouble, hive, err);
	hive_close(hive);
	*hive = (struct hive){ 0 };
	if (opened < 0 && why.kind == ERROR_MEMORY)
		return error_memory(err);
	return trouble_add(&windows->trouble, err, "%s: %s", path, opened == 0 ? "it is not there" : why.text);
}

static int read_accounts(struct windows *windows, struct error *err)
{
	CLEANUP(free_ptr) char *machine_sid = NULL;

	if (windows->sam.handle && sam_read(&windows->sam, &windows->accounts, &machine_sid, err) < 0)
		return -1;
	windows->machine_sid = machine_sid ? TAKE(machine_sid) : strdup("");
	return windows->machine_sid ? 0 : error_memory(err);
}

/* -------- drive letters -------- */

/* "D=C E=D", or the pairs of Offline.xml, "D:\, C:\": whatever stands between the letters. */
static int take_mappings(struct windows *windows, const char *mappings, struct error *err)
{
	char   offline = 0;
	size_t letters = 0;

	for (const char *at = mappings; *at; at++) {
		if (!isalpha((unsigned char)*at))
			continue;
		letters++;
		if (isalpha((unsigned char)at[1]))
			return error_set(err, ERROR_USAGE, mappings, "is no mapping of drive letters; write it as in D=C E=D");
		if (letters % 2)
			offline = (char)toupper((unsigned char)*at);
		else
			windows->letters[offline - 'A'] = (char)toupper((unsigned char)*at);
	}
	return letters % 2 ? error_set(err, ERROR_USAGE, mappings, "names a drive without the one that it is; write it as in D=C E=D")
			   : 0;
}

/* The offline system calls its own volume by the letter of SystemRoot, whatever it is called now. */
static int take_own_letter(struct windows *windows, struct error *err)
{
	CLEANUP(free_ptr) char *root = NULL;
	char                    own;

	if (windows_text(&windows->software, CURRENT_VERSION, "SystemRoot", &root, err) < 0)
		return -1;
	if (!root || !isalpha((unsigned char)root[0]) || root[1] != ':')
		return 0;
	own = (char)toupper((unsigned char)root[0]);
	if (own == windows->volume->letter)
		return 0;
	windows->letters[windows->volume->letter - 'A'] = 0; /* which of the others that is, nobody says */
	windows->letters[own - 'A'] = windows->volume->letter;
	return 0;
}

static int settle_letters(struct windows *windows, const char *mappings, struct error *err)
{
	for (int i = 0; i < LETTERS; i++)
		windows->letters[i] = (char)('A' + i);
	return mappings ? take_mappings(windows, mappings, err) : take_own_letter(windows, err);
}

/* -------- what it is -------- */

static int read_control_set(struct windows *windows, struct error *err)
{
	uint32_t usual, current;

	if (number_at(&windows->system, "Select", "Default", 1, &usual, err) < 0 ||
	    number_at(&windows->system, "Select", "Current", usual, &current, err) < 0)
		return -1;
	windows->control_set = current && current < 1000 ? current : 1;
	return 0;
}

static int read_version(struct windows *windows, struct error *err)
{
	CLEANUP(free_ptr) char *version = NULL, *build = NULL;
	unsigned                major = 0, minor = 0;

	if (windows_text(&windows->software, CURRENT_VERSION, "CurrentVersion", &version, err) < 0 ||
	    windows_text(&windows->software, CURRENT_VERSION, "CurrentBuildNumber", &build, err) < 0)
		return -1;
	if (!build && windows_text(&windows->software, CURRENT_VERSION, "CurrentBuild", &build, err) < 0)
		return -1;
	if (version && sscanf(version, "%4u.%4u", &major, &minor) != 2)
		major = minor = 0;
	windows->build = build ? (uint32_t)strtoul(build, NULL, 10) : 0;
	/* since Windows 10 the text says 6.3 for ever */
	return number_at(&windows->software, CURRENT_VERSION, "CurrentMajorVersionNumber", major, &windows->version_major,
			 err) < 0 ||
			       number_at(&windows->software, CURRENT_VERSION, "CurrentMinorVersionNumber", minor,
					 &windows->version_minor, err) < 0
		       ? -1
		       : 0;
}

static int read_width(struct windows *windows, struct error *err)
{
	CLEANUP(free_ptr) char *processor = NULL;

	if (windows_system_text(windows, "Control\\Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", &processor,
				err) < 0)
		return -1;
	windows->is_64bit = processor ? strstr(processor, "64") != NULL
				      : volume_tree_find(&windows->volume->tree, "\\Program Files (x86)") != NO_TREE_RECORD;
	return 0;
}

static int read_computer(struct windows *windows, struct error *err)
{
	if (windows_system_text(windows, "Control\\ComputerName\\ComputerName", "ComputerName", &windows->computer, err) < 0)
		return -1;
	if (!windows->computer)
		windows->computer = strdup("");
	return windows->computer ? 0 : error_memory(err);
}

/* -------- its folders -------- */

/*
 * A folder of ProfileList: a whole path, or since long ago a name below the folder of profiles;
 * @usual, below @base, where it says nothing.
 */
static int read_folder(const struct windows *windows, const struct environment *environment, const char *value,
		       const char *base, const char *usual, char **folder, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (windows_text(&windows->software, PROFILE_LIST, value, &text, err) < 0 ||
	    (text && windows_path(windows, environment, text, folder, err) < 0))
		return -1;
	if (!*folder)
		*folder = windows_path_join(base, text && *text && !strpbrk(text, "\\/%:") ? text : usual);
	return *folder ? 0 : error_memory(err);
}

static int read_folders(struct windows *windows, const struct environment *environment, struct error *err)
{
	bool xp = windows_is_xp(windows);
	char drive[3] = { windows->directory[0], ':', 0 };

	if (read_folder(windows, environment, "ProfilesDirectory", drive, xp ? "Documents and Settings" : "Users",
			&windows->profiles_folder, err) < 0)
		return -1;
	if (read_folder(windows, environment, xp ? "AllUsersProfile" : "Public", windows->profiles_folder,
			xp ? "All Users" : "Public", &windows->public_folder, err) < 0 ||
	    read_folder(windows, environment, xp ? "DefaultUserProfile" : "Default", windows->profiles_folder,
			xp ? "Default User" : "Default", &windows->default_folder, err) < 0)
		return -1;
	if (!xp)
		return read_folder(windows, environment, "ProgramData", drive, "ProgramData", &windows->program_data, err);
	windows->program_data = windows_path_join(windows->public_folder, "Application Data");
	return windows->program_data ? 0 : error_memory(err);
}

/* -------- opening -------- */

static int read_windows(struct windows *windows, const struct windows_options *options, struct error *err)
{
	CLEANUP(environment_release) struct environment environment = { 0 };

	if (open_hive(windows, &windows->software, "SOFTWARE", err) < 0 ||
	    open_hive(windows, &windows->system, "SYSTEM", err) < 0 || open_hive(windows, &windows->sam, "SAM", err) < 0)
		return -1;
	if (settle_letters(windows, options->mappings, err) < 0 || read_control_set(windows, err) < 0 ||
	    read_version(windows, err) < 0 || read_width(windows, err) < 0 || read_computer(windows, err) < 0 ||
	    read_accounts(windows, err) < 0)
		return -1;
	if (environment_begin(&environment, windows, err) < 0 || read_folders(windows, &environment, err) < 0)
		return -1;
	return profile_list_read(windows, &environment, err);
}

int windows_open(struct windows *windows, struct work_volumes *volumes, const struct windows_options *options,
		 struct error *err)
{
	int found;

	*windows = (struct windows){ .volumes = volumes, .writable = options->writable };
	for (size_t i = 0; i < volumes->count; i++)
		if (work_volume_read_once(&volumes->items[i], err) < 0)
			return -1;
	found = windows_find(volumes, options, &windows->volume, &windows->directory, err);
	if (found <= 0)
		return found;
	return read_windows(windows, options, err) < 0 ? -1 : 1;
}

void windows_close(struct windows *windows)
{
	user_profiles_release(&windows->profiles);
	local_accounts_release(&windows->accounts);
	hive_close(&windows->software);
	hive_close(&windows->system);
	hive_close(&windows->sam);
	free(windows->directory);
	free(windows->computer);
	free(windows->machine_sid);
	free(windows->profiles_folder);
	free(windows->public_folder);
	free(windows->default_folder);
	free(windows->program_data);
	free(windows->trouble);
	*windows = (struct windows){ 0 };
}

struct user_profile *windows_profile(const struct windows *windows, const char *sid)
{
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (strcasecmp(windows->profiles.items[i].sid, sid) == 0)
			return &windows->profiles.items[i];
	return NULL;
}
