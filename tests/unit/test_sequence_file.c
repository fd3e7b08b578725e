/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_file.c - expected values: both dialects as spec USMT 5.3 has them, read by hand */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_archive.h"
#include "recover/sequence/sequence_table.h"

#include <string.h>

static int parse(struct sequence_file *file, const char *text, struct error *err)
{
	struct blob bytes = blob_copy(text, strlen(text));
	int         result = sequence_file_parse(file, "ts.xml", bytes.at, bytes.size, err);

	free(bytes.at);
	return result;
}

Test(sequence_file, a_step_with_everything_in_the_order_of_configmgr)
{
	struct sequence_file        file;
	const struct sequence_item *step;
	struct error                err = { 0 };

	cr_assert(eq(int, parse(&file,
				"<sequence version='3.10'><referenceList><reference package='A1'/></referenceList>"
				"<globalVarList><variable name='g' property='p'>v</variable></globalVarList>"
				"<group name='G' description='d' continueOnError='true'><step name='S' "
				"type='SMS_TaskSequence_RebootAction' disable='TRUE' runIn='WinPE' successCodeList='0 3010 -5 0x10' "
				"retryCount='2' timeout='30' runFromNet='false' startIn='C:\\'><condition/>"
				"<action>smsboot.exe</action><defaultVarList><variable name='a' property='b' hidden='true'>c"
				"</variable><variable name='SMSPassword'>x</variable></defaultVarList></step></group></sequence>",
				&err), 0), "%s", err.text);
	cr_expect(that(file.reference_count == 1 && strcmp(file.references[0], "A1") == 0));
	cr_assert(that(file.global_count == 1));
	cr_expect(eq(str, (char *)file.globals[0].value, "v"));
	cr_expect(that(file.items->group && file.items->continue_on_error && !file.items->disabled && !file.items->condition));
	step = file.items->child;
	cr_assert(that(step && !step->next && !step->group && step->parent == file.items));
	cr_expect(that(step->disabled && !step->continue_on_error && step->condition));
	cr_expect(that(step->environment == SEQUENCE_WINPE && step->retry_count == 2 && step->timeout_minutes == 30));
	cr_expect(eq(str, (char *)step->action, "smsboot.exe"));
	cr_expect(eq(str, (char *)step->start_in, "C:\\"));
	cr_expect(that(step->default_count == 2 && !step->defaults[0].secret && step->defaults[1].secret));
	cr_expect(that(sequence_item_succeeds(step, 3010) && sequence_item_succeeds(step, 16)));
	cr_expect(that(sequence_item_succeeds(step, 0xfffffffb) && !sequence_item_succeeds(step, 1)));
	cr_expect(eq(sz, file.remarks.count, 0));
	cr_expect(eq(sz, file.entries, 3));
	sequence_file_release(&file);
}

Test(sequence_file, what_is_left_out_and_the_order_of_mdt)
{
	struct sequence_file        file;
	const struct sequence_item *step;
	struct error                err = { 0 };

	cr_assert(eq(int, parse(&file, "<sequence version=\"3.00\" name=\"T\" description=\"D\"><step name=\"S\">"
				"<defaultVarList/><action>cscript.exe \"x\"</action></step></sequence>", &err), 0));
	step = file.items;
	cr_expect(eq(str, (char *)file.name, "T"));
	cr_expect(eq(str, (char *)step->type, "SMS_TaskSequence_RunCommandLineAction"));
	cr_expect(that(step->environment == SEQUENCE_ANYWHERE && !step->disabled && !step->continue_on_error));
	cr_expect(that(step->success_count == 1 && sequence_item_succeeds(step, 0) && !sequence_item_succeeds(step, 3010)));
	sequence_file_release(&file);
}

struct broken {
	char text[260];
	char error[200];
};

#define STEP_(attributes, inside) "<sequence version='3.10'>\n<step name='S' " attributes ">" inside "</step></sequence>"
#define CONDITION_(inside) STEP_("", "<action>a</action><condition>" inside "</condition>")

