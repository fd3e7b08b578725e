/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rebuild.c - holdfast rebuild: one store out of a casebook or a disk */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/rebuild.h"
#include "recover/rebuild_volume.h"
#include "report/grade_ink.h"
#include "scan/layer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
	"Usage: holdfast rebuild --to DEST [--store N] [--overwrite-deleted] SOURCE|CASE\n"
	"\n"
	"Rebuild one store out of a casebook, or out of a disk, which is then scanned\n"
	"first. DEST is a folder on another disk (made if it is missing), or a folder on\n"
	"an NTFS volume, as in disk.img@2:\\PATH, which keeps all that NTFS can hold. Cut\n"
	"off and run again, it goes on.\n"
	"\n"
	"      --to DEST    where the store goes\n"
	"      --store N    which one ('holdfast scan' lists them); needed if there are\n"
	"                   several\n"
	"      --map FILE   GNU ddrescue map of the image, when a disk is scanned\n"
	KEY_RING_USAGE
	"      --manifest F with a volume as DEST: write the manifest to F (a folder has\n"
	"                   its own)\n"
	"      --overwrite-deleted\n"
	"                   with a volume as DEST: write although a deleted store lies on\n"
	"                   it\n"
	"      --json       one JSON document instead of text\n"
	"  -q, --quiet      no progress bar\n"
	"  -v, --verbose    no effect here\n"
	"  -h, --help       this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something is damaged; 2 usage; 3 could not\n"
	"work.\n";

struct rebuild_command {
	const char            *to, *source, *map_path, *manifest_path, *line;
	int64_t                store; /* 0: the only one */
	bool                   overwrite_deleted;
	struct command_options common;
	struct key_ring        keys;
	struct casebook        book;
	struct scan_result     evidence;
	char                   scratch[64]; /* casebook of a scan that nobody keeps; "" if none */
	struct rebuild_counts  counts;
	struct rebuild_volume_notes notes; /* of a rebuild onto a volume */
};

static void rebuild_command_release(struct rebuild_command *command)
{
	casebook_close(&command->book);
	scan_result_release(&command->evidence);
	key_ring_release(&command->keys);
	if (command->scratch[0])
		unlink(command->scratch);
}

/* The casebook that was named, or one made by scanning the disk that was named. */
static int open_case(struct rebuild_command *command, struct error *err)
{
	struct scan_options scan = { .sources = &command->source,
				     .source_count = 1,
				     .map_path = command->map_path,
				     .command = command->line,
				     .keys = &command->keys,
				     .threads = command_threads() };
	const char         *folder = getenv("TMPDIR");
	int                 fd;

	if (casebook_is_one(command->source)) {
		if (casebook_open(&command->book, command->source, err) < 0)
			return -1;
		return scan_reopen(&command->book, &command->keys, &command->evidence, err);
	}
	if (!folder || strlen(folder) > 30)
		folder = "/tmp";
	snprintf(command->scratch, sizeof command->scratch, "%s/holdfast-XXXXXX.case", folder);
	fd = mkstemps(command->scratch, 5);
	if (fd < 0)
		return error_sys(err, folder, "cannot make a file for what is found");
	close(fd);
	scan.case_path = command->scratch;
	return scan_run(&scan, &command->book, &command->evidence, err);
}

/* -------- which store -------- */

struct choice {
	int64_t wanted, found;
	size_t  count;
};

static int choose(void *context, const struct case_store *store, struct error *err)
{
	struct choice *choice = context;

	(void)err;
	if (choice->wanted ? store->id == choice->wanted : !store->orphans) {
		choice->found = store->id;
		choice->count++;
	}
	return 0;
}

static int choose_store(struct rebuild_command *command, struct error *err)
{
	struct choice choice = { .wanted = command->store };

	if (casebook_stores(&command->book, choose, &choice, err) < 0)
		return -1;
	if (!choice.count && command->store)
		return error_set(err, ERROR_USAGE, command->source,
				 "has no store %lld; 'holdfast scan' lists them", (long long)command->store);
	if (!choice.count)
		return error_set(err, ERROR_VALUE, command->source,
				 "holds no state store; 'holdfast rescue --beside' gets back deleted user data "
				 "without one");
	if (choice.count > 1)
		return error_set(err, ERROR_USAGE, command->source,
				 "holds %zu stores; choose one with --store N ('holdfast scan' lists them)",
				 choice.count);
	command->store = choice.found;
	return 0;
}

