/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_status.c - holdfast status: what is on a volume, what was under way, what may be done next */
#include "recover/cmd.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"
#include "recover/engine/volume_status.h"
#include "recover/sequence/sequence_standing.h"

#include <inttypes.h>
#include <string.h>

static const char usage[] =
	"Usage: holdfast status VOLUME...\n"
	"\n"
	"Tell what is on a volume: whether it was closed in order, which command was cut\n"
	"off on it and what a replay would do, where a task sequence stands that was\n"
	"begun on it, the stores on it, and what may be done next. Nothing is written,\n"
	"not even a replay. VOLUME is [LETTER=]SOURCE; the letter of the first is C if it\n"
	"is left out.\n"
	"\n"
	"      --json     one JSON document instead of text\n"
	"  -q, --quiet    no progress bar\n"
	"  -v, --verbose  no effect here\n"
	"  -h, --help     this text\n"
	"\n"
	"Exit status: 0 all well; 1 something was cut off or has failed, is marked dirty,\n"
	"or waits to be rescued; 2 usage; 3 could not work.\n";

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

static void print_cut_run(const struct volume_status *status)
{
	const struct redo_header *header = &status->plan.header;

	if (!status->plan.found) {
		text_line(stdout, "  a run of holdfast's was cut off: %s",
			  status->refused ? status->why.text : "its log is gone");
		return;
	}
	text_line(stdout, "  a run of \"%s\", begun %s, was cut off after %s transaction%s", header->step,
		  text_time(header->started).text, text_count(header->transaction).text,
		  header->transaction == 1 ? "" : "s");
	if (status->refused)
		text_line(stdout, "  a replay is refused: it %s", status->why.text);
	else if (header->state == REDO_COMMITTED)
		text_line(stdout,
			  "  its last transaction holds: a replay would finish it (%s of its %s blocks of 4 KiB are "
			  "not in place yet)",
			  text_count(status->plan.waiting).text, text_count(status->plan.entries.count).text);
	else
		text_line(stdout, "  what it had committed is in place: a replay would forget the rest, and empty the log");
}

static void print_store(const struct status_store *store)
{
	text_line(stdout, "  store %s: %s%s, %s file%s, %s, %s of them only here", store->path, store->state,
		  store->unfinished                      ? ", not finished"
		  : strcmp(store->kind, "holdfast") == 0 ? ""
							 : ", not made by holdfast",
		  text_count(store->files).text, store->files == 1 ? "" : "s", text_size(store->bytes).text,
		  text_count(store->only_here).text);
	if (store->captured)
		text_line(stdout, "    generation %" PRIu32 ", captured %s", store->generation, store->captured);
	for (size_t i = 0; i < store->left_out.count; i++)
		text_line(stdout, "    LEFT OUT: %s", store->left_out.items[i]);
}

/* What is deleted and has all its files elsewhere is nobody's worry; --json tells it all the same. */
static bool is_worth_telling(const struct status_store *store)
{
	return strcmp(store->state, "live") == 0 || store->unfinished || store->only_here;
}

/* What a replay would put in place is not read. */
static void print_sequence(const struct volume_status *status, const struct sequence_standing *standing)
{
	if (standing->begun && status->plan.found && status->plan.header.state == REDO_COMMITTED)
		text_line(stdout, "  as long as that is not in place, the task sequence may be a step further than told here:");
	sequence_standing_print(standing, stdout);
}

static void print_text(const struct work_volume *volume, const struct volume_status *status,
		       const struct sequence_standing *standing)
{
	bool told = false;

	text_line(stdout, "%c: %s, %s", volume->letter, volume->source, text_size(volume->volume.size_bytes).text);
	if (status->state.log == LOG_RUN || status->state.log == LOG_STRANGE)
		print_cut_run(status);
	else if (status->state.dirty)
		text_line(stdout, "  marked dirty: what last wrote to it did not finish");
	else
		text_line(stdout, "  closed in order%s", standing->begun ? "" : "; nothing of holdfast's was under way");
	print_sequence(status, standing);
	for (size_t i = 0; i < status->stores.count; i++) {
		if (!is_worth_telling(&status->stores.items[i]))
			continue;
		print_store(&status->stores.items[i]);
		told = true;
	}
	if (!told)
		text_line(stdout, "  no store on it that holds files of its own");
	for (size_t i = 0; i < status->next.count; i++)
		ink_next(stdout, status->next.items[i]);
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
	json_key_strings(json, "left_out", (const char *const *)store->left_out.items, store->left_out.count);
	json_end(json, '}');
}

static void json_volume(struct json *json, const struct work_volume *volume, const struct volume_status *status,
			const struct sequence_standing *standing)
{
	json_begin(json, '{');
	json_key_string(json, "letter", (char[]){ volume->letter, 0 });
	json_key_string(json, "source", volume->source);
	json_key_uint(json, "offset_bytes", volume->volume.offset_bytes);
	json_key_uint(json, "size_bytes", volume->volume.size_bytes);
	json_key_bool(json, "dirty", status->state.dirty);
	json_key_string(json, "log", log_name(&status->state));
	json_cut_run(json, status);
	sequence_standing_json(standing, json);
	json_key(json, "stores");
	json_begin(json, '[');
	for (size_t i = 0; i < status->stores.count; i++)
		json_store(json, &status->stores.items[i]);
	json_end(json, ']');
	json_key_strings(json, "next", (const char *const *)status->next.items, status->next.count);
	json_end(json, '}');
}

/* -------- the command -------- */

struct status_command {
	struct command_options common;
	bool                   care; /* some volume needs it */
};

static int tell(struct status_command *command, struct json *json, struct work_volume *volume, struct error *err)
{
	CLEANUP(volume_status_release) struct volume_status         status = { 0 };
	CLEANUP(sequence_standing_release) struct sequence_standing standing = { 0 };
	CLEANUP(free_ptr) char                                     *under_way = NULL;

	if (volume_status_read(&status, volume, err) < 0 || sequence_standing_read(&standing, volume, err) < 0)
		return -1;
	under_way = sequence_standing_next(&standing);
	if (volume_status_advise(&status, volume->source, under_way, err) < 0)
		return -1;
	command->care = command->care || volume_status_needs_care(&status) || standing.begun;
	if (command->common.json)
		json_volume(json, volume, &status, &standing);
	else
		print_text(volume, &status, &standing);
	return 0;
}

static int run(void *context, struct work_volumes *volumes, struct error *err)
{
	struct status_command *command = context;
	struct json            json = { .out = stdout, .indent = 2 };
	int                    result = 0;

	if (command->common.json) {
		json_begin(&json, '{');
		json_key(&json, "volumes");
		json_begin(&json, '[');
	}
	for (size_t i = 0; result == 0 && i < volumes->count; i++)
		result = tell(command, &json, &volumes->items[i], err);
	if (command->common.json) {
		json_end(&json, ']');
		json_end(&json, '}');
		fputc('\n', stdout);
	}
	return result < 0 ? -1 : command_flush(err);
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
	progress_setup(command.common.quiet || command.common.json);
	if (work_volumes_run(argv + optind, (size_t)(argc - optind), WORK_READ, run, &command, &err) < 0)
		return command_failed("status", &err);
	return command.care ? EXIT_DAMAGED : EXIT_GOOD;
}
