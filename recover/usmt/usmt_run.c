/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_run.c - see usmt_run.h */
#include "recover/usmt/usmt_run.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/progress.h"
#include "core/terminal.h"
#include "core/text.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

/* -------- for the work -------- */

void usmt_tell(struct usmt_run *run, enum usmt_level level, const char *format, ...)
{
	va_list arguments;
	char   *line;

	va_start(arguments, format);
	line = text_format_list(format, arguments);
	va_end(arguments);
	if (!line || !array_push(&run->told, line)) {
		run->log.failed = true;
		free(line);
		return;
	}
	usmt_log_write(&run->log, level, 0, 0, "%s", line);
}

void usmt_phase(struct usmt_run *run, const char *phase)
{
	usmt_progress_write(&run->progress, "PHASE", phase, NULL);
	if (run->options.verbosity & USMT_V_OBJECTS)
		usmt_log_write(&run->log, USMT_STATUS, 0, 0, "Phase: %s", phase);
}

int usmt_fail(struct usmt_run *run, enum usmt_code code, int status)
{
	if (status < 0)
		run->code = code;
	return status;
}

/* -------- beginning -------- */

static void cancel(int signal)
{
	(void)signal;
	_exit(USMT_STATUS_CANCELED); /* what was begun is gone on with by the same command */
}

/* The command line as one string, for logs and catalogue: keys and passwords are nobody's business. */
static char *public_command_line(int argc, char **argv)
{
	CLEANUP(free_ptr) char **shown = calloc((size_t)argc + 1, sizeof *shown);

	if (!shown)
		return NULL;
	for (int i = 0; i < argc; i++) {
		if (strncasecmp(argv[i], "/key:", 5) == 0 && argv[i][5])
			shown[i] = "/key:***";
		else if (strncasecmp(argv[i], "/lac:", 5) == 0)
			shown[i] = "/lac:***";
		else if (i && (strcasecmp(argv[i - 1], "/key") == 0 || strcasecmp(argv[i - 1], "/key:") == 0))
			shown[i] = "***";
		else
			shown[i] = argv[i];
	}
	return command_line(argc, shown);
}

/* The log of a run that has no /l lies in the current folder and is called as the tool. */
static int open_log(struct usmt_run *run, const struct usmt_front *front, struct error *err)
{
	const char             *given = usmt_options_value(&run->options, USMT_L);
	CLEANUP(free_ptr) char *path = NULL;
	char                    name[32];

	snprintf(name, sizeof name, "%s.log", usmt_tool_program(front->tool));
	if (usmt_files_to_write(&run->files, given ? given : name, &path, err) < 0 ||
	    usmt_log_open(&run->log, path, front->program, run->command, err) < 0)
		return usmt_fail(run, USMT_INIT_LOGFILE_FAILED, -1);
	return 0;
}

static int open_progress(struct usmt_run *run, const struct usmt_front *front, struct error *err)
{
	const char             *given = usmt_options_value(&run->options, USMT_PROGRESS);
	CLEANUP(free_ptr) char *path = NULL;
	char                    host[256] = "";

	if (!given)
		return 0;
	if (usmt_files_to_write(&run->files, given, &path, err) < 0 || usmt_progress_open(&run->progress, path, err) < 0)
		return usmt_fail(run, USMT_ERROR_UNABLE_CREATE_PROGRESS_LOG, -1);
	gethostname(host, sizeof host - 1);
	usmt_progress_write(&run->progress, "program", front->program, "productVersion", HOLDFAST_VERSION,
			    "computerName", host, "commandLine", run->command, NULL);
	usmt_phase(run, "Initializing");
	return 0;
}

static int read_options(struct usmt_run *run, const struct usmt_front *front, int argc, char **argv,
			struct error *err)
{
	int status = usmt_options_parse(&run->options, front->tool, argc - 1, argv + 1, time(NULL), err);

