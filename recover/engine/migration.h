/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migration.h - whose data and which: the rules, the users and the Windows that a step works with
 *
 * Opened from what the command line says, over volumes whose trees are read.
 */
#ifndef RECOVER_ENGINE_MIGRATION_H
#define RECOVER_ENGINE_MIGRATION_H

#include "recover/rules/rule_selection.h"
#include "recover/windows/account_choice.h"
#include "recover/windows/account_map.h"

struct migration_options {
	const char *const     *rules; /* rule files of the host */
	size_t                 rule_count; /* 0: the built-in ones */
	bool                   builtin_rules; /* beside those that are named, too */
	const char            *config; /* Config.xml, or NULL */
	struct account_choice  users;
	struct account_maps    maps;   /* /mu, /md, /lac; of a restore */
	struct windows_options windows;
	bool                   enable_accounts;  /* /lae: those that are made can be used at once */
	const char            *account_password; /* of /lac, NULL none */
};

struct migration {
	const struct migration_options *options; /* borrowed */
	struct rule_file               *files;
	size_t                          file_count;
	struct config_file              config; /* .document.root NULL: none */
	struct rule_set                 rules;
	struct windows                  windows;
	bool                            has_windows;
	struct chosen_accounts          accounts;
	const struct user_profile     **users; /* those of .accounts that are chosen */
	size_t                          user_count;
};

/* Returns 0, or -1: a rule file is broken, two Windows, nobody of that name.  migration_close in any case. */
MUST_CHECK int migration_open(struct migration *migration, const struct migration_options *options,
			      struct work_volumes *volumes, struct error *err);

/* The rules alone, for a Windows that somebody else has opened. */
MUST_CHECK int migration_open_rules(struct migration *migration, const struct migration_options *options,
				    struct error *err);
void           migration_close(struct migration *migration);

#endif
