/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_call.c - see rule_call.h */
#include "recover/rules/rule_call.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define CALL_ARGUMENTS_MAX 64u

#define ANY_FILTER (CALL_CONDITION | CALL_FILTER)

static const struct rule_helper helpers[] = {
	{ "DoesObjectExist", ANY_FILTER, 2, false },
	{ "DoesFileVersionMatch", ANY_FILTER, 3, false },
	{ "DoesOSMatch", ANY_FILTER, 2, false },
	{ "DoesStringContentContain", ANY_FILTER, 3, false },
	{ "DoesStringContentEqual", ANY_FILTER, 3, false },
	{ "IsFileVersionAbove", ANY_FILTER, 3, false },
	{ "IsFileVersionBelow", ANY_FILTER, 3, false },
	{ "IsNative64Bit", ANY_FILTER, 0, false },
	{ "IsOSEarlierThan", ANY_FILTER, 2, false },
	{ "IsOSLaterThan", ANY_FILTER, 2, false },
	{ "IsSameContent", ANY_FILTER, 2, false },
	{ "IsSameObject", ANY_FILTER, 3, false },
	{ "IsSameStringContent", ANY_FILTER, 2, false },
	{ "IsSystemContext", ANY_FILTER, 0, false },

	{ "GenerateDocPatterns", CALL_OBJECTS, 0, false },
	{ "GenerateDrivePatterns", CALL_OBJECTS, 2, false },
	{ "GenerateUserPatterns", CALL_OBJECTS, 2, false },
	{ "GetStringContent", CALL_VARIABLE | CALL_OBJECTS, 2, false },

	{ "AnswerNo", CALL_FILTER, 0, false },
	{ "CompareStringContent", CALL_FILTER, 2, false },
	{ "FileProperties", CALL_FILTER, 3, false },
	{ "IgnoreIrrelevantLinks", CALL_FILTER, 0, false },
	{ "NeverRestore", CALL_FILTER, 0, false },
	{ "SameRegContent", CALL_FILTER, 0, false },

	{ "ExtractDirectory", CALL_CONTENT, 0, false },
	{ "ExtractMultipleFiles", CALL_CONTENT, 0, false },
	{ "ExtractSingleFile", CALL_CONTENT, 0, false },

	{ "DestinationPriority", CALL_MERGE, 0, false },
	{ "FindFilePlaceByPattern", CALL_MERGE, 1, false },
	{ "HigherValue", CALL_MERGE, 0, false },
	{ "LeafPattern", CALL_MERGE, 0, false },
	{ "LowerValue", CALL_MERGE, 0, false },
	{ "NewestVersion", CALL_MERGE, 1, false },
	{ "SourcePriority", CALL_MERGE, 0, false },

	{ "ExactMove", CALL_LOCATION, 1, false },
	{ "Move", CALL_LOCATION, 1, false },
	{ "RelativeMove", CALL_LOCATION, 2, false },

	{ "ConvertToBinary", CALL_MODIFY, 0, false },
	{ "ConvertToDWORD", CALL_MODIFY, 0, false },
	{ "ConvertToString", CALL_MODIFY, 0, false },
	{ "KeepExisting", CALL_MODIFY, 1, false },
	{ "MergeDelimitedContent", CALL_MODIFY, 1, false },
	{ "MergeMultiSzContent", CALL_MODIFY, 0, false },
	{ "OffsetValue", CALL_MODIFY, 1, false },
	{ "SetValueByTable", CALL_MODIFY, 2, false },
	{ "AntiAlias", CALL_MODIFY | CALL_PROCESSING, 0, true },
	{ "ConvertScreenSaver", CALL_MODIFY | CALL_PROCESSING, 0, true },
	{ "MergeShellLibraries", CALL_MODIFY | CALL_PROCESSING, 0, true },
	{ "MigrateXXX", CALL_MODIFY | CALL_PROCESSING, 0, true },
	{ "SetPstPathInMapiStruc", CALL_MODIFY | CALL_PROCESSING, 0, true },

	{ "AskForLogoff", CALL_PROCESSING, 0, false },
	{ "ConvertToShortFileName", CALL_PROCESSING, 1, false },
	{ "KillExplorer", CALL_PROCESSING, 0, false },
	{ "RegisterFonts", CALL_PROCESSING, 1, false },
	{ "RemoveEmptyDirectories", CALL_PROCESSING, 1, false },
	{ "RestartExplorer", CALL_PROCESSING, 0, false },
	{ "StartService", CALL_PROCESSING, 1, false },
	{ "StopService", CALL_PROCESSING, 1, false },
	{ "SyncSCM", CALL_PROCESSING, 0, false },
};

const struct rule_helper *rule_helper_find(const char *name)
{
	for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
		if (strcasecmp(helpers[i].name, name) == 0)
			return &helpers[i];
	return NULL;
}

/* -------- parsing -------- */

static void skip_blanks(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
}

static size_t word_length(const char *at)
{
	size_t length = 0;

	while (isalnum((unsigned char)at[length]) || (at[length] && strchr("_-.", at[length])))
		length++;
	return length;
}

