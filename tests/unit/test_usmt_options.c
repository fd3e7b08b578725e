/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_usmt_options.c - expected values: the tools' documented syntax and return codes (spec USMT 1.1 to 1.5), the
 * command lines that ConfigMgr and people's scripts really use (5.5), and the calendar
 */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "recover/usmt/usmt_options.h"

#include <string.h>

#define NOW INT64_C(1800000000) /* 2027-01-15 08:00:00 UTC */

/* A command line: arguments parted by blanks; '~' is a blank in an argument. */
struct line {
	char  *text;
	char  *arguments[64];
	int    count;
};

static void line_split(struct line *line, const char *text)
{
	char *rest;

	*line = (struct line){ .text = strdup(text) };
	for (char *at = strtok_r(line->text, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
		for (char *c = at; *c; c++)
			*c = *c == '~' ? ' ' : *c;
		line->arguments[line->count++] = at;
	}
}

/* The return code that reading a command line gives; 0 when it may run. */
static int code_of(enum usmt_tool tool, const char *text, struct usmt_options *options, struct error *err)
{
	struct line line;
	int         status;

	line_split(&line, text);
	status = usmt_options_parse(options, tool, line.count, line.arguments, NOW, err);
	free(line.text);
	if (status == 0)
		return options->given >> USMT_HELP & 1;
	return err->kind == ERROR_USAGE ? 11 : err->kind == ERROR_BOUNDS ? 12 : 72;
}

struct spoken {
	enum usmt_tool tool;
	int            code;
	char           line[256];
	char           says[80]; /* in the message */
};

#define S USMT_SCANSTATE
#define L USMT_LOADSTATE
#define U USMT_USMTUTILS

ParameterizedTestParameters(usmt_options, command_lines)
{
	static struct spoken cases[] = {
		/* as they are used */
		{ S, 0, "C:\\StateStore /hardlink /nocompress", "" },
		{ S, 0, "c:\\USMTDemo /o /localonly /efs:hardlink /c /hardlink /nocompress /l:\"C:\\W~L\\scanstate.log\" "
			"/progress:\"C:\\p.log\" /i:\"C:\\x\\migdocs.xml\" /i:\"C:\\x\\migapp.xml\" /offlinewindir:c:\\windows",
		  "" },
		{ S, 0, "/NOCOMPRESS C:\\s /HardLink /V:13 /UE:*\\* /ui:fabrikam\\user2 /ui:\"dom\\a~b\"", "" },
		{ S, 0, "C:\\s /hardlink /nocompress /i a.xml /i: b.xml /l log.txt", "" },
		{ S, 0, "C:\\s /i /tmp/a.xml", "" },
		{ S, 0, "/genconfig:Config.XML /i:wnb.xml /i:migdocs.xml /i:migapp.xml /v:5 /l:x.log /o", "" },
		{ S, 0, "/genconfig Config.xml /offlinewindir:C:\\Windows", "" },
		{ S, 0, "/genmigxml:my.xml", "" },
		{ S, 0, "C:\\s /auto", "" },
		{ S, 0, "C:\\s /auto:C:\\rules", "" },
		{ S, 0, "C:\\s /encrypt /key:abc", "" },
		{ S, 0, "C:\\s /encrypt:aes_256 /keyfile:k.txt", "" },
		{ S, 0, "C:\\s /p:size.xml", "" },
		{ S, 0, "C:\\s /p /nocompress", "" },
		{ S, 0, "C:\\s /uel:30 /ui:a /r:5 /w:2", "" },
		{ S, 0, "C:\\s /apps /ppkg:x.ppkg", "" },
		{ S, 0, "--on disk.img@2 --on=D=/dev/sdb1 C:\\s --quiet --json --overwrite-deleted", "" },
		{ L, 0, "C:\\USMTDemo /ue:LIBRARY01\\* /c /hardlink /nocompress /l:x.log /progress:p.log /i:a.xml", "" },
		{ L, 0, "D:\\_SMSTaskSequence\\UserState /c /all /v:5 /l:x /progress:y /i:u.xml /hardlink /nocompress", "" },
		{ L, 0, "C:\\s /lac /lae /mu:A\\x:B\\y /mu:A\\z:w /md:OLD*:NEW", "" },
		{ L, 0, "C:\\s /lac:secret /decrypt /key:abc /sf", "" },
		{ U, 0, "/rd C:\\USMTDemo", "" },
		{ U, 0, "/y /rd C:\\USMTDemo", "" },
		{ U, 0, "/ec", "" },
		{ U, 0, "/verify:all C:\\s", "" },
		{ U, 0, "/extract c:\\temp\\usmt.mig c:\\temp /i:*.txt,*.pdf /e:*.exe /o", "" },
		{ S, 1, "/?", "" },
		{ S, 1, "C:\\s /hardlink /?", "" },
		{ L, 1, "/HELP", "" },
		{ U, 1, "--help", "" },

		/* what cannot be: one option */
		{ S, 11, "", "needs arguments" },
		{ S, 11, "C:\\s /nonsense", "/nonsense" },
		{ S, 11, "C:\\s --nonsense", "--nonsense" },
		{ S, 11, "C:\\s /decrypt /key:a", "/decrypt" },
		{ L, 11, "C:\\s /efs:skip", "/efs" },
		{ L, 11, "C:\\s /offlinewindir:C:\\Windows", "/offlinewindir" },
		{ S, 11, "C:\\s /md:a:b", "/md" },
		{ U, 11, "/rd C:\\s /c", "/c" },
		{ S, 11, "C:\\s /c /C", "/c is given twice" },
		{ S, 11, "C:\\s /l:a /l:b", "/l is given twice" },
		{ S, 11, "C:\\s /c:yes", "takes no value" },
		{ S, 11, "C:\\s /l", "/l lacks its value" },
		{ S, 11, "C:\\s /l: /c", "/l lacks its value" },
		{ S, 11, "C:\\s /l:\"\"", "/l lacks its value" },
		{ S, 11, "\"\"", "StorePath" },
		{ S, 11, "C:\\s /i /o", "/i lacks its value" },
		{ S, 11, "C:\\s /p:", "/p lacks its value" },
		{ S, 11, "C:\\s /v:2", "/v" },
		{ S, 11, "C:\\s /v:3", "/v" },
		{ S, 11, "C:\\s /v:16", "/v" },
		{ S, 11, "C:\\s /v:-1", "/v" },
		{ S, 11, "C:\\s /v:99999999999999999999", "/v" },
		{ S, 11, "C:\\s /efs:perhaps", "/efs" },
		{ S, 11, "C:\\s /encrypt:DES /key:a", "/encrypt" },
		{ S, 11, "C:\\s /r:often", "/r" },
		{ S, 11, "C:\\s /w:1.5", "/w" },
		{ S, 11, "C:\\s /uel:0", "/uel:0" },
		{ S, 11, "C:\\s /uel:soon", "/uel" },
		{ S, 11, "C:\\s /uel:2026/2/30", "/uel" },
		{ S, 11, "C:\\s /uel:2026/13/1", "/uel" },
		{ S, 11, "C:\\s /uel:2026/1", "/uel" },
		{ S, 11, "C:\\s /ui:\\anna", "/ui" },
		{ S, 11, "C:\\s /ue:DOM\\", "/ue" },
		{ S, 11, "C:\\s /ui:a\\b\\c", "/ui" },
		{ L, 11, "C:\\s /mu:anna", "/mu" },
		{ L, 11, "C:\\s /mu:anna:", "/mu" },
		{ L, 11, "C:\\s /mu:D\\*:N\\x", "'*'" },
		{ L, 11, "C:\\s /md::NEW", "/md" },
		{ L, 11, "C:\\s /md:OLD:*", "'*'" },
		{ L, 11, "C:\\s /md:a:b:c", "/md" },
		{ U, 11, "/verify:loudly C:\\s", "/verify" },

		/* the store */
		{ S, 11, "/hardlink /nocompress", "not named" },
		{ L, 11, "/hardlink /nocompress", "not named" },
		{ S, 11, "C:\\a C:\\b", "one argument too many" },
		{ U, 11, "/rd", "lacks what it works on" },
		{ U, 11, "/extract a.mig", "lacks what it works on" },
		{ U, 11, "/ec C:\\s", "too many" },
		{ U, 11, "C:\\s", "needs a command" },

		/* what excludes each other */
		{ S, 11, "C:\\s /hardlink /nocompress /vsc", "/vsc" },
		{ S, 11, "C:\\s /vsc /offlinewindir:C:\\Windows", "/vsc" },
		{ S, 11, "C:\\s /nocompress /encrypt /key:a", "/encrypt" },
		{ L, 11, "C:\\s /nocompress /decrypt /key:a", "/decrypt" },
		{ S, 11, "C:\\s /encrypt /key:a /keyfile:b", "/keyfile" },
		{ S, 11, "C:\\s /ppkg /encrypt /key:a", "/ppkg" },
		{ S, 11, "C:\\s /listfiles:a /p:b", "/listfiles" },
		{ S, 11, "C:\\s /listfiles:a /p /nocompress", "/listfiles" },
		{ S, 11, "C:\\s /offline:a /offlinewindir:b", "/offlinewindir" },
		{ S, 11, "C:\\s /offline:a /offlinewinold:b", "/offlinewinold" },
		{ S, 11, "C:\\s /offlinewindir:a /offlinewinold:b", "/offlinewinold" },
		{ S, 11, "C:\\s /uel:30 /offline:a", "/uel" },
		{ S, 11, "C:\\s /uel:30 /offlinewindir:a", "/uel" },
		{ S, 11, "C:\\s /uel:30 /offlinewinold:a", "/uel" },
		{ S, 11, "C:\\s /all /ui:a", "/all and /ui" },
		{ L, 11, "C:\\s /all /ue:a", "/all and /ue" },
		{ S, 11, "C:\\s /all /uel:3", "/all and /uel" },
		{ S, 11, "C:\\s /auto /all", "/auto" },
		{ S, 11, "C:\\s /auto /ui:a", "/auto" },
		{ S, 11, "C:\\s /auto /ue:a", "/auto" },
		{ L, 11, "C:\\s /auto /v:5", "/auto" },
		{ U, 11, "/ec /rd C:\\s", "/ec and /rd" },
		{ U, 11, "/rd C:\\s /verify", "/rd and /verify" },
		{ U, 11, "/verify /extract a b", "/verify and /extract" },

		/* what needs another */
		{ S, 11, "C:\\s /hardlink", "/hardlink needs /nocompress" },
		{ L, 11, "C:\\s /hardlink", "/hardlink needs /nocompress" },
		{ S, 11, "C:\\s /nocompress /efs:hardlink", "/efs:hardlink needs /hardlink" },
		{ S, 11, "C:\\s /encrypt", "/encrypt needs /key or /keyfile" },
		{ L, 11, "C:\\s /decrypt", "/decrypt needs /key or /keyfile" },
		{ S, 11, "C:\\s /key:a", "/key needs /encrypt as well" },
		{ L, 11, "C:\\s /keyfile:a", "/keyfile needs /decrypt as well" },
		{ S, 11, "C:\\s /apps", "/apps needs /ppkg" },
		{ S, 11, "C:\\s /p", "/nocompress" },
		{ L, 11, "C:\\s /lae", "/lae needs /lac" },
		{ U, 11, "/ec /y", "/y needs /rd" },

		/* /genconfig: everything that it forbids */
		{ S, 11, "/genconfig:c C:\\s", "/genconfig and StorePath" },
		{ S, 11, "/genconfig:c /localonly", "/genconfig and /localonly" },
		{ S, 11, "/genconfig:c /encrypt /key:a", "/genconfig" },
		{ S, 11, "/genconfig:c /encrypt /keyfile:a", "/genconfig" },
		{ S, 11, "/genconfig:c /listfiles:a", "/genconfig and /listfiles" },
		{ S, 11, "/genconfig:c /progress:a", "/genconfig and /progress" },
		{ S, 11, "/genconfig:c /r:1", "/genconfig and /r" },
		{ S, 11, "/genconfig:c /w:1", "/genconfig and /w" },
		{ S, 11, "/genconfig:c /c", "/genconfig and /c" },
		{ S, 11, "/genconfig:c /p:a", "/genconfig and /p" },
		{ S, 11, "/genconfig:c /all", "/genconfig and /all" },
		{ S, 11, "/genconfig:c /ui:a", "/genconfig and /ui" },
		{ S, 11, "/genconfig:c /ue:a", "/genconfig and /ue" },
		{ S, 11, "/genconfig:c /uel:3", "/genconfig and /uel" },
		{ S, 11, "/genconfig:c /efs:skip", "/genconfig and /efs" },
		{ S, 11, "/genconfig:c /config:a", "/genconfig and /config" },
		{ S, 11, "/genconfig:c /genmigxml:d", "/genconfig and /genmigxml" },
		{ S, 11, "/genmigxml:c C:\\s", "/genmigxml and StorePath" },
	};

	return CASES(struct spoken, cases);
}

ParameterizedTest(struct spoken *c, usmt_options, command_lines)
{
	struct usmt_options options;
	struct error        err = { 0 };

	cr_expect(eq(int, code_of(c->tool, c->line, &options, &err), c->code), "%s: %s", c->line, err.text);
	cr_expect(that(strstr(err.text, c->says) != NULL), "%s: %s", c->line, err.text);
	usmt_options_release(&options);
}

Test(usmt_options, an_argument_has_256_characters_at_most)
{
	static const char *const options_with_values[] = { "/i:", "/l:", "/config:", "/key:", "" };

	for (size_t i = 0; i < COUNT(options_with_values); i++)
		for (int long_one = 0; long_one < 2; long_one++) {
			struct usmt_options options;
			struct error        err;
			char                line[1200] = "/encrypt ";
			size_t              at;

			if (strcmp(options_with_values[i], "/key:") != 0)
				line[0] = 0;
			strcat(line, *options_with_values[i] ? "C:\\s " : "");
			strcat(line, options_with_values[i]);
			at = strlen(line);
			for (int j = 0; j < 256 + long_one; j++) /* two bytes a character */
				memcpy(line + at + 2 * (size_t)j, "\xc3\xa4", 3);
			cr_expect(eq(int, code_of(S, line, &options, &err), long_one ? 12 : 0), "%s", line);
			usmt_options_release(&options);
		}
}

Test(usmt_options, what_they_say)
{
	struct usmt_options options;
	struct error        err;

	cr_assert(eq(int, code_of(S, "\"C:\\State~Store\" /i:a.xml --on D=x.img /i \"b~c.xml\" /ui:\"DOM\\user~one\" "
				     "/ue:*\\* /efs:CopyRaw /v:13 /o /uel:2026/2/15",
			     &options, &err), 0));
	cr_expect(eq(str, (char *)options.store, "C:\\State Store"));
	cr_assert(eq(sz, options.rules.count, 2));
	cr_expect(eq(str, (char *)options.rules.items[0], "a.xml"));
	cr_expect(eq(str, (char *)options.rules.items[1], "b c.xml"));
	cr_assert(eq(sz, options.included.count, 1));
	cr_expect(eq(str, (char *)options.included.items[0], "DOM\\user one"));
	cr_assert(eq(sz, options.excluded.count, 1));
	cr_expect(eq(str, (char *)options.excluded.items[0], "*\\*"));
	cr_assert(eq(sz, options.volumes.count, 1));
	cr_expect(eq(str, (char *)options.volumes.items[0], "D=x.img"));
	cr_expect(eq(int, options.efs, USMT_EFS_COPYRAW));
	cr_expect(eq(uint, options.verbosity, 13));
	/* date -u -d 2026-02-15 +%s: 1771113600 */
	cr_expect(eq(u64, options.used_since, (1771113600 + UINT64_C(11644473600)) * 10000000));
	cr_expect(that(usmt_options_has(&options, USMT_O)));
	cr_expect(that(!usmt_options_has(&options, USMT_C)));
	cr_expect(that(usmt_options_value(&options, USMT_C) == NULL));
	cr_expect(eq(str, (char *)usmt_options_value(&options, USMT_EFS), "CopyRaw"));
	usmt_options_release(&options);
}

Test(usmt_options, nothing_said)
{
	struct usmt_options options;
	struct error        err;

	cr_assert(eq(int, code_of(S, "C:\\s /hardlink /nocompress", &options, &err), 0));
	cr_expect(eq(int, options.efs, USMT_EFS_ABORT));
	cr_expect(eq(uint, options.verbosity, 0));
	cr_expect(eq(u64, options.used_since, 0));
	usmt_options_release(&options);
	cr_assert(eq(int, code_of(S, "C:\\s /auto", &options, &err), 0));
	cr_expect(eq(uint, options.verbosity, 5), "/auto includes /v:5");
	usmt_options_release(&options);
}

Test(usmt_options, days_count_back_from_now)
{
	struct usmt_options options;
	struct error        err;

	cr_assert(eq(int, code_of(S, "C:\\s /uel:90", &options, &err), 0));
	cr_expect(eq(u64, options.used_since, (uint64_t)(NOW - 90 * 86400 + 11644473600) * 10000000));
	usmt_options_release(&options);
}

Test(usmt_options, users_and_domains_are_renamed)
{
	struct usmt_options options;
	struct error        err;

	cr_assert(eq(int, code_of(L, "C:\\s /mu:FAB\\a:CON\\b /mu:c:d /md:FA*:CON", &options, &err), 0));
	cr_assert(eq(sz, options.users.count, 2));
	cr_expect(eq(str, (char *)options.users.items[0].from, "FAB\\a"));
	cr_expect(eq(str, (char *)options.users.items[0].to, "CON\\b"));
	cr_expect(eq(str, (char *)options.users.items[1].from, "c"));
	cr_expect(eq(str, (char *)options.users.items[1].to, "d"));
	cr_assert(eq(sz, options.domains.count, 1));
	cr_expect(eq(str, (char *)options.domains.items[0].from, "FA*"));
	cr_expect(eq(str, (char *)options.domains.items[0].to, "CON"));
	usmt_options_release(&options);
}
