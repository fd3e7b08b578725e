/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_check.c - holdfast check: is an NTFS volume consistent? */
#include "scan/cmd_check.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "scan/check.h"

#include <ctype.h>
#include <inttypes.h>

static const char usage[] =
	"Usage: holdfast check [-q] [-v] [--json] [LETTER=]SOURCE\n"
	"\n"
	"Hold everything that an NTFS volume says twice against each other: boot sectors,\n"
	"the mirror, run lists and $Bitmap, names and directory entries, link counts,\n"
	"sequence numbers, the way from the root. SOURCE is a disk image or a block\n"
	"device; @N picks a partition, @+BYTES an offset; of a whole disk every NTFS\n"
	"volume is checked. Nothing is written to it.\n"
	"\n"
	KEY_RING_USAGE
	"      --json     one JSON document instead of text\n"
	"  -q, --quiet    no progress bar\n"
	"  -v, --verbose  say on stderr what is being checked\n"
	"  -h, --help     this text\n"
	"\n"
	"Exit status: 0 consistent; 1 inconsistent, each problem is listed; 2 usage; 3\n"
	"could not work.\n";

/* -------- words -------- */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_problem(const struct problem *problem)
{
	printf("%s: ", problem_kind_name(problem->kind));
	if (problem->record != NO_RECORD) {
		printf("record %" PRIu64, problem->record);
		if (problem->name) {
			fputs(" (", stdout);
			text_print(stdout, problem->name, strlen(problem->name));
			fputc(')', stdout);
		}
		fputs(": ", stdout);
	}
	text_print(stdout, problem->text, strlen(problem->text));
	if (problem->offset != NO_OFFSET)
		printf(" (at byte %" PRIu64 " of the volume)", problem->offset);
	fputc('\n', stdout);
}

/* What lies in $LogFile is no problem of the volume's, but it decides what is to be done next. */
static void print_note(const struct volume *volume, const struct volume_state *state)
{
	if (state->log == LOG_RUN) {
		printf("Volume %" PRIu32 ": a run of holdfast's \"", volume->number);
		text_print(stdout, state->header.step, strlen(state->header.step));
		fputs("\" was cut off; run 'holdfast replay' on it, and judge it after that. Until then do not mount\n"
		      "  it, start Windows from it or run ntfsfix: they empty the log, and a change stays half done.\n",
		      stdout);
	} else if (state->log == LOG_STRANGE) {
		text_line(stdout, "Volume %" PRIu32 ": holdfast was cut off on it: %s.", volume->number,
			  state->why.text);
	}
}

static void print_text(const struct volume *volume, const struct check *check)
{
	print_note(volume, &check->state);
	for (size_t i = 0; i < check->problems.count; i++)
		print_problem(&check->problems.items[i]);
	for (int kind = 0; kind < PROBLEM_KINDS; kind++)
		if (check->counts[kind] > PROBLEMS_KEPT)
			printf("%s: and %" PRIu64 " more of this kind\n",
			       problem_kind_name((enum problem_kind)kind),
			       check->counts[kind] - PROBLEMS_KEPT);
	printf("Volume %" PRIu32 ": ", volume->number);
	ink_print(stdout, check->problem_count ? INK_BAD : INK_GOOD, "%s",
		  check->problem_count ? "inconsistent" : "consistent");
	if (check->problem_count)
		printf(": %s problem%s found; this volume was not written to.\n",
		       text_count(check->problem_count).text, plural(check->problem_count));
	else
		printf(": %s file%s, %s director%s, %s cluster%s in use.\n",
		       text_count(check->files).text, plural(check->files),
		       text_count(check->directories).text, check->directories == 1 ? "y" : "ies",
		       text_count(check->clusters_in_use).text, plural(check->clusters_in_use));
}

/* -------- JSON -------- */

static void json_optional(struct json *json, const char *key, uint64_t value, uint64_t none)
{
	json_key(json, key);
	if (value == none)
		json_null(json);
	else
		json_uint(json, value);
}

static void json_problem(struct json *json, const struct problem *problem)
{
	json_begin(json, '{');
	json_key_string(json, "kind", problem_kind_name(problem->kind));
	json_optional(json, "record", problem->record, NO_RECORD);
	json_optional(json, "offset", problem->offset, NO_OFFSET);
	json_key_string(json, "name", problem->name);
	json_key_string(json, "text", problem->text);
	json_end(json, '}');
}