/* -------- where to -------- */

/*
 * Split IMAGE[@N]:\PATH.  @image is to be freed; NULL when @to is a plain folder.
 */
static int split_destination(const char *to, char **image, const char **folder, struct error *err)
{
	const char *colon = strstr(to, ":\\");

	*image = NULL;
	*folder = NULL;
	if (!colon)
		colon = strstr(to, ":/");
	if (!colon || colon == to)
		return 0;
	*image = strndup(to, (size_t)(colon - to));
	if (!*image)
		return error_memory(err);
	*folder = colon + 1;
	return 0;
}

/* The NTFS volume that a rebuild goes onto. */
struct destination {
	char           *path; /* of its image or device */
	struct evidence evidence;
	struct volumes  volumes; /* one */
};

static void destination_release(struct destination *destination)
{
	volumes_release(&destination->volumes);
	evidence_release(&destination->evidence);
	free(destination->path);
}

static int find_destination(const char *source, struct destination *found, struct error *err)
{
	struct findings  findings;
	struct selection selection;
	int              result;

	findings_init(&findings);
	result = selection_parse(source, &found->path, &selection, err);
	if (result == 0)
		result = evidence_open(&found->evidence, found->path, NULL, err);
	if (result == 0 && !found->evidence.segment_count)
		result = error_set(err, ERROR_REFUSED, found->path,
				   "is a container; stores are rebuilt onto raw images and devices only");
	if (result == 0)
		result = volumes_find(&found->evidence, &selection, &found->volumes, &findings, err);
	if (result == 0 && found->volumes.count > 1)
		result = error_set(err, ERROR_USAGE, found->path, "holds %zu NTFS volumes; choose one with @N",
				   found->volumes.count);
	if (result == 0)
		result = layer_refuse(found->volumes.items[0].evidence, source, err);
	findings_release(&findings);
	return result;
}

/* The manifest of a rebuild onto a volume, kept on the host. */
struct volume_manifest {
	struct line_file lines;
	int64_t          store;
};

static int add_to_manifest(void *context, const struct case_record *record,
			   const struct rebuild_result *result, const struct written_names *written,
			   struct error *err)
{
	struct volume_manifest *manifest = context;

	if (line_file_has(&manifest->lines, (struct line_key){ (uint32_t)record->file.volume, record->file.record,
							       record->file.sequence }))
		return 0; /* told by an earlier run */
	return manifest_add(&manifest->lines, manifest->store, record, result, written, err);
}

static int rebuild_with_manifest(struct rebuild_command *command, struct rebuild_volume_options *options,
				 struct error *err)
{
	const char             *slash = strrchr(command->manifest_path, '/');
	CLEANUP(free_ptr) char *folder = slash ? strndup(command->manifest_path,
							 (size_t)(slash - command->manifest_path) + 1)
					       : strdup(".");
	CLEANUP(close_fd) int   fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct volume_manifest  manifest = { .store = command->store };
	int                     result;

	if (fd < 0)
		return error_sys(err, command->manifest_path, "cannot write the manifest there");
	result = line_file_open(&manifest.lines, fd, slash ? slash + 1 : command->manifest_path, err);
	options->done = add_to_manifest;
	options->context = &manifest;
	if (result == 0)
		result = rebuild_volume(options, &command->counts, &command->notes, err);
	if (result == 0)
		result = line_file_publish(&manifest.lines, err);
	line_file_close(&manifest.lines);
	return result;
}

static int rebuild_to_volume(struct rebuild_command *command, const char *image, const char *folder,
			     struct error *err)
{
	CLEANUP(destination_release) struct destination onto = { 0 };
	struct rebuild_volume_options options = { .book = &command->book,
						  .store = command->store,
						  .volumes = command->evidence.volumes.items,
						  .volume_count = command->evidence.volumes.count,
						  .destination = image,
						  .folder = folder,
						  .overwrite_deleted = command->overwrite_deleted };

	if (find_destination(image, &onto, err) < 0)
		return -1;
	options.image = onto.path;
	options.onto = &onto.volumes.items[0];
	if (command->manifest_path)
		return rebuild_with_manifest(command, &options, err);
	return rebuild_volume(&options, &command->counts, &command->notes, err);
}

