/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_map.c - see account_map.h */
#include "recover/windows/account_map.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/security/sid.h"
#include "recover/windows/account_name.h"
#include "recover/windows/windows_path.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define FIXED_RIDS 1000u  /* below it the same account has the same RID on every machine */
#define FOLDERS_MAX 1000u /* NAME.DOMAIN.000 to .999, as Windows counts */
#define FOLDER_BYTES_MAX 200u

struct mapping {
	const struct account_maps *maps;
	const struct windows      *target;
	struct mapped_accounts    *accounts; /* those that are done */
};

static void mapped_release(struct mapped_account *account)
{
	free(account->domain);
	free(account->name);
	free(account->sid);
	free(account->profile);
}

void mapped_accounts_release(struct mapped_accounts *accounts)
{
	for (size_t i = 0; i < accounts->count; i++)
		mapped_release(&accounts->items[i]);
	array_release(accounts);
}

const struct mapped_account *mapped_account_find(const struct mapped_accounts *accounts, const char *sid)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (strcasecmp(accounts->items[i].person->sid, sid) == 0)
			return &accounts->items[i];
	return NULL;
}

/* Replace a text.  Returns 0, or -1 without memory. */
static int take_part(char **to, const char *text, size_t length, struct error *err)
{
	char *copy = strndup(text, length);

	if (!copy)
		return error_memory(err);
	free(*to);
	*to = copy;
	return 0;
}

static int take(char **to, const char *text, struct error *err)
{
	return take_part(to, text, strlen(text), err);
}

/* -------- renaming -------- */

/* True if "DOM\user" or a SID means that stored user. */
static bool means(const char *from, const struct person *person)
{
	struct account_name name = account_name_of(from);

	if (account_is_sid(from))
		return strcasecmp(from, person->sid) == 0;
	if (name.local ? !person->local
		       : strlen(person->domain) != name.domain_length ||
				 !account_pattern(name.domain, name.domain_length, person->domain,
						  name.domain_length))
		return false;
	return account_same(name.user, person->name);
}

static const struct account_rename *user_rename(const struct account_maps *maps, const struct person *person)
{
	for (size_t i = 0; i < maps->user_count; i++)
		if (means(maps->users[i].from, person))
			return &maps->users[i];
	return NULL;
}

static const struct account_rename *domain_rename(const struct account_maps *maps,
						  const struct person       *person)
{
	for (size_t i = 0; i < maps->domain_count; i++)
		if (*person->domain && account_pattern(maps->domains[i].from, strlen(maps->domains[i].from),
						       person->domain, strlen(person->domain)))
			return &maps->domains[i];
	return NULL;
}

static bool is_of_machine(const struct windows *target, const char *sid)
{
	struct sid account, machine;

	return *target->machine_sid && sid_parse(sid, &account) && sid_parse(target->machine_sid, &machine) &&
	       sid_is_of(&account, &machine);
}

/* To a SID: the name is the target's for it, if it has one. */
static int rename_to_sid(const struct mapping *mapping, const char *sid, struct mapped_account *account,
			 struct error *err)
{
	const struct user_profile  *profile = windows_profile(mapping->target, sid);
	const struct local_account *local = NULL;
	struct sid                  parsed;

	if (!sid_parse(sid, &parsed))
		return error_set(err, ERROR_USAGE, NULL, "/mu names '%.100s', which is no SID", sid);
	account->local = is_of_machine(mapping->target, sid);
	if (account->local && parsed.count)
		local = local_account_of_rid(&mapping->target->accounts, parsed.numbers[parsed.count - 1]);
	if (profile && (take(&account->name, profile->name, err) < 0 ||
			take(&account->domain, profile->domain, err) < 0))
		return -1;
	if (local && (take(&account->name, local->name, err) < 0 ||
		      take(&account->domain, mapping->target->computer, err) < 0))
		return -1;
	return take(&account->sid, sid, err);
}

static int rename_user(const struct mapping *mapping, const char *to, struct mapped_account *account,
		       struct error *err)
{
	struct account_name name = account_name_of(to);

