/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_condition.c - expected values: spec USMT 3.5, and by hand */
#include "tests/unit/rules.h"

#include "core/cleanup.h"
#include "recover/rules/condition.h"
#include "recover/rules/rule_filter.h"

/* -------- versions -------- */

struct versions {
	char left[24], right[24];
	int  order;
	bool matches; /* .right as a pattern */
};

ParameterizedTestParameters(condition, versions_compare_by_numbers)
{
	static struct versions cases[] = {
		{ "6.1", "6.1", 0, true },         { "6.1.7601", "6.1", 1, false },   { "6.1.0.0", "6.1", 0, false },
		{ "10.0.19045", "6.1", 1, false }, { "9,0,0,1", "9.0.0.2", -1, false }, { "8.5.1302", "8.*", 1, true },
		{ "8.5.1302", "*", 1, true },      { "8.5", "8.5*", 0, true },        { "8.15", "8.*5", 1, true },
		{ "18.5", "8.*", 1, false },       { "", "1", -1, false },            { "7,2", "7,*", 1, true },
		{ "v2 beta", "V2*", 0, true },
	};

	return CASES(struct versions, cases);
}

ParameterizedTest(struct versions *c, condition, versions_compare_by_numbers)
{
	cr_expect(eq(int, version_compare(c->left, c->right), c->order), "%s and %s", c->left, c->right);
	cr_expect(eq(int, version_compare(c->right, c->left), -c->order), "%s and %s", c->right, c->left);
	cr_expect(eq(int, version_matches(c->left, c->right), c->matches), "%s and %s", c->left, c->right);
}

/* -------- trees -------- */

/* DoesObjectExist on something that is there, or not; a helper that cannot be answered without a Windows. */
#define YES     "DoesObjectExist('File','C:\\Data')"
#define NO      "DoesObjectExist('File','C:\\Nowhere')"
#define UNKNOWN "IsNative64Bit()"
#define CONDITION(call) "<condition>MigXmlHelper." call "</condition>"
#define NOT(call)       "<condition negation='Yes'>MigXmlHelper." call "</condition>"
#define ALL(list)       "<conditions>" list "</conditions>"
#define ANY(list)       "<conditions operation='OR'>" list "</conditions>"

struct tree_case {
	char        text[500];
	enum answer answer;
};

ParameterizedTestParameters(condition, trees_come_to_one_answer)
{
	static struct tree_case cases[] = {
		{ ALL(CONDITION(YES)), ANSWER_YES },
		{ ALL(CONDITION(NO)), ANSWER_NO },
		{ ALL(NOT(NO)), ANSWER_YES },
		{ ALL(NOT(YES)), ANSWER_NO },
		{ ALL(CONDITION(UNKNOWN)), ANSWER_UNKNOWN },
		{ ALL(NOT(UNKNOWN)), ANSWER_UNKNOWN },
		{ ALL(CONDITION(YES) CONDITION(NO)), ANSWER_NO },
		{ ALL(CONDITION(YES) CONDITION(UNKNOWN)), ANSWER_UNKNOWN },
		{ ALL(CONDITION(UNKNOWN) CONDITION(NO)), ANSWER_NO },
		{ ANY(CONDITION(NO) CONDITION(YES)), ANSWER_YES },
		{ ANY(CONDITION(NO) CONDITION(NO)), ANSWER_NO },
		{ ANY(CONDITION(NO) CONDITION(UNKNOWN)), ANSWER_UNKNOWN },
		{ ANY(CONDITION(UNKNOWN) CONDITION(YES)), ANSWER_YES },
		{ ALL(ANY(CONDITION(NO) CONDITION(YES)) NOT(NO)), ANSWER_YES },
		{ ANY(ALL(CONDITION(NO) CONDITION(YES)) CONDITION(NO)), ANSWER_NO },
		/* several detects: any; in one: all; in a detect: any */
		{ "<detects><detect>" CONDITION(NO) "</detect></detects><detects><detect>" CONDITION(YES) "</detect></detects>",
		  ANSWER_YES },
		{ "<detects><detect>" CONDITION(NO) "</detect><detect>" CONDITION(YES) "</detect></detects>", ANSWER_NO },
		{ "<detects><detect>" CONDITION(NO) CONDITION(YES) "</detect></detects>", ANSWER_YES },
		{ "<detects><detect>" OBJECTS(PATTERN("C:\\Data [*]")) "</detect></detects>", ANSWER_YES },
		{ "<detects><detect>" OBJECTS(PATTERN("C:\\Data [*.doc]")) "</detect></detects>", ANSWER_NO },
	};

	return CASES(struct tree_case, cases);
}