static void json_volume(struct json *json, const struct volume *volume, const struct check *check)
{
	json_begin(json, '{');
	json_key_uint(json, "id", volume->number);
	json_key_uint(json, "offset_bytes", volume->offset_bytes);
	json_key_uint(json, "size_bytes", volume->size_bytes);
	json_key_uint(json, "records", check->records);
	json_key_uint(json, "files", check->files);
	json_key_uint(json, "directories", check->directories);
	json_key_uint(json, "clusters", check->clusters);
	json_key_uint(json, "clusters_in_use", check->clusters_in_use);
	json_key_bool(json, "dirty", check->state.dirty);
	json_key_string(json, "cut_off", check->state.log == LOG_RUN ? check->state.header.step : NULL);
	json_key(json, "problems");
	json_begin(json, '[');
	for (size_t i = 0; i < check->problems.count; i++)
		json_problem(json, &check->problems.items[i]);
	json_end(json, ']');
	json_key_uint(json, "problem_count", check->problem_count);
	json_end(json, '}');
}

/* -------- the command -------- */

struct checks ARRAY(struct check);

static void checks_release(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		check_release(&checks->items[i]);
	array_release(checks);
}

/* Check all volumes, one after the other. */
static int check_volumes(const struct volumes *volumes, const struct command_options *common,
			 struct checks *checks, struct error *err)
{
	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];

		if (common->verbose)
			fprintf(stderr, "holdfast check: volume %" PRIu32 " at byte %" PRIu64 ", %s\n",
				volume->number, volume->offset_bytes, text_size(volume->size_bytes).text);
		if (!array_push(checks, (struct check){ 0 }))
			return error_memory(err);
		if (check_volume(&checks->items[i], volume, command_threads(), err) < 0)
			return -1;
		if (common->verbose && checks->items[i].state.dirty)
			fprintf(stderr,
				"holdfast check: volume %" PRIu32 " is marked as not closed by its driver\n",
				volume->number);
	}
	return 0;
}

static void print_json(const char *path, const struct volumes *volumes, const struct checks *checks)
{
	struct json json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "evidence", path);
	json_key(&json, "volumes");
	json_begin(&json, '[');
	for (size_t i = 0; i < checks->count; i++)
		json_volume(&json, &volumes->items[i], &checks->items[i]);
	json_end(&json, ']');
	json_end(&json, '}');
	fputc('\n', stdout);
}

/* @consistent  all volumes are */
static int check_source(const char *source, const struct key_ring *keys, const struct command_options *common,
			bool *consistent, struct error *err)
{
	CLEANUP(findings_release) struct findings findings;
	CLEANUP(evidence_release) struct evidence evidence = { 0 };
	CLEANUP(free_ptr) char                   *path = NULL;
	CLEANUP(checks_release) struct checks     checks = { 0 };
	struct volumes                            volumes = { 0 };
	struct selection                          selection;
	int                                       result = -1;

	findings_init(&findings);
	if (selection_parse(source, &path, &selection, err) == 0 && evidence_open(&evidence, path, NULL, err) == 0)
		result = 0;
	evidence.keys = keys;
	if (result == 0)
		result = volumes_find(&evidence, &selection, &volumes, &findings, err);
	if (result == 0)
		result = check_volumes(&volumes, common, &checks, err);
	*consistent = true;
	for (size_t i = 0; result == 0 && i < checks.count; i++) {
		*consistent = *consistent && !checks.items[i].problem_count;
		if (!common->json)
			print_text(&volumes.items[i], &checks.items[i]);
	}
	if (result == 0 && common->json)
		print_json(path, &volumes, &checks);
	volumes_release(&volumes);
	return result < 0 ? -1 : command_flush(err);
}

/* "C=disk.img" is disk.img: what letter a volume has makes no difference here. */
static const char *without_letter(const char *source)
{
	if (isalpha((unsigned char)source[0]) && source[1] == '=' && access(source, F_OK) < 0)
		return source + 2;
	return source;
}

int cmd_check(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG, KEY_RING_OPTIONS, { NULL, 0, NULL, 0 } };
	CLEANUP(key_ring_release) struct key_ring keys = { 0 };
	struct command_options     common = { 0 };
	struct error               err;
	bool                       consistent, taken;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (key_ring_option(&keys, option, optarg, NULL, &taken, &err) < 0)
			return command_failed("check", &err);
		if (!taken)
			command_option(option, argv, usage, &common);
	}
	if (argc - optind != 1)
		return command_usage("check", argc == optind ? "which volume? name an image or a device"
							     : "name one volume or disk");
	progress_setup(common.quiet || common.json);
	if (check_source(without_letter(argv[optind]), &keys, &common, &consistent, &err) < 0)
		return command_failed("check", &err);
	return consistent ? EXIT_GOOD : EXIT_DAMAGED;
}