ParameterizedTestParameters(sequence_file, errors_name_line_element_and_what_would_be_right)
{
	static struct broken cases[] = {
		{ "<migration/>", "line 1: begins with <migration>; a task sequence is ts.xml, an object.xml, or an exported .zip" },
		{ "<sequence/>", "line 1: <sequence> has the version ''; those of MDT and ConfigMgr have 3.00 or 3.10" },
		{ "<sequence version='2.00'/>",
		  "line 1: <sequence> has the version '2.00'; those of MDT and ConfigMgr have 3.00 or 3.10" },
		{ "<sequence version='3.10'></sequence>", "line 1: the sequence has no steps" },
		{ "<sequence version='3.10'>\n<group/></sequence>", "line 2: <group> has no name" },
		{ STEP_("", ""), "line 2: the step 'S' has no <action>" },
		{ STEP_("", "<action>a</action><action>b</action>"), "line 2: 'S' has two <action>" },
		{ STEP_("disable='yes'", "<action>a</action>"), "line 2: disable=\"yes\" of 'S': write true or false" },
		{ STEP_("runIn='Linux'", "<action>a</action>"),
		  "line 2: runIn=\"Linux\" of 'S': write WinPE, FullOS or WinPEandFullOS" },
		{ STEP_("successCodeList='0 ok'", "<action>a</action>"),
		  "line 2: successCodeList=\"0 ok\" of 'S': write numbers with blanks between them" },
		{ STEP_("successCodeList='99999999999'", "<action>a</action>"),
		  "line 2: successCodeList=\"99999999999\" of 'S': write numbers with blanks between them" },
		{ STEP_("retryCount='-1'", "<action>a</action>"),
		  "line 2: retryCount=\"-1\" of 'S': write a number up to 1000000" },
		{ STEP_("", "<action>a</action><defaultVarList><variable>x</variable></defaultVarList>"),
		  "line 2: <variable> of <defaultVarList> has no name" },
		{ STEP_("", "<action>a</action><condition/><condition/>"),
		  "line 2: 'S' has two <condition>: join them to one" },
		{ CONDITION_("<operator/>"), "line 2: <operator> has no type: and, or, not" },
		{ CONDITION_("<operator type='xor'/>"), "line 2: <operator> has the type 'xor'; it may be and, or, not" },
		{ CONDITION_("<expression/>"), "line 2: <expression> has no type" },
		{ CONDITION_("<expression type='SMS_TaskSequence_FolderConditionExpression'/>"),
		  "line 2: a condition of type SMS_TaskSequence_FolderConditionExpression has no <variable name=\"Path\">" },
		{ "<INSTANCE>\n</INSTANCE>", "line 1: is no export of a task sequence: it has no property \"Sequence\"" },
		{ "<INSTANCE><PROPERTY NAME='Sequence'>\n<VALUE><![CDATA[<sequence version='3.10'><step/></sequence>]]>"
		  "</VALUE></PROPERTY></INSTANCE>", "line 2: <step> has no name" },
	};

	return CASES(struct broken, cases);
}

ParameterizedTest(struct broken *c, sequence_file, errors_name_line_element_and_what_would_be_right)
{
	struct sequence_file file;
	struct error         err = { 0 };

	cr_assert(eq(int, parse(&file, c->text, &err), -1), "%s", c->text);
	cr_expect(eq(str, err.text, c->error), "%s", c->text);
	sequence_file_release(&file);
}

struct remarked {
	char text[260];
	char remark[140];
};

ParameterizedTestParameters(sequence_file, what_is_not_known_is_remarked)
{
	static struct remarked cases[] = {
		{ STEP_("", "<action>a</action><news/>"), "<news> is not known in <step> and is passed over" },
		{ STEP_("onError='go'", "<action>a</action>"), "onError=\"go\" of <step> is not known and is passed over" },
		{ CONDITION_("<expression type='SMS_TaskSequence_Moon'/>"),
		  "a condition of type SMS_TaskSequence_Moon is not known: what depends on it is not run" },
		{ CONDITION_("<maybe/>"), "<maybe> means nothing in a condition and is passed over" },
		{ CONDITION_("<operator type='or'/>"), "<operator> holds no condition: what depends on it is not run" },
		{ "<sequence version='3.20'>\n<step name='S'><action/></step></sequence>",
		  "the version 3.20 is newer than 3.10: what is new in it is not known" },
	};

	return CASES(struct remarked, cases);
}

ParameterizedTest(struct remarked *c, sequence_file, what_is_not_known_is_remarked)
{
	struct sequence_file file;
	struct error         err = { 0 };

	cr_assert(eq(int, parse(&file, c->text, &err), 0), "%s", err.text);
	cr_assert(eq(sz, file.remarks.count, 1), "%s", c->text);
	cr_expect(eq(str, (char *)file.remarks.items[0].text, c->remark));
	cr_expect(that(file.remarks.items[0].lost));
	sequence_file_release(&file);
}

