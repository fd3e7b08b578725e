/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migration_arguments.c - see migration_arguments.h */
#include "recover/engine/migration_arguments.h"

int migration_arguments_init(struct migration_arguments *arguments, int argc, struct error *err)
{
	size_t count = (size_t)argc + 2;

	*arguments = (struct migration_arguments){ .rules = calloc(count, sizeof *arguments->rules),
						   .users = calloc(count, sizeof *arguments->users),
						   .without = calloc(count, sizeof *arguments->without) };
	if (!arguments->rules || !arguments->users || !arguments->without)
		return error_memory(err);
	arguments->options.rules = arguments->rules;
	arguments->options.users.include = arguments->users;
	arguments->options.users.exclude = arguments->without;
	return 0;
}

void migration_arguments_release(struct migration_arguments *arguments)
{
	free(arguments->rules);
	free(arguments->users);
	free(arguments->without);
}

/* A user who is named is meant alone: everybody else is left out. */
static void take_user(struct migration_arguments *arguments, const char *value)
{
	struct account_choice *users = &arguments->options.users;

	if (!users->include_count)
		arguments->without[users->exclude_count++] = "S-1-*";
	arguments->users[users->include_count++] = value;
}

bool migration_arguments_take(struct migration_arguments *arguments, int option, const char *value)
{
	struct migration_options *options = &arguments->options;

	switch (option) {
	case ARGUMENT_RULES:
		arguments->rules[options->rule_count++] = value;
		return true;
	case ARGUMENT_CONFIG:
		options->config = value;
		return true;
	case ARGUMENT_USER:
		take_user(arguments, value);
		return true;
	case ARGUMENT_WITHOUT:
		arguments->without[options->users.exclude_count++] = value;
		return true;
	case ARGUMENT_WINDOWS:
		options->windows.directory = value;
		return true;
	default:
		return false;
	}
}

bool migration_arguments_any(const struct migration_arguments *arguments)
{
	const struct migration_options *options = &arguments->options;

	return options->rule_count || options->config || options->users.include_count ||
	       options->users.exclude_count || options->windows.directory;
}
