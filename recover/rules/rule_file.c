/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_file.c - see rule_file.h */
#include "recover/rules/rule_file.h"

#include "core/cleanup.h"
#include "recover/rules/rule_builder.h"
#include "recover/rules/rule_grammar.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 255u /* of what ids are made of */
#define ROLES_MAX 5u        /* of a component, <extensions> among them */

static const char *const kind_names[RULE_KINDS] = {
	[RULE_INCLUDE] = "include",
	[RULE_EXCLUDE] = "exclude",
	[RULE_UNCONDITIONAL_EXCLUDE] = "unconditionalExclude",
	[RULE_INCLUDE_ATTRIBUTES] = "includeAttributes",
	[RULE_EXCLUDE_ATTRIBUTES] = "excludeAttributes",
	[RULE_MERGE] = "merge",
	[RULE_WINDOWS_OBJECTS] = "windowsObjects",
	[RULE_LOCATION_MODIFY] = "locationModify",
	[RULE_CONTENT_MODIFY] = "contentModify",
	[RULE_DESTINATION_CLEANUP] = "destinationCleanup",
	[RULE_ADD_OBJECTS] = "addObjects",
	[RULE_EXTERNAL_PROCESS] = "externalProcess",
	[RULE_PROCESSING] = "processing",
};

const char *rule_kind_name(enum rule_kind kind)
{
	return kind_names[kind];
}

/* The sets that were gathered stay as long as the file does. */
static int keep_objects(struct rule_builder *builder, const struct rule_object_sets *from,
			struct rule_object_set **objects, size_t *count)
{
	*objects = rule_take(builder, from->count, sizeof **objects);
	if (!*objects)
		return -1;
	if (from->count)
		memcpy(*objects, from->items, from->count * sizeof *from->items);
	*count = from->count;
	return 0;
}

static void release_objects(struct rule_object_sets *objects)
{
	array_release(objects);
}

/* -------- rules -------- */

/* The kind of rule that an element is; RULE_KINDS if it is none. */
static enum rule_kind kind_of(const struct xml_node *node)
{
	enum rule_kind kind = 0;

	while (kind < RULE_KINDS && !xml_is(node, kind_names[kind]))
		kind++;
	return kind;
}

static enum call_place place_of(enum rule_kind kind)
{
	return kind == RULE_MERGE           ? CALL_MERGE :
	       kind == RULE_LOCATION_MODIFY ? CALL_LOCATION :
	       kind == RULE_CONTENT_MODIFY  ? CALL_MODIFY :
					      CALL_FILTER;
}

/* filter="" or script="" */
static int fill_call(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	enum call_place place = place_of(rule->kind);
	const char     *text = xml_attribute(node, place == CALL_FILTER ? "filter" : "script");

	if (!text || !*text)
		return 0;
	rule->call = rule_take(builder, 1, sizeof *rule->call);
	return rule->call ? rule_build_call(builder, node, text, place, rule->call) : -1;
}

/* "Security,TimeFields" */
static int fill_attributes(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	const char *text = xml_attribute(node, "attributes");

	if (rule->kind != RULE_INCLUDE_ATTRIBUTES && rule->kind != RULE_EXCLUDE_ATTRIBUTES)
		return 0;
	while (*text) {
		size_t length;

		text += strspn(text, ", ");
		length = strcspn(text, ", ");
		if (length == 8 && strncasecmp(text, "Security", length) == 0)
			rule->attributes |= RULE_SECURITY;
		else if (length == 10 && strncasecmp(text, "TimeFields", length) == 0)
			rule->attributes |= RULE_TIME_FIELDS;
		else if (length)
			return xml_error(
				&builder->file->document, node->line, builder->err,
				"<%s attributes=\"...%.40s\">: write Security, TimeFields or Security,TimeFields",
				rule_kind_name(rule->kind), text);
		text += length;
	}
	return 0;
}

static int fill_new_object(struct rule_builder *builder, const struct xml_node *node,
			   struct rule_new_object *object)
{
	const struct xml_node *location = xml_child(node, "location"),
			      *attributes = xml_child(node, "attributes"), *bytes = xml_child(node, "bytes");

	object->line = node->line;
	if (!location)
		return xml_error(&builder->file->document, node->line, builder->err,
				 "<object> lacks its <location type=\"...\">");
	object->type = rule_object_type(location);
	object->location = location->text;
	object->attributes = attributes ? attributes->text : "";
	object->bytes = bytes ? bytes->text : "";
	object->string = bytes && rule_boolean(bytes, "string", false);
	object->expand = !bytes || rule_boolean(bytes, "expand", true);
	return 0;
}

