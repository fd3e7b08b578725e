/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_selection.c - see rule_selection.h */
#include "recover/rules/rule_selection.h"

#include "core/cleanup.h"
#include "recover/engine/record_set.h"
#include "recover/rules/condition.h"
#include "recover/rules/matcher.h"
#include "recover/rules/object_set.h"
#include "recover/rules/registry_selection.h"
#include "recover/rules/rule_evaluation.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* All that the rules say, before anything is looked for. */
struct collecting {
	struct rule_selection *selection;
	struct weighed_rules   files, values;
	size_t                 group_count;
};

static void collecting_release(struct collecting *collecting)
{
	weighed_rules_release(&collecting->files);
	weighed_rules_release(&collecting->values);
}

/* -------- what rules include and exclude -------- */

/* The file of "C:\x\notes.ini|Notes [key]" as a pattern; to be freed. */
static char *file_of_entry(const char *text)
{
	size_t                  length = strcspn(text, "|");
	CLEANUP(free_ptr) char *path = strndup(text, length);
	char                   *last = path ? strrchr(path, '\\') : NULL, *pattern;

	if (!last)
		return NULL;
	*last = 0;
	return asprintf(&pattern, "%s [%s]", path, last + 1) < 0 ? NULL : pattern;
}

/* Entries of ini files are taken with the whole file, and none is left out by itself. */
static int add_entry(struct collecting *collecting, const struct visited_role *role, enum rule_kind kind,
		     const struct object_pattern *object, struct error *err)
{
	CLEANUP(free_ptr) char *text = file_of_entry(object->text);
	struct weighed_rule     weighed = { .kind = kind, .group = role->group };

	if (kind != RULE_INCLUDE)
		return rule_scope_tell(role->scope, object->line, err,
				       "entries of ini files are not left out: the whole file is taken");
	if (!text)
		return 0;
	weighed.role = collecting->selection->components.count - 1;
	if (pattern_parse(&weighed.pattern, OBJECT_FILE, text, err) < 0) {
		pattern_release(&weighed.pattern);
		return err->kind == ERROR_MEMORY ? -1 : 0;
	}
	if (!array_push(&collecting->files, weighed)) {
		pattern_release(&weighed.pattern);
		return error_memory(err);
	}
	return rule_scope_tell(role->scope, object->line, err, "entries of ini files are taken with the whole file");
}

/* A drive under work; of a folder of the host all is taken anyway. */
static bool is_at_hand(struct work_volumes *volumes, char letter)
{
	for (size_t i = 0; i < volumes->folder_count; i++)
		if (volumes->folders[i].letter == letter)
			return true;
	return work_volumes_find(volumes, letter);
}

/* Who forgot a drive that something is to be taken of has to know. */
static int tell_missing_drive(const struct rule_scope *scope, const struct object_pattern *object, struct error *err)
{
	const char *node = object->pattern.node;

	if (object->pattern.type != OBJECT_FILE || !isalpha((unsigned char)node[0]) || node[1] != ':' ||
	    is_at_hand(scope->volumes, node[0]))
		return 0;
	return rule_scope_tell(scope, object->line, err, "%s: the drive %c: is not among the volumes: it takes nothing",
			       object->text, node[0]);
}

static int add_pattern(struct collecting *collecting, const struct visited_role *role, enum rule_kind kind,
		       const struct rule_filter *filter, struct object_pattern *object, struct error *err)
{
	struct weighed_rules *rules = object->pattern.type == OBJECT_FILE ? &collecting->files : &collecting->values;
	struct weighed_rule   weighed = {
		  .pattern = object->pattern,
		  .filter = *filter,
		  .kind = kind,
		  .user = role->scope->user,
		  .group = role->group,
		  .role = collecting->selection->components.count - 1,
	};

	if (object->pattern.type == OBJECT_INI)
		return add_entry(collecting, role, kind, object, err);
	if (kind == RULE_INCLUDE && tell_missing_drive(role->scope, object, err) < 0)
		return -1;
	if (!array_push(rules, weighed))
		return error_memory(err);
	object->pattern = (struct pattern){ 0 };
	return 0;
}

/* What is left out only perhaps is not left out. */
static int collect_patterns(struct collecting *collecting, const struct visited_role *role, const struct rule *rule,
			    bool certain, struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };
	const bool                                              generous = rule->kind == RULE_INCLUDE;
	struct rule_filter                                      filter;

	if (!certain && !generous)
		return 0;
	if (rule_filter_make(role->scope, rule->call, generous, &filter, err) < 0)
		return -1;
	if (filter.kind == FILTER_STOPS)
		return 0;
	for (size_t i = 0; i < rule->object_count; i++)
		if (object_set_expand(role->scope, &rule->objects[i], generous, &patterns, err) < 0)
			return -1;
	for (size_t i = 0; i < patterns.count; i++)
		if (add_pattern(collecting, role, rule->kind, &filter, &patterns.items[i], err) < 0)
			return -1;
	return 0;
}

