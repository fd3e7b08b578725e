/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_filter.c - see rule_filter.h */
#include "recover/rules/rule_filter.h"

#include "core/cleanup.h"
#include "recover/rules/condition.h"
#include "recover/rules/rule_call.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define DAY 864000000000ull /* in 100 ns */

/* -------- FileProperties -------- */

/* "10MB" at @at; moves past it. */
static bool parse_size(const char **at, uint64_t *size)
{
	static const struct {
		const char *name;
		unsigned    shift;
	} units[] = { { "GB", 30 }, { "MB", 20 }, { "KB", 10 }, { "B", 0 } };
	char              *end;
	unsigned long long number;

	if (!isdigit((unsigned char)**at))
		return false;
	number = strtoull(*at, &end, 10);
	*at = end;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strncasecmp(*at, units[i].name, strlen(units[i].name)) == 0) {
			*at += strlen(units[i].name);
			*size = number << units[i].shift;
			return *size >> units[i].shift == number;
		}
	*size = number;
	return true;
}

/* Days from 1601-01-01 to a date of the Gregorian calendar. */
static uint64_t day_of(unsigned year, unsigned month, unsigned day)
{
	static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t              years = year - 1601;
	bool                  leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return years * 365 + years / 4 - years / 100 + years / 400 + before[month - 1] + (month > 2 && leap) + day - 1;
}

/* "2023/05/15" at @at; moves past it. */
static bool parse_date(const char **at, uint64_t *time)
{
	unsigned year, month, day;
	int      length = 0;

	if (sscanf(*at, "%4u/%2u/%2u%n", &year, &month, &day, &length) != 3 || year < 1601 || month < 1 || month > 12 ||
	    day < 1 || day > 31)
		return false;
	*at += length;
	*time = day_of(year, month, day) * DAY;
	return true;
}

static void skip_blanks(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
}

/* One value, or with @range two with '-' between them, in any order. */
static bool parse_values(const struct rule_filter *filter, const char *at, bool range, uint64_t *low, uint64_t *high)
{
	bool (*parse)(const char **, uint64_t *) = filter->kind == FILTER_SIZE ? parse_size : parse_date;

	skip_blanks(&at);
	if (!parse(&at, low))
		return false;
	*high = *low;
	skip_blanks(&at);
	if (range && *at == '-') {
		at++;
		skip_blanks(&at);
		if (!parse(&at, high))
			return false;
		skip_blanks(&at);
	}
	if (*high < *low) {
		uint64_t swapped = *low;

		*low = *high;
		*high = swapped;
	}
	return !*at;
}

bool rule_filter_parse(struct rule_filter *filter, const char *property, const char *operator, const char *value)
{
	static const struct {
		const char      *name;
		enum filter_kind kind;
	} properties[] = { { "filesize", FILTER_SIZE },
			   { "dateCreated", FILTER_CREATED },
			   { "dateModified", FILTER_WRITTEN },
			   { "dateAccessed", FILTER_ACCESSED } };
	uint64_t low, high;

	*filter = (struct rule_filter){ .kind = FILTER_PASSES, .last = UINT64_MAX };
	for (size_t i = 0; property && i < sizeof properties / sizeof properties[0]; i++)
		if (strcasecmp(property, properties[i].name) == 0)
			filter->kind = properties[i].kind;
	if (filter->kind == FILTER_PASSES || !operator || !value ||
	    !parse_values(filter, value, strcasecmp(operator, "range") == 0, &low, &high))
		return false;
	high += filter->kind == FILTER_SIZE ? 0 : DAY - 1; /* a day is all of it */
	if (strcasecmp(operator, "range") == 0 || strcasecmp(operator, "eq") == 0 || strcasecmp(operator, "neq") == 0) {
		filter->first = low;
		filter->last = high;
		filter->outside = strcasecmp(operator, "neq") == 0;
	} else if (strcasecmp(operator, "lte") == 0) {
		filter->last = high;
	} else if (strcasecmp(operator, "gte") == 0) {
		filter->first = low;
	} else if (strcasecmp(operator, "lt") == 0) { /* not from there on */
		filter->first = low;
		filter->outside = true;
	} else if (strcasecmp(operator, "gt") == 0) { /* not up to there */
		filter->last = high;
		filter->outside = true;
	} else {
		return false;
	}
	return true;
}

