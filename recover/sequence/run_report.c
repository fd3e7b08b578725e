/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_report.c - see run_report.h */
#include "recover/sequence/run_report.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/sequence/sequence_failure.h"

#include <inttypes.h>
#include <string.h>

/* -------- while it goes on -------- */

static bool is_left_out(const struct sequence_run_report *report, const struct sequence_item *item)
{
	const struct unfinished_steps *unfinished = &report->unfinished;

	return unfinished->count && unfinished->items[unfinished->count - 1].item == item &&
	       !unfinished->items[unfinished->count - 1].code;
}

static void print_words(const char *text)
{
	text_print(stdout, text, strlen(text));
}

/* "   5    Capture User Files: done" */
static void print_line(const struct sequence_event *event, const struct sequence_table *table, const char *words)
{
	const struct sequence_item *item = event->item;
	unsigned                    depth = table->items[event->pointer].depth;

	printf("%4" PRIu32 "  %*s%s", event->pointer, (int)(2 * (depth < 20 ? depth : 20)), "", item->group ? "[" : "");
	print_words(item->name);
	fputs(item->group ? "]" : "", stdout);
	if (event->kind == EVENT_ACTION_FAILED || event->kind == EVENT_CONDITION_UNKNOWN)
		ink_print(stdout, item->continue_on_error ? INK_DOUBT : INK_BAD, "%s", words);
	else
		fputs(words, stdout);
	putchar('\n');
	fflush(stdout);
}

/* What the step that is over had to say. */
static void print_notes(struct run_onlooker *onlooker, const struct sequence_event *event,
			const struct sequence_table *table)
{
	const struct sequence_run_report *report = onlooker->report;
	unsigned                          depth = table->items[event->pointer].depth;

	for (size_t i = onlooker->notes_told; i < report->notes.count; i++) {
		printf("      %*s  ", (int)(2 * (depth < 20 ? depth : 20)), "");
		print_words(report->notes.items[i].text);
		putchar('\n');
	}
	onlooker->notes_told = report->notes.count;
}

static void print_failed(const struct sequence_event *event, const struct sequence_table *table)
{
	char words[80];

	snprintf(words, sizeof words, ": FAILED, code 0x%08" PRIX32 "%s", event->code,
		 event->item->continue_on_error ? "; that is allowed" : "");
	print_line(event, table, words);
}

void run_report_announce(void *context, const char *text)
{
	(void)context;
	print_words(text);
	putchar('\n');
}

void run_report_watch(void *context, const struct sequence_event *event, const struct sequence_table *table)
{
	struct run_onlooker *onlooker = context;

	switch (event->kind) {
	case EVENT_GROUP_STARTED:
		print_line(event, table, "");
		break;
	case EVENT_GROUP_COMPLETED:
		if (onlooker->verbose)
			print_line(event, table, " ends");
		break;
	case EVENT_DISABLED:
		print_line(event, table, ": skipped, it is disabled");
		break;
	case EVENT_CONDITION_FALSE:
		print_line(event, table, ": skipped, its condition is false");
		break;
	case EVENT_CONDITION_UNKNOWN:
		print_line(event, table, ": SKIPPED, its condition is not known");
		break;
	case EVENT_ACTION_SUCCEEDED:
		print_line(event, table, is_left_out(onlooker->report, event->item) ? ": left out" : ": done");
		print_notes(onlooker, event, table);
		break;
	case EVENT_ACTION_FAILED:
		print_failed(event, table);
		print_notes(onlooker, event, table);
		break;
	case EVENT_REBOOT:
		printf("----  restart into %s\n", strcmp(event->value, "WinPE") == 0 ? "Windows PE" : "Windows");
		break;
	default:
		break;
	}
}

/* -------- when it is over -------- */

static struct sequence_failure failure_of(const struct sequence_run_options *options,
					  const struct sequence_run_report *report, const char *volumes)
{
	return (struct sequence_failure){ .name = options->file->name, .item = report->failed, .pointer = report->pointer,
					  .code = report->code,		     .of_usmt = report->of_usmt,
					  .why = report->why ? report->why : "", .sequence = options->file->path,
					  .volumes = volumes ? volumes : "", .store = report->store,
					  .untouched = report->untouched };
}

