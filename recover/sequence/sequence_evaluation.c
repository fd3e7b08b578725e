/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_evaluation.c - see sequence_evaluation.h */
#include "recover/sequence/sequence_evaluation.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "recover/engine/file_content.h"
#include "recover/rules/condition.h"
#include "recover/rules/version_resource.h"
#include "recover/sequence/sequence_query.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define PROGRAM_BYTES_MAX (256u << 20) /* of a file whose version is asked for */
#define LIKE_BYTES_MAX    4096u        /* of a pattern */

struct evaluation {
	const struct sequence_machine *machine;
	char                         **why;
	struct error                  *err;
};

/* Nothing is known of this; the first reason is kept. */
__attribute__((format(printf, 3, 4))) static int unknown(const struct evaluation *evaluation, enum answer *answer,
							 const char *format, ...)
{
	va_list list;
	int     length;

	*answer = ANSWER_UNKNOWN;
	if (*evaluation->why)
		return 0;
	va_start(list, format);
	length = vasprintf(evaluation->why, format, list);
	va_end(list);
	if (length >= 0)
		return 0;
	*evaluation->why = NULL;
	return error_memory(evaluation->err);
}

/* An operand with its variables expanded; to be freed. */
static char *operand(const struct evaluation *evaluation, const struct sequence_condition *condition, const char *name)
{
	const struct sequence_watch *watch = evaluation->machine->watch;
	const char                  *raw = sequence_condition_operand(condition, name);
	char                        *text;

	if (watch)
		watch->expanding(watch->context, raw);
	if (sequence_variables_expand(evaluation->machine->variables, raw, &text, NULL, evaluation->err) < 0)
		return NULL;
	return text;
}

/* -------- comparing -------- */

static enum answer yes_or_no(bool yes)
{
	return yes ? ANSWER_YES : ANSWER_NO;
}

/* Whether something that orders so against something else stands to it as it should. */
static bool order_holds(int order, enum sequence_comparison comparison)
{
	switch (comparison) {
	case COMPARISON_EQUALS:
		return order == 0;
	case COMPARISON_NOT_EQUALS:
		return order != 0;
	case COMPARISON_LESS:
		return order < 0;
	case COMPARISON_LESS_EQUAL:
		return order <= 0;
	case COMPARISON_GREATER:
		return order > 0;
	case COMPARISON_GREATER_EQUAL:
		return order >= 0;
	default:
		return false;
	}
}

static bool is_number(const char *text)
{
	text += *text == '-';
	return *text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 18;
}

/* Letter by letter, case aside; which of two numbers is more, by what they are. */
static bool text_holds(const char *left, enum sequence_comparison comparison, const char *right)
{
	if (comparison == COMPARISON_LIKE || comparison == COMPARISON_NOT_LIKE)
		return sequence_query_wild(left, right) == (comparison == COMPARISON_LIKE);
	if (comparison != COMPARISON_EQUALS && comparison != COMPARISON_NOT_EQUALS && is_number(left) && is_number(right)) {
		long long a = atoll(left), b = atoll(right);

		return order_holds((a > b) - (a < b), comparison);
	}
	return order_holds(strcasecmp(left, right), comparison);
}

/* An operator that was there when the file was read; false if it is left out. */
static bool find_comparison(const struct sequence_condition *condition, const char *name,
			    enum sequence_comparison *comparison)
{
	return sequence_comparison_find(sequence_condition_operand(condition, name), comparison);
}

/* -------- variables -------- */

static int evaluate_variable(const struct evaluation *evaluation, const struct sequence_condition *condition,
			     enum answer *answer)
{
	CLEANUP(free_ptr) char  *operator = operand(evaluation, condition, "Operator");
	CLEANUP(free_ptr) char  *name = operand(evaluation, condition, "Variable");
	CLEANUP(free_ptr) char  *wanted = operand(evaluation, condition, "Value");
	enum sequence_comparison comparison;
	const char              *value;

