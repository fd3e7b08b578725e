/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wipe_people.c - see wipe_people.h */
#include "recover/engine/wipe_people.h"

#include "core/cleanup.h"
#include "recover/engine/settings_folder.h"
#include "recover/windows/people_file.h"

#include <string.h>

/* Those that the stores know: the lists, one after the other. */
struct known {
	struct people_file *lists;
	size_t              count;
};

static void known_release(struct known *known)
{
	for (size_t i = 0; i < known->count; i++)
		people_file_release(&known->lists[i]);
	free(known->lists);
}

static int read_list(struct known *known, struct work_volume *volume, uint32_t store, struct error *err)
{
	CLEANUP(settings_files_release) struct settings_files files = { 0 };
	const struct settings_file                           *file;

	if (settings_folder_read(&files, volume, store, err) < 0)
		return -1;
	file = settings_files_find(&files, PEOPLE_FILE_NAME);
	if (!file)
		return 0;
	return people_file_read(&known->lists[known->count++], file->name, (const char *)file->bytes, file->size, err);
}

static const struct person *find_person(const struct known *known, const char *sid)
{
	for (size_t i = 0; i < known->count; i++)
		for (size_t j = 0; j < known->lists[i].people.count; j++)
			if (strcasecmp(known->lists[i].people.items[j].sid, sid) == 0)
				return &known->lists[i].people.items[j];
	return NULL;
}

static int add_person(struct wipe_people *people, const struct user_profile *profile, const char *why,
		      struct error *err)
{
	struct wipe_person person = { NULL, strdup(profile->path), strdup(why) };

	if (asprintf(&person.name, "%s%s%s", profile->domain, *profile->domain ? "\\" : "", profile->name) < 0)
		person.name = NULL;
	if (person.name && person.path && person.why && array_push(people, person))
		return 0;
	free(person.name);
	free(person.path);
	free(person.why);
	return error_memory(err);
}

/* What the check goes by. */
struct checking {
	const struct known      *known;
	const struct record_set *covered;
	const char *const       *without;
	size_t                   without_count;
};

static bool may_be_lost(const struct checking *checking, const struct user_profile *profile)
{
	for (size_t i = 0; i < checking->without_count; i++)
		if (account_pattern_means(checking->without[i], profile))
			return true;
	return false;
}

static bool may_all_be_lost(const struct checking *checking)
{
	for (size_t i = 0; i < checking->without_count; i++)
		if (strcmp(checking->without[i], "*\\*") == 0)
			return true;
	return false;
}

static bool is_concerned(const struct checking *checking, const struct user_profile *profile)
{
	return !profile->special && profile->volume && !may_be_lost(checking, profile);
}

static int check_windows(struct wipe_people *people, const struct windows *windows, const struct checking *checking,
			 struct error *err)
{
	if (!windows->software.handle && !may_all_be_lost(checking))
		return error_set(err, ERROR_REFUSED, windows->volume->source,
				 "has a Windows whose users cannot be told, and somebody may be in no store (%.120s); "
				 "keep their folders and say --without-user '*\\*'",
				 windows->trouble ? windows->trouble : windows->directory);
	for (size_t i = 0; i < windows->profiles.count; i++) {
		const struct user_profile *profile = &windows->profiles.items[i];
		const struct person       *person = find_person(checking->known, profile->sid);

		if (!is_concerned(checking, profile))
			continue;
		if (!person && record_set_has(checking->covered, profile->folder))
			continue;
		if (!person)
			return error_set(err, ERROR_REFUSED, windows->volume->source,
					 "has a profile that no kept store knows: %.60s, of %.60s; capture again, or say "
					 "with --without-user ('holdfast wipe') that it may be lost",
					 profile->path, *profile->name ? profile->name : profile->sid);
		if (person->captured && *person->why && add_person(people, profile, person->why, err) < 0)
			return -1;
	}
	return 0;
}

int wipe_people_check(struct wipe_people *people, struct work_volume *volume, const struct kept_stores *stores,
		      const struct record_set *covered, const char *const *without, size_t without_count,
		      struct error *err)
{
	CLEANUP(known_release) struct known   known = { calloc(stores->count + 1, sizeof *known.lists), 0 };
	CLEANUP(windows_close) struct windows windows = { 0 };
	struct work_volumes                   volumes = { .items = volume, .count = 1 };
	const struct checking                 checking = { &known, covered, without, without_count };
	int                                   found;

	*people = (struct wipe_people){ 0 };
	if (!known.lists)
		return error_memory(err);
	for (size_t i = 0; i < stores->count; i++)
		if (read_list(&known, stores->items[i].volume, stores->items[i].folder, err) < 0)
			return -1;
	if (!known.count)
		return 0;
	found = windows_open(&windows, &volumes, &(struct windows_options){ 0 }, err);
	return found <= 0 ? found : check_windows(people, &windows, &checking, err);
}

void wipe_people_release(struct wipe_people *people)
{
	for (size_t i = 0; i < people->count; i++) {
		free(people->items[i].name);
		free(people->items[i].path);
		free(people->items[i].why);
	}
	array_release(people);
}