static int fill_scripts(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	enum call_place place = rule->kind == RULE_PROCESSING ? CALL_PROCESSING : CALL_OBJECTS;

	rule->scripts = rule_take(builder, xml_count(node, "script"), sizeof *rule->scripts);
	if (!rule->scripts)
		return -1;
	XML_EACH (child, node, "script")
		if (rule_build_call(builder, child, child->text, place,
				    &rule->scripts[rule->script_count++]) < 0)
			return -1;
	return 0;
}

static int fill_added(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	rule->added = rule_take(builder, xml_count(node, "object"), sizeof *rule->added);
	if (!rule->added || rule_build_conditions(builder, node, &rule->condition) < 0)
		return -1;
	XML_EACH (child, node, "object")
		if (fill_new_object(builder, child, &rule->added[rule->added_count++]) < 0)
			return -1;
	return fill_scripts(builder, node, rule);
}

static int fill_command_lines(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	rule->command_lines = rule_take(builder, xml_count(node, "commandLine"), sizeof *rule->command_lines);
	if (!rule->command_lines)
		return -1;
	XML_EACH (child, node, "commandLine")
		rule->command_lines[rule->command_line_count++] = child->text;
	return 0;
}

static int fill_rule(struct rule_builder *builder, const struct xml_node *node, struct rule *rule)
{
	rule->kind = kind_of(node);
	rule->line = node->line;
	rule->when = xml_attribute(node, "when");
	switch (rule->kind) {
	case RULE_ADD_OBJECTS:
		return fill_added(builder, node, rule);
	case RULE_EXTERNAL_PROCESS:
		return fill_command_lines(builder, node, rule);
	case RULE_PROCESSING:
		return fill_scripts(builder, node, rule);
	default:
		if (fill_call(builder, node, rule) < 0 || fill_attributes(builder, node, rule) < 0)
			return -1;
		return rule_build_object_sets(builder, node, &rule->objects, &rule->object_count);
	}
}

/* -------- groups of rules -------- */

static int fill_groups(struct rule_builder *builder, const struct xml_node *node, struct rule_group *groups,
		       size_t *count);

/* Which contexts the detects of @node are for, all together. */
static int detects_context(struct rule_builder *builder, const struct xml_node *node,
			   enum rule_context *context)
{
	struct rule_element element;

	*context = 0;
	XML_EACH (child, node, "detects") {
		if (rule_resolve(builder, child, &element) < 0)
			return -1;
		*context |= element.context;
	}
	return 0;
}

/*
 * The detects of rules: any of them.  Those of another context are as if they were not there; so an
 * alternative says that the context is another where all are of one, and each asks for its own where they
 * differ.
 */
static int append_detects(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_condition *any, struct rule_object_sets *objects)
{
	struct rule_element element;
	enum rule_context   context;

	if (detects_context(builder, node, &context) < 0)
		return -1;
	XML_EACH (child, node, "detects") {
		struct rule_condition *one = &any->items[any->count], *said;

		if (rule_resolve(builder, child, &element) < 0 ||
		    rule_build_detects(builder, element.node, &said, objects) < 0)
			return -1;
		*one = said ? *said : (struct rule_condition){ .line = child->line };
		any->count++;
		if (element.context == context)
			continue;
		one->items = rule_take(builder, 2, sizeof *one->items);
		if (!one->items)
			return -1;
		*one = (struct rule_condition){ .items = one->items, .count = 2, .line = child->line };
		if (rule_build_is_system(builder, child, element.context == CONTEXT_USER, &one->items[0]) < 0)
			return -1;
		one->items[1] = said ? *said : (struct rule_condition){ .line = child->line };
	}
	if (context == CONTEXT_BOTH)
		return 0;
	return rule_build_is_system(builder, node, context == CONTEXT_SYSTEM, &any->items[any->count++]);
}

/* conditions and detects of rules, together. */
static int fill_group_condition(struct rule_builder *builder, const struct xml_node *node,
				struct rule_group *group)
{
	CLEANUP(release_objects) struct rule_object_sets objects = { 0 };
	struct rule_condition                           *both, *any;
	size_t                                           detects = xml_count(node, "detects");

