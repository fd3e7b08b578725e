/* SPDX-License-Identifier: GPL-3.0-or-later */
/* condition.c - see condition.h */
#include "recover/rules/condition.h"

#include "core/cleanup.h"
#include "recover/engine/file_content.h"
#include "recover/rules/object_set.h"
#include "recover/rules/rule_object.h"
#include "recover/rules/version_resource.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define PROGRAM_BYTES_MAX (256u << 20) /* of a file whose version is asked for */

/* -------- versions -------- */

bool version_matches(const char *version, const char *pattern)
{
	const char *star = NULL, *retry = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = version;
		} else if (!*version && !*pattern) {
			return true;
		} else if (*version && tolower((unsigned char)*version) == tolower((unsigned char)*pattern)) {
			version++;
			pattern++;
		} else if (!star || !*retry) {
			return false;
		} else {
			pattern = star;
			version = ++retry;
		}
	}
}

/* The next number of a version, 0 behind the last. */
static unsigned long long next_number(const char **at)
{
	unsigned long long number;
	char              *end;

	while (**at && !isdigit((unsigned char)**at))
		(*at)++;
	if (!**at)
		return 0;
	number = strtoull(*at, &end, 10);
	*at = end;
	return number;
}

int version_compare(const char *left, const char *right)
{
	while (*left || *right) {
		unsigned long long a = next_number(&left), b = next_number(&right);

		if (a != b)
			return a < b ? -1 : 1;
	}
	return 0;
}

/* @err  why.  Returns 0, or -1 without memory */
static int tell_unreadable(const struct rule_scope *scope, int line, const char *path, struct error *err)
{
	if (err->kind == ERROR_MEMORY)
		return -1;
	return rule_scope_tell(scope, line, err, "%s: its version cannot be read: %s", path, err->text);
}

/*
 * What a program says of itself under a tag; *@text is NULL if it says nothing, to be freed.
 * Returns 1; 0 for a program that cannot be read, which is told; -1.
 */
static int version_text(const struct rule_scope *scope, int line, const char *path, const char *tag, char **text,
			struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	struct version_resource    version;
	struct work_volume        *volume;
	uint32_t                   record;
	const uint16_t            *number;
	size_t                     size;
	int                        found;

	*text = NULL;
	if (!rule_object_file(scope, path, &volume, &record) || volume_tree_is_directory(&volume->tree, record))
		return 1;
	if (file_content_read(volume, record, path, PROGRAM_BYTES_MAX, &bytes, &size, err) < 0)
		return tell_unreadable(scope, line, path, err);
	found = version_resource_find(&version, (struct bytes){ bytes, size, 0 }, err);
	if (found < 0)
		return tell_unreadable(scope, line, path, err);
	if (found == 0)
		return 1;
	*text = version_resource_text(&version, tag);
	if (*text || !version.numbers)
		return 1;
	number = strcasecmp(tag, "FileVersion") == 0 ? version.file : version.product;
	if (number == version.product && strcasecmp(tag, "ProductVersion") != 0)
		return 1;
	if (asprintf(text, "%u.%u.%u.%u", number[0], number[1], number[2], number[3]) >= 0)
		return 1;
	*text = NULL;
	return error_memory(err);
}

/* -------- helpers -------- */

/* Ask about each text that an argument stands for, until one says yes. */
typedef int ask(const struct rule_scope *scope, const struct rule_call *call, const char *text, enum answer *answer,
		struct error *err);

static int ask_any(const struct rule_scope *scope, const struct rule_call *call, size_t index, ask *asked,
		   enum answer *answer, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };
	const char                         *argument = rule_argument(call, index);
	enum answer                         best = ANSWER_NO;

	if (argument && rule_scope_expand_path(scope, argument, call->line, &texts, err) < 0)
		return -1;
	for (size_t i = 0; i < texts.count && best != ANSWER_YES; i++) {
		if (asked(scope, call, texts.items[i], answer, err) < 0)
			return -1;
		if (*answer > best)
			best = *answer;
	}
	*answer = best;
	return 0;
}

static int ask_exists(const struct rule_scope *scope, const struct rule_call *call, const char *text,
		      enum answer *answer, struct error *err)
{
	enum object_type type;

	*answer = ANSWER_UNKNOWN;
	if (!object_type_find(rule_argument(call, 0), &type))
		return 0;
	return rule_object_exists(scope, type, text, answer, err);
}

