/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migration_arguments.c - see migration_arguments.h */
#include "recover/engine/migration_arguments.h"

#include <string.h>

int migration_arguments_init(struct migration_arguments *arguments, int argc, struct error *err)
{
	size_t count = (size_t)argc + 2;

	*arguments = (struct migration_arguments){ .rules = calloc(count, sizeof *arguments->rules),
						   .users = calloc(count, sizeof *arguments->users),
						   .without = calloc(count, sizeof *arguments->without),
						   .user_maps = calloc(count, sizeof *arguments->user_maps),
						   .domain_maps = calloc(count, sizeof *arguments->domain_maps) };
	if (!arguments->rules || !arguments->users || !arguments->without || !arguments->user_maps ||
	    !arguments->domain_maps)
		return error_memory(err);
	arguments->options.rules = arguments->rules;
	arguments->options.users.include = arguments->users;
	arguments->options.users.exclude = arguments->without;
	arguments->options.maps.users = arguments->user_maps;
	arguments->options.maps.domains = arguments->domain_maps;
	arguments->options.maps.create = true;
	return 0;
}

void migration_arguments_release(struct migration_arguments *arguments)
{
	free(arguments->rules);
	free(arguments->users);
	free(arguments->without);
	free(arguments->user_maps);
	free(arguments->domain_maps);
}

/* A user who is named is meant alone: everybody else is left out. */
static void take_user(struct migration_arguments *arguments, const char *value)
{
	struct account_choice *users = &arguments->options.users;

	if (!users->include_count)
		arguments->without[users->exclude_count++] = "S-1-*";
	arguments->users[users->include_count++] = value;
}

/* "OLD=NEW" */
static bool take_map(struct migration_arguments *arguments, struct account_rename *maps, size_t *count, char *value)
{
	char *equals = strchr(value, '=');

	if (!equals) {
		arguments->wrong = value;
		return false;
	}
	*equals = 0;
	maps[(*count)++] = (struct account_rename){ value, equals + 1 };
	return true;
}

bool migration_arguments_take(struct migration_arguments *arguments, int option, char *value)
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
	case ARGUMENT_MAP_USER:
		return take_map(arguments, arguments->user_maps, &options->maps.user_count, value);
	case ARGUMENT_MAP_DOMAIN:
		return take_map(arguments, arguments->domain_maps, &options->maps.domain_count, value);
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
