/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_report.c - holdfast report: a casebook in words, or in a format of another program */
#include "report/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/terminal.h"
#include "report/format.h"

#include <string.h>
#include <unistd.h>

static const char usage_head[] =
	"Usage: holdfast report [--format FORMAT] [--timeline] [-o FILE] CASE\n"
	"\n"
	"Tell what the casebook CASE holds.\n"
	"\n"
	"      --format F   how, see below; text if it is left out\n"
	"      --timeline   in text: also every event of what happened, and who says so\n"
	"  -o, --output F   write to F instead of standard output\n"
	"      --json       the same as --format json\n"
	"  -v, --verbose    in text: list all damaged files by name\n"
	"  -h, --help       this text\n"
	"\n"
	"Formats:\n";

static const char usage_tail[] =
	"\n"
	"Exit status: 0 all well; 1 done, but something in the casebook is damaged; 2\n"
	"usage; 3 could not work.\n";

/* A text that @print makes of the table of formats; to be freed, NULL without memory. */
static char *of_formats(void (*print)(FILE *out))
{
	char  *text = NULL;
	size_t length;
	FILE  *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	print(out);
	fclose(out);
	return text;
}

static void print_usage(FILE *out)
{
	fputs(usage_head, out);
	for (const struct report_format *format = report_formats; format->name; format++)
		fprintf(out, "  %-11s  %s\n", format->name, format->summary);
	fputs(usage_tail, out);
}

static void print_names(FILE *out)
{
	fputs("the formats are ", out);
	for (const struct report_format *format = report_formats; format->name; format++)
		fprintf(out, "%s%s", format->name, report_format_separator(format));
}

static int no_such_format(void)
{
	CLEANUP(free_ptr) char *text = of_formats(print_names);

	return command_usage("report", text ? text : "there is no such format");
}

/* The disk that was scanned, for the next command. */
static int keep_first_path(void *context, const struct case_evidence *evidence, struct error *err)
{
	char **path = context;

	if (*path)
		return 0;
	*path = strdup(evidence->path);
	return *path ? 0 : error_memory(err);
}

/* To the file @output, that does not exist yet; half of a report is none, and does not stay. */
static int write_file(const struct report_format *format, struct casebook *book, const struct report_options *report,
		      const char *output, struct error *err)
{
	FILE *out = fopen(output, "wxe");
	int   result;

	if (!out)
		return error_sys(err, output, "cannot write the report");
	result = report_format_write(format, book, report, out, err);
	if (fclose(out) != 0 && result == 0)
		result = error_sys(err, output, "cannot write the report");
	if (result < 0)
		unlink(output);
	return result;
}

static int report_case(const struct report_format *format, struct report_options report, const char *output,
		       bool *damaged, struct error *err)
{
	CLEANUP(casebook_close) struct casebook book = { 0 };
	CLEANUP(free_ptr) char                 *source = NULL;

	if (casebook_open(&book, report.case_path, err) < 0 || report_damaged(&book, damaged, err) < 0 ||
	    casebook_evidence(&book, keep_first_path, &source, err) < 0)
		return -1;
	report.source = source ? source : "DISK";
	return output ? write_file(format, &book, &report, output, err)
		      : report_format_write(format, &book, &report, stdout, err);
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG,
						 { "format", required_argument, NULL, 'f' },
						 { "output", required_argument, NULL, 'o' },
						 { "timeline", no_argument, NULL, 't' },
						 { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) char     *usage = of_formats(print_usage);
	const struct report_format *format = report_formats;
	struct command_options      common = { 0 };
	struct report_options       report = { 0 };
	const char                 *output = NULL;
	struct error                err;
	bool                        damaged = false;
	int                         option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT "o:", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 't')
			report.timeline = true;
		else if (option == 'f' || option == 'j')
			format = report_format_find(option == 'j' ? "json" : optarg);
		else
			command_option(option, argv, usage ? usage : usage_head, &common);
		if (!format)
			return no_such_format();
	}
	if (argc - optind != 1)
		return command_usage("report", "name one casebook (holdfast scan --case FILE makes one)");
	report.case_path = argv[optind];
	report.verbose = common.verbose;
	if (format != report_formats) /* what programs read is no text for people */
		terminal_keep_lines();
	if (report_case(format, report, output, &damaged, &err) < 0)
		return command_failed("report", &err);
	return damaged ? EXIT_DAMAGED : EXIT_GOOD;
}
