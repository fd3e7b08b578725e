/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_evaluation.c - expected values: spec USMT 5.3 and the description of the condition classes, by hand
 *
 * What files and hives answer is tests/e2e/sequence_plan.sh's.
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_evaluation.h"
#include "recover/sequence/sequence_file.h"

#include <string.h>

/* Evaluate what stands between <condition> and its end. */
static enum answer ask(const char *inside, char why[200])
{
	static const char *const settings[][2] = {
		{ "Ten", "10" },     { "Nine", "9" },		  { "Word", "Alpha" },
		{ "PHASE", "INSTALL" }, { "Win32_ComputerSystem.Model", "Latitude" },
		{ "software:{A}", "2.5.0" }, { "software:{B}", "none" },
	};
	struct sequence_variables variables = { 0 };
	struct sequence_machine   machine = { .variables = &variables };
	struct sequence_file      file;
	enum answer               answer;
	struct error              err = { 0 };
	char                     *xml, *reason;

	for (size_t i = 0; i < COUNT(settings); i++)
		cr_assert(eq(int, sequence_variables_set(&variables, settings[i][0], settings[i][1], &err), 0));
	cr_assert(that(asprintf(&xml, "<sequence version='3.10'><step name='S'><condition>%s</condition><action>a</action>"
				"</step></sequence>", inside) > 0));
	cr_assert(eq(int, sequence_file_parse(&file, "x", xml, strlen(xml), &err), 0), "%s", err.text);
	cr_assert(eq(int, sequence_condition_evaluate(&machine, file.items->condition, &answer, &reason, &err), 0));
	snprintf(why, 200, "%s", reason ? reason : "");
	free(reason);
	free(xml);
	sequence_file_release(&file);
	sequence_variables_release(&variables);
	return answer;
}

struct variable_case {
	char        name[24], operator[16], value[24];
	enum answer answer;
};

ParameterizedTestParameters(sequence_evaluation, variables)
{
	static struct variable_case cases[] = {
		{ "Word", "exists", "", ANSWER_YES },
		{ "word", "notExists", "", ANSWER_NO },
		{ "None", "exists", "", ANSWER_NO },
		{ "None", "notExists", "", ANSWER_YES },
		{ "PHASE", "Equals", "install", ANSWER_YES },
		{ "PHASE", "equals", "INSTAL", ANSWER_NO },
		{ "PHASE", "notEquals", "VALIDATION", ANSWER_YES },
		{ "None", "equals", "x", ANSWER_NO },
		{ "None", "notEquals", "true", ANSWER_YES },
		{ "None", "equals", "", ANSWER_YES },
		{ "Ten", "greater", "9", ANSWER_YES }, /* numbers as numbers */
		{ "Ten", "less", "9", ANSWER_NO },
		{ "Nine", "lessEqual", "9", ANSWER_YES },
		{ "Nine", "greaterEqual", "%Ten%", ANSWER_NO },
		{ "Ten", "equals", "010", ANSWER_NO },
		{ "Ten", "lessEqual", "010", ANSWER_YES },
		{ "Word", "less", "Beta", ANSWER_YES }, /* letters as letters */
		{ "Word", "greater", "alpha", ANSWER_NO },
		{ "Word", "like", "al*", ANSWER_YES },
		{ "Word", "like", "?lph?", ANSWER_YES },
		{ "Word", "notLike", "*b*", ANSWER_YES },
		{ "Word", "like", "lpha", ANSWER_NO },
	};

	return CASES(struct variable_case, cases);
}

ParameterizedTest(struct variable_case *c, sequence_evaluation, variables)
{
	char inside[400], why[200];

	snprintf(inside, sizeof inside,
		 "<expression type='SMS_TaskSequence_VariableConditionExpression'><variable name='Variable'>%s</variable>"
		 "<variable name='Operator'>%s</variable><variable name='Value'>%s</variable></expression>", c->name,
		 c->operator, c->value);
	cr_expect(eq(int, ask(inside, why), c->answer), "%s %s '%s'", c->name, c->operator, c->value);
	cr_expect(eq(str, why, ""));
}