/* -------- addObjects -------- */

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Hexadecimal digits, with anything between them, as the bytes of a value. */
static int read_hex(struct registry_value *value, const char *text, struct error *err)
{
	int high = -1;

	value->data = malloc(strlen(text) / 2 + 1);
	if (!value->data)
		return error_memory(err);
	for (; *text; text++) {
		if (!isxdigit((unsigned char)*text))
			continue;
		if (high >= 0)
			value->data[value->size++] = (uint8_t)(high << 4 | hex_digit(*text));
		high = high >= 0 ? -1 : hex_digit(*text);
	}
	return 0;
}

static enum registry_type type_of(const char *attributes)
{
	static const struct {
		const char        *name;
		enum registry_type type;
	} types[] = { { "DWORD", REGISTRY_DWORD },
		      { "STRING", REGISTRY_STRING },
		      { "EXPANDSTRING", REGISTRY_EXPAND_STRING },
		      { "BINARY", REGISTRY_BINARY } };

	for (size_t i = 0; attributes && i < sizeof types / sizeof types[0]; i++)
		if (strcasecmp(attributes, types[i].name) == 0)
			return types[i].type;
	return REGISTRY_NONE;
}

static int make_value(const struct rule_scope *scope, const struct rule_new_object *object, const char *name,
		      struct registry_value *value, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };
	const char                         *bytes = object->bytes ? object->bytes : "";
	enum registry_type                  type = type_of(object->attributes);

	*value = (struct registry_value){ 0 };
	if (object->string && object->expand && rule_scope_expand(scope, bytes, object->line, &texts, err) < 0)
		return -1;
	if (object->string)
		return registry_value_make_text(value, name, type, texts.count ? texts.items[0] : bytes, err);
	value->type = type;
	value->name = strdup(name);
	return value->name ? read_hex(value, bytes, err) : error_memory(err);
}

/* "HKCU\Key [Name]" as a value that is there. */
static int add_object(struct collecting *collecting, const struct visited_role *role,
		      const struct rule_new_object *object, const char *location, struct error *err)
{
	CLEANUP(free_ptr) char *key = strdup(location);
	char                   *leaf = key ? strrchr(key, '[') : NULL, *end = leaf ? strrchr(leaf, ']') : NULL;
	struct registry_value   value;

	if (!key)
		return error_memory(err);
	if (!end)
		return rule_scope_tell(role->scope, object->line, err, "an object to add has no name: it is not added");
	*leaf++ = 0;
	*end = 0;
	for (end = key + strlen(key); end > key && strchr(" \\", end[-1]);)
		*--end = 0;
	if (make_value(role->scope, object, leaf, &value, err) < 0) {
		registry_value_release(&value);
		return -1;
	}
	collecting->selection->components.items[collecting->selection->components.count - 1].values++;
	return registry_selection_add(collecting->selection, role->scope->user, TAKE(key), value, err);
}

static int collect_added(struct collecting *collecting, const struct visited_role *role, const struct rule *rule,
			 struct error *err)
{
	enum answer answer;

	if (condition_evaluate(role->scope, rule->condition, NULL, 0, &answer, err) < 0)
		return -1;
	for (size_t i = 0; answer != ANSWER_NO && i < rule->added_count; i++) {
		const struct rule_new_object       *object = &rule->added[i];
		CLEANUP(texts_release) struct texts locations = { 0 };

		if (object->type != OBJECT_REGISTRY) {
			if (rule_scope_tell(role->scope, object->line, err, "addObjects adds values alone: \"%s\" is not added",
					    object->location) < 0)
				return -1;
			continue;
		}
		if (rule_scope_expand(role->scope, object->location, object->line, &locations, err) < 0)
			return -1;
		for (size_t j = 0; j < locations.count; j++)
			if (add_object(collecting, role, object, locations.items[j], err) < 0)
				return -1;
	}
	return 0;
}

/* -------- the rest -------- */

