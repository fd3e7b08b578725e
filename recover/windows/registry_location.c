/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_location.c - the roots of the registry, and the hives that stand for them; see windows.h */
#include "core/cleanup.h"
#include "recover/windows/windows.h"

#include <string.h>
#include <strings.h>

#define CONTROL_SET "CurrentControlSet"
#define CLASSES     "Software\\Classes"

struct looking {
	const struct windows      *windows;
	const struct user_profile *user; /* NULL: the machine */
	struct hive              **hive;
	hive_key                  *key;
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

static int look_in(const struct looking *looking, const struct hive *hive, const char *path, struct error *err)
{
	if (!hive->handle)
		return 0;
	*looking->hive = (struct hive *)hive;
	return hive_find(hive, hive_root(hive), path, looking->key, err);
}

static int look_in_system(const struct looking *looking, const char *path, struct error *err)
{
	const char             *rest = behind(path, CONTROL_SET);
	CLEANUP(free_ptr) char *whole = NULL;

	if (!rest)
		return look_in(looking, &looking->windows->system, path, err);
	if (asprintf(&whole, "ControlSet%03u%s%s", looking->windows->control_set, *rest ? "\\" : "", rest) < 0) {
		whole = NULL;
		return error_memory(err);
	}
	return look_in(looking, &looking->windows->system, whole, err);
}

static int look_in_machine(const struct looking *looking, const char *path, struct error *err)
{
	const char *rest;

	if ((rest = behind(path, "Software")))
		return look_in(looking, &looking->windows->software, rest, err);
	if ((rest = behind(path, "System")))
		return look_in_system(looking, rest, err);
	if ((rest = behind(path, "SAM")))
		return look_in(looking, &looking->windows->sam, rest, err);
	return 0;
}

static int look_in_user(const struct looking *looking, const struct user_profile *user, const char *path,
			struct error *err)
{
	const char *rest = behind(path, CLASSES);

	return rest ? look_in(looking, &user->classes, rest, err) : look_in(looking, &user->user, path, err);
}

/* A SID, or "<SID>_Classes". */
static int look_in_users(const struct looking *looking, const char *path, struct error *err)
{
	static const char classes[] = "_Classes";
	size_t            length = strcspn(path, "\\"), own = length;
	const char       *rest = path + length + (path[length] == '\\');

	if (own > strlen(classes) && strncasecmp(path + own - strlen(classes), classes, strlen(classes)) == 0)
		own -= strlen(classes);
	for (size_t i = 0; i < looking->windows->profiles.count; i++) {
		const struct user_profile *user = &looking->windows->profiles.items[i];

		if (strlen(user->sid) == own && strncasecmp(user->sid, path, own) == 0)
			return own < length ? look_in(looking, &user->classes, rest, err)
					    : look_in_user(looking, user, rest, err);
	}
	return 0;
}

/* A user's own classes come before the machine's. */
static int look_in_classes(const struct looking *looking, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *whole = NULL;
	int                     found = looking->user ? look_in(looking, &looking->user->classes, path, err) : 0;

	if (found != 0)
		return found;
	if (asprintf(&whole, "Classes%s%s", *path ? "\\" : "", path) < 0) {
		whole = NULL;
		return error_memory(err);
	}
	return look_in(looking, &looking->windows->software, whole, err);
}

int windows_registry_find(const struct windows *windows, const struct user_profile *user, const char *location,
			  struct hive **hive, hive_key *key, struct error *err)
{
	static const char *const machine[3] = { "HKLM", "HKEY_LOCAL_MACHINE" };
	static const char *const current[3] = { "HKCU", "HKEY_CURRENT_USER" };
	static const char *const classes[3] = { "HKR", "HKCR", "HKEY_CLASSES_ROOT" };
	static const char *const users[3] = { "HKU", "HK_USERS", "HKEY_USERS" };
	const struct looking     looking = { windows, user, hive, key };
	const char              *rest;

	*hive = NULL;
	*key = NO_HIVE_KEY;
	if ((rest = behind_any(location, machine)))
		return look_in_machine(&looking, rest, err);
	if ((rest = behind_any(location, current)))
		return user ? look_in_user(&looking, user, rest, err) : 0;
	if ((rest = behind_any(location, classes)))
		return look_in_classes(&looking, rest, err);
	if ((rest = behind_any(location, users)))
		return look_in_users(&looking, rest, err);
	return 0;
}