	if (!operator || !name || !wanted)
		return -1;
	*answer = ANSWER_UNKNOWN;
	if (!sequence_comparison_find(operator, &comparison))
		return 0;
	value = sequence_variables_get(evaluation->machine->variables, name);
	if ((comparison == COMPARISON_LIKE || comparison == COMPARISON_NOT_LIKE) && strlen(wanted) > LIKE_BYTES_MAX)
		return unknown(evaluation, answer, "what %s is to be like is longer than %u bytes", name, LIKE_BYTES_MAX);
	if (comparison == COMPARISON_EXISTS || comparison == COMPARISON_NOT_EXISTS)
		*answer = yes_or_no(!*value == (comparison == COMPARISON_NOT_EXISTS));
	else
		*answer = yes_or_no(text_holds(value, comparison, wanted));
	return 0;
}

/* -------- files and folders -------- */

struct found {
	struct work_volume *volume;
	uint32_t            record; /* NO_TREE_RECORD: it is not there */
};

/* Look a path up: 1, or 0 with why that cannot be done. */
static int find_path(const struct evaluation *evaluation, const char *path, struct found *found, enum answer *answer)
{
	*found = (struct found){ NULL, NO_TREE_RECORD };
	if (evaluation->machine->changed)
		return unknown(evaluation, answer, "what is at '%s' by then cannot be foreseen", path);
	if (evaluation->machine->volumes && isalpha((unsigned char)path[0]) && path[1] == ':')
		found->volume = work_volumes_find(evaluation->machine->volumes, (char)toupper((unsigned char)path[0]));
	if (!found->volume || (path[2] && !strchr("/\\", path[2])) || strchr(path, '%'))
		return unknown(evaluation, answer, "'%s' is on no volume that is named here", path);
	found->record = volume_tree_find(&found->volume->tree, path + 2);
	return 1;
}

