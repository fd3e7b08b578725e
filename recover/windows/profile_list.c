/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile_list.c - see profile_list.h */
#include "recover/windows/profile_list.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/security/sid.h"
#include "recover/windows/hive_file.h"
#include "recover/windows/name_cache.h"
#include "recover/windows/windows_path.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define BACKUP       ".bak"
#define CLASSES      "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat"
#define CLASSES_XP   "Local Settings\\Application Data\\Microsoft\\Windows\\UsrClass.dat"
#define USER_FIXED   "NTUSER.MAN" /* a mandatory profile */

int trouble_add(char **trouble, struct error *err, const char *format, ...)
{
	CLEANUP(free_ptr) char *clause = NULL;
	va_list                 arguments;
	char                   *whole;

	va_start(arguments, format);
	clause = text_format_list(format, arguments);
	va_end(arguments);
	if (!clause)
		return error_memory(err);
	whole = text_format("%s%s%s", *trouble ? *trouble : "", *trouble ? "; " : "", clause);
	if (!whole)
		return error_memory(err);
	free(*trouble);
	*trouble = whole;
	return 0;
}

int trouble_add_behind(char **trouble, const struct hive *hive, struct error *err)
{
	if (hive->state != HIVE_BEHIND)
		return 0;
	return trouble_add(trouble, err,
			   "%s: its last changes are missing, for Windows did not close it and its logs do not have them",
			   hive->name);
}

static void profile_release(struct user_profile *profile)
{
	free(profile->sid);
	free(profile->name);
	free(profile->domain);
	free(profile->path);
	free(profile->trouble);
	hive_close(&profile->user);
	hive_close(&profile->classes);
}

void user_profiles_release(struct user_profiles *profiles)
{
	for (size_t i = 0; i < profiles->count; i++)
		profile_release(&profiles->items[i]);
	array_release(profiles);
}

/* -------- names -------- */

static int take_text(char **to, const char *text, struct error *err)
{
	*to = strdup(text);
	return *to ? 0 : error_memory(err);
}

static int name_local(const struct windows *windows, struct user_profile *profile, struct error *err)
{
	const struct local_account *account = local_account_of_rid(&windows->accounts, profile->rid);

	profile->local = true;
	if (take_text(&profile->domain, windows->computer, err) < 0)
		return -1;
	if (!account) {
		profile->source = NAME_FROM_FOLDER;
		return take_text(&profile->name, windows_path_last(profile->path), err);
	}
	profile->source = NAME_FROM_SAM;
	profile->disabled = account->disabled;
	return take_text(&profile->name, account->name, err);
}

/* What Windows itself has remembered, then what the user's own hive says, then the folder. */
static int name_foreign(struct user_profile *profile, const struct name_cache *cache, struct error *err)
{
	const struct cached_name *cached = name_cache_find(cache, profile->sid);
	const char               *domain = cached && *cached->domain ? cached->domain : name_cache_domain(cache, profile->sid);
	CLEANUP(free_ptr) char   *logon = NULL;

	if (take_text(&profile->domain, domain ? domain : "", err) < 0)
		return -1;
	profile->source = NAME_FROM_CACHE;
	if (cached)
		return take_text(&profile->name, cached->name, err);
	if (windows_text(&profile->user, "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer", "Logon User Name", &logon,
			 err) < 0)
		return -1;
	if (logon && *logon)
		return take_text(&profile->name, logon, err);
	profile->source = NAME_FROM_FOLDER;
	return take_text(&profile->name, windows_path_last(profile->path), err);
}

static int name_system(struct user_profile *profile, struct error *err)
{
	profile->source = NAME_FROM_CACHE; /* everywhere the same */
	return take_text(&profile->domain, "NT AUTHORITY", err) < 0 ||
			       take_text(&profile->name,
					 profile->rid == 18   ? "SYSTEM"
					 : profile->rid == 19 ? "LOCAL SERVICE"
							      : "NETWORK SERVICE",
					 err) < 0
		       ? -1
		       : 0;
}

static int name_profile(const struct windows *windows, struct user_profile *profile, const struct name_cache *cache,
			struct error *err)
{
	struct sid sid, machine;

