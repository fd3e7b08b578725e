/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_capture.c - holdfast capture: the users' files into a store of hard links, or of copies */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/engine/capture.h"
#include "recover/engine/migration_arguments.h"
#include "recover/engine/migration_report.h"

#include <string.h>

#define UNCOVERED_TOLD 10u
#define TROUBLES_TOLD  20u

static const char usage[] =
	"Usage: holdfast capture --store PATH [OPTION]... [LETTER=]VOLUME...\n"
	"                        [LETTER=FOLDER]...\n"
	"\n"
	"Link the users' files into a state store on the same volume; no data is copied.\n"
	"VOLUME is a raw image or a device (@N picks a partition, @+BYTES an offset); the\n"
	"first is C unless it says otherwise, and holds the primary part of the store. A\n"
	"power cut at any moment loses nothing; run again, it goes on. An older store of\n"
	"holdfast's at PATH is set aside as USMT.generation-N. A drive that is not NTFS\n"
	"(FAT, exFAT) is named as the FOLDER where it is mounted, as in E=/mnt/usb: what\n"
	"is in it is copied into the primary part of the store. With --copy nothing is\n"
	"linked: the first VOLUME takes the store with copies of the files of all, as in\n"
	"E=usb.img C=disk.img, and the others are not written to.\n"
	"\n"
	"What is captured is what the migration rules say: those that are named, or the\n"
	"built-in ones (every profile but its caches, and documents anywhere; 'holdfast\n"
	"rules' explains them). Without a Windows on the volumes and without rules it is\n"
	"\\Users and \\Documents and Settings; of a FOLDER, all.\n"
	"\n"
	"      --store PATH     folder on each volume, as in \\StateStore; the store is\n"
	"                       PATH\\USMT\n"
	MIGRATION_USAGE
	"      --tree FOLDER    no rules, but all of a folder, as in \\Data or D:\\Data;\n"
	"                       several times\n"
	"      --copy           no links: copy the files of all volumes into a store on\n"
	"                       the first one\n"
	"      --digest         note the SHA-256 of every file in the catalogue\n"
	"      --new-generation set aside a store at PATH that is not holdfast's, too\n"
	"      --overwrite-deleted  write although a deleted store lies on the volume\n"
	"      --json           one JSON document instead of text\n"
	"  -q, --quiet          no progress bar\n"
	"  -v, --verbose        list every rule that could not be honoured\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something could not be kept; 2 usage; 3\n"
	"could not work, or refused: then no store was made, and the message says what to\n"
	"do.\n";

struct capture_command {
	struct capture_options     options;
	struct migration_arguments arguments;
	struct command_options common;
	struct capture_result  result;
};

static void capture_command_release(struct capture_command *command)
{
	capture_result_release(&command->result);
	migration_arguments_release(&command->arguments);
}

static uint64_t sum_limited(const struct capture_result *result)
{
	uint64_t limited = 0;

	for (size_t i = 0; i < result->count; i++)
		limited += result->parts[i].limited;
	return limited;
}

static uint64_t sum_troubles(const struct capture_result *result)
{
	uint64_t troubles = migration_report_troubles(&result->choice.migration);

	for (size_t i = 0; i < result->count; i++)
		troubles += result->parts[i].troubles.count;
	return troubles;
}

static void print_counts(const struct capture_part *part, bool copy)
{
	if (part->unchanged) {
		printf("%c: everything is in the store already; nothing was written\n", part->letter);
		return;
	}
	printf("%c: %s files (%s names), %s folders, %s\n", part->letter, text_count(part->files).text,
	       text_count(part->names).text, text_count(part->directories).text, text_size(part->bytes).text);
	if (part->folder) {
		fputs("   copied from ", stdout);
		text_print(stdout, part->folder, strlen(part->folder));
		putchar('\n');
	} else if (part->copied && !copy)
		printf("   copied, for they had too many names to be linked: %s files, %s\n",
		       text_count(part->copied).text, text_size(part->copied_bytes).text);
	if (part->limited)
		printf("   not all attributes could be kept of %s folders or copies\n",
		       text_count(part->limited).text);
	if (*part->set_aside)
		text_line(stdout, "   the older store is %s now", part->set_aside);
	if (*part->set_aside && part->alone)
		text_line(stdout, "   IN IT ALONE are %s files; 'restore --generation %s' brings them back",
			  text_count(part->alone).text, part->set_aside + strlen(STORE_OLD_PREFIX));
}

/* What a wipe would destroy. */
static void print_uncovered(const struct capture_part *part)
{
	const struct uncovered_folders *folders = &part->uncovered.folders;
	size_t                          told = 0;

	for (size_t i = 0; i < folders->count; i++) {
		const struct uncovered_folder *folder = &folders->items[i];

		if (folder->kind == UNCOVERED_STORE)
			continue;
		if (told == UNCOVERED_TOLD) {
			puts("     ...");
			break;
		}
		if (!told++) {
			ink_print(stdout, INK_BAD, "   NOT captured, and lost in a wipe");
			puts(" (with --tree, or a rule of your own, it is):");
		}
		printf("     %-7s ", uncovered_kind_name(folder->kind));
		text_print(stdout, folder->path, strlen(folder->path));
		printf("  (%s)\n", uncovered_text(folder).text);
	}
}

