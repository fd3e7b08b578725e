/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_file.c - see config_file.h */
#include "recover/rules/config_file.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static int lost(struct config_file *config, const struct xml_node *node, struct error *err)
{
	return xml_remark(&config->remarks, &config->memory, node->line, true, err,
			  "<%.40s> means nothing in <%.40s> and is passed over", node->name,
			  node->parent->name);
}

static int missing(struct config_file *config, const struct xml_node *node, const char *attribute,
		   struct error *err)
{
	return xml_error(&config->document, node->line, err, "<%.40s> lacks %s=\"...\"", node->name,
			 attribute);
}

/* -------- components -------- */

static int fill_component(struct config_file *config, const struct xml_node *node, struct error *err)
{
	const char *id = xml_attribute(node, "ID"), *migrate = xml_attribute(node, "migrate"),
		   *name = xml_attribute(node, "displayname");
	bool no = migrate && strcasecmp(migrate, "no") == 0;

	if (!id || !*id)
		return missing(config, node, "ID", err);
	if (migrate && !no && strcasecmp(migrate, "yes") != 0)
		return xml_error(&config->document, node->line, err,
				 "<component migrate=\"%.40s\">: write yes or no", migrate);
	if (!migrate && xml_remark(&config->remarks, &config->memory, node->line, false, err,
				   "<component> lacks migrate=\"yes|no\"; it is migrated") < 0)
		return -1;
	config->components[config->count++] = (struct config_component){
		.id = id, .display_name = name ? name : "", .migrate = !no, .line = node->line
	};
	return 0;
}

