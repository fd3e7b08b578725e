/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_engine.h - the task sequence engine: moves the pointer, and says what happens
 *
 * Pure: what a step does, what a condition is, where the environment is saved and what is written to a log is
 * its host's.  Variables are set as ConfigMgr's engine sets them, in its order.  Spec USMT 5.4.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_ENGINE_H
#define RECOVER_SEQUENCE_SEQUENCE_ENGINE_H

#include "recover/answer.h"
#include "recover/sequence/sequence_table.h"
#include "recover/sequence/sequence_variable.h"
#include "report/sequence_code.h"

enum sequence_event_kind {
	EVENT_RESUMED,           /* at .pointer, in a new start of the engine */
	EVENT_STARTED,           /* the engine runs */
	EVENT_SET,               /* a variable of the engine: .name, .value */
	EVENT_SET_KEPT,          /* the same again, of one that is saved */
	EVENT_SET_DEFAULT,       /* a step's default: .name */
	EVENT_CLEARED_DEFAULTS,
	EVENT_INSTRUCTION,       /* .pointer begins */
	EVENT_CONDITION_TRUE,    /* of .item; told only if it has one */
	EVENT_DISABLED,          /* .item is skipped */
	EVENT_CONDITION_FALSE,   /* likewise */
	EVENT_CONDITION_UNKNOWN, /* likewise: nothing is done on a guess */
	EVENT_SKIPPED,           /* the instruction was, at last */
	EVENT_GROUP_STARTED,
	EVENT_GROUP_COMPLETED,
	EVENT_GROUP_FAILED,      /* the group at .pointer, by an action with .code */
	EVENT_ACTION_SUCCEEDED,  /* with .code */
	EVENT_ACTION_FAILED,     /* with .code; .item->continue_on_error says whether it matters */
	EVENT_FAILURE_IGNORED,   /* behind that, if it does not: the rest goes on */
	EVENT_ACTION_RETRIED,    /* it failed with .code and is run again */
	EVENT_RETRY_REQUESTED,   /* .item is to be run again after a restart */
	EVENT_REBOOT,            /* into .value: "HD", "WinPE" */
	EVENT_SAVED,             /* .pointer and all variables were */
	EVENT_COMPLETED,         /* all of it */
	EVENT_FAILED,            /* with .code, by the action .item */
};

struct sequence_event {
	enum sequence_event_kind    kind;
	const struct sequence_item *item; /* NULL where none is meant */
	uint32_t                    pointer, code;
	const char                 *name, *value;
};

/* Each returns 0, or -1 with what ends the run; a step that merely fails has a code. */
struct sequence_host {
	void *context;
	int (*evaluate)(void *context, const struct sequence_item *item, enum answer *answer, struct error *err);
	int (*run)(void *context, const struct sequence_item *item, uint32_t *code, struct error *err);
	int (*save)(void *context, struct error *err);
	int (*tell)(void *context, const struct sequence_event *event, struct error *err);
};

enum sequence_progress { SEQUENCE_GOES_ON, SEQUENCE_WANTS_REBOOT, SEQUENCE_HAS_ENDED, SEQUENCE_HAS_FAILED };

struct sequence_engine {
	const struct sequence_table *table;
	struct sequence_variables   *variables;
	const struct sequence_host  *host;
	uint32_t                     pointer; /* the next instruction */
	const struct sequence_item  *failed;  /* the action that ended it */
	bool                         spoiled; /* set by the host, of an action that failed: it cannot be run again */
};

/* Start at instruction 0, or go on where the variables say; ERROR_VALUE if they do not fit the table. */
MUST_CHECK int sequence_engine_begin(struct sequence_engine *engine, struct error *err);
MUST_CHECK int sequence_engine_resume(struct sequence_engine *engine, struct error *err);

/* Run the instruction at the pointer.  Behind a reboot the engine is resumed before it goes on. */
MUST_CHECK int sequence_engine_step(struct sequence_engine *engine, enum sequence_progress *progress,
				    struct error *err);

#endif