	if (account_is_sid(to))
		return rename_to_sid(mapping, to, account, err);
	if (!*name.user)
		return error_set(err, ERROR_USAGE, NULL,
				 "/mu gives '%.100s' as a new name, which names no user", to);
	if ((name.local ? take(&account->domain, mapping->target->computer, err)
			: take_part(&account->domain, name.domain, name.domain_length, err)) < 0 ||
	    take(&account->name, name.user, err) < 0)
		return -1;
	account->local = name.local || account_same(account->domain, mapping->target->computer);
	return 0;
}

/* Who the stored user is on the target; .sid is set where that is sure already. */
static int identify(const struct mapping *mapping, const struct person *person,
		    struct mapped_account *account, struct error *err)
{
	const struct account_rename *user = user_rename(mapping->maps, person),
				    *domain = domain_rename(mapping->maps, person);

	account->local = person->local;
	if (take(&account->name, person->name, err) < 0 ||
	    take(&account->domain, person->local ? mapping->target->computer : person->domain, err) < 0)
		return -1;
	if (user)
		return rename_user(mapping, user->to, account, err);
	if (domain) {
		account->local = account_same(domain->to, mapping->target->computer);
		return take(&account->domain, domain->to, err);
	}
	return person->local ? 0 : take(&account->sid, person->sid, err);
}

/* -------- SIDs -------- */

static int resolve_local(const struct mapping *mapping, struct mapped_account *account, struct error *err)
{
	const struct local_accounts *accounts = &mapping->target->accounts;
	const struct local_account  *local = local_account_named(accounts, account->name);
	CLEANUP(free_ptr) char      *sid = NULL;
	struct sid                   stored;

	if (!local && account->person->local && account_same(account->name, account->person->name) &&
	    sid_parse(account->person->sid, &stored) && stored.count &&
	    stored.numbers[stored.count - 1] < FIXED_RIDS)
		local = local_account_of_rid(accounts, stored.numbers[stored.count - 1]);
	if (!local || !*mapping->target->machine_sid) {
		account->state = local                   ? MAPPED_LATER
				 : mapping->maps->create ? MAPPED_CREATE
							 : MAPPED_MISSING;
		return 0;
	}
	account->state = MAPPED_KNOWN;
	sid = text_format("%s-%" PRIu32, mapping->target->machine_sid, local->rid);
	if (!sid)
		return error_memory(err);
	return take(&account->name, local->name, err) < 0 ? -1 : take(&account->sid, sid, err);
}

/* A domain's account under another name: known if it has used the target before. */
static int resolve_domain(const struct mapping *mapping, struct mapped_account *account, struct error *err)
{
	for (size_t i = 0; i < mapping->target->profiles.count; i++) {
		const struct user_profile *profile = &mapping->target->profiles.items[i];

		if (!profile->local && account_same(profile->name, account->name) &&
		    account_same(profile->domain, account->domain)) {
			account->state = MAPPED_KNOWN;
			return take(&account->sid, profile->sid, err);
		}
	}
	account->state = MAPPED_LATER;
	return 0;
}

static int resolve(const struct mapping *mapping, struct mapped_account *account, struct error *err)
{
	if (*account->sid) {
		account->state = MAPPED_KNOWN;
		return 0;
	}
	return account->local ? resolve_local(mapping, account, err) : resolve_domain(mapping, account, err);
}

static int refuse_same(const struct mapping *mapping, const struct mapped_account *account, struct error *err)
{
	for (size_t i = 0; i < mapping->accounts->count; i++) {
		const struct mapped_account *other = &mapping->accounts->items[i];
		bool                         unknown = !*account->sid || !*other->sid;

		if (unknown ? account_same(other->name, account->name) &&
				      account_same(other->domain, account->domain)
			    : strcasecmp(other->sid, account->sid) == 0)
			return error_set(
				err, ERROR_USAGE, NULL,
				"%.80s and %.80s would both become %.80s; give one of them another name with /mu",
				other->person->sid, account->person->sid, account->name);
	}
	return 0;
}

/* -------- folders -------- */

