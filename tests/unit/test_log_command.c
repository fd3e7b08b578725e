/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_log_command.c - expected values: command lines as ConfigMgr, MDT and people write them (spec USMT 1, 5.5) */
#include "tests/unit/unit.h"

#include "scan/story/log_command.h"

struct line {
	char          line[160];
	enum log_work work;
	char          path[40];
};

ParameterizedTestParameters(log_command, lines)
{
	static struct line cases[] = {
		{ "\"C:\\x y\\scanstate.exe\" \"c:\\USMT Demo\" /o /hardlink", LOG_WORK_CAPTURE, "c:\\USMT Demo" },
		{ "scanstate c:\\s /i:a.xml", LOG_WORK_CAPTURE, "c:\\s" },
		{ "SCANSTATE.EXE /i:a.xml /hardlink c:\\s", LOG_WORK_CAPTURE, "c:\\s" },
		{ "scanstate.exe /genconfig:Config.xml /i:a.xml", LOG_WORK_NONE, "" },
		{ "smsswd.exe /run:P x\\loadstate.exe \"D:\\_SMSTaskSequence\\UserState\" /c", LOG_WORK_RESTORE,
		  "D:\\_SMSTaskSequence\\UserState" },
		{ "cmd /q /c ECHO Y | a\\usmtutils.exe /rd \"C:\\USMTDemo\"", LOG_WORK_DELETE, "C:\\USMTDemo" },
		{ "usmtutils /verify c:\\x", LOG_WORK_NONE, "" },
		{ "cmd /c rd /s /q C:\\StateStore", LOG_WORK_DELETE, "C:\\StateStore" },
		{ "cmd.exe /c \"rmdir C:\\StateStore /S /Q\"", LOG_WORK_DELETE, "C:\\StateStore" },
		{ "rd C:\\empty", LOG_WORK_NONE, "" },
		{ "rd C:\\a && del /s x", LOG_WORK_NONE, "" },
		{ "diskpart /s x.txt", LOG_WORK_PARTITION, "" },
		{ "cscript.exe \"%SCRIPTROOT%\\ZTIDiskpart.wsf\"", LOG_WORK_PARTITION, "" },
		{ "format.com C: /q", LOG_WORK_PARTITION, "" },
		{ "DISM.exe /Apply-Image /ImageFile:\"a b.wim\" /Index:1 /ApplyDir:D:", LOG_WORK_APPLY, "D:" },
		{ "dism /Online /Get-Features", LOG_WORK_NONE, "" },
		{ "myscanstate.exe x", LOG_WORK_NONE, "" },
		{ "", LOG_WORK_NONE, "" },
		{ "\"", LOG_WORK_NONE, "" },
		{ "scanstate.exe", LOG_WORK_CAPTURE, "" },
		{ "usmtutils /rd", LOG_WORK_DELETE, "" },
		{ "scanstate.exe 'C:\\USMT Demo' /o", LOG_WORK_CAPTURE, "C:\\USMT Demo" },
		{ "holdfast scanstate 'C:\\O'Hara' /o", LOG_WORK_CAPTURE, "C:\\O'Hara" },
		{ "scanstate C:\\O'Hara /i:'x", LOG_WORK_CAPTURE, "C:\\O'Hara" },
		{ "scanstate 'C:\\x /o", LOG_WORK_CAPTURE, "'C:\\x" },
	};

	return CASES(struct line, cases);
}

ParameterizedTest(struct line *c, log_command, lines)
{
	struct log_command command = log_command_read(c->line);

	cr_assert(eq(int, command.work, c->work), "%s", c->line);
	cr_expect(eq(sz, command.path_length, strlen(c->path)), "%s", c->line);
	cr_expect(that(memcmp(command.path ? command.path : "", c->path, command.path_length) == 0), "%s", c->line);
}
