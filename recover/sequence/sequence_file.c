/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_file.c - see sequence_file.h */
#include "recover/sequence/sequence_file.h"

#include "core/cleanup.h"
#include "recover/host_file.h"
#include "recover/sequence/sequence_archive.h"
#include "recover/sequence/sequence_secret.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (64u << 20) /* of an archive; an XML document has a bound of its own */
#define NUMBER_MAX     1000000u    /* of retries, of minutes */

/* -------- attributes -------- */

static const char *const attributes_known[] = {
	"name",    "description", "type",       "disable", "continueOnError", "successCodeList", "runIn", "startIn",
	"timeout", "retryCount",  "runFromNet", "expand",  "xmlns",
};

/* Also of what is passed over: a word that is written wrongly changes what is done. */
static int remark_attributes(struct sequence_file *file, const struct xml_node *node, struct error *err)
{
	for (size_t i = 0; i < node->attribute_count; i++) {
		bool known = false;

		for (size_t j = 0; !known && j < sizeof attributes_known / sizeof attributes_known[0]; j++)
			known = strcasecmp(attributes_known[j], node->attributes[i].name) == 0;
		if (!known && xml_remark(&file->remarks, &file->memory, node->line, true, err,
					 "%.60s=\"%.60s\" of <%.40s> is not known and is passed over",
					 node->attributes[i].name, node->attributes[i].value, node->name) < 0)
			return -1;
	}
	return 0;
}

static const char *attribute_text(const struct xml_node *node, const char *name)
{
	const char *value = xml_attribute(node, name);

	return value ? value : "";
}

static int fill_bool(const struct sequence_file *file, const struct xml_node *node, const char *name, bool *value,
		     struct error *err)
{
	const char *text = attribute_text(node, name);

	*value = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (*value || !*text || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
		return 0;
	return xml_error(&file->document, node->line, err, "%s=\"%.40s\" of '%.60s': write true or false", name, text,
			 attribute_text(node, "name"));
}

static int fill_number(const struct sequence_file *file, const struct xml_node *node, const char *name,
		       unsigned *number, struct error *err)
{
	const char   *text = attribute_text(node, name);
	char         *end;
	unsigned long value = strtoul(text, &end, 10);

	*number = (unsigned)value;
	if (!*text || (strspn(text, "0123456789") == strlen(text) && value <= NUMBER_MAX))
		return 0;
	return xml_error(&file->document, node->line, err, "%s=\"%.40s\" of '%.60s': write a number up to %u", name, text,
			 attribute_text(node, "name"), NUMBER_MAX);
}

static int fill_environment(const struct sequence_file *file, const struct xml_node *node,
			    enum sequence_environment *environment, struct error *err)
{
	const char *text = attribute_text(node, "runIn");

	*environment = SEQUENCE_ANYWHERE;
	if (!*text || strcasecmp(text, "WinPEandFullOS") == 0)
		return 0;
	*environment = strcasecmp(text, "WinPE") == 0 ? SEQUENCE_WINPE : SEQUENCE_FULL_OS;
	if (*environment == SEQUENCE_WINPE || strcasecmp(text, "FullOS") == 0)
		return 0;
	return xml_error(&file->document, node->line, err,
			 "runIn=\"%.40s\" of '%.60s': write WinPE, FullOS or WinPEandFullOS", text,
			 attribute_text(node, "name"));
}

static int fill_codes(struct sequence_file *file, const struct xml_node *node, struct sequence_item *item,
		      struct error *err)
{
	const char *text = attribute_text(node, "successCodeList"), *at;
	size_t      room = strlen(text) / 2 + 1;

