/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_verify.c - holdfast verify: is all still there, in a store or in a rebuilt directory? */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/engine/verify.h"
#include "recover/engine/verify_directory.h"
#include "scan/volume_state.h"

#include <inttypes.h>
#include <string.h>

#define TOLD_MAX 20u   /* problems in the text, of each kind; all of them with --verbose */
#define JSON_MAX 1000u /* in the JSON document, of each kind */

static const char usage[] =
	"Usage: holdfast verify --store PATH [--generation N] VOLUME...\n"
	"       holdfast verify DIR\n"
	"\n"
	"Hold a captured store against its catalogue: every file is still that file, the\n"
	"store's names lead to it, and its content lies where it was captured (and has\n"
	"its digest, if the capture noted digests). A file that its owner has written\n"
	"since the capture is told as changed; that is no fault. Each volume named has\n"
	"its part of the store; VOLUME is [LETTER=]SOURCE. Or hold a folder that\n"
	"'holdfast rebuild' made against its manifest. Nothing is written.\n"
	"\n"
	"      --store PATH  where the store is, on the volume, as in \\StateStore\n"
	"      --generation N  an older store there, PATH\\USMT.generation-N, in place of\n"
	"                      PATH\\USMT\n"
	"      --json        one JSON document instead of text\n"
	"  -q, --quiet       no progress bar\n"
	"  -v, --verbose     list every problem, not only the first of each kind\n"
	"  -h, --help        this text\n"
	"\n"
	"Exit status: 0 nothing is missing or damaged; 1 something is; 2 usage; 3 could\n"
	"not work.\n";

struct verify_command {
	const char            *store; /* as given */
	const char            *path;  /* the same, parsed */
	uint32_t               generation;
	struct command_options common;
	bool                   sound;
	struct json            json;
};

/* -------- problems -------- */

/* A problem in words, as text or JSON, while there are not too many of its kind (@seen, itself counted). */
static void tell(struct verify_command *command, const char *kind, uint64_t seen, const char *path, uint64_t record,
		 const char *text)
{
	struct json *json = &command->json;

	if (command->common.json && seen <= JSON_MAX) {
		json_begin(json, '{');
		json_key_string(json, "kind", kind);
		json_key_string(json, "path", path);
		json_key(json, "record");
		if (record == NO_RECORD)
			json_null(json);
		else
			json_uint(json, record);
		json_key_string(json, "text", text);
		json_end(json, '}');
	} else if (!command->common.json && (seen <= TOLD_MAX || command->common.verbose)) {
		printf("%s: ", kind);
		if (path)
			text_print(stdout, path, strlen(path));
		else
			printf("record %" PRIu64, record);
		fputs(": ", stdout);
		text_print(stdout, text, strlen(text));
		fputc('\n', stdout);
	}
}

/* "3 missing, 1 changed", or nothing. */
static void print_counts(const char *const *names, const uint64_t *counts, size_t kinds)
{
	const char *comma = ": ";

	for (size_t kind = 0; kind < kinds; kind++) {
		if (!counts[kind])
			continue;
		printf("%s%s %s", comma, text_count(counts[kind]).text, names[kind]);
		comma = ", ";
	}
}

static void json_counts(struct json *json, const char *const *names, const uint64_t *counts, size_t kinds)
{
	for (size_t kind = 0; kind < kinds; kind++)
		json_key_uint(json, names[kind], counts[kind]);
}

/* -------- a store -------- */

struct store_part {
	struct verify_command *command;
	uint64_t               seen[VERIFY_KINDS];
};

static int tell_store_problem(void *context, const struct verify_problem *problem, struct error *err)
{
	struct store_part *part = context;

	(void)err;
	tell(part->command, verify_kind_name(problem->kind), ++part->seen[problem->kind], problem->path,
	     problem->record, problem->text);
	return 0;
}

/* The directory at the store path: USMT, or generation @number. */
static int find_store(struct work_volume *volume, const char *path, uint32_t number, uint32_t *folder,
		      struct error *err)
{
	CLEANUP(state_store_release) struct state_store store = { 0 };

	if (state_store_find(&store, volume, path, err) < 0)
		return -1;
	*folder = state_store_generation(&store, number);
	if (*folder != NO_TREE_RECORD)
		return 0;
	if (number)
		return state_store_no_generation(&store, volume, number, err);
	return error_set(err, ERROR_REFUSED, volume->source,
			 "holds no store at %.100s%s; 'holdfast status' tells where there is one", path,
			 store.unfinished.count ? " but an unfinished capture (run the capture again)" : "");
}

