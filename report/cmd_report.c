/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_report.c - holdfast report: a casebook in words or as JSON */
#include "report/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "report/report.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast report [--format text|json] [--timeline] [-o FILE] CASE\n"
	"\n"
	"Tell what the casebook CASE holds.\n"
	"\n"
	"      --format F   text (default) or json\n"
	"      --timeline   also every event of what happened, and who says so (JSON has\n"
	"                   them always)\n"
	"  -o, --output F   write to F instead of standard output\n"
	"      --json       the same as --format json\n"
	"  -v, --verbose    list all damaged files by name\n"
	"  -h, --help       this text\n"
	"\n"
	"Exit status: 0 all well; 1 done, but something in the casebook is damaged; 2\n"
	"usage; 3 could not work.\n";

static void close_output(FILE **out)
{
	if (*out && *out != stdout)
		fclose(*out);
}

static int report_case(const struct report_options *report, const char *output, bool json, bool *damaged,
		       struct error *err)
{
	CLEANUP(casebook_close) struct casebook book = { 0 };
	CLEANUP(close_output) FILE             *out = NULL;

	if (casebook_open(&book, report->case_path, err) < 0 || report_damaged(&book, damaged, err) < 0)
		return -1;
	out = output ? fopen(output, "wxe") : stdout;
	if (!out)
		return error_sys(err, output, "cannot write the report");
	return json ? report_json(&book, report, out, err) : report_text(&book, report, out, err);
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "format", required_argument, NULL, 'f' },
						 { "output", required_argument, NULL, 'o' },
						 { "timeline", no_argument, NULL, 't' },
						 { NULL, 0, NULL, 0 } };
	struct command_options     common = { 0 };
	struct report_options      report = { 0 };
	const char                *output = NULL;
	struct error               err;
	bool                       damaged = false;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT "o:", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 't')
			report.timeline = true;
		else if (option == 'f' && strcmp(optarg, "json") == 0)
			common.json = true;
		else if (option == 'f' && strcmp(optarg, "text") == 0)
			common.json = false;
		else if (option == 'f')
			return command_usage("report", "the formats are text and json");
		else
			command_option(option, argv, usage, &common);
	}
	if (argc - optind != 1)
		return command_usage("report", "name one casebook (holdfast scan --case FILE makes one)");
	report.source = report.case_path = argv[optind];
	report.verbose = common.verbose;
	if (report_case(&report, output, common.json, &damaged, &err) < 0)
		return command_failed("report", &err);
	return damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
