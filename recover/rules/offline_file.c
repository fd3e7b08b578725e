/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offline_file.c - see offline_file.h */
#include "recover/rules/offline_file.h"

#include <string.h>
#include <strings.h>

/* Append the texts of all <path> in @node; there is room. */
static int add_paths(struct offline_file *offline, const struct xml_node *node, const char **paths,
		     size_t *count, struct error *err)
{
	XML_EACH (path, node, "path") {
		if (!*path->text)
			return xml_error(&offline->document, path->line, err, "<path> is empty");
		paths[(*count)++] = path->text;
	}
	return 0;
}

static int fill_fail(struct offline_file *offline, const struct xml_node *node, struct error *err)
{
	offline->fail_on_multiple = strcmp(node->text, "1") == 0;
	if (offline->fail_on_multiple || strcmp(node->text, "0") == 0)
		return 0;
	return xml_error(&offline->document, node->line, err, "<failOnMultipleWinDir>%.40s: write 1 or 0",
			 node->text);
}

static int fill(struct offline_file *offline, struct error *err)
{
	struct xml_document   *document = &offline->document;
	const struct xml_node *root = document->root, *node;
	size_t                 paths = xml_count_all(root, "path");
	int                    result = 0;

	if (xml_is(root, "migration"))
		return error_set(err, ERROR_VALUE, document->name, "is a rule file: give it with --rules");
	if (xml_is(root, "Configuration"))
		return error_set(err, ERROR_VALUE, document->name, "is a Config.xml: give it with --config");
	if (!xml_is(root, "offline"))
		return xml_error(document, root->line, err,
				 "begins with <%.60s>; an Offline.xml begins with <offline>", root->name);
	offline->directories = arena_take(&offline->memory, paths, sizeof *offline->directories);
	offline->mappings = arena_take(&offline->memory, paths, sizeof *offline->mappings);
	if (!offline->directories || !offline->mappings)
		return error_memory(err);
	for (node = root->child; result == 0 && node; node = node->next) {
		if (xml_is(node, "winDir"))
			result = add_paths(offline, node, offline->directories, &offline->count, err);
		else if (xml_is(node, "mappings"))
			result = add_paths(offline, node, offline->mappings, &offline->mapping_count, err);
		else if (xml_is(node, "failOnMultipleWinDir"))
			result = fill_fail(offline, node, err);
		else
			result = xml_remark(&offline->remarks, &offline->memory, node->line, true, err,
					    "<%.40s> means nothing in an Offline.xml and is passed over",
					    node->name);
	}
	if (result == 0 && !offline->count)
		return xml_error(document, root->line, err,
				 "names no Windows: add <winDir><path>C:\\Windows</path></winDir>");
	return result;
}

int offline_file_read(struct offline_file *offline, const char *path, struct error *err)
{
	*offline = (struct offline_file){ 0 };
	return xml_document_read(&offline->document, path, err) < 0 ? -1 : fill(offline, err);
}

int offline_file_parse(struct offline_file *offline, const char *name, const void *bytes, size_t size,
		       struct error *err)
{
	*offline = (struct offline_file){ 0 };
	return xml_document_parse(&offline->document, name, bytes, size, err) < 0 ? -1 : fill(offline, err);
}

void offline_file_release(struct offline_file *offline)
{
	array_release(&offline->remarks);
	arena_release(&offline->memory);
	xml_document_release(&offline->document);
	*offline = (struct offline_file){ 0 };
}
