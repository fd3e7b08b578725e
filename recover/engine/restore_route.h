/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restore_route.h - where stored files go when that is not simply where they were
 *
 * Folders of users who are called otherwise now, or who are not restored, are redirected; then the
 * migration rules may place single files (placement.h).  Paths are "C:\Users\a\x.txt", WTF-8,
 * case aside.
 */
#ifndef RECOVER_ENGINE_RESTORE_ROUTE_H
#define RECOVER_ENGINE_RESTORE_ROUTE_H

#include "recover/rules/placement.h"

/* A folder with all that is below it. */
struct restore_redirect {
	char       *from; /* "C:\Users\anna" */
	char       *to;   /* "C:\Users\anna.CORP"; NULL: it stays in the store */
	const char *why;  /* of one that stays; static */
};

struct restore_redirects ARRAY(struct restore_redirect);

/* Paths of the target that no stored file may have. */
struct restore_reserved ARRAY(char *);

struct restore_route {
	struct restore_redirects redirects;
	struct restore_reserved  reserved;
	struct placements       *placements; /* NULL: none */
};

/* Add a redirect; copies both.  -1 without memory. */
MUST_CHECK int restore_route_add(struct restore_route *route, const char *from, const char *to, const char *why,
				 struct error *err);

/*
 * Keep a path for what the restore itself puts there, a user's new hive: a stored file of that name gets a numbered one.
 * Takes @path over; -1 without memory, also when it is NULL.
 */
MUST_CHECK int restore_route_reserve(struct restore_route *route, char *path, struct error *err);
bool           restore_route_is_reserved(const struct restore_route *route, const char *path);
void           restore_route_release(struct restore_route *route);

/* True if a path can matter: without that none has to be looked at. */
bool restore_route_is_needed(const struct restore_route *route);

/* The redirect of that very folder, or NULL. */
const struct restore_redirect *restore_route_at(const struct restore_route *route, const char *path);

/*
 * Where a path goes by the redirects of the folders above it.
 * @to   to be freed; NULL: it stays in the store, and *@why says why
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int restore_route_path(const struct restore_route *route, const char *path, char **to, const char **why,
				  struct error *err);

/* What the rules say of a file that would go to @path.  placement_release in any case. */
MUST_CHECK int restore_route_place(const struct restore_route *route, const char *path, struct placement *placement,
				   struct error *err);

#endif
