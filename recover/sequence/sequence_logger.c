/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_logger.c - see sequence_logger.h */
#include "recover/sequence/sequence_logger.h"

#include "core/cleanup.h"
#include "recover/sequence/sequence_action.h"
#include "recover/sequence/sequence_secret.h"

#include <string.h>

#define COMPONENT "TSManager"
#define HIDDEN    "********"

static enum sequence_kind kind_of(const struct sequence_item *item)
{
	return item->group ? SEQUENCE_GROUP : SEQUENCE_ACTION;
}

/* -------- secrets -------- */

static bool is_hidden(const struct sequence_logger *logger, const char *name)
{
	const struct sequence_variable *variable = sequence_variables_find(logger->variables, name);

	return (variable && variable->hidden) || sequence_secret_is_named(name);
}

/* The value of a variable, as it may be read. */
static const char *shown_value(const struct sequence_logger *logger, const char *name, const char *value)
{
	return *value && is_hidden(logger, name) ? HIDDEN : value;
}

/* A text of the condition that is being evaluated: what a secret is compared with is one itself. */
static const char *shown_text(const struct sequence_logger *logger, const char *text)
{
	const struct sequence_condition *asked = logger->asked;

	if (!asked || asked->kind != CONDITION_VARIABLE || text != sequence_condition_operand(asked, "Value"))
		return text;
	return shown_value(logger, sequence_condition_operand(asked, "Variable"), text);
}

/* A step that sets a hidden variable, without the value; NULL if it is none, or without memory. */
static char *hidden_assignment(const struct sequence_logger *logger, const struct sequence_item *item)
{
	CLEANUP(free_ptr) char *name = NULL, *value = NULL;
	bool                    secret = false;
	struct error            err = { 0 };
	char                   *line;

	if (sequence_action_of(item)->kind != ACTION_SET_VARIABLE)
		return NULL;
	if (sequence_action_assignment(item, logger->variables, &name, &value, &secret, &err) < 0)
		free(TAKE(name));
	if (!secret || asprintf(&line, "tsenv.exe \"%s=" HIDDEN "\" /hiddenflag:True", name ? name : "") < 0)
		return NULL;
	return line;
}

/* The command line of a step, as it may be read; to be freed. */
static char *shown_command(const struct sequence_logger *logger, const struct sequence_item *item)
{
	char *line = hidden_assignment(logger, item);

	return line ? line : sequence_secret_hide(item->action);
}

/* -------- begin and end -------- */

void sequence_logger_begin(const struct sequence_logger *logger, const char *command_line)
{
	CLEANUP(free_ptr) char *line = sequence_secret_hide(command_line);

	sequence_log_begin(logger->log, line ? line : "");
	sequence_log_parsing(logger->log);
	sequence_log_schema(logger->log, logger->file->version);
	sequence_log_starting(logger->log);
}

void sequence_logger_end(const struct sequence_logger *logger, enum sequence_result result, uint32_t code)
{
	sequence_log_result(logger->log, result, code);
	if (result != SEQUENCE_REBOOT)
		sequence_log_cleaning_up(logger->log);
	if (result == SEQUENCE_FAILURE)
		sequence_log_manager_failed(logger->log, code);
	cmtrace_flush(logger->log);
}

/* -------- events -------- */

static void tell_variable(const struct sequence_logger *logger, const struct sequence_event *event)
{
	const char *value = event->kind == EVENT_SET_DEFAULT ? "" : shown_value(logger, event->name, event->value);

	if (event->kind == EVENT_SET)
		sequence_log_variable(logger->log, event->name, value);
	else if (event->kind == EVENT_SET_KEPT)
		sequence_log_kept_variable(logger->log, event->name, value);
	else
		sequence_log_default_variable(logger->log, event->name);
}

/* Why a group or a step is not run, and that nobody is sent word of it. */
static void tell_skipped(const struct sequence_logger *logger, const struct sequence_event *event)
{
	enum sequence_skip why = event->kind == EVENT_DISABLED	      ? SEQUENCE_SKIP_DISABLED :
				 event->kind == EVENT_CONDITION_FALSE ? SEQUENCE_SKIP_FALSE :
									SEQUENCE_SKIP_UNKNOWN;

	sequence_log_skipped(logger->log, kind_of(event->item), event->item->name, why);
	sequence_log_no_status_message(logger->log);
}

static void tell_group(const struct sequence_logger *logger, const struct sequence_event *event)
{
	if (event->kind == EVENT_GROUP_STARTED)
		sequence_log_group_started(logger->log, event->item->name);
	else if (event->kind == EVENT_GROUP_COMPLETED)
		sequence_log_group_completed(logger->log, event->item->name);
	else
		sequence_log_group_failed(logger->log, event->item->name);
	sequence_log_no_status_message(logger->log);
	if (event->kind == EVENT_GROUP_FAILED && event->item->continue_on_error)
		sequence_log_failure_ignored(logger->log, SEQUENCE_GROUP, event->item->name);
}

static void tell_outcome(const struct sequence_logger *logger, const struct sequence_event *event)
{
	const struct sequence_item *item = event->item;

	if (event->kind == EVENT_ACTION_SUCCEEDED) {
		sequence_log_action_succeeded(logger->log, item->name, event->code);
	} else {
		sequence_log_action_failed(logger->log, item->name, event->code);
		sequence_log_explained(logger->log, COMPONENT, event->code, logger->of_usmt);
		sequence_log_failure_reported(logger->log, item->name, item->parent ? item->parent->name : "",
					      event->code, logger->why ? logger->why : "");
	}
	sequence_log_no_status_message(logger->log);
}