/* What would be done by running something; what is done when objects come back is told then. */
static int tell_undone(const struct visited_role *role, const struct rule *rule, struct error *err)
{
	const char *name = rule_kind_name(rule->kind);

	switch (rule->kind) {
	case RULE_EXTERNAL_PROCESS:
		return rule_scope_tell(role->scope, rule->line, err, "%s when=\"%s\" runs a program: it is not run", name,
				       rule->when ? rule->when : "");
	case RULE_PROCESSING:
		return rule_scope_tell(role->scope, rule->line, err, "%s when=\"%s\" runs a script: it is not run", name,
				       rule->when ? rule->when : "");
	case RULE_WINDOWS_OBJECTS:
		return rule_scope_tell(role->scope, rule->line, err, "%s is Windows's own and undocumented: it says nothing here",
				       name);
	default:
		return 0;
	}
}

/* What a file says and what was passed over when it was read. */
static int tell_remarks(struct unhonoureds *unhonoured, const char *file, const struct xml_remarks *remarks,
			struct error *err)
{
	const struct rule_scope scope = { .file = file, .unhonoured = unhonoured };

	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->items[i].lost &&
		    rule_scope_tell(&scope, remarks->items[i].line, err, "%s", remarks->items[i].text) < 0)
			return -1;
	return 0;
}

static int tell_all_remarks(struct unhonoureds *unhonoured, const struct rule_set *rules, struct error *err)
{
	for (size_t i = 0; i < rules->count; i++)
		if (tell_remarks(unhonoured, rules->files[i].document.name, &rules->files[i].remarks, err) < 0)
			return -1;
	return rules->config ? tell_remarks(unhonoured, rules->config->document.name, &rules->config->remarks, err) : 0;
}

static int collect_role(void *context, const struct visited_role *role, struct error *err)
{
	struct collecting               *collecting = context;
	const struct selected_component selected = {
		.component = role->component,
		.role = role->role,
		.user = role->scope->user,
		.detected = role->detected,
		.migrated = role->migrated,
	};

	if (role->group >= collecting->group_count)
		collecting->group_count = role->group + 1;
	return array_push(&collecting->selection->components, selected) ? 0 : error_memory(err);
}

static int collect_rule(void *context, const struct visited_role *role, const struct rule *rule, bool certain,
			struct error *err)
{
	switch (rule->kind) {
	case RULE_INCLUDE:
	case RULE_EXCLUDE:
	case RULE_UNCONDITIONAL_EXCLUDE:
		return collect_patterns(context, role, rule, certain, err);
	case RULE_ADD_OBJECTS:
		return collect_added(context, role, rule, err);
	default:
		return tell_undone(role, rule, err);
	}
}

/* -------- files -------- */

struct taking {
	struct rule_selection      *selection;
	struct selected_volume     *selected;
	struct work_volume         *volume;
	const struct weighed_rules *rules;
	struct weighing             weighing;
	struct record_set           counted;
	struct record_set          *counted_by; /* component: files with several names, once there is one */
	size_t                      component_count;
};

static void taking_release(struct taking *taking)
{
	for (size_t i = 0; taking->counted_by && i < taking->component_count; i++)
		record_set_release(&taking->counted_by[i]);
	free(taking->counted_by);
	weighing_release(&taking->weighing);
	record_set_release(&taking->counted);
}

static int begin_taking(struct taking *taking, size_t group_count, struct error *err)
{
	taking->component_count = taking->selection->components.count;
	taking->counted_by = calloc(taking->component_count + 1, sizeof *taking->counted_by);
	taking->selected->count = taking->volume->tree.inventory.names.count;
	taking->selected->names = calloc(taking->selected->count + 1, sizeof *taking->selected->names);
	if (!taking->counted_by || !taking->selected->names)
		return error_memory(err);
	if (record_set_init(&taking->counted, &taking->volume->tree, err) < 0)
		return -1;
	return weighing_begin(&taking->weighing, group_count, err);
}

static void count_file(struct taking *taking, uint32_t record)
{
	if (record_set_has(&taking->counted, record))
		return;
	record_set_add(&taking->counted, record);
	taking->selected->files++;
	taking->selected->bytes += volume_tree_file_bytes(&taking->volume->tree, record);
}

/* Each file once, whatever the number of its names. */
static int count_for(struct taking *taking, size_t role, uint32_t record, struct error *err)
{
	struct selected_component *component = &taking->selection->components.items[role];
	struct record_set         *counted = &taking->counted_by[role];
	const struct volume_tree  *tree = &taking->volume->tree;

	if (volume_tree_links(tree, record) > 1) {
		if (!counted->bits && record_set_init(counted, tree, err) < 0)
			return -1;
		if (record_set_has(counted, record))
			return 0;
		record_set_add(counted, record);
	}
	component->files++;
	component->bytes += volume_tree_file_bytes(tree, record);
	return 0;
}