static void print_unfinished(const struct sequence_run_report *report)
{
	bool told = false;

	for (size_t i = 0; i < report->unfinished.count; i++) {
		const struct unfinished_step *step = &report->unfinished.items[i];

		if (step->item == report->failed)
			continue;
		if (!told)
			puts("\nLeft out, or failed where that is allowed; see to it in the new Windows:");
		told = true;
		fputs("  ", stdout);
		print_words(step->item->name);
		if (step->code)
			printf(" (failed, code 0x%08" PRIX32 ")", step->code);
		putchar('\n');
	}
}

static void print_place(const char *words, const char *place)
{
	if (!place)
		return;
	fputs(words, stdout);
	print_words(place);
	putchar('\n');
}

bool run_report_lacks(const struct sequence_run_report *report)
{
	return report->restores && report->only_in_store;
}

/* The command that brings back what is in the store. */
static void print_restore(const struct sequence_run_options *options, const struct sequence_run_report *report)
{
	char                   *words[] = { "restore", "--store", report->store + 2 };
	CLEANUP(free_ptr) char *line = command_line(3, words);
	CLEANUP(free_ptr) char *volumes = command_words((int)options->operand_count, options->operands);
	CLEANUP(free_ptr) char *next = NULL;

	if (line && volumes)
		next = text_format("%s %s", line, volumes);
	if (next)
		ink_next(stdout, next);
	text_line(stdout, "      brings them back; 'holdfast release' tells what is in the store alone even then, and keeps it");
}

static void print_store(const struct sequence_run_options *options, const struct sequence_run_report *report)
{
	if (report->only_in_store) {
		text_line(stdout, "%s of the users' files are in the store ALONE: %s", text_count(report->only_in_store).text,
			  report->store);
		puts("Next:");
		print_restore(options, report);
		return;
	}
	print_place("The users' files are still in the store as well: ", report->store);
	puts("Next: start the new Windows and look whether all is there; then 'holdfast release' removes the store.");
}

static void print_completed(const struct sequence_run_options *options, const struct sequence_run_report *report)
{
	if (report->unfinished.count)
		ink_print(stdout, INK_DOUBT, "The sequence has ended; what is listed above is not done.");
	else if (run_report_lacks(report))
		ink_print(stdout, INK_BAD, "The sequence has ended, and not all users' files are back.");
	else
		ink_print(stdout, INK_GOOD, "The sequence has ended well.");
	putchar('\n');
	if (report->store)
		print_store(options, report);
}

void run_report_print(const struct sequence_run_options *options, const struct sequence_run_report *report)
{
	CLEANUP(free_ptr) char *volumes = command_words((int)options->operand_count, options->operands);
	struct sequence_failure failure = failure_of(options, report, volumes);

	print_unfinished(report);
	putchar('\n');
	if (report->completed)
		print_completed(options, report);
	else
		sequence_failure_print(&failure, stdout);
	print_place("Logs: ", report->log_folder);
	print_place("  and on the volume: ", report->logs);
}

void run_report_print_json(const struct sequence_run_options *options, const struct sequence_run_report *report)
{
	CLEANUP(free_ptr) char *volumes = command_words((int)options->operand_count, options->operands);
	struct sequence_failure failure = failure_of(options, report, volumes);
	struct json             json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "sequence", options->file->path);
	json_key_bool(&json, "completed", report->completed);
	json_key_bool(&json, "resumed", report->resumed);
	json_key_uint(&json, "began_at", report->resumed_at);
	json_key(&json, "unfinished");
	json_begin(&json, '[');
	for (size_t i = 0; i < report->unfinished.count; i++) {
		json_begin(&json, '{');
		json_key_string(&json, "step", report->unfinished.items[i].item->name);
		json_key_uint(&json, "code", report->unfinished.items[i].code);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_key(&json, "notes");
	json_begin(&json, '[');
	for (size_t i = 0; i < report->notes.count; i++) {
		json_begin(&json, '{');
		json_key_string(&json, "step", report->notes.items[i].item->name);
		json_key_string(&json, "text", report->notes.items[i].text);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_key_string(&json, "store", report->store);
	json_key_uint(&json, "only_in_store", report->only_in_store);
	json_key_string(&json, "logs", report->logs);
	if (report->failed)
		sequence_failure_json(&failure, &json);
	json_end(&json, '}');
	putchar('\n');
}