	if (status < 0)
		run->code = err->kind == ERROR_BOUNDS  ? USMT_ERROR_OPTION_PARAM_TOO_LARGE
			    : err->kind == ERROR_USAGE ? USMT_INVALID_PARAMETERS
						       : USMT_SUCCESS;
	return status;
}

/* -------- working -------- */

struct working {
	struct usmt_run         *run;
	const struct usmt_front *front;
	bool                     begun; /* the volumes are open */
};

/* The drives as a block, as USMT has it; a line that there is no memory for is told as missing. */
static void log_drives(struct usmt_run *run, const struct work_volumes *volumes)
{
	struct usmt_lines lines = { 0 };

	for (size_t i = 0; i < volumes->count + volumes->folder_count; i++) {
		const struct work_volume *volume = i < volumes->count ? &volumes->items[i] : NULL;
		const struct work_folder *folder = volume ? NULL : &volumes->folders[i - volumes->count];
		char                     *line;

		if (asprintf(&line, "  %c: %s, %s", volume ? volume->letter : folder->letter,
			     volume ? text_size(volume->volume.size_bytes).text : "mounted",
			     volume ? volume->source : folder->path) < 0 ||
		    !array_push(&lines, line))
			run->log.failed = true;
	}
	usmt_log_block(&run->log, USMT_INFO, "Drives:", (const char *const *)lines.items, lines.count);
	for (size_t i = 0; i < lines.count; i++)
		free(lines.items[i]);
	array_release(&lines);
}

static int work_on_volumes(void *context, struct work_volumes *volumes, struct error *err)
{
	struct working *working = context;

	working->begun = true;
	log_drives(working->run, volumes);
	return working->front->work(working->run, volumes, err);
}

static int refuse_nothing_named(struct error *err)
{
	return error_set(err, ERROR_USAGE, NULL,
			 "no volume is named; say which disk is C:, as in --on disk.img@2 or --on C=/dev/sda2, or in "
			 USMT_VOLUMES_VARIABLE);
}

/* @open  NULL: the volumes are named by the command line */
static int settle(struct usmt_run *run, const struct usmt_front *front, const struct work_volumes *open,
		  enum work_mode *mode, struct error *err)
{
	if (front->check(&run->options, mode, err) == 0 &&
	    (open ? usmt_volumes_take(&run->volumes, &run->options, open, err)
		  : usmt_volumes_find(&run->volumes, &run->options, err)) == 0)
		return 0;
	return usmt_fail(run, err->kind == ERROR_MEMORY ? USMT_UNABLE_DOMIGRATION : USMT_INVALID_PARAMETERS, -1);
}

static int do_work(struct usmt_run *run, const struct usmt_front *front, struct error *err)
{
	struct working working = { .run = run, .front = front };
	enum work_mode mode = WORK_READ;
	int            status;

	if (settle(run, front, NULL, &mode, err) < 0)
		return -1;
	if (run->volumes.store && !run->volumes.count)
		return usmt_fail(run, USMT_INVALID_PARAMETERS, refuse_nothing_named(err));
	if (!run->volumes.count)
		return front->work(run, NULL, err);
	status = work_volumes_run(run->volumes.items, run->volumes.count, mode, work_on_volumes, &working, err);
	if (status < 0 && !working.begun)
		run->code = err->kind == ERROR_USAGE ? USMT_INVALID_PARAMETERS : USMT_FAILED_MIGSTARTUP;
	return status;
}

/* The same on volumes that somebody else has opened. */
static int do_work_on(struct usmt_run *run, const struct usmt_front *front, struct work_volumes *volumes,
		      struct error *err)
{
	struct working      working = { .run = run, .front = front };
	struct work_volumes taken = *volumes;
	enum work_mode      mode;

	if (settle(run, front, volumes, &mode, err) < 0)
		return -1;
	if (*run->volumes.passed_over)
		taken.folder_count = 0;
	for (size_t i = 0; i < volumes->count; i++)
		work_volume_forget(&volumes->items[i]); /* it may be of an earlier step */
	return work_on_volumes(&working, &taken, err);
}

