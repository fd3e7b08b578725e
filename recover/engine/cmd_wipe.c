/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_wipe.c - holdfast wipe: everything off a volume but what is kept */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/engine/state_store.h"
#include "recover/engine/wipe.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast wipe --keep PATH [OPTION]... [LETTER=]VOLUME\n"
	"       holdfast wipe --store PATH --store-on VOLUME [OPTION]... [LETTER=]VOLUME\n"
	"\n"
	"Remove everything from a volume but the kept paths, System Volume Information\n"
	"and the file system's own. One of them must hold a finished capture; or a store\n"
	"of copies has to lie on another volume (capture --copy), which is only read: a\n"
	"file is covered if it is as its copy there. First it lists the user data that\n"
	"neither covers; with any of that it goes no further without --yes, and with a\n"
	"profile that no store knows of, made after the capture, not at all. VOLUME is a\n"
	"raw image or a device (@N picks a partition, @+BYTES an offset). A power cut at\n"
	"any moment leaves a sound volume with all that is kept; run again, it goes on.\n"
	"\n"
	"      --keep PATH    what stays, with all below it, as in \\StateStore; may be\n"
	"                     given several times\n"
	"      --store PATH   folder on another volume with a store of copies, as in\n"
	"                     \\StateStore\n"
	"      --store-on VOLUME  that volume\n"
	"      --without-user NAME  a user whose profile may be lost though no store\n"
	"                           knows it; several times\n"
	"      --yes          remove user data that is not covered, too\n"
	"      --overwrite-deleted  write although a deleted store lies on the volume\n"
	"      --json         one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  -v, --verbose      no effect here\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit status: 0 all well; 2 usage; 3 could not work, or refused: the message says\n"
	"what to do.\n";

struct wipe_command {
	struct wipe_options    options;
	const char            *store;    /* of copies, or NULL */
	char                  *store_on; /* the volume that it lies on */
	struct work_volume    *volume;   /* that is wiped */
	bool                   yes;
	struct command_options common;
	struct wipe_plan       plan;
	uint64_t               bytes_freed;
	bool                   planned, done;
};

static void print_uncovered(const struct wipe_command *command)
{
	const struct uncovered_folders *folders = &command->plan.uncovered.folders;

	if (!folders->count)
		return;
	ink_print(stdout, INK_BAD, "%s",
		  command->store ? "User data that neither a kept path nor the copies cover:"
				 : "User data that no kept path covers:");
	putchar('\n');
	for (size_t i = 0; i < folders->count; i++) {
		const struct uncovered_folder *folder = &folders->items[i];

		printf("  %-7s  ", uncovered_kind_name(folder->kind));
		text_print(stdout, folder->path, strlen(folder->path));
		printf("  (%s)\n", uncovered_text(folder).text);
	}
	fflush(stdout);
}

/* A store is gone with files that were only there: the guards of all that writes have something to say. */
static void print_removed_store(const struct wipe_command *command, const char *source)
{
	const struct uncovered_folders *folders = &command->plan.uncovered.folders;
	bool                            found = false;

	for (size_t i = 0; i < folders->count; i++)
		found = found || (folders->items[i].kind == UNCOVERED_STORE && folders->items[i].files);
	if (!found)
		return;
	printf("A store was removed with files that were only there. Until something is written over them they can be "
	       "had:\n  ");
	ink_print(stdout, INK_NEXT, "holdfast rescue --to DIR %s", source);
	puts("\nSo 'restore' and all else that writes to the volume will ask for --overwrite-deleted.");
}

static void print_people(const struct wipe_people *people)
{
	if (people->count)
		puts("Users who were captured, but not all that is theirs:");
	for (size_t i = 0; i < people->count; i++) {
		fputs("  ", stdout);
		text_print(stdout, people->items[i].name, strlen(people->items[i].name));
		fputs(": ", stdout);
		text_print(stdout, people->items[i].why, strlen(people->items[i].why));
		putchar('\n');
	}
}

