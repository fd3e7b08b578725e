/* SPDX-License-Identifier: GPL-3.0-or-later */
/* object_set.c - see object_set.h */
#include "recover/rules/object_set.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/rules/condition.h"
#include "recover/rules/document_finder.h"
#include "recover/rules/extraction.h"
#include "recover/rules/rule_object.h"

#include <string.h>
#include <strings.h>

static void object_pattern_release(struct object_pattern *pattern)
{
	pattern_release(&pattern->pattern);
	free(pattern->text);
	free(pattern->location);
}

void object_patterns_release(struct object_patterns *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		object_pattern_release(&patterns->items[i]);
	array_release(patterns);
}

int object_patterns_add(struct object_patterns *patterns, const struct rule_scope *scope, enum object_type type,
			const char *text, int line, struct error *err)
{
	struct object_pattern pattern = { .text = strdup(text), .line = line };
	int                   result = -1;

	if (!pattern.text) {
		(void)error_memory(err);
	} else if (pattern_parse(&pattern.pattern, type, text, err) < 0) {
		if (err->kind != ERROR_MEMORY)
			result = rule_scope_tell(scope, line, err, "%s: it takes nothing", err->text);
	} else if (array_push(patterns, pattern)) {
		return 0;
	} else {
		(void)error_memory(err);
	}
	object_pattern_release(&pattern);
	return result;
}

/* -------- patterns -------- */

static int add_expanded(const struct rule_scope *scope, enum object_type type, const char *text, int line,
			struct object_patterns *patterns, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };

	if (rule_scope_expand_path(scope, text, line, &texts, err) < 0)
		return -1;
	for (size_t i = 0; i < texts.count; i++)
		if (object_patterns_add(patterns, scope, type, texts.items[i], line, err) < 0)
			return -1;
	return 0;
}

/* -------- scripts -------- */

/* Every volume under work is a fixed drive: there are no others. */
static int generate_drive_patterns(const struct rule_scope *scope, const struct rule_call *call,
				   struct object_patterns *patterns, struct error *err)
{
	const char *segment = rule_argument(call, 0), *kind = rule_argument(call, 1);

