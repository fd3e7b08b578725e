/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_status.c - holdfast status: what is on a volume, what was under way, what may be done next */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/engine/volume_status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const char usage[] =
	"Usage: holdfast status VOLUME...\n"
	"\n"
	"Tell what is on a volume: whether it was closed in order, which command was cut off on it and what a\n"
	"replay would do, the stores on it, and what may be done next. Nothing is written, not even a replay.\n"
	"VOLUME is [LETTER=]SOURCE; the letter of the first is C if it is left out.\n"
	"\n"
	"      --json     one JSON document instead of text\n"
	"  -q, --quiet    no progress bar\n"
	"  -v, --verbose  no effect here\n"
	"  -h, --help     this text\n"
	"\n"
	"Exit status: 0 all well; 1 something was cut off, is marked dirty, or waits to be rescued; 2 usage;\n"
	"3 could not work.\n";

static const char *log_name(const struct volume_state *state)
{
	static const char *const names[] = { [LOG_UNKNOWN] = "unknown",
					     [LOG_EMPTY] = "empty",
					     [LOG_WINDOWS] = "windows",
					     [LOG_RUN] = "holdfast",
					     [LOG_STRANGE] = "holdfast" };

	return names[state->log];
}

/* -------- words -------- */

/* A line with names of the volume in it. */
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

static void print_cut_run(const struct volume_status *status)
{
	const struct redo_header *header = &status->plan.header;

	if (!status->plan.found) {
		print_line("  a run of holdfast's was cut off: %s", status->refused ? status->why.text : "its log is gone");
		return;
	}
	print_line("  a run of \"%s\", begun %s, was cut off after %s transaction%s", header->step,
		   text_time(header->started).text, text_count(header->transaction).text,
		   header->transaction == 1 ? "" : "s");
	if (status->refused)
		print_line("  a replay is refused: it %s", status->why.text);
	else if (header->state == REDO_COMMITTED)
		print_line("  its last transaction holds: a replay would finish it (%s of its %s blocks of 4 KiB are "
			   "not in place yet)",
			   text_count(status->plan.waiting).text, text_count(status->plan.entries.count).text);
	else
		print_line("  what it had committed is in place: a replay would forget the rest, and empty the log");
}

static void print_store(const struct status_store *store)
{
	print_line("  store %s: %s%s, %s file%s, %s, %s of them only here", store->path, store->state,
		   store->unfinished                      ? ", not finished"
		   : strcmp(store->kind, "holdfast") == 0 ? ""
							  : ", not made by holdfast",
		   text_count(store->files).text, store->files == 1 ? "" : "s", text_size(store->bytes).text,
		   text_count(store->only_here).text);
	if (store->captured)
		print_line("    generation %" PRIu32 ", captured %s", store->generation, store->captured);
	for (size_t i = 0; i < store->left_out.count; i++)
		print_line("    LEFT OUT: %s", store->left_out.items[i]);
}

/* What is deleted and has all its files elsewhere is nobody's worry; --json tells it all the same. */
static bool is_worth_telling(const struct status_store *store)
{
	return strcmp(store->state, "live") == 0 || store->unfinished || store->only_here;
}

static void print_text(const struct work_volume *volume, const struct volume_status *status)
{
	bool told = false;

	print_line("%c: %s, %s", volume->letter, volume->source, text_size(volume->volume.size_bytes).text);
	if (status->state.log == LOG_RUN || status->state.log == LOG_STRANGE)
		print_cut_run(status);
	else
		print_line("  %s", status->state.dirty ? "marked dirty: what last wrote to it did not finish"
						       : "closed in order; nothing of holdfast's was under way");
	for (size_t i = 0; i < status->stores.count; i++) {
		if (!is_worth_telling(&status->stores.items[i]))
			continue;
		print_store(&status->stores.items[i]);
		told = true;
	}
	if (!told)
		print_line("  no store on it that holds files of its own");
	for (size_t i = 0; i < status->next.count; i++)
		print_line("  > %s", status->next.items[i]);
}

/* -------- JSON -------- */

