/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rescue.c - holdfast rescue: scan, rebuild every store, report */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/rebuild.h"
#include "recover/rescue_report.h"
#include "report/format.h"
#include "report/grade_why.h"
#include "scan/scan.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CASE_NAME "case.holdfast"

static const char usage[] =
	"Usage: holdfast rescue --to DIR [--beside] [--carve] [--map FILE] [--no-shadows]\n"
	"                       SOURCE\n"
	"\n"
	"Find every state store on SOURCE, rebuild each below DIR, and report. SOURCE is\n"
	"a raw image, split raw, E01, VMDK, VHD or a block device; @N picks a partition,\n"
	"@+BYTES an offset, @shadowN behind it a shadow copy. It is opened read-only and\n"
	"never written. DIR must lie on another disk; it is made if it is missing.\n"
	"\n"
	"  DIR/case.holdfast  the casebook: all that was found\n"
	"  DIR/store-N/       each store as USMT/File/C$/Users/..., with manifest.jsonl\n"
	"  DIR/beside/        with --beside: deleted user data that no store held\n"
	"  DIR/report.html    all of it as a page to look at, to search and to print\n"
	"  DIR/report.txt     what is printed here\n"
	"  DIR/SHA256SUMS     digests of these files, and of the stores' manifests\n"
	"\n"
	"Cut off and run again, it goes on where it stopped.\n"
	"\n"
	"      --to DIR     where everything goes\n"
	"      --beside     also rebuild deleted user data that no store held\n"
	"      --carve      look at every sector for what still remembers; takes as long\n"
	"                   as reading the disk (done by itself where a volume may have\n"
	"                   been formatted anew)\n"
	"      --map FILE   GNU ddrescue map of the image: what it calls unread is\n"
	"                   unreadable\n"
	"      --no-shadows leave shadow copies alone: they are scanned, too, unless this\n"
	"                   is said\n"
	"      --hash-evidence\n"
	"                   SHA-256, SHA-1 and MD5 of all of SOURCE, compared with\n"
	"                   what an E01 says of itself; with --carve in the same pass\n"
	KEY_RING_USAGE
	"      --json       one JSON document instead of text\n"
	"  -q, --quiet      no progress bar\n"
	"  -v, --verbose    list all damaged files by name\n"
	"  -h, --help       this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something is damaged; 2 usage; 3 could not\n"
	"work.\n";

struct rescue {
	const char            *to;
	struct scan_options    scan;
	struct command_options common;
	struct casebook        book;
	struct scan_result     result;
	struct report_rebuilt *rebuilt;
	size_t                 rebuilt_count;
	int64_t               *stores;      /* ids */
	size_t                 store_count;
	bool                   damaged;
};

static void rescue_release(struct rescue *rescue)
{
	casebook_close(&rescue->book);
	scan_result_release(&rescue->result);
	for (size_t i = 0; i < rescue->rebuilt_count; i++)
		free((char *)rescue->rebuilt[i].folder);
	free(rescue->rebuilt);
	free(rescue->stores);
}

