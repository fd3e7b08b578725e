/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sequence_hook.c - expected values: sequence_hook.h; the programs are scripts that tell what they were given */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_hook.h"
#include "report/sequence_code.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct script {
	char                     *folder, *program, *told;
	struct sequence_hook      hook;
	struct sequence_variables variables;
};

/* A program of these lines; "$TOLD" is a file for what it has to tell. */
static void script_make(struct script *it, const char *lines)
{
	char text[1000];
	int  length;

	*it = (struct script){ .folder = temp_folder() };
	it->program = temp_path(it->folder, "program");
	it->told = temp_path(it->folder, "told");
	length = snprintf(text, sizeof text, "#!/bin/sh\nTOLD='%s'\n%s\n", it->told, lines);
	temp_write(it->program, text, (size_t)length);
	chmod(it->program, 0700);
	it->hook = (struct sequence_hook){ "SetupWindowsAndSMS", it->program };
}

static void script_release(struct script *it)
{
	sequence_variables_release(&it->variables);
	free(it->program);
	free(it->told);
	temp_remove(it->folder);
}

static const struct sequence_item step = { .name = "Setup; \"Windows\" $HOME",
					   .type = "SMS_TaskSequence_SetupWindowsAndSMSAction",
					   .action = "OSDSetupWindows.exe /key:%Key% /dir:\"%OSDTargetSystemRoot%\" %None%" };

Test(sequence_hook, it_is_told_of_the_step)
{
	char        *volumes[] = { "disk.img@2", "D=/dev/sdb1" };
	struct script it;
	struct error  err = { 0 };
	uint32_t      code = 99;
	struct blob   told;
	char         *text;

	script_make(&it, "printf '%s\\n' \"$#\" \"$@\" \"$HOLDFAST_VOLUMES\" > \"$TOLD\"; tr '\\0' '\\n' < /proc/$$/environ | grep -c ^HOLDFAST_VOLUMES= >> \"$TOLD\"");
	setenv("HOLDFAST_VOLUMES", "C=another.img", 1);
	cr_assert(eq(int, sequence_variables_set(&it.variables, "osdtargetsystemroot", "C:\\Win `x` dows", &err), 0));
	cr_assert(eq(int, sequence_variables_set_hidden(&it.variables, "Key", "s3cret", true, &err), 0));
	cr_assert(eq(int, sequence_hook_run(&it.hook, &step, &it.variables, volumes, 2, &code, &err), 0), "%s", err.text);
	cr_expect(eq(u32, code, 0));
	told = temp_read(it.told);
	text = strndup((char *)told.at, told.size);
	cr_expect(eq(str, text,
		     "3\nSMS_TaskSequence_SetupWindowsAndSMSAction\nSetup; \"Windows\" $HOME\n"
		     "OSDSetupWindows.exe /key:s3cret /dir:\"C:\\Win `x` dows\" %None%\ndisk.img@2 D=/dev/sdb1\n1\n"));
	cr_expect(eq(str, getenv("HOLDFAST_VOLUMES"), "C=another.img"));
	free(text);
	free(told.at);
	script_release(&it);
}

struct ending {
	char     lines[40];
	uint32_t code;
};

ParameterizedTestParameters(sequence_hook, its_exit_status_is_the_code)
{
	static struct ending cases[] = {
		{ "exit 0", 0 },
		{ "exit 1", 1 },
		{ "exit 194", 194 },
		{ "kill -SEGV $$", 0x80004005 },
		{ "kill -KILL $$", 0x80004005 },
	};

	return CASES(struct ending, cases);
}

ParameterizedTest(struct ending *c, sequence_hook, its_exit_status_is_the_code)
{
	struct sequence_item patient = step;
	struct script        it;
	struct error         err = { 0 };
	uint32_t             code = 99;

	patient.timeout_minutes = 100000; /* more than an int has milliseconds */
	script_make(&it, c->lines);
	cr_assert(eq(int, sequence_hook_run(&it.hook, &patient, &it.variables, (char *[]){ "a.img" }, 1, &code, &err), 0));
	cr_expect(eq(u32, code, c->code), "%s", c->lines);
	script_release(&it);
}