/* What a failure during the work is called, when nobody has said it. */
static enum usmt_code code_of(const struct error *err)
{
	switch (err->kind) {
	case ERROR_USAGE:
		return USMT_INVALID_PARAMETERS;
	case ERROR_REFUSED:
	case ERROR_VALUE:
	case ERROR_UNSUPPORTED:
		return USMT_FAILED_MIGSTARTUP;
	default:
		return USMT_UNABLE_DOMIGRATION;
	}
}

/* -------- ending -------- */

static int refuse_skipped(const struct usmt_run *run, const char *why, struct error *err)
{
	return error_set(err, ERROR_IO, NULL,
			 "%zu files were left out or are not to be trusted, all else is done; see to them and run it again%s (%s)",
			 run->skipped.count, run->options.tool == USMT_SCANSTATE ? " with /o" : "", why);
}

/* The run is over, well or not: what was left out decides, too. */
static int judge(struct usmt_run *run, int status, struct error *err)
{
	bool tolerant = usmt_options_has(&run->options, USMT_C);

	usmt_skipped_log(&run->skipped, tolerant, &run->log, &run->progress);
	if (status < 0) {
		run->code = run->code ? run->code : code_of(err);
		if (run->code == USMT_UNABLE_DOMIGRATION)
			usmt_log_error(&run->log, usmt_win32_of(err->sys), true, err->text);
		return -1;
	}
	if (run->skipped.count)
		run->code = USMT_WOULD_HAVE_FAILED;
	for (size_t i = 0; i < run->skipped.count; i++) {
		const struct usmt_skipped_item *item = &run->skipped.items[i];

		if (item->rating == CONFIG_ERROR_FATAL)
			return usmt_fail(run, USMT_UNABLE_DOMIGRATION, refuse_skipped(run, "Config.xml calls one of them fatal", err));
		if (usmt_skipped_aborts(item, tolerant))
			return usmt_fail(run, USMT_MIGRATION_STOPPED_NONFATAL, refuse_skipped(run, "/c accepts that", err));
	}
	return 0;
}

static int close_progress(struct usmt_run *run, const char *failure, struct error *err)
{
	char count[24];

	snprintf(count, sizeof count, "%zu", run->skipped.count);
	usmt_progress_write(&run->progress, "totalPercentageCompleted", failure ? "0" : "100", NULL);
	usmt_progress_write(&run->progress, "numberOfIgnoredErrors", failure ? "0" : count, "message",
			    failure ? failure : "Success.", NULL);
	return usmt_progress_close(&run->progress, err);
}

static int close_log(struct usmt_run *run, const char *failure, struct error *err)
{
	if (run->options.tool == USMT_USMTUTILS)
		usmt_log_info(&run->log, "UsmtUtils return code: %d", (int)run->code);
	return usmt_log_close(&run->log, failure, err);
}

/* The record of a run that left something out must be whole; but what failed before goes before.  Returns the failure. */
static char *close_logs(struct usmt_run *run, char *failure, struct error *err)
{
	if (close_progress(run, failure, err) < 0 && !failure) {
		run->code = USMT_ERROR_UNABLE_CREATE_PROGRESS_LOG;
		failure = error_text(err);
	}
	if (close_log(run, failure, err) < 0 && !failure) {
		run->code = USMT_INIT_LOGFILE_FAILED;
		failure = error_text(err);
	}
	return failure;
}

static void print_end(const struct usmt_run *run, const char *failure)
{
	for (size_t i = 0; i < run->told.count; i++) {
		text_print(stdout, run->told.items[i], strlen(run->told.items[i]));
		putchar('\n');
	}
	usmt_skipped_print(&run->skipped, stdout);
	if (!failure && run->skipped.count)
		printf("Success, %zu errors ignored. See the log for more information.\n", run->skipped.count);
	else if (!failure)
		puts("Success.");
}

