/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_account_choice.c - spec USMT 1.2: /ui before /uel before /ue */
#include "recover/windows/account_choice.h"
#include "recover/windows/account_name.h"
#include "tests/unit/people.h"

#define CARLA_SID "S-1-5-21-11-12-13-1234"

/* anna local, bert of CORP, carla of nobody knows what, jörg local; used on day 300, 200, nobody knows when, 100. */
static struct windows people(void)
{
	struct windows windows = windows_of_nobody();

	add_profile(&windows, "S-1-5-18", "NT AUTHORITY", "SYSTEM", "")->special = true;
	add_profile(&windows, ANNA_SID, "PC7", "anna", "C:\\Users\\anna")->used = 300;
	add_profile(&windows, BERT_SID, "CORP", "bert", "C:\\Users\\bert")->used = 200;
	add_profile(&windows, CARLA_SID, "", "carla.OLD", "C:\\Users\\carla.OLD");
	add_profile(&windows, MACHINE_SID "-500", "PC7", "J\xc3\xb6rg", "C:\\Users\\joerg")->used = 100;
	return windows;
}

struct choice_case {
	char     name[40];
	bool     all;
	char     include[2][48], exclude[2][48];
	uint64_t used_since;
	char     chosen[8]; /* first letters of those who take part */
};

ParameterizedTestParameters(account_choice, include_beats_date_beats_exclude)
{
	static struct choice_case cases[] = {
		{ "nothing said", .chosen = "abcJ" },
		{ "one user of many", .include = { "CORP\\bert" }, .exclude = { "*\\*" }, .chosen = "b" },
		{ "include alone leaves the others in", .include = { "CORP\\bert" }, .chosen = "abcJ" },
		{ "local users, by no domain", .exclude = { "*" }, .chosen = "bc" },
		{ "local users, by a dot", .exclude = { ".\\*" }, .chosen = "bc" },
		{ "local users, by the computer", .exclude = { "pc7\\*" }, .chosen = "bc" },
		{ "a domain without its user", .exclude = { "corp\\*" }, .chosen = "acJ" },
		{ "by SID", .include = { "S-1-5-21-11-12-13-1234" }, .exclude = { "*\\*" }, .chosen = "c" },
		{ "by SID's end", .exclude = { "*-500" }, .chosen = "abc" },
		{ "by SID's beginning", .exclude = { "S-1-5-21-1-2-3-*" }, .chosen = "bc" },
		{ "case aside, not of ASCII alone", .exclude = { "J\xc3\x96RG" }, .chosen = "abc" },
		{ "stars within", .exclude = { "PC7\\*n*a", "C*P\\b*t" }, .chosen = "cJ" },
		{ "date", .used_since = 200, .chosen = "abc" },
		{ "date before exclude", .exclude = { "*\\*" }, .used_since = 300, .chosen = "ac" },
		{ "include before date", .include = { "J\xc3\xb6rg" }, .used_since = 300, .chosen = "acJ" },
		{ "all", .all = true, .exclude = { "*\\*" }, .chosen = "abcJ" },
		{ "an exclude that finds nobody", .exclude = { "NOWHERE\\*" }, .chosen = "abcJ" },
	};

	return CASES(struct choice_case, cases);
}

ParameterizedTest(struct choice_case *c, account_choice, include_beats_date_beats_exclude)
{
	const char *const      include[] = { c->include[0], c->include[1] }, *const exclude[] = { c->exclude[0], c->exclude[1] };
	struct account_choice  choice = { c->all,
					  include,
					  !!*c->include[0] + !!*c->include[1],
					  exclude,
					  !!*c->exclude[0] + !!*c->exclude[1],
					  c->used_since };
	struct windows         windows = people();
	struct chosen_accounts accounts;
	struct error           err;
	char                   chosen[8] = "";

	cr_assert(eq(int, account_choice_make(&choice, &windows, &accounts, &err), 0), "%s: %s", c->name, err.text);
	cr_expect(eq(sz, accounts.count, 4), "the system's own is not asked for");
	for (size_t i = 0; i < accounts.count; i++) {
		if (accounts.items[i].chosen)
			strncat(chosen, accounts.items[i].profile->name, 1);
		else
			cr_expect(ne(str, (char *)accounts.items[i].why, (char *)""));
	}
	cr_expect(eq(str, chosen, c->chosen), "%s", c->name);
	array_release(&accounts);
	windows_close(&windows);
}

struct nobody {
	char include[48], exclude[48];
};

ParameterizedTestParameters(account_choice, a_pattern_for_nobody_is_refused)
{
	static struct nobody cases[] = {
		{ "anne", "" },       { "bert", "" },         { "OTHER\\bert", "" }, { "S-1-5-21-1-2-3-9", "" },
		{ "NOWHERE\\*", "" }, { "", "PC7\\nobody" }, { "PC7\\", "" },       { "S-1-5-18", "" },
	};

	return CASES(struct nobody, cases);
}

ParameterizedTest(struct nobody *c, account_choice, a_pattern_for_nobody_is_refused)
{
	const char *const      include[] = { c->include }, *const exclude[] = { c->exclude };
	struct account_choice  choice = { false, include, *c->include != 0, exclude, *c->exclude != 0, 0 };
	struct windows         windows = people();
	struct chosen_accounts accounts;
	struct error           err;

	cr_expect(eq(int, account_choice_make(&choice, &windows, &accounts, &err), -1), "%s%s", c->include, c->exclude);
	cr_expect(eq(int, err.kind, ERROR_USAGE));
	array_release(&accounts);
	windows_close(&windows);
}

Test(account_name, names_and_patterns)
{
	cr_expect(that(account_same("GR\xc3\x9c\xc3\x9f" "E", "gr\xc3\xbc\xc3\x9f" "e")));
	cr_expect(that(!account_same("anna", "annas")));
	cr_expect(that(account_pattern("a*b*c", 5, "aXbYbZc", 7)));
	cr_expect(that(!account_pattern("a*b*c", 5, "aXbYbZcd", 8)));
	cr_expect(that(account_pattern("*", 1, "", 0)));
	cr_expect(that(account_pattern("\xff*", 2, "\xff\xfe", 2)), "bytes that are no UTF-8");
	cr_expect(that(account_is_sid("s-1-5-18") && account_is_sid("*-500") && account_is_sid("*-1*")));
	cr_expect(that(!account_is_sid("*") && !account_is_sid("anna") && !account_is_sid("*-x")));
}