/* What may stand in DIR: nothing, or what an earlier rescue left there. */
static int check_folder(const char *to, struct error *err)
{
	DIR           *folder = opendir(to);
	struct dirent *entry;
	bool           ours = false, foreign = false;

	if (!folder)
		return errno == ENOENT ? 0 : error_sys(err, to, "cannot open the destination");
	while ((entry = readdir(folder)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (strncmp(name, CASE_NAME, strlen(CASE_NAME)) == 0)
			ours = true;
		else
			foreign = true;
	}
	closedir(folder);
	if (foreign && !ours)
		return error_set(err, ERROR_REFUSED, to,
				 "is not empty, and what is in it is not ours to write over; choose another "
				 "folder");
	return 0;
}

/* An earlier rescue that ended well is not done again. */
static int check_finished(const char *to, struct error *err)
{
	CLEANUP(free_ptr) char *report = NULL;

	report = text_format("%s/" RESCUE_TEXT, to);
	if (!report)
		return error_memory(err);
	if (access(report, F_OK) == 0)
		return error_set(err, ERROR_REFUSED, to,
				 "holds a finished rescue, which is not written over; choose another folder");
	return 0;
}

static int add_store(void *context, const struct case_store *store, struct error *err)
{
	struct rescue *rescue = context;
	int64_t       *grown = realloc(rescue->stores, (rescue->store_count + 1) * sizeof *grown);

	if (!grown)
		return error_memory(err);
	rescue->stores = grown;
	grown[rescue->store_count++] = store->id;
	return 0;
}

/* The reason that a line of the manifest ends with; no other text in it can have these quotes. */
static unsigned reason_in(char *line)
{
	static const char key[] = ", \"why\": \"";
	char             *text = strstr(line, key);

	if (!text)
		return 0;
	text += strlen(key);
	text[strcspn(text, "\"")] = 0;
	return grade_reason_of(text);
}

/* What the rebuild found when it read the contents goes into the casebook, which the report speaks from. */
static int apply_grades(struct rescue *rescue, const char *folder, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL, *line = NULL;
	size_t                  room = 0;
	FILE                   *manifest;
	int                     result;

	path = text_format("%s/manifest.jsonl", folder);
	if (!path)
		return error_memory(err);
	manifest = fopen(path, "re");
	if (!manifest)
		return error_sys(err, path, "cannot read back the manifest");
	result = casebook_regrade_begin(&rescue->book, err);
	while (result == 0 && getline(&line, &room, manifest) >= 0) {
		unsigned long long volume, record;
		unsigned           sequence;
		char               grade[16];

		if (sscanf(line, "{\"volume\": %llu, \"record\": %llu, \"sequence\": %u, \"grade\": \"%15[a-z]",
			   &volume, &record, &sequence, grade) != 4)
			continue;
		for (enum grade i = 0; result == 0 && i < GRADES; i++)
			if (strcmp(grade, grade_name(i)) == 0)
				result = casebook_regrade(&rescue->book, volume, record, (uint16_t)sequence, i,
							  reason_in(line), err);
	}
	fclose(manifest);
	return result < 0 ? -1 : casebook_regrade_end(&rescue->book, err);
}

static int rebuild_one(struct rescue *rescue, int64_t store, const char *name, struct error *err)
{
	struct report_rebuilt *rebuilt = &rescue->rebuilt[rescue->rebuilt_count];
	struct rebuild_options options = { .book = &rescue->book,
					   .evidence = &rescue->result,
					   .store = store,
					   .again = true,
					   .threads = rescue->scan.threads };
	struct rebuild_counts  counts;
	char                  *folder;

	folder = text_format("%s/%s", rescue->to, name);
	if (!folder)
		return error_memory(err);
	*rebuilt = (struct report_rebuilt){ .store = store, .folder = folder };
	rescue->rebuilt_count++;
	options.to = folder;
	if (rebuild_directory(&options, &counts, err) < 0 || apply_grades(rescue, folder, err) < 0)
		return -1;
	rebuilt->files = counts.files;
	rebuilt->bytes = counts.bytes;
	memcpy(rebuilt->grades, counts.grades, sizeof rebuilt->grades);
	for (enum grade grade = GRADE_SUSPECT; grade < GRADES; grade++)
		rescue->damaged = rescue->damaged || counts.grades[grade];
	return 0;
}

/* A store, and the one that it is in a shadow copy, if it is one. */
struct pair {
	int64_t           wanted;
	struct case_store copy, first;
};

static int find_copy(void *context, const struct case_store *store, struct error *err)
{
	struct pair *pair = context;

	(void)err;
	if (store->id == pair->wanted)
		pair->copy = *store;
	return 0;
}

static int find_first(void *context, const struct case_store *store, struct error *err)
{
	struct pair *pair = context;

	(void)err;
	if (store->id == pair->copy.same_as)
		pair->first = *store;
	return 0;
}

/*
 * The same store again, out of a shadow copy, is rebuilt only if what was rebuilt before it is not whole, or
 * less than what the copy has.
 */
static int is_needed(struct rescue *rescue, int64_t store, bool *needed, struct error *err)
{
	struct pair              pair = { .wanted = store };
	const struct case_store *first = &pair.first;

	if (casebook_stores(&rescue->book, find_copy, &pair, err) < 0 ||
	    (pair.copy.same_as && casebook_stores(&rescue->book, find_first, &pair, err) < 0))
		return -1;
	*needed = !pair.copy.same_as || first->files < pair.copy.files || first->bytes < pair.copy.bytes ||
		  first->grades[GRADE_SUSPECT] || first->grades[GRADE_PARTIAL] || first->grades[GRADE_LOST];
	return 0;
}

static int rebuild_all(struct rescue *rescue, struct error *err)
{
	if (casebook_stores(&rescue->book, add_store, rescue, err) < 0)
		return -1;
	rescue->rebuilt = calloc(rescue->store_count + 1, sizeof *rescue->rebuilt);
	if (!rescue->rebuilt)
		return error_memory(err);
	for (size_t i = 0; i < rescue->store_count; i++) {
		char name[32];
		bool needed;

		if (is_needed(rescue, rescue->stores[i], &needed, err) < 0)
			return -1;
		if (!needed)
			continue;
		snprintf(name, sizeof name, "store-%lld", (long long)rescue->stores[i]);
		if (rebuild_one(rescue, rescue->stores[i], name, err) < 0)
			return -1;
	}
	return rescue->scan.beside ? rebuild_one(rescue, CASE_BESIDE, "beside", err) : 0;
}

static int rescue_run(struct rescue *rescue, struct error *err)
{
	CLEANUP(free_ptr) char *case_path = NULL, *page_path = NULL;
	struct report_options   report = { .source = rescue->scan.sources[0], .verbose = rescue->common.verbose };
	bool                    damaged;

	if (scan_refuse_evidence(&rescue->scan, rescue->to, err) < 0 || check_folder(rescue->to, err) < 0 ||
	    check_finished(rescue->to, err) < 0)
		return -1;
	if (rebuild_make_folders(rescue->to, err) < 0)
		return -1;
	case_path = text_format("%s/" CASE_NAME, rescue->to);
	page_path = text_format("%s/" RESCUE_PAGE, rescue->to);
	if (!case_path || !page_path)
		return error_memory(err);
	rescue->scan.case_path = case_path;
	if (scan_run(&rescue->scan, &rescue->book, &rescue->result, err) < 0 || rebuild_all(rescue, err) < 0 ||
	    report_damaged(&rescue->book, &damaged, err) < 0)
		return -1;
	rescue->damaged = rescue->damaged || damaged;
	report.case_path = case_path;
	report.page_path = page_path;
	report.rebuilt = rescue->rebuilt;
	report.rebuilt_count = rescue->rebuilt_count;
	if (rescue_report_write(rescue->to, &rescue->book, &report, err) < 0)
		return -1;
	return report_format_write(report_format_find(rescue->common.json ? "json" : "text"), &rescue->book, &report,
				   stdout, err);
}

int cmd_rescue(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "to", required_argument, NULL, 't' },
						 { "beside", no_argument, NULL, 'b' },
						 { "carve", no_argument, NULL, 'C' },
						 { "map", required_argument, NULL, 'm' },
						 { "hash-evidence", no_argument, NULL, 'H' },
						 { "no-shadows", no_argument, NULL, 'n' },
						 KEY_RING_OPTIONS,
						 { NULL, 0, NULL, 0 } };
	CLEANUP(key_ring_release) struct key_ring keys = { 0 };
	CLEANUP(free_ptr) char              *line = command_line(argc, argv);
	CLEANUP(rescue_release) struct rescue rescue = { .scan = { .threads = command_threads(),
								    .command = line,
								    .carve_at_need = true,
								    .shadows = SHADOWS_SCANNED,
								    .keys = &keys } };
	struct error                         err;
	bool                                 made, taken;
	int                                  option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 't') {
			rescue.to = optarg;
			for (size_t end = strlen(optarg); end > 1 && optarg[end - 1] == '/'; end--)
				optarg[end - 1] = 0;
		}
		else if (option == 'b')
			rescue.scan.beside = true;
		else if (option == 'C')
			rescue.scan.carve = true;
		else if (option == 'H')
			rescue.scan.hash_evidence = true;
		else if (option == 'm')
			rescue.scan.map_path = optarg;
		else if (option == 'n')
			rescue.scan.shadows = SHADOWS_LISTED;
		else if (key_ring_option(&keys, option, optarg, line, &taken, &err) < 0)
			return command_failed("rescue", &err);
		else if (!taken)
			command_option(option, argv, usage, &rescue.common);
	}
	if (!rescue.to || !*rescue.to)
		return command_usage("rescue", "where to? name a folder on another disk with --to DIR");
	if (argc - optind != 1)
		return command_usage("rescue", "name one disk, an image or a device");
	rescue.scan.sources = (const char *const *)argv + optind;
	rescue.scan.source_count = 1;
	progress_setup(rescue.common.quiet || rescue.common.json);
	made = access(rescue.to, F_OK) < 0;
	if (rescue_run(&rescue, &err) < 0) {
		casebook_close(&rescue.book);
		if (made)
			(void)rmdir(rescue.to); /* stays if anything is in it */
		return command_failed("rescue", &err);
	}
	return rescue.damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
