/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_plan.c - see sequence_plan.h */
#include "recover/sequence/sequence_plan.h"

#include "recover/sequence/sequence_error.h"
#include "core/cleanup.h"
#include "report/sequence_code.h"
#include "recover/sequence/sequence_evaluation.h"
#include "recover/sequence/sequence_secret.h"
#include "recover/sequence/sequence_start.h"
#include "recover/sequence/state_command.h"
#include "recover/sequence/variable_step.h"

#include <stdarg.h>
#include <string.h>

struct planning {
	const struct sequence_run_options *options;
	struct sequence_plan              *plan;
	struct sequence_machine            machine;
	struct sequence_step               step;
	bool                               captured; /* users' state is in a store that must not be destroyed */
	char                              *note;     /* of the instruction that is under way */
	enum sequence_verdict              verdict;  /* of the step that is under way */
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

/* It is known to fail, and why. */
static int fail(struct planning *planning, const struct error *why, uint32_t with, uint32_t *code, struct error *err)
{
	if (why->kind == ERROR_MEMORY)
		return error_memory(err);
	planning->verdict = VERDICT_FAILS;
	*code = with;
	free(planning->note);
	planning->note = error_text(why);
	return planning->note ? 0 : error_memory(err);
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

static int capture(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct sequence_variables *variables = &planning->plan->variables;
	const char                *path = state_step_store(variables, item);
	struct error               why;

	if (state_step_bypassed(variables, item))
		return note(planning, err, "UserDataLocation=NONE: nothing is captured");
	if (state_step_check_store(path, planning->machine.volumes, &why) < 0)
		return fail(planning, &why, sequence_code_of_error(&why), code, err);
	if (note(planning, err, "into %s, %s", path, state_step_links(variables, item) ? "as hard links" : "as copies") < 0)
		return -1;
	planning->captured = true;
	return state_step_set_captured(variables, item, path, err);
}

static int restore(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const char  *path = state_step_store(&planning->plan->variables, item);
	struct error why;

	if (state_step_bypassed(&planning->plan->variables, item))
		return note(planning, err, "UserDataLocation=NONE: nothing is restored");
	if (state_step_check_store(path, planning->machine.volumes, &why) < 0)
		return fail(planning, &why, sequence_code_of_error(&why), code, err);
	return note(planning, err, "from %s", path);
}

static int request_store(struct planning *planning, struct error *err)
{
	if (state_step_choose_store(&planning->plan->variables, err) < 0)
		return -1;
	return note(planning, err, "there is no state migration point here; the store is local, OSDStateStorePath=%s",
		    get(planning, "OSDStateStorePath"));
}

static int partition(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	if (partition_step_check(&planning->step, item, code, err) < 0)
		return -1;
	if (*code)
		return fail(planning, &planning->step.why, *code, code, err);
	return note(planning, err, "all that is on it is lost");
}

static const char *words_of_wipe(const struct planning *planning)
{
	return planning->captured ? "the store stays" :
				    "nothing was captured before: refused if users' files are found there";
}

/* An image that nobody has named yet is no failure, but is asked for. */
static int apply(struct planning *planning, const struct sequence_item *item, char *letter, uint32_t *code,
		 struct error *err)
{
	CLEANUP(free_ptr) char *image = NULL;
	struct error            why;
	int                     found = apply_step_look(&planning->step, item, letter, &image, &why);

	planning->machine.changed = true;
	if (found == 0)
		return note(planning, err, "%s onto %c:; %s", image, *letter, words_of_wipe(planning));
	if (found == 1)
		return note(planning, err, "onto %c:; %s; %s", *letter, words_of_wipe(planning), why.text);
	return fail(planning, &why, sequence_code_of_error(&why), code, err);
}

static int apply_system(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	char drive[] = { 0, ':', '\0' };

	if (apply(planning, item, drive, code, err) < 0)
		return -1;
	return *code ? 0 : set(planning, "OSDTargetSystemDrive", drive, err);
}

static int apply_data(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	char letter;

	return apply(planning, item, &letter, code, err);
}

static int run_command(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	free(TAKE(planning->note));
	return sequence_secret_command(&planning->plan->variables, item, &planning->note, err);
}

static int run_scanstate(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	planning->captured = true;
	if (usmt_step_protect(&planning->step, item, err) < 0)
		return -1;
	return run_command(planning, item, err);
}

static int leave_out(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	planning->verdict = VERDICT_LEFT_OUT;
	return run_command(planning, item, err);
}

/* Where it is done, "diskpart clean" destroys stores that the step for it would have spared. */
static int leave_out_tool(struct planning *planning, const struct sequence_item *item, struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;

	if (leave_out(planning, item, err) < 0 || !planning->captured)
		return planning->captured ? -1 : 0;
	line = TAKE(planning->note);
	return note(planning, err, "%s (it may destroy the store that was captured)", line);
}

static int run_action(struct planning *planning, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	switch (sequence_action_of(item)->kind) {
	case ACTION_CAPTURE:
		return capture(planning, item, code, err);
	case ACTION_RESTORE:
		return restore(planning, item, code, err);
	case ACTION_REQUEST_STORE:
		return request_store(planning, err);
	case ACTION_RELEASE_STORE:
		return note(planning, err, "the store is local; it stays until 'holdfast release' drops it");
	case ACTION_PARTITION:
		return partition(planning, item, code, err);
	case ACTION_DISK_TOOL:
		return leave_out_tool(planning, item, err);
	case ACTION_APPLY_SYSTEM:
		return apply_system(planning, item, code, err);
	case ACTION_APPLY_DATA:
		return apply_data(planning, item, code, err);
	case ACTION_SCANSTATE:
		return run_scanstate(planning, item, err);
	case ACTION_LOADSTATE:
	case ACTION_USMTUTILS:
		return run_command(planning, item, err);
	default:
		return leave_out(planning, item, err);
	}
}

/* What the program does, nobody knows. */
static int run_hook(struct planning *planning, const struct sequence_hook *hook, const struct sequence_item *item,
		    struct error *err)
{
	CLEANUP(free_ptr) char *line = NULL;

	if (run_command(planning, item, err) < 0)
		return -1;
	planning->machine.changed = true;
	line = TAKE(planning->note);
	return note(planning, err, "by %s: %s", hook->program, line);
}

static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct planning            *planning = context;
	const struct sequence_hook *hook =
		sequence_hooks_find(planning->options->hooks, planning->options->hook_count, item);

	*code = 0;
	planning->verdict = VERDICT_RUNS;
	if (hook)
		return run_hook(planning, hook, item, err);
	if (variable_step_is(sequence_action_of(item)->kind))
		return change_variables(planning, item, code, err);
	return run_action(planning, item, code, err);
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

int sequence_plan_make(struct sequence_plan *plan, const struct sequence_run_options *options,
		       struct work_volumes *volumes, const struct windows *windows, struct error *err)
{
	struct planning planning = { .options = options, .plan = plan };
	int             result;

	*plan = (struct sequence_plan){ 0 };
	if (sequence_table_make(&plan->table, options->file, err) < 0 ||
	    sequence_start(&plan->variables, options->file, options->settings, options->setting_count,
			   volumes->items[0].letter, windows, err) < 0)
		return -1;
	planning.machine = (struct sequence_machine){ .variables = &plan->variables, .volumes = volumes, .windows = windows,
						      .winpe = sequence_variables_true(&plan->variables, "_SMSTSInWinPE") };
	planning.step = (struct sequence_step){ .variables = &plan->variables, .volumes = volumes,
						.drive = volumes->items[0].letter, .packages = options->packages, .package_count = options->package_count,
						.image = options->image, .disks = options->disks,
						.disk_count = options->disk_count, .yes = options->yes,
						.overwrite_deleted = options->overwrite_deleted,
						.atomic = options->atomic };
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