	if (!segment || !kind || strcasecmp(kind, "Fixed") != 0)
		return 0;
	segment += strspn(segment, " \\");
	for (size_t i = 0; i < scope->volumes->count; i++) {
		CLEANUP(free_ptr) char *text = NULL;

		text = text_format("%c:\\%s", scope->volumes->items[i].letter, segment);
		if (!text)
			return error_memory(err);
		if (object_patterns_add(patterns, scope, OBJECT_FILE, text, call->line, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_false(const char *argument)
{
	return argument && (strcasecmp(argument, "FALSE") == 0 || strcasecmp(argument, "No") == 0 ||
			    strcmp(argument, "0") == 0);
}

/* A pattern in the context of every user that takes part. */
static int generate_user_patterns(const struct rule_scope *scope, const struct rule_call *call,
				  struct object_patterns *patterns, struct error *err)
{
	const char      *text = rule_argument(call, 1);
	enum object_type type;

	if (!text || !object_type_find(rule_argument(call, 0), &type))
		return rule_scope_tell(scope, call->line, err, "%s says no kind of object: it takes nothing", call->name);
	for (size_t i = 0; i < scope->user_count; i++) {
		CLEANUP(rule_scope_release) struct rule_scope user = *scope;

		user.environment = (struct environment){ 0 };
		if (scope->users[i] == scope->user && is_false(rule_argument(call, 2)))
			continue;
		user.user = scope->users[i];
		if (rule_scope_begin(&user, err) < 0 ||
		    add_expanded(&user, type, text, call->line, patterns, err) < 0)
			return -1;
	}
	return 0;
}

static int generate_document_patterns(const struct rule_scope *scope, const struct rule_call *call,
				      struct object_patterns *patterns, struct error *err)
{
	const char                     *programs = rule_argument(call, 0), *include = rule_argument(call, 1);
	const char                     *system = rule_argument(call, 2);
	const struct document_question question = {
		.programs = programs && !is_false(programs),
		.exclude = is_false(include),
		.system_drive = system && !is_false(system),
		.line = call->line,
	};

	return document_finder_patterns(scope, &question, patterns, err);
}

static int add_string_content(const struct rule_scope *scope, const struct rule_call *call,
			      struct object_patterns *patterns, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };

	if (object_set_string_content(scope, call, &texts, err) < 0)
		return -1;
	for (size_t i = 0; i < texts.count; i++)
		if (object_patterns_add(patterns, scope, OBJECT_FILE, texts.items[i], call->line, err) < 0)
			return -1;
	return 0;
}

static int run_script(const struct rule_scope *scope, const struct rule_call *call, struct object_patterns *patterns,
		      struct error *err)
{
	static const struct {
		const char *name;
		int (*run)(const struct rule_scope *, const struct rule_call *, struct object_patterns *, struct error *);
	} helpers[] = {
		{ "GenerateDrivePatterns", generate_drive_patterns },
		{ "GenerateUserPatterns", generate_user_patterns },
		{ "GenerateDocPatterns", generate_document_patterns },
		{ "GetStringContent", add_string_content },
	};

	for (size_t i = 0; !call->library && i < sizeof helpers / sizeof helpers[0]; i++)
		if (strcasecmp(call->name, helpers[i].name) == 0)
			return helpers[i].run(scope, call, patterns, err);
	return rule_scope_tell(scope, call->line, err, "the script %s cannot be run offline: it takes nothing", call->name);
}

/* -------- files named in values -------- */

static int add_found(const struct rule_scope *scope, const struct rule_call *filter, const struct found_path *found,
		     struct object_patterns *patterns, struct error *err)
{
	const size_t before = patterns->count;

	if (object_patterns_add(patterns, scope, OBJECT_FILE, found->pattern, filter->line, err) < 0)
		return -1;
	if (patterns->count == before)
		return 0;
	patterns->items[before].location = strdup(found->path);
	return patterns->items[before].location ? 0 : error_memory(err);
}

static int add_content(const struct rule_scope *scope, const struct rule_source *source, bool generous,
		       struct object_patterns *patterns, struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns values = { 0 };
	CLEANUP(found_paths_release) struct found_paths         found = { 0 };

	for (size_t i = 0; i < source->object_count; i++)
		if (object_set_expand(scope, &source->objects[i], generous, &values, err) < 0)
			return -1;
	for (size_t i = 0; i < values.count; i++) {
		if (values.items[i].pattern.type != OBJECT_REGISTRY) {
			if (rule_scope_tell(scope, values.items[i].line, err,
					    "files that are named in files are not looked for: it takes nothing") < 0)
				return -1;
		} else if (extraction_find(scope, &source->call, values.items[i].text, &found, err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < found.count; i++)
		if (add_found(scope, &source->call, &found.items[i], patterns, err) < 0)
			return -1;
	return 0;
}

/* -------- the whole -------- */

int object_set_expand(const struct rule_scope *scope, const struct rule_object_set *set, bool generous,
		      struct object_patterns *patterns, struct error *err)
{
	enum answer answer;
	int         result = condition_evaluate(scope, set->condition, NULL, 0, &answer, err);

	if (result < 0 || answer == ANSWER_NO || (answer == ANSWER_UNKNOWN && !generous))
		return result;
	for (size_t i = 0; result == 0 && i < set->count; i++) {
		const struct rule_source *source = &set->sources[i];

		switch (source->kind) {
		case SOURCE_PATTERN:
			result = add_expanded(scope, source->pattern.type, source->pattern.text, source->pattern.line,
					      patterns, err);
			break;
		case SOURCE_SCRIPT:
			result = run_script(scope, &source->call, patterns, err);
			break;
		case SOURCE_CONTENT:
			result = add_content(scope, source, generous, patterns, err);
			break;
		}
	}
	return result;
}

int object_set_exists(const struct rule_scope *scope, const struct rule_object_set *set, enum answer *answer,
		      struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };
	enum answer                                             best = ANSWER_NO;

	if (object_set_expand(scope, set, true, &patterns, err) < 0)
		return -1;
	for (size_t i = 0; i < patterns.count && best != ANSWER_YES; i++) {
		if (rule_object_exists(scope, patterns.items[i].pattern.type, patterns.items[i].text, answer, err) < 0)
			return -1;
		if (*answer > best)
			best = *answer;
	}
	*answer = best;
	return 0;
}

/* -------- GetStringContent -------- */

/* Cut characters of the sets off both ends, and expand what is left. */
static int add_content_text(const struct rule_scope *scope, const struct rule_call *call, const char *text,
			    struct texts *texts, struct error *err)
{
	const char                         *before = rule_argument(call, 3), *after = rule_argument(call, 4);
	CLEANUP(free_ptr) char             *cut = NULL, *unknown = NULL;
	CLEANUP(texts_release) struct texts expanded = { 0 };
	size_t                              length;

	text += before ? strspn(text, before) : 0;
	for (length = strlen(text); length && after && strchr(after, text[length - 1]);)
		length--;
	cut = strndup(text, length);
	if (!cut)
		return error_memory(err);
	if (!length)
		return 0;
	rule_scope_map_letter(scope, cut);
	if (!is_false(rule_argument(call, 2)) &&
	    environment_expand(&scope->environment, cut, &expanded, &unknown, err) < 0)
		return -1;
	if (!expanded.count)
		return texts_add(texts, cut, length, err);
	for (size_t i = 0; i < expanded.count; i++)
		if (texts_add(texts, expanded.items[i], strlen(expanded.items[i]), err) < 0)
			return -1;
	return 0;
}

int object_set_string_content(const struct rule_scope *scope, const struct rule_call *call, struct texts *texts,
			      struct error *err)
{
	CLEANUP(texts_release) struct texts locations = { 0 };
	const char                         *location = rule_argument(call, 1);
	enum object_type                    type;

	*texts = (struct texts){ 0 };
	if (!location || !object_type_find(rule_argument(call, 0), &type) || type != OBJECT_REGISTRY)
		return rule_scope_tell(scope, call->line, err, "%s reads values of the registry alone", call->name);
	if (rule_scope_expand(scope, location, call->line, &locations, err) < 0)
		return -1;
	for (size_t i = 0; i < locations.count; i++) {
		CLEANUP(texts_release) struct texts contents = { 0 };

		if (rule_object_texts(scope, locations.items[i], &contents, err) < 0)
			return -1;
		for (size_t j = 0; j < contents.count; j++)
			if (add_content_text(scope, call, contents.items[j], texts, err) < 0)
				return -1;
	}
	return 0;
}