	item->success_codes = arena_take(&file->memory, room, sizeof *item->success_codes);
	if (!item->success_codes)
		return error_memory(err);
	for (at = text + strspn(text, " ,;"); *at; at += strspn(at, " ,;")) {
		char     *end;
		long long code;

		errno = 0;
		code = strtoll(at, &end, 0);
		if (end == at || (*end && !strchr(" ,;", *end)) || errno || code < INT32_MIN || code > UINT32_MAX)
			return xml_error(&file->document, node->line, err,
					 "successCodeList=\"%.60s\" of '%.60s': write numbers with blanks between them",
					 text, item->name);
		item->success_codes[item->success_count++] = code;
		at = end;
	}
	if (!item->success_count)
		item->success_codes[item->success_count++] = 0;
	return 0;
}

/* -------- lists of variables -------- */

static int fill_variables(struct sequence_file *file, const struct xml_node *node, struct sequence_default **items,
			  size_t *count, struct error *err)
{
	*items = arena_take(&file->memory, xml_count(node, "variable"), sizeof **items);
	*count = 0;
	if (!*items)
		return error_memory(err);
	for (const struct xml_node *child = node->child; child; child = child->next) {
		struct sequence_default *one = &(*items)[*count];
		const char              *name = xml_attribute(child, "name");

		if (!xml_is(child, "variable")) {
			if (xml_remark(&file->remarks, &file->memory, child->line, true, err,
				       "<%.40s> means nothing in <%.40s> and is passed over", child->name,
				       node->name) < 0)
				return -1;
			continue;
		}
		if (!name || !*name)
			return xml_error(&file->document, child->line, err, "<variable> of <%.40s> has no name",
					 node->name);
		*one = (struct sequence_default){ name, attribute_text(child, "property"), child->text, false };
		/* "hidden" hides it from the editor; "masked" and the like are passwords */
		one->secret = sequence_secret_is_named(name);
		++*count;
	}
	return 0;
}

static int fill_references(struct sequence_file *file, const struct xml_node *node, struct error *err)
{
	file->references = arena_take(&file->memory, xml_count(node, "reference"), sizeof *file->references);
	if (!file->references)
		return error_memory(err);
	file->reference_count = 0;
	XML_EACH (reference, node, "reference")
		if (xml_attribute(reference, "package"))
			file->references[file->reference_count++] = xml_attribute(reference, "package");
	return 0;
}

/* -------- groups and steps -------- */

static int fill_children(struct sequence_file *file, const struct xml_node *node, struct sequence_item *parent,
			 struct sequence_item **first, struct error *err);

static int fill_condition(struct sequence_file *file, const struct xml_node *node, struct sequence_item *item,
			  struct error *err)
{
	struct sequence_condition *condition;

	if (item->condition)
		return xml_error(&file->document, node->line, err, "'%.80s' has two <condition>: join them to one",
				 item->name);
	if (sequence_condition_read(&file->document, node, &file->memory, &file->remarks, &condition, err) < 0)
		return -1;
	item->condition = condition;
	return 0;
}

/* What stands in a step, or in a group besides its steps.  Returns 1 for what is neither. */
static int fill_part(struct sequence_file *file, const struct xml_node *node, struct sequence_item *item,
		     struct error *err)
{
	if (xml_is(node, "condition"))
		return fill_condition(file, node, item, err);
	if (item->group)
		return 1;
	if (xml_is(node, "defaultVarList"))
		return fill_variables(file, node, &item->defaults, &item->default_count, err);
	if (!xml_is(node, "action"))
		return 1;
	if (item->action)
		return xml_error(&file->document, node->line, err, "'%.80s' has two <action>", item->name);
	item->action = node->text;
	return 0;
}

static int pass_over(struct sequence_file *file, const struct xml_node *node, struct error *err)
{
	return xml_remark(&file->remarks, &file->memory, node->line, true, err,
			  "<%.40s> is not known in <%.40s> and is passed over", node->name,
			  node->parent ? node->parent->name : "?");
}

static int fill_step(struct sequence_file *file, const struct xml_node *node, struct sequence_item *item,
		     struct error *err)
{
	int result;

