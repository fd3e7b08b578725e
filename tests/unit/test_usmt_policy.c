/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_usmt_policy.c - expected values: the documentation of ErrorControl (spec USMT 1.5, 3.9) */
#include "tests/unit/unit.h"

#include "recover/usmt/usmt_policy.h"

#include <errno.h>
#include <string.h>

#define CONFIG(lines) "<Configuration><Policies><ErrorControl><fileError>" lines "</fileError></ErrorControl></Policies></Configuration>"

struct rated {
	char              config[300]; /* lines of fileError */
	char              path[64];
	int               sys; /* EACCES: 5, EIO: 1117 */
	enum config_error rating;
};

ParameterizedTestParameters(usmt_policy, ratings)
{
	static struct rated cases[] = {
		{ "", "C:\\a\\b.txt", EACCES, CONFIG_ERROR_UNRATED },
		{ "<nonFatal errorCode=\"5\">* [*]</nonFatal>", "C:\\a\\b.txt", EACCES, CONFIG_ERROR_NON_FATAL },
		{ "<nonFatal errorCode=\"5\">* [*]</nonFatal>", "C:\\a\\b.txt", EIO, CONFIG_ERROR_UNRATED },
		{ "<fatal errorCode=\"any\">C:\\a\\* [*]</fatal>", "C:\\a\\b.txt", EIO, CONFIG_ERROR_FATAL },
		{ "<fatal errorCode=\"any\">C:\\a\\* [*]</fatal>", "C:\\a\\deep\\b.txt", EIO, CONFIG_ERROR_FATAL },
		{ "<fatal errorCode=\"any\">C:\\a\\* [*]</fatal>", "C:\\b\\b.txt", EIO, CONFIG_ERROR_UNRATED },
		{ "<fatal errorCode=\"any\">C:\\a\\* [*.doc]</fatal>", "C:\\a\\b.txt", EIO, CONFIG_ERROR_UNRATED },
		{ "<fatal errorCode=\"any\">E:\\* [*]</fatal>", "E:\\b.txt", EIO, CONFIG_ERROR_FATAL },
		{ "<nonFatal errorCode=\"5\">* [*]</nonFatal><fatal errorCode=\"any\">* [*]</fatal>", "C:\\a\\b.txt", EACCES,
		  CONFIG_ERROR_NON_FATAL },
		{ "<nonFatal errorCode=\"5\">* [*]</nonFatal><fatal errorCode=\"any\">* [*]</fatal>", "C:\\a\\b.txt", EIO,
		  CONFIG_ERROR_FATAL },
		{ "<fatal errorCode=\"any\">* [*]</fatal><nonFatal errorCode=\"5\">* [*]</nonFatal>", "C:\\a\\b.txt", EACCES,
		  CONFIG_ERROR_FATAL },
		{ "<fatal errorCode=\"any\">%PROFILESFOLDER%\\* [*]</fatal>", "C:\\Users\\a\\b.txt", EACCES, CONFIG_ERROR_FATAL },
		{ "<fatal errorCode=\"any\">%NOBODYKNOWS%\\* [*]</fatal>", "C:\\Users\\a\\b.txt", EACCES, CONFIG_ERROR_UNRATED },
	};

	return CASES(struct rated, cases);
}

ParameterizedTest(struct rated *c, usmt_policy, ratings)
{
	char                text[512];
	struct config_file  config;
	struct usmt_skipped skipped = { 0 };
	struct error        err = { 0 };

	snprintf(text, sizeof text, CONFIG("%s"), c->config);
	cr_assert(eq(int, config_file_parse(&config, "Config.xml", text, strlen(text), &err), 0), "%s", err.text);
	cr_assert(eq(int, usmt_skipped_add(&skipped, c->path, "test", c->sys, &err), 0));
	cr_assert(eq(int, usmt_policy_apply(&config, NULL, &skipped, &err), 0), "%s", err.text);
	cr_expect(eq(int, skipped.items[0].rating, c->rating), "%s: %s", c->config, c->path);
	usmt_skipped_release(&skipped);
	config_file_release(&config);
}

/* Without a rating /c decides; with one it has no say. */
Test(usmt_policy, who_decides)
{
	static const struct {
		enum config_error rating;
		bool              tolerant, aborts;
	} cases[] = {
		{ CONFIG_ERROR_UNRATED, false, true },    { CONFIG_ERROR_UNRATED, true, false },
		{ CONFIG_ERROR_NON_FATAL, false, false }, { CONFIG_ERROR_NON_FATAL, true, false },
		{ CONFIG_ERROR_FATAL, false, true },      { CONFIG_ERROR_FATAL, true, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct usmt_skipped_item item = { .rating = cases[i].rating };

		cr_expect(that(usmt_skipped_aborts(&item, cases[i].tolerant) == cases[i].aborts), "%zu", i);
	}
}
