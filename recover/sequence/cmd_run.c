/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_run.c - holdfast run: a task sequence on offline volumes */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/sequence/sequence_plan.h"

#include <stdarg.h>
#include <string.h>

static const char usage[] =
	"Usage: holdfast run --plan [--set NAME=VALUE]... SEQUENCE VOLUME...\n"
	"\n"
	"Tell what a task sequence would do on the volumes, step by step: what runs, what is skipped and why,\n"
	"what is not done here. Nothing is written. SEQUENCE is MDT's ts.xml, or what ConfigMgr's console\n"
	"exports, as .zip or as the object.xml in it. VOLUME is [LETTER=]SOURCE; the letter of the first is C\n"
	"if it is left out.\n"
	"\n"
	"      --plan            only tell; needed for now\n"
	"      --set NAME=VALUE  begin with this variable. It also answers what only a running system could\n"
	"                        tell: Win32_ComputerSystem.Model=..., 'software:{CODE}=VERSION' or '=none'\n"
	"      --windows DIR     the Windows directory, as in D:\\Windows (otherwise it is looked for)\n"
	"      --json            one JSON document instead of text\n"
	"  -q, --quiet           no progress bar\n"
	"  -v, --verbose         also the ends of groups, and the variables in the end\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 all of it would be done; 1 something would fail, be left out, or hang on what is not\n"
	"known; 2 usage; 3 could not work.\n";

struct settings ARRAY(const char *);

struct run_command {
	struct command_options common;
	bool                   plan_only;
	struct settings        settings;
	struct windows_options windows_options;
	struct sequence_file   file;
	struct windows         windows;
	struct sequence_plan   plan;
};

/* -------- words -------- */

/* A line with words of the sequence in it. */
__attribute__((format(printf, 1, 2))) static void print_line(const char *format, ...)
{
	CLEANUP(free_ptr) char *line = NULL;
	va_list                 arguments;
	int                     length;

	va_start(arguments, format);
	length = vasprintf(&line, format, arguments);
	va_end(arguments);
	if (length < 0)
		line = NULL;
	else
		text_print(stdout, line, (size_t)length);
	fputc('\n', stdout);
}

static size_t count_lost(const struct run_command *command)
{
	size_t lost = 0;

	for (size_t i = 0; i < command->file.remarks.count; i++)
		lost += command->file.remarks.items[i].lost;
	return lost;
}

/* A step that is made for another environment than the one it would meet. */
static bool is_misplaced(const struct planned_step *step, const struct sequence_item *item)
{
	return (step->verdict == VERDICT_RUNS || step->verdict == VERDICT_LEFT_OUT) &&
	       ((item->environment == SEQUENCE_WINPE && !step->winpe) ||
		(item->environment == SEQUENCE_FULL_OS && step->winpe));
}

static const char *verdict_words(const struct planned_step *step, const struct sequence_item *item)
{
	switch (step->verdict) {
	case VERDICT_STARTS:
	case VERDICT_ENDS:
		return "";
	case VERDICT_ABORTS:
		return ": fails with its step";
	case VERDICT_LEFT_OUT:
		return ": left out, taken to succeed";
	case VERDICT_FAILS:
		return item->continue_on_error ? ": fails, which is allowed" : ": FAILS";
	case VERDICT_DISABLED:
		return ": skipped, it is disabled";
	case VERDICT_CONDITION:
		return ": skipped, its condition is false";
	case VERDICT_UNKNOWN:
		return ": SKIPPED, its condition is not known";
	default:
		return NULL;
	}
}