/* What a program says its version is: 1 with "6.1.7601.17514", 0 if it says nothing, -1. */
static int file_version(const struct found *found, const char *path, char version[32], struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	struct version_resource    resource;
	size_t                     size;

	if (file_content_read(found->volume, found->record, path, PROGRAM_BYTES_MAX, &bytes, &size, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	if (version_resource_find(&resource, (struct bytes){ bytes, size, 0 }, err) != 1 || !resource.numbers)
		return 0;
	snprintf(version, 32, "%u.%u.%u.%u", resource.file[0], resource.file[1], resource.file[2], resource.file[3]);
	return 1;
}

static int evaluate_version(const struct evaluation *evaluation, const struct sequence_condition *condition,
			    const struct found *found, const char *path, enum answer *answer)
{
	enum sequence_comparison comparison;
	CLEANUP(free_ptr) char  *wanted = NULL;
	char                     version[32];
	int                      result;

	if (!find_comparison(condition, "VersionOperator", &comparison))
		return 0;
	wanted = operand(evaluation, condition, "Version");
	if (!wanted)
		return -1;
	result = file_version(found, path, version, evaluation->err);
	if (result == 0)
		return unknown(evaluation, answer, "the version of '%s' cannot be read", path);
	*answer = yes_or_no(order_holds(version_compare(version, wanted), comparison));
	return result < 0 ? -1 : 0;
}

/* "20190131123000.000000+000", in UTC, as 100 ns since 1601. */
static bool read_time(const char *text, uint64_t *time)
{
	struct tm parts = { 0 };

	if (strspn(text, "0123456789") != 14 ||
	    sscanf(text, "%4d%2d%2d%2d%2d%2d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
		   &parts.tm_min, &parts.tm_sec) != 6 ||
	    parts.tm_year < 1970)
		return false;
	parts.tm_year -= 1900;
	parts.tm_mon--;
	*time = ntfs_time_from_timespec((struct timespec){ .tv_sec = timegm(&parts) });
	return true;
}

/* Whole seconds are compared: more a console cannot write. */
static bool time_holds(uint64_t time, enum sequence_comparison comparison, uint64_t wanted)
{
	time -= time % NTFS_TIME_PER_SECOND;
	return order_holds((time > wanted) - (time < wanted), comparison);
}

/*
 * Of the two times that a time stamp could be, made and last written, nobody says which is meant: known is what
 * both of them answer alike.
 */
static int evaluate_time(const struct evaluation *evaluation, const struct sequence_condition *condition,
			 const struct found *found, const char *path, enum answer *answer)
{
	CLEANUP(case_record_release) struct case_record record = { 0 };
	CLEANUP(free_ptr) char                         *text = NULL;
	enum sequence_comparison                        comparison;
	uint64_t                                        wanted;
	bool                                            made, written;

	if (!find_comparison(condition, "DateTimeOperator", &comparison))
		return 0;
	text = operand(evaluation, condition, "DateTime");
	if (!text || work_volume_load(found->volume, found->record, &record, evaluation->err) < 0)
		return -1;
	if (!record.file.info_known || !read_time(text, &wanted))
		return unknown(evaluation, answer, "the time '%s' of '%s' cannot be compared", text, path);
	made = time_holds(record.file.times.created, comparison, wanted);
	written = time_holds(record.file.times.written, comparison, wanted);
	if (made != written)
		return unknown(evaluation, answer,
			       "'%s' was made and last written at times that answer differently", path);
	*answer = yes_or_no(made);
	return 0;
}

static int evaluate_file(const struct evaluation *evaluation, const struct sequence_condition *condition,
			 enum answer *answer)
{
	CLEANUP(free_ptr) char *path = operand(evaluation, condition, "Path");
	enum answer             version = ANSWER_YES, time = ANSWER_YES;
	struct found            found;
	int                     result;

	if (!path)
		return -1;
	result = find_path(evaluation, path, &found, answer);
	if (result != 1)
		return result;
	*answer = yes_or_no(found.record != NO_TREE_RECORD &&
			    volume_tree_is_directory(&found.volume->tree, found.record) ==
				    (condition->kind == CONDITION_FOLDER));
	if (*answer == ANSWER_NO)
		return 0;
	if ((condition->kind == CONDITION_FILE &&
	     evaluate_version(evaluation, condition, &found, path, &version) < 0) ||
	    evaluate_time(evaluation, condition, &found, path, &time) < 0)
		return -1;
	*answer = version < time ? version : time;
	return 0;
}

/* -------- registry -------- */

static const struct {
	const char        *word;
	enum registry_type type;
} registry_types[] = {
	{ "REG_NONE", REGISTRY_NONE },     { "REG_SZ", REGISTRY_STRING },
	{ "REG_DWORD", REGISTRY_DWORD },   { "REG_EXPAND_SZ", REGISTRY_EXPAND_STRING },
	{ "REG_BINARY", REGISTRY_BINARY }, { "REG_MULTI_SZ", REGISTRY_MULTI_STRING },
	{ "REG_QWORD", REGISTRY_QWORD },
};

static bool type_fits(const char *word, uint32_t type)
{
	for (size_t i = 0; i < sizeof registry_types / sizeof registry_types[0]; i++)
		if (strcasecmp(registry_types[i].word, word) == 0)
			return registry_types[i].type == type;
	return !*word;
}

/* What is in a value, as it is compared: a number, a text; NULL for what is neither.  To be freed. */
static char *value_text(const struct registry_value *value)
{
	uint64_t number;
	char    *text;

	if (!registry_value_number(value, &number))
		return registry_value_text(value);
	return asprintf(&text, "%llu", (unsigned long long)number) < 0 ? NULL : text;
}

/* "0x1F" as a number, for that is how the console shows some. */
static void settle_number(char **text)
{
	char              *end, *settled;
	unsigned long long number;

	if (strncasecmp(*text, "0x", 2) != 0)
		return;
	number = strtoull(*text, &end, 16);
	if (*end || asprintf(&settled, "%llu", number) < 0)
		return;
	free(*text);
	*text = settled;
}

/* One value against what is wanted of it.  @found  it is there */
static int compare_value(const struct evaluation *evaluation, const struct sequence_condition *condition,
			 const struct registry_value *value, bool found, enum answer *answer)
{
	enum sequence_comparison comparison;
	CLEANUP(free_ptr) char  *wanted = operand(evaluation, condition, "Data");
	CLEANUP(free_ptr) char  *text = found ? value_text(value) : NULL;

	if (!wanted)
		return -1;
	*answer = ANSWER_UNKNOWN;
	if (!find_comparison(condition, "Operator", &comparison))
		return 0;
	if (comparison == COMPARISON_EXISTS || comparison == COMPARISON_NOT_EXISTS) {
		found = found && type_fits(sequence_condition_operand(condition, "Type"), value->type);
		*answer = yes_or_no(found == (comparison == COMPARISON_EXISTS));
		return 0;
	}
	settle_number(&wanted);
	if (!found)
		*answer = yes_or_no(comparison == COMPARISON_NOT_EQUALS || comparison == COMPARISON_NOT_LIKE);
	else if (text)
		*answer = yes_or_no(text_holds(text, comparison, wanted));
	else
		return unknown(evaluation, answer, "the value '%s' of '%s' is neither a text nor a number", value->name,
			       sequence_condition_operand(condition, "KeyPath"));
	return 0;
}

/* The key's own being there is asked for when no value is named. */
static int compare_key(const struct sequence_condition *condition, bool found, enum answer *answer)
{
	enum sequence_comparison comparison;

	*answer = ANSWER_UNKNOWN;
	if (find_comparison(condition, "Operator", &comparison) &&
	    (comparison == COMPARISON_EXISTS || comparison == COMPARISON_NOT_EXISTS))
		*answer = yes_or_no(found == (comparison == COMPARISON_EXISTS));
	return 0;
}

/* 1 with the hive, and with the key or NO_HIVE_KEY; 0 if no hive under work has it, -1. */
static int find_key(const struct evaluation *evaluation, const char *path, struct hive **hive, hive_key *key)
{
	CLEANUP(registry_place_release) struct registry_place place = { 0 };
	int found = windows_registry_place(evaluation->machine->windows, NULL, path, &place, evaluation->err);

	*hive = NULL;
	*key = NO_HIVE_KEY;
	if (found != 1)
		return found;
	*hive = place.hive;
	if (!place.hive->handle)
		return 0;
	found = hive_find(place.hive, hive_root(place.hive), place.path, key, evaluation->err);
	if (found != 1)
		*key = NO_HIVE_KEY;
	return found < 0 ? -1 : 1;
}

static int ask_registry(const struct evaluation *evaluation, const struct sequence_condition *condition,
			const char *path, enum answer *answer)
{
	CLEANUP(registry_value_release) struct registry_value value = { 0 };
	CLEANUP(free_ptr) char                               *name = operand(evaluation, condition, "Value");
	struct hive                                          *hive;
	hive_key                                              key;
	int                                                   found = name ? find_key(evaluation, path, &hive, &key) : -1;

	if (found < 0)
		return -1;
	if (found == 0)
		return unknown(evaluation, answer, "'%s' is in no hive of the offline Windows", path);
	if (!*name)
		return compare_key(condition, key != NO_HIVE_KEY, answer);
	found = key == NO_HIVE_KEY ? 0 : hive_value(hive, key, name, &value, evaluation->err);
	return found < 0 ? -1 : compare_value(evaluation, condition, &value, found == 1, answer);
}

static int evaluate_registry(const struct evaluation *evaluation, const struct sequence_condition *condition,
			     enum answer *answer)
{
	CLEANUP(free_ptr) char *path = operand(evaluation, condition, "KeyPath");

	if (!path)
		return -1;
	if (evaluation->machine->winpe)
		return unknown(evaluation, answer, "'%s' is asked for in the registry of Windows PE", path);
	if (evaluation->machine->changed)
		return unknown(evaluation, answer, "what is at '%s' by then cannot be foreseen", path);
	if (!evaluation->machine->windows)
		return unknown(evaluation, answer, "'%s': there is no Windows on the volumes", path);
	if (ask_registry(evaluation, condition, path, answer) == 0)
		return 0;
	if (evaluation->err->kind == ERROR_MEMORY)
		return -1;
	return unknown(evaluation, answer, "'%s' cannot be read: %s", path, evaluation->err->text);
}

/* -------- WMI -------- */

/* The Windows that the step would run in, or NULL. */
static const struct windows *running(const struct sequence_machine *machine)
{
	return machine->winpe || machine->changed ? NULL : machine->windows;
}

/* What the offline Windows says itself; false if it does not. */
static bool look_up_windows(const struct windows *windows, const char *class_name, const char *property,
			    char value[SEQUENCE_QUERY_VALUE_SIZE])
{
	bool system = strcasecmp(class_name, "Win32_OperatingSystem") == 0;

	if (!windows)
		return false;
	if (system && strcasecmp(property, "Version") == 0)
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%u.%u.%u", windows->version_major, windows->version_minor,
			 windows->build);
	else if (system && strcasecmp(property, "BuildNumber") == 0)
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%u", windows->build);
	else if (system && strcasecmp(property, "OSArchitecture") == 0)
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%s", windows->is_64bit ? "64-bit" : "32-bit");
	else if (strcasecmp(class_name, "Win32_Processor") == 0 && strcasecmp(property, "AddressWidth") == 0)
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%s", windows->is_64bit ? "64" : "32");
	else if (strcasecmp(class_name, "Win32_ComputerSystem") == 0 && strcasecmp(property, "Name") == 0)
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%s", windows->computer);
	else
		return false;
	return *value;
}

static bool look_up(void *context, const char *class_name, const char *property, char value[SEQUENCE_QUERY_VALUE_SIZE])
{
	static const char *const            always[] = { "Win32_OperatingSystem", "Win32_ComputerSystem", "Win32_Processor" };
	const struct sequence_machine      *machine = context;
	const struct sequence_variable     *variable;
	char                                name[2 * SEQUENCE_QUERY_VALUE_SIZE + 2];

	snprintf(name, sizeof name, "%s%s%s", class_name, *property ? "." : "", property);
	variable = sequence_variables_find(machine->variables, name);
	if (variable) {
		snprintf(value, SEQUENCE_QUERY_VALUE_SIZE, "%s", variable->value);
		return strlen(variable->value) < SEQUENCE_QUERY_VALUE_SIZE;
	}
	*value = '\0';
	for (size_t i = 0; !*property && i < sizeof always / sizeof always[0]; i++)
		if (strcasecmp(always[i], class_name) == 0)
			return true;
	return look_up_windows(running(machine), class_name, property, value);
}

static int evaluate_wmi(const struct evaluation *evaluation, const struct sequence_condition *condition,
			enum answer *answer)
{
	CLEANUP(free_ptr) char *namespace = operand(evaluation, condition, "Namespace");
	CLEANUP(free_ptr) char *query = operand(evaluation, condition, "Query");
	char                    why[256];

	if (!namespace || !query)
		return -1;
	if (*namespace && strcasecmp(namespace, "root\\cimv2") != 0 && strcasecmp(namespace, "root/cimv2") != 0)
		return unknown(evaluation, answer, "nothing is known of the WMI namespace '%s'", namespace);
	*answer = sequence_query_evaluate(query, look_up, (void *)(uintptr_t)evaluation->machine, why, sizeof why);
	if (*answer != ANSWER_UNKNOWN)
		return 0;
	if (!*why)
		return unknown(evaluation, answer, "the WMI query '%s' is not understood", query);
	return unknown(evaluation, answer, "%s is not known: say --set '%s=...'", why, why);
}

/* -------- software -------- */

/* The version that Windows lists of a product; "" if it lists none.  Nothing is known of what is not listed. */
static int listed_version(const struct evaluation *evaluation, const char *code, char **version)
{
	static const char *const lists[] = { "Microsoft\\Windows\\CurrentVersion\\Uninstall",
					     "Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall" };
	const struct windows    *windows = running(evaluation->machine);

	*version = NULL;
	for (size_t i = 0; !*version && windows && windows->software.handle && i < sizeof lists / sizeof lists[0]; i++) {
		CLEANUP(free_ptr) char *path = NULL;

		if (asprintf(&path, "%s\\%s", lists[i], code) < 0) {
			path = NULL;
			return error_memory(evaluation->err);
		}
		if (windows_text(&windows->software, path, "DisplayVersion", version, evaluation->err) < 0 &&
		    evaluation->err->kind == ERROR_MEMORY)
			return -1;
	}
	return 0;
}

static int evaluate_software(const struct evaluation *evaluation, const struct sequence_condition *condition,
			     enum answer *answer)
{
	const char             *code = sequence_condition_operand(condition, "ProductCode");
	bool                    any = strcasecmp(sequence_condition_operand(condition, "Operator"), "AnyVersion") == 0;
	const char             *wanted = any ? "" : sequence_condition_operand(condition, "Version");
	CLEANUP(free_ptr) char *name = NULL, *listed = NULL;
	const char             *version;

	if (asprintf(&name, "software:%s", code) < 0) {
		name = NULL;
		return error_memory(evaluation->err);
	}
	version = sequence_variables_get(evaluation->machine->variables, name);
	if (!*version && listed_version(evaluation, code, &listed) < 0)
		return -1;
	if (!*version && !listed)
		return unknown(evaluation, answer, "whether %s is installed is not known: say --set '%s=VERSION' or '%s=none'",
			       code, name, name);
	version = listed ? listed : version;
	*answer = yes_or_no(strcasecmp(version, "none") != 0 && (!*wanted || version_compare(version, wanted) == 0));
	return 0;
}

/* -------- trees -------- */

static int evaluate(const struct evaluation *evaluation, const struct sequence_condition *condition,
		    enum answer *answer);

/* All, any or none of the children; what is settled is not asked further. */
static int evaluate_joint(const struct evaluation *evaluation, const struct sequence_condition *condition,
			  enum answer *answer)
{
	bool                             all = condition->kind == CONDITION_ALL;
	enum answer                      settled = all ? ANSWER_NO : ANSWER_YES, one;
	const struct sequence_condition *child = condition->child;

	if (!child && !all)
		return unknown(evaluation, answer, "there is nothing in a condition of type '%s'", condition->type);
	*answer = all ? ANSWER_YES : ANSWER_NO;
	for (; child && *answer != settled; child = child->next) {
		if (evaluate(evaluation, child, &one) < 0)
			return -1;
		if (all ? one < *answer : one > *answer)
			*answer = one;
	}
	if (condition->kind == CONDITION_NONE)
		*answer = answer_not(*answer);
	return 0;
}

static int evaluate(const struct evaluation *evaluation, const struct sequence_condition *condition,
		    enum answer *answer)
{
	const struct sequence_watch *watch = evaluation->machine->watch;

	if (watch)
		watch->evaluating(watch->context, condition);
	switch (condition->kind) {
	case CONDITION_VARIABLE:
		return evaluate_variable(evaluation, condition, answer);
	case CONDITION_FILE:
	case CONDITION_FOLDER:
		return evaluate_file(evaluation, condition, answer);
	case CONDITION_REGISTRY:
		return evaluate_registry(evaluation, condition, answer);
	case CONDITION_WMI:
		return evaluate_wmi(evaluation, condition, answer);
	case CONDITION_SOFTWARE:
		return evaluate_software(evaluation, condition, answer);
	case CONDITION_UNKNOWN:
		return unknown(evaluation, answer, "conditions of type %s are not known", condition->type);
	default:
		return evaluate_joint(evaluation, condition, answer);
	}
}

int sequence_condition_evaluate(const struct sequence_machine *machine, const struct sequence_condition *condition,
				enum answer *answer, char **why, struct error *err)
{
	struct evaluation evaluation = { machine, why, err };

	*why = NULL;
	*answer = ANSWER_YES;
	if (condition && evaluate(&evaluation, condition, answer) < 0) {
		free(TAKE(*why));
		return -1;
	}
	if (*answer != ANSWER_UNKNOWN)
		free(TAKE(*why));
	return 0;
}