static int does_object_exist(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			     struct error *err)
{
	return ask_any(scope, call, 1, ask_exists, answer, err);
}

static int ask_version(const struct rule_scope *scope, const struct rule_call *call, const char *text,
		       enum answer *answer, struct error *err)
{
	const char             *tag = rule_argument(call, 1), *wanted = rule_argument(call, 2);
	CLEANUP(free_ptr) char *version = NULL;
	bool                    holds;
	int                     known;

	*answer = ANSWER_NO;
	if (!tag || !wanted)
		return 0;
	known = version_text(scope, call->line, text, tag, &version, err);
	if (known == 0)
		*answer = ANSWER_UNKNOWN;
	if (known < 0 || !version)
		return known < 0 ? -1 : 0;
	if (strcasecmp(call->name, "DoesFileVersionMatch") == 0)
		holds = version_matches(version, wanted);
	else if (strcasecmp(call->name, "IsFileVersionAbove") == 0)
		holds = version_compare(version, wanted) > 0;
	else
		holds = version_compare(version, wanted) < 0;
	*answer = holds ? ANSWER_YES : ANSWER_NO;
	return 0;
}

static int compare_file_version(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
				struct error *err)
{
	return ask_any(scope, call, 0, ask_version, answer, err);
}

/* The offline Windows's version against the second argument.  Every Windows here is an NT. */
static int compare_os(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
		      struct error *err)
{
	const char *kind = rule_argument(call, 0), *wanted = rule_argument(call, 1);
	char        version[64];
	bool        holds;

	(void)err;
	*answer = ANSWER_UNKNOWN;
	if (!scope->windows || !wanted)
		return 0;
	snprintf(version, sizeof version, "%u.%u.%u", scope->windows->version_major, scope->windows->version_minor,
		 scope->windows->build);
	if (kind && strcasecmp(kind, "9x") == 0)
		holds = false;
	else if (strcasecmp(call->name, "DoesOSMatch") == 0)
		holds = version_matches(version, wanted);
	else if (strcasecmp(call->name, "IsOSLaterThan") == 0)
		holds = version_compare(version, wanted) >= 0;
	else
		holds = version_compare(version, wanted) < 0;
	*answer = holds ? ANSWER_YES : ANSWER_NO;
	return 0;
}

static int is_native_64_bit(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			    struct error *err)
{
	(void)call;
	(void)err;
	*answer = !scope->windows ? ANSWER_UNKNOWN : scope->windows->is_64bit ? ANSWER_YES : ANSWER_NO;
	return 0;
}

static int is_system_context(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			     struct error *err)
{
	(void)call;
	(void)err;
	*answer = scope->user ? ANSWER_NO : ANSWER_YES;
	return 0;
}

/* The content of a value against the third argument, whose variables are expanded as well. */
static int ask_content(const struct rule_scope *scope, const struct rule_call *call, const char *text,
		       enum answer *answer, struct error *err)
{
	CLEANUP(texts_release) struct texts contents = { 0 }, wanted = { 0 };
	const char                         *argument = rule_argument(call, 2);
	bool                                whole = strcasecmp(call->name, "DoesStringContentEqual") == 0;
	enum object_type                    type;
	int                                 known;

	*answer = ANSWER_UNKNOWN;
	if (!object_type_find(rule_argument(call, 0), &type) || type != OBJECT_REGISTRY)
		return 0;
	*answer = ANSWER_NO;
	if (rule_scope_expand(scope, argument ? argument : "", call->line, &wanted, err) < 0)
		return -1;
	known = rule_object_texts(scope, text, &contents, err);
	if (known < 0)
		return -1;
	if (known == 0)
		*answer = ANSWER_UNKNOWN;
	for (size_t i = 0; i < contents.count; i++)
		for (size_t j = 0; j < wanted.count; j++)
			if (whole ? strcasecmp(contents.items[i], wanted.items[j]) == 0 :
				    strcasestr(contents.items[i], wanted.items[j]) != NULL)
				*answer = ANSWER_YES;
	return 0;
}

static int compare_content(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			   struct error *err)
{
	return ask_any(scope, call, 1, ask_content, answer, err);
}

