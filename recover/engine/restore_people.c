/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_people.c - see restore_people.h */
#include "recover/engine/restore_people.h"

#include "recover/windows/windows_path.h"

#include <ctype.h>
#include <string.h>

/* -------- who -------- */

/* A stored user as the choice looks at one. */
static struct user_profile profile_of(const struct person *person)
{
	return (struct user_profile){ .sid = person->sid,
				      .name = person->name,
				      .domain = person->domain,
				      .local = person->local,
				      .used = person->used };
}

static bool is_chosen(const struct account_choice *choice, const struct person *person)
{
	struct user_profile profile = profile_of(person);

	return account_choose(choice, &profile).chosen;
}

static bool is_meant(const struct people *people, const char *pattern)
{
	for (size_t i = 0; i < people->count; i++) {
		struct user_profile profile = profile_of(&people->items[i]);

		if (account_pattern_means(pattern, &profile))
			return true;
	}
	return false;
}

/* Somebody who was named and is not stored would be missed too late. */
static int refuse_unknown(const struct restore_people *people, struct error *err)
{
	const struct account_choice *choice = &people->options->users;

	for (size_t i = 0; i < choice->include_count; i++)
		if (!is_meant(&people->stored.people, choice->include[i]))
			return error_set(err, ERROR_USAGE, NULL,
					 "'%.100s' means nobody in the store; name a stored user, or a SID",
					 choice->include[i]);
	return 0;
}

static int choose(struct restore_people *people, struct error *err)
{
	if (refuse_unknown(people, err) < 0)
		return -1;
	for (size_t i = 0; i < people->stored.people.count; i++) {
		const struct person *person = &people->stored.people.items[i];

		if (person->captured && is_chosen(&people->options->users, person) &&
		    !array_push(&people->chosen, *person))
			return error_memory(err);
	}
	return 0;
}

/* -------- as whom -------- */

/* A profile that the target is to have; its hive is opened by whoever fills it. */
static struct user_profile profile_to_be(const struct mapped_account *account)
{
	return (struct user_profile){ .sid = account->sid,
				      .name = account->name,
				      .domain = account->domain,
				      .local = account->local,
				      .path = account->profile,
				      .folder = NO_TREE_RECORD };
}

static int find_profiles(struct restore_people *people, struct error *err)
{
	size_t count = people->accounts.count;

	people->made = calloc(count + 1, sizeof *people->made);
	people->profiles = calloc(count + 1, sizeof *people->profiles);
	if (!people->made || !people->profiles)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct mapped_account *account = &people->accounts.items[i];

		if (account->state == MAPPED_MISSING)
			continue;
		people->made[i] = profile_to_be(account);
		people->profiles[i] = *account->sid ? windows_profile(&people->windows, account->sid) : NULL;
		if (!people->profiles[i])
			people->profiles[i] = &people->made[i];
	}
	return 0;
}

static int note_sids(struct restore_people *people, struct error *err)
{
	for (size_t i = 0; i < people->accounts.count; i++) {
		const struct mapped_account *account = &people->accounts.items[i];
		struct sid_change            change;

		if (!*account->sid || strcasecmp(account->sid, account->person->sid) == 0 ||
		    !sid_parse(account->person->sid, &change.from) || !sid_parse(account->sid, &change.to))
			continue;
		if (!array_push(&people->sids, change))
			return error_memory(err);
	}
	return 0;
}

static int read_stored(struct restore_people *people, const struct settings_files *settings, struct error *err)
{
	const struct settings_file *file = settings_files_find(settings, PEOPLE_FILE_NAME);

	if (!file || people_file_read(&people->stored, file->name, (const char *)file->bytes, file->size, err) == 0)
		return 0;
	if (err->kind == ERROR_MEMORY || people->options->users.include_count || people->options->maps.user_count)
		return -1;
	people_file_release(&people->stored);
	people->damaged = true;
	people->why = *err;
	return 0;
}

/* The files come all the same. */
static int tell_damaged(const struct restore_people *people, struct restore_report *report, struct error *err)
{
	char *text = NULL;

	if (!people->damaged)
		return 0;
	if (asprintf(&text, "%s; files go to where they were, and no profile is made known", people->why.text) < 0)
		text = NULL;
	return restore_note(&report->left_out, strdup(people->why.path), text, err);
}

/* Is that a folder of a volume that was named, as "C:\\Users\\anna"? */
static bool is_on_volume(struct work_volumes *volumes, const char *path)
{
	return isalpha((unsigned char)path[0]) && path[1] == ':' && path[2] == '\\' && path[3] &&
	       work_volumes_find(volumes, (char)toupper((unsigned char)path[0]));
}

