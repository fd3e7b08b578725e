/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_run.c - holdfast run: a task sequence on offline volumes */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "recover/sequence/run_report.h"
#include "recover/sequence/sequence_plan_report.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast run [OPTION]... SEQUENCE VOLUME...\n"
	"\n"
	"Run a task sequence on offline volumes: capture, wipe, apply, restore, as it has\n"
	"them. SEQUENCE is MDT's ts.xml, or what ConfigMgr's console exports: the .zip,\n"
	"or the object.xml in it. VOLUME is [LETTER=]SOURCE; the first is C if it does\n"
	"not say.\n"
	"\n"
	"A run that was cut off or has failed goes on with the same command, at the step\n"
	"where it stands; no step is done twice. No store with files that are nowhere\n"
	"else is removed; one that is there already becomes a generation.\n"
	"\n"
	"What is done:\n"
	"      --plan             nothing: tell, step by step, what would happen\n"
	"      --atomic           all of it or nothing: until the last write the volumes\n"
	"                         are what they were\n"
	"      --restart          begin with the first step, whatever a run before has\n"
	"                         left\n"
	"      --yes              user data that no store has may be lost, and the disks\n"
	"                         of --disk be erased\n"
	"      --overwrite-deleted  write although a deleted store lies there\n"
	"\n"
	"What the sequence speaks of:\n"
	"      --image WIM[:INDEX|:NAME]  the image to apply, where no --package says it\n"
	"      --package ID=PATH  a package: a folder with rules, an image\n"
	"      --disk N=DEVICE    the disk of a step that partitions disk N\n"
	"      --set NAME=VALUE   a variable to begin with. It also answers for a running\n"
	"                         Windows: Win32_ComputerSystem.Model=...,\n"
	"                         'software:{CODE}=VERSION' or '=none'\n"
	"      --windows DIR      the Windows directory, as D:\\Windows; otherwise it is\n"
	"                         looked for\n"
	"      --hook TYPE=PROGRAM  steps of that type are the program's: it is given\n"
	"                         type, name and command line of the step, and its exit\n"
	"                         status is the step's\n"
	"\n"
	"What is told:\n"
	"      --logs DIR         where smsts.log, scanstate.log and loadstate.log go\n"
	"                         (./smstslog-SERIAL of the volume)\n"
	"      --json             one JSON document instead of text\n"
	"  -q, --quiet            no progress bar\n"
	"  -v, --verbose          also the ends of groups; with --plan the variables in\n"
	"                         the end\n"
	"  -h, --help             this text\n"
	"\n"
	"Exit status: 0 all of it is done; 1 it ended, but something failed, was left\n"
	"out, or is in the store alone (with --plan: would); 2 usage; 3 it failed, or\n"
	"could not begin: the message says what to do.\n";

struct settings ARRAY(const char *);
struct packages ARRAY(struct sequence_package);
struct hooks ARRAY(struct sequence_hook);
struct disks ARRAY(struct disk_target);

struct run_command {
	struct command_options      common;
	bool                        plan_only;
	struct settings             settings;
	struct packages             packages;
	struct hooks                hooks;
	struct disks                disks;
	struct sequence_run_options options;
	struct sequence_file        file;
	struct windows              windows;
	struct sequence_plan        plan;
	struct sequence_run_report  report;
	struct run_onlooker         onlooker;
};

static void run_command_release(struct run_command *command)
{
	sequence_run_report_release(&command->report);
	sequence_plan_release(&command->plan);
	windows_close(&command->windows);
	sequence_file_release(&command->file);
	array_release(&command->settings);
	array_release(&command->packages);
	array_release(&command->hooks);
	array_release(&command->disks);
}

/* -------- --plan -------- */

static int plan_on(void *context, struct work_volumes *volumes, struct error *err)
{
	struct run_command *command = context;
	int                 found = windows_open(&command->windows, volumes, &command->options.windows, err);

	if (found < 0)
		return -1;
	return sequence_plan_make(&command->plan, &command->options, volumes, found == 1 ? &command->windows : NULL, err);
}

static int plan(struct run_command *command, struct error *err)
{
	const struct sequence_run_options *options = &command->options;
	const struct sequence_plan        *made = &command->plan;

	if (work_volumes_run(options->operands, options->operand_count, WORK_READ, plan_on, command, err) < 0)
		return -1;
	if (command->common.json)
		sequence_plan_print_json(&command->file, made);
	else
		sequence_plan_print(&command->file, made, command->common.verbose);
	return !made->completed || made->left_out || made->failing || made->unknown || sequence_file_lost(&command->file)
		       ? EXIT_DAMAGED
		       : EXIT_GOOD;
}

/* -------- the run -------- */

static int run(struct run_command *command, struct error *err)
{
	struct sequence_run_options *options = &command->options;

	command->onlooker = (struct run_onlooker){ &command->report, command->common.verbose, 0 };
	options->watch = command->common.json ? NULL : run_report_watch;
	options->announce = command->common.json ? NULL : run_report_announce;
	options->watch_context = &command->onlooker;
	if (sequence_run(options, &command->report, err) < 0)
		return -1;
	if (command->common.json)
		run_report_print_json(options, &command->report);
	else
		run_report_print(options, &command->report);
	if (!command->report.completed)
		return EXIT_FAILED;
	return command->report.unfinished.count || run_report_lacks(&command->report) ? EXIT_DAMAGED : EXIT_GOOD;
}