static void print_json(const struct usmt_run *run, const char *failure)
{
	struct json json = { .out = stdout, .indent = 2 };

	json_begin(&json, '{');
	json_key_string(&json, "tool", usmt_tool_name(run->options.tool));
	json_key_uint(&json, "code", run->code);
	json_key_string(&json, "symbol", usmt_code_symbol((int)run->code));
	json_key_string(&json, "failure", failure);
	json_key_string(&json, "store", run->volumes.store);
	json_key_string(&json, "log", run->log.path);
	json_key_strings(&json, "told", (const char *const *)run->told.items, run->told.count);
	usmt_skipped_json(&run->skipped, &json);
	json_end(&json, '}');
	putchar('\n');
}

/* Judge it and close the logs; returns the failure, to be freed, or NULL. */
static char *end_run(struct usmt_run *run, int status, struct error *err)
{
	status = judge(run, status, err);
	return close_logs(run, status < 0 ? error_text(err) : NULL, err);
}

static void print_failure(const char *name, const char *failure, int code)
{
	text_line(stderr, "%s: %s", name, failure);
	text_line(stderr, "%s: return code %d, %s: %s", name, code, usmt_code_symbol(code), usmt_code_meaning(code));
}

static void print_run(const struct usmt_run *run, const char *failure)
{
	const char *name = usmt_tool_name(run->options.tool);

	if (usmt_options_has(&run->options, USMT_JSON))
		print_json(run, failure);
	else
		print_end(run, failure);
	fflush(stdout);
	if (failure)
		print_failure(name, failure, (int)run->code);
}

static void release(struct usmt_run *run)
{
	usmt_options_release(&run->options);
	usmt_volumes_release(&run->volumes);
	usmt_files_release(&run->files);
	usmt_log_release(&run->log);
	usmt_progress_release(&run->progress);
	usmt_skipped_release(&run->skipped);
	for (size_t i = 0; i < run->told.count; i++)
		free(run->told.items[i]);
	array_release(&run->told);
	free(run->command);
}

static int open_logs(struct usmt_run *run, const struct usmt_front *front, struct error *err)
{
	return open_log(run, front, err) < 0 ? -1 : open_progress(run, front, err);
}

int usmt_run(const struct usmt_front *front, int argc, char **argv)
{
	CLEANUP(release) struct usmt_run run = { .command = public_command_line(argc, argv) };
	CLEANUP(free_ptr) char          *failure = NULL;
	struct error                     err = { 0 };
	int                              status = run.command ? 0 : error_memory(&err);

	signal(SIGINT, cancel);
	if (status == 0)
		status = read_options(&run, front, argc, argv, &err);
	if (status == 0 && usmt_options_has(&run.options, USMT_HELP)) {
		fputs(front->usage, stdout);
		return USMT_DISPLAY_HELP;
	}
	if (usmt_options_has(&run.options, USMT_JSON))
		terminal_keep_lines();
	progress_setup(usmt_options_has(&run.options, USMT_QUIET) || usmt_options_has(&run.options, USMT_JSON));
	if (status == 0)
		status = open_logs(&run, front, &err);
	if (status == 0)
		status = do_work(&run, front, &err);
	failure = end_run(&run, status, &err);
	print_run(&run, failure);
	return (int)run.code;
}

int usmt_run_on(const struct usmt_front *front, int argc, char **argv, struct work_volumes *volumes,
		const struct usmt_places *places, char **failure)
{
	CLEANUP(release) struct usmt_run run = { .command = public_command_line(argc, argv),
						 .files.places = *places,
						 .silent = true };
	struct error                     err = { 0 };
	int                              status = run.command ? 0 : error_memory(&err);

	*failure = NULL;
	if (status == 0)
		status = read_options(&run, front, argc, argv, &err);
	if (status == 0 && usmt_options_has(&run.options, USMT_HELP))
		return USMT_DISPLAY_HELP;
	if (status == 0)
		status = open_logs(&run, front, &err);
	if (status == 0)
		status = do_work_on(&run, front, volumes, &err);
	*failure = end_run(&run, status, &err);
	return (int)run.code;
}
