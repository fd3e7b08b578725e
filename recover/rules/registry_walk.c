/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_walk.c - see registry_walk.h */
#include "recover/rules/registry_walk.h"

#include "core/cleanup.h"

#include <string.h>
#include <strings.h>

struct walk {
	const struct windows      *windows;
	const struct user_profile *user;
	const struct pattern      *pattern;
	registry_each             *each;
	void                      *context;
};

static char *join(const char *path, const char *name)
{
	char *whole;

	return asprintf(&whole, "%s%s%s", path, *path ? "\\" : "", name) < 0 ? NULL : whole;
}

/* -------- downwards -------- */

static int walk_key(const struct walk *walk, const struct hive *hive, hive_key key, const char *path, unsigned depth,
		    struct error *err);

static int walk_child(const struct walk *walk, const struct hive *hive, hive_key key, const char *path, unsigned depth,
		      struct error *err)
{
	CLEANUP(free_ptr) char *name = NULL, *below = NULL;

	if (hive_key_name(hive, key, &name, err) < 0)
		return -1;
	below = join(path, name);
	return below ? walk_key(walk, hive, key, below, depth + 1, err) : error_memory(err);
}

static int walk_children(const struct walk *walk, const struct hive *hive, hive_key key, const char *path,
			 unsigned depth, struct error *err)
{
	struct hive_keys children = { 0 };
	int              result = hive_children(hive, key, &children, err);

	for (size_t i = 0; result == 0 && i < children.count; i++)
		result = walk_child(walk, hive, children.items[i], path, depth, err);
	array_release(&children);
	return result;
}

static int walk_key(const struct walk *walk, const struct hive *hive, hive_key key, const char *path, unsigned depth,
		    struct error *err)
{
	const struct pattern *pattern = walk->pattern;
	int                   result = 0;

	if (depth > REGISTRY_DEPTH_MAX)
		return error_set(err, ERROR_VALUE, hive->name, "more than %u keys in one another", REGISTRY_DEPTH_MAX);
	if (pattern_means_node(pattern, path))
		result = walk->each(walk->context, hive, key, path, err);
	if (result != 0 || (!pattern->below && !strchr(pattern->node, PATTERN_ANY)))
		return result;
	return walk_children(walk, hive, key, path, depth, err);
}

/* -------- where it begins -------- */

/* The key at a location, if it is there. */
static int walk_location(const struct walk *walk, const char *location, struct error *err)
{
	struct hive *hive;
	hive_key     key;
	int          found = windows_registry_find(walk->windows, walk->user, location, &hive, &key, err);

	return found == 1 ? walk_key(walk, hive, key, location, 0, err) : found;
}

/* How parts are written where the key itself has another name: it is the root of a hive, or stands for another. */
static const char *usual_part(const char *part)
{
	static const char *const usual[] = { "Software", "System", "Classes", "CurrentControlSet" };

	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (strcasecmp(part, usual[i]) == 0)
			return usual[i];
	return part;
}

/* What a key is called at a location whose last part is @part: the hive's own way of writing it. */
static int name_part(const struct walk *walk, const char *above, const char *part, char **location,
		     struct error *err)
{
	CLEANUP(free_ptr) char *own = NULL;
	struct hive            *hive;
	hive_key                key;
	int                     found;

	*location = join(above, part);
	if (!*location)
		return error_memory(err);
	found = windows_registry_find(walk->windows, walk->user, *location, &hive, &key, err);
	if (found != 1)
		return found < 0 ? -1 : 0;
	if (hive_key_name(hive, key, &own, err) < 0)
		return -1;
	memcpy(*location + strlen(*location) - strlen(part), strcasecmp(own, part) == 0 ? own : usual_part(part),
	       strlen(part));
	return 0;
}

/* The literal beginning of the pattern's node; to be freed. */
static int literal_location(const struct walk *walk, char **location, struct error *err)
{
	const char *at = walk->pattern->node;

	*location = strdup("");
	while (*location && *at) {
		size_t                  length = strcspn(at, "\\");
		CLEANUP(free_ptr) char *above = TAKE(*location), *part = strndup(at, length);

		if (!part)
			return error_memory(err);
		if (strchr(part, PATTERN_ANY)) {
			*location = TAKE(above);
			return 0;
		}
		if (name_part(walk, above, part, location, err) < 0)
			return -1;
		at += length + (at[length] == '\\');
	}
	return *location ? 0 : error_memory(err);
}

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return !length || (strncasecmp(path, folder, length) == 0 && path[length] == '\\');
}

/* Hives that hang below the location, where the walk through the hive there does not come by. */
static int walk_hanging(const struct walk *walk, const char *location, struct error *err)
{
	static const char *const hanging[] = { "HKLM\\Software", "HKLM\\System", "HKCU", "HKCU\\Software\\Classes" };
	int                      result = 0;

	for (size_t i = 0; result == 0 && i < sizeof hanging / sizeof hanging[0]; i++)
		if (is_below(hanging[i], location))
			result = walk_location(walk, hanging[i], err);
	for (size_t i = 0; result == 0 && i < walk->windows->profiles.count; i++) {
		CLEANUP(free_ptr) char *user = join("HKU", walk->windows->profiles.items[i].sid);

		if (!user)
			return error_memory(err);
		if (is_below(user, location))
			result = walk_location(walk, user, err);
	}
	return result;
}

int registry_walk(const struct windows *windows, const struct user_profile *user, const struct pattern *pattern,
		  registry_each *each, void *context, struct error *err)
{
	const struct walk       walk = { windows, user, pattern, each, context };
	CLEANUP(free_ptr) char *location = NULL;
	int                     result;

	if (literal_location(&walk, &location, err) < 0)
		return -1;
	result = walk_location(&walk, location, err);
	if (result != 0 || (!pattern->below && !strchr(pattern->node, PATTERN_ANY)))
		return result;
	return walk_hanging(&walk, location, err);
}
