/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_scan.c - holdfast scan: what is on the evidence */
#include "report/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "report/format.h"
#include "scan/scan.h"

static const char usage[] =
	"Usage: holdfast scan [--case FILE] [--map FILE] [--all] [--carve] [--shadows]\n"
	"                     SOURCE...\n"
	"\n"
	"Find the NTFS volumes on SOURCE and the state stores on them, grade their files,\n"
	"and report. SOURCE is a raw image, split raw, E01, VMDK, VHD or a block device;\n"
	"@N picks a partition, @+BYTES an offset, @shadowN behind it a shadow copy. It is\n"
	"opened read-only and never written.\n"
	"\n"
	"      --case FILE  keep all findings in the casebook FILE, for rebuild and\n"
	"                   report\n"
	"      --map FILE   GNU ddrescue map of the image: what it calls unread is\n"
	"                   unreadable\n"
	"      --all        put every file of every volume into the casebook, not only\n"
	"                   stores'\n"
	"      --carve      read all of it for what still remembers, volumes formatted\n"
	"                   anew or lost among it; cut off and run again with the\n"
	"                   same --case, it goes on where it stopped\n"
	"      --shadows    scan shadow copies as well, not only list them\n"
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

static int scan_and_report(const struct scan_options *options, const struct command_options *common,
			   bool *damaged, struct error *err)
{
	CLEANUP(casebook_close) struct casebook         book = { 0 };
	CLEANUP(scan_result_release) struct scan_result result = { 0 };
	struct report_options                           report = { .source = options->sources[0],
								   .case_path = options->case_path,
								   .verbose = common->verbose };

	if (options->case_path && access(options->case_path, F_OK) == 0 && !casebook_is_one(options->case_path))
		return error_set(err, ERROR_REFUSED, options->case_path,
				 "is there and is no casebook; it is not written over, choose another name");
	if (options->case_path && access(options->case_path, F_OK) == 0) {
		CLEANUP(casebook_close) struct casebook old = { 0 };

		if (casebook_open(&old, options->case_path, err) < 0)
			return -1; /* one of another version is not ours to replace */
	}
	if (options->case_path && scan_refuse_evidence(options, options->case_path, err) < 0)
		return -1;
	if (scan_run(options, &book, &result, err) < 0 || report_damaged(&book, damaged, err) < 0)
		return -1;
	return report_format_write(report_format_find(common->json ? "json" : "text"), &book, &report, stdout, err);
}

int cmd_scan(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "case", required_argument, NULL, 'c' },
						 { "map", required_argument, NULL, 'm' },
						 { "hash-evidence", no_argument, NULL, 'H' },
						 { "all", no_argument, NULL, 'a' },
						 { "shadows", no_argument, NULL, 's' },
						 KEY_RING_OPTIONS,
						 { "carve", no_argument, NULL, 'C' },
						 { NULL, 0, NULL, 0 } };
	CLEANUP(key_ring_release) struct key_ring keys = { 0 };
	CLEANUP(free_ptr) char    *line = command_line(argc, argv);
	struct command_options     common = { 0 };
	struct scan_options        scan = { .threads = command_threads(),
					    .command = line,
					    .shadows = SHADOWS_LISTED,
					    .keys = &keys };
	struct error               err;
	bool                       damaged = false, taken;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 'c')
			scan.case_path = optarg;
		else if (option == 'H')
			scan.hash_evidence = true;
		else if (option == 'm')
			scan.map_path = optarg;
		else if (option == 'a')
			scan.all = true;
		else if (option == 's')
			scan.shadows = SHADOWS_SCANNED;
		else if (option == 'C')
			scan.carve = true;
		else if (key_ring_option(&keys, option, optarg, line, &taken, &err) < 0)
			return command_failed("scan", &err);
		else if (!taken)
			command_option(option, argv, usage, &common);
	}
	if (optind == argc)
		return command_usage("scan", "which disk? name an image or a device");
	scan.sources = (const char *const *)argv + optind;
	scan.source_count = (size_t)(argc - optind);
	scan.summary = !scan.case_path;
	if (scan.all && !scan.case_path)
		return command_usage("scan", "--all goes with --case FILE");
	if (scan.map_path && scan.source_count > 1)
		return command_usage("scan", "--map goes with one SOURCE");
	progress_setup(common.quiet || common.json);
	if (scan_and_report(&scan, &common, &damaged, &err) < 0)
		return command_failed("scan", &err);
	return damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
