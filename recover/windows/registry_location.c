/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_location.c - the roots of the registry, and the hives that stand for them; see windows.h */
#include "core/cleanup.h"
#include "core/text.h"
#include "recover/windows/windows.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define CONTROL_SET "CurrentControlSet"
#define CLASSES     "Software\\Classes"

/* What a location is looked up for. */
struct looking {
	const struct windows      *windows;
	const struct user_profile *user; /* NULL: the machine */
	struct registry_place     *place;
};

/* If @path begins with the parts of @part, what follows them; else NULL. */
static const char *behind(const char *path, const char *part)
{
	size_t length = strlen(part);

	if (strncasecmp(path, part, length) != 0 || (path[length] && path[length] != '\\'))
		return NULL;
	return path + length + (path[length] == '\\');
}

/* What follows the first of several names, or NULL. */
static const char *behind_any(const char *path, const char *const names[3])
{
	for (size_t i = 0; i < 3 && names[i]; i++) {
		const char *rest = behind(path, names[i]);

		if (rest)
			return rest;
	}
	return NULL;
}

/* A path in a hive: 1, -1 without memory. */
static int is_in(const struct looking *looking, const struct hive *hive, struct error *err, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int is_in(const struct looking *looking, const struct hive *hive, struct error *err, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	looking->place->path = text_format_list(format, arguments);
	va_end(arguments);
	looking->place->hive = (struct hive *)hive;
	return looking->place->path ? 1 : error_memory(err);
}

static int is_in_system(const struct looking *looking, const char *path, struct error *err)
{
	const char *rest = behind(path, CONTROL_SET);

	if (!rest)
		return is_in(looking, &looking->windows->system, err, "%s", path);
	return is_in(looking, &looking->windows->system, err, "ControlSet%03u%s%s", looking->windows->control_set,
		     *rest ? "\\" : "", rest);
}

static int is_in_machine(const struct looking *looking, const char *path, struct error *err)
{
	const char *rest;

	if ((rest = behind(path, "Software")))
		return is_in(looking, &looking->windows->software, err, "%s", rest);
	if ((rest = behind(path, "System")))
		return is_in_system(looking, rest, err);
	if ((rest = behind(path, "SAM")))
		return is_in(looking, &looking->windows->sam, err, "%s", rest);
	return 0;
}

static int is_in_user(const struct looking *looking, const struct user_profile *user, const char *path,
		      struct error *err)
{
	const char *rest = behind(path, CLASSES);

	return rest ? is_in(looking, &user->classes, err, "%s", rest) : is_in(looking, &user->user, err, "%s", path);
}

/* A SID, or "<SID>_Classes". */
static int is_in_users(const struct looking *looking, const char *path, struct error *err)
{
	static const char classes[] = "_Classes";
	size_t            length = strcspn(path, "\\"), own = length;
	const char       *rest = path + length + (path[length] == '\\');

	if (own > strlen(classes) && strncasecmp(path + own - strlen(classes), classes, strlen(classes)) == 0)
		own -= strlen(classes);
	for (size_t i = 0; i < looking->windows->profiles.count; i++) {
		const struct user_profile *user = &looking->windows->profiles.items[i];

		if (strlen(user->sid) == own && strncasecmp(user->sid, path, own) == 0)
			return own < length ? is_in(looking, &user->classes, err, "%s", rest)
					    : is_in_user(looking, user, rest, err);
	}
	return 0;
}

static int is_in_machine_classes(const struct looking *looking, const char *path, struct error *err)
{
	return is_in(looking, &looking->windows->software, err, "Classes%s%s", *path ? "\\" : "", path);
}

/* What follows the root of all classes, or NULL. */
static const char *behind_classes(const char *location)
{
	static const char *const names[3] = { "HKR", "HKCR", "HKEY_CLASSES_ROOT" };

	return behind_any(location, names);
}

void registry_place_release(struct registry_place *place)
{
	free(TAKE(place->path));
}

int windows_registry_place(const struct windows *windows, const struct user_profile *user, const char *location,
			   struct registry_place *place, struct error *err)
{
	static const char *const machine[3] = { "HKLM", "HKEY_LOCAL_MACHINE" };
	static const char *const current[3] = { "HKCU", "HKEY_CURRENT_USER" };
	static const char *const users[3] = { "HKU", "HK_USERS", "HKEY_USERS" };
	const struct looking     looking = { windows, user, place };
	const char              *rest;

	*place = (struct registry_place){ 0 };
	if ((rest = behind_any(location, machine)))
		return is_in_machine(&looking, rest, err);
	if ((rest = behind_any(location, current)))
		return user ? is_in_user(&looking, user, rest, err) : 0;
	if ((rest = behind_classes(location)))
		return user ? is_in(&looking, &user->classes, err, "%s", rest)
			    : is_in_machine_classes(&looking, rest, err);
	if ((rest = behind_any(location, users)))
		return is_in_users(&looking, rest, err);
	return 0;
}

/* The key at a place: 1, 0 if it is not there, or its hive is not open, -1. */
static int find_key(const struct registry_place *place, struct hive **hive, hive_key *key, struct error *err)
{
	if (!place->hive->handle)
		return 0;
	*hive = place->hive;
	return hive_find(place->hive, hive_root(place->hive), place->path, key, err);
}

int windows_registry_find(const struct windows *windows, const struct user_profile *user, const char *location,
			  struct hive **hive, hive_key *key, struct error *err)
{
	CLEANUP(registry_place_release) struct registry_place place = { 0 };
	int                                                   found;

	*hive = NULL;
	*key = NO_HIVE_KEY;
	found = windows_registry_place(windows, user, location, &place, err);
	if (found == 1)
		found = find_key(&place, hive, key, err);
	if (found == 0 && user && behind_classes(location)) /* a user's own classes come before the machine's */
		return windows_registry_find(windows, NULL, location, hive, key, err);
	return found;
}