/* -------- the command -------- */

enum run_option {
	RUN_PLAN = 0x200, RUN_SET, RUN_WINDOWS, RUN_ATOMIC, RUN_RESTART, RUN_IMAGE, RUN_PACKAGE, RUN_HOOK, RUN_DISK, RUN_LOGS,
	RUN_YES, RUN_OVERWRITE
};

static int take_disk(struct run_command *command, char *text, struct error *err)
{
	char         *end;
	unsigned long index = strtoul(text, &end, 10);

	if (end == text || *end != '=' || !end[1] || index > 255)
		return error_set(err, ERROR_USAGE, NULL, "--disk '%.80s': write N=DEVICE, as in 0=/dev/sdb", text);
	return array_push(&command->disks, (struct disk_target){ (unsigned)index, end + 1 }) ? 0 : error_memory(err);
}

static int take_package(struct run_command *command, char *text, struct error *err)
{
	struct sequence_package package;

	if (sequence_package_parse(&package, text, err) < 0)
		return -1;
	return array_push(&command->packages, package) ? 0 : error_memory(err);
}

static int take_hook(struct run_command *command, char *text, struct error *err)
{
	struct sequence_hook hook;

	if (sequence_hook_parse(&hook, text, err) < 0)
		return -1;
	return array_push(&command->hooks, hook) ? 0 : error_memory(err);
}

static int take(struct run_command *command, int option, char **argv, struct error *err)
{
	struct sequence_run_options *options = &command->options;

	switch (option) {
	case RUN_PLAN:
		command->plan_only = true;
		return 0;
	case RUN_ATOMIC:
		options->atomic = true;
		return 0;
	case RUN_RESTART:
		options->restart = true;
		return 0;
	case RUN_YES:
		options->yes = true;
		return 0;
	case RUN_OVERWRITE:
		options->overwrite_deleted = true;
		return 0;
	case RUN_WINDOWS:
		options->windows.directory = optarg;
		return 0;
	case RUN_IMAGE:
		options->image = optarg;
		return 0;
	case RUN_LOGS:
		options->log_folder = optarg;
		return 0;
	case RUN_SET:
		return array_push(&command->settings, optarg) ? 0 : error_memory(err);
	case RUN_PACKAGE:
		return take_package(command, optarg, err);
	case RUN_HOOK:
		return take_hook(command, optarg, err);
	case RUN_DISK:
		return take_disk(command, optarg, err);
	default:
		command_option(option, argv, usage, &command->common);
		return 0;
	}
}

/* All that was said, for whoever asks. */
static void gather(struct run_command *command, char *const *operands, size_t count)
{
	struct sequence_run_options *options = &command->options;

	options->file = &command->file;
	options->operands = operands;
	options->operand_count = count;
	options->settings = command->settings.items;
	options->setting_count = command->settings.count;
	options->packages = command->packages.items;
	options->package_count = command->packages.count;
	options->hooks = command->hooks.items;
	options->hook_count = command->hooks.count;
	options->disks = command->disks.items;
	options->disk_count = command->disks.count;
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = { { "plan", no_argument, NULL, RUN_PLAN },
						 { "atomic", no_argument, NULL, RUN_ATOMIC },
						 { "restart", no_argument, NULL, RUN_RESTART },
						 { "image", required_argument, NULL, RUN_IMAGE },
						 { "package", required_argument, NULL, RUN_PACKAGE },
						 { "hook", required_argument, NULL, RUN_HOOK },
						 { "disk", required_argument, NULL, RUN_DISK },
						 { "set", required_argument, NULL, RUN_SET },
						 { "windows", required_argument, NULL, RUN_WINDOWS },
						 { "logs", required_argument, NULL, RUN_LOGS },
						 { "yes", no_argument, NULL, RUN_YES },
						 { "overwrite-deleted", no_argument, NULL, RUN_OVERWRITE },
						 COMMAND_LONG,
						 { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) char                         *line = command_line(argc, argv);
	CLEANUP(run_command_release) struct run_command command = { 0 };
	struct error                                    err;
	int                                             option, status;

	if (!line)
		return error_memory(&err), command_failed("run", &err);
	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1)
		if (take(&command, option, argv, &err) < 0)
			return command_failed("run", &err);
	if (argc - optind < 2)
		return command_usage("run", argc == optind ? "which task sequence, and on which volume?" :
							     "on which volume? name an image or a device");
	gather(&command, argv + optind + 1, (size_t)(argc - optind - 1));
	command.options.command = line;
	progress_setup(command.common.quiet || command.common.json);
	if (sequence_file_read(&command.file, argv[optind], &err) < 0)
		return command_failed("run", &err);
	status = command.plan_only ? plan(&command, &err) : run(&command, &err);
	return status < 0 || command_flush(&err) < 0 ? command_failed("run", &err) : status;
}
