/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_account_map.c - spec USMT 1.3: /mu, /md, /lac; SIDs of the target follow from its own */
#include "recover/windows/account_map.h"
#include "tests/unit/people.h"

#define OLD_MACHINE "S-1-5-21-101-102-103"
#define OLD_ANNA    OLD_MACHINE "-1001"
#define CARLA_SID   "S-1-5-21-7-8-9-1106"

static struct person person(const char *sid, const char *domain, const char *name, bool local, const char *path)
{
	return (struct person){ copy_of(sid),  copy_of(name), copy_of(domain), NAME_FROM_SAM, local,
				false,         copy_of(path), 0,               true,          copy_of("") };
}

/* Of OLDPC: its Administrator and anna, and bert of CORP. */
static struct people_file stored(void)
{
	struct people_file file = { .computer = copy_of("OLDPC"), .machine_sid = copy_of(OLD_MACHINE) };
	struct error       err;

	cr_assert(eq(int, people_file_add(&file, person(OLD_MACHINE "-500", "OLDPC", "Administrator", true,
							"C:\\Users\\Administrator"), &err), 0));
	cr_assert(eq(int, people_file_add(&file, person(OLD_ANNA, "OLDPC", "anna", true, "C:\\Users\\anna"), &err), 0));
	cr_assert(eq(int, people_file_add(&file, person(BERT_SID, "CORP", "bert", false, "C:\\Users\\bert.CORP"), &err), 0));
	return file;
}

/* What became of one, as "STATE DOMAIN\name SID folder". */
static void expect_mapped(const struct mapped_accounts *accounts, const char *sid, const char *wanted)
{
	static const char *const     states[] = { "known", "create", "later", "missing" };
	const struct mapped_account *account = mapped_account_find(accounts, sid);
	char                         text[256];

	cr_assert(ne(ptr, (void *)account, NULL));
	snprintf(text, sizeof text, "%s %s\\%s %s %s%s", states[account->state], account->domain, account->name,
		 *account->sid ? account->sid : "-", *account->profile ? account->profile : "-",
		 account->has_profile ? " there" : "");
	cr_expect(eq(str, text, (char *)wanted));
}

static int map(const struct account_maps *maps, const struct windows *target, struct people_file *file,
	       struct mapped_accounts *accounts, struct error *err)
{
	return account_map_make(maps, target, &file->people, accounts, err);
}

static void done(struct mapped_accounts *accounts, struct people_file *file, struct windows *target)
{
	mapped_accounts_release(accounts);
	people_file_release(file);
	windows_close(target);
}

Test(account_map, local_ones_become_the_targets_and_domains_stay)
{
	struct account_maps    maps = { 0 };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	add_account(&target, "Verwalter", 500); /* Administrator in another language */
	add_account(&target, "ANNA", 1007);
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0), "%s", err.text);
	expect_mapped(&accounts, OLD_MACHINE "-500", "known PC7\\Verwalter " MACHINE_SID "-500 C:\\Users\\Verwalter");
	expect_mapped(&accounts, OLD_ANNA, "known PC7\\ANNA " MACHINE_SID "-1007 C:\\Users\\anna");
	expect_mapped(&accounts, BERT_SID, "known CORP\\bert " BERT_SID " C:\\Users\\bert.CORP");
	done(&accounts, &file, &target);
}

Test(account_map, who_is_missing_is_made_or_not_migrated)
{
	struct account_maps    maps = { .create = true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0));
	expect_mapped(&accounts, OLD_ANNA, "create PC7\\anna - C:\\Users\\anna");
	mapped_accounts_release(&accounts);
	maps.create = false;
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0));
	expect_mapped(&accounts, OLD_ANNA, "missing PC7\\anna - -");
	done(&accounts, &file, &target);
}

Test(account_map, profiles_that_are_there_are_used_and_others_left_alone)
{
	struct account_maps    maps = { .create = true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	add_account(&target, "anna", 1007);
	add_profile(&target, MACHINE_SID "-1001", "PC7", "ann", "C:\\USERS\\Anna"); /* another one */
	add_profile(&target, CARLA_SID, "CORP", "carla", "C:\\Users\\anna.PC7");
	add_profile(&target, BERT_SID, "CORP", "bert", "C:\\Users\\bert");
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0));
	expect_mapped(&accounts, OLD_ANNA, "known PC7\\anna " MACHINE_SID "-1007 C:\\Users\\anna.PC7.000");
	expect_mapped(&accounts, BERT_SID, "known CORP\\bert " BERT_SID " C:\\Users\\bert there");
	done(&accounts, &file, &target);
}