static int bad_call(const char *text, struct error *err, const char *why)
{
	return error_set(err, ERROR_VALUE, NULL,
			 "\"%.80s\" is no call (%s): write MigXmlHelper.Name('argument')", text, why);
}

/* "Library.Name", up to the bracket. */
static int parse_name(struct rule_call *call, struct arena *memory, const char **at, const char *text,
		      struct error *err)
{
	const char *start, *dot = NULL;
	size_t      length;

	skip_blanks(at);
	start = *at;
	length = word_length(start);
	dot = memrchr(start, '.', length);
	if (!length || dot == start + length - 1)
		return bad_call(text, err, "no name");
	*at += length;
	if (dot && (dot - start != 12 || strncasecmp(start, "MigXmlHelper", 12) != 0)) {
		call->library = arena_text(memory, start, (size_t)(dot - start));
		if (!call->library)
			return error_memory(err);
	}
	length -= dot ? (size_t)(dot + 1 - start) : 0;
	call->name = arena_text(memory, dot ? dot + 1 : start, length);
	return call->name ? 0 : error_memory(err);
}

/* A string in quotes, NULL, or a bare word, which people write for TRUE and numbers. */
static int parse_argument(char **argument, struct arena *memory, const char **at, const char *text,
			  struct error *err)
{
	const char *start = *at, *end;
	size_t      length;

	*argument = NULL;
	if (*start == '"' || *start == '\'') {
		end = strchr(start + 1, *start);
		if (!end)
			return bad_call(text, err, "a string lacks its closing quote");
		*at = end + 1;
		*argument = arena_text(memory, start + 1, (size_t)(end - start - 1));
		return *argument ? 0 : error_memory(err);
	}
	length = word_length(start);
	if (!length)
		return bad_call(text, err, "an argument without quotes");
	*at += length;
	if (length == 4 && strncasecmp(start, "NULL", 4) == 0)
		return 0;
	*argument = arena_text(memory, start, length);
	return *argument ? 0 : error_memory(err);
}

static int parse_arguments(struct rule_call *call, struct arena *memory, const char **at, const char *text,
			   struct error *err)
{
	char *arguments[CALL_ARGUMENTS_MAX];

	skip_blanks(at);
	while (**at != ')') {
		if (call->count == CALL_ARGUMENTS_MAX)
			return bad_call(text, err, "too many arguments");
		if (parse_argument(&arguments[call->count], memory, at, text, err) < 0)
			return -1;
		call->count++;
		skip_blanks(at);
		if (**at == ',') {
			(*at)++;
			skip_blanks(at);
		} else if (**at != ')') {
			return bad_call(text, err, "no comma or closing bracket where one should be");
		}
	}
	(*at)++;
	call->arguments = arena_take(memory, call->count, sizeof *call->arguments);
	if (!call->arguments)
		return error_memory(err);
	if (call->count)
		memcpy(call->arguments, arguments, call->count * sizeof *arguments);
	return 0;
}

int rule_call_parse(struct rule_call *call, struct arena *memory, const char *text, struct error *err)
{
	const char *at = text;

	*call = (struct rule_call){ 0 };
	if (parse_name(call, memory, &at, text, err) < 0)
		return -1;
	skip_blanks(&at);
	if (*at != '(')
		return bad_call(text, err, "no opening bracket");
	at++;
	if (parse_arguments(call, memory, &at, text, err) < 0)
		return -1;
	skip_blanks(&at);
	return *at ? bad_call(text, err, "something behind it") : 0;
}

/* -------- checking -------- */

/* What a helper that is not known leaves undone in these places takes no data along. */
static bool may_pass_over(enum call_place place)
{
	return place == CALL_MODIFY || place == CALL_PROCESSING;
}

int rule_call_check(const struct rule_call *call, enum call_place place, struct error *err)
{
	const struct rule_helper *helper = rule_helper_find(call->name);

	if (call->library) {
		(void)error_set(err, ERROR_UNSUPPORTED, NULL,
				"%.40s.%.40s belongs to a library of Windows's; what it does is not done",
				call->library, call->name);
		return 0;
	}
	if (!helper) {
		(void)error_set(err, ERROR_VALUE, NULL,
				"there is no helper MigXmlHelper.%.60s; is it misspelt?", call->name);
		return may_pass_over(place) ? 0 : -1;
	}
	if (!(helper->places & place)) {
		(void)error_set(err, ERROR_VALUE, NULL, "MigXmlHelper.%s cannot stand here", helper->name);
		return may_pass_over(place) ? 0 : -1;
	}
	if (call->count < helper->arguments)
		return error_set(err, ERROR_VALUE, NULL, "MigXmlHelper.%s needs %zu arguments and has %zu",
				 helper->name, helper->arguments, call->count);
	if (helper->internal) {
		(void)error_set(err, ERROR_UNSUPPORTED, NULL,
				"MigXmlHelper.%s is undocumented; what it does is not done", helper->name);
		return 0;
	}
	return 1;
}
