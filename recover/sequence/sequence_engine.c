/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_engine.c - see sequence_engine.h */
#include "recover/sequence/sequence_engine.h"

#include "core/cleanup.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* -------- telling and setting -------- */

static int tell(const struct sequence_engine *engine, struct sequence_event event, struct error *err)
{
	return engine->host->tell(engine->host->context, &event, err);
}

static int tell_item(const struct sequence_engine *engine, enum sequence_event_kind kind,
		     const struct sequence_item *item, uint32_t code, struct error *err)
{
	return tell(engine, (struct sequence_event){ .kind = kind, .item = item, .pointer = engine->pointer, .code = code },
		    err);
}

static int set(const struct sequence_engine *engine, const char *name, const char *value, struct error *err)
{
	if (sequence_variables_set(engine->variables, name, value, err) < 0)
		return -1;
	return tell(engine, (struct sequence_event){ .kind = EVENT_SET, .name = name, .value = value }, err);
}

/* One that is there behind a restart. */
static int set_kept(const struct sequence_engine *engine, const char *name, const char *value, struct error *err)
{
	if (set(engine, name, value, err) < 0)
		return -1;
	return tell(engine, (struct sequence_event){ .kind = EVENT_SET_KEPT, .name = name, .value = value }, err);
}

static int set_number(const struct sequence_engine *engine, const char *name, uint32_t number, struct error *err)
{
	char text[16];

	snprintf(text, sizeof text, "%" PRIu32, number);
	return set(engine, name, text, err);
}

/* A code as Windows' programs have it, with a sign. */
static int set_code(const struct sequence_engine *engine, const char *name, uint32_t code, struct error *err)
{
	char text[16];

	snprintf(text, sizeof text, "%" PRId32, (int32_t)code);
	return set(engine, name, text, err);
}

/* Where the engine stands. */
static int set_place(const struct sequence_engine *engine, struct error *err)
{
	CLEANUP(free_ptr) char *stack = sequence_table_stack(engine->table, engine->pointer);
	char                    pointer[16];

	if (!stack)
		return error_memory(err);
	snprintf(pointer, sizeof pointer, "%" PRIu32, engine->pointer);
	if (set_kept(engine, "_SMSTSNextInstructionPointer", pointer, err) < 0)
		return -1;
	return set_kept(engine, "_SMSTSInstructionStackString", stack, err);
}

/* -------- start -------- */

