/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_query.c - expected values: WQL, SQL for WMI, as Microsoft describes it; read by hand */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_query.h"

#include <string.h>
#include <strings.h>

static bool look_up(void *context, const char *class_name, const char *property, char value[SEQUENCE_QUERY_VALUE_SIZE])
{
	static const char *const facts[][3] = {
		{ "Win32_ComputerSystem", "", "" },
		{ "Win32_ComputerSystem", "Model", "HP ProBook 440 G5" },
		{ "Win32_ComputerSystem", "Manufacturer", "Hewlett-Packard" },
		{ "Win32_ComputerSystem", "PCSystemType", "2" },
		{ "Win32_ComputerSystem", "Domain", "" },
		{ "Win32_Battery", "", "none" },
	};

	(void)context;
	for (size_t i = 0; i < COUNT(facts); i++)
		if (strcasecmp(facts[i][0], class_name) == 0 && strcasecmp(facts[i][1], property) == 0) {
			strcpy(value, facts[i][2]);
			return true;
		}
	return false;
}

#define SELECT "select * from Win32_ComputerSystem where "

struct question {
	char        query[200];
	enum answer answer;
	char        why[64];
};

ParameterizedTestParameters(sequence_query, answers)
{
	static struct question cases[] = {
		{ "select * from Win32_ComputerSystem", ANSWER_YES, "" },
		{ "SELECT Model, Name FROM Win32_ComputerSystem", ANSWER_YES, "" },
		{ "select * from Win32_Battery", ANSWER_NO, "" },
		{ "select * from Win32_Tape", ANSWER_UNKNOWN, "Win32_Tape" },
		{ SELECT "Model = \"HP ProBook 440 G5\"", ANSWER_YES, "" },
		{ SELECT "model='hp probook 440 g5'", ANSWER_YES, "" },
		{ SELECT "Model = 'HP ProBook 450 G5'", ANSWER_NO, "" },
		{ SELECT "Model != 'x'", ANSWER_YES, "" },
		{ SELECT "Model <> 'HP ProBook 440 G5'", ANSWER_NO, "" },
		{ SELECT "Manufacturer LIKE \"%Hewlett-Packard%\"", ANSWER_YES, "" },
		{ SELECT "Manufacturer LIKE '%HP%'", ANSWER_NO, "" },
		{ SELECT "Model like 'HP ProBook 4[345]0 G_'", ANSWER_YES, "" },
		{ SELECT "Model like 'HP ProBook 4[^4]0 G5'", ANSWER_NO, "" },
		{ SELECT "Model like '%[0-9] G5'", ANSWER_YES, "" },
		{ SELECT "not Model like '%Dell%'", ANSWER_YES, "" },
		{ SELECT "Model not like '%Dell%'", ANSWER_YES, "" },
		{ SELECT "PCSystemType = 2", ANSWER_YES, "" },
		{ SELECT "PCSystemType < 10", ANSWER_YES, "" }, /* not letter by letter */
		{ SELECT "PCSystemType >= 3", ANSWER_NO, "" },
		{ SELECT "PCSystemType <= 2 and PCSystemType > 1", ANSWER_YES, "" },
		{ SELECT "Domain is null", ANSWER_YES, "" },
		{ SELECT "Model IS NOT NULL", ANSWER_YES, "" },
		{ SELECT "Model = 'x' or PCSystemType = 2", ANSWER_YES, "" },
		{ SELECT "Model = 'x' and PCSystemType = 2 or PCSystemType = 2", ANSWER_YES, "" },
		{ SELECT "Model = 'x' and (PCSystemType = 2 or PCSystemType = 2)", ANSWER_NO, "" },
		{ SELECT "not (Model = 'x' or PCSystemType = 3)", ANSWER_YES, "" },
		{ SELECT "Serial = 'x'", ANSWER_UNKNOWN, "Win32_ComputerSystem.Serial" },
		{ SELECT "not Serial = 'x'", ANSWER_UNKNOWN, "Win32_ComputerSystem.Serial" },
		{ SELECT "Serial = 'x' or PCSystemType = 2", ANSWER_YES, "Win32_ComputerSystem.Serial" },
		{ SELECT "Serial = 'x' and PCSystemType = 3", ANSWER_NO, "Win32_ComputerSystem.Serial" },
		{ SELECT "Serial = 'x' and PCSystemType = 2", ANSWER_UNKNOWN, "Win32_ComputerSystem.Serial" },
		/* what is not understood is not guessed at */
		{ "", ANSWER_UNKNOWN, "" },
		{ "delete from Win32_ComputerSystem", ANSWER_UNKNOWN, "" },
		{ "select * from", ANSWER_UNKNOWN, "" },
		{ SELECT, ANSWER_UNKNOWN, "" },
		{ SELECT "Model", ANSWER_UNKNOWN, "" },
		{ SELECT "Model =", ANSWER_UNKNOWN, "" },
		{ SELECT "Model = 'x", ANSWER_UNKNOWN, "" },
		{ SELECT "(Model = 'HP ProBook 440 G5'", ANSWER_UNKNOWN, "" },
		{ SELECT "PCSystemType = 2 PCSystemType = 2", ANSWER_UNKNOWN, "" },
		{ SELECT "PCSystemType = 2 or", ANSWER_UNKNOWN, "" },
		{ SELECT "PCSystemType = 2; x", ANSWER_UNKNOWN, "" },
		{ SELECT "Model is 3", ANSWER_UNKNOWN, "" },
	};

	return CASES(struct question, cases);
}

