/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_users.c - holdfast users: who is on the offline Windows */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/windows/windows.h"

#include <stdarg.h>
#include <string.h>

static const char usage[] =
	"Usage: holdfast users [--windows DIR] [--map PAIRS] VOLUME...\n"
	"\n"
	"Tell who is on the Windows that lies on the volumes: names and where they are known from, profile\n"
	"folders, when they were last used, and what is wrong with them. Nothing is written.\n"
	"VOLUME is [LETTER=]SOURCE; the letter of the first is C if it is left out.\n"
	"\n"
	"      --windows DIR  the Windows directory, as in D:\\Windows (otherwise it is looked for)\n"
	"      --map PAIRS    drive letters, what the Windows calls them and what they are here: 'D=E E=D'\n"
	"      --json         one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  -v, --verbose      also the system's own profiles\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit status: 0 all well; 1 a profile or a hive is damaged or not there; 2 usage; 3 could not work,\n"
	"or there is no Windows.\n";

struct users_command {
	struct command_options common;
	struct windows_options windows;
	bool                   damaged;
};

/* -------- words -------- */

/* A line with names of the volume in it. */
__attribute__((format(printf, 1, 2))) static void print_line(const char *format, ...)
{
	CLEANUP(free_ptr) char *line = NULL;
	va_list                 arguments;
	int                     length;

	va_start(arguments, format);
	length = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (length < 0)
		line = NULL;
	else
		text_print(stdout, line, (size_t)length);
	fputc('\n', stdout);
}

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

static void print_profile(const struct user_profile *profile)
{
	print_line("%s%s%s  (%s)", profile->domain, *profile->domain ? "\\" : "", profile->name, source_words(profile));
	print_line("  %s", profile->sid);
	print_line("  %s%s%s", *profile->path ? profile->path : "no folder", profile->used ? ", last used " : "",
		   profile->used ? text_time(profile->used).text : "");
	if (profile->trouble)
		print_line("  ! %s", profile->trouble);
}

static void print_text(const struct users_command *command, const struct windows *windows)
{
	print_line("%s: Windows %u.%u (build %u), %s, computer %s", windows->directory, windows->version_major,
		   windows->version_minor, windows->build, windows->is_64bit ? "64 bit" : "32 bit",
		   *windows->computer ? windows->computer : "unknown");
	if (windows->trouble)
		print_line("  ! %s", windows->trouble);
	for (size_t i = 0; i < windows->profiles.count; i++)
		if (!windows->profiles.items[i].special || command->common.verbose)
			print_profile(&windows->profiles.items[i]);
}

/* -------- JSON -------- */

static void json_profile(struct json *json, const struct user_profile *profile)
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
	json_key_string(json, "used", profile->used ? text_time(profile->used).text : NULL);
	json_key_string(json, "trouble", profile->trouble);
	json_end(json, '}');
}

static void print_json(const struct windows *windows)
{
	struct json json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "windows", windows->directory);
	json_key_string(&json, "computer", windows->computer);
	json_key_string(&json, "machine_sid", windows->machine_sid);
	json_key_uint(&json, "version_major", windows->version_major);
	json_key_uint(&json, "version_minor", windows->version_minor);
	json_key_uint(&json, "build", windows->build);
	json_key_bool(&json, "is_64bit", windows->is_64bit);
	json_key_string(&json, "trouble", windows->trouble);
	json_key(&json, "users");
	json_begin(&json, '[');
	for (size_t i = 0; i < windows->profiles.count; i++)
		json_profile(&json, &windows->profiles.items[i]);
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
	json_end(&json, '}');
	fputc('\n', stdout);
}

/* -------- the command -------- */

static int tell(struct users_command *command, struct windows *windows, struct work_volumes *volumes, struct error *err)
{
	int found = windows_open(windows, volumes, &command->windows, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(err, ERROR_VALUE, volumes->items[0].source,
				 "has no Windows directory%s; name all its volumes, or the directory with --windows",
				 command->windows.directory ? " of that name" : "");
	command->damaged = windows->trouble != NULL;
	for (size_t i = 0; i < windows->profiles.count; i++)
		command->damaged = command->damaged || windows->profiles.items[i].trouble;
	if (command->common.json)
		print_json(windows);
	else
		print_text(command, windows);
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_sys(err, NULL, "cannot write the result");
	return 0;
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct windows windows = { 0 };
	int            result = tell(context, &windows, volumes, err);

	windows_close(&windows);
	return result;
}

int cmd_users(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "windows", required_argument, NULL, 'w' },
						 { "map", required_argument, NULL, 'm' },
						 { NULL, 0, NULL, 0 } };
	struct users_command       command = { 0 };
	struct error               err;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 'w')
			command.windows.directory = optarg;
		else if (option == 'm')
			command.windows.mappings = optarg;
		else
			command_option(option, argv, usage, &command.common);
	}
	if (argc == optind)
		return command_usage("users", "which volume? name an image or a device");
	progress_setup(command.common.quiet);
	if (work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_READ, run, &command, &err) < 0)
		return command_failed("users", &err);
	return command.damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