static int start(struct sequence_engine *engine, struct error *err)
{
	static const char *const cleared[] = { "SMSTSRebootRequested", "SMSTSRebootMessage", "SMSTSRebootReason",
					       "SMSTSRetryRequested" };

	if (set_number(engine, "_SMSTSInstructionTableSize", engine->table->count, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof cleared / sizeof cleared[0]; i++)
		if (set(engine, cleared[i], "", err) < 0)
			return -1;
	return tell_item(engine, EVENT_STARTED, NULL, 0, err);
}

int sequence_engine_begin(struct sequence_engine *engine, struct error *err)
{
	engine->pointer = 0;
	engine->failed = NULL;
	if (set_number(engine, "_SMSTSNextInstructionPointer", 0, err) < 0)
		return -1;
	return start(engine, err);
}

int sequence_engine_resume(struct sequence_engine *engine, struct error *err)
{
	const char             *text = sequence_variables_get(engine->variables, "_SMSTSNextInstructionPointer");
	const char             *saved = sequence_variables_get(engine->variables, "_SMSTSInstructionStackString");
	char                   *end;
	unsigned long           pointer = strtoul(text, &end, 10);
	CLEANUP(free_ptr) char *stack = NULL;

	if (!*text || *end || strspn(text, "0123456789") != strlen(text) || pointer > engine->table->count)
		return error_set(err, ERROR_VALUE, NULL, "the saved pointer '%.20s' is none of this sequence's %u instructions",
				 text, engine->table->count);
	engine->pointer = (uint32_t)pointer;
	engine->failed = NULL;
	stack = sequence_table_stack(engine->table, engine->pointer);
	if (!stack)
		return error_memory(err);
	if (strcmp(stack, saved) != 0)
		return error_set(err, ERROR_VALUE, NULL,
				 "the saved stack '%.60s' is not that of instruction %u: it was another sequence", saved,
				 engine->pointer);
	if (tell_item(engine, EVENT_RESUMED, NULL, 0, err) < 0)
		return -1;
	return start(engine, err);
}

/* -------- going on -------- */

/* What was done is done: the pointer moves, and with it all that is saved. */
static int save_at(struct sequence_engine *engine, uint32_t pointer, struct error *err)
{
	engine->pointer = pointer;
	if (set_place(engine, err) < 0 || engine->host->save(engine->host->context, err) < 0)
		return -1;
	return tell_item(engine, EVENT_SAVED, NULL, 0, err);
}

static int advance(struct sequence_engine *engine, uint32_t pointer, struct error *err)
{
	if (save_at(engine, pointer, err) < 0)
		return -1;
	return set_number(engine, "_SMSTSLastActionRetryCount", 0, err);
}

/* What was skipped is not saved: nothing has changed. */
static int skip(struct sequence_engine *engine, const struct instruction *at, struct error *err)
{
	if (!at->item->group) {
		sequence_variables_clear_defaults(engine->variables);
		if (tell_item(engine, EVENT_CLEARED_DEFAULTS, at->item, 0, err) < 0)
			return -1;
	}
	if (tell_item(engine, EVENT_SKIPPED, at->item, 0, err) < 0)
		return -1;
	engine->pointer = at->end + 1;
	return set_number(engine, "_SMSTSLastActionRetryCount", 0, err);
}

/* Ask the condition, if there is one: 1 it is to be run, 0 it has been skipped, -1. */
static int ask(struct sequence_engine *engine, const struct instruction *at, struct error *err)
{
	enum answer              answer = ANSWER_UNKNOWN;
	enum sequence_event_kind kind;

	if (!at->item->condition)
		return 1;
	if (engine->host->evaluate(engine->host->context, at->item, &answer, err) < 0)
		return -1;
	kind = answer == ANSWER_YES ? EVENT_CONDITION_TRUE :
	       answer == ANSWER_NO  ? EVENT_CONDITION_FALSE :
				      EVENT_CONDITION_UNKNOWN;
	if (tell_item(engine, kind, at->item, 0, err) < 0)
		return -1;
	if (answer == ANSWER_YES)
		return 1;
	return skip(engine, at, err);
}

/* -------- groups -------- */

static int start_group(struct sequence_engine *engine, const struct instruction *at, struct error *err)
{
	int asked = ask(engine, at, err);

	if (asked != 1)
		return asked;
	if (tell_item(engine, EVENT_GROUP_STARTED, at->item, 0, err) < 0)
		return -1;
	return advance(engine, engine->pointer + 1, err);
}

static int complete_group(struct sequence_engine *engine, const struct instruction *at, struct error *err)
{
	if (tell_item(engine, EVENT_GROUP_COMPLETED, at->item, 0, err) < 0)
		return -1;
	return advance(engine, engine->pointer + 1, err);
}

/*
 * The action at the pointer failed, and with it each group around it, out to one that lets the rest go on.
 */
static int leave_groups(struct sequence_engine *engine, const struct instruction *at, uint32_t code,
			enum sequence_progress *progress, struct error *err)
{
	for (uint32_t group = at->open; group != NO_INSTRUCTION; group = engine->table->items[group].open) {
		const struct instruction *one = &engine->table->items[group];

		if (tell(engine, (struct sequence_event){ .kind = EVENT_GROUP_FAILED, .item = one->item,
							  .pointer = group, .code = code }, err) < 0)
			return -1;
		if (one->item->continue_on_error)
			return advance(engine, one->end + 1, err);
	}
	engine->failed = at->item;
	*progress = SEQUENCE_HAS_FAILED;
	return tell_item(engine, EVENT_FAILED, at->item, code, err);
}

/* -------- steps -------- */

static int add_defaults(struct sequence_engine *engine, const struct sequence_item *item, struct error *err)
{
	for (size_t i = 0; i < item->default_count; i++) {
		const struct sequence_default *one = &item->defaults[i];

		if (sequence_variables_add_default(engine->variables, one->name, one->value, one->secret, err) < 0 ||
		    tell(engine, (struct sequence_event){ .kind = EVENT_SET_DEFAULT, .item = item, .name = one->name },
			 err) < 0)
			return -1;
	}
	return 0;
}

/* Where the logs go by now, which each step is told anew. */
static int tell_log_path(struct sequence_engine *engine, struct error *err)
{
	static const char name[] = "_SMSTSLogPath";
	const char       *path = sequence_variables_get(engine->variables, name);

	if (!*path)
		return 0;
	return tell(engine, (struct sequence_event){ .kind = EVENT_SET, .name = name, .value = path }, err);
}

/* Run it, and as often again as it allows while it fails. */
static int run_action(struct sequence_engine *engine, const struct sequence_item *item, uint32_t *code,
		      struct error *err)
{
	for (uint32_t retries = 0;; retries++) {
		if (engine->host->run(engine->host->context, item, code, err) < 0)
			return -1;
		if (sequence_item_succeeds(item, *code) || retries == item->retry_count || engine->spoiled)
			return 0;
		if (tell_item(engine, EVENT_ACTION_RETRIED, item, *code, err) < 0 ||
		    set_number(engine, "_SMSTSLastActionRetryCount", retries + 1, err) < 0)
			return -1;
	}
}

static int tell_outcome(struct sequence_engine *engine, const struct sequence_item *item, uint32_t code,
			struct error *err)
{
	bool good = sequence_item_succeeds(item, code);

	if (tell_item(engine, good ? EVENT_ACTION_SUCCEEDED : EVENT_ACTION_FAILED, item, code, err) < 0 ||
	    set_code(engine, "_SMSTSLastActionRetCode", code, err) < 0 ||
	    set(engine, "_SMSTSLastActionName", item->name, err) < 0 ||
	    set(engine, "_SMSTSLastActionSucceeded", good ? "true" : "false", err) < 0)
		return -1;
	sequence_variables_clear_defaults(engine->variables);
	return tell_item(engine, EVENT_CLEARED_DEFAULTS, item, 0, err);
}

/* A restart that the action asked for: with a retry it is run again behind it. */
static int reboot(struct sequence_engine *engine, const struct sequence_item *item, enum sequence_progress *progress,
		  struct error *err)
{
	const char             *target = sequence_variables_get(engine->variables, "SMSTSRebootRequested");
	bool                    again = sequence_variables_true(engine->variables, "SMSTSRetryRequested");
	CLEANUP(free_ptr) char *into = strdup(strcasecmp(target, "WinPE") == 0 ? "WinPE" : "HD");

	if (!into)
		return error_memory(err);
	if (again && tell_item(engine, EVENT_RETRY_REQUESTED, item, 0, err) < 0)
		return -1;
	if (tell(engine, (struct sequence_event){ .kind = EVENT_REBOOT, .item = item, .value = into }, err) < 0)
		return -1;
	*progress = SEQUENCE_WANTS_REBOOT;
	return save_at(engine, engine->pointer + !again, err);
}

static int run_step(struct sequence_engine *engine, const struct instruction *at, enum sequence_progress *progress,
		    struct error *err)
{
	const char *wanted;
	uint32_t    code = 0;
	int         asked;

	if (add_defaults(engine, at->item, err) < 0 || tell_log_path(engine, err) < 0)
		return -1;
	asked = ask(engine, at, err);
	if (asked != 1)
		return asked;
	if (run_action(engine, at->item, &code, err) < 0 || tell_outcome(engine, at->item, code, err) < 0)
		return -1;
	if (!sequence_item_succeeds(at->item, code)) {
		if (!at->item->continue_on_error)
			return leave_groups(engine, at, code, progress, err);
		if (tell_item(engine, EVENT_FAILURE_IGNORED, at->item, code, err) < 0)
			return -1;
	}
	wanted = sequence_variables_get(engine->variables, "SMSTSRebootRequested");
	if (*wanted && strcasecmp(wanted, "false") != 0)
		return reboot(engine, at->item, progress, err);
	return advance(engine, engine->pointer + 1, err);
}

int sequence_engine_step(struct sequence_engine *engine, enum sequence_progress *progress, struct error *err)
{
	const struct instruction *at;

	*progress = SEQUENCE_GOES_ON;
	if (engine->pointer >= engine->table->count) {
		*progress = SEQUENCE_HAS_ENDED;
		return tell_item(engine, EVENT_COMPLETED, NULL, 0, err);
	}
	at = &engine->table->items[engine->pointer];
	if (tell_item(engine, EVENT_INSTRUCTION, at->item, 0, err) < 0 ||
	    set(engine, "_SMSTSCurrentActionName", at->item->name, err) < 0 ||
	    set_number(engine, "_SMSTSNextInstructionPointer", engine->pointer, err) < 0)
		return -1;
	if (at->kind == INSTRUCTION_GROUP_END)
		return complete_group(engine, at, err);
	if (at->item->disabled)
		return tell_item(engine, EVENT_DISABLED, at->item, 0, err) < 0 ? -1 : skip(engine, at, err);
	if (at->kind == INSTRUCTION_GROUP)
		return start_group(engine, at, err);
	return run_step(engine, at, progress, err);
}
