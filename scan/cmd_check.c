/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_check.c - holdfast check: is an NTFS volume consistent? */
#include "scan/cmd_check.h"

#include "core/cleanup.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "scan/check.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>

enum {
	EXIT_CONSISTENT   = 0,
	EXIT_INCONSISTENT = 1,
	EXIT_USAGE        = 2,
	EXIT_NOT_WORKED   = 3,
};

struct options {
	bool        quiet, verbose, json;
	const char *source; /* without its letter */
};

static const char usage[] =
	"usage: holdfast check [-q] [-v] [--json] [LETTER=]SOURCE[@N|@+BYTES]\n"
	"\n"
	"Check an NTFS volume, or every one on a disk, for consistency, and write nothing to it.\n"
	"SOURCE is a disk image or a block device; @N is its N-th partition, @+BYTES an offset.\n"
	"\n"
	"  -q, --quiet    no progress bar\n"
	"  -v, --verbose  say on stderr what is being checked\n"
	"      --json     print one JSON document\n"
	"      --help     print this\n"
	"\n"
	"Exit status: 0 consistent, 1 inconsistent, 2 wrong usage, 3 could not work.\n";

/* -------- the command line -------- */

/* Returns -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = { { "quiet", no_argument, NULL, 'q' },
					       { "verbose", no_argument, NULL, 'v' },
					       { "json", no_argument, NULL, 'j' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	const char                *given;
	int                        option;

	optind = 0; /* the command's own options begin anew */
	while ((option = getopt_long(argc, argv, "qv", known, NULL)) != -1) {
		switch (option) {
		case 'q': options->quiet = true; break;
		case 'v': options->verbose = true; break;
		case 'j': options->json = true; break;
		case 'h': fputs(usage, stdout); return fflush(stdout) == 0 ? 0 : EXIT_NOT_WORKED;
		default:  return EXIT_USAGE; /* getopt has said why */
		}
	}
	if (argc - optind != 1) {
		fprintf(stderr, "holdfast check: name one volume; see 'holdfast check --help'\n");
		return EXIT_USAGE;
	}
	given = argv[optind];
	options->source = given;
	if (isalpha((unsigned char)given[0]) && given[1] == '=' && access(given, F_OK) < 0)
		options->source = given + 2;
	return -1;
}

static int fail(const struct error *err)
{
	fputs("holdfast check: ", stderr);
	error_print(err, stderr);
	fputc('\n', stderr);
	return err->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_NOT_WORKED;
}

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
		printf(" (at byte %" PRIu64 ")", problem->offset);
	fputc('\n', stdout);
}

static void print_text(const struct volume *volume, const struct check *check)
{
	for (size_t i = 0; i < check->problems.count; i++)
		print_problem(&check->problems.items[i]);
	for (int kind = 0; kind < PROBLEM_KINDS; kind++)
		if (check->counts[kind] > PROBLEMS_KEPT)
			printf("%s: and %" PRIu64 " more of this kind\n", problem_kind_name((enum problem_kind)kind),
			       check->counts[kind] - PROBLEMS_KEPT);
	if (check->problem_count)
		printf("Volume %" PRIu32 ": inconsistent: %s problem%s found; this volume was not written to.\n",
		       volume->number, text_count(check->problem_count).text, plural(check->problem_count));
	else
		printf("Volume %" PRIu32 ": consistent: %s file%s, %s director%s, %s cluster%s in use.\n",
		       volume->number, text_count(check->files).text, plural(check->files),
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
	json_key_bool(json, "dirty", check->dirty);
	json_key(json, "problems");
	json_begin(json, '[');
	for (size_t i = 0; i < check->problems.count; i++)
		json_problem(json, &check->problems.items[i]);
	json_end(json, ']');
	json_key_uint(json, "problem_count", check->problem_count);
	json_end(json, '}');
}

/* -------- the command -------- */

/* Check all volumes, one after the other.  Returns an exit status. */
static int check_volumes(const struct options *options, const struct volumes *volumes, struct json *json)
{
	long         cores = sysconf(_SC_NPROCESSORS_ONLN);
	int          status = EXIT_CONSISTENT;
	struct error err;

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];
		struct check         check;
		int                  result;

		if (options->verbose)
			fprintf(stderr, "checking volume %" PRIu32 " at byte %" PRIu64 "\n", volume->number,
				volume->offset_bytes);
		result = check_volume(&check, volume, cores > 0 ? (unsigned)cores : 1, &err);
		if (result == 0 && options->json)
			json_volume(json, volume, &check);
		else if (result == 0)
			print_text(volume, &check);
		if (result == 0 && options->verbose && check.dirty)
			fprintf(stderr, "volume %" PRIu32 " is marked as dirty: it was not closed by its driver\n",
				volume->number);
		if (check.problem_count)
			status = EXIT_INCONSISTENT;
		check_release(&check);
		if (result < 0)
			return fail(&err);
	}
	return status;
}

int cmd_check(int argc, char **argv)
{
	struct options         options = { 0 };
	CLEANUP(free_ptr) char *path = NULL;
	struct selection       selection;
	struct evidence        evidence = { 0 };
	struct volumes         volumes = { 0 };
	struct findings        findings;
	struct json            json = { .out = stdout, .indent = 2 };
	struct error           err;
	int                    status = parse_options(argc, argv, &options);

	if (status >= 0)
		return status;
	progress_setup(options.quiet);
	findings_init(&findings);
	if (selection_parse(options.source, &path, &selection, &err) < 0 ||
	    evidence_open(&evidence, path, NULL, &err) < 0 ||
	    volumes_find(&evidence, &selection, &volumes, &findings, &err) < 0) {
		status = fail(&err);
	} else {
		if (options.json) {
			json_begin(&json, '{');
			json_key_string(&json, "evidence", path);
			json_key(&json, "volumes");
			json_begin(&json, '[');
		}
		status = check_volumes(&options, &volumes, &json);
		if (options.json) {
			json_end(&json, ']');
			json_end(&json, '}');
			fputc('\n', stdout);
		}
		if (fflush(stdout) != 0 || ferror(stdout)) {
			(void)error_sys(&err, NULL, "cannot write the result");
			status = fail(&err);
		}
	}
	array_release(&volumes);
	findings_release(&findings);
	evidence_release(&evidence);
	return status;
}
