/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extraction.c - see extraction.h */
#include "recover/rules/extraction.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/rules/pattern.h"
#include "recover/rules/rule_object.h"

#include <string.h>
#include <strings.h>

void found_paths_release(struct found_paths *found)
{
	for (size_t i = 0; i < found->count; i++) {
		free(found->items[i].path);
		free(found->items[i].pattern);
	}
	array_release(found);
}

/* -------- texts of a value -------- */

static int add_units(struct texts *texts, const uint8_t *units, size_t count, struct error *err)
{
	char *text = malloc(3 * count + 1);

	if (!text)
		return error_memory(err);
	utf16_to_text(units, count, text);
	if (array_push(texts, text))
		return 0;
	free(text);
	return error_memory(err);
}

/* The strings in UTF-16, each with a zero behind it: all of them, or the first. */
static int add_strings(struct texts *texts, const struct registry_value *value, bool all, struct error *err)
{
	size_t units = value->size / 2, start = 0;

	for (size_t i = 0; i <= units; i++) {
		if (i < units && le16_at(value->data + 2 * i))
			continue;
		if (i > start && add_units(texts, value->data + 2 * start, i - start, err) < 0)
			return -1;
		if (!all)
			break;
		start = i + 1;
	}
	return 0;
}

/* Bytes of a code page, of which only ASCII is sure; a path with others is not found. */
static int add_bytes(struct texts *texts, const struct registry_value *value, struct error *err)
{
	return value->size ? texts_add(texts, (const char *)value->data, strnlen((const char *)value->data, value->size),
				       err)
			   : 0;
}

/* How a filter looks at values. */
struct extraction {
	const char *name;
	bool        library;   /* of Windows's own */
	bool        multiple;  /* all strings of a value */
	bool        directory;
	bool        bytes;     /* of a code page */
};

static const struct extraction extractions[] = {
	{ "ExtractSingleFile", false, false, false, false },
	{ "ExtractMultipleFiles", false, true, false, false },
	{ "ExtractDirectory", false, true, true, false },
	{ "ExtractSingleFileAnsiBin", true, false, false, true },
	{ "ExtractSingleFileUnicodeBin", true, false, false, false },
};

static int texts_of(const struct extraction *extraction, const struct registry_value *value, struct texts *texts,
		    struct error *err)
{
	bool text = value->type == REGISTRY_STRING || value->type == REGISTRY_EXPAND_STRING ||
		    value->type == REGISTRY_MULTI_STRING;

	if (!text && !extraction->library)
		return 0;
	if (!text && extraction->bytes)
		return add_bytes(texts, value, err);
	return add_strings(texts, value, extraction->multiple && value->type == REGISTRY_MULTI_STRING, err);
}

/* -------- paths in a text -------- */

/* The text without quotes, and without what stands behind a separator; to be freed. */
static char *cut_path(const char *text, const char *separators)
{
	size_t length;

	text += strspn(text, " \t");
	if (*text == '"') {
		text++;
		return strndup(text, strcspn(text, "\""));
	}
	length = separators ? strcspn(text, separators) : strlen(text);
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	return strndup(text, length);
}

static int add_found(struct found_paths *found, const char *folder, const char *leaf, const char *path,
		     struct error *err)
{
	struct found_path one = { .path = strdup(path) };

	if (asprintf(&one.pattern, "%s [%s]", folder, leaf) < 0)
		one.pattern = NULL;
	if (one.path && one.pattern && array_push(found, one))
		return 0;
	free(one.path);
	free(one.pattern);
	return error_memory(err);
}

/* A file at @path, if there is one. Returns 1, 0 or -1. */
static int find_file(const struct rule_scope *scope, const char *path, struct found_paths *found, struct error *err)
{
	struct work_volume     *volume;
	uint32_t                record;
	const char             *last = strrchr(path, '\\');
	CLEANUP(free_ptr) char *above = last ? strndup(path, (size_t)(last - path)) : NULL;
	CLEANUP(free_ptr) char *folder = above ? pattern_escape(above) : NULL;
	CLEANUP(free_ptr) char *leaf = last ? pattern_escape(last + 1) : NULL;

	if (!last || !rule_object_file(scope, path, &volume, &record) ||
	    volume_tree_is_directory(&volume->tree, record))
		return 0;
	if (!folder || !leaf)
		return error_memory(err);
	return add_found(found, folder, leaf, path, err) < 0 ? -1 : 1;
}

