/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_restore.c - holdfast restore: a store's files back to where they were */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/engine/release.h"
#include "recover/engine/migration_arguments.h"
#include "recover/engine/restore.h"
#include "recover/engine/state_store.h"

#include <string.h>

#define LISTED 20u /* notes of a kind that are shown without -v */

static const char usage[] =
	"Usage: holdfast restore --store PATH [--generation N] [--overwrite-deleted]\n"
	"                        VOLUME...\n"
	"   or: holdfast restore --from DIR [--overwrite-deleted] VOLUME...\n"
	"\n"
	"Give the files of a state store their places back. A file that lies on the\n"
	"volume it goes to gets a further name, and nothing is copied. What has a name\n"
	"already keeps it: the file becomes name(1).ext. Run again, it finds nothing to\n"
	"do. VOLUME is [LETTER=]SOURCE, a raw image or a device; the first is C if it has\n"
	"no letter. Files of a drive that is not named go to C. What the store knows of\n"
	"users and registry comes back into the Windows on the volumes: profiles are made\n"
	"known, values set, permissions given to the accounts that are there. What only\n"
	"that Windows can do is left to its first start, as files in\n"
	"\\Windows\\Setup\\Scripts.\n"
	"\n"
	"      --store PATH  where the store lies on the volumes, as in \\StateStore\n"
	"      --generation N  an older store there, PATH\\USMT.generation-N, in place of\n"
	"                      PATH\\USMT\n"
	"      --from DIR    a folder that 'holdfast rebuild' made: its files are copied\n"
	MIGRATION_USAGE MIGRATION_MAP_USAGE
	"      --overwrite-deleted\n"
	"                    write also where a deleted store could still be had\n"
	"      --json        one JSON document instead of text\n"
	"  -q, --quiet       no progress bar\n"
	"  -v, --verbose     list every file that was renamed\n"
	"  -h, --help        this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something is left out; 2 usage; 3 could not\n"
	"work.\n";

/* -------- telling -------- */

static void print_notes(const struct restore_notes *notes, const char *title, const char *between, bool all)
{
	size_t shown = all || notes->count <= LISTED ? notes->count : LISTED;

	if (notes->count)
		printf("  %s: %s\n", title, text_count(notes->count).text);
	for (size_t i = 0; i < shown; i++) {
		fputs("    ", stdout);
		text_print(stdout, notes->items[i].path, strlen(notes->items[i].path));
		fputs(between, stdout);
		text_print(stdout, notes->items[i].text, strlen(notes->items[i].text));
		putchar('\n');
	}
	if (shown < notes->count)
		printf("    and %s more (-v lists them)\n", text_count(notes->count - shown).text);
}

/* Files of the folder that was restored are told as left out, if they are. */
static bool is_restored(const struct release_holder *holder, uint32_t generation)
{
	return generation ? holder->generation == generation : strcasecmp(holder->name, STORE_FOLDER) == 0;
}

static void print_left_behind(const struct release_holders *holders, uint32_t generation)
{
	for (size_t i = 0; i < holders->count; i++) {
		const struct release_holder *holder = &holders->items[i];

		if (is_restored(holder, generation))
			continue;
		text_line(stdout, "  still only in %s: %s files, %s; to be brought back with: %s", holder->name,
			  text_count(holder->files).text, text_size(holder->bytes).text, holder->way_out);
	}
}

static void print_report(const struct restore_report *report, bool verbose)
{
	printf("Restored %s files (%s names)\n", text_count(report->files).text,
	       text_count(report->names).text);
	printf("  names added: %s, there already: %s; folders made: %s\n", text_count(report->added).text,
	       text_count(report->there).text, text_count(report->folders).text);
	if (report->copied)
		printf("  files copied: %s, %s\n", text_count(report->copied).text,
		       text_size(report->copied_bytes).text);
	if (report->values)
		printf("  registry values: %s, of which %s were set\n", text_count(report->values).text,
		       text_count(report->values_set).text);
	if (report->values_kept)
		printf("  registry values that stay as the target has them: %s\n", text_count(report->values_kept).text);
	if (report->shared)
		printf("  names that keep security and times, which rules drop, for the store shares them: %s\n",
		       text_count(report->shared).text);
	print_notes(&report->people, "users", " is ", true);
	print_notes(&report->first_start, "for the first start of that Windows", " ", true);
	print_notes(&report->kept, "left in the store", ": ", verbose);
	print_notes(&report->cleaned, "removed from the target", ": ", true);
	print_notes(&report->replaced, "took the place of what was there", ": ", verbose);
	print_notes(&report->moved, "drives that are not named", " is restored to ", true);
	print_notes(&report->renamed, "renamed, for something else has the name", " is now ", verbose);
	print_notes(&report->doubtful, "restored under another name, for their content is not to be trusted",
		    ": ", verbose);
	print_notes(&report->left_out, "left out", ": ", verbose);
	print_notes(&report->unhonoured, "of the rules, not honoured", ": ", verbose);
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		if (report->unkept[i])
			printf("  not kept: %s, of %s\n", rebuild_volume_unkept(i),
			       text_count(report->unkept[i]).text);
}

