/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_map.h - stored users become users of the target: /mu, /md, and the SIDs that follow
 */
#ifndef RECOVER_WINDOWS_ACCOUNT_MAP_H
#define RECOVER_WINDOWS_ACCOUNT_MAP_H

#include "recover/windows/windows.h"

/* "DOM\user" or a SID to "[DOM\]user" or a SID; of a domain: "OLD" (with '*') to "NEW". */
struct account_rename {
	const char *from, *to;
};

struct account_maps {
	const struct account_rename *users;   /* /mu, before those of domains */
	size_t                       user_count;
	const struct account_rename *domains; /* /md, first match wins */
	size_t                       domain_count;
};

#endif