/* Look for a file in the folders of the hints. */
static int find_by_hints(const struct rule_scope *scope, const struct rule_call *filter, const char *name,
			 struct found_paths *found, struct error *err)
{
	CLEANUP(texts_release) struct texts hints = { 0 };
	const char                         *argument = rule_argument(filter, 1);
	int                                 result = 0;

	if (!argument || !*name)
		return 0;
	if (rule_scope_expand_path(scope, argument, filter->line, &hints, err) < 0)
		return -1;
	for (size_t i = 0; result == 0 && i < hints.count; i++) {
		char *rest = hints.items[i], *hint;

		while (result == 0 && (hint = strsep(&rest, ";"))) {
			CLEANUP(free_ptr) char *path = NULL;

			path = text_format("%s\\%s", hint, name);
			if (!path)
				return error_memory(err);
			result = find_file(scope, path, found, err);
		}
	}
	return result;
}

/* A folder, some levels above what is named, with the suffix that is to be taken of it. */
static int add_directory(const struct rule_call *filter, const char *path, struct found_paths *found,
			 struct error *err)
{
	const char             *levels = rule_argument(filter, 1), *suffix = rule_argument(filter, 2);
	CLEANUP(free_ptr) char *folder = strdup(path), *escaped = NULL;
	struct found_path       one = { 0 };

	if (!folder)
		return error_memory(err);
	for (unsigned long left = levels ? strtoul(levels, NULL, 10) : 0; left; left--) {
		char *last = strrchr(folder, '\\');

		if (!last)
			return 0;
		*last = 0;
	}
	if (strlen(folder) < 3) /* a drive as a whole is not meant */
		return 0;
	escaped = pattern_escape(folder);
	if (!escaped || asprintf(&one.pattern, "%s\\%s", escaped, suffix ? suffix : "* [*]") < 0)
		return error_memory(err);
	one.path = TAKE(folder);
	if (array_push(found, one))
		return 0;
	free(one.path);
	free(one.pattern);
	return error_memory(err);
}

static int find_in_text(const struct rule_scope *scope, const struct extraction *extraction,
			const struct rule_call *filter, const char *text, struct found_paths *found, struct error *err)
{
	CLEANUP(free_ptr) char             *cut = cut_path(text, rule_argument(filter, 0)), *unknown = NULL;
	CLEANUP(texts_release) struct texts paths = { 0 };

	if (!cut)
		return error_memory(err);
	rule_scope_map_letter(scope, cut);
	if (environment_expand(&scope->environment, cut, &paths, &unknown, err) < 0)
		return -1;
	if (unknown)
		return rule_scope_tell(scope, filter->line, err, "a value names '%s', of which %%%s%% is not known: it takes nothing",
				       cut, unknown);
	for (size_t i = 0; i < paths.count; i++) {
		int result = extraction->directory ? add_directory(filter, paths.items[i], found, err) :
						     find_file(scope, paths.items[i], found, err);

		if (result == 0 && !extraction->directory)
			result = find_by_hints(scope, filter, paths.items[i], found, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

static const struct extraction *extraction_of(const struct rule_call *filter)
{
	for (size_t i = 0; i < sizeof extractions / sizeof extractions[0]; i++)
		if (strcasecmp(filter->name, extractions[i].name) == 0 &&
		    (filter->library != NULL) == extractions[i].library)
			return &extractions[i];
	return NULL;
}

int extraction_find(const struct rule_scope *scope, const struct rule_call *filter, const char *location,
		    struct found_paths *found, struct error *err)
{
	const struct extraction                                *extraction = extraction_of(filter);
	CLEANUP(registry_values_release) struct registry_values values = { 0 };

	if (!extraction)
		return rule_scope_tell(scope, filter->line, err, "%s is not done offline: it takes nothing", filter->name);
	if (rule_object_values(scope, location, &values, err) < 0)
		return -1;
	for (size_t i = 0; i < values.count; i++) {
		CLEANUP(texts_release) struct texts texts = { 0 };

		if (texts_of(extraction, &values.items[i], &texts, err) < 0)
			return -1;
		for (size_t j = 0; j < texts.count; j++)
			if (find_in_text(scope, extraction, filter, texts.items[j], found, err) < 0)
				return -1;
	}
	return 0;
}
