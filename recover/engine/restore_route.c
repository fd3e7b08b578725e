/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_route.c - see restore_route.h */
#include "recover/engine/restore_route.h"

#include "core/text.h"

#include <string.h>

int restore_route_add(struct restore_route *route, const char *from, const char *to, const char *why,
		      struct error *err)
{
	struct restore_redirect redirect = { strdup(from), to ? strdup(to) : NULL, why };

	if (redirect.from && (redirect.to || !to) && array_push(&route->redirects, redirect))
		return 0;
	free(redirect.from);
	free(redirect.to);
	return error_memory(err);
}

int restore_route_reserve(struct restore_route *route, char *path, struct error *err)
{
	if (path && array_push(&route->reserved, path))
		return 0;
	free(path);
	return error_memory(err);
}

bool restore_route_is_reserved(const struct restore_route *route, const char *path)
{
	for (size_t i = 0; i < route->reserved.count; i++)
		if (strcasecmp(route->reserved.items[i], path) == 0)
			return true;
	return false;
}

void restore_route_release(struct restore_route *route)
{
	for (size_t i = 0; i < route->reserved.count; i++)
		free(route->reserved.items[i]);
	array_release(&route->reserved);
	for (size_t i = 0; i < route->redirects.count; i++) {
		free(route->redirects.items[i].from);
		free(route->redirects.items[i].to);
	}
	array_release(&route->redirects);
	placements_free(route->placements);
	route->placements = NULL;
}

bool restore_route_is_needed(const struct restore_route *route)
{
	return route->redirects.count || route->reserved.count || (route->placements && placements_concern_files(route->placements));
}

const struct restore_redirect *restore_route_at(const struct restore_route *route, const char *path)
{
	for (size_t i = 0; i < route->redirects.count; i++)
		if (strcasecmp(route->redirects.items[i].from, path) == 0)
			return &route->redirects.items[i];
	return NULL;
}

static bool is_above(const char *folder, const char *path)
{
	size_t length = strlen(folder);

	return strncasecmp(folder, path, length) == 0 && (path[length] == '\\' || !path[length]);
}

/* The redirect of the nearest folder above a path, or NULL. */
static const struct restore_redirect *find_nearest(const struct restore_route *route, const char *path)
{
	const struct restore_redirect *nearest = NULL;

	for (size_t i = 0; i < route->redirects.count; i++) {
		const struct restore_redirect *redirect = &route->redirects.items[i];

		if (is_above(redirect->from, path) && (!nearest || strlen(redirect->from) > strlen(nearest->from)))
			nearest = redirect;
	}
	return nearest;
}

int restore_route_path(const struct restore_route *route, const char *path, char **to, const char **why,
		       struct error *err)
{
	const struct restore_redirect *redirect = find_nearest(route, path);

	*to = NULL;
	if (redirect && !redirect->to) {
		*why = redirect->why;
		return 0;
	}
	*to = text_format("%s%s", redirect ? redirect->to : "", redirect ? path + strlen(redirect->from) : path);
	if (!*to)
		return error_memory(err);
	return 0;
}

int restore_route_place(const struct restore_route *route, const char *path, struct placement *placement,
			struct error *err)
{
	if (route->placements)
		return placements_of_file(route->placements, path, placement, err);
	*placement = (struct placement){ .path = strdup(path) };
	return placement->path ? 0 : error_memory(err);
}