/* -------- filters -------- */

int rule_filter_make(const struct rule_scope *scope, const struct rule_call *call, bool generous,
		     struct rule_filter *filter, struct error *err)
{
	const struct rule_helper *helper = call ? rule_helper_find(call->name) : NULL;
	enum answer               answer;

	*filter = (struct rule_filter){ .kind = FILTER_PASSES };
	if (!call || (!call->library && (strcasecmp(call->name, "IgnoreIrrelevantLinks") == 0 ||
					 strcasecmp(call->name, "NeverRestore") == 0)))
		return 0;
	if (!call->library && strcasecmp(call->name, "AnswerNo") == 0) {
		filter->kind = FILTER_STOPS;
		return 0;
	}
	if (!call->library && strcasecmp(call->name, "FileProperties") == 0 &&
	    rule_filter_parse(filter, rule_argument(call, 0), rule_argument(call, 1), rule_argument(call, 2)))
		return 0;
	if (!call->library && strcasecmp(call->name, "CompareStringContent") == 0 && rule_argument(call, 0)) {
		const char *comparison = rule_argument(call, 1);

		*filter = (struct rule_filter){ .kind = FILTER_TEXT,
						.text = rule_argument(call, 0),
						.outside = !comparison || strcasecmp(comparison, "Equal") != 0,
						.generous = generous };
		return 0;
	}
	filter->kind = generous ? FILTER_PASSES : FILTER_STOPS;
	if (!helper || call->library || !(helper->places & CALL_CONDITION))
		return rule_scope_tell(scope, call->line, err,
				       "the filter %s cannot be answered offline: %s", call->name,
				       generous ? "everything passes it" : "nothing is left out by it");
	if (condition_call(scope, call, &answer, err) < 0)
		return -1;
	if (answer != ANSWER_UNKNOWN)
		filter->kind = answer == ANSWER_YES ? FILTER_PASSES : FILTER_STOPS;
	return 0;
}

static uint64_t time_of(const struct case_record *record, enum filter_kind kind)
{
	const struct file_times *times = &record->file.times;

	return kind == FILTER_CREATED ? times->created : kind == FILTER_WRITTEN ? times->written : times->accessed;
}

int rule_filter_passes(const struct rule_filter *filter, struct work_volume *volume, uint32_t record, bool *passes,
		       struct error *err)
{
	CLEANUP(case_record_release) struct case_record loaded = { 0 };
	uint64_t                                        value;

	*passes = filter->kind == FILTER_TEXT ? filter->generous : filter->kind != FILTER_STOPS;
	if (filter->kind == FILTER_PASSES || filter->kind == FILTER_STOPS || filter->kind == FILTER_TEXT ||
	    volume_tree_is_directory(&volume->tree, record))
		return 0;
	if (filter->kind == FILTER_SIZE) {
		value = volume_tree_file_bytes(&volume->tree, record);
	} else {
		if (work_volume_load(volume, record, &loaded, err) < 0)
			return -1;
		value = time_of(&loaded, filter->kind);
	}
	*passes = (value >= filter->first && value <= filter->last) != filter->outside;
	return 0;
}

bool rule_filter_passes_value(const struct rule_filter *filter, const struct registry_value *value)
{
	CLEANUP(free_ptr) char *text = filter->kind == FILTER_TEXT ? registry_value_text(value) : NULL;

	if (filter->kind != FILTER_TEXT)
		return filter->kind != FILTER_STOPS;
	return (text && strcasecmp(text, filter->text) == 0) != filter->outside;
}