Test(sequence_file, conditions_as_a_tree)
{
	struct sequence_file             file;
	const struct sequence_condition *all, *any, *os;
	struct error                     err = { 0 };

	cr_assert(eq(int, parse(&file,
				CONDITION_("<operator type='OR'><expression type='sms_tasksequence_variableconditionexpression'>"
					   "<variable name='Variable'>v</variable><variable name='Operator'>EQUALS</variable>"
					   "</expression></operator><osConditionGroup type='or'>"
					   "<osExpressionGroup Name='10'/></osConditionGroup>"), &err), 0), "%s", err.text);
	all = file.items->condition;
	cr_assert(that(all && all->kind == CONDITION_ALL && all->child && all->child->next && !all->child->next->next));
	any = all->child;
	cr_assert(that(any->kind == CONDITION_ANY && any->child && any->child->kind == CONDITION_VARIABLE));
	cr_expect(eq(str, (char *)sequence_condition_operand(any->child, "variable"), "v"));
	cr_expect(eq(str, (char *)sequence_condition_operand(any->child, "Value"), ""));
	os = any->next;
	cr_expect(that(os->kind == CONDITION_ANY && os->child && os->child->kind == CONDITION_ALL && !os->child->child));
	sequence_file_release(&file);
}

/* -------- exports -------- */

Test(sequence_file, an_export_of_configmgr_is_opened)
{
	struct sequence_file file;
	struct error         err = { 0 };

	cr_assert(eq(int, sequence_file_read(&file, "fixtures/sequences/export.zip", &err), 0), "%s", err.text);
	cr_expect(eq(str, (char *)file.name, "Exported"));
	cr_expect(eq(sz, file.entries, 3));
	cr_assert(that(file.items && file.items->child));
	cr_expect(eq(str, (char *)file.items->child->action, "smsboot.exe /target:HD"));
	sequence_file_release(&file);
}

/* No cut and no changed byte of the part that is read gives another sequence; it is refused, and nothing is left. */
Test(sequence_file, a_damaged_export_is_refused_or_is_the_same)
{
	struct blob          whole = temp_read("fixtures/sequences/export.zip");
	struct sequence_file file;
	struct error         err = { 0 };
	size_t               refused = 0;

	for (size_t size = 0; size < whole.size; size++) {
		struct blob cut = blob_copy(whole.at, size);

		cr_expect(eq(int, sequence_file_parse(&file, "cut.zip", cut.at, cut.size, &err), -1), "%zu bytes", size);
		sequence_file_release(&file);
		free(cut.at);
	}
	for (size_t at = 0; at < whole.size; at++) {
		struct blob bad = blob_copy(whole.at, whole.size);

		bad.at[at] ^= 0x20;
		if (sequence_file_parse(&file, "bad.zip", bad.at, bad.size, &err) < 0)
			refused++;
		else
			cr_expect(that(file.entries == 3 && strcmp(file.items->child->action, "smsboot.exe /target:HD") == 0),
				  "byte %zu", at);
		sequence_file_release(&file);
		free(bad.at);
	}
	cr_expect(that(refused > whole.size / 2), "%zu", refused);
	free(whole.at);
}

/* -------- real ones -------- */

struct real {
	char     sample[48], name[64];
	unsigned entries, globals, remarks; /* counted with grep: two a group, one a step */
};

ParameterizedTestParameters(sequence_file, real_files)
{
	static struct real cases[] = {
		{ "usmt/mdt-ts-W10ENT-X64.xml", "Standard Client Task Sequence", 90, 7, 1 },
		{ "usmt/cm-export-ModelSupport-object.xml", "Module - Supported Models OSD", 17, 0, 0 },
	};

	return CASES(struct real, cases);
}

ParameterizedTest(struct real *c, sequence_file, real_files)
{
	struct blob           bytes = sample_load(c->sample);
	struct sequence_file  file;
	struct sequence_table table;
	struct error          err = { 0 };

	cr_assert(eq(int, sequence_file_parse(&file, c->sample, bytes.at, bytes.size, &err), 0), "%s", err.text);
	cr_expect(eq(str, (char *)file.name, c->name));
	cr_expect(that(file.entries == c->entries && file.global_count == c->globals && file.remarks.count == c->remarks));
	cr_assert(eq(int, sequence_table_make(&table, &file, &err), 0));
	cr_expect(eq(u32, table.count, c->entries));
	sequence_table_release(&table);
	sequence_file_release(&file);
	free(bytes.at);
}
