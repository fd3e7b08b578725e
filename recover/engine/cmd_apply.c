/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_apply.c - holdfast apply: an operating system image onto a volume */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/engine/apply.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast apply --image WIM[:INDEX|:NAME] [OPTION]... [LETTER=]VOLUME\n"
	"\n"
	"Put the files of an image onto a volume, beside what a wipe has left there: with\n"
	"their streams, attributes, times, security, hard links, 8.3 names and reparse\n"
	"points. Nothing is replaced: a name that is there already refuses the image. All\n"
	"of it is compared with its digests before any of it holds, and a damaged image\n"
	"or a power cut at any moment leaves the volume as it was. WIM is a WIM, ESD or\n"
	"first SWM file; INDEX or NAME may be left out where it holds one image only.\n"
	"VOLUME is a raw image or a device (@N picks a partition, @+BYTES an offset).\n"
	"\n"
	"      --image WIM    the image, as in install.wim:1 or 'install.wim:Windows 10\n"
	"                     Pro'\n"
	"      --ref PATTERN  further files with its contents, as in 'install*.swm';\n"
	"                     several times. The parts of a split image are found beside\n"
	"                     the first without\n"
	"      --keep PATH    with this, only what is named may be on the volume, and has\n"
	"                     to be; several times\n"
	"      --overwrite-deleted  write although a deleted store lies on the volume\n"
	"      --json         one JSON document instead of text\n"
	"  -q, --quiet        no progress bar\n"
	"  -v, --verbose      no effect here\n"
	"  -h, --help         this text\n"
	"\n"
	"Exit status: 0 all well; 1 applied, but something in the image cannot be; 2\n"
	"usage; 3 could not work, or refused: the message says what to do.\n";

struct apply_command {
	const char            *operand; /* WIM[:INDEX|:NAME] */
	const char           **refs;
	size_t                 ref_count;
	struct apply_options   options;
	struct command_options common;
	struct wim_image       image;
	struct apply_plan      plan;
	bool                   planned, done;
};

static void print_result(const struct apply_command *command)
{
	const struct apply_plan *plan = &command->plan;

	printf("%s image %d", plan->there ? "The volume holds all of" : "Applied", command->image.index);
	if (*command->image.name) {
		fputs(" (", stdout);
		text_print(stdout, command->image.name, strlen(command->image.name));
		putchar(')');
	}
	printf("%s: %s files (%s names), %s folders, %s\n", plan->there ? " already; nothing was written" : "",
	       text_count(plan->files).text, text_count(plan->names).text, text_count(plan->directories).text,
	       text_size(plan->bytes).text);
	if (plan->encrypted)
		printf("%s files are encrypted (EFS): they are there without their contents\n",
		       text_count(plan->encrypted).text);
	for (size_t i = 0; i < command->image.warnings.count; i++) {
		fputs("libwim: ", stdout);
		text_print(stdout, command->image.warnings.items[i], strlen(command->image.warnings.items[i]));
		putchar('\n');
	}
}

static void print_json(const struct apply_command *command)
{
	const struct apply_plan *plan = &command->plan;
	struct json              json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_bool(&json, "done", command->done);
	json_key_bool(&json, "there_already", command->planned && plan->there);
	json_key_string(&json, "image", command->image.path);
	json_key_uint(&json, "index", (uint64_t)command->image.index);
	json_key_string(&json, "name", command->image.name);
	json_key_uint(&json, "files", plan->files);
	json_key_uint(&json, "names", plan->names);
	json_key_uint(&json, "directories", plan->directories);
	json_key_uint(&json, "bytes", plan->bytes);
	json_key_uint(&json, "bytes_needed", plan->bytes_needed);
	json_key_uint(&json, "bytes_free", plan->bytes_free);
	json_key_uint(&json, "files_without_content", plan->encrypted);
	json_key_strings(&json, "warnings", (const char *const *)command->image.warnings.items, command->image.warnings.count);
	json_end(&json, '}');
	putchar('\n');
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct apply_command *command = context;

	if (wim_image_open(&command->image, command->operand, command->refs, command->ref_count, err) < 0)
		return -1;
	command->planned = true;
	if (apply_plan_make(&command->plan, volumes->items, &command->image, &command->options, err) < 0 ||
	    apply_run(&command->plan, volumes->items, err) < 0)
		return -1;
	command->done = true;
	return 0;
}

/* What is in the image and not on the volume. */
static bool is_incomplete(const struct apply_command *command)
{
	return command->plan.encrypted || command->image.warnings.count;
}

int cmd_apply(int argc, char **argv)
{
	static const struct option     options[] = { COMMAND_LONG,
						     { "image", required_argument, NULL, 'i' },
						     { "ref", required_argument, NULL, 'r' },
						     { "keep", required_argument, NULL, 'k' },
						     { "overwrite-deleted", no_argument, NULL, 'o' },
						     { NULL, 0, NULL, 0 } };
	CLEANUP(free_ptr) const char **keep = calloc((size_t)argc + 1, sizeof *keep);
	CLEANUP(free_ptr) const char **refs = calloc((size_t)argc + 1, sizeof *refs);
	struct apply_command           command = { .refs = refs, .options = { .keep = keep } };
	struct error                   err;
	int                            option, status;

	if (!keep || !refs) {
		(void)error_memory(&err);
		return command_failed("apply", &err);
	}
	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1) {
		if (option == 'i')
			command.operand = optarg;
		else if (option == 'r')
			refs[command.ref_count++] = optarg;
		else if (option == 'k')
			keep[command.options.keep_count++] = optarg;
		else if (option == 'o')
			command.options.overwrite_deleted = true;
		else
			command_option(option, argv, usage, &command.common);
	}
	if (!command.operand)
		return command_usage("apply", "which image? name it, as in --image install.wim:1");
	if (argc - optind != 1)
		return command_usage("apply", "name one volume, as in disk.img@2 or /dev/sda2");
	progress_setup(command.common.quiet || command.common.json);
	status = work_volumes_run(argv + optind, 1, WORK_WRITE, run, &command, &err);
	if (command.planned && command.common.json)
		print_json(&command);
	else if (status == 0)
		print_result(&command);
	if (status == 0)
		status = is_incomplete(&command) ? EXIT_DAMAGED : EXIT_GOOD;
	else
		status = command_failed("apply", &err);
	wim_image_close(&command.image);
	return status;
}
