/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_choice.h - which users take part: /ui, /ue, /uel and their order of precedence
 *
 * An include beats the date, the date beats an exclude; with nothing said everybody takes part, and who was
 * last used nobody knows when is not left out for it.  A pattern is "DOMAIN\user" or a SID ("*-500" as well),
 * '*' any run of characters, case aside; without a domain part, and with ".", a local user is meant.
 */
#ifndef RECOVER_WINDOWS_ACCOUNT_CHOICE_H
#define RECOVER_WINDOWS_ACCOUNT_CHOICE_H

#include "recover/windows/windows.h"

struct account_choice {
	bool               all;     /* /all */
	const char *const *include; /* /ui */
	size_t             include_count;
	const char *const *exclude; /* /ue */
	size_t             exclude_count;
	uint64_t           used_since; /* /uel, 100 ns since 1601; 0 not given */
};

struct chosen_account {
	struct user_profile *profile;
	bool                 chosen;
	const char          *why; /* "excluded by /ue", static; "" */
	const char *pattern;      /* of the choice, by which it was included or excluded; NULL: none was */
};

struct chosen_accounts ARRAY(struct chosen_account); /* every profile but the system's own */

/* True if @pattern means that user. */
bool account_pattern_means(const char *pattern, const struct user_profile *profile);

/* What the choice says of one user. */
struct chosen_account account_choose(const struct account_choice *choice, struct user_profile *profile);

/*
 * Choose.  A pattern that means nobody is an error: somebody who was named would be missed too late.  Only an
 * exclude with a '*' may: it is there for whomever it finds.
 * Returns 0, or -1.  array_release in any case.
 */
MUST_CHECK int account_choice_make(const struct account_choice *choice, const struct windows *windows,
				   struct chosen_accounts *accounts, struct error *err);

#endif
