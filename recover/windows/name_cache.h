/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * name_cache.h - what a Windows remembers of the names of accounts that are not its own
 *
 * Places of SOFTWARE that hold a SID and a name, the best first: LogonUI (SessionData, then the last one who
 * logged on) has DOMAIN\user; IdentityStore (Cache, LogonCache) the account's and the mail-like name; Group
 * Policy's DataStore what policies were fetched for.  And SECURITY has name and SID of the domain that the
 * machine is a member of.
 */
#ifndef RECOVER_WINDOWS_NAME_CACHE_H
#define RECOVER_WINDOWS_NAME_CACHE_H

#include "recover/registry/hive.h"

struct cached_name {
	char *sid;
	char *domain; /* "" unknown */
	char *name;   /* "" for that of a domain itself */
};

struct name_cache ARRAY(struct cached_name);

/*
 * Read what is there; hives that are not open have nothing.
 * Returns 0, or -1.  name_cache_release in any case.
 */
MUST_CHECK int name_cache_read(struct name_cache *cache, const struct hive *software,
			       const struct hive *security, struct error *err);
void           name_cache_release(struct name_cache *cache);

/* The name of an account, or NULL. */
const struct cached_name *name_cache_find(const struct name_cache *cache, const char *sid);

/* The domain's name that an account of it, or the domain, is remembered with; NULL if there is none. */
const char *name_cache_domain(const struct name_cache *cache, const char *sid);

#endif