/* The components in a section, and in one another. */
static int fill_components(struct config_file *config, const struct xml_node *section, struct error *err)
{
	for (const struct xml_node *child = section->child; child; child = child->next) {
		if (!xml_is(child, "component") ? lost(config, child, err) < 0 :
						  fill_component(config, child, err) < 0)
			return -1;
		if (fill_components(config, child, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- policies -------- */

/* "33", "any" */
static int fill_code(struct config_file *config, const struct xml_node *node, struct config_policy *policy,
		     struct error *err)
{
	const char   *text = xml_attribute(node, "errorCode");
	char         *end;
	unsigned long code;

	policy->code = UINT32_MAX;
	if (!text)
		return missing(config, node, "errorCode", err);
	if (strcasecmp(text, "any") == 0)
		return 0;
	errno = 0;
	code = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)*text) || *end || errno || code >= UINT32_MAX)
		return xml_error(&config->document, node->line, err,
				 "<%s errorCode=\"%.40s\">: write a Windows error number, or any", node->name,
				 text);
	policy->code = (uint32_t)code;
	return 0;
}

/* A line of ErrorControl or HardLinkStoreControl: 1, 0 if the element is none of @section's. */
static int fill_policy(struct config_file *config, const struct xml_node *section,
		       const struct xml_node *node, struct config_policy *policy, struct error *err)
{
	bool locks = xml_is(section, "fileLocked");

	*policy = (struct config_policy){ .pattern = node->text, .line = node->line };
	policy->type = xml_is(section, "registryError") ? OBJECT_REGISTRY : OBJECT_FILE;
	policy->code = UINT32_MAX;
	if (!locks && xml_is(node, "nonFatal"))
		policy->error = CONFIG_ERROR_NON_FATAL;
	else if (!locks && xml_is(node, "fatal"))
		policy->error = CONFIG_ERROR_FATAL;
	else if (locks && xml_is(node, "createHardLink"))
		policy->lock = CONFIG_LOCK_LINK;
	else if (locks && xml_is(node, "errorHardLink"))
		policy->lock = CONFIG_LOCK_ERROR;
	else
		return lost(config, node, err);
	if (!*node->text)
		return xml_error(&config->document, node->line, err,
				 "<%.40s> is empty: it needs a pattern as * [*]", node->name);
	if (!locks && fill_code(config, node, policy, err) < 0)
		return -1;
	return 1;
}

/* There is room for all of them. */
static int fill_policies(struct config_file *config, const struct xml_node *section,
			 struct config_policy *policies, size_t *count, struct error *err)
{
	struct config_policy policy;

	for (const struct xml_node *child = section->child; child; child = child->next) {
		int filled = fill_policy(config, section, child, &policy, err);

		if (filled < 0)
			return -1;
		if (filled)
			policies[(*count)++] = policy;
	}
	return 0;
}

static int fill_control(struct config_file *config, const struct xml_node *control, struct error *err)
{
	bool errors = xml_is(control, "ErrorControl");

	for (const struct xml_node *section = control->child; section; section = section->next) {
		int result;

		if (errors && (xml_is(section, "fileError") || xml_is(section, "registryError")))
			result = fill_policies(config, section, config->errors, &config->error_count, err);
		else if (!errors && xml_is(section, "fileLocked"))
			result = fill_policies(config, section, config->locks, &config->lock_count, err);
		else
			result = lost(config, section, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int fill_policies_section(struct config_file *config, const struct xml_node *section,
				 struct error *err)
{
	for (const struct xml_node *child = section->child; child; child = child->next)
		if ((xml_is(child, "ErrorControl") || xml_is(child, "HardLinkStoreControl") ?
			     fill_control(config, child, err) :
			     lost(config, child, err)) < 0)
			return -1;
	return 0;
}

/* -------- profiles -------- */

/* The <pattern> texts of <include> or <exclude>. */
static int fill_names(struct config_file *config, const struct xml_node *group, const char *list,
		      const char ***names, size_t *count, struct error *err)
{
	*names = arena_take(&config->memory, xml_count_all(group, "pattern"), sizeof **names);
	if (!*names)
		return error_memory(err);
	XML_EACH (section, group, list)
		XML_EACH (pattern, section, "pattern")
			(*names)[(*count)++] = pattern->text;
	return 0;
}

static int fill_group(struct config_file *config, const struct xml_node *node, struct config_group *group,
		      struct error *err)
{
	static const char *const whom[] = { "MigratedUsers", "nonmigratedUsers", "AllUsers" };
	const char              *applies = xml_attribute(node, "appliesTo");
	bool                     known = !applies;

	group->from = xml_attribute(node, "from");
	group->to = xml_attribute(node, "to");
	group->applies_to = applies ? applies : whom[0];
	group->line = node->line;
	if (!group->from || !group->to)
		return missing(config, node, group->from ? "to" : "from", err);
	for (size_t i = 0; i < sizeof whom / sizeof whom[0]; i++)
		known = known || strcasecmp(applies, whom[i]) == 0;
	if (!known)
		return xml_error(
			&config->document, node->line, err,
			"<changeGroup appliesTo=\"%.40s\">: write MigratedUsers, nonmigratedUsers or AllUsers",
			applies);
	if (fill_names(config, node, "include", &group->include, &group->include_count, err) < 0)
		return -1;
	return fill_names(config, node, "exclude", &group->exclude, &group->exclude_count, err);
}

static int fill_groups(struct config_file *config, const struct xml_node *mappings, struct error *err)
{
	for (const struct xml_node *child = mappings->child; child; child = child->next)
		if ((xml_is(child, "changeGroup") ?
			     fill_group(config, child, &config->groups[config->group_count++], err) :
			     lost(config, child, err)) < 0)
			return -1;
	return 0;
}

static int fill_maps(struct config_file *config, const struct xml_node *section, const char *name,
		     struct config_name_map *maps, size_t *count, struct error *err)
{
	for (const struct xml_node *child = section->child; child; child = child->next) {
		struct config_name_map map = { xml_attribute(child, "from"), xml_attribute(child, "to"),
					       child->line };

		if (!xml_is(child, name)) {
			if (lost(config, child, err) < 0)
				return -1;
			continue;
		}
		if (!map.from || !map.to)
			return missing(config, child, map.from ? "to" : "from", err);
		maps[(*count)++] = map;
	}
	return 0;
}

static int fill_profiles(struct config_file *config, const struct xml_node *section, struct error *err)
{
	for (const struct xml_node *child = section->child; child; child = child->next) {
		int result = 0;

		if (xml_is(child, "domains"))
			result = fill_maps(config, child, "domain", config->domains, &config->domain_count,
					   err);
		else if (xml_is(child, "users"))
			result = fill_maps(config, child, "user", config->users, &config->user_count, err);
		else if (!xml_is(child, "localGroups"))
			result = lost(config, child, err);
		if (result < 0)
			return -1;
		if (!xml_is(child, "localGroups"))
			continue;
		XML_EACH (mappings, child, "mappings")
			if (fill_groups(config, mappings, err) < 0)
				return -1;
	}
	return 0;
}

/* -------- the file -------- */

static int fill_section(struct config_file *config, const struct xml_node *section, struct error *err)
{
	if (xml_is(section, "Policies"))
		return fill_policies_section(config, section, err);
	if (xml_is(section, "ProfileControl"))
		return fill_profiles(config, section, err);
	if (xml_is(section, "Applications") || xml_is(section, "Documents") ||
	    xml_is(section, "WindowsComponents"))
		return fill_components(config, section, err);
	if (!xml_count_all(section, "component"))
		return lost(config, section, err);
	return xml_error(
		&config->document, section->line, err,
		"<%.40s> is no section: put its components into Applications, Documents or WindowsComponents",
		section->name);
}

/* Room for all that the file can hold, wherever it stands. */
static int make_room(struct config_file *config, struct error *err)
{
	const struct xml_node *root = config->document.root;
	struct arena          *memory = &config->memory;

	config->components = arena_take(memory, xml_count_all(root, "component"), sizeof *config->components);
	config->errors = arena_take(memory, xml_count_all(root, "nonFatal") + xml_count_all(root, "fatal"),
				    sizeof *config->errors);
	config->locks = arena_take(
		memory, xml_count_all(root, "createHardLink") + xml_count_all(root, "errorHardLink"),
		sizeof *config->locks);
	config->groups = arena_take(memory, xml_count_all(root, "changeGroup"), sizeof *config->groups);
	config->domains = arena_take(memory, xml_count_all(root, "domain"), sizeof *config->domains);
	config->users = arena_take(memory, xml_count_all(root, "user"), sizeof *config->users);
	if (!config->components || !config->errors || !config->locks || !config->groups || !config->domains ||
	    !config->users)
		return error_memory(err);
	return 0;
}

static int fill(struct config_file *config, struct error *err)
{
	struct xml_document   *document = &config->document;
	const struct xml_node *root = document->root;

	if (xml_is(root, "migration"))
		return error_set(err, ERROR_VALUE, document->name, "is a rule file: give it with --rules");
	if (xml_is(root, "offline"))
		return error_set(err, ERROR_VALUE, document->name,
				 "is an Offline.xml: give it with --offline");
	if (!xml_is(root, "Configuration"))
		return xml_error(document, root->line, err,
				 "begins with <%.60s>; a Config.xml begins with <Configuration>", root->name);
	if (make_room(config, err) < 0)
		return -1;
	for (const struct xml_node *section = root->child; section; section = section->next)
		if (fill_section(config, section, err) < 0)
			return -1;
	return 0;
}

int config_file_read(struct config_file *config, const char *path, struct error *err)
{
	*config = (struct config_file){ 0 };
	return xml_document_read(&config->document, path, err) < 0 ? -1 : fill(config, err);
}

int config_file_parse(struct config_file *config, const char *name, const void *bytes, size_t size,
		      struct error *err)
{
	*config = (struct config_file){ 0 };
	return xml_document_parse(&config->document, name, bytes, size, err) < 0 ? -1 : fill(config, err);
}

void config_file_release(struct config_file *config)
{
	array_release(&config->remarks);
	arena_release(&config->memory);
	xml_document_release(&config->document);
	*config = (struct config_file){ 0 };
}

bool config_file_migrates(const struct config_file *config, const char *id)
{
	for (size_t i = 0; i < config->count; i++)
		if (!config->components[i].migrate && strcasecmp(config->components[i].id, id) == 0)
			return false;
	return true;
}