static void store_kinds(const char *names[VERIFY_KINDS])
{
	for (int kind = 0; kind < VERIFY_KINDS; kind++)
		names[kind] = verify_kind_name((enum verify_kind)kind);
}

static void print_store(const struct verify_command *command, const struct work_volume *volume, const char *path,
			const struct verify_result *result)
{
	const char *names[VERIFY_KINDS];

	store_kinds(names);
	printf("%c: store ", volume->letter);
	text_print(stdout, path, strlen(path));
	if (command->generation)
		printf(", generation %" PRIu32, command->generation);
	printf(": %s files, %s folders, %s; %s", text_count(result->files).text, text_count(result->directories).text,
	       text_size(result->bytes).text, verify_is_sound(result) ? "all there" : "not all as captured");
	print_counts(names, result->counts, VERIFY_KINDS);
	puts(".");
	if (result->digests)
		printf("   %s contents were read and have their digests.\n", text_count(result->digests).text);
	if (result->blocks_lost || !result->complete)
		printf("   The catalogue itself is damaged (%s blocks lost): what it told there is not known.\n",
		       text_count(result->blocks_lost).text);
	else if (result->blocks_damaged)
		printf("   %s blocks of one copy of the catalogue are damaged; the other copy has them.\n",
		       text_count(result->blocks_damaged).text);
	printf("   %s of %s names outside the store are there as well.\n", text_count(result->originals_there).text,
	       text_count(result->originals).text);
}

static void json_store(struct json *json, const struct verify_result *result)
{
	const char *names[VERIFY_KINDS];

	store_kinds(names);
	json_key_uint(json, "files", result->files);
	json_key_uint(json, "directories", result->directories);
	json_key_uint(json, "bytes", result->bytes);
	json_key(json, "counts");
	json_begin(json, '{');
	json_counts(json, names, result->counts, VERIFY_KINDS);
	json_end(json, '}');
	json_key_uint(json, "digests", result->digests);
	json_key_uint(json, "originals", result->originals);
	json_key_uint(json, "originals_there", result->originals_there);
	json_key_uint(json, "blocks_damaged", result->blocks_damaged);
	json_key_uint(json, "blocks_lost", result->blocks_lost);
	json_key_bool(json, "complete", result->complete);
	json_key_bool(json, "sound", verify_is_sound(result));
}

static int verify_found(struct verify_command *command, struct work_volume *volume, const char *path,
			uint32_t folder, struct verify_result *result, struct error *err)
{
	struct store_part part = { .command = command };
	int               got = verify_store(volume, folder, true, tell_store_problem, &part, result, err);

	if (got < 0 && !*err->path)
		snprintf(err->path, sizeof err->path, "%s", volume->source);
	if (got)
		return got < 0 ? -1 : 0;
	return error_set(err, ERROR_REFUSED, volume->source,
			 "the store at %.100s has no catalogue (holdfast did not make it, or it is lost), so there is "
			 "nothing to hold it against",
			 path);
}

static int verify_part(struct verify_command *command, struct work_volume *volume, const char *path,
		       struct error *err)
{
	struct verify_result result;
	struct json         *json = &command->json;
	uint32_t             folder;
	int                  done;

	if (work_volume_read(volume, err) < 0 || work_volume_refuse_cut_run(volume, err) < 0 ||
	    find_store(volume, path, command->generation, &folder, err) < 0)
		return -1;
	if (command->common.json) {
		json_begin(json, '{');
		json_key_string(json, "letter", (char[]){ volume->letter, 0 });
		json_key_string(json, "source", volume->source);
		json_key(json, "problems");
		json_begin(json, '[');
	}
	done = verify_found(command, volume, path, folder, &result, err);
	if (command->common.json) {
		json_end(json, ']');
		if (done == 0)
			json_store(json, &result);
		json_end(json, '}');
	} else if (done == 0) {
		print_store(command, volume, path, &result);
	}
	command->sound = command->sound && done == 0 && verify_is_sound(&result);
	return done;
}

static int verify_parts(void *context, struct work_volumes *volumes, struct error *err)
{
	struct verify_command *command = context;
	int                    result = 0;

	for (size_t i = 0; result == 0 && i < volumes->count; i++)
		result = verify_part(command, &volumes->items[i], command->path, err);
	return result;
}