static void json_cut_run(struct json *json, const struct volume_status *status)
{
	const struct redo_header *header = &status->plan.header;

	json_key(json, "cut_off");
	if (!status->plan.found && !status->refused) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	json_key_string(json, "command", status->plan.found ? header->step : NULL);
	json_key_string(json, "started", status->plan.found ? text_time(header->started).text : NULL);
	json_key_uint(json, "transaction", header->transaction);
	json_key_bool(json, "committed", header->state == REDO_COMMITTED);
	json_key_uint(json, "blocks", status->plan.entries.count);
	json_key_uint(json, "waiting", status->plan.waiting);
	json_key_string(json, "refused", status->refused ? status->why.text : NULL);
	json_end(json, '}');
}

static void json_store(struct json *json, const struct status_store *store)
{
	json_begin(json, '{');
	json_key_string(json, "path", store->path);
	json_key_string(json, "kind", store->kind);
	json_key_string(json, "state", store->state);
	json_key_bool(json, "unfinished", store->unfinished);
	json_key_uint(json, "generation", store->generation);
	json_key_string(json, "captured", store->captured);
	json_key_uint(json, "files", store->files);
	json_key_uint(json, "bytes", store->bytes);
	json_key_uint(json, "only_here", store->only_here);
	json_key(json, "left_out");
	json_begin(json, '[');
	for (size_t i = 0; i < store->left_out.count; i++)
		json_string(json, store->left_out.items[i]);
	json_end(json, ']');
	json_end(json, '}');
}

static void json_volume(struct json *json, const struct work_volume *volume, const struct volume_status *status)
{
	json_begin(json, '{');
	json_key_string(json, "letter", (char[]){ volume->letter, 0 });
	json_key_string(json, "source", volume->source);
	json_key_uint(json, "offset_bytes", volume->volume.offset_bytes);
	json_key_uint(json, "size_bytes", volume->volume.size_bytes);
	json_key_bool(json, "dirty", status->state.dirty);
	json_key_string(json, "log", log_name(&status->state));
	json_cut_run(json, status);
	json_key(json, "stores");
	json_begin(json, '[');
	for (size_t i = 0; i < status->stores.count; i++)
		json_store(json, &status->stores.items[i]);
	json_end(json, ']');
	json_key(json, "next");
	json_begin(json, '[');
	for (size_t i = 0; i < status->next.count; i++)
		json_string(json, status->next.items[i]);
	json_end(json, ']');
	json_end(json, '}');
}

/* -------- the command -------- */

struct status_command {
	struct command_options common;
	bool                   care; /* some volume needs it */
};

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct status_command *command = context;
	struct json json = { .out = stdout, .indent = 2 };
	int         result = 0;

	if (command->common.json) {
		json_begin(&json, '{');
		json_key(&json, "volumes");
		json_begin(&json, '[');
	}
	for (size_t i = 0; result == 0 && i < volumes->count; i++) {
		CLEANUP(volume_status_release) struct volume_status status = { 0 };

		result = volume_status_read(&status, &volumes->items[i], err);
		command->care = command->care || volume_status_needs_care(&status);
		if (result == 0 && command->common.json)
			json_volume(&json, &volumes->items[i], &status);
		else if (result == 0)
			print_text(&volumes->items[i], &status);
	}
	if (command->common.json) {
		json_end(&json, ']');
		json_end(&json, '}');
		fputc('\n', stdout);
	}
	if (result == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		return error_sys(err, NULL, "cannot write the result");
	return result;
}

int cmd_status(int argc, char **argv)
{
	static const struct option options[] = { COMMAND_LONG, { NULL, 0, NULL, 0 } };
	struct status_command      command = { 0 };
	struct error               err;
	int                        option;

	while ((option = getopt_long(argc, argv, COMMAND_SHORT, options, NULL)) != -1)
		command_option(option, argv, usage, &command.common);
	if (argc == optind)
		return command_usage("status", "which volume? name an image or a device");
	progress_setup(command.common.quiet);
	if (work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_READ, run, &command, &err) < 0)
		return command_failed("status", &err);
	return command.care ? EXIT_DAMAGED : EXIT_GOOD;
}
