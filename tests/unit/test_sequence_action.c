/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_action.c - expected values: spec USMT 5.1, and command lines of real sequences */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_action.h"

#include <string.h>

struct step {
	char                      type[64], action[120];
	enum sequence_action_kind kind;
};

#define RUN_ "SMS_TaskSequence_RunCommandLineAction"

ParameterizedTestParameters(sequence_action, kinds)
{
	static struct step cases[] = {
		{ "SMS_TaskSequence_CaptureUserStateAction", "x", ACTION_CAPTURE },
		{ "sms_tasksequence_restoreuserstateaction", "x", ACTION_RESTORE },
		{ "SMS_TaskSequence_RequestStateStoreAction", "osdsmpclient.exe /restore", ACTION_REQUEST_STORE },
		{ "SMS_TaskSequence_ApplyOperatingSystemAction", "OSDApplyOS.exe", ACTION_APPLY_SYSTEM },
		{ "SMS_TaskSequence_PartitionDiskAction", "cscript.exe \"%SCRIPTROOT%\\ZTIDiskpart.wsf\"", ACTION_PARTITION },
		{ "BDD_InstallOS", "cscript.exe \"%SCRIPTROOT%\\LTIApply.wsf\"", ACTION_APPLY_SYSTEM },
		{ "BDD_Gather", "cscript.exe \"%SCRIPTROOT%\\ZTIGather.wsf\"", ACTION_GATHER },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /capture", ACTION_CAPTURE },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /restore", ACTION_RESTORE },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\ZTIUserState.wsf\" /estimate", ACTION_OTHER },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\LTIApply.wsf\" /PE", ACTION_OTHER },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\LTIApply.wsf\" /post", ACTION_OTHER },
		{ RUN_, "cscript.exe \"%SCRIPTROOT%\\ZTINextPhase.wsf\"", ACTION_NEXT_PHASE },
		{ RUN_, "smsswd.exe /run: diskpart /s clean.txt", ACTION_DISK_TOOL },
		{ RUN_, "smsswd.exe /run:LAB00002 amd64\\scanstate.exe \"c:\\store\" /hardlink /nocompress", ACTION_SCANSTATE },
		{ RUN_, "\"C:\\USMT\\LoadState.exe\" c:\\store", ACTION_LOADSTATE },
		{ RUN_, "cmd /c notepad.exe scanstate.log", ACTION_OTHER }, /* a log is no program */
		{ RUN_, "mydiskpart.exe", ACTION_OTHER },
		{ RUN_, "OSDApplyOS.exe /data:LAB00001,1", ACTION_APPLY_DATA },
		{ RUN_, "smsboot.exe /target:HD", ACTION_RESTART },
		{ "SMS_TaskSequence_RunPowerShellScriptAction", "OSDRunPowerShellScript.exe", ACTION_OTHER },
		{ "", "", ACTION_OTHER },
	};

	return CASES(struct step, cases);
}

ParameterizedTest(struct step *c, sequence_action, kinds)
{
	struct sequence_item item = { .type = c->type, .action = c->action };

	cr_expect(eq(int, sequence_action_of(&item)->kind, c->kind), "%s %s", c->type, c->action);
}

struct assignment {
	char action[96], property_name[24], property_value[24];
	char name[24], value[64]; /* name "": it does not say */
	bool secret;
};

ParameterizedTestParameters(sequence_action, assignments)
{
	static struct assignment cases[] = {
		{ "tsenv.exe \"OSDStateStorePath=%P%\\x\"", "", "", "OSDStateStorePath", "C:\\x", false },
		{ "tsenv.exe \"a=b c=d\"", "", "", "a", "b c=d", false },
		{ "tsenv.exe \"a=\"", "", "", "a", "", false },
		{ "tsenv.exe \"a=say \"hi\"\" /hiddenflag:False", "", "", "a", "say \"hi\"", false },
		{ "tsenv.exe \"a=b\" /hiddenflag:True", "", "", "a", "b", true },
		{ "tsenv.exe a=b", "", "", "a", "b", false },
		{ "tsenv.exe \"x=y\"", "a", "%P%", "a", "C:", false },
		{ "tsenv.exe \"a=%S%\"", "", "", "a", "pw", true },
		{ "tsenv.exe", "", "", "", "", false },
		{ "tsenv.exe \"a\"", "", "", "", "", false },
		{ "other.exe \"a=b\"", "", "", "", "", false },
	};

	return CASES(struct assignment, cases);
}

ParameterizedTest(struct assignment *c, sequence_action, assignments)
{
	struct sequence_default   defaults[] = { { "VariableName", "VariableName", c->property_name, false },
						 { "VariableValue", "VariableValue", c->property_value, false } };
	struct sequence_item      item = { .action = c->action, .defaults = defaults,
					   .default_count = *c->property_name ? 2 : 0 };
	struct sequence_variables variables = { 0 };
	struct error              err = { 0 };
	char                     *name, *value;
	bool                      secret;

	cr_assert(eq(int, sequence_variables_set(&variables, "P", "C:", &err), 0));
	cr_assert(eq(int, sequence_variables_set_hidden(&variables, "S", "pw", true, &err), 0));
	cr_assert(eq(int, sequence_action_assignment(&item, &variables, &name, &value, &secret, &err),
		     *c->name ? 0 : -1), "%s", c->action);
	if (*c->name) {
		cr_expect(eq(str, name, c->name), "%s", c->action);
		cr_expect(eq(str, value, c->value), "%s", c->action);
		cr_expect(that(secret == c->secret), "%s", c->action);
		free(name);
		free(value);
	}
	sequence_variables_release(&variables);
}