	(void)sid_parse(profile->sid, &sid); /* it is one */
	if (profile->special)
		return name_system(profile, err);
	if (*windows->machine_sid && sid_parse(windows->machine_sid, &machine) && sid_is_of(&sid, &machine))
		return name_local(windows, profile, err);
	return name_foreign(profile, cache, err);
}

/* -------- folder and hives -------- */

/* The profile's folder on its volume, and in it a file; to be freed. */
static char *path_in(const struct user_profile *profile, const char *file)
{
	return windows_path_join(profile->path + 2, file);
}

/* Open one hive of a profile: 1, 0 if there is none, or none that can be read, which is a trouble; -1. */
static int open_hive(const struct windows *windows, struct user_profile *profile, struct hive *hive, const char *file,
		     uint64_t *used, struct error *err)
{
	CLEANUP(free_ptr) char *path = path_in(profile, file), *name = windows_path_join(profile->path, file);
	struct error            why;
	int                     opened;

	if (!path || !name)
		return error_memory(err);
	opened = hive_file_open(hive, profile->volume, path, name, windows->writable, used, &why);
	if (opened == 1)
		return trouble_add_behind(&profile->trouble, hive, err) < 0 ? -1 : 1;
	if (opened == 0)
		return 0;
	hive_close(hive);
	*hive = (struct hive){ 0 };
	if (why.kind == ERROR_MEMORY)
		return error_memory(err);
	return trouble_add(&profile->trouble, err, "%s: %s", name, why.text) < 0 ? -1 : 1;
}

static int open_hives(const struct windows *windows, struct user_profile *profile, struct error *err)
{
	int opened = open_hive(windows, profile, &profile->user, USER_HIVE, &profile->used, err);

	if (opened == 0)
		opened = open_hive(windows, profile, &profile->user, USER_FIXED, &profile->used, err);
	if (opened == 0 && !profile->special && trouble_add(&profile->trouble, err, "its folder has no " USER_HIVE) < 0)
		return -1;
	if (opened < 0)
		return -1;
	return open_hive(windows, profile, &profile->classes, windows_is_xp(windows) ? CLASSES_XP : CLASSES, NULL, err) < 0 ? -1
														    : 0;
}

/* Where the profile's folder is, by what ProfileList says. */
static int place_profile(const struct windows *windows, const struct environment *environment, const char *image,
			 struct user_profile *profile, struct error *err)
{
	if (!image || !*image) {
		if (take_text(&profile->path, "", err) < 0)
			return -1;
		return trouble_add(&profile->trouble, err, "ProfileList does not say where its folder is");
	}
	if (windows_path(windows, environment, image, &profile->path, err) < 0)
		return -1;
	if (!profile->path) {
		if (take_text(&profile->path, image, err) < 0)
			return -1;
		return trouble_add(&profile->trouble, err, "its folder is on a drive that is not among the volumes");
	}
	windows_path_find(windows, profile->path, &profile->volume, &profile->folder);
	if (profile->volume && volume_tree_is_directory(&profile->volume->tree, profile->folder))
		return open_hives(windows, profile, err);
	profile->volume = NULL;
	profile->folder = NO_TREE_RECORD;
	return profile->special ? 0 : trouble_add(&profile->trouble, err, "its folder is not there");
}

/* -------- entries -------- */

/* One key below ProfileList that is called after a SID. */
struct list_entry {
	char *sid;
	char *image;  /* ProfileImagePath, NULL if it has none */
	bool  backup; /* "<SID>.bak" */
};

struct list_entries ARRAY(struct list_entry);

static void entries_release(struct list_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->items[i].sid);
		free(entries->items[i].image);
	}
	array_release(entries);
}

/* By SID, the backup first. */
static int compare_entry(const void *a, const void *b)
{
	const struct list_entry *left = a, *right = b;
	int                      order = strcasecmp(left->sid, right->sid);

	return order ? order : right->backup - left->backup;
}