/* Leaves that say yes, no, and that they do not know. */
#define LEAF_(variable) \
	"<expression type='SMS_TaskSequence_VariableConditionExpression'><variable name='Variable'>" variable \
	"</variable><variable name='Operator'>exists</variable></expression>"
#define Y "<y/>"
#define N "<n/>"
#define U "<u/>"
#define JOIN_(type, inside) "<operator type='" type "'>" inside "</operator>"

struct joint {
	char        inside[160];
	enum answer answer;
};

ParameterizedTestParameters(sequence_evaluation, joints)
{
	static struct joint cases[] = {
		{ "", ANSWER_YES },
		{ Y, ANSWER_YES },
		{ Y N, ANSWER_NO },
		{ Y U, ANSWER_UNKNOWN },
		{ U N, ANSWER_NO },
		{ N U, ANSWER_NO },
		{ JOIN_("or", N Y), ANSWER_YES },
		{ JOIN_("or", U Y), ANSWER_YES },
		{ JOIN_("or", U N), ANSWER_UNKNOWN },
		{ JOIN_("or", N N), ANSWER_NO },
		{ JOIN_("not", N), ANSWER_YES },
		{ JOIN_("not", N N), ANSWER_YES },
		{ JOIN_("not", N Y), ANSWER_NO }, /* none of them */
		{ JOIN_("not", U N), ANSWER_UNKNOWN },
		{ JOIN_("not", U Y), ANSWER_NO },
		{ JOIN_("and", Y JOIN_("or", N JOIN_("not", N))), ANSWER_YES },
		{ JOIN_("or", ""), ANSWER_UNKNOWN },
		{ JOIN_("not", ""), ANSWER_UNKNOWN },
		{ JOIN_("and", ""), ANSWER_YES },
		{ "<osConditionGroup><osExpressionGroup>" N "</osExpressionGroup><osExpressionGroup>" Y
		  "</osExpressionGroup></osConditionGroup>", ANSWER_YES },
	};

	return CASES(struct joint, cases);
}

static void replace(char *text, size_t size, const char *what, const char *with)
{
	for (char *at; (at = strstr(text, what));) {
		char *rest = strdup(at + strlen(what));

		snprintf(at, size - (size_t)(at - text), "%s%s", with, rest);
		free(rest);
	}
}

ParameterizedTest(struct joint *c, sequence_evaluation, joints)
{
	char inside[4000], why[200];

	snprintf(inside, sizeof inside, "%s", c->inside);
	replace(inside, sizeof inside, Y, LEAF_("Ten"));
	replace(inside, sizeof inside, N, LEAF_("None"));
	replace(inside, sizeof inside, U, "<expression type='SMS_TaskSequence_Moon'/>");
	cr_expect(eq(int, ask(inside, why), c->answer), "%s", c->inside);
	cr_expect(that(!*why == (c->answer != ANSWER_UNKNOWN)), "%s: %s", c->inside, why);
}

struct leaf {
	char        type[24], operands[3][2][64];
	enum answer answer;
	char        why[120];
};

