/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_users.c - holdfast users: who is on the offline Windows */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/windows/profile_folder.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast users [--windows DIR] [--map PAIRS] VOLUME...\n"
	"\n"
	"Tell who is on the Windows that lies on the volumes: names and where they are\n"
	"known from, profile folders, how much is in them, when they were last used, and\n"
	"what is wrong. Nothing is written. VOLUME is [LETTER=]SOURCE; the letter of the\n"
	"first is C if it is left out.\n"
	"\n"
	"      --windows DIR  the Windows directory, as in D:\\Windows (otherwise it is\n"
	"                     looked for)\n"
	"      --map PAIRS    drive letters, what the Windows calls them and what they\n"
	"                     are here: 'D=E E=D'\n"
	"      --json         one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  -v, --verbose      also the system's own profiles\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit status: 0 all well; 1 a profile or a hive is damaged or not there; 2 usage;\n"
	"3 could not work, or there is no Windows.\n";

struct users_command {
	struct command_options common;
	struct windows_options options;
	struct windows         windows;
	struct folder_size    *sizes;  /* by profile */
	struct texts           strays; /* folders of nobody's */
	bool                   damaged;
};

/* -------- words -------- */

static const char *source_words(const struct user_profile *profile)
{
	switch (profile->source) {
	case NAME_FROM_SAM:
		return profile->disabled ? "a local account, disabled" : "a local account";
	case NAME_FROM_CACHE:
		return profile->special ? "the system's own" : "as Windows remembers";
	default:
		return profile->local ? "by the folder's name: a local account that is gone"
				      : "by the folder's name: nothing else tells it";
	}
}

static void print_profile(const struct user_profile *profile, const struct folder_size *size)
{
	text_line(stdout, "%s%s%s  (%s)", profile->domain, *profile->domain ? "\\" : "", profile->name,
		  source_words(profile));
	text_line(stdout, "  %s", profile->sid);
	if (profile->volume)
		text_line(stdout, "  %s: %s files, %s%s%s", profile->path, text_count(size->files).text,
			  text_size(size->bytes).text, profile->used ? ", last used " : "",
			  profile->used ? text_time(profile->used).text : "");
	else
		text_line(stdout, "  %s", *profile->path ? profile->path : "no folder");
	if (profile->trouble)
		text_line(stdout, "  ! %s", profile->trouble);
}

static void print_text(const struct users_command *command)
{
	const struct windows *windows = &command->windows;

	text_line(stdout, "%s: Windows %u.%u (build %u), %s, computer %s", windows->directory,
		  windows->version_major, windows->version_minor, windows->build,
		  windows->is_64bit ? "64 bit" : "32 bit",
		  *windows->computer ? windows->computer : "unknown");
	if (windows->trouble)
		text_line(stdout, "  ! %s", windows->trouble);
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (!windows->profiles.items[i].special || command->common.verbose)
			print_profile(&windows->profiles.items[i], &command->sizes[i]);
	for (size_t i = 0; i < command->strays.count; i++)
		text_line(stdout, "! %s looks like a profile, but is in nobody's entry of ProfileList",
			  command->strays.items[i]);
}

/* -------- JSON -------- */

static void json_profile(struct json *json, const struct user_profile *profile,
			 const struct folder_size *size)
{
	json_begin(json, '{');
	json_key_string(json, "sid", profile->sid);
	json_key_string(json, "name", profile->name);
	json_key_string(json, "domain", profile->domain);
	json_key_bool(json, "local", profile->local);
	json_key_string(json, "source", name_source_word(profile->source));
	json_key_bool(json, "special", profile->special);
	json_key_bool(json, "disabled", profile->disabled);
	json_key_string(json, "path", profile->path);
	json_key_bool(json, "folder", profile->volume != NULL);
	json_key_uint(json, "files", size->files);
	json_key_uint(json, "bytes", size->bytes);
	json_key_string(json, "used", profile->used ? text_time(profile->used).text : NULL);
	json_key_string(json, "trouble", profile->trouble);
	json_end(json, '}');
}

static void print_json(const struct users_command *command)
{
	const struct windows *windows = &command->windows;
	struct json           json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "windows", windows->directory);
	json_key_string(&json, "computer", windows->computer);
	json_key_string(&json, "machine_sid", windows->machine_sid);
	json_key_uint(&json, "version_major", windows->version_major);
	json_key_uint(&json, "version_minor", windows->version_minor);
	json_key_uint(&json, "build", windows->build);
	json_key_bool(&json, "is_64bit", windows->is_64bit);
	json_key_string(&json, "profiles_folder", windows->profiles_folder);
	json_key_string(&json, "public_folder", windows->public_folder);
	json_key_string(&json, "default_folder", windows->default_folder);
	json_key_string(&json, "program_data", windows->program_data);
	json_key_string(&json, "trouble", windows->trouble);
	json_key(&json, "users");
	json_begin(&json, '[');
	for (size_t i = 0; i < windows->profiles.count; i++)
		json_profile(&json, &windows->profiles.items[i], &command->sizes[i]);
	json_end(&json, ']');
	json_key(&json, "accounts");
	json_begin(&json, '[');
	for (size_t i = 0; i < windows->accounts.count; i++) {
		json_begin(&json, '{');
		json_key_string(&json, "name", windows->accounts.items[i].name);
		json_key_uint(&json, "rid", windows->accounts.items[i].rid);
		json_key_bool(&json, "disabled", windows->accounts.items[i].disabled);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_key_strings(&json, "strays", (const char *const *)command->strays.items, command->strays.count);
	json_end(&json, '}');
	fputc('\n', stdout);
}

/* -------- the command -------- */

/* Look at all of it before a word is said. */
static int look(struct users_command *command, struct error *err)
{
	struct windows *windows = &command->windows;

	command->sizes = calloc(windows->profiles.count + 1, sizeof *command->sizes);
	if (!command->sizes)
		return error_memory(err);
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (profile_folder_size(&windows->profiles.items[i], &command->sizes[i], err) < 0)
			return -1;
	if (profile_folders_stray(windows, &command->strays, err) < 0)
		return -1;
	command->damaged = windows->trouble || command->strays.count;
	for (size_t i = 0; i < windows->profiles.count; i++)
		command->damaged = command->damaged || windows->profiles.items[i].trouble;
	return 0;
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct users_command *command = context;
	int                   found = windows_open(&command->windows, volumes, &command->options, err);

	if (found == 0)
		return error_set(
			err, ERROR_VALUE, volumes->items[0].source,
			"has no Windows directory%s; name all its volumes, or the directory with --windows",
			command->options.directory ? " of that name" : "");
	if (found < 0 || look(command, err) < 0)
		return -1;
	if (command->common.json)
		print_json(command);
	else
		print_text(command);
	return command_flush(err);
}

int cmd_users(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "windows", required_argument, NULL, 'w' },
						 { "map", required_argument, NULL, 'm' },
						 { NULL, 0, NULL, 0 } };
	struct users_command       command = { 0 };
	struct error               err;
	int                        option, result;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 'w')
			command.options.directory = optarg;
		else if (option == 'm')
			command.options.mappings = optarg;
		else
			command_option(option, argv, usage, &command.common);
	}
	if (argc == optind)
		return command_usage("users", "which volume? name an image or a device");
	progress_setup(command.common.quiet || command.common.json);
	result = work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_READ, run, &command, &err);
	windows_close(&command.windows);
	texts_release(&command.strays);
	free(command.sizes);
	if (result < 0)
		return command_failed("users", &err);
	return command.damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
