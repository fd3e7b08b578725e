/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_release.c - holdfast release: a store is dropped, its files stay */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/engine/release.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast release --store PATH [OPTION]... [LETTER=]VOLUME...\n"
	"\n"
	"Drop a store once its files are back in their places: PATH\\USMT, its\n"
	"generations, and captures that were not finished. The files keep their other\n"
	"names, and all else. When a single file has no name outside of stores, nothing\n"
	"is dropped, and those files are listed. VOLUME is a raw image or a device (@N\n"
	"picks a partition, @+BYTES an offset); the first is C unless it says otherwise.\n"
	"Cut off and run again, it goes on.\n"
	"\n"
	"      --store PATH   folder on each volume, as in \\StateStore; the store is\n"
	"                     PATH\\USMT\n"
	"      --overwrite-deleted  write although a deleted store lies on the volume\n"
	"      --json         one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  -v, --verbose      no effect here\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit status: 0 all well; 2 usage; 3 could not work, or refused: the message says\n"
	"what to do.\n";

struct release_command {
	const char            *store;
	bool                   overwrite_deleted;
	struct command_options common;
	struct release_plan    plan;
	bool                   planned, done;
};

static void print_lost(const struct release_plan *plan)
{
	if (!plan->lost_files)
		return;
	ink_print(stdout, INK_BAD, "Files that are nowhere else:");
	putchar('\n');
	for (size_t i = 0; i < plan->lost.count; i++) {
		fputs("  ", stdout);
		text_print(stdout, plan->lost.items[i], strlen(plan->lost.items[i]));
		putchar('\n');
	}
	if (plan->lost_files > plan->lost.count)
		printf("  ... and %s more\n", text_count(plan->lost_files - plan->lost.count).text);
	puts("What brings them back:");
	for (size_t i = 0; i < plan->holders.count; i++) {
		const struct release_holder *holder = &plan->holders.items[i];

		text_line(stdout, "  %s files of %s: %s", text_count(holder->files).text, holder->name, holder->way_out);
	}
	fflush(stdout);
}

static void print_result(const struct release_plan *plan)
{
	if (!plan->directories) {
		text_line(stdout, "There is no store at %s; nothing was written.", plan->path);
		return;
	}
	text_line(stdout, "Released %s: %s files keep their other names and lost %s; %s folders are removed",
		  plan->path, text_count(plan->files).text, text_count(plan->names).text,
		  text_count(plan->directories).text);
	if (plan->copies)
		printf("Copies removed, for their originals are in place: %s\n",
		       text_count(plan->copies).text);
}

static void print_json(const struct release_command *command)
{
	const struct release_plan *plan = &command->plan;
	struct json                json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "store", plan->path);
	json_key_bool(&json, "done", command->done);
	json_key_uint(&json, "files", plan->files);
	json_key_uint(&json, "names_removed", plan->names);
	json_key_uint(&json, "copies_removed", plan->copies);
	json_key_uint(&json, "directories_removed", plan->directories);
	json_key_uint(&json, "only_here", plan->lost_files);
	json_key_uint(&json, "only_here_bytes", plan->lost_bytes);
	json_key_strings(&json, "only_here_first", (const char *const *)plan->lost.items, plan->lost.count);
	json_key(&json, "only_here_in");
	json_begin(&json, '[');
	for (size_t i = 0; i < plan->holders.count; i++)
		release_holder_json(&json, &plan->holders.items[i]);
	json_end(&json, ']');
	json_end(&json, '}');
	putchar('\n');
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct release_command *command = context;
	struct release_plan    *plan = &command->plan;

	if (release_plan_make(plan, volumes, command->store, command->overwrite_deleted, err) < 0)
		return -1;
	command->planned = true;
	if (!command->common.json)
		print_lost(plan);
	if (plan->lost_files)
		return error_set(
			err, ERROR_REFUSED, plan->path,
			"holds %s files (%s) that have no name outside of stores, so nothing was released; put "
			"them back first ('%.80s'), or copy them to where they are wanted",
			text_count(plan->lost_files).text, text_size(plan->lost_bytes).text,
			plan->holders.items[0].way_out);
	if (release_run(plan, err) < 0)
		return -1;
	command->done = true;
	return 0;
}

int cmd_release(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "store", required_argument, NULL, 's' },
						 { "overwrite-deleted", no_argument, NULL, 'o' },
						 { NULL, 0, NULL, 0 } };
	struct release_command     command = { 0 };
	struct error               err;
	int                        option, status;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 's')
			command.store = optarg;
		else if (option == 'o')
			command.overwrite_deleted = true;
		else
			command_option(option, argv, usage, &command.common);
	}
	if (!command.store)
		return command_usage("release", "which store? name its folder, as in --store '\\StateStore'");
	if (optind == argc)
		return command_usage("release", "name the volume, as in disk.img@2 or C=/dev/sda2");
	progress_setup(command.common.quiet || command.common.json);
	status = work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_WRITE, run, &command, &err);
	if (command.planned && command.common.json)
		print_json(&command);
	else if (status == 0)
		print_result(&command.plan);
	release_plan_release(&command.plan);
	return status < 0 ? command_failed("release", &err) : EXIT_GOOD;
}