	item->type = attribute_text(node, "type");
	item->start_in = attribute_text(node, "startIn");
	if (!*item->type)
		item->type = xml_is(node, "subtasksequence") ? "SMS_TaskSequence_SubTasksequence"
							      : "SMS_TaskSequence_RunCommandLineAction";
	if (fill_environment(file, node, &item->environment, err) < 0 || fill_codes(file, node, item, err) < 0 ||
	    fill_number(file, node, "retryCount", &item->retry_count, err) < 0 ||
	    fill_number(file, node, "timeout", &item->timeout_minutes, err) < 0)
		return -1;
	for (const struct xml_node *child = node->child; child; child = child->next) {
		result = fill_part(file, child, item, err);
		if (result < 0 || (result == 1 && pass_over(file, child, err) < 0))
			return -1;
	}
	if (!item->action && xml_is(node, "step"))
		return xml_error(&file->document, node->line, err, "the step '%.80s' has no <action>", item->name);
	if (!item->action)
		item->action = "";
	return 0;
}

static int fill_item(struct sequence_file *file, const struct xml_node *node, struct sequence_item *item,
		     struct error *err)
{
	item->line = node->line;
	item->group = xml_is(node, "group");
	item->name = attribute_text(node, "name");
	item->description = attribute_text(node, "description");
	file->entries += item->group ? 2 : 1;
	if (!*item->name)
		return xml_error(&file->document, node->line, err, "<%.40s> has no name", node->name);
	if (fill_bool(file, node, "disable", &item->disabled, err) < 0 ||
	    fill_bool(file, node, "continueOnError", &item->continue_on_error, err) < 0 ||
	    remark_attributes(file, node, err) < 0)
		return -1;
	return item->group ? fill_children(file, node, item, &item->child, err) : fill_step(file, node, item, err);
}

static bool is_item(const struct xml_node *node)
{
	return xml_is(node, "group") || xml_is(node, "step") || xml_is(node, "subtasksequence");
}

/* What stands beside groups and steps, at the top or in a group. */
static int fill_other(struct sequence_file *file, const struct xml_node *node, struct sequence_item *parent,
		      struct error *err)
{
	int result = 1;

	if (parent)
		result = fill_part(file, node, parent, err);
	else if (xml_is(node, "globalVarList"))
		result = fill_variables(file, node, &file->globals, &file->global_count, err);
	else if (xml_is(node, "referenceList"))
		result = fill_references(file, node, err);
	return result == 1 ? pass_over(file, node, err) : result;
}

static int fill_children(struct sequence_file *file, const struct xml_node *node, struct sequence_item *parent,
			 struct sequence_item **first, struct error *err)
{
	struct sequence_item **link = first;