static int rebuild_run(struct rebuild_command *command, struct error *err)
{
	CLEANUP(free_ptr) char *image = NULL;
	const char             *folder;
	struct rebuild_options  options = { .book = &command->book,
					    .evidence = &command->evidence,
					    .to = command->to,
					    .threads = command_threads() };

	if (split_destination(command->to, &image, &folder, err) < 0 || open_case(command, err) < 0 ||
	    choose_store(command, err) < 0)
		return -1;
	if (image)
		return rebuild_to_volume(command, image, folder, err);
	options.store = command->store;
	return rebuild_directory(&options, &command->counts, err);
}

static void print_grade(enum grade grade, uint64_t count)
{
	fputs("  ", stdout);
	ink_print(stdout, grade_ink(grade), "%-8s %s", grade_name(grade), text_count(count).text);
	putchar('\n');
}

static void print_counts(const struct rebuild_command *command)
{
	const struct rebuild_counts *counts = &command->counts;

	printf("Store %lld is rebuilt: ", (long long)command->store);
	text_print(stdout, command->to, strlen(command->to));
	printf("\n  %s files, %s folders, %s\n", text_count(counts->files - counts->grades[GRADE_LOST]).text,
	       text_count(counts->directories).text, text_size(counts->bytes).text);
	for (enum grade grade = 0; grade < GRADES; grade++)
		if (counts->grades[grade])
			print_grade(grade, counts->grades[grade]);
	for (size_t i = 0; i < UNKEPT_KINDS; i++)
		if (command->notes.unkept[i])
			printf("  not kept: %s, of %s\n", rebuild_volume_unkept(i),
			       text_count(command->notes.unkept[i]).text);
}

static void print_counts_json(const struct rebuild_command *command)
{
	const struct rebuild_counts *counts = &command->counts;
	struct json                  json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_uint(&json, "store", (uint64_t)command->store);
	json_key_string(&json, "to", command->to);
	json_key_uint(&json, "files", counts->files);
	json_key_uint(&json, "directories", counts->directories);
	json_key_uint(&json, "bytes", counts->bytes);
	json_key(&json, "grades");
	json_begin(&json, '{');
	for (enum grade grade = 0; grade < GRADES; grade++)
		json_key_uint(&json, grade_name(grade), counts->grades[grade]);
	json_end(&json, '}');
	json_end(&json, '}');
	putchar('\n');
}

int cmd_rebuild(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "to", required_argument, NULL, 't' },
						 { "store", required_argument, NULL, 's' },
						 { "map", required_argument, NULL, 'm' },
						 { "manifest", required_argument, NULL, 'M' },
						 { "overwrite-deleted", no_argument, NULL, 'o' },
						 KEY_RING_OPTIONS,
						 { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) char *line = command_line(argc, argv);
	CLEANUP(rebuild_command_release) struct rebuild_command command = { .line = line };
	struct error err;
	char        *end;
	int          option;
	bool         taken;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 't') {
			command.to = optarg;
		} else if (option == 'm') {
			command.map_path = optarg;
		} else if (option == 'M') {
			command.manifest_path = optarg;
		} else if (option == 'o') {
			command.overwrite_deleted = true;
		} else if (option == 's') {
			command.store = strtoll(optarg, &end, 10);
			if (*end || command.store < 1)
				return command_usage("rebuild", "--store takes a number from 1");
		} else if (key_ring_option(&command.keys, option, optarg, line, &taken, &err) < 0) {
			return command_failed("rebuild", &err);
		} else if (!taken) {
			command_option(option, argv, usage, &command.common);
		}
	}
	if (!command.to || !*command.to)
		return command_usage("rebuild", "where to? name a folder on another disk with --to DEST");
	if (argc - optind != 1)
		return command_usage("rebuild", "name one casebook or one disk");
	command.source = argv[optind];
	progress_setup(command.common.quiet || command.common.json);
	if (rebuild_run(&command, &err) < 0)
		return command_failed("rebuild", &err);
	if (command.common.json)
		print_counts_json(&command);
	else
		print_counts(&command);
	return command.counts.grades[GRADE_SUSPECT] || command.counts.grades[GRADE_PARTIAL] ||
			       command.counts.grades[GRADE_LOST]
		       ? EXIT_DAMAGED
		       : EXIT_GOOD;
}
