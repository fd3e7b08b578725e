/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_map.h - stored users become users of the target: /mu, /md, and the SIDs that follow
 *
 * A domain's account is the same everywhere: it keeps its SID.  A local one becomes the target's account of
 * the same name, or of the same fixed RID (the built-in Administrator under another name); where there is
 * none, one is to be made, if that is wanted.  A SID that will be known only then is "".
 */
#ifndef RECOVER_WINDOWS_ACCOUNT_MAP_H
#define RECOVER_WINDOWS_ACCOUNT_MAP_H

#include "recover/windows/people_file.h"

/* "DOM\user" or a SID to "[DOM\]user" or a SID; of a domain: "OLD" (with '*') to "NEW". */
struct account_rename {
	const char *from, *to;
};

struct account_maps {
	const struct account_rename *users; /* /mu, before those of domains */
	size_t                       user_count;
	const struct account_rename *domains; /* /md, first match wins */
	size_t                       domain_count;
	bool                         create; /* /lac: local accounts that are missing are to be made */
};

enum mapping_state {
	MAPPED_KNOWN,   /* there is such an account, and its SID is known */
	MAPPED_CREATE,  /* a local account that is to be made; its SID is not known yet */
	MAPPED_LATER,   /* an account whose SID only the target itself, or the domain, can tell, at the first
			   start */
	MAPPED_MISSING, /* no such local account, and none is to be made: not migrated */
};

struct mapped_account {
	const struct person *person; /* borrowed */
	enum mapping_state   state;
	char                *domain, *name; /* on the target */
	bool                 local;
	char                *sid;         /* "" not known yet */
	char                *profile;     /* "C:\Users\anna": where it is, or is to be */
	bool                 has_profile; /* the target knows that profile already */
};

struct mapped_accounts ARRAY(struct mapped_account);

/*
 * Map all of @people.
 * Returns 0, or -1: a rename that means nobody stored, or two who would become one.  mapped_accounts_release
 * in any case.
 */
MUST_CHECK int account_map_make(const struct account_maps *maps, const struct windows *target,
				const struct people *people, struct mapped_accounts *accounts,
				struct error *err);
void           mapped_accounts_release(struct mapped_accounts *accounts);

/* The account that the stored user with that SID becomes, or NULL. */
const struct mapped_account *mapped_account_find(const struct mapped_accounts *accounts, const char *sid);

#endif