ParameterizedTest(struct question *c, sequence_query, answers)
{
	char why[256];

	cr_expect(eq(int, sequence_query_evaluate(c->query, look_up, NULL, why, sizeof why), c->answer), "%s", c->query);
	cr_expect(eq(str, why, c->why), "%s", c->query);
}

Test(sequence_query, brackets_without_end_are_not_followed)
{
	char *query = malloc(100100), why[64];

	strcpy(query, SELECT);
	memset(query + strlen(SELECT), '(', 100000);
	query[strlen(SELECT) + 100000] = '\0';
	cr_expect(eq(int, sequence_query_evaluate(query, look_up, NULL, why, sizeof why), ANSWER_UNKNOWN));
	for (size_t i = 0; i < 25000; i++)
		memcpy(query + strlen(SELECT) + 4 * i, "not ", 4);
	cr_expect(eq(int, sequence_query_evaluate(query, look_up, NULL, why, sizeof why), ANSWER_UNKNOWN));
	free(query);
}

struct wild {
	char text[32], pattern[32];
	bool like, wild;
};

ParameterizedTestParameters(sequence_query, patterns)
{
	static struct wild cases[] = {
		{ "abc", "abc", true, true },    { "abc", "ABC", true, true },   { "abc", "ab", false, false },
		{ "abc", "a%", true, false },    { "abc", "a*", false, true },   { "abc", "a_c", true, false },
		{ "abc", "a?c", false, true },   { "", "%", true, false },       { "", "*", false, true },
		{ "", "", true, true },          { "aab", "%ab", true, false },  { "aab", "*ab", false, true },
		{ "abcabd", "%ab_", true, false }, { "a]", "a[", false, false }, { "a", "[", false, false },
		{ "b", "[a-c]", true, false },   { "[a-c]", "[a-c]", false, true }, { "x", "[^a-c]", true, false },
		{ "", "?", false, false },       { "ab", "%%%b", true, false },
	};

	return CASES(struct wild, cases);
}

ParameterizedTest(struct wild *c, sequence_query, patterns)
{
	cr_expect(that(sequence_query_like(c->text, c->pattern) == c->like), "'%s' like '%s'", c->text, c->pattern);
	cr_expect(that(sequence_query_wild(c->text, c->pattern) == c->wild), "'%s' wild '%s'", c->text, c->pattern);
}