static void print_notes_json(struct json *json, const char *key, const struct restore_notes *notes,
			     const char *text_key)
{
	json_key(json, key);
	json_begin(json, '[');
	for (size_t i = 0; i < notes->count; i++) {
		json_begin(json, '{');
		json_key_string(json, "path", notes->items[i].path);
		json_key_string(json, text_key, notes->items[i].text);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void print_left_behind_json(struct json *json, const struct release_holders *holders, uint32_t generation)
{
	json_key(json, "left_behind");
	json_begin(json, '[');
	for (size_t i = 0; i < holders->count; i++)
		if (!is_restored(&holders->items[i], generation))
			release_holder_json(json, &holders->items[i]);
	json_end(json, ']');
}

static void print_report_json(const struct restore_report *report, const struct release_holders *holders,
			      uint32_t generation)
{
	struct json json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_uint(&json, "files", report->files);
	json_key_uint(&json, "names", report->names);
	json_key_uint(&json, "added", report->added);
	json_key_uint(&json, "there", report->there);
	json_key_uint(&json, "directories", report->folders);
	json_key_uint(&json, "copied", report->copied);
	json_key_uint(&json, "copied_bytes", report->copied_bytes);
	json_key_uint(&json, "values", report->values);
	json_key_uint(&json, "values_set", report->values_set);
	json_key_uint(&json, "values_kept", report->values_kept);
	json_key_uint(&json, "shared", report->shared);
	print_notes_json(&json, "users", &report->people, "is");
	print_notes_json(&json, "first_start", &report->first_start, "what");
	print_notes_json(&json, "kept", &report->kept, "why");
	print_notes_json(&json, "cleaned", &report->cleaned, "why");
	print_notes_json(&json, "not_honoured", &report->unhonoured, "what");
	print_notes_json(&json, "replaced", &report->replaced, "why");
	print_notes_json(&json, "moved", &report->moved, "to");
	print_notes_json(&json, "renamed", &report->renamed, "name");
	print_notes_json(&json, "doubtful", &report->doubtful, "grade");
	print_notes_json(&json, "left_out", &report->left_out, "why");
	print_left_behind_json(&json, holders, generation);
	json_key(&json, "not_kept");
	json_begin(&json, '{');
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		if (report->unkept[i])
			json_key_uint(&json, rebuild_volume_unkept(i), report->unkept[i]);
	json_end(&json, '}');
	json_end(&json, '}');
	putchar('\n');
}

static bool is_complete(const struct restore_report *report, const struct release_holders *holders,
			uint32_t generation)
{
	bool complete = !report->left_out.count && !report->doubtful.count;

	for (size_t i = 0; i < holders->count; i++)
		complete = complete && is_restored(&holders->items[i], generation);
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		complete = complete && !report->unkept[i];
	return complete;
}

/* -------- the command -------- */

struct restore_command {
	struct migration_arguments arguments;
	struct restore_options options;
	struct restore_report  report;
	struct release_plan    later; /* what older generations have and nobody else */
};

static void restore_command_release(struct restore_command *command)
{
	migration_arguments_release(&command->arguments);
	restore_report_release(&command->report);
	release_plan_release(&command->later);
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct restore_command *command = context;

	if (restore_run(volumes, &command->options, &command->report, err) < 0)
		return -1;
	/* what the older ones have and nobody else is known to the one who would drop them */
	return command->report.others ? release_plan_make(&command->later, volumes, command->options.store, true, err)
				      : 0;
}

int cmd_restore(int argc, char **argv)
{
	static const struct option                            options[] = { COMMAND_LONG,
									    { "store", required_argument, NULL, 's' },
									    { "generation", required_argument, NULL, 'g' },
									    { "from", required_argument, NULL, 'f' },
									    { "overwrite-deleted", no_argument, NULL, 'o' },
									    MIGRATION_LONG,
									    MIGRATION_MAP_LONG,
									    { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) char                                 *store = NULL;
	CLEANUP(restore_command_release) struct restore_command command = { 0 };
	struct restore_options                                 *wanted = &command.options;
	struct command_options                                  common = { 0 };
	struct error                                            err;
	int                                                     option;

	if (migration_arguments_init(&command.arguments, argc, &err) < 0)
		return command_failed("restore", &err);
	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 's')
			wanted->store = optarg;
		else if (option == 'g' && !generation_number_parse(optarg, &wanted->generation))
			return command_usage("restore", "--generation takes the N of a USMT.generation-N");
		else if (option == 'f')
			wanted->from = optarg;
		else if (option == 'o')
			wanted->overwrite_deleted = true;
		else if (option != 'g' && !migration_arguments_take(&command.arguments, option, optarg) &&
			 !command.arguments.wrong)
			command_option(option, argv, usage, &common);
	}
	if (command.arguments.wrong)
		return command_usage("restore", "--map-user and --map-domain take OLD=NEW");
	wanted->migration = command.arguments.options;
	if (!wanted->store == !wanted->from)
		return command_usage("restore",
				     "name a store with --store PATH, or a rebuilt folder with --from DIR");
	if (wanted->generation && !wanted->store)
		return command_usage("restore", "--generation goes with --store");
	if (argc == optind)
		return command_usage("restore", "name the volumes to restore to");
	if (wanted->store && store_path_parse(wanted->store, &store, &err) < 0)
		return command_failed("restore", &err);
	wanted->store = store;
	progress_setup(common.quiet || common.json);
	if (work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_WRITE, run, &command, &err) < 0)
		return command_failed("restore", &err);
	if (common.json) {
		print_report_json(&command.report, &command.later.holders, wanted->generation);
	} else {
		print_report(&command.report, common.verbose);
		print_left_behind(&command.later.holders, wanted->generation);
	}
	return is_complete(&command.report, &command.later.holders, wanted->generation) ? EXIT_GOOD : EXIT_DAMAGED;
}
