/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "recover/sequence/sequence_action.h"
#include "recover/sequence/sequence_engine.h"
#include "recover/sequence/sequence_evaluation.h"
#include "recover/sequence/sequence_start.h"
#include "recover/sequence/sequence_state.h"

#include <string.h>

struct running {
	struct sequence_variables variables;
	struct sequence_engine    engine;
	unsigned                  restarts;
};

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct running         *running = context;
	struct sequence_machine machine = { .variables = &running->variables };
	char                   *why;
	int                     result = sequence_condition_evaluate(&machine, item->condition, answer, &why, err);

	MUST(result < 0 || !why == (*answer != ANSWER_UNKNOWN));
	free(why);
	return result;
}

/* Steps fail by their names' length; some ask for a restart. */
static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct running *running = context;
	char           *name, *value;
	bool            secret;

	*code = item->retry_count < 4 && strlen(item->name) % 7 == 3;
	if (sequence_action_of(item)->kind == ACTION_SET_VARIABLE) {
		if (sequence_action_assignment(item, &running->variables, &name, &value, &secret, err) == 0) {
			(void)!sequence_variables_assign(&running->variables, name, value, secret, err);
			free(name);
			free(value);
		}
	} else if (sequence_action_of(item)->kind == ACTION_RESTART && running->restarts++ < 3) {
		return sequence_variables_set(&running->variables, "SMSTSRebootRequested",
					      sequence_action_target(item, &running->variables), err);
	}
	return 0;
}

/* What is saved is read again, and is the place where the engine stands. */
static int save(void *context, struct error *err)
{
	struct running       *running = context;
	struct sequence_state state = { .variables = running->variables }, back;
	char                 *bytes;
	size_t                size;

	MUST(sequence_state_write(&state, &bytes, &size, err) == 0);
	MUST(sequence_state_read(&back, "fuzz", bytes, size, err) == 0);
	MUST(back.variables.set.count == running->variables.set.count);
	MUST(strtoul(sequence_variables_get(&back.variables, "_SMSTSNextInstructionPointer"), NULL, 10) ==
	     running->engine.pointer);
	sequence_state_release(&back);
	free(bytes);
	return 0;
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	const struct running *running = context;

	(void)err;
	MUST(event->pointer <= running->engine.table->count);
	return 0;
}

static void run_all(const struct sequence_file *file, const struct sequence_table *table)
{
	struct running         running = { 0 };
	struct sequence_host   host = { &running, evaluate, run, save, tell };
	enum sequence_progress progress = SEQUENCE_GOES_ON;
	struct error           err;
	uint32_t               steps = 0;

	running.engine = (struct sequence_engine){ .table = table, .variables = &running.variables, .host = &host };
	if (sequence_start(&running.variables, file, NULL, 0, 'C', NULL, &err) == 0 &&
	    sequence_engine_begin(&running.engine, &err) == 0)
		while (progress <= SEQUENCE_WANTS_REBOOT) {
			MUST(steps++ <= table->count);
			if (progress == SEQUENCE_WANTS_REBOOT)
				MUST(sequence_engine_resume(&running.engine, &err) == 0);
			if (sequence_engine_step(&running.engine, &progress, &err) < 0)
				break;
		}
	sequence_variables_release(&running.variables);
}

/* A sequence that is read can be run, and ends; a state that is read can be written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sequence_file  file;
	struct sequence_table table = { 0 };
	struct sequence_state state;
	struct error          err;

	if (sequence_file_parse(&file, "fuzz", data, size, &err) == 0 && file.entries < 1000 &&
	    sequence_table_make(&table, &file, &err) == 0) {
		MUST(table.count == file.entries);
		run_all(&file, &table);
	}
	sequence_table_release(&table);
	sequence_file_release(&file);
	(void)!sequence_state_read(&state, "fuzz", (const char *)data, size, &err);
	sequence_state_release(&state);
	return 0;
}