static void print_step(const struct run_command *command, const struct planned_step *step)
{
	const struct instruction *at = &command->plan.table.items[step->pointer];
	const char               *words = verdict_words(step, at->item);
	int                       indent = (int)(2 * (at->depth < 20 ? at->depth : 20));

	if (step->verdict == VERDICT_RESTART) {
		print_line("----  restart into %s", step->winpe ? "Windows PE" : "Windows");
		return;
	}
	if (step->verdict == VERDICT_ENDS && !command->common.verbose)
		return;
	print_line("%4u  %*s%s%s%s%s", step->pointer, indent, "", at->item->group ? "[" : "",
		   at->item->name, at->item->group ? step->verdict == VERDICT_ENDS ? "] ends" : "]" : "",
		   words ? words : "");
	if (!words || step->verdict == VERDICT_FAILS)
		print_line("      %*s  %s%s%s", indent, "", sequence_action_of(at->item)->words, step->note ? ": " : "",
			   step->note ? step->note : "");
	else if (step->note)
		print_line("      %*s  %s", indent, "", step->note);
	if (is_misplaced(step, at->item))
		print_line("      %*s  ! it is made for %s, which would not be running", indent, "",
			   step->winpe ? "the full Windows" : "Windows PE");
}

static void print_variables(const struct sequence_variables *variables)
{
	puts("\nVariables in the end:");
	for (size_t i = 0; i < variables->set.count; i++)
		print_line("  %s=%s", variables->set.items[i].name,
			   variables->set.items[i].hidden ? "(hidden)" : variables->set.items[i].value);
}

static void print_text(const struct run_command *command)
{
	const struct sequence_plan *plan = &command->plan;
	const struct sequence_file *file = &command->file;

	print_line("%s: %s%sversion %s, %u instructions", file->path, file->name, *file->name ? ", " : "", file->version,
		   plan->table.count);
	for (size_t i = 0; i < file->remarks.count; i++)
		if (file->remarks.items[i].lost || command->common.verbose)
			print_line("! line %d: %s", file->remarks.items[i].line, file->remarks.items[i].text);
	putchar('\n');
	for (size_t i = 0; i < plan->steps.count; i++)
		print_step(command, &plan->steps.items[i]);
	printf("\nThe sequence would %s; %zu left out, %zu failing, %zu conditions not known.\n",
	       plan->completed ? "end well" : "FAIL", plan->left_out, plan->failing, plan->unknown);
	if (command->common.verbose)
		print_variables(&plan->variables);
}

/* -------- JSON -------- */

static void json_step(struct json *json, const struct run_command *command, const struct planned_step *step)
{
	static const char *const  kinds[] = { [INSTRUCTION_STEP] = "step", [INSTRUCTION_GROUP] = "group",
					      [INSTRUCTION_GROUP_END] = "group-end" };
	const struct instruction *at = &command->plan.table.items[step->pointer];

	json_begin(json, '{');
	json_key_uint(json, "pointer", step->pointer);
	json_key_string(json, "kind", kinds[at->kind]);
	json_key_string(json, "name", at->item->name);
	json_key_uint(json, "line", (uint64_t)at->item->line);
	json_key_uint(json, "depth", at->depth);
	json_key_string(json, "action", at->item->group ? NULL : sequence_action_of(at->item)->name);
	json_key_string(json, "verdict", sequence_verdict_word(step->verdict));
	json_key_string(json, "environment", step->winpe ? "WinPE" : "FullOS");
	json_key_bool(json, "misplaced", !at->item->group && is_misplaced(step, at->item));
	json_key_string(json, "note", step->note);
	json_end(json, '}');
}

