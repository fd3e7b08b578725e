/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migration.c - see migration.h */
#include "recover/engine/migration.h"

/* The files that were named, and the built-in rules if they are wanted or there are no others. */
static int read_rules(struct migration *migration, struct error *err)
{
	const struct migration_options *options = migration->options;

	migration->files = calloc(options->rule_count + 1, sizeof *migration->files);
	if (!migration->files)
		return error_memory(err);
	for (size_t i = 0; i < options->rule_count; i++)
		if (rule_file_read(&migration->files[migration->file_count++], options->rules[i], err) < 0)
			return -1;
	if ((options->builtin_rules || !options->rule_count) &&
	    rule_file_builtin(&migration->files[migration->file_count++], err) < 0)
		return -1;
	if (options->config && config_file_read(&migration->config, options->config, err) < 0)
		return -1;
	migration->rules = (struct rule_set){ .files = migration->files,
					      .count = migration->file_count,
					      .config = options->config ? &migration->config : NULL };
	return 0;
}

static int choose_users(struct migration *migration, struct error *err)
{
	struct chosen_accounts *accounts = &migration->accounts;

	if (account_choice_make(&migration->options->users, &migration->windows, accounts, err) < 0)
		return -1;
	migration->users = calloc(accounts->count + 1, sizeof *migration->users);
	if (!migration->users)
		return error_memory(err);
	for (size_t i = 0; i < accounts->count; i++)
		if (accounts->items[i].chosen)
			migration->users[migration->user_count++] = accounts->items[i].profile;
	return 0;
}

static bool leaves_out_any(const struct config_file *config)
{
	for (size_t i = 0; i < config->count; i++)
		if (!config->components[i].migrate)
			return true;
	return false;
}

/* Something was asked for that without a Windows would not happen, and nobody would know. */
static int refuse_without_windows(const struct migration *migration, const struct work_volumes *volumes,
				  struct error *err)
{
	const struct account_choice *users = &migration->options->users;

	if (migration->options->windows.directory)
		return error_set(err, ERROR_REFUSED, migration->options->windows.directory,
				 "is no Windows: no registry lies in its System32\\config; correct --windows, or leave it "
				 "out to have it looked for");
	if (!migration->options->rule_count && leaves_out_any(&migration->config))
		return error_set(err, ERROR_REFUSED, volumes->items[0].source,
				 "holds no Windows, so the built-in rules do not apply and Config.xml would leave nothing "
				 "out; name its folder with --windows, name rules, or leave out the Config.xml");
	if (!users->include_count && !users->exclude_count && !users->used_since)
		return 0;
	return error_set(err, ERROR_REFUSED, volumes->items[0].source,
			 "holds no Windows whose users could be told apart; name its folder with --windows, or leave "
			 "out the choice of users");
}

int migration_open_rules(struct migration *migration, const struct migration_options *options, struct error *err)
{
	*migration = (struct migration){ .options = options };
	return read_rules(migration, err);
}

int migration_open(struct migration *migration, const struct migration_options *options,
		   struct work_volumes *volumes, struct error *err)
{
	int found;

	if (migration_open_rules(migration, options, err) < 0)
		return -1;
	found = windows_open(&migration->windows, volumes, &options->windows, err);
	if (found < 0)
		return -1;
	migration->has_windows = found;
	return found ? choose_users(migration, err) : refuse_without_windows(migration, volumes, err);
}

void migration_close(struct migration *migration)
{
	for (size_t i = 0; i < migration->file_count; i++)
		rule_file_release(&migration->files[i]);
	free(migration->files);
	config_file_release(&migration->config);
	free(migration->users);
	array_release(&migration->accounts);
	windows_close(&migration->windows);
}