static int verify_volumes(struct verify_command *command, char *const *operands, size_t count, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	int                     result = store_path_parse(command->store, &path, err);

	command->path = path;
	if (command->common.json) {
		json_begin(&command->json, '{');
		json_key_string(&command->json, "store", path);
		json_key_uint(&command->json, "generation", command->generation);
		json_key(&command->json, "volumes");
		json_begin(&command->json, '[');
	}
	if (result == 0)
		result = work_volumes_run(operands, count, WORK_READ, verify_parts, command, err);
	if (command->common.json) {
		json_end(&command->json, ']');
		json_end(&command->json, '}');
		fputc('\n', stdout);
	}
	return result;
}

/* -------- a rebuilt directory -------- */

static void directory_kinds(const char *names[DIRECTORY_KINDS])
{
	for (int kind = 0; kind < DIRECTORY_KINDS; kind++)
		names[kind] = directory_kind_name((enum directory_kind)kind);
}

static void tell_directory_problems(struct verify_command *command, const struct directory_result *result)
{
	uint64_t seen[DIRECTORY_KINDS] = { 0 };

	for (size_t i = 0; i < result->problems.count; i++) {
		const struct directory_problem *problem = &result->problems.items[i];

		tell(command, directory_kind_name(problem->kind), ++seen[problem->kind], problem->path, NO_RECORD,
		     problem->text);
	}
}

static void print_directory(const char *path, const struct directory_result *result)
{
	const char *names[DIRECTORY_KINDS];

	directory_kinds(names);
	text_print(stdout, path, strlen(path));
	printf(": %s files with %s names, %s streams, %s folders, %s; %s", text_count(result->files).text,
	       text_count(result->names).text, text_count(result->streams).text, text_count(result->folders).text,
	       text_size(result->bytes).text, directory_is_sound(result) ? "all there" : "not all as rebuilt");
	print_counts(names, result->counts, DIRECTORY_KINDS);
	puts(".");
	if (result->lost)
		printf("   Of %s of the files only the name was left when they were rebuilt.\n",
		       text_count(result->lost).text);
}

static void json_directory(struct verify_command *command, const char *path, const struct directory_result *result)
{
	struct json *json = &command->json;
	const char  *names[DIRECTORY_KINDS];

	directory_kinds(names);
	json_begin(json, '{');
	json_key_string(json, "directory", path);
	json_key(json, "problems");
	json_begin(json, '[');
	tell_directory_problems(command, result);
	json_end(json, ']');
	json_key_uint(json, "files", result->files);
	json_key_uint(json, "names", result->names);
	json_key_uint(json, "streams", result->streams);
	json_key_uint(json, "folders", result->folders);
	json_key_uint(json, "lost", result->lost);
	json_key_uint(json, "bytes", result->bytes);
	json_key(json, "counts");
	json_begin(json, '{');
	json_counts(json, names, result->counts, DIRECTORY_KINDS);
	json_end(json, '}');
	json_key_bool(json, "sound", directory_is_sound(result));
	json_end(json, '}');
	fputc('\n', stdout);
}

static int verify_rebuilt(struct verify_command *command, const char *path, struct error *err)
{
	CLEANUP(directory_result_release) struct directory_result result = { 0 };

	if (verify_directory(path, command_threads(), &result, err) < 0)
		return -1;
	command->sound = directory_is_sound(&result);
	if (command->common.json) {
		json_directory(command, path, &result);
	} else {
		tell_directory_problems(command, &result);
		print_directory(path, &result);
	}
	return 0;
}

/* -------- the command -------- */

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "store", required_argument, NULL, 's' },
						 { "generation", required_argument, NULL, 'g' },
						 { NULL, 0, NULL, 0 } };
	struct verify_command      command = { .sound = true, .json = { .out = stdout, .indent = 2 } };
	struct error               err;
	int                        option, result;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 's')
			command.store = optarg;
		else if (option == 'g' && !generation_number_parse(optarg, &command.generation))
			return command_usage("verify", "--generation takes the N of a USMT.generation-N");
		else if (option != 'g')
			command_option(option, argv, usage, &command.common);
	}
	if (argc == optind)
		return command_usage("verify", command.store ? "which volume? name an image or a device"
							     : "what? name a rebuilt folder, or --store and a volume");
	if (command.generation && !command.store)
		return command_usage("verify", "--generation goes with --store");
	if (!command.store && argc - optind != 1)
		return command_usage("verify", "name one rebuilt folder, or give --store with volumes");
	progress_setup(command.common.quiet || command.common.json);
	result = command.store ? verify_volumes(&command, argv + optind, (size_t)(argc - optind), &err)
			       : verify_rebuilt(&command, argv[optind], &err);
	if (result < 0 || command_flush(&err) < 0)
		return command_failed("verify", &err);
	return command.sound ? EXIT_GOOD : EXIT_DAMAGED;
}