static void json_remarks(struct json *json, const struct xml_remarks *remarks)
{
	json_key(json, "remarks");
	json_begin(json, '[');
	for (size_t i = 0; i < remarks->count; i++) {
		json_begin(json, '{');
		json_key_uint(json, "line", (uint64_t)remarks->items[i].line);
		json_key_bool(json, "lost", remarks->items[i].lost);
		json_key_string(json, "text", remarks->items[i].text);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_variables(struct json *json, const struct sequence_variables *variables)
{
	json_key(json, "variables");
	json_begin(json, '{');
	for (size_t i = 0; i < variables->set.count; i++)
		json_key_string(json, variables->set.items[i].name,
				variables->set.items[i].hidden ? NULL : variables->set.items[i].value);
	json_end(json, '}');
}

static void print_json(const struct run_command *command)
{
	const struct sequence_plan *plan = &command->plan;
	struct json                 json = { .out = stdout, .indent = 2 };
	char                        hex[DIGEST_HEX_SIZE];

	digest_hex(command->file.digest, hex);
	json_begin(&json, '{');
	json_key_string(&json, "sequence", command->file.path);
	json_key_string(&json, "name", command->file.name);
	json_key_string(&json, "version", command->file.version);
	json_key_string(&json, "sha256", hex);
	json_key_uint(&json, "instructions", plan->table.count);
	json_remarks(&json, &command->file.remarks);
	json_key(&json, "steps");
	json_begin(&json, '[');
	for (size_t i = 0; i < plan->steps.count; i++)
		json_step(&json, command, &plan->steps.items[i]);
	json_end(&json, ']');
	json_key_bool(&json, "completed", plan->completed);
	json_key_uint(&json, "left_out", plan->left_out);
	json_key_uint(&json, "failing", plan->failing);
	json_key_uint(&json, "unknown", plan->unknown);
	json_variables(&json, &plan->variables);
	json_end(&json, '}');
	fputc('\n', stdout);
}

/* -------- the command -------- */

static int plan_on(void *context, struct work_volumes *volumes, struct error *err)
{
	struct run_command *command = context;
	int                 found;

	for (size_t i = 0; i < volumes->count; i++)
		if (work_volume_read(&volumes->items[i], err) < 0)
			return -1;
	found = windows_open(&command->windows, volumes, &command->windows_options, err);
	if (found < 0)
		return -1;
	return sequence_plan_make(&command->plan,
				  &(struct sequence_plan_options){ .file = &command->file,
								   .settings = command->settings.items,
								   .setting_count = command->settings.count,
								   .volumes = volumes,
								   .windows = found == 1 ? &command->windows : NULL },
				  err);
}

/* Read it, plan it, tell it. */
static int plan(struct run_command *command, char **operands, size_t count, struct error *err)
{
	if (sequence_file_read(&command->file, operands[0], err) < 0 ||
	    work_volumes_run(operands + 1, count - 1, WORK_READ, plan_on, command, err) < 0)
		return -1;
	if (command->common.json)
		print_json(command);
	else
		print_text(command);
	return fflush(stdout) != 0 || ferror(stdout) ? error_sys(err, NULL, "cannot write the result") : 0;
}

static int finish(struct run_command *command, int result, const struct error *err)
{
	bool weighs = !command->plan.completed || command->plan.left_out || command->plan.failing ||
		      command->plan.unknown || count_lost(command);

	sequence_plan_release(&command->plan);
	windows_close(&command->windows);
	sequence_file_release(&command->file);
	array_release(&command->settings);
	if (result < 0)
		return command_failed("run", err);
	return weighs ? EXIT_DAMAGED : EXIT_GOOD;
}

int cmd_run(int argc, char **argv)
{
	enum { PLAN = 0x200, SET, WINDOWS };
	static const struct option options[] = { { "plan", no_argument, NULL, PLAN },
						 { "set", required_argument, NULL, SET },
						 { "windows", required_argument, NULL, WINDOWS },
						 COMMAND_LONG,
						 { NULL, 0, NULL, 0 } };
	struct run_command         command = { 0 };
	struct error               err;
	int                        option, result;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1)
		if (option == PLAN) {
			command.plan_only = true;
		} else if (option == WINDOWS) {
			command.windows_options.directory = optarg;
		} else if (option != SET) {
			command_option(option, argv, usage, &command.common);
		} else if (!array_push(&command.settings, optarg)) {
			(void)error_memory(&err);
			return command_failed("run", &err);
		}
	if (argc - optind < 2) {
		array_release(&command.settings);
		return command_usage("run", argc == optind ? "which task sequence, and on which volume?" :
							     "on which volume? name an image or a device");
	}
	if (!command.plan_only) {
		array_release(&command.settings);
		return command_usage("run", "not yet: a sequence is only planned; say --plan");
	}
	progress_setup(command.common.quiet);
	result = plan(&command, argv + optind, (size_t)(argc - optind), &err);
	return finish(&command, result, &err);
}