static int read_entry(struct windows *windows, hive_key key, struct list_entries *entries, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	CLEANUP(free_ptr) char *name = NULL;
	struct list_entry       entry = { 0 };
	struct sid              sid;
	size_t                  length;

	if (hive_key_name(&windows->software, key, &name, err) < 0)
		return -1;
	length = strlen(name);
	if (length > strlen(BACKUP) && strcasecmp(name + length - strlen(BACKUP), BACKUP) == 0) {
		entry.backup = true;
		name[length - strlen(BACKUP)] = 0;
	}
	if (!sid_parse(name, &sid))
		return strncasecmp(name, "S-1-", 4) == 0
			       ? trouble_add(&windows->trouble, err, "ProfileList has an entry '%s', which is no SID", name)
			       : 0;
	if (hive_value(&windows->software, key, "ProfileImagePath", &value, err) < 0)
		return -1;
	if (registry_value_read_text(&value, &entry.image, err) < 0)
		return -1;
	entry.sid = name;
	if (!array_push(entries, entry)) {
		free(entry.image);
		return error_memory(err);
	}
	name = NULL;
	return 0;
}

static int read_entries(struct windows *windows, struct list_entries *entries, struct error *err)
{
	struct hive_keys keys = { 0 };
	hive_key         key;
	int              result;

	if (!windows->software.handle)
		return 0;
	result = hive_find(&windows->software, hive_root(&windows->software), PROFILE_LIST, &key, err);
	if (result == 0)
		return trouble_add(&windows->trouble, err, "SOFTWARE has no ProfileList");
	if (result == 1)
		result = hive_children(&windows->software, key, &keys, err);
	for (size_t i = 0; result == 0 && i < keys.count; i++)
		result = read_entry(windows, keys.items[i], entries, err);
	array_release(&keys);
	if (result == 0 && entries->count)
		qsort(entries->items, entries->count, sizeof *entries->items, compare_entry);
	return result;
}

static int make_profile(const struct windows *windows, const struct environment *environment,
			const struct name_cache *cache, const struct list_entry *entry, struct user_profile *profile,
			struct error *err)
{
	struct sid sid;

	(void)sid_parse(entry->sid, &sid);
	if (take_text(&profile->sid, entry->sid, err) < 0)
		return -1;
	profile->rid = sid.count ? sid.numbers[sid.count - 1] : 0;
	profile->special = sid.authority == 5 && sid.count == 1 && profile->rid >= 18 && profile->rid <= 20;
	return place_profile(windows, environment, entry->image, profile, err) < 0 ||
			       name_profile(windows, profile, cache, err) < 0
		       ? -1
		       : 0;
}

static int read_names(const struct windows *windows, struct name_cache *cache, struct error *err)
{
	struct hive             security = { 0 };
	struct error            ignored; /* no more than a domain's name */
	CLEANUP(free_ptr) char *path = windows_path_join(windows->directory + 2, "System32\\config\\SECURITY");
	int                     result;

	if (!path)
		return error_memory(err);
	if (hive_file_open(&security, windows->volume, path, "SECURITY", false, NULL, &ignored) < 0) {
		hive_close(&security);
		security = (struct hive){ 0 };
	}
	result = name_cache_read(cache, &windows->software, &security, err);
	hive_close(&security);
	return result;
}

static int add_profiles(struct windows *windows, const struct environment *environment, const struct name_cache *cache,
			const struct list_entries *entries, struct error *err)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct list_entry *entry = &entries->items[i];
		struct user_profile      profile = { .folder = NO_TREE_RECORD };

		if (i && strcasecmp(entry->sid, entries->items[i - 1].sid) == 0) {
			struct user_profile *before = &windows->profiles.items[windows->profiles.count - 1];

			if (trouble_add(&before->trouble, err, "Windows also gave it a temporary profile, %s, of which nothing is taken",
					entry->image ? entry->image : "nobody knows where") < 0)
				return -1;
			continue;
		}
		if (make_profile(windows, environment, cache, entry, &profile, err) < 0) {
			profile_release(&profile);
			return -1;
		}
		if (!array_push(&windows->profiles, profile)) {
			profile_release(&profile);
			return error_memory(err);
		}
	}
	return 0;
}

int profile_list_read(struct windows *windows, const struct environment *environment, struct error *err)
{
	CLEANUP(entries_release) struct list_entries  entries = { 0 };
	CLEANUP(name_cache_release) struct name_cache cache = { 0 };

	if (read_entries(windows, &entries, err) < 0 || read_names(windows, &cache, err) < 0)
		return -1;
	return add_profiles(windows, environment, &cache, &entries, err);
}
