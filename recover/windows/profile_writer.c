/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile_writer.c - see profile_writer.h */
#include "recover/windows/profile_writer.h"

#include "core/cleanup.h"
#include "recover/security/security_descriptor.h"
#include "recover/windows/account_name.h"
#include "recover/windows/profile_list.h"

#include <string.h>
#include <strings.h>

#define FILE_ALL_ACCESS 0x1f01ffu

/* The folder of an entry, NULL if it has none; to be freed. */
static int folder_of(const struct hive *software, hive_key key, char **folder, struct error *err)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	int found = hive_value(software, key, "ProfileImagePath", &value, err);

	*folder = NULL;
	return found == 1 ? registry_value_read_text(&value, folder, err) : found;
}

/* Look at one entry: 1 if it is this very profile, 0 if it has nothing to do with it, -1 if it stands in the
 * way. */
static int look_at(const struct hive *software, hive_key key, const char *sid, const char *folder,
		   struct error *err)
{
	CLEANUP(free_ptr) char *name = NULL, *other = NULL;

	if (hive_key_name(software, key, &name, err) < 0 || folder_of(software, key, &other, err) < 0)
		return -1;
	if (!other || (strcasecmp(name, sid) != 0 && !account_same(other, folder)))
		return 0;
	if (strcasecmp(name, sid) != 0)
		return error_set(err, ERROR_REFUSED, software->name,
				 "gives the folder %.80s to %.80s already; choose another name with /mu",
				 folder, name);
	if (!account_same(other, folder))
		return error_set(err, ERROR_REFUSED, software->name, "has a profile of %.80s already, %.80s",
				 sid, other);
	return 1;
}

static int look_at_all(const struct hive *software, const char *sid, const char *folder, struct error *err)
{
	struct hive_keys keys = { 0 };
	hive_key         list;
	bool             known = false;
	int              result = hive_find(software, hive_root(software), PROFILE_LIST, &list, err);

	if (result <= 0)
		return result;
	result = hive_children(software, list, &keys, err);
	for (size_t i = 0; result >= 0 && i < keys.count; i++) {
		result = look_at(software, keys.items[i], sid, folder, err);
		known = known || result == 1;
	}
	array_release(&keys);
	return result < 0 ? -1 : known;
}

static int add_sid(struct registry_values *values, const struct sid *sid, struct error *err)
{
	struct registry_value value = { .name = strdup("Sid"),
					.type = REGISTRY_BINARY,
					.data = malloc(SID_BYTES_MAX) };

	if (value.name && value.data) {
		value.size = sid_put(sid, value.data);
		if (array_push(values, value))
			return 0;
	}
	registry_value_release(&value);
	return error_memory(err);
}

/* Take over a value that was made, if it was. */
static int add_made(struct registry_values *values, int made, struct registry_value *value, struct error *err)
{
	if (made == 0 && array_push(values, *value))
		return 0;
	registry_value_release(value);
	return made < 0 ? -1 : error_memory(err);
}

static int make_values(struct registry_values *values, const struct sid *sid, const char *folder,
		       struct error *err)
{
	struct registry_value value;

	if (add_made(
		    values,
		    registry_value_make_text(&value, "ProfileImagePath", REGISTRY_EXPAND_STRING, folder, err),
		    &value, err) < 0 ||
	    add_made(values, registry_value_make_dword(&value, "Flags", 0, err), &value, err) < 0 ||
	    add_made(values, registry_value_make_dword(&value, "State", 0, err), &value, err) < 0)
		return -1;
	return add_sid(values, sid, err);
}

static int enter(struct hive *software, const struct sid *sid, const char *folder, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };
	hive_key                                                key;
	char                                                    path[sizeof PROFILE_LIST "\\" + SID_TEXT_MAX];

	snprintf(path, sizeof path, PROFILE_LIST "\\%s", sid_text(sid).text);
	if (make_values(&values, sid, folder, err) < 0 ||
	    hive_make_key(software, hive_root(software), path, &key, err) < 0)
		return -1;
	return hive_set_values(software, key, values.items, values.count, err);
}

int profile_writer_add(struct hive *software, const char *sid, const char *folder, struct error *err)
{
	struct sid parsed;
	int        known;

	if (!sid_parse(sid, &parsed))
		return error_set(err, ERROR_VALUE, NULL, "'%.100s' is no SID", sid);
	known = look_at_all(software, sid, folder, err);
	if (known != 0)
		return known < 0 ? -1 : 0;
	return enter(software, &parsed, folder, err) < 0 ? -1 : 1;
}

int profile_writer_security(const struct sid *user, uint8_t **made, size_t *size, struct error *err)
{
	const struct sid            system = { .authority = 5, .count = 1, .numbers = { 18 } };
	const struct sid            administrators = { .authority = 5, .count = 2, .numbers = { 32, 544 } };
	const uint8_t               below = ACE_FOR_FILES | ACE_FOR_FOLDERS;
	const struct security_grant grants[] = { { system, FILE_ALL_ACCESS, below },
						 { administrators, FILE_ALL_ACCESS, below },
						 { *user, FILE_ALL_ACCESS, below } };

	return security_descriptor_make(&system, grants, sizeof grants / sizeof grants[0], made, size, err);
}