	for (const struct xml_node *child = node->child; child; child = child->next) {
		if (!is_item(child)) {
			if (fill_other(file, child, parent, err) < 0)
				return -1;
			continue;
		}
		*link = arena_take(&file->memory, 1, sizeof **link);
		if (!*link)
			return error_memory(err);
		(*link)->parent = parent;
		if (fill_item(file, child, *link, err) < 0)
			return -1;
		link = &(*link)->next;
	}
	return 0;
}

/* -------- the file -------- */

static int check_version(struct sequence_file *file, const struct xml_node *node, struct error *err)
{
	file->version = attribute_text(node, "version");
	if (strcmp(file->version, "3.00") == 0 || strcmp(file->version, "3.10") == 0)
		return 0;
	if (strncmp(file->version, "3.", 2) != 0)
		return xml_error(&file->document, node->line, err,
				 "<sequence> has the version '%.20s'; those of MDT and ConfigMgr have 3.00 or 3.10",
				 file->version);
	return xml_remark(&file->remarks, &file->memory, node->line, true, err,
			  "the version %.20s is newer than 3.10: what is new in it is not known", file->version);
}

static int fill(struct sequence_file *file, const struct xml_node *node, struct error *err)
{
	if (check_version(file, node, err) < 0 || fill_children(file, node, NULL, &file->items, err) < 0)
		return -1;
	if (*attribute_text(node, "name"))
		file->name = attribute_text(node, "name");
	if (*attribute_text(node, "description"))
		file->description = attribute_text(node, "description");
	for (size_t i = 0; i < file->document.remarks.count; i++)
		if (!array_push(&file->remarks, file->document.remarks.items[i]))
			return error_memory(err);
	xml_remarks_sort(&file->remarks);
	if (!file->items)
		return xml_error(&file->document, node->line, err, "the sequence has no steps");
	return 0;
}

/* The first <sequence> at @node or below it. */
static const struct xml_node *find_sequence(const struct xml_node *node)
{
	const struct xml_node *found = NULL;

	if (xml_is(node, "sequence"))
		return node;
	for (node = node->child; node && !found; node = node->next)
		found = find_sequence(node);
	return found;
}

/* A property of ConfigMgr's INSTANCE, or NULL. */
static const struct xml_node *find_property(const struct xml_node *instance, const char *name)
{
	XML_EACH (property, instance, "PROPERTY")
		if (strcasecmp(attribute_text(property, "NAME"), name) == 0)
			return xml_child(property, "VALUE");
	return NULL;
}

/* @lines  of line ends that stand before what counts */
static int parse_document(struct sequence_file *file, const char *bytes, size_t size, size_t lines, struct error *err)
{
	CLEANUP(digest_release) struct digest digest = { 0 };

	if (xml_document_parse(&file->document, file->path, bytes, size, err) < 0 || digest_start(&digest, err) < 0 ||
	    digest_update(&digest, bytes + lines, size - lines, err) < 0)
		return -1;
	return digest_end(&digest, file->digest, err);
}

/* The sequence's own document, which stands as a text in a property: its lines are counted on from there. */
static int parse_property(struct sequence_file *file, const struct xml_node *value, struct error *err)
{
	const char             *text = value->text, *end;
	size_t                  lines = (size_t)(value->line - 1);
	CLEANUP(free_ptr) char *bytes = NULL;

	if (strncmp(text, "<?xml", 5) == 0 && (end = strstr(text, "?>")))
		text = end + 2; /* it declares the encoding of what is UTF-8 by now */
	if (lines > XML_BYTES_MAX)
		lines = 0;
	bytes = malloc(lines + strlen(text) + 1);
	if (!bytes)
		return error_memory(err);
	memset(bytes, '\n', lines);
	strcpy(bytes + lines, text);
	return parse_document(file, bytes, lines + strlen(text), lines, err);
}

static int open_instance(struct sequence_file *file, struct error *err)
{
	const struct xml_node *instance = file->document.root, *value = find_property(instance, "Sequence");

	file->outer = file->document;
	file->document = (struct xml_document){ 0 };
	if (!value || !*value->text)
		return xml_error(&file->outer, instance->line, err,
				 "is no export of a task sequence: it has no property \"Sequence\"");
	if (find_property(instance, "Name"))
		file->name = find_property(instance, "Name")->text;
	if (find_property(instance, "Description"))
		file->description = find_property(instance, "Description")->text;
	return parse_property(file, value, err);
}

static int parse(struct sequence_file *file, const void *bytes, size_t size, struct error *err)
{
	const struct xml_node *sequence;

	if (parse_document(file, bytes, size, 0, err) < 0)
		return -1;
	if (xml_is(file->document.root, "INSTANCE") && open_instance(file, err) < 0)
		return -1;
	sequence = find_sequence(file->document.root);
	if (!sequence)
		return xml_error(&file->document, file->document.root->line, err,
				 "begins with <%.60s>; a task sequence is ts.xml, an object.xml, or an exported .zip",
				 file->document.root->name);
	return fill(file, sequence, err);
}

int sequence_file_parse(struct sequence_file *file, const char *name, const void *bytes, size_t size,
			struct error *err)
{
	CLEANUP(free_ptr) uint8_t *object = NULL;
	size_t                     object_size;

	*file = (struct sequence_file){ .path = name, .version = "", .name = "", .description = "" };
	if (!sequence_archive_is(bytes, size))
		return parse(file, bytes, size, err);
	if (sequence_archive_read(name, bytes, size, &object, &object_size, err) < 0)
		return -1;
	return parse(file, object, object_size, err);
}

int sequence_file_read(struct sequence_file *file, const char *path, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size;

	*file = (struct sequence_file){ .path = path };
	if (host_file_read(path, FILE_BYTES_MAX, &bytes, &size, err) < 0)
		return -1;
	return sequence_file_parse(file, path, bytes, size, err);
}

void sequence_file_release(struct sequence_file *file)
{
	array_release(&file->remarks);
	xml_document_release(&file->document);
	xml_document_release(&file->outer);
	arena_release(&file->memory);
}

bool sequence_item_succeeds(const struct sequence_item *item, uint32_t code)
{
	for (size_t i = 0; i < item->success_count; i++)
		if ((uint32_t)item->success_codes[i] == code)
			return true;
	return false;
}