Test(account_map, renames_of_users_come_before_those_of_domains)
{
	struct account_rename  users[] = { { "CORP\\BERT", "NEW\\robert" }, { OLD_ANNA, "ann" },
					   { "Administrator", CARLA_SID } };
	struct account_rename  domains[] = { { "C*", "OTHER" }, { "CORP", "NEVER" }, { "NOBODY", "X" } };
	struct account_maps    maps = { users, 3, domains, 3, true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	add_profile(&target, CARLA_SID, "CORP", "carla", "C:\\Users\\carla");
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0), "%s", err.text);
	expect_mapped(&accounts, BERT_SID, "later NEW\\robert - C:\\Users\\robert");
	expect_mapped(&accounts, OLD_ANNA, "create PC7\\ann - C:\\Users\\ann");
	expect_mapped(&accounts, OLD_MACHINE "-500", "known CORP\\carla " CARLA_SID " C:\\Users\\carla there");
	mapped_accounts_release(&accounts);
	maps.user_count = 0;
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0), "%s", err.text);
	expect_mapped(&accounts, BERT_SID, "later OTHER\\bert - C:\\Users\\bert.CORP");
	done(&accounts, &file, &target);
}

Test(account_map, a_new_domain_name_that_the_target_knows_gives_its_sid)
{
	struct account_rename  domains[] = { { "CORP", "NEW" }, { "OLDPC", "PC7" } };
	struct account_maps    maps = { NULL, 0, domains, 2, true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	add_profile(&target, "S-1-5-21-70-80-90-55", "new", "Bert", "C:\\Users\\b");
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0), "%s", err.text);
	expect_mapped(&accounts, BERT_SID, "known NEW\\bert S-1-5-21-70-80-90-55 C:\\Users\\b there");
	expect_mapped(&accounts, OLD_ANNA, "create PC7\\anna - C:\\Users\\anna");
	done(&accounts, &file, &target);
}

struct refused {
	char from[2][48], to[2][48];
};

ParameterizedTestParameters(account_map, senseless_renames_are_refused)
{
	static struct refused cases[] = {
		{ { "CORP\\nobody" }, { "x" } },          { { "anna", "CORP\\bert" }, { "x", "x" } },
		{ { "anna" }, { BERT_SID } },             { { "anna" }, { "S-1-nonsense" } },
		{ { "anna" }, { "CORP\\" } },             { { "S-1-5-21-9-9-9-9" }, { "x" } },
	};

	return CASES(struct refused, cases);
}

ParameterizedTest(struct refused *c, account_map, senseless_renames_are_refused)
{
	struct account_rename  users[] = { { c->from[0], c->to[0] }, { c->from[1], c->to[1] } };
	struct account_maps    maps = { users, *c->from[1] ? 2 : 1, NULL, 0, true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = stored();
	struct mapped_accounts accounts;
	struct error           err;

	cr_expect(eq(int, map(&maps, &target, &file, &accounts, &err), -1), "%s", c->from[0]);
	cr_expect(eq(int, err.kind, ERROR_USAGE));
	done(&accounts, &file, &target);
}

struct folder {
	char path[80], wanted[80];
};

ParameterizedTestParameters(account_map, a_stored_folder_never_leads_elsewhere)
{
	static struct folder cases[] = {
		{ "C:\\Users\\..", "C:\\Users\\" OLD_ANNA },   { "C:\\Users\\", "C:\\Users\\" OLD_ANNA },
		{ "", "C:\\Users\\" OLD_ANNA },                { "C:\\Users\\x/..", "C:\\Users\\" OLD_ANNA },
		{ "C:\\Users\\a:b", "C:\\Users\\" OLD_ANNA },  { "C:\\Users\\anna ", "C:\\Users\\" OLD_ANNA },
		{ "C:\\Users\\public", "C:\\Users\\public.PC7" }, { "E:\\Home\\anna", "C:\\Users\\anna" },
		{ "C:\\Users\\a\nb", "C:\\Users\\" OLD_ANNA },
	};

	return CASES(struct folder, cases);
}

ParameterizedTest(struct folder *c, account_map, a_stored_folder_never_leads_elsewhere)
{
	struct account_maps    maps = { .create = true };
	struct windows         target = windows_of_nobody();
	struct people_file     file = { .computer = copy_of(""), .machine_sid = copy_of("") };
	struct mapped_accounts accounts;
	struct error           err;

	cr_assert(eq(int, people_file_add(&file, person(OLD_ANNA, "OLDPC", "anna", true, c->path), &err), 0));
	cr_assert(eq(int, map(&maps, &target, &file, &accounts, &err), 0), "%s", err.text);
	cr_expect(eq(str, accounts.items[0].profile, c->wanted));
	done(&accounts, &file, &target);
}