static void print_troubles(const struct host_troubles *troubles)
{
	for (size_t i = 0; i < troubles->count; i++) {
		const struct host_trouble *trouble = &troubles->items[i];

		if (i == TROUBLES_TOLD) {
			printf("   ... and %s more (--json lists all)\n", text_count(troubles->count - i).text);
			break;
		}
		ink_print(stdout, trouble->kept ? INK_DOUBT : INK_BAD, "   %s: ",
			  trouble->kept ? "kept, but doubtful" : "LEFT OUT");
		text_line(stdout, "%s (%s%s%s)", trouble->path, trouble->why, trouble->sys ? ": " : "",
			  trouble->sys ? strerror(trouble->sys) : "");
	}
}

static void print_part(const struct capture_part *part, bool copy)
{
	print_counts(part, copy);
	print_troubles(&part->troubles);
	print_uncovered(part);
}

static void print_result(const struct capture_command *command)
{
	const struct capture_result *result = &command->result;

	fputs("The store is ", stdout);
	text_print(stdout, result->path, strlen(result->path));
	puts("\\USMT");
	for (size_t i = 0; i < result->count; i++)
		print_part(&result->parts[i], command->options.copy);
	if (result->choice.by_rules)
		migration_report_print(&result->choice.migration, &result->choice.selection, command->common.verbose,
				       stdout);
	printf("Next: 'holdfast verify' looks at it once more; 'holdfast wipe %s' makes room for a new system.\n",
	       command->options.copy ? "--store PATH --store-on VOLUME" : "--keep");
}

/* Those that were left out, or those that were kept and are doubtful. */
static void print_troubles_json(struct json *json, const struct host_troubles *troubles, bool kept)
{
	json_key(json, kept ? "doubtful" : "left_out");
	json_begin(json, '[');
	for (size_t i = 0; i < troubles->count; i++) {
		const struct host_trouble *trouble = &troubles->items[i];

		if (trouble->kept != kept)
			continue;
		json_begin(json, '{');
		json_key_string(json, "path", trouble->path);
		json_key_string(json, "why", trouble->why);
		json_key_string(json, "error", trouble->sys ? strerror(trouble->sys) : NULL);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void print_json(const struct capture_command *command)
{
	const struct capture_result *result = &command->result;
	struct json                  json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "store", result->path);
	json_key(&json, "volumes");
	json_begin(&json, '[');
	for (size_t i = 0; i < result->count; i++) {
		const struct capture_part *part = &result->parts[i];

		json_begin(&json, '{');
		json_key_string(&json, "letter", (char[]){ part->letter, 0 });
		json_key_string(&json, "folder", part->folder);
		json_key(&json, "unchanged");
		json_bool(&json, part->unchanged);
		json_key_uint(&json, "files", part->files);
		json_key_uint(&json, "names", part->names);
		json_key_uint(&json, "directories", part->directories);
		json_key_uint(&json, "bytes", part->bytes);
		json_key_uint(&json, "copied", part->copied);
		json_key_uint(&json, "copied_bytes", part->copied_bytes);
		json_key_uint(&json, "limited", part->limited);
		json_key_string(&json, "set_aside", part->set_aside);
		json_key_uint(&json, "only_in_older", part->alone);
		print_troubles_json(&json, &part->troubles, false);
		print_troubles_json(&json, &part->troubles, true);
		coverage_json(&part->uncovered, &json, "not_captured");
		json_end(&json, '}');
	}
	json_end(&json, ']');
	if (result->choice.by_rules)
		migration_report_json(&result->choice.migration, &result->choice.selection, &json);
	json_end(&json, '}');
	putchar('\n');
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct capture_command *command = context;

	return capture_run(&command->options, volumes, &command->result, err);
}

int cmd_capture(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "store", required_argument, NULL, 's' },
						 { "tree", required_argument, NULL, 't' },
						 { "copy", no_argument, NULL, 'c' },
						 { "digest", no_argument, NULL, 'd' },
						 { "new-generation", no_argument, NULL, 'n' },
						 { "overwrite-deleted", no_argument, NULL, 'o' },
						 MIGRATION_LONG,
						 { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) char        *line = command_line(argc, argv);
	CLEANUP(free_ptr) const char **trees = calloc((size_t)argc + 1, sizeof *trees);
	CLEANUP(capture_command_release) struct capture_command command = { .options = { .command = line,
											 .trees = trees } };
	struct error err;
	int          option, status;

	if (migration_arguments_init(&command.arguments, argc, &err) < 0 || !line || !trees) {
		(void)error_memory(&err);
		return command_failed("capture", &err);
	}
	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 's')
			command.options.store = optarg;
		else if (option == 't')
			trees[command.options.tree_count++] = optarg;
		else if (option == 'c')
			command.options.copy = true;
		else if (option == 'd')
			command.options.digests = true;
		else if (option == 'n')
			command.options.new_generation = true;
		else if (option == 'o')
			command.options.overwrite_deleted = true;
		else if (!migration_arguments_take(&command.arguments, option, optarg))
			command_option(option, argv, usage, &command.common);
	}
	command.options.migration = command.arguments.options;
	if (command.options.tree_count && migration_arguments_any(&command.arguments))
		return command_usage("capture", "--tree takes whole folders and goes without rules and users");
	if (!command.options.store)
		return command_usage("capture", "where to? name the store's folder, as in --store '\\StateStore'");
	if (optind == argc)
		return command_usage("capture", "name the volume, as in disk.img@2 or C=/dev/sda2");
	progress_setup(command.common.quiet || command.common.json);
	status = work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_CAPTURE, run, &command, &err);
	if (status == 0 && command.common.json)
		print_json(&command);
	else if (status == 0)
		print_result(&command);
	return status < 0						       ? command_failed("capture", &err)
	       : sum_limited(&command.result) || sum_troubles(&command.result) ? EXIT_DAMAGED
									       : EXIT_GOOD;
}
