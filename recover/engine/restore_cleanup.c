/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_cleanup.c - see restore_cleanup.h */
#include "recover/engine/restore_cleanup.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/removal.h"
#include "recover/rules/matcher.h"
#include "recover/windows/windows_path.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void restore_cleanup_release(struct restore_cleanup *cleanup)
{
	array_release(&cleanup->names);
	array_release(&cleanup->cleared);
	record_set_release(&cleanup->kept);
	record_set_release(&cleanup->windows);
	record_set_release(&cleanup->folders);
}

/* -------- what is never removed -------- */

static int keep_below(struct record_set *set, const struct volume_tree *tree, uint32_t record,
		      struct error *err)
{
	return record == NO_TREE_RECORD ? 0 : record_set_add_below(set, tree, record, err);
}

/* Every store on the volume, whoever made it. */
static int keep_stores(struct restore_cleanup *cleanup, const struct volume_tree *tree,
		       const struct state_store *store, struct error *err)
{
	for (uint32_t i = FIRST_USER_RECORD; i < tree->inventory.count; i++)
		if (volume_tree_is_directory(tree, i) && state_store_is_one(tree, i) &&
		    record_set_add_below(&cleanup->kept, tree, i, err) < 0)
			return -1;
	return store->path ? keep_below(&cleanup->kept, tree, store->folder, err) : 0;
}

/* The Windows directory, and in it the hives. */
static int keep_windows(struct restore_cleanup *cleanup, const struct work_volume *volume,
			const char *windows, struct error *err)
{
	const struct volume_tree *tree = &volume->tree;
	CLEANUP(free_ptr) char   *config = NULL;

	if (!windows || toupper((unsigned char)*windows) != volume->letter)
		return 0;
	config = windows_path_join(windows, "System32\\config");
	if (!config)
		return error_memory(err);
	return keep_below(&cleanup->kept, tree, volume_tree_find(tree, config + 2), err) < 0
		       ? -1
		       : keep_below(&cleanup->windows, tree, volume_tree_find(tree, windows + 2), err);
}