	if (rule_build_conditions(builder, node, &group->condition) < 0)
		return -1;
	if (!detects)
		return 0;
	both = rule_take(builder, 2, sizeof *both);
	any = both ? &both[1] : NULL;
	if (!any || !(any->items = rule_take(builder, detects + 1, sizeof *any->items)))
		return -1;
	any->any = true;
	any->line = node->line;
	if (append_detects(builder, node, any, &objects) < 0 ||
	    keep_objects(builder, &objects, &group->objects, &group->object_count) < 0)
		return -1;
	if (!group->condition) {
		group->condition = any;
		return 0;
	}
	both[0] = *group->condition;
	group->condition = rule_take(builder, 1, sizeof *group->condition);
	if (!group->condition)
		return -1;
	*group->condition = (struct rule_condition){ .items = both, .count = 2, .line = node->line };
	return 0;
}

static int fill_group(struct rule_builder *builder, const struct xml_node *reference,
		      struct rule_group *group)
{
	struct rule_element element;
	size_t              count = 0;

	if (rule_resolve(builder, reference, &element) < 0)
		return -1;
	for (const struct xml_node *child = element.node->child; child; child = child->next)
		count += kind_of(child) < RULE_KINDS;
	group->name = xml_attribute(reference, "name");
	group->context = element.context;
	group->line = reference->line;
	group->rules = rule_take(builder, count, sizeof *group->rules);
	group->groups = rule_take(builder, xml_count(element.node, "rules"), sizeof *group->groups);
	if (!group->rules || !group->groups || fill_group_condition(builder, element.node, group) < 0)
		return -1;
	for (const struct xml_node *child = element.node->child; child; child = child->next) {
		if (kind_of(child) == RULE_KINDS)
			continue;
		if (rule_enter(builder, child) < 0 ||
		    fill_rule(builder, child, &group->rules[group->count++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return fill_groups(builder, element.node, group->groups, &group->group_count);
}

static int fill_groups(struct rule_builder *builder, const struct xml_node *node, struct rule_group *groups,
		       size_t *count)
{
	XML_EACH (child, node, "rules") {
		if (rule_enter(builder, child) < 0 || fill_group(builder, child, &groups[(*count)++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}

/* -------- variables -------- */

static int fill_variable(struct rule_builder *builder, const struct xml_node *node,
			 struct rule_variable *variable)
{
	const struct xml_node *text = xml_child(node, "text"), *script = xml_child(node, "script");

	variable->name = xml_attribute(node, "name");
	variable->line = node->line;
	if (text)
		variable->text = text->text;
	if (!text && script) {
		variable->script = rule_take(builder, 1, sizeof *variable->script);
		return variable->script ? rule_build_call(builder, script, script->text, CALL_VARIABLE,
							  variable->script) :
					  -1;
	}
	return rule_build_object_sets(builder, node, &variable->objects, &variable->object_count);
}

static int fill_environment(struct rule_builder *builder, const struct xml_node *reference,
			    struct rule_environment *environment)
{
	struct rule_element element;

	if (rule_resolve(builder, reference, &element) < 0)
		return -1;
	environment->context = element.context;
	environment->variables =
		rule_take(builder, xml_count(element.node, "variable"), sizeof *environment->variables);
	if (!environment->variables ||
	    rule_build_conditions(builder, element.node, &environment->condition) < 0)
		return -1;
	XML_EACH (child, element.node, "variable") {
		if (rule_enter(builder, child) < 0 ||
		    fill_variable(builder, child, &environment->variables[environment->count++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}

static int fill_environments(struct rule_builder *builder, const struct xml_node *node,
			     struct rule_environment **environments, size_t *count)
{
	*environments = rule_take(builder, xml_count(node, "environment"), sizeof **environments);
	if (!*environments)
		return -1;
	XML_EACH (child, node, "environment")
		if (fill_environment(builder, child, &(*environments)[(*count)++]) < 0)
			return -1;
	return 0;
}

/* -------- roles -------- */

static int fill_detection(struct rule_builder *builder, const struct xml_node *reference,
			  struct rule_detection *detection)
{
	CLEANUP(release_objects) struct rule_object_sets objects = { 0 };
	struct rule_element                              element;

	if (rule_resolve(builder, reference, &element) < 0)
		return -1;
	detection->context = element.context;
	if (xml_is(reference, "detection") && !element.node->child)
		return rule_remark(builder, reference, true, "is empty and says nothing");
	if (xml_is(reference, "detection"))
		return rule_build_conditions(builder, element.node, &detection->condition);
	if (rule_build_detects(builder, element.node, &detection->condition, &objects) < 0)
		return -1;
	return keep_objects(builder, &objects, &detection->objects, &detection->object_count);
}

static int fill_detections(struct rule_builder *builder, const struct xml_node *node, struct rule_role *role)
{
	size_t count = xml_count(node, "detects") + xml_count(node, "detection");

	role->detections = rule_take(builder, count, sizeof *role->detections);
	if (!role->detections)
		return -1;
	for (const struct xml_node *child = node->child; child; child = child->next)
		if ((xml_is(child, "detects") || xml_is(child, "detection")) &&
		    fill_detection(builder, child, &role->detections[role->detection_count++]) < 0)
			return -1;
	return 0;
}

/* Rules for components of Windows, which no rule file holds: they apply for themselves. */
static int fill_supported(struct rule_builder *builder, const struct xml_node *node, struct rule_role *role)
{
	XML_EACH (child, node, "supportedComponent") {
		if (rule_remark(builder, child, true,
				"is of Windows's own and not known here: its rules are taken by themselves") <
			    0 ||
		    fill_groups(builder, child, role->groups, &role->group_count) < 0)
			return -1;
	}
	return 0;
}

static size_t count_groups(const struct xml_node *node)
{
	size_t count = xml_count(node, "rules");

	XML_EACH (section, node, "supportedComponents")
		XML_EACH (child, section, "supportedComponent")
			count += xml_count(child, "rules");
	return count;
}

static int fill_all_groups(struct rule_builder *builder, const struct xml_node *node, struct rule_role *role)
{
	role->groups = rule_take(builder, count_groups(node), sizeof *role->groups);
	if (!role->groups || fill_groups(builder, node, role->groups, &role->group_count) < 0)
		return -1;
	XML_EACH (child, node, "supportedComponents")
		if (fill_supported(builder, child, role) < 0)
			return -1;
	return 0;
}

/* "<urlid>/<displayname>/<role>"; "" for a component without a name. */
static int fill_id(struct rule_builder *builder, const struct rule_component *component,
		   struct rule_role *role)
{
	char *id;

	role->id = "";
	if (!*component->display_name)
		return 0;
	id = arena_print(&builder->file->memory, "%s/%s/%s", builder->file->urlid, component->display_name,
			 role->role);
	if (!id)
		return error_memory(builder->err);
	for (char *at = id + strlen(builder->file->urlid); *at; at++)
		*at = (char)tolower((unsigned char)*at);
	role->id = id;
	return 0;
}

static int fill_components(struct rule_builder *builder, const struct xml_node *node,
			   struct rule_component **components, size_t *count);

static int fill_role(struct rule_builder *builder, const struct xml_node *node,
		     const struct rule_component *component, struct rule_role *role)
{
	role->role = xml_attribute(node, "role");
	if (!role->role || !*role->role)
		role->role = "Data";
	role->line = node->line;
	if (fill_id(builder, component, role) < 0 || fill_detections(builder, node, role) < 0 ||
	    fill_environments(builder, node, &role->environments, &role->environment_count) < 0 ||
	    fill_all_groups(builder, node, role) < 0)
		return -1;
	return fill_components(builder, node, &role->components, &role->component_count);
}

/* -------- components -------- */

/* GenerateDrivePatterns("* [*.doc]","Fixed") */
static int fill_extension(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_source *source)
{
	char *script;

	if (strchr(node->text, '"'))
		return xml_error(&builder->file->document, node->line, builder->err,
				 "<extension> holds a quote: write it as *.doc");
	script = arena_print(&builder->file->memory,
			     "MigXmlHelper.GenerateDrivePatterns(\"* [%s]\",\"Fixed\")", node->text);
	if (!script)
		return error_memory(builder->err);
	source->kind = SOURCE_SCRIPT;
	return rule_build_call(builder, node, script, CALL_OBJECTS, &source->call);
}

/* <extensions> is short for a role that includes these files on all fixed drives. */
static int fill_extensions(struct rule_builder *builder, const struct xml_node *node,
			   const struct rule_component *component, struct rule_role *role)
{
	struct rule_object_set *set = rule_take(builder, 1, sizeof *set);
	struct rule            *rule = rule_take(builder, 1, sizeof *rule);
	struct rule_group      *group = rule_take(builder, 1, sizeof *group);

	if (!set || !rule || !group ||
	    !(set->sources = rule_take(builder, xml_count(node, "extension"), sizeof *set->sources)))
		return -1;
	XML_EACH (child, node, "extension")
		if (fill_extension(builder, child, &set->sources[set->count++]) < 0)
			return -1;
	set->line = node->line;
	*rule = (struct rule){ .kind = RULE_INCLUDE, .objects = set, .object_count = 1, .line = node->line };
	*group =
		(struct rule_group){ .context = CONTEXT_BOTH, .rules = rule, .count = 1, .line = node->line };
	*role = (struct rule_role){ .role = "Data", .groups = group, .group_count = 1, .line = node->line };
	return fill_id(builder, component, role);
}

static int fill_roles(struct rule_builder *builder, const struct xml_node *node,
		      struct rule_component *component)
{
	size_t count = xml_count(node, "role") + xml_count(node, "extensions");

	if (count > ROLES_MAX)
		return xml_error(
			&builder->file->document, node->line, builder->err,
			"<component> has more than %u roles: give each of Container, Binaries, Settings and Data once",
			ROLES_MAX);
	component->roles = rule_take(builder, count, sizeof *component->roles);
	if (!component->roles)
		return -1;
	if (!count && rule_remark(builder, node, true, "has no role and does nothing") < 0)
		return -1;
	XML_EACH (child, node, "role")
		if (fill_role(builder, child, component, &component->roles[component->role_count++]) < 0)
			return -1;
	XML_EACH (child, node, "extensions")
		if (fill_extensions(builder, child, component, &component->roles[component->role_count++]) <
		    0)
			return -1;
	return 0;
}

static int fill_component(struct rule_builder *builder, const struct xml_node *node,
			  struct rule_component *component)
{
	const struct xml_node *name = xml_child(node, "displayName");
	const char            *type = xml_attribute(node, "type");

	component->type = type ? type : "";
	component->context = rule_context_of(node);
	component->hidden = rule_boolean(node, "hidden", false);
	component->supported = rule_boolean(node, "defaultSupported", true);
	component->display_name = name ? name->text : "";
	component->line = node->line;
	if (strlen(component->display_name) > NAME_MAX_BYTES)
		return xml_error(&builder->file->document, name->line, builder->err,
				 "<displayName> is longer than %u bytes", NAME_MAX_BYTES);
	if (!*component->display_name &&
	    rule_remark(builder, node, false, "has no displayName: a Config.xml cannot leave it out") < 0)
		return -1;
	if (fill_environments(builder, node, &component->environments, &component->environment_count) < 0)
		return -1;
	return fill_roles(builder, node, component);
}

static int fill_components(struct rule_builder *builder, const struct xml_node *node,
			   struct rule_component **components, size_t *count)
{
	*components = rule_take(builder, xml_count(node, "component"), sizeof **components);
	if (!*components)
		return -1;
	XML_EACH (child, node, "component") {
		if (rule_enter(builder, child) < 0 ||
		    fill_component(builder, child, &(*components)[(*count)++]) < 0)
			return -1;
		rule_leave(builder);
	}
	return 0;
}

/* -------- the file -------- */

/* Other files that people take for rule files. */
static int check_root(const struct xml_document *document, struct error *err)
{
	static const struct {
		const char *root, *what;
	} others[] = {
		{ "Configuration", "a Config.xml: give it with --config" },
		{ "offline", "an Offline.xml, which tells where Windows lies: give it with --offline" },
		{ "sequence", "a task sequence: give it to 'holdfast run'" },
	};

	if (xml_is(document->root, "migration"))
		return 0;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (xml_is(document->root, others[i].root))
			return error_set(err, ERROR_VALUE, document->name, "is %s", others[i].what);
	return xml_error(document, document->root->line, err,
			 "begins with <%.60s>; a rule file begins with <migration urlid=\"...\">",
			 document->root->name);
}

static int build(struct rule_file *file, struct error *err)
{
	struct rule_builder builder;

	if (check_root(&file->document, err) < 0 ||
	    rule_grammar_check(&file->document, &file->remarks, &file->memory, err) < 0)
		return -1;
	file->urlid = xml_attribute(file->document.root, "urlid");
	if (strlen(file->urlid) > NAME_MAX_BYTES)
		return xml_error(&file->document, file->document.root->line, err,
				 "urlid is longer than %u bytes", NAME_MAX_BYTES);
	if (rule_builder_init(&builder, file, err) < 0)
		return -1;
	if (fill_components(&builder, file->document.root, &file->components, &file->count) < 0)
		return -1;
	xml_remarks_sort(&file->remarks);
	return 0;
}

int rule_file_read(struct rule_file *file, const char *path, struct error *err)
{
	*file = (struct rule_file){ 0 };
	return xml_document_read(&file->document, path, err) < 0 ? -1 : build(file, err);
}

int rule_file_parse(struct rule_file *file, const char *name, const void *bytes, size_t size,
		    struct error *err)
{
	*file = (struct rule_file){ 0 };
	return xml_document_parse(&file->document, name, bytes, size, err) < 0 ? -1 : build(file, err);
}

void rule_file_release(struct rule_file *file)
{
	array_release(&file->remarks);
	arena_release(&file->memory);
	xml_document_release(&file->document);
	*file = (struct rule_file){ 0 };
}