/* Does a rule whose pattern means the object speak of it?  What is left out by its properties is files alone. */
static int speaks_of(const struct taking *taking, const struct weighed_rule *rule, const struct match *match,
		     bool *speaks, struct error *err)
{
	if (rule->kind != RULE_INCLUDE && rule->filter.kind > FILTER_STOPS &&
	    volume_tree_is_directory(match->tree, match->record)) {
		*speaks = false;
		return 0;
	}
	return rule_filter_passes(&rule->filter, taking->volume, match->record, speaks, err);
}

static int take_name(void *context, const struct match *match, struct error *err)
{
	struct taking *taking = context;
	bool           file = !volume_tree_is_directory(match->tree, match->record);
	size_t         at = 0, role;

	weighing_clear(&taking->weighing);
	for (size_t i = 0; i < match->count; i++) {
		const struct weighed_rule *rule = &taking->rules->items[match->patterns[i]];
		bool                       speaks;

		if (speaks_of(taking, rule, match, &speaks, err) < 0)
			return -1;
		if (speaks)
			weighing_add(&taking->weighing, rule);
	}
	while (weighing_next(&taking->weighing, &at, &role)) {
		taking->selected->names[match->name] = true;
		if (!file)
			continue;
		count_file(taking, match->record);
		if (count_for(taking, role, match->record, err) < 0)
			return -1;
	}
	return 0;
}

static int take_volume(struct rule_selection *selection, size_t index, struct work_volume *volume,
		       const struct collecting *collecting, const struct pattern *const *patterns, uint32_t except,
		       struct error *err)
{
	CLEANUP(taking_release) struct taking taking = {
		.selection = selection,
		.selected = &selection->volumes[index],
		.volume = volume,
		.rules = &collecting->files,
	};

	if (begin_taking(&taking, collecting->group_count, err) < 0)
		return -1;
	return matcher_walk(&volume->tree, volume->letter, patterns, collecting->files.count, except, take_name, &taking,
			    err);
}

static int take_files(struct rule_selection *selection, struct work_volumes *volumes,
		      const struct collecting *collecting, const uint32_t *except, struct error *err)
{
	CLEANUP(free_ptr) const struct pattern **patterns = malloc((collecting->files.count + 1) * sizeof *patterns);

	selection->volumes = calloc(volumes->count + 1, sizeof *selection->volumes);
	if (!patterns || !selection->volumes)
		return error_memory(err);
	selection->volume_count = volumes->count;
	for (size_t i = 0; i < collecting->files.count; i++)
		patterns[i] = &collecting->files.items[i].pattern;
	for (size_t i = 0; i < volumes->count; i++)
		if (take_volume(selection, i, &volumes->items[i], collecting, patterns,
				except ? except[i] : NO_TREE_RECORD, err) < 0)
			return -1;
	return 0;
}

/* -------- the whole -------- */

int rule_selection_make(struct rule_selection *selection, const struct rule_set *rules, struct work_volumes *volumes,
			const struct windows *windows, const struct user_profile *const *users, size_t user_count,
			const uint32_t *except, struct error *err)
{
	CLEANUP(collecting_release) struct collecting collecting = { .selection = selection };
	const struct rule_visitor                     visitor = { &collecting, collect_role, collect_rule };
	const struct rule_evaluation                  evaluation = {
		.rules = rules,
		.volumes = volumes,
		.windows = windows,
		.users = users,
		.user_count = user_count,
		.detect = true,
		.unhonoured = &selection->unhonoured,
	};

	*selection = (struct rule_selection){ 0 };
	if (tell_all_remarks(&selection->unhonoured, rules, err) < 0 ||
	    rule_evaluation_run(&evaluation, &visitor, err) < 0 || weighed_rules_rank(&collecting.files, err) < 0 ||
	    weighed_rules_rank(&collecting.values, err) < 0 ||
	    take_files(selection, volumes, &collecting, except, err) < 0 ||
	    registry_selection_make(selection, &collecting.values, collecting.group_count, windows, err) < 0 ||
	    registry_selection_settle(selection, err) < 0)
		return -1;
	unhonoureds_settle(&selection->unhonoured);
	return 0;
}

void rule_selection_release(struct rule_selection *selection)
{
	for (size_t i = 0; i < selection->volume_count; i++)
		free(selection->volumes[i].names);
	free(selection->volumes);
	array_release(&selection->components);
	for (size_t i = 0; i < selection->values.count; i++) {
		free(selection->values.items[i].key);
		registry_value_release(&selection->values.items[i].value);
	}
	array_release(&selection->values);
	unhonoureds_release(&selection->unhonoured);
	*selection = (struct rule_selection){ 0 };
}