static void tell_failure(const struct sequence_logger *logger, const struct sequence_event *event)
{
	const struct sequence_file *file = logger->file;

	sequence_log_last_action_failed(logger->log, event->item->name, event->code);
	sequence_log_no_status_message(logger->log);
	sequence_log_failure_shown(logger->log, *file->name ? file->name : file->path, event->item->name, event->code);
}

/* A retry is a request for a restart in other words. */
static void tell_reboot(const struct sequence_logger *logger, const struct sequence_event *event)
{
	if (event->kind == EVENT_RETRY_REQUESTED) {
		sequence_log_retry(logger->log, event->item->name);
		return;
	}
	if (!sequence_variables_true(logger->variables, "SMSTSRetryRequested"))
		sequence_log_reboot_requested(logger->log, event->item->name);
	sequence_log_rebooting(logger->log, strcmp(event->value, "WinPE") == 0);
	sequence_log_reboot(logger->log);
}

void sequence_logger_tell(const struct sequence_logger *logger, const struct sequence_event *event)
{
	struct cmtrace_writer *log = logger->log;

	switch (event->kind) {
	case EVENT_RESUMED:
		sequence_log_resumed(log, event->pointer);
		break;
	case EVENT_STARTED:
		sequence_log_started(log);
		sequence_log_no_status_message(log);
		break;
	case EVENT_SET:
	case EVENT_SET_KEPT:
	case EVENT_SET_DEFAULT:
		tell_variable(logger, event);
		break;
	case EVENT_CLEARED_DEFAULTS:
		sequence_log_defaults_cleared(log);
		break;
	case EVENT_INSTRUCTION:
		sequence_log_instruction(log, event->item->name, event->pointer);
		break;
	case EVENT_CONDITION_TRUE:
		sequence_log_condition_true(log, kind_of(event->item), event->item->name);
		break;
	case EVENT_DISABLED:
	case EVENT_CONDITION_FALSE:
	case EVENT_CONDITION_UNKNOWN:
		tell_skipped(logger, event);
		break;
	case EVENT_SKIPPED:
		sequence_log_instruction_skipped(log, event->item->name);
		break;
	case EVENT_GROUP_STARTED:
	case EVENT_GROUP_COMPLETED:
	case EVENT_GROUP_FAILED:
		tell_group(logger, event);
		break;
	case EVENT_ACTION_SUCCEEDED:
	case EVENT_ACTION_FAILED:
		tell_outcome(logger, event);
		break;
	case EVENT_FAILURE_IGNORED:
		sequence_log_failure_ignored(log, SEQUENCE_ACTION, event->item->name);
		break;
	case EVENT_ACTION_RETRIED:
		sequence_log_action_retried(log, event->item->name, event->code);
		break;
	case EVENT_RETRY_REQUESTED:
	case EVENT_REBOOT:
		tell_reboot(logger, event);
		break;
	case EVENT_SAVED:
		sequence_log_environment_saved(log);
		break;
	case EVENT_COMPLETED:
		sequence_log_completed(log);
		sequence_log_no_status_message(log);
		break;
	case EVENT_FAILED:
		tell_failure(logger, event);
		break;
	}
}

/* -------- conditions -------- */

static enum sequence_expression expression_of(enum sequence_condition_kind kind)
{
	static const enum sequence_expression expressions[] = {
		[CONDITION_ALL] = SEQUENCE_AND,	       [CONDITION_ANY] = SEQUENCE_OR,
		[CONDITION_NONE] = SEQUENCE_NOT,       [CONDITION_VARIABLE] = SEQUENCE_VARIABLE,
		[CONDITION_FILE] = SEQUENCE_FILE,      [CONDITION_FOLDER] = SEQUENCE_FOLDER,
		[CONDITION_REGISTRY] = SEQUENCE_REGISTRY, [CONDITION_WMI] = SEQUENCE_WMI,
		[CONDITION_SOFTWARE] = SEQUENCE_SOFTWARE, [CONDITION_UNKNOWN] = SEQUENCE_OTHER,
	};

	return expressions[kind];
}

static void evaluating(void *context, const struct sequence_condition *condition)
{
	struct sequence_logger *logger = context;

	logger->asked = condition;
	sequence_log_evaluating(logger->log, expression_of(condition->kind));
}

static void expanding(void *context, const char *text)
{
	struct sequence_logger *logger = context;

	sequence_log_expanding(logger->log, shown_text(logger, text));
}

struct sequence_watch sequence_logger_watch(struct sequence_logger *logger)
{
	return (struct sequence_watch){ logger, evaluating, expanding };
}

/* -------- steps -------- */

void sequence_logger_step(const struct sequence_logger *logger, const struct sequence_item *item)
{
	static const char *const environments[] = {
		[SEQUENCE_ANYWHERE] = "WinPEandFullOS", [SEQUENCE_WINPE] = "WinPE", [SEQUENCE_FULL_OS] = "FullOS",
	};
	CLEANUP(free_ptr) char *line = shown_command(logger, item);
	const char             *command = line ? line : "";

	sequence_log_expanding(logger->log, command);
	sequence_log_expanding(logger->log, item->start_in);
	sequence_log_command(logger->log, command);
	sequence_log_expanding(logger->log, environments[item->environment]);
	sequence_log_process_started(logger->log, command);
}

void sequence_logger_step_completed(const struct sequence_logger *logger, uint32_t code)
{
	sequence_log_process_completed(logger->log, code);
}
