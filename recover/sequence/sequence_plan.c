/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_plan.c - see sequence_plan.h */
#include "recover/sequence/sequence_plan.h"

#include "recover/sequence/sequence_error.h"
#include "core/cleanup.h"
#include "recover/sequence/sequence_start.h"
#include "recover/sequence/state_command.h"
#include "recover/sequence/variable_step.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#define CODE_ACCESS_DENIED     5u

struct planning {
	struct sequence_plan   *plan;
	struct sequence_machine machine;
	bool                    captured; /* users' state is in a store that must not be destroyed */
	char                   *note;     /* of the instruction that is under way */
	enum sequence_verdict   verdict;  /* of the step that is under way */
};

const char *sequence_verdict_word(enum sequence_verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_STARTS] = "starts",      [VERDICT_ENDS] = "ends",	     [VERDICT_ABORTS] = "aborts",
		[VERDICT_RUNS] = "runs",	  [VERDICT_LEFT_OUT] = "left-out",   [VERDICT_FAILS] = "fails",
		[VERDICT_DISABLED] = "disabled",  [VERDICT_CONDITION] = "condition", [VERDICT_UNKNOWN] = "unknown",
		[VERDICT_RESTART] = "restart",
	};

	return words[verdict];
}

/* -------- notes -------- */

__attribute__((format(printf, 3, 4))) static int note(struct planning *planning, struct error *err, const char *format,
						      ...)
{
	va_list list;
	int     length;

	free(TAKE(planning->note));
	va_start(list, format);
	length = vasprintf(&planning->note, format, list);
	va_end(list);
	if (length >= 0)
		return 0;
	planning->note = NULL;
	return error_memory(err);
}

static int add(struct planning *planning, uint32_t pointer, enum sequence_verdict verdict, struct error *err)
{
	struct sequence_plan *plan = planning->plan;

	if (!array_push(&plan->steps, (struct planned_step){ pointer, verdict, planning->machine.winpe,
							     planning->note }))
		return error_memory(err);
	planning->note = NULL;
	plan->left_out += verdict == VERDICT_LEFT_OUT;
	plan->failing += verdict == VERDICT_FAILS;
	plan->unknown += verdict == VERDICT_UNKNOWN;
	return 0;
}

static int set(struct planning *planning, const char *name, const char *value, struct error *err)
{
	return sequence_variables_set(&planning->plan->variables, name, value, err);
}

static const char *get(const struct planning *planning, const char *name)
{
	return sequence_variables_get(&planning->plan->variables, name);
}

/* It is known to fail, and why stands in the note. */
static int fail(struct planning *planning, uint32_t with, uint32_t *code)
{
	planning->verdict = VERDICT_FAILS;
	*code = with;
	return 0;
}

/* -------- what steps do -------- */

static int change_variables(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	free(TAKE(planning->note));
	if (variable_step_run(item, &planning->plan->variables, planning->machine.winpe, &planning->note, code, err) < 0)
		return -1;
	if (*code)
		planning->verdict = VERDICT_FAILS;
	return 0;
}

/* Is it on one of the volumes?  If not, it is known to fail. */
static int check_store(struct planning *planning, const char *path, uint32_t *code, struct error *err)
{
	struct error why;

	if (state_step_check_store(path, planning->machine.volumes, &why) == 0)
		return 0;
	if (why.kind == ERROR_MEMORY || note(planning, err, "%s%s%s", why.path, *why.path ? " " : "", why.text) < 0)
		return error_memory(err);
	return fail(planning, sequence_code_of_error(&why), code);
}

static int capture(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const char *path = state_step_store(&planning->plan->variables, item);
	bool        links = state_step_links(&planning->plan->variables, item);

	if (check_store(planning, path, code, err) < 0)
		return -1;
	if (*code)
		return 0;
	if (note(planning, err, "into %s, %s", path, links ? "as hard links" : "as copies") < 0)
		return -1;
	planning->captured = true;
	return state_step_set_captured(&planning->plan->variables, item, path, err);
}

static int restore(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const char *path = state_step_store(&planning->plan->variables, item);

	if (check_store(planning, path, code, err) < 0)
		return -1;
	return *code ? 0 : note(planning, err, "from %s", path);
}

static int request_store(struct planning *planning, struct error *err)
{
	if (state_step_choose_store(&planning->plan->variables, err) < 0)
		return -1;
	return note(planning, err, "there is no state migration point here; the store is local, OSDStateStorePath=%s",
		    get(planning, "OSDStateStorePath"));
}

static int release_store(struct planning *planning, struct error *err)
{
	return note(planning, err, "the store is local, and nothing is given back; it stays");
}

/* What protects a store from ConfigMgr's own step protects it here as well. */
static int partition(struct planning *planning, uint32_t *code, struct error *err)
{
	if (!planning->captured) {
		planning->verdict = VERDICT_LEFT_OUT;
		return note(planning, err, "a disk is never partitioned here");
	}
	if (note(planning, err, "the disk holds the store that was captured: it would be destroyed") < 0)
		return -1;
	return fail(planning, CODE_ACCESS_DENIED, code);
}

