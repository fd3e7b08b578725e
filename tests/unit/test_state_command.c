/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_state_command.c - expected values: the command lines of spec USMT 5.5, of a run of 2020 and of Microsoft's
 * knowledge base; those of MDT by the order in which its script adds options
 */
#include "tests/unit/unit.h"

#include "recover/sequence/state_command.h"

#include <string.h>

/* A step, with its variables, as text: all that a case needs. */
struct line {
	char name[72];
	char variables[8][80]; /* "NAME=VALUE"; a '!' before it: hidden */
	bool restore, mdt, links;
	char program[32];
	char rules[2][24];
	char config[24];
	char line[400];
	char shown[400]; /* "": the same */
};

ParameterizedTestParameters(state_command, lines)
{
	static struct line cases[] = {
		{ "hard links",
		  { "_OSDMigrateUseHardlinks=true", "OSDMigrateContinueOnLockedFiles=true",
		    "OSDMigrateSkipEncryptedFiles=false", "_OSDDetectedWinDir=C:\\Windows" },
		  false, false, true, "/p/amd64/scanstate.exe", { "/p/migdocs.xml", "/p/migapp.xml" }, "",
		  "\"/p/amd64/scanstate.exe\" \"c:\\USMTDemo\" /o /localonly /efs:hardlink /c /hardlink /nocompress "
		  "/l:\"/logs/scanstate.log\" /progress:\"/logs/scanstateprogress.log\" /i:\"/p/migdocs.xml\" "
		  "/i:\"/p/migapp.xml\"", "" },
		{ "offline",
		  { "_OSDMigrateUseHardlinks=true", "_SMSTSInWinPE=true", "_OSDDetectedWinDir=C:\\Windows" },
		  false, false, true, "scanstate.exe", { "" }, "",
		  "scanstate.exe \"c:\\USMTDemo\" /o /localonly /efs:hardlink /c /hardlink /nocompress "
		  "/offlinewindir:C:\\Windows /l:\"/logs/scanstate.log\" /progress:\"/logs/scanstateprogress.log\"", "" },
		{ "a Windows elsewhere",
		  { "_OSDMigrateUseHardlinks=true", "_OSDDetectedWinDir=D:\\Win 10" },
		  false, false, true, "scanstate.exe", { "" }, "",
		  "scanstate.exe \"c:\\USMTDemo\" /o /localonly /efs:hardlink /c /hardlink /nocompress "
		  "/offlinewindir:\"D:\\Win 10\" /l:\"/logs/scanstate.log\" /progress:\"/logs/scanstateprogress.log\"", "" },
		{ "links by an option, as before 2012",
		  { "OSDMigrateAdditionalCaptureOptions=/hardlink /nocompress" },
		  false, false, true, "scanstate.exe", { "" }, "",
		  "scanstate.exe \"c:\\USMTDemo\" /o /localonly /efs:copyraw /c /l:\"/logs/scanstate.log\" "
		  "/progress:\"/logs/scanstateprogress.log\" /hardlink /nocompress", "" },
		{ "copies; encrypted files and errors otherwise; verbose",
		  { "OSDMigrateSkipEncryptedFiles=true", "OSDMigrateContinueOnLockedFiles=false",
		    "OSDMigrateEnableVerboseLogging=true" },
		  false, false, false, "scanstate.exe", { "" }, "",
		  "scanstate.exe \"c:\\USMTDemo\" /o /localonly /efs:skip /nocompress /v:5 "
		  "/l:\"/logs/scanstate.log\" /progress:\"/logs/scanstateprogress.log\"", "" },
		{ "a restore",
		  { "_OSDMigrateComputerName=LIBRARY01", "OSDMigrateContinueOnRestore=true" },
		  true, false, true, "loadstate.exe", { "/p/a.xml" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /ue:LIBRARY01\\* /c /hardlink /nocompress "
		  "/l:\"/logs/loadstate.log\" /progress:\"/logs/loadstateprogress.log\" /i:\"/p/a.xml\"", "" },
		{ "a restore as in 2007",
		  { "OSDMigrateEnableVerboseLogging=true", "OSDMigrateAdditionalRestoreOptions=/hardlink /nocompress" },
		  true, false, true, "loadstate.exe", { "/p/miguser.xml", "/p/migapp.xml" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /c /v:5 /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\" /i:\"/p/miguser.xml\" /i:\"/p/migapp.xml\" "
		  "/hardlink /nocompress", "" },
		{ "local accounts",
		  { "_OSDMigrateComputerName=LIBRARY01", "OSDMigrateLocalAccounts=True",
		    "!OSDMigrateLocalAccountPassword=a\"b c", "OSDMigrateContinueOnRestore=FALSE" },
		  true, false, false, "loadstate.exe", { "" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /lac:\"a\\\"b c\" /lae /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\"",
		  "loadstate.exe \"c:\\USMTDemo\" /lac:*** /lae /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\"" },
		{ "secrets in what is added",
		  { "!Key=s3cret", "OSDMigrateAdditionalRestoreOptions=/ui:%Who% /key:%Key%", "Who=A\\b" },
		  true, false, false, "loadstate.exe", { "" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /c /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\" /ui:A\\b /key:s3cret",
		  "loadstate.exe \"c:\\USMTDemo\" /c /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\" /ui:%Who% /key:%Key%" },
		{ "what is added is a secret",
		  { "!OSDMigrateAdditionalRestoreOptions=/ui:me" },
		  true, false, false, "loadstate.exe", { "" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /c /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\" /ui:me",
		  "loadstate.exe \"c:\\USMTDemo\" /c /nocompress /l:\"/logs/loadstate.log\" "
		  "/progress:\"/logs/loadstateprogress.log\" ***" },
		{ "MDT captures",
		  { "_OSDDetectedWinDir=C:\\Windows" },
		  false, true, true, "scanstate.exe", { "/p/MigApp.xml", "/p/MigDocs.xml" }, "/p/ZTI.xml",
		  "scanstate.exe \"c:\\USMTDemo\" /v:5 /c /o /i:\"/p/MigApp.xml\" /i:\"/p/MigDocs.xml\" "
		  "/config:\"/p/ZTI.xml\" /hardlink /efs:hardlink /nocompress /l:\"/logs/USMTcapture.log\" "
		  "/progress:\"/logs/USMTcapture.prg\"", "" },
		{ "MDT captures in Windows PE, some users, its own arguments",
		  { "ScanStateArgs=/o /hardlink /all", "UDProfiles=CORP\\anna, CORP\\bert b,", "_SMSTSInWinPE=true",
		    "_OSDDetectedWinDir=E:\\Windows", "OSDMigrateAdditionalCaptureOptions=/not:this" },
		  false, true, true, "scanstate.exe", { "" }, "",
		  "scanstate.exe \"c:\\USMTDemo\" /o /hardlink /all /ui:CORP\\anna /ui:\"CORP\\bert b\" /nocompress "
		  "/l:\"/logs/USMTcapture.log\" /progress:\"/logs/USMTcapture.prg\" /offlinewindir:E:\\Windows", "" },
		{ "MDT restores",
		  { "OSDMigrateAdditionalCaptureOptions=/not:this" },
		  true, true, true, "loadstate.exe", { "" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /v:5 /c /lac /hardlink /nocompress /l:\"/logs/USMTrestore.log\" "
		  "/progress:\"/logs/USMTrestore.prg\"", "" },
		{ "MDT restores with ConfigMgr's variable",
		  { "OSDMigrateAdditionalRestoreOptions=/nocompress /c" },
		  true, true, false, "loadstate.exe", { "" }, "",
		  "loadstate.exe \"c:\\USMTDemo\" /nocompress /c /l:\"/logs/USMTrestore.log\" "
		  "/progress:\"/logs/USMTrestore.prg\"", "" },
	};

	return CASES(struct line, cases);
}

static void set_all(struct sequence_variables *variables, char (*settings)[80], size_t count)
{
	struct error err = { 0 };

	for (size_t i = 0; i < count && *settings[i]; i++) {
		bool  hidden = settings[i][0] == '!';
		char *name = settings[i] + hidden, *sign = strchr(name, '=');

		*sign = 0;
		cr_assert(eq(int, sequence_variables_set_hidden(variables, name, sign + 1, hidden, &err), 0));
	}
}

ParameterizedTest(struct line *c, state_command, lines)
{
	struct sequence_variables variables = { 0 };
	struct state_command      command = { .restore = c->restore, .mdt = c->mdt, .program = c->program,
					      .store = "c:\\USMTDemo", .links = c->links, .log_folder = "/logs",
					      .config = *c->config ? c->config : NULL };
	struct error              err = { 0 };
	char                     *line, *shown;

	set_all(&variables, c->variables, COUNT(c->variables));
	for (size_t i = 0; i < COUNT(c->rules) && *c->rules[i]; i++)
		cr_assert(that(array_push(&command.rules, c->rules[i])));
	cr_assert(eq(int, state_command_build(&command, &variables, &line, &shown, &err), 0), "%s", err.text);
	cr_expect(eq(str, line, c->line), "%s", c->name);
	cr_expect(eq(str, shown, *c->shown ? c->shown : c->line), "%s", c->name);
	free(line);
	free(shown);
	array_release(&command.rules);
	sequence_variables_release(&variables);
}

struct place {
	char action[48];
	char variables[2][80];
	char store[40];
	bool links;
};

ParameterizedTestParameters(state_command, where_and_how)
{
	static struct place cases[] = {
		{ "osdmigrateuserstate.exe /collect", { "" }, "", false },
		{ "osdmigrateuserstate.exe /collect", { "OSDStateStorePath=C:\\s" }, "C:\\s", false },
		{ "osdmigrateuserstate.exe /collect", { "_OSDMigrateUseHardlinks=True" }, "", true },
		{ "osdmigrateuserstate.exe", { "OSDMigrateAdditionalCaptureOptions=/nocompress /HardLink" }, "", true },
		{ "cscript.exe \"ZTIUserState.wsf\" /capture", { "" }, "C:\\StateStore", true },
		{ "cscript.exe ztiuserstate.wsf /capture", { "UserDataLocation=D:\\u" }, "D:\\u", true },
		{ "cscript.exe ZTIUserState.wsf", { "UserDataLocation=D:\\u", "StatePath=E:\\v" }, "E:\\v", true },
		{ "cscript.exe ZTIUserState.wsf", { "UserDataLocation=AUTO", "DeploymentType=REPLACE" },
		  "C:\\StateStore", false },
		{ "cscript.exe ZTIUserState.wsf", { "OSDStateStorePath=C:\\s", "StatePath=E:\\v" }, "C:\\s", true },
	};

	return CASES(struct place, cases);
}

ParameterizedTest(struct place *c, state_command, where_and_how)
{
	struct sequence_variables variables = { 0 };
	struct sequence_item      item = { .action = c->action };

	set_all(&variables, c->variables, COUNT(c->variables));
	cr_expect(eq(str, (char *)state_step_store(&variables, &item), c->store), "%s", c->action);
	cr_expect(that(state_step_links(&variables, &item) == c->links), "%s %s", c->action, c->variables[0]);
	sequence_variables_release(&variables);
}

Test(state_command, a_store_is_a_folder_of_a_volume_that_is_named)
{
	static const char *const wrong[] = { "", "C:", "C:\\", "c:\\\\", "\\\\server\\share\\x", "StateStore", "C:\\a:b", "E:\\s" };
	struct work_volume       items[] = { { .letter = 'C' }, { .letter = 'D' } };
	struct work_volumes      volumes = { .items = items, .count = 2 };
	struct error             err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		cr_expect(eq(int, state_step_check_store(wrong[i], &volumes, &err), -1), "%s", wrong[i]);
		cr_expect(eq(int, err.kind, ERROR_USAGE), "%s", wrong[i]);
	}
	cr_expect(eq(int, state_step_check_store("c:\\USMTDemo\\", &volumes, &err), 0));
	cr_expect(eq(int, state_step_check_store("D:/a/b", &volumes, &err), 0));
}