/* Two locations are the same object: the same file by whatever name, or the same text. */
static bool same_object(const struct rule_scope *scope, enum object_type type, const char *left, const char *right)
{
	struct work_volume *left_volume, *right_volume;
	uint32_t            left_record, right_record;

	if (type == OBJECT_FILE && rule_object_file(scope, left, &left_volume, &left_record) &&
	    rule_object_file(scope, right, &right_volume, &right_record))
		return left_volume == right_volume && left_record == right_record;
	return strcasecmp(left, right) == 0;
}

static int is_same_object(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
			  struct error *err)
{
	CLEANUP(texts_release) struct texts left = { 0 }, right = { 0 };
	const char                         *one = rule_argument(call, 1), *other = rule_argument(call, 2);
	enum object_type                    type;

	*answer = ANSWER_UNKNOWN;
	if (!one || !other || !object_type_find(rule_argument(call, 0), &type))
		return 0;
	if (rule_scope_expand_path(scope, one, call->line, &left, err) < 0 ||
	    rule_scope_expand_path(scope, other, call->line, &right, err) < 0)
		return -1;
	*answer = ANSWER_NO;
	for (size_t i = 0; i < left.count; i++)
		for (size_t j = 0; j < right.count; j++)
			if (same_object(scope, type, left.items[i], right.items[j]))
				*answer = ANSWER_YES;
	return 0;
}

int condition_call(const struct rule_scope *scope, const struct rule_call *call, enum answer *answer,
		   struct error *err)
{
	static const struct {
		const char *name;
		int (*evaluate)(const struct rule_scope *, const struct rule_call *, enum answer *, struct error *);
	} helpers[] = {
		{ "DoesObjectExist", does_object_exist },
		{ "DoesFileVersionMatch", compare_file_version },
		{ "IsFileVersionAbove", compare_file_version },
		{ "IsFileVersionBelow", compare_file_version },
		{ "DoesOSMatch", compare_os },
		{ "IsOSLaterThan", compare_os },
		{ "IsOSEarlierThan", compare_os },
		{ "IsNative64Bit", is_native_64_bit },
		{ "IsSystemContext", is_system_context },
		{ "DoesStringContentEqual", compare_content },
		{ "DoesStringContentContain", compare_content },
		{ "IsSameObject", is_same_object },
	};

	*answer = ANSWER_UNKNOWN;
	for (size_t i = 0; !call->library && i < sizeof helpers / sizeof helpers[0]; i++)
		if (strcasecmp(call->name, helpers[i].name) == 0 &&
		    helpers[i].evaluate(scope, call, answer, err) < 0)
			return -1;
	if (*answer != ANSWER_UNKNOWN)
		return 0;
	return rule_scope_tell(scope, call->line, err,
			       "the condition %s cannot be answered offline: what is included under it is taken", call->name);
}

/* -------- trees -------- */

static int evaluate_leaf(const struct rule_scope *scope, const struct rule_condition *leaf,
			 const struct rule_object_set *objects, size_t object_count, enum answer *answer,
			 struct error *err)
{
	size_t index;
	int    result;

	if (strcasecmp(leaf->call.name, "ObjectSet") == 0) {
		index = leaf->call.count ? strtoul(leaf->call.arguments[0], NULL, 10) : object_count;
		*answer = ANSWER_NO;
		result = index < object_count ? object_set_exists(scope, &objects[index], answer, err) : 0;
	} else {
		result = condition_call(scope, &leaf->call, answer, err);
	}
	if (leaf->negated)
		*answer = answer_not(*answer);
	return result;
}

int condition_evaluate(const struct rule_scope *scope, const struct rule_condition *condition,
		       const struct rule_object_set *objects, size_t object_count, enum answer *answer,
		       struct error *err)
{
	enum answer end; /* that settles it */

	*answer = ANSWER_YES;
	if (!condition)
		return 0;
	if (condition->leaf)
		return evaluate_leaf(scope, condition, objects, object_count, answer, err);
	if (condition->count == 0)
		return 0;
	end = condition->any ? ANSWER_YES : ANSWER_NO;
	*answer = condition->any ? ANSWER_NO : ANSWER_YES;
	for (size_t i = 0; i < condition->count && *answer != end; i++) {
		enum answer one;

		if (condition_evaluate(scope, &condition->items[i], objects, object_count, &one, err) < 0)
			return -1;
		if (condition->any ? one > *answer : one < *answer)
			*answer = one;
	}
	return 0;
}