/* A name that a folder can have, and that leads nowhere else. */
static bool is_folder_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > FOLDER_BYTES_MAX || strpbrk(name, "\\/:*?\"<>|") || name[length - 1] == '.' ||
	    name[length - 1] == ' ')
		return false;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20)
			return false;
	return true;
}

/* True if the folder is another user's, or nobody's. */
static bool is_taken(const struct mapping *mapping, const char *path)
{
	const struct windows *target = mapping->target;

	if (account_same(path, target->public_folder) || account_same(path, target->default_folder))
		return true;
	for (size_t i = 0; i < target->profiles.count; i++)
		if (account_same(path, target->profiles.items[i].path))
			return true;
	for (size_t i = 0; i < mapping->accounts->count; i++)
		if (account_same(path, mapping->accounts->items[i].profile))
			return true;
	return false;
}

/* The n-th name that is tried: NAME, NAME.DOMAIN, NAME.DOMAIN.000, ... */
static char *folder_name(const struct mapping *mapping, const struct mapped_account *account, unsigned number)
{
	bool        same = account_same(account->name, account->person->name);
	const char *wanted = same ? windows_path_last(account->person->path) : account->name;
	const char *leaf = is_folder_name(wanted) ? wanted : account->person->sid;
	const char *end = is_folder_name(account->domain) ? account->domain : "user";
	char       *path;
	int         made;

	if (number == 0)
		made = asprintf(&path, "%s\\%s", mapping->target->profiles_folder, leaf);
	else if (number == 1)
		made = asprintf(&path, "%s\\%s.%s", mapping->target->profiles_folder, leaf, end);
	else
		made = asprintf(&path, "%s\\%s.%s.%03u", mapping->target->profiles_folder, leaf, end,
				number - 2);
	return made < 0 ? NULL : path;
}

static int place(const struct mapping *mapping, struct mapped_account *account, struct error *err)
{
	const struct user_profile *profile =
		*account->sid ? windows_profile(mapping->target, account->sid) : NULL;

	if (profile && *profile->path) {
		account->has_profile = true;
		return take(&account->profile, profile->path, err);
	}
	for (unsigned number = 0; number < FOLDERS_MAX + 2; number++) {
		CLEANUP(free_ptr) char *path = folder_name(mapping, account, number);

		if (!path)
			return error_memory(err);
		if (!is_taken(mapping, path))
			return take(&account->profile, path, err);
	}
	return error_set(err, ERROR_VALUE, NULL, "there is no free name for the folder of %.100s",
			 account->name);
}

/* -------- all -------- */

static int refuse_unused(const struct account_maps *maps, const struct people *people, struct error *err)
{
	for (size_t i = 0; i < maps->user_count; i++) {
		bool used = false;

		for (size_t j = 0; j < people->count; j++)
			used = used || means(maps->users[i].from, &people->items[j]);
		if (!used)
			return error_set(
				err, ERROR_USAGE, NULL,
				"/mu:%.100s means nobody in the store; name a stored user, or its SID",
				maps->users[i].from);
	}
	return 0;
}

static int map_person(const struct mapping *mapping, const struct person *person,
		      struct mapped_account *account, struct error *err)
{
	account->person = person;
	if (take(&account->sid, "", err) < 0 || take(&account->profile, "", err) < 0 ||
	    identify(mapping, person, account, err) < 0 || resolve(mapping, account, err) < 0 ||
	    refuse_same(mapping, account, err) < 0)
		return -1;
	return account->state == MAPPED_MISSING ? 0 : place(mapping, account, err);
}

int account_map_make(const struct account_maps *maps, const struct windows *target,
		     const struct people *people, struct mapped_accounts *accounts, struct error *err)
{
	struct mapping mapping = { maps, target, accounts };

	*accounts = (struct mapped_accounts){ 0 };
	if (refuse_unused(maps, people, err) < 0)
		return -1;
	for (size_t i = 0; i < people->count; i++) {
		struct mapped_account account = { 0 };

		if (map_person(&mapping, &people->items[i], &account, err) < 0) {
			mapped_release(&account);
			return -1;
		}
		if (!array_push(accounts, account)) {
			mapped_release(&account);
			return error_memory(err);
		}
	}
	return 0;
}
