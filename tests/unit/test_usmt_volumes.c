/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_usmt_volumes.c - expected values: usmt_volumes.h */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_volumes.h"

#include <string.h>

struct named {
	char store[64];    /* StorePath */
	char on[3][32];    /* --on; "" none */
	char variable[64]; /* "" unset */
	int  status;
	char operands[96]; /* joined by blanks */
	char path[32];     /* of the store */
	char letter;
};

ParameterizedTestParameters(usmt_volumes, which)
{
	static struct named cases[] = {
		{ "C:\\StateStore", { "a.img" }, "", 0, "a.img", "\\StateStore", 'C' },
		{ "c:/a/b", { "C=a.img" }, "", 0, "C=a.img", "\\a\\b", 'C' },
		{ "\\StateStore", { "D=a.img" }, "", 0, "D=a.img", "\\StateStore", 'D' },
		{ "C:\\s", { "" }, " a.img@2\tD=/dev/sdb1  ", 0, "a.img@2 D=/dev/sdb1", "\\s", 'C' },
		{ "C:\\s", { "a.img" }, "b.img", 0, "a.img", "\\s", 'C' },
		{ "D:\\s", { "a.img", "d=b.img" }, "", 0, "d=b.img C=a.img", "\\s", 'D' },
		{ "E:\\s", { "F=a.img", "D=b.img", "E=c.img" }, "", 0, "E=c.img F=a.img D=b.img", "\\s", 'E' },
		{ "C:\\s", { "" }, "", 0, "", "\\s", 'C' },
		{ "D:\\s", { "a.img" }, "", -1, "", "", 0 },
		{ "C:\\", { "a.img" }, "", -1, "", "", 0 },
		{ "C:", { "a.img" }, "", -1, "", "", 0 },
		{ "\\\\server\\share", { "a.img" }, "", -1, "", "", 0 },
		{ "StateStore", { "a.img" }, "", -1, "", "", 0 },
		{ "C:\\a:b", { "a.img" }, "", -1, "", "", 0 },
	};

	return CASES(struct named, cases);
}

ParameterizedTest(struct named *c, usmt_volumes, which)
{
	struct usmt_options options;
	struct usmt_volumes volumes;
	struct error        err = { 0 };
	char               *arguments[8] = { c->store }, joined[128] = "";
	int                 count = 1;

	for (size_t i = 0; i < COUNT(c->on) && *c->on[i]; i++) {
		arguments[count++] = "--on";
		arguments[count++] = c->on[i];
	}
	if (*c->variable)
		setenv(USMT_VOLUMES_VARIABLE, c->variable, 1);
	else
		unsetenv(USMT_VOLUMES_VARIABLE);
	cr_assert(eq(int, usmt_options_parse(&options, USMT_SCANSTATE, count, arguments, 0, &err), 0), "%s", err.text);
	cr_expect(eq(int, usmt_volumes_find(&volumes, &options, &err), c->status), "%s", c->store);
	if (c->status == 0) {
		for (size_t i = 0; i < volumes.count; i++)
			snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i ? " " : "",
				 volumes.items[i]);
		cr_expect(eq(str, joined, c->operands));
		cr_expect(eq(str, volumes.store, c->path));
		cr_expect(that(!volumes.count || volumes.store_letter == c->letter));
	} else {
		cr_expect(eq(int, err.kind, ERROR_USAGE));
	}
	usmt_volumes_release(&volumes);
	usmt_options_release(&options);
}

/* What a capture leaves out on request, and the others always, when the variable names it for all of them. */
Test(usmt_volumes, folders_are_for_captures)
{
	static const struct {
		enum usmt_tool tool;
		char          *localonly;
		size_t         count;
	} cases[] = { { USMT_SCANSTATE, NULL, 2 }, { USMT_SCANSTATE, "/localonly", 1 }, { USMT_LOADSTATE, NULL, 1 } };
	char *folder = temp_folder(), *variable = NULL;

	cr_assert(asprintf(&variable, "a.img E=%s", folder) > 0);
	setenv(USMT_VOLUMES_VARIABLE, variable, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct usmt_options options;
		struct usmt_volumes volumes;
		struct error        err;
		char               *arguments[] = { "C:\\s", cases[i].localonly };

		cr_assert(eq(int, usmt_options_parse(&options, cases[i].tool, cases[i].localonly ? 2 : 1, arguments, 0, &err),
			     0));
		cr_assert(eq(int, usmt_volumes_find(&volumes, &options, &err), 0));
		cr_expect(eq(sz, volumes.count, cases[i].count));
		cr_expect(eq(str, volumes.passed_over, cases[i].count == 2 ? "" : "E"));
		usmt_volumes_release(&volumes);
		usmt_options_release(&options);
	}
	free(variable);
	temp_remove(folder);
}

Test(usmt_volumes, letters)
{
	cr_expect(eq(chr, usmt_path_letter("c:\\x"), 'C'));
	cr_expect(eq(chr, usmt_path_letter("Z:"), 'Z'));
	cr_expect(eq(chr, usmt_path_letter("\\x"), 0));
	cr_expect(eq(chr, usmt_path_letter("1:\\"), 0));
	cr_expect(eq(chr, usmt_path_letter("cc:\\"), 0));
	cr_expect(eq(chr, usmt_path_letter(""), 0));
}

/* -------- volumes that are open -------- */

struct taken {
	char store[32];
	char option[32];
	int  status;
	char path[32];
	char passed_over[8];
};

ParameterizedTestParameters(usmt_volumes, open_already)
{
	static struct taken cases[] = {
		{ "C:\\s", "/hardlink", 0, "\\s", "" },
		{ "c:\\s", "/localonly", 0, "\\s", "E" },
		{ "\\s", "/hardlink", 0, "\\s", "" },
		{ "D:\\s", "/hardlink", -1, "", "" },
		{ "F:\\s", "/hardlink", -1, "", "" },
		{ "C:\\", "/hardlink", -1, "", "" },
		{ "C:\\s", "--on=x.img", -1, "", "" },
	};

	return CASES(struct taken, cases);
}

ParameterizedTest(struct taken *c, usmt_volumes, open_already)
{
	char                mode[] = "/nocompress", *arguments[] = { c->store, c->option, mode };
	struct work_volume  items[] = { { .letter = 'C' }, { .letter = 'D' } };
	struct work_folder  folder = { .letter = 'E' };
	struct work_volumes open = { .items = items, .count = 2, .folders = &folder, .folder_count = 1 };
	struct usmt_options options;
	struct usmt_volumes volumes;
	struct error        err = { 0 };

	setenv("HOLDFAST_VOLUMES", "C=other.img", 1);
	cr_assert(eq(int, usmt_options_parse(&options, USMT_SCANSTATE, 3, arguments, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, usmt_volumes_take(&volumes, &options, &open, &err), c->status), "%s: %s", c->store, err.text);
	if (c->status == 0) {
		cr_expect(eq(str, volumes.store, c->path));
		cr_expect(eq(chr, volumes.store_letter, 'C'));
		cr_expect(eq(str, volumes.passed_over, c->passed_over));
		cr_expect(eq(sz, volumes.count, 0));
	} else {
		cr_expect(eq(int, err.kind, ERROR_USAGE));
	}
	usmt_volumes_release(&volumes);
	usmt_options_release(&options);
}
