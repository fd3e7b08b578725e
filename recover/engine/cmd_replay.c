/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_replay.c - holdfast replay: after a crash, finish or forget what the log holds, and stop there */
#include "recover/cmd.h"

#include "core/command.h"
#include "core/json.h"
#include "core/text.h"
#include "recover/engine/volume_status.h"

#include <string.h>

static const char usage[] =
	"Usage: holdfast replay VOLUME...\n"
	"\n"
	"After a crash or a power cut: a transaction that had been committed is put in\n"
	"place, one that had not never happened, the log is emptied and the volume's\n"
	"dirty bit is cleared. Nothing else is done: to go on with the command that was\n"
	"cut off, run it again. A volume on which nothing was under way is not written\n"
	"to. VOLUME is [LETTER=]SOURCE.\n"
	"\n"
	"      --json     one JSON document instead of text\n"
	"  -q, --quiet    no effect here\n"
	"  -v, --verbose  no effect here\n"
	"  -h, --help     this text\n"
	"\n"
	"Exit status: 0 all well; 2 usage; 3 could not work, or must not (the sentence\n"
	"says what to do).\n";

/* Look first: a volume without a log of ours is not even opened for writing. */
static int replay_volume(struct work_volume *volume, struct replay_report *report, struct error *err)
{
	struct replay_plan plan;
	bool               found;
	int                result = volume_status_judge(volume, &plan, err);

	found = plan.found;
	replay_plan_release(&plan);
	*report = (struct replay_report){ 0 };
	if (result < 0 || !found)
		return result;
	if (ntfs3g_mount(&volume->mount, volume->path, volume->volume.offset_bytes, err) < 0)
		return -1;
	*report = volume->mount.replay;
	return 0;
}

static void print_text(const struct work_volume *volume, const struct replay_report *report)
{
	printf("%c: ", volume->letter);
	text_print(stdout, volume->source, strlen(volume->source));
	if (!report->found) {
		puts(": nothing was under way, and nothing was written.");
		return;
	}
	printf(": a run of \"");
	text_print(stdout, report->header.step, strlen(report->header.step));
	printf("\", begun %s, was cut off. ", text_time(report->header.started).text);
	if (report->finished)
		printf("Its last transaction held, and is in place now (%s block%s had been left)",
		       text_count(report->blocks).text, report->blocks == 1 ? "" : "s");
	else
		printf("What it had committed is in place, what it had not never happened");
	puts("; to go on, run the same command again.");
}

static void json_volume(struct json *json, const struct work_volume *volume, const struct replay_report *report)
{
	json_begin(json, '{');
	json_key_string(json, "letter", (char[]){ volume->letter, 0 });
	json_key_string(json, "source", volume->source);
	json_key_bool(json, "found", report->found);
	json_key_string(json, "command", report->found ? report->header.step : NULL);
	json_key_string(json, "started", report->found ? text_time(report->header.started).text : NULL);
	json_key_bool(json, "finished", report->finished);
	json_key_uint(json, "blocks", report->blocks);
	json_end(json, '}');
}

/* One after the other; what has been done is told, also when the next one fails. */
static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	const struct command_options *common = context;
	struct json json = { .out = stdout, .indent = 2 };
	int         result = 0;

	if (common->json) {
		json_begin(&json, '{');
		json_key(&json, "volumes");
		json_begin(&json, '[');
	}
	for (size_t i = 0; result == 0 && i < volumes->count; i++) {
		struct replay_report report;

		result = replay_volume(&volumes->items[i], &report, err);
		if (result == 0 && common->json)
			json_volume(&json, &volumes->items[i], &report);
		else if (result == 0)
			print_text(&volumes->items[i], &report);
	}
	if (common->json) {
		json_end(&json, ']');
		json_end(&json, '}');
		fputc('\n', stdout);
	}
	return result < 0 ? -1 : command_flush(err);
}

int cmd_replay(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG, { NULL, 0, NULL, 0 } };
	struct command_options     common = { 0 };
	struct error               err;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1)
		command_option(option, argv, usage, &common);
	if (argc == optind)
		return command_usage("replay", "which volume? name an image or a device");
	if (work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_READ, run, &common, &err) < 0)
		return command_failed("replay", &err);
	return EXIT_GOOD;
}