Test(sequence_hook, what_cannot_be_run_is_an_error)
{
	struct script it;
	struct error  err = { 0 };
	uint32_t      code = 99;

	script_make(&it, "exit 0");
	cr_expect(eq(int, sequence_hook_run(&it.hook, &step, &it.variables, (char *[]){ "a.img", "D=my disk.img" }, 2, &code, &err), -1));
	cr_expect(that(strstr(err.text, "D=my disk.img") != NULL), "%s", err.text);
	unlink(it.program);
	cr_expect(eq(int, sequence_hook_run(&it.hook, &step, &it.variables, (char *[]){ "a.img" }, 1, &code, &err), -1));
	cr_expect(eq(u32, code, 99));
	script_release(&it);
}

Test(sequence_hook, options)
{
	static const char *const wrong[] = { "X", "=/bin/false", "X=", "X=/nowhere/program", "X=/bin", "X=/etc/passwd", "X=sh", "" };
	struct sequence_hook     hook;
	struct error             err = { 0 };
	char                     good[] = "BDD_Gather=/bin/false";

	cr_expect(eq(int, sequence_hook_parse(&hook, good, &err), 0), "%s", err.text);
	cr_expect(eq(str, (char *)hook.type, "BDD_Gather"));
	cr_expect(eq(str, (char *)hook.program, "/bin/false"));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct blob text = blob_copy(wrong[i], strlen(wrong[i]) + 1);

		err.kind = ERROR_NONE;
		cr_expect(eq(int, sequence_hook_parse(&hook, (char *)text.at, &err), -1), "%s", wrong[i]);
		cr_expect(eq(int, err.kind, ERROR_USAGE), "%s", wrong[i]);
		free(text.at);
	}
}

struct matching {
	char said[60], type[60];
	bool wanted;
};

ParameterizedTestParameters(sequence_hook, types)
{
	static struct matching cases[] = {
		{ "SMS_TaskSequence_SetupWindowsAndSMSAction", "SMS_TaskSequence_SetupWindowsAndSMSAction", true },
		{ "SetupWindowsAndSMS", "SMS_TaskSequence_SetupWindowsAndSMSAction", true },
		{ "SetupWindowsAndSMSAction", "SMS_TaskSequence_SetupWindowsAndSMSAction", true },
		{ "setupwindowsandsms", "SMS_TaskSequence_SetupWindowsAndSMSAction", true },
		{ "SMS_TaskSequence_SetupWindowsAndSMS", "SMS_TaskSequence_SetupWindowsAndSMSAction", true },
		{ "BDD_Gather", "BDD_Gather", true },
		{ "Gather", "BDD_Gather", false },
		{ "SetupWindows", "SMS_TaskSequence_SetupWindowsAndSMSAction", false },
		{ "SetupWindowsAndSMSX", "SMS_TaskSequence_SetupWindowsAndSMSAction", false },
		{ "RunCommandLine", "SMS_TaskSequence_RunCommandLineAction", true },
	};

	return CASES(struct matching, cases);
}

ParameterizedTest(struct matching *c, sequence_hook, types)
{
	struct sequence_hook hooks[] = { { "Other", "/bin/a" }, { c->said, "/bin/b" }, { "Reboot", "/bin/c" } };
	struct sequence_item item = { .name = "x", .type = c->type };

	cr_expect(that(sequence_hooks_find(hooks, 3, &item) == (c->wanted ? &hooks[1] : NULL)), "%s, %s", c->said, c->type);
}

Test(sequence_hook, the_last_one_said_counts_and_groups_have_none)
{
	struct sequence_hook hooks[] = { { "Reboot", "/bin/a" }, { "SMS_TaskSequence_RebootAction", "/bin/b" } };
	struct sequence_item item = { .name = "x", .type = "SMS_TaskSequence_RebootAction" };

	cr_expect(that(sequence_hooks_find(hooks, 2, &item) == &hooks[1]));
	item = (struct sequence_item){ .name = "x", .group = true };
	cr_expect(that(sequence_hooks_find(hooks, 2, &item) == NULL));
	cr_expect(that(sequence_hooks_find(NULL, 0, &step) == NULL));
}