static void print_people_json(const struct wipe_people *people, struct json *json)
{
	json_key(json, "not_in_full");
	json_begin(json, '[');
	for (size_t i = 0; i < people->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "user", people->items[i].name);
		json_key_string(json, "profile", people->items[i].path);
		json_key_string(json, "why", people->items[i].why);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void print_result(const struct wipe_command *command, const char *source)
{
	const struct wipe_plan *plan = &command->plan;

	if (!plan->victims.count) {
		puts("Nothing is left to be removed; nothing was written.");
		return;
	}
	printf("Removed %s files and %s folders, %s freed\n", text_count(plan->files).text,
	       text_count(plan->directories).text, text_size(command->bytes_freed).text);
	printf("Kept %s files and %s folders; the files lost %s names elsewhere\n",
	       text_count(plan->kept_files).text, text_count(plan->kept_directories).text,
	       text_count(plan->names).text);
	print_removed_store(command, source);
}

static void print_json(const struct wipe_command *command)
{
	const struct wipe_plan *plan = &command->plan;
	struct json             json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_bool(&json, "done", command->done);
	json_key_uint(&json, "files_removed", plan->files);
	json_key_uint(&json, "directories_removed", plan->directories);
	json_key_uint(&json, "names_removed", plan->names);
	json_key_uint(&json, "bytes_freed", command->bytes_freed);
	json_key_uint(&json, "files_kept", plan->kept_files);
	json_key_uint(&json, "directories_kept", plan->kept_directories);
	coverage_json(&plan->uncovered, &json, "uncovered");
	print_people_json(&plan->people, &json);
	json_end(&json, '}');
	putchar('\n');
}

static int wipe(struct wipe_command *command, struct wipe_copies *copies, struct error *err)
{
	struct work_volume *volume = command->volume;

	command->options.copies = copies;
	if (wipe_plan_make(&command->plan, volume, &command->options, err) < 0)
		return -1;
	command->planned = true;
	if (!command->common.json) {
		print_people(&command->plan.people);
		print_uncovered(command);
	}
	if (!command->yes && wipe_refuse_loss(&command->plan, volume, err) < 0)
		return -1;
	if (wipe_run(&command->plan, volume, &command->bytes_freed, err) < 0)
		return -1;
	command->done = true;
	return 0;
}

static int wipe_with_copies(void *context, struct work_volumes *volumes, struct error *err)
{
	struct wipe_command   *command = context;
	CLEANUP(free_ptr) char *path = NULL;
	struct wipe_copies     copies = { .volume = volumes->items };

	if (store_path_parse(command->store, &path, err) < 0)
		return -1;
	if (work_volume_is_same(command->volume, copies.volume))
		return error_set(err, ERROR_USAGE, copies.volume->source,
				 "is the volume that is to be wiped; name what stays on it with --keep");
	copies.path = path;
	return wipe(command, &copies, err);
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct wipe_command *command = context;

	command->volume = volumes->items;
	if (!command->store)
		return wipe(command, NULL, err);
	return work_volumes_run(&command->store_on, 1, WORK_READ, wipe_with_copies, command, err);
}

int cmd_wipe(int argc, char **argv)
{
	static const struct option     options[] = { COMMAND_LONG,
						     { "keep", required_argument, NULL, 'k' },
						     { "without-user", required_argument, NULL, 'w' },
						     { "store", required_argument, NULL, 's' },
						     { "store-on", required_argument, NULL, 'S' },
						     { "yes", no_argument, NULL, 'y' },
						     { "overwrite-deleted", no_argument, NULL, 'o' },
						     { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) const char **keep = calloc((size_t)argc + 1, sizeof *keep);
	CLEANUP(free_ptr) const char **without = calloc((size_t)argc + 1, sizeof *without);
	struct wipe_command            command = { .options = { .keep = keep, .without = without } };
	struct error                   err;
	int                            option, status;

	if (!keep || !without) {
		(void)error_memory(&err);
		return command_failed("wipe", &err);
	}
	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 'k')
			keep[command.options.keep_count++] = optarg;
		else if (option == 'w')
			without[command.options.without_count++] = optarg;
		else if (option == 's')
			command.store = optarg;
		else if (option == 'S')
			command.store_on = optarg;
		else if (option == 'y')
			command.yes = true;
		else if (option == 'o')
			command.options.overwrite_deleted = true;
		else
			command_option(option, argv, usage, &command.common);
	}
	if (!command.store != !command.store_on)
		return command_usage("wipe", "--store and --store-on go together: the store's folder, and the volume "
					     "that it lies on");
	if (!command.options.keep_count && !command.store)
		return command_usage(
			"wipe", "what stays? name at least the store's folder, as in --keep '\\StateStore'");
	if (argc - optind != 1)
		return command_usage("wipe", "name one volume, as in disk.img@2 or /dev/sda2");
	progress_setup(command.common.quiet || command.common.json);
	status = work_volumes_run(argv + optind, 1, WORK_WRITE, run, &command, &err);
	if (command.planned && command.common.json)
		print_json(&command);
	else if (status == 0)
		print_result(&command, argv[optind]);
	wipe_plan_release(&command.plan);
	return status < 0 ? command_failed("wipe", &err) : EXIT_GOOD;
}