ParameterizedTest(struct tree_case *c, condition, trees_come_to_one_answer)
{
	struct test_rules         it;
	struct unhonoureds        told = { 0 };
	struct rule_scope         scope = { .file = "0.xml", .unhonoured = &told };
	const struct rule_group  *group;
	struct error              err;
	enum answer               answer;
	CLEANUP(free_ptr) char   *text = NULL;

	test_rules_begin(&it, "\\Data\\x.txt");
	scope.volumes = &it.volumes;
	cr_assert(asprintf(&text, COMPONENT("%s" INCLUDE("C:\\ [*]")), c->text) > 0);
	test_rules_add(&it, text);
	group = &it.files[0].components[0].roles[0].groups[0];
	cr_assert(eq(int, rule_scope_begin(&scope, &err), 0), "%s", err.text);
	cr_assert(eq(int, condition_evaluate(&scope, group->condition, group->objects, group->object_count, &answer, &err), 0));
	cr_expect(eq(int, answer, c->answer), "%s", c->text);
	cr_expect(that(answer != ANSWER_UNKNOWN || told.count));
	rule_scope_release(&scope);
	unhonoureds_release(&told);
	test_rules_release(&it);
}

/* -------- FileProperties -------- */

struct property {
	char        property[16], operator[8], value[32];
	enum filter_kind kind; /* FILTER_PASSES: it cannot be understood */
	uint64_t    first, last;
	bool        outside;
};

/* 2023-05-15 00:00 UTC in 100 ns since 1601: 19492 days from 1970 on, which is 134774 days from 1601 on. */
#define MAY_15 ((134774ull + 19492) * 864000000000ull)
#define A_DAY  864000000000ull

ParameterizedTestParameters(condition, properties_of_files_are_numbers)
{
	static struct property cases[] = {
		{ "filesize", "eq", "5GB", FILTER_SIZE, 5ull << 30, 5ull << 30, false },
		{ "FileSize", "range", "1KB-1MB", FILTER_SIZE, 1024, 1048576, false },
		{ "filesize", "range", "1MB - 1KB", FILTER_SIZE, 1024, 1048576, false },
		{ "filesize", "lte", "10", FILTER_SIZE, 0, 10, false },
		{ "filesize", "lt", "10B", FILTER_SIZE, 10, UINT64_MAX, true },
		{ "filesize", "gt", "10B", FILTER_SIZE, 0, 10, true },
		{ "filesize", "gte", "10B", FILTER_SIZE, 10, UINT64_MAX, false },
		{ "filesize", "neq", "10B", FILTER_SIZE, 10, 10, true },
		{ "dateModified", "eq", "2023/05/15", FILTER_WRITTEN, MAY_15, MAY_15 + A_DAY - 1, false },
		{ "dateCreated", "range", "2023/05/16-2023/05/15", FILTER_CREATED, MAY_15, MAY_15 + 2 * A_DAY - 1, false },
		{ "dateAccessed", "lt", "2023/05/15", FILTER_ACCESSED, MAY_15, UINT64_MAX, true },
		{ "dateAccessed", "lte", "2023/05/15", FILTER_ACCESSED, 0, MAY_15 + A_DAY - 1, false },
		{ "dateAccessed", "gt", "2023/05/15", FILTER_ACCESSED, 0, MAY_15 + A_DAY - 1, true },
		{ "dateAccessed", "gte", "2023/05/15", FILTER_ACCESSED, MAY_15, UINT64_MAX, false },
		{ "name", "eq", "5", FILTER_PASSES, 0, 0, false },
		{ "filesize", "like", "5", FILTER_PASSES, 0, 0, false },
		{ "filesize", "eq", "5 apples", FILTER_PASSES, 0, 0, false },
		{ "filesize", "eq", "99999999999GB", FILTER_PASSES, 0, 0, false },
		{ "dateModified", "eq", "15.5.2023", FILTER_PASSES, 0, 0, false },
		{ "dateModified", "eq", "2023/13/01", FILTER_PASSES, 0, 0, false },
	};

	return CASES(struct property, cases);
}

ParameterizedTest(struct property *c, condition, properties_of_files_are_numbers)
{
	struct rule_filter filter;
	bool               understood = rule_filter_parse(&filter, c->property, c->operator, c->value);

	cr_assert(eq(int, understood, c->kind != FILTER_PASSES), "%s %s %s", c->property, c->operator, c->value);
	if (!understood)
		return;
	cr_expect(eq(int, filter.kind, c->kind));
	cr_expect(eq(u64, filter.first, c->first), "%s %s", c->operator, c->value);
	cr_expect(eq(u64, filter.last, c->last), "%s %s", c->operator, c->value);
	cr_expect(eq(int, filter.outside, c->outside));
}
