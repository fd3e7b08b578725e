/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_trial.c - see rule_trial.h */
#include "recover/rules/rule_trial.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/migration_report.h"

#include <string.h>

#define FOLDERS_TOLD 20u

/* User data of a volume that is not taken. */
static int find_left(struct rule_trial *trial, size_t index, const struct work_volume *volume, struct error *err)
{
	const struct selected_volume              *selected = &trial->selection.volumes[index];
	const struct volume_tree                  *tree = &volume->tree;
	CLEANUP(record_set_release) struct record_set taken = { 0 };

	if (record_set_init(&taken, tree, err) < 0)
		return -1;
	for (uint32_t record = FIRST_USER_RECORD; record < tree->inventory.count; record++) {
		size_t          count;
		const uint32_t *names = volume_tree_names(tree, record, &count);

		for (size_t i = 0; i < count; i++)
			if (selected->names[names[i]] && !volume_tree_is_directory(tree, record))
				record_set_add(&taken, record);
	}
	return coverage_find(&trial->left[index], tree, &taken, selected->names, err);
}

int rule_trial_make(struct rule_trial *trial, const struct migration_options *options, struct work_volumes *volumes,
		    struct error *err)
{
	struct migration *migration = &trial->migration;

	*trial = (struct rule_trial){ .volumes = volumes };
	if (migration_open(migration, options, volumes, err) < 0 ||
	    rule_selection_make(&trial->selection, &migration->rules, volumes,
				migration->has_windows ? &migration->windows : NULL, migration->users,
				migration->user_count, NULL, err) < 0)
		return -1;
	trial->left = calloc(volumes->count + 1, sizeof *trial->left);
	if (!trial->left)
		return error_memory(err);
	for (size_t i = 0; i < volumes->count; i++)
		if (find_left(trial, i, &volumes->items[i], err) < 0)
			return -1;
	return 0;
}

void rule_trial_release(struct rule_trial *trial)
{
	for (size_t i = 0; trial->left && i < trial->selection.volume_count; i++)
		coverage_release(&trial->left[i]);
	free(trial->left);
	rule_selection_release(&trial->selection);
	migration_close(&trial->migration);
}

static void say(const char *text)
{
	text_print(stdout, text, strlen(text));
}

static void print_component(const struct selected_component *component)
{
	fputs("  ", stdout);
	say(*component->component->display_name ? component->component->display_name : "(without a name)");
	if (component->role->role) {
		fputs(", ", stdout);
		say(component->role->role);
	}
	fputs(component->user ? ", of " : ", of the machine", stdout);
	if (component->user)
		say(component->user->name);
	if (!component->migrated)
		puts(": left out by Config.xml");
	else if (!component->detected)
		puts(": not there");
	else
		printf(": %s files, %s; %s settings\n", text_count(component->files).text,
		       text_size(component->bytes).text, text_count(component->values).text);
}

static void print_components(const struct rule_trial *trial, bool all)
{
	const struct selected_components *components = &trial->selection.components;

	for (size_t i = 0; i < components->count; i++)
		if (all || components->items[i].files || components->items[i].values)
			print_component(&components->items[i]);
}

static void print_volume(const struct rule_trial *trial, size_t index, bool all)
{
	const struct work_volume     *volume = &trial->volumes->items[index];
	const struct selected_volume *selected = &trial->selection.volumes[index];
	const struct coverage        *left = &trial->left[index];

	printf("%c: is taken: %s files, %s\n", volume->letter, text_count(selected->files).text,
	       text_size(selected->bytes).text);
	if (left->files)
		printf("%c: is left, of user data: %s files, %s\n", volume->letter, text_count(left->files).text,
		       text_size(left->bytes).text);
	for (size_t i = 0; i < left->folders.count && (all || i < FOLDERS_TOLD); i++) {
		printf("  %c:", volume->letter);
		say(left->folders.items[i].path);
		printf("  (%s)\n", uncovered_text(&left->folders.items[i]).text);
	}
}

/* -------- all that is taken -------- */

/* Hand the path of every name that is taken to @each. */
static int each_name(const struct rule_trial *trial, size_t index, void (*each)(void *context, char letter, const char *path),
		     void *context, struct error *err)
{
	const struct work_volume     *volume = &trial->volumes->items[index];
	const struct selected_volume *selected = &trial->selection.volumes[index];
	struct text_buffer            path = { 0 };
	int                           result = 0;

	for (uint32_t name = 0; result == 0 && name < selected->count; name++) {
		if (!selected->names[name])
			continue;
		result = volume_tree_path(&volume->tree, name, &path, err);
		if (result == 0)
			each(context, volume->letter, path.items);
	}
	array_release(&path);
	return result;
}

static void print_name(void *context, char letter, const char *path)
{
	(void)context;
	printf("  %c:", letter);
	say(path);
	putchar('\n');
}

static void print_values(const struct selected_values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct selected_value *value = &values->items[i];

		fputs("  ", stdout);
		say(value->key);
		if (value->value.name) {
			fputs(" [", stdout);
			say(value->value.name);
			putchar(']');
		}
		if (value->user) {
			fputs(" of ", stdout);
			say(value->user->name);
		}
		putchar('\n');
	}
}

static void json_name(void *context, char letter, const char *path)
{
	CLEANUP(free_ptr) char *whole = NULL;

	if (asprintf(&whole, "%c:%s", letter, path) >= 0)
		json_string(context, whole);
	else
		whole = NULL;
}

static void json_values(const struct selected_values *values, struct json *json)
{
	json_key(json, "values");
	json_begin(json, '[');
	for (size_t i = 0; i < values->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "user", values->items[i].user ? values->items[i].user->sid : NULL);
		json_key_string(json, "key", values->items[i].key);
		json_key_string(json, "name", values->items[i].value.name);
		json_end(json, '}');
	}
	json_end(json, ']');
}

/* -------- the whole -------- */

int rule_trial_print(const struct rule_trial *trial, bool all, bool list, struct error *err)
{
	puts("on these volumes:");
	print_components(trial, all);
	for (size_t i = 0; i < trial->volumes->count; i++) {
		print_volume(trial, i, all);
		if (!list)
			continue;
		printf("%c: is taken, each name:\n", trial->volumes->items[i].letter);
		if (each_name(trial, i, print_name, NULL, err) < 0)
			return -1;
	}
	printf("settings that are taken: %s\n", text_count(trial->selection.values.count).text);
	if (list)
		print_values(&trial->selection.values);
	migration_report_print(&trial->migration, &trial->selection, all, stdout);
	return 0;
}

int rule_trial_json(const struct rule_trial *trial, bool list, struct json *json, struct error *err)
{
	int result = 0;

	migration_report_json(&trial->migration, &trial->selection, json);
	json_key_uint(json, "settings", trial->selection.values.count);
	if (list)
		json_values(&trial->selection.values, json);
	json_key(json, "volumes");
	json_begin(json, '[');
	for (size_t i = 0; i < trial->volumes->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "letter", (char[]){ trial->volumes->items[i].letter, 0 });
		json_key_uint(json, "files", trial->selection.volumes[i].files);
		json_key_uint(json, "bytes", trial->selection.volumes[i].bytes);
		coverage_json(&trial->left[i], json, "left");
		if (list && result == 0) {
			json_key(json, "names");
			json_begin(json, '[');
			result = each_name(trial, i, json_name, json, err);
			json_end(json, ']');
		}
		json_end(json, '}');
	}
	json_end(json, ']');
	return result;
}