/* Files that went to another drive than their profile's would be found by nobody. */
static int refuse_elsewhere(const struct restore_people *people, struct work_volumes *volumes, struct error *err)
{
	for (size_t i = 0; i < people->accounts.count; i++) {
		const struct mapped_account *account = &people->accounts.items[i];

		if (account->state != MAPPED_MISSING && !is_on_volume(volumes, account->profile))
			return error_set(err, ERROR_REFUSED, NULL,
					 "the profile of %.60s belongs to '%.80s', which is on no volume that is named; name "
					 "that as well, as in E=SOURCE, or leave the user out",
					 account->name, account->profile);
	}
	return 0;
}

int restore_people_open(struct restore_people *people, const struct migration_options *options,
			struct work_volumes *volumes, const struct settings_files *settings, struct error *err)
{
	struct windows_options wanted = options->windows;
	int                    found;

	*people = (struct restore_people){ .options = options };
	wanted.writable = true;
	if (read_stored(people, settings, err) < 0 || choose(people, err) < 0)
		return -1;
	found = windows_open(&people->windows, volumes, &wanted, err);
	if (found < 0)
		return -1;
	people->has_windows = found;
	if (!found)
		return 0;
	if (account_map_make(&options->maps, &people->windows, &people->chosen, &people->accounts, err) < 0)
		return -1;
	return refuse_elsewhere(people, volumes, err) < 0 || find_profiles(people, err) < 0 ? -1 : note_sids(people, err);
}

void restore_people_close(struct restore_people *people)
{
	for (size_t i = 0; people->made && i < people->accounts.count; i++)
		hive_close(&people->made[i].user);
	free(people->made);
	free(people->profiles);
	array_release(&people->sids);
	mapped_accounts_release(&people->accounts);
	array_release(&people->chosen);
	people_file_release(&people->stored);
	windows_close(&people->windows);
}

/* -------- telling -------- */

static const char *state_text(const struct mapped_account *account)
{
	switch (account->state) {
	case MAPPED_KNOWN:
		return account->has_profile ? "" : ", whose profile is made known";
	case MAPPED_CREATE:
		return ", which is to be made at the first start";
	case MAPPED_LATER:
		return ", whose SID is asked for at the first start";
	case MAPPED_MISSING:
		break;
	}
	return ", whom the target does not have: left in the store";
}

static int tell_account(const struct mapped_account *account, struct restore_notes *notes, struct error *err)
{
	const struct person *person = account->person;
	char                *from = NULL, *to = NULL;

	if (asprintf(&from, "%s%s%s", person->domain, *person->domain ? "\\" : "", person->name) < 0)
		from = NULL;
	if (asprintf(&to, "%s%s%s in %s%s", account->domain, *account->domain ? "\\" : "", account->name,
		     *account->profile ? account->profile : "the store", state_text(account)) < 0)
		to = NULL;
	return restore_note(notes, from, to, err);
}

int restore_people_tell(const struct restore_people *people, struct restore_report *report, struct error *err)
{
	if (tell_damaged(people, report, err) < 0)
		return -1;
	for (size_t i = 0; i < people->accounts.count; i++) {
		if (tell_account(&people->accounts.items[i], &report->people, err) < 0)
			return -1;
		report->people_missing += people->accounts.items[i].state == MAPPED_MISSING;
	}
	return 0;
}

/* -------- their files -------- */

static int route_account(const struct mapped_account *account, struct restore_route *route, struct error *err)
{
	const char *from = account->person->path;

	if (account->state == MAPPED_MISSING)
		return restore_route_add(route, from, NULL,
					 "the target has no such local account; let it be made at its first start (/lac)", err);
	if (restore_route_reserve(route, windows_path_join(account->profile, USER_HIVE), err) < 0)
		return -1;
	return strcasecmp(from, account->profile) == 0 ? 0 : restore_route_add(route, from, account->profile, NULL, err);
}

int restore_people_route(const struct restore_people *people, struct restore_route *route, struct error *err)
{
	for (size_t i = 0; i < people->stored.people.count; i++) {
		const struct person *person = &people->stored.people.items[i];

		if (person->captured && !is_chosen(&people->options->users, person) &&
		    restore_route_add(route, person->path, NULL, "its user was left out by the choice of users", err) < 0)
			return -1;
	}
	for (size_t i = 0; i < people->accounts.count; i++)
		if (route_account(&people->accounts.items[i], route, err) < 0)
			return -1;
	return 0;
}
