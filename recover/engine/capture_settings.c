/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_settings.c - see capture_settings.h */
#include "recover/engine/capture_settings.h"

#include "core/cleanup.h"
#include "recover/engine/migration_report.h"
#include "recover/registry/registry_file.h"
#include "recover/windows/people_file.h"

/* What rules were used and what they took. */
static int make_rules(struct settings_files *files, const struct migration *migration,
		      const struct rule_selection *selection, struct error *err)
{
	char       *text = NULL;
	size_t      size = 0;
	FILE       *out = open_memstream(&text, &size);
	struct json json = { .out = out, .indent = 2 };

	if (!out)
		return error_memory(err);
	json_begin(&json, '{');
	migration_report_json(migration, selection, &json);
	json_end(&json, '}');
	putc('\n', out);
	if (fclose(out) == 0)
		return settings_files_add(files, SETTINGS_RULES, text, size, err);
	free(text);
	return error_memory(err);
}

static int make_people(struct settings_files *files, const struct migration *migration, struct error *err)
{
	CLEANUP(people_file_release) struct people_file people = { 0 };
	char                                           *bytes = NULL;
	size_t                                          size;

	if (people_file_make(&people, &migration->windows, &migration->accounts, err) < 0 ||
	    people_file_write(&people, &bytes, &size, err) < 0)
		return -1;
	return settings_files_add(files, PEOPLE_FILE_NAME, bytes, size, err);
}

/* The values of a user, or with NULL those of the machine; no file where there are none. */
static int make_registry(struct settings_files *files, const struct selected_values *values,
			 const struct user_profile *user, struct error *err)
{
	CLEANUP(registry_file_release) struct registry_file registry = { 0 };
	struct settings_name                                name = settings_registry_name(user ? user->sid : NULL);
	uint8_t                                            *bytes = NULL;
	size_t                                              size;

	for (size_t i = 0; i < values->count; i++) {
		const struct selected_value *value = &values->items[i];

		if (value->user == user &&
		    registry_file_add(&registry, value->key, value->value.name ? &value->value : NULL, err) < 0)
			return -1;
	}
	if (!registry.count)
		return 0;
	if (registry_file_format(&registry, &bytes, &size, err) < 0)
		return -1;
	return settings_files_add(files, name.text, bytes, size, err);
}

int capture_settings_make(struct settings_files *files, const struct migration *migration,
			  const struct rule_selection *selection, struct error *err)
{
	*files = (struct settings_files){ 0 };
	if (make_rules(files, migration, selection, err) < 0)
		return -1;
	if (!migration->has_windows)
		return 0;
	if (make_people(files, migration, err) < 0 || make_registry(files, &selection->values, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < migration->user_count; i++)
		if (make_registry(files, &selection->values, migration->users[i], err) < 0)
			return -1;
	return 0;
}
