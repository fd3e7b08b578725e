/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner_host.c - part of sequence_run.c: what steps do, what is true, and who is told of it */
#include "recover/sequence/runner.h"

#include "core/cleanup.h"
#include "recover/sequence/sequence_secret.h"
#include "recover/sequence/state_command.h"
#include "recover/sequence/variable_step.h"
#include "report/usmt_code.h"

#include <string.h>

/* -------- steps -------- */

static sequence_step_work *work_of(enum sequence_action_kind kind)
{
	switch (kind) {
	case ACTION_REQUEST_STORE:
		return state_step_request;
	case ACTION_CAPTURE:
		return state_step_capture;
	case ACTION_RESTORE:
		return state_step_restore;
	case ACTION_RELEASE_STORE:
		return state_step_release;
	case ACTION_SCANSTATE:
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return usmt_step_run;
	case ACTION_APPLY_SYSTEM:
		return apply_step_system;
	case ACTION_APPLY_DATA:
		return apply_step_data;
	case ACTION_PARTITION:
		return partition_step_run;
	default:
		return NULL;
	}
}

static bool is_of_usmt(enum sequence_action_kind kind)
{
	return kind == ACTION_CAPTURE || kind == ACTION_RESTORE || kind == ACTION_SCANSTATE || kind == ACTION_LOADSTATE ||
	       kind == ACTION_USMTUTILS;
}

/* All writes so far, to tell whether there are more. */
static uint64_t count_writes(const struct runner *run)
{
	uint64_t count = 0;

	for (size_t i = 0; i < run->volumes.count; i++)
		count += run->volumes.items[i].mount.transaction.writes;
	return count;
}

/* Has anything been written since there were @before writes, or is a volume not to be had any more? */
static bool has_written(const struct runner *run, uint64_t before)
{
	for (size_t i = 0; i < run->volumes.count; i++)
		if (run->volumes.items[i].mount.doubtful)
			return true;
	return count_writes(run) != before;
}

/* A step failed: what it has not committed is forgotten, or, where nothing is committed before the end, all. */
static int forget_writes(struct runner *run, const struct sequence_item *item, uint32_t code, struct error *err)
{
	if (!run->options->atomic)
		return runner_close_volumes(run, err) < 0 ? -1 : runner_open_volumes(run, err);
	run->engine.spoiled = true;
	run->spoiler = item;
	run->report->code = code;
	run->report->pointer = run->engine.pointer;
	return 0;
}

/* USMT's tools say 3 when they have done their work but for what had to be left out: that holds. */
static bool has_failed(enum sequence_action_kind kind, uint32_t code)
{
	return code && !(is_of_usmt(kind) && code == USMT_WOULD_HAVE_FAILED);
}

/* The drive of the store that a step works with, 0: of none. */
static int find_store_drive(struct runner *run, const struct sequence_item *item, char *letter, struct error *err)
{
	switch (sequence_action_of(item)->kind) {
	case ACTION_SCANSTATE:
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return usmt_step_drive(&run->step, item, letter, err);
	default:
		*letter = *state_step_store(&run->variables, item);
		return 0;
	}
}

static int do_work(struct runner *run, sequence_step_work *work, const struct sequence_item *item, uint32_t *code,
		   struct error *err)
{
	uint64_t before;
	char     letter;

	if (find_store_drive(run, item, &letter, err) < 0 || runner_put_first(run, letter, err) < 0)
		return -1;
	runner_forget(run);
	before = count_writes(run);
	if (work(&run->step, item, code, err) < 0)
		return -1;
	runner_forget(run);
	if (has_failed(sequence_action_of(item)->kind, *code) && has_written(run, before))
		return forget_writes(run, item, *code, err);
	return 0;
}

/* The program may work on the volumes, so they are let go of meanwhile; what was to hold does. */
static int run_hook(struct runner *run, const struct sequence_hook *hook, const struct sequence_item *item, uint32_t *code,
		    struct error *err)
{
	const struct sequence_run_options *options = run->options;

	if (!options->atomic && runner_close_volumes(run, err) < 0)
		return -1;
	if (sequence_hook_run(hook, item, &run->variables, run->operands, options->operand_count, code, err) < 0)
		return -1;
	return options->atomic ? 0 : runner_open_volumes(run, err);
}

static int leave_out(struct runner *run, const struct sequence_item *item, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;

	if (sequence_secret_command(&run->variables, item, &line, err) < 0)
		return -1;
	sequence_step_note(&run->step, item, CMTRACE_WARNING, "not done here: %s", line);
	return array_push(&run->report->unfinished, (struct unfinished_step){ item, 0 }) ? 0 : error_memory(err);
}

static int change_variables(struct runner *run, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	CLEANUP(free_ptr) char *note = NULL;

	if (variable_step_run(item, &run->variables, run->machine.winpe, &note, code, err) < 0)
		return -1;
	if (*code)
		(void)error_set(&run->step.why, ERROR_VALUE, NULL, "%s", note);
	else if (sequence_action_of(item)->kind == ACTION_SETUP_WINDOWS)
		sequence_step_note(&run->step, item, CMTRACE_INFO, "%s", note);
	return 0;
}

static int run_action(struct runner *run, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const struct sequence_run_options *options = run->options;
	const struct sequence_hook        *hook = sequence_hooks_find(options->hooks, options->hook_count, item);
	enum sequence_action_kind          kind = sequence_action_of(item)->kind;

	if (hook)
		return run_hook(run, hook, item, code, err);
	if (variable_step_is(kind))
		return change_variables(run, item, code, err);
	if (!work_of(kind))
		return leave_out(run, item, err);
	return do_work(run, work_of(kind), item, code, err);
}

static int run_step(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct runner *run = context;

	*code = 0;
	run->step.why = (struct error){ 0 };
	run->logger.of_usmt = is_of_usmt(sequence_action_of(item)->kind);
	sequence_logger_step(&run->logger, item);
	if (run_action(run, item, code, err) < 0)
		return -1;
	free(run->why);
	run->logger.why = run->why = error_text(&run->step.why);
	sequence_logger_step_completed(&run->logger, *code);
	return 0;
}

/* -------- what is true, and what is told -------- */

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct runner          *run = context;
	CLEANUP(free_ptr) char *why = NULL;

	if (runner_look(run, err) < 0)
		return -1;
	return sequence_condition_evaluate(&run->machine, item->condition, answer, &why, err);
}

/* A restart: from here on the other system would be running. */
static int change_system(struct runner *run, const char *into, struct error *err)
{
	run->machine.winpe = strcmp(into, "WinPE") == 0;
	return runner_set(run, "_SMSTSInWinPE", run->machine.winpe ? "true" : "false", err);
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	struct runner *run = context;

	sequence_logger_tell(&run->logger, event);
	if (run->options->watch)
		run->options->watch(run->options->watch_context, event, &run->report->table);
	if (event->kind == EVENT_REBOOT)
		return change_system(run, event->value, err);
	if (event->kind == EVENT_CONDITION_UNKNOWN && !event->item->group)
		return array_push(&run->report->unfinished, (struct unfinished_step){ event->item, 0 }) ? 0 : error_memory(err);
	if (event->kind == EVENT_ACTION_FAILED)
		return array_push(&run->report->unfinished, (struct unfinished_step){ event->item, event->code })
			       ? 0
			       : error_memory(err);
	if (event->kind == EVENT_FAILED)
		run->report->code = event->code;
	return 0;
}

struct sequence_host runner_host(struct runner *run)
{
	return (struct sequence_host){ run, evaluate, run_step, runner_save, tell };
}
