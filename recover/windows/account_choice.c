/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_choice.c - see account_choice.h */
#include "recover/windows/account_choice.h"

#include "recover/windows/account_name.h"

#include <string.h>

bool account_pattern_means(const char *pattern, const struct user_profile *profile)
{
	struct account_name name = account_name_of(pattern);

	if (account_is_sid(pattern))
		return account_pattern(pattern, strlen(pattern), profile->sid, strlen(profile->sid));
	if (name.local ? !profile->local
		       : !account_pattern(name.domain, name.domain_length, profile->domain,
					  strlen(profile->domain)))
		return false;
	return account_pattern(name.user, strlen(name.user), profile->name, strlen(profile->name));
}

/* The first of the patterns that means @profile, or NULL. */
static const char *means(const char *const *patterns, size_t count, const struct user_profile *profile)
{
	for (size_t i = 0; i < count; i++)
		if (account_pattern_means(patterns[i], profile))
			return patterns[i];
	return NULL;
}

static bool means_somebody(const char *pattern, const struct windows *windows)
{
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (!windows->profiles.items[i].special &&
		    account_pattern_means(pattern, &windows->profiles.items[i]))
			return true;
	return false;
}

/* Refuse a pattern that means nobody. */
static int check(const char *const *patterns, size_t count, bool wild_may, const struct windows *windows,
		 struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!(wild_may && strchr(patterns[i], '*')) && !means_somebody(patterns[i], windows))
			return error_set(
				err, ERROR_USAGE, NULL,
				"'%.100s' means nobody on %.40s; 'holdfast users' lists who is there, and a SID can "
				"be given in place of a name",
				patterns[i], windows->directory);
	return 0;
}

struct chosen_account account_choose(const struct account_choice *choice, struct user_profile *profile)
{
	const char *include = means(choice->include, choice->include_count, profile);
	const char *exclude = means(choice->exclude, choice->exclude_count, profile);
	bool        recent = choice->used_since && (!profile->used || profile->used >= choice->used_since);

	if (choice->all)
		return (struct chosen_account){ profile, true, "", NULL };
	if (include)
		return (struct chosen_account){ profile, true, "included by /ui", include };
	if (recent)
		return (struct chosen_account){ profile, true, "used since the date of /uel", NULL };
	if (exclude)
		return (struct chosen_account){ profile, false, "excluded by /ue", exclude };
	if (choice->used_since)
		return (struct chosen_account){ profile, false, "not used since the date of /uel", NULL };
	return (struct chosen_account){ profile, true, "", NULL };
}

int account_choice_make(const struct account_choice *choice, const struct windows *windows,
			struct chosen_accounts *accounts, struct error *err)
{
	*accounts = (struct chosen_accounts){ 0 };
	if (check(choice->include, choice->include_count, false, windows, err) < 0 ||
	    check(choice->exclude, choice->exclude_count, true, windows, err) < 0)
		return -1;
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (!windows->profiles.items[i].special &&
		    !array_push(accounts, account_choose(choice, &windows->profiles.items[i])))
			return error_memory(err);
	return 0;
}