ParameterizedTestParameters(sequence_evaluation, leaves)
{
	static struct leaf cases[] = {
		{ "WMI", { { "Namespace", "root\\cimv2" }, { "Query", "select * from Win32_ComputerSystem" } }, ANSWER_YES, "" },
		{ "WMI", { { "Query", "select * from Win32_ComputerSystem where Model like '%tude'" } }, ANSWER_YES, "" },
		{ "WMI", { { "Query", "select * from Win32_BIOS where Version = 'x'" } }, ANSWER_UNKNOWN,
		  "Win32_BIOS.Version is not known: say --set 'Win32_BIOS.Version=...'" },
		{ "WMI", { { "Namespace", "root\\ccm" }, { "Query", "select * from Win32_BIOS" } }, ANSWER_UNKNOWN,
		  "nothing is known of the WMI namespace 'root\\ccm'" },
		{ "WMI", { { "Query", "whatever" } }, ANSWER_UNKNOWN, "the WMI query 'whatever' is not understood" },
		{ "Software", { { "ProductCode", "{A}" }, { "Operator", "AnyVersion" } }, ANSWER_YES, "" },
		{ "Software", { { "ProductCode", "{A}" }, { "Operator", "ThisVersion" }, { "Version", "2.5" } }, ANSWER_YES, "" },
		{ "Software", { { "ProductCode", "{A}" }, { "Operator", "ThisVersion" }, { "Version", "2.6" } }, ANSWER_NO, "" },
		{ "Software", { { "ProductCode", "{B}" }, { "Operator", "AnyVersion" } }, ANSWER_NO, "" },
		{ "Software", { { "ProductCode", "{C}" }, { "Operator", "AnyVersion" } }, ANSWER_UNKNOWN,
		  "whether {C} is installed is not known: say --set 'software:{C}=VERSION' or 'software:{C}=none'" },
		{ "File", { { "Path", "C:\\x" } }, ANSWER_UNKNOWN, "'C:\\x' is on no volume that is named here" },
		{ "Folder", { { "Path", "%None%\\x" } }, ANSWER_UNKNOWN, "'%None%\\x' is on no volume that is named here" },
		{ "Registry", { { "KeyPath", "HKLM\\X" }, { "Operator", "exists" } }, ANSWER_UNKNOWN,
		  "'HKLM\\X': there is no Windows on the volumes" },
	};

	return CASES(struct leaf, cases);
}

ParameterizedTest(struct leaf *c, sequence_evaluation, leaves)
{
	char inside[1000], why[200];
	int  length = snprintf(inside, sizeof inside, "<expression type='SMS_TaskSequence_%sConditionExpression'>", c->type);

	for (size_t i = 0; i < 3 && *c->operands[i][0]; i++)
		length += snprintf(inside + length, sizeof inside - (size_t)length, "<variable name='%s'>%s</variable>",
				   c->operands[i][0], c->operands[i][1]);
	snprintf(inside + length, sizeof inside - (size_t)length, "</expression>");
	cr_expect(eq(int, ask(inside, why), c->answer), "%s", inside);
	cr_expect(eq(str, why, c->why), "%s", inside);
}

/* -------- what is told meanwhile -------- */

static void note_kind(void *context, const struct sequence_condition *condition)
{
	static const char *const names[] = { [CONDITION_ALL] = "AND", [CONDITION_ANY] = "OR", [CONDITION_NONE] = "NOT",
					     [CONDITION_VARIABLE] = "variable", [CONDITION_WMI] = "WMI" };

	strcat(strcat(context, names[condition->kind]), "|");
}

static void note_text(void *context, const char *text)
{
	strcat(strcat(context, text), "|");
}

/* The group "Validation" of an MDT sequence, as a real smsts.log has it at instruction 4. */
Test(sequence_evaluation, it_is_asked_in_the_order_of_real_logs)
{
	struct blob               bytes = sample_load("usmt/mdt-ts-W10ENT-X64.xml");
	char                      told[400] = "";
	struct sequence_watch     watch = { told, note_kind, note_text };
	struct sequence_variables variables = { 0 };
	struct sequence_machine   machine = { .variables = &variables, .watch = &watch };
	struct sequence_file      file;
	enum answer               answer;
	struct error              err = { 0 };
	char                     *why;

	cr_assert(eq(int, sequence_file_parse(&file, "ts.xml", bytes.at, bytes.size, &err), 0));
	cr_assert(eq(int, sequence_condition_evaluate(&machine, file.items->next->condition, &answer, &why, &err), 0));
	cr_expect(eq(int, answer, ANSWER_NO));
	cr_expect(eq(str, told, "AND|OR|variable|equals|PHASE|VALIDATION|"));
	sequence_file_release(&file);
	free(bytes.at);
}