static int find_kept(struct restore_cleanup *cleanup, const struct work_volume *volume, const char *windows,
		     const struct state_store *store, struct error *err)
{
	static const char *const  systems[] = { "\\System Volume Information", "\\Recovery", "\\Boot",
						"\\EFI" };
	const struct volume_tree *tree = &volume->tree;

	if (record_set_init(&cleanup->kept, tree, err) < 0 ||
	    record_set_init(&cleanup->windows, tree, err) < 0 ||
	    record_set_init(&cleanup->folders, tree, err) < 0 || keep_stores(cleanup, tree, store, err) < 0 ||
	    keep_windows(cleanup, volume, windows, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
		if (keep_below(&cleanup->kept, tree, volume_tree_find(tree, systems[i]), err) < 0)
			return -1;
	return 0;
}

/* NTUSER.DAT, its logs, and the like. */
static bool is_hive(const struct volume_tree *tree, uint32_t name)
{
	static const char *const hives[] = { "ntuser.dat", "usrclass.dat", "ntuser.man" };
	const struct name_row   *row = &tree->inventory.names.items[name];
	char                     text[NAME_UTF8_MAX];

	utf16_to_utf8(inventory_text(&tree->inventory, row), row->units, text);
	for (size_t i = 0; i < sizeof hives / sizeof hives[0]; i++)
		if (strncasecmp(text, hives[i], strlen(hives[i])) == 0)
			return true;
	return false;
}

/* -------- marking -------- */

struct marking {
	struct restore_cleanup *cleanup;
	struct destination     *to;
	const struct pattern  **patterns;
	uint32_t               *rules;  /* by pattern: its number among all rules */
	bool                   *enters; /* by pattern: it names something in the Windows directory */
	size_t                  count;
};

static void marking_release(struct marking *marking)
{
	free(marking->patterns);
	free(marking->rules);
	free(marking->enters);
}

/* Does the pattern begin with a path in the directory?  Not with the directory itself. */
static bool leads_into(const struct pattern *pattern, const char *windows)
{
	size_t length = windows ? strlen(windows) : 0;

	return windows && strncasecmp(pattern->node, windows, length) == 0 && pattern->node[length] == '\\' &&
	       pattern->node[length + 1] != PATTERN_ANY;
}

static int gather_patterns(struct marking *marking, const char *windows, struct error *err)
{
	const struct cleaning_rules *rules = marking->cleanup->rules;

	marking->patterns = malloc((rules->count + 1) * sizeof *marking->patterns);
	marking->rules = malloc((rules->count + 1) * sizeof *marking->rules);
	marking->enters = malloc((rules->count + 1) * sizeof *marking->enters);
	if (!marking->patterns || !marking->rules || !marking->enters)
		return error_memory(err);
	for (uint32_t i = 0; i < rules->count; i++) {
		if (rules->items[i].pattern.type != OBJECT_FILE)
			continue;
		marking->patterns[marking->count] = &rules->items[i].pattern;
		marking->enters[marking->count] = leads_into(&rules->items[i].pattern, windows);
		marking->rules[marking->count++] = i;
	}
	return 0;
}

/* The number of a rule that removes the name, and one more; 0: none does. */
static int find_rule(const struct marking *marking, const struct match *match, uint32_t *rule,
		     struct error *err)
{
	bool in_windows = record_set_has(&marking->cleanup->windows, match->record);

	*rule = 0;
	for (size_t i = 0; i < match->count && !*rule; i++) {
		uint32_t pattern = match->patterns[i], number = marking->rules[pattern];
		bool     passes;

		if (in_windows && !marking->enters[pattern])
			continue;
		if (rule_filter_passes(&marking->cleanup->rules->items[number].filter, marking->to->volume,
				       match->record, &passes, err) < 0)
			return -1;
		*rule = passes ? number + 1 : 0;
	}
	return 0;
}

static int mark_name(void *context, const struct match *match, struct error *err)
{
	const struct marking *marking = context;
	uint32_t              rule;

	if (match->record < FIRST_USER_RECORD || match->name == NO_NAME ||
	    record_set_has(&marking->cleanup->kept, match->record) || is_hive(match->tree, match->name))
		return 0;
	if (find_rule(marking, match, &rule, err) < 0)
		return -1;
	if (!rule)
		return 0;
	marking->to->doomed[match->name] = rule;
	return array_push(&marking->cleanup->names, (struct doomed_name){ match->record, match->name })
		       ? 0
		       : error_memory(err);
}

int restore_cleanup_mark(struct restore_cleanup *cleanup, struct destination *to,
			 const struct cleaning_rules *rules, const char *windows,
			 const struct state_store *store, struct error *err)
{
	CLEANUP(marking_release) struct marking marking = { .cleanup = cleanup, .to = to };
	const struct work_volume               *volume = to->volume;

	*cleanup = (struct restore_cleanup){ .rules = rules };
	if (gather_patterns(&marking, windows, err) < 0)
		return -1;
	if (!marking.count)
		return 0;
	to->doomed = calloc(volume->tree.inventory.names.count + 1, sizeof *to->doomed);
	if (!to->doomed)
		return error_memory(err);
	if (find_kept(cleanup, volume, windows, store, err) < 0)
		return -1;
	return matcher_walk(&volume->tree, volume->letter, marking.patterns, marking.count, NO_TREE_RECORD,
			    mark_name, &marking, err);
}

/* -------- what goes -------- */

/* Do all of a file's names in the directory go? */
static bool file_goes(const struct destination *to, uint32_t directory, uint32_t record)
{
	const struct volume_tree *tree = &to->volume->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);

	for (size_t i = 0; i < count; i++)
		if (volume_tree_parent(tree, names[i]) == directory &&
		    tree->inventory.names.items[names[i]].space != NAME_DOS && !to->doomed[names[i]])
			return false;
	return true;
}

/* Does a folder go: doomed itself, and nothing stays in it or comes to it? */
static bool folder_goes(const struct restore_cleanup *cleanup, const struct destination *to,
			const struct doomed_name *folder)
{
	const struct volume_tree *tree = &to->volume->tree;
	size_t                    count;
	const struct tree_child  *children = volume_tree_children(tree, folder->record, &count);

	if (to->entered[folder->record])
		return false;
	for (size_t i = 0; i < count; i++)
		if (volume_tree_is_directory(tree, children[i].record)
			    ? !record_set_has(&cleanup->folders, children[i].record)
			    : !file_goes(to, folder->record, children[i].record))
			return false;
	return true;
}

static int tell(const struct restore_cleanup *cleanup, const struct destination *to,
		const struct doomed_name *gone, struct restore_report *report, struct error *err)
{
	const struct cleaning_rule *rule = &cleanup->rules->items[to->doomed[gone->name] - 1];
	struct text_buffer          inside = { 0 };
	char                       *path = NULL, *why = NULL;
	int                         status = volume_tree_path(&to->volume->tree, gone->name, &inside, err);

	if (status == 0 && asprintf(&path, "%c:%s", to->volume->letter, inside.items) < 0)
		path = NULL;
	array_release(&inside);
	if (status < 0)
		return -1;
	if (asprintf(&why, "destinationCleanup, %s line %d", rule->file, rule->line) < 0)
		why = NULL;
	return restore_note(&report->cleaned, path, why, err);
}

/* One that goes: it is told, and taken out of its directory unless that goes as a whole. */
static int clear(struct restore_cleanup *cleanup, const struct destination *to,
		 const struct doomed_name *gone, struct restore_report *report, struct error *err)
{
	const struct volume_tree *tree = &to->volume->tree;
	uint32_t                  directory = volume_tree_parent(tree, gone->name);
	struct cleared            cleared = { directory, gone->record };

	if (volume_tree_is_directory(tree, gone->record)
		    ? !record_set_has(&cleanup->folders, gone->record)
		    : !to->doomed[gone->name] || !file_goes(to, directory, gone->record))
		return 0;
	if (tell(cleanup, to, gone, report, err) < 0)
		return -1;
	if (record_set_has(&cleanup->folders, directory))
		return 0;
	for (size_t i = 0; volume_tree_links(tree, gone->record) > 1 && i < cleanup->cleared.count; i++)
		if (memcmp(&cleanup->cleared.items[i], &cleared, sizeof cleared) == 0)
			return 0;
	return array_push(&cleanup->cleared, cleared) ? 0 : error_memory(err);
}

int restore_cleanup_settle(struct restore_cleanup *cleanup, const struct destination *to,
			   struct restore_report *report, struct error *err)
{
	const struct doomed_names *names = &cleanup->names;

	for (size_t i = names->count; i-- > 0;) /* what is in a folder before the folder */
		if (volume_tree_is_directory(&to->volume->tree, names->items[i].record) &&
		    folder_goes(cleanup, to, &names->items[i]))
			record_set_add(&cleanup->folders, names->items[i].record);
	for (size_t i = 0; i < names->count; i++)
		if (clear(cleanup, to, &names->items[i], report, err) < 0)
			return -1;
	return 0;
}

static int remove_all(const struct restore_cleanup *cleanup, struct work_volume *volume, struct error *err)
{
	CLEANUP(removal_release) struct removal removal;

	removal_init(&removal, &volume->mount, &volume->tree, cleanup->names.count);
	for (size_t i = 0; i < cleanup->cleared.count; i++)
		if (removal_take(&removal, cleanup->cleared.items[i].directory,
				 cleanup->cleared.items[i].record, err) < 0)
			return -1;
	if (removal_settle(&removal, err) < 0)
		return -1;
	return ntfs3g_commit(&volume->mount, err);
}

int restore_cleanup_write(const struct restore_cleanup *cleanup, struct work_volume *volume,
			  struct error *err)
{
	return cleanup->cleared.count ? remove_all(cleanup, volume, err) : 0;
}