static int apply_system(struct planning *planning, struct error *err)
{
	char drive[] = { planning->machine.volumes->items[0].letter, ':', '\0' };

	planning->machine.changed = true;
	if (set(planning, "OSDTargetSystemDrive", drive, err) < 0)
		return -1;
	if (planning->captured)
		return note(planning, err, "onto %s; the store stays", drive);
	return note(planning, err, "onto %s; nothing was captured before: refused if users' files are found there", drive);
}

/* A command line, as it would be run. */
static int run_command(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;
	bool                    secret = false;

	if (sequence_variables_expand(&planning->plan->variables, item->action, &line, &secret, err) < 0)
		return -1;
	return note(planning, err, "%s", secret ? item->action : line);
}

static int leave_out(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	planning->verdict = VERDICT_LEFT_OUT;
	return run_command(planning, item, err);
}

static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct planning              *planning = context;
	const struct sequence_action *action = sequence_action_of(item);

	*code = 0;
	planning->verdict = VERDICT_RUNS;
	if (variable_step_is(action->kind))
		return change_variables(planning, item, code, err);
	switch (action->kind) {
	case ACTION_CAPTURE:
		return capture(planning, item, code, err);
	case ACTION_RESTORE:
		return restore(planning, item, code, err);
	case ACTION_REQUEST_STORE:
		return request_store(planning, err);
	case ACTION_RELEASE_STORE:
		return release_store(planning, err);
	case ACTION_PARTITION:
		return partition(planning, code, err);
	case ACTION_APPLY_SYSTEM:
		return apply_system(planning, err);
	case ACTION_SCANSTATE:
		planning->captured = true;
		return run_command(planning, item, err);
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return run_command(planning, item, err);
	default:
		return leave_out(planning, item, err);
	}
}

/* -------- the engine's host -------- */

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct planning *planning = context;

	free(TAKE(planning->note));
	return sequence_condition_evaluate(&planning->machine, item->condition, answer, &planning->note, err);
}

static int save(void *context, struct error *err)
{
	(void)context;
	(void)err;
	return 0;
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	struct planning *planning = context;

	switch (event->kind) {
	case EVENT_GROUP_STARTED:
		return add(planning, event->pointer, VERDICT_STARTS, err);
	case EVENT_GROUP_COMPLETED:
		return add(planning, event->pointer, VERDICT_ENDS, err);
	case EVENT_GROUP_FAILED:
		if (note(planning, err, "%s", event->item->continue_on_error ? "goes on behind it" : "and what it is in") < 0)
			return -1;
		return add(planning, event->pointer, VERDICT_ABORTS, err);
	case EVENT_DISABLED:
		return add(planning, event->pointer, VERDICT_DISABLED, err);
	case EVENT_CONDITION_FALSE:
		return add(planning, event->pointer, VERDICT_CONDITION, err);
	case EVENT_CONDITION_UNKNOWN:
		return add(planning, event->pointer, VERDICT_UNKNOWN, err);
	case EVENT_ACTION_SUCCEEDED:
	case EVENT_ACTION_FAILED:
		return add(planning, event->pointer, planning->verdict, err);
	case EVENT_REBOOT:
		planning->machine.winpe = strcmp(event->value, "WinPE") == 0;
		if (set(planning, "_SMSTSInWinPE", planning->machine.winpe ? "true" : "false", err) < 0)
			return -1;
		return add(planning, planning->plan->steps.count ?
					     planning->plan->steps.items[planning->plan->steps.count - 1].pointer : 0,
			   VERDICT_RESTART, err);
	default:
		return 0;
	}
}

static int run_all(struct planning *planning, struct error *err)
{
	struct sequence_host   host = { planning, evaluate, run, save, tell };
	struct sequence_engine engine = { .table = &planning->plan->table, .variables = &planning->plan->variables,
					  .host = &host };
	enum sequence_progress progress = SEQUENCE_GOES_ON;
	int                    result = sequence_engine_begin(&engine, err);

	while (result == 0 && (progress == SEQUENCE_GOES_ON || progress == SEQUENCE_WANTS_REBOOT)) {
		if (progress == SEQUENCE_WANTS_REBOOT)
			result = sequence_engine_resume(&engine, err);
		if (result == 0)
			result = sequence_engine_step(&engine, &progress, err);
	}
	planning->plan->completed = progress == SEQUENCE_HAS_ENDED;
	return result;
}

int sequence_plan_make(struct sequence_plan *plan, const struct sequence_plan_options *options, struct error *err)
{
	struct planning planning = { .plan = plan };
	int             result;

	*plan = (struct sequence_plan){ 0 };
	if (sequence_table_make(&plan->table, options->file, err) < 0 ||
	    sequence_start(&plan->variables, options->file, options->settings, options->setting_count,
			   options->volumes->items[0].letter, options->windows, err) < 0)
		return -1;
	planning.machine = (struct sequence_machine){ .variables = &plan->variables, .volumes = options->volumes,
						      .windows = options->windows,
						      .winpe = sequence_variables_true(&plan->variables, "_SMSTSInWinPE") };
	result = run_all(&planning, err);
	free(planning.note);
	return result;
}

void sequence_plan_release(struct sequence_plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		free(plan->steps.items[i].note);
	array_release(&plan->steps);
	sequence_variables_release(&plan->variables);
	sequence_table_release(&plan->table);
}
